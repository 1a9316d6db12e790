"""The people of a clinic: who is let in, what a miss leaves behind, and who may be added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.service import SignedIn
from checklist.people import secret as secrets
from checklist.people.commitment import name_opening
from checklist.people.operator import Operator, added, changed, disabled
from checklist.run.reading import Refusal
from checklist.run.timing import utc

if TYPE_CHECKING:
    import pytest

    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit


def test_signing_in_and_out_is_recorded(clinic: Clinic, kit: Kit) -> None:
    size = clinic.ledger.size
    found = clinic.staff.sign_in("LEA  linden", kit.secret, "tui", ("secret-file",))
    assert isinstance(found, SignedIn)
    clinic.staff.sign_out(found, "tui")
    entered, left = clinic.ledger.entries(size)
    assert (entered.kind, entered.actor, entered.data) == ("signed-in", found.id, {"factors": ["secret-file"]})
    assert (left.kind, left.actor) == ("signed-out", found.id)
    assert isinstance(clinic.staff.sign_in(found.id, kit.secret, "line"), SignedIn)


def test_a_miss_is_recorded_without_what_was_typed(clinic: Clinic, kit: Kit) -> None:
    size = clinic.ledger.size
    typed = "my secret in the wrong field"
    assert clinic.staff.sign_in("Lea Linden", typed, "tui") == clinic.staff.sign_in(typed, kit.secret, "tui")
    known, unknown = clinic.ledger.entries(size)
    assert (known.kind, known.actor, known.data) == ("sign-in.failed", None, {"operator": kit.who(clinic, "Lea").id})
    assert (unknown.kind, unknown.actor, unknown.data) == ("sign-in.failed", None, {})
    for path in (clinic.folder.ledger, clinic.folder.people):
        assert b"wrong field" not in path.read_bytes()


def test_somebody_unknown_costs_as_much_as_somebody_known(
    clinic: Clinic, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not timed: each answer has computed one hash."""
    hashes: list[str | None] = []

    def counted(phc: str | None, secret: str, pepper: bytes) -> bool:
        hashes.append(phc)
        return secrets.secret_matches(phc, secret, pepper)

    monkeypatch.setattr("checklist.clinic.staff.secret_matches", counted)
    clinic.record(disabled(kit.who(clinic, "Ben").id, actor=None, via="tui"))
    for name in ("nobody", "Lea Linden", "Ben Beech", "", "\x1b", "u_0000000000"):
        assert isinstance(clinic.staff.prove(name, "wrong wrong wrong", "tui", ("secret",)), Refusal)
    assert len(hashes) == 6
    assert [phc is None for phc in hashes] == [True, False, True, True, True, True]


def test_a_lead_who_was_disabled_adds_nobody(clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    clinic.record(disabled(lea.id, actor=None, via="tui"))
    refused = clinic.staff.add("Mia", ["staff"], kit.secret, lea, "tui")
    assert isinstance(refused, Refusal)
    assert refused.code == "disabled"


def test_only_a_lead_adds_people_and_names_are_told_apart(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    size = clinic.ledger.size
    for name, roles, secret, by in [
        ("Mia Moss", ["staff"], kit.secret, ben),
        ("ben BEECH", ["staff"], kit.secret, lea),
        ("Mia Moss", [], kit.secret, lea),
        ("Mia Moss", ["Staff!"], kit.secret, lea),
        ("Mia Moss", ["staff"], "12345678", lea),
        ("", ["staff"], kit.secret, lea),
    ]:
        assert isinstance(clinic.staff.add(name, roles, secret, by, "tui"), Refusal)
    assert clinic.ledger.size == size
    # A secret that somebody has already would let one person be two.
    assert isinstance(clinic.staff.add("Mia Moss", ["staff"], kit.secret, lea, "tui"), Refusal)
    mia = clinic.staff.add(" Mia   Moss ", ["staff"], "nine quiet otters", lea, "tui")
    assert isinstance(mia, Operator)
    assert mia.name == "Mia Moss"
    assert clinic.staff.operator(mia.id) == mia
    assert clinic.staff.operator("u_0000000000") is None
    assert clinic.staff.name_of(mia.id) == "Mia Moss"
    assert clinic.staff.name_of(None) == "-"
    assert clinic.staff.name_of("u_0000000000") == "u_0000000000"
    assert [each.name for each in clinic.staff.operators()] == [
        "Ben Beech",
        "Lea Linden",
        "Mia Moss",
        "Otto Oak",
        "Rita Rowan",
    ]
    assert b"Moss" not in clinic.folder.ledger.read_bytes()


def test_the_name_of_somebody_disabled_may_be_given_again(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    clinic.record(disabled(ben.id, actor=lea.id, via="tui"))
    other = clinic.staff.add("Ben Beech", ["staff"], "four white horses", lea, "tui")
    assert isinstance(other, Operator)
    found = clinic.staff.prove("Ben Beech", "four white horses", "tui", ("secret",))
    assert isinstance(found, SignedIn)
    assert found.id == other.id != ben.id


def test_roles_are_those_of_the_record(clinic: Clinic, kit: Kit) -> None:
    ben = kit.who(clinic, "Ben")
    clinic.record(changed(ben.id, actor=None, via="tui", roles=["auditor"], name="ab" * 32))
    found = clinic.staff.operator(ben.id)
    assert found is not None
    assert found.roles == {"auditor"}


def test_of_two_programs_that_add_one_name_only_one_does(house: House, clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    other = house.open()
    opening = name_opening("u_00000000aa", "Max Mohn")
    other.people.add_person("u_00000000aa", "Max Mohn", None, at=utc(other.now()))
    other.people.keep([opening], at=utc(other.now()))
    other.record(added("u_00000000aa", ["staff"], opening.commitment, actor=lea.id, via="tui"))
    assert isinstance(clinic.staff.add("max mohn", ["staff"], "nine quiet otters", lea, "tui"), Refusal)
