"""A review says by which rule, of which entry, in which words, and how long it was looked at; nothing else changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.audit.queue import LATE, OVERRIDE, Flagged
from checklist.clinic.reviewing import dwelt, looks, meant, review
from checklist.ledger.entry import Entry
from checklist.run import commands as c
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
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


def test_what_was_shown_before_the_machine_was_started_anew_is_not_known(house: House, clinic: Clinic) -> None:
    shown = clinic.now()
    house.clock.set("2031-03-11T09:00")
    assert dwelt(shown, clinic.now()) == 0
    assert dwelt(clinic.now(), clinic.now()) == 0


@pytest.mark.parametrize("rule", [OVERRIDE, LATE])
def test_an_override_is_done_with_however_it_was_called_for(house: House, clinic: Clinic, kit: Kit, rule: str) -> None:
    run = kit.begin(clinic, "everything", "equipment=S1")
    kit.do(clinic, run, c.Confirm("wash"))
    kit.do(clinic, run, c.Give("temperature", "25"))
    passed = kit.do(clinic, run, c.Override("indicator", kit.because, kit.who(clinic, "Ben").person))
    place = f"a#{passed.steps['indicator'].entry}"
    shown = clinic.now()
    house.clock.advance(3)
    for by, code in (("Lea", "same-person"), ("Rita", "role")):
        refused = review(clinic, flagged(rule, place), "fine", shown, kit.who(clinic, by), "tui")
        assert isinstance(refused, Refusal)
        assert refused.code == code
    clinic.personnel.add("Cleo Cane", ["lead"], "six green bottles", kit.who(clinic, "Lea"), "tui")
    entry = review(clinic, flagged(rule, place), "the lamp is mended", shown, kit.who(clinic, "Cleo"), "tui")
    assert isinstance(entry, Entry)
    assert (entry.data["rule"], entry.data["dwell_ms"]) == (OVERRIDE, 3000)
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
    for named, code in (("a#5", "which"), ("a#7", "no-finding"), ("clone@a#9", "no-finding"), ("", "no-finding")):
        found = meant(waiting, named)
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
