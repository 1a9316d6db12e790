"""Files and folders that are there whole or not at all, however large they are and whatever stops the writing.

Knows names, locks, fsync and rename. Refuses to know what is written.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import sqlite3
import time
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

from checklist.audit.errors import AuditError
from checklist.ledger.durable import OWNER_ONLY, sync_folder
from checklist.ledger.schema import in_words
from checklist.protocol.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

_HIDDEN: Final = ".checklist-export-"
_LEFT: Final = 3600
"""Seconds after which a folder that nobody holds was left: between making one and holding it lies a moment."""


class ExportError(AuditError):
    """Nothing was exported; the message says why, and what to do."""


@contextlib.contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """A name in a hidden folder beside `path`, under which a file or folder is written. It gets its own name, durable,
    once the block has ended well; otherwise nothing stays. Raises ExportError, also where something stands there
    already."""
    shown = clean(str(path), limit=300)
    refuse_taken(path)
    if not path.parent.is_dir():
        raise ExportError(f"{shown}: its folder does not exist; make it, or name another place.")
    try:
        with _hidden_beside(path) as hidden:
            fresh = hidden / path.name
            yield fresh
            _sync(fresh)
            refuse_taken(path)  # by another program, while this one was writing
            fresh.rename(path)
            sync_folder(path.parent)
    except OSError as error:
        raise _fault(shown, error.strerror or "it cannot be written") from error
    except sqlite3.Error as error:
        raise _fault(shown, in_words(error)) from error


def refuse_taken(path: Path) -> None:
    """Refuse a place where something stands: what leaves a clinic never takes the place of anything. Raises
    ExportError."""
    if path.exists() or path.is_symlink():
        shown = clean(str(path), limit=300)
        raise ExportError(f"{shown}: is there already; name a file that does not exist yet.")


@contextlib.contextmanager
def _hidden_beside(path: Path) -> Iterator[Path]:
    """A folder that is gone when the block ends, whatever is left in it. Who makes it holds it, so that one that nobody
    holds, and that was not made just now, was left by a program that was killed: the next one takes it away."""
    for left in path.parent.glob(f"{_HIDDEN}*"):
        with contextlib.suppress(OSError), _held(left):
            found = left.lstat()
            if found.st_uid == os.geteuid() and time.time() - found.st_mtime > _LEFT:
                shutil.rmtree(left)
    hidden = Path(mkdtemp(prefix=_HIDDEN, dir=path.parent))
    try:
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(OSError):  # where nothing can be held, nobody takes anything away either
                stack.enter_context(_held(hidden))
            yield hidden
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a folder. Raises OSError where somebody else does, or it is none."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _fault(shown: str, why: str) -> ExportError:
    return ExportError(f"{shown}: nothing was exported ({why}); free some space, or name another place.")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    """Make a file, or all files of a folder, durable and the owner's only."""
    for each in sorted(path.iterdir()) if path.is_dir() else [path]:
        handle = os.open(each, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fchmod(handle, OWNER_ONLY)
            os.fsync(handle)
        finally:
            os.close(handle)
    if path.is_dir():
        sync_folder(path)
