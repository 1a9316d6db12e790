"""What an auditor is told: a record that was touched is tampered, what is missing beside it is a finding."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.checking import verify_clinic, verify_ledger
from checklist.clinic.copies import Copied, Restored, backup, restore
from checklist.clinic.errors import ClinicError
from checklist.clinic.folder import Folder
from checklist.clinic.making import make
from checklist.clinic.service import Clinic
from checklist.ledger.entry import Draft
from checklist.ledger.errors import LedgerTruncated
from checklist.run import commands as c

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.ledger.report import Report
    from tests.clinic.conftest import House, Kit


@pytest.fixture
def walked(house: House, kit: Kit, printout: Path) -> Folder:
    """A clinic with a whole run in it, closed."""
    clinic = house.open()
    kit.walk_everything(house, clinic, printout)
    clinic.close()
    return house.folder


def rules(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings}


def touch(path: Path, *statements: str) -> None:
    """Change the file as somebody does who may write to it, but has no key."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement)


def test_an_untouched_clinic_is_clean_and_says_nothing(walked: Folder) -> None:
    seen: list[tuple[int, int]] = []
    report = verify_clinic(walked, progress=lambda done, total: seen.append((done, total)))
    assert (report.result, report.views, report.findings) == ("clean", "same", ())
    assert seen[-1] == (report.entries, report.entries)
    assert verify_ledger(walked.ledger).result == "clean"


def test_verifying_writes_nothing(walked: Folder) -> None:
    def state() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in sorted(walked.root.rglob("*")) if path.is_file()}

    before = state()
    verify_clinic(walked)
    assert state() == before


def test_an_older_copy_is_noticed_also_where_the_key_cannot_be_used(house: House, kit: Kit) -> None:
    clinic = house.open()
    kit.walk_short(clinic)
    older = house.folder.root / "older.db"
    clinic.ledger.backup(older)
    kit.walk_short(clinic)
    clinic.close()
    shutil.move(older, house.folder.ledger)
    (house.folder.keys / "a.pem").chmod(0o644)
    report = verify_clinic(house.folder)
    assert report.result == "tampered"
    assert "key" in rules(report)


def test_the_key_on_paper_finds_a_record_of_another_key(walked: Folder) -> None:
    with Clinic.open(walked) as clinic:
        paper = clinic.ledger.vkey
    assert verify_clinic(walked, vkey=paper).result == "clean"
    other = paper[:-8] + ("AAAAAAA=" if paper.endswith("=") else "AAAAAAAA")
    assert verify_clinic(walked, vkey=other).result != "clean"


def test_only_a_clean_verification_counts_for_the_next_one(walked: Folder) -> None:
    with Clinic.open(walked) as clinic:
        size = clinic.ledger.size
        clinic.record(Draft("verified", {"size": size, "result": "tampered"}, None, "system"))
    touch(walked.ledger, "UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), 'Cel', 'Kel') AS BLOB)")
    assert verify_clinic(walked, since_last=True).result == "tampered"


def test_names_that_were_exchanged_are_tampering(walked: Folder) -> None:
    """Whoever swaps two rows of people.db puts what one has signed down to the other."""
    with closing(sqlite3.connect(walked.people, isolation_level=None)) as db:
        rows = db.execute("SELECT id, name, key FROM person ORDER BY id LIMIT 2").fetchall()
        for (row_id, _, _), (_, name, key) in zip(rows, reversed(rows), strict=True):
            db.execute("UPDATE person SET name = ?, key = ? WHERE id = ?", (name, key, row_id))
    report = verify_clinic(walked)
    assert report.result == "tampered"
    assert [finding.rule for finding in report.findings] == ["name", "name"]


def test_a_name_that_was_edited_is_tampering_and_one_that_is_gone_is_a_finding(walked: Folder) -> None:
    with closing(sqlite3.connect(walked.people, isolation_level=None)) as db:
        db.execute("UPDATE person SET name = 'Eve Elm', key = 'eve elm' WHERE name = 'Lea Linden'")
    report = verify_clinic(walked)
    assert (report.result, [finding.rule for finding in report.findings]) == ("tampered", ["name"])
    with closing(sqlite3.connect(walked.people, isolation_level=None)) as db:
        db.execute("DELETE FROM person WHERE name = 'Eve Elm'")
    report = verify_clinic(walked)
    assert (report.result, [finding.rule for finding in report.findings]) == ("clean", ["opening"])
    assert "is missing from people.db" in report.findings[0].why


