"""Recording a fact that is not part of a run, in the name of somebody who may.

Whether they may is asked under the ledger's lock: whoever was disabled meanwhile, or has other roles, records nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.people.comparing import decided
from checklist.run import rights
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.ledger.entry import Draft, Entry
    from checklist.ledger.reader import Reader
    from checklist.run.rights import Act


def barred(clinic: Clinic, reader: Reader, act: Act, who: SignedIn) -> Refusal | None:
    """Why this person may not do this, as that ledger stands; None if they may."""
    return rights.refusal(act, who.person.roles) or clinic.staff.barred(reader, who.person)


def recorded(clinic: Clinic, act: Act, who: SignedIn, draft: Draft) -> Entry | Refusal:
    """Record what somebody did, if they may still do it; why not, if not."""
    entries = decided(clinic.ledger, lambda reader: barred(clinic, reader, act, who) or [draft])
    return entries if isinstance(entries, Refusal) else entries[-1]
