"""The rule on cloned runs: one that repeats another in its values and in the time that every step took."""

from __future__ import annotations

import math
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from checklist.audit.rules.rule import COPIES, TICKED, Check, Context, Rule, Seen
from checklist.audit.statistics import FALSE_ALARMS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

CLONED: Final = Rule(
    id="cloned-run",
    severity="act",
    title="A run that repeats another in all its values and times",
    looks_at="The value of every reading and choice of a run together with the time of every step (to the millisecond, "
    "to a twentieth of a second, and to the second), against every other run of the same protocol. Only runs whose "
    "steps vary enough that chance cannot make two alike.",
    why="No two people, and no person twice, take the same time for every step.",
    source=f"{COPIES}; {TICKED}",
    unseen="Copies whose times were changed by more than a second at any step.",
    honest="None is known; a program that records by itself does this.",
)

_BINS: Final = (1, 50, 1000)
"""Milliseconds: copied as they are, and copied with what a machine adds."""
_LEAST_STEPS: Final = 3


def _cloned(db: sqlite3.Connection, _: Context) -> Iterator[Seen]:
    usual = db.execute("SELECT protocol, step, centre, spread FROM usual").fetchall()
    surprise = {(row[0], row[1]): [_surprise(row[2], row[3], width) for width in _BINS] for row in usual}
    runs = dict(db.execute("SELECT protocol, count(*) FROM run GROUP BY protocol").fetchall())
    enough = {protocol: math.log(count**2 / FALSE_ALARMS) for protocol, count in runs.items()}
    first: dict[int, int] = {}
    question = "SELECT run, n, protocol, step, kind, value, ms FROM timed ORDER BY rowid"
    for run, rows in groupby(db.execute(question), itemgetter(0)):
        steps = sorted(rows, key=itemgetter(1))
        protocol = steps[0][2]
        if len(steps) < _LEAST_STEPS:
            continue
        for at, width in enumerate(_BINS):
            if sum(surprise[protocol, row[3]][at] for row in steps) < enough[protocol]:
                continue
            told = hash((protocol, *((row[3], _compared(row[4], row[5]), row[6] // width) for row in steps)))
            before = first.setdefault(told, run)
            if before != run:
                place = db.execute("SELECT run FROM run WHERE n = ?", (before,)).fetchone()
                why = f"repeats run {place[0]} in all values and in the time of each of its {len(steps)} timed steps"
                yield Seen(steps[-1][1], run, why)
                break


def _compared(kind: str, value: str | None) -> str | None:
    """The value, where two runs may honestly have the same."""
    return value if kind in ("measure", "choice") else None


def _surprise(centre: float, spread: float, width: int) -> float:
    """How unlikely it is that chance repeats the time of a step, as a logarithm: that two times of a log-normal step
    fall into the same bin."""
    return math.log(max(math.exp(centre) * spread * 2 * math.sqrt(math.pi) / width, 1.0))


CHECKS: Final = (Check(CLONED, _cloned),)
