"""`checklist` and `checklist board`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.state import RunState

if TYPE_CHECKING:
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


def put_off_long_ago(clinic: Path, ada: Who) -> None:
    with Clinic.open(Folder(clinic)) as opened:
        who = opened.staff.prove("Ada", Path(str(ada[3])).read_text(encoding="utf-8").strip(), "pipe")
        assert isinstance(who, SignedIn)
        begun = opened.begin("short", "", who, "pipe")
        assert isinstance(begun, RunState)
        put_off = c.Defer("one", "2020-01-01T00:00:00Z", Reason("not-available", None))
        assert isinstance(opened.do(begun.run, put_off, who, "pipe"), RunState)


def test_what_is_late_is_told_to_the_clinic_s_own_command_by_whichever_board_is_first(
    run: Run, clinic: Path, ada: Who, tmp_path: Path
) -> None:
    without_schedule(clinic)
    put_off_long_ago(clinic, ada)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with (clinic / "clinic.toml").open("a", encoding="utf-8") as config:
        config.write(f'[hooks]\non_overdue = ["sh", "-c", "echo $CHECKLIST_TEXT > $0", "{pipe}"]\n')
    assert run("board", "--json").code == 1
    with pipe.open(encoding="utf-8") as heard:
        assert heard.read().startswith("OVERDUE: put off: step one of Short, clinic, run a#")
    assert run("board").code == 1
    assert len([*(clinic / ".told").iterdir()]) == 1


def test_what_waits_stands_on_the_board_in_words_and_with_local_times(run: Run, clinic: Path, ada: Who) -> None:
    without_schedule(clinic)
    config = clinic / "clinic.toml"
    text = re.sub('timezone = ".*"', 'timezone = "Asia/Kathmandu"', config.read_text(encoding="utf-8"))
    config.write_text(text, encoding="utf-8")
    put_off_long_ago(clinic, ada)
    assert subprocess.run(
        [sys.executable, "-m", "checklist", "walk", "spill", "--subject", "clinic"],
        input="", capture_output=True, text=True, check=False, timeout=60,
    ).returncode == 1  # fmt: skip
    answer = run("board", "--json")
    assert answer.code == 1
    (task,) = answer.data["tasks"]
    assert (task["protocol"], task["overdue"], answer.data["overdue"]) == ("short", True, [])
    shown = run("board")
    assert shown.code == 1
    assert "OVERDUE, put off until 2020-01-01 05:45: Do one (Short, clinic): " in shown.out
    assert f"checklist resume {task['run']}" in shown.out
    (unsigned,) = answer.data["unattributed"]
    assert "WHO DID THIS? " in shown.out
    assert unsigned["since"] not in shown.out


def test_a_machine_that_is_set_apart_is_called_by_its_name(run: Run, clinic: Path, ada: Who) -> None:
    without_schedule(clinic)
    assert run("quarantine", "equipment", "S1", "--because", "other: it leaks", *ada).code == 0
    assert "QUARANTINED: Steriliser 1 (equipment S1), since " in run("board").out


def test_a_calm_board_has_its_lists_and_they_are_empty(run: Run, clinic: Path) -> None:
    without_schedule(clinic)
    answer = run("board", "--json")
    assert (answer.code, answer.data["missed"], answer.data["reviews"], answer.data["follow_ups"]) == (0, [], [], [])


@pytest.mark.usefixtures("clinic")
def test_the_board_for_scripts_loads_no_schema_library_and_no_command_starter() -> None:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "checklist", "board", "--json"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "checklist.clinic.plan.glance" in told.stderr
    for name in ("pydantic", "checklist.clinic.plan.hooks"):
        assert name not in told.stderr
