"""What happened somewhere ends what it is about, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.clinic.identifiers import recalling
from checklist.clinic.texts.adopting import adopt
from checklist.clinic.visits import clearing
from checklist.run import commands as c
from checklist.run.reading import Refusal
from tests.support.tiny_visit import ALL, TINY, asked, look, open_packs, ready, tiny_clinic

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit


@pytest.fixture
def clinic(house: House, kit: Kit) -> Clinic:
    """One in which the whole clinic is looked at, too."""
    opened = tiny_clinic(house, kit)
    text = kit.protocol_text("round", "clinic", 'voided_by = ["power-loss"]', kit.short)
    house.add_protocol("round", text, opened, kit.who(opened, "Lea"))
    text = TINY.replace("[[closes]]", '[[requires]]\nid = "round"\nprotocol = "round"\n[[closes]]')
    (house.folder.protocols / "procedures" / "tiny.toml").write_text(text, "utf-8")
    assert not isinstance(adopt(opened, "tiny", kit.who(opened, "Lea"), "tui"), Refusal)
    return opened


@pytest.mark.parametrize(
    ("subject", "ended"),
    [
        ("clinic", {"round", "opening"}),
        ("room=room-1", {"round", "opening"}),
        ("room=room-2", {"round"}),
        ("equipment=F1", {"round"}),
    ],
)
def test_what_is_about_the_whole_clinic_is_ended_wherever_it_happened(
    clinic: Clinic, kit: Kit, subject: str, ended: set[str]
) -> None:
    session = ready(kit, clinic)
    kit.walk_short(clinic, "round")
    assert look(clinic, session) == ALL | {"round": True}
    assert not isinstance(recalling.happened(clinic, "power-loss", subject, "", kit.who(clinic, "Lea"), "tui"), Refusal)
    assert look(clinic, session) == ALL | {"round": True} | dict.fromkeys(ended, False)


def test_who_asks_the_gate_about_no_visit_brings_no_patient_into_the_room(clinic: Clinic, kit: Kit) -> None:
    session = ready(kit, clinic)
    kit.walk_short(clinic, "round")
    procedure = clinic.library.procedure(clinic.ledger, "tiny")
    answer = clearing.clear(clinic, procedure, asked(clinic, None), kit.who(clinic, "Lea"), "tui")
    assert isinstance(answer, clearing.Answer)
    assert answer.clearance.decision == "NO-GO"
    assert look(clinic, session) == ALL | {"round": True}


def test_what_was_opened_before_the_light_went_out_is_opened_anew_though_it_was_finished_after(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    session = ready(kit, clinic)
    kit.walk_short(clinic, "round")
    run = kit.begin(clinic, "opening", session=session)
    kit.do(clinic, run, c.Give("pack", "load=S1-20310310-01"))
    house.clock.advance(60)
    recalling.happened(clinic, "power-loss", "room=room-1", "", kit.who(clinic, "Lea"), "tui")
    house.clock.advance(60)
    kit.do(clinic, run, c.Give("cartridge", "serial=C-2 expiry=2032-01"))
    kit.walk_short(clinic, "round")
    assert look(clinic, session) == ALL | {"round": True, "opening": False}
    open_packs(kit, clinic, session, "C-3")
    assert look(clinic, session) == ALL | {"round": True}
