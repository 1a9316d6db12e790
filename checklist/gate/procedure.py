"""A procedure: what must be true before it may start, and before its visit may be closed.

Plain values, built from a document whose every part was checked before (see `reading`), or was when it was adopted.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, get_args

from checklist.gate.requirement import (
    COMPARISONS,
    KINDS,
    Answer,
    AnswerGiven,
    Compared,
    ItemsUsable,
    NothingOpen,
    PerformerMay,
    Requirement,
    RunDone,
    Same,
    StartCleared,
    StepValue,
)
from checklist.protocol.outline import OutlineError, document_of, validity
from checklist.protocol.plain import Cited, Identifier, ProfileRef, plain_number, tidy
from checklist.protocol.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from checklist.protocol.plain import Window

STAGES: Final = ("requires", "closes")
"""The lists of requirements, as the file names them."""
HEADER_KEYS: Final = frozenset({"id", "title", "version", "purpose", "jurisdictions", "sources"})


@dataclass(frozen=True, slots=True)
class Procedure:
    """What the clinic does to a patient, and its requirements in their order."""

    id: str
    title: str
    version: str
    requires: tuple[Requirement, ...]
    """What must be true before it starts."""
    closes: tuple[Requirement, ...] = ()
    """What must be true before its visit is closed."""
    purpose: str = ""
    jurisdictions: tuple[str, ...] = ()
    """Where it applies; empty: everywhere."""
    sources: tuple[Cited, ...] = ()

    @property
    def protocols(self) -> frozenset[str]:
        """The ids of all protocols that any requirement names."""
        return frozenset(name for one in (*self.requires, *self.closes) for name in protocols_of(one))


@dataclass(frozen=True, slots=True)
class LoadedProcedure:
    """A procedure with the exact bytes it was read from and their SHA-256 in lower-case hexadecimal."""

    procedure: Procedure
    sha256: str
    data: bytes


def adopted(data: bytes) -> Procedure:
    """Return the procedure in bytes that were adopted. Raises OutlineError where they are not as this version of the
    program would have adopted them."""
    try:
        return procedure_of(document_of(data))
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise OutlineError(str(error)) from error


def procedure_of(document: Mapping[str, Any]) -> Procedure:
    """Return the procedure in a checked document. Of one that is not: KeyError, TypeError or ValueError, never less
    than it asks for."""
    header = document["procedure"]
    if not HEADER_KEYS.issuperset(header) or not {"procedure", *STAGES}.issuperset(document):
        raise ValueError("unknown keys")
    requires, closes = (tuple(_requirement(raw) for raw in document.get(stage, ())) for stage in STAGES)
    if not requires:
        raise ValueError("nothing is required")
    return Procedure(
        header["id"],
        tidy(header["title"]),
        header["version"],
        requires,
        closes,
        tidy(header.get("purpose", "")),
        _many(header.get("jurisdictions", [])),
        tuple(_source(raw) for raw in header.get("sources", [])),
    )


def _source(raw: Mapping[str, Any]) -> Cited:
    given: dict[str, Any] = {name: tidy(value) if isinstance(value, str) else value for name, value in raw.items()}
    return Cited(**given)


def _requirement(raw: Mapping[str, Any]) -> Requirement:
    (kind,) = (KINDS[key] for key in KINDS if key in raw)
    given: dict[str, Any] = {name: _READ[name](value) if name in _READ else value for name, value in raw.items()}
    return kind(**given)


def _many(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("no list")
    return tuple(value)


def _same(value: object) -> tuple[str, ...]:
    return tuple(_one_of(get_args(Same), one) for one in _many(value))


def _one_of(known: tuple[str, ...], value: str) -> str:
    return known[known.index(value)]


def _within(value: object) -> Window:
    window = validity(value)
    if isinstance(window, ProfileRef):
        raise TypeError("a profile's value")
    return window


def _answer(value: Mapping[str, Any]) -> Answer:
    wanted = [value["is"]] if isinstance(value["is"], str) else value["is"]
    where = StepValue(**{name: one for name, one in value.items() if name != "is"})
    return Answer(where.protocol, where.step, tuple(tidy(one) for one in _many(wanted)))


def _attributes(value: Mapping[str, Any]) -> tuple[Compared, ...]:
    return tuple(_compared(name, one) for name, one in value.items())


def _compared(name: str, value: Mapping[str, Any]) -> Compared:
    ((how, against),) = value.items()
    how = COMPARISONS[COMPARISONS.index(how)]
    if isinstance(against, dict):
        return Compared(name, how, StepValue(**against))
    return Compared(name, how, clean(against) if isinstance(against, str) else plain_number(Decimal(against)))


_READ: Final[Mapping[str, Callable[[Any], object]]] = {
    "what": tidy,
    "same": _same,
    "within": _within,
    "tolerates": _many,
    "none_open": _many,
    "identifier": lambda value: _one_of(get_args(Identifier), value),
    "answer": _answer,
    "attribute": _attributes,
    "signed": lambda value: StepValue(**value),
}
"""How what a file says under a key is read; what is not here stays as it is."""


def protocols_of(requirement: Requirement) -> tuple[str, ...]:
    """The ids of the protocols that a requirement names."""
    match requirement:
        case RunDone():
            return (requirement.protocol,)
        case AnswerGiven():
            return (requirement.answer.protocol,)
        case NothingOpen():
            return requirement.none_open
        case PerformerMay():
            return tuple(one.protocol for one in values_of(requirement))
        case ItemsUsable() | StartCleared():
            return ()


def values_of(requirement: PerformerMay) -> tuple[StepValue, ...]:
    """The steps whose values or signatures a requirement about the performer rests on."""
    compared = [one.against for one in requirement.attribute if isinstance(one.against, StepValue)]
    return (*compared, *([requirement.signed] if requirement.signed else []))
