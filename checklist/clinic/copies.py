"""Copies of a clinic for bad days: an online backup that is verified at once, and a restore from one.

A backup may be older than what was lost, so a restore never goes on in the old ledger: that one is kept
read-only, and a new ledger begins under a new station id, naming the old one's size and root (design §6).
"""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from checklist.clinic import config as configuration
from checklist.clinic.acting import barred, recorded
from checklist.clinic.checking import verify_ledger
from checklist.clinic.errors import ConfigError, CopyError
from checklist.clinic.folder import CONFIG, Folder
from checklist.clinic.people.people_views import credentials_of, held_attributes
from checklist.clinic.plan.configured import configuring
from checklist.clinic.views import ADOPTED, VIEWS
from checklist.ledger import durable
from checklist.ledger.clock import SystemClock
from checklist.ledger.entry import Draft
from checklist.ledger.errors import LedgerError
from checklist.ledger.highwater import HighWater
from checklist.ledger.keys import StationKey
from checklist.ledger.reader import open_read_only
from checklist.ledger.store import Ledger
from checklist.people.credential import granted
from checklist.people.errors import PeopleError
from checklist.people.operator import added, disabled, erased
from checklist.people.signin import locked
from checklist.protocol.text import clean
from checklist.run.reading import Refusal
from checklist.run.rights import Act

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from checklist.clinic.service import Clinic, SignedIn
    from checklist.ledger.entry import Json
    from checklist.ledger.reader import Reader

