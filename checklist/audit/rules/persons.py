"""The rules on who: one person for whom nothing ever goes wrong, and two who always confirm each other."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from checklist.audit.rules.rule import DESIGN, TICKED, Check, Context, Rule, Seen
from checklist.audit.statistics import FALSE_ALARMS, fewer_than_chance, more_than_chance, streaks

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

ALL_PASS: Final = Rule(
    id="all-pass-streak",
    severity="look",
    title="One person never, or hardly ever, has a deviation where colleagues have many",
    looks_at="The longest row of finished runs without any deviation of each person, and all of their runs, at one "
    "protocol and over all of them, against half the share of runs with one that their colleagues have at the same "
    "protocols.",
    why="Instruments fail, readings must be taken again, and patients decline. Where that never happens, it may not be "
    "written down.",
    source=TICKED,
    unseen="A team in which nobody writes down a deviation.",
    honest="The person works with the newest machine, or on the quiet days.",
)
SAME_WITNESS: Final = Rule(
    id="same-witness",
    severity="look",
    title="The same two people confirm each other far more often than chance",
    looks_at="For each person, who confirmed their steps, against who else was there on those days and confirms steps.",
    why="A second pair of eyes helps where it looks for itself. Two who always sign for each other may have stopped "
    "looking.",
    source=f"{DESIGN}; {TICKED}",
    unseen="Two who are the only ones there, and second readings that were agreed on beforehand.",
    honest="They work in the same room, or in the same shift of a day.",
)

_ENOUGH: Final = 30
_MARGIN: Final = 0.5
_LEAST_PAIR: Final = 20
_LEAST_SHARE: Final = 0.6
_TIMES_EXPECTED: Final = 1.8


@dataclass(frozen=True, slots=True)
class _Ended:
    """A run that ended: whether it had a deviation, and the share of its protocol's runs by others that had one."""

    protocol: str
    n: int
    last: int
    off: bool
    share: float = 0.0


def _all_pass(db: sqlite3.Connection, _: Context) -> Iterator[Seen]:
    by_starter = _ended(db)
    tests = len({(starter, one.protocol) for starter, runs in by_starter.items() for one in runs}) + len(by_starter)
    for starter, runs in sorted(by_starter.items()):
        by_protocol: dict[str, list[_Ended]] = defaultdict(list)
        for one in runs:
            by_protocol[one.protocol].append(one)
        own = [seen for protocol, its in sorted(by_protocol.items()) if (seen := _told(starter, protocol, its, tests))]
        over_all = None if own else _told(starter, "", runs, tests)
        yield from [over_all] if over_all else own


def _ended(db: sqlite3.Connection) -> dict[str, list[_Ended]]:
    """The runs that each person began and that ended, oldest first."""
    question = (
        "SELECT starter, protocol, n, last, deviations > 0 FROM run WHERE starter IS NOT NULL"
        " AND outcome IN ('complete', 'complete-except-deferred', 'failed') ORDER BY n"
    )
    found: dict[str, list[_Ended]] = defaultdict(list)
    whole: Counter[str] = Counter()
    off: Counter[str] = Counter()
    for starter, protocol, n, last, deviates in db.execute(question):
        found[starter].append(_Ended(protocol, n, last, bool(deviates)))
        whole[protocol] += 1
        off[protocol] += deviates
    for starter, runs in found.items():
        own = Counter(one.protocol for one in runs)
        own_off = Counter(one.protocol for one in runs if one.off)
        shares = {
            protocol: (off[protocol] - own_off[protocol]) / others
            for protocol in own
            if (others := whole[protocol] - own[protocol]) >= _ENOUGH
        }
        found[starter] = [replace(one, share=shares.get(one.protocol, 0.0)) for one in runs]
    return found


