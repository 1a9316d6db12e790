"""What was measured: how long steps took, and readings over time beside their limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from checklist.audit.numbers.scope import measure, number, word

if TYPE_CHECKING:
    import sqlite3

    from checklist.audit.numbers.scope import Scope

MOST_POINTS: Final = 400
"""More readings than this are drawn by the day, or where there are more days than this by the month."""
_SPREAD: Final = 3 / 1.128
"""Natural limits lie three standard deviations out, and 1.128 turns a mean moving range into one (chart of
individual values, ISO 7870-2)."""

_PRESSURES: Final = ("Pa", "hPa", "kPa", "MPa", "bar", "mbar", "[psi]", "mm[Hg]")
_BELOW_ZERO: Final = frozenset({"Cel", "[degF]", *_PRESSURES, *(f"{each}/min" for each in _PRESSURES)})
"""In these units there are readings below zero: temperatures, and pressures against that of the air."""


@dataclass(frozen=True, slots=True)
class StepTime:
    """How long one step took, in seconds to the tenth: the nearest ranks of 5, 25, 50, 75 and 95 per cent. `faster`:
    how many took less than the minimum that their protocol's text names (`at_least`: its longest)."""

    protocol: str
    step: str
    count: int
    low: float
    quarter: float
    median: float
    three_quarters: float
    high: float
    at_least: float | None
    faster: int


@dataclass(frozen=True, slots=True)
class Readings:
    """One measured step, at one machine where its protocol is about machines. `low`, `high`: the limit in the newest
    of the texts used. `changed`: whether others named another one. `outside`: readings beyond their own text's."""

    protocol: str
    step: str
    subject: str
    unit: str
    count: int
    mean: float
    least: float
    most: float
    moving: float | None
    low: float | None
    high: float | None
    changed: bool
    outside: int
    days: int

    @property
    def floor(self) -> float | None:
        """What no reading of this unit can lie below; None where it can be anything."""
        return None if self.unit in _BELOW_ZERO or self.least < 0 else 0.0

    def rounded(self, number: float) -> str:
        """What was reckoned from the readings, with one decimal more than they have."""
        places = max(len(f"{each:g}".partition(".")[2]) for each in (self.least, self.most))
        return f"{number:.{places + 1}f}"

    @property
    def natural(self) -> tuple[float, float] | None:
        """Between which values these readings would lie if nothing but chance moved them; None for too few."""
        if self.moving is None:
            return None
        low, high = self.mean - _SPREAD * self.moving, self.mean + _SPREAD * self.moving
        return (low if self.floor is None else max(low, self.floor)), high

    @property
    def grain(self) -> Literal["value", "day", "month"]:
        """What one point of a picture stands for."""
        if self.count <= MOST_POINTS:
            return "value"
        return "day" if self.days <= MOST_POINTS else "month"


@dataclass(frozen=True, slots=True)
class Point:
    """One reading, or those of a day or a month: their mean, and the least and the most of them."""

    at: str
    mean: float
    least: float
    most: float
    outside: bool


