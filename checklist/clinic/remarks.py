"""Remarks: words that anybody here may leave at any entry of the record. It is all that an auditor writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.acting import barred, recorded
from checklist.ledger.entry import Draft, Json, parse_place
from checklist.people.commitment import words_opening
from checklist.protocol.text import MAX_VALUE, clean
from checklist.run.reading import Refusal
from checklist.run.rights import Act
from checklist.run.timing import utc

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.ledger.entry import Entry


def remark(clinic: Clinic, place: str, words: str, who: SignedIn, via: str) -> Entry | Refusal:
    """Record what somebody says about the entry at that place, such as `a#123` (a run's name is the place of its first
    entry). The words themselves go to people.db first."""
    if refusal := barred(clinic, clinic.ledger, Act.REMARK, who):
        return refusal
    said = clean(words, limit=4 * len(words) + 1).strip()
    if not said:
        return Refusal("empty", "Say it in words.")
    if len(said) > MAX_VALUE:
        return Refusal("too-long", f"Say it in at most {MAX_VALUE} characters; these are {len(said)}.")
    about = entry_at(clinic, place)
    if about is None:
        shown = clean(place, limit=40)
        return Refusal("no-entry", f"There is no entry “{shown}” in the record; “checklist log” shows their places.")
    opening = words_opening(said)
    clinic.people.keep([opening], at=utc(clinic.now()))
    of: dict[str, Json] = {"station": about.station, "index": about.index, "leaf": about.leaf}
    return recorded(clinic, Act.REMARK, who, Draft("remarked", {"of": of, "words": opening.commitment}, who.id, via))


def entry_at(clinic: Clinic, place: str) -> Entry | None:
    """The entry at a place such as `a#123`, whichever ledger of the folder holds it; None where there is none."""
    named = parse_place(place.strip())
    if named is None:
        return None
    station, index = named
    for reader in clinic.histories():
        if reader.station == station and index < reader.size:
            return reader.entry(index)
    return None
