"""`--own-name`: a role or a credential that is nearly a known one is refused, unless it is meant as it is written."""

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
    from checklist.clinic.people.spelling import doubtful_roles

    _check(doubtful_roles(clinic, given))


def check_credential(clinic: Clinic, credential: str, attributes: Iterable[str]) -> None:
    """Refuse a credential, or an attribute of one, that is nearly what a procedure asks for or what somebody holds.
    Raises MisuseError."""
    from checklist.clinic.people.spelling import doubtful_credential

    _check(doubtful_credential(clinic, credential, attributes))


def _check(doubts: list[str]) -> None:
    if doubts:
        refuse(f"{doubts[0]} To take it as it is, add --own-name.")
