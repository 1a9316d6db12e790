"""Times are said as staff say them, by the clinic's own clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from checklist.gate import say
from checklist.protocol.values import Duration

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW - timedelta(minutes=30), "at 11:30"),
        (NOW - timedelta(hours=13), "on 21 Nov at 23:00"),
        (NOW - timedelta(days=365), "on 22 Nov 2025 at 12:00"),
        (datetime(2026, 7, 1, 10, 0, tzinfo=UTC), "on 1 Jul at 12:00"),
    ],
)
def test_a_time_is_local_and_names_its_day_where_that_is_not_today(at: datetime, words: str) -> None:
    assert say.clock(at, NOW, BERLIN) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0.5, "less than a minute"),
        (1, "1 min"),
        (59.9, "59 min"),
        (60, "1 h"),
        (320, "5 h 20 min"),
        (1440, "1 day"),
        (4000, "2 days"),
    ],
)
def test_an_age_is_rounded_down(minutes: float, words: str) -> None:
    assert say.age(timedelta(minutes=minutes)) == words


@pytest.mark.parametrize(
    ("text", "words"), [("90s", "90 s"), ("10m", "10 min"), ("4h", "4 h"), ("1d", "1 day"), ("7d", "7 days")]
)
def test_a_limit_is_said_as_the_file_writes_it(text: str, words: str) -> None:
    assert say.limit(Duration.parse(text)) == words


def test_of_many_names_three_are_told() -> None:
    assert say.listed(["a"]) == "a"
    assert say.listed(["a", "b", "c"]) == "a, b and c"
    assert say.listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert say.day(date(2027, 3, 1), date(2026, 11, 22)) == "1 Mar 2027"


@pytest.mark.parametrize(
    ("name", "words", "unit"),
    [
        ("max_depth_mm", "maximum depth", " mm"),
        ("device", "device", ""),
        ("mm", "mm", ""),
        ("min_age", "minimum age", ""),
    ],
)
def test_an_attribute_is_said_in_plain_words_with_its_unit(name: str, words: str, unit: str) -> None:
    assert say.attribute(name) == (words, unit)
