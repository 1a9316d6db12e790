"""Lock-out: how many wrong secrets lock for how long, and whether a lock is over.

Pure. Five misses of one operator lock for one minute, five more for five, five more for fifteen, and five more
until a lead unlocks. Names that belong to nobody are counted together and are never locked longer than fifteen
minutes, since there is nobody to unlock. Whether a lock is over is asked of CLOCK_BOOTTIME on the boot on which it
began, so that moving the wall clock does not help; after a restart there is only the wall clock to go by. Knows
nothing of where misses are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from checklist.people import signin

if TYPE_CHECKING:
    from checklist.ledger.entry import Draft, Moment

TRIES: Final = 5
MINUTES: Final = (1, 5, 15)

NOBODY: Final = ""
"""Stands for all names that belong to nobody, together."""

OVER: Final = timedelta()
"""What is left of a lock that holds no more."""

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock as it was recorded. `minutes` is None where only a lead ends it."""

    minutes: int | None
    since: Moment


@dataclass(frozen=True, slots=True)
class Tries:
    """The misses of one operator since their secret was last right, and the newest lock that came of them."""

    misses: int = 0
    lock: Lock | None = None

    def locked(self, now: Moment) -> bool:
        """Whether no secret may be tried at this moment."""
        return self.lock is not None and left(self.lock, now) != OVER


def missed(operator: str, tries: Tries, *, via: str) -> list[Draft]:
    """The facts of one more miss of this operator, or of NOBODY: with every fifth comes a lock."""
    meant = operator or None
    failed = signin.failed(meant, via=via)
    locks, odd = divmod(tries.misses + 1, TRIES)
    return [failed] if odd else [failed, signin.locked(meant, _minutes(locks, known=meant is not None), via=via)]


def left(lock: Lock, now: Moment) -> timedelta | None:
    """How long a lock still holds; nothing once it is over, None until a lead ends it."""
    if lock.minutes is None:
        return None
    if lock.since.boot == now.boot:
        passed = timedelta(milliseconds=now.boottime_ms - lock.since.boottime_ms)
    else:
        passed = datetime.fromisoformat(now.at) - datetime.fromisoformat(lock.since.at)
    return max(lock.minutes * _MINUTE - passed, OVER)


def until(lock: Lock, now: Moment) -> datetime | None:
    """When a lock ends, by the wall clock as it goes now; None until a lead ends it."""
    rest = left(lock, now)
    return None if rest is None else datetime.fromisoformat(now.at) + rest


def shown(end: datetime, zone: str) -> str:
    """The end of a lock as people at the clinic read it, never before it is over: 10:23."""
    return (end + _MINUTE - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).strftime("%H:%M")


def _minutes(locks: int, *, known: bool) -> int | None:
    """How long the lock of this number holds."""
    if locks <= len(MINUTES):
        return MINUTES[locks - 1]
    return None if known else MINUTES[-1]
