"""`checklist protocol show` and `schema`: the texts of what is to be done, to read and to write by."""

from __future__ import annotations

import click

from checklist.cli.found import found
from checklist.cli.shared import TEXT, clinic_option, say, say_json


@click.command()
@click.argument("name", type=TEXT, metavar="PROTOCOL")
@clinic_option
@click.pass_context
def show(ctx: click.Context, name: str) -> int:
    """Show a protocol in plain words: the one in force, or else a shipped one, or a file."""
    from checklist.protocol.show import as_text

    say(*as_text(found(ctx, name).protocol).splitlines())
    return 0


@click.command()
def schema() -> int:
    """Print the JSON schema of protocol files, for editors."""
    from checklist.protocol.schema import json_schema

    say_json(json_schema())
    return 0
