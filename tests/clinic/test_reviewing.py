"""A review says by which rule, of which entry, in which words, and how long it was looked at; nothing else changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.audit.queue import OVERRIDE, Flagged
from checklist.clinic.remarks import kept, naming
from checklist.clinic.reviewing import dwelt, looks, meant, named, review, told
from checklist.ledger.entry import Draft, Entry
from checklist.run import commands as c
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Json
    from tests.clinic.conftest import House, Kit


def flagged(rule: str, place: str) -> Flagged:
    return Flagged(rule, "look", place, None, "2031-03-10", "was quick")


def test_how_long_it_was_shown_is_measured_by_the_clock_that_cannot_be_set(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    run = kit.walk_short(clinic).run
    shown = clinic.now()
    house.clock.advance(42.5)
    entry = review(clinic, flagged("too-fast", run), " The floor \n was dry. ", shown, kit.who(clinic, "Lea"), "tui")
    assert isinstance(entry, Entry), entry
    about = clinic.run_entries(run)[0]
    words = entry.data["words"]
    assert entry.data == {
        "rule": "too-fast", "finding": "", "words": words, "dwell_ms": 42_500, "own": True,
        "of": {"station": "a", "index": about.index, "leaf": about.leaf},
    }  # fmt: skip
    assert clinic.words(str(words)) == "The floor   was dry."
    assert (entry.kind, entry.run, clinic.run(run).outcome) == ("reviewed", None, "complete")


def test_people_have_their_names_in_what_a_rule_says(clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    assert named(clinic, f"104 readings by {lea.id} end in 0") == f"104 readings by {lea.name} end in 0"
    assert named(clinic, "cycle 12 of S1 stands in run a#7 already") == "cycle 12 of S1 stands in run a#7 already"


def test_what_was_shown_before_the_machine_was_started_anew_is_not_known(house: House, clinic: Clinic) -> None:
    shown = clinic.now()
    house.clock.set("2031-03-11T09:00")
    assert dwelt(shown, clinic.now()) == 0
    assert dwelt(clinic.now(), clinic.now()) == 0


def test_an_override_is_done_with_when_somebody_else_has_looked(house: House, clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "everything", "equipment=S1")
    kit.do(clinic, run, c.Confirm("wash"))
    kit.do(clinic, run, c.Give("temperature", "25"))
    passed = kit.do(clinic, run, c.Override("indicator", kit.because, kit.who(clinic, "Ben").person))
    place = f"a#{passed.steps['indicator'].entry}"
    shown = clinic.now()
    house.clock.advance(3)
    for by, code in (("Lea", "same-person"), ("Rita", "role")):
        refused = review(clinic, flagged(OVERRIDE, place), "fine", shown, kit.who(clinic, by), "tui")
        assert isinstance(refused, Refusal)
        assert refused.code == code
    clinic.personnel.add("Cleo Cane", ["lead"], "six green bottles", kit.who(clinic, "Lea"), "tui")
    entry = review(clinic, flagged(OVERRIDE, place), "the lamp is mended", shown, kit.who(clinic, "Cleo"), "tui")
    assert isinstance(entry, Entry)
    assert (entry.data["rule"], entry.data["dwell_ms"]) == ("override", 3000)
    assert clinic.ledger.query("SELECT reviewed FROM overridden") == [(1,)]


@pytest.mark.parametrize(
    ("place", "words", "by", "code"),
    [
        ("a#1", "", "Lea", "empty"),
        ("a#1", "\u200b \n", "Lea", "empty"),
        ("a#1", "x" * 501, "Lea", "too-long"),
        ("a#99999", "fine", "Lea", "no-override"),
        ("a#1", "fine", "Otto", "role"),
        ("a#1", "fine", "Ben", "role"),
    ],
)
def test_what_is_no_review_is_refused_and_leaves_nothing(
    clinic: Clinic, kit: Kit, place: str, words: str, by: str, code: str
) -> None:
    size = clinic.ledger.size
    refused = review(clinic, flagged("too-fast", place), words, clinic.now(), kit.who(clinic, by), "tui")
    assert isinstance(refused, Refusal)
    assert (refused.code, clinic.ledger.size) == (code, size)


def test_what_is_meant_by_a_name_or_by_a_place() -> None:
    waiting = [flagged("too-fast", "a#5"), flagged("clone", "a#5"), flagged("too-fast", "a#9")]
    assert meant(waiting, "clone@a#5") == waiting[1]
    assert meant(waiting, "a#9") == waiting[2]
    for called, code in (("a#5", "which"), ("a#7", "no-finding"), ("clone@a#9", "no-finding"), ("", "no-finding")):
        found = meant(waiting, called)
        assert isinstance(found, Refusal)
        assert found.code == code


def test_two_findings_of_a_rule_at_one_entry_have_names_of_their_own() -> None:
    one, two = (Flagged("late", "look", "a#5", None, "2031-03-10", "x", key, twins=True) for key in ("aa", "bb"))
    assert meant([one, two], two.name) == two
    unclear = meant([one, two], "late@a#5")
    assert isinstance(unclear, Refusal)
    assert "late@a#5.aa, late@a#5.bb" in unclear.message


def test_what_a_lead_did_is_looked_at_by_another_and_where_there_is_none_that_is_said(clinic: Clinic, kit: Kit) -> None:
    run = kit.walk_short(clinic).run
    about = clinic.run_entries(run)[0].actor
    lea = kit.who(clinic, "Lea")
    found = Flagged("odd-hours", "look", run, run, "2031-03-10", f"{lea.id} was there, and {about}", "abcd")
    entry = review(clinic, found, "fine", clinic.now(), lea, "pipe")
    assert isinstance(entry, Entry)
    assert (entry.data["own"], entry.data["finding"]) == (True, "abcd")
    look = looks(clinic)[entry.place]
    assert (look.by, look.own, look.via, look.at) == (lea.id, True, "pipe", entry.at)
    clinic.personnel.add("Cleo Cane", ["lead"], "six green bottles", lea, "tui")
    refused = review(clinic, found, "fine", clinic.now(), lea, "tui")
    assert isinstance(refused, Refusal)
    assert (refused.code, "Cleo Cane" in refused.message) == ("own", True)
    other = review(clinic, found, "fine", clinic.now(), kit.who(clinic, "Cleo"), "tui")
    assert isinstance(other, Entry)
    assert "own" not in other.data


@pytest.mark.parametrize("step", [None, "indicator", "second", "look"])
def test_who_had_any_hand_in_a_run_does_not_look_at_what_is_flagged_in_it(
    clinic: Clinic, kit: Kit, step: str | None
) -> None:
    lea = kit.who(clinic, "Lea")
    run = kit.begin(clinic, "blind", "room=room-1", by="Ben")
    kit.do(clinic, run, c.Give("indicator", "turned"), by="Ben")
    kit.do(clinic, run, c.Witness("second", lea.person, "turned"), by="Ben")
    done = kit.do(clinic, run, c.Confirm("look"), by="Ben")
    place = run if step is None else f"a#{done.steps[step].entry}"
    found = Flagged("too-fast", "look", place, run, "2031-03-10", "was quick")
    clinic.personnel.add("Cleo Cane", ["lead"], "six green bottles", lea, "tui")
    refused = review(clinic, found, "fine", clinic.now(), lea, "tui")
    assert isinstance(refused, Refusal)
    assert (refused.code, "Cleo Cane" in refused.message) == ("own", True)
    assert isinstance(review(clinic, found, "fine", clinic.now(), kit.who(clinic, "Cleo"), "tui"), Entry)


def test_an_override_is_not_looked_at_by_who_did_the_rest_of_its_run(clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    clinic.personnel.add("Cleo Cane", ["lead"], "six green bottles", lea, "tui")
    clinic.personnel.add("Dora Dell", ["lead", "staff"], "nine green bottles", lea, "tui")
    run = kit.begin(clinic, "everything", "equipment=S1")
    kit.do(clinic, run, c.Confirm("wash"))
    kit.do(clinic, run, c.Give("temperature", "25"))
    second = kit.who(clinic, "Dora").person
    kit.do(clinic, run, c.Resume(), by="Ben")
    passed = kit.do(clinic, run, c.Override("indicator", kit.because, second), by="Ben")
    place = f"a#{passed.steps['indicator'].entry}"
    for by, code in (("Lea", "own"), ("Dora", "own")):
        refused = review(clinic, flagged(OVERRIDE, place), "fine", clinic.now(), kit.who(clinic, by), "tui")
        assert isinstance(refused, Refusal)
        assert (refused.code, "Cleo Cane" in refused.message) == (code, True)
    entry = review(clinic, flagged(OVERRIDE, place), "fine", clinic.now(), kit.who(clinic, "Cleo"), "tui")
    assert isinstance(entry, Entry)


def test_where_no_other_lead_is_there_the_review_of_an_override_says_that_they_had_a_hand_in_it(
    clinic: Clinic, kit: Kit
) -> None:
    lea = kit.who(clinic, "Lea")
    dora = clinic.personnel.add("Dora Dell", ["lead", "staff"], "nine green bottles", lea, "tui")
    assert not isinstance(dora, Refusal)
    run = kit.begin(clinic, "everything", "equipment=S1")
    kit.do(clinic, run, c.Confirm("wash"))
    kit.do(clinic, run, c.Give("temperature", "25"))
    kit.do(clinic, run, c.Resume(), by="Ben")
    passed = kit.do(clinic, run, c.Override("indicator", kit.because, kit.who(clinic, "Dora").person), by="Ben")
    place = f"a#{passed.steps['indicator'].entry}"
    entry = review(clinic, flagged(OVERRIDE, place), "fine", clinic.now(), lea, "tui")
    assert isinstance(entry, Entry), entry
    assert entry.data["own"] is True
    assert looks(clinic)[entry.place].own


def test_an_override_of_the_gate_is_told_in_sentences_with_its_reason(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    answer: dict[str, Json] = {
        "procedure": {"id": "needling", "version": "1.0.0"}, "decision": "NO-GO", "subject": "room=room-1",
        "session": "a-1", "performer": ben.id, "requirements": [
            {"id": "room", "met": True, "evidence": ["a#3"]}, {"id": "kit", "met": False, "evidence": []},
            {"id": "lots", "met": None},
        ],
    }  # fmt: skip
    said = clinic.record(Draft("cleared", answer, lea.id, "tui"))
    data: dict[str, Json] = {"witness": ben.id, "reason": "other", "words": kept(clinic, "the kit is next door")}
    passed = clinic.record(Draft("clearance.overridden", {**data, "of": naming(said)}, lea.id, "tui"))
    lines = told(clinic, said)
    assert lines[0] == "NO-GO: needling 1.0.0, room=room-1, visit a-1"
    assert lines[1].startswith(f"asked by {lea.name}, 2031-03-10 ")
    assert lines[2:] == ["Performer: Ben Beech", "[x] room: a#3", "<X> not met: kit", "{?} not known: lots"]
    who, why = told(clinic, passed)
    assert who.startswith(f"OVERRIDDEN by {lea.name} with Ben Beech, 2031-03-10 ")
    assert why == "Because: other: the kit is next door"
    assert told(clinic, clinic.ledger.entry(0)) == []
    clinic.personnel.add("Dora Dell", ["lead"], "six green bottles", lea, "tui")
    look = flagged(OVERRIDE, passed.place)
    refused = review(clinic, look, "fine", clinic.now(), lea, "tui")
    assert isinstance(refused, Refusal)
    assert refused.code == "own"
