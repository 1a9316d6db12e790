"""A clock behind its own record, and an earlier record that is not all here: the gate says nothing, and never GO."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.copies import Copied, Restored, backup, restore
from checklist.clinic.folder import Folder
from checklist.clinic.identifiers import recalling
from checklist.clinic.visits.clearing import Answer
from checklist.run import commands as c
from checklist.run.reading import Refusal
from tests.support.tiny_visit import ALL, WHY, clear, look, ready, tiny_clinic, turn_over, visit

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Entry
    from tests.clinic.conftest import House, Kit

UNKNOWN = dict.fromkeys(ALL)


@pytest.fixture
def clinic(house: House, kit: Kit) -> Clinic:
    return tiny_clinic(house, kit)


def said(kit: Kit, clinic: Clinic, session: str) -> tuple[str, str]:
    """What is recorded, and the first sentence of it."""
    answer = clear(kit, clinic, session)
    assert isinstance(answer, Answer)
    return answer.clearance.decision, answer.clearance.requirements[0].why


def test_what_has_ended_does_not_hold_again_because_the_clock_was_set_back(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    session = ready(kit, clinic)
    house.clock.advance(4 * 3600 + 1)
    assert look(clinic, session)["room"] is False
    recalling.happened(clinic, "lunch", "clinic", "", kit.who(clinic, "Lea"), "tui")
    lunch = clinic.ledger.size - 1
    house.clock.wall -= timedelta(hours=4)
    assert look(clinic, session) == UNKNOWN
    decision, why = said(kit, clinic, session)
    assert decision == "UNKNOWN"
    assert f"But the clock is behind the record (a#{lunch}, 2031-03-10 14:01)" in why
    assert "set it right" in why


def test_one_entry_of_a_clock_that_ran_ahead_is_named_and_a_new_ledger_goes_on(
    house: House, clinic: Clinic, kit: Kit, tmp_path: Path
) -> None:
    house.clock.advance(365 * 86400)
    recalling.happened(clinic, "lunch", "clinic", "", kit.who(clinic, "Lea"), "tui")
    ahead = clinic.ledger.size - 1
    house.clock.wall -= timedelta(days=365)
    session = ready(kit, clinic)  # every entry bears the time of that one
    assert look(clinic, session)["room"] is None
    answer = clear(kit, clinic, session)
    assert isinstance(answer, Answer)
    packs = next(one.why for one in answer.clearance.requirements if one.id == "packs")
    assert packs.endswith(
        f"But the clock is behind the record (a#{ahead}, 2032-03-09 10:01). If this computer's clock is wrong, set it "
        "right. If it is right, that entry came from the future: an administrator goes on in a new ledger (checklist "
        "backup, then checklist restore), or everybody waits until then."
    )
    assert isinstance(backup(clinic, tmp_path / "kept", kit.who(clinic, "Lea"), "tui"), Copied)
    house.folder = Folder(tmp_path / "again")
    assert isinstance(restore(tmp_path / "kept", house.folder, "tui"), Restored)
    house.clock.advance(3600)
    again = house.open()
    assert look(again, visit(kit, again))["room"] is None, "nobody knows when that turnover was"
    assert look(again, new_visit(kit, again, "C-1") or "") == ALL


def test_a_clock_that_is_put_right_by_some_seconds_stops_nobody(house: House, clinic: Clinic, kit: Kit) -> None:
    session = ready(kit, clinic)
    house.clock.wall -= timedelta(seconds=50)
    assert look(clinic, session) == ALL


@pytest.fixture
def again(house: House, clinic: Clinic, kit: Kit, tmp_path: Path) -> Folder:
    """The clinic restored, where a cartridge had been recalled before."""
    recalling.recall(clinic, "serial", "C-77", WHY, kit.who(clinic, "Lea"), "tui")
    assert isinstance(backup(clinic, tmp_path / "kept", kit.who(clinic, "Lea"), "tui"), Copied)
    house.folder = Folder(tmp_path / "again")
    assert isinstance(restore(tmp_path / "kept", house.folder, "tui"), Restored)
    return house.folder


def new_visit(kit: Kit, clinic: Clinic, serial: str) -> str | None:
    """Everything done in the new record with this cartridge; None where it was refused."""
    kit.walk_load(clinic)
    turn_over(kit, clinic)
    session = visit(kit, clinic)
    run = kit.begin(clinic, "opening", session=session)
    ((load,),) = clinic.ledger.query("SELECT value FROM identifier WHERE kind = 'load' AND use = 'produced'")
    kit.do(clinic, run, c.Give("pack", f"load={load}"))
    done = clinic.do(run, c.Give("cartridge", f"serial={serial} expiry=2032-01"), kit.who(clinic, "Lea"), "tui")
    return None if isinstance(done, Refusal) else session


def test_what_was_recalled_before_a_restore_is_refused_after_it(house: House, again: Folder, kit: Kit) -> None:
    assert new_visit(kit, house.open(), "C-77") is None
    assert again.archives


def test_all_that_was_done_since_a_restore_is_go(house: House, again: Folder, kit: Kit) -> None:
    clinic = house.open()
    session = new_visit(kit, clinic, "C-1")
    assert session is not None
    assert look(clinic, session) == ALL
    assert again.archives


def test_where_the_earlier_record_is_missing_nothing_is_known(house: House, again: Folder, kit: Kit) -> None:
    (again.root / "ledger-a.db").unlink()
    clinic = house.open()
    session = new_visit(kit, clinic, "C-77")  # nobody here knows of the recall
    assert session is not None
    assert look(clinic, session) == UNKNOWN
    decision, why = said(kit, clinic, session)
    assert decision == "UNKNOWN"
    assert why.endswith("But the earlier record ledger-a.db is not here: put it back from a backup.")


def test_where_an_earlier_record_cannot_be_read_nothing_is_known(house: House, again: Folder, kit: Kit) -> None:
    clinic = house.open()
    session = new_visit(kit, clinic, "C-1")
    assert session is not None
    assert look(clinic, session) == ALL
    clinic.close()
    (again.root / "ledger-a.db").unlink()
    (again.root / "ledger-a.db").write_text("no database", "utf-8")
    clinic = house.open()
    assert look(clinic, session) == UNKNOWN
    assert "But the record is damaged: ledger-a.db: " in said(kit, clinic, session)[1]


def test_an_older_copy_of_the_earlier_record_is_not_taken_for_it(
    house: House, clinic: Clinic, kit: Kit, tmp_path: Path
) -> None:
    """The recall came after this copy was made."""
    older = tmp_path / "older.db"
    shutil.copy(house.folder.ledger, older)
    recalling.recall(clinic, "serial", "C-77", WHY, kit.who(clinic, "Lea"), "tui")
    assert isinstance(backup(clinic, tmp_path / "kept", kit.who(clinic, "Lea"), "tui"), Copied)
    house.folder = Folder(tmp_path / "again")
    assert isinstance(restore(tmp_path / "kept", house.folder, "tui"), Restored)
    (house.folder.root / "ledger-a.db").unlink()
    shutil.copy(older, house.folder.root / "ledger-a.db")
    restored = house.open()
    session = new_visit(kit, restored, "C-77")
    assert session is not None
    assert look(restored, session) == UNKNOWN
    assert "is not what the record goes on from" in said(kit, restored, session)[1]


def damage(house: House, damaged: Entry) -> None:
    """Change one entry behind the program's back, and cover it up."""
    with closing(sqlite3.connect(house.folder.ledger)) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        leaf = damaged.to_leaf().replace(b'"via":"tui"', b'"via":"tvi"')
        db.execute("UPDATE entry SET leaf = ? WHERE idx = ?", (leaf, damaged.index))
        for _, sql in triggers:
            db.execute(sql)
        db.commit()


