"""Verifying the record of a clinic: the ledger by its own rules, its views by a rebuild, signatures by what they are
bound to, and the protocol texts, attached files, names and words by the digests that the record names."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING

from checklist.clinic import config as configuration
from checklist.clinic.acting import recorded
from checklist.clinic.errors import ClinicError
from checklist.clinic.people import attribution
from checklist.clinic.plan.configured import CONFIGURED
from checklist.clinic.views import ADOPTED, VIEWS
from checklist.ledger.entry import Draft
from checklist.ledger.errors import LedgerError
from checklist.ledger.keys import StationKey
from checklist.ledger.note import Checkpoint
from checklist.ledger.reader import PAGE, open_read_only
from checklist.ledger.report import MAX_FINDINGS, Finding, Report
from checklist.ledger.verify import verify_file
from checklist.ledger.views import digest
from checklist.people.errors import PeopleError
from checklist.people.store import PeopleStore
from checklist.run.events import number_of, text_of
from checklist.run.reading import Refusal
from checklist.run.rights import Act

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from checklist.clinic.folder import Folder
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.ledger.reader import Reader
    from checklist.ledger.views import View

    Progress = Callable[[int, int], None]

_TAMPERING = attribution.TAMPERING | {"archive"}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ATTACHED = re.compile(rb'"value":"[0-9a-f]{64}"')  # a leaf has one way to write it


def verify_ledger(path: Path, *, since: int = 0, vkey: str | None = None, progress: Progress | None = None) -> Report:
    """Verify one ledger file by itself, wherever it came from; `vkey` is the genesis key as kept on paper."""
    report = verify_file(path, views=_views_of(path), vkey=vkey, since=since, progress=progress)
    return _judged(report, _misplaced(path, since))


def verify_clinic(
    folder: Folder, *, since_last: bool = False, vkey: str | None = None, progress: Progress | None = None
) -> Report:
    """Verify the ledger in use of a clinic folder against its key and high-water mark, the ledgers that a restore
    left, and the files that the record names. The report is that of the ledger in use, with the findings of all.

    `vkey` is the genesis key as kept on paper; without it the key that lies in the folder has to do. Where something is
    wrong, what readers had laid out of the record before is thrown away: it may still show as whole what no more is.
    """
    since = _last_verified(folder.ledger) if since_last else 0
    own, unusable = _own_key(folder)
    views = _views_of(folder.ledger)
    report = verify_file(
        folder.ledger,
        high_water=_mark(folder),
        views=views,
        vkey=vkey or own,
        since=since,
        progress=progress,
    )
    if report.result == "cannot-check":
        return report
    if not views and not since:
        why = "the tables that questions are asked of were built by another version, and were not compared"
        unusable.append(Finding("views", why))
    report = _judged(report, [*_misplaced(folder.ledger, since), *unusable, *_archives(folder), *_beside(folder)])
    if report.result != "clean":
        from checklist.clinic.auditing import forget

        forget(folder)
    return report


def _judged(report: Report, found: Sequence[Finding]) -> Report:
    """The report with these findings as well: some of them say that something was tampered with."""
    if report.result != "cannot-check" and any(finding.rule in _TAMPERING for finding in found):
        report = replace(report, result="tampered")
    return replace(report, findings=(*report.findings, *found))


def _misplaced(path: Path, since: int) -> list[Finding]:
    """Signatures that were put under another record. What cannot be read, the verification of the ledger has said."""
    with suppress(LedgerError), open_read_only(path, partly=True) as reader:
        return list(islice(_legible(attribution.misplaced(reader, since)), MAX_FINDINGS))
    return []


def _legible(found: Iterator[Finding]) -> Iterator[Finding]:
    """What is found for as long as the ledger can be read."""
    with suppress(LedgerError):
        yield from found


def record_verified(clinic: Clinic, report: Report, who: SignedIn, via: str) -> Refusal | None:
    """Record that somebody verified, and what came out; why not, where they may not."""
    told = Draft("verified", {"size": report.entries, "result": report.result}, who.id, via)
    entry = recorded(clinic, Act.RECORD_VERIFIED, who, told)
    return entry if isinstance(entry, Refusal) else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found that somebody recorded (`clean`, `tampered`), and when (UTC)."""

    at: str
    result: str


def last_verdict(reader: Reader) -> Verdict | None:
    """The newest verdict that the record tells of; None where there is none. Raises LedgerError."""
    for entry in reader.entries_of_kind("verified", newest_first=True, limit=1):
        return Verdict(entry.at, text_of(entry.data, "result") or "unknown")
    return None


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
        with open_read_only(folder.ledger, partly=True) as reader:
            return folder.keys / f"{reader.station}.high-water"
    except LedgerError:
        return None


def _last_verified(path: Path) -> int:
    """How far the record was when it was last found clean; 0 where it never was."""
    try:
        with open_read_only(path, partly=True) as reader:
            found = reader.entries_of_kind("verified", newest_first=True, limit=PAGE)
    except LedgerError:
        return 0
    return next((number_of(one.data, "size") for one in found if text_of(one.data, "result") == "clean"), 0)


def _views_of(path: Path) -> Sequence[View]:
    """The views to compare: none where another version of the program has built the file's."""
    try:
        with open_read_only(path, partly=True) as reader:
            return VIEWS if reader.query("SELECT views FROM kept") == [(digest(VIEWS),)] else ()
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
        yield from _misplaced(path, 0)
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


def _beside(folder: Folder) -> Iterator[Finding]:
    """Texts, files, names and words that the record names and the folder no longer has as they were."""
    paths = (folder.ledger, *folder.archives)
    erased = attribution.erased_commitments(paths)
    for path in paths:
        # What cannot be read, the verification of that ledger has said.
        with suppress(LedgerError), open_read_only(path, partly=True) as reader:
            people = _people(folder, reader, erased)
            texts, files = _missing_texts(folder, reader), _missing_files(folder, reader)
            yield from _most(chain(people, _legible(texts), _legible(files)))


def _people(folder: Folder, reader: Reader, erased: Mapping[str, str | None]) -> Iterator[Finding]:
    """Names and words that people.db has not as they were. Who works here now, the ledger in use tells."""
    try:
        with PeopleStore.open(folder.people) as people:
            yield from _legible(attribution.misnamed(reader, people, erased))
            if reader.path == folder.ledger:
                yield from _legible(attribution.renamed(reader, people))
            yield from _legible(attribution.unopened(reader, people, erased))
    except PeopleError as error:
        yield Finding("people", str(error))


def _most(found: Iterable[Finding]) -> list[Finding]:
    """As many findings as are shown, those that tell of tampering first: they must not drown among the others."""
    grave: list[Finding] = []
    others: list[Finding] = []
    for finding in found:
        into = grave if finding.rule in attribution.TAMPERING else others
        if len(into) < MAX_FINDINGS:
            into.append(finding)
    return [*grave, *others][:MAX_FINDINGS]


def _missing_texts(folder: Folder, reader: Reader) -> Iterator[Finding]:
    for entry in (each for kind in (*ADOPTED, CONFIGURED) for each in attribution.pages(reader, kind)):
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
