"""The list that a recall opens: it waits on the board until somebody begins it, once, and only what is in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.clinic.identifiers import recalling
from checklist.clinic.plan.board import board
from checklist.clinic.plan.waiting import follow_ups, recalls_dealt_with
from checklist.clinic.texts.adopting import adopt
from checklist.clinic.views import VIEWS
from checklist.clinic.visits.clearing import ask, asked_of, sources_of
from checklist.gate.facts import Asked
from checklist.ledger.entry import Draft
from checklist.run import commands as c
from checklist.run.reading import Refusal
from tests.support.making import bring_into_force, header
from tests.support.rebuilding import rebuild_views
from tests.support.returning import COMING_BACK, NAME, walk_back
from tests.support.tiny_visit import WHY, open_packs, tiny_clinic, visit

if TYPE_CHECKING:
    from checklist.clinic.identifiers.recall_list import RecallList
    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit

S1 = "equipment=S1"
LOAD = "S1-20310310-01"
MACHINE_LIST = "steriliser-recall"
ITEM_LIST = "item-recall"
SHORT = """
[[steps]]
id = "gone"
kind = "confirm"
do = "Take what is left off the shelf."
expect = "locked away"
"""
FAILS = """\
[[steps]]
id = "strip"
kind = "choice"
do = "Look at the strip."
options = [{ value = "dark", verdict = "pass" }, { value = "pale", verdict = "fail" }]
on_fail = { stop = true, open = "steriliser-recall" }
"""
QUIET = """\
[procedure]
id = "quiet"
title = "A quiet procedure"
version = "1.0.0"
[[requires]]
id = "quiet"
none_open = ["item-recall"]
"""

UNRECALLED = """\
[procedure]
id = "quiet"
title = "A quiet procedure"
version = "1.0.0"
[[requires]]
id = "packs"
identifier = "load"
state = "released"
[[requires]]
id = "quiet"
none_open = ["steriliser-recall"]
"""


@pytest.fixture
def clinic(clinic: Clinic, kit: Kit) -> Clinic:
    """With one load of S1, and a short list for what was bought."""
    kit.walk_load(clinic)
    text = header(ITEM_LIST, "Take it off the shelf", "clinic").replace("1.0.0", "1.0.1") + SHORT
    bring_into_force(clinic, kit.who(clinic, "Lea"), ITEM_LIST, text)
    return clinic


def recall(clinic: Clinic, kit: Kit, kind: str, value: str) -> RecallList | None:
    """The list that it asks for, as whoever recalls is told."""
    found = recalling.recall(clinic, kind, value, WHY, kit.who(clinic, "Ben"), "tui")
    assert not isinstance(found, Refusal), found
    assert rebuild_views(clinic.ledger, VIEWS) == []
    return found.asks_for


def waiting(clinic: Clinic) -> list[tuple[str, str, str]]:
    return [(one.protocol, one.subject, one.recalled) for one in follow_ups(clinic.histories())]


def recorded(clinic: Clinic) -> list[tuple[object, object]]:
    """What the record says of each recall's list."""
    entries = (entry for entry in clinic.ledger.entries() if entry.kind == "recalled")
    return [(entry.data.get("opens"), entry.data.get("subject")) for entry in entries]


@pytest.mark.parametrize(
    ("kind", "value", "name", "subject"),
    [
        ("equipment", "S1", MACHINE_LIST, S1),
        ("load", LOAD, MACHINE_LIST, S1),
        ("load", "FROM-ELSEWHERE", ITEM_LIST, "clinic"),
        ("lot", "A12", ITEM_LIST, "clinic"),
        ("serial", "A12", ITEM_LIST, "clinic"),
        ("batch", "A12", ITEM_LIST, "clinic"),
    ],
)
def test_a_recall_opens_its_list(clinic: Clinic, kit: Kit, kind: str, value: str, name: str, subject: str) -> None:
    asks_for = recall(clinic, kit, kind, value)
    assert asks_for is not None
    assert (asks_for.protocol, asks_for.subject, asks_for.run) == (name, subject, None)
    assert recorded(clinic) == [(name, subject)]
    assert waiting(clinic) == [(name, subject, f"{kind} {value}")]
    (one,) = follow_ups(clinic.histories())
    assert board(clinic).glance.data()["follow_ups"] == [
        {"protocol": name, "subject": subject, "run": None, "step": None, "recalled": f"{kind} {value}"}
        | {"since": one.since}
    ]
    kit.begin(clinic, name, subject, by="Lea")
    assert waiting(clinic) == []
    assert rebuild_views(clinic.ledger, VIEWS) == []


