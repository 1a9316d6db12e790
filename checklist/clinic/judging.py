"""Asking the rules about the record of an opened clinic: what they cannot read in the tables is handed to them here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from checklist.audit.findings import Finding, judge, kept
from checklist.audit.rules.rule import Context
from checklist.audit.rules.ruleset import VERSION
from checklist.clinic.errors import ClinicError
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
    differ = tuple(one.why for one in verified.findings if one.rule == "views") if verified else ()
    asked = f"{now.astimezone(UTC).isoformat()}" if now else clinic.now().at[: len("2027-03-31T10")]
    now = (now or datetime.fromisoformat(clinic.now().at)).astimezone(UTC)
    stands = f"{VERSION} {asked} {_sizes(catalogue.db)} {differ if verified else '-'}"
    if catalogue.made(_JUDGED) == stands:
        return kept(catalogue.db)
    context = Context(now, clinic.settings.clinic.timezone, differ, _attributed_without(clinic, catalogue.db))
    found = judge(catalogue.db, context, progress)
    with catalogue.writing():
        catalogue.note(_JUDGED, stands)
    return found


def _sizes(db: sqlite3.Connection) -> str:
    return " ".join(f"{key}={value}" for key, value in db.execute("SELECT * FROM made WHERE key GLOB 'size *'"))


def _attributed_without(clinic: Clinic, db: sqlite3.Connection) -> dict[int, str]:
    """Of the runs that somebody put their name to afterwards: what they did not have when it began."""
    found: dict[int, str] = {}
    for n, run in db.execute("SELECT n, run FROM run WHERE attributed IS NOT NULL").fetchall():
        try:
            told = [each["why"] for each in findings(clinic, clinic.run(run)) if each["rule"] == _WITHOUT]
        except (ClinicError, LedgerError, ProtocolError):  # a run that cannot be read is told of by `damage`
            continue
        if told:
            found[n] = "; ".join(str(why) for why in told)
    return found
