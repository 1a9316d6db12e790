"""Judging a whole record: every rule asked in turn, and what they found kept in the table `finding`.

Knows the tables and the rules. Does not know a clinic's folder or anybody's name.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import sqlite3
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from checklist.audit.errors import CatalogueError
from checklist.audit.rules.ruleset import CHECKS
from checklist.audit.rules.standing import TAMPERED
from checklist.audit.rules.usual import forget_usual, learn_usual
from checklist.ledger.schema import in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from checklist.audit.rules.rule import Check, Context, Seen, Severity

    Progress = Callable[[int, int], None]

_REMEMBERED: Final = timedelta(days=30)
"""So long a pattern that somebody looked at is not told again, though it goes on."""
_AMOUNT: Final = re.compile(r"(?<![\w-])\d[\d.,:]*(?: (?:s|min|hours?|days?)\b)?(?![\w-])", re.ASCII)
"""What grows from day to day in what a rule says of one and the same thing."""
_KEY: Final = 8


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the auditor should look at. `run` and `n` count entries as the table `entry` does; `reviewed` is
    the entry that says somebody looked at it. `key` tells it from others of its rule at the same entry, also after the
    tables were made anew."""

    rule: str
    severity: Severity
    run: int | None
    n: int | None
    day: str
    why: str
    reviewed: int | None = None
    key: str = ""


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
    rows = db.execute("SELECT rule, severity, run, n, day, why, reviewed, key FROM finding ORDER BY id")
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
    """Somebody looked at what a rule found at an entry: in which entry they said so, and whether not long ago; at
    which finding by its key, None where that was not recorded."""

    n: int
    of: int
    key: str | None
    recent: bool


def _looked(db: sqlite3.Connection, context: Context) -> Mapping[str, Sequence[_Look]]:
    """By rule, oldest first."""
    found: dict[str, list[_Look]] = {}
    since = f"{context.now - _REMEMBERED:%Y-%m-%d}"
    question = (
        "SELECT rule, looked.n, of, finding, at FROM looked LEFT JOIN entry ON entry.n = looked.n ORDER BY looked.n"
    )
    for rule, n, of, key, at in db.execute(question):
        found.setdefault(rule, []).append(_Look(n, of, key, recent=str(at) >= since))
    return found


def _reviewed(seen: Seen, key: str, looks: Sequence[_Look]) -> int | None:
    """Who looked at this very finding, or not long ago at the same pattern when it pointed at another entry. Where a
    look does not say at which finding, it was at what the rule found at that entry."""
    own = [
        one.n
        for one in looks
        if one.key in (None, key)
        and (one.of == seen.n or (one.recent and one.key is not None and one.of in seen.others))
    ]
    return max(own, default=None)


def _key(seen: Seen, taken: set[tuple[int | None, str]]) -> str:
    """What tells a finding from all others of its rule at its entry (`taken`)."""
    said = seen.about or _AMOUNT.sub("#", seen.why)
    key, again = "", 0
    while not key or (seen.n, key) in taken:
        key = hashlib.sha256(f"{said}{'!' * again}".encode()).hexdigest()[:_KEY]
        again += 1
    taken.add((seen.n, key))
    return key


def _found(
    db: sqlite3.Connection, context: Context, check: Check, looked: Mapping[str, Sequence[_Look]]
) -> Iterator[Finding]:
    rule = check.rule
    taken: set[tuple[int | None, str]] = set()
    for seen in check.find(db, context):
        row = None if seen.n is None else db.execute("SELECT day FROM entry WHERE n = ?", (seen.n,)).fetchone()
        day = str(row[0]) if row else f"{context.now.astimezone(ZoneInfo(context.zone)):%Y-%m-%d}"
        key = _key(seen, taken)
        # No look ends what a verification names.
        reviewed = None if rule.id == TAMPERED.id else _reviewed(seen, key, looked.get(rule.id, ()))
        yield Finding(rule.id, rule.severity, seen.run, seen.n, day, seen.why, reviewed, key)


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
        "INSERT INTO finding(rule, severity, run, n, day, why, reviewed, key) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        ((one.rule, one.severity, one.run, one.n, one.day, one.why, one.reviewed, one.key) for one in found),
    )