_ONE: Final = "(:of IS NULL OR run.protocol = :of) AND (:step IS NULL OR written.step = :step)"
_TIMES: Final = """
    WITH tenth AS (
        SELECT run.protocol, run.sha256, step.step, step.ms / 100 AS tenth, count(*) AS many
        FROM run JOIN step ON step.run = run.n
        WHERE $RUN AND step.state = 'done' AND step.ms IS NOT NULL GROUP BY 1, 2, 3, 4
    ), ranked AS (
        SELECT tenth.*, at_least,
            sum(many) OVER (PARTITION BY protocol, tenth.step ORDER BY tenth) AS upto,
            sum(many) OVER (PARTITION BY protocol, tenth.step) AS whole
        FROM tenth LEFT JOIN written ON written.sha256 = tenth.sha256 AND written.step = tenth.step
    )
    SELECT protocol, step, max(whole),
        min(tenth) FILTER (WHERE upto * 100 >= whole * 5) / 10.0,
        min(tenth) FILTER (WHERE upto * 100 >= whole * 25) / 10.0,
        min(tenth) FILTER (WHERE upto * 100 >= whole * 50) / 10.0,
        min(tenth) FILTER (WHERE upto * 100 >= whole * 75) / 10.0,
        min(tenth) FILTER (WHERE upto * 100 >= whole * 95) / 10.0,
        max(at_least), coalesce(sum(many) FILTER (WHERE tenth / 10.0 < at_least), 0)
    FROM ranked GROUP BY 1, 2 ORDER BY 1, 2
"""
# What a second person has yet to read for themselves is no number of anything: it would tell them what to read.
_TOLD: Final = "(run.n, {}.step) NOT IN (SELECT run, step FROM temp.unread)"
# What passed, and what did not: a value that failed and was taken again is a reading too.
_READING: Final = """
    reading AS (
        SELECT run.n, run.day, run.protocol, step.step,
            CASE WHEN run.subject LIKE 'equipment=%' THEN run.subject ELSE '' END AS subject, step.unit,
            step.at, step.number, written.low, written.high
        FROM run JOIN step ON step.run = run.n
        JOIN written ON written.sha256 = run.sha256 AND written.step = step.step AND written.kind = 'measure'
        WHERE $RUN AND $ONE AND step.state = 'done' AND step.number IS NOT NULL AND $TOLD_STEP
        UNION ALL
        SELECT run.n, run.day, run.protocol, attempt.step,
            CASE WHEN run.subject LIKE 'equipment=%' THEN run.subject ELSE '' END, attempt.unit,
            attempt.at, attempt.number, written.low, written.high
        FROM run JOIN attempt ON attempt.run = run.n
        JOIN written ON written.sha256 = run.sha256 AND written.step = attempt.step AND written.kind = 'measure'
        WHERE $RUN AND $ONE AND attempt.verdict = 'fail' AND attempt.number IS NOT NULL AND $TOLD_ATTEMPT
    )
"""
_READINGS: Final = """
    WITH $READING, moving AS (
        SELECT *, abs(number - lag(number) OVER (PARTITION BY protocol, step, subject, unit ORDER BY at, n)) AS moved
        FROM reading
    )
    SELECT protocol, step, subject, unit, count(*), avg(number), min(number), max(number), avg(moved),
        sum(number < low OR number > high), count(DISTINCT day), max(n),
        count(DISTINCT coalesce(low, '') || '/' || coalesce(high, '')) > 1
    FROM moving GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
_LIMIT: Final = """
    SELECT written.low, written.high FROM run JOIN written ON written.sha256 = run.sha256
    WHERE run.n = ? AND written.step = ?
"""
_POINTS: Final = """
    WITH $READING, point AS (
        SELECT *, CASE :grain WHEN 'value' THEN at WHEN 'day' THEN day ELSE substr(day, 1, 7) || '-01' END AS moment,
            CASE :grain WHEN 'value' THEN n ELSE 0 END AS single
        FROM reading WHERE subject = :subject AND unit = :unit
    )
    SELECT moment, avg(number), min(number), max(number), coalesce(max(number < low OR number > high), 0)
    FROM point GROUP BY moment, single, CASE :grain WHEN 'value' THEN number END ORDER BY moment, single
"""


def times(db: sqlite3.Connection, scope: Scope) -> tuple[StepTime, ...]:
    """How long each step took that was done, by protocol and step."""
    found = []
    for of, step, count, *ranks, at_least, faster in scope.ask(db, _TIMES):
        low, quarter, median, upper, high = (measure(rank) or 0.0 for rank in ranks)
        found.append(
            StepTime(
                word(of),
                word(step),
                number(count),
                low,
                quarter,
                median,
                upper,
                high,
                measure(at_least),
                number(faster),
            )
        )
    return tuple(found)


def readings(db: sqlite3.Connection, scope: Scope) -> tuple[Readings, ...]:
    """Every measured step, by protocol, step and machine."""
    found = []
    for of, step, subject, unit, count, mean, least, most, moving, outside, days, last, changed in scope.ask(
        db, _spelled(_READINGS), of=None, step=None
    ):
        limits = db.execute(_LIMIT, (last, step)).fetchone() or (None, None)
        found.append(
            Readings(
                protocol=word(of),
                step=word(step),
                subject=word(subject),
                unit=word(unit),
                count=number(count),
                mean=measure(mean) or 0.0,
                least=measure(least) or 0.0,
                most=measure(most) or 0.0,
                moving=measure(moving),
                low=measure(limits[0]),
                high=measure(limits[1]),
                changed=bool(changed),
                outside=number(outside),
                days=number(days),
            )
        )
    return tuple(found)


def points(db: sqlite3.Connection, scope: Scope, of: Readings) -> tuple[Point, ...]:
    """The readings in their order, at most some hundred points of them."""
    asked = {"of": of.protocol, "step": of.step, "subject": of.subject, "unit": of.unit, "grain": of.grain}
    rows = scope.ask(db, _spelled(_POINTS), **asked)
    return tuple(
        Point(word(at), measure(mean) or 0.0, measure(least) or 0.0, measure(most) or 0.0, bool(outside))
        for at, mean, least, most, outside in rows
    )


def _spelled(question: str) -> str:
    told = {"$TOLD_STEP": _TOLD.format("step"), "$TOLD_ATTEMPT": _TOLD.format("attempt")}
    for mark, condition in {"$READING": _READING, "$ONE": _ONE, **told}.items():
        question = question.replace(mark, condition)
    return question
