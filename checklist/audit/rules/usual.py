"""How long each step usually takes in this clinic, learnt from the record itself; the ground of the rules on time.

Kept in temporary tables beside the record's own, for as long as the rules are asked.
"""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, Final

from checklist.audit.statistics import centre_and_spread

if TYPE_CHECKING:
    import sqlite3

_TABLES: Final = (
    "CREATE TEMP TABLE after_break(n INTEGER PRIMARY KEY) STRICT",
    """INSERT OR IGNORE INTO after_break
    SELECT min(step.n) FROM entry CROSS JOIN step ON step.run = entry.run AND step.n > entry.n
    WHERE entry.kind IN ('run.resumed', 'run.handed-over') GROUP BY entry.n""",
    """CREATE TEMP TABLE timed(
    run INTEGER NOT NULL, step TEXT NOT NULL, n INTEGER NOT NULL, ms INTEGER NOT NULL, value TEXT, actor TEXT,
    protocol TEXT NOT NULL, kind TEXT NOT NULL, at_least REAL) STRICT""",
    """INSERT INTO timed
    SELECT step.run, step.step, step.n, step.ms, step.value, step.actor, run.protocol, written.kind, written.at_least
    FROM step CROSS JOIN run ON run.n = step.run
    CROSS JOIN written ON written.sha256 = run.sha256 AND written.step = step.step
    WHERE step.state = 'done' AND step.ms IS NOT NULL AND step.corrected = 0
    AND step.n NOT IN (SELECT n FROM after_break) AND written.kind NOT IN ('timer', 'assign')
    ORDER BY step.run""",
    """CREATE TEMP TABLE usual(
    protocol TEXT NOT NULL, step TEXT NOT NULL, samples INTEGER NOT NULL, centre REAL NOT NULL, spread REAL NOT NULL,
    PRIMARY KEY (protocol, step)) STRICT, WITHOUT ROWID""",
)
# timed: each step that a person did, and that was timed, run by run. What a clock or the program itself decides is left
# out, and so are what was corrected (its time is that of the correction) and the first step after a break (it may have
# been done meanwhile).
# usual: by the natural logarithm of milliseconds, since people's times are spread by factors.

LEAST_SPREAD: Final = 0.2
"""People are never more even than that, whatever few samples say."""


def learn_usual(db: sqlite3.Connection) -> None:
    """Lay out `timed` and `usual` anew."""
    forget_usual(db)
    for statement in _TABLES:
        db.execute(statement)
    logs: dict[tuple[str, str], array[float]] = {}
    for protocol, step, ms in db.execute("SELECT protocol, step, ms FROM timed"):
        logs.setdefault((protocol, step), array("f")).append(math.log(max(ms, 1)))
    rows = ((*key, len(all_of), *centre_and_spread(sorted(all_of))) for key, all_of in logs.items())
    db.executemany(
        "INSERT INTO usual VALUES (?, ?, ?, ?, max(?, ?))",
        ((protocol, step, samples, centre, spread, LEAST_SPREAD) for protocol, step, samples, centre, spread in rows),
    )


def forget_usual(db: sqlite3.Connection) -> None:
    """Take them away again."""
    db.execute("DROP TABLE IF EXISTS temp.timed")
    db.execute("DROP TABLE IF EXISTS temp.usual")
    db.execute("DROP TABLE IF EXISTS temp.after_break")


def seconds(ms: float) -> str:
    """How long something took, as people say it."""
    if ms >= 120_000:
        minutes, rest = divmod(round(ms / 1000), 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{ms / 1000:.0f} s" if ms >= 9_950 else f"{ms / 1000:.1f} s"
