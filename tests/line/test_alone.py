"""A line at a terminal that was left alone, and the timers of other runs beside it."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

from checklist.line.console import Console, Heard
from checklist.line.timers import OtherTimers
from checklist.run import commands as c
from checklist.run.state import RunState

if TYPE_CHECKING:
    from tests.line.conftest import Line, Somebody


def test_a_line_left_alone_asks_for_the_secret_before_it_takes_anything(line: Line, somebody: Somebody) -> None:
    answers = [("> ", "+300"), ("left alone", "not my secret"), ("> ", "+300"), ("left alone", "three blind mice")]
    person = somebody([*answers, ("> ", "5"), ("> ", "/pause")])
    state = person.walk(line.begin("short").run)
    assert "What was typed was not taken." in person.text
    assert person.text.count("Saved [x] one") == 1
    assert state.steps["two"].value == "5"
    assert state.paused


def test_enters_typed_ahead_held_or_sent_by_a_scanner_confirm_one_step(line: Line, somebody: Somebody) -> None:
    ahead, held = ("> ", "\n" * 9), [("> ", "~"), ("> ", "~"), ("> ", "!")]
    person = somebody([ahead, *held, ("> ", "/note two is open"), ("> ", ""), ("> ", "/pause")])
    state = person.walk(line.begin("acts").run)
    assert [step for step, own in state.steps.items() if own.closed] == ["one", "two"]
    assert person.text.index("Saved: a note at two.") < person.text.index("Saved [x] two")
    assert person.text.count("That came too fast; press Enter again.") >= 3


def test_the_timer_of_another_run_is_seen_and_rings(line: Line, somebody: Somebody) -> None:
    other = line.begin("long")
    assert isinstance(line.clinic.do(other.run, c.StartTimer("incubate"), line.ada, "pipe"), RunState)
    timers = OtherTimers(line.clinic, line.begin("short").run)
    assert timers.rung() == []
    assert f"Timer of run {other.run}, Long, incubate: " in timers.running()[0]
    somebody([]).later = 3 * 3600 * 1000
    assert timers.rung() == [f"The timer of run {other.run}, incubate, has run down."]
    assert timers.rung() == []


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


def test_an_answer_that_stops_the_run_is_not_meant_by_the_enter_of_somebody_else_minutes_later(
    line: Line, somebody: Somebody
) -> None:
    stops = [("> ", "20"), ("takes it back", "+300"), ("left alone", "not my secret")]
    person = somebody([("> ", ""), *stops, ("> ", "/pause")])
    state = person.walk(line.begin("short").run)
    assert "It was taken back; nothing was recorded." in person.text
    assert not state.steps["two"].closed
    assert state.paused
