"""Is this machine fit for the record? Each answer says what was looked at and what to do about it."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.clinic import config as configuration
from checklist.clinic.errors import ClinicError
from checklist.clinic.service import Clinic
from checklist.ledger.errors import LedgerError
from checklist.people.errors import PeopleError
from checklist.protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from checklist.clinic.config import Schedule
    from checklist.clinic.folder import Folder

LOW_SPACE_MIB = 512
"""Below this much free space a clinic should act; a year of one clinic takes about half of it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `level` is "ok", "warning" or "fault"."""

    name: str
    level: str
    detail: str


def examine(folder: Folder) -> list[Finding]:
    """Look at the machine and the folder; nothing is written."""
    return [*_machine(), *(_clinic(folder) if folder.made else _no_clinic(folder))]


def _machine() -> Iterator[Finding]:
    yield Finding("python", "ok", f"{platform.python_version()} on {platform.system()}")
    yield Finding("sqlite", "ok", f"{sqlite3.sqlite_version}; the record uses a rollback journal, not WAL")
    encoding = (sys.stdout.encoding or "").lower()
    if "utf" in encoding:
        yield Finding("terminal", "ok", f"{encoding}, TERM={os.environ.get('TERM', 'not set')}")
    else:
        yield Finding("terminal", "warning", f"{encoding or 'no'} encoding; set LANG to a UTF-8 locale")


def _no_clinic(folder: Folder) -> Iterator[Finding]:
    yield Finding("clinic", "warning", f"{folder.root}: no clinic yet; “checklist init” makes one")


def _clinic(folder: Folder) -> Iterator[Finding]:
    free = shutil.disk_usage(folder.root).free // 2**20
    level = "ok" if free >= LOW_SPACE_MIB else "warning"
    yield Finding("space", level, f"{free} MiB free at {folder.root}")
    mode = folder.root.stat().st_mode & 0o777
    if mode & 0o022:
        yield Finding("folder", "warning", f"others can write to {folder.root}; run: chmod go-w {folder.root}")
    else:
        yield Finding("folder", "ok", f"{folder.root} is writable by its owner only")
    try:
        settings = configuration.load(folder.config)
    except ClinicError as error:
        yield Finding("clinic.toml", "fault", str(error))
        return
    yield Finding("clinic.toml", "ok", f"{settings.clinic.name}, time zone {settings.clinic.timezone}")
    try:
        with Clinic.open(folder) as clinic:
            yield Finding("record", "ok", f"{clinic.ledger.size} entries, station {clinic.ledger.station}")
            yield Finding("people", "ok", f"{len(clinic.staff.operators())} operators")
            yield from _protocols(clinic)
            yield from _schedule(clinic)
            yield _clock(clinic)
    except LedgerError as error:
        yield Finding("record", "fault", f"{error} {error.advice}")
    except (PeopleError, ClinicError) as error:
        yield Finding("clinic", "fault", str(error))


def _protocols(clinic: Clinic) -> Iterator[Finding]:
    in_force = clinic.library.in_force(clinic.ledger)
    broken = []
    for one in in_force.values():
        try:
            clinic.library.by_digest(one.id, one.sha256)
        except (ClinicError, ProtocolError) as error:
            broken.append(str(error))
    if broken:
        yield Finding("protocols", "fault", broken[0])
    else:
        yield Finding("protocols", "ok", f"{len(in_force)} in force")


def _schedule(clinic: Clinic) -> Iterator[Finding]:
    """A line that asks for what is not there never comes due, or never stops being due."""
    rows = clinic.ledger.query("SELECT id, subject FROM in_force")
    kinds = {str(row[0]): str(row[1]) for row in rows}
    wrong = [(number, _unmeetable(clinic, line, kinds)) for number, line in enumerate(clinic.settings.schedule, 1)]
    told = [f"[[schedule]] number {number} of clinic.toml: {why}" for number, why in wrong if why]
    yield from (Finding("schedule", "fault", each) for each in told)
    if not told:
        yield Finding("schedule", "ok", f"{len(wrong)} lines, each about something that is there")


def _unmeetable(clinic: Clinic, line: Schedule, kinds: Mapping[str, str]) -> str | None:
    if line.protocol not in kinds:
        return f"no protocol “{line.protocol}” is in force; adopt it, or mend the line"
    offered = [name for name, _ in clinic.settings.subjects(kinds[line.protocol])]
    if line.subject in offered or (not line.subject and len(offered) == 1):
        return None
    if not offered:
        return f"it has no {kinds[line.protocol]} that “{line.protocol}” could be about; take the line out"
    asked = f"there is no {line.subject}" if line.subject else "it names no subject"
    return f"{asked}; “{line.protocol}” can be about {', '.join(offered)}"


def _clock(clinic: Clinic) -> Finding:
    last = clinic.ledger.last()
    now = clinic.now()
    if last is not None and now.at < last.at:
        return Finding("clock", "fault", f"the clock shows {now.at}, before the last entry ({last.at}); set it right")
    return Finding("clock", "ok", f"{now.at}, zone {now.zone}")
