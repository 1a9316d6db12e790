"""A ledger that a restore left, kept by another version of the program: its tables are built anew, its entries stay."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from checklist.clinic import copies
from checklist.clinic.copies import Copied, Restored, backup, restore
from checklist.clinic.folder import Folder
from checklist.clinic.histories import open_archives
from checklist.clinic.identifiers.about import traced
from checklist.clinic.identifiers.recalling import end_quarantine, quarantine
from checklist.clinic.identifiers.tracing import Records, Trace
from checklist.clinic.views import VIEWS
from checklist.clinic.visits.asking import opened_to_ask
from checklist.clinic.visits.clearing import sources_of
from checklist.ledger.views import digest
from checklist.run.events import Reason
from checklist.run.reading import Refusal
from checklist.trace.follow import Identifier
from tests.support.rebuilding import rebuild_views

if TYPE_CHECKING:
    from tests.clinic.conftest import House, Kit

ASK = """
import os, sys
from pathlib import Path
from checklist.clinic.folder import Folder
from checklist.clinic.histories import open_archives
if os.geteuid() == 0:
    os.setresuid(65534, 65534, 65534)
readers, faults = open_archives(Folder(Path(sys.argv[1])))
print(len(readers), *faults)
"""


@pytest.fixture
def older(house: House, kit: Kit, tmp_path: Path) -> Folder:
    """A restored clinic in which a load was released before, by a version that knew no table of releases."""
    clinic = house.open()
    kit.walk_load(clinic)
    found = backup(clinic, tmp_path / "copy", kit.who(clinic, "Lea"), "tui")
    assert isinstance(found, Copied)
    back = restore(found.folder, Folder(tmp_path / "again"), "tui")
    assert isinstance(back, Restored)
    archive = back.folder.root / "ledger-a.db"
    archive.chmod(0o600)
    with closing(sqlite3.connect(archive)) as db, db:
        db.execute("DROP TABLE released")
        db.execute("UPDATE kept SET views = 'older'")
    archive.chmod(0o400)  # as a restore leaves it
    return back.folder


def entries(folder: Folder) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder.root / "ledger-a.db")) as db:
        return [
            *db.execute("SELECT idx, id, leaf FROM entry ORDER BY idx"),
            *db.execute("SELECT size, note FROM checkpoint ORDER BY size"),
        ]


def test_its_tables_are_built_anew_when_the_clinic_is_opened(house: House, older: Folder, kit: Kit) -> None:
    before = entries(older)
    mine = kit.new_house(older, house.clock)
    with mine.stack:
        clinic = mine.open()
        assert clinic.unreadable() == []
        archive = clinic.histories()[0]
        assert archive.head().views == digest(VIEWS)
        assert rebuild_views(archive, VIEWS) == []
        found = traced(clinic.histories(), "load", "S1-20310310-01", "Europe/Berlin")
        assert isinstance(found, Trace)
        assert found.state == "released"
    assert entries(older) == before
    assert stat.S_IMODE((older.root / "ledger-a.db").stat().st_mode) == 0o400


def test_whoever_only_reads_has_them_built_too(older: Folder) -> None:
    readers, faults = open_archives(older)
    assert (len(readers), faults) == (1, [])
    readers[0].query("SELECT * FROM released")
    readers[0].close()


def test_a_strangers_ledger_is_left_as_it_is(older: Folder) -> None:
    (older.root / "ledger-a.db").rename(older.root / "ledger-q.db")
    before = (older.root / "ledger-q.db").read_bytes()
    assert open_archives(older) == ([], ["ledger-q.db: holds another station's record; move it elsewhere."])
    assert (older.root / "ledger-q.db").read_bytes() == before


def test_one_whose_entries_are_damaged_is_told_and_the_gate_knows_nothing(
    house: House, older: Folder, kit: Kit
) -> None:
    archive = older.root / "ledger-a.db"
    archive.chmod(0o600)
    with closing(sqlite3.connect(archive)) as db, db:
        db.execute("DROP TRIGGER entry_update")
    mine = kit.new_house(older, house.clock)
    with mine.stack:
        clinic = mine.open()
        (told,) = clinic.unreadable()
        assert told.startswith("ledger-a.db: The protection of the record was changed: entry_update.")
        assert sources_of(clinic).unreadable == [told]
        with opened_to_ask(older, clinic.settings) as sources:
            assert sources.unreadable == [told]


def test_a_file_that_cannot_be_written_is_told_in_a_sentence(older: Folder) -> None:
    """As somebody who is not root, for whom no file is read-only."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        shutil.copy(older.root / "ledger-a.db", folder)
        (folder / "ledger-a.db").chmod(0o444)
        folder.chmod(0o555)
        asked = [sys.executable, "-c", ASK, name]
        said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        folder.chmod(0o755)
    assert said.startswith("0 ledger-a.db: Another version of the program kept its tables, and they cannot be built")
    assert "Give back the permissions of the file" in said


def test_ledgers_come_in_the_order_in_which_they_followed_one_another(
    house: House, kit: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By name `ledger-a-10.db` comes first, then `ledger-a-9.db`, and then `ledger-a.db`. What was let go long ago
    is in quarantine again since."""
    followed = {"a": "a-9", "a-9": "a-10", "a-10": "a-11"}
    monkeypatch.setattr(copies, "_next_station", lambda old, _: followed[old])
    why = Reason("other", "a torn seal")
    for number, acts in enumerate([(quarantine, end_quarantine), (quarantine,), ()]):
        clinic, copied, folder = house.open(), tmp_path / f"copy-{number}", Folder(tmp_path / f"again-{number}")
        for act in acts:
            assert not isinstance(act(clinic, "lot", "A1", why, kit.who(clinic, "Lea"), "tui"), Refusal)
        assert isinstance(backup(clinic, copied, kit.who(clinic, "Lea"), "tui"), Copied)
        assert isinstance(restore(copied, folder, "tui"), Restored)
        house.folder = folder
    last = house.open()
    assert [reader.station for reader in last.histories()] == ["a", "a-9", "a-10", "a-11"]
    assert Records(last.histories()).state_of(Identifier("lot", "A1"))[0] == "quarantined"
