"""The hashes of full subtrees, kept as C2SP tlog-tiles lays them out (c2sp.org/tlog-tiles).

Tile (level, idx) holds up to 256 hashes; hash n of it is the root over the 256**level leaves from
(idx * 256 + n) * 256**level on. With it a proof costs O(log n). Knows the table `tile`, whose rows hold a sixteenth of
a tile each: an append rewrites half a kilobyte of one page, and not eight kilobytes of three.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.ledger.errors import Damaged
from checklist.ledger.merkle import HASH_SIZE, full_root

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from checklist.ledger.merkle import Node

WIDTH = 256
ROW = 16
_HEIGHT = 8
_QUERY = "SELECT idx, hashes FROM tile WHERE level = ? AND idx >= ? AND idx < ? ORDER BY idx"
_GROW = "UPDATE tile SET hashes = CAST(hashes || ? AS BLOB) WHERE level = ? AND idx = ? AND length(hashes) = ?"
_BEGIN = "INSERT INTO tile VALUES(?, ?, ?) ON CONFLICT DO NOTHING"


def split_hashes(data: bytes) -> list[bytes]:
    """The hashes of a tile, or of a part of one."""
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def extend(db: sqlite3.Connection, size: int, leaf_hashes: Sequence[bytes]) -> None:
    """Add leaf hashes to a tree of `size` leaves, inside the caller's transaction.

    Raises Damaged where the stored hashes do not end at `size`.
    """
    level, hashes = 0, leaf_hashes
    while hashes:
        _append(db, level, size, hashes)
        filled = range(size // WIDTH, (size + len(hashes)) // WIDTH)
        hashes = [full_root(split_hashes(_load(db, level, tile))) for tile in filled]
        level, size = level + 1, size // WIDTH


def _append(db: sqlite3.Connection, level: int, size: int, hashes: Sequence[bytes]) -> None:
    at = 0
    while at < len(hashes):
        row, used = divmod(size + at, ROW)
        fresh = b"".join(hashes[at : at + ROW - used])
        if used:
            done = db.execute(_GROW, (fresh, level, row, used * HASH_SIZE))
        else:
            done = db.execute(_BEGIN, (level, row, fresh))
        if done.rowcount != 1:
            raise Damaged("The stored hashes do not end where the record ends.")
        at += ROW - used


def _load(db: sqlite3.Connection, level: int, tile: int) -> bytes:
    return load(lambda sql, params: db.execute(sql, params), level, tile)


def load(query: Callable[[str, tuple[int, int, int]], Iterable[tuple[object, ...]]], level: int, tile: int) -> bytes:
    """The hashes of one tile, one after the other, up to the first that is missing; `query` asks the database."""
    first = tile * WIDTH // ROW
    data = b""
    for row, hashes in query(_QUERY, (level, first, first + WIDTH // ROW)):
        if not isinstance(row, int) or not isinstance(hashes, bytes) or len(data) != (row - first) * ROW * HASH_SIZE:
            break
        data += hashes
    return data


def node_reader(load: Callable[[int, int], bytes]) -> Node:
    """Roots of full subtrees, from tiles that `load(level, idx)` gives; each tile is loaded once."""
    tiles: dict[tuple[int, int], bytes] = {}

    def node(height: int, index: int) -> bytes:
        level, inner = divmod(height, _HEIGHT)
        tile, first = divmod(index << inner, WIDTH)
        if (level, tile) not in tiles:
            tiles[level, tile] = load(level, tile)
        part = tiles[level, tile][first * HASH_SIZE : (first + (1 << inner)) * HASH_SIZE]
        if len(part) != HASH_SIZE << inner:
            raise Damaged("The stored hashes of the record are incomplete.")
        return full_root(split_hashes(part))

    return node
