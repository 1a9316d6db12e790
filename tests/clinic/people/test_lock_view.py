"""What the record says of wrong secrets: who missed how often, who is locked, and what clears it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.checking import verify_clinic
from checklist.clinic.people.lock_view import locked_ones, tries_of
from checklist.people import signin
from checklist.people.lockout import RecordedLock, Tries
from checklist.people.signin import NOBODY, RECOVERY
from checklist.run import commands as c

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit


def miss(clinic: Clinic, operator: str, times: int = 1) -> None:
    for _ in range(times):
        clinic.record(signin.failed(operator, via="tui"))


def test_misses_are_counted_for_each_operator_and_for_all_unknown_names_together(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea").id, kit.who(clinic, "Ben").id
    miss(clinic, lea, 2)
    miss(clinic, NOBODY, 3)
    miss(clinic, RECOVERY)
    assert [tries_of(clinic.ledger, each) for each in (lea, ben, NOBODY, RECOVERY)] == [
        Tries(2), Tries(), Tries(3), Tries(1),
    ]  # fmt: skip


def test_a_lock_is_kept_with_every_clock_of_its_moment(house: House, clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea").id
    miss(clinic, lea, 5)
    entry = clinic.record(signin.locked(lea, 5, via="tui"))
    assert tries_of(clinic.ledger, lea) == Tries(5, RecordedLock(5, entry.moment))
    assert locked_ones(clinic.ledger, clinic.now()) == [(lea, RecordedLock(5, entry.moment))]
    house.clock.advance(300)
    assert locked_ones(clinic.ledger, clinic.now()) == []
    for_good = clinic.record(signin.locked(lea, None, via="tui"))
    house.clock.advance(1e6)
    assert locked_ones(clinic.ledger, clinic.now()) == [(lea, RecordedLock(None, for_good.moment))]


def test_the_recovery_code_is_not_among_the_people_a_lead_is_told_of(clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea").id
    miss(clinic, RECOVERY, 5)
    clinic.record(signin.locked(RECOVERY, 1, via="tui"))
    assert tries_of(clinic.ledger, RECOVERY).locked(clinic.now())
    assert locked_ones(clinic.ledger, clinic.now()) == []
    clinic.record(signin.unlocked(lea, actor=lea, via="tui"))
    assert tries_of(clinic.ledger, RECOVERY).locked(clinic.now())
    clinic.record(signin.unlocked(lea, actor=lea, via="tui", recovery=True))
    assert tries_of(clinic.ledger, RECOVERY) == Tries()


def test_a_lock_said_again_in_a_new_ledger_stands_where_it_stood(clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea").id
    entry = clinic.record(signin.locked(lea, 15, via="tui", misses=17))
    assert tries_of(clinic.ledger, lea) == Tries(17, RecordedLock(15, entry.moment))


def test_a_secret_that_was_right_clears_the_misses_of_its_owner_only(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")
    run = kit.begin(clinic, "blind", "room=room-1", by="Lea")
    kit.do(clinic, run, c.Give("indicator", "turned"))
    load = kit.begin(clinic, "load", "equipment=S1")
    kit.do(clinic, load, c.Assign("number", {}))
    kit.do(clinic, load, c.Give("verdict", "released"))
    for proof in (
        lambda: clinic.record(signin.signed_in(lea.id, ["secret"], via="tui")),
        lambda: clinic.record(signin.secret_changed(lea.id, via="tui")),
        lambda: clinic.record(signin.unlocked(lea.id, actor=ben.id, via="tui")),
        lambda: kit.do(clinic, load, c.Sign("release", lea.person, "released", "")),
    ):
        miss(clinic, lea.id, 3)
        miss(clinic, ben.id)
        proof()
        assert tries_of(clinic.ledger, lea.id) == Tries()
    assert tries_of(clinic.ledger, ben.id) == Tries(4)
    kit.do(clinic, run, c.Witness("second", ben.person, "turned"))
    assert tries_of(clinic.ledger, ben.id) == Tries()


def test_a_proof_from_before_does_not_end_a_lock(house: House, clinic: Clinic, kit: Kit) -> None:
    """Somebody proved who they are; then they were locked; then what they had proved for was recorded."""
    lea = kit.who(clinic, "Lea").id
    miss(clinic, lea, 5)
    clinic.record(signin.locked(lea, 1, via="tui"))
    clinic.record(signin.signed_in(lea, ["secret"], via="tui"))
    assert tries_of(clinic.ledger, lea).locked(clinic.now())
    house.clock.advance(60)
    clinic.record(signin.signed_in(lea, ["secret"], via="tui"))
    assert tries_of(clinic.ledger, lea) == Tries()


def test_a_lead_who_resets_a_secret_has_proved_nothing_for_its_owner(clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea").id, kit.who(clinic, "Ben").id
    miss(clinic, lea, 2)
    miss(clinic, ben, 2)
    clinic.record(signin.secret_reset_by_code(ben, actor=lea, via="tui"))
    assert [tries_of(clinic.ledger, each).misses for each in (lea, ben)] == [2, 2]


def test_what_is_kept_is_what_the_entries_give(clinic: Clinic, kit: Kit) -> None:
    for name in ("Lea Linden", "nobody at all"):
        for _ in range(6):
            clinic.staff.prove(name, "wrong wrong wrong", "tui")
    clinic.record(signin.signed_in(kit.who(clinic, "Ben").id, ["secret"], via="tui"))
    assert verify_clinic(clinic.folder).views == "same"
    clinic.ledger.query("UPDATE miss SET misses = 0")
    assert verify_clinic(clinic.folder).views == "differ"
