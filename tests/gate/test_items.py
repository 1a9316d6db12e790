"""What a visit uses up must be usable, and meant for this patient."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from checklist.gate.facts import Damaged, Item
from tests.support.gating import LOAD, NOW, OTHER, SESSION, Gate, shipped_procedure


@pytest.mark.parametrize(
    ("state", "met", "why"),
    [
        ("released", True, "Load S1-20261122-01 is released."),
        ("recalled", False, "Load S1-20261122-01 is recalled."),
        ("quarantined", False, "Load S1-20261122-01 is quarantined."),
        ("expired", False, "Load S1-20261122-01 has expired."),
        ("running", False, "Load S1-20261122-01 is not released."),
        ("awaiting", False, "Load S1-20261122-01 is not released."),
        ("", False, "Load S1-20261122-01 is not released."),
        ("unknown", None, "Whether Load S1-20261122-01 may be used is not on record."),
    ],
)
def test_only_a_released_load_may_be_used(gate: Gate, state: str, met: object, why: str) -> None:
    judged = gate.changed_item("load", state=state).judged("instruments")
    assert (judged.met, judged.why, judged.evidence) == (met, why, ("a#52",))


@pytest.mark.parametrize("state", ["recalled", "quarantined", "expired"])
def test_a_lot_needs_no_release_but_nothing_against_it(gate: Gate, state: str) -> None:
    assert gate.judged("cartridge").met is True
    assert gate.changed_item("lot", state=state).decision == "NO-GO"


def test_the_last_day_still_counts(gate: Gate) -> None:
    assert gate.changed_item("lot", expiry=date(2026, 11, 22)).decision == "GO"
    expired = gate.changed_item("lot", expiry=date(2026, 11, 21)).judged("cartridge")
    assert expired.why == "Lot C77 expired on 21 Nov."
    assert expired.fix == "Put it aside, take another, and correct the scan."


def test_a_load_expires_at_a_moment(gate: Gate) -> None:
    assert gate.changed_item("load", until=NOW + timedelta(microseconds=1)).decision == "GO"
    expired = gate.changed_item("load", until=NOW).judged("instruments")
    assert (expired.met, expired.why) == (False, f"Load {LOAD} expired at 12:00.")
    before = gate.changed_item("load", until=NOW - timedelta(days=1)).judged("instruments")
    assert before.why == f"Load {LOAD} expired on 21 Nov at 12:00."


def test_one_bad_thing_among_good_ones_is_enough(gate: Gate) -> None:
    lots = (Item("lot", "A1", "a#1"), Item("lot", "B2", "a#2", "recalled"), Item("lot", "C3", "a#3", "unknown"))
    judged = gate.telling(items={**gate.facts.items, "lot": lots}).judged("cartridge")
    assert (judged.met, judged.why, judged.evidence) == (False, "Lot B2 is recalled.", ("a#1", "a#2", "a#3"))


def test_what_is_one_thing_serves_one_visit_and_what_is_many_serves_several(gate: Gate) -> None:
    twice = gate.changed_item("serial", elsewhere=(SESSION, OTHER))
    assert twice.judged("single-use").why == "Serial N-9 was already used in another visit."
    assert gate.changed_item("serial", elsewhere=(SESSION,)).decision == "GO"
    assert gate.changed_item("lot", elsewhere=(OTHER,)).decision == "GO"
    assert gate.changed_item("load", elsewhere=(OTHER,)).decision == "GO"


def test_a_pack_is_opened_for_one_patient(gate: Gate) -> None:
    surgery = Gate(procedure=shipped_procedure("minor-surgery").procedure)
    packs = (Item("pack", "P-1", "a#1", elsewhere=(OTHER,)),)
    assert surgery.telling(items={**gate.facts.items, "pack": packs}).judged("single-packs").met is False


def test_another_patients_blood_is_never_used(gate: Gate) -> None:
    plasma = Gate(procedure=shipped_procedure("prp-microneedling").procedure)
    own, foreign = (Item("batch", "prp-1", "a#1", belongs=one) for one in (SESSION, OTHER))
    assert plasma.telling(items={**gate.facts.items, "batch": (own,)}).judged("blood").met is True
    judged = plasma.telling(items={**gate.facts.items, "batch": (foreign,)}).judged("blood")
    assert judged.why == "Batch prp-1 was made for another patient's visit."


def test_none_at_all_is_no_answer_unless_there_may_be_none(gate: Gate) -> None:
    bare = gate.telling(items={"load": (), "lot": (), "serial": ()})
    assert bare.judged("cartridge").why == "No lot has been scanned for this visit."
    assert bare.judged("instruments").met is True
    said = "No serial number of anything that is used up is scanned in this visit; scan it where there is one."
    assert bare.judged("single-use").why == said
    assert bare.judged("steriliser-test").met is True
    assert bare.decision == "NO-GO"


@pytest.mark.parametrize("items", [{}, {"lot": Damaged("The table cannot be read.")}])
def test_what_cannot_be_looked_up_is_unknown(gate: Gate, items: dict[str, Damaged]) -> None:
    lost = gate.telling(items=items)
    assert lost.judged("cartridge").met is None
    assert lost.decision == "UNKNOWN"


def test_what_was_used_behind_an_override_waits_for_its_review(gate: Gate) -> None:
    judged = gate.changed_item("lot", passed=True).judged("cartridge")
    assert judged.why == "Lot C77 was used behind an override that nobody has reviewed."
    assert (judged.met, judged.fix) == (False, "A lead reviews the override.")
