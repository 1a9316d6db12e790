"""The tables of what was scanned, made and used: every identifier with the steps it stands in, how it stands by now,
and what happened that ends freshness.

Kept with the entries and rebuilt from them like every view. How they are asked is in `tracing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from checklist.run.events import Kind, strings_of, text_of
from checklist.trace.follow import key as key_of

if TYPE_CHECKING:
    import sqlite3

    from checklist.ledger.entry import Entry

QUARANTINED: Final = "quarantined"
QUARANTINE_ENDED: Final = "quarantine.ended"
RECALLED: Final = "recalled"
RELEASED: Final = "released"
HAPPENED: Final = "happened"

_USES: Final = {"produced": "produced", "consumed": "consumed", "scanned": "seen"}
"""How a step's data names what it read, and what that says of it: made here, used up here, or only looked at."""


@dataclass(frozen=True, slots=True)
class IdentifiersView:
    """Which step of which run made, used or saw which identifier, and which of them are released or set apart.

    What was corrected later is `withdrawn`, by the entry of that index: it was not so. `value` is the `follow.key` of
    what was typed, which is `shown` where it is another. A recall ends nothing but by another load; a lead may let a
    machine that was called back return. `set_apart.run` is the run whose signature set it apart, or whose correction
    did, NULL where somebody did so by hand: no signature ends that. `at` is when it was first set apart. `let_go` is
    what somebody let go by hand: it may have been set apart in an earlier ledger. `returned` are the machines that came
    back by a run, recalled `since`: whatever is corrected in that run, the return is undone, until a lead decides anew.
    """

    name: str = "identifiers"
    tables: tuple[str, ...] = ("identifier", "released", "set_apart", "let_go", "returned")
    schema: str = """
        CREATE TABLE identifier(
            kind TEXT NOT NULL, value TEXT NOT NULL, idx INTEGER NOT NULL, use TEXT NOT NULL, run TEXT,
            step TEXT, withdrawn INTEGER NOT NULL, shown TEXT, PRIMARY KEY (kind, value, idx)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX identifier_of_run ON identifier(run, step, kind, value, idx);
        CREATE TABLE released(
            value TEXT PRIMARY KEY, idx INTEGER NOT NULL, at TEXT NOT NULL, actor TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE set_apart(
            kind TEXT NOT NULL, value TEXT NOT NULL, state TEXT NOT NULL, idx INTEGER NOT NULL,
            at TEXT NOT NULL, reason TEXT, run TEXT, PRIMARY KEY (kind, value)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX set_apart_since ON set_apart(state, idx);
        CREATE TABLE let_go(
            kind TEXT NOT NULL, value TEXT NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY (kind, value)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE returned(value TEXT PRIMARY KEY, run TEXT NOT NULL, since TEXT NOT NULL) STRICT, WITHOUT ROWID;
    """

    def reads(self, kind: str) -> frozenset[str] | None:
        """Which entries of this kind it takes in (see `View.reads`)."""
        match kind:
            case Kind.STEP_DONE:
                return frozenset(_USES)
            case Kind.SIGNED:
                return frozenset({"meaning"})
            case Kind.STEP_CORRECTED | "quarantined" | "quarantine.ended" | "recalled":
                return None
            case _:
                return frozenset()

    def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Bring the tables up to date with one more entry."""
        match entry.kind:
            case Kind.STEP_DONE:
                self._read(db, entry)
            case Kind.STEP_CORRECTED:
                self._withdrawn(db, entry)
            case Kind.SIGNED:
                self._decided(db, entry)
            case "quarantined" | "quarantine.ended" | "recalled":
                self._apart(db, entry)
            case _:
                pass

    @staticmethod
    def _apart(db: sqlite3.Connection, entry: Entry) -> None:
        kind = text_of(entry.data, "kind") or ""
        value = key_of(kind, text_of(entry.data, "value") or "")
        if entry.kind == QUARANTINE_ENDED:
            if kind == "equipment" and (proof := text_of(entry.data, "proved_by")):
                db.execute(
                    "INSERT OR REPLACE INTO returned VALUES (?, ?, coalesce("
                    "(SELECT at FROM set_apart WHERE kind = 'equipment' AND value = ?), ?))",
                    (value, proof, value, entry.at),
                )
            db.execute(
                "DELETE FROM set_apart WHERE kind = ? AND value = ? AND (state = 'quarantined' OR kind = 'equipment')",
                (kind, value),
            )
            db.execute("INSERT OR REPLACE INTO let_go VALUES (?, ?, ?)", (kind, value, entry.index))
        else:
            _set_apart(db, entry, kind, value)

    @staticmethod
    def _read(db: sqlite3.Connection, entry: Entry) -> None:
        for how, use in _USES.items():
            for kind, value in strings_of(entry.data, how).items():
                same = key_of(kind, value)
                shown = value if value != same else None
                db.execute(
                    "INSERT OR IGNORE INTO identifier VALUES (?, ?, ?, ?, ?, ?, 0, ?)",
                    (kind, same, entry.index, use, entry.run, entry.step, shown),
                )

    @staticmethod
    def _withdrawn(db: sqlite3.Connection, entry: Entry) -> None:
        db.execute(
            "UPDATE identifier SET withdrawn = ? WHERE run = ? AND step = ? AND withdrawn = 0",
            (entry.index, entry.run, entry.step),
        )
        # Whatever is corrected in the run of a load, its release was about what stood there before.
        for value in _loads_of(db, entry.run):
            db.execute("DELETE FROM released WHERE value = ?", (value,))
        db.execute(
            "INSERT INTO set_apart SELECT 'equipment', value, 'recalled', ?, since, ?, run FROM returned WHERE run = ?"
            " ON CONFLICT DO UPDATE SET state = excluded.state, idx = excluded.idx, at = min(at, excluded.at),"
            " reason = excluded.reason, run = excluded.run WHERE state <> 'recalled'",
            (entry.index, text_of(entry.data, "reason"), entry.run),
        )

    @staticmethod
    def _decided(db: sqlite3.Connection, entry: Entry) -> None:
        """A signature that quarantines or releases speaks of every load that its run has made. Only a signature
        decides: an option of that name is just a word. What was recalled stays recalled."""
        meaning = text_of(entry.data, "meaning")
        if entry.run is None or meaning not in (QUARANTINED, RELEASED):
            return
        for value in _loads_of(db, entry.run):
            db.execute("DELETE FROM released WHERE value = ?", (value,))
            if meaning == QUARANTINED:
                _set_apart(db, entry, "load", value)
            else:
                db.execute("INSERT INTO released VALUES (?, ?, ?, ?)", (value, entry.index, entry.at, entry.actor))
                db.execute(
                    "DELETE FROM set_apart WHERE kind = 'load' AND value = ? AND state = 'quarantined' AND run = ?",
                    (value, entry.run),
                )


def _set_apart(db: sqlite3.Connection, entry: Entry, kind: str, value: str) -> None:
    state = RECALLED if entry.kind == RECALLED else QUARANTINED
    db.execute(
        "INSERT INTO set_apart VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
        " SET state = excluded.state, idx = excluded.idx, reason = excluded.reason, run = excluded.run"
        " WHERE state <> 'recalled' AND NOT (excluded.run IS NOT NULL AND set_apart.run IS NULL)",
        (kind, value, state, entry.index, entry.at, text_of(entry.data, "reason"), entry.run),
    )


def _loads_of(db: sqlite3.Connection, run: str | None) -> list[str]:
    rows = db.execute(  # by the run (the + keeps SQLite from going through every load there is)
        "SELECT DISTINCT value FROM identifier WHERE run = ? AND +kind = 'load' AND use = 'produced'", (run,)
    )
    return [str(value) for (value,) in rows.fetchall()]


@dataclass(frozen=True, slots=True)
class HappenedView:
    """What happened, about what, and when: a repair, a power loss, and whatever else ends a completion early."""

    name: str = "happened"
    tables: tuple[str, ...] = ("happened",)
    schema: str = """
        CREATE TABLE happened(
            idx INTEGER PRIMARY KEY, event TEXT NOT NULL, subject TEXT NOT NULL, at TEXT NOT NULL, actor TEXT,
            session TEXT
        ) STRICT;
        CREATE INDEX happened_event ON happened(event, idx);
        CREATE INDEX happened_about ON happened(event, subject, at);
    """

    def reads(self, kind: str) -> frozenset[str] | None:
        """Which entries of this kind it takes in (see `View.reads`)."""
        return None if kind == HAPPENED else frozenset()

    def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Bring the table up to date with one more entry."""
        if entry.kind == HAPPENED:
            event, subject = text_of(entry.data, "event") or "", text_of(entry.data, "subject") or "clinic"
            row = (entry.index, event, subject, entry.at, entry.actor, text_of(entry.data, "session"))
            db.execute("INSERT OR IGNORE INTO happened VALUES (?, ?, ?, ?, ?, ?)", row)
