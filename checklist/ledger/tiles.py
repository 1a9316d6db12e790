"""The hashes of full subtrees, kept as C2SP tlog-tiles lays them out (c2sp.org/tlog-tiles).

Tile (level, idx) holds up to 256 hashes; hash n of it is the root over the 256**level leaves from
(idx * 256 + n) * 256**level on. Knows the table `tile`. With it a proof costs O(log n).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.ledger.errors import Damaged
from checklist.ledger.merkle import HASH_SIZE, full_root

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from checklist.ledger.merkle import Node

WIDTH = 256
_HEIGHT = 8


def split_hashes(data: bytes) -> list[bytes]:
    """The hashes of a tile, or of a part of one."""
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def extend(db: sqlite3.Connection, size: int, leaf_hashes: Sequence[bytes]) -> None:
    """Add leaf hashes to a tree of `size` leaves, inside the caller's transaction."""
    level, hashes = 0, list(leaf_hashes)
    while hashes:
        full, at = [], 0
        while at < len(hashes):
            tile, used = divmod(size + at, WIDTH)
            fresh = hashes[at : at + WIDTH - used]
            kept = load(db, level, tile) if used else b""
            if len(kept) != used * HASH_SIZE:
                raise Damaged("The stored hashes do not end where the record ends.")
            data = kept + b"".join(fresh)
            # Not REPLACE, which would write the index anew with every hash.
            if not db.execute("UPDATE tile SET hashes = ? WHERE level = ? AND idx = ?", (data, level, tile)).rowcount:
                db.execute("INSERT INTO tile VALUES(?, ?, ?)", (level, tile, data))
            if used + len(fresh) == WIDTH:
                full.append(full_root(split_hashes(data)))
            at += len(fresh)
        level, size, hashes = level + 1, size // WIDTH, full


def load(db: sqlite3.Connection, level: int, tile: int) -> bytes:
    """The hashes of one tile, one after the other; nothing where there is no such tile."""
    rows = db.execute("SELECT hashes FROM tile WHERE level = ? AND idx = ?", (level, tile)).fetchall()
    return bytes(rows[0][0]) if rows else b""


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
