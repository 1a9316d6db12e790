"""Who works here, as a lead changes it: what is refused is refused in a sentence, and leaves no entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.clinic.people.personnel import Held
from checklist.clinic.service import SignedIn
from checklist.people.commitment import name_opening
from checklist.people.operator import Operator, added, disabled
from checklist.run.reading import Refusal
from checklist.run.timing import utc

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit

NOBODY = "u_0000000000"


def refused(clinic: Clinic, act: Callable[[], object]) -> str:
    """Do something that must be refused; its code."""
    size = clinic.ledger.size
    refusal = act()
    assert isinstance(refusal, Refusal), refusal
    assert refusal.message.endswith(".")
    assert clinic.ledger.size == size
    return refusal.code


# -- adding ---------------------------------------------------------------------------------------------------


def test_only_a_lead_adds_people_and_names_are_told_apart(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    assert clinic.staff.give_badge(ben.id, "mia moss", lea, "tui") is None
    for name, roles, secret, by in [
        ("Mia Moss", ["staff"], "nine quiet otters", ben),
        ("ben BEECH", ["staff"], "nine quiet otters", lea),
        ("Mia Moss", [], "nine quiet otters", lea),
        ("Mia Moss", ["Staff!"], "nine quiet otters", lea),
        ("Mia Moss", ["staff"], "12345678", lea),
        ("", ["staff"], "nine quiet otters", lea),
        # What a badge says, typed as a name, would mean its bearer.
        ("mia moss", ["staff"], "nine quiet otters", lea),
    ]:
        code = refused(clinic, lambda: clinic.personnel.add(name, roles, secret, by, "tui"))  # noqa: B023 - called now
        assert code == ("role" if by is ben else "operator")
    assert refused(clinic, lambda: clinic.personnel.add("Mia  Moss", ["staff"], "nine quiet otters", lea, "tui"))
    assert clinic.staff.give_badge(ben.id, None, lea, "tui") is None
    mia = clinic.personnel.add(" Mia   Moss ", ["staff"], "nine quiet otters", lea, "tui")
    assert isinstance(mia, Operator)
    assert mia.name == "Mia Moss"
    assert clinic.staff.operator(mia.id) == mia
    assert clinic.staff.operator(NOBODY) is None
    assert [clinic.name_of(each) for each in (mia.id, None, NOBODY)] == ["Mia Moss", "-", NOBODY]
    names = [each.name for each in clinic.staff.operators()]
    assert names == ["Ben Beech", "Lea Linden", "Mia Moss", "Otto Oak", "Rita Rowan"]
    assert b"Moss" not in clinic.folder.ledger.read_bytes()


def test_the_name_of_somebody_disabled_may_be_given_again(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    assert isinstance(clinic.personnel.disable(ben.id, lea, "tui"), Operator)
    other = clinic.personnel.add("Ben Beech", ["staff"], "four white horses", lea, "tui")
    assert isinstance(other, Operator)
    found = clinic.staff.prove("Ben Beech", "four white horses", "tui", ("secret",))
    assert isinstance(found, SignedIn)
    assert found.id == other.id != ben.id


def test_of_two_programs_that_add_one_name_only_one_does(house: House, clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    other = house.open()
    opening = name_opening("u_00000000aa", "Max Mohn")
    other.people.add_person("u_00000000aa", "Max Mohn", None, at=utc(other.now()))
    other.people.keep([opening], at=utc(other.now()))
    other.record(added("u_00000000aa", ["staff"], opening.commitment, actor=lea.id, via="tui"))
    assert (
        refused(clinic, lambda: clinic.personnel.add("max mohn", ["staff"], "nine quiet otters", lea, "tui"))
        == "operator"
    )


def test_an_id_is_never_given_to_a_second_person(clinic: Clinic, kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even that of somebody of whom people.db knows nothing any more."""
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    clinic.personnel.disable(ben.id, lea, "tui")
    clinic.people.forget(ben.id, clinic.people.name_openings(ben.id))
    drawn = [ben.id, lea.id, ben.id, "u_00000000aa"]
    monkeypatch.setattr("checklist.clinic.people.personnel.new_operator_id", lambda: drawn.pop(0))
    mia = clinic.personnel.add("Mia Moss", ["staff"], "nine quiet otters", lea, "tui")
    assert isinstance(mia, Operator)
    assert (mia.id, drawn) == ("u_00000000aa", [])
    left = clinic.staff.operator(ben.id)
    assert left is not None
    assert (left.disabled, left.name) == (True, None)


