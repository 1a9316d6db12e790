"""The tables of visits: which there are, what each was cleared for, and which have been closed.

Kept with the entries and rebuilt from them like every view.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from checklist.clinic.visits.receipt import code_of
from checklist.run.events import strings_of, text_of

if TYPE_CHECKING:
    import sqlite3

    from checklist.ledger.entry import Entry

OPENED: Final = "session.opened"
CLOSED: Final = "session.closed"
CLEARED: Final = "cleared"
OVERRIDDEN: Final = "clearance.overridden"
REVIEWED: Final = "reviewed"


@dataclass(frozen=True, slots=True)
class About:
    """The entry that another speaks of: whose ledger it stands in, where, and its leaf hash."""

    station: str
    index: int
    leaf: str


def about_of(entry: Entry) -> About | None:
    """What an entry speaks of; None where it does not say so in full."""
    match entry.data.get("of"):
        case {"station": str(station), "index": int(index), "leaf": str(leaf)}:
            return About(station, index, leaf)
        case _:
            return None


def reviewed_of(entry: Entry) -> About | None:
    """The override that an entry says was looked at; None where it says something else."""
    is_override = entry.kind == REVIEWED and text_of(entry.data, "rule") == "override"
    return about_of(entry) if is_override else None


@dataclass(frozen=True, slots=True)
class SessionsView:
    """The visits: their ids in clear, and the commitment to the clinic's own reference. Where an earlier ledger opened
    one that was closed in this, `opened` is NULL."""

    name: str = "sessions"
    tables: tuple[str, ...] = ("session",)
    schema: str = """
        CREATE TABLE session(
            id TEXT PRIMARY KEY, reference TEXT, opened TEXT, idx INTEGER NOT NULL, closed TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX session_reference ON session(reference) WHERE reference IS NOT NULL;
        CREATE INDEX session_open ON session(idx) WHERE closed IS NULL;
    """

    def reads(self, kind: str) -> frozenset[str] | None:
        """Which entries of this kind it takes in (see `View.reads`)."""
        return None if kind in (OPENED, CLOSED) else frozenset()

    def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Bring the table up to date with one more entry."""
        session = text_of(entry.data, "session") or ""
        if entry.kind == OPENED:
            row = (session, text_of(entry.data, "reference"), entry.at, entry.index)
            db.execute("INSERT OR IGNORE INTO session VALUES (?, ?, ?, ?, NULL)", row)
        elif entry.kind == CLOSED:
            db.execute(
                "INSERT INTO session VALUES (?, NULL, NULL, ?, ?) ON CONFLICT DO UPDATE SET closed = excluded.closed",
                (session, entry.index, entry.at),
            )


@dataclass(frozen=True, slots=True)
class ClearancesView:
    """What the gate answered, and which NO-GO was overridden (`review` says by when somebody must look at that)."""

    name: str = "clearances"
    tables: tuple[str, ...] = ("clearance",)
    schema: str = """
        CREATE TABLE clearance(
            idx INTEGER PRIMARY KEY, procedure TEXT NOT NULL, sha256 TEXT NOT NULL, decision TEXT NOT NULL,
            stage TEXT NOT NULL, subject TEXT NOT NULL, session TEXT, performer TEXT, at TEXT NOT NULL, actor TEXT,
            receipt TEXT NOT NULL, overridden INTEGER, review TEXT, passed TEXT
        ) STRICT;
        CREATE INDEX clearance_of_session ON clearance(session, idx) WHERE session IS NOT NULL;
        CREATE INDEX clearance_about ON clearance(subject, idx);
        CREATE INDEX clearance_receipt ON clearance(receipt);
        CREATE INDEX clearance_review ON clearance(review) WHERE review IS NOT NULL;
    """

    def reads(self, kind: str) -> frozenset[str] | None:
        """Which entries of this kind it takes in (see `View.reads`)."""
        return None if kind in (CLEARED, OVERRIDDEN, REVIEWED) else frozenset()

    def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Bring the table up to date with one more entry."""
        if entry.kind == CLEARED:
            named = strings_of(entry.data, "procedure")
            row = (
                entry.index,
                named.get("id", ""),
                named.get("sha256", ""),
                text_of(entry.data, "decision") or "UNKNOWN",
                text_of(entry.data, "stage") or "start",
                text_of(entry.data, "subject") or "",
                text_of(entry.data, "session"),
                text_of(entry.data, "performer"),
                entry.at,
                entry.actor,
                code_of(entry.leaf),
            )
            db.execute(
                "INSERT OR IGNORE INTO clearance VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)", row
            )
        elif entry.kind == OVERRIDDEN:
            about = about_of(entry)
            if about is not None and about.station == entry.station:
                db.execute(
                    "UPDATE clearance SET overridden = ?, review = ?, passed = ? WHERE idx = ?",
                    (entry.index, text_of(entry.data, "review"), entry.leaf, about.index),
                )
        else:
            about = reviewed_of(entry)
            if about is not None and about.station == entry.station:
                db.execute(
                    "UPDATE clearance SET review = NULL WHERE overridden = ? AND passed = ?", (about.index, about.leaf)
                )
