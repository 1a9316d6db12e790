"""What a cycle's readings say when they are looked at together, or beside those of others, and what of it is recorded.

Knows a readout; knows nothing of records. Each answer is a value that the caller judges.
"""

import hashlib
from collections.abc import Sequence
from typing import Final, Literal

from checklist.run.printout import Printout
from checklist.trace.readout import Extreme, Reading, Readout

LEAST_TO_COMPARE: Final = 3
"""Fewer readings than these can be equal in two honest cycles."""


def fingerprint(series: Sequence[Reading]) -> str | None:
    """A short text that two series have in common only where all their values and the times between them are equal,
    whenever they were; None where there are too few to tell."""
    if len(series) < LEAST_TO_COMPARE:
        return None
    first = series[0].at
    rows = (f"{(one.at - first).total_seconds():.0f} {one.temperature} {one.pressure}" for one in series)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def after(previous: int, cycle: int) -> Literal["next", "repeated", "missing"]:
    """How a cycle number follows the one before it on the same machine; a smaller one stands for a repeated one."""
    if cycle == previous + 1:
        return "next"
    return "missing" if cycle > previous else "repeated"


def summary(readout: Readout) -> Printout:
    """What of a readout stands in the record of a run. What the machine measured during the hold is told by its lowest,
    since heat and pressure must not have been below; without readings nothing is told."""
    rows: list[Reading | Extreme] = [*readout.series, *([readout.lowest] if readout.lowest is not None else [])]
    sensed: dict[str, str] = {}
    if rows:
        sensed["temperature"] = format(min(row.temperature for row in rows), "f")
        sensed["pressure"] = format(min(row.pressure for row in rows), "f")
    if readout.hold_seconds is not None:
        sensed["hold"] = str(readout.hold_seconds)
    return Printout(
        reader=readout.reader,
        machine=readout.machine,
        serial=readout.serial or "",
        cycle=readout.cycle,
        programme=readout.programme or "",
        started=readout.started.isoformat(),
        result=readout.result,
        error=readout.error or "",
        sensed=sensed,
        series=fingerprint(readout.series) or "",
    )
