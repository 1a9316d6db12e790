"""Exit codes and the one line that every fault gets, whatever is typed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from checklist.cli.faults import in_words
from checklist.ledger.errors import NotSaved
from checklist.protocol.errors import Fault, ProtocolFileError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run, Who

COMMANDS = [
    "init", "walk", "resume", "attribute", "board", "log", "show", "remark", "verify", "doctor", "protocol", "people",
    "backup", "restore", "export", "prove", "sample", "review",
]  # fmt: skip


def test_help_lists_every_command_and_each_has_its_own(run: Run) -> None:
    answer = run("--help")
    assert answer.code == 0
    for command in COMMANDS:
        assert f"\n  {command} " in answer.out
        own = run(command, "--help")
        assert own.code == 0
        assert own.err == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["--nonsense"],
        ["board", "--nonsense"],
        ["board", "extra"],
        ["walk"],
        ["protocol", "nonsense"],
        ["people", "add"],
        ["people", "add", "--name"],
        ["people", "nonsense"],
        ["people", "roles", "Bo"],
        ["people", "credential", "grant", "Bo"],
        ["people", "erase"],
        ["attribute"],
        ["remark", "a#1"],
        ["restore", "one"],
        ["--clinic"],
        ["log", "--since", "soonish"],
        ["log", "--until", "2027-02-30"],
        ["walk", "short", "--secret-file", "/nowhere"],
        ["walk", "short", "--secret-file", "."],
        ["walk", "short", "--subject", "room=x"],
    ],
)
def test_misuse_is_one_line_and_two(run: Run, clinic: Path, arguments: list[str]) -> None:
    assert clinic.is_dir()
    assert run(*arguments).told


HOSTILE = [
    "\x1b]0;owned\x07\x1b[2J",
    "\x9b31m\u202e\u2066",
    "[red]x[/red]",
    "\udcff\udc9b",
    "x" * 100_000,
    "../../../etc/passwd",
    "'; DROP TABLE entry; --",
    "-",
    "a#99999999999999999999999",
    "",
    "\n\n\n",
    "%s%n{0}",
]


@pytest.mark.parametrize(
    "command",
    [
        ["{}"],
        ["--clinic", "{}", "board"],
        ["board", "--clinic", "{}"],
        ["walk", "{}"],
        ["walk", "short", "--as", "{}"],
        ["walk", "short", "--secret-file", "{}"],
        ["resume", "{}"],
        ["show", "{}"],
        ["protocol", "show", "{}"],
        ["protocol", "show", "{}.toml"],
        ["protocol", "lint", "{}/x"],
        ["protocol", "{}"],
        ["protocol", "adopt", "{}"],
        ["backup", "{}"],
        ["restore", "{}", "{}"],
        ["log", "--since", "{}"],
        ["people", "add", "--name", "{}", "--role", "{}"],
        ["people", "disable", "{}", "--as", "Ada", "--secret-file", "{ada}"],
        ["people", "roles", "Bo", "--role", "{}", "--as", "Ada", "--secret-file", "{ada}"],
        ["people", "badge", "Bo", "--badge-file", "{}"],
        ["people", "credential", "grant", "Bo", "{}", "--as", "Ada", "--secret-file", "{ada}"],
        ["people", "credential", "grant", "Bo", "x", "--attribute", "y={}", "--as", "Ada", "--secret-file", "{ada}"],
        ["people", "credential", "grant", "Bo", "x", "--until", "{}", "--as", "Ada", "--secret-file", "{ada}"],
        ["attribute", "{}", "--as", "Ada", "--secret-file", "{ada}"],
        ["remark", "{}", "{}", "--as", "Ada", "--secret-file", "{ada}"],
        ["remark", "a#1", "{}", "--as", "Ada", "--secret-file", "{ada}"],
        ["remark", "--answers", "{}", "{}", "--as", "Ada", "--secret-file", "{ada}"],
        ["review", "{}"],
        ["review", "{}", "{}", "--seen", "--as", "Ada", "--secret-file", "{ada}"],
        ["export", "{}", "--out", "{}"],
        ["export", "jsonl", "{}", "--out", "/nowhere/at/all"],
        ["sample", "2", "{}", "--seed", "{}"],
        ["prove", "{}"],
        ["prove", "--receipt", "{}"],
    ],
)
def test_hostile_arguments_get_one_clean_line(run: Run, clinic: Path, ada: Who, command: list[str]) -> None:
    assert clinic.is_dir()
    for text in HOSTILE:
        arguments = [part.replace("{}", text).replace("{ada}", str(ada[3])) for part in command]
        if arguments in (["-"], [""]):
            arguments = ["--", *arguments]
        answer = run(*arguments)
        if answer.code == 2:
            assert len(answer.err) < 12_000
            assert "fault of the program" not in answer.err, arguments
            assert answer.told, arguments
        for sign in "\x1b\x9b\x07\u202e\u2066\udcff":
            assert sign not in answer.out + answer.err, arguments


@pytest.mark.parametrize("key", ["run", "kind", "protocol", "step", "actor"])
def test_hostile_filters_find_nothing(run: Run, clinic: Path, key: str) -> None:
    assert clinic.is_dir()
    for text in HOSTILE:
        answer = run("log", f"--{key}", text, "--json")
        if answer.code == 2:  # nothing is left of it that could be looked for
            assert answer.told, text
            assert answer.out == "", text
        else:
            assert (answer.code, answer.out) == (1, "[]\n"), text


def test_what_nobody_thought_of_is_called_a_fault_of_the_program() -> None:
    told = in_words(RuntimeError("a \x1b[31mthing\nhappened"))
    assert told.code == 2
    assert told.line.startswith("This is a fault of the program (RuntimeError: a [31mthing happened)")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NotSaved("Nothing was saved: the disk is full."), "the disk is full. Nothing was saved. Try again"),
        (OSError(28, "No space left on device", "/x/y"), "/x/y: No space left on device; check"),
        (
            ProtocolFileError([Fault("a.toml", 3, 1, "r", "error", "is wrong", "mend it")] * 3),
            "a.toml:3:1: is wrong — mend it (and 2 more",
        ),
        (MemoryError(), "short of memory"),
        (click.UsageError("No such option: --x"), "No such option"),
    ],
)
def test_each_family_of_errors_has_its_sentence(error: BaseException, words: str) -> None:
    told = in_words(error)
    assert words in told.line
    assert "\n" not in told.line
    assert told.code == 2


def test_an_interruption_is_130() -> None:
    assert in_words(click.Abort()).code == 130


def test_the_board_imports_no_more_than_it_needs(clinic: Path) -> None:
    code = (
        "import sys\nfrom checklist.cli.entrance import enter\ncode = enter(sys.argv[1:])\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)\nsys.exit(code)"
    )
    for arguments in (["board", "--json"], ["--help"], ["protocol", "lint"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode in {0, 1}
        loaded = set(done.stderr.split())
        assert not loaded & {"textual", "rich", "argon2", "asyncio"}
        if arguments != ["protocol", "lint"]:
            assert not loaded & {"pydantic", "cryptography"}
        if arguments == ["--help"]:
            assert "sqlite3" not in loaded
    assert clinic.is_dir()


def test_a_reader_that_goes_away_is_no_fault(clinic: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m checklist protocol schema | head -c 10"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    assert clinic.is_dir()


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_hurt_nothing(clinic: Path, closed: str) -> None:
    before = (clinic / "ledger.db").read_bytes()
    done = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m checklist board {closed}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0
    assert (clinic / "ledger.db").read_bytes() == before


def test_a_terminal_that_knows_only_ascii_is_enough(clinic: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C", "LANG": "C"}
    done = subprocess.run(
        [sys.executable, "-m", "checklist", "protocol", "show", "spill"],
        env=environment, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0
    assert clinic.is_dir()
