"""A filter asked the slow way: every row looked at by itself, in plain Python, from the tables as they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from checklist.trace.follow import key as key_of
from tests.support.laid_out import ZONE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from checklist.audit.query import Filter

    Said = Callable[[str], Sequence[str]]
    Thing = dict[str, Any]

_KINDS = ("load", "lot", "gtin", "serial", "pack", "expiry", "batch", "session")


class Tables:
    """All rows of the tables, as dictionaries."""

    def __init__(self, db: sqlite3.Connection, said: Said) -> None:
        self._db = db
        self.said = said
        names = ("entry", "run", "step", "attempt", "identifier", "clearance", "said", "text", "written", "finding")
        self.of: dict[str, list[Thing]] = {name: self._all(name) for name in names}
        self.missed = [row for row in self._all("planned") if row["state"] == "missed"]
        self.runs = {row["n"]: row for row in self.of["run"]}
        self.crews = {
            n: {each for (each,) in db.execute("SELECT operator FROM crew_member WHERE crew = ?", (row["crew"],))}
            for n, row in self.runs.items()
        }

    def _all(self, name: str) -> list[Thing]:
        cursor = self._db.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - our own tables
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def naive_rows(db: sqlite3.Connection, wanted: Filter, said: Said) -> list[tuple[object, ...]]:
    """What `page` should give: what, number, time and subject of every row, newest first."""
    tables = Tables(db, said)
    numbered = [("run", row) for row in tables.of["run"]]
    numbered += [("entry", row) for row in tables.of["entry"] if row["run"] is None]
    numbered = [(what, row) for what, row in numbered if _takes(tables, wanted, what, row)]
    numbered.sort(key=lambda one: -one[1]["n"])
    missed = [row for row in tables.missed if _takes(tables, wanted, "missed", row)]
    missed.sort(key=lambda row: (row["due"], row["protocol"], row["subject"]), reverse=True)
    found: list[tuple[object, ...]] = []
    for what, row in numbered:
        while missed and missed[0]["due"] >= row["at"]:
            found.append(_gone(missed.pop(0)))
        found.append((what, row["n"], row["at"], row["subject"]))
    return found + [_gone(row) for row in missed]


def naive_entries(db: sqlite3.Connection, wanted: Filter, said: Said) -> list[int]:
    """What `entries` should give."""
    tables = Tables(db, said)
    return [row["n"] for row in tables.of["entry"] if _takes(tables, wanted, "any", row)]


def _gone(row: Thing) -> tuple[object, ...]:
    return ("missed", None, row["due"], row["subject"])


def _takes(tables: Tables, wanted: Filter, what: str, row: Thing) -> bool:
    steps = wanted.values("step")
    if what == "run" and steps:
        told = [word for word in wanted.words if word.word in ("state", "deviation")]
        if told and not any(
            _step_fits(wanted, step) for step in tables.of["step"] if step["run"] == row["n"] and step["step"] in steps
        ):
            return False
    for word in {word.word for word in wanted.words}:
        if what == "run" and steps and word in ("state", "deviation"):
            continue
        taken, left = wanted.values(word), wanted.values(word, negated=True)
        if taken and not (all if word == "text" else any)(_is(tables, what, row, word, value) for value in taken):
            return False
        if any(_is(tables, what, row, word, value) for value in left):
            return False
    return True


def _step_fits(wanted: Filter, step: Thing) -> bool:
    states, without = wanted.values("state"), wanted.values("state", negated=True)
    fits = (not states or step["state"] in states) and step["state"] not in without
    if wanted.values("deviation"):
        fits = fits and _off(step)
    if wanted.values("deviation", negated=True):
        fits = fits and not _off(step)
    return fits


def _off(step: Thing) -> bool:
    return step["state"] not in ("pending", "current") and (
        step["state"] != "done" or step["attempts"] > 1 or step["reason"] is not None
    )


def _is(tables: Tables, what: str, row: Thing, word: str, value: str) -> bool:
    judge = {"run": _run_is, "entry": _alone_is, "missed": _missed_is, "any": _entry_is}[what]
    return judge(tables, row, word, value)


def _run_is(tables: Tables, row: Thing, word: str, value: str) -> bool:
    n = row["n"]
    own = [entry for entry in tables.of["entry"] if entry["run"] == n]
    steps = [step for step in tables.of["step"] if step["run"] == n]
    match word:
        case "run" | "protocol" | "subject" | "session" | "day" | "outcome":
            return bool(row[word] == value)
        case "operator":
            return value in tables.crews[n]
        case "since" | "until":
            return _timed(row["at"], word, value)
        case "kind" | "via":
            return any(entry[word] == value for entry in own)
        case "step" | "state":
            return any(step[word] == value for step in steps)
        case "deviation":
            return bool(row["deviations"] > 0)
        case "identifier":
            return any(each["run"] == n and _identified(each, value) for each in tables.of["identifier"])
        case "finding":
            return any(each["run"] == n and value in ("any", each["rule"]) for each in tables.of["finding"])
        case "is":
            return value == "open" and row["outcome"] == "open"
        case _:
            pass
    texts = [row["run"] if row["run"] == value else "", row["subject"], row["session"], *tables.crews[n]]
    texts += [step["step"] for step in steps] + [step["value"] for step in steps]
    texts += [each["value"] for each in tables.of["attempt"] if each["run"] == n]
    texts += [text[name] for text in tables.of["text"] if text["sha256"] == row["sha256"] for name in ("id", "title")]
    texts += [w["does"] for w in tables.of["written"] if w["sha256"] == row["sha256"] and _touched(steps, w["step"])]
    return _said(tables, value, {entry["n"] for entry in own}) or any(_in(value, text) for text in texts)


def _touched(steps: list[Thing], name: str) -> bool:
    return any(step["step"] == name for step in steps)


def _alone_is(tables: Tables, row: Thing, word: str, value: str) -> bool:
    match word:
        case "protocol" | "step" | "subject" | "session" | "day" | "kind" | "via":
            return bool(row[word] == value)
        case "operator":
            return bool(row["actor"] == value)
        case "since" | "until":
            return _timed(row["at"], word, value)
        case "identifier":
            return any(each["n"] == row["n"] and _identified(each, value) for each in tables.of["identifier"])
        case "finding":
            return any(each["n"] == row["n"] and value in ("any", each["rule"]) for each in tables.of["finding"])
        case "text":
            return _alone_says(tables, row, value)
        case _:
            pass
    return False


def _alone_says(tables: Tables, row: Thing, value: str) -> bool:
    texts = [row["kind"], row["actor"], row["subject"], row["session"]]
    texts += [t[name] for t in tables.of["text"] if t["id"] == row["protocol"] for name in ("id", "title")]
    texts += [each["value"] for each in tables.of["identifier"] if each["n"] == row["n"] and each["run"] is None]
    decided = any(c["n"] == row["n"] and c["decision"].lower() == value.lower() for c in tables.of["clearance"])
    return decided or _said(tables, value, {row["n"]}) or any(_in(value, text) for text in texts)


def _missed_is(tables: Tables, row: Thing, word: str, value: str) -> bool:
    match word:
        case "protocol" | "subject" | "day":
            return bool(row[word] == value)
        case "since" | "until":
            return _timed(row["due"], word, value)
        case "is":
            return value == "missed"
        case "text":
            titles = [text["title"] for text in tables.of["text"] if text["id"] == row["protocol"]]
            return any(_in(value, text) for text in (row["protocol"], row["subject"], *titles))
        case _:
            pass
    return False


def _entry_is(tables: Tables, row: Thing, word: str, value: str) -> bool:
    run = tables.runs.get(row["run"], {})
    step = next((s for s in tables.of["step"] if s["run"] == row["run"] and s["step"] == row["step"]), None)
    match word:
        case "run" | "outcome":
            return bool(run.get(word) == value)
        case "subject" | "session":
            return value in (run.get(word), row[word])
        case "state":
            return step is not None and bool(step["state"] == value)
        case "deviation":
            return step is not None and _off(step)
        case "identifier":
            return any(each["n"] == row["n"] and _identified(each, value) for each in tables.of["identifier"])
        case "finding":
            return any(
                (each["n"] == row["n"] or (each["n"] is None and each["run"] == row["run"] is not None))
                and value in ("any", each["rule"])
                for each in tables.of["finding"]
            )
        case "is":
            return value == "open" and run.get("outcome") == "open"
        case "text":
            texts = [run.get("subject"), run.get("session"), run.get("run") if run.get("run") == value else None]
            texts += [text["title"] for text in tables.of["text"] if run and text["sha256"] == run["sha256"]]
            texts += [
                w["does"]
                for w in tables.of["written"]
                if run and (w["sha256"], w["step"]) == (run["sha256"], row["step"])
            ]
            texts += [s["value"] for s in (*tables.of["step"], *tables.of["attempt"]) if s["n"] == row["n"]]
            texts += [each["value"] for each in tables.of["identifier"] if each["n"] == row["n"]]
            return _alone_says(tables, row, value) or any(_in(value, text) for text in texts)
        case _:
            pass
    return _alone_is(tables, row, word, value)


def _said(tables: Tables, value: str, numbers: set[int]) -> bool:
    return any(each["n"] in numbers and each["value"] in tables.said(value) for each in tables.of["said"])


def _in(value: str, text: str | None) -> bool:
    return text is not None and value.lower() in text.lower()


def _identified(each: Thing, value: str) -> bool:
    kind, given, what = value.partition("=")
    if given:
        return bool((each["kind"], each["value"]) == (kind, what))
    return each["value"] in {value, *(key_of(kind, value) for kind in _KINDS)}


def _timed(at: str, word: str, value: str) -> bool:
    moment = datetime.fromisoformat(value).replace(tzinfo=ZoneInfo(ZONE))
    if word == "since":
        return datetime.fromisoformat(at) >= moment
    return datetime.fromisoformat(at) < moment + timedelta(days=1 if len(value) == 10 else 0)
