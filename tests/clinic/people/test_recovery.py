"""A forgotten secret takes two leads, or one and the paper; and the paper is good for once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.copies import Copied, backup, restore
from checklist.clinic.errors import ClinicError
from checklist.clinic.folder import Folder
from checklist.clinic.people import recovery
from checklist.clinic.people.lock_view import tries_of
from checklist.clinic.people.staff import Reset
from checklist.clinic.service import SignedIn
from checklist.people.operator import changed, disabled
from checklist.people.secret import load_pepper, secret_matches
from checklist.run import commands as c
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.clinic.making import Made
    from checklist.clinic.service import Clinic
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
    answer = clinic.staff.recover("Lea Linden", kit.secret, code, "tui")
    assert isinstance(answer, Reset)
    last = clinic.ledger.last()
    assert last is not None
    assert (last.kind, last.actor, last.data) == ("sign-in.unlocked", lea.id, {"operator": lea.id, "recovery": True})
    assert prove(clinic, "Lea Linden", kit.secret) == "in"
    assert answer.recovery is not None
    locked_out(house, clinic, "Lea Linden")
    assert refused(clinic.staff.recover("Lea Linden", kit.secret, code, "tui")) == "wrong-secret"
    assert isinstance(clinic.staff.recover("Lea Linden", kit.secret, answer.recovery, "tui"), Reset)


def test_the_paper_finds_out_nobodys_secret(
    house: House, clinic: Clinic, kit: Kit, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is amiss, the answer is one and the same, the work is the same, and each try is a miss."""
    rita = kit.who(clinic, "Rita")
    locked_out(house, clinic, "Lea Linden")
    clinic.record(changed(rita.id, actor=None, via="tui", roles=["lead"]))
    compared: list[str] = []

    def counted(phc: str | None, secret: str, pepper: bytes, owner: str = "") -> bool:
        compared.append(owner)
        return secret_matches(phc, secret, pepper, owner)

    monkeypatch.setattr("checklist.clinic.people.factors.secret_matches", counted)
    tries = [
        ("Lea Linden", "wrong wrong wrong", code),
        ("Lea Linden", kit.secret, "AAAA-BBBB-CCCC-DDDD"),
        ("Lea Linden", kit.secret, ""),
        ("Lea Linden", "836502", code),
        ("nobody", kit.secret, code),
        ("Ben Beech", kit.secret + "Ben Beech", code),
        ("Ben Beech", "wrong wrong wrong", code),
        ("Rita Rowan", kit.secret + "Rita Rowan", code),
        ("Rita Rowan", "wrong wrong wrong", code),
    ]
    answers, size = set(), clinic.ledger.size
    for named, secret, paper in tries:
        answers.add(clinic.staff.recover(named, secret, paper, "tui"))
        house.clock.advance(60)
        if len(compared) == 5:
            house.clock.advance(300)
    assert len({answer.code for answer in answers if isinstance(answer, Refusal)}) == 1
    assert len(compared) == len(tries)
    facts = [entry for entry in clinic.ledger.entries(size) if entry.kind == "sign-in.failed"]
    assert [fact.data for fact in facts] == [{"recovery": True}] * len(tries)


def test_five_misses_of_the_paper_lock_it_for_a_while_and_nobody_else(
    house: House, clinic: Clinic, kit: Kit, code: str
) -> None:
    locked_out(house, clinic, "Lea Linden")
    for minutes in (1, 5, 15, 15, 15):
        for _ in range(5):
            assert refused(clinic.staff.recover("Lea Linden", "wrong wrong wrong", code, "tui")) == "wrong-secret"
        locked = clinic.staff.recover("Lea Linden", kit.secret, code, "tui")
        assert refused(locked) == "locked"
        assert isinstance(locked, Refusal)
        assert "No recovery code is tried until" in locked.message
        assert prove(clinic, "Ben Beech", kit.secret + "Ben Beech") == "in"
        house.clock.advance(minutes * 60)
    assert isinstance(clinic.staff.recover("Lea Linden", kit.secret, code, "tui"), Reset)


