"""Building the views anew of a ledger that nobody goes on with, such as one that a restore left.

Knows that only derived tables are written, for which no key is needed. Refuses to touch an entry, or to judge one.
"""

from __future__ import annotations

import contextlib
import sqlite3
import stat
from typing import TYPE_CHECKING

from checklist.ledger import schema
from checklist.ledger.errors import CannotOpen, Damaged
from checklist.ledger.place import check_place
from checklist.ledger.reader import Reader
from checklist.ledger.views import build, digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from checklist.ledger.views import View


def renew_views(path: Path, views: Sequence[View]) -> None:
    """Have these views kept in the file, in one transaction; nothing is done where they are. Raises LedgerError."""
    check_place(path)
    with _writable(path), contextlib.closing(schema.connect(path, write=True)) as db:
        reader = Reader(db, path)
        try:
            schema.check_format(db, path)
            db.execute("BEGIN IMMEDIATE")
            head = reader.head()
            if head.views == digest(views):
                return
            if altered := schema.altered_objects(reader.query(schema.OBJECTS_QUERY)):
                raise Damaged(f"The protection of the record was changed: {', '.join(altered)}.")
            build(db, views, reader.entries(0, head.size))
            db.execute("COMMIT")
        except sqlite3.Error as error:
            raise CannotOpen(
                f"Another version of the program kept its tables, and they cannot be built anew: "
                f"{schema.in_words(error)}.",
                advice="Give back the permissions of the file and of its folder, or make room on the disk.",
            ) from error


@contextlib.contextmanager
def _writable(path: Path) -> Iterator[None]:
    """The file, which its owner may have made read-only, as one that can be written to; then as it was before."""
    mode = stat.S_IMODE(path.stat().st_mode)
    with contextlib.suppress(OSError):  # who may not do this will be told by the writing
        path.chmod(mode | stat.S_IWUSR)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.chmod(mode)
