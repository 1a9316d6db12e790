"""Who has left can be erased in time: not a byte of their name or secret is left, and the record stays whole."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.checking import verify_clinic
from checklist.clinic.copies import Copied, backup, restore
from checklist.clinic.folder import Folder
from checklist.clinic.people.erasing import Erased, kept_until
from checklist.clinic.record import show
from checklist.ledger.errors import NotSaved
from checklist.people.commitment import name_opening
from checklist.people.errors import StoreError
from checklist.people.operator import Operator
from checklist.run import commands as c
from checklist.run.reading import Refusal
from checklist.run.timing import utc

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit

LAST_DAY, FIRST_DAY = "2041-03-09T23:59:59", "2041-03-10T00:00:01"
"""Ten years after Rita left, on 2031-03-10, by the clinic's calendar."""


def release(clinic: Clinic, kit: Kit, by: str = "Rita") -> str:
    """A load that somebody has released; the run."""
    run = kit.begin(clinic, "load", "equipment=S1")
    kit.do(clinic, run, c.Assign("number", {}))
    kit.do(clinic, run, c.Give("verdict", "released"))
    return kit.do(clinic, run, c.Sign("release", kit.who(clinic, by).person, "released", "")).run


def leave(clinic: Clinic, kit: Kit, name: str = "Rita") -> str:
    """Somebody is disabled; their id."""
    gone = kit.who(clinic, name).id
    assert isinstance(clinic.personnel.disable(gone, kit.who(clinic, "Lea"), "tui"), Operator)
    return gone


def refused(clinic: Clinic, kit: Kit, operator: str) -> Refusal:
    """An erasure that must be refused: nothing of it is recorded."""
    size = clinic.ledger.size
    found = clinic.personnel.erase(operator, kit.who(clinic, "Lea"), "tui")
    assert isinstance(found, Refusal)
    assert clinic.ledger.size == size
    return found


def traces(clinic: Clinic, operator: str) -> list[bytes]:
    """Everything of somebody that people.db must lose: name, secret, and what opens the commitments to the name."""
    (person,) = [each for each in clinic.people.people() if each.id == operator]
    assert person.secret is not None
    openings = [clinic.people.opening(each) for each in clinic.people.name_openings(operator)]
    salts = [opening.salt for opening in openings if opening is not None]
    assert salts
    names = [person.name.encode(), person.name.casefold().encode()]
    return [*names, person.secret.encode(), operator.encode(), *salts]


def bytes_of_people(folder: Folder) -> bytes:
    """people.db with whatever lies beside it."""
    return b"".join(path.read_bytes() for path in sorted(folder.root.glob("people.db*")))


def test_whoever_works_here_is_not_erased(clinic: Clinic, kit: Kit) -> None:
    refusal = refused(clinic, kit, kit.who(clinic, "Rita").id)
    assert (refusal.code, "Rita Rowan still works here" in refusal.message) == ("active", True)
    assert refused(clinic, kit, "u_0000000000").code == "operator"


def test_before_the_retention_ends_the_day_is_said(house: House, clinic: Clinic, kit: Kit) -> None:
    rita = leave(clinic, kit)
    assert kept_until(clinic, rita) == date(2041, 3, 10)
    for local in ("2031-03-11T09:00:00", LAST_DAY):
        house.clock.set(local)
        refusal = refused(clinic, kit, rita)
        assert (refusal.code, "kept until 2041-03-10" in refusal.message) == ("retention", True)
    assert clinic.name_of(rita) == "Rita Rowan"


def test_the_clinic_says_for_how_long_names_are_kept(house: House, clinic: Clinic, kit: Kit) -> None:
    rita = leave(clinic, kit)
    clinic.close()
    house.configure('retention = "10y"', 'retention = "30d"')
    again = house.open()
    assert kept_until(again, rita) == date(2031, 4, 9)
    house.clock.set("2031-04-09T00:00:01")
    assert isinstance(again.personnel.erase(rita, kit.who(again, "Lea"), "tui"), Erased)


