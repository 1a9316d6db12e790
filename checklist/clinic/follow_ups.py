"""What failures and recalls ask for: when it waits, is walked, and is settled, in the table `follow_up` of `RunsView`.

Refuses to know which list is asked for, and whether one like it waited already: the entries say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.clinic.identifiers.apart import EQUIPMENT
from checklist.run.events import text_of
from checklist.trace.follow import key as key_of

if TYPE_CHECKING:
    import sqlite3

    from checklist.ledger.entry import Entry

_ANSWERED: Final = (  # what a run answers may be about something else: a steriliser, where a pack in a visit was bad
    "settled = 0 AND EXISTS (SELECT 1 FROM run WHERE run.run = ? AND run.protocol = follow_up.protocol"
    " AND follow_up.idx < run.idx AND (run.subject = follow_up.subject"
    " OR substr(follow_up.subject, 1, instr(follow_up.subject || '=', '='))"
    " <> substr(run.subject, 1, instr(run.subject || '=', '='))))"
)


def recalled_thing(kind: str, value: str) -> str:
    """What was called back, as it stands beside the list that this opened."""
    return f"{kind} {key_of(kind, value)}"


def recall_asks(db: sqlite3.Connection, entry: Entry) -> None:
    """A recall opens its list; whether that was waiting or open already was judged when this was recorded."""
    if follows := text_of(entry.data, "opens"):
        thing = recalled_thing(text_of(entry.data, "kind") or "", text_of(entry.data, "value") or "")
        db.execute(
            "INSERT INTO follow_up VALUES (?, ?, '', '', ?, NULL, ?, NULL, 0, ?)",
            (entry.index, follows, text_of(entry.data, "subject") or "", entry.at, thing),
        )


def walk_begun(db: sqlite3.Connection, run: str) -> None:
    """What waits for such a run waits no longer."""
    db.execute(f"UPDATE follow_up SET begun = ? WHERE begun IS NULL AND {_ANSWERED}", (run, run))  # noqa: S608 - `_ANSWERED`, a constant of this module; the run is bound


def walk_ended(db: sqlite3.Connection, run: str | None, *, whole: bool) -> None:
    """What was asked for is settled once it was done; a run that came to nothing leaves it waiting."""
    if whole:
        db.execute(f"UPDATE follow_up SET begun = ?, settled = 1 WHERE {_ANSWERED}", (run, run))  # noqa: S608 - `_ANSWERED`, a constant of this module; the run is bound
    else:
        db.execute("UPDATE follow_up SET begun = NULL, settled = 0 WHERE begun = ?", (run,))


def machine_returned(db: sqlite3.Connection, entry: Entry) -> None:
    """A machine was proved by whatever list lets it return, so what its recall, or that of a load, had asked for by
    when that was begun need not be walked as well."""
    subject, proof = f"{EQUIPMENT}={text_of(entry.data, 'value')}", text_of(entry.data, "proved_by")
    if text_of(entry.data, "kind") == EQUIPMENT and proof:
        db.execute(
            "UPDATE follow_up SET begun = ?, settled = 2"
            " WHERE subject = ? AND recalled IS NOT NULL AND (begun IS NULL OR settled = 2)"
            " AND EXISTS (SELECT 1 FROM run WHERE run.run = ? AND follow_up.idx < run.idx)",
            (proof, subject, proof),
        )


def return_undone(db: sqlite3.Connection, run: str) -> None:
    """A machine that had returned by this run, in which something is corrected, is recalled again: its list waits as
    before."""
    db.execute("UPDATE follow_up SET begun = NULL, settled = 0 WHERE begun = ? AND settled = 2", (run,))
