"""The rules on time of day and on clocks: work at odd hours and on closed days, what was entered long after, a clock
that was moved."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from checklist.audit.rules.rule import DESIGN, INTEGRITY, TICKED, Check, Context, Rule, Seen
from checklist.audit.rules.usual import seconds

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

ODD_HOURS: Final = Rule(
    id="odd-hours",
    severity="look",
    title="A run at an hour or on a weekday at which hardly any are made here",
    looks_at="The hour and weekday at which each run began, by the clinic's clock, against those of all its runs: "
    "usual is an hour on at least one day in fifty, with two hours to either side; a weekday, in at least one week in "
    "ten.",
    why="What is written when nobody is there was hardly done then.",
    source=TICKED,
    unseen="What was made up during working hours, and a clinic with fewer than 20 days on record.",
    honest="An alarm of a fridge, a late patient, a colleague who catches up with paperwork. Emergency protocols are "
    "left out.",
)
CLOSED: Final = Rule(
    id="closed-day-worked",
    severity="look",
    title="Planned work on a day that the plan calls closed",
    looks_at="Days that the plan in force on them calls closed, and on which runs of protocols that were ever planned "
    "were made at the machine.",
    why="The plan asks for nothing on a closed day: whoever calls a day closed beforehand is not asked for what was "
    "not done on it.",
    source=DESIGN,
    unseen="Days on which nothing at all was done, rhythms that were made rarer, and rooms or machines that were taken "
    "out: the report names the days on which the plan was changed, “checklist log kind:clinic.configured” lists the "
    "entries, and “checklist show” of one says what was added and taken out. Days before the first such entry are "
    "judged by it, or by clinic.toml where there is none. While a plan was in force whose text is lost, nothing is "
    "judged by it, and “checklist findings” and the report say so.",
    honest="Somebody came in on a holiday, for an emergency or to catch up.",
)
LATE: Final = Rule(
    id="entered-late",
    severity="look",
    title="Entered from paper long after it was written, or very often",
    looks_at="Runs entered from paper more than two days after the sheet was finished; and protocols of which at least "
    "ten runs within 30 days came from paper, and a fifth of all their runs of these 30 days.",
    why="Paper is for the day on which the machine is down. What is entered weeks later, or as a habit, was not timed "
    "by anything.",
    source=TICKED,
    unseen="A wrong date on the sheet.",
    honest="The machine was broken for a while. The reason should stand in a remark.",
)
JUMPED: Final = Rule(
    id="clock-jumped",
    severity="look",
    title="The clock of the machine was moved",
    looks_at="Moments at which the wall clock went a minute or more further than the monotonic clock, or back.",
    why="Whoever sets back the clock can write yesterday's checks today. The record never goes back; but within the "
    "time since the last anchor, it is the station's word alone.",
    source=INTEGRITY,
    unseen="A clock that was set while the machine was off.",
    honest="The battery of the clock is empty, or the machine found its time server after a long while.",
)

_LEAST_DAYS: Final = 20
_USUAL_HOUR: Final = 0.02
_USUAL_WEEKDAY: Final = 0.1
_LATE: Final = timedelta(days=2)
_MANY: Final = 10
_OFTEN: Final = 0.2
_WINDOW: Final = timedelta(days=30)
_JUMP_MS: Final = 60_000
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _odd(db: sqlite3.Connection, _: Context) -> Iterator[Seen]:
    days_of_hour: dict[int, set[str]] = defaultdict(set)
    days_of_weekday: dict[int, set[str]] = defaultdict(set)
    at_hour: Counter[int] = Counter()
    on_weekday: Counter[int] = Counter()
    question = "SELECT day, weekday, hour, count(*) FROM run WHERE via <> 'transcribed' GROUP BY 1, 2, 3"
    for day, weekday, hour, runs in db.execute(question):
        at_hour[hour] += runs
        on_weekday[weekday] += runs
        days_of_hour[hour].add(day)
        days_of_weekday[weekday].add(day)
    days = set().union(*days_of_weekday.values())
    if len(days) < _LEAST_DAYS:
        return
    weeks = max(len({datetime.fromisoformat(day).isocalendar()[:2] for day in days}), 1)
    hours = {hour for hour, on in days_of_hour.items() if len(on) >= max(_USUAL_HOUR * len(days), 2)}
    allowed = {(hour + off) % 24 for hour in hours for off in range(-2, 3)}
    whole = f"this clinic's {at_hour.total()} runs at the machine"
    within = sum(at_hour[hour] for hour in allowed)
    weekdays = {one for one, on in days_of_weekday.items() if len(on) >= max(_USUAL_WEEKDAY * weeks, 2)}
    question = (
        "SELECT run.n, protocol, hour, weekday FROM run LEFT JOIN text USING (sha256)"
        " WHERE run.via <> 'transcribed' AND coalesce(category, '') <> 'emergency' ORDER BY run.n"
    )
    for n, protocol, hour, weekday in db.execute(question):
        if hour not in allowed:
            why = f"between {hour}:00 and {hour + 1}:00, outside the hours in which {within} of {whole} are made"
            yield Seen(n, n, f"“{protocol}” was begun {why}")
        elif weekday not in weekdays:
            why = f"on a {_WEEKDAYS[weekday]}; {on_weekday[weekday]} of {whole} are made on that weekday"
            yield Seen(n, n, f"“{protocol}” was begun {why}")


def _closed(db: sqlite3.Connection, context: Context) -> Iterator[Seen]:
    """Once a day."""
    question = (
        "SELECT min(n), count(*) FROM run WHERE day = ? AND via <> 'transcribed'"
        " AND protocol IN (SELECT value FROM json_each(?))"
    )
    planned = json.dumps(sorted(context.planned))
    for day in sorted(context.closed):
        n, count = db.execute(question, (day, planned)).fetchone()
        if count:
            runs = "a run" if count == 1 else f"{count} runs"
            yield Seen(n, n, f"{runs} of the plan's own protocols on {day}, a day that the plan calls closed")


def _late(db: sqlite3.Connection, _: Context) -> Iterator[Seen]:
    from_paper: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    question = "SELECT n, protocol, at, paper FROM run WHERE via = 'transcribed' OR paper IS NOT NULL ORDER BY n"
    for n, protocol, at, paper in db.execute(question):
        entered = datetime.fromisoformat(at)
        from_paper[protocol].append((entered, n))
        if paper is not None and (late := entered - datetime.fromisoformat(paper)) > _LATE:
            yield Seen(n, n, f"“{protocol}” was entered from paper {late.days} days after the sheet was finished")
    for protocol, entered_at in from_paper.items():
        if len(entered_at) >= _MANY:
            yield from _many(db, protocol, entered_at)


def _many(db: sqlite3.Connection, protocol: str, entered_at: list[tuple[datetime, int]]) -> Iterator[Seen]:
    """Once a protocol: of the 30 days in which too many of all its runs came from paper, those with most."""
    question = "SELECT at FROM run WHERE protocol = ? ORDER BY at"
    begun = [datetime.fromisoformat(at) for (at,) in db.execute(question, (protocol,))]
    best, first = (0, 0, 0), 0
    for last, (entered, _) in enumerate(entered_at):
        while entered - entered_at[first][0] > _WINDOW:
            first += 1
        count = last - first + 1
        whole = bisect_right(begun, entered) - bisect_left(begun, entered - _WINDOW)
        if count >= max(_MANY, _OFTEN * whole):
            best = max(best, (count, last, whole))
    count, last, whole = best
    if count:
        entered, n = entered_at[last]
        why = f"{count} of all {whole} runs of “{protocol}” in the 30 days up to this one were entered from paper"
        yield Seen(n, n, why, {one for _, one in entered_at})


def _jumped(db: sqlite3.Connection, _: Context) -> Iterator[Seen]:
    question = "SELECT n, CAST(why AS INTEGER) FROM noticed WHERE rule = 'clock-jumped' ORDER BY n"
    for n, ms in db.execute(question):
        if abs(ms) >= _JUMP_MS:
            way = "forward" if ms > 0 else "back"
            yield Seen(n, None, f"the clock of the machine was set {way} by {_span(abs(ms))}")


def _span(ms: int) -> str:
    hours = ms / 3_600_000
    return f"{hours / 24:.0f} days" if hours >= 48 else f"{hours:.1f} hours" if hours >= 2 else seconds(ms)


CHECKS: Final = (Check(ODD_HOURS, _odd), Check(CLOSED, _closed), Check(LATE, _late), Check(JUMPED, _jumped))
