"""The board at a glance: what is due, what is open, what ended when, what is set apart; all of it from the views.

Needs neither a protocol's text, nor names, nor the station's key, so that a script has its answer at once. Costs the
same however long the record is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.clinic import config as configuration
from checklist.clinic.histories import opened_to_read
from checklist.clinic.identifiers.apart import set_apart
from checklist.clinic.nearest import meant
from checklist.clinic.plan.planning import planned
from checklist.clinic.plan.waiting import follow_ups, reviews, tasks
from checklist.ledger.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.config import Config
    from checklist.clinic.folder import Folder
    from checklist.clinic.identifiers.apart import Held
    from checklist.clinic.plan.planning import Due, Missed
    from checklist.clinic.plan.waiting import FollowUp, Review, Task
    from checklist.ledger.entry import Json, Moment
    from checklist.ledger.reader import Reader

ENDED_SHOWN = 20
"""How many ended runs are shown."""


@dataclass(frozen=True, slots=True)
class OpenRow:
    """A run that goes on, without where it stands."""

    run: str
    protocol: str
    title: str
    subject: str
    since: str
    paused: bool
    overridden: int = 0
    """How many steps were overridden in it, or in another run of its session."""

    def data(self) -> dict[str, Json]:
        """The stable keys of `board --json`."""
        return {
            "run": self.run,
            "protocol": self.protocol,
            "subject": self.subject,
            "since": self.since,
            "paused": self.paused,
            "overridden": self.overridden,
        }


@dataclass(frozen=True, slots=True)
class EndedRow:
    """A run that ended, and how. `holder` is an operator's id."""

    run: str
    protocol: str
    title: str
    subject: str
    outcome: str
    ended: str
    deviations: int
    holder: str | None
    overridden: int = 0
    """How many steps were overridden in it, or in another run of its session."""


@dataclass(frozen=True, slots=True)
class Unattributed:
    """A run that was begun without signing in, and that nobody yet said they did. `ended` is None while it goes on."""

    run: str
    protocol: str
    title: str
    subject: str
    since: str
    ended: str | None

    def data(self) -> dict[str, Json]:
        """The stable keys of `board --json`."""
        return {
            "run": self.run,
            "protocol": self.protocol,
            "subject": self.subject,
            "since": self.since,
            "ended": self.ended,
        }


@dataclass(frozen=True, slots=True)
class SetApart:
    """An identifier that must not be used."""

    kind: str
    value: str
    since: str

    def data(self) -> dict[str, Json]:
        """The stable keys of `board --json`."""
        return {"identifier": f"{self.kind}={self.value}", "subject": "", "since": self.since}


