"""`checklist init`: a clinic folder and its first lead."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from checklist.cli.faults import MisuseError
from checklist.cli.shared import PATH, TEXT, clinic_option, console, named_clinic, refuse, say, via

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.line.console import Console

_TRIES = 3


@click.command()
@click.argument("folder", metavar="DIR", type=PATH, required=False)
@click.option("--name", type=TEXT, metavar="NAME", help="The clinic's name.")
@click.option("--lead", type=TEXT, metavar="NAME", help="The first lead's name.")
@click.option("--secret-file", type=PATH, metavar="FILE", help="The lead's secret (mode 0600).")
@clinic_option
@click.pass_context
def init(
    ctx: click.Context,
    folder: Path | None,
    name: str | None,
    lead: str | None,
    secret_file: Path | None,
) -> int:
    """Make a clinic in DIR with its first lead; asks for what is not given."""
    from checklist.clinic.errors import ClinicError
    from checklist.clinic.folder import Folder, find

    place = Folder(folder.absolute()) if folder is not None else find(named_clinic(ctx))
    if place.made:
        raise ClinicError(f"{place.root}: there is a clinic here already; open it with “checklist”.")
    desk = console()
    asked = [
        option
        for option, given in (("--name NAME", name), ("--lead NAME", lead), ("--secret-file FILE", secret_file))
        if not given
    ]
    if asked and not desk.terminal:
        refuse(f"There is no terminal to ask at: give {' and '.join(asked)} as well.")
    with desk.listening():
        chosen = name or _asked(desk, "The clinic's name: ")
        person = lead or _asked(desk, "Your name, as the first lead: ")
        secret = _from_file(secret_file, person) if secret_file else _typed_secret(desk, person)
    from checklist.clinic.making import make

    made = make(place, chosen, person, secret, via())
    say(
        f"The clinic is made in {made.folder.root}.",
        f"Genesis key: {made.vkey}",
        "Print it, or write it down, and keep it outside this machine: checklist verify --key KEY checks against it.",
        f"Recovery code: {made.recovery}",
        "Write it on paper and lock it away; it is not shown again. It will stand for the second lead when a lost "
        "secret is set anew.",
        f"Open it with: checklist{_how_to_name(made.folder.root)}",
    )
    return 0


def _how_to_name(root: Path) -> str:
    from checklist.clinic.folder import own_folder

    return "" if root == own_folder().root else f" --clinic {os.fspath(root)}"


def _asked(desk: Console, prompt: str) -> str:
    heard = desk.ask(prompt)
    if not isinstance(heard, str):
        raise click.Abort
    if not heard.strip():
        refuse("Nothing was typed; nothing was made. Start again with “checklist init”.")
    return heard.strip()


def _from_file(path: Path, lead: str) -> str:
    from checklist.clinic.making import refuse_lead
    from checklist.people.secret import read_secret_file

    secret = read_secret_file(path)
    refusal = refuse_lead(lead, secret)
    if refusal:
        refuse(refusal)
    return secret


def _typed_secret(desk: Console, lead: str) -> str:
    from checklist.clinic.making import refuse_lead

    for _ in range(_TRIES):
        first = desk.secret("Choose your secret: ")
        if first is None:
            raise click.Abort
        refusal = refuse_lead(lead, first)
        if refusal:
            desk.say(refusal)
        elif desk.secret("Once more: ") == first:
            return first
        else:
            desk.say("The two are not the same.")
    raise MisuseError("No secret was chosen; nothing was made. Start again with “checklist init”.")
