"""Names that a clinic may choose freely, roles and credentials: one that is nearly a known one was probably mistyped.

Only asks: whoever means it as it is written has their way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.nearest import nearest
from checklist.people.operator import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from checklist.clinic.service import Clinic


def doubtful_roles(clinic: Clinic, given: Iterable[str]) -> list[str]:
    """A question about each role that is nearly one of the program's, or one that somebody has."""
    return _doubts("role", given, {*ROLES, *(role for one in clinic.staff.operators() for role in one.roles)})


def doubtful_credential(clinic: Clinic, credential: str, attributes: Iterable[str]) -> list[str]:
    """A question about a credential, and about each attribute of it, that is nearly what a procedure asks for, or what
    somebody holds."""
    from checklist.clinic.texts.requiring import procedures_at_hand
    from checklist.gate.requirement import PerformerMay

    held = clinic.personnel.credentials(clinic.now())
    asked = [
        one
        for procedure in procedures_at_hand(clinic.folder)
        for one in procedure.requires
        if isinstance(one, PerformerMay)
    ]
    compared = {each.name for one in asked for each in one.attribute}
    known = {*(one.credential for one in held), *(one.credential for one in asked)}
    return [
        *_doubts("credential", [credential], known),
        *_doubts("attribute", attributes, {*compared, *(name for one in held for name in one.attributes)}),
    ]


def _doubts(what: str, given: Iterable[str], known: set[str]) -> list[str]:
    near = ((name, nearest(name, known)) for name in given)
    return [f"No {what} “{name[:64]}” is known; did you mean “{other}”?" for name, other in near if other]
