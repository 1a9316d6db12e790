"""A scanner's burst is told from typing by its speed alone, and what surrounds a code is taken off."""

import pytest

from checklist.trace.wedge import HURRY, Burst, as_shown, came_as_burst, ends_burst, last_burst, without_ends

SCAN = [0.0, 0.002, 0.012, 0.013, 0.014]
TYPED = [0.0, 0.09, 0.2, 0.28, 0.4]


def test_a_burst_comes_faster_than_anybody_types() -> None:
    assert came_as_burst(SCAN, 5)
    assert not came_as_burst(TYPED, 5)
    assert not came_as_burst([*SCAN, SCAN[-1] + HURRY], 6)


def test_a_few_signs_are_no_burst_however_fast() -> None:
    assert not came_as_burst([0.0, 0.001, 0.002], 3)
    assert not came_as_burst([], 0)


def test_signs_that_were_there_before_make_it_none() -> None:
    assert not came_as_burst(SCAN, 6)


def test_a_burst_behind_something_typed_is_told_from_it() -> None:
    later = [each + 1 for each in SCAN]
    assert last_burst([*TYPED, *later]) == last_burst(SCAN) == 5
    assert last_burst([*SCAN, *[each + 1 for each in TYPED]]) == 0
    assert last_burst([*TYPED, *later[:3]]) == 0
    assert last_burst([]) == 0


def test_the_enter_behind_a_burst_is_the_scanners_own() -> None:
    assert ends_burst(SCAN, 0.016)
    assert not ends_burst(SCAN, 0.2)
    assert not ends_burst(TYPED, 0.41)
    assert not ends_burst(SCAN[:3], 0.014)


@pytest.mark.parametrize("text", ["A1\r", "A1\n", "A1\r\n", "A1\t", "\x02A1\x03", "A1"])
def test_what_scanners_put_around_a_code_is_taken_off(text: str) -> None:
    assert without_ends(text) == "A1"


def test_a_separator_and_a_space_belong_to_the_code() -> None:
    assert without_ends("\x1dA1\x1d \r") == "\x1dA1\x1d "
    assert as_shown("A\x1dB") == "A␝B"


def test_a_burst_collects_what_came_together() -> None:
    burst = Burst()
    assert burst.add("X", 0.0)
    assert burst.add("A", 1.0)
    for at, sign in enumerate("12\x1d", 1):
        assert not burst.add(sign, 1.0 + at * 0.002)
    assert burst.whole
    assert burst.take() == "A12␝"
    assert not burst.whole
