"""One cycle of a steriliser as its printout tells it, or the fault that kept the printout from being read.

Only the values: how a printout is read stands in `printout`, what the values say when they are compared in `cycles`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class ReadFault:
    """Why a printout could not be read: a stable word, and a sentence on what to do."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase as printed: when it ended by the machine's clock, and how."""

    name: str
    at: datetime | None
    result: Literal["ok", "failed", "off"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One line of the series: °C, and kPa counted from vacuum."""

    at: datetime
    temperature: Decimal
    pressure: Decimal


@dataclass(frozen=True, slots=True)
class Extreme:
    """The highest or lowest values of the hold, as the machine printed them: °C, and kPa counted from vacuum."""

    temperature: Decimal
    pressure: Decimal


@dataclass(frozen=True, slots=True)
class Readout:
    """One cycle. Moments are those of the machine's own clock, which has no time zone."""

    reader: str
    machine: str
    serial: str | None
    cycle: int
    programme: str | None
    started: datetime
    phases: tuple[Phase, ...]
    series: tuple[Reading, ...]
    hold_seconds: int | None
    result: Literal["complete", "aborted"]
    error: str | None
    """The first error code."""
    errors: tuple[str, ...] = ()
    """All error codes, each once, in the order of the printout."""
    highest: Extreme | None = None
    lowest: Extreme | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    """The other facts that the reader names."""
    unread: tuple[str, ...] = ()
    """The lines that no form of the reader fits."""

    def as_json(self) -> dict[str, object]:
        """The readout with its stable keys; measured values are strings."""
        return {key: _plain(value) for key, value in asdict(self).items()}


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case _:
            return value
