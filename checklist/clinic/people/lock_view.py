"""The table of wrong secrets: how often each operator missed since their secret was last right, and what is locked.

Kept from the record like every view, so that a restart clears nothing. How misses become locks, and when a lock is
over, is `people.lockout`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.ledger.entry import Moment
from checklist.people import signin
from checklist.people.lockout import RecordedLock, Tries
from checklist.people.operator import CHANGED
from checklist.people.signin import NOBODY, RECOVERY
from checklist.run.events import Kind, number_of, text_of

if TYPE_CHECKING:
    import sqlite3

    from checklist.ledger.entry import Entry
    from checklist.ledger.reader import Reader

# Our own columns: no value stands in what is put into the questions (the S608 below); values are bound.
_ROW = "misses, minutes, at, zone, boot, mono_ms, boottime_ms"
_MISSES = (signin.FAILED, signin.LOCKED, signin.UNLOCKED)
_PROOFS = (signin.SIGNED_IN, Kind.WITNESSED, Kind.SIGNED)


@dataclass(frozen=True, slots=True)
class LockView:
    """One row an operator who missed; all names that belong to nobody share one, and so do all who try the recovery
    code. `at` is null where nothing was locked yet, `minutes` where only a lead ends the lock."""

    name: str = "locks"
    tables: tuple[str, ...] = ("miss",)
    schema: str = """
        CREATE TABLE miss(
            operator TEXT PRIMARY KEY, misses INTEGER NOT NULL, minutes INTEGER, at TEXT, zone TEXT, boot TEXT,
            mono_ms INTEGER, boottime_ms INTEGER
        ) STRICT, WITHOUT ROWID;
    """

    def reads(self, kind: str) -> frozenset[str] | None:
        """Which entries of this kind it takes in (see `View.reads`)."""
        if kind == CHANGED:
            return frozenset({"secret"})
        return None if kind in _MISSES or kind in _PROOFS else frozenset()

    def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Bring the table up to date with one more entry."""
        by_code = entry.data.get("recovery") is True
        meant = text_of(entry.data, "operator") or (RECOVERY if by_code else NOBODY)
        match entry.kind:
            case signin.FAILED:
                db.execute(
                    "INSERT INTO miss(operator, misses) VALUES (?, 1)"
                    " ON CONFLICT(operator) DO UPDATE SET misses = misses + 1",
                    (meant,),
                )
            case signin.LOCKED:
                self._locked(db, meant, entry)
            case signin.UNLOCKED:
                over = (meant, RECOVERY) if by_code else (meant,)
                db.executemany("DELETE FROM miss WHERE operator = ?", [(each,) for each in over])
            case _ if entry.kind in _PROOFS or _is_own_change(entry):
                self._proved(db, entry)
            case _:
                pass

    @staticmethod
    def _locked(db: sqlite3.Connection, meant: str, entry: Entry) -> None:
        minutes = number_of(entry.data, "minutes") or None
        now = entry.moment
        db.execute(
            "INSERT INTO miss VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(operator) DO UPDATE SET"
            " (minutes, at, zone, boot, mono_ms, boottime_ms) ="
            " (excluded.minutes, excluded.at, excluded.zone, excluded.boot, excluded.mono_ms, excluded.boottime_ms)",
            (meant, number_of(entry.data, "misses"), minutes, now.at, now.zone, now.boot, now.mono_ms, now.boottime_ms),
        )

    @staticmethod
    def _proved(db: sqlite3.Connection, entry: Entry) -> None:
        """A secret that was right clears the misses; but one that was right before a lock began does not end it."""
        rows = db.execute(f"SELECT {_ROW} FROM miss WHERE operator = ?", (entry.actor,)).fetchall()  # noqa: S608
        if rows and not _tries(rows[0]).locked(entry.moment):
            db.execute("DELETE FROM miss WHERE operator = ?", (entry.actor,))


def tries_of(reader: Reader, operator: str) -> Tries:
    """How often this operator, RECOVERY or NOBODY, missed, and the newest lock that came of it."""
    rows = reader.query(f"SELECT {_ROW} FROM miss WHERE operator = ?", (operator,))  # noqa: S608 - our own columns
    return _tries(rows[0]) if rows else Tries()


def locked_ones(reader: Reader, now: Moment) -> list[tuple[str, RecordedLock]]:
    """The operators for whom no secret is tried at this moment."""
    question = f"SELECT operator, {_ROW} FROM miss WHERE operator NOT IN (?, ?) ORDER BY operator"  # noqa: S608
    rows = reader.query(question, (NOBODY, RECOVERY))
    found = [(str(row[0]), _tries(row[1:])) for row in rows]
    return [(operator, tries.lock) for operator, tries in found if tries.lock is not None and tries.locked(now)]


def _tries(row: tuple[object, ...]) -> Tries:
    match row:
        case (int(misses), (int() | None) as minutes, str(at), str(zone), str(boot), int(mono_ms), int(boottime_ms)):
            return Tries(misses, RecordedLock(minutes, Moment(at, zone, boot, mono_ms, boottime_ms)))
        case (int(misses), *_):
            return Tries(misses)
        case _:
            return Tries()


def _is_own_change(entry: Entry) -> bool:
    changed = entry.kind == CHANGED and text_of(entry.data, "secret") == "changed"
    return changed and text_of(entry.data, "operator") == entry.actor
