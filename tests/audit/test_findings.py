"""Judging a whole record: how much of what is planted is found, how rarely the honest are bothered, what is kept."""

from __future__ import annotations

import sqlite3

import pytest

from checklist.audit.errors import CatalogueError
from checklist.audit.findings import judge, kept
from checklist.audit.rules.ruleset import CHECKS
from checklist.audit.tables import SCHEMA
from tests.support.invented import CONTEXT, honest_year, laid_out
from tests.support.planted import PLANTS, judged, override

SEEDS = (1, 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_honest_year_has_at_most_one_finding_in_a_thousand_runs(seed: int) -> None:
    year = judged(seed, fraud=False)
    assert len(year.found) * 1000 <= year.runs, year.found


def test_of_every_kind_that_is_planted_nineteen_in_twenty_are_found() -> None:
    for name in PLANTS:
        places = [found for seed in SEEDS for found in judged(seed, fraud=True).places(name)]
        assert sum(places) >= 0.95 * len(places), name


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_found_beside_the_plants_is_rare(seed: int) -> None:
    year = judged(seed, fraud=True)
    planted = {id(run): run.n for runs in year.plants.values() for run in runs or ()}
    alone = {rule for name, (rule, _) in PLANTS.items() if year.plants[name] is None}
    alone.add("cycle-missing")  # a cycle whose number was used twice leaves its own number out
    others = [one for one in year.found if one.run not in planted.values() and one.rule not in alone]
    assert len(others) * 1000 <= year.runs, others


def test_a_finding_points_at_its_run_and_entry() -> None:
    year = judged(1, fraud=True)
    for one in year.found:
        entry = year.db.execute("SELECT day, run FROM entry WHERE n = ?", (one.n,)).fetchone()
        assert entry == (one.day, one.run)


def test_what_is_found_is_kept_and_replaced_the_next_time() -> None:
    year = judged(1, fraud=True)
    assert kept(year.db) == year.found
    assert judge(year.db, CONTEXT) == year.found
    assert kept(year.db) == year.found
    temporary = year.db.execute("SELECT count(*) FROM temp.sqlite_schema").fetchone()
    assert temporary == (0,)


def test_a_finding_that_was_reviewed_says_so_and_others_do_not() -> None:
    year = honest_year(4, turnovers=1, loads=0)
    first, second = override(year)
    db = laid_out(year)
    place = db.execute("SELECT n FROM overriding WHERE run = ?", (first.n,)).fetchone()[0]
    db.execute("INSERT INTO looked VALUES (900000, 'override-unreviewed', ?, NULL)", (place,))
    db.execute("INSERT INTO looked VALUES (900001, 'too-fast', ?, NULL)", (second.last,))
    found = {one.run: one.reviewed for one in judge(db, CONTEXT)}
    assert found == {first.n: 900000, second.n: None}


def test_a_look_at_one_finding_leaves_another_of_its_rule_at_that_entry_open() -> None:
    year = judged(1, fraud=True)
    late = year.of("entered-late")
    (many,) = [one for one in late if "in the 30 days" in one.why]
    single = next(one for one in late if one is not many)
    assert many.key != single.key
    year.db.execute("INSERT INTO looked VALUES (900000, 'entered-late', ?, ?)", (many.n, single.key))
    assert [one.reviewed for one in judge(year.db, CONTEXT) if one.key == many.key and one.n == many.n] == [None]
    year.db.execute("UPDATE looked SET finding = ? WHERE n = 900000", (many.key,))
    assert [one.reviewed for one in judge(year.db, CONTEXT) if one.key == many.key and one.n == many.n] == [900000]
    year.db.execute("DELETE FROM looked WHERE n = 900000")
    assert judge(year.db, CONTEXT) == year.found


def test_progress_counts_the_rules() -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(SCHEMA)
    told: list[tuple[int, int]] = []
    assert judge(db, CONTEXT, lambda done, whole: told.append((done, whole))) == []
    assert told == [(done, len(CHECKS)) for done in range(len(CHECKS) + 1)]


def test_tables_that_cannot_be_read_leave_what_was_found_before() -> None:
    year = honest_year(4, turnovers=1, loads=0)
    override(year)
    db = laid_out(year)
    before = judge(db, CONTEXT)
    db.execute("DROP TABLE witnessing")
    with pytest.raises(CatalogueError, match="could not be judged"):
        judge(db, CONTEXT)
    assert kept(db) == before
    assert not db.in_transaction
