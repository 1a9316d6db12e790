"""What waits by rule, and what no rule points at: asked of tables with rows put in by hand."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checklist.audit import queue
from checklist.audit.rules.ruleset import RULES
from checklist.audit.tables import INDEXES, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator


def put(db: sqlite3.Connection, table: str, **values: object) -> None:
    """A row of which only what matters is said; the rest is nothing, or 0."""
    row = {}
    for _, name, kind, needed, _, key in db.execute(f"PRAGMA table_info({table})"):
        empty: object = ("" if kind == "TEXT" else 0) if needed and not key else None
        row[name] = values.get(name, empty)
    marks = ", ".join("?" * len(row))
    db.execute(f"INSERT INTO {table} VALUES ({marks})", [*row.values()])  # noqa: S608 - a name and marks of ours


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as found:
        found.executescript(SCHEMA + INDEXES)
        for n, run in ((10, "a#10"), (20, "a#20"), (30, "a#30"), (40, "a#40")):
            put(
                found,
                "run",
                n=n,
                run=run,
                protocol="tidy" if n < 40 else "wash",
                outcome="complete",
                day=f"2031-03-{n}",
            )
        found.execute("UPDATE run SET outcome = 'open' WHERE n = 30")
        for n in range(10, 50):
            put(found, "entry", n=n, station="a", idx=n, day=f"2031-03-{n // 10 * 10}", at="", kind="", via="")
        yield found


def test_what_waits_is_counted_by_rule_what_must_be_done_first(db: sqlite3.Connection) -> None:
    put(db, "finding", rule="too-fast", severity="look", run=10, n=11, day="2031-03-10", why="was quick")
    put(db, "finding", rule="too-fast", severity="look", run=20, n=21, day="2031-03-20", why="was quick")
    put(db, "finding", rule="too-fast", severity="look", run=20, n=22, day="2031-03-20", why="x", reviewed=45)
    put(db, "finding", rule="unanchored", severity="act", day="2031-03-20", why="no anchor")
    put(db, "overriding", n=12, run=10, step="shut", at="")
    assert [(each.rule, each.count, each.first, each.last) for each in queue.groups(db)] == [
        ("override-unreviewed", 1, "2031-03-10", "2031-03-10"),
        ("too-fast", 2, "2031-03-10", "2031-03-20"),
    ]
    assert [each.name for each in queue.waiting(db, rule="too-fast")] == ["too-fast@a#21", "too-fast@a#11"]
    assert [each.name for each in queue.waiting(db, limit=1)] == ["too-fast@a#21"]
    (override,) = queue.waiting(db, place="a#12")
    assert (override.name, override.run, "shut" in override.why) == ("override-unreviewed@a#12", "a#10", True)
    assert queue.placeless(db) == 1


def test_an_override_that_waits_too_long_waits_once(db: sqlite3.Connection) -> None:
    assert queue.OVERRIDE in RULES
    put(db, "overriding", n=12, clearance=11, at="")
    put(db, "finding", rule=queue.OVERRIDE, severity="act", n=12, day="2031-03-10", why="waits")
    put(db, "finding", rule="secret-from-file", severity="look", n=12, day="2031-03-10", why="from a file")
    assert [each.name for each in queue.waiting(db, place="a#12")] == [
        "override-unreviewed@a#12",
        "secret-from-file@a#12",
    ]
    db.execute("UPDATE overriding SET reviewed = 46")
    assert [each.name for each in queue.waiting(db)] == ["secret-from-file@a#12"]


def test_what_cannot_be_read_waits_at_its_place(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM entry WHERE n = 33")
    db.execute("INSERT INTO damage VALUES (33, 'a', 33, 'is another than was recorded')")
    put(db, "finding", rule="tampered", severity="act", n=33, day="2031-03-10", why="is another than was recorded")
    (found,) = queue.waiting(db, place="a#33")
    assert (found.name, found.run) == ("tampered@a#33", None)
    assert queue.waiting(db) == [found]
    assert [each.count for each in queue.groups(db)] == [1]


def test_a_run_has_passed_that_ended_and_that_nothing_points_at_reviewed_or_not(db: sqlite3.Connection) -> None:
    put(db, "finding", rule="too-fast", severity="look", run=20, n=21, day="2031-03-20", why="x", reviewed=45)
    assert [(each.protocol, each.runs) for each in queue.passed(db)] == [("tidy", 1), ("wash", 1)]
    assert queue.passed_runs(db) == ["a#10", "a#40"]
