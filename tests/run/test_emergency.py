"""An emergency waits for nobody to sign in; whoever did it says so afterwards, once, with their own secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.run import commands as c
from checklist.run.marks import Outcome
from checklist.run.reading import Refusal
from checklist.run.walk import may_walk, start, unentitled

if TYPE_CHECKING:
    from tests.run.conftest import Kit, StepTable, Walk


def unsigned(kit: Kit, *steps: StepTable, roles: tuple[str, ...] = (), credentials: tuple[str, ...] = ()) -> Walk:
    """An emergency run that nobody signed in for."""
    nobody = kit.staff.nobody
    return kit.walk(*steps, by=nobody, category="emergency", roles=roles, credentials=credentials)


# -- without signing in ------------------------------------------------------------------------------------


@pytest.mark.parametrize("category", ["clinic", "sterilisation", "treatment"])
def test_nothing_but_an_emergency_begins_without_signing_in(kit: Kit, category: str) -> None:
    protocol = kit.protocol(kit.a.confirm("wash"), category=category)
    refusal = start(protocol, "ab" * 32, "clinic", None, kit.staff.nobody.author, kit.clock().now())
    assert isinstance(refusal, Refusal)
    assert refusal.code == "sign-in"


def test_neither_roles_nor_credentials_stop_it(kit: Kit) -> None:
    walk = unsigned(
        kit,
        kit.a.confirm("call", roles=["prescriber"]),
        kit.a.choice("breathing", credentials=["cpr"]),
        roles=("prescriber",),
        credentials=("cpr",),
    )
    walk.do(c.Confirm("call"))
    walk.give("breathing", "turned")
    assert walk.state.outcome is Outcome.COMPLETE
    assert {entry.actor for entry in walk.entries} == {None}
    assert {entry.via for entry in walk.entries} == {"tui"}
    assert may_walk(walk.protocol, kit.staff.anna.author, walk.clock.now()), "who signs in is asked for them"


def test_it_can_be_left_and_gone_on_with(kit: Kit) -> None:
    walk = unsigned(kit, kit.a.confirm("call"), kit.a.confirm("inject"))
    walk.do(c.Pause())
    walk.do(c.Resume())
    walk.do(c.Confirm("call"))
    walk.do(c.Correct("call", kit.mistake))
    walk.do(c.Confirm("call"))
    walk.do(c.Abandon(kit.because))
    assert walk.state.outcome is Outcome.ABANDONED


def test_signing_and_reading_again_take_people_with_their_secrets(kit: Kit) -> None:
    walk = unsigned(kit, kit.a.choice("strip"), kit.a.witness("second", "strip"), kit.a.sign("reopen"))
    walk.give("strip", "turned")
    walk.do(c.Witness("second", kit.staff.ben.person, "turned"))
    walk.do(c.Sign("reopen", kit.staff.anna.person, "released", "name-commitment"))
    assert walk.state.outcome is Outcome.COMPLETE
    assert walk.step("second").witness == "u_ben"
    assert walk.entries[-1].actor == "u_anna"
    assert walk.state.unattributed, "a signature at its end does not say who did it"


@pytest.mark.parametrize("again", ["strip", "second", "reopen"])
def test_what_somebody_put_their_name_to_is_not_undone_unsigned(kit: Kit, again: str) -> None:
    """Neither the signature or reading itself, nor what it is about, nor the run with it."""
    strip, second = kit.a.choice("strip"), kit.a.witness("second", "strip")
    walk = unsigned(kit, kit.a.confirm("call"), strip, second, kit.a.sign("reopen"), kit.a.confirm("end"))
    walk.do(c.Confirm("call"))
    walk.give("strip", "turned")
    walk.do(c.Correct("call", kit.mistake))
    walk.do(c.Confirm("call"))
    walk.do(c.Witness("second", kit.staff.ben.person, "turned"))
    walk.do(c.Sign("reopen", kit.staff.rita.person, "released", "name-commitment"))
    assert walk.refused(c.Correct(again, kit.mistake)) == "sign-in"
    assert walk.refused(c.Correct("call", kit.mistake)) == "sign-in", "the signature stands for all before it"
    assert walk.refused(c.Abandon(kit.because)) == "sign-in"
    walk.do(c.Resume(), kit.staff.anna)
    walk.do(c.Correct(again, kit.mistake), kit.staff.anna)


def test_a_hold_is_not_passed_by_one_secret(kit: Kit) -> None:
    walk = unsigned(kit, kit.a.choice("ready", hold=True), kit.a.confirm("go"))
    assert walk.refused(c.Override("ready", kit.because, kit.staff.lea.person)) == "sign-in"
    walk.do(c.Resume(), kit.staff.anna)
    walk.do(c.Override("ready", kit.because, kit.staff.lea.person), kit.staff.anna)


def test_what_stopped_it_is_not_opened_again_by_one_secret(kit: Kit) -> None:
    walk = unsigned(kit, kit.a.choice("ready", on_fail={"stop": True}), kit.a.confirm("go"))
    walk.give("ready", "not turned")
    assert walk.refused(c.Correct("ready", kit.mistake, kit.staff.lea.person)) == "sign-in"
    walk.do(c.Correct("ready", kit.mistake, kit.staff.lea.person), kit.staff.anna)
    assert walk.state.holder == "u_anna"


def test_once_it_has_ended_nobody_changes_it_unsigned(kit: Kit) -> None:
    walk = unsigned(kit, kit.a.confirm("call"), kit.a.confirm("end"))
    walk.do(c.Defer("call", "2026-11-23T10:00:00Z", kit.because))
    walk.do(c.Confirm("end"))
    assert walk.refused(c.Correct("end", kit.mistake)) == "sign-in"
    assert walk.refused(c.Resume()) == "sign-in"
    walk.do(c.Resume(), kit.staff.anna)


# -- taking it over ----------------------------------------------------------------------------------------


def test_who_signs_in_takes_it_over_and_then_it_is_theirs_alone(kit: Kit) -> None:
    walk = unsigned(kit, kit.a.confirm("call"), kit.a.confirm("inject"))
    walk.do(c.Confirm("call"))
    assert walk.refused(c.Confirm("inject"), kit.staff.anna) == "handed-over"
    walk.do(c.Resume(), kit.staff.anna)
    assert walk.state.holder == "u_anna"
    for command in (c.Confirm("inject"), c.Pause(), c.Resume(), c.Abandon(kit.because)):
        assert walk.refused(command, kit.staff.nobody) == "sign-in"
    walk.do(c.Confirm("inject"), kit.staff.anna)
    assert walk.state.unattributed, "nobody yet stands for the call"


# -- saying who it was -------------------------------------------------------------------------------------


def test_whoever_did_it_says_so_afterwards(kit: Kit) -> None:
    walk = unsigned(kit, kit.a.confirm("call"))
    walk.do(c.Confirm("call"))
    walk.clock.advance(60)
    (said,) = walk.do(kit.staff.anna.attributes, kit.staff.anna)
    assert (said.kind, said.actor, said.via) == ("run.attributed", "u_anna", "tui")
    assert said.data == {"operator": "u_anna", "factors": ["secret"], "name": "name-commitment"}
    assert (walk.state.attributed, walk.state.attributed_at) == ("u_anna", said.at)
    assert not walk.state.unattributed
    assert walk.step("call").by is None, "what was recorded stays as it was"
    assert walk.state.operators == ("u_anna",)


def test_an_open_run_is_theirs_from_then_on(kit: Kit) -> None:
    walk = unsigned(kit, kit.a.confirm("call"), kit.a.confirm("inject"))
    walk.do(c.Confirm("call"))
    kinds = [entry.kind for entry in walk.do(kit.staff.anna.attributes, kit.staff.anna)]
    assert kinds == ["run.attributed", "run.handed-over"]
    assert walk.refused(c.Confirm("inject"), kit.staff.nobody) == "sign-in"
    walk.do(c.Confirm("inject"), kit.staff.anna)


def test_who_may_not_walk_it_does_not_come_to_hold_it_by_saying_so(kit: Kit) -> None:
    """It would be nobody's to go on with: it waits for somebody who may."""
    walk = unsigned(kit, kit.a.confirm("call"), kit.a.confirm("inject"), roles=("prescriber", "lead"))
    walk.do(c.Confirm("call"))
    assert [entry.kind for entry in walk.do(kit.staff.anna.attributes, kit.staff.anna)] == ["run.attributed"]
    assert (walk.state.holder, walk.state.attributed) == (None, "u_anna")
    assert walk.refused(c.Confirm("inject"), kit.staff.nobody) == "sign-in"
    walk.do(c.Resume(), kit.staff.lea)
    walk.do(c.Confirm("inject"), kit.staff.lea)
    assert walk.state.outcome is Outcome.COMPLETE


