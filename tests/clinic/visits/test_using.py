"""What may be done at a machine, by every ledger of the folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.clinic.copies import Copied, Restored, backup, restore
from checklist.clinic.folder import Folder
from checklist.clinic.identifiers import recalling
from checklist.run import commands as c
from checklist.run.paper import Paper
from checklist.run.reading import Refusal
from checklist.run.state import RunState
from tests.support.gate_protocols import PROTOCOLS
from tests.support.returning import walk_back
from tests.support.tiny_visit import WHY

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit


@pytest.fixture
def returned(house: House, clinic: Clinic, kit: Kit, tmp_path: Path) -> Clinic:
    """A machine was called back at noon; after a restore a lead let it return."""
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    house.clock.advance(2 * 3600)
    recalling.recall(clinic, "equipment", "S1", WHY, lea, "tui")
    assert isinstance(backup(clinic, tmp_path / "kept", lea, "tui"), Copied)
    house.folder = Folder(tmp_path / "again")
    assert isinstance(restore(tmp_path / "kept", house.folder, "tui"), Restored)
    house.clock.advance(60)
    opened = house.open()
    walk_back(opened, "S1", lea, ben)
    house.clock.advance(60)
    assert not isinstance(recalling.end_quarantine(opened, "equipment", "S1", WHY, lea, "tui"), Refusal)
    return opened


def entered(kit: Kit, clinic: Clinic, began: str, ended: str) -> RunState | Refusal:
    """A load that was written on paper from then to then, as far as its number."""
    sheet, lea = clinic.library.digest_in_force(clinic.ledger, "load")[:12], kit.who(clinic, "Lea")
    begun = clinic.begin("load", "equipment=S1", lea, "tui", None, Paper(began, ended), sheet)
    assert isinstance(begun, RunState), begun
    return clinic.do(begun.run, c.Assign("number", {}), lea, "tui")


def test_a_load_on_paper_from_before_a_recall_is_of_that_recall_also_after_a_restore(
    house: House, returned: Clinic, kit: Kit
) -> None:
    house.clock.advance(3600)
    refused = entered(kit, returned, "2031-03-10T10:00:00Z", "2031-03-10T10:40:00Z")
    assert isinstance(refused, Refusal)
    assert refused.code == "recalled"
    done = entered(kit, returned, "2031-03-10T11:10:00Z", "2031-03-10T11:50:00Z")
    assert isinstance(done, RunState), done


def test_a_load_begun_after_a_restore_is_of_no_recall_before_it(returned: Clinic, kit: Kit) -> None:
    assert kit.walk_load(returned).steps["release"].value == "released"


MIXED = """\
[[steps]]
id = "number"
kind = "assign"
produces = { batch = "{equipment}-{n:02}" }
"""
POURED = """\
[[steps]]
id = "bath"
kind = "scan"
do = "Scan the bath."
captures = ["batch"]
use = "consumes"
"""


def test_what_a_machine_makes_while_it_is_set_apart_is_set_apart_with_it(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    """It makes no loads then; nothing keeps it from making something else, as a bath of disinfectant."""
    lea = kit.who(clinic, "Lea")
    house.add_protocol("mix", kit.protocol_text("mix", "equipment", "", MIXED), clinic, lea)
    house.add_protocol("pour", kit.protocol_text("pour", "clinic", "", POURED), clinic, lea)

    def mixed() -> None:
        kit.do(clinic, kit.begin(clinic, "mix", "equipment=S1"), c.Assign("number", {}))
        house.clock.advance(1)

    mixed()
    assert not isinstance(recalling.quarantine(clinic, "equipment", "S1", WHY, lea, "tui"), Refusal)
    house.clock.advance(1)
    mixed()
    kit.do(clinic, kit.begin(clinic, "pour"), c.Give("bath", "batch=S1-01"))
    assert kit.refused(clinic, kit.begin(clinic, "pour"), c.Give("bath", "batch=S1-02")) == "quarantined"


def test_no_load_goes_on_in_a_machine_that_is_set_apart(house: House, clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    fresh, numbered = kit.begin(clinic, "load", "equipment=S1"), kit.begin(clinic, "load", "equipment=S1")
    kit.do(clinic, numbered, c.Assign("number", {}))
    kit.do(clinic, numbered, c.Give("verdict", "released"))
    assert not isinstance(recalling.quarantine(clinic, "equipment", "S1", WHY, lea, "tui"), Refusal)
    house.clock.advance(1)
    assert kit.refused(clinic, fresh, c.Assign("number", {})) == "quarantined"
    assert kit.refused(clinic, numbered, c.Sign("release", lea.person, "released", "")) == "quarantined"
    begun = clinic.begin("load", "equipment=S1", lea, "tui")
    assert isinstance(begun, Refusal)
    assert begun.code == "quarantined"
    assert not isinstance(recalling.end_quarantine(clinic, "equipment", "S1", WHY, lea, "tui"), Refusal)
    kit.do(clinic, fresh, c.Assign("number", {}))
    kit.do(clinic, numbered, c.Sign("release", lea.person, "released", ""))


def test_a_load_begun_before_the_last_good_spore_test_is_of_no_recall_since_it(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    """It waited for its release all the while; one that was begun since waits for ever."""
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    house.add_protocol("bi-test", PROTOCOLS["bi-test"], clinic, lea)

    def a_load() -> str:
        house.clock.advance(60)
        run = kit.begin(clinic, "load", "equipment=S1")
        kit.do(clinic, run, c.Assign("number", {}))
        kit.do(clinic, run, c.Give("verdict", "released"))
        return run

    before = a_load()
    house.clock.advance(60)
    kit.walk_load(clinic)
    test = kit.begin(clinic, "bi-test", "equipment=S1")
    kit.do(clinic, test, c.Give("pack", "load=S1-20310310-02"))
    kit.do(clinic, test, c.Give("result", "negative"))
    house.clock.advance(60)
    since = kit.begin(clinic, "load", "equipment=S1")  # not numbered yet, so that no recall can name it
    house.clock.advance(60)
    found = recalling.recall_since_negative(clinic, "S1", WHY, lea, "tui")
    assert isinstance(found, recalling.Recall)
    assert [one.value for one in found.things] == ["S1"]
    house.clock.advance(60)
    walk_back(clinic, "S1", lea, ben)
    assert not isinstance(recalling.end_quarantine(clinic, "equipment", "S1", WHY, lea, "tui"), Refusal)
    assert kit.refused(clinic, since, c.Assign("number", {})) == "recalled"
    done = kit.do(clinic, before, c.Sign("release", lea.person, "released", ""))
    assert done.steps["release"].value == "released"
