"""`checklist backup` and `checklist restore`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.shared import PATH, accepted, as_option, at_desk, clinic_option, credentials, say, via

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.argument("out", metavar="DIR", type=PATH)
@as_option
@clinic_option
@click.pass_context
def backup(
    ctx: click.Context,
    out: Path,
    operator: str | None,
    secret_file: Path | None,
) -> int:
    """Copy the clinic to a new folder DIR and verify the copy (a lead)."""
    from checklist.clinic.copies import backup as copied_to

    with at_desk(ctx, credentials(operator, secret_file)) as (opened, who, _desk):
        copied = accepted(copied_to(opened, out, who, via()))
    say(
        f"The copy in {copied.folder} is clean: {copied.entries} entries, root {copied.root}",
        "It holds keys, names and secrets: keep it locked away, and not on this machine.",
    )
    return 0


@click.command()
@click.argument("source", metavar="BACKUP", type=PATH)
@click.argument("folder", metavar="DIR", type=PATH)
def restore(source: Path, folder: Path) -> int:
    """Make a clinic in the empty folder DIR from a backup; it goes on under a new station."""
    from checklist.clinic.copies import restore as restored_from
    from checklist.clinic.folder import Folder

    made = restored_from(source, Folder(folder.absolute()), via())
    say(
        f"The clinic is restored in {made.folder.root}: {made.entries} entries of station {made.was}, now read-only.",
        f"It goes on as station {made.station}. Genesis key: {made.vkey}",
        "Print the key, or write it down, and keep it outside this machine.",
        *(f"Was open and cannot go on; begin it anew: {run}" for run in made.left_open),
    )
    return 0
