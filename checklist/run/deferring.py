"""Until when a step is put off: what its own words ask for, and what somebody types. Pure.

Knows neither who decides it nor how it is asked.
"""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from checklist.ledger.entry import Moment
from checklist.protocol.plain import MAX_SECONDS, Duration
from checklist.run.reading import Refusal
from checklist.run.timing import calendar_day, utc

_DAYS: Final = {"h": 1 / 24, "day": 1, "week": 7, "month": 30}
_LATER: Final = re.compile(r"\b(\d{1,3})(?:\s*(?:-|–|to)\s*(\d{1,3}))?\s*(h|day|week|month)s?\s+(?:after|later)\b")
_FURTHEST: Final = timedelta(seconds=MAX_SECONDS)
_TOO_FAR: Final = "That is more than ten years ahead: give an earlier day, or leave the step out and say why."
_WEEKS: Final = re.compile(r"(\d{1,3})\s*w(?:eeks?)?")


def until(typed: str, now: Moment) -> str | Refusal:
    """What `2h`, `6w`, `today` or `2027-03-31` means, as a UTC time in ISO 8601: a day lasts until its last second by
    the clinic's clock."""
    text = typed.strip().casefold()
    try:
        if text == "today":
            return _end_of(calendar_day(now).isoformat(), now)
        if text[:4].isdecimal() and "-" in text:
            end = _end_of(text, now)
            if end <= iso(utc(now)):
                return Refusal("until", "That day is past: give one to come.")
            return end if end <= iso(utc(now) + _FURTHEST) else Refusal("until", _TOO_FAR)
        if weeks := _WEEKS.fullmatch(text):
            later = timedelta(weeks=int(weeks[1]))
            return iso(utc(now) + later) if later <= _FURTHEST else Refusal("until", _TOO_FAR)
        return iso(utc(now) + timedelta(seconds=Duration.parse(text).seconds))
    except (ValueError, OverflowError):
        return Refusal("until", "Say until when, like 2h, 6w, today or 2027-03-31, and then why.")


def asked(words: str) -> tuple[tuple[str, timedelta], ...]:
    """How much later a step's words say that it is to be done: “4-6 weeks after” is 4 weeks, and 6 weeks."""
    found = _LATER.search(words)
    if found is None:
        return ()
    unit = found[3]
    numbers = dict.fromkeys(int(number) for number in (found[1], found[2]) if number)
    return tuple((_length(number, unit), timedelta(days=number * _DAYS[unit])) for number in numbers)


def _length(number: int, unit: str) -> str:
    return f"{number} {unit}" if unit == "h" or number == 1 else f"{number} {unit}s"


def _end_of(day: str, now: Moment) -> str:
    last = datetime.combine(datetime.strptime(day, "%Y-%m-%d").date(), time(23, 59, 59), ZoneInfo(now.zone))  # noqa: DTZ007 - a day
    return iso(last.astimezone(UTC))


def iso(moment: datetime) -> str:
    """A UTC time as the record keeps an end."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
