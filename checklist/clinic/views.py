"""The tables that questions are asked of. Each is a view of the entries: kept in the same transaction as they
are, rebuilt from them at will, and compared with the rebuild by `verify`."""

import sqlite3
from dataclasses import dataclass

from checklist.clinic.lock_view import LockView
from checklist.clinic.people_views import PeopleView
from checklist.clinic.run_views import RunsView
from checklist.ledger.entry import Entry
from checklist.run.events import Kind, strings_of, text_of


@dataclass(frozen=True, slots=True)
class InForceView:
    """The newest adopted version of every protocol, and the title of every version ever adopted."""

    name: str = "in-force"
    tables: tuple[str, ...] = ("in_force", "edition")
    schema: str = """
        CREATE TABLE in_force(
            id TEXT PRIMARY KEY, version TEXT NOT NULL, sha256 TEXT NOT NULL, title TEXT NOT NULL,
            subject TEXT NOT NULL, category TEXT NOT NULL, idx INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE edition(sha256 TEXT PRIMARY KEY, title TEXT NOT NULL) STRICT, WITHOUT ROWID;
    """

    def reads(self, kind: str) -> frozenset[str] | None:
        """Which entries of this kind it takes in (see `View.reads`)."""
        return None if kind == "protocol.adopted" else frozenset()

    def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Bring the tables up to date with one more entry."""
        if entry.kind == "protocol.adopted":
            keys = ("id", "version", "sha256", "title", "subject", "category")
            texts = {key: text_of(entry.data, key) or "" for key in keys}
            db.execute("INSERT OR REPLACE INTO in_force VALUES (?, ?, ?, ?, ?, ?, ?)", (*texts.values(), entry.index))
            db.execute("INSERT OR IGNORE INTO edition VALUES (?, ?)", (texts["sha256"], texts["title"]))


@dataclass(frozen=True, slots=True)
class IdentifiersView:
    """Which step of which run produced or consumed which identifier, and which loads are set apart."""

    name: str = "identifiers"
    tables: tuple[str, ...] = ("identifier", "set_apart")
    schema: str = """
        CREATE TABLE identifier(
            kind TEXT NOT NULL, value TEXT NOT NULL, idx INTEGER NOT NULL, use TEXT NOT NULL, run TEXT,
            step TEXT, PRIMARY KEY (kind, value, idx)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE set_apart(
            kind TEXT NOT NULL, value TEXT NOT NULL, state TEXT NOT NULL, idx INTEGER NOT NULL,
            at TEXT NOT NULL, PRIMARY KEY (kind, value)
        ) STRICT, WITHOUT ROWID;
    """

    def reads(self, kind: str) -> frozenset[str] | None:
        """Which entries of this kind it takes in (see `View.reads`)."""
        if kind == Kind.STEP_DONE:
            return frozenset({"produced", "consumed"})
        return frozenset({"meaning"}) if kind == Kind.SIGNED else frozenset()

    def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Bring the tables up to date with one more entry."""
        if entry.kind == Kind.STEP_DONE:
            for use in ("produced", "consumed"):
                for kind, value in strings_of(entry.data, use).items():
                    db.execute(
                        "INSERT OR IGNORE INTO identifier VALUES (?, ?, ?, ?, ?, ?)",
                        (kind, value, entry.index, use, entry.run, entry.step),
                    )
        elif entry.kind == Kind.SIGNED and text_of(entry.data, "meaning") in ("quarantined", "released"):
            # Only a signature decides: an option of that name is just a word.
            self._decided(db, entry)

    @staticmethod
    def _decided(db: sqlite3.Connection, entry: Entry) -> None:
        """A signature that quarantines or releases speaks of every load that its run has made."""
        loads = db.execute(
            "SELECT DISTINCT value FROM identifier WHERE kind = 'load' AND use = 'produced' AND run = ?",
            (entry.run,),
        ).fetchall()
        for (value,) in loads:
            db.execute("DELETE FROM set_apart WHERE kind = 'load' AND value = ?", (value,))
            if text_of(entry.data, "meaning") == "quarantined":
                db.execute(
                    "INSERT INTO set_apart VALUES ('load', ?, 'quarantined', ?, ?)",
                    (value, entry.index, entry.at),
                )


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


@dataclass(frozen=True, slots=True)
class SessionsView:
    """The visits: their ids in clear, and the commitment to the clinic's own reference."""

    name: str = "sessions"
    tables: tuple[str, ...] = ("session",)
    schema: str = """
        CREATE TABLE session(id TEXT PRIMARY KEY, reference TEXT, opened TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE INDEX session_reference ON session(reference) WHERE reference IS NOT NULL;
    """

    def reads(self, kind: str) -> frozenset[str] | None:
        """Which entries of this kind it takes in (see `View.reads`)."""
        return None if kind == "session.opened" else frozenset()

    def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Bring the table up to date with one more entry."""
        if entry.kind == "session.opened":
            row = (text_of(entry.data, "session") or "", text_of(entry.data, "reference"), entry.at)
            db.execute("INSERT OR IGNORE INTO session VALUES (?, ?, ?)", row)


VIEWS = (RunsView(), PeopleView(), InForceView(), IdentifiersView(), SessionsView(), CommitmentsView(), LockView())
"""Every view, in the order in which they are applied."""
