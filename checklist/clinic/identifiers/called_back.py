"""When a machine was called back, and until when: a return whose list was corrected afterwards has ended nothing.

Knows the entries of a machine's recalls and returns. Refuses to know how the machine stands now.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from checklist.clinic.identifiers.apart import entries_about
from checklist.clinic.identifiers.trace_views import QUARANTINE_ENDED, QUARANTINED, RECALLED
from checklist.ledger.entry import parse_place
from checklist.ledger.errors import Damaged
from checklist.run.events import CLOSING, Kind, text_of
from checklist.run.paper import paper_of

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


def begun(readers: Sequence[Reader], run: str) -> Begun:
    """When a run was begun, by its first entry; what stands in a ledger that is not among these came before all else.
    Raises Damaged where that entry is lost."""
    station, index = parse_place(run) or ("", 0)
    ledger = next((at for at, reader in enumerate(readers) if reader.station == station), None)
    if ledger is None:
        return Begun((-1, index), None)
    first = next(iter(readers[ledger].run_entries(run)), None)
    if first is None:
        raise Damaged(f"When {run} was begun is not on record: checklist verify.")
    paper = paper_of(first.data)
    return Begun((ledger, index), None if paper is None else datetime.fromisoformat(paper.began))


def return_undone(readers: Sequence[Reader], machine: Identifier, run: str) -> bool:
    """Whether a run was begun in a machine that had wrongly returned: it is of that recall, whatever came since."""
    found = calls_back(readers, machine)
    if not found:
        return False
    own = begun(readers, run)
    return any(not one.after(own) and not one.over(own) for one in found)


def calls_back(readers: Sequence[Reader], machine: Identifier) -> list[CalledBack]:
    """Every recall of this machine, oldest first."""
    recalls = _told(readers, RECALLED, machine)
    if not recalls:
        return []
    ends = _told(readers, QUARANTINE_ENDED, machine)
    marks = [place for place, _ in recalls]
    returns = [(place, entry.at) for place, entry in ends if _holds(readers, place, entry, ends, marks)]
    found = []
    for place, entry in recalls:
        ended, at = next((one for one in returns if one[0] > place), (None, None))
        found.append(CalledBack(place, entry, ended, None if at is None else datetime.fromisoformat(at)))
    return found


def _told(readers: Sequence[Reader], kind: str, machine: Identifier) -> list[tuple[Place, Entry]]:
    return [
        ((ledger, entry.index), entry)
        for ledger, reader in enumerate(readers)
        for entry in entries_about(reader, kind, machine)
    ]


def _holds(
    readers: Sequence[Reader],
    place: Place,
    entry: Entry,
    ends: Sequence[tuple[Place, Entry]],
    recalls: Sequence[Place],
) -> bool:
    """Whether a return holds: once the list that proved it was corrected, it is as if it never was. Where the machine
    has returned by the same list again, and nothing spoke against it in between, only a slip of the pen was corrected.
    """
    proof = text_of(entry.data, "proved_by")
    since = [
        (at, each)
        for ledger, reader in enumerate(readers)
        for each in (reader.run_entries(proof) if proof else ())
        if (at := (ledger, each.index)) > place
    ]
    corrected = [at for at, each in since if each.kind == Kind.STEP_CORRECTED]
    if not corrected:
        return True
    again = next((at for at, each in ends if at > corrected[-1] and text_of(each.data, "proved_by") == proof), None)
    if again is None or any(place < at < again for at in recalls):
        return False
    return not any(at < again and _against(each) for at, each in since)


def _against(entry: Entry) -> bool:
    """Whether an entry of such a list says anything but that the machine is as it should be."""
    left = entry.kind in CLOSING and entry.kind != Kind.STEP_DONE
    return left or entry.data.get("verdict") == "fail" or entry.data.get("meaning") == QUARANTINED
