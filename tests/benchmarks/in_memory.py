"""The program with its ledger in memory: what the screen costs without the disk. Loses everything when it ends."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from checklist.ledger import schema

if TYPE_CHECKING:
    from pathlib import Path

_connect = schema.connect


def connect(path: Path, *, write: bool, factory: type[sqlite3.Connection] = sqlite3.Connection) -> sqlite3.Connection:
    """A copy of the ledger in memory; the settings that say how a file is written do not apply to it."""
    memory = sqlite3.connect(":memory:", isolation_level=None, factory=factory)
    with contextlib.closing(_connect(path, write=write)) as file:
        file.backup(memory)
    memory.execute("PRAGMA recursive_triggers=ON")
    return memory


if __name__ == "__main__":
    schema.connect = connect
    from checklist.__main__ import main

    main()
