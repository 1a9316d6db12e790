"""Time within one ledger: it never goes back, and a clock that was moved is noticed.

Knows moments only. A wall clock that moved against CLOCK_BOOTTIME by more than two seconds has jumped; both go on
while the machine is suspended, so suspend is no jump.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from checklist.ledger.clock import unix_us, utc_text
from checklist.ledger.entry import Draft

if TYPE_CHECKING:
    from checklist.ledger.entry import Moment

JUMP_US = 2_000_000  # integrity.md §2: backdating


@dataclass(frozen=True, slots=True)
class Timeline:
    """The time of the last entry, and what the clocks said when they were last read (microseconds)."""

    last_us: int = 0
    boot: str | None = None
    wall_us: int = 0
    boottime_us: int = 0

    def seen_by(self, last: Moment) -> Timeline:
        """The same clocks, after others may have added entries; where none was read yet, those of the last entry."""
        at = unix_us(last.at)
        if self.boot is None:
            return Timeline(at, last.boot, at, last.boottime_ms * 1000)
        return replace(self, last_us=max(self.last_us, at))

    def advance(self, now: Moment) -> tuple[Timeline, Moment, Draft | None]:
        """The timeline after `now`, the moment to record, and an entry about a clock that jumped."""
        wall, boottime = unix_us(now.at), now.boottime_ms * 1000
        jump = None
        if self.boot == now.boot:
            by_wall, by_boottime = wall - self.wall_us, boottime - self.boottime_us
            if abs(by_wall - by_boottime) > JUMP_US:
                data = {"wall_ms": by_wall // 1000, "mono_ms": by_boottime // 1000}
                jump = Draft("clock.jumped", data, None, "system")
        moment = now if wall >= self.last_us else replace(now, at=utc_text(self.last_us))
        return Timeline(max(wall, self.last_us), now.boot, wall, boottime), moment, jump
