"""Under which run and which kind each entry is found, and whether that is so.

Knows two tables that are derived from the entries, both kept small, so that an ordinary step touches neither. By run
only the first entry of each stretch is filed: one whose run is not that of the entry before it ("" where it has none).
By kind all are filed but steps that were done, which are most of any ledger: walking finds them as fast.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from checklist.ledger.errors import Damaged

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence

    from checklist.ledger.entry import Entry
    from checklist.ledger.reader import Reader
    from checklist.ledger.report import Judge

UNFILED = "step.done"  # the one kind that is found by walking
FILES = ("run", "kind")
_BEHIND = "\U0010ffff"  # comes after every kind


RUN = """
    SELECT entry.idx, leaf FROM run_entry AS first CROSS JOIN entry ON entry.idx >= max(first.idx, ?2 + 1) AND entry.idx
        < ifnull((SELECT min(later.idx) FROM run_entry AS later WHERE later.idx > first.idx), 9223372036854775807)
    WHERE first.run = ?1 ORDER BY entry.idx
"""  # a run's entries with an index above another; CROSS JOIN and one lower bound: never a walk through all entries

STRETCHES = """
    SELECT first.idx, ifnull((SELECT min(later.idx) FROM run_entry AS later WHERE later.idx > first.idx), ?)
    FROM run_entry AS first WHERE first.run = ? ORDER BY first.idx
"""  # where those entries stand, each stretch from its first entry up to the next one's, or to the given end

STRETCH_AT = """
    SELECT run, (SELECT min(later.idx) FROM run_entry AS later WHERE later.idx > ?1)
    FROM run_entry WHERE idx <= ?1 ORDER BY idx DESC LIMIT 1
"""  # the run of one entry, and where the stretch after it begins, if there is one


def insert(db: sqlite3.Connection, entries: Sequence[Entry], before: str | None) -> None:
    """File entries, inside the caller's transaction; `before` is the run of the entry before them."""
    for entry in entries:
        if entry.run != before:
            db.execute("INSERT INTO run_entry VALUES(?, ?)", (entry.index, entry.run or ""))
        if entry.kind != UNFILED:
            db.execute("INSERT INTO kind_entry VALUES(?, ?)", (entry.kind, entry.index))
        before = entry.run


def filed_to(reader: Reader) -> int:
    """The highest index that is filed anywhere and can be read; -1 where there is none."""
    told = [-1]
    with suppress(Damaged):
        told += [row[0] for row in reader.query("SELECT max(idx) FROM run_entry") if isinstance(row[0], int)]
    for kind in _kinds(reader, "min", ">", "") | _kinds(reader, "max", "<", _BEHIND):
        with suppress(Damaged):
            rows = reader.query("SELECT max(idx) FROM kind_entry WHERE kind = ?", (kind,))
            told += [row[0] for row in rows if isinstance(row[0], int)]
    return max(told)


def _kinds(reader: Reader, next_: Literal["min", "max"], beyond: Literal["<", ">"], kind: str) -> set[str]:
    """The kinds that are filed beyond this one, in their order, up to where the file is damaged."""
    query = f"SELECT {next_}(kind) FROM kind_entry WHERE kind {beyond} ?"  # noqa: S608 - words of ours
    found = set[str]()
    with suppress(Damaged):
        # A page that was spoilt may give the same ones again.
        while (kind := str(reader.query(query, (kind,))[0][0] or "")) and kind not in found:
            found.add(kind)
    return found


class FilingCheck:
    """Compares what is filed with what a walk from entry `start` on finds, a block at a time."""

    def __init__(self, reader: Reader, judge: Judge, start: int) -> None:
        self._reader = reader
        self._judge = judge
        self._start = start
        self._found = dict.fromkeys(FILES, 0)  # rows that the blocks have looked at
        self._unknown = 0
        self._unread: set[str] = set()  # files of which a part cannot be read

    def block(self, start: int, stop: int, files: Sequence[list[tuple[str, int]]], unknown: Collection[int]) -> None:
        """Judge what is filed of the entries from `start` up to `stop`: `files` has (run, index) and (kind, index).

        Of the entries in `unknown` it is not known how they should be filed.
        """
        self._unknown += len(unknown)
        for file, expected in zip(FILES, files, strict=True):
            names = {name for name, _ in expected}
            marks = ",".join("?" * len(names))
            # Only names of our own tables and question marks are put into the text; values are bound.
            query = f"SELECT {file}, idx FROM {file}_entry WHERE {file} IN ({marks}) AND idx >= ? AND idx < ?"  # noqa: S608
            try:
                rows = self._reader.query(query, (*names, start, stop))
            except Damaged:
                if file not in self._unread:
                    why = f"How entries are filed by {file} cannot be read, or not of all."
                    self._judge.suspect("lookup", why, start)
                self._unread.add(file)
                continue
            rows = [row for row in rows if row[1] not in unknown]
            self._found[file] += len(rows)
            for _, index in set[tuple[object, ...]](rows) ^ {pair for pair in expected if pair[1] not in unknown}:
                why = f"Entry {index} is filed under another {file} than its own."
                self._judge.suspect("lookup", why, index if isinstance(index, int) else start)

    def rest(self, stop: int) -> None:
        """Judge whether more is filed below `stop`: under a run or kind that no entry thereabouts is of."""
        for file in set(FILES) - self._unread:
            # The name of a table of ours, never a value.
            query = f"SELECT count(*) FROM {file}_entry WHERE idx >= ? AND idx < ?"  # noqa: S608
            try:
                ((count,),) = self._reader.query(query, (self._start or -(2**62), stop))
            except Damaged:
                count = None
            if not isinstance(count, int) or not 0 <= count - self._found[file] <= self._unknown:
                self._judge.suspect("lookup", f"More is filed by {file} than there is, or it cannot be read.")