@dataclass(frozen=True, slots=True)
class Glance:
    """All of it at one moment."""

    due: tuple[Due, ...]
    open: tuple[OpenRow, ...]
    ended: tuple[EndedRow, ...]
    quarantined: tuple[SetApart, ...]
    recalled: tuple[SetApart, ...]
    unattributed: tuple[Unattributed, ...] = ()
    missed: tuple[Missed, ...] = ()
    tasks: tuple[Task, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    reviews: tuple[Review, ...] = ()
    faults: tuple[str, ...] = ()
    """What could not be read, each in a sentence."""

    @property
    def overdue(self) -> tuple[Due, ...]:
        """What should have been done by now."""
        return tuple(due for due in self.due if due.overdue)

    @property
    def late(self) -> tuple[Due | Task | Review, ...]:
        """Everything that has a deadline which has passed."""
        waiting: tuple[Task | Review, ...] = (*self.tasks, *self.reviews)
        return (*self.overdue, *(one for one in waiting if one.overdue))

    @property
    def calm(self) -> bool:
        """Whether nothing is late, and nothing was missed: the answer that `board` gives as its exit code."""
        return not (self.late or self.missed)

    def data(self) -> dict[str, Json]:
        """The stable keys of `board --json`."""
        return {
            "due": [due.data() for due in self.due if not due.overdue],
            "overdue": [due.data() for due in self.overdue],
            "open": [run.data() for run in self.open],
            "quarantined": [item.data() for item in self.quarantined],
            "recalled": [item.data() for item in self.recalled],
            "unattributed": [run.data() for run in self.unattributed],
            "missed": [one.data() for one in self.missed],
            "tasks": [one.data() for one in self.tasks],
            "follow_ups": [one.data() for one in self.follow_ups],
            "reviews": [one.data() for one in self.reviews],
            "faults": list(self.faults),
        }


def glance_at(folder: Folder) -> Glance:
    """The glance at a folder, read only. Raises ClinicError, or LedgerError where its ledger cannot be read."""
    settings = configuration.load(folder.config)
    with opened_to_read(folder) as (readers, unreadable):
        return glance(readers, settings, SystemClock(settings.clinic.timezone)(), unreadable)


def glance(readers: Sequence[Reader], settings: Config, now: Moment, faults: Sequence[str] = ()) -> Glance:
    """The glance at these ledgers, of which the last is the one in use."""
    due, missed = planned(readers, settings, now)
    held = set_apart(readers)
    return Glance(
        due=due,
        open=_open(readers[-1]),
        ended=_ended(readers),
        quarantined=_set_apart(held, "quarantined"),
        recalled=_set_apart(held, "recalled"),
        unattributed=_unattributed(readers[-1]),
        missed=missed,
        tasks=tasks(readers, now),
        follow_ups=follow_ups(readers),
        reviews=reviews(readers, now),
        faults=(*_clock_faults(readers[-1], now), *_schedule_faults(readers[-1], settings), *faults),
    )


def _schedule_faults(reader: Reader, settings: Config) -> list[str]:
    """A line about a protocol that is not there never comes due: silence would be taken for being done."""
    asked = list(dict.fromkeys(line.protocol for line in settings.schedule))
    if not asked:
        return []
    known = [str(name) for (name,) in reader.query("SELECT id FROM in_force")]
    lost = [f"“{name}”{meant(name, known)}" for name in asked if name not in known]
    return [f"Schedule: not in force: {', '.join(lost)}. Mend clinic.toml, or adopt it."] if lost else []


def _clock_faults(reader: Reader, now: Moment) -> list[str]:
    last = reader.last()
    if last is None or now.at >= last.at:
        return []
    from checklist.clinic.visits.trusting import set_back  # heavy, and almost never needed

    behind = set_back(reader, now)
    return [behind.why] if behind else []


# Of the run itself, of every other run of its session, and of its gates. Our own text, in which no value stands, so it
# may be put into a question (the S608 below).
_OVERRIDDEN = (
    "(SELECT count(*) FROM overridden WHERE overridden.run = run.run"
    " OR (run.session IS NOT NULL AND overridden.session = run.session))"
    " + (SELECT count(*) FROM clearance WHERE clearance.session = run.session AND clearance.overridden IS NOT NULL)"
)


def _open(reader: Reader) -> tuple[OpenRow, ...]:
    rows = reader.query(
        f"SELECT run, protocol, coalesce(title, protocol), subject, started, paused, {_OVERRIDDEN}"  # noqa: S608
        " FROM run LEFT JOIN edition USING (sha256) WHERE outcome = 'open' ORDER BY run.idx"
    )
    return tuple(
        OpenRow(
            run=str(row[0]),
            protocol=str(row[1]),
            title=str(row[2]),
            subject=str(row[3]),
            since=str(row[4]),
            paused=bool(row[5]),
            overridden=int(str(row[6])),
        )
        for row in rows
    )


def _unattributed(reader: Reader) -> tuple[Unattributed, ...]:
    """Of the ledger in use: to what came before a restore nobody can put their name any more."""
    rows = reader.query(
        "SELECT run, protocol, coalesce(title, protocol), subject, started, ended"
        " FROM run LEFT JOIN edition USING (sha256) WHERE unattributed = 1 ORDER BY run.idx"
    )
    return tuple(
        Unattributed(
            run=str(row[0]),
            protocol=str(row[1]),
            title=str(row[2]),
            subject=str(row[3]),
            since=str(row[4]),
            ended=None if row[5] is None else str(row[5]),
        )
        for row in rows
    )


def _ended(readers: Sequence[Reader]) -> tuple[EndedRow, ...]:
    found = [
        row
        for reader in readers
        for row in reader.query(
            "SELECT run, protocol, coalesce(title, protocol), subject, outcome, ended, deviations, holder,"  # noqa: S608
            f" {_OVERRIDDEN}"
            " FROM run LEFT JOIN edition USING (sha256) WHERE ended IS NOT NULL ORDER BY ended DESC LIMIT ?",
            (ENDED_SHOWN,),
        )
    ]
    rows = sorted(found, key=lambda row: str(row[5]), reverse=True)[:ENDED_SHOWN]
    return tuple(
        EndedRow(
            run=str(row[0]),
            protocol=str(row[1]),
            title=str(row[2]),
            subject=str(row[3]),
            outcome=str(row[4]),
            ended=str(row[5]),
            deviations=int(str(row[6])),
            holder=None if row[7] is None else str(row[7]),
            overridden=int(str(row[8])),
        )
        for row in rows
    )


def _set_apart(held: Held, state: str) -> tuple[SetApart, ...]:
    found = sorted((apart.since, *named) for named, apart in held.items() if apart.state == state)
    return tuple(SetApart(kind, value, since) for since, kind, value in found)
