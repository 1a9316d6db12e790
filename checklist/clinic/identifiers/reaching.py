"""Where several things have gone together, and what may still lie somewhere: what a recall has to find.

Asks `tracing`; knows nothing of why anybody asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from checklist.clinic.identifiers.tracing import ABOUT, Records, visits_of
from checklist.gate.items import SINGLE_USE
from checklist.trace.follow import forward

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.identifiers.tracing import Run
    from checklist.ledger.reader import Reader
    from checklist.trace.follow import Identifier


class Left(NamedTuple):
    """What may still lie somewhere, and how often it was opened (see `Records.opened`): one pack of a load says
    nothing of the others."""

    thing: Identifier
    opened: int


@dataclass(frozen=True, slots=True)
class Reach:
    """Where several things have gone together (see `Trace`), and what may be left of them and of what was made with
    them: first what nobody has opened yet."""

    runs: tuple[Run, ...]
    sessions: tuple[str, ...]
    left: tuple[Left, ...]
    corrected: tuple[Run, ...]
    cut: bool


def reach(readers: Sequence[Reader], things: Sequence[Identifier]) -> Reach:
    """Where these have gone. Of what is used up at once nothing is left once it was used."""
    records, towards = Records(readers), forward(Records(readers), things)
    runs = records.runs(towards.runs)
    some = [one for one in towards.identifiers if one.kind not in ABOUT]
    counted = [Left(one, count) for one, count in zip(some, records.opened(some), strict=True)]
    left = [one for one in counted if not (one.opened and one.thing.kind in SINGLE_USE)]
    return Reach(
        runs=runs,
        sessions=visits_of(runs),
        left=tuple(sorted(left, key=lambda one: one.opened > 0)),
        corrected=records.corrected(some),
        cut=towards.cut,
    )
