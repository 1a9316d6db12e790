"""Appending: one entry with its views and its signed checkpoint, against one row in one table.

Same file system, same settings of SQLite, same bytes.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Protocol

from checklist.clinic.service import Clinic
from checklist.ledger import schema
from checklist.ledger.entry import Draft
from checklist.run import commands as c
from checklist.run.reading import Refusal
from tests.benchmarks.clinics import adopt_text, confirming, signed_in
from tests.benchmarks.figures import Row, Samples, compared, timed

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from checklist.run.state import RunState
    from tests.benchmarks.clinics import Workshop

BLOCK = 20
BLOCKS = 20
LEAST_RATE = 0.7


def measure(workshop: Workshop) -> list[Row]:
    """The rows of this measure."""
    folder = workshop.fresh("appending")
    adopt_text(folder, confirming(BLOCK))
    with Clinic.open(folder) as clinic, contextlib.closing(_bare(workshop.root / "bare.db")) as bare:
        ours, plain = _blocks(clinic, bare, _Appending(clinic))
        steps, beside = _blocks(clinic, bare, _Walking(clinic))
    rate = plain.median / ours.median
    append = Row(
        f"append 1 entry + checkpoint: rate of bare SQLite's ({1 / ours.median:.0f}/s : {1 / plain.median:.0f}/s)",
        len(ours.values),
        ours.times(1e3).text("ms"),
        plain.times(1e3).text("ms"),
        f"{rate:.2f}x",
        f">= {LEAST_RATE:g}x",
        rate >= LEAST_RATE,
    )
    return [append, compared("one confirm step through the clinic's door", steps.times(1e3), beside.times(1e3), "ms")]


class _Side(Protocol):
    def prepare(self) -> None:
        """Make ready for a block, uncounted."""

    def act(self) -> None:
        """What is counted: exactly one transaction."""


class _Appending:
    """The entry of a confirm step, straight to the ledger."""

    def __init__(self, clinic: Clinic) -> None:
        self._ledger = clinic.ledger
        who = signed_in(clinic)
        run = _begun(clinic.begin("benchmark", "clinic", who, "tui")).run
        self._drafts = [Draft("step.done", {"attempts": 1, "ms": 4200}, who.id, "tui", run, "step-1")]

    def prepare(self) -> None:
        """Nothing."""

    def act(self) -> None:
        self._ledger.append(lambda _: self._drafts)


class _Walking:
    """Confirm steps as a face sends them; every block is a run of its own."""

    def __init__(self, clinic: Clinic) -> None:
        self._clinic = clinic
        self._who = signed_in(clinic)

    def prepare(self) -> None:
        self._state = _begun(self._clinic.begin("benchmark", "clinic", self._who, "tui"))

    def act(self) -> None:
        step = self._state.current
        if step is None:
            raise RuntimeError("no step is left")
        self._state = _begun(self._clinic.do(self._state.run, c.Confirm(step.id), self._who, "tui"))


def _begun(state: RunState | Refusal) -> RunState:
    if isinstance(state, Refusal):
        raise TypeError(state.message)
    return state


def _bare(path: Path) -> sqlite3.Connection:
    path.touch()
    db = schema.connect(path, write=True)
    db.execute("CREATE TABLE entry(idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT")
    return db


def _blocks(clinic: Clinic, bare: sqlite3.Connection, side: _Side) -> tuple[Samples, Samples]:
    """Seconds of each transaction: ours, and bare ones of the same leaves. The first block of each is dropped."""
    ours: list[float] = []
    plain: list[float] = []
    for _ in range(1 + BLOCKS):
        side.prepare()
        start = clinic.ledger.size
        ours += [timed(side.act) for _ in range(BLOCK)]
        leaves = [entry.to_leaf() for entry in clinic.ledger.entries(start)]
        plain += [timed(lambda leaf=leaf: _insert(bare, leaf)) for leaf in leaves]  # type: ignore[misc]
    return Samples(tuple(ours[BLOCK:])), Samples(tuple(plain[BLOCK:]))


def _insert(bare: sqlite3.Connection, leaf: bytes) -> None:
    bare.execute("BEGIN IMMEDIATE")
    bare.execute("INSERT INTO entry(leaf) VALUES(?)", (leaf,))
    bare.execute("COMMIT")
