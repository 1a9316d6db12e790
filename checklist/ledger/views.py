"""Tables that are derived from the entries: kept with every append, built anew, and compared with the rebuild.

Knows that a view has tables and can take in an entry. Refuses to know what any view is about.
"""

from __future__ import annotations

import functools
import hashlib
import re
import sqlite3
from itertools import zip_longest
from typing import TYPE_CHECKING, Protocol

from checklist.ledger.entry import entry_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from checklist.ledger.entry import Entry, Json
    from checklist.ledger.reader import Reader


_FINDING = re.compile(r"\s*CREATE\s+INDEX\s", re.IGNORECASE)  # without UNIQUE it changes no table


class View(Protocol):
    """Tables that answer a question, and how one more entry changes them."""

    @property
    def name(self) -> str:
        """A short name, for `verify` and for people."""

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of its tables; no two views share one."""

    @property
    def schema(self) -> str:
        """The statements that make the tables, each ended by a semicolon."""

    def reads(self, kind: str) -> frozenset[str] | None:
        """The keys of data without which an entry of this kind changes nothing here; None where it always may.

        Of several keys one is enough; no key at all says that no entry of this kind changes anything.
        """

    def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Take in one more entry; reads and writes nothing but its own tables."""


def digest(views: Sequence[View]) -> str:
    """Names a set of views in their present form; empty for none."""
    if not views:
        return ""
    text = "\n".join(f"{view.name}\n{view.schema}" for view in views)
    return hashlib.sha256(text.encode()).hexdigest()


def create_tables(db: sqlite3.Connection, views: Sequence[View], *, indexes: bool = True) -> None:
    """Make the views' tables anew and empty, inside the caller's transaction, and those indexes that only find."""
    for view in views:
        for table in view.tables:
            db.execute(f'DROP TABLE IF EXISTS "{table}"')
        for statement in _statements(view.schema):
            if indexes or not _FINDING.match(statement):
                db.execute(statement)


def apply_all(db: sqlite3.Connection, views: Sequence[View], entries: Iterable[Entry]) -> None:
    """Take in entries, in order, inside the caller's transaction."""
    for entry in entries:
        for view in views:
            view.apply(db, entry)


def build(db: sqlite3.Connection, views: Sequence[View], entries: Iterable[Entry]) -> None:
    """Make the views anew from all entries, and say in the file which they are, inside the caller's transaction."""
    create_tables(db, views)
    apply_all(db, views, entries)
    db.execute("UPDATE kept SET views = ?", (digest(views),))


def _statements(schema: str) -> Iterator[str]:
    """The statements one by one: `executescript` would commit the transaction."""
    statement = ""
    for part in schema.split(";"):
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            if statement.strip(" \n\t;"):
                yield statement
            statement = ""


class Rebuild:
    """The views, built anew beside the ledger in a temporary database that SQLite keeps on disk when it grows."""

    def __init__(self, views: Sequence[View]) -> None:
        self._views = views
        self._next = 0
        self.db = sqlite3.connect("", isolation_level=None)
        self.db.execute("PRAGMA journal_mode=OFF")
        self.db.execute("PRAGMA synchronous=OFF")
        self.db.execute("BEGIN")  # and never a COMMIT: nothing here is kept
        create_tables(self.db, views, indexes=False)
        self._readers = functools.lru_cache(maxsize=256)(self._readers_of)

    def _readers_of(self, kind: bytes) -> tuple[frozenset[str] | None, tuple[View, ...]]:
        """The keys without which no view takes in anything of this kind (None: one always may), and those views."""
        found = [(view, view.reads(kind.decode())) for view in self._views]
        wanted: frozenset[str] | None = frozenset()
        for _, keys in found:
            wanted = None if wanted is None or keys is None else wanted | keys
        return wanted, tuple(view for view, keys in found if keys is None or keys)

    def take(self, entry: Entry) -> None:
        """Take in the next entry."""
        self._next = entry.index + 1
        for view in self._views:
            view.apply(self.db, entry)

    def take_leaf(self, index: int, match: re.Match[bytes], data: Mapping[str, Json], hashed: bytes) -> None:
        """Take in the next entry from its checked leaf (see `entry_of`): most are of no concern to any view."""
        self._next = index + 1
        wanted, readers = self._readers(match["kind"])
        if wanted is None or not wanted.isdisjoint(data):
            entry = entry_of(match, data, hashed)
            for view in readers:
                view.apply(self.db, entry)

    def differences(self, reader: Reader) -> list[str]:
        """How the ledger's own tables differ: one sentence a table. Takes in what was appended meanwhile first.

        Both must stand at the same entry, so the last step reads in one transaction. Raises LedgerError.
        """
        for entry in reader.entries(self._next):
            self.take(entry)
        with reader.snapshot():
            for entry in reader.entries(self._next):
                self.take(entry)
            found = []
            for view in self._views:
                for table in view.tables:
                    why = self._difference(reader, table)
                    if why:
                        found.append(f"The table {table} of the view {view.name} {why}.")
        return found

    def _difference(self, reader: Reader, table: str) -> str | None:
        names = self.db.execute("SELECT name FROM pragma_table_info(?)", (table,))
        columns = ", ".join(f'"{name}"' for (name,) in names)
        query = f'SELECT * FROM "{table}" ORDER BY {columns}'  # noqa: S608 - names of our own tables
        if not reader.query("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (table,)):
            return "is missing"
        theirs = reader.each(query)
        for row, other in zip_longest(self.db.execute(query), theirs):
            if row != other:
                theirs.close()
                return "has another row than its entries give"
        return None

    def close(self) -> None:
        """Let go of the temporary database."""
        self.db.close()
