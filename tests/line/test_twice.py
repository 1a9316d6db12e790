"""The second entry in lines of what was typed from a label: each part once more, with the first out of sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.line.twice import typed_twice
from checklist.run import commands as c
from checklist.run.reading import Refusal
from checklist.trace.again import DIFFER

if TYPE_CHECKING:
    from checklist.run.state import RunState
    from tests.line.conftest import Line, Somebody
    from tests.support.at_terminal import Person

GTIN = "09506000134352"
TYPED = f"gtin={GTIN} lot=A12 expiry=2099-03"
LOT, EXPIRY = "lot: ", "use-by date: "


@pytest.fixture
def state(line: Line) -> RunState:
    """A run at a step that asks for a label, which no second person reads."""
    return line.begin("cartridges")


def once_more(person: Person, state: RunState, typed: str = TYPED, gone: Refusal | None = None) -> bool:
    """Whether it is the same once more, after the person has typed it at the prompt."""
    console = person.console
    person.answers.insert(0, ("> ", typed))
    assert console.ask() == typed
    return typed_twice(console, state, c.Give("cartridge", typed), None, lambda: gone)


@pytest.mark.parametrize("answers", [[(LOT, "A12"), (EXPIRY, "2099-03-31")], [(LOT, "lot=A12 expiry=2099-03")]])
def test_each_part_without_a_check_of_its_own_is_typed_once_more(
    somebody: Somebody, state: RunState, answers: list[tuple[str, str]]
) -> None:
    person, lines = somebody(answers), 1 + len(answers)
    assert once_more(person, state)
    assert "type the lot and the use-by date once more" in person.text
    assert person.text.count("(hidden)") == lines


@pytest.mark.parametrize(
    "answers",
    [
        [(LOT, "A21")],
        [(LOT, "A12"), (EXPIRY, "2098-03")],
        [(LOT, ""), (LOT, "A12"), (EXPIRY, ""), (EXPIRY, "soon")],
        [
            (LOT, "gtin=09506000134369"),
        ],
        [(LOT, "/abandon")],
    ],
)
def test_what_is_not_the_same_is_not_taken(somebody: Somebody, state: RunState, answers: list[tuple[str, str]]) -> None:
    person = somebody(answers)
    assert not once_more(person, state)
    assert person.answers == []
    assert DIFFER.message in person.text


def test_somebody_else_s_second_entry_is_not_taken(somebody: Somebody, state: RunState) -> None:
    person = somebody([(LOT, "A12")])
    assert not once_more(person, state, gone=Refusal("left-alone", "This was left alone."))
    assert "This was left alone." in person.text
    assert DIFFER.message not in person.text


def test_a_line_of_more_than_one_row_is_covered_whole(
    somebody: Somebody, state: RunState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "20")
    person = somebody([(LOT, "A12"), (EXPIRY, "2099-03")])
    assert once_more(person, state)
    up = "\x1b[A\r\x1b[2K"
    assert f"{up * 3}> (hidden)\n" in person.text
    assert f"\n{LOT}{up}{LOT}(hidden)\n" in person.text


def test_what_was_refused_cannot_be_read_off_either(somebody: Somebody, state: RunState) -> None:
    person = somebody([])
    mistyped = f"gtin={GTIN[:-1]}3 lot=A12 expiry=2099-03"
    assert once_more(person, state, mistyped), "the run refuses it"
    assert "> (hidden)\n" in person.text


def test_a_pipe_is_asked_nothing_twice(line: Line, state: RunState) -> None:
    after = line.walk(state.run, f"{TYPED}\n")
    assert after.steps["cartridge"].value == {"gtin": GTIN, "lot": "A12", "expiry": "2099-03-31"}
    (done,) = (entry for entry in line.clinic.run_entries(state.run) if entry.kind == "step.done")
    assert (done.data["input"], done.via) == ("typed", "pipe")


def test_a_mistyped_gtin_is_refused_from_a_pipe_too(line: Line, state: RunState) -> None:
    after = line.walk(state.run, TYPED.replace(GTIN, "09506000134353"))
    assert "The GTIN was mistyped" in line.text
    assert not after.steps["cartridge"].closed
