"""A line at a terminal that was left alone, and the timers of other runs beside it."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from checklist.line.console import Console, Heard
from checklist.line.desk import Credentials, Desk
from checklist.line.timers import OtherTimers
from checklist.line.walker import Walker
from checklist.run import commands as c
from checklist.run.state import RunState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checklist.ledger.entry import Moment
    from tests.line.conftest import Line


@dataclass
class Person:
    """Somebody at a terminal who answers each prompt with the next of their lines, and sees the time go by.

    They take two seconds for it; `~` is an Enter at once, and `!` two of them after half a second, as a held key does.
    """

    line: Line
    answers: list[tuple[str, str]]
    later: int = 0
    seconds: float = 0.0
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.master, self.slave = os.openpty()
        clock = self.line.clinic._clock

        def shifted() -> Moment:
            now = clock()
            return replace(now, mono_ms=now.mono_ms + self.later, boottime_ms=now.boottime_ms + self.later)

        self.line.clinic._clock = shifted

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

    def walk(self, run: str) -> RunState:
        console = Console(self, terminal=True, source=self.slave, clock=lambda: self.seconds)  # type: ignore[arg-type]
        who = self.line.ada
        return Walker(
            self.line.clinic,
            console,
            Desk(self.line.clinic, console, who, Credentials(), Credentials(), "line"),
            "line",
        ).walk(run)

    def close(self) -> None:
        os.close(self.master)
        os.close(self.slave)

    @property
    def text(self) -> str:
        return "".join(self.seen)


@pytest.fixture
def people(line: Line) -> Iterator[list[Person]]:
    """People whose terminals are closed at the end."""
    assert line.said == []
    found: list[Person] = []
    yield found
    for person in found:
        person.close()


def test_a_line_left_alone_asks_for_the_secret_before_it_takes_anything(line: Line, people: list[Person]) -> None:
    answers = [("> ", "+300"), ("left alone", "not my secret"), ("> ", "+300"), ("left alone", "three blind mice")]
    person = Person(line, [*answers, ("> ", "5"), ("> ", "/pause")])
    people.append(person)
    state = person.walk(line.begin("short").run)
    assert "What was typed was not taken." in person.text
    assert person.text.count("Saved [x] one") == 1
    assert state.steps["two"].value == "5"
    assert state.paused


def test_enters_typed_ahead_held_or_sent_by_a_scanner_confirm_one_step(line: Line, people: list[Person]) -> None:
    ahead, held = ("> ", "\n" * 9), [("> ", "~"), ("> ", "~"), ("> ", "!")]
    person = Person(line, [ahead, *held, ("> ", "/note two is open"), ("> ", ""), ("> ", "/pause")])
    people.append(person)
    state = person.walk(line.begin("acts").run)
    assert [step for step, own in state.steps.items() if own.closed] == ["one", "two"]
    assert person.text.index("Saved: a note at two.") < person.text.index("Saved [x] two")
    assert person.text.count("That came too fast; press Enter again.") >= 3


def test_the_timer_of_another_run_is_seen_and_rings(line: Line) -> None:
    other = line.begin("long")
    assert isinstance(line.clinic.do(other.run, c.StartTimer("incubate"), line.ada, "pipe"), RunState)
    timers = OtherTimers(line.clinic, line.begin("short").run)
    assert timers.rung() == []
    assert f"Timer of run {other.run}, Long, incubate: " in timers.running()[0]
    person = Person(line, [], later=3 * 3600 * 1000)
    assert timers.rung() == [f"The timer of run {other.run}, incubate, has run down."]
    assert timers.rung() == []
    person.close()


def test_lines_are_whole_however_they_come() -> None:
    reader, writer = os.pipe()
    out = io.StringIO()
    console = Console(out, terminal=False, source=reader)
    os.write(writer, b"on")
    assert console.line(0.0) is Heard.TIME
    os.write(writer, b"e\ntwo\r\n\nlast")
    assert [console.line(1.0) for _ in range(3)] == ["one", "two", ""]
    assert console.line(0.0) is Heard.TIME
    os.close(writer)
    assert console.line() == "last"
    assert console.line() is Heard.END
    assert console.secret("never: ") is None
    os.close(reader)
    console.say("a\x1b[31mb\u202ec")
    assert out.getvalue() == "a[31mbc\n"


def test_a_line_longer_than_any_value_is_one_line_that_is_too_long() -> None:
    reader, writer = os.pipe()
    console = Console(io.StringIO(), terminal=False, source=reader)
    for _ in range(4):
        os.write(writer, b"x" * 50_000)
        assert console.line(0.0) is Heard.TIME
    os.write(writer, b"\nnext\n")
    assert console.line() is Heard.LONG
    assert console.line() == "next"
    os.close(reader)
    os.close(writer)
