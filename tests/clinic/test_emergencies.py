"""The shipped emergency protocols: one of them walked by whoever is at hand, and attributed afterwards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.checking import verify_clinic
from checklist.clinic.copies import backup, restore
from checklist.clinic.folder import Folder
from checklist.clinic.plan.board import board
from checklist.clinic.plan.glance import glance_at
from checklist.clinic.record import show
from checklist.clinic.views import VIEWS
from checklist.people.operator import disabled
from checklist.run import commands as c
from checklist.run.marks import Outcome
from checklist.run.reading import Refusal
from checklist.run.state import RunState
from tests.support.making import header
from tests.support.rebuilding import rebuild_views

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit

ANSWERS: dict[str, str] = {
    "fluid": "blood or other fluid",
    "product-for-blood": "blood-borne claim",
    "place": "the corridor",
    "cause": "a dropped tube",
    "product-lot": "lot=A12 expiry=2032-01",
    "staff": "two of us",
    "exposure": "nobody",
}


def begun(clinic: Clinic) -> RunState:
    state = clinic.begin("spill", "", None, "tui")
    assert isinstance(state, RunState), state
    return state


def walked(house: House, clinic: Clinic, kit: Kit) -> RunState:
    """The whole spill, from its beginning to the signature, without anybody signed in."""
    state = begun(clinic)
    while (step := state.current) is not None:
        match step.kind:
            case "confirm":
                state = kit.do(clinic, state.run, c.Confirm(step.id), by=None)
            case "timer":
                kit.do(clinic, state.run, c.StartTimer(step.id), by=None)
                house.clock.advance(200)
                ends: c.Command = c.EndTimer(step.id) if step.at_most else c.Tick()
                state = kit.do(clinic, state.run, ends, by=None)
            case "sign":
                signer = kit.who(clinic, "Rita").person
                state = kit.do(clinic, state.run, c.Sign(step.id, signer, "released", ""), by=None)
            case _:
                state = kit.do(clinic, state.run, c.Give(step.id, ANSWERS[step.id]), by=None)
    return state


def test_the_emergencies_are_known_without_reading_a_file(clinic: Clinic) -> None:
    for path in clinic.folder.adopted.iterdir():
        path.unlink()
    assert clinic.emergencies() == [
        ("anaphylaxis", "Anaphylaxis"),
        ("sharps-exposure", "Needlestick, cut or splash of blood"),
        ("anaesthetic-toxicity", "Poisoning by local anaesthetic"),
        ("faint", "Somebody faints or feels faint"),
        ("spill", "Spill of blood or body fluid"),
    ]


def test_a_spill_is_walked_to_its_end_in_nobodys_name(house: House, clinic: Clinic, kit: Kit) -> None:
    state = walked(house, clinic, kit)
    assert state.outcome is Outcome.COMPLETE
    assert state.unattributed
    entries = clinic.run_entries(state.run)
    by_people = [entry for entry in entries if entry.step != "reopen" and entry.kind != "run.completed"]
    assert {entry.actor for entry in by_people} == {None}
    assert {entry.via for entry in by_people} == {"tui", "system"}
    assert {entry.actor for entry in entries if entry.kind == "signed"} == {kit.who(clinic, "Rita").id}


def test_until_somebody_stands_for_it_everybody_is_told(house: House, clinic: Clinic, kit: Kit) -> None:
    open_one, state = begun(clinic), walked(house, clinic, kit)
    told = show(clinic, state.run)
    assert told["attributed"] is None
    assert [one["rule"] for one in listed(told["findings"])] == ["unattributed"]
    rows = json.loads(json.dumps(glance_at(house.folder).data()))["unattributed"]
    assert [(row["run"], row["ended"] is None) for row in rows] == [(open_one.run, True), (state.run, False)]
    assert rows[1] == {
        "run": state.run, "protocol": "spill", "subject": "clinic", "since": state.started.at, "ended": state.ended,
    }  # fmt: skip
    assert [row.run for row in board(clinic).unattributed] == [open_one.run, state.run]


def test_whoever_did_it_says_so_and_it_is_marked_as_said_afterwards(house: House, clinic: Clinic, kit: Kit) -> None:
    state, ben = walked(house, clinic, kit), kit.who(clinic, "Ben")
    after = kit.do(clinic, state.run, c.Attribute(), by="Ben")
    assert (after.attributed, after.outcome) == (ben.id, Outcome.COMPLETE)
    entry = clinic.ledger.last()
    assert entry is not None
    assert (entry.kind, entry.actor) == ("run.attributed", ben.id)
    assert {key: entry.data[key] for key in ("operator", "factors")} == {"operator": ben.id, "factors": ["secret"]}
    assert clinic.words(str(entry.data["name"])) == "Ben Beech"
    told = show(clinic, state.run)
    assert told["attributed"] == {"operator": ben.id, "name": "Ben Beech", "at": entry.at}
    assert {step["by"] for step in listed(told["steps"]) if step["id"] != "reopen"} == {None}
    assert told["findings"] == []
    assert board(clinic).unattributed == ()
    assert kit.refused(clinic, state.run, c.Attribute(), by="Lea") == "attributed"
    assert rebuild_views(clinic.ledger, VIEWS) == []


@pytest.fixture
def rescue(house: House, clinic: Clinic, kit: Kit) -> str:
    """An emergency protocol that asks for a role and a credential; its id."""
    steps = """\
