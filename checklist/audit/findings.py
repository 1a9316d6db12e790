"""Judging a whole record: every rule asked in turn, and what they found kept in the table `finding`.

Knows the tables and the rules. Does not know a clinic's folder or anybody's name.
"""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from checklist.audit.errors import CatalogueError
from checklist.audit.rules.ruleset import CHECKS
from checklist.audit.rules.usual import forget_usual, learn_usual
from checklist.ledger.schema import in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from checklist.audit.rules.rule import Check, Context, Seen, Severity

    Progress = Callable[[int, int], None]

_REMEMBERED: Final = timedelta(days=30)
"""So long a pattern that somebody looked at is not told again, though it goes on."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the auditor should look at. `run` and `n` count entries as the table `entry` does; `reviewed` is
    the entry that says somebody looked at it."""

    rule: str
    severity: Severity
    run: int | None
    n: int | None
    day: str
    why: str
    reviewed: int | None = None


def judge(db: sqlite3.Connection, context: Context, progress: Progress | None = None) -> list[Finding]:
    """Ask every rule, and keep what they found in place of what was found before. `progress` is told how many of the
    rules have been asked. Raises CatalogueError."""
    try:
        with _transaction(db, "BEGIN"):  # all rules see the same record
            found = [*_judged(db, context, progress)]
        found.sort(key=lambda one: (one.n is None, one.n or 0, one.rule))
        with _transaction(db, "BEGIN IMMEDIATE"):
            _keep(db, found)
    except sqlite3.Error as error:
        raise CatalogueError(f"The record could not be judged: {in_words(error)}.") from error
    return found


def kept(db: sqlite3.Connection) -> list[Finding]:
    """What was found when the rules were last asked, oldest entry first."""
    rows = db.execute("SELECT rule, severity, run, n, day, why, reviewed FROM finding ORDER BY id")
    return [Finding(*row) for row in rows]


def _judged(db: sqlite3.Connection, context: Context, progress: Progress | None) -> Iterator[Finding]:
    learn_usual(db)
    looked = _looked(db, context)
    for done, check in enumerate(CHECKS):
        if progress is not None:
            progress(done, len(CHECKS))
        yield from _found(db, context, check, looked)
    forget_usual(db)
    if progress is not None:
        progress(len(CHECKS), len(CHECKS))


@dataclass(frozen=True, slots=True)
class _Look:
    """Somebody looked at what a rule found at an entry: in which entry they said so, and whether not long ago."""

    n: int
    of: int
    recent: bool


def _looked(db: sqlite3.Connection, context: Context) -> Mapping[str, Sequence[_Look]]:
    """By rule, oldest first."""
    found: dict[str, list[_Look]] = {}
    since = f"{context.now - _REMEMBERED:%Y-%m-%d}"
    question = "SELECT rule, looked.n, of, at FROM looked LEFT JOIN entry ON entry.n = looked.n ORDER BY looked.n"
    for rule, n, of, at in db.execute(question):
        found.setdefault(rule, []).append(_Look(n, of, recent=str(at) >= since))
    return found


def _reviewed(seen: Seen, looks: Sequence[_Look]) -> int | None:
    """Who looked at this very entry, or not long ago at another of the same pattern."""
    own = [one.n for one in looks if one.of == seen.n or (one.recent and one.of in seen.others)]
    return max(own, default=None)


def _found(
    db: sqlite3.Connection, context: Context, check: Check, looked: Mapping[str, Sequence[_Look]]
) -> Iterator[Finding]:
    rule = check.rule
    for seen in check.find(db, context):
        row = None if seen.n is None else db.execute("SELECT day FROM entry WHERE n = ?", (seen.n,)).fetchone()
        day = str(row[0]) if row else f"{context.now.astimezone(ZoneInfo(context.zone)):%Y-%m-%d}"
        reviewed = _reviewed(seen, looked.get(rule.id, ()))
        yield Finding(rule.id, rule.severity, seen.run, seen.n, day, seen.why, reviewed)


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection, begin: str) -> Iterator[None]:
    db.execute(begin)
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.rollback()
        raise


def _keep(db: sqlite3.Connection, found: Sequence[Finding]) -> None:
    db.execute("DELETE FROM finding")
    db.executemany(
        "INSERT INTO finding(rule, severity, run, n, day, why, reviewed) VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((one.rule, one.severity, one.run, one.n, one.day, one.why, one.reviewed) for one in found),
    )
