"""The tables of clinic.toml that say what is due when, on which days nobody is there, and what is told to whom.

Knows the file's words for the plan; its arithmetic is in `schedule`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final

from checklist.clinic.plan.schedule import EVERY, LONGEST, WEEKDAYS, AfterEvent, AfterRuns, Calendar, Rhythm
from checklist.clinic.tables import Table, WrongError

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_RUNS: Final = 1000
MOST_ARGUMENTS: Final = 32

_PROTOCOL_ID: Final = r"[a-z0-9-]{1,64}"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A line of the plan: which protocol, about what ("": each thing that it fits), by what time of day, and when: in
    a rhythm, or after runs or an event. Exactly one of the two is there."""

    protocol: str
    subject: str
    by: time | None
    rhythm: Rhythm | None
    after: AfterRuns | AfterEvent | None

    @property
    def every(self) -> str:
        """How often; what waits for runs or an event is asked for by the day, as a daily line is."""
        return self.rhythm.every if self.rhythm is not None else "day"


@dataclass(frozen=True, slots=True)
class Hooks:
    """The commands of this clinic, each as a program and its arguments; empty: none."""

    on_overdue: tuple[str, ...] = ()
    on_failure: tuple[str, ...] = ()
    on_recall: tuple[str, ...] = ()


def read_schedule(table: Table) -> Schedule:
    """One `[[schedule]]`."""
    protocol = table.text("protocol", _PROTOCOL_ID)
    subject = table.text("subject", default="")
    by = _by(table)
    after = table.raw("after")
    if after is not None:
        if table.raw("every") is not None or table.raw("on") is not None:
            raise WrongError(table.at("after"), "stands alone; give this line an “every”, or another line the “after”")
        return Schedule(protocol, subject, by, None, _after(Table(after, table.at("after"))))
    every = table.text("every", "|".join(EVERY))
    return Schedule(protocol, subject, by, Rhythm(every, _on(table, every)), None)


def read_calendar(table: Table) -> Calendar:
    """`[calendar]`."""
    weekdays, days = set(), set()
    for found in _listed(table, "closed"):
        if isinstance(found, str) and found.casefold() in WEEKDAYS:
            weekdays.add(WEEKDAYS.index(found.casefold()))
        elif (day := _day(found)) is not None:
            days.add(day)
        else:
            raise WrongError(table.at("closed"), "write days of the week like sat, and single days like 2026-12-25")
    return Calendar(frozenset(weekdays), frozenset(days))


def read_hooks(table: Table) -> Hooks:
    """`[hooks]`."""
    return Hooks(*(_command(table, name) for name in ("on_overdue", "on_failure", "on_recall")))


def _by(table: Table) -> time | None:
    by = table.raw("by")
    if isinstance(by, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", by):
        by = time.fromisoformat(by)
    if by is not None and not isinstance(by, time):
        raise WrongError(table.at("by"), "write a time of day like 08:30")
    return by


def _on(table: Table, every: str) -> int | None:
    on = table.raw("on")
    if on is None:
        return None
    if every == "day":
        raise WrongError(table.at("on"), "a daily line has no day to choose; take it out")
    if every == "week":
        if not isinstance(on, str) or on.casefold() not in WEEKDAYS:
            raise WrongError(table.at("on"), f"write a day of the week: {', '.join(WEEKDAYS)}")
        return WEEKDAYS.index(on.casefold()) + 1
    if not isinstance(on, int) or isinstance(on, bool) or not 1 <= on <= LONGEST[every]:
        raise WrongError(table.at("on"), f"write the number of a day of the {every}, from 1 to {LONGEST[every]}")
    return on


def _after(table: Table) -> AfterRuns | AfterEvent:
    event, runs = table.raw("event"), table.raw("runs")
    found: AfterRuns | AfterEvent
    if event is not None:
        if not isinstance(event, str) or not re.fullmatch(_PROTOCOL_ID, event):
            raise WrongError(table.at("event"), "name an event as protocols do, like steriliser-repair")
        found = AfterEvent(event)
    elif isinstance(runs, int) and not isinstance(runs, bool) and 1 <= runs <= MOST_RUNS:
        found, runs = AfterRuns(runs, table.text("of", _PROTOCOL_ID)), None
    else:
        raise WrongError(
            table.place,
            'write { runs = 20, of = "steriliser-load" } (from 1 to 1000 runs) or { event = "steriliser-repair" }',
        )
    if runs is not None:
        raise WrongError(table.place, "counts runs or waits for an event, not both; make it two lines")
    table.finish()
    return found


def _day(found: object) -> date | None:
    """A day in quotes, or as TOML writes days."""
    if isinstance(found, date) and not isinstance(found, datetime):
        return found
    if isinstance(found, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", found, re.ASCII):
        try:
            return date.fromisoformat(found)
        except ValueError:
            return None
    return None


def _command(table: Table, name: str) -> tuple[str, ...]:
    words = _listed(table, name)
    if not words:
        return ()
    fits = len(words) <= MOST_ARGUMENTS and all(isinstance(word, str) and "\0" not in word for word in words)
    if not fits or not words[0]:
        raise WrongError(table.at(name), 'write a program and its arguments, like ["notify-send", "Checklist"]')
    return tuple(str(word) for word in words)


def _listed(table: Table, key: str) -> Sequence[object]:
    found = table.raw(key)
    if found is not None and not isinstance(found, list):
        raise WrongError(table.at(key), "must be a list in square brackets")
    return found or []
