"""Visits: found by their id or by the clinic's own reference, or opened. Only the id stands in the record in clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.errors import ClinicError
from checklist.ledger.entry import Draft
from checklist.people.commitment import reference_opening
from checklist.protocol.text import clean
from checklist.run.timing import calendar_day, utc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.service import Clinic, SignedIn
    from checklist.ledger.entry import Json
    from checklist.ledger.reader import Reader

LONGEST_REFERENCE = 200


def find_or_open(clinic: Clinic, named: str, who: SignedIn, via: str) -> str:
    """The id of a session: `new` opens one, an id or a known reference finds it, an unknown reference opens one under
    it. Raises ClinicError for a reference that is too long."""
    wanted = clean(named, limit=4 * len(named) + 1).strip()
    if len(wanted) > LONGEST_REFERENCE:  # cut, it could be taken for another patient's
        raise ClinicError(f"A reference has at most {LONGEST_REFERENCE} characters; give a shorter one.")
    if wanted in ("", "new"):
        return _opened(clinic, None, who, via)
    return _known(clinic, clinic.histories(), wanted) or _opened(clinic, wanted, who, via)


def _known(clinic: Clinic, readers: Sequence[Reader], named: str) -> str | None:
    """The session of that id or reference, whichever of these ledgers opened it."""
    commitments = clinic.people.references(named)
    for reader in readers:
        if reader.query("SELECT 1 FROM session WHERE id = ?", (named,)):
            return named
        for commitment in commitments:
            rows = reader.query("SELECT id FROM session WHERE reference = ?", (commitment,))
            if rows:
                return str(rows[0][0])
    return None


def _opened(clinic: Clinic, reference: str | None, who: SignedIn, via: str) -> str:
    data: dict[str, Json] = {}
    if reference:
        opening = reference_opening(reference)
        clinic.people.keep([opening], at=utc(clinic.now()))
        data["reference"] = opening.commitment
    found: list[str] = []

    def plan(reader: Reader) -> Sequence[Draft]:
        # Another program at this folder may have opened it while this one was waiting.
        if reference and (known := _known(clinic, [reader], reference)):
            found.append(known)
            return ()
        stem = f"{clinic.settings.clinic.station}-{calendar_day(clinic.now()):%Y%m%d}-"
        rows = reader.query("SELECT count(*) FROM session WHERE id > ? AND id < ?", (stem, stem + "~"))
        data["session"] = f"{stem}{int(str(rows[0][0])) + 1:02}"
        return [Draft("session.opened", data, who.id, via)]

    entries = clinic.ledger.append(plan)
    return str(entries[-1].data["session"]) if entries else found[-1]
