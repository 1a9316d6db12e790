"""Credentials at the one door: what the record says at that moment counts, not what was true at sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.run import commands as c
from checklist.run.reading import Refusal
from tests.support.making import bring_into_force

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit


def in_force(clinic: Clinic, kit: Kit, more: str = "", steps: str = "") -> None:
    text = kit.protocol_text("needling", "clinic", more, steps or kit.short)
    bring_into_force(clinic, kit.who(clinic, "Lea"), "needling", text)


def grant(clinic: Clinic, kit: Kit, until: str | None, name: str = "Ben") -> None:
    lea = kit.who(clinic, "Lea")
    found = clinic.personnel.grant(kit.who(clinic, name).id, "microneedling", until, {}, lea, "tui")
    assert not isinstance(found, Refusal), found


def refusal_to_begin(clinic: Clinic, kit: Kit) -> Refusal:
    ben = kit.who(clinic, "Ben")
    found = clinic.begin("needling", "", ben, "tui")
    assert isinstance(found, Refusal)
    assert found == clinic.may_begin("needling", ben)
    return found


def test_a_protocol_begins_for_those_who_hold_its_credential_today(house: House, clinic: Clinic, kit: Kit) -> None:
    in_force(clinic, kit, 'credentials = ["microneedling"]')
    assert refusal_to_begin(clinic, kit).code == "credential"
    grant(clinic, kit, "2031-03-11")
    assert clinic.may_begin("needling", kit.who(clinic, "Ben")) is None
    house.clock.set("2031-03-11T23:30")
    kit.begin(clinic, "needling", by="Ben")
    house.clock.set("2031-03-12T00:10")
    refused = refusal_to_begin(clinic, kit)
    assert (refused.code, "microneedling" in refused.message) == ("credential", True)
    assert "2031-03-11" in refused.message


def test_one_that_has_ended_does_not_hold_again_when_the_clock_is_set_back(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    """Time never goes back in the record, and it is the record's day that counts: in another program too."""
    in_force(clinic, kit, 'credentials = ["microneedling"]')
    grant(clinic, kit, "2031-03-11")
    run = kit.begin(clinic, "needling", by="Ben")
    house.clock.set("2031-03-12T09:00")
    kit.begin(clinic, "short")
    house.clock.set("2031-03-11T09:00")
    assert refusal_to_begin(clinic, kit).code == "credential"
    assert kit.refused(house.open(), run, c.Confirm("wash"), by="Ben") == "credential"


def test_one_that_is_ended_stops_a_walk_that_goes_on(clinic: Clinic, kit: Kit) -> None:
    in_force(clinic, kit, 'credentials = ["microneedling"]')
    grant(clinic, kit, None)
    run, ben, lea = kit.begin(clinic, "needling", by="Ben"), kit.who(clinic, "Ben"), kit.who(clinic, "Lea")
    clinic.personnel.end(ben.id, "microneedling", lea, "tui")
    refused = clinic.do(run, c.Confirm("wash"), ben, "tui")
    assert isinstance(refused, Refusal)
    assert refused.code == "credential"
    grant(clinic, kit, None)
    kit.do(clinic, run, c.Confirm("wash"), by="Ben")


def test_one_that_is_ended_by_another_program_meanwhile_counts_no_more(house: House, clinic: Clinic, kit: Kit) -> None:
    in_force(clinic, kit, 'credentials = ["microneedling"]')
    grant(clinic, kit, None)
    run, ben = kit.begin(clinic, "needling", by="Ben"), kit.who(clinic, "Ben")
    other = house.open()

    def ended() -> None:
        other.personnel.end(ben.id, "microneedling", kit.who(other, "Lea"), "tui")

    house.clock.hook = ended  # at the first look at the clock: after the credentials were read, before the lock
    refused = clinic.do(run, c.Confirm("wash"), ben, "tui")
    assert isinstance(refused, Refusal)
    assert refused.code == "credential"


def test_those_in_a_command_are_asked_for_what_they_hold_by_now(clinic: Clinic, kit: Kit) -> None:
    asked = kit.load.replace('[[steps]]\nid = "release"', '[[steps]]\nid = "release"\ncredentials = ["microneedling"]')
    text = kit.protocol_text("needling", "equipment", "", asked)
    bring_into_force(clinic, kit.who(clinic, "Lea"), "needling", text)
    run = kit.begin(clinic, "needling", "equipment=S1")
    kit.do(clinic, run, c.Assign("number", {}))
    kit.do(clinic, run, c.Give("verdict", "released"))
    signs = c.Sign("release", kit.who(clinic, "Ben").person, "released", "")
    assert kit.refused(clinic, run, signs) == "credential"
    grant(clinic, kit, None)
    kit.do(clinic, run, signs)


@pytest.mark.parametrize("until", [None, "2031-03-10"])
def test_a_step_asks_for_it_as_well(clinic: Clinic, kit: Kit, until: str | None) -> None:
    in_force(
        clinic, kit, steps=kit.short.replace('expect = "clean"', 'expect = "clean"\ncredentials = ["microneedling"]')
    )
    run = kit.begin(clinic, "needling", by="Ben")
    assert kit.refused(clinic, run, c.Confirm("wash"), by="Ben") == "credential"
    grant(clinic, kit, until)
    kit.do(clinic, run, c.Confirm("wash"), by="Ben")
