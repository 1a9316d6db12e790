"""What a lead is told on coming to a line: who is locked out, and which credentials end soon or have ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.line.words import credential_words
from checklist.run import rights
from checklist.run.rights import Act

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic, SignedIn


def notices(clinic: Clinic, who: SignedIn | None) -> list[str]:
    """One line each; nothing for anybody who could do nothing about it."""
    if who is None or not rights.may(Act.MANAGE_PEOPLE, who.person.roles):
        return []
    locked = [
        f"LOCKED after wrong secrets: {lock.name}, until {lock.shown or 'a lead unlocks'}."
        for lock in clinic.staff.locks()
    ]
    ending = [
        f"{held.name}: {credential_words(held)}"
        for held in clinic.personnel.credentials(clinic.now())
        if held.state != "valid"
    ]
    return [*locked, *ending]
