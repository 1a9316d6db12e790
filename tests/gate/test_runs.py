"""A run counts if it was walked as written, lately enough, about the right thing, and nothing has ended it since."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from checklist.gate.clearance import Begin
from checklist.gate.facts import Damaged, Run, Step, StepState
from checklist.gate.requirement import RunDone
from tests.support.gating import NOW, OTHER, ROOM, SESSION, Gate, a_run, ago, shipped_procedure


def test_what_is_too_old_is_told_with_its_age_its_time_and_the_limit(gate: Gate) -> None:
    late = gate.with_run("room-turnover", a_run("a#30", ROOM, ago(5 * 60)))
    judged = late.judged("room")
    assert late.decision == "NO-GO"
    assert judged.why == "The room turnover was finished 5 h ago, at 07:00; 4 h is the limit."
    assert judged.evidence == ("a#30",)
    assert judged.fix == "Walk “Make the treatment room ready for the next patient” again."
    assert judged.start == Begin("room-turnover", ROOM)


@pytest.mark.parametrize(("minutes", "decision"), [(239, "GO"), (240, "GO"), (240.1, "NO-GO")])
def test_the_limit_itself_still_counts(gate: Gate, minutes: float, decision: str) -> None:
    assert gate.with_run("room-turnover", a_run("a#30", ROOM, ago(minutes))).decision == decision


def test_the_stricter_of_requirement_and_protocol_holds(gate: Gate) -> None:
    rules = {**gate.facts.rules}
    rule = rules["room-turnover"]
    assert not isinstance(rule, Damaged)
    assert rule.valid_for is not None
    rules["room-turnover"] = replace(rule, valid_for="today")
    assert gate.telling(rules=rules).decision == "GO"
    after_midnight = replace(gate.telling(rules=rules), now=datetime(2026, 11, 22, 23, 30, tzinfo=UTC))
    late = after_midnight.with_run("room-turnover", a_run("a#30", ROOM, datetime(2026, 11, 22, 22, 30, tzinfo=UTC)))
    assert (
        late.judged("room").why == "The room turnover was finished on 22 Nov at 23:30; it counts only on its own day."
    )


def test_today_is_the_clinics_own_day(gate: Gate) -> None:
    """Half past midnight in Berlin is still yesterday in UTC."""
    opened = a_run("a#10", "clinic", datetime(2026, 11, 21, 23, 30, tzinfo=UTC))
    assert gate.with_run("day-open", opened).judged("day").met is True
    before = replace(opened, ended=datetime(2026, 11, 21, 22, 30, tzinfo=UTC))
    assert gate.with_run("day-open", before).judged("day").met is False


def test_a_run_entered_from_paper_counts_from_when_the_paper_ended(gate: Gate) -> None:
    paper = replace(gate.run("room-turnover"), began=ago(300), ended=ago(290))
    assert gate.with_run("room-turnover", paper).judged("room").met is False


def test_another_room_is_no_room(gate: Gate) -> None:
    judged = gate.with_run("room-turnover", a_run("a#30", "room=room-2", ago(5))).judged("room")
    assert judged.why == "The room turnover has not been done for this room."
    assert judged.start == Begin("room-turnover", ROOM)


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": f"session={OTHER}", "session": OTHER},
        {"subject": f"session={OTHER}"},
        {"session": OTHER},
    ],
)
def test_another_visits_run_never_counts(gate: Gate, changed: dict[str, str]) -> None:
    foreign = gate.changed_run("microneedling-screen", **changed)
    assert foreign.judged("screening").why == "The screening has not been done for this visit."
    assert foreign.judged("fit").met is False
    assert foreign.decision == "NO-GO"


def test_a_room_made_ready_within_another_visit_is_not_made_ready_for_this(gate: Gate) -> None:
    """Whatever a protocol is about by now: a run about a visit is that patient's."""
    about_all = {**gate.facts.rules, "day-open": replace(gate.rule("day-open"), subject="room")}
    other = a_run("a#10", f"session={OTHER}", ago(60), session=OTHER)
    assert gate.telling(rules=about_all).with_run("day-open", other).judged("day").met is False


