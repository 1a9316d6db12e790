"""Whether a step applies is looked at once a state: what is remembered is what the rule itself says, at every state."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from checklist.protocol.model import Protocol
from checklist.run.marks import Status
from checklist.run.rehearsal import Rehearsal
from checklist.run.state import RunState, StepState, _may_be
from checklist.run.tries import answers, leavings

if TYPE_CHECKING:
    from checklist.protocol.model import Step
    from tests.run.conftest import Kit, StepTable

HEADER = {"id": "any", "title": "Any", "version": "1.0.0", "purpose": "Try.", "category": "clinic"}


def plainly(state: RunState, step: Step) -> bool:
    """The rule as it is told, with nothing remembered."""
    if step.kind == "witness" and not plainly(state, state.protocol.step(step.of)):
        return False
    if step.when is None or state.steps[step.id].failed_last:
        return True
    asked = state.protocol.step(step.when.step)
    answer = state.steps[asked.id]
    return plainly(state, asked) and (answer.status is not Status.DONE or _may_be(asked, answer.value, step.when.is_))


@st.composite
def protocols(draw: st.DrawFn) -> Protocol:
    """Conditions on conditions, and second readings of what has one."""
    steps: list[StepTable] = []
    for place in range(draw(st.integers(2, 8))):
        asked = [str(step["id"]) for step in steps if step["kind"] == "choice"]
        table: StepTable = {"id": f"s{place}", "do": f"Do s{place}."}
        depends = draw(st.integers(0, 3)) > 0
        if asked and depends:
            table["when"] = {"step": draw(st.sampled_from(asked)), "is": draw(st.sampled_from(["yes", "no"]))}
        kind = draw(st.sampled_from(["choice", "choice", "confirm", "witness"]))
        if kind == "witness" and asked:
            table |= {"kind": "witness", "of": draw(st.sampled_from(asked))}
        elif kind == "confirm":
            table |= {"kind": "confirm", "expect": "done"}
        else:
            verdicts = {"yes": "pass", "no": "pass", "bad": "fail"}
            table |= {"kind": "choice", "options": [{"value": v, "verdict": w} for v, w in verdicts.items()]}
        steps.append(table)
    return Protocol.model_validate({**HEADER, "style": "read-do", "subject": "clinic", "steps": steps})


@settings(max_examples=150, deadline=None)
@given(protocols(), st.data())
def test_what_is_remembered_is_what_the_rule_says(protocol: Protocol, data: st.DataObject) -> None:
    run = Rehearsal.begin(protocol)
    while (step := run.state.current) is not None:
        for each in data.draw(st.permutations(protocol.steps)):
            assert run.state.applies(each) == plainly(run.state, each)
        tries = (*answers(run, step, {"yes", "no"}), *leavings(run, step))
        run = run.after(data.draw(st.sampled_from(tries))) or run.after(leavings(run, step)[-1]) or run
        if run.state.current is step and run.state.steps[step.id].owed:
            break
    for each in protocol.steps:
        assert run.state.applies(each) == plainly(run.state, each)


def test_three_hundred_conditions_on_each_other_are_each_looked_at_once(kit: Kit) -> None:
    def chained(place: int) -> StepTable:
        more = {"when": {"step": f"q{place - 1}", "is": "turned"}} if place else {}
        return kit.a.choice(f"q{place}", **more)

    class Counting(dict[str, StepState]):
        asked = 0

        def __getitem__(self, name: str) -> StepState:
            self.asked += 1
            return super().__getitem__(name)

    begun = Rehearsal.begin(kit.protocol(*(chained(place) for place in range(300)))).state
    steps = Counting(begun.steps)
    state = replace(begun, steps=steps)
    assert state.applies(state.protocol.steps[-1])
    assert state.next_step is state.protocol.steps[0]
    for step in state.protocol.steps:
        state.applies(step)
    assert steps.asked < 300 * 4
