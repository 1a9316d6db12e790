"""The clock of the made-up year: it stands where it is put. The machine is started anew every week, and its wall clock
can be moved."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from checklist.clinic.demo.facts import SECOND
from checklist.ledger.clock import utc_text
from checklist.ledger.entry import Moment

ZONE = "America/New_York"
"""The clinic's own: facts must not differ with the machine on which they are made up."""
_BETWEEN = 37
"""Microseconds that pass between two entries of one act."""


@dataclass(slots=True)
class DemoClock:
    """Moments, at the time to which it was put."""

    now: int
    boots: list[tuple[int, str]]
    """When the machine was started, oldest first, and the name of that start."""
    moved: list[tuple[int, int]] = field(default_factory=list)
    """From when on the wall clock is wrong, and by how much (microseconds)."""
    due: deque[int] = field(default_factory=deque)
    """The times of the entries that are written next: the ledger asks once for each of them."""

    def __call__(self) -> Moment:
        """This moment; the next one is a little later."""
        self.now += _BETWEEN
        if self.due:
            self.put(self.due.popleft())
        while len(self.boots) > 1 and self.boots[1][0] <= self.now:
            self.boots.pop(0)
        while len(self.moved) > 1 and self.moved[1][0] <= self.now:
            self.moved.pop(0)
        wrong = self.moved[0][1] if self.moved and self.moved[0][0] <= self.now else 0
        started, boot = self.boots[0]
        ms = (self.now - started) // 1000 + 40_000
        return Moment(utc_text(self.now + wrong), ZONE, boot, ms, ms)

    def put(self, at: int) -> None:
        """Go on to this time; never back."""
        self.now = max(self.now, at)


def ms_between(since: int, at: int) -> int:
    """Milliseconds between two times, as the clock that nobody sets counts them."""
    return max(at // 1000 - since // 1000, 0)


def seconds(number: float) -> int:
    """Seconds as microseconds, in whole milliseconds: what took as long was recorded as having taken as long."""
    return int(number * 1000) * (SECOND // 1000)
