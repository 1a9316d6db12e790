"""How long something took, by which clock, and when it has run out (design §6 "Time").

On one boot a minimum counts CLOCK_MONOTONIC, which stands still while the machine sleeps, and a maximum
counts CLOCK_BOOTTIME, which does not: both err on the safe side. After a restart a timer of less than an
hour must start again; a longer one (an incubation) goes by the wall clock, which is a finding.
Every clock reading comes in as an argument.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from math import ceil
from typing import Self
from zoneinfo import ZoneInfo

from checklist.ledger.entry import Moment
from checklist.protocol.plain import SECONDS_IN, Duration, ProfileRef, Validity

_UNITS = ((3600, "hour"), (60, "minute"), (1, "second"))

LONG_TIMER_MS = 3_600_000
"""From one hour on, a timer outlives a restart of the machine (design §6)."""


class Phase(Enum):
    """Where a timer stands."""

    IDLE = "idle"
    RUNNING = "running"
    READY = "ready"
    OVER = "over"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class TimerReading:
    """A timer at one moment. All times are milliseconds; `left_ms` counts down to the minimum and is never
    negative; `by_wall` says that a restart left only the wall clock to go by."""

    phase: Phase
    elapsed_ms: int = 0
    left_ms: int = 0
    by_wall: bool = False


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a timer must run at least and may run at most, in milliseconds; no `most`: it ends by itself."""

    least: int
    most: int | None

    def with_reading(self, read: int) -> Self:
        """These bounds where a reading asks for so much as well. The longest time moves with the shortest: whoever
        waits as long as the label says has as much time to end it as anybody."""
        if read <= self.least:
            return self
        return replace(self, least=read, most=None if self.most is None else read + self.most - self.least)

    def verdict(self, ms: int) -> str:
        """The verdict on a time that was measured: it must be as long as it takes, and no longer than it may."""
        return "fail" if ms < self.least or (self.most is not None and ms > self.most) else "pass"

    def off_words(self, seconds: Decimal) -> str:
        """What is wrong with a time, such as `too short: it takes at least 2 minutes`; nothing where nothing is. What
        was ended too late by a moment, which no rounded number tells, is too long."""
        if seconds * 1000 < self.least:
            return f"too short: it takes at least {_in_words(self.least)}"
        if self.most is not None and seconds * 1000 >= self.most:
            return f"too long: it takes at most {_in_words(self.most)}"
        return ""


def _in_words(ms: int) -> str:
    seconds = -(-ms // 1000)
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds % size == 0), _UNITS[-1])
    return f"{seconds // size} {unit}{'' if seconds == size else 's'}"


def milliseconds(time: Duration | ProfileRef) -> int:
    """A protocol's time in milliseconds. A profile's value must have been put in its place before: a run
    never starts on a protocol that still names one (TypeError)."""
    if isinstance(time, ProfileRef):
        msg = f"{time} has not been resolved"
        raise TypeError(msg)
    return time.seconds * 1000


def time_read(value: object, unit: str) -> int:
    """A time that was read in this unit, in milliseconds; 0 where it is none."""
    try:
        return ceil(Decimal(str(value)) * SECONDS_IN[unit] * 1000)
    except (ArithmeticError, ValueError, KeyError):  # as another program may have recorded it
        return 0


def utc(moment: Moment) -> datetime:
    """The moment as an aware UTC time."""
    return datetime.fromisoformat(moment.at)


def calendar_day(moment: Moment) -> date:
    """The clinic's own calendar day at that moment."""
    return utc(moment).astimezone(ZoneInfo(moment.zone)).date()


def wall_ms(start: Moment, now: Moment) -> int:
    """Milliseconds by the wall clock between two moments."""
    return (utc(now) - utc(start)) // timedelta(milliseconds=1)


def elapsed_ms(start: Moment, now: Moment) -> int:
    """Milliseconds of waking time between two moments; by the wall clock where a restart lies between."""
    span = now.mono_ms - start.mono_ms if start.boot == now.boot else wall_ms(start, now)
    return max(span, 0)


def read_timer(started: Moment | None, bounds: Bounds, now: Moment) -> TimerReading:
    """Where a timer stands that was started at `started` (None: not yet)."""
    at_least_ms, at_most_ms = bounds.least, bounds.most
    if started is None:
        return TimerReading(Phase.IDLE, 0, at_least_ms)
    same_boot = started.boot == now.boot
    if not same_boot and at_least_ms < LONG_TIMER_MS:
        return TimerReading(Phase.LOST, 0, at_least_ms)
    awake = elapsed_ms(started, now)
    through = max(now.boottime_ms - started.boottime_ms, 0) if same_boot else awake
    left = max(at_least_ms - awake, 0)
    if at_most_ms is not None and through > at_most_ms:
        return TimerReading(Phase.OVER, through, 0, by_wall=not same_boot)
    phase = Phase.READY if left == 0 else Phase.RUNNING
    return TimerReading(phase, awake, left, by_wall=not same_boot)


def expires_at(started: Moment, valid_for: Validity) -> datetime:
    """When what began at `started` stops counting: after a duration, or at the end of the clinic's calendar
    day (UTC)."""
    if valid_for == "today":
        zone = ZoneInfo(started.zone)
        next_day = calendar_day(started) + timedelta(days=1)
        return datetime(next_day.year, next_day.month, next_day.day, tzinfo=zone).astimezone(UTC)
    return utc(started) + timedelta(milliseconds=milliseconds(valid_for))
