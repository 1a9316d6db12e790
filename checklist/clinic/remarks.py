"""Remarks, questions to the clinic and answers: words that anybody here may leave at any entry of the record.

It is all that an auditor writes. Knows how they are recorded and found again, with the reviews beside them; what was
said about an entry never changes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from checklist.audit.places import station_of
from checklist.clinic.acting import barred, recorded
from checklist.clinic.visits.visit_views import REVIEWED, about_of
from checklist.ledger.entry import Draft, Json, format_place, parse_place
from checklist.people.commitment import words_opening
from checklist.protocol.text import MAX_VALUE, clean
from checklist.run.events import text_of
from checklist.run.reading import Refusal
from checklist.run.rights import Act
from checklist.run.timing import utc

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.ledger.entry import Entry

REMARKED: Final = "remarked"
About: TypeAlias = Literal["remark", "question", "answer"]
_ASKS: Final = "asks"
_ANSWERS: Final = "answers"
_FLAG: Final = {"question": _ASKS, "answer": _ANSWERS}


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said about an entry: its own place, what it is (`remark`, `question`, `answer` or `review`), the
    place that it hangs on, the words (None once they are erased), and of a review its rule and how long was looked."""

    entry: str
    about: str
    of: str
    words: str | None
    by: str | None
    at: str
    rule: str | None = None
    dwell_ms: int | None = None
    own: bool = False
    shown: str = ""
    """Of a review, in words, for how long what was flagged was read on a screen."""

    def data(self) -> dict[str, Json]:
        """The stable keys of it in `show --json` and `log --json`."""
        return {
            "entry": self.entry,
            "about": self.about,
            "of": self.of,
            "words": self.words,
            "by": self.by,
            "at": self.at,
            "rule": self.rule,
            "dwell_ms": self.dwell_ms,
            "shown": self.shown,
            "own": self.own,
        }


def remark(clinic: Clinic, place: str, words: str, who: SignedIn, via: str, about: About = "remark") -> Entry | Refusal:
    """Record what somebody says about the entry at that place, such as `a#123` (a run's name is the place of its first
    entry); an answer is about a question. The words themselves go to people.db first."""
    if refusal := barred(clinic, clinic.ledger, Act.REMARK, who):
        return refusal
    said = in_words(words, "Say it in words.")
    if isinstance(said, Refusal):
        return said
    found = entry_at(clinic, place)
    if found is None:
        shown = clean(place, limit=40)
        return Refusal("no-entry", f"There is no entry “{shown}” in the record; “checklist log” shows their places.")
    if about == "answer" and not _asks(found):
        return Refusal("no-question", f"Nobody asks anything at {found.place}; “checklist review” lists the questions.")
    data: dict[str, Json] = {"of": naming(found), "words": kept(clinic, said)}
    if about in _FLAG:
        data[_FLAG[about]] = True
    return recorded(clinic, Act.REMARK, who, Draft(REMARKED, data, who.id, via))


def in_words(words: str, ask: str) -> str | Refusal:
    """Words as they may be kept; `ask` is the sentence for who gave none."""
    said = clean(words, limit=4 * len(words) + 1).strip()
    if not said:
        return Refusal("empty", ask)
    if len(said) > MAX_VALUE:
        return Refusal("too-long", f"Say it in at most {MAX_VALUE} characters; these are {len(said)}.")
    return said


def kept(clinic: Clinic, said: str) -> str:
    """The commitment to words, whose opening is in people.db when this returns."""
    opening = words_opening(said)
    clinic.people.keep([opening], at=utc(clinic.now()))
    return opening.commitment


def naming(entry: Entry) -> dict[str, Json]:
    """How an entry is named by another that speaks of it."""
    return {"station": entry.station, "index": entry.index, "leaf": entry.leaf}


def entry_at(clinic: Clinic, place: str) -> Entry | None:
    """The entry at a place such as `a#123`, whichever ledger of the folder holds it; None where there is none."""
    named = parse_place(place.strip())
    if named is None:
        return None
    station, index = named
    for reader in clinic.histories():
        if station_of(reader) == station and index < reader.size:
            return reader.entry(index)
    return None


def said_about(clinic: Clinic) -> dict[str, list[Said]]:
    """Everything that was said about entries, by the place it hangs on, oldest first; an answer hangs on its question.
    Takes time with the number of remarks and reviews alone."""
    found: dict[str, list[Said]] = {}
    for reader in clinic.histories():
        entries = [*reader.entries_of_kind(REMARKED), *reader.entries_of_kind(REVIEWED)]
        for entry in sorted(entries, key=lambda one: one.index):
            about = about_of(entry)
            if about is not None:
                said = _said(clinic, entry, format_place(about.station, about.index))
                found.setdefault(said.of, []).append(said)
    return found


def said_at(about: dict[str, list[Said]], place: str) -> list[Said]:
    """What was said about the entry at a place, each question followed by its answers."""
    return [each for said in about.get(place, []) for each in (said, *about.get(said.entry, []))]


def unanswered(clinic: Clinic) -> list[Said]:
    """The questions that nobody has answered, oldest first."""
    about = said_about(clinic)
    asked = [said for each in about.values() for said in each if said.about == "question"]
    return [said for said in asked if all(each.about != "answer" for each in about.get(said.entry, []))]


def _said(clinic: Clinic, entry: Entry, of: str) -> Said:
    commitment = text_of(entry.data, "words")
    words = clinic.words(commitment) if commitment is not None else None
    if entry.kind == REVIEWED:
        rule, own = text_of(entry.data, "rule"), entry.data.get("own") is True
        dwell, shown = dwell_of(entry), shown_for(entry)
        return Said(entry.place, "review", of, words, entry.actor, entry.at, rule, dwell, own, shown)
    about = "question" if _asks(entry) else "answer" if entry.data.get(_ANSWERS) is True else "remark"
    return Said(entry.place, about, of, words, entry.actor, entry.at)


def dwell_of(entry: Entry) -> int | None:
    """For how many milliseconds a review says that it was shown."""
    dwell = entry.data.get("dwell_ms")
    return dwell if isinstance(dwell, int) else None


def shown_for(entry: Entry) -> str:
    """The same in words, to a tenth of a second; a review that says none was of what its reader read elsewhere."""
    dwell = dwell_of(entry)
    return "not read on a screen" if dwell is None else f"shown for {dwell // 1000}.{dwell % 1000 // 100} s"


def _asks(entry: Entry) -> bool:
    return entry.kind == REMARKED and entry.data.get(_ASKS) is True
