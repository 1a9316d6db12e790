"""A run walked in memory: what is refused says why, and it can be made to stand at any step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.run import commands as c
from checklist.run.marks import Outcome, Status
from checklist.run.reading import Refusal
from checklist.run.rehearsal import Act, Rehearsal, moment
from checklist.run.timing import utc

if TYPE_CHECKING:
    from checklist.run.rehearsal import Rehearsal as Walked
    from tests.run.conftest import Kit


def went(run: Walked, command: c.Command, wait_ms: int = 0) -> Walked:
    after = run.attempt(Act(command, wait_ms))
    assert not isinstance(after, Refusal), after
    return after


def test_an_act_is_carried_out_or_refused_with_its_reason(kit: Kit) -> None:
    run = Rehearsal.begin(kit.protocol(kit.a.confirm("wash"), kit.a.measure("hot")))
    refused = run.attempt(Act(c.Confirm("hot")))
    assert isinstance(refused, Refusal)
    assert refused.code == "not-current"
    after = went(run, c.Confirm("wash"), 5000)
    assert after.ms == 5000
    assert after.acts == (Act(c.Confirm("wash"), 5000),)
    assert run.after([Act(c.Confirm("hot"))]) is None
    assert (utc(moment(5000)) - utc(moment(0))).total_seconds() == 5


def test_it_can_stand_at_any_step_with_what_is_known_before_it(kit: Kit) -> None:
    protocol = kit.protocol(kit.a.confirm("wash"), kit.a.choice("look"), kit.a.measure("hot"), kit.a.confirm("end"))
    run = went(Rehearsal.begin(protocol), c.Confirm("wash"))
    there = run.standing_at("hot", {"wash": run.state.steps["wash"]})
    assert there.state.current is protocol.step("hot")
    statuses = [there.state.steps[step.id].status for step in protocol.steps]
    assert statuses == [Status.DONE, Status.SKIPPED, Status.PENDING, Status.PENDING]
    assert there.acts == ()
    assert went(there, c.Give("hot", "135")).state.current is protocol.step("end")


def test_what_would_keep_it_from_standing_there_is_not_taken_over(kit: Kit) -> None:
    protocol = kit.protocol(
        kit.a.choice("look", on_fail={"stop": True}),
        kit.a.confirm("only-then", when={"step": "look", "is": "half turned"}),
    )
    begun = Rehearsal.begin(protocol)
    other = went(begun, c.Give("look", "turned"))
    assert other.state.outcome is Outcome.COMPLETE
    there = other.standing_at("only-then", other.state.steps)
    assert there.state.current is protocol.step("only-then")
    failed = went(begun, c.Give("look", "not turned"))
    assert failed.state.outcome is Outcome.FAILED
    again = failed.standing_at("only-then", {"look": failed.state.steps["look"]})
    assert again.state.open
    assert again.state.current is protocol.step("only-then")


def test_who_must_be_another_person_is_one_each_time(kit: Kit) -> None:
    a = kit.a
    protocol = kit.protocol(
        a.confirm("wash"), a.sign("own"), a.sign("verify", another=True), a.sign("out", another=True)
    )
    run = went(Rehearsal.begin(protocol), c.Confirm("wash"))
    for step in protocol.steps[1:]:
        assert step.kind == "sign"
        run = went(run, c.Sign(step.id, run.cast.signer(step), "released", "name"))
    assert run.state.outcome is Outcome.COMPLETE
    signers = [own.signed.by for own in run.state.steps.values() if own.signed is not None]
    assert len({*signers, run.cast.walker.operator}) == 3