def test_a_pipe_in_the_place_of_a_file_does_not_hold_up_the_verification(walked: Folder) -> None:
    for path in walked.evidence.iterdir():
        path.unlink()
        os.mkfifo(path)
    assert "evidence" in rules(verify_clinic(walked))


def test_a_changed_entry_is_named(walked: Folder) -> None:
    touch(walked.ledger, "UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), 'Cel', 'Kel') AS BLOB)")
    report = verify_clinic(walked)
    assert report.result == "tampered"
    assert report.first_bad is not None
    with closing(sqlite3.connect(walked.ledger)) as db:
        leaf = db.execute("SELECT leaf FROM entry WHERE idx = ?", (report.first_bad.index,)).fetchone()[0]
    assert b"Kel" in leaf


def test_a_deleted_entry_is_named(walked: Folder) -> None:
    touch(walked.ledger, "DELETE FROM entry WHERE idx = 12")
    report = verify_clinic(walked)
    assert (report.result, report.first_bad and report.first_bad.index) == ("tampered", 12)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE operator SET roles = '[\"lead\"]'",
        "UPDATE run SET outcome = 'complete', deviations = 0",
        "DELETE FROM identifier",
        "DELETE FROM commitment",
        "UPDATE in_force SET sha256 = '00'",
        "DROP TABLE session",
        "INSERT INTO set_apart VALUES ('load', 'x', 'quarantined', 1, '2031', NULL, NULL)",
    ],
)
def test_a_changed_view_is_tampering_though_every_entry_is_right(walked: Folder, statement: str) -> None:
    touch(walked.ledger, statement)
    report = verify_clinic(walked)
    assert (report.result, report.views) == ("tampered", "differ")


def test_a_missing_trigger_alone_is_a_finding(walked: Folder) -> None:
    touch(walked.ledger)
    report = verify_clinic(walked)
    assert report.result == "clean"
    assert "unprotected" in rules(report)


def test_a_tail_that_was_cut_with_its_checkpoints_is_found_by_the_high_water_mark(house: House, kit: Kit) -> None:
    older = house.folder.root.with_name("older.db")
    shutil.copy(house.folder.ledger, older)
    clinic = house.open()
    kit.walk_short(clinic)
    clinic.close()
    shutil.copy(older, house.folder.ledger)
    report = verify_clinic(house.folder)
    assert report.result == "tampered"
    assert "rollback" in rules(report)
    with pytest.raises(LedgerTruncated):
        Clinic.open(house.folder)
    assert verify_ledger(house.folder.ledger).result == "clean"  # by itself, an older copy is a whole record


def test_another_clinic_s_record_in_its_place_is_found_by_the_key(walked: Folder, tmp_path: Path) -> None:
    other = make(Folder(tmp_path / "other"), "Riverside Skin", "Eve", "three green bottles", "tui").folder
    shutil.copy(other.ledger, walked.ledger)
    report = verify_clinic(walked)
    assert report.result == "tampered"
    assert "key" in rules(report)


def test_a_folder_without_keys_can_still_be_checked(walked: Folder) -> None:
    shutil.rmtree(walked.keys)
    assert verify_clinic(walked).result == "clean"
    walked.config.unlink()
    assert verify_clinic(walked).result == "clean"


def test_what_is_no_record_cannot_be_checked(walked: Folder, tmp_path: Path) -> None:
    walked.ledger.write_bytes(b"no record at all" * 100)
    assert verify_clinic(walked).result == "cannot-check"
    assert verify_clinic(walked, since_last=True).result == "cannot-check"
    assert verify_ledger(tmp_path / "nowhere.db").result == "cannot-check"


