"""`checklist protocol show` and `schema`: the texts of what is to be done, to read and to write by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.found import as_here, found, with_values
from checklist.cli.shared import TEXT, clinic_option, json_option, named_clinic, refuse, say, say_json

if TYPE_CHECKING:
    from checklist.protocol.loader import LoadedProfile
    from checklist.protocol.model import Protocol


@click.command()
@click.argument("name", type=TEXT, metavar="NAME")
@click.option(
    "--format", "form", type=click.Choice(["text", "markdown", "json"]), help="How it is printed: text if unsaid."
)
@click.option("--profile", type=TEXT, metavar="ID", help="Whose values it shows; the clinic's own where none is named.")
@json_option
@clinic_option
@click.pass_context
def show(ctx: click.Context, name: str, form: str | None, profile: str | None, *, as_json: bool) -> int:
    """Show a protocol or a profile, in plain words, as Markdown or as JSON: the one in force, or else a shipped one, or
    a file. Values that differ by country are those of the clinic; where there is none, their names."""
    if as_json and form not in (None, "json"):
        refuse(f"--json and --format {form} cannot both be; leave one of them out.")
    form = "json" if as_json else form or "text"
    values = _profile(ctx, name)
    if values is not None:
        _show_profile(values, form)
        return 0
    one = found(ctx, name)
    _show_protocol(with_values(ctx, one.protocol, profile) if profile else as_here(ctx, one.protocol), one.sha256, form)
    return 0


def _profile(ctx: click.Context, name: str) -> LoadedProfile | None:
    """The profile of that name, as `found` for a protocol; None where it is none. A file is one by its folder."""
    from pathlib import Path

    from checklist.clinic.folder import find
    from checklist.protocol.library import PROFILES, shipped_profiles
    from checklist.protocol.loader import load_profile

    if name.endswith(".toml"):
        return load_profile(Path(name)) if Path(name).absolute().parent.name == PROFILES else None
    folder = find(named_clinic(ctx))
    if not folder.made:
        return shipped_profiles().get(name)
    from checklist.clinic.service import Clinic

    with Clinic.open(folder) as opened:
        in_force = opened.library.text_in_force(opened.ledger, name)
        return opened.library.profile(opened.ledger, name) if in_force is not None else shipped_profiles().get(name)


def _show_protocol(protocol: Protocol, sha256: str, form: str) -> None:
    from checklist.protocol.showing.show import as_text
    from checklist.protocol.showing.show_json import as_data
    from checklist.protocol.showing.show_markdown import as_markdown

    match form:
        case "json":
            say_json(as_data(protocol, sha256))
        case "markdown":
            say(*as_markdown(protocol, sha256).splitlines())
        case _:
            say(*as_text(protocol).splitlines())


def _show_profile(one: LoadedProfile, form: str) -> None:
    from checklist.protocol.showing.show_profile import as_data, as_markdown, as_text

    match form:
        case "json":
            say_json(as_data(one.profile, one.sha256))
        case "markdown":
            say(*as_markdown(one.profile, one.sha256).splitlines())
        case _:
            say(*as_text(one.profile).splitlines())


@click.command()
def schema() -> int:
    """Print the JSON schema of protocol files, for editors."""
    from checklist.protocol.schema import json_schema

    say_json(json_schema())
    return 0
