"""people.db as a file: its tables, how it is opened, and what its faults mean.

Knows SQLite. Does not know what people, names or openings are for.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

from checklist.ledger.durable import sync_folder, write_new
from checklist.people.errors import (
    StoreDamagedError,
    StoreError,
    StoreExposedError,
    StoreFullError,
    StoreLockedError,
)
from checklist.people.files import exposure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APPLICATION_ID: Final = 0x434C5050  # "CLPP"
USER_VERSION: Final = 2
BUSY_SECONDS = 10.0

# What version 1 had not: a badge's HMAC, and whether the secret is a PIN, which needs the badge.
_SINCE_VERSION_1: Final = (
    "ALTER TABLE person ADD COLUMN badge BLOB",
    "ALTER TABLE person ADD COLUMN pin INTEGER NOT NULL DEFAULT 0",
    "CREATE UNIQUE INDEX person_badge ON person(badge) WHERE badge IS NOT NULL",
    f"PRAGMA user_version = {USER_VERSION}",
)

_SCHEMA: Final = (
    # `key` is the name as names are compared; two people may share it once one of them is disabled.
    """CREATE TABLE person(id TEXT PRIMARY KEY, name TEXT NOT NULL, key TEXT NOT NULL, secret TEXT,
       at TEXT NOT NULL) STRICT""",
    "CREATE INDEX person_key ON person(key)",
    """CREATE TABLE opening(commitment TEXT PRIMARY KEY, kind TEXT NOT NULL, fields TEXT NOT NULL,
       salt BLOB NOT NULL, at TEXT NOT NULL) STRICT""",
    "CREATE INDEX opening_at ON opening(at, commitment)",
    "CREATE INDEX opening_reference ON opening(fields) WHERE kind = 'reference'",
    # Openings kept before `swept_until` need not be looked at again; `scrub` is 1 while deleted bytes may be
    # left in the file.
    """CREATE TABLE upkeep(one INTEGER PRIMARY KEY CHECK(one = 1), swept_until TEXT NOT NULL,
       scrub INTEGER NOT NULL) STRICT""",
    "INSERT INTO upkeep(one, swept_until, scrub) VALUES (1, '', 0)",
    f"PRAGMA application_id = {APPLICATION_ID}",
    *_SINCE_VERSION_1,
)

# Name, value set, value that must be read back. What is deleted is overwritten (secure_delete, and see
# `scrub`), and never lies in a temporary file; what is committed survives a power cut (TRUNCATE and EXTRA).
_PRAGMAS: Final = (
    ("secure_delete", "ON", 1),
    ("journal_mode", "TRUNCATE", "truncate"),
    ("synchronous", "EXTRA", 3),
    ("temp_store", "MEMORY", 2),
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
)


def create(path: Path) -> sqlite3.Connection:
    """A new people.db of mode 0600, durable on return, or none at all when a StoreError is raised."""
    try:
        write_new(path, b"")
    except FileExistsError as fault:
        raise StoreError(f"{path.name}: there is such a file already: open it, or move it away.") from fault
    except OSError as fault:
        raise StoreError(f"{path.name}: cannot be created: check the folder and the disk.") from fault
    try:
        connection = connect(path)
        with writing(connection, path):
            for statement in _SCHEMA:
                connection.execute(statement)
    except StoreError:
        path.unlink()
        raise
    return connection


def open_existing(path: Path) -> sqlite3.Connection:
    """A people.db that is ours alone, of mode 0600 or stricter, and of a version this program knows; one of version
    1 is brought up to date."""
    try:
        reason = exposure(path.lstat())
    except OSError as fault:
        raise StoreError(f"{path.name}: cannot be found: put it back from a backup.") from fault
    if reason is not None:
        raise StoreExposedError(f"{path.name}: {reason}.")
    connection = connect(path)
    try:
        if _version(connection, path) == 1:
            _renew(connection, path)
    except StoreError:
        connection.close()
        raise
    return connection


def connect(path: Path) -> sqlite3.Connection:
    """A connection, for the thread that asks for it, whose settings were read back."""
    uri = f"{path.absolute().as_uri()}?mode=rw"
    with faults(path):
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_SECONDS)
        connection.text_factory = _text
    try:
        for name, value, expected in _PRAGMAS:
            _set(connection, path, name, value, expected)
    except StoreError:
        connection.close()
        raise
    return connection


def copy(source: sqlite3.Connection, path: Path, target: Path) -> None:
    """Copy the open people.db at `path` to a new file of mode 0600, checked and durable, or to none."""
    try:
        write_new(target, b"")
    except OSError as fault:
        raise StoreError(f"{target.name}: the copy cannot be written: choose a new file elsewhere.") from fault
    try:
        with closing(connect(target)) as connection, faults(target):
            source.backup(connection)
            sound = connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
        if not sound:
            raise _damaged(path)
    except StoreError:
        target.unlink()
        raise
    sync_folder(target.parent)


def scrub(connection: sqlite3.Connection, path: Path) -> None:
    """Rewrite the file if anything was deleted since the last time, so that no byte of it remains.

    secure_delete overwrites a deleted row where it lies, but not the copies that SQLite left in the slack of
    pages when it moved rows between them (SQLite 3.40.1: 12 of about 17,000 deleted rows); only a rewrite
    drops those. What the disk itself keeps of freed blocks is out of reach from here.
    """
    with faults(path):
        if connection.execute("SELECT scrub FROM upkeep").fetchone() == (0,):
            return
        connection.execute("VACUUM")
        connection.execute("UPDATE upkeep SET scrub = 0")


@contextmanager
def writing(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """One transaction: all of it is durable at the end of the block, or none of it happened."""
    with faults(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """Turn what SQLite reports into a StoreError that names the file."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # a mistake in the program, such as the wrong thread
    except sqlite3.Error as fault:
        raise _store_error(path, fault) from fault


def _set(connection: sqlite3.Connection, path: Path, name: str, value: str, expected: object) -> None:
    with faults(path):
        connection.execute(f"PRAGMA {name} = {value}")
        found = connection.execute(f"PRAGMA {name}").fetchone()
    if found != (expected,):
        raise StoreError(f"{path.name}: the database refuses {name}={value}: use another disk or system.")


def _version(connection: sqlite3.Connection, path: Path) -> int:
    with faults(path):
        application = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != (APPLICATION_ID,):
        raise StoreDamagedError(f"{path.name}: is not a people.db: put it back from a backup.")
    if version not in (1, USER_VERSION):
        raise StoreError(f"{path.name}: was written by another version: use the newest version of the program.")
    return int(version)


def _renew(connection: sqlite3.Connection, path: Path) -> None:
    """Bring a file of version 1 up to date."""
    with writing(connection, path):
        if _version(connection, path) == 1:  # no other program has done it meanwhile
            for statement in _SINCE_VERSION_1:
                connection.execute(statement)


def _store_error(path: Path, fault: sqlite3.Error) -> StoreError:
    code = getattr(fault, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return StoreLockedError(f"{path.name}: another program holds it: close that program and try again.")
    if code == sqlite3.SQLITE_FULL:
        return StoreFullError(f"{path.name}: the disk is full: make room and try again.")
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return _damaged(path)
    return StoreError(f"{path.name}: cannot be read or written ({fault}): check the disk and the folder.")


def _damaged(path: Path) -> StoreDamagedError:
    return StoreDamagedError(f"{path.name}: is damaged: put it back from a backup.")


def _text(stored: bytes) -> str:
    """Damaged text must not hide the rest of a list; an opening with it does not open its commitment."""
    return stored.decode("utf-8", "replace")