def test_without_a_visit_nothing_of_a_visit_counts(gate: Gate) -> None:
    nameless = gate.asking(session=None)
    assert nameless.decision == "NO-GO"
    assert nameless.judged("screening").fix == "Name the visit that this is for."


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("open", "was begun at 10:50 and is not finished."),
        ("failed", "failed at 11:00."),
        ("abandoned", "was abandoned at 11:00."),
        ("expired", "ran out of time at 11:00."),
    ],
)
def test_only_a_complete_run_counts(gate: Gate, outcome: str, said: str) -> None:
    ended = None if outcome == "open" else ago(60)
    judged = gate.changed_run("room-turnover", outcome=outcome, ended=ended).judged("room")
    assert (judged.met, judged.why) == (False, f"The room turnover {said}")


def test_an_open_run_is_gone_on_with_by_one_key(gate: Gate) -> None:
    judged = gate.changed_run("room-turnover", outcome="open", ended=None).judged("room")
    assert judged.start == Begin("room-turnover", ROOM, "a#30")


@pytest.mark.parametrize("state", ["skipped", "not-applicable", "deferred", "failed", "overridden"])
def test_a_step_not_done_as_written_spoils_the_run(gate: Gate, state: StepState) -> None:
    spoiled = gate.changed_run("room-turnover", steps=(Step("wet-time", state),))
    assert spoiled.decision == "NO-GO"
    assert "“wet-time” was " in spoiled.judged("room").why


def test_what_is_tolerated_may_be_put_off_but_nothing_else(gate: Gate) -> None:
    gate = gate.asking(stage="close")
    signout = gate.run("microneedling-signout")
    assert gate.judged("aftercare").met is True
    more = replace(signout, steps=(*signout.steps, Step("dates", "deferred")))
    assert gate.with_run("microneedling-signout", more).judged("aftercare").met is False
    failed = replace(signout, steps=(Step("call", "failed"),), outcome="failed")
    assert gate.with_run("microneedling-signout", failed).judged("aftercare").met is False
    unnamed = replace(signout, steps=())
    assert gate.with_run("microneedling-signout", unnamed).judged("aftercare").met is None


@pytest.mark.parametrize(("reviewed", "met"), [(False, False), (True, True)])
def test_a_tolerated_override_counts_once_it_has_been_reviewed(gate: Gate, *, reviewed: bool, met: bool) -> None:
    gate = gate.asking(stage="close")
    overridden = gate.changed_run(
        "microneedling-signout", outcome="complete", steps=(Step("call", "overridden"),), reviewed=reviewed
    )
    assert overridden.judged("aftercare").met is met


def test_an_override_that_was_corrected_is_reviewed_all_the_same(gate: Gate) -> None:
    done = (Step("surfaces", "done"),)
    passed = gate.changed_run("room-turnover", steps=done, passed=frozenset({"surfaces"}))
    assert passed.judged("room").why == "The room turnover was walked with an override that nobody has reviewed."
    assert passed.changed_run("room-turnover", reviewed=True).judged("room").met is True


def test_the_newest_run_decides(gate: Gate) -> None:
    failed = gate.also_run("room-turnover", a_run("a#31", ROOM, ago(30), outcome="failed"))
    assert failed.judged("room").why == "The room turnover failed at 11:30."
    again = failed.also_run("room-turnover", a_run("a#32", ROOM, ago(10)))
    assert again.decision == "GO"
    begun = again.also_run("room-turnover", Run("a#33", ROOM, None, "open", ago(2)))
    assert begun.judged("room").met is False


