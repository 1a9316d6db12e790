"""What the gate is told of runs: corrections make nothing younger or cleaner, and nobody writes between two looks."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.copies import Copied, Restored, backup, restore
from checklist.clinic.folder import Folder
from checklist.clinic.texts.adopting import adopt
from checklist.clinic.texts.library import Library
from checklist.clinic.visits import clearing
from checklist.clinic.visits.gathering import NEVER_BEGUN, NEWEST
from checklist.clinic.visits.sources import Sources
from checklist.run import commands as c
from checklist.run.events import REASON_CODES, Reason
from checklist.run.paper import Paper
from checklist.run.reading import Refusal
from checklist.run.state import RunState
from tests.support.gate_deeds import a_visit, grant, the_day_begins
from tests.support.gate_world import World
from tests.support.making import copy_of
from tests.support.tiny_visit import (
    ALL,
    TINY,
    asked,
    look,
    open_packs,
    ready,
    tiny_clinic,
    turn_over,
    visit,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from checklist.clinic.service import Clinic
    from checklist.protocol.outline import Outline
    from tests.clinic.conftest import House, Kit


@pytest.fixture
def clinic(house: House, kit: Kit) -> Clinic:
    return tiny_clinic(house, kit)


def ask_for(kit: Kit, clinic: Clinic, old: str, new: str) -> None:
    """The tiny procedure asks for something else from now on."""
    assert old in TINY
    (clinic.folder.protocols / "procedures" / "tiny.toml").write_text(TINY.replace(old, new), "utf-8")
    assert not isinstance(adopt(clinic, "tiny", kit.who(clinic, "Lea"), "tui"), Refusal)


def test_a_step_that_is_corrected_makes_its_run_no_younger(house: House, clinic: Clinic, kit: Kit) -> None:
    """Also where the run counts from that step on."""
    ask_for(kit, clinic, 'protocol = "turnover"', 'protocol = "turnover"\nthrough = "look"')
    session = ready(kit, clinic)
    room = turn_over(kit, clinic)
    house.clock.advance(1800)
    kit.do(clinic, room, c.Correct("look", kit.mistake))
    kit.do(clinic, room, c.Confirm("look"))
    assert look(clinic, session) == ALL
    house.clock.advance(3.5 * 3600 + 1)
    assert look(clinic, session)["room"] is False


def test_an_override_that_was_corrected_is_reviewed_all_the_same(clinic: Clinic, kit: Kit) -> None:
    kit.walk_load(clinic)
    session = visit(kit, clinic)
    open_packs(kit, clinic, session)
    run = kit.begin(clinic, "turnover", "room=room-1")
    kit.do(clinic, run, c.Give("indicator", "turned"))
    kit.do(clinic, run, c.Witness("second", kit.who(clinic, "Ben").person, "turned"))
    kit.do(clinic, run, c.Override("look", kit.because, kit.who(clinic, "Ben").person))
    kit.do(clinic, run, c.Correct("look", kit.mistake))
    kit.do(clinic, run, c.Confirm("look"))
    assert look(clinic, session) == ALL | {"room": False}
    lea, rita = kit.who(clinic, "Lea"), kit.who(clinic, "Rita")
    assert not isinstance(clinic.personnel.set_roles(rita.id, ["staff", "lead"], lea, "tui"), Refusal)
    ((index,),) = clinic.ledger.query("SELECT idx FROM overridden")
    done = clearing.review(clinic, f"a#{index}", "looked into it", kit.who(clinic, "Rita"), "tui")
    assert not isinstance(done, Refusal), done
    assert look(clinic, session) == ALL


@pytest.fixture
def quiet(practice: Path, kit: Kit, tmp_path: Path) -> Iterator[World]:
    """A clinic in which nothing was done yet."""
    house = kit.new_house(Folder(copy_of(practice, tmp_path)))
    with house.stack:
        world = World(house, kit, Random(0), house.open(), tmp_path)  # noqa: S311 - dice
        for name in ("Ben", "Rita"):
            grant(world, name)
        yield world


def test_a_machine_s_test_that_failed_after_the_load_was_begun_takes_the_place_of_one_before(quiet: World) -> None:
    quiet.test("S1", "done")
    second = quiet.begun("machine-test", "equipment=S1")
    quiet.load("S1", None)
    a_visit(quiet, spoiled=0)
    assert judged(quiet) == {"test": False, "packs": False}
    quiet.close_run(second, "failed")
    assert judged(quiet) == {"test": False, "packs": False}
    (load,) = quiet.book.loads.values()
    refused = quiet.tried(load.walked.run, c.Sign("release", quiet.who("Lea").person, "released", ""))
    assert isinstance(refused, Refusal)
    assert refused.code == "untested"


def test_a_machine_s_test_while_the_load_is_in_it_is_none_before_it(quiet: World) -> None:
    quiet.load("S1", None)
    quiet.test("S1", "done")
    (load,) = quiet.book.loads.values()
    quiet.sign_load(load, "released")
    assert not load.released
    a_visit(quiet, spoiled=0)
    assert judged(quiet) == {"test": False, "packs": False}


def test_a_run_in_the_wrong_room_that_was_given_up_at_once_ends_nothing(clinic: Clinic, kit: Kit) -> None:
    """As long as nothing was done in it: what somebody has seen there may be why they gave it up."""
    session = ready(kit, clinic)
    run = kit.begin(clinic, "turnover", "room=room-1")
    assert look(clinic, session)["room"] is False
    kit.do(clinic, run, c.Abandon(kit.mistake))
    assert look(clinic, session) == ALL
    run = kit.begin(clinic, "turnover", "room=room-1")
    kit.do(clinic, run, c.Abandon(Reason("not-needed")))
    assert look(clinic, session) == ALL
    run = kit.begin(clinic, "turnover", "room=room-1")
    kit.do(clinic, run, c.Give("indicator", "not turned"))
    kit.do(clinic, run, c.Abandon(kit.mistake))
    assert look(clinic, session)["room"] is False


@pytest.mark.parametrize("code", [code for code in REASON_CODES if code not in NEVER_BEGUN])
def test_what_was_given_up_at_once_for_what_was_seen_there_ends_what_was_before(
    clinic: Clinic, kit: Kit, code: str
) -> None:
    session = ready(kit, clinic)
    run = kit.begin(clinic, "turnover", "room=room-1")
    kit.do(clinic, run, c.Abandon(Reason(code, "the lamp is smoking")))
    assert look(clinic, session) == {**ALL, "room": False}


def test_what_was_walked_on_paper_is_as_old_as_the_paper(house: House, clinic: Clinic, kit: Kit) -> None:
    session = ready(kit, clinic)
    house.clock.advance(5 * 3600)
    sheet, lea = clinic.library.digest_in_force(clinic.ledger, "turnover")[:12], kit.who(clinic, "Lea")
    for began, ended, met in (("09:05", "09:20", False), ("13:05", "13:20", True)):
        paper = Paper(f"2031-03-10T{began}:00Z", f"2031-03-10T{ended}:00Z")
        run = clinic.begin("turnover", "room=room-1", lea, "tui", None, paper, sheet)
        assert isinstance(run, RunState), run
        kit.do(clinic, run.run, c.Give("indicator", "turned"))
        kit.do(clinic, run.run, c.Witness("second", kit.who(clinic, "Ben").person, "turned"))
        kit.do(clinic, run.run, c.Confirm("look"))
        assert look(clinic, session)["room"] is met


def test_what_nobody_stands_for_yet_is_not_known(house: House, clinic: Clinic, kit: Kit) -> None:
    """An emergency was walked by nobody who had signed in."""
    steps = '[[steps]]\nid = "look"\nkind = "confirm"\ndo = "Look."\nexpect = "tidy"\n'
    text = kit.protocol_text("rescue", "clinic", "", steps).replace('category = "clinic"', 'category = "emergency"')
    house.add_protocol("rescue", text, clinic, kit.who(clinic, "Lea"))
    ask_for(kit, clinic, "[[closes]]", '[[requires]]\nid = "calm"\nnone_open = ["rescue"]\n[[closes]]')
    session = ready(kit, clinic)
    assert look(clinic, session) == ALL | {"calm": True}
    run = clinic.begin("rescue", "clinic", None, "tui")
    assert isinstance(run, RunState)
    kit.do(clinic, run.run, c.Confirm("look"), by=None)
    assert look(clinic, session) == ALL | {"calm": None}
    kit.do(clinic, run.run, c.Attribute())
    assert look(clinic, session) == ALL | {"calm": True}


CHECK = """\
[[steps]]
id = "floor"
kind = "choice"
do = "Look at the floor."
options = [{ value = "dry", verdict = "pass" }, { value = "wet", verdict = "fail" }]
on_fail = { stop = true, open = "short" }
"""


@pytest.mark.parametrize("restored", [False, True])
def test_what_a_failure_asks_for_is_open_until_it_is_done(
    house: House, clinic: Clinic, kit: Kit, tmp_path: Path, *, restored: bool
) -> None:
    """Nobody has begun it yet; and whether it is done in this record or in that after a restore is the same."""
    house.add_protocol("check", kit.protocol_text("check", "clinic", "", CHECK), clinic, kit.who(clinic, "Lea"))
    ask_for(kit, clinic, "[[closes]]", '[[requires]]\nid = "floor"\nnone_open = ["short"]\n[[closes]]')
    session = ready(kit, clinic)
    assert look(clinic, session) == ALL | {"floor": True}
    kit.do(clinic, kit.begin(clinic, "check"), c.Give("floor", "wet"))
    assert look(clinic, session) == ALL | {"floor": False}
    if restored:
        assert isinstance(backup(clinic, tmp_path / "kept", kit.who(clinic, "Lea"), "tui"), Copied)
        house.folder = Folder(tmp_path / "again")
        assert isinstance(restore(tmp_path / "kept", house.folder, "tui"), Restored)
        clinic = house.open()
        house.clock.advance(1)
        assert look(clinic, session) == ALL | {"floor": False}
    kit.walk_short(clinic, "short")
    assert look(clinic, session) == ALL | {"floor": True}


def test_what_is_still_open_is_not_hidden_by_what_was_done_since(house: House, clinic: Clinic, kit: Kit) -> None:
    ask_for(kit, clinic, "[[closes]]", '[[requires]]\nid = "calm"\nnone_open = ["short"]\n[[closes]]')
    session = ready(kit, clinic)
    run = kit.begin(clinic, "short")
    for _ in range(NEWEST + 1):
        house.clock.advance(1)
        kit.walk_short(clinic, "short")
    assert look(clinic, session) == ALL | {"calm": False}
    for step in ("wash", "look"):
        kit.do(clinic, run, c.Confirm(step))
    assert look(clinic, session) == ALL | {"calm": True}


@pytest.fixture
def world(quiet: World) -> World:
    """A day that has begun, with a visit that may start."""
    the_day_begins(quiet)
    return quiet


def judged(world: World) -> dict[str, bool | None]:
    (one,) = world.book.visits.values()
    return {each.id: each.met for each in world.judged(one, one.room)[1] if not each.met}


def test_what_was_open_before_a_restore_is_not_known_until_it_is_done_anew(world: World) -> None:
    """Nobody can go on with it, and nobody has to."""
    world.begun("spill", "clinic")
    assert judged(world) == {"incident": False}
    world.restore()
    assert judged(world) == {"incident": None}
    world.spill("done")
    assert judged(world) == {}


@pytest.mark.parametrize("protocol", ["load", "opening"])
def test_tables_that_do_not_fit_together_are_unknown_and_stop_nothing(
    house: House, clinic: Clinic, kit: Kit, protocol: str
) -> None:
    session = ready(kit, clinic)
    with closing(sqlite3.connect(house.folder.ledger)) as db, db:
        db.execute("DELETE FROM released")
        db.execute("DELETE FROM run WHERE protocol = ?", (protocol,))
    found = look(clinic, session)
    assert found["packs"] is (None if protocol == "load" else False)
    assert found["room"] is True


class Meddled(Library):
    """Texts that are looked up while somebody tries to write."""

    tries = 0

    def outline(self, sha256: str) -> Outline:
        self.tries += 1
        with closing(sqlite3.connect(self._folder.ledger, timeout=0)) as db:
            db.execute("BEGIN IMMEDIATE")
            db.execute("UPDATE kept SET views = views")
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                db.execute("COMMIT")
            db.execute("ROLLBACK")
        return super().outline(sha256)


def test_all_that_an_answer_rests_on_was_so_at_one_moment(house: House, clinic: Clinic, kit: Kit) -> None:
    """Else a load that was recalled meanwhile, and a room made ready after that, would be GO together."""
    session = ready(kit, clinic)
    library = Meddled(house.folder)
    sources = Sources(clinic.histories(), library, clinic.settings.clinic.jurisdiction)
    procedure = clinic.library.procedure(clinic.ledger, "tiny")
    assert clearing.ask(sources, procedure, asked(clinic, session), clinic.now()).decision == "GO"
    assert library.tries