def test_the_loads_since_the_last_negative_test_are_one_recall_with_one_list(clinic: Clinic, kit: Kit) -> None:
    found = recalling.recall_since_negative(clinic, "S1", WHY, kit.who(clinic, "Ben"), "tui")
    assert not isinstance(found, Refusal)
    assert found.data()["list"] == {"protocol": MACHINE_LIST, "subject": S1, "run": None}
    assert recorded(clinic) == [(MACHINE_LIST, S1), (None, None)]
    assert waiting(clinic) == [(MACHINE_LIST, S1, "equipment S1")]


@pytest.mark.parametrize("begun", [False, True], ids=["it waits", "it is open"])
def test_the_list_of_a_machine_is_opened_once_whatever_of_it_is_recalled(
    clinic: Clinic, kit: Kit, *, begun: bool
) -> None:
    recall(clinic, kit, "load", LOAD)
    run = kit.begin(clinic, MACHINE_LIST, S1, by="Lea") if begun else None
    asks_for = recall(clinic, kit, "equipment", "S1")
    assert asks_for is not None
    assert asks_for.run == run
    assert recorded(clinic) == [(MACHINE_LIST, S1), (None, None)]
    assert waiting(clinic) == ([] if begun else [(MACHINE_LIST, S1, f"load {LOAD}")])
    if run is not None:
        kit.do(clinic, run, c.Abandon(kit.mistake))
        assert waiting(clinic) == [(MACHINE_LIST, S1, f"load {LOAD}")]


def test_a_list_of_which_the_recall_is_one_step_is_not_opened_by_it_again(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, MACHINE_LIST, S1, by="Lea")
    asks_for = recall(clinic, kit, "equipment", "S1")
    assert asks_for is not None
    assert (asks_for.run, waiting(clinic)) == (run, [])


def test_a_list_that_a_failed_test_has_asked_for_is_the_same_one(house: House, clinic: Clinic, kit: Kit) -> None:
    house.add_protocol("strip", kit.protocol_text("strip", "equipment", "", FAILS), clinic, kit.who(clinic, "Lea"))
    kit.do(clinic, kit.begin(clinic, "strip", S1), c.Give("strip", "pale"))
    asks_for = recall(clinic, kit, "equipment", "S1")
    assert asks_for is not None
    assert (asks_for.protocol, asks_for.run) == (MACHINE_LIST, None)
    assert (recorded(clinic), waiting(clinic)) == ([(None, None)], [(MACHINE_LIST, S1, "")])


def test_each_lot_waits_by_itself_and_one_walk_deals_with_all_that_wait(clinic: Clinic, kit: Kit) -> None:
    for lot in ("A12", "a12", "B7"):
        recall(clinic, kit, "lot", lot)
    assert [one for _, _, one in waiting(clinic)] == ["lot A12", "lot B7"]
    run = kit.begin(clinic, ITEM_LIST)
    assert waiting(clinic) == []
    asks_for = recall(clinic, kit, "lot", "B7")
    assert asks_for is not None
    assert (asks_for.run, waiting(clinic)) == (run, [])
    recall(clinic, kit, "lot", "C9")  # whoever walks that list knows nothing of this one
    kit.do(clinic, run, c.Confirm("gone"))
    assert [one for _, _, one in waiting(clinic)] == ["lot C9"]
    recall(clinic, kit, "lot", "A12")  # its list was walked to the end: this is another recall
    assert [one for _, _, one in waiting(clinic)] == ["lot C9", "lot A12"]


