"""A lead looks at what was flagged, and says what came of it. What they looked at stays as it was.

Knows how a review is recorded: the rule, the entry, the words, and how long the entry was shown before they were given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.audit.queue import LATE, OVERRIDE
from checklist.clinic.acting import barred, recorded
from checklist.clinic.remarks import entry_at, in_words, kept, naming
from checklist.clinic.visits import clearing
from checklist.clinic.visits.visit_views import REVIEWED
from checklist.ledger.entry import Draft
from checklist.protocol.text import clean
from checklist.run.reading import Refusal
from checklist.run.rights import Act

if TYPE_CHECKING:
    from checklist.audit.queue import Flagged
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.ledger.entry import Entry, Json, Moment


def review(
    clinic: Clinic, rule: str, place: str, words: str, shown: Moment, who: SignedIn, via: str
) -> Entry | Refusal:
    """Record that a lead looked at the entry that a rule points at. `shown`: when what was flagged was put before
    their eyes, by this clinic's clock; an override is looked at by somebody else than the two who gave it."""
    dwell = dwelt(shown, clinic.now())
    about = entry_at(clinic, place)
    if about is None or rule in (OVERRIDE, LATE):
        return clearing.review(clinic, place, words, who, via, dwell)
    if refusal := barred(clinic, clinic.ledger, Act.REVIEW, who):
        return refusal
    said = in_words(words, "Say in words what came of it.")
    if isinstance(said, Refusal):
        return said
    data: dict[str, Json] = {
        "rule": rule,
        "of": naming(about),
        "words": kept(clinic, said),
        "dwell_ms": dwell,
    }
    return recorded(clinic, Act.REVIEW, who, Draft(REVIEWED, data, who.id, via))


def dwelt(shown: Moment, now: Moment) -> int:
    """For how many milliseconds something was shown, by the clock that cannot be set; 0 where that is not known."""
    return max(0, now.mono_ms - shown.mono_ms) if shown.boot == now.boot else 0


def meant(waiting: list[Flagged], named: str) -> Flagged | Refusal:
    """The one thing of those that wait which is called `RULE@PLACE`, or by a place alone where only one rule points
    at it."""
    found = [each for each in waiting if named in (each.name, each.place)]
    shown = clean(named, limit=80)
    if not found:
        return Refusal("no-finding", f"Nothing waits that is called “{shown}”; “checklist review” lists what does.")
    if len(found) > 1:
        names = ", ".join(each.name for each in found)
        return Refusal("which", f"More than one rule points at “{shown}”; name one of: {names}.")
    return found[0]
