"""What is planted is there, its label says where, and the record itself says nothing of it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.checking import verify_clinic
from checklist.clinic.demo.plants import DEFAULT
from checklist.ledger.entry import parse_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.demo.labels import Plant
    from checklist.ledger.entry import Entry
    from tests.clinic.demo.conftest import Year

_WITHOUT_RUNS = {
    "digit-preference",
    "all-pass-streak",
    "same-witness",
    "unanchored-long",
    "clock-jumped",
    "override-unreviewed",
}

_IN_ALL = {"digit-preference", "all-pass-streak", "same-witness", "unanchored-long"}
"""What shows in a whole period, and at no one place."""


@pytest.fixture(scope="module")
def entries(planted: Year) -> list[Entry]:
    return planted.entries()


def _plant(year: Year, kind: str) -> Plant:
    return next(one for one in year.built.plants if one.kind == kind)


def _at(entries: Sequence[Entry], places: Sequence[str]) -> list[Entry]:
    found = [parse_place(place) for place in places]
    return [entries[place[1]] for place in found if place is not None]


def test_the_record_with_its_patterns_is_a_clean_record(planted: Year) -> None:
    report = verify_clinic(planted.folder)
    assert (report.result, report.findings) == ("clean", ())


@pytest.mark.parametrize("kind", DEFAULT)
def test_each_kind_is_labelled_with_its_places(planted: Year, entries: list[Entry], kind: str) -> None:
    plant = _plant(planted, kind)
    label = plant.as_json()
    assert label["rule"] == kind
    assert planted.built.first <= plant.days[0] <= plant.days[-1] <= planted.built.last
    runs = _at(entries, plant.runs)
    assert all(entry.kind == "run.started" for entry in runs)
    assert bool(runs) == (kind not in _WITHOUT_RUNS)
    assert bool(plant.entries) or bool(runs) or kind in _IN_ALL
    if kind in ("digit-preference", "all-pass-streak", "same-witness", "too-fast", "odd-hours", "cloned-run"):
        assert any(entry.actor == plant.person for entry in entries)


def test_a_step_was_faster_than_is_credible(planted: Year, entries: list[Entry]) -> None:
    (closed,) = _at(entries, _plant(planted, "too-fast").entries)
    ms = closed.data["ms"]
    assert isinstance(ms, int)
    assert ms < 5000
    assert closed.step == "inspect"


def test_readings_stay_the_same_for_many_runs(planted: Year, entries: list[Entry]) -> None:
    closed = _at(entries, _plant(planted, "identical-readings").entries)
    assert len(closed) > 8
    assert {entry.data["value"] for entry in closed} == {"135.4"}


def test_printouts_tell_what_the_program_finds_in_them(planted: Year, entries: list[Entry]) -> None:
    rules = {"cloned-printout": "series-repeated", "cycle-missing": "cycle-missing", "cycle-repeated": "cycle-repeated"}
    for kind, rule in rules.items():
        (closed,) = _at(entries, _plant(planted, kind).entries)
        assert [one["rule"] for one in closed.data["findings"] if isinstance(one, dict)] == [rule]  # type: ignore[union-attr]
        assert closed.data["verdict"] == "unexpected"


def test_a_run_has_the_values_and_times_of_another(planted: Year, entries: list[Entry]) -> None:
    (run,) = _plant(planted, "cloned-run").runs
    alike: dict[str | None, list[tuple[object, ...]]] = defaultdict(list)
    for one in entries:
        alike[one.run].append((one.step, one.data.get("value"), one.data.get("ms")))
    same = [place for place, told in alike.items() if place != run and told == alike[run]]
    assert len(same) == 1


def test_the_clock_was_put_back_and_on_again(planted: Year, entries: list[Entry]) -> None:
    back, on = _at(entries, _plant(planted, "clock-jumped").entries)
    moved = [int(str(one.data["wall_ms"])) - int(str(one.data["mono_ms"])) for one in (back, on)]
    assert moved[0] < -3_600_000
    assert abs(sum(moved)) < 2000


def test_an_override_stays_unreviewed_and_a_hold_is_passed(planted: Year, entries: list[Entry]) -> None:
    overridden = _at(entries, _plant(planted, "override-unreviewed").entries)
    reviewed = [entry.data["of"] for entry in entries if entry.kind == "reviewed"]
    assert overridden
    assert all(entry.kind == "clearance.overridden" for entry in overridden)
    assert not any({"station": "a", "index": one.index, "leaf": one.leaf} in reviewed for one in overridden)
    (passed,) = _at(entries, _plant(planted, "hold-passed").entries)
    assert passed.kind == "step.skipped"


def test_sheets_are_entered_days_later_in_one_go(planted: Year, entries: list[Entry]) -> None:
    runs = _at(entries, _plant(planted, "entered-late").runs)
    assert len(runs) == 12
    assert {entry.via for entry in runs} == {"transcribed"}
    assert len({entry.at[:13] for entry in runs}) <= 2


def test_no_word_of_it_stands_in_the_record(entries: list[Entry]) -> None:
    told = " ".join(str(entry.data) for entry in entries)
    assert not any(word in told for word in ("plant", "fraud", "cloned"))
