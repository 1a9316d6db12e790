"""The file in which a catalogue is kept: opened only where it is one, made here, with exactly the tables of `tables`.

Knows what is in the file's way and what to do about it. Does not know what stands in the tables.
"""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import time
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Final

from checklist.audit.tables import INDEXES, SCHEMA, UNREAD
from checklist.ledger.schema import primary_code

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APPLICATION_ID: Final = 0x434B4354  # "CKCT" in the file's header
USER_VERSION: Final = 1
WAIT_S: Final = 60.0  # for another program that is just making the same catalogue
UNUSED_S: Final = 90 * 24 * 3600
"""So long a catalogue is kept that nobody uses."""
_NAME: Final = re.compile(r"[0-9a-f]{64}\.db")
_CACHE_KB: Final = 64 * 1024
_SETTINGS: Final = (
    f"PRAGMA cache_size=-{_CACHE_KB}",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
)
_BROKEN: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_MADE: Final = "SELECT type, name, tbl_name, sql FROM sqlite_schema"


def connect(path: Path | None) -> sqlite3.Connection:
    """The file, made empty where there is none; None: a temporary one. What lies in its place and is no catalogue is
    neither followed nor changed: it gets another name. Raises OSError where the file cannot be made."""
    if path is None:
        return _set(sqlite3.connect("", isolation_level=None))
    if not _is_plain(path):
        _set_aside(path)
    db = _connected(path)
    try:
        if _is_ours(db):
            return _set(db)
    except BaseException:
        db.close()
        raise
    db.close()
    _set_aside(path)
    return _set(_connected(path))


def is_as_made(db: sqlite3.Connection) -> bool:
    """Whether the file holds the tables that are made here, and nothing beside them."""
    ((application,),) = db.execute("PRAGMA application_id").fetchall()
    ((version,),) = db.execute("PRAGMA user_version").fetchall()
    return (application, version) == (APPLICATION_ID, USER_VERSION) and set(db.execute(_MADE)) == _as_made()


def is_broken(db: sqlite3.Connection, error: sqlite3.DatabaseError) -> bool:
    """Whether it is the file that such an error came from."""
    code = primary_code(error)
    try:
        return code in _BROKEN or (code == sqlite3.SQLITE_ERROR and not is_as_made(db))
    except sqlite3.DatabaseError as other:
        return primary_code(other) in _BROKEN


def make_empty(db: sqlite3.Connection) -> None:
    """Drop whatever is there, and make the tables; `make_indexes` once they are filled. Raises DatabaseError."""
    for kind in ("trigger", "view", "table"):
        named = "SELECT name FROM sqlite_schema WHERE type = ? AND name NOT GLOB 'sqlite_*'"
        for (name,) in db.execute(named, (kind,)).fetchall():
            quoted = str(name).replace('"', '""')
            db.execute(f'DROP {kind} "{quoted}"')
    if db.execute(_MADE).fetchone():
        raise sqlite3.DatabaseError("the file holds what cannot be dropped")
    db.execute(f"PRAGMA application_id={APPLICATION_ID}")
    db.execute(f"PRAGMA user_version={USER_VERSION}")
    for statement in _statements(SCHEMA):
        db.execute(statement)


def make_indexes(db: sqlite3.Connection) -> None:
    """Make the indexes: they are quicker made at once than kept up to date meanwhile."""
    for statement in _statements(INDEXES):
        db.execute(statement)


def throw_away(path: Path) -> None:
    """Delete a catalogue: it can be made anew at any time."""
    for left in (path, path.with_name(f"{path.name}-journal")):
        with suppress(OSError):
            left.unlink(missing_ok=True)


def make_room(path: Path) -> None:
    """Say that this catalogue is used today. Where it is yet to be made, take away those beside it that nobody used
    for long: whoever reads many clinics must not fill the disk."""
    with suppress(OSError):
        os.utime(path, follow_symlinks=False)
        return
    for each in path.parent.glob("*.db"):
        with suppress(OSError):
            if _NAME.fullmatch(each.name) and _is_plain(each) and time.time() - each.lstat().st_mtime > UNUSED_S:
                throw_away(each)


@cache
def _as_made() -> frozenset[tuple[object, ...]]:
    db = sqlite3.connect(":memory:")
    try:
        make_empty(db)
        make_indexes(db)
        return frozenset(db.execute(_MADE))
    finally:
        db.close()


def _set(db: sqlite3.Connection) -> sqlite3.Connection:
    for setting in _SETTINGS:
        db.execute(setting)
    db.execute(UNREAD)
    return db


def _is_plain(path: Path) -> bool:
    """Whether there is nothing yet, or a file that has this one name and belongs to whoever asks. It is not opened to
    see: that alone would let go of the locks that this program holds on it."""
    try:
        told = path.lstat()
    except FileNotFoundError:
        return True
    return stat.S_ISREG(told.st_mode) and told.st_nlink == 1 and told.st_uid == os.geteuid()


def _set_aside(path: Path) -> None:
    path.rename(path.with_name(f"{path.name}.left-{time.time_ns()}"))


def _connected(path: Path) -> sqlite3.Connection:
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=WAIT_S)


def _is_ours(db: sqlite3.Connection) -> bool:
    try:
        ((application,),) = db.execute("PRAGMA application_id").fetchall()
        ((pages,),) = db.execute("PRAGMA page_count").fetchall()
    except sqlite3.DatabaseError as error:
        if primary_code(error) not in _BROKEN:
            raise
        return False
    return application == APPLICATION_ID or not pages


def _statements(script: str) -> Iterator[str]:
    """The statements one by one: `executescript` would commit the transaction."""
    statement = ""
    for part in script.split(";"):
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
