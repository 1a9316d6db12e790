"""The table of steriliser cycles that were told by a printout: which machine, which number, which readings, and where.

Kept with the entries and rebuilt from them like every view. How it is asked is in `printouts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.run.events import Kind
from checklist.run.printout import ABORTED, printout_of

if TYPE_CHECKING:
    import sqlite3

    from checklist.ledger.entry import Entry


@dataclass(frozen=True, slots=True)
class CyclesView:
    """One row for the printout that a run has now, and one for every aborted cycle that it ever told of.

    A file that was attached by mistake, and corrected since, was not of this run; that a cycle was aborted is never
    taken back.
    """

    name: str = "cycles"
    tables: tuple[str, ...] = ("cycle",)
    schema: str = """
        CREATE TABLE cycle(
            idx INTEGER PRIMARY KEY, machine TEXT NOT NULL, serial TEXT NOT NULL, cycle INTEGER NOT NULL,
            started TEXT NOT NULL, series TEXT NOT NULL, result TEXT NOT NULL, run TEXT NOT NULL, step TEXT NOT NULL
        ) STRICT;
        CREATE INDEX cycle_of_machine ON cycle(machine, serial, cycle);
        CREATE INDEX cycle_series ON cycle(series) WHERE series <> '';
        CREATE INDEX cycle_of_run ON cycle(run, step);
    """

    def reads(self, kind: str) -> frozenset[str] | None:
        """Which entries of this kind it takes in (see `View.reads`)."""
        if kind == Kind.STEP_CORRECTED:
            return None
        return frozenset({"readout"}) if kind in (Kind.STEP_ATTEMPTED, Kind.STEP_DONE) else frozenset()

    def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Bring the table up to date with one more entry."""
        if entry.run is None or entry.kind not in (Kind.STEP_ATTEMPTED, Kind.STEP_DONE, Kind.STEP_CORRECTED):
            return
        told = printout_of(entry.data) if entry.kind != Kind.STEP_CORRECTED else None
        if told is None and entry.kind != Kind.STEP_CORRECTED:
            return
        place = (entry.run, entry.step or "")
        db.execute("DELETE FROM cycle WHERE run = ? AND step = ? AND result <> ?", (*place, ABORTED))
        if told is not None:
            row = (entry.index, told.machine, told.serial, told.cycle, told.started, told.series, told.result, *place)
            db.execute("INSERT OR IGNORE INTO cycle VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
