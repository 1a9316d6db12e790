"""What stands around the steps of a protocol: its header, its sources and its checks across steps."""

from decimal import Decimal
from typing import Annotated, Final, Literal, LiteralString

from pydantic import AfterValidator, Field

from checklist.protocol.plain import Identifier
from checklist.protocol.values import (
    Frozen,
    Id,
    Many,
    Number,
    Title,
    ValidFor,
    Version,
    Words,
    wrong,
)

MAX_COMPARED: Final = 10

Category = Literal["clinic", "sterilisation", "treatment", "emergency"]
Style = Literal["read-do", "do-confirm"]
Subject = Literal["clinic", "room", "equipment", "session"]


class Source(Frozen):
    """A publication that a limit or a step rests on."""

    id: Id
    title: Words
    year: Annotated[int, Field(ge=1800, le=2200)] | None = None
    where: Words = ""


class Header(Frozen):
    """The `[protocol]` table."""

    id: Id
    title: Title
    version: Version
    purpose: Words
    category: Category
    style: Style
    subject: Subject
    equipment: Many[Id] = ()
    """Which kinds of equipment it is about, where that is its subject; empty: every kind."""
    roles: Many[Id] = ()
    """Who may run it; empty: everyone but auditors."""
    credentials: Many[Id] = ()
    """What whoever runs it must hold, all of it, and not expired; empty: nothing."""
    valid_for: ValidFor | None = None
    """How long a completion counts; None: the file does not say."""
    voided_by: Many[Id] = ()
    """Events that end a completion's validity."""
    jurisdictions: Many[Id] = ()
    """Where it applies; empty: everywhere."""
    sources: Many[Source] = ()


def _positive(value: object) -> object:
    if isinstance(value, Decimal) and value <= 0:
        raise wrong("tolerance", f"is {value}", "write a number of kelvin above 0")
    return value


class SaturatedSteam(Frozen):
    """Plausibility: the pressure (kPa, absolute) must be that of saturated steam at the temperature (Cel)."""

    kind: Literal["saturated-steam"] = "saturated-steam"
    temperature: Id
    pressure: Id
    tolerance: Annotated[Number, AfterValidator(_positive)]
    """Kelvin."""

    @property
    def compared(self) -> tuple[str, ...]:
        """The ids of the steps whose readings it compares."""
        return (self.temperature, self.pressure)


def _several(rule: LiteralString) -> AfterValidator:
    def several(value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value) or not 2 <= len(value) <= MAX_COMPARED:
            fix = f"write the ids of 2 to {MAX_COMPARED} steps, each of them once"
            raise wrong(rule, "does not name several steps, each once", fix)
        return value

    return AfterValidator(several)


class SameCount(Frozen):
    """What was counted in these steps must be the same number in all of them."""

    kind: Literal["same-count"] = "same-count"
    steps: Annotated[Many[Id], _several("same-count")]

    @property
    def compared(self) -> tuple[str, ...]:
        """The ids of the steps whose readings it compares."""
        return self.steps


class SameIdentifier(Frozen):
    """What was read from a label in these steps must be the same in all of them: the same lot, for one."""

    kind: Literal["same-identifier"] = "same-identifier"
    of: Identifier
    steps: Annotated[Many[Id], _several("same-identifier")]

    @property
    def compared(self) -> tuple[str, ...]:
        """The ids of the steps whose readings it compares."""
        return self.steps


AnyCheck = SaturatedSteam | SameCount | SameIdentifier
Check = Annotated[AnyCheck, Field(discriminator="kind")]

CHECKS: Final[dict[str, type[AnyCheck]]] = {
    "saturated-steam": SaturatedSteam,
    "same-count": SameCount,
    "same-identifier": SameIdentifier,
}
