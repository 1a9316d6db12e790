"""Is this machine fit for the record? Each answer says what was looked at and what to do about it."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sqlite3
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.clinic import config as configuration
from checklist.clinic.checking import last_verdict
from checklist.clinic.errors import ClinicError
from checklist.clinic.identifiers.readers import readers
from checklist.clinic.nearest import meant
from checklist.clinic.plan.hooks import FAILURE, OVERDUE, RECALL, command_of, missing, untrusted
from checklist.clinic.plan.schedule import AfterRuns
from checklist.clinic.service import Clinic
from checklist.clinic.texts.adopting import in_force
from checklist.ledger.errors import LedgerError
from checklist.people.errors import PeopleError
from checklist.protocol.errors import ProtocolError
from checklist.protocol.profile import unmet
from checklist.protocol.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from checklist.clinic.folder import Folder
    from checklist.clinic.plan.plan_tables import Schedule

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
            yield _record(clinic)
            yield Finding("people", "ok", f"{len(clinic.staff.operators())} operators")
            yield from _protocols(clinic)
            yield from _schedule(clinic)
            yield from _hooks(clinic)
            yield from _readers(clinic)
            yield _clock(clinic)
    except LedgerError as error:
        yield Finding("record", "fault", f"{error} {error.advice}")
    except (PeopleError, ClinicError) as error:
        yield Finding("clinic", "fault", str(error))


def _record(clinic: Clinic) -> Finding:
    """The end of the record was looked at to open it. Whether all of it is whole, somebody must have verified."""
    told = f"{clinic.ledger.size} entries, station {clinic.ledger.station}"
    verdict = last_verdict(clinic.ledger)
    if verdict is None:
        return Finding("record", "ok", f"{told}; never verified as a whole: run “checklist verify --record”")
    when = verdict.at[:10]
    if verdict.result != "clean":
        why = f"{told}; found to be damaged or changed on {when}: run “checklist verify”, and keep all files"
        return Finding("record", "fault", why)
    return Finding("record", "ok", f"{told}; last verified as a whole on {when}")


def _protocols(clinic: Clinic) -> Iterator[Finding]:
    broken = []
    for one in clinic.library.texts_in_force(clinic.ledger):
        try:
            clinic.library.text(one)
        except (ClinicError, ProtocolError) as error:
            broken.append(str(error))
    if broken:
        yield Finding("protocols", "fault", broken[0])
    else:
        yield Finding("protocols", "ok", f"{len(clinic.library.in_force(clinic.ledger))} in force")
        yield _profile(clinic)


def _profile(clinic: Clinic) -> Finding:
    """Whose rules hold here. A protocol that takes no value from a profile can be walked without any."""
    name = clean(clinic.settings.clinic.jurisdiction, limit=64)
    found = clinic.library.profile(clinic.ledger, clinic.settings.clinic.jurisdiction)
    if found is None:
        why = f"“{name}” is not in force; adopt it, or name another jurisdiction in clinic.toml"
        return Finding("profile", "fault", why)
    if lacking := next(unmet(found.profile, in_force(clinic)), None):
        return Finding("profile", "fault", f"“{name}” {lacking.words}; mend its file, then adopt it")
    return Finding("profile", "ok", f"{found.profile.title} ({name} {found.profile.version})")


def _schedule(clinic: Clinic) -> Iterator[Finding]:
    """A line that asks for what is not there never comes due, or never stops being due."""
    rows = clinic.ledger.query("SELECT id, subject, equipment FROM in_force")
    kinds = {str(row[0]): (str(row[1]), tuple(json.loads(str(row[2])))) for row in rows}
    wrong = [(number, _unmeetable(clinic, line, kinds)) for number, line in enumerate(clinic.settings.schedule, 1)]
    told = [f"[[schedule]] number {number} of clinic.toml: {why}" for number, why in wrong if why]
    yield from (Finding("schedule", "fault", each) for each in told)
    if not told:
        yield Finding("schedule", "ok", f"{len(wrong)} lines, each about something that is there")


def _unmeetable(clinic: Clinic, line: Schedule, kinds: Mapping[str, tuple[str, tuple[str, ...]]]) -> str | None:
    if line.protocol not in kinds:
        return f"no protocol “{line.protocol}” is in force{meant(line.protocol, kinds)}; adopt it, or mend the line"
    kind, fitting = kinds[line.protocol]
    offered = [name for name, _ in clinic.settings.subjects(kind, fitting)]
    if not offered:
        return f"it has no {kind} that “{line.protocol}” could be about; take the line out"
    if line.subject and line.subject not in offered:
        return f"there is no {line.subject}; “{line.protocol}” can be about {', '.join(offered)}"
    if isinstance(line.after, AfterRuns):
        return _uncounted(line, line.after.of, kind, kinds)
    return None


def _uncounted(line: Schedule, of: str, kind: str, kinds: Mapping[str, tuple[str, tuple[str, ...]]]) -> str | None:
    if of not in kinds:
        return f"no protocol “{of}” is in force, so that its runs cannot be counted; adopt it, or mend the line"
    if kinds[of][0] != kind:
        return f"“{of}” is about a {kinds[of][0]} and “{line.protocol}” about a {kind}; only runs about the same count"
    return None


def _hooks(clinic: Clinic) -> Iterator[Finding]:
    """A command that cannot be run is never told anything, and nobody would notice."""
    commands = {name: command_of(clinic.settings.hooks, name) for name in (OVERDUE, FAILURE, RECALL)}
    wanted = {name: command for name, command in commands.items() if command}
    if not wanted:
        return
    if why := untrusted(clinic.folder):
        yield Finding("hooks", "warning", why)
        return
    lost = [f"{name}: {program}" for name, command in wanted.items() if (program := missing(clinic.folder, command))]
    if lost:
        yield Finding("hooks", "warning", f"cannot be found or run: {', '.join(lost)}; mend [hooks] in clinic.toml")
    else:
        yield Finding("hooks", "ok", f"{', '.join(wanted)} can be run")


def _readers(clinic: Clinic) -> Iterator[Finding]:
    """A machine whose reader is not there keeps its printouts, and nothing compares them."""
    named = {machine.id: machine.reader for machine in clinic.settings.equipment if machine.reader}
    if not named:
        return
    known, faults = readers(clinic.folder)
    yield from (Finding("readers", "warning", str(fault)) for fault in faults)
    lost = [f"{machine}: {reader}" for machine, reader in named.items() if reader not in known]
    if lost:
        yield Finding("readers", "fault", f"there is no reader {', '.join(lost)}; there are: {', '.join(known)}")
    else:
        yield Finding("readers", "ok", f"{', '.join(named)}: printouts can be read")


def _clock(clinic: Clinic) -> Finding:
    last = clinic.ledger.last()
    now = clinic.now()
    if last is not None and now.at < last.at:
        return Finding("clock", "fault", f"the clock shows {now.at}, before the last entry ({last.at}); set it right")
    return Finding("clock", "ok", f"{now.at}, zone {now.zone}")
