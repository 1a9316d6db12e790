"""What one run hands on to the next, in lines: what was put off is told, and what failed leads into what follows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from checklist.clinic.plan.waiting import follow_ups
from checklist.line.following import begin_what_follows, carried_lines
from checklist.run.marks import Outcome

if TYPE_CHECKING:
    from checklist.run.state import RunState
    from tests.line.conftest import Line, Somebody
    from tests.support.at_terminal import Person


def failed(line: Line) -> RunState:
    state = line.walk(line.begin("short").run, "\n20\n")
    assert state.outcome is Outcome.FAILED
    return state


def followed(line: Line, person: Person, ended: RunState) -> RunState | None:
    return begin_what_follows(line.clinic, person.console, line.ada, "line", ended)


def test_at_a_terminal_an_empty_line_begins_what_follows(line: Line, somebody: Somebody) -> None:
    ended = failed(line)
    person = somebody([("> ", "")])
    begun = followed(line, person, ended)
    assert begun is not None
    assert (begun.protocol.id, begun.holder) == ("spill", line.ada.id)
    assert "An empty line begins it." in person.text
    assert follow_ups(line.clinic.histories()) == ()
    assert followed(line, somebody([]), ended) is None


def test_anything_else_or_the_end_of_input_leaves_it_on_the_board(line: Line, somebody: Somebody) -> None:
    ended = failed(line)
    person = somebody([("> ", "no")])
    assert followed(line, person, ended) is None
    assert "checklist walk spill" in person.text
    person = somebody([("> ", "\x04")])
    assert followed(line, person, ended) is None
    assert [one.protocol for one in follow_ups(line.clinic.histories())] == ["spill"]


def test_an_enter_that_came_too_fast_begins_nothing(line: Line, somebody: Somebody) -> None:
    person = somebody([("> ", "~"), ("> ", "later")])
    assert followed(line, person, failed(line)) is None
    assert "That came too fast" in person.text


def test_lines_of_a_pipe_never_begin_it(line: Line) -> None:
    """They were written for the steps of another protocol."""
    line.walk(line.begin("short").run, "\n20\n\n\n\n\n")
    assert [one.protocol for one in follow_ups(line.clinic.histories())] == ["spill"]
    assert "An empty line begins it." not in line.text


def test_what_was_put_off_last_time_is_told_at_the_start(line: Line) -> None:
    first = line.walk(line.begin("acts").run, f"/defer {datetime.now(UTC).year + 9}-01-01 not-available\n\n\n")
    assert first.outcome is Outcome.COMPLETE_EXCEPT_DEFERRED
    state = line.walk(line.begin("acts").run, "\n")
    assert f": Do one. (run {first.run})" in line.text
    assert carried_lines(line.clinic, state) == []
    line.walk(state.run, "\n")
    assert "Put off last time" not in line.text
