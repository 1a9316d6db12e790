"""A lead looks at what was flagged, and says what came of it. What they looked at stays as it was.

Knows how a review is recorded: the rule, the entry, the words, and how long the entry was shown before they were given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from checklist.audit.places import station_of
from checklist.audit.queue import LATE, OVERRIDE
from checklist.clinic.acting import barred, recorded
from checklist.clinic.remarks import dwell_of, entry_at, in_words, kept, naming
from checklist.clinic.visits import clearing
from checklist.clinic.visits.visit_views import REVIEWED
from checklist.ledger.entry import Draft
from checklist.protocol.text import clean
from checklist.run import rights
from checklist.run.events import text_of
from checklist.run.reading import Refusal
from checklist.run.rights import Act

if TYPE_CHECKING:
    from checklist.audit.queue import Flagged
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.ledger.entry import Entry, Json, Moment

_OPERATOR: Final = re.compile(r"\bu_[0-9a-z]+\b")


@dataclass(frozen=True, slots=True)
class Look:
    """Who looked at a finding, when, for how long, and by which way in; `own` where it was about what they did."""

    by: str | None
    at: str
    dwell_ms: int | None
    own: bool
    via: str

    def data(self) -> dict[str, Json]:
        """The stable keys of it in JSON."""
        return {"by": self.by, "at": self.at, "dwell_ms": self.dwell_ms, "own": self.own, "via": self.via}


def looks(clinic: Clinic) -> dict[str, Look]:
    """Every review on record, by the place of the entry that says so."""
    return {
        entry.place: Look(entry.actor, entry.at, dwell_of(entry), entry.data.get("own") is True, entry.via)
        for reader in clinic.histories()
        for entry in reader.entries_of_kind(REVIEWED)
    }


def review(clinic: Clinic, flagged: Flagged, words: str, shown: Moment, who: SignedIn, via: str) -> Entry | Refusal:
    """Record that a lead looked at a finding. `shown`: when what was flagged was put before their eyes, by this
    clinic's clock. An override is looked at by somebody else than the two who gave it; anything else that somebody did
    by another lead, where there is one."""
    dwell = dwelt(shown, clinic.now())
    about = entry_at(clinic, flagged.place)
    if about is None or flagged.rule in (OVERRIDE, LATE):
        return clearing.review(clinic, flagged.place, words, who, via, dwell)
    if refusal := barred(clinic, clinic.ledger, Act.REVIEW, who):
        return refusal
    said = in_words(words, "Say in words what came of it.")
    if isinstance(said, Refusal):
        return said
    doers = _doers(clinic, flagged, about)
    own = who.id in doers
    if own and (others := _other_leads(clinic, doers)):
        return Refusal("own", f"It is about what you did yourself; {' or '.join(others)} looks at it.")
    data: dict[str, Json] = {
        "rule": flagged.rule,
        "finding": flagged.key,
        "of": naming(about),
        "words": kept(clinic, said),
        "dwell_ms": dwell,
    }
    if own:
        data["own"] = True
    return recorded(clinic, Act.REVIEW, who, Draft(REVIEWED, data, who.id, via))


def _doers(clinic: Clinic, flagged: Flagged, about: Entry) -> set[str]:
    """Whose acts a finding is about: who recorded its entry, who confirmed it, whom it names; of a run as a whole, who
    began it or stood for it afterwards."""
    told = {about.actor, text_of(about.data, "witness"), *_OPERATOR.findall(flagged.why)}
    if about.step is None and flagged.run is not None and (first := entry_at(clinic, flagged.run)) is not None:
        told.add(first.actor)
        for reader in clinic.histories():
            if station_of(reader) == first.station:
                told |= {each.actor for each in reader.run_entries(flagged.run) if each.kind == "run.attributed"}
    return {each for each in told if each is not None}


def _other_leads(clinic: Clinic, doers: set[str]) -> list[str]:
    """The names of those who may look instead."""
    return [
        each.name or each.id
        for each in clinic.staff.operators()
        if rights.may(Act.REVIEW, each.roles) and not each.disabled and each.id not in doers
    ]


def dwelt(shown: Moment, now: Moment) -> int:
    """For how many milliseconds something was shown, by the clock that cannot be set; 0 where that is not known."""
    return max(0, now.mono_ms - shown.mono_ms) if shown.boot == now.boot else 0


def meant(waiting: list[Flagged], named: str) -> Flagged | Refusal:
    """The one thing of those that wait which is called `RULE@PLACE`, or by a place alone where only one rule points
    at it."""
    found = [each for each in waiting if named in (each.name, each.full_name, f"{each.rule}@{each.place}", each.place)]
    shown = clean(named, limit=80)
    if not found:
        return Refusal("no-finding", f"Nothing waits that is called “{shown}”; “checklist review” lists what does.")
    if len(found) > 1:
        names = ", ".join(each.name for each in found)
        return Refusal("which", f"More than one rule points at “{shown}”; name one of: {names}.")
    return found[0]
