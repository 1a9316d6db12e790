"""How long something took, in words."""

import pytest

from checklist.run.lasting import lasted


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (5.171, "5.1 s"),
        (18, "18 s"),
        (59.96, "59.9 s"),
        (60, "1 min"),
        (210.9, "3 min 30 s"),
        (7200, "2 h"),
        (90061.5, "1 d 1 h 1 min 1 s"),
    ],
)
def test_what_was_not_reached_is_not_said(seconds: float, words: str) -> None:
    assert lasted(seconds) == words
