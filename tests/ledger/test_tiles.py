"""Hashes of full subtrees, kept so that a proof needs few of them."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import pytest

from checklist.ledger import schema, tiles
from checklist.ledger.errors import Damaged
from checklist.ledger.merkle import Frontier, root_from
from checklist.ledger.uppers import UpperTiles

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE = 131_500  # two full tiles of level 1, one hash short of nothing at level 2


@pytest.fixture(scope="module")
def leaves() -> list[bytes]:
    return [number.to_bytes(32, "big") for number in range(SIZE)]


@pytest.fixture(scope="module")
def db(leaves: list[bytes]) -> Iterator[sqlite3.Connection]:
    """All leaf hashes, added in uneven steps."""
    made = sqlite3.connect(":memory:")
    made.execute(schema.TABLES["tile"])
    at = 0
    for step in (1, 254, 2, 256, 700, 64_000, SIZE):
        tiles.extend(made, at, leaves[at : at + step])
        at = min(at + step, SIZE)
    yield made
    made.close()


def test_only_full_subtrees_are_kept_and_each_where_it_belongs(db: sqlite3.Connection) -> None:
    lengths = db.execute("SELECT level, count(*), sum(length(hashes)) / 32 FROM tile GROUP BY level").fetchall()
    assert lengths == [(0, 8219, SIZE), (1, 33, SIZE // 256), (2, 1, 2)]


def test_the_root_comes_out_of_the_tiles(db: sqlite3.Connection, leaves: list[bytes]) -> None:
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    node = tiles.node_reader(lambda level, tile: tiles.load(db.execute, level, tile))
    assert root_from(node, SIZE) == frontier.root()


def test_a_tile_that_is_short_is_noticed(db: sqlite3.Connection) -> None:
    node = tiles.node_reader(lambda level, tile: tiles.load(db.execute, level, tile)[:-32])
    with pytest.raises(Damaged, match="incomplete"):
        node(8, 255)
    with pytest.raises(Damaged, match="incomplete"):
        node(40, 0)


@pytest.mark.parametrize("start", [0, 256, 65_536, 65_792, 131_328])
def test_the_tiles_above_the_lowest_are_compared_from_any_place_on(db: sqlite3.Connection, start: int) -> None:
    def stored(level: int, tile: int) -> list[bytes]:
        return tiles.split_hashes(tiles.load(db.execute, level, tile))

    def other(level: int, tile: int) -> list[bytes]:
        return [bytes(32) if (level, tile) == (2, 0) else item for item in stored(level, tile)]

    node = tiles.node_reader(lambda level, tile: tiles.load(db.execute, level, tile))
    for load, wrong in ((stored, []), (other, [0])):
        uppers, found = UpperTiles(load, lambda: SIZE, node, start), []
        for tile in range(start // 256, SIZE // 256):
            found += uppers.push(node(8, tile))
        assert found + uppers.check_rest() == wrong


def test_a_tile_that_was_just_filled_leaves_none_open_below(db: sqlite3.Connection) -> None:
    node = tiles.node_reader(lambda level, tile: tiles.load(db.execute, level, tile))
    stored = lambda level, tile: tiles.split_hashes(tiles.load(db.execute, level, tile))  # noqa: E731
    uppers = UpperTiles(stored, lambda: SIZE, node, 65_280)
    assert uppers.push(node(8, 255)) == []
    assert uppers.check_rest() == []


def test_hashes_beyond_the_end_are_neither_built_upon_nor_passed(db: sqlite3.Connection) -> None:
    last = (SIZE - 1) // tiles.ROW
    db.execute("UPDATE tile SET hashes = CAST(hashes || zeroblob(32) AS BLOB) WHERE level = 0 AND idx = ?", (last,))
    with pytest.raises(Damaged, match="do not end where the record ends"):
        tiles.extend(db, SIZE, [bytes(32)])
    node = tiles.node_reader(lambda level, tile: tiles.load(db.execute, level, tile))
    stored = lambda level, tile: [*tiles.split_hashes(tiles.load(db.execute, level, tile)), bytes(32)]  # noqa: E731
    assert UpperTiles(stored, lambda: 256, node, 0).push(node(8, 0)) == []
    uppers = UpperTiles(stored, lambda: 256, node, 0)
    uppers.push(node(8, 0))
    assert uppers.check_rest() == [0]


def test_a_row_of_hashes_that_is_there_already_is_not_written_over() -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        db.execute(schema.TABLES["tile"])
        tiles.extend(db, 0, [bytes(32)] * tiles.ROW)
        db.execute("INSERT INTO tile VALUES(0, 1, zeroblob(32))")
        with pytest.raises(Damaged, match="do not end where the record ends"):
            tiles.extend(db, tiles.ROW, [bytes(32)])
