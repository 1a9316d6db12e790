"""Nothing in anyone's name but by that person: what an auditor finds, by name, of signatures that were moved, of names
that were exchanged, and of those who were given an id that was somebody else's.

Most of these frauds need the station's key: a change without it is found by its hash as well.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.checking import verify_clinic, verify_ledger
from checklist.clinic.copies import backup, restore
from checklist.clinic.folder import Folder
from checklist.clinic.visits import clearing
from checklist.clinic.visits.clearing import Answer
from checklist.gate.facts import Asked
from checklist.ledger.entry import Draft
from checklist.people.commitment import name_opening
from checklist.people.operator import added, disabled, erased
from checklist.run import commands as c
from checklist.run.reading import Refusal
from checklist.run.timing import utc

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Entry, Json
    from checklist.ledger.report import Report
    from checklist.run.state import RunState
    from tests.clinic.conftest import House, Kit


def test_signatures_and_second_readings_where_they_were_given_are_clean(
    house: House, clinic: Clinic, kit: Kit, printout: Path
) -> None:
    """Also where other runs were walked between a reading and what was signed of it."""
    first, second = loads_before_signing(clinic, kit), loads_before_signing(clinic, kit)
    blind = kit.begin(clinic, "blind", "room=room-1")
    kit.do(clinic, blind, c.Give("indicator", "not turned"))
    kit.do(clinic, blind, c.Remark("indicator", "read again"))
    kit.do(clinic, blind, c.Give("indicator", "turned"))
    for run in (first, second):
        kit.do(clinic, run, c.Sign("release", kit.who(clinic, "Lea").person, "released", ""))
    kit.do(clinic, blind, c.Witness("second", kit.who(clinic, "Ben").person, "not turned"))
    kit.do(clinic, blind, c.Correct("indicator", kit.mistake))
    kit.do(clinic, blind, c.Give("indicator", "turned"))
    kit.do(clinic, blind, c.Witness("second", kit.who(clinic, "Rita").person, "turned"))
    kit.do(clinic, first, c.Correct("verdict", kit.mistake))
    kit.do(clinic, first, c.Give("verdict", "quarantined"))
    kit.do(clinic, first, c.Sign("release", kit.who(clinic, "Rita").person, "quarantined", ""))
    kit.walk_everything(house, clinic, printout)
    assert judged(house, clinic).findings == ()


@pytest.mark.parametrize("kind", ["signed", "witnessed"])
def test_a_clock_that_jumped_while_somebody_signed_is_no_tampering(
    house: House, clinic: Clinic, kit: Kit, kind: str
) -> None:
    """Wherever within the one append that happens: before the signature, and between it and what it led to."""
    begun, given = (
        (loads_before_signing, c.Sign("release", kit.who(clinic, "Lea").person, "released", ""))
        if kind == "signed"
        else (read_once, c.Witness("second", kit.who(clinic, "Ben").person, "turned"))
    )
    split = 0
    for looks in range(8):
        run, size = begun(clinic, kit), clinic.ledger.size
        house.clock.after = looks
        house.clock.hook = lambda: setattr(house.clock, "wall", house.clock.wall + timedelta(hours=1))
        kit.do(clinic, run, given)
        left = [entry.kind for entry in clinic.ledger.entries(size)]
        split += left[left.index(kind) + 1] == "clock.jumped"
        house.clock.hook = None
    assert split
    assert judged(house, clinic).findings == ()
    assert verify_ledger(house.folder.ledger).result == "clean"


@pytest.mark.parametrize("kind", ["signed", "witnessed"])
def test_a_signature_copied_under_another_run_is_found(house: House, clinic: Clinic, kit: Kit, kind: str) -> None:
    """With the entry that closed its step, so that nothing else looks odd."""
    state = kit.walk_load(clinic) if kind == "signed" else walk_blind(clinic, kit)
    other = loads_before_signing(clinic, kit) if kind == "signed" else read_once(clinic, kit)
    taken = entry_of(clinic, state.run, kind)
    forged = forge(clinic, copied(taken, other), copied(clinic.ledger.entry(taken.index + 1), other))
    report = judged(house, clinic)
    assert faults(report) == [("signature", forged.index)]
    assert "belongs to another run" in report.findings[0].why
    assert verify_ledger(house.folder.ledger).result == "tampered"


def test_a_signature_copied_to_a_later_place_in_its_own_run_is_found(house: House, clinic: Clinic, kit: Kit) -> None:
    """What was signed was corrected since; the old signature does not count for what stands there now."""
    run = kit.walk_load(clinic).run
    taken = entry_of(clinic, run, "signed")
    kit.do(clinic, run, c.Correct("verdict", kit.mistake))
    kit.do(clinic, run, c.Give("verdict", "quarantined"))
    forged = forge(clinic, copied(taken, run), copied(clinic.ledger.entry(taken.index + 1), run))
    assert faults(judged(house, clinic)) == [("signature", forged.index)]


def test_a_second_reading_of_what_was_corrected_since_is_found(house: House, clinic: Clinic, kit: Kit) -> None:
    run = walk_blind(clinic, kit).run
    taken = entry_of(clinic, run, "witnessed")
    kit.do(clinic, run, c.Correct("indicator", kit.mistake))
    kit.do(clinic, run, c.Give("indicator", "turned"))
    forged = forge(clinic, copied(taken, run), copied(clinic.ledger.entry(taken.index + 1), run))
    report = judged(house, clinic)
    assert faults(report) == [("signature", forged.index)]
    assert "was corrected before it" in report.findings[0].why


def test_a_signature_that_closes_no_step_is_found(house: House, clinic: Clinic, kit: Kit) -> None:
    run = loads_before_signing(clinic, kit)
    head = clinic.ledger.last()
    assert head is not None
    taken = entry_of(clinic, kit.walk_load(clinic, subject="equipment=S1").run, "signed")
    of: Json = {"station": "a", "index": head.index, "leaf": head.leaf}
    forged = forge(clinic, copied(taken, run, of=of))
    report = judged(house, clinic)
    assert faults(report) == [("signature", forged.index)]
    assert "stands alone" in report.findings[0].why


@pytest.mark.parametrize(
    "of",
    [
        None,
        "a#3",
        {"station": "a", "index": 3},
        {"station": "a", "index": "3", "leaf": "ab" * 32},
        {"station": "a", "index": True, "leaf": "ab" * 32},
        {"station": "a", "index": -1, "leaf": "ab" * 32},
        {"station": "a", "index": 10**9, "leaf": "ab" * 32},
        {"station": "b", "index": 3, "leaf": "ab" * 32},
        {"station": "a", "index": 3, "leaf": "ab" * 32},
        {"station": "a", "index": 3, "leaf": "ab"},
    ],
)
def test_a_signature_of_nothing_that_is_there_is_found(house: House, clinic: Clinic, kit: Kit, of: Json) -> None:
    taken = entry_of(clinic, kit.walk_load(clinic).run, "signed")
    run = loads_before_signing(clinic, kit)
    forged = forge(clinic, copied(taken, run, of=of), copied(clinic.ledger.entry(taken.index + 1), run))
    report = judged(house, clinic)
    assert report.result == "tampered"
    assert ("signature", forged.index) in {(finding.rule, finding.entry) for finding in report.findings}


@pytest.mark.parametrize("actor", ["Ben", None])
def test_a_signature_given_to_somebody_else_is_found(house: House, clinic: Clinic, kit: Kit, actor: str | None) -> None:
    """Everything in it fits but the name that it is committed to."""
    taken = entry_of(clinic, kit.walk_load(clinic).run, "signed")
    run = loads_before_signing(clinic, kit)
    head = clinic.ledger.last()
    assert head is not None
    of: Json = {"station": "a", "index": head.index, "leaf": head.leaf}
    operator = kit.who(clinic, actor).id if actor else None
    closed = clinic.ledger.entry(taken.index + 1)
    forged = forge(
        clinic, replace(copied(taken, run, of=of), actor=operator), replace(copied(closed, run), actor=operator)
    )
    assert faults(judged(house, clinic)) == [("signature", forged.index)]


def test_a_signature_under_a_made_up_name_is_found(house: House, clinic: Clinic, kit: Kit) -> None:
    taken = entry_of(clinic, kit.walk_load(clinic).run, "signed")
    run = loads_before_signing(clinic, kit)
    head = clinic.ledger.last()
    assert head is not None
    opening = name_opening(kit.who(clinic, "Lea").id, "Eve Elm")
    clinic.people.keep([opening], at=utc(clinic.now()))
    of: Json = {"station": "a", "index": head.index, "leaf": head.leaf}
    closed = copied(clinic.ledger.entry(taken.index + 1), run)
    forged = forge(clinic, copied(taken, run, of=of, name=opening.commitment), closed)
    report = judged(house, clinic)
    assert faults(report) == [("signature", forged.index)]
    assert "another name" in report.findings[0].why


def test_a_signature_copied_with_the_place_in_it_put_right_is_found(house: House, clinic: Clinic, kit: Kit) -> None:
    taken = entry_of(clinic, kit.walk_load(clinic).run, "signed")
    run = loads_before_signing(clinic, kit)
    head = clinic.ledger.last()
    assert head is not None
    of: Json = {"station": "a", "index": head.index, "leaf": head.leaf}
    forged = forge(clinic, copied(taken, run, of=of), copied(clinic.ledger.entry(taken.index + 1), run))
    report = judged(house, clinic)
    assert faults(report) == [("signature", forged.index)]
    assert f"a copy of that in entry {taken.index}" in report.findings[0].why


def test_a_run_that_nobody_signed_in_for_is_not_given_to_somebody_who_did_not_say_so(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    """An attribution is bound to a name like a signature: it cannot be copied, nor given to somebody else."""
    lea, ben = kit.who(clinic, "Lea").id, kit.who(clinic, "Ben").id
    first, second = kit.walk_short(clinic).run, kit.walk_short(clinic).run
    opening = name_opening(lea, "Lea Linden")
    clinic.people.keep([opening], at=utc(clinic.now()))
    data: dict[str, Json] = {"operator": lea, "factors": ["secret"], "name": opening.commitment}
    said = forge(clinic, Draft("run.attributed", data, lea, "tui", first))
    assert judged(house, clinic).findings == ()
    again = forge(clinic, Draft("run.attributed", dict(said.data), lea, "tui", second))
    assert faults(judged(house, clinic)) == [("signature", again.index)]
    bens = forge(clinic, Draft("run.attributed", {**data, "operator": ben}, ben, "tui", second))
    assert faults(judged(house, clinic)) == [("signature", bens.index), ("signature", again.index)]


def test_a_signature_under_a_name_that_was_never_kept_is_found(house: House, clinic: Clinic, kit: Kit) -> None:
    """Nor does it help to say of another person's erasure that it took the name with it."""
    taken = entry_of(clinic, kit.walk_load(clinic).run, "signed")
    run = loads_before_signing(clinic, kit)
    head = clinic.ledger.last()
    assert head is not None
    of: Json = {"station": "a", "index": head.index, "leaf": head.leaf}
    closed = copied(clinic.ledger.entry(taken.index + 1), run)
    forged = forge(clinic, copied(taken, run, of=of, name="ab" * 32), closed)
    report = judged(house, clinic)
    assert ("signature", forged.index) in faults(report)
    assert "not in people.db" in report.findings[0].why
    forge(clinic, *erased(kit.who(clinic, "Otto").id, ["ab" * 32], actor=None, via="tui"))
    assert ("signature", forged.index) in faults(judged(house, clinic))


