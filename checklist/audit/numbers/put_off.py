"""Steps that were put off because their own words ask for it (“24-48 h after”): appointments, and what came of them.

Knows which of them are no deviation: those that were kept, and those whose time has not passed by the newest entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from checklist.audit.numbers.scope import number, word

if TYPE_CHECKING:
    import sqlite3

    from checklist.audit.numbers.scope import Scope


@dataclass(frozen=True, slots=True)
class PutOff:
    """One step, and how often it was put off as its words ask. `late`: done after the time that was set. `open`: that
    has not passed. `not_done`: it has, or the step was left out in the end."""

    protocol: str
    step: str
    in_time: int
    late: int
    open: int
    not_done: int

    @property
    def times(self) -> int:
        """How often altogether."""
        return self.in_time + self.late + self.open + self.not_done


_PUT_OFF: Final = """
    WITH each AS (
        SELECT run.protocol, step.step, step.state = 'done' AS done, step.state IN ('deferred', 'pending', 'current')
            AS waits, $IN_TIME AS kept, $AHEAD AS ahead
        FROM run JOIN step ON step.run = run.n WHERE $RUN AND $AS_ASKED
    )
    SELECT protocol, step, sum(done AND kept), sum(done AND NOT kept), sum(waits AND ahead),
        sum(NOT done AND NOT (waits AND ahead))
    FROM each GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2
"""


def put_off(db: sqlite3.Connection, scope: Scope) -> tuple[PutOff, ...]:
    """Every step that was put off so, the most frequent first."""
    return tuple(PutOff(word(of), word(step), *map(number, counts)) for of, step, *counts in scope.ask(db, _PUT_OFF))
