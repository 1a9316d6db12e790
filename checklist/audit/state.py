"""Up to where a record is told: entries that only keep house make no other state of it.

That a report was made, a copy kept or somebody signed in is recorded like everything else; told of the same work twice,
a record is told the same, though the first telling left such an entry behind it.
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


@dataclass(frozen=True, slots=True)
class State:
    """The newest entry that counts: its number, its place, when it was made (UTC), and on which day of the clinic's."""

    n: int
    station: str
    index: int
    at: str
    day: str


def newest(db: sqlite3.Connection) -> State | None:
    """None for a record in which nothing can be read."""
    marks = ", ".join("?" * len(HOUSEKEEPING))  # question marks only: the kinds themselves are bound
    order = "ORDER BY n DESC LIMIT 1"
    question = f"SELECT n, station, idx, at, day FROM entry WHERE kind NOT IN ({marks}) {order}"  # noqa: S608
    row = db.execute(question, HOUSEKEEPING).fetchone()
    return State(*row) if row else None
