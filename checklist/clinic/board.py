"""What the board shows: what is due, what is open and where it stands, what ended when, and what is set apart.

Asks small questions of the views; costs the same however long the record is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from checklist.clinic.errors import ClinicError
from checklist.protocol.errors import ProtocolError
from checklist.run.state import Outcome
from checklist.run.timing import calendar_day, utc

if TYPE_CHECKING:
    from checklist.clinic.config import Schedule
    from checklist.clinic.library import InForce
    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Json, Moment
    from checklist.run.state import RunState

ENDED_SHOWN = 20
"""How many ended runs the board shows."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something the schedule asks for today. `by` is local time, ISO 8601, or None for the whole day."""

    protocol: str
    title: str
    subject: str
    by: str | None
    overdue: bool
    last: str | None

    def data(self) -> dict[str, Json]:
        """The stable keys of `board --json`."""
        return {"protocol": self.protocol, "subject": self.subject, "by": self.by, "since": self.last}


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run that goes on. `number` of `count` steps is where it stands."""

    state: RunState
    title: str
    holder: str
    number: int
    count: int

    def data(self) -> dict[str, Json]:
        """The stable keys of `board --json`."""
        current = self.state.current
        return {
            "run": self.state.run,
            "protocol": self.state.protocol.id,
            "subject": self.state.subject,
            "since": self.state.started.at,
            "step": current.id if current else None,
            "paused": self.state.paused,
        }


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that ended, and how."""

    run: str
    protocol: str
    title: str
    subject: str
    outcome: Outcome
    ended: str
    deviations: int
    holder: str


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
class Board:
    """The whole board at one moment."""

    due: tuple[Due, ...]
    open: tuple[OpenRun, ...]
    ended: tuple[Ended, ...]
    quarantined: tuple[SetApart, ...]
    recalled: tuple[SetApart, ...]
    faults: tuple[str, ...] = ()
    """What could not be shown, each in a sentence: a run whose protocol's text is lost, a ledger that is damaged."""

    @property
    def overdue(self) -> tuple[Due, ...]:
        """What should have been done by now."""
        return tuple(due for due in self.due if due.overdue)

    def data(self) -> dict[str, Json]:
        """The stable keys of `board --json`."""
        return {
            "due": [due.data() for due in self.due if not due.overdue],
            "overdue": [due.data() for due in self.overdue],
            "open": [run.data() for run in self.open],
            "quarantined": [item.data() for item in self.quarantined],
            "recalled": [item.data() for item in self.recalled],
            "faults": list(self.faults),
        }


def board(clinic: Clinic) -> Board:
    """The board of a clinic at this moment."""
    now = clinic.now()
    runs, faults = _open_runs(clinic)
    return Board(
        due=tuple(due for entry in clinic.settings.schedule if (due := _due(clinic, entry, now)) is not None),
        open=runs,
        ended=_ended(clinic),
        quarantined=_set_apart(clinic, "quarantined"),
        recalled=_set_apart(clinic, "recalled"),
        faults=(*faults, *clinic.unreadable()),
    )


def open_runs(clinic: Clinic) -> tuple[OpenRun, ...]:
    """The runs that go on, oldest first. One whose protocol cannot be read does not hide the others."""
    return _open_runs(clinic)[0]


def _open_runs(clinic: Clinic) -> tuple[tuple[OpenRun, ...], list[str]]:
    runs, faults = [], []
    for row in clinic.ledger.query("SELECT run FROM run WHERE outcome = 'open' ORDER BY idx"):
        try:
            runs.append(_open_run(clinic, clinic.run(str(row[0]))))
        except (ClinicError, ProtocolError) as error:
            faults.append(f"{row[0]}: {error}")
    return tuple(runs), faults


def _open_run(clinic: Clinic, state: RunState) -> OpenRun:
    current = state.current
    in_play = [step for step in state.protocol.steps if state.applies(step)]
    number = in_play.index(current) + 1 if current in in_play else len(in_play)
    return OpenRun(state, state.protocol.title, clinic.name_of(state.holder), number, len(in_play))


def _ended(clinic: Clinic) -> tuple[Ended, ...]:
    found = [
        row
        for reader in clinic.histories()
        for row in reader.query(
            "SELECT run, protocol, sha256, subject, outcome, ended, deviations, holder FROM run"
            " WHERE ended IS NOT NULL ORDER BY ended DESC LIMIT ?",
            (ENDED_SHOWN,),
        )
    ]
    rows = sorted(found, key=lambda row: str(row[5]), reverse=True)[:ENDED_SHOWN]
    return tuple(
        Ended(
            run=str(row[0]),
            protocol=str(row[1]),
            title=_title(clinic, str(row[1]), str(row[2])),
            subject=str(row[3]),
            outcome=Outcome(str(row[4])),
            ended=str(row[5]),
            deviations=int(str(row[6])),
            holder=clinic.name_of(str(row[7]) if row[7] is not None else None),
        )
        for row in rows
    )


def _set_apart(clinic: Clinic, state: str) -> tuple[SetApart, ...]:
    return tuple(
        SetApart(str(row[0]), str(row[1]), str(row[2]))
        for reader in clinic.histories()
        for row in reader.query("SELECT kind, value, at FROM set_apart WHERE state = ? ORDER BY at", (state,))
    )


def _due(clinic: Clinic, entry: Schedule, now: Moment) -> Due | None:
    """What a line of the schedule asks for now; None when it is done for this day, week or month."""
    in_force = clinic.library.in_force(clinic.ledger).get(entry.protocol)
    if in_force is None:
        return None
    title = _title(clinic, in_force.id, in_force.sha256)
    subject = entry.subject or _only_subject(clinic, in_force)
    completions = [
        (str(row[0]), str(row[1]))
        for reader in clinic.histories()
        for row in reader.query(
            "SELECT started, ended FROM run WHERE protocol = ? AND subject = ? AND outcome = 'complete'"
            " ORDER BY idx DESC LIMIT 1",
            (entry.protocol, subject),
        )
    ]
    started, last = max(completions, default=(None, None))
    zone = ZoneInfo(now.zone)
    today = calendar_day(now)
    begins = _period_start(today, entry.every)
    # When it was begun, not when it ended: a correction of yesterday's run ends today and does nothing for today.
    if started is not None and datetime.fromisoformat(started).astimezone(zone).date() >= begins:
        return None
    by = datetime.combine(today, entry.by, tzinfo=zone) if entry.by else None
    late = begins < today if entry.every != "day" else False
    overdue = late or (by is not None and utc(now) > by.astimezone(UTC))
    return Due(entry.protocol, title, subject, by.isoformat() if by else None, overdue, last)


def _title(clinic: Clinic, name: str, sha256: str) -> str:
    """A protocol's title; its id where the text cannot be read."""
    try:
        return clinic.library.by_digest(name, sha256).protocol.title
    except (ClinicError, ProtocolError):
        return name


def _only_subject(clinic: Clinic, in_force: InForce) -> str:
    """What a line of the schedule without a subject is about: the only room or machine there is, or the clinic."""
    try:
        kind = clinic.library.by_digest(in_force.id, in_force.sha256).protocol.subject
    except (ClinicError, ProtocolError):
        return "clinic"
    offered = clinic.settings.subjects(kind)
    return offered[0][0] if len(offered) == 1 else "clinic"


def _period_start(today: date, every: str) -> date:
    match every:
        case "week":
            return today - timedelta(days=today.weekday())
        case "month":
            return today.replace(day=1)
        case _:
            return today
