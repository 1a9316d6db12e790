"""What one append writes: sealed entries, their hashes, and one signed checkpoint.

Knows in which tables they go. Transactions, faults and views are the business of the ledger.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from checklist.ledger import filing, tiles
from checklist.ledger.entry import Draft, Entry, new_id, seal
from checklist.ledger.errors import Damaged, NotCanonical
from checklist.ledger.merkle import Frontier
from checklist.ledger.note import Checkpoint

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from checklist.ledger.clock import Clock
    from checklist.ledger.keys import StationKey
    from checklist.ledger.reader import Head
    from checklist.ledger.timeline import Timeline


def seal_all(
    drafts: Sequence[Draft], head: Head, station: str, timeline: Timeline, clock: Clock
) -> tuple[list[tuple[Entry, bytes]], Timeline]:
    """Give each draft its place and its moment; an entry about a clock that jumped comes before the draft.

    Raises NotCanonical for a draft that cannot be recorded.
    """
    index, prev = head.size, head.last_leaf.hex() or None
    sealed: list[tuple[Entry, bytes]] = []
    for draft in drafts:
        about = _of(draft, sealed[-1][0] if sealed else None)
        timeline, moment, jump = timeline.advance(clock())
        for item in (about,) if jump is None else (jump, about):
            entry, leaf = seal(item, station, index, new_id(timeline.last_us // 1000), moment, prev)
            sealed.append((entry, leaf))
            index, prev = index + 1, entry.leaf
    return sealed, timeline


def _of(draft: Draft, last: Entry | None) -> Draft:
    """The draft with the entry that it is about, where that is the one before it in this append."""
    if not draft.of_last:
        return draft
    if last is None:
        raise NotCanonical(f"the {draft.kind!r} entry is about one before it, and there is none")
    return replace(draft, data={**draft.data, "of": {"station": last.station, "index": last.index, "leaf": last.leaf}})


def insert_all(
    db: sqlite3.Connection,
    frontier: Frontier,
    run: str | None,
    sealed: Sequence[tuple[Entry, bytes]],
    key: StationKey,
) -> Frontier:
    """Write the entries, their hashes and a checkpoint signed with `key`, inside the caller's transaction.

    `frontier` is of the tree before, `run` that of the entry before. The frontier after is given back.
    """
    hashes = [bytes.fromhex(entry.leaf) for entry, _ in sealed]
    after = Frontier(frontier.size, [*frontier.hashes])
    for item in hashes:
        after.append(item)
    rows = [(entry.index, entry.id, leaf) for entry, leaf in sealed]
    if db.executemany("INSERT INTO entry VALUES(?, ?, ?)", rows).rowcount != len(rows):
        raise Damaged("Something in the file kept an entry from being written.")
    filing.insert(db, [entry for entry, _ in sealed], run)
    tiles.extend(db, frontier.size, hashes)
    note = key.sign(str(Checkpoint(key.name, after.size, after.root())))
    db.execute("INSERT INTO checkpoint VALUES(?, ?)", (after.size, note))
    return after
