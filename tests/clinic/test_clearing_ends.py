"""What ends a GO while nobody looks: the next patient, a busy clinic, a performer who left, the end of the visit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.identifiers import recalling
from checklist.clinic.texts.adopting import adopt
from checklist.clinic.visits import clearing
from checklist.clinic.visits.clearing import Answer
from checklist.run import commands as c
from checklist.run.paper import Paper
from checklist.run.reading import Refusal
from checklist.run.state import RunState
from tests.support.tiny_visit import (
    ALL,
    OPENING,
    TINY,
    WHY,
    asked,
    clear,
    look,
    ready,
    tiny_clinic,
    turn_over,
    visit,
)

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit

TREATMENT = 'category = "treatment"'


@pytest.fixture
def clinic(house: House, kit: Kit) -> Clinic:
    return tiny_clinic(house, kit)


def test_whoever_the_gate_was_asked_for_has_been_in_the_room(house: House, clinic: Clinic, kit: Kit) -> None:
    ours = ready(kit, clinic)
    house.clock.advance(60)
    assert look(clinic, ours) == ALL
    answer = clear(kit, clinic, visit(kit, clinic))
    assert isinstance(answer, Answer)
    assert answer.clearance.decision == "NO-GO"
    assert look(clinic, ours) == ALL | {"room": False}


def test_a_turnover_begun_before_the_patient_came_in_made_nothing_ready(house: House, clinic: Clinic, kit: Kit) -> None:
    ours = ready(kit, clinic)
    house.clock.advance(60)
    run = kit.begin(clinic, "turnover", "room=room-1")
    house.clock.advance(60)
    recalling.happened(clinic, "patient-entered", "room=room-1", "", kit.who(clinic, "Lea"), "tui")
    house.clock.advance(60)
    kit.do(clinic, run, c.Give("indicator", "turned"))
    kit.do(clinic, run, c.Witness("second", kit.who(clinic, "Ben").person, "turned"))
    kit.do(clinic, run, c.Confirm("look"))
    assert look(clinic, ours) == ALL | {"room": False}
    turn_over(kit, clinic)
    assert look(clinic, ours) == ALL


def test_a_run_in_the_room_for_another_visit_ends_the_turnover(house: House, clinic: Clinic, kit: Kit) -> None:
    ours = ready(kit, clinic)
    house.clock.advance(60)
    kit.begin(clinic, "blind", "room=room-1", session=visit(kit, clinic))
    assert look(clinic, ours) == ALL | {"room": False}


def test_what_happens_elsewhere_hides_nothing(
    house: House, clinic: Clinic, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("checklist.clinic.visits.events.EVENTS", 3)
    ours = ready(kit, clinic)
    house.clock.advance(60)
    for room in ("room-1", *["room-2"] * 4):
        recalling.happened(clinic, "patient-entered", f"room={room}", "", kit.who(clinic, "Lea"), "tui")
    assert look(clinic, ours) == ALL | {"room": False}


def test_who_was_disabled_holds_no_credential(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    text = TINY.replace("1.0.0", "1.0.1") + '[[requires]]\nid = "who"\ncredential = "needling"\n'
    (clinic.folder.protocols / "procedures" / "tiny.toml").write_text(text, "utf-8")
    assert not isinstance(adopt(clinic, "tiny", lea, "tui"), Refusal)
    assert not isinstance(clinic.personnel.grant(ben.id, "needling", None, {}, lea, "tui"), Refusal)
    session = ready(kit, clinic)

    def holds() -> bool | None:
        procedure = clinic.library.procedure(clinic.ledger, "tiny")
        question = replace(asked(clinic, session), performer=ben.id)
        found = clearing.ask(clearing.sources_of(clinic), procedure, question, clinic.now())
        return next(one.met for one in found.requirements if one.id == "who")

    assert holds() is True
    clinic.personnel.disable(ben.id, lea, "tui")
    assert holds() is False


def test_in_a_visit_that_is_closed_nothing_more_is_done(house: House, clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    text = kit.protocol_text("care", "session", "", kit.short).replace('category = "clinic"', TREATMENT)
    assert TREATMENT in text
    house.add_protocol("care", text, clinic, lea)
    text = kit.protocol_text("opening", "session", "", OPENING).replace('category = "clinic"', TREATMENT)
    house.add_protocol("opening", text.replace("1.0.0", "1.0.1"), clinic, lea)
    session = ready(kit, clinic)
    start, procedure = asked(clinic, session), clinic.library.procedure(clinic.ledger, "tiny")
    clear(kit, clinic, session)
    ((scanned,),) = clinic.ledger.query("SELECT run FROM run WHERE session = ? AND protocol = 'opening'", (session,))
    clear(kit, clinic, session, "close")
    assert kit.refused(clinic, str(scanned), c.Correct("pack", kit.mistake)) == "closed"
    for refused in (
        clinic.begin("care", "", lea, "tui", session),
        clearing.asked_of(clinic, "tiny", "room-1", session),
        clearing.clear(clinic, procedure, start, lea, "tui"),  # asked before it was closed
        clearing.override(clinic, procedure, start, WHY, lea, kit.who(clinic, "Ben").person, "tui"),
    ):
        assert isinstance(refused, Refusal)
        assert refused.code == "closed"
    # what went wrong shows later, and what was written down meanwhile is still entered
    assert isinstance(clinic.begin("visit", "", lea, "tui", session), RunState)
    sheet = clinic.library.digest_in_force(clinic.ledger, "care")[:12]
    paper = Paper("2031-03-10T10:00:00Z", "2031-03-10T11:00:00Z")
    house.clock.advance(3 * 3600)
    assert isinstance(clinic.begin("care", "", lea, "tui", session, paper, sheet), RunState)
