"""Verifying the record of a clinic: the ledger by its own rules, its views by a rebuild, and the protocol texts,
attached files and words by the digests that the record names."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from contextlib import suppress
from dataclasses import replace
from itertools import chain, islice
from typing import TYPE_CHECKING

from checklist.clinic import config as configuration
from checklist.clinic.errors import ClinicError
from checklist.clinic.views import VIEWS
from checklist.ledger.errors import LedgerError
from checklist.ledger.keys import StationKey
from checklist.ledger.note import Checkpoint
from checklist.ledger.reader import open_read_only
from checklist.ledger.report import MAX_FINDINGS, Finding, Report
from checklist.ledger.verify import verify_file
from checklist.ledger.views import digest
from checklist.people.commitment import opens
from checklist.people.errors import PeopleError
from checklist.people.store import PeopleStore
from checklist.run.events import number_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from checklist.clinic.folder import Folder
    from checklist.ledger.entry import Entry
    from checklist.ledger.reader import Reader
    from checklist.ledger.views import View

    Progress = Callable[[int, int], None]

_PAGE = 1000
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ATTACHED = re.compile(rb'"value":"[0-9a-f]{64}"')  # a leaf has one way to write it


def verify_ledger(path: Path, *, since: int = 0, vkey: str | None = None, progress: Progress | None = None) -> Report:
    """Verify one ledger file by itself, wherever it came from; `vkey` is the genesis key as kept on paper."""
    return verify_file(path, views=_views_of(path), vkey=vkey, since=since, progress=progress)


def verify_clinic(
    folder: Folder, *, since_last: bool = False, vkey: str | None = None, progress: Progress | None = None
) -> Report:
    """Verify the ledger in use of a clinic folder against its key and high-water mark, the ledgers that a restore
    left, and the files that the record names. The report is that of the ledger in use, with the findings of all.

    `vkey` is the genesis key as kept on paper; without it the key that lies in the folder has to do.
    """
    since = _last_verified(folder.ledger) if since_last else 0
    own, unusable = _own_key(folder)
    report = verify_file(
        folder.ledger,
        high_water=_mark(folder),
        views=_views_of(folder.ledger),
        vkey=vkey or own,
        since=since,
        progress=progress,
    )
    if report.result == "cannot-check":
        return report
    if report.views is None and not since:
        why = "the tables that questions are asked of were built by another version, and were not compared"
        unusable.append(Finding("views", why))
    report = replace(report, findings=(*report.findings, *unusable))
    broken = list(_archives(folder))
    if broken:
        report = replace(report, result="tampered")
    return replace(report, findings=(*report.findings, *broken, *_missing(folder)))


def _own_key(folder: Folder) -> tuple[str | None, list[Finding]]:
    """The verifier key of this station by its own key file, and what to say where that cannot be used."""
    try:
        table = configuration.load(folder.config).clinic
        return StationKey.load(folder.keys, f"{table.origin}/{table.station}").vkey, []
    except (ClinicError, LedgerError) as error:
        why = f"the record was not checked against this station's own key: {error}"
        return None, [Finding("key", why)]


def _mark(folder: Folder) -> Path | None:
    """The high-water file of the ledger in use, by the ledger's own station: it counts whatever became of the key."""
    try:
        with open_read_only(folder.ledger) as reader:
            return folder.keys / f"{reader.station}.high-water"
    except LedgerError:
        return None


def _last_verified(path: Path) -> int:
    """How far the record was when it was last found clean; 0 where it never was."""
    try:
        with open_read_only(path) as reader:
            found = reader.entries_of_kind("verified", newest_first=True, limit=_PAGE)
    except LedgerError:
        return 0
    return next((number_of(one.data, "size") for one in found if text_of(one.data, "result") == "clean"), 0)


def _views_of(path: Path) -> Sequence[View]:
    """The views to compare: none where another version of the program has built the file's."""
    try:
        with open_read_only(path) as reader:
            return VIEWS if reader.head().views == digest(VIEWS) else ()
    except LedgerError:
        return VIEWS


# -- the ledgers of earlier stations --------------------------------------------------------------------


def _archives(folder: Folder) -> Iterator[Finding]:
    """What is wrong with them: each must be what the ledger after it says it goes on from."""
    paths = {path.name: path for path in folder.archives}
    goes_on_from = [found for path in (folder.ledger, *paths.values()) if (found := _origin(path)) is not None]
    for station, checkpoint in goes_on_from:
        name = f"ledger-{station}.db"
        if name not in paths:
            yield Finding("archive", f"{name}: is missing; put it back from a backup")
            continue
        path = paths.pop(name)
        report = verify_file(path, views=_views_of(path), known_checkpoints=[checkpoint])
        if report.result != "clean":
            yield Finding("archive", f"{name}: {_why(report)}")
        elif report.anchored_to != checkpoint.size:
            yield Finding("archive", f"{name}: is not the record that the one in use goes on from")
    for name, path in paths.items():
        report = verify_ledger(path)
        if report.result != "clean":
            yield Finding("archive", f"{name}: {_why(report)}")


