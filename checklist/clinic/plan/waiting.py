"""What waits beside the plan: steps that were put off, protocols that a failure asks for, and overrides to be reviewed.

From the views of the ledger in use: to what came before a restore nothing can be added any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from checklist.ledger.entry import Json, Moment
    from checklist.ledger.reader import Reader

SHOWN: Final = 100
"""At most so many of each: those that are latest."""


@dataclass(frozen=True, slots=True)
class Task:
    """A step of a run that was put off, to be done by `until`. `words` is what is to be done, where that was asked."""

    run: str
    protocol: str
    title: str
    subject: str
    step: str
    until: str
    overdue: bool
    since: str
    sha256: str = ""
    words: str = ""

    @property
    def key(self) -> str:
        """What it is, and by when."""
        return f"{self.run} {self.step} {self.until}"

    def data(self) -> dict[str, Json]:
        """The stable keys of `board --json`."""
        return {
            "run": self.run,
            "protocol": self.protocol,
            "subject": self.subject,
            "step": self.step,
            "by": self.until,
            "since": self.since,
            "overdue": self.overdue,
        }


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A protocol that the failure of a step (`step` of `run`) asks for, and that nobody has begun. `subject` and
    `session` are what failed; the protocol may be about something else."""

    protocol: str
    title: str
    subject: str
    session: str | None
    run: str
    step: str
    since: str

    def data(self) -> dict[str, Json]:
        """The stable keys of `board --json`."""
        return {
            "protocol": self.protocol,
            "subject": self.subject,
            "run": self.run,
            "step": self.step,
            "since": self.since,
        }


@dataclass(frozen=True, slots=True)
class Review:
    """A start without a GO, which a lead must look at by `by`. `entry` is the place of the override."""

    entry: str
    procedure: str
    title: str
    subject: str
    session: str | None
    by: str
    overdue: bool
    since: str

    @property
    def key(self) -> str:
        """What it is, and by when."""
        return f"{self.entry} {self.by}"

    def data(self) -> dict[str, Json]:
        """The stable keys of `board --json`."""
        return {
            "procedure": self.procedure,
            "subject": self.subject,
            "session": self.session,
            "entry": self.entry,
            "by": self.by,
            "since": self.since,
            "overdue": self.overdue,
        }


def tasks(reader: Reader, now: Moment) -> tuple[Task, ...]:
    """What was put off and not done since, what is to be done first at the head."""
    rows = reader.query(
        "SELECT run, protocol, coalesce(title, protocol), subject, step, until, at, sha256"
        " FROM put_off CROSS JOIN run USING (run) LEFT JOIN edition USING (sha256) ORDER BY until LIMIT ?",
        (SHOWN,),
    )
    return tuple(_task(row, now) for row in rows)


def carried(reader: Reader, protocol: str, subject: str, run: str, now: Moment) -> tuple[Task, ...]:
    """What was put off in other runs of this protocol about the same, for whoever starts this one."""
    rows = reader.query(
        "SELECT run, protocol, coalesce(title, protocol), subject, step, until, at, sha256"
        " FROM put_off CROSS JOIN run USING (run) LEFT JOIN edition USING (sha256)"
        " WHERE protocol = ? AND subject = ? AND run <> ? ORDER BY until LIMIT ?",
        (protocol, subject, run, SHOWN),
    )
    return tuple(_task(row, now) for row in rows)


def follow_ups(reader: Reader, run: str | None = None) -> tuple[FollowUp, ...]:
    """What failures ask for and nobody has begun, oldest first; those of one run, or all."""
    columns = (
        "SELECT protocol, coalesce(in_force.title, protocol), follow_up.subject, session, run, step, at FROM follow_up"
    )
    found = " LEFT JOIN in_force ON in_force.id = protocol WHERE begun IS NULL"
    if run is not None:
        rows = reader.query(f"{columns}{found} AND run = ? ORDER BY follow_up.idx", (run,))
    else:
        rows = reader.query(f"{columns} INDEXED BY follow_up_waits{found} ORDER BY follow_up.idx LIMIT ?", (SHOWN,))
    return tuple(
        FollowUp(
            protocol=str(row[0]),
            title=str(row[1]),
            subject=str(row[2]),
            session=None if row[3] is None else str(row[3]),
            run=str(row[4]),
            step=str(row[5]),
            since=str(row[6]),
        )
        for row in rows
    )


def reviews(reader: Reader, now: Moment) -> tuple[Review, ...]:
    """The starts without a GO that nobody has looked at, what is to be looked at first at the head."""
    rows = reader.query(
        "SELECT overridden, procedure, coalesce(title, procedure), subject, session, review, at"
        " FROM clearance LEFT JOIN text_in_force ON text_in_force.id = procedure"
        " WHERE review IS NOT NULL ORDER BY review LIMIT ?",
        (SHOWN,),
    )
    return tuple(
        Review(
            entry=f"{reader.station}#{row[0]}",
            procedure=str(row[1]),
            title=str(row[2]),
            subject=str(row[3]),
            session=None if row[4] is None else str(row[4]),
            by=str(row[5]),
            overdue=_passed(str(row[5]), now),
            since=str(row[6]),
        )
        for row in rows
    )


def _task(row: tuple[object, ...], now: Moment) -> Task:
    until = _utc(str(row[5]), now)
    return Task(
        run=str(row[0]),
        protocol=str(row[1]),
        title=str(row[2]),
        subject=str(row[3]),
        step=str(row[4]),
        until=until,
        overdue=_passed(until, now),
        since=str(row[6]),
        sha256=str(row[7]),
    )


def _passed(by: str, now: Moment) -> bool:
    return datetime.fromisoformat(now.at) > datetime.fromisoformat(by)


def _utc(until: str, now: Moment) -> str:
    """A moment as the record keeps it; a day means its end in the clinic's zone. What is neither is due already."""
    try:
        found = datetime.fromisoformat(until)
    except ValueError:
        return now.at
    if len(until) == len("2027-03-31"):
        found = datetime.combine(found.date() + timedelta(days=1), time()) - timedelta(seconds=1)
    aware = found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(now.zone))
    return f"{aware.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
