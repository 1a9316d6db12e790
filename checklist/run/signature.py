"""What a signature is bound to, and whether it still stands where it was given.

Pure. A signature (`signed`) names the entry of its run that came last before it, by place and leaf hash; a second
reading (`witnessed`) names the entry that closed the step it is about. Right after either stands what it led to. The
signature under a text that is brought into force names that adoption, and stands right after it. That a clock jumped
may be noted between any two. A signature that was copied under another record, or whose record was changed, fits there
no more. Knows nothing of who may sign.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from checklist.run.events import CLOSING, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from checklist.ledger.entry import Entry

ADOPTIONS: Final = ("protocol.adopted", "procedure.adopted", "profile.adopted")
"""The kinds of entries that bring a text into force."""
APPROVED: Final = "approved"
"""What a signature under one of them means."""

_LEAF = re.compile(r"[0-9a-f]{64}")
_CLOCK: Final = "clock.jumped"
"""What may come between any two entries."""


@dataclass(frozen=True, slots=True)
class Target:
    """The entry that somebody put their name to."""

    station: str
    index: int
    leaf: str


def target_of(entry: Entry) -> Target | None:
    """What a signature or a second reading says it is about; None where it does not say it."""
    named = entry.data.get("of")
    if not isinstance(named, dict):
        return None
    station, index, leaf = named.get("station"), named.get("index"), named.get("leaf")
    if not isinstance(station, str) or not isinstance(leaf, str) or not _LEAF.fullmatch(leaf):
        return None
    if not isinstance(index, int) or isinstance(index, bool) or index < 0:
        return None
    return Target(station, index, leaf)


def misfit(entry: Entry, signed: Entry | None, between: Sequence[Entry], after: Iterable[Entry]) -> str | None:
    """Why a signature or a second reading does not belong where it stands, as the end of a sentence; None if it does.

    `signed` is the entry at the place that it names, if there is one, `between` are the entries of its run (of the
    ledger, where it is of none) that stand between the two, `after` are the entries of the ledger that follow.
    """
    target = target_of(entry)
    if target is None:
        return "does not say which entry it is about"
    if signed is None or target.station != entry.station or signed.index >= entry.index:
        return "is about an entry that is not there"
    if signed.leaf != target.leaf:
        return f"is about entry {signed.index} as it was, not as it is"
    if entry.run is None and signed.kind in ADOPTIONS:
        return _not_approval(entry, signed, between)
    if entry.run is None or entry.run not in (signed.run, signed.place):
        return f"is about entry {signed.index}, which belongs to another run"
    misplaced = _not_last(signed, between) if entry.kind == Kind.SIGNED else _not_the_reading(entry, signed, between)
    return misplaced or _without_outcome(entry, after)


def unsigned(adoption: Entry, after: Iterable[Entry], *, opening: bool = False) -> bool:
    """Whether a text was brought into force without the signature of whoever did. `after` are the entries of the ledger
    that follow; `opening` says that the ledger began with it: what came with the program, or from the record before, is
    signed for by nobody."""
    if adoption.actor is None:
        return not opening
    following = _next(after)
    target = target_of(following) if following is not None and following.kind == Kind.SIGNED else None
    return target is None or target.index != adoption.index


def _not_approval(entry: Entry, adoption: Entry, between: Sequence[Entry]) -> str | None:
    if entry.actor != adoption.actor or entry.data.get("meaning") != APPROVED:
        return f"is about entry {adoption.index}, which it does not approve in the name of who adopted it"
    if any(each.kind != _CLOCK for each in between):
        return f"is about entry {adoption.index}, and does not stand right after it"
    return None


def _not_last(signed: Entry, between: Sequence[Entry]) -> str | None:
    if between:
        return f"is about the run up to entry {signed.index}, and stands further on in it"
    return None


def _not_the_reading(entry: Entry, signed: Entry, between: Sequence[Entry]) -> str | None:
    if signed.step is None or signed.step == entry.step or signed.kind not in CLOSING:
        return f"is about entry {signed.index}, which closes no other step"
    if any(each.step == signed.step and (each.kind in CLOSING or each.kind == Kind.STEP_CORRECTED) for each in between):
        return f"is about entry {signed.index}, which was corrected before it"
    return None


def _without_outcome(entry: Entry, after: Iterable[Entry]) -> str | None:
    """A signature closes its step; a second reading does too, or is an attempt at it."""
    stray = "stands alone: the step that it belongs to was not closed by it"
    outcome = _next(after)
    if outcome is None or (outcome.run, outcome.step) != (entry.run, entry.step):
        return stray
    if entry.kind == Kind.SIGNED:
        closes = outcome.kind == Kind.STEP_DONE and outcome.actor == entry.actor
        return None if closes and outcome.data.get("value") == entry.data.get("meaning") else stray
    confirmed = outcome.kind == Kind.STEP_DONE and outcome.data.get("witness") == entry.actor
    return None if confirmed or outcome.kind == Kind.STEP_ATTEMPTED else stray


def _next(after: Iterable[Entry]) -> Entry | None:
    """The first of them that says more than that the clock jumped."""
    return next((entry for entry in after if entry.kind != _CLOCK), None)
