"""The tiles above the lowest level, compared with what a walk through all entries computes.

Knows how tiles stand on one another. Refuses to know what a leaf is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.ledger import tiles
from checklist.ledger.merkle import HASH_SIZE, full_root

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.ledger.merkle import Node


class UpperTiles:
    """Compares the stored tiles above the lowest level with what the walk computes."""

    def __init__(
        self,
        stored: Callable[[int, int], list[bytes] | None],
        size: Callable[[], int],
        node: Node,
        start: int,
    ) -> None:
        """`start` is how many entries (a multiple of 256) came before; `size` says how many there are by now."""
        self._stored = stored
        self._size = size
        self._counts: list[int] = []  # hashes so far at tile level 1, 2, …
        self._open: list[list[bytes]] = []  # those of the tile that is not yet full
        while count := start >> 8 * (len(self._counts) + 1):
            height = 8 * (len(self._counts) + 1)
            self._open.append([node(height, at) for at in range(count - count % tiles.WIDTH, count)])
            self._counts.append(count)

    def push(self, root: bytes | None, level: int = 0) -> list[int]:
        """Take in the root over a full tile of the level below (None: it cannot be known, and is taken as it is
        stored); the entries at which stored hashes are wrong."""
        if level == len(self._counts):
            self._counts.append(0)
            self._open.append([])
        self._open[level].append(root or self._kept(level))
        self._counts[level] += 1
        if self._counts[level] % tiles.WIDTH:
            return []
        full, self._open[level] = self._open[level], []
        wrong = self._compare(level, full, self._counts[level] // tiles.WIDTH - 1)
        return wrong + self.push(full_root(full), level + 1)

    def check_rest(self) -> list[int]:
        """Compare the tiles that are not full."""
        wrong = []
        for level, hashes in enumerate(self._open):
            if hashes:
                wrong += self._compare(level, hashes, self._counts[level] // tiles.WIDTH)
        return wrong

    def _kept(self, level: int) -> bytes:
        tile, place = divmod(self._counts[level], tiles.WIDTH)
        return dict(enumerate(self._stored(level + 1, tile) or [])).get(place, bytes(HASH_SIZE))

    def _compare(self, level: int, hashes: list[bytes], tile: int) -> list[int]:
        stored = self._stored(level + 1, tile)
        if stored is None:
            return []
        # The record may have grown meanwhile, and its hashes with it; but not beyond its last entry.
        room = (self._size() >> 8 * (level + 1)) - tile * tiles.WIDTH
        right = stored[: len(hashes)] == hashes and len(stored) <= room
        return [] if right else [tile << 8 * (level + 2)]
