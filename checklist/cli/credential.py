"""`checklist people credential …`: what somebody is licensed or trained for, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.shared import (
    TEXT,
    accepted,
    as_option,
    at_desk,
    clinic_folder,
    clinic_option,
    credentials,
    json_option,
    operator_named,
    refuse,
    say,
    say_json,
    via,
)
from checklist.cli.spelling import check_credential, own_name_option

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@click.group()
def credential() -> None:
    """Grant, end and list credentials."""


@credential.command()
@click.argument("person", type=TEXT, metavar="OPERATOR")
@click.argument("name", type=TEXT, metavar="CREDENTIAL")
@click.option("--until", type=TEXT, metavar="DAY", help="The last day on which it holds, like 2027-03-31.")
@click.option(
    "--attribute",
    "attributes",
    multiple=True,
    type=TEXT,
    metavar="NAME=VALUE",
    help="What it is limited to, such as max_depth_mm=1.5; repeatable.",
)
@own_name_option
@as_option
@clinic_option
@click.pass_context
def grant(
    ctx: click.Context,
    *,
    person: str,
    name: str,
    until: str | None,
    attributes: tuple[str, ...],
    own_name: bool,
    operator: str | None,
    secret_file: Path | None,
) -> int:
    """Record that somebody holds a credential, in the place of one of the same name. Only a lead may."""
    from checklist.line.words import credential_words

    given = _pairs(attributes)
    with at_desk(ctx, credentials(operator, secret_file)) as (opened, who, _desk):
        if not own_name:
            check_credential(opened, name, given)
        holder = operator_named(opened, person).id
        held = accepted(opened.personnel.grant(holder, name, until, given, who, via()))
    say(f"{held.name} holds: {credential_words(held)}")
    return 0


@credential.command()
@click.argument("person", type=TEXT, metavar="OPERATOR")
@click.argument("name", type=TEXT, metavar="CREDENTIAL")
@as_option
@clinic_option
@click.pass_context
def end(ctx: click.Context, person: str, name: str, operator: str | None, secret_file: Path | None) -> int:
    """Record that somebody holds a credential no more. Only a lead may."""
    with at_desk(ctx, credentials(operator, secret_file)) as (opened, who, _desk):
        ended = accepted(opened.personnel.end(operator_named(opened, person).id, name, who, via()))
    say(f"{ended.name} does not hold {ended.credential} any more.")
    return 0


@credential.command("list")
@json_option
@clinic_option
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool) -> int:
    """List the credentials of everybody active, those that end first at the head."""
    from checklist.cli.roster import credential_data
    from checklist.clinic.service import Clinic
    from checklist.line.words import credential_words

    with Clinic.open(clinic_folder(ctx)) as opened:
        found = opened.personnel.credentials(opened.now())
    if as_json:
        say_json([{"operator": held.operator_id, "name": held.name, **credential_data(held)} for held in found])
    else:
        say(*(f"{held.name}: {credential_words(held)}" for held in found) if found else ("Nobody holds a credential.",))
    return 0


def _pairs(typed: Iterable[str]) -> dict[str, str]:
    """`NAME=VALUE`, each name once. Raises MisuseError."""
    found: dict[str, str] = {}
    for each in typed:
        name, equals, value = each.partition("=")
        if not equals or not value.strip():
            refuse(f"--attribute: “{each[:40]}” is no NAME=VALUE; write it like max_depth_mm=1.5.")
        if name.strip() in found:
            refuse(f"--attribute: {name.strip()} is given twice; give it once.")
        found[name.strip()] = value.strip()
    return found
