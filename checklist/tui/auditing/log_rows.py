"""The rows of the log, one line each, under the day on which they were recorded. Pure: from plain rows to lines.

What is worst stands at the left, by its mark and its word; what was found stands at the right, by its number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from checklist.run.marks import Look
from checklist.tui.marks import mark
from checklist.tui.rows import Item
from checklist.tui.say import columns, row, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from textual.content import Content

WIDE: Final = 110
"""From so many cells on, names and how it was recorded have room."""
_STATE: Final = 14
_ABOUT: Final = 13
_FOUND: Final = 6
_RUN_WORDS: Final = {
    "open": (Look.CURRENT, "OPEN"),
    "complete": (Look.DONE, "COMPLETE"),
    "complete-except-deferred": (Look.DEFERRED, "PART DONE"),
    "failed": (Look.FAILED, "FAILED"),
    "abandoned": (Look.FAILED, "GIVEN UP"),
    "expired": (Look.UNKNOWN, "EXPIRED"),
}


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row: a run, an entry outside runs, or a run that was expected and is missing. `at`: UTC; empty where only the
    `day` is known. `look` is None for what has no state. `who`: names."""

    key: str
    at: str
    day: str
    look: Look | None
    word: str
    title: str
    subject: str
    who: str = ""
    via: str = ""
    findings: int = 0
    run: str = ""
    """The run's id, of runs."""


def run_state(outcome: str, deviations: int, overridden: int) -> tuple[Look, str]:
    """The mark and the word of a run: what is worst of it."""
    look, word = _RUN_WORDS.get(outcome, (Look.UNKNOWN, "UNKNOWN"))
    if outcome == "complete" and overridden:
        return Look.OVERRIDDEN, "OVERRIDDEN"
    if outcome == "complete" and deviations:
        return Look.DEVIATION, f"{deviations} DEV"
    return look, word


def lines(rows: Sequence[LogRow]) -> int:
    """How many lines a page takes by itself: its rows, and a heading for each day."""
    return len(rows) + sum(1 for at, one in enumerate(rows) if not at or one.day != rows[at - 1].day)


def items(parts: Iterable[Sequence[LogRow]], subjects: Mapping[str, str], zone: str, width: int) -> Iterator[Item]:
    """All rows in memory, under their days: each day is said once, also where two pages meet."""
    before = ""
    for rows in parts:
        for one in rows:
            if one.day != before:
                before = one.day
                yield Item(say(day_words(one.day), "bold"))
            yield Item(_line(one, subjects, zone, max(width - 2, 60)), one.key)


def day_words(day: str) -> str:
    """A day as it stands over its rows: Sun 22 Nov 2026."""
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return day
    return f"{found:%a} {found.day} {found:%b %Y}"


def about(subject: str, subjects: Mapping[str, str], *, short: bool) -> str:
    """What a row is about: its id where there is little room, else in the clinic's words."""
    kind, _, named = subject.partition("=")
    if kind == "clinic" or not subject:
        return ""
    if kind == "session":
        return named if short else f"visit {named}"
    return named if short else subjects.get(subject, named)


def heads(width: int) -> Content:
    """What stands over the columns."""
    return row(
        "  ",
        say(
            _columns_of("TIME", say("STATE"), "WHAT", "ABOUT", "WHO", "VIA", "FOUND", max(width - 2, 60)).plain,
            "$ink-off",
        ),
    )


def _line(one: LogRow, subjects: Mapping[str, str], zone: str, width: int) -> Content:
    clock = f"{datetime.fromisoformat(one.at).astimezone(ZoneInfo(zone)):%H:%M}" if one.at else "--:--"
    sign = mark(one.look) if one.look is not None else say("   ")
    state = row(sign, " ", say(one.word, "bold" if one.look is not None else ""))
    wide = width >= WIDE
    about_it = about(one.subject, subjects, short=not wide)
    who = one.who if wide else "".join(part[0] for part in one.who.split()[:3]).upper()
    found = str(one.findings) if one.findings else ""
    return _columns_of(clock, state, one.title, about_it, who, one.via, found, width)


def _columns_of(
    clock: str, state: Content, title: str, about_it: str, who: str, via: str, found: str, width: int
) -> Content:
    wide = width >= WIDE
    middle = ((say(about_it), 22), (say(who), 16), (say(via), 11)) if wide else ((say(about_it), _ABOUT), (say(who), 3))
    rest = width - 5 - _STATE - _FOUND - sum(wide_ for _, wide_ in middle) - 2 * (len(middle) + 3)
    return columns(((say(clock), 5), (state, _STATE), (say(title), rest), *middle, (say(found, "bold"), _FOUND)))