_FOLDERS = ("keys", "protocols", "adopted", "evidence")


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy that was read back and found clean: where it is, how many entries it has, their root (hex)."""

    folder: Path
    entries: int
    root: str


@dataclass(frozen=True, slots=True)
class Restored:
    """A clinic that goes on from a backup under a new station."""

    folder: Folder
    station: str
    vkey: str
    was: str
    entries: int
    root: str
    left_open: tuple[str, ...] = ()
    """Runs that were open in the backup: they cannot go on, and are shown as unknown."""


def backup(
    clinic: Clinic, out: Path, who: SignedIn, via: str, progress: Callable[[int, int], None] | None = None
) -> Copied | Refusal:
    """Copy everything to a new folder, verify the copy, and record it. Raises CopyError.

    Only a lead may: the copy holds keys, names and secrets.
    """
    if refusal := barred(clinic, clinic.ledger, Act.BACKUP, who):
        return refusal
    shown = clean(str(out), limit=300)
    target = Folder(out.absolute())
    try:
        target.root.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise CopyError(f"{shown}: is there already; name a folder that does not exist yet.") from None
    except OSError as error:
        raise CopyError(f"{shown}: cannot be made ({error.strerror}); choose another place.") from None
    try:
        # The ledger first: whatever it names is then in the people.db and the folders that are copied after it.
        clinic.ledger.backup(target.ledger)
        clinic.people.backup(target.people)
        for archive in clinic.folder.archives:
            _copy_file(archive, target.root / archive.name)
        for name in _FOLDERS:
            _copy_folder(clinic.folder.root / name, target.root / name)
        _copy_file(clinic.folder.config, target.config)
    except (OSError, LedgerError, PeopleError) as error:
        shutil.rmtree(target.root, ignore_errors=True)
        raise CopyError(f"{shown}: the backup could not be written ({error}); free some space.") from None
    with open_read_only(target.ledger) as copy:
        head = copy.head()
        HighWater(head.size, head.last_leaf.hex()).write(target.keys / f"{copy.station}.high-water")
    copied = _verified(target, progress)
    _refuse_torn(clinic, target)
    told = Draft("backed-up", {"size": copied.entries, "root": copied.root}, who.id, via)
    entry = recorded(clinic, Act.BACKUP, who, told)
    if isinstance(entry, Refusal):  # disabled meanwhile: nobody keeps a copy that they may not have
        shutil.rmtree(target.root, ignore_errors=True)
        return entry
    return copied


def _refuse_torn(clinic: Clinic, target: Folder) -> None:
    """Where somebody was erased between the two files, names would be missing in the copy that nothing accounts for."""
    erased_now = "SELECT count(*) FROM operator WHERE erased = 1"
    with open_read_only(target.ledger) as copy:
        same = copy.query(erased_now) == clinic.ledger.query(erased_now)
    if not same:
        shutil.rmtree(target.root, ignore_errors=True)
        raise CopyError(f"{target.root}: somebody was erased meanwhile, and the backup was dropped; make it again.")


def restore(source: Path, folder: Folder, via: str, progress: Callable[[int, int], None] | None = None) -> Restored:
    """Make a clinic in an empty folder from a backup, going on under a new station. Raises CopyError."""
    backup_folder = Folder(source.absolute())
    if not backup_folder.made:
        raise CopyError(f"{clean(str(source), limit=300)}: is not a backup of a clinic; it has no {CONFIG}.")
    _refuse_occupied(folder)
    _refuse_cut_off(backup_folder)
    copied = _verified(backup_folder, progress)
    settings = configuration.load(backup_folder.config)
    old = settings.clinic.station
    new = _next_station(old, {path.name for path in backup_folder.archives})
    renamed = _renamed(backup_folder, settings, new)
    try:
        folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in _FOLDERS:
            _copy_folder(backup_folder.root / name, folder.root / name)
        for archive in backup_folder.archives:
            _copy_file(archive, folder.root / archive.name, mode=0o400)
        _copy_file(backup_folder.people, folder.people)
        kept = folder.root / f"ledger-{old}.db"
        _copy_file(backup_folder.ledger, kept, mode=0o400)
        vkey = _begin_anew(folder, settings, new, kept, via)
        durable.replace(folder.config, renamed)
    except (OSError, LedgerError) as error:
        raise CopyError(f"{folder.root}: could not be restored ({error}); empty the folder and try again.") from None
    with open_read_only(kept) as reader:
        rows = reader.query("SELECT run, protocol, subject FROM run WHERE outcome = 'open' ORDER BY idx")
    left_open = tuple(f"{row[0]} ({row[1]}, {row[2]})" for row in rows)
    return Restored(folder, new, vkey, old, copied.entries, copied.root, left_open)


def _refuse_occupied(folder: Folder) -> None:
    try:
        occupied = folder.root.exists() and any(folder.root.iterdir())
    except OSError as error:
        raise CopyError(f"{folder.root}: cannot be used ({error.strerror}); name an empty folder.") from None
    if occupied:
        raise CopyError(f"{folder.root}: is not empty; a restore goes into an empty folder.")


def _refuse_cut_off(source: Folder) -> None:
    """A folder that was copied by hand while it was written to: half of a change lies in a journal beside it."""
    for path in (source.ledger, source.people):
        journal = path.with_name(f"{path.name}-journal")
        if journal.is_file() and journal.stat().st_size:
            raise CopyError(f"{path}: was copied while it was being written; open that clinic once, then try again.")


def _renamed(source: Folder, settings: configuration.Config, station: str) -> bytes:
    """The clinic.toml of the backup with the new station's id, and nothing else in it changed."""
    text = source.config.read_text("utf-8-sig")
    wanted = replace(settings, clinic=replace(settings.clinic, station=station))
    for found in re.finditer(rf"""\bstation\s*=\s*(["'])({re.escape(settings.clinic.station)})\1""", text):
        changed = (text[: found.start(2)] + station + text[found.end(2) :]).encode()
        with suppress(ConfigError):
            if configuration.read(changed, str(source.config)) == wanted:
                return changed
    raise CopyError(f'{source.config}: write the line station = "{settings.clinic.station}" under [clinic] plainly.')


