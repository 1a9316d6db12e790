"""Which sheet of paper is entered: the text that it was printed from, and whether it was entered before."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Final

from checklist.clinic.run_views import run_from_paper
from checklist.protocol.text import clean
from checklist.run.events import text_of
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from checklist.ledger.reader import Reader
    from checklist.protocol.loader import LoadedProtocol
    from checklist.run.paper import Paper

_DIGEST: Final = re.compile("[0-9a-f]{12,64}")
"""The digest of a text, or as much of it as stands at the foot of a sheet (`checklist.protocol.showing.sheet`)."""


def text_of_sheet(clinic: Clinic, protocol: str, digest: str, paper: Paper) -> LoadedProtocol | Refusal:
    """The text that a sheet was printed from: the one whose SHA-256 begins so and that was adopted here under this id
    before the sheet was finished, in force now or not. Raises UnknownProtocolError, and ClinicError where its bytes
    are lost."""
    clinic.library.digest_in_force(clinic.ledger, protocol)
    wanted = "".join(digest.split()).casefold()
    if not _DIGEST.fullmatch(wanted):
        return Refusal(
            "sheet",
            "Say which version the sheet is: the 12 letters and digits after SHA-256 at its foot (--sheet).",
        )
    adoptions = [
        (text_of(entry.data, "sha256") or "", datetime.fromisoformat(entry.at))
        for reader in clinic.histories()
        for entry in reader.entries_of_kind("protocol.adopted")
        if text_of(entry.data, "id") == protocol
    ]
    found = [one for one in adoptions if one[0].startswith(wanted)]
    if len({sha256 for sha256, _ in found}) != 1:
        return Refusal(
            "sheet",
            f"No text of “{clean(protocol, limit=64)}” with a SHA-256 that begins with “{wanted}” was adopted here: "
            "read the foot of the sheet again; a sheet of another text is not entered, but kept.",
        )
    if paper.latest() < min(at for _, at in found):
        return Refusal("sheet", "The sheet was finished before its text was adopted here; look at its date and times.")
    return clinic.library.by_digest(protocol, found[0][0])


def entered_before(clinic: Clinic, reader: Reader, protocol: str, subject: str, paper: Paper | None) -> Refusal | None:
    """Why this sheet is not entered once more; None if it is the first time, or there is no sheet. A run that was
    abandoned is no entry of it."""
    if paper is None:
        return None
    for each in (*clinic.histories()[:-1], reader):
        if run := run_from_paper(each, protocol, subject, paper):
            return Refusal(
                "entered",
                f"This sheet was entered before, as run {run}: resume or correct that one. If it is another sheet, "
                "give its times with their seconds.",
            )
    return None
