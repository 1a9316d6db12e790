"""The gate of a whole clinic: what it needs, what ends it, what is recorded, and how two people pass it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.clinic.checking import verify_clinic
from checklist.clinic.identifiers import recalling
from checklist.clinic.identifiers.about import traced
from checklist.clinic.run_views import reviewed_since
from checklist.clinic.views import VIEWS
from checklist.clinic.visits import clearing
from checklist.clinic.visits.clearing import Answer
from checklist.clinic.visits.receipt import code_of
from checklist.ledger import merkle
from checklist.ledger.entry import Draft, parse_leaf
from checklist.run import commands as c
from checklist.run.reading import Refusal
from tests.support.rebuilding import rebuild_views
from tests.support.tiny_visit import (
    ALL,
    WHY,
    asked,
    clear,
    look,
    open_packs,
    override,
    ready,
    tiny_clinic,
    turn_over,
    visit,
)

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Json
    from tests.clinic.conftest import House, Kit


@pytest.fixture
def clinic(house: House, kit: Kit) -> Clinic:
    return tiny_clinic(house, kit)


def test_all_that_was_done_is_go_and_leaves_a_receipt_that_anybody_can_check(clinic: Clinic, kit: Kit) -> None:
    session = ready(kit, clinic)
    assert look(clinic, session) == ALL
    answer = clear(kit, clinic, session)
    assert isinstance(answer, Answer)
    assert answer.clearance.decision == "GO"
    receipt = answer.receipt
    assert receipt is not None
    entry = parse_leaf(receipt.leaf.encode())
    assert (entry.kind, entry.data["decision"], entry.data["session"]) == ("cleared", "GO", session)
    assert code_of(entry.leaf) == receipt.code
    leaf = merkle.leaf_hash(receipt.leaf.encode())
    root = clinic.ledger.root(receipt.size)
    proof = [bytes.fromhex(one) for one in receipt.proof]
    assert merkle.verify_inclusion(leaf, receipt.index, receipt.size, proof, root)
    assert receipt.checkpoint == clinic.ledger.checkpoint(receipt.size)
    assert traced(clinic.histories(), "load", "S1-20310310-01", "UTC").data()["procedures"] == ["tiny"]  # type: ignore[union-attr]
    assert rebuild_views(clinic.ledger, VIEWS) == []
    assert verify_clinic(clinic.folder).result == "clean"


def test_nothing_done_is_no_go_with_what_to_start(clinic: Clinic, kit: Kit) -> None:
    answer = clear(kit, clinic, visit(kit, clinic))
    assert isinstance(answer, Answer)
    assert (answer.clearance.decision, answer.receipt) == ("NO-GO", None)
    first = answer.clearance.requirements[0]
    assert first.start is not None
    assert (first.start.protocol, first.start.subject) == ("turnover", "room=room-1")


def test_what_ends_a_completion_ends_the_go(house: House, clinic: Clinic, kit: Kit) -> None:
    session = ready(kit, clinic)
    assert look(clinic, session, room="room-2") == ALL | {"room": False}
    lea = kit.who(clinic, "Lea")
    assert not isinstance(recalling.happened(clinic, "power-loss", "clinic", "", lea, "tui"), Refusal)
    assert look(clinic, session) == ALL | {"opening": False}
    house.clock.advance(3 * 3600)
    assert look(clinic, session)["room"] is True
    house.clock.advance(3601)
    assert look(clinic, session)["room"] is False


def test_a_correction_makes_a_run_no_younger(house: House, clinic: Clinic, kit: Kit) -> None:
    session = ready(kit, clinic)
    room = turn_over(kit, clinic)
    house.clock.advance(4 * 3600 + 1)
    kit.do(clinic, room, c.Correct("look", kit.mistake))
    kit.do(clinic, room, c.Confirm("look"))
    assert look(clinic, session)["room"] is False


@pytest.mark.parametrize("how", ["quarantine", "recall", "recall since negative", "correction", "other load"])
def test_a_load_that_may_not_be_used_stops_the_visit_that_has_used_it(clinic: Clinic, kit: Kit, how: str) -> None:
    session = ready(kit, clinic)
    lea, load = kit.who(clinic, "Lea"), "S1-20310310-01"
    match how:
        case "quarantine":
            recalling.quarantine(clinic, "load", load, WHY, lea, "tui")
        case "recall":
            recalling.recall(clinic, "load", load, WHY, lea, "tui")
        case "recall since negative":
            recalling.recall_since_negative(clinic, "S1", WHY, lea, "tui")
        case "correction":
            ((made,),) = clinic.ledger.query("SELECT run FROM identifier WHERE value = ? AND use = 'produced'", (load,))
            kit.do(clinic, str(made), c.Correct("verdict", kit.mistake))
        case _:
            run = kit.begin(clinic, "opening", session=session)
            kit.do(clinic, run, c.Give("pack", "load=never-made"))
    assert look(clinic, session)["packs"] is (None if how == "other load" else False)


def test_what_is_set_apart_is_refused_at_the_scan(clinic: Clinic, kit: Kit) -> None:
    kit.walk_load(clinic)
    recalling.recall(clinic, "load", "S1-20310310-01", WHY, kit.who(clinic, "Lea"), "tui")
    run = kit.begin(clinic, "opening", session=visit(kit, clinic))
    assert kit.refused(clinic, run, c.Give("pack", "load=S1-20310310-01")) == "recalled"


def test_one_thing_serves_one_visit(clinic: Clinic, kit: Kit) -> None:
    ready(kit, clinic)
    run = kit.begin(clinic, "opening", session=visit(kit, clinic))
    kit.do(clinic, run, c.Give("pack", "load=S1-20310310-01"))
    assert kit.refused(clinic, run, c.Give("cartridge", "serial=C-1 expiry=2032-01")) == "used"
    kit.do(clinic, run, c.Give("cartridge", "serial=C-2 expiry=2032-01"))


def test_what_was_used_in_a_visit_that_had_started_is_not_freed_by_a_correction(clinic: Clinic, kit: Kit) -> None:
    first = ready(kit, clinic)
    assert isinstance(clear(kit, clinic, first), Answer)
    ((run,),) = clinic.ledger.query("SELECT run FROM identifier WHERE kind = 'serial'")
    kit.do(clinic, str(run), c.Correct("cartridge", kit.mistake))
    kit.do(clinic, str(run), c.Give("cartridge", "serial=C-2 expiry=2032-01"))
    other = kit.begin(clinic, "opening", session=visit(kit, clinic))
    kit.do(clinic, other, c.Give("pack", "load=S1-20310310-01"))
    assert kit.refused(clinic, other, c.Give("cartridge", "serial=C-1 expiry=2032-01")) == "used"
    assert kit.refused(clinic, other, c.Give("cartridge", "serial=c-1 expiry=2032-01")) == "used"


def test_what_was_corrected_before_its_visit_started_may_be_used(clinic: Clinic, kit: Kit) -> None:
    run = open_packs(kit, clinic, ready(kit, clinic), "C-7")
    kit.do(clinic, run, c.Correct("cartridge", kit.mistake))
    kit.do(clinic, run, c.Give("cartridge", "serial=C-8 expiry=2032-01"))
    open_packs(kit, clinic, visit(kit, clinic), "C-7")


def test_the_next_patient_ends_the_turnover_of_the_room(house: House, clinic: Clinic, kit: Kit) -> None:
    first = ready(kit, clinic)
    assert isinstance(clear(kit, clinic, first), Answer)
    session = visit(kit, clinic)
    open_packs(kit, clinic, session, "C-2")
    assert look(clinic, session) == ALL | {"room": False}
    assert look(clinic, first) == ALL  # it was made ready for them
    house.clock.advance(60)
    turn_over(kit, clinic)
    assert look(clinic, session) == ALL


def test_a_lost_text_is_unknown_and_never_go(clinic: Clinic, kit: Kit) -> None:
    session = ready(kit, clinic)
    sha256 = clinic.library.in_force(clinic.ledger)["turnover"].sha256
    (clinic.folder.adopted / f"{sha256}.toml").write_text("lost", "utf-8")
    clinic.library._protocols.clear()
    assert look(clinic, session) == ALL | {"room": None}
    answer = clear(kit, clinic, session)
    assert isinstance(answer, Answer)
    assert answer.clearance.decision == "UNKNOWN"


def test_two_people_start_without_a_go_and_a_lead_reviews_it(clinic: Clinic, kit: Kit) -> None:
    session = ready(kit, clinic)
    recalling.quarantine(clinic, "load", "S1-20310310-01", WHY, kit.who(clinic, "Ben"), "tui")
    answer = override(kit, clinic, session)
    assert isinstance(answer, Answer)
    assert answer.clearance.decision == "NO-GO"
    assert look(clinic, session, "close") == {"cleared": False}
    (row,) = clinic.ledger.query("SELECT overridden, review FROM clearance WHERE overridden IS NOT NULL")
    place = f"a#{row[0]}"
    own = clearing.review(clinic, place, "looked into it", kit.who(clinic, "Lea"), "tui")
    assert isinstance(own, Refusal)
    assert own.code == "same-person"
    lea = kit.who(clinic, "Lea")
    for name in ("Ben", "Rita"):
        clinic.personnel.set_roles(kit.who(clinic, name).id, ["staff", "lead"], lea, "tui")
    beside = clearing.review(clinic, place, "looked into it", kit.who(clinic, "Ben"), "tui")
    assert isinstance(beside, Refusal)
    assert beside.code == "same-person"
    assert not isinstance(clearing.review(clinic, place, "looked into it", kit.who(clinic, "Rita"), "tui"), Refusal)
    assert look(clinic, session, "close") == {"cleared": True}
    assert rebuild_views(clinic.ledger, VIEWS) == []
    assert verify_clinic(clinic.folder).result == "clean"


@pytest.mark.parametrize(
    ("by", "second", "code"), [("Ben", "Rita", "role"), ("Lea", "Lea", "same-person"), ("Otto", "Lea", "role")]
)
def test_an_override_takes_two_people_and_a_lead(clinic: Clinic, kit: Kit, by: str, second: str, code: str) -> None:
    session = visit(kit, clinic)
    size = clinic.ledger.size
    found = override(kit, clinic, session, by, second)
    assert isinstance(found, Refusal)
    assert (found.code, clinic.ledger.size) == (code, size)


def test_nobody_vouches_who_was_disabled_meanwhile(clinic: Clinic, kit: Kit) -> None:
    session, lea, ben = visit(kit, clinic), kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    assert not isinstance(clinic.personnel.disable(ben.id, lea, "tui"), Refusal)
    procedure = clinic.library.procedure(clinic.ledger, "tiny")
    found = clearing.override(clinic, procedure, asked(clinic, session), WHY, lea, ben.person, "tui")
    assert isinstance(found, Refusal)
    assert clinic.ledger.query("SELECT 1 FROM clearance") == []


def test_only_a_start_is_overridden(clinic: Clinic, kit: Kit) -> None:
    session = ready(kit, clinic)
    procedure = clinic.library.procedure(clinic.ledger, "tiny")
    who, other = kit.who(clinic, "Lea"), kit.who(clinic, "Ben").person
    found = clearing.override(clinic, procedure, asked(clinic, session, "close"), WHY, who, other, "tui")
    assert isinstance(found, Refusal)
    assert found.code == "stage"


@pytest.mark.parametrize(
    "wrong", [{"rule": "too-fast"}, {"station": "z"}, {"leaf": "00"}], ids=["rule", "station", "leaf"]
)
def test_a_review_of_something_else_reviews_no_override(clinic: Clinic, kit: Kit, wrong: dict[str, str]) -> None:
    session = ready(kit, clinic)
    recalling.quarantine(clinic, "load", "S1-20310310-01", WHY, kit.who(clinic, "Ben"), "tui")
    override(kit, clinic, session)
    run = kit.begin(clinic, "short", by="Ben")
    kit.do(clinic, run, c.Override("wash", kit.because, kit.who(clinic, "Lea").person), by="Ben")
    ((gate,),) = clinic.ledger.query("SELECT overridden FROM clearance WHERE overridden IS NOT NULL")
    ((step,),) = clinic.ledger.query("SELECT idx FROM overridden")

    def review(of: dict[str, Json], rule: str) -> None:
        clinic.record(Draft("reviewed", {"rule": rule, "of": of}, None, "system"))

    for index in (int(str(gate)), int(str(step))):
        about: dict[str, Json] = {"station": "a", "index": index, "leaf": clinic.ledger.entry(index).leaf}
        more = {name: value for name, value in wrong.items() if name != "rule"}
        review({**about, **more}, wrong.get("rule", "override"))
    assert clinic.ledger.query("SELECT count(*) FROM clearance WHERE review IS NOT NULL") == [(1,)]
    assert clinic.ledger.query("SELECT reviewed FROM overridden") == [(0,)]
    assert look(clinic, session, "close") == {"cleared": False}


def test_a_review_in_a_later_ledger_counts_for_an_override_of_an_earlier_one(clinic: Clinic) -> None:
    of: dict[str, Json] = {"station": "z", "index": 7, "leaf": "0a"}
    clinic.record(Draft("reviewed", {"rule": "override", "of": of}, None, "system"))
    assert reviewed_since(clinic.histories(), "z", 7, "0a")
    assert not reviewed_since(clinic.histories(), "z", 7, "0b")
    assert rebuild_views(clinic.ledger, VIEWS) == []


def test_there_is_nothing_to_override_in_a_go(clinic: Clinic, kit: Kit) -> None:
    found = override(kit, clinic, ready(kit, clinic))
    assert isinstance(found, Refusal)
    assert found.code == "go"


def test_a_visit_is_closed_once_its_start_was_cleared(clinic: Clinic, kit: Kit) -> None:
    session = ready(kit, clinic)
    assert look(clinic, session, "close") == {"cleared": False}
    clear(kit, clinic, session)
    answer = clear(kit, clinic, session, "close")
    assert isinstance(answer, Answer)
    assert answer.clearance.decision == "GO"
    ((closed,),) = clinic.ledger.query("SELECT closed FROM session WHERE id = ?", (session,))
    assert closed is not None


def test_auditors_look_and_record_nothing(clinic: Clinic, kit: Kit) -> None:
    found = clear(kit, clinic, visit(kit, clinic), by="Otto")
    assert isinstance(found, Refusal)
    assert found.code == "role"


def test_a_question_about_what_is_not_there_is_refused(clinic: Clinic) -> None:
    for room, session, code in (("room-9", None, "room"), ("", None, "room"), ("room-1", "a-20310310-77", "session")):
        found = clearing.asked_of(clinic, "tiny", room, session)
        assert isinstance(found, Refusal)
        assert found.code == code
