"""The arithmetic of the plan: periods, closed days, deadlines; over year ends and on the days when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.clinic.plan.schedule import (
    EVERY,
    LONGEST,
    MOST_MISSED,
    Calendar,
    Deadline,
    Period,
    Rhythm,
    deadline_after,
    deadline_in,
    period,
)

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
ALWAYS_OPEN = Calendar()
WEEKEND = Calendar(frozenset({5, 6}), frozenset({date(2026, 12, 25)}))
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

days = st.dates(date(2000, 1, 1), date(2100, 12, 31))
every = st.sampled_from(EVERY)
calendars = st.builds(
    Calendar,
    st.frozensets(st.integers(0, 6)),
    st.frozensets(st.dates(date(2030, 1, 1), date(2030, 3, 1)), max_size=20),
)


# -- periods ----------------------------------------------------------------------------------------------


@given(every, days)
def test_each_day_lies_in_one_period_and_the_next_begins_where_it_ends(every: str, day: date) -> None:
    found = period(every, day)
    assert found.first <= day <= found.last
    assert period(every, found.first) == period(every, found.last) == found
    assert period(every, found.last + DAY).first == found.last + DAY
    assert period(every, found.first - DAY).last == found.first - DAY
    assert (found.last - found.first).days < LONGEST.get(every, 1)


@pytest.mark.parametrize(
    ("every", "day", "first", "last"),
    [
        ("week", "2026-12-31", "2026-12-28", "2027-01-03"),
        ("month", "2028-02-29", "2028-02-01", "2028-02-29"),
        ("quarter", "2026-12-31", "2026-10-01", "2026-12-31"),
        ("quarter", "2027-02-01", "2027-01-01", "2027-03-31"),
        ("year", "2028-12-31", "2028-01-01", "2028-12-31"),
        ("day", "2026-12-31", "2026-12-31", "2026-12-31"),
    ],
)
def test_periods_over_the_end_of_a_year(every: str, day: str, first: str, last: str) -> None:
    assert period(every, date.fromisoformat(day)) == Period(date.fromisoformat(first), date.fromisoformat(last))


# -- closed days ------------------------------------------------------------------------------------------


@given(every, days, st.none() | st.integers(1, 366), calendars)
def test_the_day_is_an_open_one_of_its_period_whenever_there_is_one(
    every: str, day: date, on: int | None, calendar: Calendar
) -> None:
    within = period(every, day)
    found = Rhythm(every, on).day(within, calendar)
    if found is None:
        assert calendar.last_open(within.first, within.last) is None
    else:
        assert within.first <= found <= within.last
        assert calendar.open(found)


@pytest.mark.parametrize(
    ("every", "on", "day", "expected"),
    [
        ("week", None, "2026-11-25", "2026-11-27"),  # the last open day of the week is Friday
        ("week", 3, "2026-11-25", "2026-11-25"),
        ("week", 6, "2026-11-25", "2026-11-27"),  # Saturday is closed: the day before
        ("month", 1, "2026-11-10", "2026-11-02"),  # the first is a Sunday, and nothing is before it: the day after
        ("month", 31, "2026-11-10", "2026-11-30"),  # November has 30
        ("month", 25, "2026-12-10", "2026-12-24"),
        ("quarter", 92, "2027-02-01", "2027-03-31"),
        ("year", None, "2026-03-01", "2026-12-31"),
        ("day", None, "2026-12-25", None),
    ],
)
def test_a_due_day_on_a_closed_day_moves(every: str, on: int | None, day: str, expected: str | None) -> None:
    found = Rhythm(every, on).day(period(every, date.fromisoformat(day)), WEEKEND)
    assert (found.isoformat() if found else None) == expected


def asked(
    every: str, now: str, *, by: time | None = None, last: str | None = None, since: datetime = LONG_AGO
) -> Deadline | None:
    return deadline_in(
        Rhythm(every),
        by,
        WEEKEND,
        last=date.fromisoformat(last) if last else None,
        since=since,
        now=datetime.fromisoformat(now).replace(tzinfo=BERLIN),
        zone=BERLIN,
    )


def test_on_a_closed_day_nothing_falls_due_but_what_is_late_stays_late() -> None:
    assert asked("day", "2026-11-28T10:00") is None
    assert asked("month", "2026-11-28T10:00") is None
    late = asked("week", "2026-11-28T10:00")
    assert late is not None
    assert late.passed(datetime(2026, 11, 28, 9, tzinfo=UTC))
    assert asked("week", "2026-11-28T10:00", last="2026-11-23") is None
    assert asked("week", "2026-11-30T10:00", last="2026-11-28") is not None


def test_nobody_is_late_for_what_was_to_be_done_before_the_record_began() -> None:
    made = datetime(2026, 11, 25, 14, tzinfo=BERLIN)
    found = asked("day", "2026-11-25T15:00", by=time(8, 30), since=made)
    assert found == Deadline(date(2026, 11, 25), None, BERLIN)
    assert not found.passed(datetime(2026, 11, 25, 22, tzinfo=BERLIN))
    assert asked("day", "2026-11-26T15:00", by=time(8, 30), since=made) == Deadline(
        date(2026, 11, 26), time(8, 30), BERLIN
    )
    on_the_first = deadline_in(
        Rhythm("month", 1), None, WEEKEND, last=None, since=made, now=made + timedelta(hours=1), zone=BERLIN
    )
    assert on_the_first is None


# -- deadlines --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "by", "utc"),
    [
        ("2026-11-25", None, "2026-11-25T22:59:59.999999"),
        ("2026-03-29", time(8, 30), "2026-03-29T06:30:00"),  # the clocks went forward
        ("2026-03-29", None, "2026-03-29T21:59:59.999999"),  # a day of 23 hours
        ("2026-10-25", None, "2026-10-25T22:59:59.999999"),  # a day of 25
        ("2026-12-31", None, "2026-12-31T22:59:59.999999"),
    ],
)
def test_a_deadline_is_by_the_clinic_s_clock(day: str, by: time | None, utc: str) -> None:
    deadline = Deadline(date.fromisoformat(day), by, BERLIN)
    assert deadline.moment == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert not deadline.passed(deadline.moment)
    assert deadline.passed(deadline.moment + timedelta(microseconds=1))


def test_soon_is_an_hour_for_a_day_and_the_day_for_what_is_longer() -> None:
    daily = Deadline(date(2026, 11, 25), time(8, 30), BERLIN)
    at = datetime(2026, 11, 25, 8, 30, tzinfo=BERLIN)
    assert [daily.soon(at - timedelta(minutes=minutes), "day") for minutes in (61, 60, 0, -1)] == [
        False, True, True, False,
    ]  # fmt: skip
    weekly = Deadline(date(2026, 11, 25), None, BERLIN)
    assert not weekly.soon(at - DAY, "week")
    assert weekly.soon(at.replace(hour=0, minute=0), "week")


def test_what_falls_due_after_hours_has_until_the_next_open_day() -> None:
    friday = datetime(2026, 11, 27, 16, tzinfo=BERLIN)
    assert deadline_after(friday, None, WEEKEND, BERLIN).day == date(2026, 11, 27)
    assert deadline_after(friday, time(17), WEEKEND, BERLIN).day == date(2026, 11, 27)
    assert deadline_after(friday, time(8), WEEKEND, BERLIN).day == date(2026, 11, 30)
    assert deadline_after(friday + DAY, None, WEEKEND, BERLIN).day == date(2026, 11, 30)
    never = Calendar(frozenset(range(7)))
    assert deadline_after(friday, None, never, BERLIN).day == date(2026, 11, 27)


# -- missed -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("every", "today", "last", "began", "missed"),
    [
        ("day", "2026-11-30", "2026-11-26", "2026-01-01", "2026-11-27"),  # Monday: Friday was the last open day
        ("day", "2026-11-30", "2026-11-27", "2026-01-01", None),
        ("day", "2026-11-30", "2026-11-30", "2026-01-01", None),  # made up for
        ("day", "2026-11-30", None, "2026-11-27", None),  # the record is no older
        ("day", "2026-11-30", None, "2026-11-26", "2026-11-27"),
        ("week", "2027-01-04", "2026-12-27", "2026-01-01", "2026-12-28"),
        ("year", "2027-01-04", "2025-12-31", "2025-01-01", "2026-01-01"),
    ],
)
def test_the_last_open_period_that_went_by_is_missed(
    every: str, today: str, last: str | None, began: str, missed: str | None
) -> None:
    found = Rhythm(every).missed(
        date.fromisoformat(today), WEEKEND, date.fromisoformat(last) if last else None, date.fromisoformat(began)
    )
    assert (found[0].first.isoformat() if found else None) == missed


@pytest.mark.parametrize(
    ("every", "today", "last", "began", "count", "first"),
    [
        ("day", "2026-11-30", "2026-11-23", "2026-01-01", 4, "2026-11-24"),  # no Saturday and no Sunday
        ("day", "2026-11-30", None, "2026-11-25", 2, "2026-11-26"),
        ("week", "2026-12-02", "2026-11-04", "2026-01-01", 3, "2026-11-09"),
        ("day", "2026-11-30", "2020-01-01", "2020-01-01", MOST_MISSED, "2026-07-14"),
    ],
)
def test_all_that_went_by_in_a_row_is_counted(
    every: str, today: str, last: str | None, began: str, count: int, first: str
) -> None:
    found = Rhythm(every).missed(
        date.fromisoformat(today), WEEKEND, date.fromisoformat(last) if last else None, date.fromisoformat(began)
    )
    assert (len(found), found[-1].first.isoformat()) == (count, first)


def test_a_clinic_that_is_always_closed_misses_nothing() -> None:
    assert Rhythm("day").missed(date(2026, 11, 30), Calendar(frozenset(range(7))), None, date(2020, 1, 1)) == ()
    assert Rhythm("day").missed(date(2026, 11, 30), ALWAYS_OPEN, None, date(2020, 1, 1))
