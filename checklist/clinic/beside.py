"""Two runs beside each other, and what the rules found in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

COMPARED: Final = ("state", "value", "seconds")


def beside(one: Mapping[str, object], other: Mapping[str, object]) -> list[dict[str, object]]:
    """The steps of two runs that were shown (`record.show`), side by side in the order of the first; `differs` names
    what is not the same in both. A step that only one of them has is None in the other."""
    mine, theirs = _steps(one), _steps(other)
    told: list[dict[str, object]] = []
    for name in dict.fromkeys([*mine, *theirs]):
        sides = mine.get(name), theirs.get(name)
        shown_ = [None if side is None else {key: side[key] for key in (*COMPARED, "unit")} for side in sides]
        first, second = shown_
        differs = [*COMPARED] if first is None or second is None else [k for k in COMPARED if first[k] != second[k]]
        title = next(side["title"] for side in sides if side is not None)
        told.append({"id": name, "title": title, "one": first, "other": second, "differs": differs})
    return told


def found_in(db: sqlite3.Connection, run: str, told: object) -> list[object]:
    """What is to be looked at in a run: what it says of itself (`told`), and what the rules found when last asked.
    `severity` and `reviewed` are the rules'; None and False where only the run says so."""
    query = (
        "SELECT rule, severity, coalesce(e.idx, s.idx), why, f.reviewed IS NOT NULL FROM run AS r"
        " JOIN entry AS s ON s.n = r.n JOIN finding AS f ON f.run = r.n LEFT JOIN entry AS e ON e.n = f.n"
        " WHERE r.run = ? ORDER BY f.n, rule"
    )
    found: dict[tuple[object, object], dict[str, object]] = {
        (rule, entry): {"rule": rule, "run": run, "entry": entry, "why": why}
        | {"severity": severity, "reviewed": bool(reviewed)}
        for rule, severity, entry, why, reviewed in db.execute(query, (run,))
    }
    own = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    alone: dict[str, object] = {"severity": None, "reviewed": False}
    merged = [{**found.pop((each["rule"], each["entry"]), alone), **each} for each in own]
    return [*merged, *found.values()]


def _steps(run: Mapping[str, object]) -> dict[str, dict[str, object]]:
    steps = run["steps"]
    found = [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    return {str(step["id"]): step for step in found}
