"""The tables of clinic.toml for the plan: what may stand in them, and what is said of anything else."""

from __future__ import annotations

from datetime import date, time

import pytest

from checklist.clinic.config import Config, new_config, read
from checklist.clinic.errors import ConfigError
from checklist.clinic.plan.plan_tables import Hooks
from checklist.clinic.plan.schedule import AfterEvent, AfterRuns, Calendar, Rhythm

HEAD = new_config("Riverside", "UTC").split("[calendar]", maxsplit=1)[0]


def parsed(text: str) -> Config:
    return read((HEAD + text).encode(), "clinic.toml")


def line(text: str) -> str:
    return f'[[schedule]]\nprotocol = "day-open"\n{text}\n'


def test_a_line_comes_in_a_rhythm_after_runs_or_after_an_event() -> None:
    found = parsed(
        line('every = "week"\non = "Fri"\nby = "08:30"')
        + line('every = "quarter"\non = 15\nsubject = "room=room-1"')
        + line('after = { runs = 20, of = "steriliser-load" }')
        + line('after = { event = "steriliser-repair" }\nby = 17:00:00')
    ).schedule
    assert [(one.rhythm, one.after, one.by, one.subject, one.every) for one in found] == [
        (Rhythm("week", 5), None, time(8, 30), "", "week"),
        (Rhythm("quarter", 15), None, None, "room=room-1", "quarter"),
        (None, AfterRuns(20, "steriliser-load"), None, "", "day"),
        (None, AfterEvent("steriliser-repair"), time(17), "", "day"),
    ]


def test_closed_days_are_days_of_the_week_and_single_days() -> None:
    found = parsed('[calendar]\nclosed = ["sat", "SUN", "2026-12-25", 2027-01-01]').calendar
    assert found == Calendar(frozenset({5, 6}), frozenset({date(2026, 12, 25), date(2027, 1, 1)}))
    assert parsed("").calendar == Calendar()


def test_commands_are_programs_and_their_arguments() -> None:
    assert parsed('[hooks]\non_overdue = ["notify-send", "two words", ""]').hooks == Hooks(
        on_overdue=("notify-send", "two words", "")
    )
    assert parsed("[hooks]\non_recall = []").hooks == parsed("").hooks == Hooks()


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [
        (line(""), "schedule.0.every", "is missing"),
        (line('every = "week"\non = 1'), "schedule.0.on", "mon, tue"),
        (line('every = "week"\non = "someday"'), "schedule.0.on", "mon, tue"),
        (line('every = "day"\non = 1'), "schedule.0.on", "no day to choose"),
        (line('every = "month"\non = 32'), "schedule.0.on", "from 1 to 31"),
        (line('every = "month"\non = true'), "schedule.0.on", "from 1 to 31"),
        (line('every = "year"\non = "mon"'), "schedule.0.on", "from 1 to 366"),
        (line('every = "day"\nafter = { event = "x" }'), "schedule.0.after", "stands alone"),
        (line('after = { event = "x" }\non = 3'), "schedule.0.after", "stands alone"),
        (line("after = {}"), "schedule.0.after", "{ runs = 20"),
        (line('after = "x"'), "schedule.0.after", "must be a table"),
        (line('after = { runs = 0, of = "x" }'), "schedule.0.after", "{ runs = 20"),
        (line('after = { runs = true, of = "x" }'), "schedule.0.after", "{ runs = 20"),
        (line("after = { runs = 3 }"), "schedule.0.after.of", "is missing"),
        (line('after = { event = "A b" }'), "schedule.0.after.event", "steriliser-repair"),
        (line('after = { event = "x", runs = 3 }'), "schedule.0.after", "not both"),
        (line('after = { event = "x", of = "y" }'), "schedule.0.after.of", "not known here"),
        ('[calendar]\nclosed = "sat"', "calendar.closed", "list"),
        ('[calendar]\nclosed = ["someday"]', "calendar.closed", "2026-12-25"),
        ('[calendar]\nclosed = ["2026-02-30"]', "calendar.closed", "2026-12-25"),
        ("[calendar]\nclosed = [2026-12-25T10:00:00Z]", "calendar.closed", "2026-12-25"),
        ("[calendar]\nopen = []", "calendar.open", "not known here"),
        ('[hooks]\non_overdue = "notify-send"', "hooks.on_overdue", "list"),
        ("[hooks]\non_failure = [1]", "hooks.on_failure", "a program and its arguments"),
        ('[hooks]\non_failure = [""]', "hooks.on_failure", "a program and its arguments"),
        ('[hooks]\non_failure = ["a\\u0000"]', "hooks.on_failure", "a program and its arguments"),
        ('[hooks]\non_late = ["a"]', "hooks.on_late", "not known here"),
    ],
)
def test_anything_else_is_told_with_its_place(text: str, place: str, why: str) -> None:
    with pytest.raises(ConfigError) as told:
        parsed(text)
    assert f"clinic.toml: {place}: " in str(told.value)
    assert why in str(told.value)
