"""The tables that questions are asked of. Each is a view of the entries: kept in the same transaction as they
are, rebuilt from them at will, and compared with the rebuild by `verify`."""

import sqlite3
from dataclasses import dataclass
from typing import Final

from checklist.clinic.identifiers.cycle_views import CyclesView
from checklist.clinic.identifiers.trace_views import HappenedView, IdentifiersView
from checklist.clinic.people.lock_view import LockView
from checklist.clinic.people.people_views import PeopleView, listed
from checklist.clinic.run_views import RunsView
from checklist.clinic.visits.visit_views import ClearancesView, SessionsView
from checklist.ledger.entry import Entry
from checklist.run.events import text_of

ADOPTED: Final = {f"{kind}.adopted": kind for kind in ("protocol", "procedure", "profile")}
"""The entries that bring a text into force, and the kind of the text."""


@dataclass(frozen=True, slots=True)
class InForceView:
    """The newest adopted version of every protocol, and of every text of any kind by its id, and the title of every
    version of a protocol that was ever adopted."""

    name: str = "in-force"
    tables: tuple[str, ...] = ("in_force", "text_in_force", "edition")
    schema: str = """
        CREATE TABLE in_force(
            id TEXT PRIMARY KEY, version TEXT NOT NULL, sha256 TEXT NOT NULL, title TEXT NOT NULL,
            subject TEXT NOT NULL, category TEXT NOT NULL, equipment TEXT NOT NULL, idx INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE text_in_force(
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, version TEXT NOT NULL, sha256 TEXT NOT NULL, title TEXT NOT NULL,
            idx INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE edition(sha256 TEXT PRIMARY KEY, title TEXT NOT NULL) STRICT, WITHOUT ROWID;
    """

    def reads(self, kind: str) -> frozenset[str] | None:
        """Which entries of this kind it takes in (see `View.reads`)."""
        return None if kind in ADOPTED else frozenset()

    def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Bring the tables up to date with one more entry."""
        if entry.kind in ADOPTED:
            told = [text_of(entry.data, key) or "" for key in ("id", "version", "sha256", "title")]
            row = (told[0], ADOPTED[entry.kind], *told[1:], entry.index)
            db.execute("INSERT OR REPLACE INTO text_in_force VALUES (?, ?, ?, ?, ?, ?)", row)
        if entry.kind == "protocol.adopted":
            keys = ("id", "version", "sha256", "title", "subject", "category")
            texts = {key: text_of(entry.data, key) or "" for key in keys}
            about = (*texts.values(), listed(entry.data, "equipment"), entry.index)
            db.execute("INSERT OR REPLACE INTO in_force VALUES (?, ?, ?, ?, ?, ?, ?, ?)", about)
            db.execute("INSERT OR IGNORE INTO edition VALUES (?, ?)", (texts["sha256"], texts["title"]))


@dataclass(frozen=True, slots=True)
class CommitmentsView:
    """Which commitments the record names, so that an opening that nothing names can be swept."""

    name: str = "commitments"
    tables: tuple[str, ...] = ("commitment",)
    schema: str = """
        CREATE TABLE commitment(value TEXT PRIMARY KEY, idx INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    """

    def reads(self, kind: str) -> frozenset[str] | None:  # noqa: ARG002 - of every kind the same
        """Which entries of this kind it takes in (see `View.reads`)."""
        return frozenset({"words", "name", "reference"})

    def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Bring the table up to date with one more entry."""
        for key in ("words", "name", "reference"):
            value = text_of(entry.data, key)
            if value is not None:
                db.execute("INSERT OR IGNORE INTO commitment VALUES (?, ?)", (value, entry.index))


VIEWS = (
    RunsView(),
    PeopleView(),
    InForceView(),
    IdentifiersView(),
    CyclesView(),
    HappenedView(),
    SessionsView(),
    ClearancesView(),
    CommitmentsView(),
    LockView(),
)
"""Every view, in the order in which they are applied."""
