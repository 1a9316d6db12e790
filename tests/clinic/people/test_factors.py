"""Secrets and badges: who may change which, what none of them may be, and that the record knows of every change."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.service import SignedIn
from checklist.ledger.errors import NotSaved
from checklist.people.errors import PersonError
from checklist.people.operator import changed, disabled
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Draft, Entry
    from checklist.ledger.reader import Reader
    from tests.clinic.conftest import House, Kit

pytestmark = pytest.mark.usefixtures("cheap_secrets")

NEW = "seven silent swans"


def bens(kit: Kit) -> str:
    return f"{kit.secret}Ben Beech"


def code(answer: object) -> str:
    return answer.code if isinstance(answer, Refusal) else "done"


def prove(clinic: Clinic, named: str, secret: str) -> str:
    found = clinic.staff.prove(named, secret, "tui")
    return found.code if isinstance(found, Refusal) else "in"


# -- one's own secret -------------------------------------------------------------------------------------


def test_everybody_changes_their_own_secret_by_the_old_one(clinic: Clinic, kit: Kit) -> None:
    for name in ("Ben", "Otto"):
        who = kit.who(clinic, name)
        assert clinic.staff.change_secret(who, kit.secret + who.name, NEW + name, "tui") is None
        last = clinic.ledger.last()
        assert last is not None
        assert (last.kind, last.actor) == ("operator.changed", who.id)
        assert last.data == {"operator": who.id, "secret": "changed"}
        assert prove(clinic, who.id, NEW + name) == "in"
        assert prove(clinic, who.id, kit.secret + who.name) == "wrong-secret"


def test_a_wrong_old_secret_is_a_miss_like_any_other(clinic: Clinic, kit: Kit) -> None:
    ben = kit.who(clinic, "Ben")
    for _ in range(5):
        assert code(clinic.staff.change_secret(ben, "wrong wrong wrong", NEW, "tui")) == "wrong-secret"
    assert code(clinic.staff.change_secret(ben, bens(kit), NEW, "tui")) == "locked"
    assert [lock.operator_id for lock in clinic.staff.locks()] == [ben.id]


@pytest.mark.parametrize("new", ["short", "Ben Beech", "password", "83650274", "three green bottlesBen Beech"])
def test_a_weak_secret_and_the_old_one_are_refused(clinic: Clinic, kit: Kit, new: str) -> None:
    size = clinic.ledger.size
    assert code(clinic.staff.change_secret(kit.who(clinic, "Ben"), bens(kit), new, "tui")) == "secret"
    assert clinic.ledger.size == size
    assert prove(clinic, "Ben Beech", bens(kit)) == "in"


def test_who_was_disabled_meanwhile_changes_nothing(clinic: Clinic, kit: Kit) -> None:
    ben = kit.who(clinic, "Ben")
    clinic.record(disabled(ben.id, actor=None, via="tui"))
    assert code(clinic.staff.change_secret(ben, bens(kit), NEW, "tui")) == "disabled"
    clinic.people.forget(ben.id, [])
    assert code(clinic.staff.change_secret(ben, bens(kit), NEW, "tui")) == "operator"


def test_a_change_that_cannot_be_recorded_changes_no_secret(house: House, clinic: Clinic, kit: Kit) -> None:
    """None is ever good that the record does not know of."""
    ben = kit.who(clinic, "Ben")
    holder = sqlite3.connect(house.folder.ledger, isolation_level=None)
    clinic.ledger.query("PRAGMA busy_timeout = 0")
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(NotSaved):
        clinic.staff.change_secret(ben, bens(kit), NEW, "tui")
    holder.close()
    assert prove(clinic, "Ben Beech", NEW) == "wrong-secret"
    assert prove(clinic, "Ben Beech", bens(kit)) == "in"


# -- badges and PINs --------------------------------------------------------------------------------------


def test_a_lead_gives_and_takes_badges(clinic: Clinic, kit: Kit) -> None:
    lea, ben, otto = (kit.who(clinic, name) for name in ("Lea", "Ben", "Otto"))
    for by in (ben, otto):
        assert code(clinic.staff.give_badge(ben.id, "0004711", by, "tui")) == "role"
    assert code(clinic.staff.give_badge("u_0000000000", "0004711", lea, "tui")) == "operator"
    assert code(clinic.staff.give_badge("Ben Beech", "0004711", lea, "tui")) == "operator"
    size = clinic.ledger.size
    for badge in ("0004711", "0004712", None):
        assert clinic.staff.give_badge(ben.id, badge, lea, "tui") is None
        assert prove(clinic, "0004711", bens(kit)) == ("in" if badge == "0004711" else "wrong-secret")
        assert prove(clinic, "0004712", bens(kit)) == ("in" if badge == "0004712" else "wrong-secret")
        assert prove(clinic, "Ben Beech", bens(kit)) == "in"
    facts = [entry for entry in clinic.ledger.entries(size) if entry.kind == "operator.changed"]
    assert [(fact.actor, fact.data["operator"], fact.data["badge"]) for fact in facts] == [
        (lea.id, ben.id, "given"),
        (lea.id, ben.id, "given"),
        (lea.id, ben.id, "taken"),
    ]


@pytest.mark.parametrize("badge", ["", "12", "x" * 200, "47\x1b11", "u_0123456789", "rita ROWAN"])
def test_what_could_be_taken_for_somebody_else_is_no_badge(clinic: Clinic, kit: Kit, badge: str) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    size = clinic.ledger.size
    assert code(clinic.staff.give_badge(ben.id, badge, lea, "tui")) == "badge"
    assert clinic.ledger.size == size


def test_a_badge_belongs_to_one_person(house: House, clinic: Clinic, kit: Kit) -> None:
    lea, ben, rita = (kit.who(clinic, name) for name in ("Lea", "Ben", "Rita"))
    assert clinic.staff.give_badge(ben.id, "0004711", lea, "tui") is None
    assert clinic.staff.give_badge(ben.id, "0004711", lea, "tui") is None
    refused = clinic.staff.give_badge(rita.id, "0004711", lea, "tui")
    assert isinstance(refused, Refusal)
    assert refused.message == "This is the badge of Ben Beech: take it from them first."
    # Two programs at once: people.db lets one of them through.
    other = house.open()
    other.people.set_badge(rita.id, b"the same")
    with pytest.raises(PersonError, match="somebody else's badge"):
        clinic.people.set_badge(lea.id, b"the same")


def test_who_was_disabled_gets_no_badge_but_can_lose_one(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    assert clinic.staff.give_badge(ben.id, "0004711", lea, "tui") is None
    clinic.record(disabled(ben.id, actor=None, via="tui"))
    assert code(clinic.staff.give_badge(ben.id, "0004712", lea, "tui")) == "disabled"
    assert clinic.staff.give_badge(ben.id, None, lea, "tui") is None
    clinic.record(changed(lea.id, actor=None, via="tui", roles=["staff"]))
    assert code(clinic.staff.give_badge(kit.who(clinic, "Rita").id, "0004711", lea, "tui")) == "role"


def test_a_badge_is_never_chosen_as_a_secret(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    assert clinic.staff.give_badge(ben.id, "E2003412 green", lea, "tui") is None
    for who, old in ((ben, bens(kit)), (lea, kit.secret)):
        refused = clinic.staff.change_secret(who, old, " E2003412 green", "tui")
        assert isinstance(refused, Refusal)
        assert refused.code == "secret"
        assert "badge is no secret" in refused.message
    assert clinic.staff.unfit_secret("E2003412 green", "Mia Moss") is not None
    assert clinic.staff.unfit_secret(NEW, "Mia Moss") is None


def test_a_pin_is_for_who_has_a_badge_and_good_only_with_it(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    assert code(clinic.staff.change_secret(ben, bens(kit), "836502", "tui")) == "secret"
    assert clinic.staff.give_badge(ben.id, "0004711", lea, "tui") is None
    assert clinic.staff.change_secret(ben, bens(kit), "836502", "tui") is None
    found = clinic.staff.prove("0004711", "836502", "tui")
    assert isinstance(found, SignedIn)
    assert found.person.factors == ("badge", "secret")
    # Without it, right and wrong are answered alike, so nothing is learned and nothing counted for Ben.
    size = clinic.ledger.size
    answers = {clinic.staff.prove(named, pin, "tui") for named in ("Ben Beech", ben.id) for pin in ("836502", "836503")}
    assert [code(answer) for answer in answers] == ["badge"]
    assert [entry.data for entry in clinic.ledger.entries(size)] == [{}] * 4
    assert prove(clinic, "0004711", "836503") == "wrong-secret"
    # The PIN itself can be changed, and for a passphrase too.
    assert clinic.staff.change_secret(ben, "836502", NEW, "tui") is None
    assert prove(clinic, "Ben Beech", NEW) == "in"


def test_a_locked_pin_is_locked_with_the_badge_and_not_asked_without(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    clinic.staff.give_badge(ben.id, "0004711", lea, "tui")
    clinic.staff.change_secret(ben, bens(kit), "836502", "tui")
    for _ in range(5):
        assert prove(clinic, "0004711", "836503") == "wrong-secret"
    assert [prove(clinic, named, "836502") for named in ("0004711", "Ben Beech", ben.id)] == [
        "locked",
        "badge",
        "badge",
    ]


def test_that_a_pin_needs_its_badge_stands_in_no_file(house: House, clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    clinic.staff.give_badge(ben.id, "0004711", lea, "tui")
    clinic.staff.change_secret(ben, bens(kit), "836502", "tui")
    with closing(sqlite3.connect(house.folder.people, isolation_level=None)) as db:
        db.execute("UPDATE person SET pin = 0")
    assert prove(clinic, "Ben Beech", "836502") == "badge"


def test_a_badge_that_a_pin_needs_is_not_taken(clinic: Clinic, kit: Kit) -> None:
    """Or the last lead could be shut out for good."""
    lea = kit.who(clinic, "Lea")
    clinic.staff.give_badge(lea.id, "0004711", lea, "tui")
    clinic.staff.change_secret(lea, kit.secret, "836502", "tui")
    size = clinic.ledger.size
    refused = clinic.staff.give_badge(lea.id, None, lea, "tui")
    assert isinstance(refused, Refusal)
    assert refused.code == "pin"
    assert clinic.ledger.size == size
    assert prove(clinic, "0004711", "836502") == "in"
    assert clinic.staff.give_badge(lea.id, "0004712", lea, "tui") is None
    assert prove(clinic, "0004712", "836502") == "in"
    assert clinic.staff.change_secret(lea, "836502", NEW, "tui") is None
    assert clinic.staff.give_badge(lea.id, None, lea, "tui") is None
    assert prove(clinic, "Lea Linden", NEW) == "in"


# -- nobody learns another's secret -----------------------------------------------------------------------


def test_choosing_a_secret_or_a_badge_tells_nothing_of_anybodys_secret(clinic: Clinic, kit: Kit) -> None:
    lea, ben, ritas = kit.who(clinic, "Lea"), kit.who(clinic, "Ben"), f"{kit.secret}Rita Rowan"
    assert clinic.staff.unfit_secret(ritas, "Mia Moss") is None
    assert clinic.staff.change_secret(ben, bens(kit), ritas, "tui") is None
    assert prove(clinic, "Ben Beech", ritas) == "in"
    # A badge may say what is a secret; then it opens nothing.
    assert clinic.staff.give_badge(ben.id, ritas, lea, "tui") is None
    for named in (ritas, "Ben Beech"):
        assert prove(clinic, named, ritas) == "wrong-secret"
    assert prove(clinic, "Rita Rowan", ritas) == "in"


# -- cut off in between -----------------------------------------------------------------------------------


def held_when_recorded(
    clinic: Clinic, operator: str, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]
) -> tuple[str | None, bytes | None]:
    """The hashed secret and the badge that people.db holds at the moment at which an act has just been recorded: what
    would be good from then on, if the program ended there."""
    append, held = clinic.ledger.append, []

    def recorded(plan: Callable[[Reader], Sequence[Draft]]) -> list[Entry]:
        entries = append(plan)
        person = clinic.people.person_by(operator)
        assert person is not None
        held.append((person.secret, person.badge))
        return entries

    with monkeypatch.context() as patched:
        patched.setattr(clinic.ledger, "append", recorded)
        act()
    return held[-1]


def test_what_is_voided_is_gone_by_the_time_that_it_is_recorded(
    clinic: Clinic, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    lea, ben, rita = (kit.who(clinic, name) for name in ("Lea", "Ben", "Rita"))
    clinic.record(changed(rita.id, actor=None, via="tui", roles=["lead"]))
    rita = kit.who(clinic, "Rita")
    for badge in ("0004711", "0004712", None):
        held = held_when_recorded(
            clinic,
            ben.id,
            monkeypatch,
            lambda: clinic.staff.give_badge(ben.id, badge, lea, "tui"),  # noqa: B023
        )
        assert held[1] is None
    held = held_when_recorded(clinic, ben.id, monkeypatch, lambda: clinic.staff.reset(ben.id, NEW, lea, rita, "tui"))
    assert held[0] is None
    assert prove(clinic, "Ben Beech", NEW) == "in"


def test_what_could_not_be_voided_in_the_record_is_still_good(house: House, clinic: Clinic, kit: Kit) -> None:
    lea, ben, rita = (kit.who(clinic, name) for name in ("Lea", "Ben", "Rita"))
    clinic.record(changed(rita.id, actor=None, via="tui", roles=["lead"]))
    rita = kit.who(clinic, "Rita")
    clinic.staff.give_badge(ben.id, "0004711", lea, "tui")
    size = clinic.ledger.size

    def fail() -> None:
        raise sqlite3.OperationalError("disk I/O error")

    for act in (
        lambda: clinic.staff.give_badge(ben.id, None, lea, "tui"),
        lambda: clinic.staff.reset(ben.id, NEW, lea, rita, "tui"),
    ):
        house.clock.hook = fail
        with pytest.raises(NotSaved):
            act()
    assert clinic.ledger.size == size
    assert prove(clinic, "0004711", bens(kit)) == "in"