def test_a_machine_that_no_list_in_force_is_about_opens_nothing(clinic: Clinic, kit: Kit) -> None:
    assert recall(clinic, kit, "equipment", "F1") is None
    assert recall(clinic, kit, "equipment", "S9") is None
    assert (recorded(clinic), waiting(clinic)) == ([(None, None)] * 2, [])


def test_a_list_for_this_kind_of_machine_goes_before_one_for_any(clinic: Clinic, kit: Kit) -> None:
    bring_into_force(clinic, kit.who(clinic, "Lea"), NAME, COMING_BACK)
    asks_for = recall(clinic, kit, "equipment", "S1")
    assert asks_for is not None
    assert asks_for.protocol == MACHINE_LIST
    asks_for = recall(clinic, kit, "equipment", "F1")
    assert asks_for is not None
    assert asks_for.protocol == NAME


def test_a_list_that_cannot_be_read_hinders_no_recall(clinic: Clinic, kit: Kit) -> None:
    digest = clinic.library.digest_in_force(clinic.ledger, MACHINE_LIST)
    next(clinic.folder.adopted.glob(f"{digest}*")).write_bytes(b"")
    assert recall(clinic, kit, "equipment", "S1") is None
    assert [one.value for one in board(clinic).glance.recalled] == ["S1"]


def test_a_recall_that_was_recorded_before_there_were_lists_opens_none(clinic: Clinic, kit: Kit) -> None:
    data = {"kind": "equipment", "value": "S1", "reason": "equipment-fault"}
    clinic.record(Draft("recalled", data, kit.who(clinic, "Ben").id, "tui"))
    assert waiting(clinic) == []
    assert rebuild_views(clinic.ledger, VIEWS) == []


def returns(clinic: Clinic, kit: Kit) -> None:
    """S1 returns by the list that was walked about it."""
    found = recalling.end_quarantine(clinic, "equipment", "S1", WHY, kit.who(clinic, "Lea"), "tui")
    assert not isinstance(found, Refusal), found
    assert rebuild_views(clinic.ledger, VIEWS) == []


def proved(clinic: Clinic, kit: Kit) -> str:
    """The run of another list than the recall's, by which S1 can return."""
    return walk_back(clinic, "S1", kit.who(clinic, "Lea"), kit.who(clinic, "Ben")).run


def mends(clinic: Clinic, kit: Kit, run: str) -> None:
    """Somebody corrects a list by which S1 had returned, and walks it to its end again."""
    kit.do(clinic, run, c.Correct("tested", kit.mistake))
    assert rebuild_views(clinic.ledger, VIEWS) == []
    kit.do(clinic, run, c.Give("tested", "negative"))
    kit.do(clinic, run, c.Sign("unit", kit.who(clinic, "Lea").person, "released", ""))


def test_a_machine_that_returns_by_another_list_leaves_none_waiting(clinic: Clinic, kit: Kit) -> None:
    recall(clinic, kit, "load", LOAD)
    recall(clinic, kit, "equipment", "S1")
    recall(clinic, kit, "lot", "A12")
    recall(clinic, kit, "equipment", "S2")
    run = proved(clinic, kit)
    assert (MACHINE_LIST, S1, f"load {LOAD}") in waiting(clinic)  # a lead has not let it return
    before = waiting(clinic)
    returns(clinic, kit)
    assert waiting(clinic) == [one for one in before if one[1] != S1]
    assert recalls_dealt_with(clinic.histories(), run) == (f"load {LOAD}",)
    recall(clinic, kit, "equipment", "S1")
    assert (MACHINE_LIST, S1, "equipment S1") in waiting(clinic)


def test_a_return_that_is_undone_leaves_the_list_waiting_again(clinic: Clinic, kit: Kit) -> None:
    recall(clinic, kit, "equipment", "S1")
    run = proved(clinic, kit)
    returns(clinic, kit)
    mends(clinic, kit, run)
    assert waiting(clinic) == [(MACHINE_LIST, S1, "equipment S1")]  # until a lead decides anew
    returns(clinic, kit)
    assert waiting(clinic) == []


