"""The command line carried out in this process: by a script, through a pipe, or by somebody at a terminal.

For stories with many secrets: a program of its own could not be told to hash them at next to no cost.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass, field, replace
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from checklist.cli.entrance import enter
from checklist.ledger import clock as clocks
from checklist.ledger.clock import SystemClock, unix_us, utc_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from checklist.ledger.entry import Moment

PROMPTS = (": ", "> ")
END_OF_INPUT = "\x04"


@contextlib.contextmanager
def cheap_secrets() -> Iterator[None]:
    """Secrets are hashed at next to no cost: for tests that compare many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("checklist.people.secret.MEMORY_KIB", 8)
        yield


@contextlib.contextmanager
def days_ago(days: int) -> Iterator[None]:
    """What happens in this block happened that many days ago, before the machine was last started."""
    read = SystemClock.__call__

    def then(clock: SystemClock) -> Moment:
        now = read(clock)
        earlier = utc_text(unix_us(now.at) - days * 86_400_000_000)
        return replace(now, at=earlier, boot=f"{days}-days-ago", mono_ms=now.mono_ms, boottime_ms=now.boottime_ms)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clocks.SystemClock, "__call__", then)
        yield


@dataclass(frozen=True)
class Told:
    """What a command left: its exit code, and all that was read on the screen."""

    code: int
    text: str


@dataclass
class _Terminal:
    """Somebody who answers each prompt with the next of their lines, and goes away when they have no more."""

    master: int
    answers: list[tuple[str, str]]
    seen: list[str] = field(default_factory=list)

    def write(self, text: str) -> int:
        self.seen.append(text)
        asked = "".join(self.seen).rpartition("\n")[2]
        if asked and asked.endswith(PROMPTS):
            if self.answers and self.answers[0][0] in asked:
                os.write(self.master, f"{self.answers.pop(0)[1]}\n".encode())
            else:
                os.write(self.master, END_OF_INPUT.encode())
        return len(text)

    def flush(self) -> None:
        """Nothing is kept back."""

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self.master


@contextlib.contextmanager
def _standard_input(source: int) -> Iterator[None]:
    kept = os.dup(0)
    os.dup2(source, 0)
    try:
        yield
    finally:
        os.dup2(kept, 0)
        os.close(kept)


def through_a_pipe(words: Sequence[object], said: str = "") -> Told:
    """Carry out a command line that reads these lines."""
    out = StringIO()
    with tempfile.TemporaryFile() as lines, contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        lines.write(said.encode())
        lines.seek(0)
        with _standard_input(lines.fileno()):
            return Told(enter([str(word) for word in words]), out.getvalue())


def at_a_terminal(words: Sequence[object], answers: Sequence[tuple[str, str]]) -> Told:
    """Carry out a command line with somebody at a terminal, who types each answer at the prompt that it is for."""
    master, slave = os.openpty()
    somebody = _Terminal(master, list(answers))
    try:
        with (
            contextlib.redirect_stdout(somebody),
            contextlib.redirect_stderr(somebody),
            _standard_input(slave),
        ):
            return Told(enter([str(word) for word in words]), "".join(somebody.seen))
    finally:
        os.close(master)
        os.close(slave)