def test_what_somebody_could_not_have_done_signed_in_is_told(kit: Kit) -> None:
    walk = unsigned(
        kit,
        kit.a.confirm("call", roles=["release"]),
        kit.a.confirm("zap", credentials=["laser"]),
        kit.a.sign("reopen", roles=["prescriber"]),
        roles=("staff",),
    )
    walk.do(c.Confirm("call"))
    assert [each.code for each in unentitled(walk.state, kit.staff.anna.author)] == ["role"]
    walk.do(c.Confirm("zap"))
    assert [each.code for each in unentitled(walk.state, kit.staff.anna.author)] == ["role", "credential"]
    assert unentitled(walk.state, kit.staff.lea.author) == []


def test_a_run_that_has_outlived_its_time_still_finds_who_did_it(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("call"), by=kit.staff.nobody, category="emergency", valid_for="4h")
    walk.clock.advance(5 * 3600)
    walk.do(kit.staff.anna.attributes, kit.staff.anna)
    assert walk.state.attributed == "u_anna"
    assert walk.tick() == ["run.expired"]


def test_somebody_else_may_have_taken_it_over_since(kit: Kit) -> None:
    walk = unsigned(kit, kit.a.confirm("call"), kit.a.confirm("inject"))
    walk.do(c.Confirm("call"))
    walk.do(c.Resume(), kit.staff.ben)
    assert [entry.kind for entry in walk.do(kit.staff.anna.attributes, kit.staff.anna)] == ["run.attributed"]
    assert (walk.state.holder, walk.state.attributed) == ("u_ben", "u_anna")