def test_what_is_corrected_in_an_older_return_opens_nothing(clinic: Clinic, kit: Kit) -> None:
    recall(clinic, kit, "equipment", "S1")
    older = proved(clinic, kit)
    returns(clinic, kit)
    recall(clinic, kit, "equipment", "S1")
    newer = proved(clinic, kit)
    returns(clinic, kit)
    mends(clinic, kit, older)
    assert waiting(clinic) == []
    mends(clinic, kit, newer)
    assert waiting(clinic) == [(MACHINE_LIST, S1, "equipment S1")] * 2
    assert rebuild_views(clinic.ledger, VIEWS) == []


def test_a_load_recalled_after_the_machine_was_proved_has_its_list_waiting(clinic: Clinic, kit: Kit) -> None:
    recall(clinic, kit, "equipment", "S1")
    proved(clinic, kit)
    for _ in range(2):
        recall(clinic, kit, "load", LOAD)
        assert waiting(clinic) == [(MACHINE_LIST, S1, "equipment S1"), (MACHINE_LIST, S1, f"load {LOAD}")]
    returns(clinic, kit)
    assert waiting(clinic) == [(MACHINE_LIST, S1, f"load {LOAD}")]
    kit.begin(clinic, MACHINE_LIST, S1, by="Lea")
    assert waiting(clinic) == []


def test_a_list_that_a_failed_test_has_asked_for_waits_whatever_returns(house: House, clinic: Clinic, kit: Kit) -> None:
    house.add_protocol("strip", kit.protocol_text("strip", "equipment", "", FAILS), clinic, kit.who(clinic, "Lea"))
    kit.do(clinic, kit.begin(clinic, "strip", S1), c.Give("strip", "pale"))
    recall(clinic, kit, "equipment", "S1")
    proved(clinic, kit)
    returns(clinic, kit)
    assert waiting(clinic) == [(MACHINE_LIST, S1, "")]


def test_a_waiting_list_shuts_the_gate_and_is_begun_from_there(house: House, clinic: Clinic, kit: Kit) -> None:
    folder = house.folder.protocols / "procedures"
    folder.mkdir()
    (folder / "quiet.toml").write_text(QUIET, "utf-8")
    assert not isinstance(adopt(clinic, "quiet", kit.who(clinic, "Lea"), "tui"), Refusal)

    def quiet() -> tuple[str, str | None, str]:
        asked = asked_of(clinic, "quiet", "room-1", None)
        assert isinstance(asked, Asked)
        procedure = clinic.library.procedure(clinic.ledger, "quiet")
        found = ask(sources_of(clinic), procedure, asked, clinic.now())
        start = found.requirements[0].start
        return found.decision, start.run if start else None, found.requirements[0].why

    assert quiet()[0] == "GO"
    recall(clinic, kit, "lot", "A12")
    decision, run, why = quiet()
    assert (decision, run) == ("NO-GO", None)  # there is no run to go on with
    assert "was not begun" in why
    begun = kit.begin(clinic, ITEM_LIST)
    assert quiet()[:2] == ("NO-GO", begun)
    kit.do(clinic, begun, c.Confirm("gone"))
    assert quiet()[0] == "GO"
    assert follow_ups(clinic.histories()) == ()


def test_a_visit_waits_for_no_list_of_a_machine_that_has_returned(house: House, kit: Kit) -> None:
    opened = tiny_clinic(house, kit)
    (house.folder.protocols / "procedures" / "quiet.toml").write_text(UNRECALLED, "utf-8")
    assert not isinstance(adopt(opened, "quiet", kit.who(opened, "Lea"), "tui"), Refusal)
    kit.walk_load(opened)
    session = visit(kit, opened)
    open_packs(kit, opened, session)

    def quiet() -> str:
        asked = asked_of(opened, "quiet", "room-1", session)
        assert isinstance(asked, Asked)
        return ask(sources_of(opened), opened.library.procedure(opened.ledger, "quiet"), asked, opened.now()).decision

    assert quiet() == "GO"
    recall(opened, kit, "equipment", "S1")
    run = proved(opened, kit)
    assert quiet() == "NO-GO"
    returns(opened, kit)
    assert quiet() == "GO"
    mends(opened, kit, run)
    assert quiet() == "NO-GO"
