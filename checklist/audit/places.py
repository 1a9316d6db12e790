"""Where an entry stands: its number `n` in the catalogue, and its place in the record, such as `a#123`."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from checklist.ledger.entry import format_place, parse_place
from checklist.ledger.errors import Damaged
from checklist.ledger.partly import extent

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from checklist.ledger.reader import Reader

_LOOKED_AT: Final = 1000


def place_of(db: sqlite3.Connection, n: int) -> str:
    """The place of the entry with this number; "?" where there is none."""
    row = db.execute("SELECT station, idx FROM entry WHERE n = ?", (n,)).fetchone()
    row = row or db.execute("SELECT station, idx FROM damage WHERE n = ?", (n,)).fetchone()
    return format_place(*row) if row else "?"


def ranges(places: Iterable[str]) -> list[str]:
    """Places in their order, those that follow one another as one: "a#3 to a#5 (3)"."""
    found: list[tuple[str, int, int]] = []
    for place in places:
        station, _, index = place.rpartition("#")
        at = int(index)
        if found and found[-1][0] == station and found[-1][2] == at - 1:
            found[-1] = station, found[-1][1], at
        else:
            found.append((station, at, at))
    return [
        format_place(station, first)
        if first == last
        else f"{format_place(station, first)} to {format_place(station, last)} ({last - first + 1:,})"
        for station, first, last in found
    ]


def n_of(db: sqlite3.Connection, place: str) -> int | None:
    """The number of the entry at this place; None where there is none."""
    named = parse_place(place.strip())
    row = db.execute("SELECT n FROM entry WHERE station = ? AND idx = ?", named).fetchone() if named else None
    return int(row[0]) if row else None


def station_of(reader: Reader) -> str:
    """The station of a ledger, also where its first entry is damaged. Raises Damaged where no entry tells."""
    try:
        return reader.station
    except Damaged:
        for index in range(1, min(size_of(reader), _LOOKED_AT)):
            with suppress(Damaged, IndexError):
                return reader.entry(index).station
        raise


def size_of(reader: Reader) -> int:
    """How many entries a ledger has, or once had: all that tells of it counts, also where the end is gone."""
    return extent(reader)


class Spans:
    """The numbers of entries by their places. Entries of one station that were taken in one after the other make a
    span: their numbers differ from their indexes by the same amount."""

    def __init__(self) -> None:
        self._spans: dict[str, list[tuple[int, int]]] = {}  # station -> (first index, its n), ascending

    def begin(self, station: str, index: int, n: int) -> bool:
        """Say that the entries from this one on go on from `n`; whether that was not known already."""
        spans = self._spans.setdefault(station, [])
        if spans and index - spans[-1][0] == n - spans[-1][1]:
            return False
        spans.append((index, n))
        return True

    def n(self, station: str, index: int) -> int | None:
        """The number of that entry, which may be one that was not taken in yet; None where nothing is known of it."""
        for first, n in reversed(self._spans.get(station, ())):
            if index >= first:
                return n + index - first
        return None
