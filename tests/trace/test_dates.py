"""Two digits of a year and a day 00, by a table of our own."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.trace import dates

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("today", "two_digits", "year"),
    [
        (2026, 26, 2026),
        (2026, 0, 2000),
        (2026, 76, 2076),  # 50 ahead
        (2026, 77, 1977),  # 51 ahead: that is 49 back
        (2026, 99, 1999),
        (2000, 50, 2050),
        (2000, 51, 1951),
        (2049, 99, 2099),
        (2049, 0, 2000),  # 49 back
        (2050, 0, 2100),  # 50 back: that is 50 ahead
        (2051, 1, 2101),
        (2051, 2, 2002),
        (2075, 25, 2125),
        (2075, 26, 2026),
        (2099, 49, 2149),
        (2099, 50, 2050),
        (2101, 52, 2052),
    ],
)
def test_two_digits_of_a_year_mean_the_nearest_century(today: int, two_digits: int, year: int) -> None:
    assert dates.full_year(two_digits, date(today, 6, 1)) == year


@given(st.dates(date(1950, 1, 1), date(2400, 1, 1)), st.integers(0, 99))
def test_a_year_is_at_most_50_ahead_and_49_back(today: date, two_digits: int) -> None:
    year = dates.full_year(two_digits, today)
    assert year % 100 == two_digits
    assert -49 <= year - today.year <= 50


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("261231", "2026-12-31"),
        ("260200", "2026-02-28"),
        ("280200", "2028-02-29"),
        ("000200", "2000-02-29"),
        ("261200", "2026-12-31"),
        ("260400", "2026-04-30"),
        ("260229", None),
        ("261301", None),
        ("260001", None),
        ("260132", None),
        ("26123", None),
        ("2612311", None),
        ("26١231", None),
        ("26 231", None),
        ("", None),
    ],
)
def test_six_digits_are_a_day_or_with_00_the_last_of_the_month(text: str, expected: str | None) -> None:
    found = dates.six_digits(text, TODAY)
    assert (found and found.isoformat()) == expected


def test_the_other_ways_to_write_a_date() -> None:
    assert dates.six_digits("123126", TODAY, order="MDY") == date(2026, 12, 31)
    assert dates.six_digits("310126", TODAY, order="MDY") is None
    assert dates.month_and_year("0228", TODAY) == date(2028, 2, 29)
    assert dates.month_and_year("1328", TODAY) is None
    assert dates.month_and_year("228", TODAY) is None
    assert dates.day_of_year("27001", TODAY) == date(2027, 1, 1)
    assert dates.day_of_year("28366", TODAY) == date(2028, 12, 31)
    assert dates.day_of_year("27366", TODAY) is None
    assert dates.day_of_year("27000", TODAY) is None
    assert dates.day_of_year("2701", TODAY) is None
    assert dates.eight_digits("20270131") == date(2027, 1, 31)
    assert dates.eight_digits("20270100") is None
    assert dates.eight_digits("00000101") is None
    assert dates.eight_digits("2027013") is None
