"""Visits: found by their id or by the clinic's own reference, or opened. Only the id stands in the record in clear."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from checklist.clinic.acting import barred
from checklist.clinic.people.comparing import decided
from checklist.ledger.entry import Draft
from checklist.people.commitment import reference_opening
from checklist.people.reference import unfit_reference
from checklist.protocol.text import clean
from checklist.run.reading import Refusal
from checklist.run.rights import Act
from checklist.run.timing import calendar_day, utc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.service import Clinic, SignedIn
    from checklist.ledger.entry import Json
    from checklist.ledger.reader import Reader
    from checklist.people.store import PeopleStore

LONGEST_REFERENCE = 200
_OURS = re.compile(r"[a-z0-9][a-z0-9-]*-[0-9]{8}-[0-9]{2,}", re.IGNORECASE)
"""The shape of an id that the program made: station, day, number."""


def find_or_open(clinic: Clinic, named: str, who: SignedIn, via: str) -> str | Refusal:
    """The id of a session: `new` opens one, an id or a known reference finds it, an unknown reference opens one under
    it. What looks like an id of ours and is none was mistyped: it opens nothing; nor does what looks like a patient's
    name or date of birth."""
    wanted = clean(named, limit=4 * len(named) + 1).strip()
    if len(wanted) > LONGEST_REFERENCE:  # cut, it could be taken for another patient's
        return Refusal("too-long", f"A reference has at most {LONGEST_REFERENCE} characters; give a shorter one.")
    if wanted in ("", "new"):
        return _opened(clinic, None, who, via)
    known = known_as(clinic.people, clinic.histories(), wanted)
    if known is None and _OURS.fullmatch(wanted):
        return Refusal("session", f"There is no visit {wanted}; look at its number again, or give “new” for a new one.")
    if known is None and (why := unfit_reference(wanted, calendar_day(clinic.now()))):
        return Refusal("reference", why)
    return known or _opened(clinic, wanted, who, via)


def known_as(people: PeopleStore, readers: Sequence[Reader], named: str) -> str | None:
    """The session of that id or reference, whichever of these ledgers opened it."""
    commitments = people.references(named)
    for reader in readers:
        if reader.query("SELECT 1 FROM session WHERE id = ?", (named,)):
            return named
        for commitment in commitments:
            rows = reader.query("SELECT id FROM session WHERE reference = ?", (commitment,))
            if rows:
                return str(rows[0][0])
    return None


def _opened(clinic: Clinic, reference: str | None, who: SignedIn, via: str) -> str | Refusal:
    if refusal := barred(clinic, clinic.ledger, Act.OPEN_SESSION, who):
        return refusal
    data: dict[str, Json] = {}
    if reference:
        opening = reference_opening(reference)
        clinic.people.keep([opening], at=utc(clinic.now()))
        data["reference"] = opening.commitment
    found: list[str] = []

    def decide(reader: Reader) -> Sequence[Draft] | Refusal:
        if refusal := barred(clinic, reader, Act.OPEN_SESSION, who):
            return refusal
        # Another program at this folder may have opened it while this one was waiting.
        if reference and (known := known_as(clinic.people, [reader], reference)):
            found.append(known)
            return ()
        stem = f"{clinic.settings.clinic.station}-{calendar_day(clinic.now()):%Y%m%d}-"
        rows = reader.query("SELECT count(*) FROM session WHERE id > ? AND id < ?", (stem, stem + "~"))
        data["session"] = f"{stem}{int(str(rows[0][0])) + 1:02}"
        return [Draft("session.opened", data, who.id, via)]

    entries = decided(clinic.ledger, decide)
    if isinstance(entries, Refusal):
        return entries
    return str(entries[-1].data["session"]) if entries else found[-1]
