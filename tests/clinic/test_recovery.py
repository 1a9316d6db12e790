"""A forgotten secret takes two leads, or one and the paper; and the paper is good for once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from checklist.clinic import recovery
from checklist.clinic.errors import ClinicError
from checklist.clinic.staff import Reset
from checklist.people.operator import changed, disabled
from checklist.people.secret import load_pepper
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from checklist.clinic.making import Made
    from checklist.clinic.service import Clinic, SignedIn
    from tests.clinic.conftest import House, Kit

pytestmark = pytest.mark.usefixtures("cheap_secrets")

NEW = "seven silent swans"


@pytest.fixture
def code(house: House) -> str:
    """A code whose hash costs next to nothing."""
    return recovery.renew(house.folder.keys, load_pepper(house.folder.keys))


@pytest.fixture
def lea(clinic: Clinic, kit: Kit) -> SignedIn:
    return kit.who(clinic, "Lea")


@pytest.fixture
def rita(clinic: Clinic, kit: Kit) -> SignedIn:
    """The second lead."""
    clinic.record(changed(kit.who(clinic, "Rita").id, actor=None, via="tui", roles=["staff", "lead"]))
    return kit.who(clinic, "Rita")


@pytest.fixture
def ben(clinic: Clinic, kit: Kit) -> SignedIn:
    return kit.who(clinic, "Ben")


def refused(answer: Reset | Refusal) -> str:
    assert isinstance(answer, Refusal)
    assert answer.message.endswith((".", "!"))
    return answer.code


def prove(clinic: Clinic, named: str, secret: str) -> str:
    found = clinic.staff.prove(named, secret, "tui")
    return found.code if isinstance(found, Refusal) else "in"


# -- two leads --------------------------------------------------------------------------------------------


def test_two_leads_give_somebody_another_secret(
    clinic: Clinic, lea: SignedIn, rita: SignedIn, ben: SignedIn, kit: Kit
) -> None:
    assert clinic.staff.reset(ben.id, NEW, lea, rita, "tui") == Reset(None)
    last = clinic.ledger.last()
    assert last is not None
    assert (last.kind, last.actor) == ("operator.changed", lea.id)
    assert last.data == {"operator": ben.id, "secret": "reset", "witness": rita.id, "factors": ["secret"]}
    assert prove(clinic, "Ben Beech", NEW) == "in"
    assert prove(clinic, "Ben Beech", kit.secret + "Ben Beech") == "wrong-secret"


def test_one_lead_alone_the_same_lead_twice_and_who_is_no_lead_reset_nothing(
    clinic: Clinic, lea: SignedIn, rita: SignedIn, ben: SignedIn, kit: Kit
) -> None:
    otto = kit.who(clinic, "Otto")
    size = clinic.ledger.size
    assert refused(clinic.staff.reset(ben.id, NEW, lea, lea, "tui")) == "same-person"
    for who, second in [(ben, lea), (lea, ben), (otto, lea), (rita, otto), (ben, ben)]:
        assert refused(clinic.staff.reset(ben.id, NEW, who, second, "tui")) == "role"
    assert refused(clinic.staff.reset("u_0000000000", NEW, lea, rita, "tui")) == "operator"
    assert refused(clinic.staff.reset("Ben Beech", NEW, lea, rita, "tui")) == "operator"
    assert refused(clinic.staff.reset(ben.id, "short", lea, rita, "tui")) == "secret"
    assert clinic.ledger.size == size
    assert prove(clinic, "Ben Beech", kit.secret + "Ben Beech") == "in"


def test_a_lead_who_is_none_any_more_and_a_person_who_has_left_are_refused(
    clinic: Clinic, lea: SignedIn, rita: SignedIn, ben: SignedIn
) -> None:
    clinic.record(disabled(ben.id, actor=None, via="tui"))
    assert refused(clinic.staff.reset(ben.id, NEW, lea, rita, "tui")) == "disabled"
    clinic.record(changed(rita.id, actor=None, via="tui", roles=["staff"]))
    for who, second in [(lea, rita), (rita, lea)]:
        assert refused(clinic.staff.reset(lea.id, NEW, who, second, "tui")) == "role"


def test_a_reset_ends_the_lock_that_forgetting_led_to(
    clinic: Clinic, lea: SignedIn, rita: SignedIn, ben: SignedIn
) -> None:
    for _ in range(5):
        prove(clinic, "Ben Beech", "wrong wrong wrong")
    assert prove(clinic, "Ben Beech", NEW) == "locked"
    assert clinic.staff.reset(ben.id, NEW, lea, rita, "tui") == Reset(None)
    last = clinic.ledger.last()
    assert last is not None
    assert (last.kind, last.actor, last.data) == ("sign-in.unlocked", lea.id, {"operator": ben.id})
    assert prove(clinic, "Ben Beech", NEW) == "in"


# -- the paper --------------------------------------------------------------------------------------------


def test_the_code_from_the_beginning_stands_for_the_second_lead(
    template: Made, clinic: Clinic, lea: SignedIn, ben: SignedIn
) -> None:
    answer = clinic.staff.reset(ben.id, NEW, lea, template.recovery, "tui")
    assert isinstance(answer, Reset)
    assert answer.recovery is not None
    assert re.fullmatch(r"([A-HJ-NP-Z2-9]{4}-){3}[A-HJ-NP-Z2-9]{4}", answer.recovery)
    last = clinic.ledger.last()
    assert last is not None
    assert (last.actor, last.data) == (lea.id, {"operator": ben.id, "secret": "reset", "recovery": True})
    assert prove(clinic, "Ben Beech", NEW) == "in"


def test_a_code_is_good_for_once_and_the_next_one_is_given(
    clinic: Clinic, lea: SignedIn, ben: SignedIn, code: str
) -> None:
    first = clinic.staff.reset(ben.id, NEW, lea, code, "tui")
    assert isinstance(first, Reset)
    assert first.recovery is not None
    assert refused(clinic.staff.reset(ben.id, NEW + " again", lea, code, "tui")) == "wrong-code"
    assert prove(clinic, "Ben Beech", NEW) == "in"
    typed = f" {first.recovery.lower().replace('-', ' ')}"
    assert isinstance(clinic.staff.reset(ben.id, NEW + " again", lea, typed, "tui"), Reset)
    for path in clinic.folder.root.rglob("*"):
        assert path.is_dir() or first.recovery.encode() not in path.read_bytes()


def test_of_two_programs_with_one_code_one_uses_it(
    house: House, clinic: Clinic, lea: SignedIn, ben: SignedIn, code: str
) -> None:
    other = house.open()
    assert isinstance(other.staff.reset(ben.id, NEW, lea, code, "tui"), Reset)
    assert refused(clinic.staff.reset(ben.id, NEW + " again", lea, code, "tui")) == "wrong-code"


def test_a_wrong_code_counts_as_a_miss_of_the_lead(
    clinic: Clinic, kit: Kit, lea: SignedIn, ben: SignedIn, code: str
) -> None:
    size = clinic.ledger.size
    for wrong in ("", "AAAA-BBBB-CCCC-DDDD", code[:-1], kit.secret, "\x1b"):
        assert refused(clinic.staff.reset(ben.id, NEW, lea, wrong, "tui")) == "wrong-code"
    facts = [(entry.kind, entry.data["operator"]) for entry in clinic.ledger.entries(size)]
    assert facts == [("sign-in.failed", lea.id)] * 5 + [("sign-in.locked", lea.id)]
    assert refused(clinic.staff.reset(ben.id, NEW, lea, code, "tui")) == "locked"
    assert prove(clinic, "Lea Linden", kit.secret) == "locked"


def test_a_code_is_kept_for_the_next_time_where_nothing_came_of_it(
    clinic: Clinic, lea: SignedIn, ben: SignedIn, code: str
) -> None:
    assert refused(clinic.staff.reset(ben.id, NEW, ben, code, "tui")) == "role"
    assert refused(clinic.staff.reset("u_0000000000", NEW, lea, code, "tui")) == "operator"
    assert refused(clinic.staff.reset(ben.id, "short", lea, code, "tui")) == "secret"
    assert isinstance(clinic.staff.reset(ben.id, NEW, lea, code, "tui"), Reset)


@pytest.mark.parametrize("kept", [None, b"", b"nonsense", b"\xff\xfe"])
def test_where_no_code_is_kept_that_is_said(
    clinic: Clinic, lea: SignedIn, ben: SignedIn, code: str, kept: bytes | None
) -> None:
    path = clinic.folder.keys / recovery.NAME
    if kept is None:
        path.unlink()
    else:
        path.write_bytes(kept)
    with pytest.raises(ClinicError, match="second lead"):
        clinic.staff.reset(ben.id, NEW, lea, code, "tui")


def test_a_code_that_others_could_read_is_not_used(clinic: Clinic, lea: SignedIn, ben: SignedIn, code: str) -> None:
    (clinic.folder.keys / recovery.NAME).chmod(0o644)
    with pytest.raises(ClinicError, match="chmod 600"):
        clinic.staff.reset(ben.id, NEW, lea, code, "tui")


def test_where_the_next_code_cannot_be_written_the_one_on_paper_stays_good(
    clinic: Clinic, lea: SignedIn, ben: SignedIn, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: object, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("checklist.ledger.durable.replace", full)
        with pytest.raises(ClinicError, match="still good"):
            clinic.staff.reset(ben.id, NEW, lea, code, "tui")
    assert prove(clinic, "Ben Beech", NEW) == "in"
    assert isinstance(clinic.staff.reset(ben.id, NEW + " again", lea, code, "tui"), Reset)


# -- the only lead, locked --------------------------------------------------------------------------------


def locked_out(house: House, clinic: Clinic, named: str) -> None:
    """Somebody tries wrong secrets until nothing but a lead helps."""
    while not any(lock.until is None for lock in clinic.staff.locks()):
        prove(clinic, named, "wrong wrong wrong")
        house.clock.advance(180)


def test_the_only_lead_ends_their_own_lock_by_secret_and_paper(
    house: House, clinic: Clinic, kit: Kit, lea: SignedIn, code: str
) -> None:
    locked_out(house, clinic, "Lea Linden")
    size = clinic.ledger.size
    for secret, paper in [("wrong wrong wrong", code), (kit.secret, "AAAA-BBBB-CCCC-DDDD"), (kit.secret, "")]:
        assert refused(clinic.staff.recover("Lea Linden", secret, paper, "tui")) == "wrong-secret"
    assert refused(clinic.staff.recover("nobody", kit.secret, code, "tui")) == "wrong-secret"
    assert clinic.ledger.size == size
    answer = clinic.staff.recover("Lea Linden", kit.secret, code, "tui")
    assert isinstance(answer, Reset)
    last = clinic.ledger.last()
    assert last is not None
    assert (last.kind, last.actor, last.data) == ("sign-in.unlocked", lea.id, {"operator": lea.id})
    assert prove(clinic, "Lea Linden", kit.secret) == "in"
    assert refused(clinic.staff.recover("Lea Linden", kit.secret, code, "tui")) == "wrong-secret"
    assert refused(clinic.staff.recover("Lea Linden", kit.secret, answer.recovery or "", "tui")) == "not-locked"


def test_the_paper_ends_no_lock_of_who_is_no_lead_or_has_left(
    house: House, clinic: Clinic, kit: Kit, ben: SignedIn, code: str
) -> None:
    locked_out(house, clinic, "Ben Beech")
    assert refused(clinic.staff.recover("Ben Beech", kit.secret + "Ben Beech", code, "tui")) == "role"
    clinic.record(changed(ben.id, actor=None, via="tui", roles=["lead"]))
    clinic.record(disabled(ben.id, actor=None, via="tui"))
    assert refused(clinic.staff.recover("Ben Beech", kit.secret + "Ben Beech", code, "tui")) == "disabled"
    assert [lock.operator_id for lock in clinic.staff.locks()] == [ben.id]
