"""How much was done, of what was planned and by whom."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from checklist.audit.numbers.scope import number, word

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from checklist.audit.numbers.scope import Scope

PLANS: Final = "plans"
"""Under this key the tables say by which plans what was asked for was made out."""
By = Literal["protocol", "weekday", "month"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the period holds. `days` had a run begun on them; `entries` counts the whole period, whatever the scope."""

    entries: int
    runs: int
    steps: int
    days: int
    protocols: int
    operators: int
    deviations: int
    outcomes: tuple[tuple[str, int], ...]
    unreadable: int
    """Entries that could not be read, whenever they were made."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the plan asked for, and what became of it. `of`: a protocol's id, a weekday (0 is Monday) or 2027-03."""

    of: str
    done: int
    late: int
    missed: int

    @property
    def planned(self) -> int:
        """How much was asked for."""
        return self.done + self.late + self.missed


@dataclass(frozen=True, slots=True)
class Plans:
    """By which plans it was made out what was asked for. `since`: the day from which on the record says what the plan
    was; "" where it never does. `changed`: the days on which it was changed; `lost`: those of which the record names a
    plan that is gone. `unrecorded`: whether clinic.toml has another one by now that is not on record."""

    since: str
    changed: tuple[str, ...]
    lost: tuple[str, ...]
    unrecorded: bool


@dataclass(frozen=True, slots=True)
class Share:
    """What one person did: steps closed, runs begun, and steps of others that they confirmed."""

    operator: str
    steps: int
    runs: int
    witnessed: int


_COVERAGE: Final = """
    SELECT count(*), count(DISTINCT run.day), count(DISTINCT run.protocol) FROM run WHERE $RUN
"""
_STEPS: Final = """
    SELECT count(*), count(DISTINCT step.actor), coalesce(sum($OFF), 0) FROM run JOIN step ON step.run = run.n
    WHERE $RUN AND state NOT IN ('current', 'pending')
"""
_PLAN: Final = """
    SELECT $OF, sum(state = 'done'), sum(state = 'late'), sum(state = 'missed') FROM planned WHERE $PLANNED
    AND state <> 'unknown' GROUP BY 1 ORDER BY $ORDER
"""
_KEPT: Final[Mapping[By, tuple[str, str]]] = {
    "protocol": ("planned.protocol", "4 DESC, 3 DESC, 1"),
    "weekday": ("(CAST(strftime('%w', planned.day) AS INTEGER) + 6) % 7", "1"),
    "month": ("substr(planned.day, 1, 7)", "1"),
}
_SHARES: Final = """
    WITH did AS (
        SELECT step.actor AS operator, count(*) AS steps, 0 AS runs, 0 AS witnessed
        FROM run JOIN step ON step.run = run.n WHERE $RUN AND step.state NOT IN ('current', 'pending') GROUP BY 1
        UNION ALL SELECT coalesce(run.starter, run.attributed), 0, count(*), 0 FROM run WHERE $RUN GROUP BY 1
        UNION ALL SELECT witnessing.witness, 0, 0, count(*)
        FROM run JOIN witnessing ON witnessing.run = run.n WHERE $RUN GROUP BY 1
    )
    SELECT operator, sum(steps), sum(runs), sum(witnessed) FROM did GROUP BY 1 ORDER BY 2 DESC, 3 DESC, 1
"""


def coverage(db: sqlite3.Connection, scope: Scope) -> Coverage:
    """How much the period holds."""
    ((begun, days, protocols),) = scope.ask(db, _COVERAGE)
    ((steps, operators, deviations),) = scope.ask(db, _STEPS)
    ((unreadable,),) = scope.ask(db, "SELECT count(*) FROM damage")
    ended = scope.ask(db, "SELECT outcome, count(*) FROM run WHERE $RUN GROUP BY 1 ORDER BY 2 DESC, 1")
    return Coverage(
        entries=entries(db, scope),
        runs=number(begun),
        steps=number(steps),
        days=number(days),
        protocols=number(protocols),
        operators=number(operators),
        deviations=number(deviations),
        outcomes=tuple((word(outcome), number(count)) for outcome, count in ended),
        unreadable=number(unreadable),
    )


def entries(db: sqlite3.Connection, scope: Scope) -> int:
    """How many entries it holds."""
    ((count,),) = scope.ask(db, "SELECT count(*) FROM entry WHERE day BETWEEN :since AND :until AND n <= :upto")
    return number(count)


def runs(db: sqlite3.Connection, scope: Scope) -> int:
    """How many runs it holds."""
    ((count,),) = scope.ask(db, "SELECT count(*) FROM run WHERE $RUN")
    return number(count)


def unreadable(db: sqlite3.Connection, limit: int) -> tuple[tuple[str, str], ...]:
    """The first entries that could not be read, by their place in the record, and why."""
    rows = db.execute("SELECT station || '#' || idx, why FROM damage ORDER BY n LIMIT ?", (limit,))
    return tuple((word(place), word(why)) for place, why in rows)


def kept(db: sqlite3.Connection, scope: Scope, by: By) -> tuple[Kept, ...]:
    """The plan against what was done; weekdays and months in their order, protocols with the most trouble first."""
    named, order = _KEPT[by]
    rows = scope.ask(db, _PLAN.replace("$OF", named).replace("$ORDER", order))
    return tuple(Kept(word(of), number(done), number(late), number(missed)) for of, done, late, missed in rows)


def unknown(db: sqlite3.Connection, scope: Scope) -> int:
    """Of how much that the plan asked for nobody can say what became of it: entries of that time cannot be read."""
    ((count,),) = scope.ask(db, "SELECT count(*) FROM planned WHERE $PLANNED AND state = 'unknown'")
    return number(count)


def planned_to(db: sqlite3.Connection) -> str:
    """The day on which it was last made out what the plan asked for until then; "" where that was never possible."""
    row = db.execute("SELECT value FROM made WHERE key = 'planned'").fetchone()
    return word(row[0]).partition(" ")[0] if row else ""


def plans(db: sqlite3.Connection) -> Plans:
    """By which plans that was made out."""
    row = db.execute("SELECT value FROM made WHERE key = ?", (PLANS,)).fetchone()
    told = json.loads(row[0]) if row else {}
    changed, lost = (tuple(word(day) for day in told.get(key, ())) for key in ("changed", "lost"))
    return Plans(word(told.get("since")), changed, lost, told.get("unrecorded") is True)


def before(db: sqlite3.Connection, day: str) -> bool:
    """Whether anything was recorded before a day."""
    return db.execute("SELECT 1 FROM entry WHERE day < ? LIMIT 1", (day,)).fetchone() is not None


def shares(db: sqlite3.Connection, scope: Scope) -> tuple[Share, ...]:
    """What each person did, whoever did most first; "" is nobody who had signed in."""
    rows = scope.ask(db, _SHARES)
    return tuple(Share(word(who), number(steps), number(runs), number(seen)) for who, steps, runs, seen in rows)
