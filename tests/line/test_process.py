"""Line mode as a program: pipes, a terminal with its secrets, signals, and a record that cannot be written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import IO, TYPE_CHECKING

import pexpect
import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic
from checklist.run.marks import Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from checklist.run.state import RunState
    from tests.line.conftest import SecretFile, Terminal

PROGRAM = [sys.executable, "-m", "checklist"]
ADA = ("--as", "Ada", "--secret-file")


def read_until(stream: IO[str], words: str) -> None:
    """Read lines up to one with these words; a program that ends before it says them has failed."""
    while words not in (line := stream.readline()):
        assert line, f"the program ended without saying: {words}"


@pytest.fixture
def environment(root: Path) -> dict[str, str]:
    return {**os.environ, "CHECKLIST_CLINIC": str(root), "TERM": "xterm", "PYTHONUTF8": "1"}


@pytest.fixture
def terminal(environment: dict[str, str]) -> Iterator[Terminal]:
    """The program at a terminal of 80 columns."""
    children: list[pexpect.spawn[str]] = []

    def start(*arguments: str) -> pexpect.spawn[str]:
        child = pexpect.spawn(
            PROGRAM[0], [*PROGRAM[1:], *arguments], env=environment, encoding="utf-8", timeout=20, dimensions=(24, 80)
        )
        child.delaybeforesend = 0.5  # nobody presses Enter the moment that a step is shown
        children.append(child)
        return child

    yield start
    for child in children:
        child.close(force=True)


def piped(environment: dict[str, str], *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments], input=typed, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def state_of(root: Path, run: str) -> RunState:
    with Clinic.open(Folder(root)) as clinic:
        return clinic.run(run)


def last_run(root: Path) -> str:
    with Clinic.open(Folder(root)) as clinic:
        return str(clinic.ledger.query("SELECT run FROM run ORDER BY idx DESC LIMIT 1")[0][0])


def finished(child: pexpect.spawn[str]) -> int | None:
    child.expect(pexpect.EOF)
    child.wait()
    return child.exitstatus


def test_a_walk_through_a_pipe_ends_with_zero_only_when_complete(
    root: Path, environment: dict[str, str], secret_file: SecretFile
) -> None:
    mine = (*ADA, secret_file("three blind mice"))
    done = piped(environment, "walk", "short", *mine, typed="\n5\nfine\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "The run has ended: complete." in done.stdout
    paused = piped(environment, "walk", "short", *mine, typed="\n")
    assert paused.returncode == 1
    run = last_run(root)
    theirs = ("--as", "Bo", "--secret-file", secret_file("four blind cats"))
    resumed = piped(environment, "resume", run, *theirs, typed="5\nfine\n")
    assert resumed.returncode == 0
    assert state_of(root, run).holder != state_of(root, run).operators[0]
    again = piped(environment, "resume", run, *theirs)
    assert again.returncode == 0
    failed = piped(environment, "walk", "short", *mine, typed="\n20\n")
    assert failed.returncode == 1


def test_at_a_terminal_secrets_are_asked_for_and_never_shown(root: Path, terminal: Terminal, tmp_path: Path) -> None:
    photo = tmp_path / "p.txt"
    photo.write_text("x", encoding="utf-8")
    child = terminal("walk", "every-kind", "--line")
    child.expect("Name or badge: ")
    child.sendline("ada")
    child.expect("Your secret: ")
    child.sendline("wrong one here")
    child.expect("do not belong together")
    child.expect("Name or badge: ")
    child.sendline("ada")
    child.expect("Your secret: ")
    child.sendline("three blind mice")
    for step, typed in (("inspect", ""), ("temperature", "135"), ("indicator", "turned")):
        child.expect(f"Step \\d+ of 10: {step}.*> ")
        child.sendline(typed)
    child.expect("second-reader.*> ")
    assert "\x1b[A" in f"{child.before}{child.after}"  # the first reading is taken off the screen
    child.sendline("turned")
    child.expect("Second person's name or badge: ")
    child.sendline("Bo")
    child.expect("Their secret: ")
    child.sendline("four blind cats")
    for step, typed in (
        ("cartridge", "lot=A expiry=2099-01"),
        ("number", ""),
        ("remarks", "ok"),
        ("photo", str(photo)),
    ):
        child.expect(f"Step \\d+ of 10: {step}.*> ")
        child.sendline(typed)
    child.expect("start the timer; it ends by itself.*> ")
    child.sendline("")
    child.expect("Saved .x. wait")
    child.expect("Type what the signature means.*> ")
    child.sendline("released")
    child.expect("Who signs, name or badge: ")
    child.sendline("Ada")
    child.expect("Their secret: ")
    child.sendline("three blind mice")
    child.expect("The run has ended: complete")
    assert finished(child) == 0
    state = state_of(root, last_run(root))
    assert state.steps["release"].via == "line"
    with Clinic.open(Folder(root)) as clinic:
        factors = [e.data["factors"] for e in clinic.run_entries(state.run) if e.kind in {"signed", "witnessed"}]
    assert factors == [["secret"], ["secret"]]


def test_no_secret_is_echoed_and_what_was_typed_ahead_is_not_taken_for_one(terminal: Terminal) -> None:
    child = terminal("walk", "short", "--line", "--as", "Ada")
    child.expect("Your secret: ")
    child.sendline("three blind mice")
    child.expect("> ")
    assert "three blind" not in str(child.before)
    child.sendline("/pause")
    assert finished(child) == 1


def test_a_role_that_is_lacking_lets_somebody_else_sign(
    root: Path, terminal: Terminal, secret_file: SecretFile
) -> None:
    child = terminal("walk", "every-kind", "--line", "--as", "Bo", "--secret-file", secret_file("four blind cats"))
    for typed in ("", "135", "1", "/skip nobody here", "lot=A expiry=2099-01", "", "ok", "/skip no printer", ""):
        child.expect("Step \\d+ of 10: .*> ")
        child.sendline(typed)
    child.expect("signature means.*> ")
    child.sendline("quarantined")
    child.expect("Who signs, name or badge: ")
    child.sendline("Ada")
    child.expect("Their secret: ")
    child.sendline("three blind mice")
    child.expect("Saved .x. release: quarantined")
    assert finished(child) == 0
    assert state_of(root, last_run(root)).steps["release"].by != state_of(root, last_run(root)).holder


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_pauses_the_run_and_leaves_the_terminal_as_it_was(
    root: Path, terminal: Terminal, secret_file: SecretFile, number: signal.Signals
) -> None:
    child = terminal("walk", "short", "--line", *ADA, secret_file("three blind mice"))
    child.expect("Step 1 of 3.*> ")
    child.kill(number)
    assert finished(child) == 128 + number
    run = last_run(root)
    assert state_of(root, run).paused


def test_a_signal_while_a_secret_is_typed_gives_the_echo_back(root: Path, terminal: Terminal) -> None:
    child = terminal("walk", "short", "--line", "--as", "Ada")
    child.expect("Your secret: ")
    assert child.getecho() is False
    child.kill(signal.SIGTERM)
    child.expect("Nobody is signed in")
    assert child.getecho() is True
    assert finished(child) == 2
    assert root.exists()


def test_a_terminal_that_goes_away_leaves_the_run_resumable(
    root: Path, terminal: Terminal, secret_file: SecretFile
) -> None:
    child = terminal("walk", "long", "--line", *ADA, secret_file("three blind mice"))
    child.expect("start the timer.*> ")
    child.sendline("")
    child.expect("2 h to go|1 h 59")
    child.close(force=False)
    run = last_run(root)
    state = state_of(root, run)
    assert state.open
    assert state.steps["incubate"].started is not None


def test_control_c_leaves_a_running_timer_that_goes_on(root: Path, terminal: Terminal, secret_file: SecretFile) -> None:
    child = terminal("walk", "long", "--line", *ADA, secret_file("three blind mice"))
    child.expect("start the timer.*> ")
    child.sendline("")
    child.expect("Ctrl-C leaves")
    child.sendintr()
    child.expect("To go on: checklist resume")
    assert finished(child) == 130
    state = state_of(root, last_run(root))
    assert state.paused
    assert state.steps["incubate"].started is not None


def test_a_timer_that_is_not_ended_in_time_fails_and_asks_for_a_remedy(
    root: Path, terminal: Terminal, secret_file: SecretFile
) -> None:
    child = terminal("walk", "by-hand", "--line", *ADA, secret_file("three blind mice"))
    child.expect("again to end it.*> ")
    child.sendline("")
    child.expect("Press Enter to end it.*> ")
    child.expect("not ended in time")
    child.expect("what was done about it.*> ")
    child.sendline("wiped again")
    child.expect("Saved: a remedy")
    child.expect("Press Enter to start.*> ")
    child.sendline("/pause")
    assert finished(child) == 1
    step = state_of(root, last_run(root)).steps["soak"]
    assert (step.status, step.attempts[0].verdict) == (Status.PENDING, "fail")


def test_what_could_not_be_saved_is_said_and_tried_again_when_asked(
    root: Path, terminal: Terminal, secret_file: SecretFile
) -> None:
    child = terminal("walk", "short", "--line", *ADA, secret_file("three blind mice"))
    child.expect("Step 1 of 3.*> ")
    child.sendline("")
    child.expect("Step 2 of 3.*> ")
    (root / "ledger.db").rename(root / "away.db")
    child.sendline("5")
    child.expect("Nothing was saved")
    child.expect("Press Enter to try again: ")
    assert "Saved [x] two" not in str(child.before)
    (root / "away.db").rename(root / "ledger.db")
    child.sendline("")
    child.expect("Saved .x. two: 5")
    child.expect("Step 3 of 3.*> ")
    child.sendline("fine")
    assert finished(child) == 0
    state = state_of(root, last_run(root))
    assert len(state.steps["two"].attempts) == 1


def test_what_could_not_be_saved_from_a_pipe_ends_with_two(
    root: Path, environment: dict[str, str], secret_file: SecretFile
) -> None:
    arguments = [*PROGRAM, "walk", "short", *ADA, secret_file("three blind mice")]
    with subprocess.Popen(
        arguments, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        read_until(child.stdout, "Press Enter when it is so")
        (root / "ledger.db").rename(root / "away.db")
        _, told = child.communicate("\n5\n")
    assert child.returncode == 2
    assert "Nothing was saved" in told
    assert len(told.splitlines()) == 1


def test_output_that_nobody_reads_any_more_pauses_the_run(
    root: Path, environment: dict[str, str], secret_file: SecretFile
) -> None:
    arguments = [*PROGRAM, "walk", "short", *ADA, secret_file("three blind mice")]
    with subprocess.Popen(
        arguments, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        read_until(child.stdout, "Press Enter when it is so")
        child.stdout.close()
        child.stdin.write("\n5\nfine\n")
        child.stdin.close()
        told = child.stderr.read()
    assert child.returncode in {1, 141}
    assert told == ""
    state = state_of(root, last_run(root))
    assert state.open
    assert state.steps["three"].status is Status.PENDING


def test_a_hundred_thousand_signs_in_one_line_are_refused_and_the_walk_goes_on(
    root: Path, environment: dict[str, str], secret_file: SecretFile
) -> None:
    mine = (*ADA, secret_file("three blind mice"))
    done = piped(environment, "walk", "short", *mine, typed="\n5\n" + "\x1b[31m" * 100_000 + "\nfine\n")
    assert done.returncode == 0
    assert "nothing was taken" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    assert state_of(root, last_run(root)).steps["three"].status is Status.DONE
