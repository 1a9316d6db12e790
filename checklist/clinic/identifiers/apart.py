"""How things are set apart by the tables of every ledger together: what a newer ledger says of a thing comes after all
that an older one says.

Knows nothing of where a thing came from, nor whether the tables are right.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from checklist.clinic.identifiers.trace_views import QUARANTINED, RECALLED
from checklist.run.events import text_of
from checklist.trace.follow import Identifier, key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.ledger.entry import Entry
    from checklist.ledger.reader import Reader

EQUIPMENT: Final = "equipment"

State = Literal["quarantined", "recalled"]


class Apart(NamedTuple):
    """How a thing is set apart, and since when it first was (ISO 8601 UTC)."""

    state: State
    since: str


Held = dict[Identifier, Apart]
"""What is set apart so far, by things whose value is its `follow.key`."""


def set_apart(readers: Sequence[Reader], only: Identifier | None = None) -> Held:
    """What is set apart by these ledgers, the one in use last: everything, or no more than this one thing."""
    held: Held = {}
    where, bound = ("", ()) if only is None else (" WHERE kind = ? AND value = ?", (only.kind, key(*only)))
    for reader in readers:
        ended = reader.query(f"SELECT kind, value FROM let_go{where}", bound) if held else ()  # noqa: S608 - `where` is one of the two texts above; values are bound
        for kind, value in ended:
            let_go(held, Identifier(str(kind), str(value)))
        for kind, value, state, at in reader.query(f"SELECT kind, value, state, at FROM set_apart{where}", bound):  # noqa: S608 - as above
            put_apart(held, Identifier(str(kind), str(value)), str(state), str(at))
    return held


def undone(readers: Sequence[Reader], machine: str) -> str:
    """The sentence that tells why a machine is recalled again that had returned; nothing where that is not so."""
    question = "SELECT run FROM set_apart WHERE kind = 'equipment' AND value = ? AND run IS NOT NULL"
    runs = [str(row[0]) for reader in readers for row in reader.query(question, (key(EQUIPMENT, machine),))]
    return f" {runs[-1]}, by which {machine} had returned, was corrected since." if runs else ""


def entries_about(reader: Reader, kind: str, named: Identifier) -> list[Entry]:
    """The entries of a filed kind that are about this thing, oldest first, by the entries themselves: their tables may
    have lost them. Raises Damaged where one that bears its value is not what was recorded."""
    same = (named.kind, key(*named))
    # As a field, by all of it: a short value would be found in hashes too, and whatever is wrong with those entries
    # would count as wrong with this.
    part = f'"value":{json.dumps(same[1], ensure_ascii=False)}'
    return [entry for entry in reader.naming(kind, part) if _about(entry) == same]


def _about(entry: Entry) -> tuple[str, str]:
    kind = text_of(entry.data, "kind") or ""
    return kind, key(kind, text_of(entry.data, "value") or "")


def put_apart(held: Held, named: Identifier, state: str, at: str) -> None:
    """One more ledger has this set apart: a recall stays one, and what was set apart before is so since then."""
    before = held.get(named)
    recalled = state == RECALLED or (before is not None and before.state == RECALLED)
    held[named] = Apart(RECALLED if recalled else QUARANTINED, at if before is None else before.since)


def let_go(held: Held, named: Identifier) -> None:
    """A newer ledger says that this may be used again: a recall is never taken back, but a machine may return."""
    before = held.get(named)
    if before is not None and (before.state == QUARANTINED or named.kind == EQUIPMENT):
        del held[named]
