"""Which answers are asked back at a terminal: those after which nothing more can be answered."""

import pytest

from checklist.line.stopping import stops_by
from checklist.run import commands as c
from checklist.run.reading import Refusal
from tests.line.conftest import Line


@pytest.mark.parametrize(("reading", "stops"), [("9.5", True), ("5", False), ("warm", False)])
def test_only_a_reading_that_ends_the_run_is_asked_back(line: Line, reading: str, stops: bool) -> None:
    run = line.begin("short").run
    state = line.clinic.do(run, c.Confirm("one"), line.ada, "line")
    assert not isinstance(state, Refusal)
    assert stops_by(state, c.Give("two", reading), line.ada, line.clinic.now()) is stops


def test_what_is_no_answer_is_not_asked_back(line: Line) -> None:
    state = line.begin("short")
    assert not stops_by(state, c.Confirm("one"), line.ada, line.clinic.now())
