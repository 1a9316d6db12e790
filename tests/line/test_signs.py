"""A line typed sign by sign: what a scanner sends is told from what a person types, and editing keys edit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.line.signs import LONGEST_LINE, Signs


def typed(text: str, gap: float) -> tuple[Signs, bytes, str]:
    """Signs that come one after the other; the lines, and what was shown."""
    signs, lines, shown = Signs(), b"", ""
    for place, byte in enumerate(text.encode()):
        found, seen = signs.take(bytes([byte]), place * gap)
        lines, shown = lines + found, shown + seen
    return signs, lines, shown


@pytest.mark.parametrize("end", ["\n", "\r", "\t"])
def test_a_scanner_s_line_ends_with_enter_or_tab_and_is_a_burst(end: str) -> None:
    signs, lines, shown = typed(f"]d2109A\x1d1727{end}", 0.002)
    assert lines == b"]d2109A\x1d1727\n"
    assert shown == "]d2109A␝1727\n"
    assert signs.burst


def test_a_line_that_comes_at_once_is_a_burst() -> None:
    signs = Signs()
    assert signs.take("load=S1-01 é\n".encode(), 1.0) == ("load=S1-01 é\n".encode(), "load=S1-01 é\n")
    assert signs.burst


def test_what_a_person_types_is_none_and_a_tab_does_nothing() -> None:
    signs, lines, shown = typed("lot=A1\t2\n", 0.12)
    assert lines == b"lot=A12\n"
    assert shown == "lot=A12\n"
    assert not signs.burst


def test_a_burst_behind_typed_signs_is_typed() -> None:
    signs = Signs()
    signs.take(b"l", 1.0)
    assert signs.take(b"oad=S1-01\n", 2.0)[0] == b"load=S1-01\n"
    assert not signs.burst


@pytest.mark.parametrize(
    ("keys", "line"),
    [("ab\x7fc\n", "ac"), ("\x7fa\n", "a"), ("ab\x15c\n", "c"), ("a\x1b\x00b\n", "ab"), ("é\x08e\n", "e")],
)
def test_editing_keys_edit_and_no_other_control_sign_stays(keys: str, line: str) -> None:
    assert typed(keys, 0.1)[1].decode() == f"{line}\n"


def test_ctrl_d_ends_the_input_on_an_empty_line_only() -> None:
    assert typed("\x04", 0.1)[0].ended
    assert not typed("a\x04", 0.1)[0].ended


@given(st.binary(max_size=60), st.floats(0, 0.2))
def test_whatever_comes_there_is_no_control_sign_in_what_is_shown(data: bytes, gap: float) -> None:
    signs = Signs()
    for place, byte in enumerate(data):
        lines, shown = signs.take(bytes([byte]), place * gap)
        assert all(sign in "\n\b" or sign.isprintable() for sign in shown)
        assert len(lines) <= LONGEST_LINE
