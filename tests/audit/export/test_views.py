"""Whoever counts the rows of an export arrives at the numbers of the report, and so does the filter of the log."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING, Final

import pytest

from checklist.audit.export import sqlite as database
from checklist.audit.numbers import apart, done
from checklist.audit.numbers.scope import Scope
from checklist.audit.query import parse, runs
from checklist.audit.state import worked
from checklist.protocol.loader import LoadedProtocol
from checklist.protocol.loader import parse as parse_protocol
from tests.support.laid_out import SHA, Book, laid_out
from tests.support.making import header

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from checklist.audit.catalogue import Catalogue
    from checklist.protocol.model import Protocol

ASKED: Final = '[[steps]]\nid = "{}"\nkind = "confirm"\ndo = "{}"\nexpect = "done"\n'
TEXT: Final = (
    header("home", "Send home")
    + ASKED.format("call", "24-48 h after: call and ask.")
    + ASKED.format("bin", "Empty the bin.")
)
SOON, LATER = "2027-03-03T12:00:00Z", "2027-03-20T12:00:00Z"


def text(_: str) -> Protocol:
    found = parse_protocol(TEXT.encode(), name="home.toml")
    assert isinstance(found, LoadedProtocol), found
    return found.protocol


def sent_home(book: Book, step: str, until: str, at: str | None) -> None:
    """A visit with this step put off, and done at that moment, if ever."""
    run = book.begin("home")
    book.record("step.deferred", {"reason": "not-needed", "until": until}, run=run, step=step)
    book.end(run, "complete-except-deferred", 1)
    if at is not None:
        book.at(at)
        book.record("run.resumed", run=run)
        book.done(run, step)
        book.end(run, deviations=1)


@pytest.fixture
def laid(tmp_path: Path) -> Iterator[Catalogue]:
    """A record that begins on 1 March at ten: calls that were kept, that wait and that were forgotten, a step put off
    otherwise and one that was skipped; with a plan from before it began until after its last work."""
    book = Book(tmp_path, at="2027-03-01T10:00:00.000000Z")
    told = {"id": "home", "version": "1.0.0", "sha256": SHA, "title": "Send home", "category": "clinic"}
    book.record("protocol.adopted", told, actor=None)
    sent_home(book, "call", SOON, "2027-03-02T11:00:00.000000Z")
    sent_home(book, "call", LATER, "2027-03-02T12:00:00.000000Z")
    sent_home(book, "bin", SOON, "2027-03-02T13:00:00.000000Z")
    sent_home(book, "call", SOON, None)
    book.at("2027-03-08T09:00:00.000000Z")
    sent_home(book, "call", "2027-03-10T12:00:00Z", None)
    skipped = book.begin("home")
    book.record("step.skipped", {"reason": "mistake"}, run=skipped, step="bin")
    book.end(skipped, deviations=1)
    book.at("2027-03-25T09:00:00.000000Z")
    book.record("signed-in")
    book.record("remarked", {"words": "ab" * 32, **book.about(skipped)})
    with laid_out([book.reader()], texts=text) as found:
        asked = [("2027-03-01", "08:30", "late"), ("2027-03-01", "18:00", "done"), ("2027-03-02", "18:00", "missed"),
                 ("2027-03-08", "18:00", "missed"), ("2027-03-09", "18:00", "missed")]  # fmt: skip
        found.db.executemany(
            "INSERT INTO planned VALUES ('home', 'clinic', ?, ?, ?, NULL)",
            [(day, f"{day}T{hour}:00.000000Z", state) for day, hour, state in asked],
        )
        yield found


@pytest.fixture
def told(laid: Catalogue) -> Scope:
    """What a report of March covers: up to the clinic's last work, which no reader moves."""
    work = worked(laid.db)
    assert work is not None
    assert work.day == "2027-03-08"
    return Scope("2027-03-01", "2027-03-31", over=work.day, upto=work.n)


def counted(laid: Catalogue, tmp_path: Path, question: str) -> tuple[int, ...]:
    """What SQL says of the file that left."""
    out = tmp_path / "record.db"
    if not out.exists():
        database.write(out, laid.db, [])
    with closing(sqlite3.connect(out)) as db:
        return tuple(db.execute(question).fetchone())


def test_deviations_are_counted_as_the_report_counts_them(laid: Catalogue, told: Scope, tmp_path: Path) -> None:
    report = apart.deviating(laid.db, told)
    steps, of_runs = sum(each.steps for each in report), sum(each.deviating for each in report)
    assert (steps, of_runs) == (4, 4)
    assert done.coverage(laid.db, told).deviations == steps
    question = "SELECT count(*), count(DISTINCT run) FROM deviations WHERE as_planned = {}"
    assert counted(laid, tmp_path, question.format(0)) == (steps, of_runs)
    assert counted(laid, tmp_path, question.format(1)) == (2, 2)
    assert counted(laid, tmp_path, "SELECT count(*), sum(deviations) FROM runs") == (6, 6)


def test_the_filter_of_the_log_makes_the_same_distinction(laid: Catalogue, told: Scope) -> None:
    def found(line: str) -> int:
        return sum(1 for row in runs(laid.db, parse(line, date(2027, 3, 31), lambda named: named)) if row.what == "run")

    assert found("deviation:yes") == 6
    assert found("deviation:unplanned") == sum(each.deviating for each in apart.deviating(laid.db, told)) == 4
    assert found("deviation:yes -deviation:unplanned") == 2
    assert found("step:call deviation:unplanned") == 2
    assert found("step:call -deviation:unplanned") == 2
    assert found("step:call state:deferred deviation:unplanned") == 1
    assert found("step:bin deviation:unplanned") == 2
    assert found("kind:step.skipped deviation:unplanned") == 1


def test_the_plan_is_counted_as_the_report_counts_it(laid: Catalogue, told: Scope, tmp_path: Path) -> None:
    report = done.kept(laid.db, told, "protocol")
    ((planned, missed),) = [(each.planned, each.missed) for each in report]
    assert (planned, missed) == (2, 1)
    question = "SELECT count(*), sum(state = 'missed') FROM plan"
    assert counted(laid, tmp_path, f"{question} WHERE over = 1") == (planned, missed)
    assert counted(laid, tmp_path, question) == (4, 3)
    assert counted(laid, tmp_path, "SELECT count(*) FROM plan WHERE due < (SELECT min(at) FROM entries)") == (0,)
