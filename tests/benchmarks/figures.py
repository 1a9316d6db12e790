"""Samples, and the rows of the table that is made of them.

Every sample is a time or a size: less is better. Knows nothing of what was measured.
"""

from __future__ import annotations

import math
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Samples:
    """What one side of a measure took, round by round."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    @property
    def least(self) -> float:
        """The smallest one."""
        return min(self.values)

    @property
    def p95(self) -> float:
        """Nineteen out of twenty are not larger (nearest rank)."""
        return sorted(self.values)[math.ceil(0.95 * len(self.values)) - 1]

    def times(self, factor: float) -> Samples:
        """The same samples in another unit."""
        return Samples(tuple(value * factor for value in self.values))

    def text(self, unit: str) -> str:
        """Median, smallest and 95th percentile, with three digits that mean something."""
        if len(self.values) == 1:
            return f"{_digits(self.median)} {unit}"
        return f"{_digits(self.median)} ({_digits(self.least)}..{_digits(self.p95)}) {unit}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `met` is None where there is no goal."""

    name: str
    rounds: int
    ours: str
    yardstick: str
    ratio: str
    goal: str = "-"
    met: bool | None = None


HEAD = Row("measure", 0, "ours: median (min..p95)", "yardstick: the same", "ratio", "goal")


def compared(name: str, ours: Samples, yardstick: Samples, unit: str, most: float | None = None) -> Row:
    """A row that says how many times as long as the yardstick ours took; `most` is the goal."""
    ratio = ours.median / yardstick.median
    goal = "-" if most is None else f"<= {most:g}x"
    met = None if most is None else ratio <= most
    return Row(name, len(ours.values), ours.text(unit), yardstick.text(unit), f"{ratio:.2f}x", goal, met)


def as_table(rows: Sequence[Row]) -> str:
    """The rows under one another, in columns."""
    words = {True: "met", False: "MISSED", None: "-"}
    lines = [(HEAD.name, "n", HEAD.ours, HEAD.yardstick, HEAD.ratio, HEAD.goal, "")]
    lines += [(row.name, str(row.rounds), row.ours, row.yardstick, row.ratio, row.goal, words[row.met]) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def interleaved(rounds: int, *sides: Callable[[], float], warm: int = 1) -> list[Samples]:
    """Call the sides in turn, round by round; each gives its sample. The first `warm` rounds are dropped.

    Every other round goes through them backwards, so that none always comes after the same one.
    """
    found: list[list[float]] = [[] for _ in sides]
    for at in range(warm + rounds):
        order = range(len(sides)) if at % 2 == 0 else range(len(sides) - 1, -1, -1)
        for side in order:
            sample = sides[side]()
            if at >= warm:
                found[side].append(sample)
    return [Samples(tuple(values)) for values in found]


def timed(act: Callable[[], object]) -> float:
    """Seconds that an act takes."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def _digits(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
