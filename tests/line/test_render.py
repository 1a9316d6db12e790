"""What is said about a step, and when."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from checklist.line.render import ending, list_lines, opening, step_lines, why_lines
from checklist.line.words import length
from checklist.protocol.steps import When

if TYPE_CHECKING:
    from checklist.run.state import RunState
    from tests.line.conftest import Line


def shown(line: Line, state: RunState) -> str:
    assert state.current is not None
    return "\n".join(step_lines(state, state.current, line.clinic.now()))


def test_a_step_says_one_fact_a_line_and_how_it_is_answered(line: Line) -> None:
    text = shown(line, line.begin("every-kind"))
    assert text.splitlines() == [
        "",
        "Step 1 of 10: inspect",
        "Part: Before",
        "Caution: Never sterilise a dirty instrument.",
        "Inspect each instrument.",
        "Done means: clean and dry",
        "Press Enter when it is so.",
    ]


def test_steps_that_wait_for_an_answer_say_for_which_in_the_list_of_all(line: Line) -> None:
    state = line.begin("short")
    (first, second, *rest) = state.protocol.steps
    asked = second.model_copy(update={"when": When.model_validate({"step": first.id, "is": "iodine"})})
    protocol = state.protocol.model_copy(update={"steps": (first, asked, *rest)})
    assert f"- If {first.id} is iodine: {asked.do}" in opening(replace(state, protocol=protocol))


def test_a_range_is_shown_only_once_a_reading_was_given(line: Line) -> None:
    run = line.begin("every-kind").run
    before = line.walk(run, "\n")
    assert not re.search("13[478]", line.text + shown(line, before))
    line.walk(run, "133.9\n")
    assert "133.9 °C is outside the limit, 134.0 to 138.0 °C" in line.text


def test_the_expected_range_is_told_apart_from_the_limit(line: Line) -> None:
    line.walk(line.begin("every-kind").run, "\n137.5\n")
    assert "137.5 °C is outside what is expected, 134.0 to 137.0 °C" in line.text
    assert "Leave a comment" in line.text


def test_counts_that_differ_are_told_with_the_step_they_differ_from(line: Line) -> None:
    line.walk(line.begin("counted").run, "2\n1\none lay on the floor\n2\n")
    assert "Saved /!\\ binned: 1 is not the same number as opened." in line.text
    assert "Count what was thrown away.\nType the number.\n" in line.text
    assert "Deviations: 1." in line.text


def test_labels_that_differ_are_told_with_the_step_they_differ_from(line: Line) -> None:
    line.walk(line.begin("vials").run, "lot=A1\nlot=B2\nthe box ran out\nlot=A1\n")
    assert "Saved /!\\ control: lot=B2 is not the same lot as at vial." in line.text
    assert "Say what was done about it; then the step is asked again." in line.text
    assert "Deviations: 1." in line.text


@pytest.mark.parametrize(
    ("read", "told"),
    [
        ("60", ["label says how long: 1 min.", "It takes at least 1 min and at most 5 min 30 s."]),
        ("30", ["It takes at least 30 s and at most 5 min."]),
        ("400", ["label says how long: 6 min 40 s.", "It takes at least 6 min 40 s and at most 11 min 10 s."]),
    ],
)
def test_a_timer_says_that_the_label_tells_how_long(line: Line, read: str, told: list[str]) -> None:
    state = line.walk(line.begin("wetted").run, f"{read}\n")
    lines = shown(line, state).splitlines()
    assert [one.removesuffix(" Press Enter to start the timer, and again to end it.") for one in lines[3:]] == told


def test_a_concealed_reading_is_nowhere_until_the_second_person_has_read(line: Line) -> None:
    run = line.begin("every-kind").run
    state = line.walk(run, "\n135\nturned\n/list\n")
    answered = line.text.partition("Type the answer or its number.")[2]
    listed = answered.partition("[x] indicator: done")[2]
    assert "turned" not in listed.splitlines()[0]
    assert "hidden until the second person has read" in answered
    assert "turned" not in list_lines(state, line.clinic.now())[2]
    after = line.walk(run, "turned\n")
    assert "turned" in list_lines(after, line.clinic.now())[2]


def test_the_list_marks_every_step_and_leaves_out_words(line: Line) -> None:
    state = line.walk(line.begin("short").run, "\n5\n/skip not-needed: nothing to say\n")
    listed = list_lines(state, line.clinic.now())
    assert listed == ["[x] one: done", "[x] two: done, 5 °C", "[-] three: skipped, not-needed"]


def test_do_and_confirm_shows_everything_to_be_done_first(line: Line) -> None:
    text = "\n".join(opening(line.begin("short")))
    assert text.index("- Do one.") < text.index("- Say three.")


def test_the_end_says_what_failed_what_to_open_and_how_to_correct(line: Line) -> None:
    state = line.walk(line.begin("short").run, "\n20\n")
    text = "\n".join(ending(state, "UTC"))
    assert "ended: failed" in text
    assert "It stopped at: two." in text
    assert "checklist walk spill" in text
    assert f"checklist resume {state.run}" in text


def test_why_gives_the_reason_or_says_that_there_is_none(line: Line) -> None:
    state = line.begin("every-kind")
    assert why_lines(state, state.protocol.steps[0]) == ["What is not clean cannot be sterilised."]
    assert "no reason" in why_lines(state, state.protocol.steps[1])[0]


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59, "59 s"), (90, "1 min 30 s"), (7200, "2 h"), (90061, "1 d 1 h 1 min 1 s")]
)
def test_a_length_of_time_is_said_as_people_say_it(seconds: int, words: str) -> None:
    assert length(seconds) == words
