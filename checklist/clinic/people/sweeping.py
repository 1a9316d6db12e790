"""Taking out of people.db what no entry came to name: its writer was cut off, or refused in the last moment."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from checklist.clinic.people.erasing import finish
from checklist.run.timing import utc

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic

_LEFT_ALONE = timedelta(days=1)
"""Another program may be between an opening and its entry."""


def sweep(clinic: Clinic) -> int:
    """Delete what is older than a day and named in no ledger of the folder; how much that was.

    Nothing is deleted where a ledger cannot be read: it may name any of it. Raises LedgerError and PeopleError.
    """
    finished = finish(clinic)
    clinic.people.scrub()
    readers = clinic.histories()
    if clinic.unreadable():
        return finished

    def named(question: str, value: str) -> bool:
        return any(reader.query(question, (value,)) for reader in readers)

    before = utc(clinic.now()) - _LEFT_ALONE
    openings = clinic.people.sweep_orphans(lambda item: named("SELECT 1 FROM commitment WHERE value = ?", item), before)
    people = clinic.people.sweep_people(lambda item: named("SELECT 1 FROM operator WHERE id = ?", item), before)
    return finished + openings + people
