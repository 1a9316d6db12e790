"""`checklist backup` and `checklist restore`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run, Who


def test_a_backup_is_clean_and_a_restore_goes_on_under_a_new_station(
    run: Run, clinic: Path, ada: Who, tmp_path: Path
) -> None:
    assert run("walk", "short", *ada).code == 1
    answer = run("backup", tmp_path / "copy", *ada)
    assert answer.code == 0
    assert "is clean" in answer.out
    answer = run("restore", tmp_path / "copy", tmp_path / "again")
    assert answer.code == 0
    assert "station b" in answer.out
    assert run("verify", "--clinic", tmp_path / "again").code == 0
    assert len(run("people", "list", "--json", "--clinic", tmp_path / "again").data) == 2
    assert clinic.is_dir()


def test_what_cannot_be_copied_is_told(run: Run, clinic: Path, ada: Who, bo: Who, tmp_path: Path) -> None:
    assert "lead" in run("backup", tmp_path / "copy", *bo).told
    assert "there already" in run("backup", clinic, *ada).told
    assert "--as" in run("backup", tmp_path / "copy").told
    assert "not a backup" in run("restore", tmp_path / "nowhere", tmp_path / "again").told
    assert "not empty" in run("restore", clinic, tmp_path).told