@pytest.mark.parametrize("entry", [0, 1, 2, 3])
def test_a_damaged_entry_of_what_proves_it_is_unknown(house: House, clinic: Clinic, kit: Kit, entry: int) -> None:
    session = ready(kit, clinic)
    ((run,),) = clinic.ledger.query("SELECT run FROM run WHERE protocol = 'turnover'")
    damage(house, clinic.run_entries(str(run))[entry])
    assert look(clinic, session) == ALL | {"room": None}


def test_a_recall_that_cannot_be_read_any_more_is_no_leave_to_use_it(house: House, clinic: Clinic, kit: Kit) -> None:
    session = ready(kit, clinic)
    for serial in ("C-1", "C-2"):
        recalling.recall(clinic, "serial", serial, WHY, kit.who(clinic, "Lea"), "tui")
        damage(house, clinic.ledger.entries_of_kind("recalled")[-1])
    with closing(sqlite3.connect(house.folder.ledger)) as db, db:
        db.execute("DELETE FROM set_apart")
    assert look(clinic, session) == ALL | {"cartridges": None}
    run = kit.begin(clinic, "opening", session=session)
    kit.do(clinic, run, c.Give("pack", "load=S1-20310310-01"))
    assert kit.refused(clinic, run, c.Give("cartridge", "serial=C-2 expiry=2032-01")) == "damaged"
