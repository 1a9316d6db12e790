"""The record as a folder of CSV files, one a table in plain words, safe to open in a spreadsheet.

A text that a spreadsheet would take for a formula gets an apostrophe before it, every cell is quoted, and signs that
act instead of being read are dropped: who wants the record to the byte takes the JSON Lines. Knows nothing of what the
tables say.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

from checklist.audit.export.appearing import sha256_of
from checklist.audit.export.views import VIEWS
from checklist.protocol.text import clean

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from checklist.audit.export.views import Named

    Progress = Callable[[int, int], None]

SUMS: Final = "SHA256SUMS"
"""The file in the folder that names the digest of each other one, as `sha256sum --check` reads it."""
_ACTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
_LONGEST: Final = 32_767  # what a spreadsheet takes in one cell
_PAGE: Final = 2000


def write(folder: Path, db: sqlite3.Connection, *, chosen: bool = False, progress: Progress | None = None) -> int:
    """Write the files into a new folder; how many rows they have. `chosen`: only what stands in the temporary tables
    `chosen` (n of entries) and `chosen_run` (n of runs). Raises OSError and sqlite3.Error."""
    folder.mkdir(mode=0o700)
    count = 0
    sums = []
    for done, view in enumerate(VIEWS):
        if progress is not None:
            progress(done, len(VIEWS))
        path = folder / f"{view.name}.csv"
        count += _file(path, db, view, chosen=chosen)
        sums.append(f"{sha256_of(path)}  {path.name}\n")
    (folder / SUMS).write_text("".join(sums), "ascii")
    if progress is not None:
        progress(len(VIEWS), len(VIEWS))
    return count


def _file(path: Path, db: sqlite3.Connection, view: Named, *, chosen: bool) -> int:
    query = f"WITH said({', '.join(view.columns)}) AS ({view.query}) SELECT * FROM said"  # noqa: S608 - a constant of `VIEWS`
    if chosen:
        query += f" WHERE n IN (SELECT n FROM {'chosen_run' if view.of_run else 'chosen'})"  # noqa: S608 - one of two words written here
    count = 0
    # The mark at the beginning tells a spreadsheet that the text is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        table.writerow(view.columns)
        rows = db.execute(f"{query} ORDER BY n")
        while page := rows.fetchmany(_PAGE):
            table.writerows([cell(value) for value in row] for row in page)
            count += len(page)
    return count


def cell(value: object) -> str:
    """What stands in a cell: nothing for nothing, a number as it is, a text that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    shown = clean(text, limit=_LONGEST)
    return f"'{shown}" if text.startswith(_ACTS) or shown.startswith(_ACTS) else shown