def _origin(path: Path) -> tuple[str, Checkpoint] | None:
    """The station that a ledger goes on from, and where that one ended; None where it goes on from none."""
    try:
        with open_read_only(path) as reader:
            data = reader.entry(0).data.get("from")
            if not isinstance(data, dict):
                return None
            station, root = text_of(data, "station"), text_of(data, "root") or ""
            if station is None or not _SHA256.fullmatch(root):
                return None
            origin = f"{reader.origin.rpartition('/')[0]}/{station}"
            return station, Checkpoint(origin, number_of(data, "size"), bytes.fromhex(root))
    except (LedgerError, IndexError):
        return None


def _why(report: Report) -> str:
    if report.first_bad:
        return report.first_bad.why
    return report.findings[0].why if report.findings else "it cannot be read"


# -- what the record names and the folder should hold ---------------------------------------------------


def _missing(folder: Folder) -> Iterator[Finding]:
    """Texts, files and words that the record names and the folder no longer has as they were."""
    paths = (folder.ledger, *folder.archives)
    erased = {commitment for path in paths for commitment in _erased(path)}
    for path in paths:
        with suppress(LedgerError), open_read_only(path) as reader:  # the verification of that ledger has said it
            words = _missing_words(folder, reader, erased)
            found = chain(_missing_texts(folder, reader), _missing_files(folder, reader), words)
            yield from islice(found, MAX_FINDINGS)


def _missing_texts(folder: Folder, reader: Reader) -> Iterator[Finding]:
    for entry in _pages(reader, "protocol.adopted"):
        sha256 = text_of(entry.data, "sha256") or ""
        if not _is_whole(folder.adopted / f"{sha256}.toml", sha256):
            yield Finding("protocol-text", f"{sha256}.toml in adopted/ is missing or was changed", entry.index)


def _missing_files(folder: Folder, reader: Reader) -> Iterator[Finding]:
    """A step's value that is a SHA-256 is that of a file that was attached."""
    for entry in reader.matching(_ATTACHED, newest_first=True):
        sha256 = text_of(entry.data, "value") or ""
        if entry.kind == "step.done" and _SHA256.fullmatch(sha256) and not _is_whole(folder.evidence / sha256, sha256):
            yield Finding("evidence", f"{sha256} in evidence/ is missing or was changed", entry.index)


def _is_whole(path: Path, sha256: str) -> bool:
    try:
        # A pipe put there under that name must not hold up the verification.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            regular = stat.S_ISREG(os.fstat(handle).st_mode)
            return regular and hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def _missing_words(folder: Folder, reader: Reader, erased: set[str]) -> Iterator[Finding]:
    """Commitments of names, references and words that people.db cannot open and no `erased` entry accounts for."""
    try:
        with PeopleStore.open(folder.people) as people:
            for value, index in _commitments(reader):
                if people.words(value) is None and value not in erased:
                    yield Finding("opening", "words of this entry are missing from people.db or were changed", index)
            yield from _other_names(reader, people)
    except PeopleError as error:
        yield Finding("people", str(error))


def _other_names(reader: Reader, people: PeopleStore) -> Iterator[Finding]:
    """Operators whom people.db calls otherwise than the record has committed to: with another name in that table,
    every screen would put their entries down to somebody else."""
    for row in reader.query("SELECT id, name FROM operator ORDER BY id"):
        operator, commitment = str(row[0]), str(row[1])
        opening = people.opening(commitment)
        named = people.name(operator)
        if opening is not None and opens(opening) and dict(opening.fields) != {"operator": operator, "name": named}:
            yield Finding("name", f"people.db calls {operator} otherwise than the record has committed to")


def _commitments(reader: Reader) -> Iterator[tuple[str, int]]:
    after = ""
    question = "SELECT value, idx FROM commitment WHERE value > ? ORDER BY value LIMIT ?"
    while rows := reader.query(question, (after, _PAGE)):
        for value, index in rows:
            yield str(value), int(str(index))
        after = str(rows[-1][0])


def _erased(path: Path) -> Iterator[str]:
    """The commitments whose openings were erased on purpose: those that an `erased` entry lists."""
    with suppress(LedgerError), open_read_only(path) as reader:
        for entry in _pages(reader, "erased"):
            listed = entry.data.get("commitments")
            yield from (item for item in listed if isinstance(item, str)) if isinstance(listed, list) else ()


def _pages(reader: Reader, kind: str) -> Iterator[Entry]:
    """The entries of a kind, newest first, a page in memory at a time."""
    before: int | None = None
    while page := reader.entries_of_kind(kind, newest_first=True, limit=_PAGE, before=before):
        yield from page
        before = page[-1].index
