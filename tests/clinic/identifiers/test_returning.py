"""What proves that a machine which was called back may return, and what no longer does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.clinic.identifiers import recalling
from checklist.clinic.identifiers.blocking import machine_state
from checklist.clinic.identifiers.returning import judges
from checklist.clinic.identifiers.tracing import Records
from checklist.clinic.plan.board import board
from checklist.clinic.views import VIEWS
from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.paper import Paper
from checklist.run.reading import Refusal
from checklist.run.state import RunState
from checklist.trace.follow import Identifier
from tests.support.making import bring_into_force
from tests.support.rebuilding import rebuild_views
from tests.support.returning import COMING_BACK, NAME, walk_back
from tests.support.tiny_visit import ALL, WHY, look, open_packs, tiny_clinic, turn_over, visit

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit

S1 = "equipment=S1"
WORDS = Reason("other", "it was repaired")
WHOLE = """\
[[steps]]
id = "missing"
kind = "measure"
do = "Count the packs that are missing."
unit = "{count}"
limit = { min = 0 }
[[steps]]
id = "kept"
kind = "measure"
do = "Read the leak rate."
unit = "mbar/min"
limit = { max = 1.3 }
[[steps]]
id = "unit"
kind = "sign"
do = "Sign whether it goes back into use."
meanings = ["released", "quarantined"]
roles = ["lead"]
"""


@pytest.fixture
def clinic(house: House, kit: Kit) -> Clinic:
    opened = tiny_clinic(house, kit)
    bring_into_force(opened, kit.who(opened, "Lea"), NAME, COMING_BACK)
    return opened


def recall(house: House, clinic: Clinic, kit: Kit, machine: str = "S1") -> None:
    """Called back by Ben, who is no lead."""
    house.clock.advance(60)
    found = recalling.recall(clinic, "equipment", machine, WHY, kit.who(clinic, "Ben"), "tui")
    assert not isinstance(found, Refusal), found
    house.clock.advance(60)


def ended(clinic: Clinic, kit: Kit, machine: str = "S1") -> str:
    """The run by which it returns, or why it does not."""
    found = recalling.end_quarantine(clinic, "equipment", machine, WHY, kit.who(clinic, "Lea"), "tui")
    return found.message if isinstance(found, Refusal) else str(found.data.get("proved_by"))


def state(clinic: Clinic) -> str | None:
    """How S1 stands, by each of those who are asked."""
    found = machine_state(clinic.histories(), S1)
    told = Records(clinic.histories()).state_of(Identifier("equipment", "S1"))[0]
    shown = [f"{one.kind}={one.value}" for one in board(clinic).glance.recalled]
    assert (found is not None) == (told == "recalled") == (S1 in shown)
    return None if found is None else found.state


def sign(clinic: Clinic, kit: Kit, run: str) -> None:
    kit.do(clinic, run, c.Sign("unit", kit.who(clinic, "Lea").person, "released", ""), by="Ben")


@pytest.mark.parametrize("before", [0, 1], ids=["never called back before", "called back before"])
def test_a_test_from_before_the_recall_lets_nothing_return(house: House, clinic: Clinic, kit: Kit, before: int) -> None:
    for _ in range(before):
        recall(house, clinic, kit)
    run = kit.begin(clinic, NAME, S1, by="Ben")
    kit.do(clinic, run, c.Give("tested", "negative"), by="Ben")
    recall(house, clinic, kit)
    sign(clinic, kit, run)
    assert "no list that lets it return was walked to its end" in ended(clinic, kit)
    assert state(clinic) == "recalled"
    kit.do(clinic, run, c.Correct("tested", kit.mistake), by="Ben")
    kit.do(clinic, run, c.Give("tested", "negative"), by="Ben")  # tested again, and signed again
    sign(clinic, kit, run)
    assert ended(clinic, kit) == run


def test_a_list_of_which_the_recall_is_one_step_lets_return_by_what_it_has_judged_since(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    text = kit.protocol_text(NAME, "equipment", "", WHOLE).replace("1.0.0", "1.0.1")
    bring_into_force(clinic, kit.who(clinic, "Lea"), NAME, text)
    run = kit.begin(clinic, NAME, S1, by="Ben")
    kit.do(clinic, run, c.Give("missing", "0"), by="Ben")
    recall(house, clinic, kit)
    kit.do(clinic, run, c.Give("kept", "0.4"), by="Ben")
    sign(clinic, kit, run)
    assert ended(clinic, kit) == run


def test_the_shipped_list_judges_nothing_before_the_step_that_is_the_recall(clinic: Clinic) -> None:
    protocol = clinic.library.named(clinic.ledger, "steriliser-recall").protocol
    judging = [step.id for step in protocol.steps if judges(step)]
    assert judging[-6:] == [*(f"spore-{n}" for n in (1, 2, 3)), *(f"bowie-dick-{n}" for n in (1, 2, 3))]
    assert protocol.index(judging[0]) > protocol.index("recalled")


def test_a_sheet_that_was_begun_before_the_recall_lets_nothing_return(house: House, clinic: Clinic, kit: Kit) -> None:
    house.clock.advance(3600)
    recall(house, clinic, kit)  # at 10:02
    house.clock.advance(3600)

    def enter(began: str, done: str) -> str:
        sheet, ben = clinic.library.digest_in_force(clinic.ledger, NAME)[:12], kit.who(clinic, "Ben")
        run = clinic.begin(NAME, S1, ben, "tui", None, Paper(began, done), sheet)
        assert isinstance(run, RunState), run
        kit.do(clinic, run.run, c.Give("tested", "negative"), by="Ben")
        sign(clinic, kit, run.run)
        return run.run

    enter("2031-03-10T09:30:00Z", "2031-03-10T10:30:00Z")
    assert "no list that lets it return" in ended(clinic, kit)
    proof = enter("2031-03-10T10:10:00Z", "2031-03-10T10:40:00Z")
    assert ended(clinic, kit) == proof


def test_what_is_called_back_meanwhile_from_a_second_window_does_not_return(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    recall(house, clinic, kit)
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    walk_back(clinic, "S1", lea, ben)
    other = house.open()

    def meanwhile() -> None:
        recalling.recall(other, "equipment", "S1", Reason("other", None), ben, "tui")

    house.clock.hook = meanwhile  # when the words are kept, before the lock
    found = recalling.end_quarantine(clinic, "equipment", "S1", WORDS, lea, "tui")
    assert isinstance(found, Refusal)
    assert found.code == "not-proved"
    assert len(clinic.ledger.entries_of_kind("recalled")) == 2
    assert state(clinic) == "recalled"


@pytest.mark.parametrize("now", ['kind = "fridge"', None], ids=["another kind", "taken out"])
def test_a_machine_that_clinic_toml_calls_something_else_still_needs_its_list(
    house: House, clinic: Clinic, kit: Kit, now: str | None
) -> None:
    lea = kit.who(clinic, "Lea")
    only = COMING_BACK.replace('subject = "equipment"', 'subject = "equipment"\nequipment = ["steriliser"]')
    assert only != COMING_BACK
    bring_into_force(clinic, lea, NAME, only.replace("1.0.0", "1.0.1"))
    recall(house, clinic, kit)
    clinic.close()
    old = 'kind = "steriliser"' if now else 'id = "S1"'
    house.configure(old, now or 'id = "S2"')
    again = house.open()
    told = ended(again, kit)
    assert told.startswith("S1 is recalled, and no list that lets it return")
    assert told.endswith("First put S1 back into clinic.toml as a steriliser.")
    again.close()
    house.configure(now or 'id = "S2"', old)
    back = house.open()
    proof = walk_back(back, "S1", kit.who(back, "Lea"), kit.who(back, "Ben"))
    assert ended(back, kit) == proof.run


def test_a_machine_whose_kind_nobody_knows_needs_a_list_of_any_kind(house: House, clinic: Clinic, kit: Kit) -> None:
    only = COMING_BACK.replace('subject = "equipment"', 'subject = "equipment"\nequipment = ["steriliser"]')
    bring_into_force(clinic, kit.who(clinic, "Lea"), NAME, only.replace("1.0.0", "1.0.1"))
    recall(house, clinic, kit, "X9")
    assert ended(clinic, kit, "X9").endswith("First put X9 back into clinic.toml.")


def test_whatever_is_corrected_in_the_list_undoes_the_return(house: House, clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    kit.walk_load(clinic)
    recall(house, clinic, kit)
    since = machine_state(clinic.histories(), S1)
    proof = walk_back(clinic, "S1", lea, ben).run
    assert ended(clinic, kit) == proof
    house.clock.advance(60)
    kit.walk_load(clinic)  # made on the word of a list that does not hold
    turn_over(kit, clinic)
    session = visit(kit, clinic)
    open_packs(kit, clinic, session)
    run = kit.begin(clinic, "opening", session=session)
    kit.do(clinic, run, c.Give("pack", "load=S1-20310310-02"))
    kit.do(clinic, run, c.Give("cartridge", "serial=C-2 expiry=2032-01"))
    assert state(clinic) is None
    assert look(clinic, session) == ALL
    kit.do(clinic, proof, c.Correct("tested", kit.mistake), by="Ben")
    kit.do(clinic, proof, c.Give("tested", "positive"), by="Ben")
    assert state(clinic) == "recalled"
    assert machine_state(clinic.histories(), S1) == since, "as if it never had returned"
    assert look(clinic, session)["packs"] is False
    begun = clinic.begin("load", S1, lea, "tui")
    assert isinstance(begun, Refusal)
    assert f"{proof}, by which S1 had returned, was corrected since." in begun.message
    assert f"{proof}, by which S1 had returned, was corrected since." in ended(clinic, kit)
    assert rebuild_views(clinic.ledger, VIEWS) == []
    again = walk_back(clinic, "S1", lea, ben).run
    assert ended(clinic, kit) == again
    assert state(clinic) is None


def test_a_list_that_is_whole_again_takes_a_lead_to_let_the_machine_return(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    recall(house, clinic, kit)
    proof = walk_back(clinic, "S1", kit.who(clinic, "Lea"), kit.who(clinic, "Ben")).run
    assert ended(clinic, kit) == proof
    kit.do(clinic, proof, c.Correct("tested", kit.mistake), by="Ben")
    kit.do(clinic, proof, c.Give("tested", "negative"), by="Ben")
    sign(clinic, kit, proof)
    assert state(clinic) == "recalled"
    assert ended(clinic, kit) == proof
    assert state(clinic) is None
