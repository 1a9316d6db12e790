"""What the plan asked for in the past: every occurrence of every line until yesterday, and what came of it.

Each day by the plan that was in force on it (see `configured`), from the day after a protocol was first adopted here.
Pure but for the few questions to the ledgers' views and the catalogue.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from checklist.clinic.plan.schedule import AfterRuns, Deadline, Period, deadline_after, period

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from datetime import date

    from checklist.clinic.plan.configured import Plan
    from checklist.clinic.plan.plan_tables import Schedule
    from checklist.clinic.plan.schedule import Calendar, Rhythm
    from checklist.ledger.reader import Reader

DONE: Final = "done"
LATE: Final = "late"
MISSED: Final = "missed"
UNKNOWN: Final = "unknown"
"""Nothing on record did it in time, and entries of that time cannot be read."""

_DAY: Final = timedelta(days=1)
_EVER: Final = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
# Each entry that cannot be read lies between two that can, or is one of the first or of the last.
_LOST: Final = """
    SELECT DISTINCT (SELECT at FROM entry WHERE entry.n < damage.n ORDER BY entry.n DESC LIMIT 1),
        (SELECT at FROM entry WHERE entry.n > damage.n ORDER BY entry.n LIMIT 1)
    FROM damage WHERE NOT EXISTS (SELECT 1 FROM damage AS before WHERE before.n = damage.n - 1)
