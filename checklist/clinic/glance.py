"""The board at a glance: what is due, what is open, what ended when, what is set apart; all of it from the views.

Needs neither a protocol's text, nor names, nor the station's key, so that a script has its answer at once. Costs the
same however long the record is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from checklist.clinic import config as configuration
from checklist.ledger.clock import SystemClock
from checklist.ledger.errors import LedgerError
from checklist.ledger.reader import open_read_only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.config import Config, Schedule
    from checklist.clinic.folder import Folder
    from checklist.ledger.entry import Json, Moment
    from checklist.ledger.reader import Reader

ENDED_SHOWN = 20
"""How many ended runs are shown."""


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
    faults: tuple[str, ...] = ()
    """What could not be read, each in a sentence."""

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
            "unattributed": [run.data() for run in self.unattributed],
            "faults": list(self.faults),
        }


def glance_at(folder: Folder) -> Glance:
    """The glance at a folder, read only. Raises ClinicError, or LedgerError where its ledger cannot be read."""
    settings = configuration.load(folder.config)
    archives, unreadable = open_archives(folder)
    with open_read_only(folder.ledger) as own:
        try:
            return glance([*archives, own], settings, SystemClock(settings.clinic.timezone)(), unreadable)
        finally:
            for archive in archives:
                archive.close()


def glance(readers: Sequence[Reader], settings: Config, now: Moment, faults: Sequence[str] = ()) -> Glance:
    """The glance at these ledgers, of which the last is the one in use."""
    due = (_due(readers, settings, entry, now) for entry in settings.schedule)
    return Glance(
        due=tuple(one for one in due if one is not None),
        open=_open(readers[-1]),
        ended=_ended(readers),
        quarantined=_set_apart(readers, "quarantined"),
        recalled=_set_apart(readers, "recalled"),
        unattributed=_unattributed(readers[-1]),
        faults=(*_clock_faults(readers[-1], now), *faults),
    )


def _clock_faults(reader: Reader, now: Moment) -> list[str]:
    last = reader.last()
    if last is None or now.at >= last.at:
        return []
    return [f"The clock shows {now.at[:16]} UTC, and the last entry is of {last.at[:16]}: set the clock right."]


def open_archives(folder: Folder) -> tuple[list[Reader], list[str]]:
    """The ledgers that a restore left here, oldest first, and a sentence for each that cannot be read: the work goes
    on without it."""
    readers, faults = [], []
    for path in folder.archives:
        try:
            reader = open_read_only(path)
            own = reader.station == path.stem.removeprefix("ledger-")
            reader.query("SELECT count(*) FROM run WHERE outcome = 'open'")
        except LedgerError as error:
            faults.append(f"{path.name}: {error} {error.advice}")
            continue
        if own:
            readers.append(reader)
        else:  # somebody's copy of another ledger: counted with it, everything would be there twice
            reader.close()
            faults.append(f"{path.name}: holds another station's record; move it elsewhere.")
    return readers, faults


# Of the run itself, and of every other run of its session. Our own text, in which no value stands, so it may be put
# into a question (the S608 below).
_OVERRIDDEN = (
    "(SELECT count(*) FROM overridden WHERE overridden.run = run.run"
    " OR (run.session IS NOT NULL AND overridden.session = run.session))"
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


def _set_apart(readers: Sequence[Reader], state: str) -> tuple[SetApart, ...]:
    return tuple(
        SetApart(str(row[0]), str(row[1]), str(row[2]))
        for reader in readers
        for row in reader.query("SELECT kind, value, at FROM set_apart WHERE state = ? ORDER BY at", (state,))
    )


def _due(readers: Sequence[Reader], settings: Config, entry: Schedule, now: Moment) -> Due | None:
    """What a line of the schedule asks for now; None when it is done for this day, week or month."""
    in_force = readers[-1].query("SELECT title, subject FROM in_force WHERE id = ?", (entry.protocol,))
    if not in_force:
        return None
    # A line without a subject is about the only room or machine there is, or about the clinic.
    offered = settings.subjects(str(in_force[0][1]))
    subject = entry.subject or (offered[0][0] if len(offered) == 1 else "clinic")
    completions = [
        (str(row[0]), str(row[1]))
        for reader in readers
        for row in reader.query(
            # What a wrong clock has put into the future never counts: it would silence the board until then.
            "SELECT started, ended FROM run WHERE protocol = ? AND subject = ? AND outcome = 'complete'"
            # Nor does what nobody stands for: somebody may have walked it to have it off the board.
            " AND unattributed = 0 AND started <= ? ORDER BY idx DESC LIMIT 1",
            (entry.protocol, subject, now.at),
        )
    ]
    started, last = max(completions, default=(None, None))
    zone = ZoneInfo(now.zone)
    today = datetime.fromisoformat(now.at).astimezone(zone).date()
    begins = _period_start(today, entry.every)
    # When it was begun, not when it ended: a correction of yesterday's run ends today and does nothing for today.
    if started is not None and datetime.fromisoformat(started).astimezone(zone).date() >= begins:
        return None
    by = datetime.combine(today, entry.by, tzinfo=zone) if entry.by else None
    late = begins < today if entry.every != "day" else False
    overdue = late or (by is not None and datetime.fromisoformat(now.at) > by.astimezone(UTC))
    return Due(entry.protocol, str(in_force[0][0]), subject, by.isoformat() if by else None, overdue, last)


def _period_start(today: date, every: str) -> date:
    match every:
        case "week":
            return today - timedelta(days=today.weekday())
        case "month":
            return today.replace(day=1)
        case _:
            return today
