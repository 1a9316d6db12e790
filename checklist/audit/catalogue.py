"""The catalogue: the whole record of a clinic laid out in tables (see `tables`), made from its ledgers and kept up with
them.

Each pass takes in what was appended since the last one, in one transaction: a program that is killed leaves the old
state or the new one. Every leaf is compared with the hash that is stored for it; one that cannot be read, or is another
than was recorded, becomes a row of `damage`, and the rest goes on without it. Whether the stored hashes are those that
were signed is for `verify` to say. Where what was taken in before is not what the ledgers hold now, or was laid out by
another version of the program or in another time zone, everything is made anew.
"""

from __future__ import annotations

import contextlib
import gc
import sqlite3
from typing import TYPE_CHECKING, Final, Self, TypeVar

from checklist.audit import keeping, runs
from checklist.audit.errors import CatalogueError
from checklist.audit.filling import Filling
from checklist.audit.places import Spans, size_of, station_of
from checklist.audit.tables import EDITION
from checklist.audit.written import fill_written
from checklist.ledger.entry import check_leaf
from checklist.ledger.errors import Damaged, NotCanonical
from checklist.ledger.merkle import leaf_hash
from checklist.ledger.partly import hashes_between, rows_between
from checklist.ledger.schema import in_words, primary_code
from checklist.ledger.tiles import WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from checklist.ledger.reader import Reader
    from checklist.protocol.model import Protocol

    Progress = Callable[[int, int], None]
    Texts = Callable[[str], Protocol | None]

_T = TypeVar("_T")

_WAIT_TO_KEEP_MS: Final = 2000  # for another program, before derived rows are kept in a copy instead
_PAGE: Final = 16 * WIDTH
_HELD: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_NO_ROOM: Final = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}
)
_ADVICE: Final = {
    sqlite3.SQLITE_FULL: "free some space, or name another folder in TMPDIR",
    sqlite3.SQLITE_IOERR: "see whether the disk is full or failing, or name another folder in TMPDIR",
    sqlite3.SQLITE_BUSY: "wait until it is done, or close it, and ask again",
}


