"""What was used up where the proof was made: recalled afterwards, it takes the proof away."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.identifiers import recalling
from checklist.clinic.texts.adopting import adopt
from checklist.clinic.visits import clearing
from checklist.gate.items import ANOTHER
from checklist.run import commands as c
from checklist.run.reading import Refusal
from tests.support.making import bring_into_force, header
from tests.support.tiny_visit import ALL, TINY, WHY, asked, look, open_packs, tiny_clinic, visit

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from checklist.gate.clearance import Judged
    from tests.clinic.conftest import House, Kit

WIPED = """\
[[steps]]
id = "wipe"
kind = "scan"
do = "Scan the wipes."
captures = ["gtin", "lot", "expiry"]
optional = ["gtin", "expiry"]
use = "consumes"
[[steps]]
id = "cloth"
kind = "scan"
do = "Scan the pack of cloths."
captures = ["load"]
use = "consumes"
"""


MASK = """
[[steps]]
id = "mask"
kind = "scan"
do = "Scan the mask."
captures = ["lot"]
use = "consumes"
"""


@pytest.fixture
def clinic(house: House, kit: Kit) -> Clinic:
    """One whose room is wiped with what is scanned, and whose visits use a lot that the procedure does not ask for."""
    opened = tiny_clinic(house, kit)
    lea = kit.who(opened, "Lea")
    more = header("turnover", "Turn the room over", "room", more='voided_by = ["patient-entered"]')
    house.add_protocol("turnover", (more + WIPED).replace("1.0.0", "1.0.1"), opened, lea)
    house.add_protocol("numbing", header("numbing", "Numb the skin", "session") + WIPED, opened, lea)
    text = TINY.replace("[[closes]]", '[[requires]]\nid = "numb"\nprotocol = "numbing"\nsame = ["session"]\n[[closes]]')
    text += '[[closes]]\nid = "whole"\nprotocol = "numbing"\nsame = ["session"]\n'
    (house.folder.protocols / "procedures" / "tiny.toml").write_text(text, "utf-8")
    assert not isinstance(adopt(opened, "tiny", lea, "tui"), Refusal)
    kit.walk_load(opened)
    return opened


def wipe(
    kit: Kit, clinic: Clinic, wipes: str = "lot=W1", protocol: str = "turnover", about: str = "room=room-1"
) -> str:
    kind, _, value = about.partition("=")
    run = kit.begin(clinic, protocol, session=value) if kind == "session" else kit.begin(clinic, protocol, about)
    kit.do(clinic, run, c.Give("wipe", wipes))
    kit.do(clinic, run, c.Give("cloth", "load=S1-20310310-01"))
    return run


def prepared(kit: Kit, clinic: Clinic, wipes: str = "lot=W1") -> str:
    wipe(kit, clinic, wipes)
    session = visit(kit, clinic)
    open_packs(kit, clinic, session)
    wipe(kit, clinic, "lot=N1", "numbing", f"session={session}")
    return session


def told(clinic: Clinic, session: str, name: str) -> Judged:
    procedure = clinic.library.procedure(clinic.ledger, "tiny")
    found = clearing.ask(clearing.sources_of(clinic), procedure, asked(clinic, session), clinic.now())
    return next(one for one in found.requirements if one.id == name)


EVERYTHING = ALL | {"numb": True}
GTIN = "09506000134352"


@pytest.mark.parametrize(("kind", "value"), [("lot", "w1"), ("gtin", GTIN)])
def test_a_room_that_was_wiped_with_what_is_recalled_is_wiped_anew(
    clinic: Clinic, kit: Kit, kind: str, value: str
) -> None:
    session = prepared(kit, clinic, f"gtin={GTIN} lot=W1")
    assert look(clinic, session) == EVERYTHING
    assert not isinstance(recalling.recall(clinic, kind, value, WHY, kit.who(clinic, "Lea"), "tui"), Refusal)
    judged = told(clinic, session, "room")
    assert look(clinic, session) == EVERYTHING | {"room": False}
    assert judged.why == f"“Turn the room over” used {kind} {value.upper()}, which is recalled."
    assert judged.fix == f"Walk “Turn the room over” again, with another {kind}."
    assert judged.start is not None
    assert judged.start.subject == "room=room-1"
    wipe(kit, clinic, "gtin=09506000134369 lot=W2")
    assert look(clinic, session) == EVERYTHING


def test_wipes_in_quarantine_count_again_once_they_are_let_go(clinic: Clinic, kit: Kit) -> None:
    session, lea = prepared(kit, clinic), kit.who(clinic, "Lea")
    assert not isinstance(recalling.quarantine(clinic, "lot", "W1", WHY, lea, "tui"), Refusal)
    assert look(clinic, session) == EVERYTHING | {"room": False}
    assert not isinstance(recalling.end_quarantine(clinic, "lot", "W1", WHY, lea, "tui"), Refusal)
    assert look(clinic, session) == EVERYTHING


def test_a_scan_that_was_corrected_is_of_no_recall(clinic: Clinic, kit: Kit) -> None:
    session = prepared(kit, clinic)
    run = wipe(kit, clinic)
    kit.do(clinic, run, c.Correct("wipe", kit.mistake))
    kit.do(clinic, run, c.Give("wipe", "lot=W2"))
    recalling.recall(clinic, "lot", "W1", WHY, kit.who(clinic, "Lea"), "tui")
    assert look(clinic, session) == EVERYTHING


def test_cloths_of_a_load_that_is_recalled_prove_no_clean_room(clinic: Clinic, kit: Kit) -> None:
    session = prepared(kit, clinic)
    recalling.recall(clinic, "load", "S1-20310310-01", WHY, kit.who(clinic, "Lea"), "tui")
    assert told(clinic, session, "room").why == "“Turn the room over” used load S1-20310310-01, which is recalled."
    # what this visit itself has used is told once, where it is asked for
    assert look(clinic, session) == EVERYTHING | {"room": False, "packs": False}


def test_what_a_visit_uses_is_judged_also_where_the_procedure_does_not_ask_for_its_kind(
    clinic: Clinic, kit: Kit
) -> None:
    session = prepared(kit, clinic)
    clear = clearing.clear(
        clinic, clinic.library.procedure(clinic.ledger, "tiny"), asked(clinic, session), kit.who(clinic, "Lea"), "tui"
    )
    assert isinstance(clear, clearing.Answer)
    assert clear.clearance.decision == "GO"
    recalling.recall(clinic, "lot", "N1", WHY, kit.who(clinic, "Lea"), "tui")
    assert look(clinic, session) == EVERYTHING | {"numb": False}
    assert told(clinic, session, "numb").fix == ANOTHER
    assert look(clinic, session, "close") == {"cleared": True, "whole": True}, "it has used what it has used"


def test_what_was_used_cannot_be_told_from_tables_that_have_lost_the_recall(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    session = prepared(kit, clinic)
    recalling.recall(clinic, "lot", "W1", WHY, kit.who(clinic, "Lea"), "tui")
    with closing(sqlite3.connect(house.folder.ledger)) as db, db:
        db.execute("DELETE FROM set_apart")
    assert look(clinic, session) == EVERYTHING | {"room": None}
    assert told(clinic, session, "room").why == (
        "“Turn the room over” used lot W1; whether that may be used is not on record."
    )


def masked(kit: Kit, clinic: Clinic, session: str, more: str = "") -> str:
    """A mask is put on in a run that nothing asks for."""
    bring_into_force(clinic, kit.who(clinic, "Lea"), "mask", header("mask", "Put on a mask", "session") + MASK + more)
    run = kit.begin(clinic, "mask", session=session)
    kit.do(clinic, run, c.Give("mask", "lot=M1"))
    return run


def test_what_a_visit_uses_is_judged_also_in_a_run_that_nothing_asks_for(clinic: Clinic, kit: Kit) -> None:
    session = prepared(kit, clinic)
    lea = kit.who(clinic, "Lea")
    run = masked(kit, clinic, session)
    assert look(clinic, session) == EVERYTHING
    recalling.recall(clinic, "lot", "M1", WHY, lea, "tui")
    assert look(clinic, session) == EVERYTHING | {"nothing-recalled": False}
    judged = told(clinic, session, "nothing-recalled")
    assert judged.why == "Lot M1 is recalled, and this visit uses it."
    assert judged.evidence == (run,)
    kit.do(clinic, run, c.Correct("mask", kit.mistake))
    assert look(clinic, session) == EVERYTHING
    kit.do(clinic, run, c.Give("mask", "lot=M2"))
    assert look(clinic, session) == EVERYTHING


FITS = """
[[steps]]
id = "fits"
kind = "confirm"
do = "See that it fits."
expect = "It fits."
"""


def test_a_run_that_is_missing_for_another_reason_hides_no_recall(house: House, clinic: Clinic, kit: Kit) -> None:
    session, lea = prepared(kit, clinic), kit.who(clinic, "Lea")
    run = masked(kit, clinic, session, FITS)
    path = house.folder.protocols / "procedures" / "tiny.toml"
    calm = '[[requires]]\nid = "calm"\nnone_open = ["mask"]\n[[closes]]'
    path.write_text(path.read_text("utf-8").replace("[[closes]]", calm, 1), "utf-8")
    assert not isinstance(adopt(clinic, "tiny", lea, "tui"), Refusal)
    assert look(clinic, session) == EVERYTHING | {"calm": False}
    recalling.recall(clinic, "lot", "M1", WHY, lea, "tui")
    assert look(clinic, session) == EVERYTHING | {"calm": False, "nothing-recalled": False}
    kit.do(clinic, run, c.Confirm("fits"))
    assert look(clinic, session) == EVERYTHING | {"calm": True, "nothing-recalled": False}


def test_of_a_run_that_was_given_up_nothing_is_advised_that_nobody_can_do(clinic: Clinic, kit: Kit) -> None:
    session, lea = prepared(kit, clinic), kit.who(clinic, "Lea")
    run = masked(kit, clinic, session, FITS)
    kit.do(clinic, run, c.Abandon(kit.mistake))
    other = visit(kit, clinic)
    failed = kit.begin(clinic, "mask", session=other)
    kit.do(clinic, failed, c.Give("mask", "lot=M1"))
    kit.do(clinic, failed, c.Fail("fits", kit.because))
    recalling.recall(clinic, "lot", "M1", WHY, lea, "tui")
    judged = told(clinic, session, "nothing-recalled")
    assert (judged.met, judged.evidence) == (False, (run,))
    assert judged.fix.endswith("is never corrected: open a new visit, or a lead overrides.")
    assert isinstance(clinic.do(run, c.Correct("mask", kit.mistake), lea, "tui"), Refusal)
    assert told(clinic, other, "nothing-recalled").fix == ANOTHER, "a run that failed can be corrected"
    kit.do(clinic, failed, c.Correct("mask", kit.mistake))
    assert "nothing-recalled" not in look(clinic, other)
