"""What waits beside the plan: steps put off, protocols that a failure or a recall asks for, overrides to be reviewed.

From the views of every ledger of the folder. To one that a restore left nothing is added any more: what waits in it is
settled by what was done about the same in a later one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from checklist.clinic.run_views import reviewed_since

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from checklist.ledger.entry import Json, Moment
    from checklist.ledger.reader import Reader

SHOWN: Final = 100
"""At most so many of each: those that are latest."""

_COUNTS: Final = "'open', 'complete', 'complete-except-deferred'"
"""The outcomes of a run that answers for a failure; one that came to nothing leaves it waiting."""


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
    earlier: bool = False
    """Whether its run stands in a ledger that a restore left: nobody goes on with it, its protocol is walked anew."""

    @property
    def visit(self) -> str | None:
        """The visit that it is about, where it is about one."""
        kind, _, named = self.subject.partition("=")
        return named if kind == "session" else None

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
            "earlier": self.earlier,
        }


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A protocol that the failure of a step (`step` of `run`) or a recall asks for, and that nobody has begun.

    `subject` and `session` are what failed; the protocol may be about something else. `recalled` is what was called
    back, as “lot L1”; then there is no run, and no step.
    """

    protocol: str
    title: str
    subject: str
    session: str | None
    run: str
    step: str
    since: str
    recalled: str = ""

    @property
    def key(self) -> str:
        """What it is, and what asked for it."""
        return f"{self.protocol}:{self.run}:{self.step}:{self.recalled}"

    def data(self) -> dict[str, Json]:
        """The stable keys of `board --json`."""
        return {
            "protocol": self.protocol,
            "subject": self.subject,
            "run": self.run or None,
            "step": self.step or None,
            "recalled": self.recalled or None,
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


def tasks(readers: Sequence[Reader], now: Moment) -> tuple[Task, ...]:
    """What was put off and not done since, what is to be done first at the head."""
    return _tasks(readers, now, "", ())


def carried(readers: Sequence[Reader], protocol: str, subject: str, run: str, now: Moment) -> tuple[Task, ...]:
    """What was put off in other runs of this protocol about the same, for whoever starts this one."""
    return _tasks(readers, now, "WHERE protocol = ? AND subject = ? AND run <> ?", (protocol, subject, run))


def _tasks(readers: Sequence[Reader], now: Moment, which: str, values: Sequence[str]) -> tuple[Task, ...]:
    """`which` is our own text, in which no value stands."""
    found = [
        _task(row, now, earlier=bool(later))
        for reader, later in _each(readers)
        for row in reader.query(
            "SELECT run, protocol, coalesce(title, protocol), subject, step, until, at, sha256"  # noqa: S608 - see above
            f" FROM put_off CROSS JOIN run USING (run) LEFT JOIN edition USING (sha256) {which} ORDER BY until LIMIT ?",
            (*values, SHOWN),
        )
        if not _done_since(later, str(row[1]), str(row[3]))
    ]
    return tuple(sorted(found, key=lambda one: one.until)[:SHOWN])


def follow_ups(readers: Sequence[Reader], run: str | None = None) -> tuple[FollowUp, ...]:
    """What failures and recalls ask for and nobody has begun, oldest first; those of one run, or all."""
    which = "INDEXED BY follow_up_waits" if run is None else ""
    some, values = ("", ()) if run is None else (" AND run = ?", (run,))
    return tuple(
        FollowUp(
            protocol=str(row[0]),
            title=str(row[1]),
            subject=str(row[2]),
            session=None if row[3] is None else str(row[3]),
            run=str(row[4]),
            step=str(row[5]),
            since=str(row[6]),
            recalled="" if row[7] is None else str(row[7]),
        )
        for reader, later in _each(readers)
        for row in reader.query(
            "SELECT protocol, coalesce(in_force.title, protocol), follow_up.subject, session, run, step, at, recalled"  # noqa: S608 - constants of ours
            f" FROM follow_up {which} LEFT JOIN in_force ON in_force.id = protocol"
            f" WHERE begun IS NULL{some} ORDER BY follow_up.idx LIMIT ?",
            (*values, SHOWN),
        )
        if not answered_since(later, str(row[0]), str(row[2]))
    )


def recalls_dealt_with(readers: Sequence[Reader], run: str) -> tuple[str, ...]:
    """What was called back and asked for the list that is walked in this run, oldest first, as “lot L1”."""
    question = (
        "SELECT recalled FROM follow_up INDEXED BY follow_up_begun WHERE begun = ? AND recalled IS NOT NULL"
        " ORDER BY idx LIMIT ?"
    )
    return tuple(str(row[0]) for reader in readers for row in reader.query(question, (run, SHOWN)))


def answered_since(later: Sequence[Reader], protocol: str, subject: str) -> bool:
    """Whether what a failure in an earlier ledger asks for was begun in one of the later ones. It may be about
    something else: a steriliser, where a pack in a visit was bad."""
    kind = f"{subject.partition('=')[0]}="
    question = (
        f"SELECT 1 FROM run WHERE protocol = ? AND outcome IN ({_COUNTS})"  # noqa: S608 - a constant of this module
        " AND (subject = ? OR substr(subject || '=', 1, ?) <> ?) LIMIT 1"
    )
    return any(reader.query(question, (protocol, subject, len(kind), kind)) for reader in later)


def reviews(readers: Sequence[Reader], now: Moment) -> tuple[Review, ...]:
    """The starts without a GO that nobody has looked at, what is to be looked at first at the head."""
    found = [
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
        for reader, later in _each(readers)
        for row in reader.query(
            "SELECT overridden, procedure, coalesce(title, procedure), subject, session, review, at, passed"
            " FROM clearance LEFT JOIN text_in_force ON text_in_force.id = procedure"
            " WHERE review IS NOT NULL ORDER BY review LIMIT ?",
            (SHOWN,),
        )
        if not reviewed_since(later, reader.station, int(str(row[0])), str(row[7]))
    ]
    return tuple(sorted(found, key=lambda one: one.by)[:SHOWN])


def _each(readers: Sequence[Reader]) -> Iterator[tuple[Reader, Sequence[Reader]]]:
    """Each ledger with those that came after it: nothing is added to one that a restore left, so what was done about it
    since stands in them."""
    for number, reader in enumerate(readers, 1):
        yield reader, readers[number:]


def _done_since(later: Sequence[Reader], protocol: str, subject: str) -> bool:
    question = "SELECT 1 FROM run WHERE protocol = ? AND subject = ? AND outcome = 'complete' LIMIT 1"
    return any(reader.query(question, (protocol, subject)) for reader in later)


def _task(row: tuple[object, ...], now: Moment, *, earlier: bool) -> Task:
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
        earlier=earlier,
    )


def _passed(by: str, now: Moment) -> bool:
    return datetime.fromisoformat(now.at) > datetime.fromisoformat(by)


def _utc(until: str, now: Moment) -> str:
    """A moment as the record keeps it; a day means its end in the clinic's zone. What is neither is due already."""
    try:
        found = datetime.fromisoformat(until)
        if len(until) == len("2027-03-31"):
            found = datetime.combine(found.date(), time(23, 59, 59))
        aware = found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(now.zone))
        return f"{aware.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError):
        return now.at
