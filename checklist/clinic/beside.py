"""Two runs beside each other, and what the rules found in one.

What makes a step differ is said here alone, for every face: its state, its value, what its text asked for, and whether
it took more than one attempt. Who did it, and a time that is far apart, is told beside it but does not count: people
and seconds are hardly ever the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from checklist.clinic.auditing import protocol_of
from checklist.protocol.showing.facts import facts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from checklist.clinic.service import Clinic
    from checklist.protocol.model import Protocol, Step

TOO: Final = {"seconds": "times far apart", "people": "other people"}
"""What is told but does not count, in words."""
FAR: Final = "Times are far apart where one is twice the other and 30 s longer."
"""When they are, for whoever reads."""
_TIMES: Final = 2
_LONGER: Final = 30
_WANTED: Final = ("Only if", "Expect", "Expected", "Limit", "Takes at least", "Wait at least", "End it before")
_SHOWN: Final = ("state", "value", "unit", "attempts", "seconds", "by", "witness")
_NAMED: Final = {"series-repeated": "cloned-printout"}
"""What an entry says it noticed itself, where the rules have another name for the same."""


@dataclass(frozen=True, slots=True)
class Side:
    """A step of one run, as far as it is compared."""

    state: str
    value: str | None
    wanted: str
    attempts: int
    seconds: float | None
    people: tuple[str | None, str | None]


def side(step: Mapping[str, object], wanted: str) -> Side:
    """A step that was shown (`record.show`), and what its text asked for (`wanted_of`)."""
    value, attempts, seconds = step["value"], step["attempts"], step["seconds"]
    by, witness = (name if isinstance(name, str) else None for name in (step["by"], step["witness"]))
    return Side(
        state=str(step["state"]),
        value=None if value is None else f"{value} {step['unit'] or ''}",
        wanted=wanted,
        attempts=attempts if isinstance(attempts, int) else 0,
        seconds=seconds if isinstance(seconds, int | float) else None,
        people=(by, witness),
    )


def differing(one: Side | None, other: Side | None) -> tuple[str, ...]:
    """What counts as differing; everything where only one of the runs has the step."""
    if one is None or other is None:
        return ("state", "value", "wanted", "attempts")
    differs = {
        "state": one.state != other.state,
        "value": one.value != other.value,
        "wanted": one.wanted != other.wanted,
        "attempts": (one.attempts > 1) != (other.attempts > 1),
    }
    return tuple(name for name, is_so in differs.items() if is_so)


def told_too(one: Side | None, other: Side | None) -> tuple[str, ...]:
    """What is told of two steps, but does not count: `seconds` where they are far apart, `people` where others did
    it."""
    if one is None or other is None:
        return ()
    told = []
    if one.seconds is not None and other.seconds is not None:
        least, most = sorted((one.seconds, other.seconds))
        if most >= _TIMES * least and most - least >= _LONGER:
            told.append("seconds")
    if any(one.people) and any(other.people) and one.people != other.people:
        told.append("people")
    return tuple(told)


def wanted_of(protocol: Protocol, step: Step) -> str:
    """What a text asked for at a step."""
    wanted = [fact for fact in facts(protocol, step) if fact.name in _WANTED or fact.words.startswith("Only if")]
    return "; ".join(f"{fact.name.lower()} {fact.words}".strip() for fact in wanted)


def beside(clinic: Clinic, one: Mapping[str, object], other: Mapping[str, object]) -> list[dict[str, object]]:
    """The steps of two runs that were shown (`record.show`), side by side in the order of the first. `differs` names
    what counts as differing, `too` what does not. A step that only one of them has is None in the other."""
    mine, theirs = _steps(one), _steps(other)
    asked, they_asked = _asked(clinic, one), _asked(clinic, other)
    told: list[dict[str, object]] = []
    for name in dict.fromkeys([*mine, *theirs]):
        first, second = mine.get(name), theirs.get(name)
        left = None if first is None else side(first, asked.get(name, ""))
        right = None if second is None else side(second, they_asked.get(name, ""))
        told.append(
            {
                "id": name,
                "title": next(step["title"] for step in (first, second) if step is not None),
                "one": _shown(first, left),
                "other": _shown(second, right),
                "differs": [*differing(left, right)],
                "too": [*told_too(left, right)],
            }
        )
    return told


def found_in(db: sqlite3.Connection, run: str, told: object) -> list[dict[str, object]]:
    """What is to be looked at in a run: what the rules found when last asked, as every list counts it, and after it
    what only the run says of itself (`told`). `severity` and `reviewed` are the rules'; None and False where only the
    run says so."""
    query = (
        "SELECT rule, severity, coalesce(e.idx, s.idx), why, f.reviewed IS NOT NULL FROM run AS r"
        " JOIN entry AS s ON s.n = r.n JOIN finding AS f ON f.run = r.n LEFT JOIN entry AS e ON e.n = f.n"
        " WHERE r.run = ? ORDER BY f.n, rule, f.id"
    )
    found: list[dict[str, object]] = [
        {"rule": rule, "run": run, "entry": entry, "why": why, "severity": severity, "reviewed": bool(reviewed)}
        for rule, severity, entry, why, reviewed in db.execute(query, (run,))
    ]
    known = {(each["rule"], each["entry"]) for each in found}
    own = [named(each) for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    alone: dict[str, object] = {"severity": None, "reviewed": False}
    return [*found, *({**alone, **each} for each in own if (each["rule"], each["entry"]) not in known)]


def named(finding: Mapping[str, object]) -> dict[str, object]:
    """A finding under the id by which the rules know it."""
    return {**finding, "rule": _NAMED.get(str(finding["rule"]), finding["rule"])}


def _asked(clinic: Clinic, run: Mapping[str, object]) -> dict[str, str]:
    """What the text of a run asked for, by step; nothing where it cannot be read any more."""
    text = run["protocol"]
    protocol = protocol_of(clinic, str(text["sha256"])) if isinstance(text, dict) else None
    return {} if protocol is None else {step.id: wanted_of(protocol, step) for step in protocol.steps}


def _shown(step: Mapping[str, object] | None, compared: Side | None) -> dict[str, object] | None:
    if step is None or compared is None:
        return None
    return {**{key: step[key] for key in _SHOWN}, "wanted": compared.wanted}


def _steps(run: Mapping[str, object]) -> dict[str, dict[str, object]]:
    steps = run["steps"]
    found = [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    return {str(step["id"]): step for step in found}