"""
_DONE_RUNS: Final = (  # what nobody stands for does not count, as on the board
    "SELECT at, n FROM run WHERE protocol = ? AND subject = ? AND outcome = 'complete'"
    " AND coalesce(starter, attributed) IS NOT NULL ORDER BY at"
)


@dataclass(frozen=True, slots=True)
class Expected:
    """One row of `planned`: `day` and `due` say by when; `run` is the number of what fulfilled it."""

    protocol: str
    subject: str
    day: str
    due: str
    state: str
    run: int | None


@dataclass(frozen=True, slots=True)
class _Runs:
    """When something was begun, oldest first, and the number of that run."""

    begun: list[datetime]
    numbers: list[int]

    def first(self, since: datetime, before: datetime | None = None) -> tuple[datetime, int] | None:
        """The first that was begun from then on, and before then."""
        at = bisect_left(self.begun, since)
        if at == len(self.begun) or (before is not None and self.begun[at] >= before):
            return None
        return self.begun[at], self.numbers[at]

    def last(self, before: datetime) -> datetime | None:
        """When it was last begun before or at that moment."""
        at = bisect_right(self.begun, before)
        return self.begun[at - 1] if at else None


def expected(db: sqlite3.Connection, readers: Sequence[Reader], known: Sequence[Plan], today: date) -> list[Expected]:
    """What each plan asked for on the days on which it was in force, before today. `db` is the catalogue."""
    found: dict[tuple[str, str, str], Expected] = {}
    begun: dict[tuple[str, str], _Runs] = {}  # of each protocol and subject, whatever the plan
    lost = _lost(db)
    for plan in known:
        past = _Past(db, readers, plan, today, begun, lost)
        for line in plan.settings.schedule:
            for one in past.line(line):
                found.setdefault((one.protocol, one.subject, one.due), one)
    return list(found.values())


def _lost(db: sqlite3.Connection) -> list[tuple[datetime, datetime]]:
    """The times of which entries cannot be read."""
    return [
        (datetime.fromisoformat(since) if since else _EVER[0], datetime.fromisoformat(until) if until else _EVER[1])
        for since, until in db.execute(_LOST)
    ]


class _Past:
    def __init__(
        self,
        db: sqlite3.Connection,
        readers: Sequence[Reader],
        plan: Plan,
        today: date,
        begun: dict[tuple[str, str], _Runs],
        lost: Sequence[tuple[datetime, datetime]],
    ) -> None:
        self._begun = begun
        self._lost = lost
        self._db = db
        self._readers = readers
        self._plan = plan
        self._settings = plan.settings
        self._today = today
        self._zone = ZoneInfo(plan.settings.clinic.timezone)
        self._over = self._midnight(today)

    def line(self, line: Schedule) -> Iterator[Expected]:
        first = self._db.execute(
            "SELECT min(at) FROM entry WHERE kind = 'protocol.adopted' AND protocol = ?", (line.protocol,)
        ).fetchone()[0]
        rows = self._readers[-1].query("SELECT subject, equipment FROM in_force WHERE id = ?", (line.protocol,))
        for kind, kinds in rows if first is not None else ():
            listed = [subject for subject, _ in self._settings.subjects(str(kind), json.loads(str(kinds)))]
            for subject in [line.subject] if line.subject else listed:
                done = self._runs(line.protocol, subject)
                since = datetime.fromisoformat(first)
                if line.rhythm is not None:
                    yield from self._rhythm(line, line.rhythm, subject, done, since)
                else:
                    yield from self._after(line, subject, done, since)

    def _rhythm(self, line: Schedule, rhythm: Rhythm, subject: str, done: _Runs, since: datetime) -> Iterator[Expected]:
        began = since.astimezone(self._zone).date()
        calendar = self._settings.calendar
        for within in _periods(rhythm, max(began, self._plan.after or began), self._today, self._plan.until):
            day = rhythm.day(within, calendar)
            if day is None or not self._plan.holds(day):
                continue
            deadline = Deadline(day, line.by, self._zone)
            opens, closes = self._midnight(within.first), self._midnight(within.last + _DAY)
            found = done.first(opens, closes)
            if found is None and (within.first <= began or not _asked(within, calendar)):
                continue  # what went by before the record began was not missed
            yield self._row(line.protocol, subject, deadline, (opens, closes), found)

    def _after(self, line: Schedule, subject: str, done: _Runs, since: datetime) -> Iterator[Expected]:
        """What falls due after so many runs, or an event, counted from when it was last done."""
        causes, count = self._causes(line, subject)
        base = since
        while True:
            at = bisect_right(causes, base) + count - 1
            if at >= len(causes):
                return
            fell_due = causes[at]
            early = done.last(fell_due)
            if early is not None and early > base:
                base = early
                continue
            deadline = deadline_after(fell_due, line.by, self._settings.calendar, self._zone)
            found = done.first(fell_due)
            if deadline.moment >= self._over and found is None:
                return
            if self._plan.holds(deadline.day):
                yield self._row(line.protocol, subject, deadline, (fell_due, self._over), found)
            if found is None:
                return
            base = found[0]

    def _causes(self, line: Schedule, subject: str) -> tuple[list[datetime], int]:
        """When what a line waits for came about, oldest first, and how many of that it takes."""
        after = line.after
        if isinstance(after, AfterRuns):
            rows: Sequence[tuple[object, ...]] = self._db.execute(
                "SELECT ended FROM run WHERE protocol = ? AND subject = ? AND ended IS NOT NULL", (after.of, subject)
            ).fetchall()
            count = after.runs
        else:
            question = "SELECT at FROM happened WHERE event = ? AND (? IN (subject, 'clinic') OR subject = 'clinic')"
            about = (after.event if after is not None else "", subject)
            rows = [row for reader in self._readers for row in reader.query(question, about)]
            count = 1
        return sorted(datetime.fromisoformat(str(at)) for (at,) in rows), count

    def _row(
        self,
        protocol: str,
        subject: str,
        deadline: Deadline,
        within: tuple[datetime, datetime],
        found: tuple[datetime, int] | None,
    ) -> Expected:
        """`within`: from when until when a run counts for it."""
        state = MISSED if found is None else DONE if found[0] <= deadline.moment else LATE
        opens, closes = within[0], within[1] if found is None else deadline.moment
        if state != DONE and any(since <= closes and opens <= until for since, until in self._lost):
            state = UNKNOWN
        due = f"{deadline.moment:%Y-%m-%dT%H:%M:%S.%fZ}"
        return Expected(protocol, subject, deadline.day.isoformat(), due, state, found[1] if found else None)

    def _runs(self, protocol: str, subject: str) -> _Runs:
        known = self._begun.get((protocol, subject))
        if known is None:
            rows = self._db.execute(_DONE_RUNS, (protocol, subject)).fetchall()
            known = _Runs([datetime.fromisoformat(at) for at, _ in rows], [n for _, n in rows])
            self._begun[protocol, subject] = known
        return known

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, datetime.min.time(), tzinfo=self._zone).astimezone(UTC)


def _periods(rhythm: Rhythm, began: date, today: date, until: date | None) -> Iterator[Period]:
    """Every period from the one of a day on, up to the last that is over, or that begins by `until`."""
    within = period(rhythm.every, began)
    while within.last < today and (until is None or within.first <= until):
        yield within
        within = period(rhythm.every, within.last + _DAY)


def _asked(within: Period, calendar: Calendar) -> bool:
    """Whether anybody was there at all in this time."""
    return calendar.last_open(within.first, within.last) is not None
