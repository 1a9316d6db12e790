"""What a report on a record rests on beside its tables, and how things are called in it.

Knows people by whatever name the caller gives them. Knows nothing of a clinic's folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from checklist.audit.numbers.scope import Scope

_PERSON: Final = re.compile(r"\bu_[0-9a-f]{10}\b")
_MINUTE: Final = 60
_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Credential:
    """What somebody holds, and the last day on which it does; "" where it has no end."""

    operator: str
    credential: str
    until: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """A checkpoint that was kept somewhere else: when, up to which size, and how."""

    at: str
    size: int
    how: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification found: when (UTC), over how many entries, and the result in the words of `verify`."""

    at: str
    size: int
    result: str
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at what was flagged: who, when (UTC), and in words for how long it was shown to them. `own`:
    whether they had a hand in it themselves."""

    operator: str
    at: str
    shown: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class Integrity:
    """The record as it stands. `now`: what a verification made for
    this report found; None where none was made."""

    origin: str
    size: int
    root: str
    key: str
    anchor: Anchor | None
    verified: Verified | None
    now: Verified | None
    earlier: tuple[str, ...] = ()
    """The stations whose ledgers it goes on from."""
    unreadable: tuple[str, ...] = ()
    """A sentence for everything of it that cannot be read."""
    lacks: frozenset[str] = frozenset()
    """Which of `anchored` and `verified` may stand, newer than the one that is told of, among what cannot be read."""


@dataclass(frozen=True)
class Known:
    """All that the parts of the report ask. `last`: when the newest entry was made that does not only keep house (UTC),
    "" for an empty record. `today`: that moment's day by the clinic's clock: a report tells how things stood then,
    whenever it is made."""

    db: sqlite3.Connection
    scope: Scope
    clinic: str
    zone: str
    last: str
    today: str
    integrity: Integrity
    credentials: tuple[Credential, ...] | None = ()
    """None where they could not be read."""
    rooms: Mapping[str, str] = field(default_factory=dict)
    name_of: Callable[[str], str] | None = None
    looks: Mapping[int, Look] = field(default_factory=dict)
    """By the n of the entry that says so."""

    @cached_property
    def _titles(self) -> dict[str, str]:
        """How each protocol and procedure was last called."""
        rows = self.db.execute(
            "SELECT text.id, text.title FROM text LEFT JOIN run USING(sha256) GROUP BY text.sha256"
            " ORDER BY max(run.n) NULLS FIRST, text.version"
        )
        return {str(id_): str(title) for id_, title in rows}

    def title(self, text: str) -> str:
        """A protocol or procedure as people call it."""
        return self._titles.get(text) or text

    def person(self, operator: str) -> str:
        """A person as they are shown here; "" is nobody who had signed in."""
        if not operator:
            return "nobody signed in"
        return self.name_of(operator) if self.name_of is not None else operator

    def looked(self, n: int | None) -> str:
        """Who looked, when, and for how long; "no" where nobody did."""
        if n is None:
            return "no"
        look = self.looks.get(n)
        if look is None:
            return "yes; by whom could not be read"
        own = ", at their own work" if look.own else ""
        return f"{self.person(look.operator)}, {self.moment(look.at)}, {look.shown}{own}"

    def named(self, words: str) -> str:
        """Words in which people are ids, with the people as they are shown here."""
        return _PERSON.sub(lambda found: self.person(found[0]), words) if self.name_of is not None else words

    def by_clock(self, at: str) -> str:
        """A moment by the clinic's clock, written as if it were UTC, as a picture takes it; a day stays what it is."""
        if len(at) <= len("2027-03-31"):
            return at
        return f"{datetime.fromisoformat(at).astimezone(ZoneInfo(self.zone)):%Y-%m-%dT%H:%M:%SZ}"

    def moment(self, at: str) -> str:
        """A moment by the clinic's clock, to the minute."""
        return f"{datetime.fromisoformat(at).astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M}" if at else "never"


def count(number: int) -> str:
    """A whole number with its thousands apart."""
    return f"{number:,}"


def some(number: int, one: str, more: str = "") -> str:
    """So many of something, in words."""
    return f"{count(number)} {one if number == 1 else more or one + 's'}"


def duration(seconds: float) -> str:
    """So long, as people say it."""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    whole = round(seconds)
    if 10 * _MINUTE <= whole < _HOUR:
        return f"{round(seconds / _MINUTE)} min"
    if whole < _HOUR:
        return f"{whole // 60} min {whole % 60:02} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def value(number: float) -> str:
    """A measured number, to four figures or to the whole."""
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"


def day_of(at: str, zone: str) -> str:
    """The clinic's calendar day at a moment."""
    return f"{datetime.fromisoformat(at).astimezone(ZoneInfo(zone)):%Y-%m-%d}"
