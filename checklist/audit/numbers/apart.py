"""What was done other than written: deviations, overrides, what the gate refused, what was called back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from checklist.audit.numbers.scope import number, word

if TYPE_CHECKING:
    import sqlite3

    from checklist.audit.numbers.scope import Scope

AGAIN: Final = "again"
"""The way of a step that is done, with a value that did not pass at once or with a reason."""
LATE: Final = "late"
"""The way of a step that was put off as its words ask, and done after the time that was set."""
LATER: Final = "later"
"""The way of a step that was put off though its words do not ask for it, or for longer, and done."""


@dataclass(frozen=True, slots=True)
class Deviating:
    """One protocol, and how many of its runs deviate from it."""

    protocol: str
    runs: int
    deviating: int
    steps: int


@dataclass(frozen=True, slots=True)
class Deviation:
    """A step that was not done as written, in one way and for one reason. `way`: a state of design §2, or
    `AGAIN`, `LATE`, `LATER`."""

    protocol: str
    step: str
    way: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Override:
    """A hold or an answer of the gate that two people passed. `about`: the step of the run, or the procedure."""

    at: str
    place: str
    run: str
    protocol: str
    about: str
    actor: str
    witness: str
    reason: str
    reviewed: int | None
    """The n of the entry that says somebody looked at it; None where nobody did."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the gate said about one procedure, as far as it was recorded."""

    procedure: str
    go: int
    no_go: int
    unknown: int
    overridden: int


@dataclass(frozen=True, slots=True)
class Unmet:
    """One requirement that stood in the way. `not_met`, `unknown`: in how many answers."""

    procedure: str
    requirement: str
    not_met: int
    unknown: int


@dataclass(frozen=True, slots=True)
class CalledBack:
    """An identifier that was quarantined or recalled."""

    at: str
    place: str
    what: Literal["quarantined", "recalled"]
    kind: str
    value: str
    actor: str


_DEVIATING: Final = """
    WITH each AS (SELECT run.n, run.protocol FROM run WHERE $RUN),
    off AS (SELECT run.n, count(*) AS many FROM run JOIN step ON step.run = run.n WHERE $RUN AND $OFF GROUP BY 1)
    SELECT protocol, count(*), count(off.n), coalesce(sum(many), 0) FROM each LEFT JOIN off USING (n) GROUP BY 1
    ORDER BY 4 DESC, 1
"""
_DEVIATIONS: Final = """
    SELECT run.protocol, step.step,
        CASE WHEN $AT_ONCE AND step.until IS NOT NULL THEN CASE WHEN $AS_ASKED THEN 'late' ELSE 'later' END
            WHEN step.state = 'done' THEN 'again' ELSE step.state END,
        step.reason, count(*)
    FROM run JOIN step ON step.run = run.n WHERE $RUN AND $OFF
    GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1, 2, 3, 4
"""
_OVERRIDES: Final = """
    SELECT overriding.at, entry.station || '#' || entry.idx, run.run, run.protocol,
        coalesce(overriding.step, clearance.procedure), overriding.actor, overriding.witness, overriding.reason,
        overriding.reviewed
    FROM overriding JOIN entry ON entry.n = overriding.n
    LEFT JOIN run ON run.n = overriding.run
    LEFT JOIN clearance ON clearance.n = overriding.clearance
    WHERE entry.day BETWEEN :since AND :until
      AND (:protocol IS NULL OR run.protocol = :protocol)
      AND (:room IS NULL OR run.subject = :room OR clearance.subject = :room OR run.session IN (
          SELECT session FROM clearance WHERE subject = :room AND session IS NOT NULL))
    ORDER BY overriding.n
"""
_ANSWERS: Final = """
    SELECT procedure, sum(decision = 'GO'), sum(decision = 'NO-GO'), sum(decision = 'UNKNOWN'), count(overridden)
    FROM clearance WHERE $CLEARED GROUP BY 1 ORDER BY 1
"""
_UNMET: Final = """
    SELECT clearance.procedure, refusal.requirement, sum(refusal.met = 'no'), sum(refusal.met = 'unknown')
    FROM clearance JOIN refusal ON refusal.clearance = clearance.n
    WHERE $CLEARED GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2
"""
_CALLED_BACK: Final = """
    SELECT entry.at, entry.station || '#' || entry.idx, entry.kind, identifier.kind, identifier.value, entry.actor
    FROM entry LEFT JOIN identifier ON identifier.n = entry.n
    WHERE entry.kind IN ('quarantined', 'recalled') AND entry.day BETWEEN :since AND :until
    ORDER BY entry.n, identifier.kind, identifier.value
"""


def deviating(db: sqlite3.Connection, scope: Scope) -> tuple[Deviating, ...]:
    """Each protocol that was walked, those with the most deviations first."""
    rows = scope.ask(db, _DEVIATING)
    return tuple(Deviating(word(of), number(runs), number(some), number(all_)) for of, runs, some, all_ in rows)


def deviations(db: sqlite3.Connection, scope: Scope) -> tuple[Deviation, ...]:
    """Every way in which a step was not done as written, the most frequent first."""
    rows = scope.ask(db, _DEVIATIONS)
    return tuple(Deviation(word(of), word(step), word(way), word(why), number(n)) for of, step, way, why, n in rows)


def overrides(db: sqlite3.Connection, scope: Scope) -> tuple[Override, ...]:
    """All of them, oldest first: none is left out of any list."""
    rows = scope.ask(db, _OVERRIDES)
    return tuple(
        Override(word(at), word(place), word(run), word(of), word(about), word(actor), word(second), word(why), looked)
        for at, place, run, of, about, actor, second, why, n in rows
        for looked in (number(n) if n is not None else None,)
    )


def answers(db: sqlite3.Connection, scope: Scope) -> tuple[Answers, ...]:
    """What the gate answered, by procedure."""
    rows = scope.ask(db, _ANSWERS)
    return tuple(Answers(word(of), *map(number, counts)) for of, *counts in rows)


def unmet(db: sqlite3.Connection, scope: Scope) -> tuple[Unmet, ...]:
    """What stood in the way, the most frequent first."""
    rows = scope.ask(db, _UNMET)
    return tuple(Unmet(word(of), word(required), number(no), number(unknown)) for of, required, no, unknown in rows)


def called_back(db: sqlite3.Connection, scope: Scope) -> tuple[CalledBack, ...]:
    """What was quarantined or recalled, oldest first."""
    return tuple(
        CalledBack(word(at), word(place), "recalled" if what == "recalled" else "quarantined", *map(word, more))
        for at, place, what, *more in scope.ask(db, _CALLED_BACK)
    )