@pytest.mark.parametrize(
    ("event", "subject", "session", "met"),
    [
        ("patient-entered", ROOM, OTHER, False),
        ("patient-entered", ROOM, SESSION, True),
        ("patient-entered", ROOM, None, False),
        ("patient-entered", "room=room-2", OTHER, True),
        ("dirty-use", "clinic", None, False),
        ("spill", ROOM, None, False),
        ("power-loss", "clinic", None, True),
    ],
)
def test_an_event_ends_what_it_concerns(
    gate: Gate, event: str, subject: str, session: str | None, *, met: bool
) -> None:
    assert gate.happened(event, ago(10), subject, session).judged("room").met is met
    assert gate.happened(event, ago(200), subject, session).judged("room").met is True


@pytest.mark.parametrize("event", ["patient-entered", "spill"])
def test_what_happened_while_the_room_was_made_ready_ends_that_too(gate: Gate, event: str) -> None:
    """It was begun at 10:50 and done at 11:00: who wiped the room before it happened wiped it in vain."""
    judged = gate.happened(event, ago(65), ROOM).judged("room")
    said = event.replace("-", " ")
    assert judged.why == f"The room turnover was finished at 11:00, but “{said}” at 10:55 came in the middle of it."
    assert gate.happened(event, ago(71), ROOM).judged("room").met is True


def test_what_ended_it_is_told(gate: Gate) -> None:
    why = gate.happened("patient-entered", ago(10), ROOM, OTHER).judged("room").why
    assert why == "The room turnover was finished at 11:00, but “patient entered” at 11:50 ended it."


@pytest.mark.parametrize(
    "broken",
    [
        {"outcome": "unknown"},
        {"ended": None},
        {"ended": NOW + timedelta(minutes=5)},
        {"steps": (Step("ready", "unknown"),)},
        {"steps": (Step("ready", "pending"),)},
    ],
)
def test_what_cannot_be_said_is_unknown(gate: Gate, broken: dict[str, object]) -> None:
    lost = gate.changed_run("room-turnover", **broken)
    assert lost.judged("room").met is None
    assert lost.decision == "UNKNOWN"


def test_a_run_that_ended_nobody_knows_when_may_be_the_newest(gate: Gate) -> None:
    """It began earlier; that it ended earlier as well is only a guess."""
    lost = Run("a#29", ROOM, None, "failed", ago(90), None)
    assert gate.also_run("room-turnover", lost).decision == "NO-GO"
    finished = replace(lost, outcome="complete")
    assert gate.also_run("room-turnover", finished).decision == "UNKNOWN"


def test_the_test_of_the_day_is_that_of_the_load(gate: Gate) -> None:
    """A load of yesterday needs yesterday's test, whatever became of the machine since."""
    yesterday = NOW - timedelta(days=1)
    made = gate.changed_item("load", made=yesterday)
    assert made.judged("steriliser-test").met is False
    tested = made.with_run("steriliser-daily", a_run("a#70", "equipment=S1", yesterday - timedelta(hours=1)))
    assert tested.decision == "GO"
    failed_today = tested.also_run("steriliser-daily", a_run("a#71", "equipment=S1", ago(5), outcome="failed"))
    assert failed_today.decision == "GO"
    failed_before = tested.also_run(
        "steriliser-daily", a_run("a#71", "equipment=S1", yesterday - timedelta(minutes=5), outcome="failed")
    )
    assert failed_before.decision == "NO-GO"
    other_machine = tested.with_run("steriliser-daily", a_run("a#70", "equipment=S2", yesterday - timedelta(hours=1)))
    assert "Load S1-20261122-01: " in other_machine.judged("steriliser-test").why


@pytest.mark.parametrize(("minutes", "met"), [(150, False), (205, False), (211, True), (100, True)])
def test_a_repair_between_test_and_load_ends_the_test(gate: Gate, minutes: int, *, met: bool) -> None:
    assert gate.happened("steriliser-repair", ago(minutes), "equipment=S1").judged("steriliser-test").met is met


def test_a_load_from_nowhere_is_unknown(gate: Gate) -> None:
    assert gate.changed_item("load", machine=None).judged("steriliser-test").met is None
    assert gate.changed_item("load", made=None).judged("steriliser-test").met is None


