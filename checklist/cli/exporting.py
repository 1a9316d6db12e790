"""`checklist export`: the record taken away as lines that lose nothing, as tables, or as a database."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from checklist.cli.shared import PATH, TAKES_FILTER, TEXT, clinic_folder, clinic_option, refuse, say, tell, via

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from checklist.audit.catalogue import Catalogue
    from checklist.clinic.exporting import Exported
    from checklist.clinic.service import Clinic

    Progress = Callable[[int, int], None]

_NO_BUNDLE = (
    "This version makes no bundle and hands out no names or words: jsonl, csv and sqlite hold ids and commitments. "
    "A lead's backup holds everything."
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
    """
    if form == "bundle" or with_openings:
        refuse(_NO_BUNDLE)
    if form not in ("jsonl", "csv", "sqlite"):
        refuse(f"“{form[:40]}” is no format; give one of: jsonl, csv, sqlite.")
    line = filter_line(filters)
    if form == "sqlite" and line:
        refuse("sqlite takes the whole record: filter it where you open it, or export jsonl or csv.")
    from checklist.clinic import exporting

    with reading(ctx) as opened:
        if form == "jsonl" and not line:
            with progress("Written") as count:
                _told(exporting.as_lines(opened, out, via(), progress=count), "entries")
            return 0
        with catalogue(opened) as tables, progress("Written") as count:
            wanted = exporting.chosen(opened, tables, line) if line else None
            if form == "jsonl" and wanted is not None:
                places = exporting.places(tables.db, wanted)
                _told(exporting.as_lines(opened, out, via(), places, count), "entries")
            elif form == "csv":
                _told(exporting.as_tables(opened, tables.db, out, via(), wanted, count), "rows")
            else:
                _told(exporting.as_database(opened, tables.db, out, via()), "entries")
                beside = out.with_name(f"{out.stem}{exporting.METADATA}")
                say(f"Open it: datasette {out} --metadata {beside} --setting facet_time_limit_ms 5000")
    return 0


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
def catalogue(opened: Clinic) -> Iterator[Catalogue]:
    """The clinic's catalogue, up to date, with what the rules find in it by now."""
    from checklist.clinic import auditing
    from checklist.clinic.judging import judged

    with progress("Laid out") as count:
        tables = auditing.opened(opened, progress=count)
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


def _told(found: Exported, what: str) -> None:
    say(f"{found.path}: {found.count} {what}, SHA-256 {found.sha256}")
    if not found.recorded:
        tell("The record cannot be gone on with, so it does not say that this was exported.")
    if not found.count:
        tell("The filter takes nothing of the record.")
    if found.damaged:
        shown = ", ".join(found.damaged[:10])
        more = len(found.damaged) - 10
        tell(f"Could not be read: {shown}{f' and {more} more' if more > 0 else ''}; see “checklist verify”.")
