"""`checklist log` and `checklist show`: reading the record. Nobody has to sign in for it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final

import click

from checklist.cli.exporting import progress
from checklist.cli.shared import (
    TAKES_FILTER,
    TEXT,
    clinic_folder,
    clinic_option,
    json_option,
    refuse,
    say,
    say_json,
    say_json_list,
    tell,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from checklist.audit.catalogue import Catalogue
    from checklist.audit.query import Filter, Row
    from checklist.clinic.service import Clinic

_PAGE: Final = 500
_BEGINS: Final = "run.started"


@click.command(context_settings=TAKES_FILTER)
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@click.option("--run", metavar="RUN", help="Only entries of this run.")
@click.option("--kind", metavar="KIND", help="Only entries of this kind, such as step.done.")
@click.option("--protocol", metavar="ID", help="Only entries about this protocol.")
@click.option("--step", metavar="ID", help="Only entries at this step.")
@click.option("--actor", "operator", metavar="OPERATOR", help="Only entries of this person: a name or id.")
@click.option("--since", metavar="TIME", help="Only from this day or time on, such as 2027-03-31.")
@click.option("--until", metavar="TIME", help="Only before this time, or to the end of this day.")
@click.option("--runs", "as_runs", is_flag=True, help="List runs, done or missed, newest first.")
@json_option
@click.option("--jsonl", is_flag=True, help="Print one JSON object a line.")
@clinic_option
@click.pass_context
def log(
    ctx: click.Context, /, *, words: tuple[str, ...], as_runs: bool, as_json: bool, jsonl: bool, **options: str | None
) -> int:
    """Read the record, filtered, oldest first.

    FILTER is words such as protocol:steriliser-load, state:failed, lot:A12, since:2027-03-01 or text to look for:
    different words all hold, the same word twice means either, and -word:x leaves out. Others read the same line.

    What was planned and missed has no entry: “log is:missed” lists it among the runs, as --runs does.

    Exit code 0: something was found; 1: nothing, and a line says so.
    """
    from checklist.cli.unmatched import unmatched
    from checklist.clinic import auditing
    from checklist.clinic.entries import damage

    if stray := next((word for word in words if word.startswith("--")), None):
        refuse(f"“log” has no option “{stray[:40]}”; put it into quotes to look for it as text.")
    line = " ".join([*(_quoted(word, told) for word, told in options.items() if told is not None), *words])
    clinic, faults = auditing.open_to_read(clinic_folder(ctx))
    tell(*faults)
    with clinic as opened:
        wanted = _filter(opened, line)
        as_runs = as_runs or "missed" in wanted.values("is")
        with progress("Laid out") as counted:
            catalogue = auditing.opened(opened, progress=counted)
        with catalogue:
            show = _print_runs if as_runs else _print_entries
            lost: list[str] = []
            count = show(opened, catalogue, wanted, lost, as_json=as_json, jsonl=jsonl)
            tell(*damage(catalogue, lost))
            if not count:
                tell(unmatched(opened, catalogue, wanted))
            read = catalogue.db.execute("SELECT count(*) FROM entry").fetchone()[0] - len(lost)
    if not count and read <= 0:
        refuse("Nothing of the record can be read.")
    return 0 if count else 1


@click.command()
@click.argument("run", type=TEXT, metavar="RUN")
@click.option("--compare", "other", type=TEXT, metavar="RUN2", help="Beside another run, with what differs marked.")
@json_option
@clinic_option
@click.pass_context
def show(ctx: click.Context, *, run: str, other: str | None, as_json: bool) -> int:
    """Show one run with every step, or two beside each other. Of an entry, the run that it is part of is shown; one
    outside of runs is told by itself, with what it speaks of: of an override the answer that was passed.

    Exit code 0: found; 1: there is none.
    """
    from checklist.cli.story import side_by_side, story
    from checklist.clinic import auditing
    from checklist.clinic.beside import beside
    from checklist.clinic.errors import UnknownRunError

    clinic, faults = auditing.open_to_read(clinic_folder(ctx))
    tell(*faults)
    with clinic as opened:
        if not as_json and other is None and (lines := _outside(opened, run)):
            say(*lines)
            return 0
        try:
            found = _shown(opened, run)
            second = None if other is None else _shown(opened, other)
        except UnknownRunError as error:
            print(error, file=sys.stderr)
            return 1
        if second is not None:
            steps = beside(opened, found, second)
            if as_json:
                say_json({"one": found, "other": second, "steps": steps})
            else:
                say(*side_by_side(found, second, steps, opened))
        elif as_json:
            say_json(found)
        else:
            say(*story(opened, found))
    return 0


def _outside(clinic: Clinic, place: str) -> list[str]:
    """What an entry outside of runs says, and what it speaks of; nothing of any other."""
    from checklist.cli.story import outside
    from checklist.clinic.remarks import entry_at
    from checklist.ledger.errors import LedgerError

    try:
        entry = entry_at(clinic, place)
        return [*outside(clinic, place)] if entry is not None and entry.run is None and entry.kind != _BEGINS else []
    except LedgerError:  # what is damaged is told of where its run is looked for
        return []


def _shown(clinic: Clinic, run: str) -> dict[str, object]:
    """A run as `show` tells it, with what the rules found in it when they last looked."""
    from checklist.audit.errors import CatalogueError
    from checklist.clinic import auditing
    from checklist.clinic.beside import found_in
    from checklist.clinic.record import show as story_of

    run = _run_of(clinic, run)
    told = story_of(clinic, run)
    try:
        with progress("Laid out") as counted:
            catalogue = auditing.opened(clinic, progress=counted)
    except CatalogueError as error:  # the run itself is there all the same
        tell(str(error))
        return told
    with catalogue:
        told["findings"] = found_in(catalogue.db, run, told["findings"])
    return told


def _run_of(clinic: Clinic, place: str) -> str:
    """The run that an entry is part of, said on the side; a run itself, and what is no entry, as it was given. Raises
    UnknownRunError for an entry outside of runs."""
    from checklist.clinic.errors import UnknownRunError
    from checklist.clinic.remarks import entry_at
    from checklist.ledger.errors import LedgerError

    try:
        entry = entry_at(clinic, place)
    except LedgerError:  # what is damaged is told of by the run
        return place
    if entry is None or entry.kind == _BEGINS:
        return place
    if entry.run is None:
        raise UnknownRunError(
            f"{place} is an entry of no run ({entry.kind}): “checklist show {place}” tells it in words,"
            f" “checklist prove {place}” takes it along."
        )
    tell(f"{place} is an entry of run {entry.run}{f', at step {entry.step}' if entry.step else ''} ({entry.kind}).")
    return entry.run


def _filter(clinic: Clinic, line: str) -> Filter:
    """The filter that a line asks for. Raises FilterError."""
    from checklist.audit.query import parse
    from checklist.clinic import auditing

    known = auditing.operator(clinic)
    return parse(line, auditing.today(clinic), lambda named: known(named) or named)  # nobody of that name did anything


def _quoted(word: str, told: str) -> str:
    doubled = told.replace('"', '""')
    return f'{word}:"{doubled}"'


def _print_entries(
    clinic: Clinic, catalogue: Catalogue, wanted: Filter, lost: list[str], *, as_json: bool, jsonl: bool
) -> int:
    from checklist.cli.story import entry_line, objects
    from checklist.clinic.entries import log as entries_of
    from checklist.clinic.story import said_line

    def lines(entry: dict[str, object]) -> list[str]:
        return [entry_line(clinic, entry), *(f"    {said_line(clinic, each)}" for each in objects(entry["remarks"]))]

    if wanted.values("finding"):
        _judge(clinic, catalogue)
    return _print(
        entries_of(clinic, catalogue, wanted, lost, in_words=not (as_json or jsonl)),
        lines,
        as_json=as_json,
        jsonl=jsonl,
    )


def _print_runs(
    clinic: Clinic, catalogue: Catalogue, wanted: Filter, _lost: list[str], *, as_json: bool, jsonl: bool
) -> int:
    from checklist.audit.query import begun
    from checklist.cli.story import run_data, run_line

    _judge(clinic, catalogue)
    found = _rows(clinic, catalogue, wanted)
    if as_json or jsonl:
        return _print((run_data(row) for row in found), lambda _: [], as_json=as_json, jsonl=jsonl)
    count = 0
    for count, row in enumerate(found, 1):  # noqa: B007 - read after the loop: how many there were is returned
        asked = catalogue.db, row.protocol or "", row.subject or "", row.at
        instead = begun(*asked) if row.what == "missed" else []
        say(run_line(clinic, row, [(run, outcome) for run, _, outcome in instead]))
    return count


def _rows(clinic: Clinic, catalogue: Catalogue, wanted: Filter) -> Iterator[Row]:
    """The runs that a filter takes, and those that were planned and are missing, newest first, as the screen has
    them."""
    from checklist.audit.query import page
    from checklist.clinic import auditing

    said, before = auditing.said(clinic), None
    while True:
        found = page(catalogue.db, wanted, before, _PAGE, said=said)
        yield from (row for row in found.rows if row.what != "entry")
        before = found.before
        if before is None:
            return


def _judge(clinic: Clinic, catalogue: Catalogue) -> None:
    from checklist.clinic.judging import judged

    with progress("Asked") as counted:
        judged(clinic, catalogue, counted)


def _print(
    found: Iterator[dict[str, object]], lines: Callable[[dict[str, object]], list[str]], *, as_json: bool, jsonl: bool
) -> int:
    if as_json and not jsonl:
        return say_json_list(found)
    count = 0
    for count, each in enumerate(found, 1):  # noqa: B007 - read after the loop: how many there were is returned
        if jsonl:
            print(json.dumps(each))
        else:
            say(*lines(each))
    return count
