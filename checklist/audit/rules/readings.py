"""The rules on readings: the same value again and again, and last digits that people choose rather than instruments."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from operator import eq
from typing import TYPE_CHECKING, Final

from checklist.audit.rules.rule import TICKED, Check, Context, Rule, Seen
from checklist.audit.statistics import FALSE_ALARMS, in_a_row, more_than_chance, most_likely, streaks

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

IDENTICAL: Final = Rule(
    id="identical-readings",
    severity="look",
    title="The same reading, run after run",
    looks_at="Readings typed at one step about one subject, in the order of the runs: of everybody together, and of "
    "each person by themselves. How likely such a row is, is taken from how often that value comes, and how often a "
    "value comes twice in a row, in the readings of all others.",
    why="An instrument that is read moves in its last digit. A value that never moves was copied, or the instrument "
    "stands still.",
    source=TICKED,
    unseen="Values that were made up with some care, and instruments that everybody reads as the same.",
    honest="The instrument is stuck or shows too few digits, or what is read really is that even: then nobody else "
    "sees it move either, and this rule keeps still once there is enough to compare with.",
)
DIGITS: Final = Rule(
    id="digit-preference",
    severity="look",
    title="Readings that end in 0 or 5 far more often than those of others",
    looks_at="The last digit of each person's readings at one step, and over all steps with as many decimals, against "
    "those of colleagues at the same steps, or a fifth where nobody else reads it; only of what takes nine values or "
    "more (Chernoff's bound on the binomial, Bonferroni).",
    why="Who reads an instrument meets every last digit. Who guesses, or reads in passing, writes round numbers.",
    source=TICKED,
    unseen="Made-up values with varied digits.",
    honest="The person reads another display, which moves in steps of a half.",
)

_LEAST_ROW: Final = 8
_ENOUGH: Final = 30
_EFFECT: Final = 0.2
_FIFTH: Final = 0.2
"""Two last digits of ten."""
_VALUES: Final = 9
"""What takes fewer values than that is a setting or a count rather than a reading."""


@dataclass(frozen=True, slots=True)
class _Reading:
    run: int
    n: int
    actor: str
    value: str
    subject: str


def _steps(db: sqlite3.Connection, context: Context) -> Iterator[tuple[str, str, list[_Reading]]]:
    """What was typed at each step that measures, step by step, oldest first."""
    question = (
        "SELECT run.protocol, step.step, run.n, step.n, coalesce(step.actor, ''), step.value, run.subject"
        " FROM step CROSS JOIN run ON run.n = step.run"
        " CROSS JOIN written ON written.sha256 = run.sha256 AND written.step = step.step"
        " WHERE step.number IS NOT NULL AND written.kind = 'measure' AND step.input = 'typed'"
        " AND step.state IN ('done', 'failed') ORDER BY run.protocol, step.step, run.n"
    )
    told = (row for row in db.execute(question) if (row[2], row[1]) not in context.unread)
    for (protocol, step), rows in groupby(told, lambda row: (row[0], row[1])):
        yield protocol, step, [_Reading(*row[2:]) for row in rows]


def _identical(db: sqlite3.Connection, context: Context) -> Iterator[Seen]:
    for _protocol, step, readings in _steps(db, context):
        about: dict[str, list[_Reading]] = {}
        for one in readings:
            # A visit is a subject of its own: what is read there is compared over all visits.
            about.setdefault("" if one.subject.startswith("session=") else one.subject, []).append(one)
        told: set[int] = set()
        for actor in (*sorted({one.actor for one in readings if one.actor}), None):
            anywhere = _others(readings, actor)
            for subject, own in about.items():
                here = _others(own, actor) if len(about) > 1 else anywhere
                for row, chance in _unlikely([one for one in own if actor in (None, one.actor)], here, anywhere, actor):
                    if row[-1].n not in told:
                        told.update(one.n for one in row)
                        yield _same(step, subject, actor, row, chance)


def _same(step: str, subject: str, actor: str | None, row: Sequence[_Reading], chance: float) -> Seen:
    who, of = f" by {actor}" if actor else "", f" ({subject})" if subject else ""
    expected = f"by the readings of all others it comes again {chance:.0%} of the time at most"
    why = f"“{step}”{of} read {row[0].value} in {len(row)} runs in a row{who}; {expected}"
    return Seen(row[-1].n, row[-1].run, why, {one.n for one in row})


@dataclass(frozen=True, slots=True)
class _Known:
    """What some readings say: how many, how often each value, and how often one was the same as that before."""

    count: int
    values: Counter[str]
    again: int

    def chance(self, value: str) -> float:
        """How likely the next reading is that value again; 1 where too little is known."""
        if self.count < _ENOUGH:
            return 1.0
        return max(most_likely(self.values[value], self.count), most_likely(self.again, self.count - 1))

    def without(self, row: Sequence[_Reading]) -> _Known:
        """The same without a row of equal readings."""
        rest = self.values.copy()
        rest[row[0].value] -= len(row)
        return _Known(self.count - len(row), rest, max(self.again - len(row) + 1, 0))


def _others(readings: Sequence[_Reading], actor: str | None) -> _Known:
    """What was read by all but that person."""
    values = [one.value for one in readings if actor is None or one.actor != actor]
    return _Known(len(values), Counter(values), sum(map(eq, values, values[1:])))


def _unlikely(
    own: Sequence[_Reading], here: _Known, anywhere: _Known, actor: str | None
) -> Iterator[tuple[Sequence[_Reading], float]]:
    """The rows of equal values that chance does not make, and how likely one more was. Compared with the readings about
    the same subject where there are enough, and otherwise about all."""
    for at, length in streaks([one.value for one in own]):
        if length < _LEAST_ROW:
            continue
        row = own[at : at + length]
        near, far = (here, anywhere) if actor else (here.without(row), anywhere.without(row))
        chance = (near if near.count >= _ENOUGH else far).chance(row[0].value)
        if in_a_row(length, len(own), chance) < FALSE_ALARMS / 100:
            yield row, chance


@dataclass(frozen=True, slots=True)
class _Rounded:
    """A reading's place, whether it ends in 0 or 5, the share that does of what others read at the same step, and how
    likely that is by it at most."""

    n: int
    run: int
    is_round: bool
    share: float
    chance: float


def _digits(db: sqlite3.Connection, context: Context) -> Iterator[Seen]:
    """At single steps first; a person of whom nothing is told there, over all steps with as many decimals."""
    by_step: dict[tuple[str, int, str], list[_Rounded]] = {}
    by_places: dict[tuple[str, int], list[_Rounded]] = {}
    for protocol, step, readings in _steps(db, context):
        places = max(_places(one.value) for one in readings)
        if len({one.value for one in readings}) < _VALUES:
            continue
        for actor, own in _rounded(readings, places):
            by_step[actor, places, f"“{step}” of “{protocol}”"] = own
            by_places.setdefault((actor, places), []).extend(own)
    tests = len(by_step) + len(by_places)
    told: set[tuple[str, int]] = set()
    for (actor, places, step), own in by_step.items():
        if _too_round(own, tests):
            told.add((actor, places))
            yield _preferred(actor, step, own)
    for (actor, places), own in by_places.items():
        if (actor, places) not in told and _too_round(own, tests):
            what = "with one decimal" if places == 1 else f"with {places} decimals" if places else "in whole numbers"
            yield _preferred(actor, f"steps {what}", own)


def _rounded(readings: Sequence[_Reading], places: int) -> Iterator[tuple[str, list[_Rounded]]]:
    """The readings of each person at one step."""
    all_round = {one.n: _is_round(one.value, places) for one in readings}
    own: dict[str, list[_Reading]] = {}
    for one in readings:
        own.setdefault(one.actor, []).append(one)
    whole = sum(all_round.values())
    for actor, listed in own.items():
        others, hits = len(readings) - len(listed), whole - sum(all_round[one.n] for one in listed)
        share, chance = (hits / others, most_likely(hits, others, 2.0)) if others >= _ENOUGH else (_FIFTH, _FIFTH)
        chance = max(_FIFTH, chance)
        if actor and chance < 1 - _EFFECT:
            yield actor, [_Rounded(one.n, one.run, all_round[one.n], share, chance) for one in listed]


def _too_round(own: Sequence[_Rounded], tests: int) -> bool:
    hits, expected = sum(one.is_round for one in own), sum(one.chance for one in own)
    if len(own) < _ENOUGH or hits < expected + _EFFECT * len(own):
        return False
    return more_than_chance(hits, [one.chance for one in own]) * tests < FALSE_ALARMS


def _preferred(actor: str, where: str, own: Sequence[_Rounded]) -> Seen:
    hits, expected = sum(one.is_round for one in own), f"about {sum(one.share for one in own):.0f}"
    last = max(own, key=lambda one: one.n)
    why = f"{hits} of {len(own)} readings by {actor} at {where} end in 0 or 5; at the share of all others {expected} do"
    return Seen(last.n, last.run, why, {one.n for one in own})


def _places(value: str) -> int:
    return len(value.partition(".")[2])


def _is_round(value: str, places: int) -> bool:
    whole, _, decimals = value.partition(".")
    return f"{whole}{decimals.ljust(places, '0')}"[-1] in "05"


CHECKS: Final = (Check(IDENTICAL, _identical), Check(DIGITS, _digits))
