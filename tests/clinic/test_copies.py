"""For bad days: a backup that was read back, and a clinic that goes on from it under a new station."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from checklist.clinic import config as configuration
from checklist.clinic.checking import verify_clinic, verify_ledger
from checklist.clinic.copies import Copied, Restored, _next_station, backup, restore
from checklist.clinic.doctor import examine
from checklist.clinic.errors import CopyError
from checklist.clinic.folder import Folder
from checklist.clinic.plan.board import board
from checklist.clinic.record import show
from checklist.clinic.service import Clinic, SignedIn
from checklist.people.operator import disabled
from checklist.run import commands as c
from checklist.run.marks import Outcome
from checklist.run.reading import Refusal
from tests.support.asked import logged

if TYPE_CHECKING:
    from tests.clinic.conftest import House, Kit


def copied(clinic: Clinic, kit: Kit, out: Path) -> Copied:
    found = backup(clinic, out, kit.who(clinic, "Lea"), "tui")
    assert isinstance(found, Copied)
    return found


# -- backup -----------------------------------------------------------------------------------------------


def test_a_backup_is_whole_verified_private_and_recorded(
    house: House, clinic: Clinic, kit: Kit, printout: Path, tmp_path: Path
) -> None:
    state = kit.walk_everything(house, clinic, printout)
    root = clinic.ledger.root().hex()
    found = copied(clinic, kit, tmp_path / "copies" / "one")
    assert (found.entries, found.root) == (clinic.ledger.size - 1, root)
    copy = Folder(found.folder)
    assert verify_clinic(copy).result == "clean"
    for name in ("adopted", "evidence", "protocols"):
        theirs = {path.name: path.read_bytes() for path in (copy.root / name).iterdir()}
        assert theirs == {path.name: path.read_bytes() for path in (house.folder.root / name).iterdir()}
    for path in (copy.root, *copy.root.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    last = clinic.ledger.last()
    assert last is not None
    assert (last.kind, last.actor, last.data) == (
        "backed-up", kit.who(clinic, "Lea").id, {"size": found.entries, "root": root},
    )  # fmt: skip
    with Clinic.open(copy) as other:
        assert show(other, state.run) == show(clinic, state.run)


def test_only_a_lead_makes_a_backup(clinic: Clinic, kit: Kit, tmp_path: Path) -> None:
    refused = backup(clinic, tmp_path / "copy", kit.who(clinic, "Ben"), "tui")
    assert isinstance(refused, Refusal)
    assert not (tmp_path / "copy").exists()


def test_a_backup_never_writes_over_anything(clinic: Clinic, kit: Kit, tmp_path: Path) -> None:
    lea = kit.who(clinic, "Lea")
    size = clinic.ledger.size
    (tmp_path / "there").mkdir()
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "there", tmp_path / "file", tmp_path / "file" / "below", Path("/proc/nowhere/copy")):
        with pytest.raises(CopyError) as fault:
            backup(clinic, out, lea, "tui")
        assert str(fault.value).endswith(".")
    assert clinic.ledger.size == size


def test_a_backup_that_cannot_be_finished_leaves_nothing(
    house: House, clinic: Clinic, kit: Kit, tmp_path: Path
) -> None:
    lea = kit.who(clinic, "Lea")
    house.folder.config.rename(tmp_path / "away")
    with pytest.raises(CopyError, match="could not be written"):
        backup(clinic, tmp_path / "copy", lea, "tui")
    assert not (tmp_path / "copy").exists()
    (tmp_path / "away").rename(house.folder.config)
    with house.folder.people.open("r+b") as file:
        file.seek(4096)
        file.write(b"damaged!" * 2048)
    with pytest.raises(CopyError, match="could not be written"):
        backup(house.open(), tmp_path / "copy", lea, "tui")
    assert not (tmp_path / "copy").exists()


def test_a_backup_of_a_damaged_record_is_not_called_one(house: House, clinic: Clinic, kit: Kit, tmp_path: Path) -> None:
    with sqlite3.connect(house.folder.ledger) as db:
        db.execute("UPDATE operator SET roles = '[]' WHERE id = ?", (kit.who(clinic, "Ben").id,))
    db.close()
    with pytest.raises(CopyError, match="not clean"):
        backup(clinic, tmp_path / "copy", kit.who(clinic, "Lea"), "tui")


_WRITER = """
import sys
from pathlib import Path
from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic
with Clinic.open(Folder(Path(sys.argv[1]))) as clinic:
    print("ready", flush=True)
    for _ in range(60):
        clinic.started()