@pytest.mark.parametrize(
    ("second", "why"),
    [("Lea", "the same as the first"), (None, "is nobody"), ("u_0123456789", "is nobody"), ("Ben", "was disabled")],
)
def test_a_second_reading_by_whoever_cannot_have_read_is_found(
    house: House, clinic: Clinic, kit: Kit, second: str | None, why: str
) -> None:
    """By the one who set the value, by nobody, by an id that is nobody's, by somebody who had left."""
    run = read_once(clinic, kit)
    taken = entry_of(clinic, walk_blind(clinic, kit).run, "witnessed")
    clinic.record(disabled(kit.who(clinic, "Ben").id, actor=None, via="tui"))
    read = entry_of(clinic, run, "step.done")
    by = kit.who(clinic, second).id if second in ("Lea", "Ben") else second
    of: Json = {"station": "a", "index": read.index, "leaf": read.leaf}
    closed = copied(clinic.ledger.entry(taken.index + 1), run, witness=by)
    forged = forge(clinic, replace(copied(taken, run, of=of), actor=by), closed)
    report = judged(house, clinic)
    assert ("signature", forged.index) in faults(report)
    assert why in report.findings[0].why
    assert verify_ledger(house.folder.ledger).result == "tampered"


def test_a_gate_passed_by_one_person_alone_is_found(house: House, clinic: Clinic, kit: Kit) -> None:
    asked = clearing.asked_of(clinic, "microneedling", "room-1", None)
    assert isinstance(asked, Asked)
    found, lea = clinic.library.procedure(clinic.ledger, "microneedling"), kit.who(clinic, "Lea")
    passed = clearing.override(clinic, found, asked, kit.because, lea, kit.who(clinic, "Ben").person, "tui")
    assert isinstance(passed, Answer)
    assert judged(house, clinic).findings == ()
    taken = clinic.ledger.entries_of_kind("clearance.overridden")[-1]
    forged = forge(clinic, Draft(taken.kind, {**taken.data, "witness": lea.id}, lea.id, "tui"))
    assert ("signature", forged.index) in faults(judged(house, clinic))


