"""The numbers, against counts that go through the entries one by one."""

from __future__ import annotations

import sqlite3
from calendar import weekday
from collections import Counter
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from checklist.audit.numbers import apart, done, measured
from checklist.audit.numbers.scope import Scope, share
from checklist.audit.tables import SCHEMA
from checklist.clinic import auditing
from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic
from tests.support.reported import MARKUP, READINGS, reported_clinic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checklist.ledger.entry import Entry

EVER = Scope("2000-01-01", "2999-12-31")
CLOSES = ("step.done", "step.skipped", "step.overridden", "step.failed", "step.deferred", "step.not-applicable")


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    with closing(Clinic.open(Folder(reported_clinic(tmp_path_factory.mktemp("numbers") / "clinic")))) as opened:
        yield opened


@pytest.fixture(scope="module")
def db(clinic: Clinic) -> Iterator[sqlite3.Connection]:
    with auditing.opened(clinic) as catalogue:
        yield catalogue.db


@pytest.fixture(scope="module")
def entries(clinic: Clinic) -> list[Entry]:
    return list(clinic.ledger.entries())


def of(entries: list[Entry], *kinds: str) -> list[Entry]:
    return [entry for entry in entries if entry.kind in kinds]


def test_coverage_is_what_the_entries_come_to(db: sqlite3.Connection, entries: list[Entry]) -> None:
    found = done.coverage(db, EVER)
    ends = of(entries, "run.completed")
    assert found.entries == len(entries)
    assert found.runs == len(of(entries, "run.started")) == 9
    assert found.steps == len(of(entries, *CLOSES))
    assert found.deviations == sum(int(str(end.data["deviations"])) for end in ends) == 3
    assert dict(found.outcomes) == Counter(str(end.data["outcome"]) for end in ends)
    assert found.days == len({entry.at[:10] for entry in of(entries, "run.started")})
    assert (found.protocols, found.operators, found.unreadable) == (2, 3, 0)


def test_a_period_and_a_scope_take_only_what_is_in_them(db: sqlite3.Connection, entries: list[Entry]) -> None:
    first = of(entries, "run.started")[0].at[:10]
    assert done.coverage(db, Scope(first, first)).runs == 1
    assert done.coverage(db, Scope("2000-01-01", "2000-12-31")).runs == 0
    assert done.coverage(db, Scope("2000-01-01", "2999-12-31", protocol="seal")).runs == 2
    assert done.coverage(db, Scope("2000-01-01", "2999-12-31", room="room-1")).runs == 1
    assert not apart.overrides(db, Scope("2000-01-01", "2999-12-31", protocol="fridge"))


@pytest.mark.parametrize("by", ["protocol", "weekday", "month"])
def test_the_plan_is_counted_the_same_whichever_way(db: sqlite3.Connection, by: done.By) -> None:
    found = done.kept(db, EVER, by)
    counted: Counter[tuple[str, str]] = Counter()
    for protocol, day, state in db.execute("SELECT protocol, day, state FROM planned"):
        year, month, date = map(int, day.split("-"))
        named = {"protocol": protocol, "month": day[:7], "weekday": str(weekday(year, month, date))}
        counted[named[by], state] += 1
    assert counted.total() > 7
    assert {(each.of, state): getattr(each, state) for each in found for state in ("done", "late", "missed")} == {
        (each.of, state): counted[each.of, state] for each in found for state in ("done", "late", "missed")
    }
    assert sum(each.planned for each in found) == counted.total()


def test_what_is_planned_for_a_day_that_goes_on_is_not_missed_yet(db: sqlite3.Connection) -> None:
    ((last,),) = db.execute("SELECT max(day) FROM planned")
    until = Scope("2000-01-01", "2999-12-31", over=last)
    assert sum(each.planned for each in done.kept(db, until, "month")) < sum(
        each.planned for each in done.kept(db, EVER, "month")
    )


def test_shares_are_those_of_whoever_closed_the_step(db: sqlite3.Connection, entries: list[Entry]) -> None:
    steps = Counter(entry.actor for entry in of(entries, *CLOSES))
    runs = Counter(entry.actor for entry in of(entries, "run.started"))
    found = done.shares(db, EVER)
    assert {each.operator: (each.steps, each.runs) for each in found} == {
        who: (steps[who], runs[who]) for who in steps | runs
    }
    assert [each.steps for each in found] == sorted((each.steps for each in found), reverse=True)


def test_deviations_are_told_by_step_way_and_reason(db: sqlite3.Connection) -> None:
    assert {(each.protocol, each.step, each.way, each.reason, each.count) for each in apart.deviations(db, EVER)} == {
        ("fridge", "temperature", apart.AGAIN, "", 1),
        ("seal", "whole", "overridden", "not-available", 1),
        ("seal", "label", "skipped", "not-needed", 1),
    }
    assert [(each.protocol, each.runs, each.deviating, each.steps) for each in apart.deviating(db, EVER)] == [
        ("seal", 2, 2, 2),
        ("fridge", 7, 1, 1),
    ]


def test_what_a_second_person_has_yet_to_read_is_no_number(clinic: Clinic) -> None:
    with auditing.opened(clinic) as catalogue:
        before = measured.readings(catalogue.db, EVER)
        n, step = catalogue.db.execute("SELECT run, step FROM step WHERE number IS NOT NULL LIMIT 1").fetchone()
        tried = catalogue.db.execute("SELECT run, step FROM attempt WHERE verdict = 'fail' LIMIT 1").fetchone()
        catalogue.hide([(n, step), tried])
        after = measured.readings(catalogue.db, EVER)
        points = [len(measured.points(catalogue.db, EVER, each)) for each in after]
    assert sum(each.count for each in before) - sum(each.count for each in after) == 3
    assert sum(points) == sum(each.count for each in after)


