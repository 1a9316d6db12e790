"""What a credential is called, until when it holds, and what is said of it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.ledger import canonical
from checklist.people.credential import (
    check_attributes,
    check_credential,
    check_until,
    day_of,
    ended,
    granted,
    read_value,
)

ANNA = "u_00000000aa"
TODAY = date(2031, 3, 10)


@pytest.mark.parametrize("name", ["microneedling", "laser-class-4", "x" * 64])
def test_a_credential_is_called_like_a_protocol(name: str) -> None:
    assert check_credential(name) is None


@pytest.mark.parametrize("name", ["", "Laser", "laser safety", "x" * 65, "laser\n", "läser", "max_depth"])
def test_what_no_credential_can_be_called(name: str) -> None:
    assert check_credential(name) is not None


@pytest.mark.parametrize("until", [None, "", "2031-03-10", "2031-03-11", "9999-12-31"])
def test_a_credential_may_hold_until_today_or_longer_or_for_good(until: str | None) -> None:
    assert check_until(until, TODAY) is None


@pytest.mark.parametrize(
    ("until", "why"),
    [
        ("2031-03-09", "over already"),
        ("2031-02-29", "year-month-day"),
        ("31.3.2032", "year-month-day"),
        ("20320331", "year-month-day"),
        ("2032-W10-1", "year-month-day"),
        ("2032-03-31\n", "year-month-day"),
        ("٢٠٣٢-٠٣-٣١", "year-month-day"),
        ("soon", "year-month-day"),
    ],
)
def test_what_is_no_day_or_over_is_refused(until: str, why: str) -> None:
    refusal = check_until(until, TODAY)
    assert refusal is not None
    assert why in refusal


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2.5", "2.5"),
        (" 2,5 ", "2.5"),
        ("−2,5", "-2.5"),
        ("+3", "3"),
        ("007", "7"),
        ("2.50", "2.50"),
        ("1,000.5", "1,000.5"),
        ("face and  neck", "face and neck"),
        ("\x1b[31mred\u202e", "[31mred"),
        ("1e5", "1e5"),
        ("٢", "٢"),
    ],
)
def test_a_number_is_understood_with_comma_and_point_and_words_are_cleaned(typed: str, kept: str) -> None:
    assert read_value(typed) == kept


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        ({"Max": "1"}, "small letters"),
        ({"max-depth": "1"}, "small letters"),
        ({"": "1"}, "small letters"),
        ({"x" * 65: "1"}, "small letters"),
        ({"max": ""}, "no value"),
        ({"max": " \x00 "}, "no value"),
        ({"max": "x" * 33}, "without spaces"),
        ({"area": "face and neck"}, "without spaces"),
        ({"patient": "Ana Rivera"}, "without spaces"),
        ({"patient": "Müller"}, "without spaces"),
        ({"max": "1,000.5"}, "without spaces"),
        ({"max": "1 5"}, "without spaces"),
        ({f"a{n}": "1" for n in range(21)}, "at most 20"),
    ],
)
def test_attributes_that_cannot_be_kept_are_refused(attributes: dict[str, str], why: str) -> None:
    refusal = check_attributes(attributes)
    assert refusal is not None
    assert why in refusal


@pytest.mark.parametrize(
    "value", ["2.5", "2,5", " −2,5 ", "123456789012,123456", "class-4", "IIb", "a/b+c_d.e", "x" * 32]
)
def test_an_attribute_is_a_number_or_one_word(value: str) -> None:
    assert check_attributes({"max": value}) is None


names = st.from_regex(r"[a-z0-9_]{1,64}", fullmatch=True)


@given(st.dictionaries(names, st.text(max_size=100), max_size=5))
def test_whatever_is_not_refused_can_be_recorded(attributes: dict[str, str]) -> None:
    if check_attributes(attributes) is None:
        canonical.encode(dict(granted(ANNA, "laser", None, attributes, actor=ANNA, via="tui").data))


@given(st.text(max_size=30))
def test_no_text_for_a_day_brings_the_reader_down(text: str) -> None:
    day = day_of(text)
    assert day is None or day.isoformat() == text


def test_a_grant_and_its_end_as_facts() -> None:
    fact = granted(ANNA, "microneedling", "2032-03-31", {"max_depth_mm": "2,5"}, actor="u_00000000bb", via="cli")
    assert (fact.kind, fact.actor, fact.via) == ("credential.granted", "u_00000000bb", "cli")
    assert fact.data == {
        "operator": ANNA,
        "credential": "microneedling",
        "until": "2032-03-31",
        "attributes": {"max_depth_mm": "2.5"},
    }
    assert granted(ANNA, "laser", "", {}, actor=None, via="tui").data == {"operator": ANNA, "credential": "laser"}
    fact = ended(ANNA, "laser", actor=ANNA, via="tui")
    assert (fact.kind, fact.data) == ("credential.ended", {"operator": ANNA, "credential": "laser"})
