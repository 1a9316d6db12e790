"""Names that a clinic may choose freely, roles and credentials: one that is nearly a known one is asked about first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.shared import refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    from checklist.clinic.service import Clinic

    F = TypeVar("F", bound="Callable[..., object]")


def own_name_option(command: F) -> F:
    """`--own-name`: it is meant as it is written."""
    told = "A name that is nearly a known one is meant as it is written."
    return click.option("--own-name", is_flag=True, help=told)(command)


def check_roles(clinic: Clinic, given: Iterable[str]) -> None:
    """Refuse a role that is nearly one of the program's or one that somebody has. Raises MisuseError."""
    from checklist.people.operator import ROLES

    known = {*ROLES, *(role for one in clinic.staff.operators() for role in one.roles)}
    _check("role", given, known)


def check_credential(clinic: Clinic, credential: str, attributes: Iterable[str]) -> None:
    """Refuse a credential, or an attribute of one, that is nearly what a procedure asks for or what somebody holds.
    Raises MisuseError."""
    from checklist.clinic.texts.requiring import procedures_at_hand
    from checklist.gate.requirement import PerformerMay

    held = clinic.personnel.credentials(clinic.now())
    asked = [
        one
        for procedure in procedures_at_hand(clinic.folder)
        for one in procedure.requires
        if isinstance(one, PerformerMay)
    ]
    _check("credential", [credential], {*(one.credential for one in held), *(one.credential for one in asked)})
    compared = {each.name for one in asked for each in one.attribute}
    _check("attribute", attributes, {*compared, *(name for one in held for name in one.attributes)})


def _check(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    from checklist.clinic.nearest import nearest

    names = set(known)
    for name in given:
        if near := nearest(name, names):
            refuse(f"No {what} “{name[:64]}” is known; did you mean “{near}”? To take it as it is, add --own-name.")
