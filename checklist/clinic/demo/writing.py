"""Facts become entries: many in one append, with their places and what they name filled in.

Knows the ledger. Refuses to know what happened in the year.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.ledger.entry import Draft, format_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from checklist.clinic.demo.clock import DemoClock
    from checklist.clinic.demo.facts import Act, Fact
    from checklist.ledger.entry import Entry, Json, Moment
    from checklist.ledger.reader import Reader
    from checklist.ledger.store import Ledger

BATCH = 250
_JUMPED = "clock.jumped"


class Writer:
    """Writes acts in the order of their times, with the clock put to each of them."""

    def __init__(
        self, ledger: Ledger, clock: DemoClock, cleared: Callable[[Ledger, Fact, Moment], None] | None = None
    ) -> None:
        """`cleared` is told of each answer of the gate, when all before it is written."""
        self._ledger = ledger
        self._clock = clock
        self._cleared = cleared
        self._base = ledger.size
        self._waiting: list[Fact] = []
        self._drafts: list[Draft] = []
        self._times: list[int] = []
        self._moved = [at for at, _ in clock.moved]
        self.jumps: list[str] = []
        """The entries that tell that the clock was moved."""

    @property
    def size(self) -> int:
        """How many entries there are, with those that wait to be written."""
        return self._base + len(self._drafts)

    def write(self, acts: Iterable[Act]) -> None:
        """Write acts, oldest first."""
        for act in sorted(acts, key=lambda one: one.at):
            if len(self._drafts) >= BATCH:
                self.flush()
            jumps = bool(self._moved) and self._moved[0] <= act.at
            if jumps:  # the entry about it comes before this one, so that places are known only after it
                self.flush()
                self._moved.pop(0)
            for fact in act.facts:
                self._take(fact, act.at)
                if jumps:
                    self.flush()
                    jumps = False

    def _take(self, fact: Fact, at: int) -> None:
        of_last = fact.of is not None and bool(self._waiting) and self._waiting[-1] is fact.of
        if fact.of is not None and fact.of.index < 0 and not of_last:
            self.flush()
        if fact.kind == "cleared" and self._cleared is not None:
            self.flush()
            self._clock.put(at)
            self._cleared(self._ledger, fact, self._clock())
        if fact.asks:
            self.flush()
        fact.place = format_place("a", self.size)
        run = fact.run.place if fact.run is not None else None
        data = self._data(fact, of_last=of_last)
        self._drafts.append(Draft(fact.kind, data, fact.actor, fact.via, run, fact.step, of_last=of_last))
        self._waiting.append(fact)
        self._times.append(at)

    def _data(self, fact: Fact, *, of_last: bool) -> dict[str, Json]:
        data = fact.data
        if fact.of is not None and not of_last:
            data["of"] = {"station": "a", "index": fact.of.index, "leaf": fact.of.leaf}
        if fact.evidence:
            data["requirements"] = [
                {**one, "evidence": [each.place for each in fact.evidence.get(str(one["id"]), ())]}
                for one in _objects(data["requirements"])
            ]
        if fact.asks:
            data["size"] = self._base
        if fact.asks == "root":
            data["root"] = self._ledger.root().hex()
        return data

    def flush(self) -> None:
        """Write what waits."""
        if not self._drafts:
            return
        drafts = self._drafts
        self._clock.due.extend(self._times)

        def plan(_: Reader) -> Sequence[Draft]:
            return drafts

        entries = self._ledger.append(plan)
        self.jumps += [one.place for one in entries if one.kind == _JUMPED]
        written = [one for one in entries if one.kind != _JUMPED]
        for fact, entry in zip(self._waiting, written, strict=True):
            _told(fact, entry)
        self._base = self._ledger.size
        self._drafts, self._waiting, self._times = [], [], []


def _told(fact: Fact, entry: Entry) -> None:
    fact.place, fact.index, fact.leaf = entry.place, entry.index, entry.leaf


def _objects(value: Json) -> list[dict[str, Json]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
