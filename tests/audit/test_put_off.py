"""What was put off as its own words ask is counted apart; what was forgotten, or put off otherwise, deviates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from checklist.audit.numbers import apart, done
from checklist.audit.numbers.put_off import PutOff, put_off
from checklist.audit.numbers.scope import Scope
from checklist.protocol.loader import LoadedProtocol, parse
from tests.support.laid_out import SHA, Book, laid_out
from tests.support.making import header

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.audit.catalogue import Catalogue
    from checklist.protocol.model import Protocol

EVER = Scope("2000-01-01", "2999-12-31")
ASKED: Final = '[[steps]]\nid = "{}"\nkind = "confirm"\ndo = "{}"\nexpect = "done"\n'
TEXT = (
    header("home", "Send home")
    + ASKED.format("call", "24-48 h after: call and ask.")
    + ASKED.format("bin", "Empty the bin.")
)
MONDAY, TUESDAY, WEDNESDAY = "2027-03-01T12:00:00Z", "2027-03-02T12:00:00Z", "2027-03-03T12:00:00Z"


def text(_: str) -> Protocol:
    found = parse(TEXT.encode(), name="home.toml")
    assert isinstance(found, LoadedProtocol), found
    return found.protocol


@pytest.fixture
def book(tmp_path: Path) -> Book:
    made = Book(tmp_path, at="2027-03-01T10:00:00.000000Z")
    told = {"id": "home", "version": "1.0.0", "sha256": SHA, "title": "Send home", "category": "clinic"}
    made.record("protocol.adopted", told, actor=None)
    return made


def sent_home(book: Book, until: str, step: str = "call") -> str:
    """A visit that ends with this step put off; its run."""
    run = book.begin("home")
    book.record("step.deferred", {"reason": "not-needed", "until": until}, run=run, step=step)
    book.end(run, "complete-except-deferred", 1)
    return run


def taken_up(book: Book, run: str, at: str, step: str = "call", attempts: int = 1) -> None:
    """It is gone on with at that moment, and done."""
    book.at(at)
    book.record("run.resumed", run=run)
    book.done(run, step, attempts=attempts)
    book.end(run, deviations=1)


def counted(book: Book) -> Catalogue:
    return laid_out([book.reader()], texts=text)


def ways(found: Catalogue) -> list[tuple[str, str, int]]:
    """Every deviation; each count of them says the same."""
    listed = [(each.step, each.way, each.count) for each in apart.deviations(found.db, EVER)]
    many = sum(count for *_, count in listed)
    assert done.coverage(found.db, EVER).deviations == many
    assert sum(each.steps for each in apart.deviating(found.db, EVER)) == many
    return listed


def test_what_was_kept_is_no_deviation(book: Book) -> None:
    taken_up(book, sent_home(book, WEDNESDAY), "2027-03-03T11:00:00.000000Z")
    with counted(book) as found:
        assert put_off(found.db, EVER) == (PutOff("home", "call", 1, 0, 0, 0),)
        assert ways(found) == []


def test_a_day_more_is_still_in_time_and_two_days_are_late(book: Book) -> None:
    for run, at in [(sent_home(book, TUESDAY), "2027-03-03T11:00"), (sent_home(book, TUESDAY), "2027-03-04T13:00")]:
        taken_up(book, run, f"{at}:00.000000Z")
    with counted(book) as found:
        assert put_off(found.db, EVER) == (PutOff("home", "call", 1, 1, 0, 0),)
        assert ways(found) == [("call", apart.LATE, 1)]


def test_what_is_still_to_come_is_open_and_what_was_forgotten_is_not_done(book: Book) -> None:
    sent_home(book, WEDNESDAY)
    with counted(book) as found:
        assert put_off(found.db, EVER) == (PutOff("home", "call", 0, 0, 1, 0),)
        assert ways(found) == []
    book.at("2027-03-05T12:00:00.000000Z")
    book.record("signed-in")
    with counted(book) as found:
        assert put_off(found.db, EVER) == (PutOff("home", "call", 0, 0, 0, 1),)
        assert ways(found) == [("call", "deferred", 1)]


@pytest.mark.parametrize(("step", "until"), [("bin", TUESDAY), ("call", "2027-03-05T12:00:00Z")])
def test_what_no_words_ask_for_or_not_for_that_long_deviates(book: Book, step: str, until: str) -> None:
    taken_up(book, sent_home(book, until, step), "2027-03-02T10:00:00.000000Z", step)
    with counted(book) as found:
        assert put_off(found.db, EVER) == ()
        assert ways(found) == [(step, apart.LATER, 1)]


def test_what_failed_at_first_deviates_though_it_was_kept(book: Book) -> None:
    taken_up(book, sent_home(book, WEDNESDAY), "2027-03-03T11:00:00.000000Z", attempts=2)
    with counted(book) as found:
        assert put_off(found.db, EVER) == (PutOff("home", "call", 1, 0, 0, 0),)
        assert ways(found) == [("call", apart.AGAIN, 1)]


def test_what_was_left_out_in_the_end_deviates(book: Book) -> None:
    run = sent_home(book, WEDNESDAY)
    book.record("run.resumed", run=run)
    book.record("step.skipped", {"reason": "patient-declined"}, run=run, step="call")
    book.end(run, deviations=1)
    with counted(book) as found:
        assert put_off(found.db, EVER) == (PutOff("home", "call", 0, 0, 0, 1),)
        assert ways(found) == [("call", "skipped", 1)]