[[steps]]
id = "call"
kind = "confirm"
do = "Call for help."
expect = "called"
[[steps]]
id = "inject"
kind = "confirm"
do = "Inject."
expect = "injected"
roles = ["prescriber"]
credentials = ["cpr"]
"""
    text = header("rescue", "Rescue", more='roles = ["staff"]', category="emergency") + steps
    house.add_protocol("rescue", text, clinic, kit.who(clinic, "Lea"))
    return "rescue"


def rescued(clinic: Clinic, kit: Kit, rescue: str) -> str:
    """The whole of it, walked by nobody who signed in; the run."""
    state = clinic.begin(rescue, "", None, "tui")
    assert isinstance(state, RunState), state
    kit.do(clinic, state.run, c.Confirm("call"), by=None)
    return kit.do(clinic, state.run, c.Confirm("inject"), by=None).run


def without(clinic: Clinic, run: str) -> list[str]:
    """What the record says that whoever said they did it had not."""
    found = [one for one in listed(show(clinic, run)["findings"]) if one["rule"] == "attributed-without"]
    return [str(one["why"]) for one in found]


def test_what_was_asked_for_and_who_did_it_had_not_is_a_finding(clinic: Clinic, kit: Kit, rescue: str) -> None:
    lea, rita, run = kit.who(clinic, "Lea"), kit.who(clinic, "Rita"), rescued(clinic, kit, rescue)
    kit.do(clinic, run, c.Attribute(), by="Rita")
    (why,) = without(clinic, run)
    assert "the role prescriber" in why
    # What they were given afterwards they did not have then.
    clinic.personnel.set_roles(rita.id, ["staff", "prescriber"], lea, "tui")
    assert without(clinic, run) == [why]
    second = rescued(clinic, kit, rescue)
    kit.do(clinic, second, c.Attribute(), by="Rita")
    (why,) = without(clinic, second)
    assert "credential “cpr”" in why
    clinic.personnel.grant(rita.id, "cpr", "2031-03-10", {}, lea, "tui")
    third = rescued(clinic, kit, rescue)
    clinic.personnel.end(rita.id, "cpr", lea, "tui")
    kit.do(clinic, third, c.Attribute(), by="Rita")
    assert without(clinic, third) == []


def test_who_was_not_here_yet_cannot_have_done_it(clinic: Clinic, kit: Kit, rescue: str) -> None:
    run = rescued(clinic, kit, rescue)
    clinic.personnel.add("Nora Nut", ["staff"], "nine quiet otters", kit.who(clinic, "Lea"), "tui")
    kit.do(clinic, run, c.Attribute(), by="Nora")
    assert without(clinic, run) == ["was attributed to somebody who was no operator when it began"]


def test_what_nobody_stands_for_leaves_the_board_as_it_was(house: House, clinic: Clinic, kit: Kit, rescue: str) -> None:
    clinic.close()
    with house.folder.config.open("a", encoding="utf-8") as file:
        file.write(f'\n[[schedule]]\nprotocol = "{rescue}"\nevery = "day"\n')
    again = house.open()
    run = rescued(again, kit, rescue)
    assert [due.protocol for due in board(again).due if due.protocol == rescue] == [rescue]
    kit.do(again, run, c.Attribute(), by="Ben")
    assert [due.protocol for due in board(again).due if due.protocol == rescue] == []


def test_the_record_of_it_is_clean(house: House, clinic: Clinic, kit: Kit) -> None:
    kit.do(clinic, walked(house, clinic, kit).run, c.Attribute(), by="Ben")
    begun(clinic)
    assert verify_clinic(house.folder).result == "clean"


def test_the_signature_at_the_end_is_told_with_name_time_and_meaning(house: House, clinic: Clinic, kit: Kit) -> None:
    state = walked(house, clinic, kit)
    (last,) = [step for step in listed(show(clinic, state.run)["steps"]) if step["id"] == "reopen"]
    assert last["signed"] == {
        "by": kit.who(clinic, "Rita").id, "name": "Rita Rowan", "meaning": "released", "at": state.steps["reopen"].at,
        "factors": ["secret"],
    }  # fmt: skip


def test_another_program_sees_that_it_is_open_and_goes_on_with_it(house: House, clinic: Clinic, kit: Kit) -> None:
    run = begun(clinic).run
    kit.do(clinic, run, c.Confirm("keep-away"), by=None)
    kit.do(clinic, run, c.Pause(), by=None)
    other = house.open()
    kit.do(other, run, c.Resume(), by=None)
    assert kit.do(other, run, c.Confirm("warning-sign"), by=None).current is not None
    assert kit.do(clinic, run, c.Resume(), by="Ben").holder == kit.who(clinic, "Ben").id
    assert kit.refused(other, run, c.Confirm("ppe"), by=None) == "sign-in"


@pytest.mark.parametrize("protocol", ["short", "load", "steriliser-load"])
def test_nothing_else_begins_without_signing_in(clinic: Clinic, protocol: str) -> None:
    size = clinic.ledger.size
    for found in (clinic.begin(protocol, "", None, "tui"), clinic.may_begin(protocol, None)):
        assert isinstance(found, Refusal)
    refused = clinic.may_begin(protocol, None)
    assert refused
    assert (refused.code, clinic.ledger.size) == ("sign-in", size)
    assert clinic.may_begin("spill", None) is None


def test_who_was_disabled_puts_their_name_to_nothing(clinic: Clinic, kit: Kit) -> None:
    run, ben = begun(clinic).run, kit.who(clinic, "Ben")
    clinic.record(disabled(ben.id, actor=None, via="tui"))
    refused = clinic.do(run, c.Attribute(), ben, "tui")
    assert isinstance(refused, Refusal)
    assert refused.code == "disabled"


def test_nobody_is_named_who_has_not_signed_in(clinic: Clinic, kit: Kit) -> None:
    """Whoever asks says it of themselves: a person in the command is not believed."""
    run = begun(clinic).run
    assert kit.refused(clinic, run, c.Attribute(kit.who(clinic, "Ben").person, "name"), by=None) == "sign-in"
    after = kit.do(clinic, run, c.Attribute(kit.who(clinic, "Ben").person, "name"), by="Lea")
    assert after.attributed == kit.who(clinic, "Lea").id


def test_a_restored_clinic_has_its_emergencies_and_no_more_questions(
    house: House, clinic: Clinic, kit: Kit, tmp_path: Path
) -> None:
    """To what the earlier station left, nobody can put their name any more: it is a finding for good."""
    run = begun(clinic).run
    copied = backup(clinic, tmp_path / "copy", kit.who(clinic, "Lea"), "tui")
    assert not isinstance(copied, Refusal)
    house2 = kit.new_house(restore(copied.folder, Folder(tmp_path / "again"), "tui").folder, house.clock)
    with house2.stack:
        again = house2.open()
        assert again.emergencies() == clinic.emergencies()
        assert board(again).unattributed == ()
        assert kit.refused(again, run, c.Attribute(), by="Ben") == "archived"
        assert "unattributed" in [one["rule"] for one in listed(show(again, run)["findings"])]
        assert begun(again).run.startswith("b#")


def listed(found: object) -> list[dict[str, object]]:
    assert isinstance(found, list)
    return found
