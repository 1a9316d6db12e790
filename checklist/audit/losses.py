"""What of the record, and of the texts that it names, could not be read when the tables were made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from checklist.audit.numbers.done import plans
from checklist.audit.places import place_of, ranges

if TYPE_CHECKING:
    import sqlite3

RULE = "damaged"
"""What it is called among findings, here and in a run. No rule can look at what is not there."""


_NAMED: Final = 3


class Lost(NamedTuple):
    """`first` is the number (n) of the first entry that cannot be read; `whole` where there is no other. `end`: the
    clinic's day of the last entry that can be read, where those that cannot come after it; else ""."""

    first: int
    why: str
    whole: bool
    end: str


def lost(db: sqlite3.Connection) -> Lost | None:
    """What could not be read, in a sentence; None where everything could."""
    count, first, newest = db.execute("SELECT count(*), min(n), max(n) FROM damage").fetchone()
    if not count:
        return None
    ((why,),) = db.execute("SELECT why FROM damage WHERE n = ?", (first,)).fetchall()
    entries = "One entry" if count == 1 else f"{count:,} entries"
    which = ranges(place for (place,) in db.execute("SELECT station || '#' || idx FROM damage ORDER BY n"))
    told = f"{entries} of the record cannot be read; the first is {place_of(db, first)}: it {why}"
    if count > 1:
        more = f" and {len(which) - _NAMED:,} more places" if len(which) > _NAMED else ""
        told = f"{entries} of the record cannot be read: {', '.join(which[:_NAMED])}{more}; the first {why}"
    last = db.execute("SELECT n, day FROM entry ORDER BY n DESC LIMIT 1").fetchone()
    return Lost(int(first), told, last is None, last[1] if last is not None and last[0] < newest else "")


def texts_lost(db: sqlite3.Connection) -> str | None:
    """Of how many protocols the text could not be read, in a sentence; None where all of them could."""
    ((count, known),) = db.execute(
        "SELECT sum(sha256 NOT IN (SELECT sha256 FROM written)), count(*) FROM text WHERE kind = 'protocol'"
    ).fetchall()
    if not count:
        return None
    texts = "The text of one adopted protocol is" if count == 1 else f"The texts of {count} adopted protocols are"
    return f"{texts} missing or changed, of {known}: nothing was judged by what such a text says of its steps."


def plans_lost(db: sqlite3.Connection) -> str | None:
    """Which plans could not be read, in a sentence; None where all of them could."""
    days = plans(db).lost
    if not days:
        return None
    named = f"The plan that was recorded on {days[0]} is" if len(days) == 1 else f"The plans of {', '.join(days)} are"
    return (
        f"{named} missing or changed: while such a plan was in force, nothing counts as asked for, late or missed, and"
        " no day as closed."
    )
