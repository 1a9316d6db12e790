"""`checklist verify` and `checklist doctor`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from checklist.cli.shared import (
    PATH,
    as_option,
    clinic_folder,
    clinic_option,
    console,
    credentials,
    json_option,
    named_clinic,
    refuse,
    say,
    say_json,
    via,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from checklist.clinic.folder import Folder
    from checklist.ledger.report import Report
    from checklist.line.desk import Credentials

    Progress = Callable[[int, int], None]

_CODES = {"clean": 0, "tampered": 1, "cannot-check": 2}


@click.command()
@click.argument("path", type=PATH, required=False)
@json_option
@click.option("--since-last", is_flag=True, help="Only what came after the last recorded verification.")
@click.option("--key", "vkey", metavar="KEY", help="The genesis key as kept on paper, to check against.")
@click.option("--record", is_flag=True, help="Record the result (signed in).")
@as_option
@clinic_option
@click.pass_context
def verify(
    ctx: click.Context,
    *,
    path: Path | None,
    as_json: bool,
    since_last: bool,
    vkey: str | None,
    record: bool,
    operator: str | None,
    secret_file: Path | None,
) -> int:
    """Verify the record: of this clinic, of another folder, or one ledger file.

    Exit code 0: clean; 1: tampered; 2: it cannot be checked.
    """
    if record and path is not None:
        refuse("--record is for the clinic's own record: give no PATH with it.")
    folder = clinic_folder(ctx) if path is None else None
    own = credentials(operator, secret_file)

    def verified() -> Report:
        found = _verified(folder, path, since_last=since_last, vkey=vkey)
        if as_json:
            say_json(found.as_json())
        else:
            say(*_lines(found))
        return found

    report = verified() if not record or folder is None else _recorded(folder, verified, own)
    return _CODES[report.result]


@click.command()
@json_option
@clinic_option
@click.pass_context
def doctor(ctx: click.Context, *, as_json: bool) -> int:
    """Say whether this machine and this folder are fit for the record.

    Exit code 0: they are; 1: something must be put right first.
    """
    from checklist.clinic.doctor import examine
    from checklist.clinic.folder import find

    found = examine(find(named_clinic(ctx)))
    if as_json:
        say_json([{"name": one.name, "level": one.level, "detail": one.detail} for one in found])
    else:
        say(*(f"{one.level}: {one.name}: {one.detail}" for one in found))
    return 1 if any(one.level == "fault" for one in found) else 0


def _verified(folder: Folder | None, path: Path | None, *, since_last: bool, vkey: str | None) -> Report:
    """The report on a clinic's folder, or on whatever lies at `path`."""
    from checklist.clinic.checking import verify_clinic, verify_ledger
    from checklist.clinic.folder import Folder

    progress = _progress()
    try:
        if path is not None and not path.is_dir():
            return verify_ledger(path, vkey=vkey, progress=progress)
        found = Folder(path.absolute()) if path is not None else folder
        if found is None:
            refuse("Give the PATH of a clinic's folder or of a ledger file.")
        return verify_clinic(found, since_last=since_last, vkey=vkey, progress=progress)
    finally:
        if progress is not None:
            print(file=sys.stderr)


def _progress() -> Progress | None:
    """A line that counts, on a terminal only."""
    if not sys.stderr.isatty():
        return None

    def count(done: int, whole: int) -> None:
        print(f"\rChecked {done} of {whole} entries", end="", file=sys.stderr, flush=True)

    return count


def _recorded(folder: Folder, verified: Callable[[], Report], own: Credentials) -> Report:
    """Verify as somebody who has signed in, tell the result, and record it. What keeps the record from being opened
    is no reason not to tell."""
    from checklist.clinic.checking import record_verified
    from checklist.clinic.service import Clinic
    from checklist.ledger.errors import LedgerError
    from checklist.line.desk import signed_in
    from checklist.run import rights
    from checklist.run.rights import Act

    desk = console()
    try:
        clinic = Clinic.open(folder)
    except LedgerError as error:
        print(f"The result is not recorded: {error}", file=sys.stderr)
        return verified()
    with clinic, desk.listening(), signed_in(clinic, desk, own, via()) as who:
        if refusal := rights.refusal(Act.RECORD_VERIFIED, who.person.roles):
            refuse(refusal.message)
        report = verified()
        if refusal := record_verified(clinic, report, who, via()):
            refuse(refusal.message)
        return report


def _lines(report: Report) -> Iterator[str]:
    words = {"clean": "CLEAN", "tampered": "TAMPERED", "cannot-check": "CANNOT CHECK"}
    yield f"{words[report.result]}: {report.entries} entries of station {report.station or 'unknown'}"
    if report.root:
        yield f"Root: {report.root}"
    if report.first_bad is not None:
        yield f"First bad entry: {report.first_bad.index}, {report.first_bad.why}"
    if report.views is not None:
        yield f"Views: {report.views} as the rebuild" if report.views == "same" else "Views: differ from the rebuild"
    if report.anchored_to is not None:
        yield f"Anchored up to entry {report.anchored_to}; {report.unanchored} entries after it are not."
    for finding in report.findings:
        where = "" if finding.entry is None else f" (entry {finding.entry})"
        yield f"Finding: {finding.rule}: {finding.why}{where}"
