"""The clinic's own commands: told once, without a shell, and never waited for, whatever becomes of them."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.doctor import examine
from checklist.clinic.identifiers import recalling
from checklist.clinic.plan import hook_watch, hooks
from checklist.clinic.plan.glance import glance
from checklist.clinic.plan.plan_tables import Hooks
from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit

TELLS = """\
import json, os, sys
told = {"environment": dict(os.environ), "arguments": sys.argv[2:], "where": os.getcwd(), "stdin": sys.stdin.read()}
with open(sys.argv[1], "w") as pipe:
    pipe.write(json.dumps(told) + chr(10))
"""
PATIENCE = 60


class Heard:
    """The far end of a pipe that commands write to."""

    def __init__(self, root: Path) -> None:
        self.pipe = root / "pipe"
        self.program = root / "tells.py"
        self.program.write_text(TELLS, "utf-8")
        os.mkfifo(self.pipe)
        self._end = os.open(self.pipe, os.O_RDWR)

    def command(self, *more: str) -> tuple[str, ...]:
        return (sys.executable, str(self.program), str(self.pipe), *more)

    def next(self) -> dict[str, object]:
        """What a command wrote; waits for it."""
        line = b""
        while not line.endswith(b"\n"):
            assert select.select([self._end], [], [], PATIENCE)[0], "no command ever wrote anything"
            line += os.read(self._end, 1)
        found = json.loads(line)
        assert isinstance(found, dict)
        return found

    def text(self) -> object:
        environment = self.next()["environment"]
        assert isinstance(environment, dict)
        return environment["CHECKLIST_TEXT"]

    def nothing_more(self) -> bool:
        return not select.select([self._end], [], [], 0)[0]

    def close(self) -> None:
        os.close(self._end)


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Heard]:
    found = Heard(tmp_path)
    yield found
    found.close()


def hooked(house: House, event: str, command: tuple[str, ...]) -> Clinic:
    with house.folder.config.open("a", encoding="utf-8") as file:
        file.write(f"[hooks]\n{event} = {json.dumps(command)}\n")
    return house.open()


def test_a_command_is_told_what_happened_and_nothing_of_this_program(
    house: House, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_SECRET", "three green bottles")
    words = heard.command("a b", "$HOME", "; touch x")
    hooks.tell(house.folder, Hooks(on_failure=words), hooks.FAILURE, "it has \x1b[31mfailed\0")
    told = heard.next()
    environment = told["environment"]
    assert isinstance(environment, dict)
    assert environment["CHECKLIST_EVENT"] == "on_failure"
    assert str(environment["CHECKLIST_TEXT"]).isprintable()
    assert "SOME_SECRET" not in environment
    assert told["arguments"] == ["a b", "$HOME", "; touch x"]
    assert (told["stdin"], told["where"]) == ("", str(house.folder.root))


def test_a_step_that_fails_is_told_once_it_is_on_record(house: House, heard: Heard, kit: Kit) -> None:
    clinic = hooked(house, "on_failure", heard.command())
    run = kit.begin(clinic, "short")
    kit.do(clinic, run, c.Confirm("wash"))
    kit.do(clinic, run, c.Fail("look", kit.because))
    assert heard.text() == f"FAILED: Short, clinic, step look, run {run}"
    assert heard.nothing_more()


def test_a_recall_is_told(house: House, heard: Heard, kit: Kit) -> None:
    clinic = hooked(house, "on_recall", heard.command())
    fault = Reason("equipment-fault", "a torn seal of Frau Müller")
    found = recalling.recall(clinic, "lot", "A12", fault, kit.who(clinic, "Lea"), "tui")
    assert not isinstance(found, Refusal)
    assert heard.text() == "RECALLED: lot A12"


def test_what_is_late_is_told_once_a_deadline_whichever_program_sees_it(house: House, heard: Heard) -> None:
    text = house.folder.config.read_text("utf-8").split("[calendar]")[0]
    house.folder.config.write_text(text + '[[schedule]]\nprotocol = "short"\nevery = "day"\nby = "08:30"\n', "utf-8")
    clinic = hooked(house, "on_overdue", heard.command())

    def look(at: str) -> None:
        house.clock.set(at)
        seen = glance(clinic.histories(), clinic.settings, clinic.now())
        hooks.tell_late(house.folder, clinic.settings.hooks, seen)

    look("2031-03-11T08:30:00")
    look("2031-03-11T08:31:00")
    assert heard.text() == "OVERDUE: Short, clinic, by 2031-03-11 08:30"
    look("2031-03-11T10:00:00")
    look("2031-03-12T08:31:00")
    assert heard.text() == "OVERDUE: Short, clinic, by 2031-03-12 08:30"
    assert heard.nothing_more()
    told = house.folder.root / hooks.TOLD
    assert len([*told.iterdir()]) == 2
    for old in told.iterdir():
        os.utime(old, (0, 0))
    look("2031-03-13T08:31:00")
    assert len([*told.iterdir()]) == 1


def test_where_nothing_can_be_kept_nothing_is_told_again_and_again(house: House, heard: Heard) -> None:
    (house.folder.root / hooks.TOLD).write_text("in the way", "utf-8")
    clinic = hooked(house, "on_overdue", heard.command())
    house.clock.set("2031-03-11T12:00:00")
    seen = glance(clinic.histories(), clinic.settings, clinic.now())
    assert seen.late
    hooks.tell_late(house.folder, clinic.settings.hooks, seen)
    assert heard.nothing_more()


@pytest.mark.parametrize("command", [("/no/such/program",), ("false",), ("", "x"), ("./clinic.toml",)])
def test_a_command_that_cannot_be_run_or_fails_breaks_nothing(house: House, kit: Kit, command: tuple[str, ...]) -> None:
    clinic = house.open()
    hooks.tell(house.folder, Hooks(on_failure=command), hooks.FAILURE, "failed")
    assert kit.walk_short(clinic).deviations == 0


def test_what_a_command_leaves_behind_is_killed_when_it_ends(tmp_path: Path) -> None:
    """As below; its own time is not up for long."""
    pipe = tmp_path / "held"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    leaves = 'exec 3> "$0"; sleep 600 & echo left > "$0"'
    watcher = [sys.executable, "-I", "-S", hook_watch.__file__, "500", "sh", "-c", leaves, str(pipe)]
    try:
        subprocess.run(watcher, check=True)
        said = b""
        while not said:
            assert select.select([reader], [], [], PATIENCE)[0]
            said = os.read(reader, 100)
        assert said == b"left\n"
        while said:
            assert select.select([reader], [], [], PATIENCE)[0], "what it left behind still holds the pipe"
            said = os.read(reader, 100)
    finally:
        os.close(reader)


def test_a_command_that_hangs_is_killed_with_what_it_started_and_nobody_waits(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pipe is at its end once no process holds its writing end any more."""
    monkeypatch.setattr(hooks, "SECONDS", 1)
    pipe = tmp_path / "held"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    hangs = 'echo begun > "$0"; exec 3> "$0"; sleep 600 & sleep 600'
    hooks.tell(house.folder, Hooks(on_failure=("sh", "-c", hangs, str(pipe))), hooks.FAILURE, "failed")
    try:
        said = b""
        while not said:
            assert select.select([reader], [], [], PATIENCE)[0]
            said = os.read(reader, 100)
        assert said == b"begun\n"
        os.set_blocking(reader, True)
        assert os.read(reader, 100) == b""
    finally:
        os.close(reader)


def test_commands_that_others_could_have_written_are_not_run(house: House, heard: Heard) -> None:
    house.folder.config.chmod(0o666)
    hooks.tell(house.folder, Hooks(on_failure=heard.command()), hooks.FAILURE, "failed")
    assert "chmod go-w" in hooks.untrusted(house.folder)
    house.folder.config.chmod(0o644)
    assert hooks.untrusted(house.folder) == ""
    assert heard.nothing_more()


@pytest.mark.parametrize(
    ("command", "mode", "level", "detail"),
    [
        (("sh", "-c", "true"), 0o600, "ok", "on_recall can be run"),
        (("no-such-program",), 0o600, "warning", "on_recall: no-such-program"),
        (("./tells",), 0o600, "warning", "on_recall: ./tells"),
        (("sh",), 0o622, "warning", "others can write to"),
    ],
)
def test_the_doctor_says_which_command_would_never_be_told(
    house: House, command: tuple[str, ...], mode: int, level: str, detail: str
) -> None:
    hooked(house, "on_recall", command)
    house.folder.config.chmod(mode)
    (found,) = [each for each in examine(house.folder) if each.name == "hooks"]
    assert found.level == level
    assert detail in found.detail
