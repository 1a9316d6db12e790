"""Asking the record: which runs, entries and missing runs a filter wants, newest first and a page at a time.

Answers from the catalogue alone; the words of the filter are in `words`, what they mean in `conditions` and `sought`.
"""

# ruff: noqa: S608 - every part of a statement here is a constant of ours; what people write is bound

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from checklist.audit.conditions import Condition, Conditions, listed
from checklist.audit.sought import Sought, nothing_said
from checklist.audit.words import Filter, FilterError, Word, of, parse

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from checklist.audit.sought import Said

__all__ = [
    "LIMIT", "Cursor", "Filter", "FilterError", "Page", "Row", "Word",
    "begun", "count", "cuts", "entries", "of", "page", "parse", "runs",
]  # fmt: skip

LIMIT: Final = 50
_END: Final = 2**62
_LAST: Final = "~"
_PAGES: Final = 20
"""So many pages at once are looked for."""
_Key: TypeAlias = tuple[int, str] | tuple[str, str, str]
"""A row by its number and what it is, or of a missing run by when it was due, protocol and subject."""
_SETS: Final = frozenset({"session", "identifier", "finding", "run"})


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ends: what comes next has a lower number, or was due before (`due`, then protocol and subject)."""

    n: int = _END
    missed: tuple[str, str, str] = (_LAST, "", "")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the answer: a run, an entry outside of runs, or a run that was expected and is missing.

    n: of the run's first entry, or of the entry; None where it is missing. place: in the record, "" likewise.
    at: UTC; of a missing run, by when it was due. actor: who began or recorded it. findings: how many point at it.
    """

    what: Literal["run", "entry", "missed"]
    n: int | None
    place: str
    at: str
    day: str
    protocol: str | None
    title: str | None
    subject: str | None
    session: str | None = None
    kind: str | None = None
    outcome: str | None = None
    deviations: int = 0
    overridden: int = 0
    seconds: float | None = None
    ended: str | None = None
    actor: str | None = None
    attributed: str | None = None
    via: str | None = None
    findings: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, newest first, and where the next page begins; None where there are no more."""

    rows: tuple[Row, ...]
    before: Cursor | None


def page(
    db: sqlite3.Connection,
    wanted: Filter,
    before: Cursor | None = None,
    limit: int = LIMIT,
    *,
    said: Said = nothing_said,
) -> Page:
    """The next rows that the filter wants, newest first. `said` gives the commitments behind which a text stands."""
    rows, more = _next(db, Conditions(db, wanted, Sought(db, said)), wanted, before or Cursor(), limit)
    return Page(_told(db, rows), more)


def cuts(db: sqlite3.Connection, wanted: Filter, size: int, *, said: Said = nothing_said) -> list[Cursor]:
    """Where each page of so many rows begins, but the first. Nothing is read of the rows but where they stand."""
    asked = Conditions(db, wanted, Sought(db, said))
    found: list[Cursor] = []
    at, more = Cursor(), True
    while more:
        rows, after = _next(db, asked, wanted, at, size * _PAGES)
        for number, row in enumerate(rows, 1):
            at = Cursor(at.n, row) if len(row) == 3 else Cursor(row[0], at.missed)
            if number % size == 0:
                found.append(at)
        more = after is not None
    return found[:-1] if found and found[-1] == at else found


def _next(
    db: sqlite3.Connection, asked: Conditions, wanted: Filter, start: Cursor, limit: int
) -> tuple[list[_Key], Cursor | None]:
    """The keys of the next rows, and where those after them begin."""
    numbered = [(n, at, "run") for n, at in _runs(db, asked.of_runs(), wanted, start.n, limit + 1)]
    # What stands further back than the last run of this page is for the next one.
    floor, oldest = (numbered[-1][0], numbered[-1][1]) if len(numbered) > limit else (-1, "")
    numbered += [(n, at, "entry") for n, at in _alone(db, asked.of_alone(), start.n, floor, limit + 1)]
    numbered.sort(reverse=True)
    missed = _missed(db, asked.of_missed(), start.missed, oldest, limit + 1)
    rows: list[_Key] = []
    n, due = start.n, start.missed
    places = {"numbered": 0, "missed": 0}
    while len(rows) < limit and (places["numbered"] < len(numbered) or places["missed"] < len(missed)):
        own = numbered[places["numbered"]] if places["numbered"] < len(numbered) else None
        gone = missed[places["missed"]] if places["missed"] < len(missed) else None
        if gone is not None and (own is None or gone[0] >= own[1]):
            rows.append(gone)
            due, places["missed"] = gone, places["missed"] + 1
        elif own is not None:
            rows.append((own[0], own[2]))
            n, places["numbered"] = own[0], places["numbered"] + 1
    more = places["numbered"] < len(numbered) or places["missed"] < len(missed)
    return rows, Cursor(n, due) if more else None


def count(db: sqlite3.Connection, wanted: Filter, at_most: int, *, said: Said = nothing_said) -> int:
    """How many rows there are; no more than `at_most` are counted."""
    asked = Conditions(db, wanted, Sought(db, said))
    found = 0
    for table, condition in (
        (f"run AS r {_driver(wanted)}", asked.of_runs()),
        ("entry AS e INDEXED BY entry_alone", _and("e.run IS NULL", asked.of_alone())),
        ("planned AS p", _and("p.state = 'missed'", asked.of_missed())),
    ):
        if not condition.never and found < at_most:
            query = f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {condition.sql} LIMIT ?)"
            found += db.execute(query, (*condition.bound, at_most - found)).fetchone()[0]
    return found


def runs(db: sqlite3.Connection, wanted: Filter, *, said: Said = nothing_said) -> Iterator[Row]:
    """Every run that the filter wants, newest first."""
    asked = Conditions(db, wanted, Sought(db, said)).of_runs()
    below = _END
    while found := _runs(db, asked, wanted, below, 10 * LIMIT):
        yield from _told(db, [(n, "run") for n, _ in found])
        below = found[-1][0]


def entries(db: sqlite3.Connection, wanted: Filter, *, said: Said = nothing_said) -> Iterator[int]:
    """The numbers of every entry that the filter wants by itself, oldest first."""
    condition = Conditions(db, wanted, Sought(db, said)).of_entries()
    if not condition.never:
        for (n,) in db.execute(f"SELECT e.n FROM entry AS e WHERE {condition.sql} ORDER BY e.n", condition.bound):
            yield n


def begun(db: sqlite3.Connection, protocol: str, subject: str, due: str) -> list[tuple[str, str, str]]:
    """What was begun on the day of a run that is missing, and does not count: its place, when, and how it ended."""
    return db.execute(
        "SELECT run.run, run.at, outcome FROM planned JOIN run USING (protocol, subject, day)"
        " WHERE planned.protocol = ? AND planned.subject = ? AND planned.due = ? ORDER BY run.n",
        (protocol, subject, due),
    ).fetchall()


def _and(sql: str, condition: Condition) -> Condition:
    return condition if condition.never else Condition(f"{sql} AND {condition.sql}", condition.bound)


def _driver(wanted: Filter) -> str:
    """By which way the runs are gone through: without such a hint SQLite may sort all of them first."""
    if any(wanted.values(word) for word in _SETS):
        return ""
    if len(wanted.values("day")) == 1:
        return "INDEXED BY run_day"
    if len(wanted.values("protocol")) == 1:
        return "INDEXED BY run_protocol"
    return "NOT INDEXED"


def _runs(
    db: sqlite3.Connection, condition: Condition, wanted: Filter, below: int, limit: int
) -> Sequence[tuple[int, str]]:
    if condition.never:
        return ()
    query = (
        f"SELECT r.n, r.at FROM run AS r {_driver(wanted)} WHERE r.n < ? AND {condition.sql} ORDER BY r.n DESC LIMIT ?"
    )
    return db.execute(query, (below, *condition.bound, limit)).fetchall()


def _alone(
    db: sqlite3.Connection, condition: Condition, below: int, floor: int, limit: int
) -> Sequence[tuple[int, str]]:
    if condition.never:
        return ()
    query = (
        "SELECT e.n, e.at FROM entry AS e INDEXED BY entry_alone WHERE e.run IS NULL AND e.n < ? AND e.n > ?"
        f" AND {condition.sql} ORDER BY e.n DESC LIMIT ?"
    )
    return db.execute(query, (below, floor, *condition.bound, limit)).fetchall()


def _missed(
    db: sqlite3.Connection, condition: Condition, before: tuple[str, str, str], oldest: str, limit: int
) -> Sequence[tuple[str, str, str]]:
    if condition.never:
        return ()
    query = (
        "SELECT p.due, p.protocol, p.subject FROM planned AS p INDEXED BY planned_missed"
        f" WHERE p.state = 'missed' AND (p.due, p.protocol, p.subject) < (?, ?, ?) AND p.due >= ? AND {condition.sql}"
        " ORDER BY p.due DESC, p.protocol DESC, p.subject DESC LIMIT ?"
    )
    return db.execute(query, (*before, oldest, *condition.bound, limit)).fetchall()


def _told(db: sqlite3.Connection, found: Sequence[_Key]) -> tuple[Row, ...]:
    """Everything there is to say of these rows, in their order."""
    numbers = {what: listed(each[0] for each in found if each[1] == what) for what in ("run", "entry")}
    rows: dict[object, Row] = {}
    for row in db.execute(
        "SELECT 'run', r.n, r.run, r.at, r.day, r.protocol, text.title, r.subject, r.session, NULL, r.outcome,"
        " r.deviations, (SELECT count(*) FROM overriding AS o WHERE o.run = r.n), r.seconds, r.ended, r.starter,"
        " r.attributed, r.via, (SELECT count(*) FROM finding AS f WHERE f.run = r.n)"
        " FROM run AS r LEFT JOIN text USING (sha256) WHERE r.n IN (SELECT value FROM json_each(?))",
        (numbers["run"],),
    ):
        rows[row[1]] = Row(*row)
    for row in db.execute(
        "SELECT 'entry', e.n, e.station || '#' || e.idx, e.at, e.day, e.protocol,"
        " (SELECT title FROM text WHERE id = e.protocol LIMIT 1), e.subject, e.session, e.kind, c.decision, 0,"
        " c.overridden IS NOT NULL, NULL, NULL, e.actor, NULL, e.via,"
        " (SELECT count(*) FROM finding AS f WHERE f.n = e.n)"
        " FROM entry AS e LEFT JOIN clearance AS c USING (n) WHERE e.n IN (SELECT value FROM json_each(?))",
        (numbers["entry"],),
    ):
        rows[row[1]] = Row(*row)
    for each in found:
        if len(each) == 3:
            rows[each] = _missing(db, each)
    return tuple(rows[each[0] if len(each) == 2 else each] for each in found)


def _missing(db: sqlite3.Connection, which: tuple[str, str, str]) -> Row:
    due, protocol, subject = which
    day, title = db.execute(
        "SELECT day, (SELECT title FROM text WHERE id = p.protocol LIMIT 1) FROM planned AS p"
        " WHERE due = ? AND protocol = ? AND subject = ?",
        which,
    ).fetchone()
    return Row("missed", None, "", due, day, protocol, title, subject)