def test_every_override_is_told_with_both_people(db: sqlite3.Connection, entries: list[Entry]) -> None:
    given = of(entries, "step.overridden", "clearance.overridden")
    found = apart.overrides(db, EVER)
    assert [(each.place, each.actor, each.witness, each.reason, each.reviewed) for each in found] == [
        (entry.place, entry.actor, entry.data["witness"], entry.data["reason"], None) for entry in given
    ]
    assert [(each.protocol, each.about) for each in found] == [("seal", "whole"), ("", "microneedling")]


def test_the_gate_is_told_with_what_stood_in_the_way(db: sqlite3.Connection, entries: list[Entry]) -> None:
    unmet: Counter[tuple[str, bool]] = Counter()
    for entry in of(entries, "cleared"):
        for required in entry.data["requirements"] if isinstance(entry.data["requirements"], list) else []:
            if isinstance(required, dict) and required["met"] is not True:
                unmet[str(required["id"]), required["met"] is False] += 1
    assert [(each.procedure, each.go, each.no_go, each.overridden) for each in apart.answers(db, EVER)] == [
        ("microneedling", 0, len(of(entries, "cleared")), 1)
    ]
    found = apart.unmet(db, EVER)
    assert {(each.requirement, each.not_met, each.unknown) for each in found} == {
        (name, unmet[name, True], unmet[name, False]) for name, _ in unmet
    }


def test_what_stands_in_the_way_most_often_is_told_first() -> None:
    with closing(sqlite3.connect(":memory:")) as empty:
        empty.executescript(SCHEMA)
        for n, required in enumerate(("aid", "room", "room", "zinc", "room", "zinc")):
            empty.execute(
                "INSERT INTO clearance VALUES (?, 'p', 'NO-GO', '', '', '', '', '2027-03-01', '', NULL, NULL)", (n,)
            )
            empty.execute("INSERT INTO refusal VALUES (?, ?, ?)", (n, required, "no" if n % 2 else "unknown"))
        found = apart.unmet(empty, EVER)
    assert [(each.requirement, each.not_met, each.unknown) for each in found] == [
        ("room", 1, 2),
        ("zinc", 2, 0),
        ("aid", 0, 1),
    ]


def test_what_was_called_back_is_told(db: sqlite3.Connection, entries: list[Entry]) -> None:
    (recalled,) = of(entries, "recalled")
    (found,) = apart.called_back(db, EVER)
    assert (found.place, found.what, found.kind, found.value) == (recalled.place, "recalled", "lot", MARKUP.upper())


def test_times_are_nearest_ranks_to_the_tenth(db: sqlite3.Connection, entries: list[Entry]) -> None:
    took = sorted(int(str(each.data["ms"])) // 100 / 10 for each in of(entries, "step.done") if each.step == "hands")
    (hands,) = [each for each in measured.times(db, EVER) if (each.protocol, each.step) == ("fridge", "hands")]
    ranks = [took[-(-len(took) * each // 100) - 1] for each in (5, 25, 50, 75, 95)]
    assert [hands.low, hands.quarter, hands.median, hands.three_quarters, hands.high] == ranks
    assert (hands.count, hands.at_least, hands.faster) == (7, 20.0, 7)


def test_readings_have_failed_attempts_among_them(db: sqlite3.Connection) -> None:
    values = [float(word) for lines in READINGS for word in lines.split("\n") if word[0].isdigit()]
    (found,) = measured.readings(db, EVER)
    moved = [abs(after - before) for before, after in pairwise(values)]
    assert (found.protocol, found.step, found.subject, found.unit) == ("fridge", "temperature", "equipment=F1", "Cel")
    assert (found.count, found.outside, found.least, found.most) == (8, 1, 4.0, 9.0)
    assert (found.low, found.high, found.changed) == (2.0, 8.0, False)
    assert found.mean == pytest.approx(sum(values) / len(values))
    assert found.moving == pytest.approx(sum(moved) / len(moved))
    assert found.natural is not None
    assert found.natural[1] - found.mean == pytest.approx(3 * sum(moved) / len(moved) / 1.128)
    points = measured.points(db, EVER, found)
    assert [point.mean for point in points] == values
    assert [point.outside for point in points] == [value > 8 for value in values]


def test_many_readings_are_drawn_by_the_day(db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "MOST_POINTS", 7)
    (found,) = measured.readings(db, EVER)
    points = measured.points(db, EVER, found)
    assert found.grain == "day"
    assert [(point.mean, point.least, point.most) for point in points][2] == (7.0, 5.0, 9.0)
    assert len(points) == len(READINGS)


@pytest.mark.parametrize(
    ("unit", "least", "natural", "rounded"),
    [("cm2", 6.0, (0.0, 310.0), "171.5"), ("Cel", 6.0, (-10.0, 310.0), "171.5"), ("kg", 0.25, (0.0, 310.0), "171.500")],
)
def test_what_cannot_be_below_zero_is_not_told_to_be(
    unit: str, least: float, natural: tuple[float, float], rounded: str
) -> None:
    moving = 160 / (3 / 1.128)
    found = measured.Readings("p", "s", "", unit, 9, 150.0, least, 321.0, moving, None, None, False, 0, 9)
    assert found.natural == pytest.approx(natural)
    assert found.rounded(171.5) == rounded


def test_nothing_is_rounded_to_all_or_to_none_of_it() -> None:
    assert [share(part, 1478) for part in (0, 1, 1477, 1478)] == ["0 %", "< 0.1 %", "> 99.9 %", "100 %"]
    assert share(303, 304) == "99.7 %"
