"""What is counted: a period, and within it everything, one protocol or one room.

A question is SQL with marks for what is in scope (`$RUN`, `$PLANNED`, `$CLEARED`) and for what is a deviation (`$OFF`),
so that each says only what it counts. Nothing is read that is not part of the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

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
_AHEAD: Final = (
    "((SELECT julianday(at) FROM entry WHERE n <= :upto ORDER BY n DESC LIMIT 1) <= julianday(step.until) + 1)"
)
_DIFFERS: Final = (
    "(step.state NOT IN ('current', 'pending')"
    " AND (step.state <> 'done' OR step.attempts > 1 OR step.reason IS NOT NULL))"
)
_AT_ONCE: Final = "(step.state = 'done' AND step.attempts <= 1 AND step.corrected = 0)"
_KEPT: Final = f"({_AS_ASKED} AND (({_AT_ONCE} AND {_IN_TIME}) OR (step.state = 'deferred' AND {_AHEAD})))"
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
        "planned.day BETWEEN :since AND :until AND planned.day < :over"
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
