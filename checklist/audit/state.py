"""Up to where a record is told: entries that only keep house make no other state of it, and whoever reads it moves no
period.

That a report was made, a copy kept or somebody signed in is recorded like everything else; told of the same work twice,
a record is told the same, though the first telling left such an entry behind it. A remark, a review, an anchor or a
verification is told of, but says nothing of the clinic's work: days and ages are counted up to that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3

HOUSEKEEPING: Final = (
    "exported",
    "sampled",
    "backed-up",
    "signed-in",
    "signed-out",
    "sign-in.failed",
    "station.started",
    "station.stopped",
)
"""The kinds of entries that keep house."""
READING: Final = ("remarked", "reviewed", "anchored", "verified")
"""The kinds of entries that come of reading a record and of vouching for it."""
_LAST: Final = "FROM entry WHERE kind NOT IN ({}) ORDER BY n DESC LIMIT 1"
LAST_WORK: Final = _LAST.format(", ".join(f"'{kind}'" for kind in (*HOUSEKEEPING, *READING)))
"""The newest entry that is neither: the end of `SELECT … `."""


@dataclass(frozen=True, slots=True)
class State:
    """The newest entry that counts: its number, its place, when it was made (UTC), and on which day of the clinic's."""

    n: int
    station: str
    index: int
    at: str
    day: str


def newest(db: sqlite3.Connection) -> State | None:
    """The newest entry that does not only keep house; None for a record in which nothing can be read."""
    return _state(db, _LAST.format(", ".join(f"'{kind}'" for kind in HOUSEKEEPING)))


def worked(db: sqlite3.Connection) -> State | None:
    """The newest entry of the clinic's own work: up to it days and ages are counted. Where there is none but readers'
    entries, the newest of those."""
    return _state(db, LAST_WORK) or newest(db)


def _state(db: sqlite3.Connection, last: str) -> State | None:
    row = db.execute(f"SELECT n, station, idx, at, day {last}").fetchone()
    return State(*row) if row else None