@pytest.fixture
def passed(clinic: Clinic, kit: Kit) -> Entry:
    """A gate that Lea, who is a lead, has passed with Ben."""
    asked = clearing.asked_of(clinic, "microneedling", "room-1", None)
    assert isinstance(asked, Asked)
    found, lea = clinic.library.procedure(clinic.ledger, "microneedling"), kit.who(clinic, "Lea")
    done = clearing.override(clinic, found, asked, kit.because, lea, kit.who(clinic, "Ben").person, "tui")
    assert isinstance(done, Answer)
    return clinic.ledger.entries_of_kind("clearance.overridden")[-1]


def test_what_two_have_passed_of_whom_neither_is_a_lead_is_found(
    house: House, clinic: Clinic, kit: Kit, passed: Entry
) -> None:
    ben, rita = kit.who(clinic, "Ben").id, kit.who(clinic, "Rita").id
    run = kit.begin(clinic, "short")
    gate = forge(clinic, Draft(passed.kind, {**passed.data, "witness": rita}, ben, "tui"))
    data: dict[str, Json] = {"reason": "other", "witness": rita, "ms": 5}
    step = forge(clinic, Draft("step.overridden", data, ben, "tui", run, "wash"))
    again = forge(clinic, Draft("step.corrected", data, ben, "tui", run, "wash"))
    report = judged(house, clinic)
    assert faults(report) == [("signature", one.index) for one in (step, again, gate)]
    assert {one.why for one in report.findings} == {"of the two who passed this neither was a lead"}


