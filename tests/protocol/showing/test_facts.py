"""Facts of a protocol in words."""

from decimal import Decimal

import pytest

from checklist.protocol.showing.facts import off_words
from checklist.protocol.steps import Timer

SOAK = {"id": "soak", "kind": "timer", "do": "Soak it.", "at_least": "2m"}


@pytest.mark.parametrize(
    ("most", "seconds", "words"),
    [
        ("10m", "90", "too short: it takes at least 2 minutes"),
        ("10m", "1500", "too long: it takes at most 10 minutes"),
        (None, "90", "too short: it takes at least 2 minutes"),
        (None, "1500", ""),
    ],
)
def test_a_time_is_too_short_or_too_long_and_never_either(most: str | None, seconds: str, words: str) -> None:
    step = Timer.model_validate(SOAK | ({"at_most": most} if most else {}))
    assert off_words(step, Decimal(seconds)) == words
