"""The rule on cloned runs: one that repeats another in the time that its steps took."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import groupby, product
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from checklist.audit.rules.rule import COPIES, TICKED, Check, Context, Rule, Seen
from checklist.audit.statistics import FALSE_ALARMS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

CLONED: Final = Rule(
    id="cloned-run",
    severity="act",
    title="A run that repeats another in the times of its steps",
    looks_at="The time of every step of a run against those of the other runs of its protocol: whether four in five of "
    "them are the same, to within a twentieth, a fifth, a half or a whole second, however the values differ. The "
    "coarser that is, the more steps it takes until chance cannot make two runs alike.",
    why="No two people, and no person twice, take the same time for every step.",
    source=f"{COPIES}; {TICKED}",
    unseen="Copies whose times were changed by much, and runs of few or of quick steps. Measured in invented years "
    "with some hundred runs of a protocol, each time of a copy moved at random by up to so much either way: of copies "
    "with seven timed steps all are found at 0.2 s, 98 % at 0.4 s, 7 % at 0.8 s, none at 1.5 s; with nine, all at "
    "0.8 s and 9 % at 1.5 s; with five, all at 0.05 s, 83 % at 0.2 s, 7 % at 0.4 s. With 0.1 s and one of seven steps "
    "changed altogether 97 %, with two 25 %. Among tens of thousands of runs of one protocol only finer repeats can be "
    "told from chance.",
    honest="None is known; a program that records by itself does this.",
)

_WITHIN: Final = (50, 200, 500, 1000)
"""Milliseconds by which two times may differ: copied as they are, and copied with something on top."""
_LEAST_STEPS: Final = 3
_ALIKE: Final = 0.8
_BANDS: Final = 2
"""So many sets of steps are looked up by: whoever changed one of a set is found by the other."""
_MOST_IN_SET: Final = 6
_MOST_LOOKS: Final = 1_500_000
"""So often at most is a run looked up by one set; what takes more is not compared that coarsely."""
_MOMENT: Final = 4
"""A time of fewer tolerances than that says nothing."""
_COMPARED: Final = 12
"""With so many runs in the same place one is compared, the newest."""
_OWN_PACE: Final = 0.5
"""So much less (as a logarithm) does a time say that is like another: one person's times are more alike than those of
all."""

_Times = dict[str, int]
_Run = tuple[int, int, _Times]


def _cloned(db: sqlite3.Connection, _: Context) -> Iterator[Seen]:
    usual: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
    for protocol, step, centre, spread in db.execute("SELECT protocol, step, centre, spread FROM usual"):
        usual[protocol][step] = (centre, spread)
    by_protocol: dict[str, list[_Run]] = defaultdict(list)
    question = "SELECT run, n, protocol, step, ms FROM timed ORDER BY rowid"
    for run, rows in groupby(db.execute(question), itemgetter(0)):
        steps = [*rows]
        if len(steps) >= _LEAST_STEPS:
            by_protocol[steps[0][2]].append((run, max(row[1] for row in steps), {row[3]: row[4] for row in steps}))
    found: list[Seen] = []
    for protocol, runs in by_protocol.items():
        found += (_seen(db, *told) for told in _repeated(runs, usual[protocol]))
    yield from sorted(found, key=lambda one: one.n or 0)


def _repeated(runs: Sequence[_Run], usual: Mapping[str, tuple[float, float]]) -> Iterator[tuple[_Run, int, int, int]]:
    """Each run that repeats an earlier one: which, of how many steps, and to within what."""
    enough = math.log(len(runs) ** 2 / FALSE_ALARMS)
    told: set[int] = set()
    for within in _WITHIN:
        surprise = {step: _surprise(centre, spread, within) for step, (centre, spread) in usual.items()}
        if sum(surprise.values()) < enough:
            break  # what is coarser says less still
        for band in _bands(usual, within, len(runs)):
            for run, before in _near(runs, band, within):
                if run[0] not in told and (alike := _alike(run[2], before[2], surprise, within, enough)):
                    told.add(run[0])
                    yield run, before[0], alike, within


def _bands(usual: Mapping[str, tuple[float, float]], within: int, runs: int) -> list[tuple[str, ...]]:
    """Sets of steps, none in two of them, by whose times few runs are alike by chance."""
    cells = {step: _surprise(centre, spread, 2 * within) for step, (centre, spread) in usual.items()}
    steps = sorted((step for step in cells if cells[step] > 0), key=lambda step: (-cells[step], step))
    found: list[tuple[str, ...]] = []
    for _ in range(_BANDS):
        band: list[str] = []
        while steps and len(band) < _MOST_IN_SET and sum(cells[step] for step in band) < math.log(runs + 1):
            band.append(steps.pop(0))
        if band and runs << len(band) <= _MOST_LOOKS:
            found.append(tuple(band))
    return found


def _near(runs: Sequence[_Run], band: tuple[str, ...], within: int) -> Iterator[tuple[_Run, _Run]]:
    """Pairs of runs whose times at these steps lie near each other: in one cell of a grid four times as wide, or of one
    of those that lie half a cell beside it. Whatever differs by no more is in one cell of one of them."""
    width = 4 * within
    for offsets in product((0, 2 * within), repeat=len(band)):
        cells: dict[tuple[int, ...], list[_Run]] = {}
        moved = [*zip(band, offsets, strict=True)]
        for run in runs:
            times = run[2]
            try:
                cell = tuple([(times[step] + offset) // width for step, offset in moved])
            except KeyError:  # it has not all of them
                continue
            others = cells.setdefault(cell, [])
            for before in others[-_COMPARED:]:
                yield run, before
            others.append(run)


def _alike(one: _Times, other: _Times, surprise: Mapping[str, float], within: int, enough: float) -> int:
    """How many steps took the same time in both; 0 where chance may have made that."""
    told, same, apart = 0.0, 0, max(len(one), len(other)) * (1 - _ALIKE)
    most = len(one)
    for step, ms in one.items():
        if step in other and abs(other[step] - ms) <= within:
            same += 1
            # What was ticked in a moment is like all that was ticked in a moment.
            told += surprise[step] if ms >= _MOMENT * within else 0.0
        else:
            apart -= 1
            if apart < 0:
                return 0
    # Which steps differ may be chosen in so many ways.
    return same if same >= _LEAST_STEPS and told >= enough + math.log(math.comb(most, same)) else 0


def _seen(db: sqlite3.Connection, run: _Run, before: int, alike: int, within: int) -> Seen:
    (place,) = db.execute("SELECT run FROM run WHERE n = ?", (before,)).fetchone()
    n, last, times = run
    how = f"to within {within / 1000:g} s"
    return Seen(last, n, f"repeats run {place} in the time of {alike} of its {len(times)} timed steps, {how}")


def _surprise(centre: float, spread: float, within: int) -> float:
    """How unlikely it is that chance repeats the time of a step, as a logarithm: that two times of a log-normal step
    differ by no more than that."""
    chance = within / (math.exp(centre) * spread * math.sqrt(math.pi))
    return max(-math.log(min(chance, 1.0)) - _OWN_PACE, 0.0)


CHECKS: Final = (Check(CLONED, _cloned),)
