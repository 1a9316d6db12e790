"""`checklist` and `checklist board`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.cli.conftest import Run, Who

KEYS = {"due", "overdue", "open", "quarantined", "recalled", "unattributed"}


def without_schedule(clinic: Path) -> None:
    config = clinic / "clinic.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.partition("[[schedule]]")[0], encoding="utf-8")


def test_the_board_has_its_keys_and_its_code(run: Run, clinic: Path) -> None:
    answer = run("board", "--json")
    assert set(answer.data) >= KEYS
    assert answer.code == (1 if answer.data["overdue"] else 0)
    without_schedule(clinic)
    answer = run("board", "--json")
    assert answer.code == 0
    assert not any(answer.data.values())
    assert "Nothing is due" in run("board").out


def test_an_open_run_is_on_the_board(run: Run, clinic: Path, ada: Who) -> None:
    without_schedule(clinic)
    assert run("walk", "short", *ada).code == 1
    (found,) = run("board", "--json").data["open"]
    assert found["protocol"] == "short"
    assert found["subject"] == "clinic"
    assert found["since"].endswith("Z")
    assert "Open: Short, clinic" in run("board").out


def test_an_override_is_marked_on_the_board(run: Run, clinic: Path, ada: Who, bo: Who) -> None:
    without_schedule(clinic)
    typed = "/override not-available: no key\n"
    words = ["walk", "short", *ada, "--witness", "Bo", "--witness-secret-file", bo[3]]
    done = subprocess.run(
        [sys.executable, "-m", "checklist", *map(str, words)],
        input=typed, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    (found,) = run("board", "--json").data["open"]
    assert found["overridden"] == 1
    assert ", Ada, paused, 1 OVERRIDDEN\n" in run("board").out


def test_without_a_terminal_checklist_alone_prints_the_board_and_how_to_go_on(run: Run, clinic: Path) -> None:
    answer = run()
    assert answer.code in {0, 1}
    assert "checklist walk PROTOCOL" in answer.out
    assert clinic.is_dir()


def test_the_clinic_is_named_before_or_after_the_command(
    run: Run, clinic: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CHECKLIST_CLINIC")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert "checklist init" in run("board").told
    without_schedule(clinic)
    assert run("--clinic", clinic, "board").code == 0
    assert run("board", "--clinic", clinic).code == 0
    assert run("--clinic", tmp_path / "nowhere", "board", "--clinic", clinic).code == 0
    monkeypatch.chdir(clinic / "protocols")
    assert run("board").code == 0


def test_a_damaged_folder_is_told_and_not_shown_as_fine(run: Run, clinic: Path) -> None:
    shutil.copy(clinic / "clinic.toml", clinic / "keep")
    (clinic / "clinic.toml").write_text("[clinic]\nname = 3", encoding="utf-8")
    assert "clinic.toml" in run("board").told
    shutil.copy(clinic / "keep", clinic / "clinic.toml")
    (clinic / "ledger.db").write_bytes(b"this is not a database" * 100)
    assert run("board").told
    (clinic / "ledger.db").unlink()
    assert run("board").told
