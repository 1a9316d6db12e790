"""The shipped protocols as the made-up staff walk them: only what a light model of a run needs to know of each step.

A run of the real program asks the protocol anew at every step; here it is looked at once, so that a year takes seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from checklist.protocol.library import shipped, shipped_profiles
from checklist.protocol.model import resolve
from checklist.protocol.steps import Assign, Attach, Choice, Measure, Scan, Sign, Timer, Witness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checklist.ledger.entry import Json
    from checklist.protocol.model import Protocol, Step
    from checklist.protocol.plain import ProfileRef
    from checklist.protocol.steps import Range

JURISDICTION: Final = "us"


@dataclass(frozen=True, slots=True)
class Asked:
    """One step: what it asks, and what becomes of the answer. Times are seconds, ranges pairs of ends."""

    id: str
    kind: str
    hold: bool
    least: float
    most: float
    as_read: str
    """The step whose reading must pass as well."""
    when: tuple[str, str] | None
    of: str
    options: tuple[tuple[str, str], ...]
    unit: str
    expected: tuple[Decimal | None, Decimal | None]
    limit: tuple[Decimal | None, Decimal | None]
    places: int | None
    sensed: str
    captures: tuple[str, ...]
    role: str
    """How the data name what was scanned: consumed, produced or scanned."""
    produces: tuple[tuple[str, str], ...]
    meanings: tuple[str, ...]
    roles: tuple[str, ...]
    credentials: tuple[str, ...]
    another: bool
    printout: bool
    fails: bool
    """Whether one bad answer ends the run."""
    opens: str

    def verdict(self, value: str) -> str:
        """What the program says of a reading or of an option."""
        if self.kind == "choice":
            return dict(self.options).get(value, "fail")
        number = Decimal(value)
        if not _within(self.limit, number):
            return "fail"
        return "pass" if _within(self.expected, number) else "unexpected"

    @property
    def passing(self) -> list[str]:
        """The options that pass."""
        return [value for value, verdict in self.options if verdict == "pass"]

    @property
    def failing(self) -> list[str]:
        """The options that do not."""
        return [value for value, verdict in self.options if verdict != "pass"]


@dataclass(frozen=True, slots=True)
class Text:
    """One protocol: how a run names it, and its steps."""

    id: str
    named: Mapping[str, Json]
    profile: Mapping[str, Json] | None
    subject: str
    roles: tuple[str, ...]
    steps: tuple[Asked, ...]
    by_id: Mapping[str, Asked]
    asked_of: frozenset[str]
    """The steps on which others wait, or that somebody reads a second time."""


def texts() -> dict[str, Text]:
    """All shipped protocols, with the values of the demo's jurisdiction."""
    profile = shipped_profiles()[JURISDICTION]
    found = {}
    for name, loaded in shipped().items():
        asks = bool(loaded.protocol.profile_values())
        protocol = resolve(loaded.protocol, profile.profile.values) if asks else loaded.protocol
        named: dict[str, Json] = {"id": name, "version": protocol.version, "sha256": loaded.sha256}
        of: dict[str, Json] | None = {"id": JURISDICTION, "sha256": profile.sha256} if asks else None
        found[name] = _text(protocol, named, of)
    return found


def _text(protocol: Protocol, named: dict[str, Json], profile: dict[str, Json] | None) -> Text:
    steps = tuple(_asked(step) for step in protocol.steps)
    by_id = {step.id: step for step in steps}
    asked_of = frozenset(step.when[0] for step in steps if step.when) | frozenset(step.of for step in steps)
    return Text(protocol.id, named, profile, protocol.subject, tuple(protocol.roles), steps, by_id, asked_of)


def _asked(step: Step) -> Asked:
    measured = step if isinstance(step, Measure) else None
    scanned = step if isinstance(step, Scan) else None
    roles = {"consumes": "consumed", "produces": "produced"}
    return Asked(
        id=step.id,
        kind=step.kind,
        hold=step.hold,
        least=float(_seconds(step.at_least)),
        most=float(_seconds(step.at_most)) if isinstance(step, Timer) else 0.0,
        as_read=(step.at_least_as or "") if isinstance(step, Timer) else "",
        when=(step.when.step, step.when.is_) if step.when is not None else None,
        of=step.of if isinstance(step, Witness) else "",
        options=tuple((one.value, one.verdict) for one in step.options) if isinstance(step, Choice) else (),
        unit=measured.unit if measured else "",
        expected=_ends(measured.expected if measured else None),
        limit=_ends(measured.limit if measured else None),
        places=measured.decimals if measured else None,
        sensed=(measured.sensed or "") if measured else "",
        captures=tuple(scanned.required) if scanned else (),
        role=roles.get(scanned.use or "", "scanned") if scanned else "",
        produces=tuple((one.identifier, one.template) for one in step.produces) if isinstance(step, Assign) else (),
        meanings=tuple(step.meanings) if isinstance(step, Sign) else (),
        roles=tuple(step.roles),
        credentials=tuple(step.credentials),
        another=step.another is True if isinstance(step, Sign) else False,
        printout=step.printout if isinstance(step, Attach) else False,
        fails=step.on_fail.stop,
        opens=step.on_fail.open or "",
    )


def _seconds(time: object) -> int:
    found = getattr(time, "seconds", 0)
    return found if isinstance(found, int) else 0


def _ends(span: Range | None) -> tuple[Decimal | None, Decimal | None]:
    if span is None:
        return None, None
    return _end(span.min), _end(span.max)


def _end(end: Decimal | ProfileRef | None) -> Decimal | None:
    return end if isinstance(end, Decimal) else None


def _within(span: tuple[Decimal | None, Decimal | None], number: Decimal) -> bool:
    low, high = span
    return (low is None or number >= low) and (high is None or number <= high)
