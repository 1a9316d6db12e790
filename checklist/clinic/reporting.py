"""The report on a clinic's record: what is asked for, what the record stands on, the file, and the entry that says so.

From the same record the report comes out the same. A file gets its name once it is whole, durable and recorded, so
that nothing lies about that the record does not know of.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from checklist.audit.export.appearing import appearing
from checklist.audit.numbers.done import runs
from checklist.audit.numbers.scope import Scope, year_to
from checklist.audit.places import size_of, station_of
from checklist.audit.proof import key_of
from checklist.audit.report import html, pdf
from checklist.audit.report.contents import document
from checklist.audit.report.known import Anchor, Credential, Integrity, Known, Look, Verified
from checklist.audit.state import newest, worked
from checklist.audit.typesetting import TypesetError, usual_paper
from checklist.clinic.errors import ClinicError, nearest
from checklist.clinic.judging import judged
from checklist.clinic.remarks import shown_for
from checklist.ledger import durable
from checklist.ledger.entry import Draft
from checklist.ledger.errors import LedgerError
from checklist.protocol.text import clean
from checklist.run.events import number_of, text_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from checklist.audit.catalogue import Catalogue
    from checklist.audit.report.document import Document
    from checklist.audit.state import State
    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Entry, Json
    from checklist.ledger.report import Report

    Progress = Callable[[int, int], None]

Form = Literal["html", "pdf"]
_YEARS: Final = (1900, 2999)


class ReportError(ClinicError):
    """No report was made; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is asked for: from and to a day (year-month-day; "" for the last 12 months), of one protocol or
    room, with people's names or their ids."""

    since: str = ""
    until: str = ""
    protocol: str | None = None
    room: str | None = None
    names: bool = False
    faults: tuple[str, ...] = ()
    """Why the record cannot be gone on with; nothing is recorded then."""


@dataclass(frozen=True, slots=True)
class Made:
    """A report in its place, its digest, the signs in it that no font shows, which stand there as code points, and how
    many runs it tells of."""

    path: Path
    scope: Scope
    sha256: str
    missing: tuple[str, ...]
    runs: int


def write(
    clinic: Clinic,
    db: sqlite3.Connection,
    asked: Asked,
    out: Path,
    form: Form,
    via: str,
    verified: Report | None = None,
    progress: Progress | None = None,
) -> Made:
    """Make the report, put it in its place and record that. `verified`: what a verification made for it found. Raises
    ReportError, LedgerError, and ExportError, also where something stands in that place: nothing is ever replaced."""
    with appearing(out) as fresh:
        known = known_of(clinic, db, asked, verified)
        data, missing = rendered(clinic, document(known, progress), form)
        sha256 = hashlib.sha256(data).hexdigest()
        told: dict[str, Json] = {
            "what": "report",
            "format": form,
            "size": len(data),
            "sha256": sha256,
            "filtered": known.scope.narrowed,
            "names": asked.names,
        }
        durable.write_new(fresh, data)
        if not asked.faults:
            clinic.record(Draft("exported", told, None, via))
    return Made(out, known.scope, sha256, missing, runs(db, known.scope))


def judge(
    clinic: Clinic, catalogue: Catalogue, verified: Report | None = None, progress: Progress | None = None
) -> None:
    """Ask the rules how things stood at the clinic's last work on record, so that a report changes neither with the
    hour at which it is made nor with who reads the record. Raises CatalogueError."""
    last = worked(catalogue.db)
    judged(clinic, catalogue, progress, verified=verified, now=datetime.fromisoformat(last.at) if last else None)


def rendered(clinic: Clinic, report: Document, form: Form) -> tuple[bytes, tuple[str, ...]]:
    """The bytes of a report, and the signs in it that no font of the PDF shows. Raises ReportError."""
    if form == "html":
        return html.page(report), ()
    try:
        printed = pdf.printed(report, usual_paper(clinic.settings.clinic.jurisdiction))
    except TypesetError as error:
        raise ReportError(f"The report cannot be typeset ({error}); make it with --html.") from None
    return printed.data, printed.missing


def known_of(clinic: Clinic, db: sqlite3.Connection, asked: Asked, verified: Report | None = None) -> Known:
    """All that the report asks beside the tables. Raises ReportError."""
    work = worked(db)
    last, today = (work.at, work.day) if work else ("", _today(clinic))
    scope = _scope(clinic, db, asked, date.fromisoformat(today))
    return Known(
        db=db,
        scope=replace(scope, upto=work.n) if work else scope,
        clinic=clinic.settings.clinic.name,
        zone=clinic.settings.clinic.timezone,
        last=last,
        today=today,
        integrity=_integrity(clinic, db, newest(db), verified, asked.faults),
        credentials=_credentials(clinic),
        rooms={room.id: room.title for room in clinic.settings.rooms},
        name_of=clinic.name_of if asked.names else None,
        looks=_looks(clinic, db),
    )


def _looks(clinic: Clinic, db: sqlite3.Connection) -> dict[int, Look]:
    """Who looked at what was flagged, when, and for how long: as their entries say it, where they can be read."""
    question = (
        "SELECT n, station, idx FROM entry WHERE n IN"
        " (SELECT reviewed FROM finding UNION SELECT reviewed FROM overriding)"
    )
    readers = {station_of(reader): reader for reader in clinic.histories()}
    found: dict[int, Look] = {}
    for n, station, index in db.execute(question).fetchall():
        with suppress(LedgerError, IndexError, KeyError):
            entry = readers[station].entry(index)
            found[n] = Look(entry.actor or "", entry.at, shown_for(entry), entry.data.get("own") is True)
    return found