def test_what_was_passed_by_a_lead_counts_though_they_are_none_any_more(
    house: House, clinic: Clinic, kit: Kit, passed: Entry
) -> None:
    lea, rita = kit.who(clinic, "Lea"), kit.who(clinic, "Rita")
    clinic.personnel.set_roles(rita.id, ["staff", "lead"], lea, "tui")
    assert not isinstance(
        clearing.review(clinic, passed.place, "It went well.", kit.who(clinic, "Rita"), "tui"), Refusal
    )
    clinic.personnel.set_roles(lea.id, ["staff"], kit.who(clinic, "Rita"), "tui")
    assert judged(house, clinic).findings == ()


@pytest.mark.parametrize(("by", "why"), [("Rita", "by somebody who was no lead"), ("Lea", "by one of the two")])
def test_a_review_by_whoever_may_not_is_found(
    house: House, clinic: Clinic, kit: Kit, passed: Entry, by: str, why: str
) -> None:
    of: Json = {"station": passed.station, "index": passed.index, "leaf": passed.leaf}
    forged = forge(clinic, Draft("reviewed", {"rule": "override", "of": of}, kit.who(clinic, by).id, "tui"))
    report = judged(house, clinic)
    assert faults(report) == [("signature", forged.index)]
    assert why in report.findings[0].why


