"""A moment of the tables, and a row that no entry made."""

from datetime import UTC, datetime

import pytest

from checklist.clinic.moments import time_of
from checklist.ledger.errors import Damaged


def test_a_moment_is_told_in_utc() -> None:
    assert time_of("2031-03-10T10:00:00+01:00") == datetime(2031, 3, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "2031-03-10T1q:00:00Z", "None"])
def test_what_is_no_moment_is_damage(text: str) -> None:
    with pytest.raises(Damaged, match="run checklist verify"):
        time_of(text)
