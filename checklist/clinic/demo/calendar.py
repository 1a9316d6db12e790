"""On which days the made-up clinic is open, and who is at work."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from checklist.clinic.demo.clock import ZONE
from checklist.clinic.demo.facts import HOUR

if TYPE_CHECKING:
    from random import Random

    from checklist.clinic.demo.people import Member

_HOLIDAYS = frozenset({(1, 1), (5, 25), (7, 3), (9, 7), (11, 26), (11, 27), (12, 24), (12, 25), (12, 31)})
_SUNDAY = 6


def is_open(day: date) -> bool:
    """Whether the clinic works on this day."""
    return day.weekday() != _SUNDAY and (day.month, day.day) not in _HOLIDAYS


def closed_days(first: date, last: date) -> list[str]:
    """The single days on which it is closed, as clinic.toml lists them."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 400))
    return [day.isoformat() for day in days if day.weekday() != _SUNDAY and not is_open(day)]


def falls_due(day: date, weekday: int) -> bool:
    """Whether what is planned for this weekday (0: Monday) is to be done on a day: where its own is closed, the plan
    moves it to the last open day before in the same week, or else to the first after."""
    monday = day - timedelta(days=day.weekday())
    before = [one for one in (monday + timedelta(days=on) for on in range(weekday, -1, -1)) if is_open(one)]
    after = [one for one in (monday + timedelta(days=on) for on in range(weekday + 1, 7)) if is_open(one)]
    return day == next(iter([*before, *after]), None)


def midnight(day: date) -> int:
    """When a day begins by the clinic's clock, in microseconds; on the two days of the year on which clocks are moved,
    twelve hours before its noon."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    return int(noon.timestamp()) * 1_000_000 - 12 * HOUR


class Rota:
    """Who is away when: a day off a week, holidays, and some days of illness."""

    def __init__(self, people: list[Member], first: date, days: int, chance: Random) -> None:
        self._away: dict[str, set[date]] = {}
        self._off: dict[str, int] = {}
        for place, one in enumerate(people):
            self._off[one.name] = place % 5
            away: set[date] = set()
            for _ in range(max(round(days / 120), 1)):
                begins = chance.randrange(max(days, 1))
                away |= {first + timedelta(days=begins + number) for number in range(chance.choice((5, 6, 12)))}
            for _ in range(round(days / 60)):
                begins = chance.randrange(max(days, 1))
                away |= {first + timedelta(days=begins + number) for number in range(chance.choice((1, 1, 2, 3)))}
            self._away[one.name] = away

    def here(self, day: date, people: list[Member]) -> list[Member]:
        """Who is at work on a day; somebody always is who can do what must be done."""
        here = [one for one in people if self._off[one.name] != day.weekday() and day not in self._away[one.name]]
        needed = (("lead", 1), ("prescriber", 1), ("reprocessing", 2), ("release", 2), ("staff", 4))
        for role, count in needed:
            fitting = [one for one in people if role in one.roles]
            while sum(role in one.roles for one in here) < count:
                here.append(next(one for one in fitting if one not in here))
        return [one for one in people if one in here]
