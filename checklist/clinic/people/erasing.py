"""Erasing a person: their name and secret leave people.db, and the record stays whole without them.

The `erased` entry comes first, then the deletion: were it the other way round, a machine that stops in between would
leave names missing that nothing accounts for. An erasure that was cut off is finished by the next start. Not reached
are backups made before, and words in which somebody wrote the name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.clinic.acting import barred
from checklist.clinic.people.comparing import decided
from checklist.people.operator import DISABLED, erased
from checklist.run.events import text_of
from checklist.run.reading import Refusal
from checklist.run.rights import Act
from checklist.run.timing import calendar_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from checklist.clinic.people.staff import SignedIn
    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Draft
    from checklist.ledger.reader import Reader


@dataclass(frozen=True, slots=True)
class Erased:
    """Somebody who is known by their id only from now on, and how many openings of their name are gone."""

    operator_id: str
    openings: int


def erase(clinic: Clinic, operator_id: str, who: SignedIn, via: str) -> Erased | Refusal:
    """Erase somebody who was disabled so long ago that they need not be kept any more; or why not yet.

    Raises LedgerError (nothing was erased) and StoreError (the next start finishes it).
    """
    commitments = clinic.people.name_openings(operator_id)

    def decide(reader: Reader) -> Sequence[Draft] | Refusal:
        if refusal := barred(clinic, reader, Act.MANAGE_PEOPLE, who):
            return refusal
        if operator_id in _cut_off(clinic):
            return ()
        left = _left_on(clinic, operator_id)
        if refusal := _not_yet(clinic, operator_id, left):
            return refusal
        why = {"disabled": str(left), "retention": str(clinic.settings.people.retention)}
        return erased(operator_id, commitments, actor=who.id, via=via, why=why)

    entries = decided(clinic.ledger, decide)
    if isinstance(entries, Refusal):
        return entries
    clinic.people.forget(operator_id, commitments)
    return Erased(operator_id, len(commitments))


def finish(clinic: Clinic) -> int:
    """Delete whoever the record calls erased and people.db still has, since the deletion was cut off; how many."""
    left = _cut_off(clinic)
    for each in left:
        clinic.people.forget(each, clinic.people.name_openings(each))
    return len(left)


def _cut_off(clinic: Clinic) -> list[str]:
    """Whoever the record calls erased, and people.db still has."""
    rows = clinic.ledger.query("SELECT id FROM operator WHERE erased = 1")
    return [str(row[0]) for row in rows if clinic.people.name(str(row[0])) is not None]


def kept_until(clinic: Clinic, operator_id: str) -> date | None:
    """The first day on which somebody may be erased; None where they were never disabled."""
    day = _left_on(clinic, operator_id)
    return clinic.settings.people.retention.ends(day) if day is not None else None


def _left_on(clinic: Clinic, operator_id: str) -> date | None:
    """The day on which somebody was disabled. A restore says it again: it is the first time that counts."""
    left = (
        calendar_day(entry.moment)
        for reader in clinic.histories()
        for entry in reader.entries_of_kind(DISABLED)
        if text_of(entry.data, "operator") == operator_id
    )
    return next(left, None)


def _not_yet(clinic: Clinic, operator_id: str, left: date | None) -> Refusal | None:
    operator = clinic.staff.operator(operator_id)
    if operator is None:
        return Refusal("operator", "There is no such operator here; look at the list of people.")
    if operator.erased:
        return Refusal("erased", f"{operator_id} was erased already; only the id is left.")
    name = clinic.staff.name_of(operator_id)
    if left is None:
        return Refusal("active", f"{name} still works here; only somebody who was disabled can be erased.")
    until = clinic.settings.people.retention.ends(left)
    if calendar_day(clinic.now()) < until:
        return Refusal("retention", f"{name} is kept until {until}: the record needs the names of those who signed it.")
    return None
