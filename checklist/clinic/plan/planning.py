"""The plan against the record: what the lines of the schedule ask for now, and what went by without being done.

From the views alone, without a protocol's text; costs the same however long the record is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from checklist.clinic.moments import time_of
from checklist.clinic.plan.schedule import MOST_MISSED, AfterRuns, Deadline, deadline_after, deadline_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from checklist.clinic.config import Config
    from checklist.clinic.plan.plan_tables import Schedule
    from checklist.clinic.plan.schedule import AfterEvent
    from checklist.ledger.entry import Json, Moment
    from checklist.ledger.reader import Reader


@dataclass(frozen=True, slots=True)
class Due:
    """Something the plan asks for now. `day` is by when; `by` the time on it, ISO 8601 in the clinic's zone, or None
    for the whole day. `why` says what made it due, where that was not the calendar."""

    protocol: str
    title: str
    subject: str
    by: str | None
    overdue: bool
    last: str | None
    day: str
    soon: bool
    moment: datetime
    """The last moment at which it is in time."""
    every: str = "day"
    why: str = ""

    @property
    def key(self) -> str:
        """What it is, and by when: the same for as long as it is not done."""
        return f"{self.protocol} {self.subject} {self.by or self.day}"

    def data(self) -> dict[str, Json]:
        """The stable keys of `board --json`."""
        return {
            "protocol": self.protocol,
            "subject": self.subject,
            "by": self.by,
            "since": self.last,
            "day": self.day,
            "soon": self.soon,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Missed:
    """The last day, week or longer (`first` to `last`) that went by without what the plan asks for; not made up for
    since. `times` says how many went by in a row, and `begin` with which day the first of them began."""

    protocol: str
    title: str
    subject: str
    first: str
    last: str
    since: str | None
    times: int = 1
    begin: str = ""

    @property
    def often(self) -> str:
        """How often, where that was more than once: "3 times since 2026-11-18"."""
        more = " or more" if self.times >= MOST_MISSED else ""
        return f"{self.times} times{more} since {self.begin}" if self.times > 1 else ""

    def data(self) -> dict[str, Json]:
        """The stable keys of `board --json`."""
        return {
            "protocol": self.protocol,
            "subject": self.subject,
            "from": self.first,
            "until": self.last,
            "since": self.since,
            "times": self.times,
            "begin": self.begin,
        }


@dataclass(frozen=True, slots=True)
class _Done:
    """When something was last begun and brought to its end; `reader` and `index` say where that stands."""

    started: datetime
    ended: str
    reader: int
    index: int


def planned(readers: Sequence[Reader], settings: Config, now: Moment) -> tuple[tuple[Due, ...], tuple[Missed, ...]]:
    """What the plan asks for now, what is latest first, and what was missed; once for each protocol and subject."""
    if not settings.schedule:
        return (), ()
    asked = _Asked(readers, settings, now)
    due: dict[tuple[str, str], Due] = {}
    missed: dict[tuple[str, str], Missed] = {}
    for line in settings.schedule:
        for one in asked.line(line):
            key = (one.protocol, one.subject)
            if isinstance(one, Missed):
                missed.setdefault(key, one)
            elif key not in due or one.moment < due[key].moment:
                due[key] = one
    return tuple(sorted(due.values(), key=lambda one: one.moment)), tuple(missed.values())


class _Asked:
    """One look at the record, at one moment."""

    def __init__(self, readers: Sequence[Reader], settings: Config, now: Moment) -> None:
        self._readers = readers
        self._settings = settings
        self._now_at = now.at
        self._now = datetime.fromisoformat(now.at)
        self._zone = ZoneInfo(now.zone)
        began = next((reader.entry(0).at for reader in readers if reader.size), now.at)
        self._began = time_of(began)

    def line(self, line: Schedule) -> Iterator[Due | Missed]:
        """What one line of the schedule asks for, about each thing that it is about."""
        rows = self._readers[-1].query("SELECT title, subject, equipment FROM in_force WHERE id = ?", (line.protocol,))
        for title, kind, kinds in rows:
            for subject in self._subjects(line, str(kind), json.loads(str(kinds))):
                yield from self._about(line, str(title), subject)

    def _subjects(self, line: Schedule, kind: str, kinds: Sequence[str]) -> list[str]:
        if line.subject:
            return [line.subject]
        return [subject for subject, _ in self._settings.subjects(kind, kinds)]

    def _about(self, line: Schedule, title: str, subject: str) -> Iterator[Due | Missed]:
        calendar = self._settings.calendar
        done = self._last(line.protocol, subject)
        last = self._day(done.started) if done is not None else None
        ended = done.ended if done is not None else None
        if line.rhythm is not None:
            deadline = deadline_in(
                line.rhythm, line.by, calendar, last=last, since=self._began, now=self._now, zone=self._zone
            )
            if deadline is not None:
                yield self._due(line, title, subject, deadline, ended)
            went_by = line.rhythm.missed(self._day(self._now), calendar, last, self._day(self._began))
            if went_by:
                days = went_by[0].first.isoformat(), went_by[0].last.isoformat()
                often = len(went_by), went_by[-1].first.isoformat()
                yield Missed(line.protocol, title, subject, *days, ended, *often)
        elif line.after is not None:
            fell_due = self._fell_due(line.after, subject, done)
            if fell_due is not None:
                deadline = deadline_after(fell_due, line.by, calendar, self._zone)
                if calendar.open(self._day(self._now)) or deadline.passed(self._now):
                    yield self._due(line, title, subject, deadline, ended)

    def _due(self, line: Schedule, title: str, subject: str, deadline: Deadline, last: str | None) -> Due:
        by = None
        if deadline.by is not None:
            by = datetime.combine(deadline.day, deadline.by, tzinfo=self._zone).isoformat()
        return Due(
            protocol=line.protocol,
            title=title,
            subject=subject,
            by=by,
            overdue=deadline.passed(self._now),
            last=last,
            day=deadline.day.isoformat(),
            soon=deadline.soon(self._now, line.every),
            moment=deadline.moment,
            every=line.every,
            why=_why(line.after) if line.after is not None else "",
        )

    def _last(self, protocol: str, subject: str) -> _Done | None:
        """The completion that was begun last. When it was begun counts, not when it ended: a correction of yesterday's
        run ends today and does nothing for today."""
        found = [
            _Done(time_of(str(row[0])), str(row[1]), number, int(str(row[2])))
            for number, reader in enumerate(self._readers)
            for row in reader.query(
                # What a wrong clock has put into the future never counts: it would silence the board until then.
                "SELECT started, ended, idx FROM run INDEXED BY run_of_protocol"
                " WHERE protocol = ? AND subject = ? AND outcome = 'complete'"
                # Nor does what nobody stands for: somebody may have walked it to have it off the board.
                " AND unattributed = 0 AND started <= ? ORDER BY idx DESC LIMIT 1",
                (protocol, subject, self._now_at),
            )
        ]
        return max(found, key=lambda one: one.started, default=None)

    def _fell_due(self, after: AfterRuns | AfterEvent, subject: str, done: _Done | None) -> datetime | None:
        """When what a line waits for had come about, since it was last done; None where it has not."""
        if isinstance(after, AfterRuns):
            # However it ended, and whoever stands for it: what was used was used.
            question = (
                "SELECT ended FROM run INDEXED BY run_of WHERE protocol = ? AND subject = ? AND idx > ?"
                " AND ended IS NOT NULL ORDER BY idx LIMIT ?"
            )
            found = self._since(question, (after.of, subject), done, after.runs)
            return found[after.runs - 1] if len(found) >= after.runs else None
        question = (
            "SELECT at FROM happened INDEXED BY happened_event WHERE event = ?"
            " AND (? IN (subject, 'clinic') OR subject = 'clinic') AND idx > ? ORDER BY idx LIMIT ?"
        )
        return next(iter(self._since(question, (after.event, subject), done, 1)), None)

    def _since(self, question: str, about: tuple[str, str], done: _Done | None, most: int) -> list[datetime]:
        """At most so many moments from where something was last done, ledger after ledger."""
        found: list[datetime] = []
        for number, reader in enumerate(self._readers):
            if done is not None and number < done.reader:
                continue
            index = done.index if done is not None and number == done.reader else -1
            rows = reader.query(question, (*about, index, most - len(found)))
            found += [time_of(str(row[0])) for row in rows]
        return found

    def _day(self, moment: datetime) -> date:
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(self._zone).date()


def _why(after: AfterRuns | AfterEvent) -> str:
    if isinstance(after, AfterRuns):
        return f"after {after.of}" if after.runs == 1 else f"after {after.runs} of {after.of}"
    return f"after {after.event}"
