"""How a ledger lies in SQLite: tables, triggers, settings, and what SQLite's errors mean in words.

Knows the file format (final). Refuses to know what stands in it.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from checklist.ledger.errors import CannotOpen, CannotRead, Damaged, LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

APPLICATION_ID = 0x434B4C44  # "CKLD" in the file's header
USER_VERSION = 1
BUSY_MS = 10_000

TABLES = {
    "entry": "CREATE TABLE entry(idx INTEGER PRIMARY KEY CHECK(idx >= 0), id TEXT NOT NULL UNIQUE,"
    " leaf BLOB NOT NULL CHECK(length(leaf) <= 16384)) STRICT",
    "checkpoint": "CREATE TABLE checkpoint(size INTEGER PRIMARY KEY CHECK(size > 0), note TEXT NOT NULL) STRICT",
    # What follows may change, being derived: how entries are found by run and kind; the hashes of full subtrees;
    # which views are kept with every append.
    "run_entry": "CREATE TABLE run_entry(idx INTEGER PRIMARY KEY, run TEXT NOT NULL) STRICT",
    "kind_entry": "CREATE TABLE kind_entry(kind TEXT NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY(kind, idx))"
    " STRICT, WITHOUT ROWID",
    "tile": "CREATE TABLE tile(level INTEGER NOT NULL, idx INTEGER NOT NULL, hashes BLOB NOT NULL,"
    " PRIMARY KEY(level, idx)) STRICT, WITHOUT ROWID",
    "kept": "CREATE TABLE kept(one INTEGER PRIMARY KEY CHECK(one = 1), views TEXT NOT NULL) STRICT",
}
# A speed bump for accidents, not security: who can write the file can drop them, and `verify` says so.
# The INSERT triggers stop INSERT OR REPLACE even where a connection has not set recursive_triggers.
_STOP = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
_ENTRY_TAKEN = "WHEN EXISTS(SELECT 1 FROM entry WHERE idx = NEW.idx OR id = NEW.id)"
_SIZE_TAKEN = "WHEN EXISTS(SELECT 1 FROM checkpoint WHERE size = NEW.size)"
TRIGGERS = {
    "entry_update": f"CREATE TRIGGER entry_update BEFORE UPDATE ON entry {_STOP}",
    "entry_delete": f"CREATE TRIGGER entry_delete BEFORE DELETE ON entry {_STOP}",
    "entry_insert": f"CREATE TRIGGER entry_insert BEFORE INSERT ON entry {_ENTRY_TAKEN} {_STOP}",
    "checkpoint_update": f"CREATE TRIGGER checkpoint_update BEFORE UPDATE ON checkpoint {_STOP}",
    "checkpoint_delete": f"CREATE TRIGGER checkpoint_delete BEFORE DELETE ON checkpoint {_STOP}",
    "checkpoint_insert": f"CREATE TRIGGER checkpoint_insert BEFORE INSERT ON checkpoint {_SIZE_TAKEN} {_STOP}",
}
INDEXES = {"run_entry_run": "CREATE INDEX run_entry_run ON run_entry(run)"}
OBJECTS = {**TABLES, **INDEXES, **TRIGGERS}

CACHE = ("cache_size", "-16384", -16384)
"""In KiB: the pages that following a lot through 500 runs touches in a long record. Reads the file when it is set."""
# name, value to set, value to read back (integrity.md §3.2, §4: the mode that lost nothing in 3,000 power cuts)
_WRITER = (
    CACHE,
    ("journal_mode", "TRUNCATE", "truncate"),
    ("synchronous", "EXTRA", 3),
    ("recursive_triggers", "ON", 1),
    ("foreign_keys", "ON", 1),
)
_EVERYONE = (
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("mmap_size", "0", 0),
    ("busy_timeout", str(BUSY_MS), BUSY_MS),
)
_READER = (("query_only", "ON", 1),)

_WORDS = {
    sqlite3.SQLITE_BUSY: "another program is holding the record",
    sqlite3.SQLITE_LOCKED: "another program is holding the record",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "the file or its folder is read-only",
    sqlite3.SQLITE_IOERR: "the disk reported an error (I/O)",
    sqlite3.SQLITE_CORRUPT: "the file is damaged",
    sqlite3.SQLITE_NOTADB: "the file is not a record of this program",
    sqlite3.SQLITE_CANTOPEN: "the file or its folder cannot be opened",
    sqlite3.SQLITE_PERM: "the file may not be used",
    sqlite3.SQLITE_AUTH: "the file may not be used",
}


_RESTORE = (
    "Nothing can be recorded there. Keep the file, and go on from the newest backup (`checklist restore BACKUP DIR`)."
)


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code; -1 where the error did not come from SQLite itself."""
    code = getattr(error, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else -1


def in_words(error: sqlite3.Error) -> str:
    """What an error of SQLite means."""
    return _WORDS.get(primary_code(error), f"the database says: {error}")


def reading_error(error: sqlite3.Error) -> LedgerError:
    """The error to raise where reading failed."""
    undecoded = str(error).startswith("Could not decode")  # of no text of ours: it is what a damaged page looks like
    if undecoded or primary_code(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return Damaged(f"The record cannot be read: {in_words(error)}.")
    return CannotRead(f"The record cannot be read: {in_words(error)}.")


def opening_error(path: Path, error: sqlite3.Error) -> LedgerError:
    """The error to raise where a file cannot be opened."""
    code = primary_code(error)
    if code == sqlite3.SQLITE_CORRUPT:
        return Damaged(f"{path} is damaged: a part of it is missing or was overwritten.", advice=_RESTORE)
    advice = _RESTORE if code == sqlite3.SQLITE_NOTADB else None
    return CannotOpen(f"{path} cannot be opened: {in_words(error)}.", advice=advice)


def connect(path: Path, *, write: bool, factory: type[sqlite3.Connection] = sqlite3.Connection) -> sqlite3.Connection:
    """Open an existing file with the settings above, each read back. Raises CannotOpen and Damaged."""
    uri = f"{path.absolute().as_uri()}?mode={'rw' if write else 'ro'}"
    try:
        db = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_MS / 1000, factory=factory)
    except sqlite3.Error as error:
        raise opening_error(path, error) from error
    try:
        for name, value, expected in _EVERYONE + (_WRITER if write else _READER):
            set_pragma(db, name, value, expected)
    except BaseException as error:
        db.close()
        if isinstance(error, sqlite3.Error):
            raise opening_error(path, error) from error
        raise
    return db


def set_pragma(db: sqlite3.Connection, name: str, value: str, expected: object) -> None:
    """Set a pragma and read it back. Raises CannotOpen where it did not take. One unknown to SQLite gives no row."""
    db.execute(f"PRAGMA {name}={value}").fetchall()
    found = db.execute(f"PRAGMA {name}").fetchall()
    if found and found != [(expected,)]:
        raise CannotOpen(f"This SQLite does not take the setting {name}={value}.")


def reads_around_damage(db: sqlite3.Connection, error: sqlite3.Error) -> bool:
    """Have SQLite read a file of which pages are missing, which it refused with this error: for a connection that only
    reads. Whether our tables are to be had so."""
    if primary_code(error) != sqlite3.SQLITE_CORRUPT:
        return False
    try:
        db.execute("PRAGMA writable_schema=ON")
        for name in TABLES:
            db.execute(f"SELECT 1 FROM {name} LIMIT 0")  # noqa: S608 - a name of ours
    except sqlite3.Error:
        return False
    return True


def check_format(db: sqlite3.Connection, path: Path) -> None:
    """Raise CannotOpen unless the file is a ledger of a version this program knows. Lets sqlite3.Error through."""
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise CannotOpen(f"{path} is not a record of this program.")
    if version != USER_VERSION:
        raise CannotOpen(
            f"{path} has format {version}; this program knows format {USER_VERSION}.",
            advice="Nothing was changed. Install the newer program.",
        )


def create_schema(db: sqlite3.Connection, path: Path) -> None:
    """Write the empty tables, inside the caller's transaction. Raises CannotOpen where there is something already."""
    if db.execute("SELECT count(*) FROM sqlite_schema").fetchone() != (0,):
        raise CannotOpen(f"There is already a record at {path}.")
    for sql in OBJECTS.values():
        db.execute(sql)
    db.execute("INSERT INTO kept VALUES(1, '')")
    db.execute(f"PRAGMA application_id={APPLICATION_ID}")
    db.execute(f"PRAGMA user_version={USER_VERSION}")


OBJECTS_QUERY = "SELECT name, sql, type FROM sqlite_schema WHERE sql IS NOT NULL"


def altered_objects(rows: Iterable[tuple[object, ...]]) -> list[str]:
    """Names of our tables and triggers that are missing or not as we made them, and of triggers that are not ours,
    which could keep an entry from being written; `rows`: OBJECTS_QUERY."""
    listed = [(str(name), sql, kind) for name, sql, kind in rows]
    found = {name: sql for name, sql, _ in listed}
    foreign = [name for name, _, kind in listed if kind == "trigger" and name not in TRIGGERS]
    return [name for name, sql in OBJECTS.items() if found.get(name) != sql] + foreign
