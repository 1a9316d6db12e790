"""Until when a step is put off: what its words ask for, and what somebody types."""

from datetime import timedelta

import pytest

from checklist.ledger.entry import Moment
from checklist.protocol.library import shipped
from checklist.run.deferring import asked, until
from checklist.run.reading import Refusal

NOW = Moment("2026-11-22T10:00:00.000000Z", "Europe/Berlin", "boot-1", 1000, 1000)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("words", "later"),
    [
        ("24-48 h after: call and ask.", [("24 h", DAY), ("48 h", 2 * DAY)]),
        ("1-2 weeks after: look at the skin.", [("1 week", 7 * DAY), ("2 weeks", 14 * DAY)]),
        ("Look again 3 days later.", [("3 days", 3 * DAY)]),
        ("Look for anything that expires within 30 days.", []),
        ("Wipe the trolley.", []),
    ],
)
def test_a_step_says_by_itself_when_it_is_to_be_done(words: str, later: list[tuple[str, timedelta]]) -> None:
    assert [*asked(words)] == later


def test_what_the_shipped_sign_out_puts_off_says_until_when() -> None:
    steps = {step.id: step for step in shipped()["microneedling-signout"].protocol.steps}
    told = {name: asked(steps[name].do)[-1][1] for name in ("call", "review", "late-check")}
    assert told == {"call": 2 * DAY, "review": 14 * DAY, "late-check": 42 * DAY}


@pytest.mark.parametrize(
    ("typed", "end"),
    [
        ("2h", "2026-11-22T12:00:00Z"),
        (" 6w ", "2027-01-03T10:00:00Z"),
        ("2 Weeks", "2026-12-06T10:00:00Z"),
        ("today", "2026-11-22T22:59:59Z"),
        ("2027-03-31", "2027-03-31T21:59:59Z"),  # the clinic's summer time
    ],
)
def test_a_day_has_its_whole_day_and_a_length_of_time_counts_from_now(typed: str, end: str) -> None:
    assert until(typed, NOW) == end


@pytest.mark.parametrize("typed", ["", "soon", "2020-01-01", "2027-13-01", "0w x", "999999999d"])
def test_what_is_past_or_no_time_is_refused(typed: str) -> None:
    assert isinstance(until(typed, NOW), Refusal)


@pytest.mark.parametrize("typed", ["9999-12-30", "9999-12-31", "2036-12-31", "999w"])
def test_a_time_more_than_ten_years_ahead_is_refused_in_a_sentence(typed: str) -> None:
    refused = until(typed, NOW)
    assert isinstance(refused, Refusal)
    assert "more than ten years ahead" in refused.message
