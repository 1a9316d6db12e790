"""`checklist people add | roles | disable | erase`: who works here, and as what. A lead asks for all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click

from checklist.cli.shared import (
    TEXT,
    accepted,
    as_option,
    at_desk,
    clinic_option,
    credentials,
    new_secret_option,
    on_terminal,
    operator_named,
    refuse,
    say,
    typed_twice,
    via,
)
from checklist.cli.spelling import check_roles, own_name_option

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

F = TypeVar("F", bound="Callable[..., object]")


def _role_option(command: F) -> F:
    option = click.option(
        "--role",
        "roles",
        required=True,
        multiple=True,
        type=TEXT,
        metavar="ROLE",
        help="staff, reprocessing, release, prescriber, lead, auditor, or the clinic's own; repeatable.",
    )
    return option(command)


@click.command()
@click.option("--name", required=True, type=TEXT, metavar="NAME", help="As it is printed beside a signature.")
@_role_option
@own_name_option
@new_secret_option
@as_option
@clinic_option
@click.pass_context
def add(
    ctx: click.Context,
    *,
    name: str,
    roles: tuple[str, ...],
    own_name: bool,
    new_secret_file: Path | None,
    operator: str | None,
    secret_file: Path | None,
) -> int:
    """Make somebody an operator. Only a lead may. Their secret is typed twice, or comes from a file."""
    own, theirs = credentials(operator, secret_file), credentials(name, new_secret_file).secret
    if theirs is None and not on_terminal():
        refuse("There is no terminal to type the new secret at: give --new-secret-file FILE.")
    with at_desk(ctx, own) as (opened, who, desk):
        if not own_name:
            check_roles(opened, roles)
        secret = theirs if theirs is not None else typed_twice(desk, f"New secret of {name}: ", name)
        added = accepted(opened.personnel.add(name, roles, secret, who, via()))
    say(f"{added.name} is an operator now: {added.id}, {', '.join(sorted(added.roles))}")
    return 0


@click.command("roles")
@click.argument("person", type=TEXT, metavar="OPERATOR")
@_role_option
@own_name_option
@as_option
@clinic_option
@click.pass_context
def roles(
    ctx: click.Context,
    *,
    person: str,
    roles: tuple[str, ...],
    own_name: bool,
    operator: str | None,
    secret_file: Path | None,
) -> int:
    """Give somebody these roles in the place of those they have. Only a lead may."""
    with at_desk(ctx, credentials(operator, secret_file)) as (opened, who, _desk):
        if not own_name:
            check_roles(opened, roles)
        changed = accepted(opened.personnel.set_roles(operator_named(opened, person).id, roles, who, via()))
    say(f"{changed.name or changed.id} has these roles now: {', '.join(sorted(changed.roles))}")
    return 0


@click.command()
@click.argument("person", type=TEXT, metavar="OPERATOR")
@as_option
@clinic_option
@click.pass_context
def disable(ctx: click.Context, person: str, operator: str | None, secret_file: Path | None) -> int:
    """Let somebody do nothing here any more, for good. Only a lead may. Their name stays beside what they signed."""
    with at_desk(ctx, credentials(operator, secret_file)) as (opened, who, _desk):
        gone = accepted(opened.personnel.disable(operator_named(opened, person).id, who, via()))
    say(f"{gone.name or gone.id} may do nothing here any more.")
    return 0


@click.command()
@click.argument("person", type=TEXT, metavar="OPERATOR")
@as_option
@clinic_option
@click.pass_context
def erase(ctx: click.Context, person: str, operator: str | None, secret_file: Path | None) -> int:
    """Erase the name and secret of somebody disabled, once they need not be kept. Only a lead may.

    The record stays whole, and shows the id.
    """
    with at_desk(ctx, credentials(operator, secret_file)) as (opened, who, _desk):
        erased = accepted(opened.personnel.erase(operator_named(opened, person).id, who, via()))
    say(
        f"{erased.operator_id} is erased: the name and the secret are gone from people.db; the record shows the id.",
        "Backups made before still hold the name: destroy those that need not be kept.",
    )
    return 0
