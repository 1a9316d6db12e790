"""Credentials that a protocol or a step asks for: held, and not ended, on the clinic's day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from checklist.run import commands as c
from checklist.run.credentials import days_left, lacking, state_of
from checklist.run.walk import may_walk

if TYPE_CHECKING:
    from tests.run.conftest import Kit

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("days", "state"), [(-1, "expired"), (0, "expiring"), (1, "expiring"), (30, "expiring"), (31, "valid")]
)
def test_a_credential_holds_through_its_last_day_and_is_shown_thirty_days_ahead(days: int, state: str) -> None:
    until = (TODAY + timedelta(days=days)).isoformat()
    assert (state_of(until, TODAY), days_left(until, TODAY)) == (state, days)


def test_a_credential_without_an_end_never_ends() -> None:
    assert (state_of("", date.max), days_left("", date.max)) == ("valid", None)


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ((), {}),
        (("laser",), {"laser": ""}),
        (("laser",), {"laser": "2026-11-22"}),
        (("laser", "cpr"), {"laser": "2027-01-01", "cpr": "", "licence": "2020-01-01"}),
    ],
)
def test_what_is_held_until_today_or_later_is_enough(asked: tuple[str, ...], held: dict[str, str]) -> None:
    assert lacking(asked, held, TODAY, "This step") is None


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ({}, "needs the credential “laser”; ask"),
        ({"licence": ""}, "needs the credential “laser”; ask"),
        ({"laser": "2026-11-21"}, "which ended on 2026-11-21"),
        ({"laser": "soon"}, "which ended on soon"),
    ],
)
def test_what_is_not_held_or_has_ended_is_named_with_its_day(held: dict[str, str], told: str) -> None:
    refusal = lacking(("laser",), held, TODAY, "This step")
    assert refusal
    assert refusal.code == "credential"
    assert told in refusal.message
    assert refusal.message.startswith("This step ")
    assert refusal.message.endswith(".")


def test_all_that_is_asked_for_must_be_held() -> None:
    refusal = lacking(("laser", "cpr"), {"laser": ""}, TODAY, "This step")
    assert refusal
    assert "cpr" in refusal.message


def test_a_protocol_is_walked_by_those_who_hold_what_it_asks_for(kit: Kit) -> None:
    protocol = kit.protocol(kit.a.confirm("wash"), credentials=["laser"])
    now = kit.clock().now()
    assert may_walk(protocol, kit.staff.ben.author, now) is None
    for other, told in ((kit.staff.anna, "needs the credential"), (kit.staff.rita, "ended on 2026-11-21")):
        refusal = may_walk(protocol, other.author, now)
        assert refusal
        assert (refusal.code, told in refusal.message, protocol.title in refusal.message) == ("credential", True, True)


def test_the_day_is_the_clinics_own(kit: Kit) -> None:
    protocol = kit.protocol(kit.a.confirm("wash"), credentials=["laser"])
    late = kit.clock("2026-11-22T22:59:00+00:00")
    assert may_walk(protocol, kit.staff.ben.author, late.now()) is None
    late.advance(120)  # past midnight in Berlin, and an hour before it in UTC
    refusal = may_walk(protocol, kit.staff.ben.author, late.now())
    assert refusal
    assert refusal.code == "credential"


def test_who_loses_a_credential_in_the_middle_does_no_more_but_can_stop(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("wash"), kit.a.confirm("end"), by=kit.staff.ben, credentials=["laser"])
    walk.do(c.Confirm("wash"))
    walk.clock.advance(86_400)
    for command in (c.Confirm("end"), c.Skip("end", kit.because), c.Correct("wash", kit.mistake)):
        assert walk.refused(command) == "credential"
    walk.do(c.Remark("end", "words-commitment"))
    walk.do(c.Pause())
    assert walk.refused(c.Resume()) == "credential"
    walk.do(c.Resume(), kit.staff.lea)
    walk.do(c.Confirm("end"), kit.staff.lea)
    assert not walk.state.open


def test_a_step_is_done_by_those_who_hold_what_it_asks_for(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("pulse", credentials=["laser"]))
    assert walk.refused(c.Confirm("pulse")) == "credential"
    walk.do(c.Resume(), kit.staff.ben)
    walk.do(c.Confirm("pulse"), kit.staff.ben)


def test_a_signature_takes_the_credentials_of_whoever_signs(kit: Kit) -> None:
    walk = kit.walk(kit.a.sign("release", credentials=["laser"]), by=kit.staff.ben)
    assert walk.refused(c.Sign("release", kit.staff.rita.person, "released", "name")) == "credential"
    walk.do(c.Sign("release", kit.staff.lea.person, "released", "name"))


def test_a_second_reading_takes_the_credentials_of_whoever_reads(kit: Kit) -> None:
    walk = kit.walk(kit.a.choice("strip"), kit.a.witness("second", "strip", credentials=["laser"]))
    walk.give("strip", "turned")
    assert walk.refused(c.Witness("second", kit.staff.rita.person, "turned")) == "credential"
    walk.do(c.Witness("second", kit.staff.ben.person, "turned"))
