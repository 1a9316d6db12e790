"""No text reaches a terminal that could act there."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.protocol.text import clean
from tests.support.text import is_clean

FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

any_text = st.text(st.characters(), max_size=200)
nasty_text = st.text(
    st.one_of(
        st.characters(categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Mn"]),
        st.sampled_from("aé e\u0301\x1b\x9b\u202e\u2066\u2028\u200d\ue000\ud800\ufeff"),
    )
)


@given(st.one_of(any_text, nasty_text), st.integers(1, 300), st.booleans())
def test_no_forbidden_character_survives_and_cleaning_twice_changes_nothing(
    text: str, limit: int, multiline: bool
) -> None:
    once = clean(text, limit=limit, multiline=multiline)
    left = {unicodedata.category(char) for char in once if not (multiline and char == "\n")}
    assert not left & FORBIDDEN
    assert len(once) <= limit
    assert unicodedata.is_normalized("NFC", once)
    assert clean(once, limit=limit, multiline=multiline) == once
    assert is_clean(once, multiline=multiline)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=100))
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("\x1b]0;title\x07 ok", "]0;title ok"),
        ("\x9b31mred", "31mred"),
        ("lot\u202e321", "lot321"),
        ("a\u2066b\u2069", "ab"),
        ("a\tb\nc\r\nd\u2028e", "a b c d e"),
        ("nul\x00del\x7f", "nuldel"),
        ("private\ue000\U000f0000", "private"),
        ("half\ud83d", "half"),
        ("e\u0301", "é"),
        ("134 °C ± 2 µm", "134 °C ± 2 µm"),
        ("手を洗う", "手を洗う"),
    ],
)
def test_what_could_act_goes_and_what_can_be_read_stays(dirty: str, cleaned: str) -> None:
    assert clean(dirty) == cleaned
    assert is_clean(dirty) == (dirty == cleaned)


def test_lines_are_kept_only_where_asked_for() -> None:
    assert clean("one\r\ntwo\rthree", multiline=True) == "one\ntwo\nthree"
    assert is_clean("one\ntwo", multiline=True)
    assert not is_clean("one\ntwo")


def test_a_text_is_cut_only_past_its_limit() -> None:
    assert clean("12345", limit=5) == "12345"
    assert clean("123456", limit=5) == "1234…"
