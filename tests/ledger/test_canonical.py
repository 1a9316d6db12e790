"""One way to write a value, the same as RFC 8785 writes it, and nothing that could be written in two ways."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from checklist.ledger import canonical
from checklist.ledger.canonical import INT_LIMIT, MAX_BYTES, MAX_DEPTH, check, decode, encode, make_writer
from checklist.ledger.errors import NotCanonical

if TYPE_CHECKING:
    from checklist.ledger.canonical import Json

letters = st.characters(exclude_categories=("Cc", "Cs"))
texts = st.text(letters, max_size=12).map(lambda text: unicodedata.normalize("NFC", text))
numbers = st.integers(-INT_LIMIT + 1, INT_LIMIT - 1)
keys = st.from_regex(r"[a-z0-9_-]{1,8}", fullmatch=True)
values: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=12,
)


@given(values)
@settings(max_examples=500)
def test_what_fits_is_written_as_rfc_8785_says_and_read_back(value: Json) -> None:
    data = encode(value)
    assert data == rfc8785.dumps(value)
    assert decode(data) == value


@given(values)
def test_an_interpreter_without_the_compiled_encoder_writes_the_same(value: Json) -> None:
    assert make_writer(None)(value).encode() == encode(value)


@given(st.binary(max_size=40) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whatever_is_read_would_be_written_the_same_way(data: bytes) -> None:
    try:
        value = decode(data)
    except NotCanonical:
        return
    check(value)
    assert encode(value) == data


@pytest.mark.parametrize(
    "data",
    [
        b'{"b":1,"a":1}', b'{"a":1,"a":2}', b'{"a":-0}', b'{"a":01}', b'{"a":1,}', b'{"a":1.0}', b'{"A":1}',
        b'{"a": 1}', b'{"a":9007199254740992}', b'{"a":"\\u0061"}', b'{"a":"\x7f"}', b'{"a":"\n"}', b'{"a":":","a":1}',
        b'{"a":NaN}', b'{"b":":b","a":1}', b'{}{}', b'{"a":1}}',
    ],
)  # fmt: skip
def test_an_object_of_plain_values_has_one_form_too(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        decode(data)


def test_an_object_of_plain_values_is_read() -> None:
    value: Json = {"a": ":b", "b": -1, "c": None, "d": True, "e": "x y~", "f": 0, "g": 10**15 - 1, "h": ""}
    assert decode(encode(value)) == value
    assert decode(b"{}") == {}
    assert decode(b"{}", depth=MAX_DEPTH - 1) == {}
    with pytest.raises(NotCanonical, match="nested"):
        decode(b"{}", depth=MAX_DEPTH)


json_like = st.text('{}[]":,0123456789.eE-+\\ntrufalsn \u00e9e\u0301\x7fu', max_size=30)


@given(json_like)
@settings(max_examples=1000)
def test_the_quick_look_and_the_full_one_agree(text: str) -> None:
    data = text.encode()
    try:
        slow = json.loads(text)
        fits = encode(slow) == data
    except (ValueError, NotCanonical):
        fits = False
    try:
        decode(data)
    except NotCanonical:
        assert not fits
    else:
        assert fits


@pytest.mark.parametrize(
    "value",
    [
        1.0, float("nan"), INT_LIMIT, -INT_LIMIT, "a\nb", "\x7f", "\u0085", "\ud800", "e\u0301", (1,), b"x",
        {"A": 1}, {"": 1}, {"a b": 1}, {"\u00e9": 1}, {1: 2}, {"a\n": 1}, object(), "x" * MAX_BYTES,
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_never_repaired(value: object) -> None:
    with pytest.raises(NotCanonical):
        encode(value)


@pytest.mark.parametrize(
    "data",
    [
        b"", b" 1", b"1 ", b"1.0", b"1e2", b"-0", b"01", b"NaN", b"Infinity", b'{"b":1,"a":2}', b'{"a":1,"a":1}',
        b'{"a": 1}', b'"\\u0041"', b'"\\/"', b'"\\n"', b'"\x7f"', b'"\xc2\x85"', b'"e\xcc\x81"', b'"\\ud800"', b"\xff",
        b'{"A":1}', b"9007199254740992", b"1" * 5000, b"[" * 16000, b'"' + b"x" * MAX_BYTES + b'"', b"1 2",
    ],
)  # fmt: skip
def test_bytes_that_are_not_the_one_way_are_refused(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        decode(data)


def test_values_are_nested_to_a_limit_that_counts_from_the_leaf() -> None:
    deepest: Json = 1
    for _ in range(MAX_DEPTH):
        deepest = [deepest]
    assert decode(encode(deepest)) == deepest
    with pytest.raises(NotCanonical):
        encode([deepest])
    with pytest.raises(NotCanonical):
        decode(encode(deepest), depth=1)


def test_keys_are_remembered_but_not_without_end() -> None:
    for number in range(5000):
        encode({f"key-{number}": 1})
    assert len(canonical._known_keys) <= canonical._KNOWN_KEYS_MAX
    assert decode(b'{"one-more":1}') == {"one-more": 1}
