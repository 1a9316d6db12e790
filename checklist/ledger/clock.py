"""The clocks of this machine, read together.

Knows the wall clock, the two clocks that nobody can set, and what tells one boot from the next. Refuses to judge
them: whether a clock jumped is for the ledger to say.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from checklist.ledger.entry import Moment

if TYPE_CHECKING:
    from collections.abc import Callable

Clock: TypeAlias = "Callable[[], Moment]"

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_UNZONED = _EPOCH.replace(tzinfo=None)
_BOOTTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SystemClock:
    """Reads the clocks of this machine; calling it costs a few microseconds.

    Where the machine has no CLOCK_BOOTTIME, CLOCK_MONOTONIC stands in for it. Where it has no boot id, every start of
    the program counts as a boot of its own: timers then start again, which errs on the safe side.
    """

    def __init__(self, zone: str, boot_id: Path = BOOT_ID) -> None:
        self._zone = zone
        try:
            self._boot = boot_id.read_bytes().decode().strip()
        except (OSError, ValueError):
            import uuid

            self._boot = str(uuid.uuid4())

    def __call__(self) -> Moment:
        """This moment."""
        return Moment(
            at=utc_text(time.time_ns() // 1000),
            zone=self._zone,
            boot=self._boot,
            mono_ms=time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000_000,
            boottime_ms=time.clock_gettime_ns(_BOOTTIME) // 1_000_000,
        )


def utc_text(unix_us: int) -> str:
    """Microseconds since 1970 as "2026-11-22T10:11:12.345678Z"."""
    moment = _EPOCH_UNZONED + timedelta(microseconds=unix_us)
    return f"{moment.isoformat(timespec='microseconds')}Z"


def unix_us(at: str) -> int:
    """Microseconds since 1970 of a time like "2026-11-22T10:11:12.345678Z"."""
    return (datetime.fromisoformat(at) - _EPOCH) // timedelta(microseconds=1)
