"""Following identifiers through the record, forward to where they went and back to where they came from.

Pure: what a run made and used is asked through `Index`. Knows nothing of how the answers are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol

from checklist.protocol.sameness import key as key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LIMIT: Final = 10_000
"""So many runs are followed at most: whoever asks for more asks the wrong question, and is told so."""

NEVER_SPREADS: Final = frozenset({"expiry", "gtin", "session"})
"""What many unrelated things share: a date, a product's number, a visit. They describe, and pass nothing on."""


How = Literal["produced", "consumed", "seen"]


class Identifier(NamedTuple):
    """One typed value, such as load S1-20261122-01."""

    kind: str
    value: str


def same_things(identifiers: Iterable[Identifier]) -> list[Identifier]:
    """Each thing once, as it was written first."""
    found: dict[tuple[str, str], Identifier] = {}
    for one in identifiers:
        found.setdefault((one.kind, key(*one)), one)
    return list(found.values())


class Use(NamedTuple):
    """Where an identifier stands: the run and its step, whether it was made, used up or only seen there, and the
    index of that entry."""

    run: str
    step: str
    how: How
    entry: int


class Index(Protocol):
    """What must be asked of the record."""

    def runs_with(self, identifiers: Sequence[Identifier], hows: frozenset[How]) -> Sequence[str]:
        """The runs with a step that does one of this with one of these and was not corrected since: in the order of
        `identifiers`, and for each of them oldest first."""

    def named_by(self, runs: Sequence[str], how: How) -> Sequence[Identifier]:
        """What these runs made, used up or saw, in the order of `runs`, and for each of them oldest first."""


@dataclass(frozen=True, slots=True)
class Followed:
    """Where something went, or came from: runs and identifiers in the order in which they were met.

    `cut` says that there was more than `LIMIT`.
    """

    runs: tuple[str, ...]
    identifiers: tuple[Identifier, ...]
    cut: bool = False


def forward(index: Index, start: Iterable[Identifier]) -> Followed:
    """Every run that used up what `start` names, and what those runs made, and who used that, and so on; at the end
    the runs that only saw any of it. Who looks at a load makes nothing of it: what such a run made is not followed."""
    found = _follow(index, start, "consumed", "produced")
    if found.cut:
        return found
    seen = index.runs_with(found.identifiers, frozenset({"seen"}))
    runs = tuple(dict.fromkeys([*found.runs, *seen]))
    return Followed(runs[:LIMIT], found.identifiers, cut=len(runs) > LIMIT)


def back(index: Index, start: Iterable[Identifier]) -> Followed:
    """Every run that made what `start` names, and what those runs used, and who made that, and so on."""
    return _follow(index, start, "produced", "consumed")


def _follow(index: Index, start: Iterable[Identifier], into: How, out_of: How) -> Followed:
    """Level by level, so that the record is asked twice a level, however much stands on it."""
    level = same_things(start)
    known = {(one.kind, key(*one)): one for one in level}
    runs: dict[str, None] = {}
    while level:
        found = [run for run in dict.fromkeys(index.runs_with(level, frozenset({into}))) if run not in runs]
        if len(runs) + len(found) > LIMIT:
            runs |= dict.fromkeys(found[: LIMIT - len(runs)])
            return Followed(tuple(runs), tuple(known.values()), cut=True)
        runs |= dict.fromkeys(found)
        named = same_things(one for one in index.named_by(found, out_of) if one.kind not in NEVER_SPREADS)
        level = [one for one in named if (one.kind, key(*one)) not in known]
        known |= {(one.kind, key(*one)): one for one in level}
    return Followed(tuple(runs), tuple(known.values()))
