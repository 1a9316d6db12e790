"""A badge says who is meant; what is kept of it is worth nothing to a thief."""

import pytest

from checklist.people.badge import badge_mac, check_badge


def test_what_a_reader_adds_around_a_badge_makes_no_difference(pepper: bytes) -> None:
    assert badge_mac(" 0004711\r\n", pepper) == badge_mac("0004711", pepper) == badge_mac("０００４７１１", pepper)
    assert badge_mac("0004711", pepper) != badge_mac("0004712", pepper)


def test_of_any_text_at_all_something_can_be_looked_up(pepper: bytes) -> None:
    assert len({badge_mac(text, pepper) for text in ("", "\udcff", "\x1b", "x" * 100_000)}) == 4


def test_without_the_pepper_no_guess_of_a_badge_is_found(pepper: bytes) -> None:
    """A badge has few digits, so its bare hash would be found at once."""
    kept = badge_mac("04711", pepper)
    guesses = (f"{number:05}" for number in range(100_000))
    assert not any(badge_mac(guess, bytes(32)) == kept for guess in guesses)


@pytest.mark.parametrize("good", ["4711", "E2 00 34 12", "ab:cd:ef", " 0004711 "])
def test_what_readers_type_is_a_badge(good: str) -> None:
    assert check_badge(good) is None


@pytest.mark.parametrize(
    ("bad", "why"),
    [("", "4 to 128"), ("  1 ", "4 to 128"), ("x" * 129, "4 to 128"), ("12\x1b34", "4 to 128"), ("u_00000000aa", "id")],
)
def test_what_cannot_be_a_badge_is_refused_with_its_reason(bad: str, why: str) -> None:
    refusal = check_badge(bad)
    assert refusal is not None
    assert why in refusal