def test_a_second_reading_of_their_own_timer_is_found(house: House, clinic: Clinic, kit: Kit) -> None:
    """It ended by itself: who started it is the first person."""
    steps = """\
[[steps]]
id = "soak"
kind = "timer"
do = "Let it soak."
at_least = "3m"
[[steps]]
id = "second"
kind = "witness"
of = "soak"
do = "A second person looks."
"""
    house.add_protocol("soaking", kit.protocol_text("soaking", "clinic", "", steps), clinic, kit.who(clinic, "Lea"))
    run = kit.begin(clinic, "soaking")
    kit.do(clinic, run, c.StartTimer("soak"))
    house.clock.advance(200)
    kit.do(clinic, run, c.Tick(), by=None)
    done = entry_of(clinic, run, "step.done")
    assert done.actor is None
    lea = kit.who(clinic, "Lea").id
    of: Json = {"station": "a", "index": done.index, "leaf": done.leaf}
    data: dict[str, Json] = {"of": of, "agrees": True, "blind": True, "factors": ["secret"]}
    closed = Draft("step.done", {"witness": lea, "attempts": 1, "ms": 5}, lea, "tui", run, "second")
    forged = forge(clinic, Draft("witnessed", data, lea, "tui", run, "second"), closed)
    assert faults(judged(house, clinic)) == [("signature", forged.index)]


@pytest.mark.parametrize("second", ["Lea", None, "u_0123456789", "Ben"])
def test_a_hold_that_nobody_else_vouched_for_is_found(
    house: House, clinic: Clinic, kit: Kit, second: str | None
) -> None:
    run = kit.begin(clinic, "short")
    clinic.record(disabled(kit.who(clinic, "Ben").id, actor=None, via="tui"))
    by = kit.who(clinic, second).id if second in ("Lea", "Ben") else second
    data: dict[str, Json] = {"reason": "other", "witness": by, "ms": 5}
    lea = kit.who(clinic, "Lea").id
    forged = forge(clinic, Draft("step.overridden", data, lea, "tui", run, "wash"))
    again = forge(clinic, Draft("step.corrected", data, lea, "tui", run, "wash"))
    assert faults(judged(house, clinic)) == [("signature", forged.index), ("signature", again.index)]


def test_an_id_that_was_given_twice_is_found(house: House, clinic: Clinic, kit: Kit) -> None:
    kit.walk_load(clinic)
    lea = kit.who(clinic, "Lea").id
    opening = name_opening(lea, "Eve Elm")
    clinic.people.keep([opening], at=utc(clinic.now()))
    clinic.record(added(lea, ["lead"], opening.commitment, actor=None, via="tui"))
    again = clinic.ledger.last()
    assert again is not None
    assert faults(judged(house, clinic)) == [("name", again.index)]


# -- texts that were brought into force ---------------------------------------------------------------------


def test_a_text_adopted_and_signed_is_clean(house: House, clinic: Clinic, kit: Kit) -> None:
    """Also where the clock jumped between the two, and where others worked before and after."""
    kit.walk_load(clinic)
    adopt_again(house, clinic, kit)
    house.clock.after = 2
    house.clock.hook = lambda: setattr(house.clock, "wall", house.clock.wall + timedelta(hours=1))
    signed = adopt_again(house, clinic, kit, "1.2.0")
    kit.walk_load(clinic)
    assert clinic.ledger.entry(signed.index - 1).kind == "clock.jumped"
    assert judged(house, clinic).findings == ()


def test_a_text_that_nobody_signed_for_is_found(house: House, clinic: Clinic, kit: Kit) -> None:
    adopted = clinic.ledger.entry(adopt_again(house, clinic, kit).index - 1)
    forged = forge(clinic, Draft(adopted.kind, adopted.data, adopted.actor, "tui"))
    assert faults(judged(house, clinic)) == [("signature", forged.index)]
    assert verify_ledger(house.folder.ledger).result == "tampered"


@pytest.mark.parametrize("name", ["short", "never-seen"])
def test_a_text_that_nobody_brought_into_force_is_found(house: House, clinic: Clinic, kit: Kit, name: str) -> None:
    """Nobody's adoptions are those that the ledger began with, and no later ones."""
    adopted = clinic.ledger.entry(adopt_again(house, clinic, kit).index - 1)
    was = adopted.data["sha256"] if name == "short" else None
    forged = forge(clinic, Draft(adopted.kind, {**adopted.data, "id": name, "was": was}, None, "system"))
    assert faults(judged(house, clinic)) == [("signature", forged.index)]


