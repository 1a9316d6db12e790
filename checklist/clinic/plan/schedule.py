"""The arithmetic of the plan: which days make a period, which of them are open, and by when something is to be done.

Pure: rules and days in, days out; the moment is an argument. Knows neither the record nor the clinic's file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

EVERY: Final = ("day", "week", "month", "quarter", "year")
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST: Final = {"week": 7, "month": 31, "quarter": 92, "year": 366}
"""The most days that a period has: what `on` may name."""
SOON: Final = timedelta(hours=1)
"""What must be done within this time is due soon; of what has longer than a day, what must be done today."""
MOST_PERIODS_BACK: Final = 60
"""How many closed periods in a row are looked past for one that was missed."""
MOST_MISSED: Final = 99
"""So many that were missed in a row are counted; whoever reads more than that needs no number."""

_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`, both of them in it."""

    first: date
    last: date


def period(every: str, day: date) -> Period:
    """The day, week, month, quarter or year in which a day lies."""
    match every:
        case "week":
            first = day - timedelta(days=day.weekday())
            return Period(first, first + timedelta(days=6))
        case "month":
            return _months(day.replace(day=1), 1)
        case "quarter":
            return _months(date(day.year, day.month - (day.month - 1) % 3, 1), 3)
        case "year":
            return _months(date(day.year, 1, 1), 12)
        case _:
            return Period(day, day)


def _months(first: date, count: int) -> Period:
    months = first.month - 1 + count
    return Period(first, date(first.year + months // 12, months % 12 + 1, 1) - _DAY)


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the clinic is closed: days of every week (0: Monday), and single days."""

    weekdays: frozenset[int] = frozenset()
    days: frozenset[date] = frozenset()

    def open(self, day: date) -> bool:
        """Whether anybody is there that day."""
        return day.weekday() not in self.weekdays and day not in self.days

    def last_open(self, first: date, last: date) -> date | None:
        """The last open day from `first` to `last`; None where all of them are closed."""
        days = (last - timedelta(days=back) for back in range((last - first).days + 1))
        return next((day for day in days if self.open(day)), None)

    def next_open(self, first: date, last: date) -> date | None:
        """The first open day from `first` to `last`; None where all of them are closed."""
        days = (first + timedelta(days=on) for on in range((last - first).days + 1))
        return next((day for day in days if self.open(day)), None)


@dataclass(frozen=True, slots=True)
class AfterRuns:
    """Due once that many runs of a protocol about the same subject have ended since."""

    runs: int
    of: str


@dataclass(frozen=True, slots=True)
class AfterEvent:
    """Due once this has happened to the subject, or to the clinic as a whole, since."""

    event: str


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often, and on which day of the period (1 is its first; None: its last open day)."""

    every: str
    on: int | None = None

    def day(self, within: Period, calendar: Calendar) -> date | None:
        """The day on which it is to be done. A closed day moves it to the last open one before in the same period, and
        where there is none to the first after; a period that is closed altogether asks for nothing."""
        on = within.last if self.on is None else min(within.first + timedelta(days=self.on - 1), within.last)
        return calendar.last_open(within.first, on) or calendar.next_open(on, within.last)

    def before(self, today: date, calendar: Calendar) -> Period | None:
        """The last period before today's in which the clinic was open; None where that is long ago."""
        found = period(self.every, today)
        for _ in range(MOST_PERIODS_BACK):
            found = period(self.every, found.first - _DAY)
            if calendar.last_open(found.first, found.last) is not None:
                return found
        return None

    def missed(self, today: date, calendar: Calendar, last: date | None, record_since: date) -> tuple[Period, ...]:
        """The periods before this one that went by in a row without their run, newest first and at most `MOST_MISSED`;
        none once anything has made up for them. `last`: when it was last begun. What went by before the record began
        was not missed."""
        gone: list[Period] = []
        found = self.before(today, calendar)
        while found is not None and len(gone) < MOST_MISSED:
            if record_since >= found.first or (last is not None and last >= found.first):
                break
            gone.append(found)
            found = self.before(found.first, calendar)
        return tuple(gone)


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when: a time of a day, or the end of it."""

    day: date
    by: time | None
    zone: ZoneInfo

    @property
    def moment(self) -> datetime:
        """The last moment at which it is in time: in the night in which the clocks are set back, the second of two; in
        the other one, that long after the hour began that is left out."""
        if self.by is not None:
            by = datetime.combine(self.day, self.by, tzinfo=self.zone)
            return max(by.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        return datetime.combine(self.day + _DAY, time(), tzinfo=self.zone).astimezone(UTC) - _INSTANT

    def passed(self, now: datetime) -> bool:
        """Whether it is too late."""
        return now > self.moment

    def soon(self, now: datetime, every: str) -> bool:
        """Whether it must be done very soon, for what comes that often."""
        if self.passed(now):
            return False
        if every in LONGEST:
            return now.astimezone(self.zone).date() == self.day
        return self.moment - now <= SOON


def deadline_in(
    line: Rhythm,
    by: time | None,
    calendar: Calendar,
    *,
    last: date | None,
    since: datetime,
    now: datetime,
    zone: ZoneInfo,
) -> Deadline | None:
    """By when it is to be done in the period of now; None where it was begun in it already (`last`), or where nothing
    is asked: on a closed day nothing falls due, but what is late stays so. Nobody is late for what was to be done
    before the record began (`since`): that day has until its end, and one that was over asks for nothing."""
    today = now.astimezone(zone).date()
    within = period(line.every, today)
    day = line.day(within, calendar)
    if day is None or (last is not None and last >= within.first):
        return None
    found = Deadline(day, by, zone)
    if found.passed(since):
        found = Deadline(day, None, zone)
    asked = calendar.open(today) or found.day < today
    return found if asked and not found.passed(since) else None


def deadline_after(fell_due: datetime, by: time | None, calendar: Calendar, zone: ZoneInfo) -> Deadline:
    """By when something is to be done that fell due at a moment: that day, or the next on which anybody is there; with
    a time of day, the next such time."""
    local = fell_due.astimezone(zone)
    first = local.date() if by is None or local.time() <= by else local.date() + _DAY
    return Deadline(calendar.next_open(first, first + timedelta(days=LONGEST["year"])) or first, by, zone)
