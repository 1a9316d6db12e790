"""A lead looks at what was flagged, and says what came of it. What they looked at stays as it was.

Knows how a review is recorded: the rule, the entry, the words, and how long the entry was shown before they were given;
and how an override of the gate is told to whoever looks at it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from checklist.audit.queue import OVERRIDE
from checklist.clinic.acting import barred, recorded
from checklist.clinic.plan.changes import told_plan
from checklist.clinic.remarks import dwell_of, entry_at, in_words, kept, naming, shown_for
from checklist.clinic.visits import clearing
from checklist.clinic.visits.visit_views import REVIEWED, about_of
from checklist.ledger.entry import Draft, format_place
from checklist.ledger.errors import Damaged
from checklist.protocol.text import clean
from checklist.run import rights
from checklist.run.events import strings_of, text_of
from checklist.run.reading import Refusal
from checklist.run.rights import Act

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checklist.audit.queue import Flagged
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.ledger.entry import Entry, Json, Moment

_OPERATOR: Final = re.compile(r"\bu_[0-9a-z]+\b")


@dataclass(frozen=True, slots=True)
class Look:
    """Who looked at a finding, when, for how long (`shown` says it in words), and by which way in; `own` where they had
    a hand in it."""

    by: str | None
    at: str
    dwell_ms: int | None
    own: bool
    via: str
    shown: str

    def data(self) -> dict[str, Json]:
        """The stable keys of it in JSON."""
        told: dict[str, Json] = {"by": self.by, "at": self.at, "dwell_ms": self.dwell_ms, "own": self.own}
        return {**told, "via": self.via, "shown": self.shown}


def looks(clinic: Clinic) -> dict[str, Look]:
    """Every review on record, by the place of the entry that says so."""
    return {
        entry.place: Look(
            entry.actor, entry.at, dwell_of(entry), entry.data.get("own") is True, entry.via, shown_for(entry)
        )
        for reader in clinic.histories()
        for entry in reader.entries_of_kind(REVIEWED)
    }


def review(
    clinic: Clinic, flagged: Flagged, words: str, shown: Moment | None, who: SignedIn, via: str
) -> Entry | Refusal:
    """Record that a lead looked at a finding. `shown`: when what was flagged was put before their eyes, by this
    clinic's clock; None where they say that they read it elsewhere, and the record then says no time. An override is
    looked at by somebody else than the two who gave it; anything that somebody had a hand in by another lead, where
    there is one."""
    dwell = None if shown is None else dwelt(shown, clinic.now())
    try:
        about = entry_at(clinic, flagged.place)
    except Damaged:
        return Refusal("damaged", f"{flagged.place} cannot be read: “checklist verify” says more; no look ends that.")
    if refusal := barred(clinic, clinic.ledger, Act.REVIEW, who):
        return refusal
    said = in_words(words, "Say in words what came of it.")
    if isinstance(said, Refusal):
        return said
    doers = set() if about is None else _doers(clinic, flagged, about)
    own = who.id in doers
    if own and (others := _other_leads(clinic, doers)):
        return Refusal("own", f"You had a hand in it yourself; {' or '.join(others)} looks at it.")
    if about is None or flagged.rule == OVERRIDE:
        return clearing.review(clinic, flagged.place, words, who, via, dwell, own=own)
    data: dict[str, Json] = {
        "rule": flagged.rule,
        "finding": flagged.key,
        "of": naming(about),
        "words": kept(clinic, said),
    }
    if dwell is not None:
        data["dwell_ms"] = dwell
    if own:
        data["own"] = True
    return recorded(clinic, Act.REVIEW, who, Draft(REVIEWED, data, who.id, via))


def _doers(clinic: Clinic, flagged: Flagged, about: Entry) -> set[str]:
    """Who had a hand in what is flagged: who recorded its entry, who confirmed it, whom it names; of a run everybody
    who acted, confirmed or signed anywhere in it; of an answer of the gate who asked, and for whom."""
    told = {*_hands(about), *_OPERATOR.findall(flagged.why)}
    if (passed := about_of(about)) is not None:
        answer = entry_at(clinic, format_place(passed.station, passed.index))
        told |= set() if answer is None else _hands(answer)
    run = flagged.run or about.run
    if run is not None:
        for reader in clinic.histories():
            told |= {hand for each in reader.run_entries(run) for hand in _hands(each)}
    return {each for each in told if each is not None}


def _hands(entry: Entry) -> set[str | None]:
    return {entry.actor, *(text_of(entry.data, key) for key in ("witness", "performer") if key in entry.data)}


def _other_leads(clinic: Clinic, doers: set[str]) -> list[str]:
    """The names of those who may look instead."""
    return [
        each.name or each.id
        for each in clinic.staff.operators()
        if rights.may(Act.REVIEW, each.roles) and not each.disabled and each.id not in doers
    ]


def told(clinic: Clinic, entry: Entry) -> list[str]:
    """What an entry outside of runs says, in sentences: an answer of the gate, that it was passed all the same, or what
    the plan is. None for other kinds, which speak for themselves."""
    at = datetime.fromisoformat(entry.at).astimezone(ZoneInfo(clinic.settings.clinic.timezone))
    when = f"{at:%Y-%m-%d %H:%M:%S} ({clinic.settings.clinic.timezone}), entry {entry.place}"
    match entry.kind:
        case "cleared":
            return [*_answer(clinic, entry, when)]
        case "clearance.overridden":
            second, words = clinic.name_of(text_of(entry.data, "witness")), text_of(entry.data, "words")
            why = (clinic.words(words) if words is not None else None) or "(words erased)"
            return [
                f"OVERRIDDEN by {clinic.name_of(entry.actor)} with {second}, {when}",
                f"Because: {text_of(entry.data, 'reason') or 'no reason code'}: {why}",
            ]
        case "clinic.configured":
            return [f"Recorded by the program, {when}", *told_plan(clinic.folder.adopted, entry)]
        case _:
            return []


def _answer(clinic: Clinic, entry: Entry, when: str) -> Iterator[str]:
    """What the gate said to whom, requirement by requirement."""
    data = entry.data
    procedure, visit, performer = strings_of(data, "procedure"), text_of(data, "session"), text_of(data, "performer")
    about = f"{procedure.get('id')} {procedure.get('version')}, {text_of(data, 'subject')}"
    yield f"{text_of(data, 'decision')}: {about}{f', visit {visit}' if visit else ''}"
    yield f"asked by {clinic.name_of(entry.actor)}, {when}"
    if performer is not None:
        yield f"Performer: {clinic.name_of(performer)}"
    judged = data.get("requirements")
    for one in judged if isinstance(judged, list) else []:
        if isinstance(one, dict):
            evidence, met = one.get("evidence"), one.get("met")
            rests = ", ".join(str(each) for each in evidence) if isinstance(evidence, list) else ""
            mark = "[x]" if met is True else "<X> not met:" if met is False else "{?} not known:"
            yield f"{mark} {one.get('id')}{f': {rests}' if rests else ''}"


def named(clinic: Clinic, why: str) -> str:
    """What a rule says it saw, with people's names in place of their ids."""
    return _OPERATOR.sub(lambda found: clinic.name_of(found[0]), why)


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
