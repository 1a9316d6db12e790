"""The record laid out in tables: what each entry leaves there, kept up with the ledger, whole after every trouble."""

from __future__ import annotations

import gc
import multiprocessing
import os
import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checklist.audit import catalogue as module
from checklist.audit import keeping
from checklist.audit.catalogue import open_catalogue
from checklist.audit.errors import CatalogueError
from checklist.audit.findings import judge
from checklist.audit.places import n_of, place_of
from checklist.ledger.merkle import leaf_hash
from checklist.protocol.loader import LoadedProtocol, parse
from tests.support.invented import CONTEXT
from tests.support.laid_out import SHA, ZONE, Book, laid_out, rows

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.audit.catalogue import Catalogue
    from checklist.ledger.entry import Json
    from checklist.protocol.model import Protocol

TEXT = b"""
[protocol]
id = "load"
title = "Run a load"
version = "1.0.0"
purpose = "Prove it."
category = "sterilisation"
style = "read-do"
subject = "equipment"
sources = [{ id = "s", title = "A source", where = "here" }]
[[steps]]
id = "heat"
kind = "measure"
do = "Read the heat."
unit = "Cel"
limit = { min = 134.0, max = 138.5 }
at_least = "10s"
hold = true
[[steps]]
id = "second"
kind = "witness"
of = "heat"
do = "Read it for yourself."
[[steps]]
id = "release"
kind = "sign"
do = "Decide."
meanings = ["released", "quarantined"]
"""


def load_text(_: str) -> Protocol:
    """The protocol of the load, whatever its bytes."""
    found = parse(TEXT, name="load.toml")
    assert isinstance(found, LoadedProtocol), found
    return found.protocol


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalogue.db"


