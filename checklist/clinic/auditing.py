"""The record of one clinic, laid out to be asked: the catalogue of its ledgers, with what its plan asked for.

The file lies in a folder of whoever reads, never in the clinic's: tables that came with a record could say anything of
it. It can be thrown away at any time. Where it cannot be kept, it is made in a temporary file and is gone when it is
closed.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from contextlib import ExitStack, suppress
from dataclasses import astuple
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, cast
from zoneinfo import ZoneInfo

from checklist.audit import keeping
from checklist.audit.catalogue import Catalogue, open_catalogue
from checklist.audit.numbers.done import PLANS
from checklist.clinic import config as configuration
from checklist.clinic.errors import ClinicError
from checklist.clinic.plan.configured import plans, plans_key
from checklist.clinic.plan.expected import expected
from checklist.ledger.clock import SystemClock
from checklist.ledger.errors import Damaged, LedgerError
from checklist.ledger.reader import open_read_only
from checklist.people.errors import PeopleError
from checklist.people.operator import is_operator_id
from checklist.people.store import PeopleStore
from checklist.protocol.errors import ProtocolError
from checklist.protocol.outline import OutlineError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from checklist.clinic.folder import Folder
    from checklist.clinic.service import Clinic
    from checklist.ledger.store import Ledger
    from checklist.protocol.model import Protocol

_PLANNED: Final = "planned"
_WAITING: Final = """
    SELECT n, run FROM run WHERE outcome IN ('open', 'complete-except-deferred') AND +run GLOB ? AND EXISTS (
        SELECT 1 FROM written LEFT JOIN step ON step.run = run.n AND step.step = written.step
        WHERE written.sha256 = run.sha256 AND written.kind = 'witness'
        AND coalesce(step.state, 'pending') IN ('pending', 'current', 'deferred'))
"""
"""The runs of a station in which a second reading may still come. With the `+`, SQLite goes through those that go on,
not through all runs of the station."""


def open_to_read(folder: Folder) -> tuple[Clinic, list[str]]:
    """The clinic, and in sentences why it cannot be gone on with: what is damaged is still read, as far as it can be,
    also without names and keys, and nothing can be recorded then. Raises ClinicError or LedgerError where nothing can
    be read, PeopleError where there is no room."""
    from checklist.clinic.service import Clinic

    try:
        return Clinic.open(folder), []
    except LedgerError as error:
        told = [f"{error} {error.advice}"]
    except PeopleError as error:
        told = [str(error)]
    settings = configuration.load(folder.config)
    mark = folder.keys / f"{settings.clinic.station}.high-water"
    reader = open_read_only(folder.ledger, high_water=mark, partly=True)
    try:
        people = _people(folder, told)
    except BaseException:
        reader.close()
        raise
    ledger = cast("Ledger", reader)  # everything that it is asked for is in a Reader; only `append` is not
    # Nobody signs in at a record that cannot be gone on with, so there is nothing to do for the pepper.
    return Clinic(folder, settings, ledger, people, b"", SystemClock(settings.clinic.timezone)), told


def _people(folder: Folder, told: list[str]) -> PeopleStore:
    """The names and words; where they cannot be read, nobody's, and that is told."""
    try:
        return PeopleStore.open(folder.people)
    except PeopleError as error:
        told += [
            *([] if str(error) in told else [str(error)]),
            "People are shown by their ids, and no words of theirs.",
        ]
    with TemporaryDirectory() as empty:  # it is open, and needs no name
        return PeopleStore.create(Path(empty) / "people.db")


def opened(clinic: Clinic, *, progress: Callable[[int, int], None] | None = None, fresh: bool = False) -> Catalogue:
    """The clinic's catalogue, up to date. `fresh`: laid out from the ledgers now, for whoever wants to rest on nothing
    that was made before. Raises CatalogueError and LedgerError."""
    path = None if fresh else place(clinic)
    if path is not None:
        keeping.make_room(path)
    arguments = clinic.histories(), clinic.settings.clinic.timezone, lambda sha256: protocol_of(clinic, sha256)
    try:
        catalogue = open_catalogue(path, *arguments, progress)
    except OSError:
        if path is None:
            raise
        catalogue = open_catalogue(None, *arguments, progress)
    with ExitStack() as stack:
        stack.push(catalogue)
        _hide(clinic, catalogue)
        with suppress(LedgerError):  # a record whose own tables are damaged does not say what is planned
            _plan(clinic, catalogue)
        stack.pop_all()
    return catalogue


def forget(folder: Folder) -> None:
    """Throw away what was laid out of a record that was found to be damaged since: there it still stands as whole."""
    with suppress(ClinicError):
        path = _place(folder, configuration.load(folder.config).clinic)
        if path is not None:
            keeping.throw_away(path)


def place(clinic: Clinic) -> Path | None:
    """Where the catalogue lies: in a folder of this user alone, named after the ledger's place and its station; None
    where there is no such folder."""
    return _place(clinic.folder, clinic.settings.clinic)


def _place(clinic_folder: Folder, told: configuration.ClinicTable) -> Path | None:
    from platformdirs import user_cache_path

    try:
        folder = user_cache_path("checklist", appauthor=False) / "catalogues"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except (OSError, RuntimeError):  # no home, or it cannot be written
        return None
    private = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
    named = catalogue_name(clinic_folder, told.origin, told.station)
    return folder / named if private and os.access(folder, os.W_OK) else None


def catalogue_name(folder: Folder, origin: str, station: str) -> str:
    """How the file is called."""
    named = "\0".join((str(folder.ledger.resolve()), origin, station))
    return f"{hashlib.sha256(named.encode('utf-8', 'surrogateescape')).hexdigest()}.db"


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


def _hide(clinic: Clinic, catalogue: Catalogue) -> None:
    """Nobody finds a run by what a second person has yet to read for themselves: that would tell them."""
    from checklist.clinic.record import hidden_in

    for n, run in catalogue.db.execute(_WAITING, (f"{clinic.settings.clinic.station}#*",)).fetchall():
        with suppress(ClinicError, ProtocolError, Damaged):  # a run that cannot go on hides nothing any more
            catalogue.hide((n, step) for step in hidden_in(clinic, clinic.run(run)))


def _plan(clinic: Clinic, catalogue: Catalogue) -> None:
    """Say what the plan asked for until yesterday; once a day, and whenever the plan changes."""
    if catalogue.behind:
        return
    day = today(clinic)
    made = f"{day.isoformat()} {plans_key(clinic, catalogue.db)}"
    if catalogue.made(_PLANNED) == made:
        return
    found = plans(clinic, catalogue.db)
    rows = [astuple(each) for each in expected(catalogue.db, clinic.histories(), found.known, day)]
    told = {
        "since": None if found.since is None else found.since.isoformat(),
        "changed": [each.isoformat() for each in found.changed],
        "lost": [each.isoformat() for each in found.lost],
        "unrecorded": found.unrecorded,
    }

    def keep() -> None:
        with catalogue.writing() as db:
            db.execute("DELETE FROM planned")
            db.executemany("INSERT INTO planned VALUES (?, ?, ?, ?, ?, ?)", rows)
            catalogue.note(_PLANNED, made)
            catalogue.note(PLANS, json.dumps(told))

    catalogue.put(keep)
