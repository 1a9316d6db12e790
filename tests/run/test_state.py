"""What follows from how a run stands: conditions, and which steps they rule out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.run import commands as c
from checklist.run.marks import Status

if TYPE_CHECKING:
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
