"""Reading a ledger: entries, roots, checkpoints and proofs.

Knows how to find things without reading everything. Refuses to write, and to know what the entries mean.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from checklist.ledger import filing, merkle, schema, tiles
from checklist.ledger.durable import sync_folder
from checklist.ledger.entry import Entry, parse_leaf, parse_place
from checklist.ledger.errors import CannotOpen, CannotRead, Damaged, NotCanonical
from checklist.ledger.merkle import HASH_SIZE

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path
    from typing import Self

PAGE = 1000  # rows read at once; a reader of a page never makes a writer wait for longer
_BACKUP_PAGES = 2000
_HEAD = f"""
    SELECT size, (SELECT hashes FROM tile WHERE level = 0 AND idx = (size - 1) / {tiles.ROW}), (SELECT views FROM kept)
    FROM checkpoint ORDER BY size DESC LIMIT 1
"""  # noqa: S608 - a number of ours
_UNFILED = re.compile(re.escape(f'"kind":"{filing.UNFILED}"'.encode()))


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log ends: by its newest checkpoint, and by the hash that is stored for its last entry."""

    size: int
    last_leaf: bytes
    views: str  # names the views that are kept with every append


class Reader:
    """Reads one ledger. One object is used from one thread, the one that made it.

    Every method raises CannotRead where the file cannot be read just now, and Damaged where what it says does not fit
    together. `path` is the file; `high_water` the file beside the key, where it is known.
    """

    def __init__(self, db: sqlite3.Connection | None, path: Path, high_water: Path | None = None) -> None:
        self.path = path
        self.high_water = high_water
        self._db = db
        self._opening: Entry | None = None

    @property
    def station(self) -> str:
        """The station's short id."""
        return self._first().station

    @property
    def origin(self) -> str:
        """The name of the log: "<clinic origin>/<station>"."""
        return str(self._first().data.get("origin"))

    @property
    def vkey(self) -> str:
        """The verifier key with which the log began, as its first entry names it."""
        return str(self._first().data.get("key"))

    @property
    def size(self) -> int:
        """How many entries there are."""
        ((highest,),) = self.query("SELECT max(idx) FROM entry")
        return highest + 1 if isinstance(highest, int) else 0

    def head(self) -> Head:
        """Where the log ends."""
        match self.query(_HEAD):
            case []:
                return Head(0, b"", "")
            case [(int(size), bytes(hashes), str(views))] if len(hashes) == ((size - 1) % tiles.ROW + 1) * HASH_SIZE:
                return Head(size, hashes[-HASH_SIZE:], views)
            case _:
                pass
        raise Damaged("The record does not say where it ends.")

    def root(self, size: int | None = None) -> bytes:
        """The root of the tree of the first `size` entries, or of all."""
        return merkle.root_from(self.stored_node(), self._within(size, self.size))

    def last(self) -> Entry | None:
        """The newest entry; None in an empty ledger."""
        rows = self.query("SELECT idx, leaf FROM entry ORDER BY idx DESC LIMIT 1")
        return _entry(rows[0]) if rows else None

    def entry(self, index: int) -> Entry:
        """The entry at this index. Raises IndexError where there is none."""
        rows = self.query("SELECT idx, leaf FROM entry WHERE idx = ?", (index,))
        if not rows:
            raise IndexError(f"there is no entry {index}")
        return _entry(rows[0])

    def by_id(self, entry_id: str) -> Entry | None:
        """The entry with this id."""
        rows = self.query("SELECT idx, leaf FROM entry WHERE id = ?", (entry_id,))
        return _entry(rows[0]) if rows else None

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
        """Entries from `start` on, up to but not including `stop`, read page by page: no lock is held in between."""
        end = self.size if stop is None else stop
        while start < end:
            rows = self.query(
                "SELECT idx, leaf FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx", (start, min(start + PAGE, end))
            )
            for row in rows:
                yield _entry(row)
            start += PAGE

    def run_entries(self, run: str, *, after: int = -1) -> list[Entry]:
        """The entries of one run with an index above `after`, its first included; none where there is no such run.

        Each is what was hashed when it was recorded: what is done next, and what the gate says, rests on them.
        """
        place = parse_place(run)
        if place is None or place[0] != self.station:
            return []
        first = self.query("SELECT idx, leaf FROM entry WHERE idx = ? AND idx > ?", (place[1], after))
        return self._sound(first + self.query(filing.RUN, (run, after)))

    def naming(self, kind: str, part: str) -> list[Entry]:
        """The entries of a filed kind in whose leaf `part` stands, in letters of either case, oldest first, each as it
        was hashed. Takes time with the number of entries of that kind, so ask for rare ones."""
        query = (
            "SELECT idx, leaf FROM kind_entry JOIN entry USING(idx)"
            " WHERE kind = ? AND instr(lower(CAST(leaf AS TEXT)), lower(?)) ORDER BY idx"
        )
        return self._sound(self.query(query, (kind, part)))

    def entries_of_kind(
        self, kind: str, *, newest_first: bool = False, limit: int | None = None, before: int | None = None
    ) -> list[Entry]:
        """Entries of one kind, with an index below `before`, at most `limit`."""
        if kind == filing.UNFILED:
            walk = self.matching(_UNFILED, newest_first=newest_first, before=before)
            return list(islice((entry for entry in walk if entry.kind == kind), limit))
        order = "DESC" if newest_first else "ASC"
        query = "SELECT idx, leaf FROM kind_entry JOIN entry USING(idx) WHERE kind = ? AND idx < ? ORDER BY idx"
        end = 2**62 if before is None else before
        return [
            _entry(row) for row in self.query(f"{query} {order} LIMIT ?", (kind, end, -1 if limit is None else limit))
        ]

    def matching(
        self, pattern: re.Pattern[bytes], *, newest_first: bool = False, before: int | None = None
    ) -> Iterator[Entry]:
        """Entries in whose leaf a pattern is found, with an index below `before`: a walk that reads no others."""
        end = self.size if before is None else before
        pages: Sequence[int] = range(0, end, PAGE)
        for start in reversed(pages) if newest_first else pages:
            order = "DESC" if newest_first else "ASC"
            # `order` is one of two words of ours; values are bound.
            query = f"SELECT idx, leaf FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx {order}"  # noqa: S608
            for row in self.query(query, (start, min(start + PAGE, end))):
                if not isinstance(row[1], bytes) or pattern.search(row[1]):
                    yield _entry(row)

    def query(self, sql: str, params: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """All rows of a question to the tables of views (or to ours)."""
        db = self._live()
        try:
            return db.execute(sql, tuple(params)).fetchall()
        except sqlite3.Error as error:
            raise schema.reading_error(error) from error

    def each(self, sql: str, params: Sequence[object] = ()) -> Generator[tuple[object, ...], None, None]:
        """The rows one by one; a lock is held until the last one is read or the generator is closed."""
        db = self._live()
        try:
            yield from db.execute(sql, tuple(params))
        except sqlite3.Error as error:
            raise schema.reading_error(error) from error

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything read inside is of one moment. Writers wait meanwhile, so keep it short."""
        db = self._live()
        if db.in_transaction:
            yield
            return
        self.query("BEGIN")
        try:
            yield
        finally:
            db.rollback()

    def checkpoint(self, size: int | None = None) -> str:
        """The signed note of the newest checkpoint, or of that size. Raises IndexError where there is none."""
        if size is None:
            rows = self.query("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1")
        else:
            rows = self.query("SELECT note FROM checkpoint WHERE size = ?", (size,))
        if not rows:
            raise IndexError("there is no such checkpoint")
        return str(rows[0][0])

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """The hashes that lead from entry `index` to the root at `size`. Raises IndexError outside of the log."""
        size = self._within(size, self.size)
        if not 0 <= index < size:
            raise IndexError(f"there is no entry {index} among the first {size}")
        return merkle.inclusion_proof(self.stored_node(), index, size)

    def consistency_proof(self, old: int, size: int | None = None) -> list[bytes]:
        """The hashes that show that the first `old` entries are the beginning of the first `size`."""
        size = self._within(size, self.size)
        if not 0 < old <= size:
            raise IndexError(f"there is no proof from {old} to {size} entries")
        return merkle.consistency_proof(self.stored_node(), old, size)

    def leaf_hash(self, index: int) -> bytes:
        """The stored hash of one leaf. Raises Damaged where it is missing."""
        return self.stored_node()(0, index)

    def stored_tile(self, level: int, tile: int) -> bytes:
        """The stored hashes of a tile, one after the other; nothing where there is no such tile."""
        return tiles.load(self.query, level, tile)

    def stored_node(self) -> merkle.Node:
        """Roots of full subtrees from the stored hashes."""
        return tiles.node_reader(self.stored_tile)

    def backup(self, target: Path) -> None:
        """Copy the ledger to a new file of mode 0600, durable when this returns; the caller verifies it.

        Raises CannotOpen where the target exists or cannot be written.
        """
        source = self._live()
        try:
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise CannotOpen(f"The copy cannot be written to {target}: {error.strerror}.") from error
        try:
            with contextlib.closing(sqlite3.connect(target, isolation_level=None)) as copy:
                source.backup(copy, pages=_BACKUP_PAGES)
            handle = os.open(target, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
            sync_folder(target.parent)
        except (sqlite3.Error, OSError) as error:
            target.unlink()
            raise CannotOpen(f"The copy cannot be written to {target}: {error}.") from error

    def close(self) -> None:
        """Let go of the file. Closing twice does no harm."""
        db, self._db = self._db, None
        if db is not None:
            db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _sound(self, rows: Sequence[tuple[object, ...]]) -> list[Entry]:
        """These entries, compared with the hashes that are stored for them. Raises Damaged where one is another."""
        entries = [_entry(row) for row in rows]
        stored: dict[int, object] = {}
        for entry in entries:
            row, place = divmod(entry.index, tiles.ROW)
            if row not in stored:
                found = self.query("SELECT hashes FROM tile WHERE level = 0 AND idx = ?", (row,))
                stored[row] = found[0][0] if found else None
            hashes = stored[row]
            at = place * HASH_SIZE
            if not isinstance(hashes, bytes) or hashes[at : at + HASH_SIZE] != bytes.fromhex(entry.leaf):
                raise Damaged(f"Entry {entry.index} is damaged.")
        return entries

    def _live(self) -> sqlite3.Connection:
        if self._db is None:
            raise CannotRead("The record is closed.")
        return self._db

    def _first(self) -> Entry:
        if self._opening is None:
            try:
                self._opening = self.entry(0)
            except IndexError:
                raise Damaged("The record has no first entry.") from None
        return self._opening

    @staticmethod
    def _within(size: int | None, limit: int) -> int:
        if size is not None and not 0 <= size <= limit:
            raise IndexError(f"there are {limit} entries, not {size}")
        return limit if size is None else size


def open_read_only(path: Path, *, high_water: Path | None = None, partly: bool = False) -> Reader:
    """Open a ledger for reading only, without a key. `partly`: also one of which pages are missing, to look at what is
    left (see `partly`), and to rest nothing on it. Raises CannotOpen and Damaged.

    The one thing that may be written is the recovery of a transaction that was cut off, which SQLite needs before it
    can read at all.
    """
    if not path.is_file():
        raise CannotOpen(f"There is no record at {path}.")
    db = schema.connect(path, write=False)
    try:
        _first_look(db, path, partly=partly)
        schema.set_pragma(db, *schema.CACHE)
    except BaseException:
        db.close()
        raise
    return Reader(db, path, high_water)


def _first_look(db: sqlite3.Connection, path: Path, *, partly: bool) -> None:
    try:
        try:
            db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_READONLY_ROLLBACK:
                with contextlib.closing(schema.connect(path, write=True)) as writer:
                    writer.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            elif not partly or not schema.reads_around_damage(db, error):
                raise
        schema.check_format(db, path)
    except sqlite3.Error as error:
        raise schema.opening_error(path, error) from error


def _entry(row: tuple[object, ...]) -> Entry:
    index, leaf = row
    try:
        entry = parse_leaf(leaf) if isinstance(leaf, bytes) else None
    except NotCanonical:
        entry = None
    if entry is None or entry.index != index:
        raise Damaged(f"Entry {index} is damaged.")
    return entry
