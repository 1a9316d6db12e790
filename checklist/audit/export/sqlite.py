"""The record as a database of its own: the tables in which it is laid out, views in plain words, and what Datasette
needs to show them with facets.

Knows SQLite and Datasette's metadata. Knows nothing of where the record came from but what it is told.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from typing import TYPE_CHECKING, Final

from checklist.audit.export.views import VIEWS, create_view

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_INSIDE: Final = ("value", "shape", "shape_step", "shape_entry", "crew", "crew_member", "made")
"""Tables that only help to find things, or say of which edition the others are."""


def write(path: Path, db: sqlite3.Connection, told: Iterable[Mapping[str, object]]) -> int:
    """Write a copy of the tables to a new file, with the views; how many entries it tells of. `told`: a row for each
    ledger of what the copy was made from. Raises sqlite3.Error."""
    db.execute("VACUUM INTO ?", (str(path),))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as copy:
        copy.execute("PRAGMA journal_mode=MEMORY")
        copy.execute("BEGIN")
        copy.execute(
            "CREATE TABLE made_from(station TEXT PRIMARY KEY, size INTEGER NOT NULL, root TEXT NOT NULL,"
            " key TEXT, checkpoint TEXT NOT NULL) STRICT, WITHOUT ROWID"
        )
        copy.executemany("INSERT INTO made_from VALUES (:station, :size, :root, :key, :checkpoint)", [*map(dict, told)])
        for view in VIEWS:
            copy.execute(create_view(view))
        copy.execute("COMMIT")
        copy.execute("PRAGMA optimize=0x10002")
        ((entries,),) = copy.execute("SELECT count(*) FROM entry")
    return int(entries)


def metadata(name: str, title: str) -> bytes:
    """What Datasette is to know of a database of that name, without its ending: the views in words, with facets."""
    tables: dict[str, object] = {
        view.name: {"description": view.about, "columns": dict(view.columns), "facets": [*view.facets]}
        for view in VIEWS
    }
    tables["made_from"] = {"description": "The ledgers that this copy was made from, with their signed checkpoints"}
    tables |= {inside: {"hidden": True} for inside in _INSIDE}
    about = (
        "Made from the record; people are ids, words stay in the clinic. To check it against the signed record, take "
        "the JSON Lines: this database can be changed without showing it."
    )
    told = {"title": title, "databases": {name: {"description": about, "tables": tables}}}
    return json.dumps(told, indent=2, ensure_ascii=False).encode() + b"\n"
