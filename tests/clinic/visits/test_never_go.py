"""Whatever happens in a real clinic, its gate never says GO about what must not be used, or was not done.

Walks through the service, thrown by seeded dice. After every deed the gate is asked about every visit at hand, in every
room, and held against a book that knows nothing of how the gate comes to its answer. A walk that fails prints what
was done in it.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.checking import verify_clinic
from checklist.clinic.folder import Folder
from checklist.clinic.identifiers import recalling
from checklist.run import commands as c
from checklist.run.reading import Refusal
from tests.support.gate_apart import let_go_of
from tests.support.gate_deeds import open_visits, something, the_day_begins
from tests.support.gate_world import ROOMS, WHY, World
from tests.support.making import copy_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.clinic.conftest import Kit
    from tests.support.gate_book import Load

WALKS, DEEDS = 5, 18


def asked_everywhere(world: World) -> list[bool]:
    """Hold the gate against the book, about every visit at hand; of each, whether it may start in its own room."""
    may = []
    for visit in open_visits(world):
        for room in ROOMS:
            decision, judged = world.judged(visit, room)
            expected = world.book.expected(visit, room, world.now)
            for one in judged:
                told = (visit.id, room, one.id, "met" if expected[one.id] else "unmet", "by the book, but:", one.why)
                world.hold(expected[one.id] in (None, one.met is True), *told)
            world.hold((decision == "GO") == all(one.met for one in judged), visit.id, decision)
            if room == visit.room:
                may.append(decision == "GO")
        decision, _ = world.judged(visit, visit.room, "close")
        world.hold((decision == "GO") == world.book.may_close(visit), visit.id, "close", decision)
    for visit in world.book.visits.values():
        world.hold(isinstance(world.asked(visit, visit.room), Refusal) == visit.closed, visit.id, "closed")
    return may


@pytest.mark.parametrize("seed", range(4))
def test_no_go_about_what_must_not_be(seed: int, practice: Path, kit: Kit, tmp_path: Path) -> None:
    answers: list[bool] = []
    for walk in range(WALKS):
        folder = tmp_path / f"walk-{walk}"
        house = kit.new_house(Folder(copy_of(practice, folder)))
        with house.stack:
            world = World(house, kit, Random(f"{seed}.{walk}"), house.open(), folder)  # noqa: S311 - dice
            the_day_begins(world)
            world.hold(asked_everywhere(world) == [True], "a day begins with a visit that may start")
            for _ in range(DEEDS):
                something(world)
                answers += asked_everywhere(world)
            assert verify_clinic(world.house.folder).result == "clean"
    share = answers.count(True) / len(answers)
    assert 0.15 < share < 0.8, "much of it may start and much may not, or nothing was tried"


# -- what the walks have found ---------------------------------------------------------------------------------------


@pytest.fixture
def world(practice: Path, kit: Kit, tmp_path: Path) -> Iterator[World]:
    """A day that has begun, with a visit that may start."""
    house = kit.new_house(Folder(copy_of(practice, tmp_path)))
    with house.stack:
        found = World(house, kit, Random(0), house.open(), tmp_path)  # noqa: S311 - dice
        the_day_begins(found)
        yield found


def unmet(world: World) -> list[str]:
    (visit,) = world.book.visits.values()
    return [one.id for one in world.judged(visit, visit.room)[1] if not one.met]


def the_load(world: World) -> Load:
    (visit,) = world.book.visits.values()
    return world.book.loads[visit.of("load")[0]]


def test_a_machine_s_test_that_turns_out_to_have_failed_is_not_made_good_by_an_older_one(world: World) -> None:
    assert unmet(world) == []
    newest = world.book.tests[the_load(world).machine][-1]
    world.do(newest.run, c.Correct("look", WHY), c.Fail("look", WHY))
    assert unmet(world) == ["test"]


def test_no_signature_makes_good_a_load_that_failed(world: World) -> None:
    run = the_load(world).walked.run
    released = c.Sign("release", world.who("Lea").person, "released", "")
    world.do(run, c.Correct("look", WHY), c.Fail("look", WHY), released)
    assert unmet(world) == ["packs"]
    world.do(run, c.Correct("look", WHY), c.Confirm("look"), released)
    assert unmet(world) == []


def test_a_load_that_was_overridden_may_be_used_once_somebody_has_reviewed_that(world: World) -> None:
    load = the_load(world)
    world.do(load.walked.run, c.Correct("look", WHY))
    world.override_step(load.walked, "look", load.overrides)
    world.do(load.walked.run, c.Sign("release", world.who("Lea").person, "released", ""))
    assert unmet(world) == ["packs"]
    world.review(load.overrides)
    assert unmet(world) == []


def test_a_visit_that_is_closed_after_a_restore_is_closed(world: World) -> None:
    (visit,) = world.book.visits.values()
    world.clear(visit, "start")
    world.restore()
    world.clear(visit, "close")
    assert visit.closed
    assert isinstance(world.asked(visit, visit.room), Refusal)


def test_what_was_set_apart_before_a_restore_may_return_after_it(world: World) -> None:
    (visit,) = world.book.visits.values()
    (lot,), machine = visit.of("lot"), the_load(world).machine
    for act, kind, value in ((recalling.quarantine, "lot", lot), (recalling.recall, "equipment", machine)):
        done = act(world.clinic, kind, value, WHY, world.who("Lea"), "tui")
        assert not isinstance(done, Refusal), done
        world.book.set_apart((kind, value), "recalled" if kind == "equipment" else "quarantined", world.now)
    world.restore()
    assert "serums" in unmet(world)
    let_go_of(world, ("lot", lot))
    let_go_of(world, ("equipment", machine))
    assert unmet(world) == []
    world.load(machine, "released")


def test_a_lot_that_was_recalled_before_a_restore_never_returns(world: World) -> None:
    (visit,) = world.book.visits.values()
    (lot,) = visit.of("lot")
    assert not isinstance(recalling.recall(world.clinic, "lot", lot, WHY, world.who("Lea"), "tui"), Refusal)
    world.book.set_apart(("lot", lot), "recalled", world.now)
    world.restore()
    let_go_of(world, ("lot", lot))
    assert unmet(world) == ["serums"]