def test_an_erased_person_leaves_no_byte_and_the_record_stays_whole(house: House, clinic: Clinic, kit: Kit) -> None:
    run = release(clinic, kit)
    release(clinic, kit)
    rita = leave(clinic, kit)
    gone = traces(clinic, rita)
    assert all(trace in bytes_of_people(house.folder) for trace in gone)
    house.clock.set(FIRST_DAY)
    assert clinic.personnel.erase(rita, kit.who(clinic, "Lea"), "line") == Erased(rita, 3)
    content = bytes_of_people(house.folder)
    assert not [trace for trace in gone if trace in content]

    last = clinic.ledger.last()
    assert last is not None
    assert (last.kind, last.actor, last.via) == ("erased", kit.who(clinic, "Lea").id, "line")
    assert last.data["operator"] == rita
    (signed,) = [entry for entry in clinic.run_entries(run) if entry.kind == "signed"]
    listed = last.data["commitments"]
    assert isinstance(listed, list)
    assert signed.data["name"] in listed
    clinic.ledger.mark()
    assert (verify_clinic(house.folder).result, verify_clinic(house.folder).findings) == ("clean", ())
    assert clinic.name_of(rita) == rita
    assert clinic.staff.operator(rita) == Operator(rita, None, frozenset({"staff", "release"}), True, True)
    steps = show(clinic, run)["steps"]
    assert isinstance(steps, list)
    assert steps[-1]["by"] == rita
    # Everybody else is who they were.
    assert [each.name for each in clinic.staff.operators()] == [None, "Ben Beech", "Lea Linden", "Otto Oak"]


def test_nobody_is_erased_twice(house: House, clinic: Clinic, kit: Kit) -> None:
    rita = leave(clinic, kit)
    house.clock.set(FIRST_DAY)
    assert isinstance(clinic.personnel.erase(rita, kit.who(clinic, "Lea"), "tui"), Erased)
    refusal = refused(clinic, kit, rita)
    assert (refusal.code, rita in refusal.message) == ("erased", True)


@pytest.mark.parametrize("statement", [sqlite3.SQLITE_DELETE, sqlite3.SQLITE_ATTACH])
def test_an_erasure_that_was_cut_off_is_finished_by_the_next_start(
    house: House, clinic: Clinic, kit: Kit, statement: int
) -> None:
    """Cut off before the deletion, or before the file was rewritten."""

    def cut_off(action: int, *_details: object) -> int:
        return sqlite3.SQLITE_DENY if action == statement else sqlite3.SQLITE_OK

    release(clinic, kit)
    rita = leave(clinic, kit)
    gone = traces(clinic, rita)
    house.clock.set(FIRST_DAY)
    clinic.people._db.set_authorizer(cut_off)
    with pytest.raises(StoreError):
        clinic.personnel.erase(rita, kit.who(clinic, "Lea"), "tui")
    clinic.close()
    unfinished = verify_clinic(house.folder)
    deleted = statement == sqlite3.SQLITE_ATTACH
    assert (unfinished.result, [finding.rule for finding in unfinished.findings]) == (
        "clean", [] if deleted else ["erasing"],
    )  # fmt: skip

    again = house.open()
    again.started()
    content = bytes_of_people(house.folder)
    assert not [trace for trace in gone if trace in content]
    again.ledger.mark()
    assert (verify_clinic(house.folder).result, verify_clinic(house.folder).findings) == ("clean", ())
    with closing(sqlite3.connect(house.folder.people)) as db:
        assert db.execute("SELECT scrub FROM upkeep").fetchone() == (0,)


def test_an_erasure_that_was_cut_off_is_finished_by_asking_again(house: House, clinic: Clinic, kit: Kit) -> None:
    release(clinic, kit)
    rita = leave(clinic, kit)
    gone = traces(clinic, rita)
    house.clock.set(FIRST_DAY)
    clinic.people._db.set_authorizer(
        lambda action, *_: sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_DELETE else sqlite3.SQLITE_OK
    )
    with pytest.raises(StoreError):
        clinic.personnel.erase(rita, kit.who(clinic, "Lea"), "tui")
    clinic.people._db.set_authorizer(None)
    size = clinic.ledger.size
    assert clinic.personnel.erase(rita, kit.who(clinic, "Lea"), "tui") == Erased(rita, 2)
    assert clinic.ledger.size == size
    content = bytes_of_people(house.folder)
    assert not [trace for trace in gone if trace in content]
    assert refused(clinic, kit, rita).code == "erased"


