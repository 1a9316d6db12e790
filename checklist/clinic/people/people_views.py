"""The tables about people: who is an operator here, with which roles and credentials. Names are elsewhere.

Kept with the entries and rebuilt from them like every view; here is also how they are asked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.people.credential import ENDED, GRANTED, day_of
from checklist.people.operator import ADDED, CHANGED, DISABLED, ERASED
from checklist.run.events import strings_of, text_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from checklist.ledger.entry import Entry, Json
    from checklist.ledger.reader import Reader


@dataclass(frozen=True, slots=True)
class PeopleView:
    """One row an operator, and one for each credential that was granted and not ended. `reset` is the index of the
    entry by which leads last gave them another secret, or -1."""

    name: str = "people"
    tables: tuple[str, ...] = ("operator", "credential")
    schema: str = """
        CREATE TABLE operator(
            id TEXT PRIMARY KEY, roles TEXT NOT NULL, name TEXT NOT NULL, disabled INTEGER NOT NULL,
            erased INTEGER NOT NULL, reset INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE credential(
            operator TEXT NOT NULL, credential TEXT NOT NULL, until TEXT NOT NULL, attributes TEXT NOT NULL,
            idx INTEGER NOT NULL, PRIMARY KEY (operator, credential)
        ) STRICT, WITHOUT ROWID;
    """

    def reads(self, kind: str) -> frozenset[str] | None:
        """Which entries of this kind it takes in (see `View.reads`)."""
        ours = kind.startswith(("operator.", "credential.")) or kind == ERASED
        return frozenset({"operator"}) if ours else frozenset()

    def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Bring the tables up to date with one more entry."""
        operator = text_of(entry.data, "operator")
        if operator is None:
            return
        if entry.kind in (ADDED, CHANGED):
            _called(db, operator, entry)
        elif entry.kind == DISABLED:
            db.execute("UPDATE operator SET disabled = 1 WHERE id = ?", (operator,))
        elif entry.kind == ERASED:
            db.execute("UPDATE operator SET erased = 1 WHERE id = ?", (operator,))
        elif entry.kind in (GRANTED, ENDED):
            _credited(db, operator, entry)


def credentials_of(reader: Reader, operator_id: str) -> dict[str, str]:
    """What an operator was granted and not taken: each credential's id, and the last day on which it holds ("" where
    it has no end). Those that have ended by the calendar are among them."""
    rows = reader.query("SELECT credential, until FROM credential WHERE operator = ?", (operator_id,))
    return {str(credential): str(until) for credential, until in rows}


def held_here(reader: Reader) -> frozenset[str]:
    """Every role that somebody has who works here, and every credential that was granted them and not taken."""
    roles = reader.query("SELECT value FROM operator, json_each(operator.roles) WHERE NOT (disabled OR erased)")
    credentials = reader.query(
        "SELECT credential FROM credential JOIN operator ON operator.id = credential.operator"
        " WHERE NOT (disabled OR erased)"
    )
    return frozenset(str(row[0]) for row in (*roles, *credentials))


def held_attributes(reader: Reader, operator_id: str, credential: str) -> dict[str, str]:
    """The attributes of a credential that an operator holds; none where they do not hold it."""
    question = "SELECT attributes FROM credential WHERE operator = ? AND credential = ?"
    rows = reader.query(question, (operator_id, credential))
    found = json.loads(str(rows[0][0])) if rows else {}
    return {str(name): str(value) for name, value in found.items()}


def listed(data: Mapping[str, Json], key: str) -> str:
    """A list of words as JSON text, sorted, so that equal lists are equal rows."""
    found = data.get(key)
    words = sorted(word for word in found if isinstance(word, str)) if isinstance(found, list) else []
    return json.dumps(words)


def _called(db: sqlite3.Connection, operator: str, entry: Entry) -> None:
    if entry.kind == ADDED:
        # An id that was given before stays that person's, whatever is said of it later.
        row = (operator, listed(entry.data, "roles"), text_of(entry.data, "name") or "")
        db.execute("INSERT OR IGNORE INTO operator VALUES (?, ?, ?, 0, 0, -1)", row)
        return
    if "roles" in entry.data:
        db.execute("UPDATE operator SET roles = ? WHERE id = ?", (listed(entry.data, "roles"), operator))
    if text_of(entry.data, "secret") == "reset":
        db.execute("UPDATE operator SET reset = ? WHERE id = ?", (entry.index, operator))


def _credited(db: sqlite3.Connection, operator: str, entry: Entry) -> None:
    credential = text_of(entry.data, "credential")
    if credential is None:
        return
    if entry.kind == ENDED:
        db.execute("DELETE FROM credential WHERE operator = ? AND credential = ?", (operator, credential))
        return
    until = text_of(entry.data, "until") or ""
    if until and day_of(until) is None:
        return  # nobody could say when it ends, so nobody holds it
    attributes = json.dumps(strings_of(entry.data, "attributes"), sort_keys=True)
    row = (operator, credential, until, attributes, entry.index)
    db.execute("INSERT OR REPLACE INTO credential VALUES (?, ?, ?, ?, ?)", row)
