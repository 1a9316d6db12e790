"""`checklist protocol lint`: what is wrong with the texts of what is to be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.shared import PATH, clinic_option, json_option, named_clinic, refuse, say, say_json

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.argument("paths", metavar="[PATHS]", type=PATH, nargs=-1)
@json_option
@clinic_option
@click.pass_context
def lint(ctx: click.Context, *, paths: tuple[Path, ...], as_json: bool) -> int:
    """Say what is wrong with protocol files: the shipped ones and the clinic's own, or PATHS.

    Exit code 0: no errors; 1: errors.
    """
    from checklist.protocol.lint import has_errors, lint_each

    missing = next((path for path in paths if not path.exists()), None)
    if missing is not None:
        refuse(f"{missing}: there is no such file or folder; give the path of a protocol file.")
    # A clinic's file takes the place of a shipped one with the same id, so the two sets are looked at apart.
    sets = [list(paths)] if paths else _standard(ctx)
    looked_at = [found for one in sets for found in lint_each(one)]
    faults = [fault for _, found in looked_at for fault in found]
    if not looked_at:
        refuse("There is no protocol file in what was named; give the path of a file that ends in .toml.")
    if as_json:
        keys = ("file", "line", "column", "rule", "severity", "message", "fix")
        say_json([{key: getattr(fault, key) for key in keys} for fault in faults])
    else:
        for path, found in looked_at:
            say(*(str(fault) for fault in found) if found else (f"{path}: no problems found",))
    return 1 if has_errors(faults) else 0


def _standard(ctx: click.Context) -> list[list[Path]]:
    from checklist.clinic.folder import find
    from checklist.protocol.library import shipped_folder

    own = find(named_clinic(ctx)).protocols
    return [[shipped_folder()], *([[own]] if own.is_dir() else [])]
