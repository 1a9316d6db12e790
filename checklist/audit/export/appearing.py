"""Files and folders that are there whole or not at all, however large they are and whatever stops the writing.

Knows names, fsync and rename. Refuses to know what is written.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
from typing import TYPE_CHECKING

from checklist.audit.errors import AuditError
from checklist.ledger.durable import OWNER_ONLY, sync_folder
from checklist.ledger.schema import in_words
from checklist.protocol.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class ExportError(AuditError):
    """Nothing was exported; the message says why, and what to do."""


@contextlib.contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """A name beside `path` under which a file or folder is written. It gets its own name, durable, once the block has
    ended well; otherwise nothing stays. Raises ExportError, also where something stands there already."""
    shown = clean(str(path), limit=300)
    if path.exists() or path.is_symlink():
        raise ExportError(f"{shown}: is there already; name a file that does not exist yet.")
    if not path.parent.is_dir():
        raise ExportError(f"{shown}: its folder does not exist; make it, or name another place.")
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield fresh
        _sync(fresh)
        fresh.rename(path)
        sync_folder(path.parent)
    except BaseException as error:
        _remove(fresh)
        if isinstance(error, OSError):
            raise _fault(shown, error.strerror or "it cannot be written") from error
        if isinstance(error, sqlite3.Error):
            raise _fault(shown, in_words(error)) from error
        raise


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


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
    for rest in path.parent.glob(f"{path.name}-*"):  # the journal of a database
        with contextlib.suppress(OSError):
            rest.unlink()
