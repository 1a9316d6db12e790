"""Words for times on the screens."""

import pytest

from checklist.tui.say import day_and_clock


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2027-03-31T08:30:00.000000Z", "08:30"),
        ("2027-03-01T08:30:00.000000Z", "1 Mar 08:30"),
        ("2026-08-10T08:30:00.000000Z", "10 Aug 2026 08:30"),
    ],
)
def test_a_day_has_its_year_where_it_is_another_one(at: str, words: str) -> None:
    assert day_and_clock(at, "Etc/UTC", "2027-03-31T12:00:00.000000Z") == words
