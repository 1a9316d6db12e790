"""What waits to be looked at, rule by rule, and what no rule has anything to say about.

Knows the tables that the rules have filled. A run that no rule pointed at has passed those rules in that edition: that
is all that can be said of it. Knows no names and no words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from checklist.audit.rules.standing import UNREVIEWED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from checklist.ledger.entry import Json

OVERRIDE: Final = UNREVIEWED.id
"""By what rule an override waits, of a hold or of the gate: at once, not only when the rule finds it late."""
_WAITING: Final = (
    "SELECT finding.rule, finding.severity, finding.n, finding.run, finding.day, finding.why, finding.key,"
    " (SELECT count(*) > 1 FROM finding AS other WHERE other.n = finding.n AND other.rule = finding.rule) AS twins"
    " FROM finding"
    " WHERE finding.reviewed IS NULL AND finding.n IS NOT NULL AND finding.rule <> 'override-unreviewed'"
    " UNION ALL SELECT 'override-unreviewed', 'act', overriding.n, overriding.run, entry.day,"
    " CASE WHEN overriding.step IS NULL THEN 'the gate was passed though it did not say GO'"
    " ELSE '“' || overriding.step || '” was passed though it was not done' END, '', 0"
    " FROM overriding JOIN entry ON entry.n = overriding.n WHERE overriding.reviewed IS NULL"
)


@dataclass(frozen=True, slots=True)
class Group:
    """How much waits by one rule, and from when to when."""

    rule: str
    severity: str
    count: int
    first: str
    last: str

    def data(self) -> dict[str, Json]:
        """The stable keys of it in `review --json`."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "count": self.count,
            "first": self.first,
            "last": self.last,
        }


@dataclass(frozen=True, slots=True)
class Flagged:
    """One thing that waits: the entry that a rule points at, its run, the day, and what was seen."""

    rule: str
    severity: str
    place: str
    run: str | None
    day: str
    why: str
    key: str = ""
    twins: bool = False
    """Whether its rule points at its entry more than once."""

    @property
    def name(self) -> str:
        """By what it is called for: the rule and the entry, and its key where they are not enough. It stays the same
        however often the rules look."""
        return self.full_name if self.twins else f"{self.rule}@{self.place}"

    @property
    def full_name(self) -> str:
        """The name that only this finding ever has."""
        return f"{self.rule}@{self.place}.{self.key}"

    def data(self) -> dict[str, Json]:
        """The stable keys of it in `review RULE --json`."""
        return {
            "finding": self.name,
            "rule": self.rule,
            "severity": self.severity,
            "entry": self.place,
            "run": self.run,
            "day": self.day,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Passed:
    """The runs of one protocol that have ended and that no rule points at."""

    protocol: str
    runs: int
    first: str
    last: str

    def data(self) -> dict[str, Json]:
        """The stable keys of it in `review --clean --json`."""
        return {"protocol": self.protocol, "runs": self.runs, "first": self.first, "last": self.last}


def groups(db: sqlite3.Connection) -> list[Group]:
    """What waits, by rule: what somebody has to act on first, then the rule with most."""
    rows = db.execute(
        f"SELECT rule, severity, count(*), min(day), max(day) FROM ({_WAITING}) GROUP BY rule, severity"  # noqa: S608 - `_WAITING`, a constant of this module
        " ORDER BY severity, count(*) DESC, rule"
    )
    return [Group(str(row[0]), str(row[1]), int(row[2]), str(row[3]), str(row[4])) for row in rows]


def waiting(
    db: sqlite3.Connection, *, rule: str | None = None, place: str | None = None, limit: int = -1
) -> list[Flagged]:
    """What waits by one rule, at one place, or at all, the newest first."""
    rows = db.execute(
        # What cannot be read any more stands in `damage`.
        "SELECT said.rule, said.severity, coalesce(entry.station, damage.station) || '#'"  # noqa: S608 - `_WAITING` again; what is asked for is bound
        " || coalesce(entry.idx, damage.idx) AS place, run.run, said.day, said.why, key, twins"
        f" FROM ({_WAITING}) AS said LEFT JOIN entry USING (n) LEFT JOIN damage ON damage.n = said.n"
        " LEFT JOIN run ON run.n = said.run"
        " WHERE (?1 IS NULL OR said.rule = ?1) AND (?2 IS NULL OR place = ?2)"
        " ORDER BY said.n DESC, said.rule, key LIMIT ?3",
        (rule, place, limit),
    )
    return [
        Flagged(
            str(rule), str(severity), str(at), None if run is None else str(run), str(day), str(why), key, bool(twins)
        )
        for rule, severity, at, run, day, why, key, twins in rows
    ]


def placeless(db: sqlite3.Connection) -> int:
    """How many findings point at no entry: they end when what they ask for is done, not by a look."""
    ((count,),) = db.execute("SELECT count(*) FROM finding WHERE n IS NULL")
    return int(count)


def passed(db: sqlite3.Connection) -> list[Passed]:
    """The runs that have ended and that no rule points at, by protocol."""
    rows = db.execute(
        "SELECT protocol, count(*), min(day), max(day) FROM run WHERE outcome <> 'open'"
        " AND NOT EXISTS (SELECT 1 FROM finding WHERE finding.run = run.n) GROUP BY protocol ORDER BY protocol"
    )
    return [Passed(str(row[0]), int(row[1]), str(row[2]), str(row[3])) for row in rows]


def passed_runs(db: sqlite3.Connection) -> Sequence[str]:
    """The places of those runs, oldest first."""
    rows = db.execute(
        "SELECT run FROM run WHERE outcome <> 'open'"
        " AND NOT EXISTS (SELECT 1 FROM finding WHERE finding.run = run.n) ORDER BY n"
    )
    return [str(run) for (run,) in rows]