def test_only_what_came_after_the_last_verification_is_walked(house: House, clinic: Clinic, kit: Kit) -> None:
    clinic.ledger.append(lambda _: [Draft("remarked", {}, None, "system")] * 600)
    clinic.record(Draft("verified", {"size": clinic.ledger.size, "result": "clean"}, None, "system"))
    kit.walk_short(clinic)
    clinic.ledger.mark()
    full, part = verify_clinic(house.folder), verify_clinic(house.folder, since_last=True)
    assert (full.result, full.root) == (part.result, part.root) == ("clean", full.root)
    assert part.views is None
    assert part.checkpoints < full.checkpoints


# -- beside the record ------------------------------------------------------------------------------------


def test_an_adopted_text_that_was_changed_or_lost_is_a_finding(walked: Folder) -> None:
    first, second, *_ = sorted(walked.adopted.iterdir())
    first.write_bytes(first.read_bytes() + b" ")
    second.unlink()
    report = verify_clinic(walked)
    assert report.result == "clean"
    assert [finding.rule for finding in report.findings] == ["protocol-text"] * 2
    assert {finding.why.split(" ")[0] for finding in report.findings} == {first.name, second.name}
    assert all(finding.entry for finding in report.findings)


def test_an_attached_file_that_was_changed_or_lost_is_a_finding(walked: Folder) -> None:
    (kept,) = walked.evidence.iterdir()
    kept.write_bytes(b"135.0 C\n")
    for _ in range(2):
        report = verify_clinic(walked)
        assert (report.result, rules(report)) == ("clean", {"evidence"})
        kept.unlink(missing_ok=True)


def test_words_that_were_changed_are_tampering(walked: Folder) -> None:
    with closing(sqlite3.connect(walked.people)) as db, db:
        db.execute("DELETE FROM opening WHERE fields LIKE '%window%'")
        db.execute("UPDATE opening SET fields = replace(fields, 'four', 'nine') WHERE fields LIKE '%four%'")
    report = verify_clinic(walked)
    assert report.result == "tampered"
    assert [finding.rule for finding in report.findings] == ["altered-opening", "opening"]
    assert all(finding.entry for finding in report.findings)


def test_words_that_are_missing_are_a_finding_unless_they_were_erased(house: House, walked: Folder) -> None:
    with closing(sqlite3.connect(walked.people)) as db, db:
        db.execute("DELETE FROM opening WHERE fields LIKE '%window%' OR fields LIKE '%four%'")
    report = verify_clinic(walked)
    assert report.result == "clean"
    assert [finding.rule for finding in report.findings] == ["opening"] * 2
    clinic = house.open()
    named = [clinic.ledger.entry(finding.entry or 0) for finding in report.findings]
    commitments = [str(entry.data["words"]) for entry in named]
    assert {entry.kind for entry in named} == {"step.noted", "step.done"}
    clinic.record(Draft("erased", {"commitments": [*commitments[:1]]}, None, "tui"))
    clinic.record(Draft("erased", {"commitments": "all of them"}, None, "tui"))
    assert [finding.rule for finding in verify_clinic(walked).findings] == ["opening"]
    assert verify_clinic(walked).findings[0].entry == named[1].index
    clinic.record(Draft("erased", {"commitments": [*commitments]}, None, "tui"))
    assert verify_clinic(walked).findings == ()


def test_people_db_that_is_lost_is_one_finding(walked: Folder) -> None:
    walked.people.unlink()
    report = verify_clinic(walked)
    assert report.result == "clean"
    assert [finding.rule for finding in report.findings] == ["people"]


def test_of_many_findings_the_first_are_enough(house: House, clinic: Clinic) -> None:
    lost = [f"{number:064x}" for number in range(1500)]
    clinic.ledger.append(lambda _: [Draft("remarked", {"words": value}, None, "system") for value in lost])
    clinic.ledger.mark()
    assert len(verify_clinic(house.folder).findings) == 100


def test_of_many_findings_those_of_tampering_come_first(house: House, walked: Folder) -> None:
    clinic = house.open()
    lost = [f"{number:064x}" for number in range(150)]
    clinic.ledger.append(lambda _: [Draft("remarked", {"words": value}, None, "system") for value in lost])
    clinic.close()
    with closing(sqlite3.connect(walked.people)) as db, db:
        db.execute("UPDATE opening SET fields = replace(fields, 'four', 'nine')")
    report = verify_clinic(walked)
    assert (report.result, len(report.findings)) == ("tampered", 100)
    assert report.findings[0].rule == "altered-opening"


