"""The tables about runs: where each stands, who answers for it, and what was overridden in it.

Kept with the entries and rebuilt from them like every view; here is also how they are asked for overrides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.run.events import Kind, number_of, strings_of, text_of
from checklist.run.marks import Outcome

if TYPE_CHECKING:
    import sqlite3

    from checklist.ledger.entry import Entry
    from checklist.ledger.reader import Reader

_OUTCOMES = frozenset(Outcome)


@dataclass(frozen=True, slots=True)
class RunsView:
    """One row a run: what is open, what ended when, and what nobody stands for; and one for every step overridden."""

    name: str = "runs"
    tables: tuple[str, ...] = ("run", "overridden")
    schema: str = """
        CREATE TABLE run(
            run TEXT PRIMARY KEY, idx INTEGER NOT NULL, protocol TEXT NOT NULL, version TEXT NOT NULL,
            sha256 TEXT NOT NULL, subject TEXT NOT NULL, session TEXT, holder TEXT, started TEXT NOT NULL,
            paused INTEGER NOT NULL, outcome TEXT NOT NULL, ended TEXT, deviations INTEGER NOT NULL,
            unattributed INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX run_open ON run(idx) WHERE outcome = 'open';
        CREATE INDEX run_of_protocol ON run(protocol, subject, idx) WHERE outcome = 'complete';
        CREATE INDEX run_ended ON run(ended) WHERE ended IS NOT NULL;
        CREATE INDEX run_unattributed ON run(idx) WHERE unattributed = 1;
        CREATE TABLE overridden(
            idx INTEGER PRIMARY KEY, run TEXT NOT NULL, session TEXT, protocol TEXT NOT NULL, sha256 TEXT NOT NULL,
            step TEXT NOT NULL, actor TEXT, witness TEXT, at TEXT NOT NULL
        ) STRICT;
        CREATE INDEX overridden_in_run ON overridden(run);
        CREATE INDEX overridden_in_session ON overridden(session) WHERE session IS NOT NULL;
    """

    def reads(self, kind: str) -> frozenset[str] | None:
        """Which entries of this kind it takes in (see `View.reads`)."""
        ours = kind.startswith("run.") or kind in (Kind.STEP_CORRECTED, Kind.STEP_OVERRIDDEN)
        return None if ours else frozenset()

    def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Bring the tables up to date with one more entry."""
        if entry.kind == Kind.RUN_STARTED:
            self._started(db, entry)
        elif entry.kind.startswith("run.") and entry.run:
            self._changed(db, entry)
        elif entry.kind == Kind.STEP_CORRECTED and entry.run:
            db.execute("UPDATE run SET outcome = 'open', ended = NULL WHERE run = ?", (entry.run,))
        elif entry.kind == Kind.STEP_OVERRIDDEN and entry.run:
            # It stays, whatever is corrected later: what was done meanwhile was done behind a hold.
            db.execute(
                "INSERT OR IGNORE INTO overridden SELECT ?, run, session, protocol, sha256, ?, ?, ?, ? FROM run"
                " WHERE run = ?",
                (entry.index, entry.step or "", entry.actor, text_of(entry.data, "witness"), entry.at, entry.run),
            )

    @staticmethod
    def _started(db: sqlite3.Connection, entry: Entry) -> None:
        named = strings_of(entry.data, "protocol")
        db.execute(
            "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 'open', NULL, 0, ?)",
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
                entry.actor is None,
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
            case Kind.RUN_ATTRIBUTED:
                db.execute("UPDATE run SET unattributed = 0 WHERE run = ?", (entry.run,))
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
class Overridden:
    """A step that was passed all the same: its run, that protocol's title, and the ids of the two who did it."""

    run: str
    title: str
    step: str
    by: str | None
    witness: str | None
    at: str


def overrides_of(reader: Reader, run: str, session: str | None) -> list[Overridden]:
    """What was overridden in a run, and in every run of its session, oldest first."""
    rows = reader.query(
        "SELECT run, coalesce(title, protocol), step, actor, witness, at"
        " FROM overridden LEFT JOIN edition USING (sha256) WHERE run = ? OR session = ? ORDER BY idx",
        (run, session),
    )
    return [Overridden(str(row[0]), str(row[1]), str(row[2]), _id(row[3]), _id(row[4]), str(row[5])) for row in rows]


def _id(found: object) -> str | None:
    return None if found is None else str(found)


def _outcome(entry: Entry) -> str:
    """How a run ended. An outcome that this version does not know is never taken for a good one."""
    if entry.kind != Kind.RUN_COMPLETED:
        return entry.kind.removeprefix("run.")
    told = text_of(entry.data, "outcome")
    return told if told is not None and told in _OUTCOMES else Outcome.FAILED.value
