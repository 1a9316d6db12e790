"""The tables that questions are asked of. Each is a view of the entries: kept in the same transaction as they
are, rebuilt from them at will, and compared with the rebuild by `verify`."""

import sqlite3
from dataclasses import dataclass

from checklist.clinic.people_views import PeopleView
from checklist.ledger.entry import Entry
from checklist.run.events import Kind, number_of, strings_of, text_of
from checklist.run.marks import Outcome


@dataclass(frozen=True, slots=True)
class RunsView:
    """One row a run: what is open, and what ended when."""

    name: str = "runs"
    tables: tuple[str, ...] = ("run",)
    schema: str = """
        CREATE TABLE run(
            run TEXT PRIMARY KEY, idx INTEGER NOT NULL, protocol TEXT NOT NULL, version TEXT NOT NULL,
            sha256 TEXT NOT NULL, subject TEXT NOT NULL, session TEXT, holder TEXT, started TEXT NOT NULL,
            paused INTEGER NOT NULL, outcome TEXT NOT NULL, ended TEXT, deviations INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX run_open ON run(idx) WHERE outcome = 'open';
        CREATE INDEX run_of_protocol ON run(protocol, subject, idx) WHERE outcome = 'complete';
        CREATE INDEX run_ended ON run(ended) WHERE ended IS NOT NULL;
    """

    def reads(self, kind: str) -> frozenset[str] | None:
        """Which entries of this kind it takes in (see `View.reads`)."""
        return None if kind.startswith("run.") or kind == Kind.STEP_CORRECTED else frozenset()

    def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Bring the tables up to date with one more entry."""
        if entry.kind == Kind.RUN_STARTED:
            self._started(db, entry)
        elif entry.kind.startswith("run.") and entry.run:
            self._changed(db, entry)
        elif entry.kind == Kind.STEP_CORRECTED and entry.run:
            db.execute("UPDATE run SET outcome = 'open', ended = NULL WHERE run = ?", (entry.run,))

    @staticmethod
    def _started(db: sqlite3.Connection, entry: Entry) -> None:
        named = strings_of(entry.data, "protocol")
        db.execute(
            "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 'open', NULL, 0)",
            (
                entry.place,
                entry.index,
                named.get("id", ""),
                named.get("version", ""),
                named.get("sha256", ""),
                text_of(entry.data, "subject") or "",
                text_of(entry.data, "session"),
                entry.actor,
                entry.at,
            ),
        )

    @staticmethod
    def _changed(db: sqlite3.Connection, entry: Entry) -> None:
        match entry.kind:
            case Kind.RUN_PAUSED:
                db.execute("UPDATE run SET paused = 1 WHERE run = ?", (entry.run,))
            case Kind.RUN_RESUMED:
                db.execute("UPDATE run SET paused = 0, outcome = 'open', ended = NULL WHERE run = ?", (entry.run,))
            case Kind.RUN_HANDED_OVER:
                to = text_of(entry.data, "to")
                db.execute("UPDATE run SET holder = ?, paused = 0 WHERE run = ?", (to, entry.run))
            case Kind.RUN_COMPLETED | Kind.RUN_ABANDONED | Kind.RUN_EXPIRED:
                outcome = _outcome(entry)
                deviations = number_of(entry.data, "deviations")
                db.execute(
                    "UPDATE run SET outcome = ?, ended = ?, deviations = ?, paused = 0 WHERE run = ?",
                    (outcome, entry.at, deviations, entry.run),
                )
            case _:
                pass


@dataclass(frozen=True, slots=True)
class InForceView:
    """The newest adopted version of every protocol, and the title of every version ever adopted."""

    name: str = "in-force"
    tables: tuple[str, ...] = ("in_force", "edition")
    schema: str = """
        CREATE TABLE in_force(
            id TEXT PRIMARY KEY, version TEXT NOT NULL, sha256 TEXT NOT NULL, title TEXT NOT NULL,
            subject TEXT NOT NULL, idx INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE edition(sha256 TEXT PRIMARY KEY, title TEXT NOT NULL) STRICT, WITHOUT ROWID;
    """

    def reads(self, kind: str) -> frozenset[str] | None:
        """Which entries of this kind it takes in (see `View.reads`)."""
        return None if kind == "protocol.adopted" else frozenset()

    def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Bring the tables up to date with one more entry."""
        if entry.kind == "protocol.adopted":
            texts = {key: text_of(entry.data, key) or "" for key in ("id", "version", "sha256", "title", "subject")}
            db.execute("INSERT OR REPLACE INTO in_force VALUES (?, ?, ?, ?, ?, ?)", (*texts.values(), entry.index))
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


_OUTCOMES = frozenset(Outcome)

VIEWS = (RunsView(), PeopleView(), InForceView(), IdentifiersView(), SessionsView(), CommitmentsView())
"""Every view, in the order in which they are applied."""


def _outcome(entry: Entry) -> str:
    """How a run ended. An outcome that this version does not know is never taken for a good one."""
    if entry.kind != Kind.RUN_COMPLETED:
        return entry.kind.removeprefix("run.")
    told = text_of(entry.data, "outcome")
    return told if told is not None and told in _OUTCOMES else Outcome.FAILED.value