def _begin_anew(folder: Folder, settings: configuration.Config, station: str, kept: Path, via: str) -> str:
    """The new station's key and ledger: what it goes on from, who its people are, what is in force."""
    table = settings.clinic
    key = StationKey.create(folder.keys, f"{table.origin}/{station}")
    with open_read_only(kept) as old:
        size, root = old.size, old.root().hex()
        origin: dict[str, Json] = {"station": old.station, "size": size, "root": root}
        drafts = [Draft("restored", {"from": origin}, None, via), *_carried_over(old, via)]
    drafts.append(configuring(folder.adopted, replace(settings, clinic=replace(table, station=station))))
    ledger = Ledger.create(
        folder.ledger,
        origin=table.origin,
        station=station,
        key=key,
        clock=SystemClock(table.timezone),
        views=VIEWS,
        drafts=drafts,
        extra={"from": origin},
    )
    ledger.close()
    return key.vkey


def _carried_over(old: Reader, via: str) -> list[Draft]:
    """The operators, their credentials and locks, and the texts in force, said again so that the new ledger stands
    by itself. Those who were disabled or erased stay so: their ids are never given to anybody else. A lock that ends
    by itself begins again, for the clocks of two machines cannot be compared."""
    import json

    drafts = []
    for row in old.query("SELECT id, roles, name, disabled, erased FROM operator ORDER BY id"):
        operator = str(row[0])
        drafts.append(added(operator, json.loads(str(row[1])), str(row[2]), actor=None, via=via))
        if row[3]:
            drafts.append(disabled(operator, actor=None, via=via))
        if row[4]:
            drafts += erased(operator, (), actor=None, via=via)
        for credential, until in credentials_of(old, operator).items():
            attributes = held_attributes(old, operator, credential)
            drafts.append(granted(operator, credential, until, attributes, actor=None, via=via))
    locks = "SELECT operator, minutes, misses FROM miss WHERE at IS NOT NULL ORDER BY operator"
    for meant, minutes, misses in old.query(locks):
        for_long = minutes if isinstance(minutes, int) else None
        drafts.append(locked(str(meant), for_long, via=via, misses=int(str(misses))))
    for kind in ADOPTED:
        newest = {str(entry.data.get("id")): entry for entry in old.entries_of_kind(kind)}
        drafts += [Draft(kind, {**entry.data, "was": None}, None, via) for _, entry in sorted(newest.items())]
    return drafts


def _next_station(old: str, taken: set[str]) -> str:
    """`b` after `a`; `sterile-2` after `sterile`."""
    number = 2
    while True:
        if len(old) == 1 and old.isalpha() and ord(old) + number - 1 <= ord("z"):
            station = chr(ord(old) + number - 1)
        else:
            stem = old.rstrip("0123456789").rstrip("-") or old
            station = f"{stem[:28]}-{number}"
        if station != old and f"ledger-{station}.db" not in taken:
            return station
        number += 1


def _verified(folder: Folder, progress: Callable[[int, int], None] | None) -> Copied:
    report = verify_ledger(folder.ledger, progress=progress)
    if report.result != "clean":
        why = report.first_bad.why if report.first_bad else "it cannot be checked"
        raise CopyError(f"{folder.root}: the copy is not clean ({why}); it was not used.")
    return Copied(folder.root, report.entries, report.root)


def _copy_folder(source: Path, target: Path) -> None:
    target.mkdir(mode=0o700, exist_ok=True)
    for path in sorted(source.iterdir()) if source.is_dir() else []:
        # A half-written file of another program at this folder has a leading dot; links are nobody's; and a
        # high-water mark speaks of the ledger in use, not of a copy.
        ours = path.is_file() and not path.is_symlink() and not path.name.startswith(".")
        if ours and path.suffix != ".high-water":
            _copy_file(path, target / path.name)


def _copy_file(source: Path, target: Path, mode: int = 0o600) -> None:
    durable.replace(target, source.read_bytes())
    target.chmod(mode)