def test_a_text_nobody_brought_into_force_is_found_after_a_restore_too(
    clinic: Clinic, kit: Kit, tmp_path: Path
) -> None:
    """What the new ledger began with stands; what is put behind it does not, were it the very next entry but one."""
    copied_to = backup(clinic, tmp_path / "copy", kit.who(clinic, "Lea"), "tui")
    assert not isinstance(copied_to, Refusal)
    restored = kit.new_house(restore(tmp_path / "copy", Folder(tmp_path / "again"), "line").folder)
    with restored.stack:
        anew = restored.open()
        assert judged(restored, anew).findings == ()
        (adopted,) = [each for each in anew.ledger.entries_of_kind("protocol.adopted") if each.data["id"] == "short"]
        kit.begin(anew, "short")
        forged = forge(anew, Draft(adopted.kind, {**adopted.data, "was": adopted.data["sha256"]}, None, "system"))
        assert faults(judged(restored, anew)) == [("signature", forged.index)]


def test_a_text_that_says_it_replaced_another_than_it_did_is_found(house: House, clinic: Clinic, kit: Kit) -> None:
    signed = adopt_again(house, clinic, kit)
    adopted = clinic.ledger.entry(signed.index - 1)
    opening = name_opening(kit.who(clinic, "Lea").id, "Lea Linden")
    clinic.people.keep([opening], at=utc(clinic.now()))
    again = Draft("signed", {**signed.data, "name": opening.commitment}, signed.actor, "tui", of_last=True)
    forged = forge(clinic, Draft(adopted.kind, adopted.data, adopted.actor, "tui"), again)
    report = judged(house, clinic)
    assert faults(report) == [("signature", forged.index)]
    assert "in the place of another" in report.findings[0].why


def test_an_approval_copied_under_another_text_is_found(house: House, clinic: Clinic, kit: Kit) -> None:
    """As it is, and with the entry in it put right: the name in it was given for the first text only."""
    signed = adopt_again(house, clinic, kit)
    adopted = clinic.ledger.entry(signed.index - 1)
    text = adopted.data["sha256"]
    other = Draft(adopted.kind, {**adopted.data, "sha256": "ab" * 32, "was": text}, adopted.actor, "tui")
    again = Draft("signed", signed.data, signed.actor, "tui")
    forged = forge(clinic, other, again)
    found = faults(judged(house, clinic))
    assert {("signature", forged.index), ("signature", forged.index + 1)} <= set(found)
    other = replace(other, data={**other.data, "was": "ab" * 32})
    forged = forge(clinic, other, replace(again, of_last=True))
    found = faults(judged(house, clinic))
    assert [each for each in found if (each[1] or 0) >= forged.index] == [
        ("signature", forged.index + 1),
        ("protocol-text", forged.index),
    ]


def test_an_approval_moved_further_on_is_found(house: House, clinic: Clinic, kit: Kit) -> None:
    signed = adopt_again(house, clinic, kit)
    adopted = clinic.ledger.entry(signed.index - 1)
    opening = name_opening(kit.who(clinic, "Lea").id, "Lea Linden")
    clinic.people.keep([opening], at=utc(clinic.now()))
    first = forge(clinic, Draft(adopted.kind, adopted.data, adopted.actor, "tui"))
    kit.walk_short(clinic)
    of: Json = {"station": "a", "index": first.index, "leaf": first.leaf}
    late = forge(clinic, Draft("signed", {**signed.data, "of": of, "name": opening.commitment}, signed.actor, "tui"))
    report = judged(house, clinic)
    assert faults(report) == [("signature", late.index), ("signature", first.index)]
    assert "right after it" in report.findings[0].why


@pytest.mark.parametrize(("by", "signer"), [("Ben", "Ben"), ("Lea", "Rita"), ("Ben", "Lea")])
def test_an_approval_by_no_lead_or_for_somebody_else_is_found(
    house: House, clinic: Clinic, kit: Kit, by: str, signer: str
) -> None:
    adopted = clinic.ledger.entry(adopt_again(house, clinic, kit).index - 1)
    who = kit.who(clinic, signer)
    opening = name_opening(who.id, who.name)
    clinic.people.keep([opening], at=utc(clinic.now()))
    data: dict[str, Json] = {"meaning": "approved", "factors": ["secret"], "name": opening.commitment}
    forge(
        clinic,
        Draft(adopted.kind, adopted.data, kit.who(clinic, by).id, "tui"),
        Draft("signed", data, who.id, "tui", of_last=True),
    )
    assert {rule for rule, _ in faults(judged(house, clinic))} == {"signature"}


