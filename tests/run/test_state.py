"""A run folded from its entries: conditions, what deviates, and what other entries leave alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from checklist.run import commands as c
from checklist.run.marks import Outcome, Status
from checklist.run.state import apply, fold

if TYPE_CHECKING:
    from checklist.run.state import RunState
    from tests.run.conftest import Kit


# -- conditions --------------------------------------------------------------------------------------------


def test_a_step_applies_only_if_its_question_was_answered_so(kit: Kit) -> None:
    when = {"step": "implant", "is": "turned"}
    walk = kit.walk(kit.a.choice("implant"), kit.a.confirm("culture", when=when), kit.a.confirm("end"))
    assert walk.status("culture") is Status.PENDING
    walk.give("implant", "half turned")
    assert walk.status("culture") is Status.NOT_APPLICABLE
    assert walk.at == "end"
    walk.do(c.Confirm("end"))
    assert walk.last("run.completed") == {"outcome": "complete", "deviations": 0}


@pytest.mark.parametrize("how", [c.Skip, c.NotApplicable, c.Fail])
def test_a_question_that_was_left_out_rules_nothing_out(kit: Kit, how: type[c.Skip]) -> None:
    when = {"step": "implant", "is": "turned"}
    walk = kit.walk(kit.a.choice("implant"), kit.a.confirm("culture", when=when))
    walk.do(how("implant", kit.because))
    assert walk.at == "culture"


def test_a_condition_on_a_step_that_is_ruled_out_rules_out_as_well(kit: Kit) -> None:
    a = kit.a
    walk = kit.walk(
        a.choice("one"),
        a.choice("two", when={"step": "one", "is": "turned"}),
        a.confirm("three", when={"step": "two", "is": "turned"}),
        a.confirm("end"),
    )
    walk.give("one", "half turned")
    assert [walk.status(step) for step in ("two", "three")] == [Status.NOT_APPLICABLE] * 2
    assert walk.at == "end"


def test_a_condition_may_wait_for_a_signature(kit: Kit) -> None:
    walk = kit.walk(kit.a.sign("release"), kit.a.confirm("lock-away", when={"step": "release", "is": "quarantined"}))
    walk.do(c.Sign("release", kit.staff.rita.person, "quarantined", "n"))
    assert walk.at == "lock-away"


@pytest.mark.parametrize(("reading", "applies"), [("135", True), ("135,0", True), ("134", False)])
def test_a_condition_on_a_number_goes_by_its_size_not_by_how_it_was_typed(
    kit: Kit, reading: str, applies: bool
) -> None:
    walk = kit.walk(
        kit.a.measure("heat"), kit.a.confirm("more", when={"step": "heat", "is": "135.0"}), kit.a.confirm("end")
    )
    walk.give("heat", reading)
    assert (walk.at == "more") is applies


def test_a_condition_that_can_never_be_compared_rules_nothing_out(kit: Kit) -> None:
    a = kit.a
    walk = kit.walk(
        a.confirm("act"),
        a.scan("gel"),
        a.measure("heat"),
        a.confirm("after-act", when={"step": "act", "is": "done"}),
        a.confirm("after-gel", when={"step": "gel", "is": "A1"}),
        a.confirm("after-heat", when={"step": "heat", "is": "hot"}),
    )
    walk.do(c.Confirm("act"))
    walk.give("gel", "lot=A1 expiry=2030-01")
    walk.give("heat", "135")
    for step in ("after-act", "after-gel", "after-heat"):
        assert walk.at == step
        walk.do(c.Confirm(step))


# -- folding -----------------------------------------------------------------------------------------------


def test_a_run_has_at_least_its_first_entry(kit: Kit) -> None:
    with pytest.raises(ValueError, match="started"):
        fold(kit.protocol(kit.a.confirm("wash")), [])


def test_the_first_entry_says_what_the_run_is(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("wash"))
    state = walk.state
    assert (state.run, state.sha256, state.subject, state.session) == ("a#1", "ab" * 32, "room=room-1", None)
    assert (state.holder, state.operators, state.station) == ("u_anna", ("u_anna",), "a")
    assert state.started == state.since == walk.entries[0].moment
    assert kit.walk(kit.a.confirm("wash"), by=kit.staff.nobody).state.operators == ()


def _moved(walk_state: RunState, **changes: object) -> RunState:
    return replace(walk_state, **changes)  # type: ignore[arg-type]


def test_entries_of_kinds_that_say_nothing_about_the_walk_only_move_its_head(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("wash"))
    [first] = walk.entries
    for kind, step in (
        ("run.attributed", None),
        ("run.of-a-later-version", None),
        ("remarked", None),
        ("step.done", "not-in-this-protocol"),
        ("step.of-a-later-version", "wash"),
        ("signed", "wash"),
    ):
        other = replace(first, index=9, leaf="cd" * 32, kind=kind, run="a#1", step=step, data={})
        assert apply(walk.state, other) == _moved(walk.state, head=(9, "cd" * 32))


def test_data_that_is_not_there_is_taken_for_the_worse(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"))
    [first] = walk.entries
    entry = replace(first, index=2, run="a#1", kind="step.attempted", step="heat", data={})
    own = apply(walk.state, entry).steps["heat"]
    assert (own.attempts[0].verdict, own.owed) == ("fail", "remedy")
    noted = replace(entry, kind="step.noted")
    own = apply(apply(walk.state, entry), noted).steps["heat"]
    assert (own.notes[0].about, own.owed) == ("note", "remedy")


def test_a_state_is_never_changed_only_replaced(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("wash"), kit.a.confirm("end"))
    before = walk.state
    walk.do(c.Confirm("wash"))
    assert before.steps["wash"].status is Status.PENDING
    with pytest.raises(TypeError):
        before.steps["wash"] = walk.step("wash")  # type: ignore[index]


def test_the_times_and_the_end_of_a_run_are_those_of_its_entries(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("wash"))
    walk.clock.advance(60)
    walk.do(c.Confirm("wash"))
    assert walk.state.ended == walk.step("wash").at == walk.clock.now().at
    assert walk.state.started.at < walk.state.ended
    assert walk.state.outcome is Outcome.COMPLETE
    assert walk.state.completed_once
