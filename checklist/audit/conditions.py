"""What the words of a filter mean for each of the four things that can be asked for, as conditions of SQL.

A run (`run AS r`), an entry outside of runs (`entry AS e`), a run that was expected and is missing (`planned AS p`),
and any entry by itself (`entry AS e`). What is unknown counts as not so, so that `-` is the opposite of every word.
Where a step is named, `state:` and `deviation:` speak of that step; otherwise of any step of the run.
`deviation:yes` is what the story marks; `deviation:unplanned` leaves out what was put off as planned, as a report does.
"""

# ruff: noqa: S608 - every part of a statement here is a constant of ours; what people write is bound

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from checklist.audit.numbers import scope
from checklist.audit.words import ANY, IDENTIFIERS, TEXT, UNPLANNED, Filter
from checklist.trace.follow import key as key_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from checklist.audit.sought import Sought

NEVER: Final = "0"
_OFF: Final = (
    "(s.state NOT IN ('pending', 'current') AND (s.state <> 'done' OR s.attempts > 1 OR s.reason IS NOT NULL))"
)
_AT_STEP: Final = "SELECT 1 FROM step AS s WHERE s.run = e.run AND s.step = e.step"
_STEP_OFF: Final = f"FROM step JOIN run ON run.n = step.run WHERE {scope.UNPLANNED}"
_STEP_IS: Final = {"yes": "off", UNPLANNED: scope.UNPLANNED}
_LISTED: Final = "(SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition and what is bound in it."""

    sql: str
    bound: tuple[object, ...] = ()

    @property
    def never(self) -> bool:
        """Whether nothing can fulfil it."""
        return self.sql == NEVER

    def opposite(self) -> Condition:
        """What holds where this does not."""
        return Condition(f"NOT coalesce({self.sql}, 0)", self.bound)


def listed(values: Iterable[object]) -> str:
    """Values as they are bound to a condition that asks whether something is one of them."""
    return json.dumps([*values])


def one_of(column: str, values: Iterable[object]) -> Condition:
    """Whether a column has one of these values."""
    found = [*values]
    marks = ", ".join("?" * len(found))
    return Condition(f"{column} IN ({marks})", tuple(found)) if found else Condition(NEVER)


def either(conditions: Iterable[Condition]) -> Condition:
    """Whether one of these holds."""
    able = [each for each in conditions if not each.never]
    if not able:
        return Condition(NEVER)
    return Condition(f"({' OR '.join(each.sql for each in able)})", tuple(b for each in able for b in each.bound))


def within(number: str, query: str, *bound: object) -> Condition:
    """Whether a number is among those that a query gives."""
    return Condition(f"{number} IN ({query})", bound)


def since(column: str, moments: Sequence[str], zone: str, *, until: bool) -> Condition:
    """Whether a time of the record lies from these moments on, or before their end."""
    sign = "<" if until else ">="
    return either(Condition(f"{column} {sign} ?", (_moment(each, zone, end=until),)) for each in moments)


def _moment(told: str, zone: str, *, end: bool) -> str:
    """A day or time by the clinic's clock as it stands in the record. A day means its beginning, or its end."""
    moment = datetime.fromisoformat(told)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
    try:
        if end and len(told) == len("2027-03-31"):
            moment += timedelta(days=1)
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}".rjust(27, "0")
    except OverflowError:
        return "~" if moment.year > 1 else ""


def _identified(column: str, number: str, told: Sequence[str], extra: str = "") -> Condition:
    found = []
    for each in told:
        kind, given, value = each.partition("=")
        if given:
            found.append(Condition("kind = ? AND value = ?", (kind, value)))
        else:
            found.append(one_of("value", sorted({each, *(key_of(kind, each) for kind in IDENTIFIERS)})))
    any_of = either(Condition(f"({each.sql})", each.bound) for each in found)
    return within(column, f"SELECT {number} FROM identifier WHERE {any_of.sql} {extra}", *any_of.bound)


def _found(column: str, number: str, rules: Sequence[str], extra: str) -> Condition:
    which = Condition("1") if ANY in rules else one_of("rule", rules)
    return within(column, f"SELECT {number} FROM finding WHERE {which.sql} {extra}", *which.bound)


def _is(told: Sequence[str], word: str, condition: Condition) -> Condition:
    return condition if word in told else Condition(NEVER)


