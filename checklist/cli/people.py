"""`checklist people …`: who may do what here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.shared import (
    PATH,
    TEXT,
    as_option,
    clinic_folder,
    clinic_option,
    console,
    credentials,
    json_option,
    refuse,
    say,
    say_json,
    typed_twice,
    via,
)

if TYPE_CHECKING:
    from pathlib import Path


@click.group()
def people() -> None:
    """Add and list operators."""


@people.command()
@click.option("--name", required=True, type=TEXT, metavar="NAME", help="As it is printed beside a signature.")
@click.option(
    "--role",
    "roles",
    required=True,
    multiple=True,
    type=TEXT,
    metavar="ROLE",
    help="staff, reprocessing, release, prescriber, lead, auditor, or the clinic's own; repeatable.",
)
@click.option("--new-secret-file", type=PATH, metavar="FILE", help="Their secret (mode 0600).")
@as_option
@clinic_option
@click.pass_context
def add(
    ctx: click.Context,
    name: str,
    roles: tuple[str, ...],
    new_secret_file: Path | None,
    operator: str | None,
    secret_file: Path | None,
) -> int:
    """Make somebody an operator; only a lead may. Their secret is typed twice, or comes from a file."""
    from checklist.clinic.service import Clinic
    from checklist.line.desk import signed_in
    from checklist.run.reading import Refusal

    own, theirs = credentials(operator, secret_file), credentials(name, new_secret_file)
    desk = console()
    if theirs.secret is None and not desk.terminal:
        refuse("There is no terminal to type the new secret at: give --new-secret-file FILE.")
    with Clinic.open(clinic_folder(ctx)) as opened, desk.listening(), signed_in(opened, desk, own, via()) as who:
        secret = theirs.secret if theirs.secret is not None else typed_twice(desk, f"New secret of {name}: ", name)
        added = opened.staff.add(name, roles, secret, who, via())
    if isinstance(added, Refusal):
        refuse(added.message)
    say(f"{added.name} is an operator now: {added.id}, {', '.join(sorted(added.roles))}")
    return 0


@people.command("list")
@json_option
@clinic_option
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool) -> int:
    """List the operators."""
    from checklist.clinic.service import Clinic

    with Clinic.open(clinic_folder(ctx)) as opened:
        found = opened.staff.operators()
    if as_json:
        say_json(
            [
                {"operator": one.id, "name": one.name, "roles": sorted(one.roles), "disabled": one.disabled}
                for one in found
            ]
        )
    else:
        say(
            *(
                f"{one.name or '(erased)'}, {one.id}, {' '.join(sorted(one.roles))}{', disabled' * one.disabled}"
                for one in found
            )
        )
    return 0
