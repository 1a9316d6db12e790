"""A record of which something is lost, read as far as it can be, for who only looks.

Knows how to read around what cannot be read, and where the entries of a run stand. Nothing may be done, and no gate
may rest, on what is read here.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeAlias

from checklist.ledger import filing
from checklist.ledger.entry import check_leaf, parse_place
from checklist.ledger.errors import CannotOpen, Damaged, NotCanonical
from checklist.ledger.filing import STRETCH_AT, STRETCHES
from checklist.ledger.highwater import HighWater
from checklist.ledger.merkle import HASH_SIZE
from checklist.ledger.tiles import WIDTH, split_hashes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from checklist.ledger.entry import Entry
    from checklist.ledger.reader import Reader


Row: TypeAlias = "tuple[object, ...]"
_ROWS: Final = "SELECT idx, id, leaf FROM entry WHERE idx"


def rows_between(reader: Reader, start: int, end: int) -> tuple[dict[int, Row], set[int]]:
    """What can be read of the entries from `start` up to `end`, as (index, id, leaf) by index, and the indexes of
    those that may be there and cannot be read."""
    found: dict[int, Row] = {}
    unreadable: set[int] = set()
    parts = [(start, end)]
    while parts:
        first, stop = parts.pop()
        rows = _rows(reader, first, stop)
        if rows is not None:
            found |= rows
        elif stop - first == 1:
            unreadable.add(first)
        else:
            middle = (first + stop) // 2
            parts += [(first, middle), (middle, stop)]
    return found, unreadable


def _rows(reader: Reader, first: int, stop: int) -> dict[int, Row] | None:
    """The rows by index; None where the file is damaged thereabouts."""
    try:
        # One is asked for by itself: whoever looks for a next one may come upon damage behind it.
        if stop - first == 1:
            rows = reader.query(f"{_ROWS} = ?", (first,))
        else:
            rows = reader.query(f"{_ROWS} BETWEEN ? AND ?", (first, stop - 1))
    except Damaged:
        return None
    found = {row[0]: row for row in rows if isinstance(row[0], int) and first <= row[0] < stop}
    # A page that was spoilt may hold rows that are none, which are not in order.
    return found if len(found) == len(rows) and sorted(found) == [*found] else None


def hashes_between(reader: Reader, start: int, end: int) -> dict[int, bytes]:
    """The hashes of the entries from `start` up to `end` by index: those that are stored, and where these cannot be
    read, those that the entries after them name."""
    found: dict[int, bytes] = {}
    damaged = False
    for tile in range(start // WIDTH, -(-end // WIDTH)):
        try:
            found |= enumerate(split_hashes(reader.stored_tile(0, tile)), tile * WIDTH)
        except Damaged:
            damaged = True
    if damaged:
        for index, row in rows_between(reader, start + 1, end + 1)[0].items():
            with suppress(NotCanonical):
                match, _ = check_leaf(row[2] if isinstance(row[2], bytes) else b"")
                found.setdefault(index - 1, bytes.fromhex((match["prev"] or b"").decode()))
    return found


def room(reader: Reader) -> int:
    """More entries than that the file cannot hold, whatever it says: each has a hash there, and more."""
    ((count,),), ((size,),) = reader.query("PRAGMA page_count"), reader.query("PRAGMA page_size")
    return int(str(count)) * int(str(size)) // HASH_SIZE


def extent(reader: Reader) -> int:
    """How many entries a ledger has, or once had, by all that tells of it: what `told_inside` says, and the mark beside
    its key, which is ahead only of one that lost its end."""
    marked = 0
    with suppress(CannotOpen):  # first: others may append, and the ledger must not seem to be behind
        mark = None if reader.high_water is None else HighWater.read(reader.high_water)
        marked = 0 if mark is None else mark.size
    return min(max(marked, told_inside(reader)), room(reader))


def told_inside(reader: Reader) -> int:
    """How many entries a ledger has, or once had, by all of the file that can be read: the newest checkpoint and how
    entries are filed tell also where the end is gone, and where nothing tells it is as far as entries can be read."""
    try:
        told = [reader.size]
    except Damaged:
        told = [_readable_to(reader), filing.filed_to(reader) + 1]
    with suppress(Damaged):
        told += [size for (size,) in reader.query("SELECT max(size) FROM checkpoint") if isinstance(size, int)]
    return min(max(told), room(reader))


def _readable_to(reader: Reader) -> int:
    """Up to where entries can be read without coming upon damage."""
    low, high = 0, room(reader)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            reader.query("SELECT max(idx) FROM entry WHERE idx < ?", (middle,))
            low = middle
        except Damaged:
            high = middle
    return low


def readable_entries(reader: Reader, run: str) -> tuple[list[Entry], list[int]]:
    """The entries of a run of this ledger that are what was hashed, its first included, and the indexes of those that
    are not, or cannot be read. Raises Damaged where it is not known which they are."""
    place, size = parse_place(run), extent(reader)
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
        return entry if bytes.fromhex(entry.leaf) == hashes_between(reader, index, index + 1).get(index) else None
    except (Damaged, IndexError):
        return None
