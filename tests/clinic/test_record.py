"""Reading the record back: the stable keys, the story as it was, and what must stay hidden or has been erased."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.errors import UnknownRunError
from checklist.clinic.record import show
from checklist.clinic.service import SignedIn
from checklist.ledger.entry import Draft, Entry
from checklist.ledger.errors import Damaged
from checklist.run import commands as c
from checklist.run.events import Person, Reason
from tests.support.asked import logged

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit

SHOW = {
    "run", "protocol", "subject", "session", "outcome", "deviations", "started", "ended", "paper", "steps", "findings",
    "attributed", "overrides", "corrections", "remarks", "via", "turns", "ending",
}  # fmt: skip
STEP = {
    "id", "state", "value", "unit", "input", "attempts", "by", "witness", "at", "seconds", "via", "reason", "entry",
    "signed", "signed_before", "tries", "number", "phase", "wanted", "hidden", "put_off",
}  # fmt: skip
LOG = {"index", "station", "at", "kind", "run", "protocol", "step", "actor", "via", "data", "remarks"}


def steps(clinic: Clinic, run: str) -> dict[str, dict[str, object]]:
    listed = show(clinic, run)["steps"]
    assert isinstance(listed, list)
    return {step["id"]: step for step in listed}


def test_a_whole_run_is_told_with_the_stable_keys(house: House, clinic: Clinic, kit: Kit, printout: Path) -> None:
    state = kit.walk_everything(house, clinic, printout)
    told = show(clinic, state.run)
    assert set(told) == SHOW
    assert json.loads(json.dumps(told)) == told
    assert told["protocol"] == {"id": "everything", "version": "1.0.0", "sha256": state.sha256}
    assert (told["outcome"], told["deviations"], told["subject"], told["session"]) == (
        "complete",
        1,
        "equipment=S1",
        None,
    )
    assert told["findings"] == []
    found = steps(clinic, state.run)
    assert all(set(step) >= STEP for step in found.values())
    assert all(step["state"] == "done" for step in found.values())
    temperature = found["temperature"]
    assert (temperature["value"], temperature["unit"], temperature["attempts"]) == ("25.5", "Cel", 2)
    assert found["remark"]["value"] == "four cannulas of Frau Müller"
    assert found["label"]["value"] == "lot=A12 expiry=2032-01-31"
    assert found["second"]["witness"] == kit.who(clinic, "Ben").id
    assert found["number"]["input"] == "assigned"
    assert found["soak"]["value"] == "200.0"
    assert found["release"]["value"] == "released"
    assert found["release"]["signed"] == {
        "by": kit.who(clinic, "Lea").id, "name": "Lea Linden", "meaning": "released", "at": found["release"]["at"],
        "factors": ["secret"],
    }  # fmt: skip
    assert {step["signed"] for name, step in found.items() if name != "release"} == {None}
    assert (told["attributed"], told["overrides"]) == (None, [])
    assert clinic.ledger.entry(int(str(found["wash"]["entry"]))).step == "wash"


def test_a_run_on_its_way_says_what_is_open_and_why_things_were_left_out(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "short")
    kit.do(clinic, run, c.Skip("wash", Reason("not-available", "no soap")))
    told = show(clinic, run)
    assert (told["outcome"], told["ended"], told["deviations"]) == ("open", None, 1)
    found = steps(clinic, run)
    assert (found["wash"]["state"], found["wash"]["reason"]) == ("skipped", "not-available: no soap")
    assert found["look"]["state"] == "current"
    assert [found["look"][key] for key in ("value", "by", "at", "seconds", "via", "entry")] == [None] * 6
    kit.do(clinic, run, c.Correct("wash", Reason("mistake")))
    assert steps(clinic, run)["wash"]["reason"] == "mistake"


def test_what_was_erased_or_lost_is_none_and_not_a_fault(
    house: House, clinic: Clinic, kit: Kit, printout: Path
) -> None:
    state = kit.walk_everything(house, clinic, printout)
    run = kit.begin(clinic, "short")
    kit.do(clinic, run, c.Skip("wash", kit.because))
    with sqlite3.connect(house.folder.people) as db:
        db.execute("DELETE FROM opening")
        db.execute("DELETE FROM person")
    db.close()
    assert steps(clinic, state.run)["remark"]["value"] is None
    assert steps(clinic, run)["wash"]["reason"] == "other"
    assert {operator.name for operator in clinic.staff.operators()} == {None}
    assert len(logged(clinic)) == clinic.ledger.size


def test_a_first_reading_stays_hidden_until_the_second_is_in(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "blind", "room=room-1")
    kit.do(clinic, run, c.Give("indicator", "not turned"))
    kit.do(clinic, run, c.Remark("indicator", "looked again under the lamp"))
    kit.do(clinic, run, c.Give("indicator", "turned"))

    def indicated() -> list[object]:
        return [each["data"] for each in logged(clinic, run=run, step="indicator") if each["kind"] != "step.noted"]

    assert steps(clinic, run)["indicator"]["value"] is None
    assert "turned" not in json.dumps(indicated())
    kit.do(clinic, run, c.Witness("second", kit.who(clinic, "Ben").person, "not turned"))
    assert steps(clinic, run)["indicator"]["value"] is None
    assert "turned" not in json.dumps(indicated())
    kit.do(clinic, run, c.Correct("indicator", Reason("mistake")))
    kit.do(clinic, run, c.Give("indicator", "turned"))
    assert "turned" not in json.dumps(indicated())
    kit.do(clinic, run, c.Witness("second", kit.who(clinic, "Ben").person, "turned"))
    assert steps(clinic, run)["indicator"]["value"] == "turned"
    values = [data["value"] for data in indicated() if isinstance(data, dict) and "value" in data]
    assert values == ["not turned", "turned", "turned"]


def test_a_run_that_ended_hides_nothing(house: House, clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "blind", "room=room-1")
    kit.do(clinic, run, c.Give("indicator", "turned"))
    kit.do(clinic, run, c.Abandon(kit.because))
    assert steps(clinic, run)["indicator"]["value"] == "turned"
    other = kit.begin(clinic, "blind", "room=room-1")
    kit.do(clinic, other, c.Give("indicator", "turned"))
    (house.folder.adopted / f"{clinic.run(run).sha256}.toml").unlink()
    (entry,) = [each for each in logged(house.open(), run=other) if each["kind"] == "step.done"]
    assert "turned" in json.dumps(entry["data"])


def test_a_release_that_was_taken_back_is_told_beside_the_one_in_force(clinic: Clinic, kit: Kit) -> None:
    run = kit.walk_load(clinic).run
    first = steps(clinic, run)["release"]["signed"]
    assert isinstance(first, dict)
    kit.do(clinic, run, c.Correct("verdict", Reason("mistake", "wrong strip")))
    reopened = steps(clinic, run)["release"]
    assert (reopened["state"], reopened["signed"], reopened["signed_before"]) == (
        "pending",
        None,
        [first | {"corrected": "mistake: wrong strip"}],
    )
    kit.do(clinic, run, c.Give("verdict", "released"))
    kit.do(clinic, run, c.Sign("release", kit.who(clinic, "Lea").person, "quarantined", ""))
    found = steps(clinic, run)
    signed, before = found["release"]["signed"], found["release"]["signed_before"]
    assert isinstance(signed, dict)
    assert isinstance(before, list)
    assert (signed["meaning"], [each["meaning"] for each in before]) == ("quarantined", ["released"])
    assert before == [first | {"corrected": "mistake: wrong strip"}]
    assert tried(found["release"]) == [("released", "mistake: wrong strip"), ("quarantined", None)]
    assert tried(found["verdict"]) == [("released", "mistake: wrong strip"), ("released", None)]
    assert found["release"]["attempts"] == 1, "whoever signed did nothing wrong"


def tried(step: dict[str, object]) -> list[tuple[object, object]]:
    assert isinstance(step["tries"], list)
    return [(each["value"], each["corrected"]) for each in step["tries"]]


def test_the_words_of_a_corrected_text_are_told_until_they_are_erased(
    house: House, clinic: Clinic, kit: Kit, printout: Path
) -> None:
    run = kit.walk_everything(house, clinic, printout).run
    kit.do(clinic, run, c.Correct("remark", Reason("mistake")))
    kit.do(clinic, run, c.Give("remark", "five cannulas"))
    expected = [("four cannulas of Frau Müller", "mistake"), ("five cannulas", None)]
    assert tried(steps(clinic, run)["remark"]) == expected
    with sqlite3.connect(house.folder.people) as db:
        db.execute("DELETE FROM opening")
    db.close()
    assert tried(steps(clinic, run)["remark"]) == [(None, "mistake"), (None, None)]


def test_an_earlier_second_reading_stays_hidden_while_the_next_one_is_blind(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "blind", "room=room-1")
    ben = kit.who(clinic, "Ben").person
    kit.do(clinic, run, c.Give("indicator", "turned"))
    kit.do(clinic, run, c.Witness("second", ben, "turned"))
    kit.do(clinic, run, c.Correct("indicator", Reason("mistake")))
    kit.do(clinic, run, c.Give("indicator", "turned"))
    found = steps(clinic, run)
    assert tried(found["indicator"]) == tried(found["second"]) == []
    assert "turned" not in json.dumps(logged(clinic, run=run))
    kit.do(clinic, run, c.Witness("second", ben, "turned"))
    assert "turned" in json.dumps(logged(clinic, run=run))
    found = steps(clinic, run)
    assert tried(found["indicator"]) == tried(found["second"]) == [("turned", "mistake"), ("turned", None)]
    assert isinstance(found["second"]["tries"], list)
    assert [each["witness"] for each in found["second"]["tries"]] == [ben.operator, ben.operator]


def test_an_unknown_run_is_named(clinic: Clinic) -> None:
    with pytest.raises(UnknownRunError):
        show(clinic, "a#4711")


# -- findings ---------------------------------------------------------------------------------------------


def rules(clinic: Clinic, run: str) -> list[object]:
    listed = show(clinic, run)["findings"]
    assert isinstance(listed, list)
    assert all({"rule", "run", "entry", "why"} <= set(each) for each in listed)
    return [each["rule"] for each in listed]


def test_what_was_too_fast_is_found_and_what_was_not_is_not(house: House, clinic: Clinic, kit: Kit) -> None:
    assert rules(clinic, kit.walk_short(clinic).run) == ["too-fast"]
    run = kit.begin(clinic, "short")
    house.clock.advance(20)
    kit.do(clinic, run, c.Confirm("wash"))
    assert rules(clinic, run) == []


def test_a_secret_from_a_file_is_found(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "load", "equipment=S1")
    lea = kit.who(clinic, "Lea")
    kit.do(clinic, run, c.Assign("number", {}))
    kit.do(clinic, run, c.Give("verdict", "released"))
    person = Person(lea.id, lea.person.roles, ("secret-file",))
    assert isinstance(SignedIn(person, lea.name).id, str)
    kit.do(clinic, run, c.Sign("release", person, "released", ""))
    assert rules(clinic, run) == ["secret-from-file"]


def test_a_long_timer_over_a_restart_is_found(house: House, clinic: Clinic, kit: Kit) -> None:
    steps_ = '[[steps]]\nid = "incubate"\nkind = "timer"\ndo = "Incubate."\nat_least = "2h"\n'
    text = kit.protocol_text("incubate", "clinic", "", steps_)
    house.add_protocol("incubate", text, clinic, kit.who(clinic, "Lea"))
    run = kit.begin(clinic, "incubate")
    kit.do(clinic, run, c.StartTimer("incubate"))
    house.clock.set("2031-03-10T14:00:00")
    kit.do(clinic, run, c.Tick(), by=None)
    assert rules(clinic, run) == ["timed-by-wall-clock"]


# -- the log ----------------------------------------------------------------------------------------------


def test_the_log_has_every_entry_once_in_order_with_the_stable_keys(clinic: Clinic, kit: Kit) -> None:
    kit.walk_short(clinic)
    entries = logged(clinic)
    assert [entry["index"] for entry in entries] == list(range(clinic.ledger.size))
    assert all(set(entry) == LOG for entry in entries)
    assert json.loads(json.dumps(entries)) == entries


def test_the_log_can_be_asked_for_parts(house: House, clinic: Clinic, kit: Kit) -> None:
    first, second = kit.walk_short(clinic).run, kit.walk_load(clinic).run
    house.clock.advance(3600)
    late = clinic.now().at
    clinic.record(Draft("remarked", {}, kit.who(clinic, "Otto").id, "tui"))

    def kinds(**wanted: str) -> list[object]:
        return [entry["kind"] for entry in logged(clinic, **wanted)]

    assert kinds(run=first) == ["run.started", "step.done", "step.done", "run.completed"]
    assert kinds(run=second)[0] == "run.started"
    assert kinds(run="z#1") == kinds(run="nonsense") == kinds(run="a#999999") == []
    assert kinds(kind="run.completed") == ["run.completed"] * 2
    assert kinds(kind="no.such") == []
    assert kinds(protocol="short") == ["protocol.adopted", "run.started", "step.done", "step.done", "run.completed"]
    assert kinds(protocol="short", step="look") == ["step.done"]
    assert kinds(operator=kit.who(clinic, "Otto").id) == kinds(since=late) == ["remarked"]
    assert "remarked" not in kinds(until=late)
    assert kinds(run=first, kind="step.done", step="wash") == ["step.done"]
    assert kinds(kind="run.started", run=second) == ["run.started"]


# -- what is damaged -------------------------------------------------------------------------------------------------


def write_over(clinic: Clinic, index: int, leaf: object) -> None:
    """Change an entry behind the program's back."""
    with closing(sqlite3.connect(clinic.folder.ledger)) as db, db:
        ((protection,),) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'entry_update'").fetchall()
        db.execute("DROP TRIGGER entry_update")
        db.execute("UPDATE entry SET leaf = ? WHERE idx = ?", (leaf, index))
        db.execute(protection)