"""


def test_a_backup_while_another_program_records(house: House, clinic: Clinic, kit: Kit, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", _WRITER, str(house.folder.root)], stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        writer.stdout.readline()
        for number in range(3):
            found = copied(clinic, kit, tmp_path / f"copy-{number}")
            assert verify_clinic(Folder(found.folder)).result == "clean"
    assert writer.returncode == 0
    clinic.ledger.mark()
    assert verify_clinic(house.folder).result == "clean"


# -- restore ----------------------------------------------------------------------------------------------


def restored(clinic: Clinic, kit: Kit, tmp_path: Path, name: str = "again") -> Restored:
    found = copied(clinic, kit, tmp_path / f"copy-of-{name}")
    return restore(found.folder, Folder(tmp_path / name), "tui")


def test_a_restored_clinic_goes_on_under_a_new_station(
    house: House, clinic: Clinic, kit: Kit, printout: Path, tmp_path: Path
) -> None:
    done = kit.walk_everything(house, clinic, printout)
    left_open = kit.begin(clinic, "short", by="Ben")
    apart = kit.walk_load(clinic, "quarantined", "equipment=F1")
    in_force = clinic.library.texts_in_force(clinic.ledger)
    assert "profile" in {one.kind for one in in_force}
    session = clinic.session("Karte 77", kit.who(clinic, "Lea"), "tui")
    clinic.record(disabled(kit.who(clinic, "Otto").id, actor=None, via="tui"))
    root = clinic.ledger.root().hex()
    back = restored(clinic, kit, tmp_path)
    assert (back.station, back.was, back.root, back.entries) == ("b", "a", root, clinic.ledger.size - 1)
    assert configuration.load(back.folder.config).clinic.station == "b"
    assert verify_clinic(back.folder).result == "clean"
    assert verify_clinic(back.folder).findings == ()
    old = back.folder.root / "ledger-a.db"
    assert stat.S_IMODE(old.stat().st_mode) == 0o400
    assert verify_ledger(old).root == root

    with Clinic.open(back.folder) as again:
        first, second = again.ledger.entries(0, 2)
        assert first.data["from"] == second.data["from"] == {"station": "a", "size": back.entries, "root": root}
        assert (first.data["key"], second.kind) == (back.vkey, "restored")
        assert again.library.texts_in_force(again.ledger) == in_force
        found = again.staff.sign_in("Lea Linden", kit.secret, "tui")
        assert isinstance(found, SignedIn)
        assert isinstance(again.staff.sign_in("Otto Oak", kit.secret + "Otto Oak", "tui"), Refusal)
        assert {name: each.disabled for each in again.staff.operators() if (name := each.name)}["Otto Oak"]

        # The old record can be read as before.
        assert show(again, done.run)["outcome"] == "complete"
        told = show(again, left_open)
        assert told["outcome"] == "unknown"
        steps = told["steps"]
        assert isinstance(steps, list)
        assert [step["state"] for step in steps] == ["unknown", "unknown"]
        findings = told["findings"]
        assert isinstance(findings, list)
        assert [each["rule"] for each in findings] == ["left-open"]
        entries = logged(again)
        assert [entry["station"] for entry in entries] == ["a"] * back.entries + ["b"] * again.ledger.size
        assert next(entry["kind"] for entry in logged(again, run=done.run)) == "run.started"

        # Nothing goes on there, and what it set apart or counted stays.
        refused = again.do(left_open, c.Confirm("wash"), found, "tui")
        assert isinstance(refused, Refusal)
        assert refused.code == "archived"
        shown = board(again)
        assert shown.open == ()
        assert [item.value for item in shown.quarantined] == [apart.steps["number"].value]
        assert again.session("Karte 77", found, "tui") == session
        assert again.session(str(session), found, "tui") == session

    house2 = kit.new_house(back.folder, house.clock)
    with house2.stack:
        again = house2.open()
        assert again.session("new", kit.who(again, "Lea"), "tui") == "b-20310310-01"
        run = kit.begin(again, "load", "equipment=S1")
        assert run.startswith("b#")
        assert kit.do(again, run, c.Assign("number", {})).steps["number"].value == "S1-20310310-02"
        house.clock.advance(60)
        new = kit.walk_short(again)
        assert new.outcome is Outcome.COMPLETE
        assert {ended.run for ended in board(again).ended} == {new.run, done.run, apart.run}
        assert board(again).ended[0].run == new.run
        assert {each.level for each in examine(back.folder)} <= {"ok", "warning", "fault"}


@pytest.mark.usefixtures("cheap_secrets")
def test_a_restore_ends_no_lock(clinic: Clinic, kit: Kit, tmp_path: Path) -> None:
    for _ in range(5):
        clinic.staff.sign_in("Ben Beech", "not the secret", "tui")
    again = restored(clinic, kit, tmp_path)
    with Clinic.open(again.folder) as goes_on:
        (lock,) = goes_on.staff.locks()
        refusal = goes_on.staff.sign_in("Ben Beech", "not the secret", "tui")
    assert lock.name == "Ben Beech"
    assert isinstance(refusal, Refusal)
    assert refusal.code == "locked"


def test_a_reading_that_was_hidden_when_the_station_ended_can_be_read(clinic: Clinic, kit: Kit, tmp_path: Path) -> None:
    run = kit.begin(clinic, "blind", "room=room-1")
    kit.do(clinic, run, c.Give("indicator", "turned"))
    with Clinic.open(restored(clinic, kit, tmp_path).folder) as again:
        steps = show(again, run)["steps"]
        assert isinstance(steps, list)
        assert (steps[0]["state"], steps[0]["value"]) == ("done", "turned")
        data = [entry["data"] for entry in logged(again, run=run, kind="step.done")]
        assert isinstance(data[0], dict)
        assert data[0]["value"] == "turned"


def test_a_clinic_can_be_restored_again_and_again(house: House, clinic: Clinic, kit: Kit, tmp_path: Path) -> None:
    run = kit.walk_load(clinic).run
    first = restored(clinic, kit, tmp_path, "second")
    second = kit.new_house(first.folder, house.clock)
    with second.stack:
        again = second.open()
        kit.walk_load(again)
        third = restored(again, kit, tmp_path, "third")
    assert (third.station, third.was) == ("c", "b")
    last = kit.new_house(third.folder, house.clock)
    with last.stack:
        again = last.open()
        assert [path.name for path in third.folder.archives] == ["ledger-a.db", "ledger-b.db"]
        assert show(again, run)["outcome"] == "complete"
        assert kit.walk_load(again).steps["number"].value == "S1-20310310-03"
        again.ledger.mark()
        assert verify_clinic(third.folder).findings == ()


@pytest.mark.parametrize(
    ("station", "new"),
    [
        ("a", "b"),
        ("z", "z-2"),
        ("sterile", "sterile-2"),
        ("sterile-2", "sterile-3"),
        ("7", "7-2"),
        ("x" * 32, "x" * 28 + "-2"),
    ],
)
def test_a_new_station_has_a_name_of_its_own(station: str, new: str) -> None:
    assert _next_station(station, set()) == new
    taken = {f"ledger-{new}.db"}
    other = _next_station(station, taken)
    assert other not in (station, new)


@pytest.mark.parametrize(
    "written",
    [
        "station = 'a'",
        'station="a"',
        '"station" = "a"',
        'station = "a" # station = "a"',
        '# station = "a"\nstation = "a"',
    ],
)
def test_the_station_is_renamed_however_it_is_written(
    house: House, clinic: Clinic, kit: Kit, tmp_path: Path, written: str
) -> None:
    house.configure('station = "a"', written)
    text = house.folder.config.read_text()
    house.folder.config.write_text('[hub]\nstation = "a"\n' + text)
    if written.startswith('"'):
        found = copied(clinic, kit, tmp_path / "copy")
        with pytest.raises(CopyError, match="write the line station"):
            restore(found.folder, Folder(tmp_path / "again"), "tui")
        assert not (tmp_path / "again").exists()
        return
    back = restored(clinic, kit, tmp_path)
    settings = configuration.load(back.folder.config)
    assert (settings.clinic.station, settings.hub) == ("b", {"station": "a"})
    with Clinic.open(back.folder) as again:
        assert again.ledger.station == "b"


def test_a_restore_is_refused_where_it_could_do_harm(house: House, clinic: Clinic, kit: Kit, tmp_path: Path) -> None:
    found = copied(clinic, kit, tmp_path / "copy")
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    for source, target in [
        (tmp_path / "nowhere", tmp_path / "again"),
        (tmp_path / "empty", tmp_path / "again"),
        (found.folder, house.folder.root),
        (found.folder, tmp_path / "file"),
        (found.folder, tmp_path / "file" / "below"),
    ]:
        with pytest.raises(CopyError) as fault:
            restore(source, Folder(target), "tui")
        assert str(fault.value).endswith(".")
        assert not (tmp_path / "again").exists()


def test_a_backup_that_was_tampered_with_is_not_used(clinic: Clinic, kit: Kit, tmp_path: Path) -> None:
    found = copied(clinic, kit, tmp_path / "copy")
    with sqlite3.connect(found.folder / "ledger.db") as db:
        db.execute("DROP TRIGGER entry_update")
        db.execute("UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), 'Z', 'z') AS BLOB) WHERE idx = 3")
    db.close()
    with pytest.raises(CopyError, match="not clean"):
        restore(found.folder, Folder(tmp_path / "again"), "tui")
    assert not (tmp_path / "again").exists()


def test_a_copy_made_by_hand_in_the_middle_of_writing_is_not_used(clinic: Clinic, kit: Kit, tmp_path: Path) -> None:
    found = copied(clinic, kit, tmp_path / "copy")
    (found.folder / "people.db-journal").write_bytes(b"half of a change")
    with pytest.raises(CopyError, match="open that clinic once"):
        restore(found.folder, Folder(tmp_path / "again"), "tui")


def test_a_restore_that_cannot_be_finished_is_no_clinic(clinic: Clinic, kit: Kit, tmp_path: Path) -> None:
    found = copied(clinic, kit, tmp_path / "copy")
    (found.folder / "people.db").unlink()
    target = Folder(tmp_path / "again")
    with pytest.raises(CopyError, match="empty the folder and try again"):
        restore(found.folder, target, "tui")
    assert not target.made
    shutil.rmtree(target.root)
    shutil.copy(clinic.folder.people, found.folder / "people.db")
    (found.folder / "people.db").chmod(0o600)
    assert restore(found.folder, target, "tui").station == "b"