def test_it_is_said_once_by_themselves_and_of_unsigned_runs_only(kit: Kit) -> None:
    walk = unsigned(kit, kit.a.confirm("call"))
    assert walk.refused(kit.staff.anna.attributes, kit.staff.ben) == "sign-in"
    assert walk.refused(c.Attribute(), kit.staff.nobody) == "sign-in"
    assert walk.refused(c.Attribute(), kit.staff.anna) == "sign-in"
    assert walk.refused(kit.staff.otto.attributes, kit.staff.otto) == "role"
    walk.do(kit.staff.anna.attributes, kit.staff.anna)
    assert walk.refused(kit.staff.ben.attributes, kit.staff.ben) == "attributed"
    assert walk.refused(kit.staff.anna.attributes, kit.staff.anna) == "attributed"
    signed = kit.walk(kit.a.confirm("call"), category="emergency")
    assert signed.refused(kit.staff.anna.attributes) == "attributed"


def test_nobody_becomes_the_second_person_to_themselves_by_it(kit: Kit) -> None:
    walk = unsigned(kit, kit.a.choice("strip"), kit.a.witness("second", "strip"), kit.a.confirm("end"))
    walk.give("strip", "turned")
    walk.do(c.Witness("second", kit.staff.ben.person, "turned"))
    assert walk.refused(kit.staff.ben.attributes, kit.staff.ben) == "same-person"
    walk.do(kit.staff.anna.attributes, kit.staff.anna)


def test_who_said_so_first_is_not_the_second_person_later(kit: Kit) -> None:
    walk = unsigned(kit, kit.a.choice("strip"), kit.a.witness("second", "strip"))
    walk.give("strip", "turned")
    walk.do(kit.staff.anna.attributes, kit.staff.anna)
    walk.do(c.Resume(), kit.staff.ben)
    assert walk.refused(c.Witness("second", kit.staff.anna.person, "turned"), kit.staff.ben) == "same-person"
