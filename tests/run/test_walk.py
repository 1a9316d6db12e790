"""The life of a run: who may walk it, in which order, how it is interrupted, and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.ledger.entry import Draft
from checklist.run import commands as c
from checklist.run.events import Author, Reason
from checklist.run.marks import Outcome, Status
from checklist.run.reading import Refusal
from checklist.run.walk import expired, may_walk, start

if TYPE_CHECKING:
    from tests.run.conftest import Kit


# -- starting ----------------------------------------------------------------------------------------------


def test_a_run_begins_with_the_exact_protocol_it_walks(kit: Kit) -> None:
    protocol = kit.protocol(kit.a.confirm("wash"))
    profile = {"id": "de", "sha256": "cd" * 32}
    draft = start(protocol, "ab" * 32, "session=s-1", "s-1", kit.staff.anna.author, kit.clock().now(), {**profile})
    assert draft == Draft(
        "run.started",
        {
            "protocol": {"id": "steriliser-load", "version": "1.0.0", "sha256": "ab" * 32},
            "subject": "session=s-1",
            "session": "s-1",
            "profile": {"id": "de", "sha256": "cd" * 32},
        },
        "u_anna",
        "tui",
    )


def test_a_protocol_for_one_role_is_refused_to_others(kit: Kit) -> None:
    protocol = kit.protocol(kit.a.confirm("wash"), roles=["reprocessing", "release"])
    refusal = may_walk(protocol, kit.staff.anna.author, kit.clock().now())
    assert refusal
    assert refusal.code == "role"
    assert "reprocessing or release" in refusal.message
    assert may_walk(protocol, kit.staff.rita.author, kit.clock().now()) is None
    assert isinstance(start(protocol, "ab" * 32, "clinic", None, kit.staff.anna.author, kit.clock().now()), Refusal)


@pytest.mark.parametrize("roles", [frozenset[str](), frozenset({"auditor"})])
def test_auditors_and_people_without_any_role_walk_nothing(kit: Kit, roles: frozenset[str]) -> None:
    refusal = may_walk(kit.protocol(kit.a.confirm("wash")), Author("u_x", roles, "line"), kit.clock().now())
    assert refusal
    assert refusal.code == "role"


def test_an_auditor_with_another_role_walks_by_that_role(kit: Kit) -> None:
    both = Author("u_x", frozenset({"auditor", "staff"}), "line")
    assert may_walk(kit.protocol(kit.a.confirm("wash")), both, kit.clock().now()) is None


def test_a_protocol_that_still_names_a_value_of_the_profile_is_not_started(kit: Kit) -> None:
    protocol = kit.protocol(kit.a.timer("rest", at_least={"profile": "rest-time"}))
    refusal = start(protocol, "ab" * 32, "clinic", None, kit.staff.anna.author, kit.clock().now())
    assert isinstance(refusal, Refusal)
    assert refusal.code == "profile"
    assert "rest-time" in refusal.message


# -- order and stale commands ------------------------------------------------------------------------------


def test_steps_are_done_in_their_order_and_the_last_one_completes_the_run(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("wash"), kit.a.confirm("rinse"), kit.a.confirm("dry"))
    for step in ("wash", "rinse", "dry"):
        assert walk.at == step
        walk.do(c.Confirm(step))
    assert walk.kinds == ["run.started", "step.done", "step.done", "step.done", "run.completed"]
    assert walk.last("run.completed") == {"outcome": "complete", "deviations": 0}
    assert walk.state.outcome is Outcome.COMPLETE
    assert walk.at is None


def test_a_command_for_a_step_that_is_no_longer_current_does_nothing(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("wash"), kit.a.confirm("rinse"), kit.a.confirm("dry"))
    walk.do(c.Confirm("wash"))
    for step in ("wash", "dry", "no-such-step", "", "rinse\x1b[31m"):
        assert walk.refused(c.Confirm(step)) == "not-current"
        assert walk.refused(c.Skip(step, kit.because)) == "not-current"
    assert walk.at == "rinse"


def test_a_held_key_confirms_once(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("wash"), kit.a.confirm("rinse"))
    walk.do(c.Confirm("wash"))
    for _ in range(5):
        assert walk.refused(c.Confirm("wash")) == "not-current"
    assert walk.kinds.count("step.done") == 1


def test_the_time_a_step_took_is_kept_and_does_not_count_sleep(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("wash"), kit.a.confirm("rinse"))
    walk.clock.advance(12.5)
    walk.clock.suspend(3600)
    walk.do(c.Confirm("wash"))
    assert walk.last("step.done")["ms"] == 12_500
    walk.clock.advance(1)
    walk.do(c.Confirm("rinse"))
    assert walk.step("rinse").ms == 1_000


# -- pause, resume, hand over ------------------------------------------------------------------------------


def test_a_paused_run_takes_no_answer_until_it_is_resumed(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("wash"), kit.a.confirm("rinse"))
    walk.do(c.Pause())
    assert walk.state.paused
    assert walk.do(c.Pause()) == []
    assert walk.refused(c.Confirm("wash")) == "paused"
    assert walk.refused(c.Skip("wash", kit.because)) == "paused"
    walk.remark("wash")
    walk.clock.advance(600)
    walk.do(c.Resume())
    walk.clock.advance(5)
    walk.do(c.Confirm("wash"))
    assert walk.step("wash").ms == 5_000, "the time of the pause is not the time of the step"


def test_somebody_else_takes_a_run_over_by_resuming_it(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("wash"))
    walk.do(c.Pause())
    for command in (c.Confirm("wash"), c.Remark("wash", "words"), c.Pause(), c.Abandon(kit.because)):
        assert walk.refused(command, kit.staff.ben) == "handed-over"
    new = walk.do(c.Resume(), kit.staff.ben)
    assert [(entry.kind, entry.actor) for entry in new] == [
        ("run.resumed", "u_ben"),
        ("run.handed-over", "u_ben"),
    ]
    assert walk.state.holder == "u_ben"
    assert walk.state.operators == ("u_anna", "u_ben")
    assert walk.refused(c.Confirm("wash"), kit.staff.anna) == "handed-over"
    walk.do(c.Resume(), kit.staff.anna)
    assert walk.state.operators == ("u_anna", "u_ben")
    walk.do(c.Confirm("wash"), kit.staff.anna)
    assert walk.step("wash").by == "u_anna"


def test_nobody_takes_over_a_run_that_they_could_not_have_started(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("wash"), by=kit.staff.ben, roles=["reprocessing"])
    assert walk.refused(c.Resume(), kit.staff.anna) == "role"
    assert walk.refused(c.Confirm("wash"), kit.staff.anna) == "role"
    assert walk.refused(c.Resume(), kit.staff.otto) == "role"


def test_an_emergency_run_is_recorded_in_nobodys_name(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("call"), kit.a.confirm("inject"), by=kit.staff.nobody, category="emergency")
    walk.do(c.Confirm("call"))
    assert [entry.actor for entry in walk.entries] == [None, None]
    assert walk.step("call").by is None


# -- abandoning and expiry ---------------------------------------------------------------------------------


def test_an_abandoned_run_is_over_for_good(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("wash"), kit.a.confirm("rinse"))
    walk.do(c.Confirm("wash"))
    assert walk.refused(c.Abandon(Reason("because"))) == "reason"
    assert walk.refused(c.Abandon(Reason("other"))) == "reason"
    walk.do(c.Abandon(Reason("patient-declined")))
    assert walk.state.outcome is Outcome.ABANDONED
    assert walk.state.ended_reason == Reason("patient-declined")
    for command in (c.Confirm("rinse"), c.Resume(), c.Pause(), c.Correct("wash", kit.mistake)):
        assert walk.refused(command) == "ended"
    assert walk.tick() == []


def test_a_run_outlives_neither_its_duration_nor_a_wrong_hand(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("wash"), kit.a.confirm("rinse"), valid_for="4h")
    walk.clock.advance(4 * 3600 - 1)
    assert walk.tick() == []
    walk.do(c.Confirm("wash"))
    walk.clock.advance(1)
    assert expired(walk.state, walk.clock.now())
    [entry] = walk.do(c.Confirm("rinse"))
    assert (entry.kind, entry.actor, entry.via) == ("run.expired", None, "system")
    assert walk.state.outcome is Outcome.EXPIRED
    assert walk.step("rinse").status is Status.PENDING
    assert walk.refused(c.Correct("wash", kit.mistake)) == "ended"
    assert walk.refused(c.Resume()) == "ended"
    assert walk.tick() == []


@pytest.mark.parametrize(
    ("started", "last_good", "gone"),
    [
        ("2026-11-22T08:00+01:00", "2026-11-22T23:59:59+01:00", "2026-11-23T00:00:00+01:00"),
        ("2026-03-29T00:30+01:00", "2026-03-29T23:59:59+02:00", "2026-03-30T00:00:00+02:00"),
        ("2026-10-25T00:30+02:00", "2026-10-25T23:59:59+01:00", "2026-10-26T00:00:00+01:00"),
        ("2026-07-01T00:10+02:00", "2026-07-01T23:59:59+02:00", "2026-07-02T00:00:00+02:00"),
    ],
)
def test_today_ends_at_midnight_of_the_clinic_also_when_the_clocks_change(
    kit: Kit, started: str, last_good: str, gone: str
) -> None:
    walk = kit.walk(kit.a.confirm("open"), clock=kit.clock(started), valid_for="today")
    walk.clock.wall = kit.clock(last_good).wall
    assert walk.tick() == []
    walk.clock.wall = kit.clock(gone).wall
    assert walk.tick() == ["run.expired"]


def test_what_was_completed_once_does_not_expire_while_it_is_corrected(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("wash"), valid_for="today")
    walk.do(c.Confirm("wash"))
    walk.clock.advance(40 * 86_400)
    walk.do(c.Correct("wash", kit.mistake))
    assert walk.tick() == []
    walk.do(c.Confirm("wash"))
    assert walk.last("run.completed") == {"outcome": "complete", "deviations": 1}


# -- leaving out, failing, overriding ----------------------------------------------------------------------


def test_skipping_declaring_not_applicable_and_deferring_each_need_a_reason(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("one"), kit.a.confirm("two"), kit.a.confirm("three"), kit.a.confirm("four"))
    assert walk.refused(c.Skip("one", Reason(""))) == "reason"
    assert walk.refused(c.Skip("one", Reason("other", ""))) == "reason"
    assert walk.refused(c.NotApplicable("one", Reason("whatever", "words"))) == "reason"
    assert walk.refused(c.Defer("one", "2026-11-23", Reason("x"))) == "reason"
    assert walk.refused(c.Fail("one", Reason("x"))) == "reason"
    walk.do(c.Skip("one", Reason("not-available")))
    walk.do(c.NotApplicable("two", Reason("not-needed")))
    walk.do(c.Defer("three", "2026-11-22T12:00:00Z", kit.because))
    walk.do(c.Fail("four", Reason("equipment-fault")))
    statuses = [walk.status(step) for step in ("one", "two", "three", "four")]
    assert statuses == [Status.SKIPPED, Status.NOT_APPLICABLE, Status.DEFERRED, Status.FAILED]
    assert walk.step("three").until == "2026-11-22T12:00:00Z"
    assert walk.step("three").reason == kit.because
    assert walk.last("run.completed") == {"outcome": "failed", "deviations": 4}


@pytest.mark.parametrize("until", ["", "soon", "2026-13-01", "tomorrow\x1b[2J", "2026-11-23\ud80010:00"])
def test_a_step_is_deferred_to_a_time_that_exists(kit: Kit, until: str) -> None:
    walk = kit.walk(kit.a.confirm("one"))
    assert walk.refused(c.Defer("one", until, kit.because)) == "until"


def test_a_failed_step_that_does_not_stop_lets_the_walk_go_on_and_fails_the_run(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("one", on_fail={"open": "repair"}), kit.a.confirm("two"))
    walk.do(c.Fail("one", Reason("equipment-fault")))
    assert walk.step("one").follow_up == "repair"
    assert walk.at == "two"
    walk.do(c.Confirm("two"))
    assert walk.state.outcome is Outcome.FAILED


@pytest.mark.parametrize("stop", [{"on_fail": {"stop": True}}, {"hold": True}])
def test_a_failed_step_that_stops_ends_the_run_at_once(kit: Kit, stop: dict[str, object]) -> None:
    walk = kit.walk(kit.a.confirm("one", **stop), kit.a.confirm("two"))
    new = walk.do(c.Fail("one", Reason("equipment-fault")))
    assert [entry.kind for entry in new] == ["step.failed", "run.completed"]
    assert walk.last("run.completed") == {"outcome": "failed", "deviations": 1}
    assert walk.status("two") is Status.PENDING
    assert walk.refused(c.Confirm("two")) == "ended"


def test_nothing_leaves_a_hold_out(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("check", hold=True), kit.a.confirm("start"))
    for command in (
        c.Skip("check", kit.because),
        c.NotApplicable("check", kit.because),
        c.Defer("check", "2026-11-23", kit.because),
    ):
        assert walk.refused(command) == "hold"
    walk.do(c.Confirm("check"))
    assert walk.at == "start"


def test_a_hold_is_overridden_with_a_reason_a_second_person_and_a_lead(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("check", hold=True), kit.a.confirm("start"))
    staff = kit.staff
    assert walk.refused(c.Override("check", Reason("other"), staff.lea.person)) == "reason"
    assert walk.refused(c.Override("check", kit.because, staff.anna.person)) == "same-person"
    assert walk.refused(c.Override("check", kit.because, staff.ben.person)) == "role"
    assert walk.refused(c.Override("check", kit.because, staff.otto.person)) == "role"
    walk.do(c.Override("check", kit.because, staff.lea.person))
    own = walk.step("check")
    assert (own.status, own.by, own.witness) == (Status.OVERRIDDEN, "u_anna", "u_lea")
    assert walk.last("step.overridden")["factors"] == ["secret"]
    walk.do(c.Confirm("start"))
    assert walk.last("run.completed") == {"outcome": "complete", "deviations": 1}


def test_the_lead_may_be_the_one_who_asks_but_never_both(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("check", hold=True), by=kit.staff.lea)
    assert walk.refused(c.Override("check", kit.because, kit.staff.lea.person)) == "same-person"
    walk.do(c.Override("check", kit.because, kit.staff.anna.person))
    assert walk.status("check") is Status.OVERRIDDEN


def test_a_failed_reading_cannot_be_left_out(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"), kit.a.confirm("end"))
    walk.give("heat", "120")
    for command in (
        c.Skip("heat", kit.because),
        c.NotApplicable("heat", kit.because),
        c.Defer("heat", "2026-11-23", kit.because),
    ):
        assert walk.refused(command) == "failed-reading"
    walk.do(c.Fail("heat", Reason("equipment-fault")))
    assert walk.status("heat") is Status.FAILED


# -- deferring to later ------------------------------------------------------------------------------------


def test_a_run_complete_but_for_deferred_steps_is_taken_up_again_and_completed(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("load"), kit.a.choice("culture"), kit.a.confirm("store"), valid_for="1d")
    walk.do(c.Confirm("load"))
    walk.do(c.Defer("culture", "2026-11-24", Reason("not-available")))
    walk.do(c.Confirm("store"))
    assert walk.last("run.completed") == {"outcome": "complete-except-deferred", "deviations": 1}
    assert walk.refused(c.Give("culture", "turned")) == "ended"
    walk.clock.advance(2 * 86_400)
    new = walk.do(c.Resume(), kit.staff.ben)
    assert [entry.kind for entry in new] == ["run.resumed", "run.handed-over"]
    assert walk.at == "culture"
    walk.give("culture", "turned", kit.staff.ben)
    assert walk.last("run.completed") == {"outcome": "complete", "deviations": 1}
    assert walk.step("culture").reason == Reason("not-available")
    assert walk.refused(c.Resume()) == "ended"


def test_what_was_deferred_can_be_deferred_again(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("load"))
    walk.do(c.Defer("load", "2026-11-24", kit.because))
    walk.do(c.Resume())
    walk.do(c.Defer("load", "2026-11-25", kit.because))
    assert walk.state.outcome is Outcome.COMPLETE_EXCEPT_DEFERRED
    assert walk.step("load").until == "2026-11-25"


def test_a_second_reading_of_nothing_is_asked_again_once_there_is_something_to_read(kit: Kit) -> None:
    walk = kit.walk(kit.a.choice("culture"), kit.a.witness("second", "culture"), kit.a.confirm("end"))
    walk.do(c.Defer("culture", "2026-11-24", kit.because))
    walk.do(c.Witness("second", kit.staff.ben.person))
    walk.do(c.Confirm("end"))
    walk.do(c.Resume())
    walk.give("culture", "turned")
    assert walk.at == "second", "nobody has seen this value but the first reader"
    walk.do(c.Witness("second", kit.staff.ben.person, "turned"))
    assert walk.last("run.completed") == {"outcome": "complete", "deviations": 1}


def test_a_second_reading_that_was_skipped_stays_skipped_when_the_deferred_step_is_taken_up(kit: Kit) -> None:
    walk = kit.walk(kit.a.choice("culture"), kit.a.witness("second", "culture"))
    walk.do(c.Defer("culture", "2026-11-24", kit.because))
    walk.do(c.Skip("second", kit.because))
    walk.do(c.Resume())
    walk.give("culture", "turned")
    assert walk.status("second") is Status.SKIPPED
    assert walk.state.outcome is Outcome.COMPLETE


def test_a_deferred_step_that_no_longer_applies_does_not_leave_the_run_open_at_nothing(kit: Kit) -> None:
    walk = kit.walk(kit.a.choice("implant"), kit.a.confirm("culture", when={"step": "implant", "is": "turned"}))
    walk.give("implant", "turned")
    walk.do(c.Defer("culture", "2026-11-24", kit.because))
    walk.do(c.Correct("implant", kit.mistake))
    walk.give("implant", "half turned")
    assert walk.state.outcome is Outcome.COMPLETE_EXCEPT_DEFERRED
    walk.do(c.Resume())
    assert walk.last("run.completed") == {"outcome": "complete", "deviations": 1}
    assert walk.status("culture") is Status.NOT_APPLICABLE


# -- remarks -----------------------------------------------------------------------------------------------


def test_words_can_be_left_at_any_step(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("one"), kit.a.confirm("two"))
    walk.do(c.Confirm("one"))
    walk.remark("one", "w1")
    walk.remark("two", "w2")
    assert [(note.words, note.about, note.by) for note in walk.step("one").notes] == [("w1", "note", "u_anna")]
    assert not walk.step("one").deviates
    assert walk.refused(c.Remark("no-such", "w")) == "no-step"
    assert walk.refused(c.Remark("two", "")) == "empty"
    assert walk.at == "two"
