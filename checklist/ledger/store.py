"""The ledger of one station: it can be opened, read and appended to, and nothing else.

Knows that an append is one transaction: entries, hashes, one signed checkpoint, and the views. Refuses to know what
entries mean.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from checklist.ledger import schema
from checklist.ledger.batch import insert_all, seal_all
from checklist.ledger.entry import Draft, Entry, is_station
from checklist.ledger.errors import (
    CannotOpen,
    CannotRead,
    Damaged,
    LedgerError,
    LedgerTruncated,
    NotSaved,
    Unreachable,
    WrongKey,
)
from checklist.ledger.highwater import HighWater
from checklist.ledger.merkle import Frontier
from checklist.ledger.opening import check_opening
from checklist.ledger.place import check_place, create_file, file_identity
from checklist.ledger.reader import Head, Reader, open_read_only
from checklist.ledger.timeline import Timeline
from checklist.ledger.views import View, apply_all, build, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import Self

    from checklist.ledger.clock import Clock
    from checklist.ledger.entry import Json
    from checklist.ledger.keys import StationKey

__all__ = ["Ledger", "Reader", "View"]

RETRIES = 3  # after another program kept us from committing; nothing was saved then


class Ledger(Reader):
    """Reads and appends. One object is used from one thread, the one that made it.

    After a fault the connection is given up; the next call opens the file again, with every check of `open`.
    """

    def __init__(
        self,
        path: Path,
        *,
        key: StationKey,
        clock: Clock,
        views: Sequence[View],
        high_water: Path | None,
        factory: type[sqlite3.Connection],
    ) -> None:
        """Use `Ledger.create` or `Ledger.open`."""
        self._station = key.name.rpartition("/")[2]
        self._mark_path = high_water or key.path.with_name(f"{self._station}.high-water")
        super().__init__(None, path, self._mark_path)
        self._key = key
        self._clock = clock
        self._views = tuple(views)
        self._digest = digest(self._views)
        self._factory = factory
        self._inode = (0, 0)
        self._written = b""  # the hash of the leaf that this object wrote last; what follows stands there
        self._timeline = Timeline()
        self._frontier = Frontier()
        self._run: str | None = None
        self._seen = 0  # the largest size this object has seen; less is a rollback under our hands
        self._closed = False

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        origin: str,
        station: str,
        key: StationKey,
        clock: Clock,
        views: Sequence[View] = (),
        drafts: Sequence[Draft] = (),
        extra: Mapping[str, Json] | None = None,
        high_water: Path | None = None,
        factory: type[sqlite3.Connection] = sqlite3.Connection,
    ) -> Self:
        """Make a new ledger whose log is named "<origin>/<station>", and open it.

        Its first entry is `ledger.opened` (origin, key, and `extra`); `drafts` follow in the same transaction.
        `high_water` is by default "<station>.high-water" beside the key. Raises CannotOpen, WrongKey, NotSaved.
        """
        if not is_station(station) or key.name != f"{origin}/{station}":
            raise WrongKey(f"The key of {key.name} is not the key of the station {station!r} of {origin}.")
        ledger = cls(path, key=key, clock=clock, views=views, high_water=high_water, factory=factory)
        ledger._begin(drafts, extra or {})
        return ledger

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        key: StationKey,
        clock: Clock,
        views: Sequence[View] = (),
        high_water: Path | None = None,
        factory: type[sqlite3.Connection] = sqlite3.Connection,
    ) -> Self:
        """Open a ledger to go on with it; costs the same however long it is, unless its views must be built anew.

        Raises CannotOpen, WrongKey, Damaged, LedgerTruncated.
        """
        ledger = cls(path, key=key, clock=clock, views=views, high_water=high_water, factory=factory)
        ledger.reopen()
        return ledger

    @staticmethod
    def open_read_only(path: Path, *, high_water: Path | None = None) -> Reader:
        """Open a ledger for reading only, without a key. Raises CannotOpen."""
        return open_read_only(path, high_water=high_water)

    def append(self, plan: Callable[[Reader], Sequence[Draft]]) -> list[Entry]:
        """Record what `plan` decides. Durable when this returns.

        `plan` is called with this ledger while nobody else can append, so it decides on the newest state; it may be
        called again where another program kept us from committing. No drafts: nothing is recorded. An entry about a
        clock that jumped may come before the others.

        Raises NotSaved (nothing was saved; it may be tried again), NotCanonical (a draft cannot be recorded; nothing
        was saved), Unreachable (it cannot be found out), Damaged, and whatever `plan` raises (nothing was saved).
        """
        for _ in range(1 + RETRIES):
            entries = self._attempt(plan)
            if entries is not None:
                return entries
        raise NotSaved("Nothing was saved: another program is holding the record.")

    def mark(self) -> None:
        """Write down how far the ledger is, so that an older copy is noticed. Entries are safe without it.

        Where another file has taken our ledger's place meanwhile, nothing is written: the mark would be a lie about it.
        Raises CannotOpen where the file cannot be written.
        """
        if file_identity(self.path) != self._inode:
            return
        head = self.head()
        known = HighWater.read(self._mark_path)
        if known is not None and known.size >= head.size:
            return
        try:
            HighWater(head.size, head.last_leaf.hex()).write(self._mark_path)
        except OSError as error:
            raise CannotOpen(
                f"{self._mark_path} cannot be written: {error.strerror}.",
                advice="All entries are saved. Make room on the disk, or give back the folder's permissions.",
            ) from error

    def reopen(self) -> None:
        """Open the file again, with every check of `open`."""
        self._drop()
        self._connect()

    def close(self) -> None:
        """Mark how far the ledger is, and let go of the file. Closing twice does no harm."""
        if self._db is not None:
            with contextlib.suppress(LedgerError):
                self.mark()
        self._closed = True
        super().close()

    def _live(self) -> sqlite3.Connection:
        if self._db is None and not self._closed:
            self._connect()
        return super()._live()

    # Opening

    def _begin(self, drafts: Sequence[Draft], extra: Mapping[str, Json]) -> None:
        data = {**extra, "origin": self._key.name, "key": self._key.vkey}
        opened = Draft("ledger.opened", data, None, "system")
        if HighWater.read(self._mark_path) is not None:
            raise LedgerTruncated(f"There was already a record of the station {self._station}: {self._mark_path}.")
        check_place(self.path)
        create_file(self.path)
        try:
            db = self._db = schema.connect(self.path, write=True, factory=self._factory)
            self._inode = file_identity(self.path)
            db.execute("BEGIN IMMEDIATE")
            schema.create_schema(db, self.path)
            self._fill_views(db, self.head())
            self._write(db, self.head(), [opened, *drafts])
            db.execute("COMMIT")
        except sqlite3.Error as error:
            self._drop()
            raise NotSaved(f"The record was not made: {schema.in_words(error)}.") from error
        except BaseException:
            self._drop()
            raise

    def _connect(self) -> None:
        check_place(self.path)
        if not self.path.is_file():
            raise CannotOpen(f"There is no record at {self.path}.")
        db = self._db = schema.connect(self.path, write=True, factory=self._factory)
        try:
            self._inode = file_identity(self.path)
            schema.check_format(db, self.path)
            check_opening(self, self._key.verifier, self._mark_path)
            self._renew_views(db)
        except sqlite3.Error as error:
            self._drop()
            raise schema.reading_error(error) from error
        except BaseException:
            self._drop()
            raise

    def _renew_views(self, db: sqlite3.Connection) -> None:
        """Build the views anew where the program's views are others than the file's."""
        if not self._views or self.head().views == self._digest:
            return
        db.execute("BEGIN IMMEDIATE")
        self._fill_views(db, self.head())
        db.execute("COMMIT")

    def _fill_views(self, db: sqlite3.Connection, head: Head) -> None:
        """Keep our views from now on; without any, say that none are kept, for they would grow old."""
        if head.views != self._digest:
            build(db, self._views, self.entries(0, head.size))

    def _drop(self) -> None:
        """Give up the connection; SQLite takes back what was not committed, now or when the file is next opened."""
        db, self._db = self._db, None
        if db is not None:
            with contextlib.suppress(sqlite3.Error):
                db.close()

    # Appending

    def _attempt(self, plan: Callable[[Reader], Sequence[Draft]]) -> list[Entry] | None:
        """Append once. None where nothing was saved and it may be tried again: another program kept us from committing,
        or the file was another one."""
        try:
            db = self._live()
            db.execute("BEGIN IMMEDIATE")
        except (CannotOpen, CannotRead) as error:
            raise NotSaved(f"Nothing was saved. {error}") from error
        except sqlite3.Error as error:
            raise _not_saved(error) from error
        try:
            head = self.head()
            self._fill_views(db, head)
            entries = self._write(db, head, plan(self))
        except sqlite3.Error as error:
            self._roll_back(db)
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY_DBMOVED:
                self._drop()  # another file stands in the place of ours
                return None
            raise _not_saved(error) from error
        except CannotRead as error:
            self._roll_back(db)
            raise NotSaved(f"Nothing was saved. {error}") from error
        except BaseException:
            self._roll_back(db)
            raise
        if not entries:
            self._roll_back(db)
            return []
        try:
            db.execute("COMMIT")
        except sqlite3.Error as error:
            return self._look_up(entries, error)
        return entries

    def _write(self, db: sqlite3.Connection, head: Head, drafts: Sequence[Draft]) -> list[Entry]:
        """Everything that one append writes, inside the transaction."""
        if not drafts:
            return []
        if head.size < self._seen:
            raise LedgerTruncated(f"The record had {self._seen} entries and now has {head.size}: a rollback.")
        self._seen = head.size
        if (head.size, head.last_leaf) != (self._frontier.size, self._written):
            self._catch_up(head)
        # The timeline is kept even if this is rolled back, for the clocks were read.
        sealed, self._timeline = seal_all(drafts, head, self._station, self._timeline, self._clock)
        self._frontier = insert_all(db, self._frontier, self._run, sealed, self._key)
        entries = [entry for entry, _ in sealed]
        self._run, self._written = entries[-1].run, bytes.fromhex(entries[-1].leaf)
        apply_all(db, self._views, entries)
        return entries

    def _catch_up(self, head: Head) -> None:
        """Read how the log ends: this object has not written its last entry."""
        last = self.last()
        if last is None or last.index + 1 != head.size:
            raise Damaged("The last entry is not where the record says it ends.")
        self._frontier = Frontier.of(self.stored_node(), head.size)
        self._run = last.run
        self._timeline = self._timeline.seen_by(last.moment)

    def _roll_back(self, db: sqlite3.Connection) -> None:
        try:
            db.rollback()
        except sqlite3.Error:
            self._drop()

    def _look_up(self, entries: list[Entry], error: sqlite3.Error) -> list[Entry] | None:
        """A failed COMMIT may still have saved everything: open the file again and look (integrity.md §3.3)."""
        self._drop()
        try:
            found = [self.by_id(entry.id) for entry in entries]
        except LedgerError as second:
            raise Unreachable(
                f"Saving failed ({schema.in_words(error)}), and what was saved cannot be looked up: {second}"
            ) from error
        if all(entry is not None for entry in found):
            return entries
        if schema.primary_code(error) == sqlite3.SQLITE_BUSY:
            return None
        raise _not_saved(error) from error


def _not_saved(error: sqlite3.Error) -> NotSaved:
    return NotSaved(f"Nothing was saved: {schema.in_words(error)}.")
