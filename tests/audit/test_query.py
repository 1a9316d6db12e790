"""Filters: the words people write, what is wrong with one in a sentence, and that every answer is the whole answer."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checklist.audit import sought
from checklist.audit.query import Cursor, Filter, FilterError, Row, Word, count, cuts, entries, of, page, parse, runs
from checklist.audit.words import WORDS
from tests.support.laid_out import SHA, Book, laid_out
from tests.support.naive import naive_entries, naive_rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from checklist.audit.catalogue import Catalogue
    from checklist.ledger.entry import Json

TODAY = date(2027, 3, 31)
PEOPLE = {"ana rivera": "u_ana", "u_ana": "u_ana", "u_ben": "u_ben", "u_lea": "u_lea"}
WORDED = "ab" * 32


def read(line: str) -> Filter:
    return parse(line, TODAY, lambda named: PEOPLE.get(named.lower()))


def said(text: str) -> list[str]:
    """Behind one commitment stand the words “the lamp was broken”."""
    return [WORDED] if text.lower() in "the lamp was broken" else []


def written(book: Book) -> None:
    """A small record with some of everything."""
    title: dict[str, Json] = {"id": "load", "version": "1.0.0", "sha256": SHA, "title": "Run a load", "category": "x"}
    book.record("protocol.adopted", title, actor=None, via="system")
    for number in range(4):
        book.at(f"2027-03-0{number + 1}T07:00:00.000000Z")
        book.record("signed-in", {"factors": ["secret"]}, actor="u_ben" if number % 2 else "u_ana")
        one = book.begin(
            "day-open", "clinic", actor="u_ben" if number == 2 else "u_ana", via="line" if number else "tui"
        )
        book.done(one, "look", ["turned", "not turned", "turned", "135.0"][number])
        book.done(one, "wash", consumed={"lot": f"A{number}"})
        if number != 3:
            book.end(one)
        two = book.begin("load", "equipment=S1", session=f"s_{number}")
        book.done(two, "heat", f"13{number}.5", unit="Cel", attempts=1 + number % 2)
        if number == 1:
            book.record("step.skipped", {"reason": "other", "words": WORDED}, run=two, step="wash")
        else:
            book.done(two, "wash")
        book.end(two, "failed" if number == 2 else "complete", number % 2)
    answer: dict[str, Json] = {
        "procedure": {"id": "microneedling"}, "decision": "NO-GO", "subject": "room=room-1", "session": "s_1",
        "requirements": [],
    }  # fmt: skip
    book.record("cleared", answer, actor="u_lea")
    book.record("remarked", {**book.about("a#3"), "words": WORDED}, actor="u_lea")
    book.record("quarantined", {"kind": "lot", "value": "a2", "reason": "other"}, actor="u_lea")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    book = Book(tmp_path_factory.mktemp("book"))
    written(book)
    with book.reader() as reader, laid_out([reader]) as found:
        with found.writing() as db:
            db.executemany(
                "INSERT INTO finding(rule, severity, run, n, day, why) VALUES (?, 'look', ?, ?, '2027-03-01', 'y')",
                [("too-fast", 3, 4), ("left-open", 3, None), ("odd-hours", None, 2)],
            )
            db.executemany(
                "INSERT INTO written VALUES (?, ?, ?, 'confirm', ?, NULL, NULL, NULL, NULL, 0, NULL)",
                [(SHA, "wash", 0, "Wash with soap."), (SHA, "never", 1, "Never asked of anybody.")],
            )
            db.executemany(
                "INSERT INTO planned VALUES ('day-open', ?, ?, ?, ?, NULL)",
                [
                    ("clinic", "2027-03-02", "2027-03-02T08:00:00.000000Z", "missed"),
                    ("room=room-1", "2027-03-02", "2027-03-02T08:00:00.000000Z", "missed"),
                    ("clinic", "2027-03-03", "2027-03-03T08:00:00.000000Z", "late"),
                    ("clinic", "2027-02-01", "2027-02-01T08:00:00.000000Z", "missed"),
                ],
            )
        yield found


def walked(db: sqlite3.Connection, wanted: Filter, limit: int) -> list[Row]:
    """Every row, page by page."""
    found: list[Row] = []
    before: Cursor | None = None
    while True:
        got = page(db, wanted, before, limit, said=said)
        assert len(got.rows) == limit or got.before is None
        found += got.rows
        before = got.before
        if before is None:
            return found


# -- the words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "canonical"),
    [
        ("", ""),
        ("  state:failed   protocol:load ", "protocol:load state:failed"),
        ("STATE:failed state:failed", "state:failed"),
        ("lot:a12 load:S1-1", "identifier:load=S1-1 identifier:lot=A12"),
        ("gtin:9506000134352", "identifier:gtin=09506000134352"),
        ("identifier:A12", "identifier:A12"),
        ("room:room-1 equipment:S1", "subject:equipment=S1 subject:room=room-1"),
        ('actor:"Ana Rivera"', "operator:u_ana"),
        ("rule:too-fast -finding:any", "finding:too-fast -finding:any"),
        ("day:today since:yesterday", "day:2027-03-31 since:2027-03-30"),
        ("until:2027-03-31T08:30", "until:2027-03-31T08:30:00"),
        ("deviation:no", "-deviation:yes"),
        ("-deviation:no", "deviation:yes"),
        ("deviation:no deviation:yes step:one", "step:one"),
        ('wet "wet pack" -"a:b" "say ""no"""', "say-none"),
        ("-lamp", "-lamp"),
        ('"-lamp"', '"-lamp"'),
        ('subject:"room 1"', 'subject:"room 1"'),
    ],
)
def test_a_line_is_read_and_written_in_one_form(line: str, canonical: str) -> None:
    if canonical == "say-none":
        canonical = '"say ""no""" wet "wet pack" -"a:b"'
    assert read(line).line == canonical
    assert read(canonical) == read(line)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("protocl:x", "“protocl:” is no word of a filter; did you mean protocol:?"),
        ("zz:x", "“zz:” is no word of a filter; there are run, protocol, step"),
        ("day:2027-02-30", "day: “2027-02-30” is no day; write it like 2027-03-31, today or yesterday"),
        ("since:noon", "since: “noon” is no time; write it like 2027-03-31 or 2027-03-31T08:30"),
        ('step:"wet pack', "at sign 1: a quotation mark is open; close it"),
        ('load:x "a"b', "leave a space before and after what stands in quotes"),
        ("outcome:complet", "outcome:complet is nothing that can be asked for; did you mean outcome:complete?"),
        ("state:x", "write one of pending, current, done"),
        ("is:late", "write one of missed, open"),
        ("finding:to-fast", "There is no rule “to-fast”; did you mean too-fast?"),
        ("operator:nobody", "nobody here is called that"),
        ("step:", "“step:” says nothing; write it like step:release, without a blank after the colon."),
        ("protocol: steriliser-load", "“protocol:” says nothing; write it like protocol:steriliser-load, without"),
        ("lot: A12", "“lot:” says nothing; write it like lot:A12, without a blank after the colon."),
        ("who:", "“who:” says nothing; write it like who:u_"),
        ("yy:x", "is, lot, load, serial, pack, gtin, expiry, batch, room, equipment, actor, who, rule."),
        ("deviation:no deviation:unplanned", "cannot be asked for together"),
        ('step:""', "“step:” says nothing; write it like"),
        ('""', "There is nothing between the quotation marks"),
        ("http://x", "“http:” is no word of a filter"),
        ("12:30", "put text that has a colon into quotes"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_that_names_the_word(line: str, sentence: str) -> None:
    with pytest.raises(FilterError) as told:
        read(line)
    assert sentence in str(told.value)
    assert "\n" not in str(told.value)


VALUES = {
    "run": ["a#3", "a#9", "z#1"],
    "protocol": ["day-open", "load", "none"],
    "step": ["look", "wash", "heat", "none"],
    "operator": ["u_ana", "u_ben", "u_lea"],
    "subject": ["clinic", "equipment=S1", "room=room-1", "a b"],
    "session": ["s_1", "s_2"],
    "day": ["2027-03-01", "2027-03-02", "2026-01-01"],
    "since": ["2027-03-02", "2027-03-03T08:00:05"],
    "until": ["2027-03-02", "2027-03-03T08:00:05"],
    "outcome": ["complete", "failed", "open"],
    "state": ["done", "skipped", "failed"],
    "kind": ["step.done", "step.skipped", "signed-in", "cleared"],
    "via": ["tui", "line", "system"],
    "deviation": ["yes"],
    "identifier": ["lot=A1", "lot=A2", "a2", "load=X"],
    "finding": ["any", "too-fast", "odd-hours", "cloned-run"],
    "is": ["missed", "open"],
    "text": [
        "turned",
        "5",
        "lamp",
        "load",
        "room",
        "u_b",
        "a#3",
        "NO-GO",
        "zzz",
        "wa",
        "%",
        "_",
        "signed",
        "soap",
        "anybody",
    ],
}
FILTERS = st.lists(
    st.sampled_from([*WORDS, "text"]).flatmap(
        lambda word: st.builds(Word, st.just(word), st.booleans(), st.sampled_from(VALUES[word]))
    ),
    max_size=4,
).map(of)


@given(FILTERS)
def test_every_filter_comes_back_from_its_line(wanted: Filter) -> None:
    assert read(wanted.line) == wanted
    assert read(wanted.line).line == wanted.line


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_filter_or_a_sentence(line: str) -> None:
    found = Filter()
    with suppress(FilterError):
        found = read(line)
    assert read(found.line) == found


# -- the answers ------------------------------------------------------------------------------------------


@given(wanted=FILTERS, limit=st.sampled_from([1, 3, 50]))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_walk_through_the_pages_is_the_whole_answer(catalogue: Catalogue, wanted: Filter, limit: int) -> None:
    db = catalogue.db
    found = walked(db, wanted, limit)
    assert [(row.what, row.n, row.at, row.subject) for row in found] == naive_rows(db, wanted, said)
    assert count(db, wanted, 1000, said=said) == len(found)
    assert count(db, wanted, 2, said=said) == min(2, len(found))
    assert [row.n for row in runs(db, wanted, said=said)] == [row.n for row in found if row.what == "run"]
    assert list(entries(db, wanted, said=said)) == naive_entries(db, wanted, said)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("line", ["", "protocol:day-open", "is:missed", "kind:cleared", "outcome:unknown"])
def test_where_the_pages_begin_is_known_without_reading_them(catalogue: Catalogue, line: str, size: int) -> None:
    wanted, begins, found = read(line), [], page(catalogue.db, read(line), None, size)
    while found.before is not None:
        begins.append(found.before)
        found = page(catalogue.db, wanted, found.before, size)
    assert cuts(catalogue.db, wanted, size) == begins


@pytest.mark.parametrize("text", VALUES["text"])
def test_a_text_that_stands_everywhere_gives_the_same_answer(
    catalogue: Catalogue, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sought, "_FEW", 0)
    for wanted in (of([Word("text", False, text)]), of([Word("text", True, text), Word("protocol", False, "load")])):
        found = walked(catalogue.db, wanted, 50)
        assert [(row.what, row.n, row.at, row.subject) for row in found] == naive_rows(catalogue.db, wanted, said)


@pytest.mark.parametrize("word", VALUES)
def test_what_is_left_out_and_what_is_taken_are_everything(catalogue: Catalogue, word: str) -> None:
    db = catalogue.db
    everything = walked(db, Filter(), 50)
    for value in VALUES[word]:
        taken, left = walked(db, of([Word(word, False, value)]), 50), walked(db, of([Word(word, True, value)]), 50)
        assert sorted(taken + left, key=repr) == sorted(everything, key=repr)
        numbers = [*entries(db, of([Word(word, False, value)]), said=said)]
        others = [*entries(db, of([Word(word, True, value)]), said=said)]
        assert sorted(numbers + others) == [n for (n,) in db.execute("SELECT n FROM entry ORDER BY n")]


def test_a_named_step_is_the_one_whose_state_is_asked(catalogue: Catalogue) -> None:
    def places(line: str) -> list[str]:
        return [row.place for row in walked(catalogue.db, read(line), 50)]

    (skipped,) = places("step:wash state:skipped")
    assert skipped not in places("step:heat state:skipped")
    assert skipped in places("step:heat deviation:yes")
    assert skipped not in places("step:wash -state:skipped")
    assert places("step:wash -state:done") == [skipped]


def test_rows_tell_what_a_list_shows(catalogue: Catalogue) -> None:
    rows = walked(catalogue.db, Filter(), 50)
    newest = rows[0]
    assert (newest.what, newest.kind, newest.actor) == ("entry", "quarantined", "u_lea")
    answer = next(row for row in rows if row.kind == "cleared")
    assert (answer.outcome, answer.subject, answer.session, answer.protocol) == (
        "NO-GO", "room=room-1", "s_1", "microneedling",
    )  # fmt: skip
    first = next(row for row in rows if row.place == "a#3")
    assert (first.what, first.protocol, first.findings, first.outcome, first.actor) == (
        "run", "day-open", 2, "complete", "u_ana",
    )  # fmt: skip
    load = next(row for row in rows if row.protocol == "load" and row.what == "run")
    assert load.title == "Run a load"
    missing = [row for row in rows if row.what == "missed"]
    assert [(row.day, row.subject) for row in missing] == [
        ("2027-03-02", "room=room-1"), ("2027-03-02", "clinic"), ("2027-02-01", "clinic"),
    ]  # fmt: skip
    assert rows[-1].what == "missed"