def _told(starter: str, protocol: str, runs: Sequence[_Ended], tests: int) -> Seen | None:
    """What is to be said of the runs of one person, at one protocol or ("") at all: a long row without a deviation, or
    hardly any in all of them."""
    if len(runs) < _ENOUGH:
        return None
    of = f"“{protocol}”" if protocol else f"{len({one.protocol for one in runs})} protocols"
    entries = {one.last for one in runs}
    if (row := _unlikely_row(runs, tests)) is not None:
        why = f"{starter} had no deviation in {len(row)} runs of {of} in a row; {_expected(row)}"
        return Seen(row[-1].last, row[-1].n, why, entries)
    seen, chances = sum(one.off for one in runs), [_MARGIN * one.share for one in runs]
    if fewer_than_chance(seen, chances) * tests >= FALSE_ALARMS:
        return None
    why = f"{starter} had a deviation in {seen} of {len(runs)} runs of {of}; {_expected(runs)}"
    return Seen(runs[-1].last, runs[-1].n, why, entries)


def _expected(runs: Sequence[_Ended]) -> str:
    return f"at the share of their colleagues about {sum(one.share for one in runs):.0f} of these runs would have one"


def _unlikely_row(runs: Sequence[_Ended], tests: int) -> Sequence[_Ended] | None:
    """The row of runs without a deviation that is hardest to put down to chance, where it is too hard."""
    rows = [runs[at : at + length] for at, length in streaks([one.off for one in runs]) if not runs[at].off]
    if not rows:
        return None
    chances = [math.prod(1 - _MARGIN * one.share for one in row) for row in rows]
    least = min(range(len(rows)), key=chances.__getitem__)
    starts = len(runs) - len(rows[least]) + 1
    return rows[least] if chances[least] * starts * tests < FALSE_ALARMS else None


def _same_witness(db: sqlite3.Connection, _: Context) -> Iterator[Seen]:
    there: dict[str, set[str]] = defaultdict(set)
    for day, actor in db.execute("SELECT DISTINCT day, actor FROM entry WHERE actor IS NOT NULL"):
        there[day].add(actor)
    question = (
        "SELECT witnessing.n, witnessing.run, witnessing.actor, witnessing.witness, entry.day"
        " FROM witnessing JOIN entry USING (n) WHERE witnessing.actor IS NOT NULL AND witness IS NOT NULL ORDER BY n"
    )
    confirmed: dict[str, list[tuple[int, int, str, str]]] = defaultdict(list)
    by_witness: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for n, run, actor, witness, day in db.execute(question):
        confirmed[actor].append((n, run, witness, day))
        by_witness[witness][actor] += 1
    tests = sum(len(actors) for actors in by_witness.values())
    for actor, own in confirmed.items():
        # How often each of the others confirms steps of anybody else: some do it more than others.
        weights = {
            witness: float(sum(times for whose, times in counts.items() if whose != actor) + 1)
            for witness, counts in by_witness.items()
            if witness != actor
        }
        for witness in {witness for _, _, witness, _ in own}:
            yield from _pair(actor, witness, own, weights, there, tests)


def _pair(
    actor: str,
    witness: str,
    own: list[tuple[int, int, str, str]],
    weights: Mapping[str, float],
    there: Mapping[str, set[str]],
    tests: int,
) -> Iterator[Seen]:
    both = [one for one in own if witness in there[one[3]]]
    seen = sum(one == witness for _, _, one, _ in both)
    if seen < _LEAST_PAIR or seen < _LEAST_SHARE * len(both):
        return
    chances = []
    for _, _, _, day in both:
        could = sum(weight for one, weight in weights.items() if one in there[day])
        chances.append(weights[witness] / could)
    if seen >= _TIMES_EXPECTED * sum(chances) and more_than_chance(seen, chances) * tests < FALSE_ALARMS:
        n, run, _, _ = next(one for one in reversed(both) if one[2] == witness)
        expected = f"about {sum(chances):.0f} were to be expected by who else was there"
        why = f"{witness} confirmed {seen} of {len(both)} steps of {actor} on days with both; {expected}"
        yield Seen(n, run, why, {n for n, _, one, _ in both if one == witness})


CHECKS: Final = (Check(ALL_PASS, _all_pass), Check(SAME_WITNESS, _same_witness))
