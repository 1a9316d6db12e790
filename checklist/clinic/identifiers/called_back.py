"""When a machine was called back, and until when: a return whose list was corrected afterwards has ended nothing.

Knows the entries of a machine's recalls and returns. Refuses to know how the machine stands now.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from checklist.clinic.identifiers.apart import entries_about
from checklist.clinic.identifiers.trace_views import QUARANTINE_ENDED, RECALLED
from checklist.ledger.entry import parse_place
from checklist.run.events import Kind, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.ledger.entry import Entry
    from checklist.ledger.reader import Reader
    from checklist.trace.follow import Identifier

Place = tuple[int, int]
"""Where an entry stands: in which of the ledgers, the oldest first, and at which index. No clock moves it."""


class Begun(NamedTuple):
    """When a run was begun: where it stands; of a run entered from paper that says nothing, but what the paper says."""

    place: Place
    on_paper: datetime | None


class CalledBack(NamedTuple):
    """One recall of a machine, and where and when the return stands that ended it; None while none has."""

    place: Place
    entry: Entry
    ended: Place | None
    ended_at: datetime | None

    def after(self, run: Begun) -> bool:
        """Whether the machine was called back after the run was begun."""
        if run.on_paper is not None:
            return run.on_paper <= datetime.fromisoformat(self.entry.at)
        return run.place < self.place

    def over(self, run: Begun) -> bool:
        """Whether the machine had returned by the time the run was begun."""
        if self.ended is None or self.ended_at is None:
            return False
        return run.place > self.ended if run.on_paper is None else run.on_paper > self.ended_at


def begun(readers: Sequence[Reader], run: str, on_paper: str | None) -> Begun:
    """When a run was begun; what stands in a ledger that is not among these came before all else."""
    station, index = parse_place(run) or ("", 0)
    ledger = next((at for at, reader in enumerate(readers) if reader.station == station), -1)
    return Begun((ledger, index), None if on_paper is None else datetime.fromisoformat(on_paper))


def calls_back(readers: Sequence[Reader], machine: Identifier) -> list[CalledBack]:
    """Every recall of this machine, oldest first."""
    told = {
        kind: [
            ((ledger, entry.index), entry)
            for ledger, reader in enumerate(readers)
            for entry in entries_about(reader, kind, machine)
        ]
        for kind in (RECALLED, QUARANTINE_ENDED)
    }
    if not told[RECALLED]:
        return []
    returns = [
        (place, datetime.fromisoformat(entry.at))
        for place, entry in told[QUARANTINE_ENDED]
        if _holds(readers, place, entry)
    ]
    found = []
    for place, entry in told[RECALLED]:
        ended, at = next((one for one in returns if one[0] > place), (None, None))
        found.append(CalledBack(place, entry, ended, at))
    return found


def _holds(readers: Sequence[Reader], place: Place, entry: Entry) -> bool:
    """Whether a return holds: whatever was corrected later in the list that proved it, it is as if it never was."""
    proof = text_of(entry.data, "proved_by")
    corrected = (
        (ledger, each.index)
        for ledger, reader in enumerate(readers)
        for each in (reader.run_entries(proof) if proof else ())
        if each.kind == Kind.STEP_CORRECTED
    )
    return not any(each > place for each in corrected)
