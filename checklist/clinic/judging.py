"""Asking the rules about the record of an opened clinic: what they cannot read in the tables is handed to them here."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from checklist.audit.findings import Finding, judge, kept
from checklist.audit.rules.rule import Context
from checklist.audit.rules.ruleset import VERSION
from checklist.clinic.errors import ClinicError
from checklist.clinic.plan.configured import plans
from checklist.clinic.record import findings
from checklist.ledger.errors import LedgerError
from checklist.protocol.errors import ProtocolError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from checklist.audit.catalogue import Catalogue
    from checklist.clinic.service import Clinic
    from checklist.ledger.report import Report

    Progress = Callable[[int, int], None]

_JUDGED: Final = "judged"
_VIEWS: Final = "views"
_WITHOUT: Final = "attributed-without"


def judged(
    clinic: Clinic,
    catalogue: Catalogue,
    progress: Progress | None = None,
    *,
    verified: Report | None = None,
    now: datetime | None = None,
) -> list[Finding]:
    """What the rules find in the clinic's record, also what was reviewed since. They are asked anew only where the
    record, the rules or the hour is another than when they were last asked. `verified`: what a verification of this
    record said just now. `now`: None for the clinic's clock. Raises CatalogueError."""
    differ = tuple(one.why for one in verified.findings if one.rule == _VIEWS) if verified else ()
    asked = f"{now.astimezone(UTC).isoformat()}" if now else clinic.now().at[: len("2027-03-31T10")]
    now = (now or datetime.fromisoformat(clinic.now().at)).astimezone(UTC)
    named = _named(clinic, catalogue.db, verified) if verified else ()
    closed, planned = _calendar(clinic, catalogue.db)
    told = hashlib.sha256(repr((differ, named, sorted(closed), sorted(planned))).encode()).hexdigest()
    stands = f"{VERSION} {asked} {_sizes(catalogue.db)} {told} {'verified' if verified else '-'}"
    if catalogue.made(_JUDGED) == stands:
        return kept(catalogue.db)
    without, unread = _attributed_without(clinic, catalogue.db), frozenset(catalogue.hidden())
    zone = clinic.settings.clinic.timezone
    context = Context(now, zone, differ, named, closed, planned, without, unread)

    def ask() -> list[Finding]:
        found = judge(catalogue.db, context, progress)
        with catalogue.writing():
            catalogue.note(_JUDGED, stands)
        return found

    return catalogue.put(ask)


def _named(clinic: Clinic, db: sqlite3.Connection, verified: Report) -> tuple[tuple[int | None, str], ...]:
    """What a verification names besides tables that differ: at which entry, and what."""
    whole = [
        (one.entry, f"{one.why.removesuffix('.')} ({one.rule})") for one in verified.findings if one.rule != _VIEWS
    ]
    bad = verified.first_bad
    if bad is not None and bad.index not in {entry for entry, _ in whole}:
        whole.append((bad.index, bad.why))
    # With ledgers of earlier stations, only of the first bad entry is it known that it stands in the one in use.
    alone = len(clinic.histories()) == 1
    sure = {bad.index} if bad is not None else set()
    return tuple((_n(db, verified.station, at) if alone or at in sure else None, why) for at, why in whole)


def _n(db: sqlite3.Connection, station: str, index: int | None) -> int | None:
    """The number of that entry, also where it cannot be read; None where there is none."""
    question = "SELECT n FROM {} WHERE station = ? AND idx = ?"
    rows = (db.execute(question.format(table), (station, index)).fetchone() for table in ("entry", "damage"))
    return next((int(row[0]) for row in rows if row), None)


def _calendar(clinic: Clinic, db: sqlite3.Connection) -> tuple[frozenset[str], frozenset[str]]:
    """The days with runs on which the clinic was closed by the plan of that day, as far as it is known, and every
    protocol that was planned at any time."""
    known = plans(clinic, db)
    days = [date.fromisoformat(day) for (day,) in db.execute("SELECT DISTINCT day FROM run")]
    by_plan = [(day, known.on(day)) for day in days]
    closed = frozenset(day.isoformat() for day, held in by_plan if held is not None and not held.calendar.open(day))
    return closed, frozenset(line.protocol for plan in known.known for line in plan.settings.schedule)


def _sizes(db: sqlite3.Connection) -> str:
    return " ".join(f"{key}={value}" for key, value in db.execute("SELECT * FROM made WHERE key GLOB 'size *'"))


def _attributed_without(clinic: Clinic, db: sqlite3.Connection) -> dict[int, str]:
    """Of the runs that somebody put their name to afterwards: what they did not have when it began."""
    found: dict[int, str] = {}
    for n, run in db.execute("SELECT n, run FROM run WHERE attributed IS NOT NULL").fetchall():
        try:
            seen = findings(clinic, clinic.run(run), clinic.run_entries(run))
            told = [each["why"] for each in seen if each["rule"] == _WITHOUT]
        except (ClinicError, LedgerError, ProtocolError):  # a run that cannot be read is told of by `damage`
            continue
        if told:
            found[n] = "; ".join(str(why) for why in told)
    return found