def test_an_erasure_before_its_time_shows_in_the_record(house: House, clinic: Clinic, kit: Kit) -> None:
    """Whoever shortens the retention or moves the clock erases all the same, but an auditor sees by what it was due."""
    rita = leave(clinic, kit)
    clinic.close()
    house.configure('retention = "10y"', 'retention = "1d"')
    again = house.open()
    house.clock.set("2031-03-11T09:00:00")
    assert isinstance(again.personnel.erase(rita, kit.who(again, "Lea"), "tui"), Erased)
    last = again.ledger.last()
    assert last is not None
    assert (last.data["disabled"], last.data["retention"]) == ("2031-03-10", "1d")


def test_an_erasure_that_cannot_be_recorded_deletes_nothing(house: House, clinic: Clinic, kit: Kit) -> None:
    """The entry first: names that are missing without one could not be told from names that somebody took away."""
    rita = leave(clinic, kit)
    house.clock.set(FIRST_DAY)
    lea = kit.who(clinic, "Lea")
    assert clinic.ledger._db is not None
    clinic.ledger._db.execute("PRAGMA query_only=ON")
    with pytest.raises(NotSaved):
        clinic.personnel.erase(rita, lea, "tui")
    assert clinic.name_of(rita) == "Rita Rowan"


def test_a_name_of_many_signatures_is_erased_whole(house: House, clinic: Clinic, kit: Kit) -> None:
    """More commitments than one entry has room for."""
    rita = leave(clinic, kit)
    clinic.people.keep([name_opening(rita, "Rita Rowan") for _ in range(450)], at=utc(clinic.now()))
    house.clock.set(FIRST_DAY)
    size = clinic.ledger.size
    assert clinic.personnel.erase(rita, kit.who(clinic, "Lea"), "tui") == Erased(rita, 451)
    entries = list(clinic.ledger.entries(size))
    assert [entry.kind for entry in entries] == ["erased"] * 3
    assert clinic.people.name_openings(rita) == []
    assert b"Rowan" not in bytes_of_people(house.folder)


def test_others_of_the_same_name_stay(house: House, clinic: Clinic, kit: Kit) -> None:
    rita = leave(clinic, kit)
    lea = kit.who(clinic, "Lea")
    second = clinic.personnel.add("Rita Rowan", ["staff"], "nine quiet otters", lea, "tui")
    assert isinstance(second, Operator)
    house.clock.set(FIRST_DAY)
    assert clinic.personnel.erase(rita, lea, "tui") == Erased(rita, 1)
    assert (clinic.name_of(rita), clinic.name_of(second.id)) == (rita, "Rita Rowan")
    clinic.ledger.mark()
    assert verify_clinic(house.folder).findings == ()


def test_a_restore_knows_who_left_when_and_who_was_erased(
    house: House, clinic: Clinic, kit: Kit, tmp_path: Path
) -> None:
    lea = kit.who(clinic, "Lea")
    release(clinic, kit)
    rita, ben = leave(clinic, kit), leave(clinic, kit, "Ben")
    clinic.personnel.grant(lea.id, "bls", None, {"level": "2"}, lea, "tui")
    house.clock.set(FIRST_DAY)
    assert isinstance(clinic.personnel.erase(rita, lea, "tui"), Erased)
    copied = backup(clinic, tmp_path / "copy", lea, "tui")
    assert isinstance(copied, Copied)
    back = restore(copied.folder, Folder(tmp_path / "again"), "tui").folder
    assert verify_clinic(back).findings == ()
    again = kit.new_house(back, house.clock)
    with again.stack:
        one = again.open()
        gone = one.staff.operator(rita)
        assert gone is not None
        assert (gone.disabled, gone.erased) == (True, True)
        assert [held.credential for held in one.personnel.credentials(one.now())] == ["bls"]
        # Ben left before the backup: the restore says it again, and it is the first time that counts.
        assert kept_until(one, ben) == date(2041, 3, 10)
        assert isinstance(one.personnel.erase(ben, kit.who(one, "Lea"), "tui"), Erased)
        one.ledger.mark()
        assert verify_clinic(back).findings == ()
