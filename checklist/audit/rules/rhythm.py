"""The rules on rhythm: times that the clinic's own history makes hard to believe, and many steps in one breath."""

from __future__ import annotations

import math
from array import array
from itertools import groupby
from operator import itemgetter
from statistics import median
from typing import TYPE_CHECKING, Final

from checklist.audit.rules.rule import SURVEYS, TICKED, Check, Context, Rule, Seen
from checklist.audit.rules.usual import seconds
from checklist.audit.statistics import quantile

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

HISTORY: Final = Rule(
    id="faster-than-history",
    severity="look",
    title="A step was done far faster than it ever is in this clinic",
    looks_at="The time of each step against the same step of the same protocol in all runs of this clinic, by median "
    "and spread of the logarithm (robust against what it looks for), from 50 samples on; and each person's median "
    "against the medians of their colleagues, from 20 samples on.",
    why="The clinic itself shows how long the work takes. A fifth of that, five spreads below, is hardly the same "
    "work; nor is a third of the usual time, again and again, by one person alone.",
    source=f"{TICKED}; {SURVEYS}",
    unseen="A step that everybody skips in the same way, and steps that take less than three seconds anyhow.",
    honest="The step needed nothing that day; or somebody has a better way of doing it, which is worth learning.",
)
BURST: Final = Rule(
    id="burst",
    severity="look",
    title="Several steps were ticked within seconds, where they usually take minutes",
    looks_at="Five steps or more in a row of one run (four, where it has no more), against the clinic's own median "
    "times: each below half of its own, and all together below a fifth of theirs. Timers, "
    "what the program does itself, and the first step after a break do not count.",
    why="A list that is ticked from top to bottom in one go was filled in, not followed.",
    source=f"{TICKED}; {SURVEYS}",
    unseen="A run that is ticked slowly with nothing done.",
    honest="The team did the steps aloud together and one of them ticked afterwards, as in a do-confirm list.",
)

_ENOUGH: Final = 50
_ENOUGH_OF_ONE: Final = 20
_SPREADS: Final = 5.0
_RATIO: Final = 5.0
_RATIO_OF_ONE: Final = 3.0
_RATIO_TO_NEXT: Final = 2.0
_SHORT_MS: Final = 3_000
_IN_A_ROW: Final = 5
_LEAST_IN_A_ROW: Final = 4
_USUAL_MS: Final = 40_000
_BURST: Final = 0.2
_QUICK: Final = 0.45


def _history(db: sqlite3.Connection, _: Context) -> Iterator[Seen]:
    yield from _single(db)
    yield from _of_one(db)


def _single(db: sqlite3.Connection) -> Iterator[Seen]:
    thresholds = {
        (protocol, step): (math.exp(centre - max(_SPREADS * spread, math.log(_RATIO))), math.exp(centre))
        for protocol, step, centre, spread in db.execute(
            "SELECT protocol, step, centre, spread FROM usual WHERE samples >= ?", (_ENOUGH,)
        )
        if math.exp(centre) >= _SHORT_MS
    }
    # What is below the protocol's own minimum is told by too-fast.
    question = (
        "SELECT run, n, protocol, step, ms FROM timed WHERE ms < ? AND (at_least IS NULL OR ms >= at_least * 1000)"
        " ORDER BY run, n"
    )
    highest = max((least for least, _ in thresholds.values()), default=0.0)
    rows = (
        (run, n, step, ms, thresholds[protocol, step][1])
        for run, n, protocol, step, ms in db.execute(question, (highest,))
        if (protocol, step) in thresholds and ms < thresholds[protocol, step][0]
    )
    for run, found in groupby(rows, itemgetter(0)):
        (_, n, step, ms, usual), *more = found
        also = f", and {len(more)} more steps of this run likewise" if more else ""
        why = f"“{step}” took {seconds(ms)}; here it usually takes {seconds(usual)}{also}"
        yield Seen(n, run, why, about=f"this run, from {step} on")


def _of_one(db: sqlite3.Connection) -> Iterator[Seen]:
    """Somebody whose usual time is out of all proportion to their colleagues'."""
    logs: dict[tuple[str, str], dict[str, array[float]]] = {}
    entries: dict[tuple[str, str], dict[int, int]] = {}
    for run, n, protocol, step, actor, ms in db.execute(
        "SELECT run, n, protocol, step, actor, ms FROM timed WHERE actor IS NOT NULL"
    ):
        logs.setdefault((protocol, step), {}).setdefault(actor, array("f")).append(math.log(max(ms, 1)))
        entries.setdefault((protocol, actor), {})[run] = n
    found: dict[tuple[str, str], list[str]] = {}
    for (protocol, step), by_actor in sorted(logs.items()):
        medians = {actor: quantile(sorted(own), 0.5) for actor, own in by_actor.items() if len(own) >= _ENOUGH_OF_ONE}
        for actor, own_median in medians.items():
            others = [one for other, one in medians.items() if other != actor]
            if others and _out_of_proportion(own_median, others):
                what = (
                    f"“{step}” (median {seconds(math.exp(own_median))}, colleagues {seconds(math.exp(median(others)))})"
                )
                found.setdefault((protocol, actor), []).append(what)
    for (protocol, actor), steps in found.items():
        more = f" and {len(steps) - 3} more steps" if len(steps) > 3 else ""
        newest, *_ = runs = sorted(entries[protocol, actor], reverse=True)
        why = f"{actor} is usually three times as fast as all others in “{protocol}”: {', '.join(steps[:3])}{more}"
        own = {entries[protocol, actor][run] for run in runs}
        yield Seen(entries[protocol, actor][newest], newest, why, own, about=f"{actor} in {protocol}")


def _out_of_proportion(own: float, others: Sequence[float]) -> bool:
    usual = median(others)
    return (
        math.exp(usual) >= _SHORT_MS
        and own < usual - math.log(_RATIO_OF_ONE)
        and own < min(others) - math.log(_RATIO_TO_NEXT)
    )


def _burst(db: sqlite3.Connection, _: Context) -> Iterator[Seen]:
    medians = {
        (protocol, step): math.exp(centre)
        for protocol, step, centre in db.execute("SELECT protocol, step, centre FROM usual WHERE samples >= ?", (20,))
    }
    question = "SELECT run, n, ms, protocol, step FROM timed ORDER BY rowid"
    for run, rows in groupby(db.execute(question), itemgetter(0)):
        times = [
            (n, ms, medians[protocol, step])
            for _, n, ms, protocol, step in sorted(rows, key=itemgetter(1))
            if (protocol, step) in medians
        ]
        if (seen := _fastest(times)) is not None:
            n, count, took, usual = seen
            yield Seen(n, run, f"{count} steps in a row took {seconds(took)}; here they usually take {seconds(usual)}")


def _fastest(times: Sequence[tuple[int, int, float]]) -> tuple[int, int, float, float] | None:
    """The longest row of steps that is a burst: the entry at its end, how many, how long, and how long usually.

    Each of them must be quick: one long step that was done before its run was begun makes no burst."""
    least = min(_IN_A_ROW, max(len(times), _LEAST_IN_A_ROW))
    best: tuple[int, int, float, float] | None = None
    for quick, same in groupby(times, lambda one: one[1] < _QUICK * one[2]):
        row = [*same]
        took, usual = sum(one[1] for one in row), sum(one[2] for one in row)
        fits = quick and len(row) >= least and usual >= _USUAL_MS and took < _BURST * usual
        if fits and (best is None or len(row) > best[1]):
            best = row[-1][0], len(row), took, usual
    return best


CHECKS: Final = (Check(HISTORY, _history), Check(BURST, _burst))
