"""What the adopted protocols say of each step, as rows of `written`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from checklist.protocol.plain import Duration
from checklist.run.deferring import asked

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from checklist.protocol.model import Protocol


def fill_written(db: sqlite3.Connection, texts: Callable[[str], Protocol | None]) -> None:
    """Put in what each adopted protocol says that is not there yet; one that cannot be read is left out."""
    missing = "SELECT sha256 FROM text WHERE kind = 'protocol' AND sha256 NOT IN (SELECT sha256 FROM written)"
    for (sha256,) in db.execute(missing).fetchall():
        protocol = texts(sha256)
        if protocol is None:
            continue
        rows = []
        for position, step in enumerate(protocol.steps):
            limit = step.limit if step.kind == "measure" else None
            low, high = (limit.min, limit.max) if limit is not None else (None, None)
            at_least = float(step.at_least.seconds) if isinstance(step.at_least, Duration) else None
            unit = step.unit if step.kind == "measure" else None
            ends = tuple(float(end) if isinstance(end, Decimal) else None for end in (low, high))
            words = (sha256, step.id, position, step.kind, step.do, unit, at_least)
            rows.append((*words, *ends, int(step.hold), _later(step.do)))
        db.executemany("INSERT INTO written VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def _later(words: str | None) -> float | None:
    """How many hours later a step is asked for at most; None where its words do not ask for that."""
    lengths = [after.total_seconds() / 3600 for _, after in asked(words or "")]
    return max(lengths, default=None)
