"""The rows of the log: what is worst is told by a mark and a word, in lines that fit."""

import pytest

from checklist.run.marks import Look
from checklist.tui.auditing.log_rows import LogRow, items, lines, run_state


@pytest.mark.parametrize(
    ("outcome", "deviations", "overridden", "told"),
    [
        ("complete", 0, 0, (Look.DONE, "COMPLETE")),
        ("complete", 2, 0, (Look.DEVIATION, "2 DEV")),
        ("complete", 2, 1, (Look.OVERRIDDEN, "OVERRIDDEN")),
        ("failed", 2, 1, (Look.FAILED, "FAILED")),
        ("unknown", 0, 0, (Look.UNKNOWN, "UNKNOWN")),
    ],
)
def test_the_worst_of_a_run_is_what_it_is_called(
    outcome: str, deviations: int, overridden: int, told: tuple[Look, str]
) -> None:
    assert run_state(outcome, deviations, overridden) == told


@pytest.mark.parametrize("width", [78, 118])
def test_every_row_is_one_line_and_a_day_is_said_once_also_where_pages_meet(width: int) -> None:
    one = LogRow("run:1", "2027-03-31T10:00:00Z", "2027-03-31", Look.DONE, "COMPLETE", "T" * 90, "room=" + "r" * 40)
    gone = LogRow(
        "missed:a", "", "2027-03-30", Look.UNKNOWN, "MISSED", "Open \x1b[31mthe clinic", "clinic", "Ana Rivera"
    )
    found = [*items([(one, gone), (gone,)], {}, "Etc/UTC", width)]
    assert len(found) == lines((one, gone)) + lines((gone,)) - 1 == 5
    assert [item.text.plain for item in found if item.key is None] == ["Wed 31 Mar 2027", "Tue 30 Mar 2027"]
    assert all(item.text.cell_length == width - 2 for item in found if item.key is not None)
    assert not any("\x1b" in item.text.plain for item in found)