def everything(catalogue: Catalogue) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables; of what many runs share, what is said and not under which number."""
    tables = [str(name) for (name,) in rows(catalogue, "SELECT name FROM sqlite_schema WHERE type = 'table'")]
    told = {
        name: sorted(rows(catalogue, f'SELECT * FROM "{name}"'), key=repr)  # noqa: S608
        for name in tables
        if not name.startswith(("shape", "crew"))
    }
    told["run"] = [row[:-2] for row in told["run"]]
    told["shared"] = rows(
        catalogue,
        "SELECT n, shape.said, crew.said, (SELECT count(*) FROM shape_step AS s WHERE s.shape = run.shape),"
        " (SELECT count(*) FROM shape_entry AS s WHERE s.shape = run.shape),"
        " (SELECT count(*) FROM crew_member AS c WHERE c.crew = run.crew)"
        " FROM run JOIN shape ON shape.id = run.shape JOIN crew ON crew.id = run.crew",
    )
    return told


def a_day(book: Book) -> str:
    """A run with a bad reading that passed later, a second person, a correction and a signature; its place."""
    run = book.begin("load", "equipment=S1", session="s_1")
    book.record("step.started", run=run, step="heat")
    bad: dict[str, Json] = {"value": "133.0", "unit": "Cel", "input": "typed", "verdict": "fail"}
    book.record("step.attempted", bad, run=run, step="heat")
    heat = book.done(run, "heat", "135.0", unit="Cel", attempts=2)
    seen: dict[str, Json] = {**book.about(heat), "value": "135.0", "agrees": True, "factors": ["secret"]}
    book.record("witnessed", seen, run=run, step="second", actor="u_ben")
    book.done(run, "second", "135.0", witness="u_ben")
    signed: dict[str, Json] = {"meaning": "released", "factors": ["secret-file"], "name": "ab" * 32}
    book.record("signed", signed, run=run, step="release", actor="u_lea")
    book.done(run, "release", "released")
    book.end(run, deviations=1)
    return run


# -- what an entry leaves ---------------------------------------------------------------------------------


def test_a_run_is_one_row_with_its_steps(book: Book) -> None:
    run = a_day(book)
    with book.reader() as reader, laid_out([reader], texts=load_text) as found:
        ((n, place, outcome, deviations, day, hour, seconds, entries),) = rows(
            found, "SELECT n, run, outcome, deviations, day, hour, seconds, entries FROM run"
        )
        assert (n, place) == (n_of(found.db, run), run)
        assert (outcome, deviations, day, hour, seconds, entries) == ("complete", 1, "2027-03-01", 8, 8.0, 9)
        assert rows(found, "SELECT step, state, value, number, attempts, ms, actor, witness FROM step") == [
            ("heat", "done", "135.0", 135.0, 2, 4000, "u_ana", None),
            ("release", "done", "released", None, 1, 4000, "u_ana", None),
            ("second", "done", "135.0", 135.0, 1, 4000, "u_ana", "u_ben"),
        ]
        assert rows(found, "SELECT step, value, number, verdict FROM attempt") == [("heat", "133.0", 133.0, "fail")]
        assert rows(found, "SELECT step, actor, witness, agrees FROM witnessing") == [("heat", "u_ana", "u_ben", 1)]
        assert rows(found, "SELECT rule, why FROM noticed") == [("secret-from-file", "")]
        assert rows(found, "SELECT value FROM said") == [("ab" * 32,)]
        assert {each for (each,) in rows(found, "SELECT operator FROM crew_member")} == {"u_ana", "u_ben", "u_lea"}
        assert place_of(found.db, 0) == "a#0"
        assert place_of(found.db, 999) == "?"
        assert n_of(found.db, "nonsense") is None


def test_a_correction_opens_the_step_again_and_whatever_vouched_for_it(book: Book) -> None:
    run = a_day(book)
    heat = "a#4"
    was = {**book.about(heat), "was": "135.0", "reason": "mistake"}
    book.record("step.corrected", was, run=run, step="heat")
    with book.reader() as reader, laid_out([reader], texts=load_text) as found:
        assert rows(found, "SELECT outcome, ended FROM run") == [("open", None)]
        states = rows(found, "SELECT step, state FROM step")
        assert states == [("heat", "current"), ("release", "pending"), ("second", "pending")]
    book.done(run, "heat", "136.0", attempts=3)
    book.done(run, "second", "136.0")
    book.done(run, "release", "quarantined")
    book.end(run, deviations=3)
    with book.reader() as reader, laid_out([reader], texts=load_text) as found:
        assert rows(found, "SELECT step, value, corrected, reason FROM step") == [
            ("heat", "136.0", 1, "mistake"),
            ("release", "quarantined", 0, "mistake"),
            ("second", "136.0", 0, "mistake"),
        ]


def test_what_was_put_off_is_asked_again_when_the_run_is_taken_up(book: Book) -> None:
    run = book.begin("load", "equipment=S1")
    put_off = {"until": "2027-03-02T08:00:00Z", "reason": "not-available"}
    book.record("step.deferred", put_off, run=run, step="heat")
    book.done(run, "release", "released")
    book.end(run, "complete-except-deferred", 1)
    with book.reader() as reader, laid_out([reader], texts=load_text) as found:
        assert rows(found, "SELECT state, until, reason FROM step WHERE step = 'heat'") == [
            ("deferred", "2027-03-02T08:00:00Z", "not-available")
        ]
    book.record("run.resumed", run=run, actor="u_ben")
    with book.reader() as reader, laid_out([reader], texts=load_text) as found:
        assert rows(found, "SELECT step, state FROM step") == [("heat", "pending"), ("release", "pending")]
        assert rows(found, "SELECT outcome FROM run") == [("open",)]


def test_identifiers_and_cycles_are_taken_back_by_a_correction(book: Book) -> None:
    run = book.begin()
    told: dict[str, Json] = {
        "reader": "x",
        "machine": "M",
        "cycle": 7,
        "started": "2027-03-01T08:00:00",
        "result": "complete",
    }
    book.done(run, "scan", consumed={"lot": "a12", "expiry": "2031-01-31"}, readout={**told, "sensed": {}})
    with book.reader() as reader, laid_out([reader]) as found:
        assert rows(found, "SELECT kind, value, use, withdrawn FROM identifier") == [
            ("expiry", "2031-01-31", "consumes", 0),
            ("lot", "A12", "consumes", 0),
        ]
        assert rows(found, "SELECT machine, cycle, result FROM cycle") == [("M", 7, "complete")]
    book.record("step.corrected", {"was": None, "reason": "mistake"}, run=run, step="scan")
    with book.reader() as reader, laid_out([reader]) as found:
        assert rows(found, "SELECT DISTINCT withdrawn FROM identifier") == [(1,)]
        assert rows(found, "SELECT * FROM cycle") == []


def test_the_gate_its_override_and_its_review_hang_together(book: Book) -> None:
    answer: dict[str, Json] = {
        "procedure": {"id": "microneedling", "version": "1", "sha256": SHA},
        "decision": "NO-GO",
        "subject": "room=room-1",
        "session": "s_1",
        "requirements": [{"id": "room-ready", "met": False}, {"id": "sun", "met": None}, {"id": "ok", "met": True}],
    }
    cleared = book.record("cleared", answer)
    passed = book.record("clearance.overridden", {**book.about(cleared), "witness": "u_ben", "reason": "other"})
    book.record("reviewed", {**book.about(passed), "rule": "override"}, actor="u_lea")
    book.record("remarked", book.about(cleared), actor="u_otto")
    with book.reader() as reader, laid_out([reader]) as found:
        assert rows(found, "SELECT procedure, decision, overridden, reviewed FROM clearance") == [
            ("microneedling", "NO-GO", 2, 3)
        ]
        assert rows(found, "SELECT requirement, met FROM refusal") == [("room-ready", "no"), ("sun", "unknown")]
        assert rows(found, "SELECT clearance, actor, witness, reviewed FROM overriding") == [(1, "u_ana", "u_ben", 3)]
        assert rows(found, "SELECT n, rule, of FROM looked") == [(3, "override", 2)]
        assert rows(found, "SELECT n, of FROM about") == [(2, 1), (3, 2), (4, 1)]
        assert rows(found, "SELECT protocol, subject, session FROM entry WHERE n = 1") == [
            ("microneedling", "room=room-1", "s_1")
        ]


def test_what_the_texts_say_is_there_beside_the_runs(book: Book) -> None:
    told = {"id": "load", "version": "1.0.0", "sha256": SHA, "title": "Run a load", "category": "sterilisation"}
    book.record("protocol.adopted", told, actor=None)
    with book.reader() as reader, laid_out([reader], texts=load_text) as found:
        assert rows(found, "SELECT kind, id, title, category FROM text") == [
            ("protocol", "load", "Run a load", "sterilisation")
        ]
        assert rows(found, "SELECT step, position, kind, unit, at_least, low, high, hold FROM written") == [
            ("heat", 0, "measure", "Cel", 10.0, 134.0, 138.5, 1),
            ("release", 2, "sign", None, None, None, None, 0),
            ("second", 1, "witness", None, None, None, None, 0),
        ]


def test_an_entry_of_a_run_that_there_is_not_stands_for_itself(book: Book) -> None:
    book.record("step.done", {"attempts": 1}, run="a#77777", step="heat")
    book.record("run.started", {"protocol": "nonsense", "subject": 7})
    with book.reader() as reader, laid_out([reader]) as found:
        assert rows(found, "SELECT run FROM entry WHERE n = 1") == [(None,)]
        assert rows(found, "SELECT protocol, subject FROM run") == [("", "")]


def test_a_day_is_the_clinics_not_that_of_utc(book: Book) -> None:
    book.at("2027-06-30T22:30:00.000000Z")
    book.begin()
    with book.reader() as reader, laid_out([reader]) as found:
        assert rows(found, "SELECT day, hour, weekday FROM run") == [("2027-07-01", 0, 3)]


# -- kept up with the ledger ------------------------------------------------------------------------------


def test_catching_up_gives_the_same_as_making_it_anew(book: Book, path: Path) -> None:
    for _ in range(3):
        a_day(book)
        with book.reader() as reader:
            laid_out([reader], path, texts=load_text).close()
        open_run = book.begin("load", "equipment=S1")
        book.done(open_run, "heat", "134.5")
        with book.reader() as reader:
            laid_out([reader], path, texts=load_text).close()
        book.record("step.corrected", {"was": "134.5", "reason": "other"}, run=open_run, step="heat")
    with (
        book.reader() as reader,
        laid_out([reader], path, texts=load_text) as kept,
        laid_out([reader], texts=load_text) as fresh,
    ):
        assert everything(kept) == everything(fresh)


def test_only_what_is_new_is_taken_in(book: Book, path: Path) -> None:
    a_day(book)
    told: list[tuple[int, int]] = []

    def open_again() -> None:
        told.clear()
        with book.reader() as reader:
            open_catalogue(path, [reader], ZONE, load_text, lambda done, whole: told.append((done, whole))).close()

    open_again()
    assert told == [(10, 10)]
    open_again()
    assert told == []
    book.record("station.started", actor=None)
    open_again()
    assert told == [(1, 1)]


@pytest.mark.parametrize("what", ["edition", "zone", "shorter", "other"])
def test_it_is_made_anew_where_what_was_taken_in_is_not_so_any_more(
    book: Book, path: Path, tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_day(book)
    with book.reader() as reader, laid_out([reader], path) as found, found.writing() as db:
        db.execute("INSERT INTO finding(rule, severity, day, why) VALUES ('x', 'look', '2027-03-01', 'y')")
    (tmp_path / "other").mkdir()
    other = Book(tmp_path / "other")
    if what != "shorter":
        a_day(other)
    if what == "edition":
        monkeypatch.setattr(module, "EDITION", "another")
    read = book if what in ("edition", "zone") else other
    with read.reader() as reader, laid_out([reader], path, "UTC" if what == "zone" else ZONE) as found:
        assert rows(found, "SELECT * FROM finding") == []
        assert rows(found, "SELECT count(*) FROM entry") == [(read.ledger.size,)]


def test_an_earlier_entry_that_was_rewritten_with_its_hash_is_read_anew(book: Book, path: Path) -> None:
    """By somebody who leaves the last entry as it was: all that is told hangs together with one root."""
    a_day(book)
    with book.reader() as reader:
        laid_out([reader], path).close()
        ((leaf, hashes),) = reader.query("SELECT leaf, hashes FROM entry, tile WHERE entry.idx = 4")
        root = reader.root()
    assert isinstance(leaf, bytes)
    assert isinstance(hashes, bytes)
    changed = leaf.replace(b"135.0", b"134.9")
    assert changed != leaf
    book.tamper("UPDATE entry SET leaf = ? WHERE idx = 4", changed)
    book.tamper("UPDATE tile SET hashes = ?", hashes.replace(leaf_hash(leaf), leaf_hash(changed)))
    with book.reader() as reader, laid_out([reader], path) as found:
        assert reader.root() != root
        assert found.made("root a") == reader.root().hex()
        assert rows(found, "SELECT count(*) FROM damage") == [(0,)]
        assert ("134.9",) in rows(found, "SELECT value FROM value")


def test_a_restored_clinic_is_one_record_and_what_was_left_open_is_unknown(tmp_path: Path, path: Path) -> None:
    old = Book(tmp_path)
    run = old.begin()
    with old.reader() as reader:
        laid_out([reader], path).close()
    new = Book(tmp_path, "b", "2027-04-01T07:00:00.000000Z")
    again = new.begin()
    with old.reader() as first, new.reader() as second, laid_out([first, second], path) as found:
        assert rows(found, "SELECT run, outcome, n FROM run") == [(run, "unknown", 1), (again, "open", 3)]
        assert rows(found, "SELECT n, station, idx FROM entry") == [
            (0, "a", 0), (1, "a", 1), (2, "b", 0), (3, "b", 1),
        ]  # fmt: skip
        assert (n_of(found.db, again), place_of(found.db, 3)) == (3, again)


def test_an_earlier_ledger_that_can_be_read_again_comes_first(tmp_path: Path, path: Path) -> None:
    old, new = Book(tmp_path), Book(tmp_path, "b", "2027-04-01T07:00:00.000000Z")
    old.begin()
    again = new.begin()
    with old.reader() as first, new.reader() as second:
        laid_out([second], path).close()
        with laid_out([first, second], path) as found:
            assert rows(found, "SELECT station FROM entry ORDER BY n") == [("a",), ("a",), ("b",), ("b",)]
            assert n_of(found.db, again) == 3


# -- trouble ----------------------------------------------------------------------------------------------


def test_a_damaged_entry_is_a_row_of_its_own_and_the_rest_goes_on(book: Book) -> None:
    run = a_day(book)
    book.tamper("UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), '135.0', '134.9') AS BLOB) WHERE idx = 4")
    book.tamper("UPDATE entry SET leaf = x'00' WHERE idx = 6")
    book.tamper("DELETE FROM entry WHERE idx = 7")
    with book.reader() as reader, laid_out([reader]) as found:
        damaged = rows(found, "SELECT idx, why FROM damage")
        assert [index for index, _ in damaged] == [4, 6, 7]
        assert str(damaged[0][1]) == "is another than was recorded"
        assert "missing" in str(damaged[2][1])
        assert rows(found, "SELECT run, outcome FROM run") == [(run, "unknown")]
        assert rows(found, "SELECT count(*) FROM entry") == [(7,)]
        assert place_of(found.db, 7) == "a#7"


def test_how_a_run_ended_is_unknown_where_an_entry_of_it_is_lost(book: Book, path: Path) -> None:
    damaged, other = a_day(book), a_day(book)
    opened = book.begin()
    first = book.done(opened, "seal")
    book.done(opened, "crash-cart")
    # One inside of a stretch whose end can be read, and the first of a stretch that goes on.
    with closing(sqlite3.connect(book.path)) as db, db:
        ((name, guard),) = db.execute("SELECT name, sql FROM sqlite_schema WHERE name = 'entry_delete'").fetchall()
        db.execute(f"DROP TRIGGER {name}")
        db.execute("DELETE FROM entry WHERE idx IN (5, ?)", (int(first.partition("#")[2]),))
        db.execute(guard)
    ended = [(damaged, "unknown"), (other, "complete"), (opened, "unknown")]
    with book.reader() as reader, laid_out([reader], path) as found:
        assert rows(found, "SELECT run, outcome FROM run ORDER BY n") == ended
        assert [one.rule for one in judge(found.db, CONTEXT) if one.rule == "left-open"] == []
    book.record("step.noted", run=damaged, step="heat")
    book.end(opened)
    with book.reader() as reader, laid_out([reader], path) as found:
        assert rows(found, "SELECT run, outcome FROM run ORDER BY n") == ended


def test_an_end_that_is_gone_is_damage_too(book: Book) -> None:
    a_day(book)
    book.tamper("DELETE FROM entry WHERE idx >= 8")
    with book.reader() as reader, laid_out([reader]) as found:
        assert [index for (index,) in rows(found, "SELECT idx FROM damage")] == [8, 9]
        assert rows(found, "SELECT count(*) FROM entry") == [(8,)]


def test_a_page_of_the_file_that_is_damaged_costs_its_own_entries_alone(book: Book) -> None:
    for _ in range(40):
        a_day(book)
    book.ledger.close()
    data = bytearray(book.path.read_bytes())
    with closing(sqlite3.connect(book.path)) as db:
        size = db.execute("PRAGMA page_size").fetchone()[0]
        (last,) = db.execute("SELECT leaf FROM entry ORDER BY idx DESC LIMIT 1").fetchone()
    page = data.index(last) // size * size
    data[page : page + 64] = b"\xff" * 64
    book.path.write_bytes(data)
    with book.reader() as reader, laid_out([reader]) as found:
        ((lost,),) = rows(found, "SELECT count(*) FROM damage")
        ((kept,),) = rows(found, "SELECT count(*) FROM entry")
        assert (lost + kept, kept > 300, lost > 0) == (361, True, True)  # type: ignore[operator]


def test_a_pass_that_is_cut_off_leaves_the_state_before(book: Book, path: Path) -> None:
    a_day(book)
    with book.reader() as reader, laid_out([reader], path) as found:
        before = everything(found)
    a_day(book)

    class StoppedError(Exception):
        pass

    def stop(_done: int, _whole: int) -> None:
        raise StoppedError

    with book.reader() as reader:
        with pytest.raises(StoppedError):
            open_catalogue(path, [reader], ZONE, load_text, stop)
        assert gc.isenabled()
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("SELECT count(*) FROM entry").fetchone() == (10,)
        assert before
        with laid_out([reader], path) as found:
            assert rows(found, "SELECT count(*) FROM entry") == [(19,)]


def _fill_and_die(book_path: Path, path: Path) -> None:
    from checklist.ledger.store import Ledger

    with Ledger.open_read_only(book_path) as reader:
        open_catalogue(path, [reader], ZONE, lambda _: None, lambda _done, _whole: os._exit(9))


def test_a_program_that_is_killed_in_a_pass_leaves_the_state_before(book: Book, path: Path) -> None:
    a_day(book)
    process = multiprocessing.get_context("spawn").Process(target=_fill_and_die, args=(book.path, path))
    process.start()
    process.join(60)
    assert process.exitcode == 9
    with book.reader() as reader, laid_out([reader], path) as found:
        assert rows(found, "SELECT count(*) FROM entry") == [(10,)]


def test_while_another_program_fills_it_what_is_there_is_used(
    book: Book, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "WAIT_S", 0.01)
    a_day(book)
    with book.reader() as reader:
        laid_out([reader], path).close()
        book.record("station.started", actor=None)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with laid_out([reader], path) as found:
                assert found.behind
                assert rows(found, "SELECT count(*) FROM entry") == [(10,)]
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("DROP TABLE made")
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(CatalogueError, match="another program"):
                laid_out([reader], path)


def test_a_file_that_is_no_catalogue_or_is_damaged_is_made_anew(book: Book, path: Path) -> None:
    a_day(book)
    path.write_bytes(b"nonsense " * 1000)
    with book.reader() as reader, laid_out([reader], path) as found:
        assert rows(found, "SELECT count(*) FROM entry") == [(10,)]


def test_the_file_is_for_its_owner_alone(book: Book, path: Path) -> None:
    with book.reader() as reader:
        laid_out([reader], path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_where_it_cannot_lie_is_said_in_a_sentence(book: Book, tmp_path: Path) -> None:
    with book.reader() as reader, pytest.raises(OSError, match="nowhere"):
        laid_out([reader], tmp_path / "nowhere" / "catalogue.db")


def test_derived_rows_are_put_in_together_or_not_at_all(book: Book, path: Path) -> None:
    sql = "INSERT INTO finding(rule, severity, day, why) VALUES (?, 'look', '2027-03-01', 'y')"

    def put(found: Catalogue) -> None:
        with found.writing() as db:
            db.executemany(sql, [("x",), (None,)])

    with book.reader() as reader, laid_out([reader], path) as found:
        with pytest.raises(CatalogueError):
            put(found)
        assert rows(found, "SELECT * FROM finding") == []
