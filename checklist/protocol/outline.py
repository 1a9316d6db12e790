"""What a running clinic needs of an adopted protocol or profile: its steps in order, and how long it counts.

Reads the bytes that were adopted: they were checked then, so here is only read, without the schema library, which takes
longer than all else that a short question needs. Whatever is not as this version of the program would have adopted it
is not guessed at: `OutlineError`, and the full reading in `loader` says what is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import tomli

from checklist.protocol.plain import Duration, ProfileRef, tidy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checklist.protocol.plain import Validity, Window

TOP_KEYS: Final = frozenset({"protocol", "steps", "checks"})
HEADER_KEYS: Final = frozenset(
    {
        "id", "title", "version", "purpose", "category", "style", "subject", "equipment", "roles", "credentials",
        "valid_for", "voided_by", "jurisdictions", "sources",
    }
)  # fmt: skip
STEP_KEYS: Final = frozenset(
    {
        "id", "kind", "do", "expect", "why", "caution", "at_least", "at_least_as", "at_most", "source",
        "ifu_may_override", "hold", "on_fail", "roles", "credentials", "phase", "when", "unit", "expected", "limit",
        "decimals", "sensed", "accepts", "captures", "optional", "use", "produces", "options", "of", "meanings",
        "another", "printout",
    }
)  # fmt: skip
KINDS: Final = frozenset(
    {"confirm", "measure", "timer", "scan", "assign", "choice", "witness", "sign", "text", "attach"}
)  # fmt: skip


class OutlineError(ValueError):
    """The text is not as this version of the program adopts it."""


@dataclass(frozen=True, slots=True)
class WhenOutline:
    """The condition of a step."""

    step: str
    is_: str


@dataclass(frozen=True, slots=True)
class OnFailOutline:
    """Whether a failure of a step ends the run."""

    stop: bool = False


@dataclass(frozen=True, slots=True)
class StepOutline:
    """What the fold of a run, and how a load stands, ask of a step; the names are those of `steps.Step`."""

    id: str
    kind: str
    of: str
    meanings: tuple[str, ...]
    printout: bool
    hold: bool
    on_fail: OnFailOutline
    when: WhenOutline | None


@dataclass(frozen=True, slots=True)
class Outline:
    """What the fold of a run, and the gate, ask of a protocol; the names are those of `model.Protocol`."""

    id: str
    title: str
    subject: str
    valid_for: Validity | None
    voided_by: tuple[str, ...]
    steps: tuple[StepOutline, ...]
    _places: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Remember where each step stands."""
        self._places.update({step.id: place for place, step in enumerate(self.steps)})

    def index(self, step_id: str) -> int:
        """Return the place of a step, counted from 0; KeyError if there is none of that id."""
        return self._places[step_id]

    def step(self, step_id: str) -> StepOutline:
        """Return the step of that id; KeyError if there is none."""
        return self.steps[self._places[step_id]]


def outline(data: bytes) -> Outline:
    """Return the outline of an adopted protocol. Raises OutlineError."""
    document = _known(document_of(data), TOP_KEYS)
    try:
        header = _known(document["protocol"], HEADER_KEYS)
        return Outline(
            _text(header["id"]),
            tidy(_text(header["title"])),
            _text(header["subject"]),
            validity(header["valid_for"]) if "valid_for" in header else None,
            tuple(_text(one) for one in _list(header.get("voided_by", []))),
            tuple(_step(_known(one, STEP_KEYS)) for one in _list(document["steps"])),
        )
    except (KeyError, ValueError) as error:
        raise OutlineError(str(error)) from error


def durations(data: bytes) -> Mapping[str, Window]:
    """Return the lengths of time that an adopted profile gives, by name. Raises OutlineError."""
    document = document_of(data)
    found: dict[str, Window] = {}
    try:
        for one in _list(document.get("values", [])):
            value = _table(one)
            try:
                given = validity(value["value"])
            except ValueError:
                continue  # a number, a truth or words: no length of time
            if not isinstance(given, ProfileRef):
                found[_text(value["name"])] = given
    except (KeyError, ValueError) as error:
        raise OutlineError(str(error)) from error
    return found


def document_of(data: bytes) -> dict[str, object]:
    """Return what stands in the bytes of an adopted text. Raises OutlineError."""
    try:
        return tomli.loads(data.removeprefix(b"\xef\xbb\xbf").decode(), parse_float=Decimal)
    except (ValueError, ArithmeticError) as error:  # of the encoding, of TOML, of a number
        raise OutlineError(str(error)) from error


def validity(value: object) -> Validity:
    """Return how long something counts, as the file writes it. Raises ValueError."""
    if value == "today":
        return "today"
    if isinstance(value, dict):
        (name,) = _known(value, frozenset({"profile"})).values()
        return ProfileRef(_text(name))
    return Duration.parse(_text(value))


def _step(raw: Mapping[str, object]) -> StepOutline:
    kind, when, of = _text(raw["kind"]), raw.get("when"), raw.get("of", "")
    if kind not in KINDS:
        raise OutlineError(f"unknown kind {kind}")
    condition = _known(when, frozenset({"step", "is"})) if when is not None else None
    on_fail = _known(raw.get("on_fail", {}), frozenset({"stop", "open"}))
    return StepOutline(
        _text(raw["id"]),
        kind,
        _text(of),
        tuple(_text(one) for one in _list(raw.get("meanings", []))),
        raw.get("printout", False) is True,
        raw.get("hold", False) is True,
        OnFailOutline(stop=on_fail.get("stop", False) is True),
        WhenOutline(_text(condition["step"]), tidy(_text(condition["is"]))) if condition is not None else None,
    )


def _known(value: object, keys: frozenset[str]) -> dict[str, object]:
    table = _table(value)
    if not keys.issuperset(table):
        raise OutlineError(f"unknown keys {sorted(table.keys() - keys)}")
    return table


def _table(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise OutlineError("no table")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise OutlineError("no list")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise OutlineError("no text")
    return value