def test_a_test_that_passed_only_after_the_load_was_begun_is_none_of_it(gate: Gate) -> None:
    """One that failed then is: it had been begun before, and what passed earlier is no longer the newest."""
    during = Run("a#71", "equipment=S1", None, "complete", ago(125), ago(115))
    assert gate.also_run("steriliser-daily", during).judged("steriliser-test").evidence == ("a#70",)
    assert gate.also_run("steriliser-daily", during).judged("steriliser-test").met is True
    assert gate.with_run("steriliser-daily", during).judged("steriliser-test").met is False
    failed = replace(during, outcome="failed")
    assert gate.also_run("steriliser-daily", failed).judged("steriliser-test").met is False


def surgery(gate: Gate, **changed: object) -> Gate:
    steps = (
        Step("identity", "done", at=ago(50)),
        Step("time-out-second", "done", at=ago(5)),
        Step("gauze-after", "current"),
        Step("signed-out", "pending"),
    )
    run = Run("a#60", f"session={SESSION}", SESSION, "open", ago(60), None, steps)
    changed_run = replace(run, **changed)  # type: ignore[arg-type]
    procedure = shipped_procedure("minor-surgery").procedure
    return replace(gate, procedure=procedure).with_run("minor-surgery-prep", changed_run)


def test_a_list_that_spans_the_operation_counts_from_its_time_out(gate: Gate) -> None:
    """The run is still open, and what comes after the pause is not asked for yet."""
    assert surgery(gate).judged("time-out").met is True
    assert surgery(gate).asking(stage="close").judged("aftercare").met is False
    assert surgery(replace(gate, now=NOW + timedelta(minutes=30))).judged("time-out").met is False


def test_an_override_after_the_step_that_counts_keeps_nobody_from_starting(gate: Gate) -> None:
    """What is passed in the Sign Out is looked at there."""
    assert surgery(gate, passed=frozenset({"gauze-after"})).judged("time-out").met is True
    assert surgery(gate, passed=frozenset({"identity"})).judged("time-out").met is False


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (Step("identity", "done"), Step("time-out-second", "pending")),
        (Step("identity", "overridden"), Step("time-out-second", "done", at=ago(5))),
        (Step("identity", "pending"), Step("time-out-second", "done", at=ago(5))),
        (Step("gauze-after", "done"),),
    ],
)
def test_before_the_time_out_it_does_not_count(gate: Gate, steps: tuple[Step, ...]) -> None:
    assert surgery(gate, steps=steps).judged("time-out").met is False


@pytest.mark.parametrize(("step", "state"), [("time-out-second", "overridden"), ("identity", "failed")])
def test_no_tolerance_makes_up_for_a_time_out_that_was_passed_or_a_step_that_failed(
    gate: Gate, step: str, state: StepState
) -> None:
    done = {
        "identity": Step("identity", "done", at=ago(50)),
        "time-out-second": Step("time-out-second", "done", at=ago(5)),
    }
    spoiled = {**done, step: replace(done[step], state=state)}
    asked = surgery(gate, steps=(*spoiled.values(),), reviewed=True)
    requires = tuple(
        replace(one, tolerates=(step,)) if isinstance(one, RunDone) and one.id == "time-out" else one
        for one in asked.procedure.requires
    )
    tolerant = replace(asked, procedure=replace(asked.procedure, requires=requires))
    assert tolerant.judged("time-out").met is False


def test_when_the_time_out_was_done_must_be_on_record(gate: Gate) -> None:
    assert surgery(gate, steps=(Step("time-out-second", "done"),)).judged("time-out").met is None


@pytest.mark.parametrize("outcome", ["failed", "abandoned", "expired"])
def test_a_list_that_came_to_nothing_does_not_count_for_its_time_out(gate: Gate, outcome: str) -> None:
    assert surgery(gate, outcome=outcome, ended=ago(1)).judged("time-out").met is False
