"""What is going to be recorded in the made-up year: entries that do not know their place yet.

Knows the shape of an entry. What one says of an earlier one (its run, what it signs) is filled in when it is written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checklist.ledger.entry import Json

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(slots=True, eq=False)
class Fact:
    """One entry to come. `of` is the entry that it names by place and hash, `run` the one that started its run."""

    kind: str
    data: dict[str, Json]
    actor: str | None
    via: str = "tui"
    run: Fact | None = None
    step: str | None = None
    of: Fact | None = None
    evidence: dict[str, list[Fact]] = field(default_factory=dict)
    """For an answer of the gate: by requirement, the entries that it rests on."""
    asks: str = ""
    """What only the ledger can tell at that moment: "size", or "root" for both."""
    place: str = ""
    index: int = -1
    leaf: str = ""


@dataclass(slots=True, eq=False)
class Act:
    """What is recorded together, at one moment (microseconds since 1970)."""

    at: int
    facts: list[Fact]