def _off_at(which: str) -> Condition:
    """Whether an entry is about a step that deviates."""
    if which == UNPLANNED:
        return Condition(f"EXISTS (SELECT 1 {_STEP_OFF} AND step.run = e.run AND step.step = e.step)")
    return Condition(f"EXISTS ({_AT_STEP} AND {_OFF})")


def _off_in(which: str) -> Condition:
    """Whether a step of a run deviates."""
    some = f" AND EXISTS (SELECT 1 {_STEP_OFF} AND step.run = r.n)" if which == UNPLANNED else ""
    return Condition(f"(r.deviations > 0{some})")


def _nothing(_: Sequence[str]) -> Condition:
    return Condition(NEVER)


class Conditions:
    """The conditions of one filter, asked of one catalogue."""

    def __init__(self, db: sqlite3.Connection, wanted: Filter, sought: Sought) -> None:
        self._wanted = wanted
        self._sought = sought
        row = db.execute("SELECT value FROM made WHERE key = 'zone'").fetchone()
        self._zone = str(row[0]) if row else "UTC"

    def of_runs(self) -> Condition:
        """What a run must fulfil."""
        return self._all({**self._run_words(), **self._step_words()}, skip=self._bound_to_step(), more=self._at_step())

    def of_alone(self) -> Condition:
        """What an entry outside of runs must fulfil."""
        return self._all(
            {
                "protocol": lambda told: one_of("e.protocol", told),
                "step": lambda told: one_of("e.step", told),
                "operator": lambda told: one_of("e.actor", told),
                "subject": lambda told: one_of("e.subject", told),
                "session": lambda told: one_of("e.session", told),
                "day": lambda told: one_of("e.day", told),
                "since": lambda told: since("e.at", told, self._zone, until=False),
                "until": lambda told: since("e.at", told, self._zone, until=True),
                "kind": lambda told: one_of("e.kind", told),
                "via": lambda told: one_of("e.via", told),
                "identifier": lambda told: _identified("e.n", "n", told, "AND run IS NULL"),
                "finding": lambda told: _found("e.n", "n", told, "AND n IS NOT NULL"),
                TEXT: lambda told: either(self._sought.alone(each) for each in told),
            }
        )

    def of_missed(self) -> Condition:
        """What a run that was expected and is missing must fulfil."""
        return self._all(
            {
                "protocol": lambda told: one_of("p.protocol", told),
                "subject": lambda told: one_of("p.subject", told),
                "day": lambda told: one_of("p.day", told),
                "since": lambda told: since("p.due", told, self._zone, until=False),
                "until": lambda told: since("p.due", told, self._zone, until=True),
                "is": lambda told: _is(told, "missed", Condition("1")),
                TEXT: lambda told: either(self._sought.missed(each) for each in told),
            }
        )

    def of_entries(self) -> Condition:
        """What any entry must fulfil by itself."""
        run = "SELECT n FROM run WHERE"
        return self._all(
            {
                "run": lambda told: within("e.run", f"{run} run IN {_LISTED}", listed(told)),
                "protocol": lambda told: one_of("e.protocol", told),
                "step": lambda told: one_of("e.step", told),
                "operator": lambda told: one_of("e.actor", told),
                "subject": lambda told: either(
                    [within("e.run", f"{run} subject IN {_LISTED}", listed(told)), one_of("e.subject", told)]
                ),
                "session": lambda told: either(
                    [within("e.run", f"{run} session IN {_LISTED}", listed(told)), one_of("e.session", told)]
                ),
                "day": lambda told: one_of("e.day", told),
                "since": lambda told: since("e.at", told, self._zone, until=False),
                "until": lambda told: since("e.at", told, self._zone, until=True),
                "outcome": lambda told: within("e.run", f"{run} outcome IN {_LISTED}", listed(told)),
                "state": lambda told: Condition(
                    f"EXISTS ({_AT_STEP} AND s.state IN {_LISTED})",
                    (listed(told),),
                ),
                "kind": lambda told: one_of("e.kind", told),
                "via": lambda told: one_of("e.via", told),
                "deviation": lambda told: either(_off_at(each) for each in told),
                "identifier": lambda told: _identified("e.n", "n", told),
                "finding": lambda told: either(
                    [
                        _found("e.n", "n", told, "AND n IS NOT NULL"),
                        _found("e.run", "run", told, "AND n IS NULL AND run IS NOT NULL"),
                    ]
                ),
                "is": lambda told: _is(told, "open", within("e.run", f"{run} outcome = 'open'")),
                TEXT: lambda told: either(self._sought.entries(each) for each in told),
            }
        )

    def _run_words(self) -> dict[str, Callable[[Sequence[str]], Condition]]:
        shape = "SELECT shape FROM shape_entry WHERE word ="
        return {
            "run": lambda told: one_of("r.run", told),
            "protocol": lambda told: one_of("r.protocol", told),
            "operator": lambda told: within(
                "r.crew", f"SELECT crew FROM crew_member WHERE operator IN {_LISTED}", listed(told)
            ),
            "subject": lambda told: one_of("r.subject", told),
            "session": lambda told: one_of("r.session", told),
            "day": lambda told: one_of("r.day", told),
            "since": lambda told: since("r.at", told, self._zone, until=False),
            "until": lambda told: since("r.at", told, self._zone, until=True),
            "outcome": lambda told: one_of("r.outcome", told),
            "kind": lambda told: within("r.shape", f"{shape} 'kind' AND value IN {_LISTED}", listed(told)),
            "via": lambda told: within("r.shape", f"{shape} 'via' AND value IN {_LISTED}", listed(told)),
            "identifier": lambda told: _identified("r.n", "run", told, "AND run IS NOT NULL"),
            "finding": lambda told: _found("r.n", "run", told, "AND run IS NOT NULL"),
            "is": lambda told: _is(told, "open", Condition("r.outcome = 'open'")),
            TEXT: lambda told: either(self._sought.runs(each) for each in told),
        }

    @staticmethod
    def _step_words() -> dict[str, Callable[[Sequence[str]], Condition]]:
        return {
            "step": lambda told: within(
                "r.shape", f"SELECT shape FROM shape_step WHERE step IN {_LISTED}", listed(told)
            ),
            "state": lambda told: within(
                "r.shape", f"SELECT shape FROM shape_step WHERE state IN {_LISTED}", listed(told)
            ),
            "deviation": lambda told: either(_off_in(each) for each in told),
        }

    def _bound_to_step(self) -> frozenset[str]:
        return frozenset({"state", "deviation"}) if self._wanted.values("step") else frozenset()

    def _at_step(self) -> list[Condition]:
        """What the named step of a run must have come to."""
        steps = self._wanted.values("step")
        if not steps or not any(word.word in ("state", "deviation") for word in self._wanted.words):
            return []
        told: list[tuple[str, object]] = [(f"step.step IN {_LISTED}", listed(steps))]
        for negated, sign in ((False, "IN"), (True, "NOT IN")):
            if states := self._wanted.values("state", negated=negated):
                told.append((f"step.state {sign} {_LISTED}", listed(states)))
            which = self._wanted.values("deviation", negated=negated)
            told += [(f"{_STEP_IS[each]} = ?", int(not negated)) for each in which]
        where, bound = " AND ".join(sql for sql, _ in told), tuple(bound for _, bound in told)
        if UNPLANNED in (each.value for each in self._wanted.words if each.word == "deviation"):
            steps_of = "SELECT 1 FROM step JOIN run ON run.n = step.run JOIN shape_step ON shape_step.shape = run.shape"
            same = "step.run = r.n AND shape_step.step = step.step"
            return [Condition(f"EXISTS ({steps_of} WHERE {same} AND {where})", bound)]
        return [within("r.shape", f"SELECT shape FROM shape_step AS step WHERE {where}", *bound)]

    def _all(
        self,
        meanings: dict[str, Callable[[Sequence[str]], Condition]],
        *,
        skip: frozenset[str] = frozenset(),
        more: Sequence[Condition] = (),
    ) -> Condition:
        """All words of the filter together; a word that means nothing here is fulfilled by nothing."""
        found = [*more]
        for word in dict.fromkeys(each.word for each in self._wanted.words if each.word not in skip):
            meaning = meanings.get(word, _nothing)
            values = self._wanted.values(word)
            if word == TEXT:  # all of it must stand there
                found += [meaning([value]) for value in values]
            elif values:
                found.append(meaning(values))
            if not_these := self._wanted.values(word, negated=True):
                without = meaning(not_these)
                if not without.never:
                    found.append(without.opposite())
        if any(each.never for each in found):
            return Condition(NEVER)
        return Condition(
            " AND ".join(each.sql for each in found) or "1", tuple(b for each in found for b in each.bound)
        )
