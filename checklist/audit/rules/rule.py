"""What one rule of the auditor's is: its weight, what it looks at, why, who says so, and what it cannot see.

Knows nothing of how a rule is found. A rule points at what was seen; it never says who is to blame.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterator, Mapping

Severity: TypeAlias = Literal["look", "act"]

# Who says so. The long names stand here once; in brackets the ids under which the sources were collected.
TICKED: Final = "Checklists recorded and observed: Pickering 2013, Levy 2012, Ofstead 2010, PMC6090841 [S59–S61, S67]"
SURVEYS: Final = "Speeding flags of survey tools [R4]"
COPIES: Final = "A public recipe for copying a steriliser's cycle logs [Z1]"
AVIATION: Final = "Deferred and overridden items of aircraft checklists [S65]"
LOAD_RECORD: Final = "What the record of a load must say [S14, S16]"
INTEGRITY: Final = "How the record is kept and proved: backdating and the exposure window"
DESIGN: Final = "Proposal of this program's authors"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `act`: somebody has to do something now; `look`: a person should look at it."""

    id: str
    severity: Severity
    title: str
    """What was seen, in the fewest words."""
    looks_at: str
    why: str
    source: str
    unseen: str
    """What it cannot see."""
    honest: str
    """What may account for it though all was done well."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the tables do not say: the moment, the clinic's time zone, and what only the opened clinic can know."""

    now: datetime
    zone: str
    views_differ: tuple[str, ...] = ()
    """How the tables of the record differ from their rebuild: a sentence each."""
    tampered: tuple[tuple[int | None, str], ...] = ()
    """What a verification names besides: the n of the entry, where it is one, and a sentence."""
    closed: frozenset[str] = frozenset()
    """The days with runs that the plan of that day calls closed."""
    planned: frozenset[str] = frozenset()
    """The protocols that were ever planned."""
    attributed_without: Mapping[int, str] = field(default_factory=dict)
    """By the n of a run's first entry: what whoever said that it was them did not have when it began."""
    unread: frozenset[tuple[int, str]] = frozenset()
    """The n of a run's first entry and a step whose reading a second person has yet to read for themselves."""

    def day(self, at: str) -> str:
        """The clinic's calendar day at a moment of the record. What a rule says names days, and not how long ago they
        are: it is the same whenever it is read."""
        return f"{datetime.fromisoformat(at).astimezone(ZoneInfo(self.zone)):%Y-%m-%d}"


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that a rule found: the entry it points at (None where there is none), its run, and what was seen.

    A pattern points at its newest entry, and `others` are the rest of it: whoever looked at one of them not long ago
    has looked at the pattern. `about` is what the pattern is of, in words that stay the same while it grows; it is only
    needed where `why` without its numbers does not.
    """

    n: int | None
    run: int | None
    why: str
    others: Collection[int] = ()
    about: str = ""


Find: TypeAlias = "Callable[[sqlite3.Connection, Context], Iterator[Seen]]"


@dataclass(frozen=True, slots=True)
class Check:
    """A rule, and how it is found."""

    rule: Rule
    find: Find