def test_a_text_exchanged_in_the_file_under_its_approval_is_found_by_name(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    signed = adopt_again(house, clinic, kit)
    clinic.close()
    with closing(sqlite3.connect(house.folder.ledger)) as db, db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute(
            """UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), '"version":"1.1.0"', '"version":"1.1.1"')
               AS BLOB) WHERE idx = ?""",
            (signed.index - 1,),
        )
    report = verify_clinic(house.folder)
    assert report.result == "tampered"
    assert ("signature", signed.index) in {(finding.rule, finding.entry) for finding in report.findings}


# -- by whoever may write the files, and has no key --------------------------------------------------------


def test_a_signature_moved_to_another_run_in_the_file_is_found_by_name(house: House, clinic: Clinic, kit: Kit) -> None:
    signed = entry_of(clinic, kit.walk_load(clinic).run, "signed")
    other = loads_before_signing(clinic, kit)
    clinic.close()
    with closing(sqlite3.connect(house.folder.ledger)) as db, db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        leaf = signed.to_leaf().replace(f'"run":"{signed.run}"'.encode(), f'"run":"{other}"'.encode())
        db.execute("UPDATE entry SET leaf = ? WHERE idx = ?", (leaf, signed.index))
    report = verify_clinic(house.folder)
    assert report.result == "tampered"
    assert report.first_bad is not None
    assert report.first_bad.index == signed.index
    assert ("signature", signed.index) in {(finding.rule, finding.entry) for finding in report.findings}


def test_what_was_signed_and_then_changed_in_the_file_is_found_by_name(house: House, clinic: Clinic, kit: Kit) -> None:
    signed = entry_of(clinic, kit.walk_load(clinic).run, "signed")
    clinic.close()
    with closing(sqlite3.connect(house.folder.ledger)) as db, db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute(
            """UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), '"value":"released"', '"value":"quarantin"')
               AS BLOB) WHERE idx = ?""",
            (signed.index - 1,),
        )
    report = verify_clinic(house.folder)
    assert report.result == "tampered"
    assert ("signature", signed.index) in {(finding.rule, finding.entry) for finding in report.findings}


def test_what_was_signed_and_then_taken_out_of_the_file_is_found_by_name(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    signed = entry_of(clinic, kit.walk_load(clinic).run, "signed")
    clinic.close()
    with closing(sqlite3.connect(house.folder.ledger)) as db, db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute("DELETE FROM entry WHERE idx = ?", (signed.index - 1,))
    report = verify_clinic(house.folder)
    assert report.result == "tampered"
    assert ("signature", signed.index) in {(finding.rule, finding.entry) for finding in report.findings}


@pytest.mark.parametrize("columns", ["fields", "salt", "fields, salt"])
def test_openings_of_names_that_were_exchanged_are_found(house: House, clinic: Clinic, kit: Kit, columns: str) -> None:
    kit.walk_load(clinic)
    clinic.close()
    with closing(sqlite3.connect(house.folder.people, isolation_level=None)) as db:
        rows = db.execute("SELECT rowid, fields, salt FROM opening WHERE kind = 'name' ORDER BY fields").fetchall()
        lea, ben = next(row for row in rows if "Lea" in row[1]), next(row for row in rows if "Ben" in row[1])
        for row, other in ((lea, ben), (ben, lea)):
            values = {"fields": other[1], "salt": other[2]}
            for column in columns.split(", "):
                db.execute(f"UPDATE opening SET {column} = ? WHERE rowid = ?", (values[column], row[0]))  # noqa: S608
    report = verify_clinic(house.folder)
    assert {rule for rule, _ in faults(report)} == {"altered-opening", "name"}
    assert [finding.rule for finding in report.findings].count("altered-opening") == 2


@pytest.mark.parametrize("openings", ["deleted", "altered"])
def test_names_that_were_exchanged_without_their_openings_are_found(
    house: House, clinic: Clinic, kit: Kit, openings: str
) -> None:
    """Nobody can tell any more what they were called, and that is just what somebody wanted."""
    lea, ben = kit.who(clinic, "Lea").id, kit.who(clinic, "Ben").id
    clinic.close()
    with closing(sqlite3.connect(house.folder.people)) as db, db:
        if openings == "deleted":
            db.execute("DELETE FROM opening WHERE kind = 'name'")
        else:
            db.execute("UPDATE opening SET salt = zeroblob(32) WHERE kind = 'name'")
        rows = dict(db.execute("SELECT id, name FROM person WHERE id IN (?, ?)", (lea, ben)).fetchall())
        db.execute("UPDATE person SET name = 'x', key = 'x' WHERE id = ?", (lea,))
        for one, other in ((ben, lea), (lea, ben)):
            row = (rows[other], rows[other].casefold(), one)
            db.execute("UPDATE person SET name = ?, key = ? WHERE id = ?", row)
    report = verify_clinic(house.folder)
    assert ("name", None) in faults(report)


def test_the_opening_of_a_signature_that_is_gone_is_found(house: House, clinic: Clinic, kit: Kit) -> None:
    signed = entry_of(clinic, kit.walk_load(clinic).run, "signed")
    clinic.close()
    with closing(sqlite3.connect(house.folder.people)) as db, db:
        db.execute("DELETE FROM opening WHERE commitment = ?", (signed.data["name"],))
    assert faults(verify_clinic(house.folder)) == [("signature", signed.index), ("opening", signed.index)]


def test_only_signatures_since_the_last_verification_are_looked_for_again(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    state = kit.walk_load(clinic)
    taken, other = entry_of(clinic, state.run, "signed"), loads_before_signing(clinic, kit)
    clinic.record(Draft("verified", {"size": clinic.ledger.size, "result": "clean"}, None, "system"))
    forged = forge(clinic, copied(taken, other), copied(clinic.ledger.entry(taken.index + 1), other))
    clinic.ledger.mark()
    report = verify_clinic(house.folder, since_last=True)
    assert report.result == "tampered"
    assert {(finding.rule, finding.entry) for finding in report.findings} == {("signature", forged.index)}


# -- help -----------------------------------------------------------------------------------------------------


def entry_of(clinic: Clinic, run: str, kind: str) -> Entry:
    """The newest entry of a kind in a run."""
    return [entry for entry in clinic.run_entries(run) if entry.kind == kind][-1]


def adopt_again(house: House, clinic: Clinic, kit: Kit, version: str = "1.1.0") -> Entry:
    """A newer version of a protocol adopted by the lead: the signature under it."""
    text = kit.protocol_text("short", "clinic", "", kit.short).replace("1.0.0", version)
    house.add_protocol("short", text, clinic, kit.who(clinic, "Lea"))
    signed = clinic.ledger.entries_of_kind("signed")[-1]
    assert signed.run is None
    return signed


def copied(entry: Entry, run: str, **changes: Json) -> Draft:
    return Draft(entry.kind, {**entry.data, **changes}, entry.actor, entry.via, run, entry.step)


def forge(clinic: Clinic, *drafts: Draft) -> Entry:
    """Record entries as only somebody with the station's key can; the first of them."""
    return clinic.ledger.append(lambda _: drafts)[0]


def judged(house: House, clinic: Clinic) -> Report:
    clinic.ledger.mark()
    return verify_clinic(house.folder)


def faults(report: Report) -> list[tuple[str, int | None]]:
    """What is wrong with a record that must be called tampered, though every hash in it is right."""
    assert (report.result, report.views, report.first_bad) == ("tampered", "same", None)
    assert all(finding.why.isprintable() for finding in report.findings)
    return list(dict.fromkeys((finding.rule, finding.entry) for finding in report.findings))


def loads_before_signing(clinic: Clinic, kit: Kit) -> str:
    """A load that waits for its release."""
    run = kit.begin(clinic, "load", "equipment=S1")
    kit.do(clinic, run, c.Assign("number", {}))
    kit.do(clinic, run, c.Give("verdict", "released"))
    return run


def read_once(clinic: Clinic, kit: Kit) -> str:
    """An indicator that waits for its second reader."""
    run = kit.begin(clinic, "blind", "room=room-1")
    kit.do(clinic, run, c.Give("indicator", "turned"))
    return run


def walk_blind(clinic: Clinic, kit: Kit) -> RunState:
    return kit.do(clinic, read_once(clinic, kit), c.Witness("second", kit.who(clinic, "Ben").person, "turned"))
