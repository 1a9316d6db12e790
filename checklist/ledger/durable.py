"""Files that are there whole or not at all, of mode 0600, and durable when a call returns.

Knows fsync and rename. Refuses to know what the bytes mean.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

OWNER_ONLY = 0o600


def write_new(path: Path, data: bytes) -> None:
    """Write a new file. Raises FileExistsError rather than replace one, OSError where it cannot be written."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, OWNER_ONLY)
    _fill(handle, data)
    sync_folder(path.parent)


def replace(path: Path, data: bytes) -> None:
    """Write a file in the place of whatever stands there. Raises OSError, and leaves the old one then."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _fill(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, OWNER_ONLY), data)
        fresh.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _fill(handle: int, data: bytes) -> None:
    with os.fdopen(handle, "wb") as file:
        os.fchmod(handle, OWNER_ONLY)
        file.write(data)
        file.flush()
        os.fsync(handle)
