"""A run folded from its entries: how it begins, what each entry changes, and what others leave alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from checklist.run import commands as c
from checklist.run.fold import apply, fold
from checklist.run.marks import Outcome, Status
from checklist.run.state import Signature

if TYPE_CHECKING:
    from checklist.run.state import RunState
    from tests.run.conftest import Kit


def test_a_run_has_at_least_its_first_entry(kit: Kit) -> None:
    with pytest.raises(ValueError, match="started"):
        fold(kit.protocol(kit.a.confirm("wash")), [])


def test_the_first_entry_says_what_the_run_is(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("wash"))
    state = walk.state
    assert (state.run, state.sha256, state.subject, state.session) == ("a#1", "ab" * 32, "room=room-1", None)
    assert (state.holder, state.operators, state.station) == ("u_anna", ("u_anna",), "a")
    assert state.started == state.since == walk.entries[0].moment
    assert kit.walk(kit.a.confirm("wash"), by=kit.staff.nobody, category="emergency").state.operators == ()


def _moved(walk_state: RunState, **changes: object) -> RunState:
    return replace(walk_state, **changes)  # type: ignore[arg-type]


def test_entries_of_kinds_that_say_nothing_about_the_walk_only_move_its_head(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("wash"))
    [first] = walk.entries
    for kind, step in (
        ("run.of-a-later-version", None),
        ("remarked", None),
        ("step.done", "not-in-this-protocol"),
        ("step.of-a-later-version", "wash"),
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


def test_a_signature_says_who_what_when_and_by_which_factors_until_it_is_asked_again(kit: Kit) -> None:
    walk = kit.walk(kit.a.choice("strip"), kit.a.sign("release"))
    walk.give("strip", "turned")
    walk.do(c.Sign("release", kit.staff.rita.person, "released", "name-commitment"))
    at = walk.clock.now().at
    assert walk.step("release").signed == Signature("u_rita", "name-commitment", "released", at, ("secret",))
    assert walk.step("strip").signed is None
    walk.do(c.Correct("strip", kit.mistake))
    assert walk.step("release").signed is None
    before = Signature("u_rita", "name-commitment", "released", at, ("secret",), kit.mistake)
    assert walk.step("release").signed_before == (before,)
    walk.give("strip", "turned")
    walk.do(c.Sign("release", kit.staff.rita.person, "quarantined", "name-commitment"))
    now = walk.step("release")
    assert (now.signed and now.signed.meaning, now.signed_before) == ("quarantined", (before,))
    assert not now.deviates, "whoever signed did nothing wrong"


def test_what_was_vouched_for_is_set_aside_in_order_with_the_reason_and_is_no_attempt(kit: Kit) -> None:
    walk = kit.walk(kit.a.measure("heat"), kit.a.witness("second", "heat"), kit.a.confirm("end"))
    walk.give("heat", "135")
    walk.do(c.Witness("second", kit.staff.ben.person, "134"))
    walk.do(c.Correct("heat", kit.mistake))
    walk.give("heat", "135")
    walk.do(c.Witness("second", kit.staff.ben.person, "135"))
    walk.do(c.Correct("heat", kit.mistake))
    walk.give("heat", "136")
    walk.do(c.Witness("second", kit.staff.lea.person, "136"))
    heat, second = walk.step("heat"), walk.step("second")
    assert [(each.value, each.corrected) for each in heat.attempts] == [
        ("135", kit.mistake),
        ("135", kit.mistake),
        ("136", None),
    ]
    assert [(each.value, each.witness, each.corrected) for each in second.set_aside] == [
        ("134", "u_ben", None),
        ("135", "u_ben", kit.mistake),
    ]
    assert [(each.value, each.witness) for each in second.attempts] == [("136", "u_lea")]
    assert not second.deviates


def test_a_signature_asked_again_for_what_had_been_put_off_is_kept_without_a_reason(kit: Kit) -> None:
    walk = kit.walk(kit.a.choice("culture"), kit.a.sign("release"), by=kit.staff.lea)
    walk.do(c.Defer("culture", "2026-11-24", kit.because))
    walk.do(c.Sign("release", kit.staff.lea.person, "released", "name-commitment"))
    walk.do(c.Resume())
    assert [(each.meaning, each.corrected) for each in walk.step("release").signed_before] == [("released", None)]
