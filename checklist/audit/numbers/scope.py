"""What is counted: a period, and within it everything, one protocol or one room.

A question is SQL with marks for what is in scope (`$RUN`, `$PLANNED`, `$CLEARED`) and for what is a deviation (`$OFF`),
so that each says only what it counts. Nothing is read that is not part of the answer.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from checklist.audit.state import LAST_WORK

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping

Row = tuple[object, ...]

# A visit is in a room when it was cleared for it.
_IN_ROOM: Final = "IN (SELECT session FROM clearance WHERE subject = :room AND session IS NOT NULL)"
# A step may be put off for as long as its words ask, and done by the time that was set, both with a day's grace: a day
# is named rather than an hour, and the clinic may be closed.
_AS_ASKED: Final = (
    "(step.until IS NOT NULL AND EXISTS (SELECT 1 FROM written AS asks WHERE asks.sha256 = run.sha256"
    " AND asks.step = step.step AND julianday(step.until) <= julianday(run.at) + asks.later / 24 + 1))"
)
_IN_TIME: Final = "(julianday(step.at) <= julianday(step.until) + 1)"
_NOW: Final = "SELECT julianday(at) FROM entry WHERE n <= :upto ORDER BY n DESC LIMIT 1"
_LAST_WORK: Final = f"SELECT julianday(at) {LAST_WORK}"
_AHEAD: Final = f"(({_NOW}) <= julianday(step.until) + 1)"
_DIFFERS: Final = (
    "(step.state NOT IN ('current', 'pending')"
    " AND (step.state <> 'done' OR step.attempts > 1 OR step.reason IS NOT NULL))"
)
_AT_ONCE: Final = "(step.state = 'done' AND step.attempts <= 1 AND step.corrected = 0)"
_KEPT: Final = f"({_AS_ASKED} AND (({_AT_ONCE} AND {_IN_TIME}) OR (step.state = 'deferred' AND {_AHEAD})))"
AS_PLANNED: Final = _KEPT.replace(_NOW, _LAST_WORK)
"""Whether a step (`step` of `run`) is one that a report counts apart, as put off by its own words and kept."""
UNPLANNED: Final = f"({_DIFFERS} AND NOT {AS_PLANNED})"
"""Whether a step is a deviation as a report up to the clinic's last work counts them."""
ON_RECORD: Final = "planned.due >= (SELECT at FROM entry ORDER BY n LIMIT 1)"
"""Whether what was planned could have been recorded: not what fell due before the record began."""
OVER: Final = f"planned.day < (SELECT day {LAST_WORK})"
"""Whether the day on which something was planned was over at the clinic's last work."""
_MARKS: Final[Mapping[str, str]] = {
    "$AS_ASKED": _AS_ASKED,
    "$IN_TIME": _IN_TIME,
    "$AHEAD": _AHEAD,
    "$AT_ONCE": _AT_ONCE,
    # What was put off as its words ask, and was kept or can still be, is none (see `put_off`).
    "$OFF": f"({_DIFFERS} AND NOT {_KEPT})",
    "$RUN": (
        "run.day BETWEEN :since AND :until AND (:protocol IS NULL OR run.protocol = :protocol)"
        f" AND (:room IS NULL OR run.subject = :room OR run.session {_IN_ROOM})"
    ),
    "$PLANNED": (
        f"planned.day BETWEEN :since AND :until AND planned.day < :over AND {ON_RECORD}"
        " AND (:protocol IS NULL OR planned.protocol = :protocol)"
        " AND (:room IS NULL OR planned.subject = :room)"
    ),
    "$CLEARED": "clearance.day BETWEEN :since AND :until AND (:room IS NULL OR clearance.subject = :room)",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Both days are within it; `room` is its id. `over`: the first day that is not over yet, and by which nothing is
    late or missed. `upto`: the n of the newest entry that is counted."""

    since: str
    until: str
    protocol: str | None = None
    room: str | None = None
    over: str = "9999-12-31"
    upto: int = 2**62

    @property
    def narrowed(self) -> bool:
        """Whether it leaves anything of the period out."""
        return self.protocol is not None or self.room is not None

    def ask(self, db: sqlite3.Connection, question: str, **more: str | float | None) -> Iterator[Row]:
        """The rows of an answer. `more` are further parameters of the question."""
        for mark, condition in _MARKS.items():
            question = question.replace(mark, condition)
        room = None if self.room is None else f"room={self.room}"
        known = {"since": self.since, "until": self.until, "protocol": self.protocol, "room": room, "over": self.over}
        return iter(db.execute(question, {**known, "upto": self.upto, **more}))


def year_to(until: date) -> date:
    """The first day of the twelve months that end on a day."""
    if until == date.max:
        return date(until.year, 1, 1)
    day_after = until + timedelta(days=1)
    with suppress(ValueError):
        return day_after.replace(year=day_after.year - 1)
    return date(day_after.year - 1, 3, 1)  # no 29 February in that year


def share(part: int, whole: int) -> str:
    """A part in per cent; nothing is rounded to none or to all of it."""
    if not whole:
        return "–"
    exact = 100 * part / whole
    if 0 < exact < 0.1:
        return "< 0.1 %"
    if 99.9 < exact < 100:
        return "> 99.9 %"
    return f"{exact:.1f} %" if exact % 100 else f"{exact:.0f} %"


def number(value: object) -> int:
    """A count out of a row."""
    return value if isinstance(value, int) else 0


def measure(value: object) -> float | None:
    """A measured number out of a row."""
    return float(value) if isinstance(value, (int, float)) else None


def word(value: object) -> str:
    """A text out of a row; NULL is empty."""
    return "" if value is None else str(value)