class Catalogue:
    """The tables, through `db`. `behind` says that another program held them, and that they were not brought up to
    date. One object is used from one thread."""

    def __init__(self, db: sqlite3.Connection, path: Path | None = None) -> None:
        """`path`: where the file lies; None where it is gone once it is closed."""
        self.db = db
        self.behind = False
        self._path = path

    def close(self) -> None:
        """Let go of the file. Closing twice does no harm."""
        self.db.close()

    def __enter__(self) -> Self:
        """Give the catalogue itself; it is closed at the end of the block."""
        return self

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        """Close the catalogue. Where its file turned out to be damaged, a CatalogueError says what was done."""
        healed = self.heal(error)
        self.close()
        if healed:
            raise CatalogueError(
                "The tables for reading the record were damaged. They have been thrown away and are made anew from the"
                " record: ask again."
            ) from error

    def heal(self, error: BaseException | None) -> bool:
        """Whether an error came from damage to the file. It is closed and thrown away then, and whoever opens it next
        makes it anew."""
        found = _of_the_file(error)
        if found is None or self._path is None or not keeping.is_broken(self.db, found):
            return False
        self.close()
        keeping.throw_away(self._path)
        return True

    def put(self, deed: Callable[[], _T]) -> _T:
        """Do what puts derived rows into `db`. Where another program holds the file, or the disk is full, it is done
        once more in a copy of the tables that is gone when this is closed. Raises CatalogueError."""
        try:
            return deed()
        except (sqlite3.Error, CatalogueError) as error:
            found = _of_the_file(error)
            if found is None or self._path is None or primary_code(found) not in _HELD | _NO_ROOM:
                raise
            self._move_apart()
        return deed()

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction in which derived rows are put in: all of them, or none. Raises CatalogueError."""
        with _said(), _transaction(self.db):
            yield self.db

    def hide(self, steps: Iterable[tuple[int, str]]) -> None:
        """Let nothing be found by what was read at these steps (of the runs with these numbers)."""
        self.db.executemany("INSERT OR IGNORE INTO temp.unread VALUES (?, ?)", steps)

    def hidden(self) -> list[tuple[int, str]]:
        """Those steps."""
        return self.db.execute("SELECT run, step FROM temp.unread").fetchall()

    def made(self, key: str) -> str | None:
        """What is said of how the tables were made under this key."""
        row = self.db.execute("SELECT value FROM made WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def note(self, key: str, value: str) -> None:
        """Say of the tables how they were made."""
        self.db.execute("INSERT OR REPLACE INTO made VALUES (?, ?)", (key, value))

    def _move_apart(self) -> None:
        with _said():
            apart = keeping.connect(None)
            try:
                self.db.execute("BEGIN")
                self.db.execute("SELECT 1 FROM made").fetchone()  # else the copy would wait for ever for a lock
                self.db.backup(apart)
                apart.executemany("INSERT INTO temp.unread VALUES (?, ?)", self.hidden())
            except BaseException:
                apart.close()
                raise
        self.db.close()
        self.db, self._path = apart, None


def open_catalogue(
    path: Path | None, readers: Sequence[Reader], zone: str, texts: Texts, progress: Progress | None = None
) -> Catalogue:
    """The catalogue of these ledgers (the one in use last), made or brought up to date. None: in a temporary file.

    `zone` is the clinic's time zone, `texts` gives the protocol of these bytes or None. Raises CatalogueError where the
    tables cannot be written, and LedgerError where a ledger cannot be read at all.
    """
    if path is not None:
        try:
            return _opened(path, readers, zone, texts, progress)
        except (sqlite3.DatabaseError, ValueError) as error:
            code = primary_code(error) if isinstance(error, sqlite3.Error) else -1
            if code in _HELD and isinstance(error, sqlite3.Error):
                raise _fault(error) from error
        if code in _NO_ROOM:
            path = None
        else:
            keeping.throw_away(path)
    with _said():
        return _opened(path, readers, zone, texts, progress)


def _opened(
    path: Path | None, readers: Sequence[Reader], zone: str, texts: Texts, progress: Progress | None
) -> Catalogue:
    db = keeping.connect(path)
    try:
        catalogue = Catalogue(db, path)
        if _stands(db, readers, zone) is not _Stand.CURRENT:
            try:
                with _transaction(db), _uncollected():
                    _bring_up_to_date(catalogue, readers, zone, texts, progress)
            except sqlite3.OperationalError as error:
                if primary_code(error) not in _HELD or _stands(db, readers, zone) is not _Stand.BEHIND:
                    raise
                catalogue.behind = True
        db.execute(f"PRAGMA busy_timeout={_WAIT_TO_KEEP_MS}")
    except BaseException:
        db.close()
        raise
    return catalogue


class _Stand:
    """How what was taken in before stands to the ledgers."""

    CURRENT: Final = "current"
    BEHIND: Final = "behind"
    OTHER: Final = "other"


def _stands(db: sqlite3.Connection, readers: Sequence[Reader], zone: str) -> str:
    if not keeping.is_as_made(db):
        return _Stand.OTHER
    made = dict(db.execute("SELECT key, value FROM made"))
    stations = {station_of(reader) for reader in readers}
    known = {key.removeprefix("size ") for key in made if key.startswith("size ")}
    if made.get("edition") != EDITION or made.get("zone") != zone or not known <= stations:
        return _Stand.OTHER
    behind = False
    for reader in readers:
        size, taken = size_of(reader), int(made.get(f"size {station_of(reader)}", "0"))
        if taken and behind:  # an earlier ledger that could not be read before: its entries come first
            return _Stand.OTHER
        if size < taken or (taken and made.get(f"root {station_of(reader)}") != _root(reader, taken)):
            return _Stand.OTHER
        behind = behind or size > taken
    return _Stand.BEHIND if behind else _Stand.CURRENT


def _root(reader: Reader, size: int) -> str:
    """The root over the first entries, by the hashes that are stored for them, in hex; empty where they do not make up
    one. It takes a few of them, however long the record is."""
    try:
        return reader.root(size).hex()
    except (Damaged, IndexError, ValueError):
        return ""


def _bring_up_to_date(
    catalogue: Catalogue, readers: Sequence[Reader], zone: str, texts: Texts, progress: Progress | None
) -> None:
    db = catalogue.db
    stand = _stands(db, readers, zone)  # another program may have done it while this one waited
    if stand is _Stand.CURRENT:
        return
    fresh = stand is _Stand.OTHER
    if fresh:
        keeping.make_empty(db)
        catalogue.note("edition", EDITION)
        catalogue.note("zone", zone)
    spans = _spans(db)
    filling = Filling(db, zone, spans, texts)
    parts = []
    for reader in readers:
        station = station_of(reader)
        parts.append((reader, station, int(catalogue.made(f"size {station}") or 0), size_of(reader)))
    total, done = sum(size - taken for *_, taken, size in parts), 0
    (n,) = db.execute(
        "SELECT max(coalesce((SELECT max(n) + 1 FROM entry), 0), coalesce((SELECT max(n) + 1 FROM damage), 0))"
    ).fetchone()
    for reader, station, taken, size in parts:
        if size > taken and spans.begin(station, taken, n):
            catalogue.note(f"span {station} {taken}", str(n))
        for start in range(taken, size, _PAGE):
            end = min(start + _PAGE, size)
            _take_page(filling, reader, station, start, end, n)
            filling.flush()
            n, done = n + end - start, done + end - start
            if progress is not None:
                progress(done, total)
        catalogue.note(f"size {station}", str(size))
        catalogue.note(f"root {station}", _root(reader, size) if size else "")
    for number, (reader, station, *_) in enumerate(parts, 1):
        runs.settle(db, reader, station, spans, in_use=number == len(parts))
    fill_written(db, texts)
    if fresh:
        keeping.make_indexes(db)


def _spans(db: sqlite3.Connection) -> Spans:
    spans = Spans()
    found = []
    for key, n in db.execute("SELECT key, value FROM made WHERE key GLOB 'span *'"):
        _, station, index = key.split(" ")
        found.append((int(n), station, int(index)))
    for number, station, index in sorted(found):
        spans.begin(station, index, number)
    return spans


def _take_page(filling: Filling, reader: Reader, station: str, start: int, end: int, n: int) -> None:
    """Take in the entries from `start` to `end`, of which the first is the n-th."""
    rows, _ = rows_between(reader, start, end)
    hashes = hashes_between(reader, start, end)
    for index in range(start, end):
        leaf = rows[index][2] if index in rows else None
        number = n + index - start
        if not isinstance(leaf, bytes):
            filling.damaged(number, station, index, "is missing, or the file is damaged there")
        elif leaf_hash(leaf) != hashes.get(index):
            why = "is another than was recorded" if index in hashes else "has no hash that can be read"
            filling.damaged(number, station, index, why)
        else:
            try:
                match, data = check_leaf(leaf)
            except NotCanonical as error:
                filling.damaged(number, station, index, str(error))
                continue
            if match["station"].decode() != station or int(match["index"]) != index:
                filling.damaged(number, station, index, "says that it stands elsewhere")
            else:
                filling.take(number, station, index, match, data)


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.rollback()
        raise


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no garbage that refers to itself: none is made here, and looking takes a sixth of the time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


@contextlib.contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise _fault(error) from error


def _of_the_file(error: BaseException | None) -> sqlite3.DatabaseError | None:
    """What SQLite said, where that is what went wrong."""
    cause = error.__cause__ if isinstance(error, CatalogueError) else error
    return cause if isinstance(cause, sqlite3.DatabaseError) else None


def _fault(error: sqlite3.Error) -> CatalogueError:
    advice = _ADVICE.get(primary_code(error))
    why = f"{in_words(error)}{f'; {advice}' if advice else ''}"
    return CatalogueError(f"The tables for reading the record cannot be used: {why}.")
