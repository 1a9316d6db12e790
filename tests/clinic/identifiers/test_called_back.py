"""What a machine made while it was back on the word of a list that does not hold is of the recall."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.identifiers import recalling
from checklist.clinic.identifiers.blocking import blocked, machine_state
from checklist.clinic.identifiers.called_back import begun
from checklist.clinic.identifiers.loads import with_state
from checklist.clinic.identifiers.tracing import Records, trace
from checklist.ledger.errors import Damaged
from checklist.run import commands as c
from checklist.run.paper import Paper
from checklist.run.reading import Refusal
from checklist.run.state import RunState
from checklist.trace.follow import Identifier
from tests.support.making import bring_into_force
from tests.support.returning import COMING_BACK, NAME, walk_back
from tests.support.tiny_visit import ALL, WHY, look, tiny_clinic, turn_over, visit

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit

S1 = "equipment=S1"
LOAD = Identifier("load", "S1-20310310-01")


@pytest.fixture
def clinic(house: House, kit: Kit) -> Clinic:
    """One in which S1 was called back, and has returned."""
    opened = tiny_clinic(house, kit)
    bring_into_force(opened, kit.who(opened, "Lea"), NAME, COMING_BACK)
    house.clock.advance(60)
    assert not isinstance(recalling.recall(opened, "equipment", "S1", WHY, kit.who(opened, "Ben"), "tui"), Refusal)
    house.clock.advance(60)
    returns(house, opened, kit)
    return opened


def returns(house: House, clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    walk_back(clinic, "S1", lea, kit.who(clinic, "Ben"))
    assert not isinstance(recalling.end_quarantine(clinic, "equipment", "S1", WHY, lea, "tui"), Refusal)
    assert machine_state(clinic.histories(), S1) is None
    house.clock.advance(60)


def undo(house: House, clinic: Clinic, kit: Kit) -> None:
    """The test by which it returned was positive."""
    ((proof,),) = clinic.ledger.query("SELECT run FROM run WHERE protocol = ?", (NAME,))
    kit.do(clinic, str(proof), c.Correct("tested", kit.mistake), by="Ben")
    kit.do(clinic, str(proof), c.Give("tested", "positive"), by="Ben")
    assert machine_state(clinic.histories(), S1) is not None
    house.clock.advance(60)


def opened(kit: Kit, clinic: Clinic, load: str) -> str:
    turn_over(kit, clinic)
    session = visit(kit, clinic)
    run = kit.begin(clinic, "opening", session=session)
    kit.do(clinic, run, c.Give("pack", f"load={load}"))
    kit.do(clinic, run, c.Give("cartridge", "serial=C-1 expiry=2032-01"))
    return session


def released(kit: Kit, clinic: Clinic, run: str) -> Refusal | RunState:
    lea = kit.who(clinic, "Lea")
    return clinic.do(run, c.Sign("release", lea.person, "released", ""), lea, "tui")


def test_a_load_begun_in_between_is_never_released(house: House, clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "load", S1)
    kit.do(clinic, run, c.Assign("number", {}))
    kit.do(clinic, run, c.Give("verdict", "released"))
    undo(house, clinic, kit)
    returns(house, clinic, kit)
    refused = released(kit, clinic, run)
    assert isinstance(refused, Refusal)
    assert refused.code == "recalled"
    assert refused.message.startswith("S1 was called back, and its return was undone after this load was begun")
    later = kit.walk_load(clinic)
    assert later.steps["release"].value == "released"


def test_a_load_released_in_between_is_used_by_nobody(house: House, clinic: Clinic, kit: Kit) -> None:
    kit.walk_load(clinic)
    session = opened(kit, clinic, "S1-20310310-01")
    assert look(clinic, session) == ALL
    undo(house, clinic, kit)
    returns(house, clinic, kit)
    assert look(clinic, session) == ALL | {"packs": False}
    block = blocked(clinic.histories(), Records(clinic.histories()), LOAD)
    assert block is not None
    assert (block.state, block.named(LOAD)) == (
        "recalled",
        "cycle in machine S1, begun after a return that was undone,",
    )
    told = with_state(
        trace(clinic.histories(), "load", "S1-20310310-01"), clinic.histories(), clinic.library, clinic.now()
    )
    assert (told.state, told.since) == ("recalled", None)
    run = kit.begin(clinic, "opening", session=visit(kit, clinic))
    assert kit.refused(clinic, run, c.Give("pack", "load=S1-20310310-01")) == "recalled"
    kit.walk_load(clinic)
    kit.do(clinic, run, c.Give("pack", "load=S1-20310310-02"))


def test_a_load_of_before_the_recall_stays_as_it_was(house: House, clinic: Clinic, kit: Kit) -> None:
    """A recall names what else it takes."""
    kit.walk_load(clinic)
    recalling.recall(clinic, "equipment", "S1", WHY, kit.who(clinic, "Ben"), "tui")
    returns(house, clinic, kit)
    assert look(clinic, opened(kit, clinic, "S1-20310310-01")) == ALL


def test_a_sheet_is_judged_by_when_it_says_that_the_load_was_made(house: House, clinic: Clinic, kit: Kit) -> None:
    def entered(began: str, ended: str) -> str:
        sheet, lea = clinic.library.digest_in_force(clinic.ledger, "load")[:12], kit.who(clinic, "Lea")
        run = clinic.begin("load", S1, lea, "tui", None, Paper(began, ended), sheet)
        assert isinstance(run, RunState), run
        kit.do(clinic, run.run, c.Assign("number", {}))
        kit.do(clinic, run.run, c.Give("verdict", "released"))
        assert isinstance(released(kit, clinic, run.run), RunState)
        ((load,),) = clinic.ledger.query("SELECT value FROM identifier WHERE run = ?", (run.run,))
        return str(load)

    house.clock.advance(3600)  # it is three past ten
    between = entered("2031-03-10T09:10:00Z", "2031-03-10T09:50:00Z")
    undo(house, clinic, kit)
    returns(house, clinic, kit)
    house.clock.advance(3600)
    after = entered("2031-03-10T10:10:00Z", "2031-03-10T10:50:00Z")
    run = kit.begin(clinic, "opening", session=visit(kit, clinic))
    assert kit.refused(clinic, run, c.Give("pack", f"load={between}")) == "recalled"
    kit.do(clinic, run, c.Give("pack", f"load={after}"))


def put_right(clinic: Clinic, kit: Kit, *answers: str) -> None:
    """The test of the list by which it returned is read anew, the list is signed again, and the recall ended again."""
    ((proof,),) = clinic.ledger.query("SELECT run FROM run WHERE protocol = ?", (NAME,))
    lea = kit.who(clinic, "Lea")
    kit.do(clinic, str(proof), c.Correct("tested", kit.mistake), by="Ben")
    for answer in answers:
        kit.do(clinic, str(proof), c.Give("tested", answer), by="Ben")
        if answer == "positive":
            kit.do(clinic, str(proof), c.Remark("tested", "tested once more"), by="Ben")
    kit.do(clinic, str(proof), c.Sign("unit", lea.person, "released", ""), by="Ben")
    assert not isinstance(recalling.end_quarantine(clinic, "equipment", "S1", WHY, lea, "tui"), Refusal)


def test_a_slip_of_the_pen_that_was_put_right_recalls_nothing(clinic: Clinic, kit: Kit) -> None:
    kit.walk_load(clinic)
    session = opened(kit, clinic, LOAD.value)
    put_right(clinic, kit, "negative")
    assert look(clinic, session) == ALL


def test_a_test_that_failed_for_a_while_vouches_for_nothing_before(clinic: Clinic, kit: Kit) -> None:
    kit.walk_load(clinic)
    session = opened(kit, clinic, LOAD.value)
    put_right(clinic, kit, "positive", "negative")
    assert machine_state(clinic.histories(), S1) is None
    assert look(clinic, session) == ALL | {"packs": False}


def test_a_list_that_was_walked_anew_after_a_further_recall_vouches_for_nothing_before(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    kit.walk_load(clinic)
    session = opened(kit, clinic, LOAD.value)
    house.clock.advance(60)
    recalling.recall(clinic, "equipment", "S1", WHY, kit.who(clinic, "Ben"), "tui")
    put_right(clinic, kit, "negative")
    assert machine_state(clinic.histories(), S1) is None
    assert look(clinic, session) == ALL | {"packs": False}


def test_when_a_load_was_begun_is_no_matter_of_the_tables(house: House, clinic: Clinic, kit: Kit) -> None:
    kit.walk_load(clinic)
    run = kit.begin(clinic, "opening", session=visit(kit, clinic))
    with closing(sqlite3.connect(house.folder.ledger)) as db, db:
        db.execute("UPDATE run SET moment = '2031-03-09T10:5q:00.000000Z' WHERE protocol = 'load'")
    kit.do(clinic, run, c.Give("pack", f"load={LOAD.value}"))
    undo(house, clinic, kit)
    assert blocked(clinic.histories(), Records(clinic.histories()), LOAD) is not None
    with pytest.raises(Damaged, match=r"When .*#9999 was begun is not on record"):
        begun(clinic.histories(), f"{clinic.settings.clinic.station}#9999")
