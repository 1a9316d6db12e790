"""Verifying the record of a clinic: the ledger by its own rules, its views by a rebuild, and the protocol texts and
attached files by the digests that the record names."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from checklist.clinic import config as configuration
from checklist.clinic.errors import ClinicError
from checklist.clinic.views import VIEWS
from checklist.ledger.errors import LedgerError
from checklist.ledger.keys import StationKey
from checklist.ledger.reader import open_read_only
from checklist.ledger.report import Finding, Report
from checklist.ledger.verify import verify_file
from checklist.run.events import number_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from checklist.clinic.folder import Folder
    from checklist.ledger.reader import Reader

    Progress = Callable[[int, int], None]


def verify_ledger(path: Path, *, since: int = 0, progress: Progress | None = None) -> Report:
    """Verify one ledger file by itself, wherever it came from."""
    return verify_file(path, views=VIEWS, since=since, progress=progress)


def verify_clinic(folder: Folder, *, since_last: bool = False, progress: Progress | None = None) -> Report:
    """Verify the ledger in use of a clinic folder against its key and high-water mark, the ledgers that a restore
    left, and the files that the record names. The report is that of the ledger in use, with the findings of all."""
    since = _last_verified(folder.ledger) if since_last else 0
    key = _own_key(folder)
    report = verify_file(
        folder.ledger,
        high_water=key.path.with_suffix(".high-water") if key else None,
        views=VIEWS,
        vkey=key.vkey if key else None,
        since=since,
        progress=progress,
    )
    if report.result == "cannot-check":
        return report
    findings = [*report.findings, *_missing_files(folder)]
    for path in folder.archives:
        old = verify_file(path, views=VIEWS)
        if old.result != "clean":
            why = old.first_bad.why if old.first_bad else "it cannot be read"
            findings.append(Finding("archive", f"{path.name}: {why}"))
            report = replace(report, result="tampered")
    return replace(report, findings=tuple(findings))


def _own_key(folder: Folder) -> StationKey | None:
    """The key of this station; None where a copy came without one."""
    try:
        table = configuration.load(folder.config).clinic
        return StationKey.load(folder.keys, f"{table.origin}/{table.station}")
    except (ClinicError, LedgerError):
        return None


def _last_verified(path: Path) -> int:
    try:
        with open_read_only(path) as reader:
            found = reader.entries_of_kind("verified", newest_first=True, limit=1)
    except LedgerError:
        return 0
    return number_of(found[0].data, "size") if found else 0


def _missing_files(folder: Folder) -> Iterator[Finding]:
    """Protocol texts that the record names and the folder no longer has as they were."""
    try:
        with open_read_only(folder.ledger) as reader:
            named = _named_protocols(reader)
    except LedgerError:
        return
    for sha256, index in named:
        path = folder.adopted / f"{sha256}.toml"
        try:
            same = hashlib.sha256(path.read_bytes()).hexdigest() == sha256
        except OSError:
            same = False
        if not same:
            yield Finding("protocol-text", f"{path.name} in adopted/ is missing or was changed", index)


def _named_protocols(reader: Reader) -> list[tuple[str, int]]:
    adopted = reader.entries_of_kind("protocol.adopted")
    return [(str(entry.data.get("sha256")), entry.index) for entry in adopted]