# -- the ledgers of earlier stations ------------------------------------------------------------------------


@pytest.fixture
def restored(house: House, kit: Kit, tmp_path: Path, printout: Path) -> Folder:
    clinic = house.open()
    kit.walk_everything(house, clinic, printout)
    found = backup(clinic, tmp_path / "copy", kit.who(clinic, "Lea"), "tui")
    assert isinstance(found, Copied)
    back = restore(found.folder, Folder(tmp_path / "again"), "tui")
    assert isinstance(back, Restored)
    (back.folder.root / "ledger-a.db").chmod(0o600)
    return back.folder


def test_an_earlier_ledger_is_verified_too(restored: Folder) -> None:
    assert verify_clinic(restored).findings == ()
    touch(restored.root / "ledger-a.db", "DELETE FROM entry WHERE idx = 12")
    report = verify_clinic(restored)
    assert (report.result, report.first_bad, report.station) == ("tampered", None, "b")
    assert [(f.rule, f.why) for f in report.findings if f.rule == "archive"] == [
        ("archive", "ledger-a.db: Entry 12 is missing.")
    ]


def test_an_earlier_ledger_that_is_missing_or_no_ledger_is_found(restored: Folder) -> None:
    path = restored.root / "ledger-a.db"
    path.write_bytes(b"nothing" * 1000)
    assert (verify_clinic(restored).result, rules(verify_clinic(restored))) == ("tampered", {"archive"})
    path.unlink()
    assert (verify_clinic(restored).result, rules(verify_clinic(restored))) == ("tampered", {"archive"})


def test_another_history_in_the_place_of_an_earlier_one_is_found(house: House, restored: Folder, kit: Kit) -> None:
    """Whole in itself, rightly signed, and not what the new ledger said it goes on from."""
    kit.walk_short(house.open())
    shutil.copy(house.folder.ledger, restored.root / "ledger-a.db")
    assert verify_clinic(restored).result == "clean"  # it went on after the backup, and holds what was named
    forged = make(Folder(house.folder.root.with_name("forged")), "Riverside Skin", "Eve", "three green bottles", "tui")
    shutil.copy(forged.folder.ledger, restored.root / "ledger-a.db")
    report = verify_clinic(restored)
    assert report.result == "tampered"
    assert "archive" in rules(report)


def test_a_ledger_that_nobody_names_is_checked_by_itself(walked: Folder) -> None:
    (walked.root / "ledger-z.db").write_bytes(b"nothing" * 1000)
    assert (verify_clinic(walked).result, rules(verify_clinic(walked))) == ("tampered", {"archive"})


def test_the_views_of_another_version_of_the_program_are_not_compared(restored: Folder) -> None:
    """An earlier ledger is never written to again, so an upgrade cannot renew its views."""
    touch(restored.root / "ledger-a.db", "UPDATE kept SET views = 'older'", "DROP TABLE set_apart")
    assert verify_clinic(restored).result == "clean"
    assert verify_ledger(restored.root / "ledger-a.db").views is None


def test_words_of_an_earlier_ledger_are_looked_for_too(restored: Folder) -> None:
    with closing(sqlite3.connect(restored.people)) as db, db:
        db.execute("DELETE FROM opening WHERE fields LIKE '%window%'")
    report = verify_clinic(restored)
    assert (report.result, rules(report)) == ("clean", {"opening"})


def test_a_bad_earlier_ledger_stops_new_numbers_but_nothing_else(house: House, restored: Folder, kit: Kit) -> None:
    (restored.root / "ledger-a.db").write_bytes(b"nothing" * 1000)
    mine = kit.new_house(restored, house.clock)
    with mine.stack:
        clinic = mine.open()
        assert kit.walk_short(clinic).deviations == 0
        run = kit.begin(clinic, "load", "equipment=S1")
        with pytest.raises(ClinicError, match=r"may have been given before: ledger-a.db: "):
            clinic.do(run, c.Assign("number", {}), kit.who(clinic, "Lea"), "tui")
