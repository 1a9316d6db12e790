"""Correction: a closed step opens again, everything it said before is kept, and whoever vouched is asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.marks import Outcome, Status

if TYPE_CHECKING:
    from tests.run.conftest import Kit


def test_a_corrected_reading_keeps_what_it_was(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"), kit.a.confirm("end"))
    walk.give("heat", "135")
    done = walk.entries[-1]
    walk.do(c.Correct("heat", kit.mistake))
    assert walk.last("step.corrected") == {
        "of": {"station": "a", "index": done.index, "leaf": done.leaf},
        "was": "135",
        "reason": "mistake",
    }
    assert walk.at == "heat"
    assert walk.step("heat").value is None
    walk.give("heat", "136")
    own = walk.step("heat")
    assert [attempt.value for attempt in own.attempts] == ["135", "136"]
    assert own.value == "136"
    assert own.deviates
    assert walk.last("step.done")["attempts"] == 2
    assert walk.at == "end"


def test_words_scans_and_files_are_kept_too_when_they_are_corrected(kit: Kit) -> None:
    a = kit.a
    walk = kit.walk(a.text("note"), a.scan("cartridge"), a.attach("printout"), a.confirm("act"), a.confirm("end"))
    walk.give("note", "words-one")
    walk.give("cartridge", "lot=A1 expiry=2030-01")
    walk.give("printout", "ab" * 32)
    walk.do(c.Confirm("act"))
    expected = {
        "note": {"words": "words-one"},
        "cartridge": {"lot": "A1", "expiry": "2030-01-31"},
        "printout": "ab" * 32,
        "act": None,
    }
    for step, was in expected.items():
        walk.do(c.Correct(step, kit.mistake))
        assert walk.last("step.corrected")["was"] == was
    assert walk.at == "note"
    assert walk.step("note").words is None


def test_a_completed_run_is_opened_by_a_correction_and_completes_again(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"), kit.a.confirm("end"))
    walk.give("heat", "135")
    walk.do(c.Confirm("end"))
    walk.clock.advance(86_400)
    walk.do(c.Correct("heat", Reason("mistake", "w")))
    assert (walk.state.outcome, walk.state.ended, walk.at) == (Outcome.OPEN, None, "heat")
    walk.give("heat", "134")
    assert walk.last("run.completed") == {"outcome": "complete", "deviations": 1}


def test_who_was_not_needed_vouches_for_nothing(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"))
    walk.give("heat", "135")
    walk.do(c.Correct("heat", kit.mistake, kit.staff.anna.person))
    assert "witness" not in walk.last("step.corrected")


def test_somebody_else_who_corrects_a_closed_run_takes_it_over_first(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"))
    walk.give("heat", "135")
    new = walk.do(c.Correct("heat", kit.mistake), kit.staff.ben)
    assert [(e.kind, e.actor) for e in new] == [("run.handed-over", "u_ben"), ("step.corrected", "u_ben")]
    assert walk.state.holder == "u_ben"
    assert walk.refused(c.Give("heat", "136"), kit.staff.anna) == "handed-over"


def test_an_open_run_is_corrected_only_by_who_walks_it_and_a_closed_one_only_by_who_may(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"), kit.a.confirm("end"))
    walk.give("heat", "135")
    assert walk.refused(c.Correct("heat", kit.mistake), kit.staff.ben) == "handed-over"
    walk.do(c.Confirm("end"))
    assert walk.refused(c.Correct("heat", kit.mistake), kit.staff.otto) == "role"


def test_only_a_closed_step_is_corrected_and_only_with_a_reason(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"), kit.a.confirm("end"))
    assert walk.refused(c.Correct("heat", kit.mistake)) == "not-closed"
    assert walk.refused(c.Correct("end", kit.mistake)) == "not-closed"
    assert walk.refused(c.Correct("no-such", kit.mistake)) == "no-step"
    walk.give("heat", "135")
    assert walk.refused(c.Correct("heat", Reason("other"))) == "reason"
    walk.do(c.Correct("heat", kit.mistake))
    assert walk.refused(c.Correct("heat", kit.mistake)) == "not-closed"


def test_an_assigned_number_is_never_taken_back(kit: Kit) -> None:
    walk = kit.walk(kit.a.assign("number"), kit.a.confirm("end"))
    walk.do(c.Assign("number", {"load": "20261122-01"}))
    assert walk.refused(c.Correct("number", kit.mistake)) == "assigned"


def test_a_correction_reopens_the_second_reading_and_the_signature_after_it(kit: Kit) -> None:
    a, staff = kit.a, kit.staff
    walk = kit.walk(
        a.sign("plan"), a.measure("heat"), a.witness("second", "heat"), a.confirm("pack"), a.sign("release")
    )
    walk.do(c.Sign("plan", staff.anna.person, "released", "name"))
    walk.give("heat", "135")
    walk.do(c.Witness("second", staff.ben.person, "135"))
    walk.do(c.Confirm("pack"))
    walk.do(c.Sign("release", staff.rita.person, "released", "name"))
    assert walk.state.outcome is Outcome.COMPLETE
    walk.do(c.Correct("heat", kit.mistake))
    statuses = {step: walk.status(step) for step in walk.state.steps}
    assert statuses == {
        "plan": Status.DONE,
        "heat": Status.CURRENT,
        "second": Status.PENDING,
        "pack": Status.DONE,
        "release": Status.PENDING,
    }
    walk.give("heat", "134.5")
    assert walk.at == "second"
    assert walk.state.concealed == {"heat"}
    walk.do(c.Witness("second", staff.lea.person, "134.5"))
    assert walk.at == "release"
    walk.do(c.Sign("release", staff.rita.person, "quarantined", "name"))
    assert walk.last("run.completed") == {"outcome": "complete", "deviations": 1}
    assert walk.step("second").witness == "u_lea"


def test_a_failed_run_can_be_opened_at_its_failed_hold_only_with_everything_kept(kit: Kit) -> None:
    walk = kit.walk(kit.a.choice("strip", hold=True, on_fail={"stop": True}), kit.a.confirm("end"), by=kit.staff.lea)
    walk.give("strip", "not turned")
    assert walk.state.outcome is Outcome.FAILED
    walk.do(c.Correct("strip", kit.mistake, kit.staff.ben.person))
    assert walk.refused(c.Skip("strip", kit.because)) == "hold"
    walk.give("strip", "turned")
    own = walk.step("strip")
    assert [(attempt.value, attempt.verdict) for attempt in own.attempts] == [
        ("not turned", "fail"),
        ("turned", "pass"),
    ]
    assert own.deviates


def test_a_step_before_the_one_that_stopped_the_run_is_asked_again_and_the_run_stays_failed(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"), kit.a.confirm("check", hold=True), kit.a.confirm("end"))
    walk.give("heat", "135")
    walk.do(c.Fail("check", kit.because))
    walk.do(c.Correct("heat", kit.mistake))
    assert walk.at == "heat"
    walk.give("heat", "136")
    assert walk.last("run.completed") == {"outcome": "failed", "deviations": 2}
    assert walk.status("end") is Status.PENDING


def test_a_step_behind_the_one_that_stopped_the_run_waits_for_that_one(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("check", hold=True), kit.a.confirm("pack"), kit.a.confirm("end"), by=kit.staff.lea)
    for step in ("check", "pack", "end"):
        walk.do(c.Confirm(step))
    walk.do(c.Correct("check", kit.mistake))
    walk.do(c.Fail("check", kit.because))
    assert walk.state.outcome is Outcome.FAILED
    walk.do(c.Correct("pack", kit.mistake))
    assert walk.last("run.completed")["outcome"] == "failed"
    assert walk.at is None
    walk.do(c.Correct("check", kit.mistake, kit.staff.ben.person))
    walk.do(c.Confirm("check"))
    assert walk.at == "pack"


def test_a_corrected_answer_brings_in_the_step_that_it_had_ruled_out(kit: Kit) -> None:
    walk = kit.walk(kit.a.choice("implant"), kit.a.confirm("culture", when={"step": "implant", "is": "turned"}))
    walk.give("implant", "half turned")
    assert walk.state.outcome is Outcome.COMPLETE
    walk.do(c.Correct("implant", kit.mistake))
    walk.give("implant", "turned")
    assert walk.at == "culture"


def test_a_failed_step_that_no_longer_applies_still_counts_until_it_is_corrected_itself(kit: Kit) -> None:
    walk = kit.walk(
        kit.a.choice("implant"),
        kit.a.confirm("culture", hold=True, when={"step": "implant", "is": "turned"}),
        kit.a.confirm("end"),
        by=kit.staff.lea,
    )
    walk.give("implant", "turned")
    walk.do(c.Fail("culture", kit.because))
    walk.do(c.Correct("implant", kit.mistake))
    walk.give("implant", "half turned")
    assert walk.last("run.completed")["outcome"] == "failed"
    walk.do(c.Correct("culture", kit.mistake, kit.staff.ben.person))
    assert walk.at == "end"
    walk.do(c.Confirm("end"))
    assert walk.state.outcome is Outcome.COMPLETE


def test_the_step_that_was_failed_while_the_run_was_paused_is_opened_again_like_any_other(kit: Kit) -> None:
    walk = kit.walk(kit.a.timer("wet", at_most="10m", on_fail={"stop": True}), by=kit.staff.lea)
    walk.do(c.StartTimer("wet"))
    walk.do(c.Pause())
    walk.clock.advance(601)
    assert walk.tick() == ["step.attempted", "step.failed", "run.completed"]
    walk.do(c.Correct("wet", kit.mistake, kit.staff.ben.person))
    walk.do(c.StartTimer("wet"))


def test_what_stopped_the_run_is_opened_again_only_by_two_people_one_of_them_a_lead(kit: Kit) -> None:
    walk = kit.walk(kit.a.choice("strip", hold=True, on_fail={"stop": True}), kit.a.confirm("end"))
    walk.give("strip", "not turned")
    assert walk.refused(c.Correct("strip", kit.mistake)) == "no-second"
    assert walk.refused(c.Correct("strip", kit.mistake, kit.staff.anna.person)) == "same-person"
    assert walk.refused(c.Correct("strip", kit.mistake, kit.staff.ben.person)) == "role"
    assert walk.state.outcome is Outcome.FAILED
    walk.do(c.Correct("strip", kit.mistake, kit.staff.lea.person))
    assert walk.at == "strip"
    assert walk.last("step.corrected")["witness"] == "u_lea"


def test_a_failed_reading_is_not_ruled_out_by_correcting_what_its_condition_rests_on(kit: Kit) -> None:
    walk = kit.walk(
        kit.a.choice("implant"),
        kit.a.measure("culture", hold=True, when={"step": "implant", "is": "turned"}),
        kit.a.confirm("end"),
    )
    walk.give("implant", "turned")
    walk.give("culture", "20")
    walk.do(c.Correct("implant", kit.mistake))
    walk.give("implant", "half turned")
    assert walk.at == "culture"
    assert walk.refused(c.Skip("culture", kit.because)) == "hold"


def test_a_signature_given_before_a_deferred_step_was_done_is_asked_for_again(kit: Kit) -> None:
    walk = kit.walk(kit.a.choice("culture"), kit.a.sign("release"), by=kit.staff.lea)
    walk.do(c.Defer("culture", "2026-11-24", kit.because))
    walk.do(c.Sign("release", kit.staff.lea.person, "released", "name-commitment"))
    assert walk.state.outcome is Outcome.COMPLETE_EXCEPT_DEFERRED
    walk.do(c.Resume())
    walk.give("culture", "turned")
    assert walk.at == "release"


def test_a_failed_reading_is_not_skipped_behind_an_unexpected_one(kit: Kit) -> None:
    heat = kit.a.measure("heat", expected={"min": 134, "max": 137}, limit={"min": 130, "max": 138})
    walk = kit.walk(heat, kit.a.confirm("end"))
    walk.give("heat", "120")
    walk.remark("heat")
    walk.give("heat", "131")
    walk.remark("heat")
    assert walk.refused(c.Skip("heat", kit.because)) == "failed-reading"


def test_a_second_reading_that_was_seen_to_be_put_off_stays_blind_and_one_that_was_skipped_does_not(kit: Kit) -> None:
    steps = (kit.a.choice("strip"), kit.a.witness("second", "strip"), kit.a.confirm("end"))
    deferred = kit.walk(*steps)
    deferred.give("strip", "turned")
    deferred.do(c.Defer("second", "2026-11-24", kit.because))
    assert deferred.state.concealed == {"strip"}
    skipped = kit.walk(*steps)
    skipped.give("strip", "turned")
    skipped.do(c.Skip("second", kit.because))
    assert skipped.state.concealed == frozenset()
    skipped.do(c.Correct("second", kit.mistake))
    assert skipped.state.concealed == frozenset()
    skipped.do(c.Witness("second", kit.staff.ben.person, "turned"))
    assert skipped.last("witnessed")["blind"] is False
