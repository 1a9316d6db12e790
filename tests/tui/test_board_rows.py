"""The board's rows: what a nurse would begin stands first, and many of one kind are one row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from checklist.clinic import config
from checklist.clinic.plan.glance import Glance, SetApart
from checklist.clinic.plan.planning import Due, Missed
from checklist.clinic.plan.waiting import Task
from checklist.ledger.entry import Moment
from checklist.tui.board_rows import first_items, in_order
from checklist.tui.opened import opened

if TYPE_CHECKING:
    from checklist.clinic.folder import Folder

OPEN = Due(
    "day-open", "Open the clinic", "clinic", None, overdue=False, last=None, day="2026-11-22", soon=False,
    moment=datetime(2026, 11, 22, 22, 59, tzinfo=UTC),
)  # fmt: skip
KIT = replace(OPEN, protocol="emergency-kit-weekly", title="Emergency kit", soon=True, every="week")
CLOSE = replace(OPEN, protocol="day-close", moment=datetime(2026, 11, 22, 18, tzinfo=UTC))
NOW = Moment("2026-11-22T10:00:00.000000Z", "Europe/Berlin", "boot-1", 1000, 1000)
ONCE = Missed("day-close", "Close the clinic", "clinic", "2026-11-21", "2026-11-21", None, 1, "2026-11-21")
TASK = Task(
    "a#7", "day-close", "Close the clinic", "clinic", "bins", "2026-11-30T12:00:00Z", overdue=False,
    since="2026-11-20T12:00:00Z",
)  # fmt: skip


def rows(folder: Folder, **there: object) -> list[tuple[str, str]]:
    """Every row that can be chosen: what it is known by, and what it says."""
    glance = replace(Glance((), (), (), (), ()), **there)  # type: ignore[arg-type]
    found = first_items(glance, opened(config.load(folder.config), lambda: NOW), NOW, 80)
    return [(one.key, one.text.plain) for one in found if one.key]


def test_the_soonest_stands_first_and_what_is_weekly_after_what_is_daily() -> None:
    assert in_order([KIT, OPEN, CLOSE]) == [CLOSE, OPEN, KIT]


@pytest.mark.parametrize(
    ("missed", "when"),
    [(ONCE, "Sat 21 Nov"), (replace(ONCE, times=3, begin="2026-11-18"), "3x since 18 Nov")],
)
def test_what_was_missed_often_is_one_row_with_how_often(folder: Folder, missed: Missed, when: str) -> None:
    ((key, words),) = rows(folder, missed=(missed,))
    assert key == "missed:day-close:clinic"
    assert words.rstrip().endswith(when)


def test_what_was_put_off_at_several_visits_says_first_at_which(folder: Folder) -> None:
    long = "24-48 h after: call and ask about the skin, and write down what was said."
    some = [replace(TASK, run=f"a#{n}", subject=f"session=a-20261120-0{n}", words=long) for n in (1, 2)]
    for late in (False, True):
        found = rows(folder, tasks=tuple(replace(one, overdue=late) for one in some))
        assert ["visit a-20261120-01: 24-48 h" in found[0][1], "visit a-20261120-02: 24-48 h" in found[1][1]] == [
            True
        ] * 2


def lines(folder: Folder, **there: object) -> list[str]:
    """Every line, headings and all."""
    glance = replace(Glance((), (), (), (), ()), **there)  # type: ignore[arg-type]
    return [
        one.text.plain.strip() for one in first_items(glance, opened(config.load(folder.config), lambda: NOW), NOW, 80)
    ]


def test_what_was_put_off_to_another_day_stands_under_later(folder: Folder) -> None:
    today = replace(TASK, until="2026-11-22T15:00:00Z")
    found = lines(folder, tasks=(TASK, today))
    assert found[0] == "DUE"
    assert "by 15:00" in found[1]
    assert found[-2] == "LATER"
    assert "by 30 Nov" in found[-1]


def test_at_first_sight_no_name_of_a_step_stands_where_its_words_come(folder: Folder) -> None:
    ((_, words),) = rows(folder, tasks=(replace(TASK, subject="session=a-20261120-01"),))
    assert "visit a-20261120-01: …" in words
    assert "bins" not in words


def test_what_cannot_be_shown_stands_first(folder: Folder) -> None:
    fault = (
        "Schedule: not in force: “steriliser-dayly” (did you mean “steriliser-daily”?). Mend clinic.toml, or adopt it."
    )
    found = lines(folder, faults=(fault,), due=(KIT,))
    assert found[:2] == ["CANNOT BE SHOWN", f"{{?}} {fault}"]
    assert "DUE" in found


def test_a_machine_that_is_set_apart_has_the_clinic_s_own_name(folder: Folder) -> None:
    since = "2026-11-22T09:00:00.000000Z"
    apart = (SetApart("equipment", "S1", since), SetApart("load", "S1-20261122-01", since))
    (machine, load) = rows(folder, quarantined=apart)
    assert "Steriliser 1" in machine[1]
    assert "load S1-20261122-01" in load[1]
    assert machine[0] == "apart:equipment=S1"


@pytest.mark.parametrize(
    ("since", "told"),
    [
        ("2026-11-22T09:30:00Z", "since 09:30"),
        ("2026-11-02T09:30:00Z", "since 2 Nov"),
        ("2025-11-02T09:30:00Z", "since 2 Nov 2025"),
    ],
)
def test_since_when_something_is_set_apart_fits_its_column(folder: Folder, since: str, told: str) -> None:
    ((_, words),) = rows(folder, recalled=(SetApart("lot", "A12", since),))
    assert words.rstrip().endswith(told)


def test_what_was_put_off_before_a_restore_is_begun_anew(folder: Folder) -> None:
    kept, left = (rows(folder, tasks=(replace(TASK, earlier=earlier),)) for earlier in (False, True))
    assert [key for key, _ in (*kept, *left)] == ["task:a#7:bins", "again:a#7:bins"]
