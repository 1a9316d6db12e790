"""Durations and numbers as a protocol's author writes them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from checklist.protocol.values import (
    MAX_SECONDS,
    Duration,
    ProfileRef,
    echo,
    parse_duration,
    parse_number,
    parse_validity,
)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("10m", 600), ("4h", 14_400), ("7d", 604_800), ("3653d", MAX_SECONDS)]
)
def test_a_duration_is_a_number_and_a_letter(text: str, seconds: int) -> None:
    assert Duration.parse(text) == Duration(seconds, text)
    assert str(Duration.parse(text)) == text


@pytest.mark.parametrize("text", ["", "0s", "10", "1.5h", "-1m", "10 m", "1w", "1h30m", "٣m", "3654d", "10m\n"])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        Duration.parse(text)


@given(st.integers(1, 999_999), st.sampled_from("sm"))
def test_every_short_duration_reads_back(number: int, unit: str) -> None:
    assert Duration.parse(f"{number}{unit}").seconds == number * {"s": 1, "m": 60}[unit]


def test_a_completion_may_count_for_the_calendar_day() -> None:
    assert parse_validity("today") == "today"
    assert parse_validity("7d") == Duration(604_800, "7d")


@pytest.mark.parametrize("value", [134, Decimal("134.0"), Decimal("-0.001"), Decimal(999999999)])
def test_integers_and_decimals_are_numbers(value: int | Decimal) -> None:
    assert parse_number(value) == value


def test_a_number_keeps_its_digits() -> None:
    assert str(parse_number(Decimal("134.00"))) == "134.00"
    assert str(parse_number(Decimal("1E+3"))) == "1000"
    assert str(parse_number(Decimal("-0.0"))) == "0.0"


@pytest.mark.parametrize(
    "value",
    [
        True,
        "134",
        None,
        1.5,
        [1],
        10**9,
        16**2000,
        Decimal("inf"),
        Decimal("-inf"),
        Decimal("nan"),
        Decimal("snan"),
        Decimal("1e9"),
        Decimal("0e99"),
        Decimal("1.0000000001"),
        Decimal("1234567.123456789"),
        {"profile": "A B"},
        {"profile": "a", "more": 1},
        {"profile": 1},
        {},
    ],
)
def test_what_is_no_measured_number_is_refused_with_advice(value: object) -> None:
    with pytest.raises(PydanticCustomError) as error:
        parse_number(value)
    assert error.value.context is not None
    assert error.value.context["fix"].startswith("write ")
    assert len(error.value.message()) < 150


def test_a_profile_value_may_stand_for_a_number_or_a_duration() -> None:
    reference = ProfileRef("dry-time")
    assert parse_number({"profile": "dry-time"}) == reference == parse_duration({"profile": "dry-time"})
    assert parse_number(reference) is reference
    assert str(reference) == "the profile's dry-time"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\x1bb", '"ab"'),
        (True, "true"),
        (7, "7"),
        (1 << 70, "a number of more than 19 digits"),
        (Decimal("1.50"), "1.50"),
        ({}, "a table"),
        ([], "a list"),
        (None, "None"),
    ],
)
def test_messages_show_values_cleaned_and_short(value: object, shown: str) -> None:
    assert echo(value) == shown
