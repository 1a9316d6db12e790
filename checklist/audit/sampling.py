"""A sample of runs that everybody draws alike: from a seed, the root of the record and the place of each run.

The rule, so that it can be followed without this program: take the place of every run (such as `a#123`), and sort the
runs by the SHA-256 of the text `SEED:ROOT:PLACE` in UTF-8, where ROOT is the root of the record in hexadecimal; the
first N are the sample. Whoever draws cannot choose the root. Whoever keeps the record can, by one more entry, for as
long as they know the seed before the root is noted down: so size and root come first, then the seed. Knows nothing of
what a run is.
"""

from __future__ import annotations

import hashlib
import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def drawn(places: Iterable[str], count: int, seed: str, root: str) -> list[str]:
    """The sample of `count` places, in the order in which they are drawn; all of them where there are no more."""
    return heapq.nsmallest(count, places, key=lambda place: rank(place, seed, root))


def rank(place: str, seed: str, root: str) -> str:
    """By what a place is sorted: the SHA-256 of `SEED:ROOT:PLACE`, in hexadecimal."""
    return hashlib.sha256(f"{seed}:{root}:{place}".encode()).hexdigest()
