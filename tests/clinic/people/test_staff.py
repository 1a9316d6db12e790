"""The people of a clinic: who is let in, what a miss leaves behind, who is locked out, and who may be added."""

from __future__ import annotations

import fcntl
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.people.staff import Lock
from checklist.clinic.service import SignedIn
from checklist.ledger.errors import NotSaved
from checklist.people import secret as secrets
from checklist.people.badge import badge_mac
from checklist.people.operator import changed, disabled
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit


pytestmark = pytest.mark.usefixtures("cheap_secrets")

WRONG = "wrong wrong wrong"


def bens(kit: Kit) -> str:
    return f"{kit.secret}Ben Beech"


def prove(clinic: Clinic, named: str, secret: str) -> str:
    """Who comes in with this; or the code of the refusal."""
    found = clinic.staff.prove(named, secret, "tui")
    return found.code if isinstance(found, Refusal) else "in"


def miss(clinic: Clinic, named: str, times: int) -> None:
    """Try a wrong secret so many times, each of which is compared."""
    for _ in range(times):
        assert prove(clinic, named, WRONG) == "wrong-secret"


def pepper_of(clinic: Clinic) -> bytes:
    return secrets.load_pepper(clinic.folder.keys)


def counting(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The hashes that were compared from now on; None for that of nobody."""
    compared: list[str | None] = []

    def counted(phc: str | None, secret: str, pepper: bytes, owner: str) -> bool:
        compared.append(phc)
        return secrets.secret_matches(phc, secret, pepper, owner)

    monkeypatch.setattr("checklist.clinic.people.comparing.secret_matches", counted)
    return compared


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Let something happen while the next secret is compared."""
    acts = [act]

    def compared(phc: str | None, secret: str, pepper: bytes, owner: str) -> bool:
        right = secrets.secret_matches(phc, secret, pepper, owner)
        if acts:
            acts.pop()()
        return right

    monkeypatch.setattr("checklist.clinic.people.comparing.secret_matches", compared)


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
    """Counted, not timed: each answer has computed one hash, and each answer to somebody locked none."""
    compared = counting(monkeypatch)
    ben, lea = kit.who(clinic, "Ben"), kit.who(clinic, "Lea")
    clinic.record(disabled(ben.id, actor=None, via="tui"))
    clinic.people.set_badge(lea.id, badge_mac("0004711", pepper_of(clinic)))
    size = clinic.ledger.size
    names = ("nobody", "Lea Linden", lea.id, "0004711", "Ben Beech", "", "\x1b", "u_0000000000")
    for name in names:
        assert prove(clinic, name, WRONG) == "wrong-secret"
    assert [phc is None for phc in compared] == [True, False, False, False, False, True, True, True]
    assert [entry.kind for entry in clinic.ledger.entries(size)] == ["sign-in.failed"] * len(names)
    # A PIN without its badge is asked of nobody, whoever is meant.
    compared.clear()
    size = clinic.ledger.size
    for name in ("nobody", "Lea Linden", lea.id, "Ben Beech", ""):
        assert prove(clinic, name, "836502") == "badge"
    assert compared == [None] * 5
    assert [entry.data for entry in clinic.ledger.entries(size)] == [{}] * 5
    for name in ("Lea Linden", "0004711"):
        miss(clinic, name, 1)
    compared.clear()
    for name in ("Lea Linden", "0004711"):
        assert prove(clinic, name, WRONG) == "locked"
    assert compared == []


# -- locked out -------------------------------------------------------------------------------------------


def test_the_fifth_miss_locks_and_then_not_even_the_right_secret_is_compared(
    house: House, clinic: Clinic, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    lea = kit.who(clinic, "Lea")
    size = clinic.ledger.size
    answers = [clinic.staff.prove("Lea Linden", WRONG, "tui") for _ in range(5)]
    assert [answer.code for answer in answers if isinstance(answer, Refusal)] == ["wrong-secret"] * 5
    assert isinstance(answers[-1], Refusal)
    assert "locked until 10:02" in answers[-1].message
    facts = list(clinic.ledger.entries(size))
    assert [fact.kind for fact in facts] == ["sign-in.failed"] * 5 + ["sign-in.locked"]
    assert (facts[-1].actor, facts[-1].data) == (None, {"operator": lea.id, "minutes": 1})
    compared = counting(monkeypatch)
    for named in ("Lea Linden", lea.id):
        refused = clinic.staff.sign_in(named, kit.secret, "tui")
        assert isinstance(refused, Refusal)
        assert refused.code == "locked"
        assert refused.message == "This sign-in is locked until 10:02; ask a lead to unlock it, or wait."
    assert compared == []
    assert clinic.ledger.size == size + 6
    # Others come in all the time.
    assert prove(clinic, "Ben Beech", kit.secret + "Ben Beech") == "in"
    house.clock.advance(60)
    assert prove(clinic, "Lea Linden", kit.secret) == "in"


def test_locks_grow_until_only_a_lead_ends_them(house: House, clinic: Clinic, kit: Kit) -> None:
    ben = kit.who(clinic, "Ben")
    for minutes in (1, 5, 15):
        miss(clinic, "Ben Beech", 5)
        house.clock.advance(minutes * 60 - 1)
        assert prove(clinic, "Ben Beech", bens(kit)) == "locked"
        house.clock.advance(1)
    miss(clinic, "Ben Beech", 5)
    house.clock.advance(1e7)
    refused = clinic.staff.prove("Ben Beech", bens(kit), "tui")
    assert refused == Refusal("locked", "This sign-in is locked; ask a lead to unlock it.")
    assert clinic.staff.locks() == [Lock(ben.id, "Ben Beech", None, None)]
    # A lead forgives everything, and it begins anew.
    lea = kit.who(clinic, "Lea")
    assert clinic.staff.unlock(ben.id, lea, "tui") is None
    last = clinic.ledger.last()
    assert last is not None
    assert (last.kind, last.actor, last.data) == ("sign-in.unlocked", lea.id, {"operator": ben.id})
    miss(clinic, "Ben Beech", 4)
    assert prove(clinic, "Ben Beech", bens(kit)) == "in"


def test_a_right_secret_forgives_the_misses_before_it(clinic: Clinic, kit: Kit) -> None:
    for _ in range(3):
        miss(clinic, "Ben Beech", 4)
        assert isinstance(clinic.staff.sign_in("Ben Beech", bens(kit), "tui"), SignedIn)
    assert clinic.staff.locks() == []


def test_a_restart_ends_no_lock_and_neither_does_moving_the_clock(house: House, clinic: Clinic, kit: Kit) -> None:
    miss(clinic, "Ben Beech", 5)
    clinic.close()
    again = house.open()
    assert prove(again, "Ben Beech", bens(kit)) == "locked"
    house.clock.wall += timedelta(days=1)
    assert prove(again, "Ben Beech", bens(kit)) == "locked"
    house.clock.wall -= timedelta(days=2)
    house.clock.mono_ms += 59_000
    assert prove(again, "Ben Beech", bens(kit)) == "locked"
    house.clock.mono_ms += 1_000
    assert prove(again, "Ben Beech", bens(kit)) == "in"


def test_a_machine_that_is_started_again_goes_on_with_the_lock(house: House, clinic: Clinic, kit: Kit) -> None:
    miss(clinic, "Ben Beech", 5)
    house.clock.boots += 1
    house.clock.mono_ms = 5_000
    assert prove(clinic, "Ben Beech", bens(kit)) == "locked"
    house.clock.wall += timedelta(seconds=60)
    assert prove(clinic, "Ben Beech", bens(kit)) == "in"


def test_a_lock_that_began_under_a_wrong_clock_ends_all_the_same(house: House, clinic: Clinic, kit: Kit) -> None:
    house.clock.wall += timedelta(days=1500)
    miss(clinic, "Ben Beech", 5)
    house.clock.wall -= timedelta(days=1500)
    house.clock.boots += 1
    house.clock.mono_ms = 20_000
    assert prove(clinic, "Ben Beech", bens(kit)) == "locked"
    assert [lock.shown for lock in clinic.staff.locks()] == ["10:02"]
    house.clock.advance(40)
    assert prove(clinic, "Ben Beech", bens(kit)) == "in"


def test_two_programs_at_one_folder_share_the_misses(house: House, clinic: Clinic, kit: Kit) -> None:
    other = house.open()
    for door in (clinic, other, clinic, other, clinic):
        miss(door, "Ben Beech", 1)
    assert prove(other, "Ben Beech", bens(kit)) == "locked"
    assert [lock.name for lock in other.staff.locks()] == [lock.name for lock in clinic.staff.locks()] == ["Ben Beech"]


def test_guessing_in_many_programs_at_once_gives_no_sixth_try(
    house: House, clinic: Clinic, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared, start = counting(monkeypatch), Barrier(12)

    def guess() -> str:
        own = kit.new_house(house.folder, house.clock)
        with own.stack:
            program = own.open()
            start.wait()
            return prove(program, "Ben Beech", WRONG)

    with ThreadPoolExecutor(12) as programs:
        answers = [each.result() for each in [programs.submit(guess) for _ in range(12)]]
    assert sorted(answers) == ["locked"] * 7 + ["wrong-secret"] * 5
    assert len(compared) == 5
    assert len(clinic.ledger.entries_of_kind("sign-in.failed")) == 5


def test_nobody_else_compares_from_the_look_at_the_lock_to_the_recorded_miss(
    house: House, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    free: list[bool] = []

    def look() -> None:
        with (house.folder.keys / "pepper").open("rb") as pepper:
            try:
                fcntl.flock(pepper, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                free.append(False)
            else:
                free.append(True)

    look()
    meanwhile(monkeypatch, look)
    house.clock.hook, house.clock.after = look, 1  # the next look but one at the clock is for the entry of the miss
    miss(clinic, "Ben Beech", 1)
    look()
    assert free == [True, False, False, True]


def test_a_record_that_cannot_be_written_gives_nobody_more_tries(
    house: House, clinic: Clinic, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One wrong secret may be found out; then nothing is compared until that miss is recorded."""
    clinic.ledger.query("PRAGMA busy_timeout = 0")
    compared = counting(monkeypatch)
    with closing(sqlite3.connect(house.folder.ledger, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        for secret in (WRONG, WRONG, bens(kit)):
            with pytest.raises(NotSaved):
                clinic.staff.prove("Ben Beech", secret, "tui")
    assert len(compared) == 1
    miss(clinic, "Ben Beech", 4)
    failed = clinic.ledger.entries_of_kind("sign-in.failed")
    assert [entry.data for entry in failed] == [{"operator": kit.who(clinic, "Ben").id}] * 5
    assert prove(clinic, "Ben Beech", bens(kit)) == "locked"


def test_who_is_disabled_in_the_last_moment_is_not_signed_in(
    house: House, clinic: Clinic, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, ben = house.open(), kit.who(clinic, "Ben")

    def disable() -> None:
        other.record(disabled(ben.id, actor=None, via="tui"))

    meanwhile(monkeypatch, disable)
    refused = clinic.staff.sign_in("Ben Beech", bens(kit), "tui")
    assert isinstance(refused, Refusal)
    assert refused.code == "disabled"
    assert not clinic.ledger.entries_of_kind("signed-in")


def test_no_number_of_misses_tells_an_unknown_name_from_a_known_one(clinic: Clinic, kit: Kit) -> None:
    """All of them are in the record, and none says locked while a known name nobody has tried does not."""
    size = clinic.ledger.size
    answers = {clinic.staff.prove(name, WRONG, "tui") for name in ("Nora", "Nils", "N", "", "4711") for _ in range(5)}
    assert answers == {clinic.staff.prove("Ben Beech", WRONG, "tui")}
    assert [entry.kind for entry in clinic.ledger.entries(size)] == ["sign-in.failed"] * 26
    assert prove(clinic, "Ben Beech", bens(kit)) == "in"
    assert clinic.staff.locks() == []


def test_locks_are_told_by_name_with_their_end(house: House, clinic: Clinic, kit: Kit) -> None:
    for name in ("Rita Rowan", "Ben Beech"):
        miss(clinic, name, 5)
    house.clock.advance(10)
    assert clinic.staff.locks() == [
        Lock(kit.who(clinic, "Ben").id, "Ben Beech", "2031-03-10T09:02:00.000000Z", "10:02"),
        Lock(kit.who(clinic, "Rita").id, "Rita Rowan", "2031-03-10T09:02:00.000000Z", "10:02"),
    ]


def test_only_another_lead_unlocks_and_only_what_is_locked(clinic: Clinic, kit: Kit) -> None:
    lea, ben, otto = (kit.who(clinic, name) for name in ("Lea", "Ben", "Otto"))
    miss(clinic, "Lea Linden", 5)
    miss(clinic, "Ben Beech", 4)
    size = clinic.ledger.size
    for operator, by, code in [
        (lea.id, ben, "role"),
        (lea.id, otto, "role"),
        (lea.id, lea, "same-person"),
        (ben.id, lea, "not-locked"),
        ("u_0000000000", lea, "operator"),
        ("", lea, "operator"),
        ("recovery", lea, "operator"),
    ]:
        refused = clinic.staff.unlock(operator, by, "tui")
        assert isinstance(refused, Refusal)
        assert refused.code == code
    assert clinic.ledger.size == size


# -- disabled, and badges ---------------------------------------------------------------------------------


def test_who_was_disabled_is_told_so_for_the_right_secret_only(clinic: Clinic, kit: Kit) -> None:
    ben = kit.who(clinic, "Ben")
    clinic.record(disabled(ben.id, actor=None, via="tui"))
    size = clinic.ledger.size
    assert prove(clinic, "Ben Beech", bens(kit)) == "disabled"
    assert prove(clinic, ben.id, WRONG) == "wrong-secret"
    tried = list(clinic.ledger.entries(size))
    assert [(entry.kind, entry.data) for entry in tried] == [("sign-in.failed", {"operator": ben.id})] * 2
    miss(clinic, "Ben Beech", 3)
    assert prove(clinic, "Ben Beech", bens(kit)) == "locked"


def test_a_badge_says_who_is_meant_and_the_secret_proves_it(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    assert clinic.staff.give_badge(ben.id, " 0004711\r", lea, "tui") is None
    found = clinic.staff.sign_in("0004711\n", bens(kit), "tui")
    assert isinstance(found, SignedIn)
    assert (found.id, found.name, found.person.factors) == (ben.id, "Ben Beech", ("badge", "secret"))
    last = clinic.ledger.last()
    assert last is not None
    assert (last.kind, last.data) == ("signed-in", {"factors": ["badge", "secret"]})
    by_name = clinic.staff.prove("Ben Beech", bens(kit), "tui", ("secret-file",))
    assert isinstance(by_name, SignedIn)
    assert by_name.person.factors == ("secret-file",)
    # It is no secret: not its owner's, not anybody's.
    assert prove(clinic, "0004711", "0004711") == "wrong-secret"
    assert prove(clinic, "Lea Linden", "0004711") == "badge"
    for path in (clinic.folder.ledger, clinic.folder.people):
        assert b"0004711" not in path.read_bytes()


def test_who_proves_themselves_brings_their_credentials(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    held = clinic.personnel.grant(ben.id, "microneedling", "2031-12-31", {}, lea, "tui")
    assert not isinstance(held, Refusal)
    found = clinic.staff.prove("Ben Beech", bens(kit), "tui")
    assert isinstance(found, SignedIn)
    assert found.person.credentials == {"microneedling": "2031-12-31"}


# -- who is added -----------------------------------------------------------------------------------------


def test_roles_are_those_of_the_record(clinic: Clinic, kit: Kit) -> None:
    ben = kit.who(clinic, "Ben")
    clinic.record(changed(ben.id, actor=None, via="tui", roles=["auditor"]))
    found = clinic.staff.operator(ben.id)
    assert found is not None
    assert found.roles == {"auditor"}
