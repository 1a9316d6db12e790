"""The record of one clinic, laid out to be asked: the catalogue of its ledgers, with what its plan asked for.

The file lies beside the ledger, is no part of the record or of a backup, and can be thrown away at any time. Where the
folder cannot be written, it is made in a temporary file and is gone when it is closed.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import astuple
from datetime import datetime
from typing import TYPE_CHECKING, Final, cast
from zoneinfo import ZoneInfo

from checklist.audit.catalogue import Catalogue, open_catalogue
from checklist.clinic import config as configuration
from checklist.clinic.errors import ClinicError
from checklist.clinic.plan.expected import expected
from checklist.ledger.clock import SystemClock
from checklist.ledger.errors import LedgerError
from checklist.ledger.reader import open_read_only
from checklist.people.operator import is_operator_id
from checklist.people.secret import load_pepper
from checklist.people.store import PeopleStore
from checklist.protocol.errors import ProtocolError
from checklist.protocol.outline import OutlineError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from checklist.clinic.folder import Folder
    from checklist.clinic.service import Clinic
    from checklist.ledger.store import Ledger
    from checklist.protocol.model import Protocol

NAME: Final = "catalogue.db"
_PLANNED: Final = "planned"


def open_to_read(folder: Folder) -> tuple[Clinic, list[str]]:
    """The clinic, and in sentences why it cannot be gone on with: what is damaged is still read, as far as it can be,
    and nothing can be recorded then. Raises ClinicError, LedgerError or PeopleError where nothing can be read."""
    from checklist.clinic.service import Clinic

    try:
        return Clinic.open(folder), []
    except LedgerError as error:
        told = f"{error} {error.advice}"
    settings = configuration.load(folder.config)
    reader = open_read_only(folder.ledger)
    try:
        people, pepper = PeopleStore.open(folder.people), load_pepper(folder.keys)
    except BaseException:
        reader.close()
        raise
    ledger = cast("Ledger", reader)  # everything that it is asked for is in a Reader; only `append` is not
    return Clinic(folder, settings, ledger, people, pepper, SystemClock(settings.clinic.timezone)), [told]


def opened(clinic: Clinic, *, progress: Callable[[int, int], None] | None = None) -> Catalogue:
    """The clinic's catalogue, up to date. Raises CatalogueError and LedgerError."""
    path = place(clinic.folder)
    arguments = clinic.histories(), clinic.settings.clinic.timezone, lambda sha256: protocol_of(clinic, sha256)
    try:
        catalogue = open_catalogue(path, *arguments, progress)
    except OSError:
        if path is None:
            raise
        catalogue = open_catalogue(None, *arguments, progress)
    try:
        with suppress(LedgerError):  # a record whose own tables are damaged does not say what is planned
            _plan(clinic, catalogue)
    except BaseException:
        catalogue.close()
        raise
    return catalogue


def place(folder: Folder) -> Path | None:
    """Where the catalogue lies; None where it cannot be kept."""
    path = folder.root / NAME
    writable = os.access(folder.root, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))
    return path if writable else None


def today(clinic: Clinic) -> date:
    """This day, by the clinic's clock."""
    return datetime.fromisoformat(clinic.now().at).astimezone(ZoneInfo(clinic.settings.clinic.timezone)).date()


def protocol_of(clinic: Clinic, sha256: str) -> Protocol | None:
    """The adopted protocol of exactly these bytes; None where it cannot be read any more."""
    try:
        return clinic.library.by_digest(clinic.library.outline(sha256).id, sha256).protocol
    except (ClinicError, ProtocolError, OutlineError):
        return None


def operator(clinic: Clinic) -> Callable[[str], str | None]:
    """Who is meant by a name or an id in a filter: the id; None where nobody is."""

    def found(named: str) -> str | None:
        person = clinic.people.person_by(named)
        return person.id if person else named if is_operator_id(named) else None

    return found


def said(clinic: Clinic) -> Callable[[str], list[str]]:
    """The commitments behind which a text stands, of what can still be opened here."""
    return clinic.people.saying


def _plan(clinic: Clinic, catalogue: Catalogue) -> None:
    """Say what the plan asked for until yesterday; once a day, and whenever the plan changes."""
    settings, day = clinic.settings, today(clinic)
    plan = repr((settings.schedule, settings.calendar, settings.rooms, settings.equipment))
    made = f"{day.isoformat()} {hashlib.sha256(plan.encode()).hexdigest()}"
    if catalogue.behind or catalogue.made(_PLANNED) == made:
        return
    rows = [astuple(each) for each in expected(catalogue.db, clinic.histories(), settings, day)]
    with catalogue.writing() as db:
        db.execute("DELETE FROM planned")
        db.executemany("INSERT INTO planned VALUES (?, ?, ?, ?, ?, ?)", rows)
        catalogue.note(_PLANNED, made)
