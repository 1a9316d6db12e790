"""`checklist protocol adopt`: bringing a text into force."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.shared import TEXT, accepted, as_option, at_desk, clinic_option, credentials, say, via

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.argument("name", type=TEXT, metavar="ID")
@as_option
@clinic_option
@click.pass_context
def adopt(
    ctx: click.Context,
    name: str,
    operator: str | None,
    secret_file: Path | None,
) -> int:
    """Bring a protocol into force; only a lead may. Prints the difference from the version before."""
    from checklist.clinic.adopting import adopt as adopted_by

    with at_desk(ctx, credentials(operator, secret_file)) as (opened, who, _desk):
        adopted = accepted(adopted_by(opened, name, who, via()))
    say(*adopted.difference.splitlines())
    found = adopted.found
    if adopted.same_version:
        say(f"The version is still {found.protocol.version} although the text has changed: raise it next time.")
    say(f"In force from now on: {found.protocol.id} {found.protocol.version}, SHA-256 {found.sha256}")
    return 0
