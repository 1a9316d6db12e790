"""A run of which something is lost, read as far as it can be, for who only looks.

Knows where the entries of a run stand. Nothing may be done, and no gate may rest, on what is read here.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from checklist.ledger.entry import parse_place
from checklist.ledger.errors import Damaged
from checklist.ledger.filing import STRETCH_AT, STRETCHES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from checklist.ledger.entry import Entry
    from checklist.ledger.reader import Reader


def readable_entries(reader: Reader, run: str) -> tuple[list[Entry], list[int]]:
    """The entries of a run of this ledger that are what was hashed, its first included, and the indexes of those that
    are not, or cannot be read. Raises Damaged where it is not known which they are."""
    place = parse_place(run)
    try:
        size = reader.head().size
    except Damaged:
        size = reader.size
    if place is None or place[1] >= size:
        return [], []
    found: list[Entry] = []
    lost: list[int] = []
    for start, stop in [(place[1], place[1] + 1), *reader.query(STRETCHES, (size, run))]:
        for index in range(int(str(start)), int(str(stop))):
            entry = _sound(reader, index)
            if entry is None:
                lost.append(index)
            else:
                found.append(entry)
    return found, lost


def runs_of(reader: Reader, lost: Iterable[int]) -> set[str]:
    """The runs that entries which cannot be read are filed under; `lost` are their indexes, ascending. Of what is not
    filed, or cannot be told, there is none."""
    found: set[str] = set()
    end = 0  # of the stretch that was looked at last
    for index in lost:
        if index >= end:
            with suppress(Damaged):
                for run, stop in reader.query(STRETCH_AT, (index,)):
                    found.add(str(run))
                    end = stop if isinstance(stop, int) else 2**63
    return found - {""}


def _sound(reader: Reader, index: int) -> Entry | None:
    try:
        entry = reader.entry(index)
        return entry if bytes.fromhex(entry.leaf) == reader.leaf_hash(index) else None
    except (Damaged, IndexError):
        return None