# -- roles ----------------------------------------------------------------------------------------------------


def test_other_roles_take_the_place_of_those_somebody_had(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    found = clinic.personnel.set_roles(ben.id, ["staff", "lead"], lea, "tui")
    assert isinstance(found, Operator)
    assert found.roles == {"staff", "lead"}
    last = clinic.ledger.last()
    assert last is not None
    assert (last.kind, last.actor, last.data) == (
        "operator.changed", lea.id, {"operator": ben.id, "roles": ["lead", "staff"]},
    )  # fmt: skip
    assert clinic.personnel.set_roles(ben.id, ["lead", "staff", "staff"], lea, "tui") == found
    assert clinic.ledger.size == last.index + 1
    # Ben signed in before, with roles that he has no more.
    assert refused(clinic, lambda: clinic.personnel.set_roles(ben.id, ["staff"], ben, "tui")) == "role"


@pytest.mark.parametrize("name", ["Ben", "Rita", "Otto"])
def test_nobody_but_a_lead_changes_anything_about_people(clinic: Clinic, kit: Kit, name: str) -> None:
    who, lea = kit.who(clinic, name), kit.who(clinic, "Lea")
    people = clinic.personnel
    acts: list[Callable[[], object]] = [
        lambda: people.add("Mia Moss", ["staff"], "nine quiet otters", who, "tui"),
        lambda: people.set_roles(who.id, ["lead"], who, "tui"),
        lambda: people.disable(lea.id, who, "tui"),
        lambda: people.grant(who.id, "microneedling", None, {}, who, "tui"),
        lambda: people.end(who.id, "microneedling", who, "tui"),
        lambda: people.erase(lea.id, who, "tui"),
    ]
    assert [refused(clinic, act) for act in acts] == ["role"] * len(acts)


def test_a_lead_who_was_disabled_changes_nothing(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    clinic.record(disabled(lea.id, actor=None, via="tui"))
    people = clinic.personnel
    acts: list[Callable[[], object]] = [
        lambda: people.add("Mia Moss", ["staff"], "nine quiet otters", lea, "tui"),
        lambda: people.set_roles(ben.id, ["lead"], lea, "tui"),
        lambda: people.disable(ben.id, lea, "tui"),
        lambda: people.grant(ben.id, "microneedling", None, {}, lea, "tui"),
        lambda: people.end(ben.id, "microneedling", lea, "tui"),
        lambda: people.erase(ben.id, lea, "tui"),
    ]
    assert [refused(clinic, act) for act in acts] == ["disabled"] * len(acts)


def test_a_lead_who_is_disabled_in_the_last_moment_changes_nothing(house: House, clinic: Clinic, kit: Kit) -> None:
    """By another program, after all was well here and before anything was recorded."""
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    other = house.open()
    clinic.personnel.set_roles(ben.id, ["lead"], lea, "tui")

    def leave() -> None:
        other.record(disabled(lea.id, actor=ben.id, via="tui"))

    house.clock.hook = leave
    refusal = clinic.personnel.add("Mia Moss", ["staff"], "nine quiet otters", lea, "tui")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "disabled"
    last = clinic.ledger.last()
    assert last is not None
    assert last.kind == "operator.disabled"


def test_the_last_lead_stays_one(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    people = clinic.personnel
    assert refused(clinic, lambda: people.disable(lea.id, lea, "tui")) == "last-lead"
    assert refused(clinic, lambda: people.set_roles(lea.id, ["staff"], lea, "tui")) == "last-lead"
    assert isinstance(people.set_roles(lea.id, ["lead"], lea, "tui"), Operator)
    lea = kit.who(clinic, "Lea")
    assert isinstance(people.set_roles(ben.id, ["lead"], lea, "tui"), Operator)
    assert isinstance(people.disable(lea.id, lea, "tui"), Operator)
    assert refused(clinic, lambda: people.disable(ben.id, kit.who(clinic, "Ben"), "tui")) == "last-lead"


def test_who_is_disabled_stays_so_and_who_is_unknown_is_nobody(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    people = clinic.personnel
    found = people.disable(ben.id, lea, "tui")
    assert isinstance(found, Operator)
    assert found.disabled
    for operator, code in ((ben.id, "disabled"), (NOBODY, "operator"), ("Ben Beech", "operator"), ("", "operator")):
        acts: list[Callable[[], object]] = [
            lambda: people.set_roles(operator, ["staff"], lea, "tui"),  # noqa: B023 - called now
            lambda: people.disable(operator, lea, "tui"),  # noqa: B023
            lambda: people.grant(operator, "microneedling", None, {}, lea, "tui"),  # noqa: B023
            lambda: people.end(operator, "microneedling", lea, "tui"),  # noqa: B023
        ]
        assert [refused(clinic, act) for act in acts] == [code] * len(acts)
    assert refused(clinic, lambda: people.set_roles(lea.id, [], lea, "tui")) == "operator"


# -- credentials ----------------------------------------------------------------------------------------------


def test_a_credential_is_granted_renewed_and_ended(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    people = clinic.personnel
    held = people.grant(ben.id, "microneedling", "2031-06-30", {"max_depth_mm": "2,5", "areas": "face"}, lea, "tui")
    assert held == Held(
        ben.id, "Ben Beech", "microneedling", "2031-06-30", {"max_depth_mm": "2.5", "areas": "face"}, "valid", 112
    )
    renewed = people.grant(ben.id, "microneedling", None, {}, lea, "tui")
    assert renewed == Held(ben.id, "Ben Beech", "microneedling", None, {}, "valid", None)
    assert people.credentials(clinic.now()) == [renewed]
    assert people.end(ben.id, "microneedling", lea, "tui") == renewed
    assert people.credentials(clinic.now()) == []
    assert refused(clinic, lambda: people.end(ben.id, "microneedling", lea, "tui")) == "credential"
    kinds = [entry.kind for entry in clinic.ledger.entries(clinic.ledger.size - 3)]
    assert kinds == ["credential.granted", "credential.granted", "credential.ended"]


def test_a_grant_that_makes_no_sense_is_refused(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    people = clinic.personnel
    assert refused(clinic, lambda: people.grant(ben.id, "Micro Needling", None, {}, lea, "tui")) == "credential"
    assert refused(clinic, lambda: people.grant(ben.id, "laser", "2031-03-09", {}, lea, "tui")) == "until"
    assert refused(clinic, lambda: people.grant(ben.id, "laser", "soon", {}, lea, "tui")) == "until"
    assert refused(clinic, lambda: people.grant(ben.id, "laser", None, {"Max": "1"}, lea, "tui")) == "attributes"


def test_what_ends_within_thirty_days_of_the_clinic_s_own_calendar_is_shown(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    people = clinic.personnel
    people.grant(ben.id, "laser", "2031-05-10", {}, lea, "tui")
    people.grant(ben.id, "bbp", None, {}, lea, "tui")
    people.grant(lea.id, "bls", "2031-05-09", {}, lea, "tui")

    def seen(local: str) -> list[tuple[str, str, int | None]]:
        house.clock.set(local)
        return [(held.credential, held.state, held.days_left) for held in people.credentials(clinic.now())]

    # 2031-04-09 begins in the clinic two hours before it does in UTC.
    assert seen("2031-04-08T23:59:59") == [("bls", "valid", 31), ("laser", "valid", 32), ("bbp", "valid", None)]
    assert seen("2031-04-09T00:00:01") == [("bls", "expiring", 30), ("laser", "valid", 31), ("bbp", "valid", None)]
    assert seen("2031-05-09T23:59:59") == [("bls", "expiring", 0), ("laser", "expiring", 1), ("bbp", "valid", None)]
    assert seen("2031-05-10T00:00:01") == [("bls", "expired", -1), ("laser", "expiring", 0), ("bbp", "valid", None)]
    people.disable(ben.id, lea, "tui")
    assert seen("2031-05-11T12:00:00") == [("bls", "expired", -2)]


def test_credentials_outlive_a_restart(house: House, clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    held = clinic.personnel.grant(ben.id, "microneedling", "2031-06-30", {"max_depth_mm": "2.5"}, lea, "tui")
    clinic.close()
    again = house.open()
    assert again.personnel.credentials(again.now()) == [held]
