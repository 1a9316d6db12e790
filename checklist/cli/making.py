"""`checklist init`: a clinic folder and its first lead."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from checklist.cli.faults import MisuseError
from checklist.cli.shared import (
    PATH,
    TEXT,
    TRIES,
    clinic_option,
    console,
    named_clinic,
    refuse,
    say,
    typed_twice,
    unfit_secret,
    via,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from checklist.line.console import Console


@click.command()
@click.argument("folder", metavar="DIR", type=PATH, required=False)
@click.option("--name", type=TEXT, metavar="NAME", help="The clinic's name.")
@click.option("--lead", type=TEXT, metavar="NAME", help="The first lead's name.")
@click.option("--secret-file", type=PATH, metavar="FILE", help="The lead's secret (mode 0600).")
@click.option("--jurisdiction", type=TEXT, metavar="ID", default="", help="Whose rules hold: us, uk, de, ca or au.")
@clinic_option
@click.pass_context
def init(
    ctx: click.Context,
    folder: Path | None,
    name: str | None,
    lead: str | None,
    secret_file: Path | None,
    jurisdiction: str,
) -> int:
    """Make a clinic in DIR with its first lead; asks for what is not given.

    Without a jurisdiction the strictest of all shipped rules hold; clinic.toml can name another at any time.
    """
    from checklist.clinic.folder import Folder, find
    from checklist.clinic.making import make, refuse_jurisdiction, refuse_made

    place = Folder(folder.absolute()) if folder is not None else find(named_clinic(ctx))
    refuse_made(place)
    desk = console()
    asked = [
        option
        for option, given in (("--name NAME", name), ("--lead NAME", lead), ("--secret-file FILE", secret_file))
        if not given
    ]
    if asked and not desk.terminal:
        refuse(f"There is no terminal to ask at: give {' and '.join(asked)} as well.")
    # What was given is judged before anything is asked, and what is asked where it is asked.
    given = _from_file(secret_file, lead or "") if secret_file else None
    _accept(refuse_jurisdiction(jurisdiction))
    if lead:
        _accept(_unfit_name(lead))
    with desk.listening():
        chosen = name or _asked(desk, "The clinic's name: ", _unfit_clinic)
        person = lead or _asked(desk, "Your name, as the first lead: ", _unfit_name)
        secret = typed_twice(desk, "Choose your secret: ", person) if given is None else given
    made = make(place, chosen, person, secret, via(), jurisdiction)
    say(
        f"The clinic is made in {made.folder.root}.",
        f"Genesis key: {made.vkey}",
        "Print it, or write it down, and keep it outside this machine: checklist verify --key KEY checks against it.",
        f"Recovery code: {made.recovery}",
        "Write it on paper and lock it away; it is not shown again. It will stand for the second lead when a lost "
        "secret is set anew.",
        _whose_rules(jurisdiction),
        f"Open it with: checklist{_how_to_name(made.folder.root)}",
    )
    return 0


def _whose_rules(jurisdiction: str) -> str:
    from checklist.protocol.library import STRICTEST, shipped_profiles

    title = shipped_profiles()[jurisdiction or STRICTEST].profile.title
    return f"Rules: {title}. To change them, name another jurisdiction in clinic.toml."


def _how_to_name(root: Path) -> str:
    from checklist.clinic.folder import own_folder

    return "" if root == own_folder().root else f" --clinic {os.fspath(root)}"


def _accept(refusal: str | None) -> None:
    if refusal:
        refuse(refusal)


def _unfit_clinic(name: str) -> str | None:
    from checklist.people.operator import clean_name

    return None if clean_name(name) else "A clinic needs a name."


def _unfit_name(name: str) -> str | None:
    from checklist.people.operator import check_name

    return check_name(name)


def _asked(desk: Console, prompt: str, unfit: Callable[[str], str | None]) -> str:
    for _ in range(TRIES):
        heard = desk.ask(prompt)
        if not isinstance(heard, str):
            raise click.Abort
        refusal = unfit(heard.strip())
        if refusal is None:
            return heard.strip()
        desk.say(refusal)
    raise MisuseError("No name was given; nothing was made. Start again with “checklist init”.")


def _from_file(path: Path, lead: str) -> str:
    from checklist.people.secret import read_secret_file

    secret = read_secret_file(path)
    _accept(unfit_secret(secret, lead))
    return secret
