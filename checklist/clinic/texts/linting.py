"""What stands around a clinic's files when they are looked at: every kind's reader, and what else there is.

The one place that joins the lint of all kinds of texts (design §3). Judges nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from checklist.clinic.errors import ClinicError
from checklist.clinic.histories import opened_to_read
from checklist.clinic.people.people_views import held_here
from checklist.clinic.texts.kinds import shipped_kinds
from checklist.clinic.texts.library import Library
from checklist.clinic.texts.procedures import PROCEDURES
from checklist.gate.lint import lint as lint_procedure
from checklist.gate.reading import parse as parse_procedure
from checklist.ledger.errors import LedgerError
from checklist.people.errors import PeopleError
from checklist.protocol.errors import Fault, ProtocolError
from checklist.protocol.library import PROFILES, shipped, shipped_profiles
from checklist.protocol.linting.lint import READERS, Checked, kind_of
from checklist.protocol.linting.surroundings import Surroundings
from checklist.protocol.loader import LoadedProtocol, contents, load_profiles, parse_profile, read, text_of
from checklist.protocol.locate import Locator
from checklist.protocol.profile import check_needs
from checklist.protocol.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from checklist.clinic.folder import Folder
    from checklist.protocol.linting.lint import Reader
    from checklist.protocol.model import Protocol


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of the surroundings, and why the versions in force are not (empty: they are)."""

    found: Surroundings
    readers: Mapping[str, Reader]
    unread: str = ""


def shipped_around() -> Around:
    """What stands around the shipped files."""
    profiles = tuple(shipped_profiles().values())
    found = Surroundings(known=frozenset(shipped()), profiles=profiles, kinds=shipped_kinds())
    return Around(found, _readers((), {}))  # each protocol is looked at beside every profile, and that is enough


def around(folder: Folder, paths: Iterable[Path]) -> Around:
    """What stands around these files. They follow the versions in force where all of them are the clinic's own."""
    own, paths = folder.protocols, list(paths)
    files = _files([own, *paths])
    stems = {path.stem for path in files}
    profiles = {**shipped_profiles(), **(load_profiles(own / PROFILES)[0] if (own / PROFILES).is_dir() else {})}
    known, kinds = frozenset({*shipped(), *stems}), shipped_kinds()
    found = Surroundings(known=known, profiles=tuple(profiles.values()), kinds=kinds)
    if not folder.made or not all(path.resolve().is_relative_to(own.resolve()) for path in paths):
        return Around(found, _at_home(own, _readers(files, shipped())))
    try:
        in_force, before, held = _in_force(folder, None if _any_profile(files) else stems)
    except (ClinicError, LedgerError, PeopleError, OSError) as error:
        why = f"The versions in force cannot be read, so no version was compared: {error}"
        return Around(found, _at_home(own, _readers(files, shipped())), why)
    of_these = {name: before[name] for name in stems & before.keys()}
    found = replace(found, before=of_these, kinds={**kinds, **in_force}, held=held)
    return Around(found, _at_home(own, _readers(files, {**shipped(), **before})))


def _at_home(own: Path, readers: Mapping[str, Reader]) -> Mapping[str, Reader]:
    """These readers, which say as well of a file in the clinic's folder when `adopt` would not look for it there."""
    homes = {"protocol": own, "procedure": own / PROCEDURES, "profile": own / PROFILES}

    def looking_where(kind: str, reader: Reader) -> Reader:
        def check(data: bytes, name: str, surroundings: Surroundings) -> Checked:
            checked, folder, home = reader(data, name, surroundings), Path(name).parent.resolve(), homes[kind].resolve()
            if checked.id is None or folder == home or not folder.is_relative_to(own.resolve()):
                return checked
            fault = _misplaced(data, name, kind, homes[kind])
            return Checked(checked.id, tuple(sorted([*checked.faults, fault])))

        return check

    return MappingProxyType({kind: looking_where(kind, reader) for kind, reader in readers.items()})


def _misplaced(data: bytes, name: str, kind: str, home: Path) -> Fault:
    place = Locator(text_of(data)).place((kind,))
    message = f"this is a {kind}, and a {kind} is not looked for in this folder"
    fix = clean(f"move the file to {home / Path(name).name}")
    return Fault(clean(name, limit=500), *place, "misplaced", "error", message, fix)


def _any_profile(files: Iterable[Path]) -> bool:
    return any(not isinstance(data, list) and kind_of(data) == "profile" for data in map(contents, files))


def _readers(files: Iterable[Path], walked: Mapping[str, LoadedProtocol]) -> Mapping[str, Reader]:
    """The reader of each kind of text, by the name of its first table: a new kind is plugged in here. `walked` are the
    protocols that a profile must give their values."""

    @cache
    def protocols() -> Mapping[str, Protocol]:
        # Read only where a procedure asks for them: most files that are looked at are none.
        loaded = [one for one in map(read, files) if isinstance(one, LoadedProtocol)]
        return {one.protocol.id: one.protocol for one in (*shipped().values(), *loaded)}

    return MappingProxyType({**READERS, "procedure": _procedures(protocols), "profile": _profiles(walked)})


def _profiles(walked: Mapping[str, LoadedProtocol]) -> Reader:
    def check(data: bytes, name: str, _around: Surroundings) -> Checked:
        loaded = parse_profile(data, name=name)
        if isinstance(loaded, list):
            return Checked(None, tuple(loaded))
        faults = check_needs(loaded, name, [one.protocol for one in walked.values()])
        return Checked(loaded.profile.id, tuple(faults))

    return check


def _procedures(protocols: Callable[[], Mapping[str, Protocol]]) -> Reader:
    def check(data: bytes, name: str, _around: Surroundings) -> Checked:
        loaded = parse_procedure(data, name=name)
        if isinstance(loaded, list):
            return Checked(None, tuple(loaded))
        return Checked(loaded.procedure.id, tuple(lint_procedure(loaded, protocols(), name=name)))

    return check


def _files(paths: Iterable[Path]) -> list[Path]:
    found = [path.rglob("*.toml") if path.is_dir() else [path] for path in paths]
    return sorted({file for files in found for file in files})


def _in_force(
    folder: Folder, names: set[str] | None
) -> tuple[dict[str, str], dict[str, LoadedProtocol], frozenset[str]]:
    """The kind of every text in force by its id, the protocols in force of these ids (None: of all), and the roles and
    credentials held here. The ledger is opened for reading only: looking at files writes nothing."""
    before: dict[str, LoadedProtocol] = {}
    library = Library(folder)
    with opened_to_read(folder) as (readers, _):
        kinds = {one.id: one.kind for one in library.texts_in_force(readers[-1])}
        held = held_here(readers[-1])
        for name, adopted in library.in_force(readers[-1]).items():
            if names is None or name in names:
                try:
                    before[name] = library.by_digest(name, adopted.sha256)
                except (ClinicError, ProtocolError):
                    continue  # a lost or unreadable text is told by the checks of the record, not here
    return kinds, before, held
