"""`checklist export`: the record taken away as lines that lose nothing, as tables, or as a database."""

from __future__ import annotations

import shlex
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from checklist.cli.shared import PATH, TAKES_FILTER, TEXT, clinic_folder, clinic_option, refuse, say, tell, via

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from checklist.audit.catalogue import Catalogue
    from checklist.clinic.exporting import Exported
    from checklist.clinic.service import Clinic

    Progress = Callable[[int, int], None]

_NO_BUNDLE = (
    "This version makes no bundle and hands out no names or words: jsonl, csv and sqlite hold ids and commitments. "
    "A lead's backup holds everything."
)
_MISSED = (
    "What was planned and missed has no entry to take along: it stands in the table “plan” of csv and sqlite without a "
    "filter, and “checklist log is:missed” lists it."
)


@click.command(context_settings=TAKES_FILTER)
@click.argument("form", type=TEXT, metavar="jsonl|csv|sqlite")
@click.argument("filters", type=TEXT, nargs=-1, metavar="[FILTER]...")
@click.option("--out", type=PATH, required=True, metavar="PATH", help="A new file; for csv a new folder.")
@click.option("--with-openings", is_flag=True, hidden=True)
@clinic_option
@click.pass_context
def export(ctx: click.Context, form: str, filters: tuple[str, ...], *, out: Path, with_openings: bool) -> int:
    """Take the record away. People are ids, words are commitments; what each format holds: docs/exports.md.

    jsonl: every entry to the byte, with the signed checkpoint; the one format that loses nothing. csv: a folder of
    tables, safe to open in a spreadsheet. sqlite: one file with the same tables as views, ready for Datasette. A FILTER
    as in “checklist log” takes a part (jsonl, csv). The record says that it was exported, with the file's digest.

    Exit code 0: all of it was taken; 1: what could be read was, and stderr names the rest.
    """
    if form == "bundle" or with_openings:
        refuse(_NO_BUNDLE)
    if form not in ("jsonl", "csv", "sqlite"):
        refuse(f"“{form[:40]}” is no format; give one of: jsonl, csv, sqlite.")
    line = filter_line(filters)
    if form == "sqlite" and line:
        refuse("sqlite takes the whole record: filter it where you open it, or export jsonl or csv.")
    from checklist.audit.export.appearing import refuse_taken
    from checklist.clinic import exporting

    refuse_taken(out)
    with reading(ctx) as opened:
        if form == "jsonl" and not line:
            with progress("Written") as count:
                found = exporting.as_lines(opened, out, via(), progress=count)
            return _told(found, "entries")
        with catalogue(opened, fresh=True) as tables, progress("Written") as count:
            wanted = exporting.chosen(opened, tables, line) if line else None
            if form == "jsonl" and wanted is not None:
                places, lost = exporting.places(tables.db, wanted), exporting.damaged(tables.db)
                found = exporting.as_lines(opened, out, via(), places, count, lost=lost)
            elif form == "csv":
                found = exporting.as_tables(opened, tables.db, out, via(), wanted, count)
            else:
                found = exporting.as_database(opened, tables.db, out, via())
        code = _told(found, "rows" if form == "csv" else "entries", missed=wanted is not None and wanted.missed)
        if form == "sqlite":
            command = ["datasette", str(out), "--metadata", str(out.with_name(f"{out.stem}{exporting.METADATA}"))]
            say(f"Open it: {shlex.join([*command, '--setting', 'facet_time_limit_ms', '5000'])}")
    return code


def filter_line(words: tuple[str, ...]) -> str:
    """The words of a filter as one line. Raises MisuseError where one of them was meant for an option."""
    if stray := next((word for word in words if word.startswith("--")), None):
        refuse(f"There is no option “{stray[:40]}”; put it into quotes within quotes to look for it as text.")
    return " ".join(words).strip()


@contextmanager
def reading(ctx: click.Context) -> Iterator[Clinic]:
    """The clinic, to be read: of a damaged record what can be read, with a sentence on stderr about what is wrong."""
    from checklist.clinic.auditing import open_to_read

    clinic, faults = open_to_read(clinic_folder(ctx))
    tell(*faults)
    with clinic:
        yield clinic


@contextmanager
def catalogue(opened: Clinic, *, fresh: bool = False) -> Iterator[Catalogue]:
    """The clinic's catalogue, up to date, with what the rules find in it by now. `fresh`: resting on nothing that was
    laid out before."""
    from checklist.clinic import auditing
    from checklist.clinic.judging import judged

    with progress("Laid out") as count:
        tables = auditing.opened(opened, progress=count, fresh=fresh)
    with tables:
        with progress("Asked") as count:
            judged(opened, tables, count)
        yield tables


@contextmanager
def progress(word: str) -> Iterator[Progress | None]:
    """A line on stderr that counts, on a terminal only; it ends with the block."""
    if not sys.stderr.isatty():
        yield None
        return
    told = False

    def count(done: int, whole: int) -> None:
        nonlocal told
        told = True
        print(f"\r{word} {done} of {whole}", end="", file=sys.stderr, flush=True)

    try:
        yield count
    finally:
        if told:
            print(file=sys.stderr)


def _told(found: Exported, what: str, *, missed: bool = False) -> int:
    """Say what was made, and what is missing from it; the exit code. `missed`: what was missed was asked for."""
    say(f"{found.path}: {found.count} {what}, SHA-256 {found.sha256}")
    if not found.recorded:
        tell("The record cannot be gone on with, so it does not say that this was exported.")
    if missed:
        tell(_MISSED)
    elif not found.count:
        tell("The filter takes nothing of the record.")
    tell(*found.faults, *unread(found.damaged))
    return 0 if found.whole else 1


def unread(places: Sequence[str]) -> list[str]:
    """The sentence that names the entries that could not be read, or are others than were recorded."""
    if not places:
        return []
    from checklist.audit.places import ranges

    found = ranges(places)
    shown, more = ", ".join(found[:10]), len(found) - 10
    return [f"Could not be read: {shown}{f' and {more} more places' if more > 0 else ''}; see “checklist verify”."]