def test_of_a_run_with_a_damaged_entry_the_rest_is_shown_and_nobody_goes_on_with_it(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    run = kit.begin(clinic, "blind", "room=room-1")
    kit.do(clinic, run, c.Give("indicator", "turned"))
    kit.do(clinic, run, c.Witness("second", kit.who(clinic, "Ben").person, "turned"))
    _, second = [each.index for each in clinic.run_entries(run) if each.step == "second"]
    kit.walk_short(clinic)
    write_over(clinic, second, b"{}")
    told = show(clinic, run)
    assert told["outcome"] == "unknown"
    assert [(each["id"], each["state"]) for each in steps(clinic, run).values()] == [
        ("indicator", "done"), ("second", "unknown"), ("look", "unknown"),
    ]  # fmt: skip
    found = told["findings"]
    assert isinstance(found, list)
    assert ("damaged", second) in [(each["rule"], each["entry"]) for each in found]
    with pytest.raises(Damaged):
        house.open().do(run, c.Confirm("look"), kit.who(clinic, "Lea"), "tui")


def test_whichever_entry_of_a_run_is_damaged_the_others_are_shown(
    house: House, clinic: Clinic, kit: Kit, printout: Path
) -> None:
    state = kit.walk_everything(house, clinic, printout)
    whole = {name: (each["state"], each["value"]) for name, each in steps(clinic, state.run).items()}
    first, *others = [each.index for each in clinic.run_entries(state.run)]
    rows = clinic.ledger.query("SELECT idx, leaf FROM entry WHERE idx >= ?", (first,))
    leaves = {row[0]: row[1] for row in rows}
    for index in others:
        write_over(clinic, index, b"{}")
        told = show(clinic, state.run)
        assert told["outcome"] == "unknown"
        for name, each in steps(clinic, state.run).items():
            assert each["state"] == "unknown" or (each["state"], each["value"]) == whole[name]
        write_over(clinic, index, leaves[index])
    write_over(clinic, first, b"{}")
    with pytest.raises(Damaged, match="is damaged, and with it what run"):
        show(clinic, state.run)


def test_a_damaged_remark_hides_no_run(clinic: Clinic, kit: Kit) -> None:
    run = kit.walk_short(clinic).run
    said = clinic.remark(run, "why so late", kit.who(clinic, "Lea"), "tui")
    assert isinstance(said, Entry)
    write_over(clinic, said.index, b"{}")
    told = show(clinic, run)
    assert (told["outcome"], told["remarks"]) == ("complete", [])
    found = told["findings"]
    assert isinstance(found, list)
    assert "damaged" in [each["rule"] for each in found]
