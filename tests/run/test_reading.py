"""From what was typed or scanned to a value: nothing is guessed, rounded or filled in."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.protocol.model import Choice, Measure, Scan
from checklist.run.reading import (
    Refusal,
    judge_choice,
    judge_identifiers,
    judge_number,
    numbered,
    read_choice,
    read_expiry,
    read_identifiers,
    read_number,
    shown,
    split_pairs,
)
from tests.support.text import is_clean

if TYPE_CHECKING:
    from tests.run.conftest import Kit

HOSTILE = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="0123456789+-,.= \t\u2212e١３lotexpiry", max_size=30),
    st.sampled_from(["\ud800", "\x1b[2J134", "\u202e431", "\x00", "134\n", "1" * 5000, "lot=" * 900]),
)


def measure(kit: Kit, **more: object) -> Measure:
    return Measure.model_validate(kit.a.measure("heat", **more))


def scan(kit: Kit, **more: object) -> Scan:
    return Scan.model_validate(kit.a.scan("label", **more))


# -- numbers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("134", "134"),
        ("134.0", "134.0"),
        ("134,5", "134.5"),
        ("  134.5\t", "134.5"),
        ("+134.5", "134.5"),
        ("-18", "-18"),
        ("−18,5", "-18.5"),
        ("0007.0", "7.0"),
        ("１３４", "134"),
    ],
)
def test_point_and_comma_both_mark_the_decimals(kit: Kit, typed: str, value: str) -> None:
    assert read_number(measure(kit), typed) == value


@pytest.mark.parametrize(
    "typed",
    ["1.234,5", "1,234.5", "1 34", "134°", "134 Cel", "1e2", "nan", "inf", "0x86", "--1", ".5", "5.", ",", "½",
     "134;5", "1_000", "1" * 13, "\x1b[A134"],
)  # fmt: skip
def test_what_might_mean_two_things_or_nothing_is_no_number(kit: Kit, typed: str) -> None:
    refusal = read_number(measure(kit), typed)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "not-a-number"


@pytest.mark.parametrize("typed", ["", "   ", "\t\n"])
def test_an_empty_line_measures_nothing(kit: Kit, typed: str) -> None:
    refusal = read_number(measure(kit), typed)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "empty"


@pytest.mark.parametrize(
    ("decimals", "good", "bad"), [(0, "134", "134.0"), (1, "134.5", "134.55"), (6, "1.123456", "1.1234567")]
)
def test_more_decimals_than_the_step_has_are_refused_not_rounded(kit: Kit, decimals: int, good: str, bad: str) -> None:
    step = measure(kit, decimals=decimals)
    assert read_number(step, good) == good
    assert isinstance(read_number(step, bad), Refusal)


def test_the_example_in_a_refusal_gives_nothing_of_the_range_away(kit: Kit) -> None:
    for decimals, example in ((None, "12."), (0, "12."), (1, "12.3"), (3, "12.345")):
        refusal = read_number(measure(kit, decimals=decimals), "hot")
        assert isinstance(refusal, Refusal)
        assert example in refusal.message
        assert "13" not in refusal.message


@pytest.mark.parametrize(
    ("value", "verdict"),
    [("134", "pass"), ("137.0", "pass"), ("137.1", "unexpected"), ("130", "unexpected"), ("140", "unexpected"),
     ("129.9", "fail"), ("140.1", "fail"), ("-135", "fail")],
)  # fmt: skip
def test_a_reading_is_judged_first_by_the_limit_then_by_what_is_expected(kit: Kit, value: str, verdict: str) -> None:
    assert judge_number(measure(kit), value) == verdict


def test_a_step_may_have_only_one_of_limit_and_expected(kit: Kit) -> None:
    only_expected = kit.a.measure("heat")
    del only_expected["limit"]
    only_limit = kit.a.measure("heat")
    del only_limit["expected"]
    assert judge_number(Measure.model_validate(only_expected), "500") == "unexpected"
    assert judge_number(Measure.model_validate(only_limit), "131") == "pass"


@given(HOSTILE)
def test_whatever_is_typed_is_a_finite_number_or_refused(kit: Kit, typed: str) -> None:
    value = read_number(measure(kit, decimals=None), typed)
    if isinstance(value, str):
        assert value.isascii()
        assert Decimal(value).is_finite()
        assert math.isfinite(float(value))
        assert read_number(measure(kit, decimals=None), value) == value


@given(st.decimals(min_value=-10_000, max_value=10_000, places=1), st.sampled_from(".,"))
def test_no_digit_of_a_reading_is_lost(kit: Kit, number: Decimal, mark: str) -> None:
    value = read_number(measure(kit), f"{number:f}".replace(".", mark))
    assert isinstance(value, str)
    assert Decimal(value) == number


# -- choices -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "value"),
    [("turned", "turned"), (" TURNED ", "turned"), ("1", "turned"), ("3", "not turned"), ("turn\u200bed", "turned")],
)
def test_an_option_is_chosen_by_its_word_or_its_number(kit: Kit, typed: str, value: str) -> None:
    assert read_choice(Choice.model_validate(kit.a.choice("strip")), typed) == value


@pytest.mark.parametrize("typed", ["", "0", "4", "-1", "1.0", "turn", "٣", "²", "999999999999999999", "yes"])
def test_what_is_no_option_is_refused_with_those_there_are(kit: Kit, typed: str) -> None:
    refusal = read_choice(Choice.model_validate(kit.a.choice("strip")), typed)
    assert isinstance(refusal, Refusal)
    assert "1 turned, 2 half turned, 3 not turned" in refusal.message


def test_options_that_are_numbers_are_meant_by_their_word(kit: Kit) -> None:
    options = [{"value": "2", "verdict": "fail"}, {"value": "1", "verdict": "pass"}]
    step = Choice.model_validate(kit.a.choice("strip", options=options))
    assert not numbered(step)
    assert numbered(Choice.model_validate(kit.a.choice("strip")))
    assert read_choice(step, "1") == "1"
    assert judge_choice(step, "1") == "pass"
    assert judge_choice(step, "2") == "fail"
    assert judge_choice(step, "never offered") == "fail"


# -- labels ------------------------------------------------------------------------------------------------


def test_a_typed_label_is_read_to_the_next_name(kit: Kit) -> None:
    step = scan(kit, captures=["lot", "expiry", "gtin"])
    typed = "lot = A12/3  expiry=2027-02 gtin=04012345678901"
    expected = {"lot": "A12/3", "expiry": "2027-02-28", "gtin": "04012345678901"}
    assert read_identifiers(step, typed) == expected


def test_a_reference_stands_in_for_a_missing_gtin_and_for_nothing_else(kit: Kit) -> None:
    step = scan(kit, captures=["gtin", "lot"])
    assert read_identifiers(step, "ref=X-9 lot=A1") == {"ref": "X-9", "lot": "A1"}
    assert read_identifiers(step, "gtin=96385074 ref=X-9 lot=A1") == {
        "gtin": "00000096385074",
        "ref": "X-9",
        "lot": "A1",
    }
    for typed in ("ref=X-9", "ref= lot=A1", "gtin= lot=A1", {"ref": "X-9", "lot": " "}):
        refusal = read_identifiers(step, typed)
        assert isinstance(refusal, Refusal)
        assert refusal.code == "missing-identifier"


def test_two_lots_on_one_line_are_not_guessed_at() -> None:
    assert split_pairs("lot=A1 lot=A2") is None
    assert split_pairs("cartridge lot=A1") is None
    assert split_pairs("") == {}


@pytest.mark.parametrize("kind", ["lot", "serial", "batch", "load", "pack", "session", "ref"])
def test_a_label_holds_no_words_that_would_stand_in_the_record_in_clear(kit: Kit, kind: str) -> None:
    step = scan(kit, captures=["gtin" if kind == "ref" else kind])
    for good in ("A", "A12/3", "a" * 40, "!\"%&'()*+,-./:;<=>?_", " A12 "):
        assert read_identifiers(step, {kind: good}) == {kind: good.strip()}
    for bad in ("Ana Rivera", "A 12", "Müller", "Ａ１２", "٣", "A\u00a012", "A#1", "a" * 41, "A\u200d12 x"):
        refusal = read_identifiers(step, {kind: bad})
        assert isinstance(refusal, Refusal), bad
        assert refusal.code == "unlike-a-label"
        assert f"A {kind} is at most 40 letters" in refusal.message
        assert "like A12-3" in refusal.message
        assert bad not in refusal.message


@pytest.mark.parametrize("typed", ["A12", "0401234567890x", "04 01", "٣", "1" * 15])
def test_a_gtin_is_a_number(kit: Kit, typed: str) -> None:
    refusal = read_identifiers(scan(kit, captures=["gtin"]), {"gtin": typed})
    assert isinstance(refusal, Refusal)
    assert refusal.code == "unlike-a-label"
    assert "digits" in refusal.message


@pytest.mark.parametrize("typed", ["96385074", "012345678905", "9506000134352", "09506000134352"])
def test_a_gtin_of_any_length_is_kept_with_fourteen_digits(kit: Kit, typed: str) -> None:
    assert read_identifiers(scan(kit, captures=["gtin"]), {"gtin": typed}) == {"gtin": typed.zfill(14)}


@pytest.mark.parametrize(
    "typed", ["09506000134353", "09506000143352", "90506000134352", "9506000134325", "950600013435", "04", "00000009"]
)
def test_a_mistyped_gtin_is_told_by_its_check_digit(kit: Kit, typed: str) -> None:
    refusal = read_identifiers(scan(kit, captures=["gtin", "lot"]), {"gtin": typed, "lot": "LT1"})
    assert isinstance(refusal, Refusal)
    assert refusal.code == "gtin"
    assert "mistyped" in refusal.message


def test_a_label_with_hostile_signs_is_cleaned_or_refused(kit: Kit) -> None:
    step = scan(kit, captures=["lot"])
    assert read_identifiers(step, {"lot": "A\x1b1\u202e"}) == {"lot": "A1"}
    refusal = read_identifiers(step, {"lot": "A\x1b[31m1"})
    assert isinstance(refusal, Refusal)
    assert is_clean(refusal.message)
    refusal = read_identifiers(step, {"\x1b]0;pwned\x07": "x", "lot": "A"})
    assert isinstance(refusal, Refusal)
    assert is_clean(refusal.message)


@given(st.one_of(HOSTILE, st.dictionaries(st.one_of(HOSTILE, st.sampled_from(["lot", "ref"])), HOSTILE)))
def test_whatever_a_label_says_is_clean_or_refused(kit: Kit, typed: str | dict[str, str]) -> None:
    named = read_identifiers(scan(kit, captures=["lot"]), typed)
    if isinstance(named, Refusal):
        assert is_clean(named.message)
    else:
        assert all(is_clean(text) and text for text in named.values())
        assert set(named) <= {"lot", "ref"}
        assert "lot" in named


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2027-03-31", "2027-03-31"),
        (" 2027-03 ", "2027-03-31"),
        ("2028-02", "2028-02-29"),
        ("2028-02-29", "2028-02-29"),
    ],
)
def test_a_month_alone_means_its_last_day(typed: str, day: str) -> None:
    assert read_expiry(typed) == day


@pytest.mark.parametrize(
    "typed",
    ["", "2027", "2027-13", "2027-00", "2027-02-29", "2027-02-00", "0000-01", "31.03.2027", "270331", "٢٠٢٧-03"],
)
def test_a_date_that_does_not_exist_is_refused(typed: str) -> None:
    refusal = read_expiry(typed)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "expiry"


def test_an_item_can_be_used_through_its_last_day(kit: Kit) -> None:
    named, last = {"expiry": "2026-11-22"}, date(2026, 11, 22)
    assert judge_identifiers(scan(kit), named, last) == "pass"
    assert judge_identifiers(scan(kit), named, date(2026, 11, 23)) == "fail"
    assert judge_identifiers(scan(kit, use=None), named, date(2026, 11, 23)) == "fail"
    assert judge_identifiers(scan(kit, use="produces"), named, date(2026, 11, 23)) == "pass"
    assert judge_identifiers(scan(kit), {"lot": "A1"}, date(2026, 11, 23)) == "pass"


def test_a_value_is_shown_as_it_could_be_typed_again() -> None:
    assert shown(None) is None
    assert shown("134.5") == "134.5"
    named = {"lot": "A12", "expiry": "2027-03-31"}
    assert shown(named) == "lot=A12 expiry=2027-03-31"
    whole = dict.fromkeys(("expiry", "gtin", "lot", "pack", "serial"), "1")
    assert shown(whole) == "lot=1 expiry=1 serial=1 pack=1 gtin=1"
    assert split_pairs(shown(named) or "") == named
