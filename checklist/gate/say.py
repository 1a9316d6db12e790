"""How the gate puts times and names into plain words, by the clinic's own clock. Knows no requirement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime, timedelta
    from zoneinfo import ZoneInfo

    from checklist.protocol.plain import Window

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS: Final = {"s": "s", "m": "min", "h": "h", "d": "days"}
_MEASURES: Final = frozenset({"mm", "cm", "ml", "mg", "g", "kg", "min", "h"})
"""The units that the name of an attribute may end with."""
_WHOLE: Final = {"max": "maximum", "min": "minimum"}
LISTED: Final = 3
"""So many names are told; of more only how many."""


def clock(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """A time as people here say it: "at 09:10", with the day where that is not today."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    hour = f"at {local:%H:%M}"
    return hour if local.date() == today else f"on {day(local.date(), today)} {hour}"


def day(one: date, today: date) -> str:
    """A day: "3 Mar", with the year where it is another."""
    words = f"{one.day} {_MONTHS[one.month - 1]}"
    return words if one.year == today.year else f"{words} {one.year}"


def age(span: timedelta) -> str:
    """How long, in the largest unit that says enough and rounded down: "5 h 20 min", "12 min", "3 days"."""
    minutes = int(span.total_seconds()) // 60
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days = hours // 24
    return "1 day" if days == 1 else f"{days} days"


def limit(window: Window) -> str:
    """A limit: "4 h", "7 days"."""
    if window == "today":
        return "today"
    number, unit = window.text[:-1], window.text[-1]
    return "1 day" if (number, unit) == ("1", "d") else f"{number} {_UNITS[unit]}"


def attribute(name: str) -> tuple[str, str]:
    """An attribute's name in plain words, and its unit with a blank before it: "maximum depth" and " mm"."""
    *words, last = name.split("_")
    if words and last in _MEASURES:
        unit = f" {last}"
    else:
        words, unit = [*words, last], ""
    return " ".join(_WHOLE.get(word, word) for word in words), unit


def inside(sentence: str) -> str:
    """A sentence as it goes on behind a colon: with a small letter, unless it begins with a name in capitals."""
    return sentence[:1].lower() + sentence[1:] if sentence[1:2].islower() or sentence[1:2] == " " else sentence


def listed(names: Sequence[str]) -> str:
    """Several names: "a, b and c", or "a, b, c and 4 more"."""
    if len(names) > LISTED:
        return f"{', '.join(names[:LISTED])} and {len(names) - LISTED} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
