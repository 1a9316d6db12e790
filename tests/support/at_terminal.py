"""Somebody at a terminal whose answers are known beforehand, and who takes their time over them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from checklist.line.console import Console
from checklist.line.desk import Credentials, Desk
from checklist.line.walker import Walker

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.ledger.entry import Moment
    from checklist.run.state import RunState


@dataclass
class Person:
    """Somebody at a terminal who answers each prompt with the next of their lines, and sees the time go by.

    They take two seconds for it; `~` is an Enter at once, and `!` two of them after half a second, as a held key does.
    """

    clinic: Clinic
    answers: list[tuple[str, str]]
    who: SignedIn | None = None
    later: int = 0
    seconds: float = 0.0
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.master, self.slave = os.openpty()
        clock = self.clinic._clock

        def shifted() -> Moment:
            now = clock()
            return replace(now, mono_ms=now.mono_ms + self.later, boottime_ms=now.boottime_ms + self.later)

        self.clinic._clock = shifted

    def write(self, text: str) -> None:
        """What the program prints; an answer to it is typed at once."""
        self.seen.append(text)
        if self.answers and self.answers[0][0] in text:
            typed = self.answers.pop(0)[1]
            self.seconds += {"~": 0.033, "!": 0.5}.get(typed[:1], 2.0)
            typed = {"~": "", "!": "\n"}.get(typed[:1], typed)
            if typed.startswith("+"):
                self.later += 1000 * int(typed[1:])
                typed = ""
            os.write(self.master, f"{typed}\n".encode())

    def flush(self) -> None:
        """Nothing is kept back."""

    @property
    def console(self) -> Console:
        """The terminal as the program has it."""
        return Console(self, terminal=True, source=self.slave, clock=lambda: self.seconds)  # type: ignore[arg-type]

    def walk(self, run: str) -> RunState:
        """Walk on until the answers are used up, or the run ends; then nobody stands there any more."""
        console = self.console
        desk = Desk(self.clinic, console, self.who, Credentials(), Credentials(), "line")
        state = Walker(self.clinic, console, desk, "line").walk(run)
        desk.leave()
        return state

    def close(self) -> None:
        os.close(self.master)
        os.close(self.slave)

    @property
    def text(self) -> str:
        return "".join(self.seen)
