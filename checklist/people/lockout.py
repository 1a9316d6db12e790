"""Lock-out: how many wrong secrets lock for how long, and whether a lock is over.

Pure. Five misses of one operator lock for one minute, five more for five, five more for fifteen, and five more
until a lead unlocks. Names that belong to nobody are never locked: there is nothing to find behind them, and a lock
would tell which names are known. The recovery code, which is for when no lead can unlock, is never locked for longer
than fifteen minutes.

Whether a lock is over is asked of CLOCK_BOOTTIME on the boot on which it began, so that moving the wall clock does not
help. After a restart there is only the wall clock to go by; but whatever that showed, the lock is as old as this boot
at least. Knows nothing of where misses are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from checklist.people import signin
from checklist.people.signin import NOBODY, RECOVERY

if TYPE_CHECKING:
    from checklist.ledger.entry import Draft, Moment

TRIES: Final = 5
MINUTES: Final = (1, 5, 15)

OVER: Final = timedelta()
"""What is left of a lock that holds no more."""

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class RecordedLock:
    """A lock as it was recorded. `minutes` is None where only a lead ends it."""

    minutes: int | None
    since: Moment


@dataclass(frozen=True, slots=True)
class Tries:
    """The misses of one operator since their secret was last right, and the newest lock that came of them."""

    misses: int = 0
    lock: RecordedLock | None = None

    def locked(self, now: Moment) -> bool:
        """Whether no secret may be tried at this moment."""
        return self.lock is not None and left(self.lock, now) != OVER


def missed(operator: str, tries: Tries, *, via: str) -> list[Draft]:
    """The facts of one more miss of this operator, of the recovery code (RECOVERY), or of NOBODY: with every fifth
    comes a lock."""
    failed = signin.failed(operator, via=via)
    locks, odd = divmod(tries.misses + 1, TRIES)
    if odd or operator == NOBODY:
        return [failed]
    return [failed, signin.locked(operator, _minutes(locks, operator), via=via)]


def left(lock: RecordedLock, now: Moment) -> timedelta | None:
    """How long a lock still holds; nothing once it is over, None until a lead ends it."""
    if lock.minutes is None:
        return None
    awake = timedelta(milliseconds=now.boottime_ms)
    if lock.since.boot == now.boot:
        passed = awake - timedelta(milliseconds=lock.since.boottime_ms)
    else:
        passed = max(datetime.fromisoformat(now.at) - datetime.fromisoformat(lock.since.at), awake)
    return max(lock.minutes * _MINUTE - passed, OVER)


def until(lock: RecordedLock, now: Moment) -> datetime | None:
    """When a lock ends, by the wall clock as it goes now; None until a lead ends it."""
    rest = left(lock, now)
    return None if rest is None else datetime.fromisoformat(now.at) + rest


def shown(end: datetime, now: Moment) -> str:
    """The end of a lock as people at the clinic read it, never before it is over: 10:23, with its day if it is not
    today's."""
    zone = ZoneInfo(now.zone)
    local = (end + _MINUTE - timedelta(microseconds=1)).astimezone(zone)
    today = datetime.fromisoformat(now.at).astimezone(zone).date()
    return local.strftime("%H:%M" if local.date() == today else "%Y-%m-%d %H:%M")


def _minutes(locks: int, operator: str) -> int | None:
    """How long the lock of this number holds."""
    if locks <= len(MINUTES):
        return MINUTES[locks - 1]
    return MINUTES[-1] if operator == RECOVERY else None