def _size(clinic: Clinic, db: sqlite3.Connection, told: State | None) -> int:
    """How many entries of the ledger in use are told of: what cannot be read is no housekeeping."""
    size = size_of(clinic.ledger)
    if told is None or told.station != clinic.settings.clinic.station:
        return size
    row = db.execute("SELECT max(idx) FROM damage WHERE station = ?", (told.station,)).fetchone()
    return min(size, max(told.index, -1 if row[0] is None else int(row[0])) + 1)


def _verified(report: Report, size: int) -> Verified:
    first = (f"entry {report.first_bad.index}: {report.first_bad.why}",) if report.first_bad is not None else ()
    why = tuple(f"{each.rule}: {each.why}" for each in report.findings)
    return Verified("", min(report.entries, size), report.result, (*first, *why))


def _scope(clinic: Clinic, db: sqlite3.Connection, asked: Asked, today: date) -> Scope:
    until = _day(asked.until) or today
    since = _day(asked.since) or year_to(until)
    if since > until:
        if not asked.until:
            raise ReportError(f"--from {since} lies after the last entry, of {until}: there is nothing to report on.")
        raise ReportError(f"The period ends on {until} before it begins on {since}; turn the two days round.")
    if asked.protocol is not None:
        known = [str(id_) for (id_,) in db.execute("SELECT DISTINCT id FROM text WHERE kind = 'protocol' ORDER BY id")]
        if asked.protocol not in known:
            raise ReportError(
                f"No protocol “{_shown(asked.protocol)}” is in the record; {nearest(asked.protocol, known)}"
            )
    if asked.room is not None:
        rooms = [room.id for room in clinic.settings.rooms]
        used = db.execute("SELECT 1 FROM run WHERE subject = ? LIMIT 1", (f"room={asked.room}",)).fetchone()
        if asked.room not in rooms and used is None:
            raise ReportError(f"There is no room “{_shown(asked.room)}” here; {nearest(asked.room, rooms)}")
    return Scope(since.isoformat(), until.isoformat(), asked.protocol, asked.room, over=today.isoformat())


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise ReportError(f"“{_shown(text)}” is no day; write it as year-month-day, such as 2027-03-31.") from None
    if not _YEARS[0] <= found.year <= _YEARS[1]:
        raise ReportError(f"“{_shown(text)}” is too far away; name a day of the years {_YEARS[0]} to {_YEARS[1]}.")
    return found


def _today(clinic: Clinic) -> str:
    now = datetime.fromisoformat(clinic.now().at)
    return now.astimezone(ZoneInfo(clinic.settings.clinic.timezone)).date().isoformat()


def _credentials(clinic: Clinic) -> tuple[Credential, ...] | None:
    question = (
        "SELECT operator, credential, until FROM credential JOIN operator ON operator.id = credential.operator"
        " WHERE NOT (disabled OR erased) ORDER BY operator, credential"
    )
    with suppress(LedgerError):
        return tuple(Credential(*map(str, row)) for row in clinic.ledger.query(question))
    return None


def _integrity(
    clinic: Clinic, db: sqlite3.Connection, told: State | None, verified: Report | None, faults: tuple[str, ...]
) -> Integrity:
    ledger, size = clinic.ledger, _size(clinic, db, told)
    stands = Integrity(
        origin=f"{clinic.settings.clinic.origin}/{clinic.settings.clinic.station}",
        size=size,
        root="",
        key=key_of(ledger) or "not known: the first entry, which names it, cannot be read",
        anchor=None,
        verified=None,
        now=None if verified is None else _verified(verified, size),
        earlier=tuple(station_of(reader) for reader in clinic.histories()[:-1]),
        unreadable=(*faults, *clinic.unreadable()),
    )
    # Each by itself: what is damaged is left out, and the report says that it is not known.
    with suppress(LedgerError, IndexError):
        stands = replace(stands, root=ledger.root(size).hex())
    for kind in ("anchored", "verified"):
        entry, later = _newest(clinic, db, kind)
        if later:
            stands = replace(stands, lacks=stands.lacks | {kind})
        if entry is not None and kind == "anchored":
            how = text_of(entry.data, "how") or ""
            stands = replace(stands, anchor=Anchor(entry.at, number_of(entry.data, "size"), how))
        elif entry is not None:
            result = text_of(entry.data, "result") or "unknown"
            stands = replace(stands, verified=Verified(entry.at, number_of(entry.data, "size"), result))
    return stands


def _newest(clinic: Clinic, db: sqlite3.Connection, kind: str) -> tuple[Entry | None, bool]:
    """The newest entry of a kind in the ledger in use that can be read; and whether any after it cannot, or any at all
    where there is none."""
    station = clinic.settings.clinic.station
    question = "SELECT idx FROM entry WHERE kind = ? AND station = ? ORDER BY n DESC LIMIT 1"
    row = db.execute(question, (kind, station)).fetchone()
    index = -1 if row is None else int(row[0])
    lost = db.execute("SELECT 1 FROM damage WHERE station = ? AND idx > ? LIMIT 1", (station, index)).fetchone()
    with suppress(LedgerError, IndexError):
        return (None if row is None else clinic.ledger.entry(index)), lost is not None
    return None, True


def _shown(text: object) -> str:
    return clean(str(text), limit=300)
