"""Looking for text: in the values of steps, in ids and titles, and in words through their commitments.

The words themselves are not in the catalogue: `said` gives the commitments behind which a text stands. Letters A to Z
match in either case.
"""

# ruff: noqa: S608 - every part of a statement here is a constant of ours; what people write is bound

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from checklist.audit.conditions import NEVER, Condition, either, listed, one_of, within

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    Said = Callable[[str], Sequence[str]]

_FEW: Final = 20_000
"""Of so many steps with a value the runs are listed first; of more, each run is asked whether it has one."""
_LISTED: Final = "(SELECT value FROM json_each(?))"
_VALUES: Final = "SELECT value FROM json_each(?)"
_LIKE: Final = "LIKE ? ESCAPE '\\'"
_READ: Final = "(run, step) NOT IN (SELECT run, step FROM temp.unread)"


def _each(column: str, table: str) -> str:
    """The different values of an indexed column that match, found by jumping from one to the next in the index."""
    return (
        f"WITH RECURSIVE each(v) AS (SELECT min({column}) FROM {table} UNION ALL"
        f" SELECT (SELECT min({column}) FROM {table} WHERE {column} > each.v) FROM each WHERE each.v IS NOT NULL)"
        f" SELECT v FROM each WHERE v {_LIKE}"
    )


_STEPS: Final = _each("step", "shape_step")
_SUBJECTS: Final = _each("subject", "run")
_KINDS: Final = _each("kind", "entry")


def nothing_said(_: str) -> Sequence[str]:
    """No words can be opened here."""
    return ()


class Sought:
    """The conditions of text, asked of one catalogue."""

    def __init__(self, db: sqlite3.Connection, said: Said) -> None:
        self._db = db
        self._said = lru_cache(said)

    def runs(self, text: str) -> Condition:
        """Whether a run (`r`) says this anywhere."""
        like = pattern(text)
        numbers = {
            *self._numbers("SELECT n FROM run WHERE run = ?", text),
            *self._numbers(
                f"SELECT n FROM run INDEXED BY run_session WHERE session IS NOT NULL AND session {_LIKE}", like
            ),
            *self._numbers(f"SELECT run FROM attempt WHERE value {_LIKE} AND {_READ}", like),
            *self._numbers(
                f"SELECT run FROM said JOIN entry USING (n) WHERE value IN {_LISTED} AND run IS NOT NULL",
                listed(self._said(text)),
            ),
        }
        valued = self._valued(like, numbers)
        return either(
            [
                within("r.n", _VALUES, listed(sorted(numbers))) if numbers else Condition(NEVER),
                one_of("r.crew", self._numbers(f"SELECT crew FROM crew_member WHERE operator {_LIKE}", like)),
                one_of("r.subject", self._words(_SUBJECTS, like)),
                within("r.shape", _VALUES, listed(shapes)) if (shapes := self._shapes(like)) else Condition(NEVER),
                valued,
            ]
        )

    def alone(self, text: str) -> Condition:
        """Whether an entry outside of runs (`e`) says this anywhere."""
        like = pattern(text)
        return either(
            [
                within("e.protocol", f"SELECT id FROM text WHERE id {_LIKE} OR title {_LIKE}",
                       like, like),
                one_of("e.kind", self._words(_KINDS, like)),
                *(Condition(f"e.{column} {_LIKE}", (like,)) for column in ("actor", "subject", "session")),
                within("e.n", f"SELECT n FROM identifier WHERE run IS NULL AND value {_LIKE}", like),
                within("e.n", "SELECT n FROM clearance WHERE decision = ? COLLATE NOCASE", text),
                within("e.n", f"SELECT n FROM said WHERE value IN {_LISTED}", listed(self._said(text))),
            ]
        )  # fmt: skip

    def missed(self, text: str) -> Condition:
        """Whether a run that is missing (`p`) would have said this."""
        like = pattern(text)
        return either(
            [
                Condition(f"p.protocol {_LIKE}", (like,)),
                within("p.protocol", f"SELECT id FROM text WHERE title {_LIKE}", like),
                Condition(f"p.subject {_LIKE}", (like,)),
            ]
        )

    def entries(self, text: str) -> Condition:
        """Whether an entry (`e`) says this by itself, or the text of its protocol and step does."""
        like = pattern(text)
        run = "SELECT n FROM run WHERE"
        return either(
            [
                self.alone(text),
                within("e.run", f"{run} run = ? OR subject {_LIKE} OR session {_LIKE}",
                       text, like, like),
                within("e.run", f"{run} sha256 IN (SELECT sha256 FROM text WHERE title {_LIKE})", like),
                within("e.n", f"SELECT n FROM step WHERE value {_LIKE} AND {_READ}", like),
                within("e.n", f"SELECT n FROM attempt WHERE value {_LIKE} AND {_READ}", like),
                within("e.n", f"SELECT n FROM identifier WHERE value {_LIKE}", like),
                Condition("EXISTS (SELECT 1 FROM written AS w JOIN run AS r ON w.sha256 = r.sha256"
                          f" WHERE r.n = e.run AND w.step = e.step AND w.does {_LIKE})", (like,)),
            ]
        )  # fmt: skip

    def _numbers(self, query: str, *bound: str) -> list[int]:
        return [int(row[0]) for row in self._db.execute(query, bound)]

    def _words(self, query: str, *bound: str) -> list[str]:
        return [str(row[0]) for row in self._db.execute(query, bound)]

    def _shapes(self, like: str) -> list[int]:
        """What the steps of a run can have come to where a step, what it says, or the title of the text matches."""
        steps = self._words(_STEPS, like)
        return self._numbers(
            f"SELECT shape FROM shape_step WHERE step IN {_LISTED}"
            f" UNION SELECT shape.id FROM shape JOIN text USING (sha256) WHERE text.id {_LIKE} OR title {_LIKE}"
            " UNION SELECT shape.id FROM shape WHERE EXISTS (SELECT 1 FROM shape_step AS s JOIN written AS w"
            f" ON w.sha256 = shape.sha256 AND w.step = s.step WHERE s.shape = shape.id AND w.does {_LIKE})",
            *(listed(steps), like, like, like),
        )

    def _valued(self, like: str, numbers: set[int]) -> Condition:
        """Whether a step of the run has such a value; where few have, their runs are put among the numbers instead."""
        matching = f"SELECT value FROM value WHERE value {_LIKE}"
        few = self._numbers(f"SELECT run FROM step WHERE value IN ({matching}) AND {_READ} LIMIT {_FEW + 1}", like)
        if len(few) <= _FEW:
            numbers.update(few)
            return Condition(NEVER)
        where = "SELECT {} FROM value WHERE value " + _LIKE
        return Condition(
            f"(r.protocol IN ({where.format('protocol')}) AND EXISTS (SELECT 1 FROM step AS s WHERE s.run = r.n"
            f" AND s.step IN ({where.format('step')}) AND s.value {_LIKE} AND {_READ}))",
            (like, like, like),
        )


def pattern(text: str) -> str:
    """What LIKE takes for: has this text in it."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
