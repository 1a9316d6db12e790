"""The arithmetic behind the rules: what is usual, and how unlikely it is that chance alone made what was seen.

Pure: numbers in, numbers out. Robust on purpose: half of the samples may be wrong before a median moves far.
"""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

FALSE_ALARMS: Final = 1e-3
"""How many findings of one rule chance alone may be expected to make in a whole record (Bonferroni)."""

_NORMAL_MAD: Final = 1.4826
_NORMAL_5: Final = 1.6449


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which that share of the samples lies; they must be in order, and there must be one."""
    at = share * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def centre_and_spread(ordered: Sequence[float]) -> tuple[float, float]:
    """The median, and how far below it samples usually lie, as a standard deviation: by the median of the distances
    from it, or by the lowest twentieth where that lies further out."""
    centre = quantile(ordered, 0.5)
    distances = sorted(abs(one - centre) for one in ordered)
    by_middle = _NORMAL_MAD * quantile(distances, 0.5)
    by_tail = (centre - quantile(ordered, 0.05)) / _NORMAL_5
    return centre, max(by_middle, by_tail)


def in_a_row(length: int, of: int, chance: float) -> float:
    """How many rows of `length` hits are to be expected among `of` trials, where each hits with that chance."""
    if chance >= 1 or length <= 0:
        return float(of)
    return (of - length + 1) * chance**length if chance > 0 else 0.0


def most_likely(hits: int, of: int, deviations: float = 3.0) -> float:
    """The highest chance that still fits well with `hits` out of `of` (Wilson's upper bound): what few samples say is
    not taken for more than it is."""
    if of == 0:
        return 1.0
    share, square = hits / of, deviations**2
    middle = share + square / (2 * of)
    around = deviations * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return min((middle + around) / (1 + square / of), 1.0)


def more_than_chance(seen: int, chances: Collection[float]) -> float:
    """At most how likely `seen` or more hits are, where each trial has a chance of its own (Chernoff's bound)."""
    return 1.0 if seen <= sum(chances) else _bound(seen, chances)


def fewer_than_chance(seen: int, chances: Collection[float]) -> float:
    """At most how likely `seen` or fewer hits are, likewise."""
    return 1.0 if seen >= sum(chances) else _bound(seen, chances)


def _bound(seen: int, chances: Collection[float]) -> float:
    of = len(chances)
    mean, share = sum(chances) / of, seen / of
    if not 0 < mean < 1:
        return 0.0
    apart = share * math.log(share / mean) if share > 0 else 0.0
    if share < 1:
        apart += (1 - share) * math.log((1 - share) / (1 - mean))
    return math.exp(-of * apart)


def streaks(values: Sequence[object]) -> Iterator[tuple[int, int]]:
    """Where each row of equal values begins, and how long it is."""
    at = 0
    for _, same in groupby(values):
        length = sum(1 for _ in same)
        yield at, length
        at += length
