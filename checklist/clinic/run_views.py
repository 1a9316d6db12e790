"""The tables about runs: where each stands, who answers for it, and what was overridden in it.

Kept with the entries and rebuilt from them like every view; here is also how they are asked for overrides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.clinic.follow_ups import machine_returned, recall_asks, return_undone, walk_begun, walk_ended
from checklist.clinic.identifiers.trace_views import QUARANTINE_ENDED, RECALLED
from checklist.clinic.visits.visit_views import REVIEWED, reviewed_of
from checklist.ledger.entry import format_place
from checklist.run.events import Kind, number_of, strings_of, text_of
from checklist.run.marks import Outcome
from checklist.run.paper import paper_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from checklist.ledger.entry import Entry, Json
    from checklist.ledger.reader import Reader
    from checklist.run.paper import Paper

_OUTCOMES = frozenset(Outcome)
_WHOLE = frozenset({Outcome.COMPLETE.value, Outcome.COMPLETE_EXCEPT_DEFERRED.value})
_CHANGING = frozenset({Kind.STEP_CORRECTED, Kind.STEP_OVERRIDDEN, Kind.STEP_DEFERRED, REVIEWED})


@dataclass(frozen=True, slots=True)
class RunsView:
    """One row a run: what is open, what ended when, and what nobody stands for; and one for every step overridden, for
    every follow-up that a failure or a recall asked for, and for every step that was put off.

    `moment` is when a run first was whole: on paper, or here. No correction makes it younger. Until then it is when it
    ended otherwise, or began. A follow-up is `settled` (1) once it was walked in a whole run, or (2) once the machine
    that it is about has returned by another list; then `begun` is the run that has proved it.
    """

    name: str = "runs"
    tables: tuple[str, ...] = ("run", "overridden", "reviewed_elsewhere", "follow_up", "put_off")
    schema: str = """
        CREATE TABLE run(
            run TEXT PRIMARY KEY, idx INTEGER NOT NULL, protocol TEXT NOT NULL, version TEXT NOT NULL,
            sha256 TEXT NOT NULL, subject TEXT NOT NULL, session TEXT, holder TEXT, started TEXT NOT NULL,
            paused INTEGER NOT NULL, outcome TEXT NOT NULL, ended TEXT, deviations INTEGER NOT NULL,
            unattributed INTEGER NOT NULL, moment TEXT NOT NULL, whole INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX run_open ON run(idx) WHERE outcome = 'open';
        CREATE INDEX run_of_protocol ON run(protocol, subject, idx) WHERE outcome = 'complete';
        CREATE INDEX run_of ON run(protocol, subject, moment);
        CREATE INDEX run_about ON run(subject, started);
        CREATE INDEX run_of_session ON run(session) WHERE session IS NOT NULL;
        CREATE INDEX run_of_holder ON run(holder, started);
        CREATE INDEX run_begun ON run(started);
        CREATE INDEX run_ended ON run(ended) WHERE ended IS NOT NULL;
        CREATE INDEX run_unattributed ON run(idx) WHERE unattributed = 1;
        CREATE TABLE overridden(
            idx INTEGER PRIMARY KEY, run TEXT NOT NULL, session TEXT, protocol TEXT NOT NULL, sha256 TEXT NOT NULL,
            step TEXT NOT NULL, actor TEXT, witness TEXT, at TEXT NOT NULL, reviewed INTEGER NOT NULL,
            leaf TEXT NOT NULL
        ) STRICT;
        CREATE TABLE reviewed_elsewhere(
            station TEXT NOT NULL, idx INTEGER NOT NULL, leaf TEXT NOT NULL, PRIMARY KEY (station, idx, leaf)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX overridden_in_run ON overridden(run);
        CREATE INDEX overridden_in_session ON overridden(session) WHERE session IS NOT NULL;
        CREATE TABLE follow_up(
            idx INTEGER PRIMARY KEY, protocol TEXT NOT NULL, run TEXT NOT NULL, step TEXT NOT NULL,
            subject TEXT NOT NULL, session TEXT, at TEXT NOT NULL, begun TEXT, settled INTEGER NOT NULL,
            recalled TEXT
        ) STRICT;
        CREATE INDEX follow_up_open ON follow_up(protocol, idx) WHERE settled = 0;
        CREATE INDEX follow_up_begun ON follow_up(begun) WHERE begun IS NOT NULL;
        CREATE UNIQUE INDEX follow_up_waits ON follow_up(protocol, idx) WHERE begun IS NULL;
        CREATE UNIQUE INDEX follow_up_returned ON follow_up(begun, idx) WHERE settled = 2;
        CREATE UNIQUE INDEX follow_up_of_run ON follow_up(run, step, idx);
        CREATE TABLE put_off(
            run TEXT NOT NULL, step TEXT NOT NULL, until TEXT NOT NULL, idx INTEGER NOT NULL, at TEXT NOT NULL,
            PRIMARY KEY (run, step)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX put_off_until ON put_off(until);
    """

    def reads(self, kind: str) -> frozenset[str] | None:
        """Which entries of this kind it takes in (see `View.reads`)."""
        if kind.startswith("run.") or kind in _CHANGING:
            return None
        if kind == RECALLED:
            return frozenset({"opens"})
        if kind == QUARANTINE_ENDED:
            return frozenset({"proved_by"})
        return frozenset({"open"}) if kind in (Kind.STEP_ATTEMPTED, Kind.STEP_FAILED) else frozenset()

    def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Bring the tables up to date with one more entry."""
        if entry.kind == Kind.RUN_STARTED:
            self._started(db, entry)
        elif entry.kind.startswith("run.") and entry.run:
            self._changed(db, entry)
        elif entry.run:
            self._of_step(db, entry, entry.run)
        elif entry.kind == RECALLED:
            recall_asks(db, entry)
        elif entry.kind == QUARANTINE_ENDED:
            machine_returned(db, entry)
        elif about := reviewed_of(entry):
            if about.station == entry.station:
                db.execute("UPDATE overridden SET reviewed = 1 WHERE idx = ? AND leaf = ?", (about.index, about.leaf))
            else:  # of an earlier ledger of this clinic
                db.execute(
                    "INSERT OR IGNORE INTO reviewed_elsewhere VALUES (?, ?, ?)",
                    (about.station, about.index, about.leaf),
                )

    @staticmethod
    def _of_step(db: sqlite3.Connection, entry: Entry, run: str) -> None:
        match entry.kind:
            case Kind.STEP_CORRECTED:
                db.execute("UPDATE run SET outcome = 'open', ended = NULL WHERE run = ?", (run,))
                db.execute("DELETE FROM put_off WHERE run = ? AND step = ?", (run, entry.step))
                db.execute("DELETE FROM follow_up WHERE run = ? AND step = ? AND begun IS NULL", (run, entry.step))
                return_undone(db, run)
            case Kind.STEP_OVERRIDDEN:
                # It stays, whatever is corrected later: what was done meanwhile was done behind a hold.
                db.execute(
                    "INSERT OR IGNORE INTO overridden SELECT ?, run, session, protocol, sha256, ?, ?, ?, ?, 0, ?"
                    " FROM run WHERE run = ?",
                    (
                        entry.index,
                        entry.step or "",
                        entry.actor,
                        text_of(entry.data, "witness"),
                        entry.at,
                        entry.leaf,
                        run,
                    ),
                )
            case Kind.STEP_DEFERRED:
                until = text_of(entry.data, "until") or ""
                row = (run, entry.step or "", until, entry.index, entry.at)
                db.execute("INSERT OR REPLACE INTO put_off VALUES (?, ?, ?, ?, ?)", row)
            case Kind.STEP_ATTEMPTED | Kind.STEP_FAILED:
                follows = text_of(entry.data, "open")
                if follows:  # once a step: every further attempt at it asks for the same
                    db.execute(
                        "INSERT INTO follow_up"
                        " SELECT ?, ?, run, ?, subject, session, ?, NULL, 0, NULL FROM run WHERE run = ?"
                        " AND NOT EXISTS (SELECT 1 FROM follow_up WHERE run = ? AND step = ? AND begun IS NULL)",
                        (entry.index, follows, entry.step or "", entry.at, run, run, entry.step or ""),
                    )
            case _:
                pass

    @staticmethod
    def _started(db: sqlite3.Connection, entry: Entry) -> None:
        named, paper = strings_of(entry.data, "protocol"), paper_of(entry.data)
        db.execute(
            "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 'open', NULL, 0, ?, ?, ?)",
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
                _moment(paper) if paper else entry.at,
                paper is not None,
            ),
        )
        walk_begun(db, entry.place)

    @staticmethod
    def _changed(db: sqlite3.Connection, entry: Entry) -> None:
        match entry.kind:
            case Kind.RUN_PAUSED:
                db.execute("UPDATE run SET paused = 1 WHERE run = ?", (entry.run,))
            case Kind.RUN_RESUMED:
                db.execute(  # whoever goes on with it takes up what was put off
                    "DELETE FROM put_off WHERE run = ?"
                    " AND EXISTS (SELECT 1 FROM run WHERE run.run = put_off.run AND outcome = ?)",
                    (entry.run, Outcome.COMPLETE_EXCEPT_DEFERRED.value),
                )
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
                    "UPDATE run SET outcome = ?, ended = ?, deviations = ?, paused = 0, whole = whole OR ?,"
                    " moment = CASE WHEN whole THEN moment ELSE ? END WHERE run = ?",
                    (outcome, entry.at, deviations, outcome in _WHOLE, entry.at, entry.run),
                )
                _settle(db, entry.run, outcome)
                walk_ended(db, entry.run, whole=outcome in _WHOLE)
            case _:
                pass


def _moment(paper: Paper) -> str:
    """The end of a sheet as the ledger writes a moment."""
    return f"{paper.ended.removesuffix('Z')}.000000Z"


def run_from_paper(reader: Reader, protocol: str, subject: str, paper: Paper) -> str | None:
    """The run in which a sheet with these times was entered, and not abandoned; None where there is none."""
    rows = reader.query(
        "SELECT run, idx FROM run WHERE protocol = ? AND subject = ? AND moment = ? AND outcome <> ?",
        (protocol, subject, _moment(paper), Outcome.ABANDONED.value),
    )
    return next((str(run) for run, index in rows if paper_of(reader.entry(int(str(index))).data) == paper), None)


def _settle(db: sqlite3.Connection, run: str | None, outcome: str) -> None:
    """What was put off is settled when its run came to nothing, or when the same was done in a whole run since."""
    if outcome == Outcome.COMPLETE:
        db.execute(
            "DELETE FROM put_off WHERE EXISTS (SELECT 1 FROM run AS older, run AS newer WHERE older.run = put_off.run"
            " AND newer.run = ? AND older.protocol = newer.protocol AND older.subject = newer.subject)",
            (run,),
        )
    elif outcome != Outcome.COMPLETE_EXCEPT_DEFERRED:
        db.execute("DELETE FROM put_off WHERE run = ?", (run,))


def reviewed_since(readers: Sequence[Reader], station: str, index: int, leaf: str) -> bool:
    """Whether an override of an earlier ledger was looked at in a later one."""
    question = "SELECT 1 FROM reviewed_elsewhere WHERE station = ? AND idx = ? AND leaf = ?"
    return any(reader.query(question, (station, index, leaf)) for reader in readers)


def all_reviewed(readers: Sequence[Reader], reader: Reader, run: str) -> bool:
    """Whether somebody has reviewed every override of a run of this ledger."""
    rows = reader.query("SELECT idx, leaf FROM overridden WHERE run = ? AND reviewed = 0", (run,))
    return all(reviewed_since(readers, reader.station, int(str(index)), str(leaf)) for index, leaf in rows)


@dataclass(frozen=True, slots=True)
class Overridden:
    """What was passed all the same: a step of a run, or a gate that did not say GO (then run and step are empty), with
    the title of that protocol or procedure, the ids of the two who did it, and its place in the record."""

    run: str
    title: str
    step: str
    by: str | None
    witness: str | None
    at: str
    place: str
    reviewed: bool

    def data(self) -> dict[str, Json]:
        """The stable keys of it in `show --json` and `clear --json`."""
        return {
            "entry": self.place,
            "run": self.run or None,
            "title": self.title,
            "step": self.step or None,
            "by": self.by,
            "witness": self.witness,
            "at": self.at,
            "reviewed": self.reviewed,
        }


def overrides_of(readers: Sequence[Reader], run: str, session: str | None) -> tuple[Overridden, ...]:
    """What was overridden in a run, in every run of its session, and at the gates of that session, oldest first. One in
    a ledger that a restore left may have been reviewed in a later one."""
    return tuple(each for reader in readers for each in _overrides_in(reader, readers, run, session))


def _overrides_in(reader: Reader, readers: Sequence[Reader], run: str, session: str | None) -> list[Overridden]:
    rows = reader.query(
        "SELECT run, coalesce(title, protocol), step, actor, witness, at, idx, reviewed, leaf"
        " FROM overridden LEFT JOIN edition USING (sha256) WHERE run = ? OR session = ?",
        (run, session),
    )
    found = [(int(str(row[6])), _step_overridden(reader, readers, row)) for row in rows]
    if session is not None:
        found += _gates_overridden(reader, readers, session)
    return [each for _, each in sorted(found, key=lambda one: one[0])]


def _step_overridden(reader: Reader, readers: Sequence[Reader], row: tuple[object, ...]) -> Overridden:
    run, title, step, by, witness, at, index, reviewed, leaf = row
    place = format_place(reader.station, int(str(index)))
    seen = bool(reviewed) or reviewed_since(readers, reader.station, int(str(index)), str(leaf))
    return Overridden(str(run), str(title), str(step), _id(by), _id(witness), str(at), place, seen)


def _gates_overridden(reader: Reader, readers: Sequence[Reader], session: str) -> Iterator[tuple[int, Overridden]]:
    rows = reader.query(
        "SELECT coalesce(title, procedure), overridden, review FROM clearance"
        " LEFT JOIN text_in_force ON text_in_force.id = procedure WHERE session = ? AND overridden IS NOT NULL",
        (session,),
    )
    for title, index, review in rows:
        entry = reader.entry(int(str(index)))
        witness = text_of(entry.data, "witness")
        seen = review is None or reviewed_since(readers, reader.station, entry.index, entry.leaf)
        yield (
            entry.index,
            Overridden("", str(title), "", entry.actor, witness, entry.at, entry.place, reviewed=seen),
        )


def _id(found: object) -> str | None:
    return None if found is None else str(found)


def _outcome(entry: Entry) -> str:
    """How a run ended. An outcome that this version does not know is never taken for a good one."""
    if entry.kind != Kind.RUN_COMPLETED:
        return entry.kind.removeprefix("run.")
    told = text_of(entry.data, "outcome")
    return told if told is not None and told in _OUTCOMES else Outcome.FAILED.value
