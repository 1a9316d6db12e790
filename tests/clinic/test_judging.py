"""Asking the rules about an opened clinic: what only the clinic knows, and when they are asked anew."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from checklist.clinic import auditing
from checklist.clinic.judging import judged
from checklist.clinic.plan.board import board
from checklist.ledger.report import Finding as Said
from checklist.ledger.report import Report
from checklist.run import commands as c
from checklist.run.state import RunState
from tests.support.making import header

if TYPE_CHECKING:
    from checklist.audit.findings import Finding
    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit

CALL = """
[[steps]]
id = "call"
kind = "confirm"
do = "Call."
expect = "called"
roles = ["prescriber"]
"""


def found(clinic: Clinic, *, asked: list[int] | None = None) -> list[Finding]:
    """What the rules say; `asked` gets a number each time that they are really asked."""
    with auditing.opened(clinic) as catalogue:
        return judged(clinic, catalogue, lambda done, _: (asked if asked is not None else []).append(done))


def called(house: House, clinic: Clinic, kit: Kit) -> str:
    """A run of an emergency protocol by nobody who signed in; its place."""
    text = header("rescue", "Rescue", more='roles = ["staff"]', category="emergency") + CALL
    house.add_protocol("rescue", text, clinic, kit.who(clinic, "Lea"))
    state = clinic.begin("rescue", "", None, "tui")
    assert isinstance(state, RunState), state
    return kit.do(clinic, state.run, c.Confirm("call"), by=None).run


def test_a_run_that_nobody_stands_for_is_found_until_somebody_does(house: House, clinic: Clinic, kit: Kit) -> None:
    run = called(house, clinic, kit)
    assert "unattributed" in {one.rule for one in found(clinic)}
    kit.do(clinic, run, c.Attribute(), by="Rita")
    told = {one.rule: one for one in found(clinic)}
    assert "unattributed" not in told
    one = told["attributed-without"]
    assert "the role prescriber" in one.why


def test_they_are_asked_anew_only_where_something_changed(house: House, clinic: Clinic, kit: Kit) -> None:
    asked: list[int] = []
    first = found(clinic, asked=asked)
    assert asked
    asked.clear()
    assert found(clinic, asked=asked) == first
    assert asked == []
    called(house, clinic, kit)
    assert found(clinic, asked=asked) != first
    assert asked
    asked.clear()
    house.clock.advance(3700)
    found(clinic, asked=asked)
    assert asked


def test_time_goes_by_what_is_asked_for_and_what_is_said_names_days(clinic: Clinic) -> None:
    made, now = (datetime.fromisoformat(at) for at in (clinic.ledger.entry(0).at, clinic.now().at))
    with auditing.opened(clinic) as catalogue:
        assert judged(clinic, catalogue, now=now) == []
        told = [judged(clinic, catalogue, now=now + timedelta(days=days)) for days in (16, 20)]
    ((first,), (second,)) = told
    assert f"was never anchored since {made:%Y-%m-%d}; " in first.why
    assert second == first


@pytest.mark.parametrize("views", ["differ", "same"])
def test_tables_that_differ_are_told_as_the_verification_said(clinic: Clinic, views: str) -> None:
    said = (Said("views", "the table run differs"),) if views == "differ" else (Said("other", "something else"),)
    report = Report("tampered", "a", 1, "", None, None, None, 0, 0, said)
    with auditing.opened(clinic) as catalogue:
        told = [one for one in judged(clinic, catalogue, verified=report) if one.rule == "views-differ"]
    assert [(one.n, one.why) for one in told] == ([(None, "the table run differs")] if views == "differ" else [])


@pytest.mark.parametrize("until", ["9999-12-30T22:59:59Z", "9999-12-31", "9999-12-31T23:59:59-05:00"])
def test_a_step_that_was_put_off_for_good_stops_neither_the_rules_nor_the_board(
    house: House, clinic: Clinic, kit: Kit, until: str
) -> None:
    run = kit.begin(clinic, "short")
    kit.do(clinic, run, c.Defer("wash", until, kit.because))
    kit.do(clinic, run, c.Confirm("look"))
    house.clock.set("2031-03-20T09:00:00")
    assert "deferred-overdue" not in {one.rule for one in found(clinic)}
    (task,) = board(clinic).glance.tasks
    assert (task.run, task.step) == (run, "wash")