def test_the_paper_ends_no_lock_of_who_is_no_lead_or_has_left(
    house: House, clinic: Clinic, kit: Kit, ben: SignedIn, code: str
) -> None:
    locked_out(house, clinic, "Ben Beech")
    assert refused(clinic.staff.recover("Ben Beech", kit.secret + "Ben Beech", code, "tui")) == "wrong-secret"
    clinic.record(changed(ben.id, actor=None, via="tui", roles=["lead"]))
    clinic.record(disabled(ben.id, actor=None, via="tui"))
    assert refused(clinic.staff.recover("Ben Beech", kit.secret + "Ben Beech", code, "tui")) == "wrong-secret"
    assert [lock.operator_id for lock in clinic.staff.locks()] == [ben.id]


# -- what a reset ends ------------------------------------------------------------------------------------


def test_a_reset_ends_what_the_old_secret_opened(
    clinic: Clinic, kit: Kit, lea: SignedIn, rita: SignedIn, ben: SignedIn
) -> None:
    """Whoever signed in with the old secret, or proved it as a second person, does nothing more by it."""
    old = clinic.staff.sign_in("Ben Beech", kit.secret + "Ben Beech", "tui")
    others = clinic.staff.sign_in("Otto Oak", kit.secret + "Otto Oak", "tui")
    assert isinstance(old, SignedIn)
    assert isinstance(others, SignedIn)
    run = kit.begin(clinic, "blind", "room=room-1")
    kit.do(clinic, run, c.Give("indicator", "turned"))
    assert clinic.staff.reset(ben.id, NEW, lea, rita, "tui") == Reset(None)
    for act in (
        lambda: clinic.begin("short", "", old, "tui"),
        lambda: clinic.do(run, c.Witness("second", old.person, "turned"), lea, "tui"),
        lambda: clinic.staff.change_secret(old, NEW, NEW + " again", "tui"),
    ):
        answer = act()
        assert isinstance(answer, Refusal)
        assert answer.code == "reset"
    assert clinic.staff.barred(clinic.ledger, others.person) is None
    new = clinic.staff.sign_in("Ben Beech", NEW, "tui")
    assert isinstance(new, SignedIn)
    kit.do(clinic, run, c.Witness("second", new.person, "turned"))


# -- after a restore --------------------------------------------------------------------------------------


@pytest.mark.parametrize("misses", [5, 15, 20])
def test_a_restore_keeps_locks_with_their_level_and_a_reset_ends_them(
    house: House, clinic: Clinic, kit: Kit, lea: SignedIn, tmp_path: Path, misses: int
) -> None:
    clinic.record(changed(kit.who(clinic, "Rita").id, actor=None, via="tui", roles=["lead"]))
    while len(clinic.ledger.entries_of_kind("sign-in.failed")) < misses:
        prove(clinic, "Ben Beech", "wrong wrong wrong")
        house.clock.advance(180)
    prove(clinic, "Ben Beech", "wrong wrong wrong")
    before = clinic.ledger.entries_of_kind("sign-in.locked")[-1].data["minutes"]
    copied = backup(clinic, tmp_path / "copy", lea, "tui")
    assert isinstance(copied, Copied)
    back = restore(copied.folder, Folder(tmp_path / "again"), "tui")
    again = kit.new_house(back.folder, house.clock)
    with again.stack:
        one = again.open()
        ben = kit.who(one, "Ben").id
        tries = tries_of(one.ledger, ben)
        assert tries.misses >= misses
        assert tries.lock is not None
        assert tries.lock.minutes == before
        assert one.staff.reset(ben, NEW, kit.who(one, "Lea"), kit.who(one, "Rita"), "tui") == Reset(None)
        assert one.staff.locks() == []
        assert prove(one, "Ben Beech", NEW) == "in"
