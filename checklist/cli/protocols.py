"""`checklist protocol …`: the texts of what is to be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.shared import (
    PATH,
    TEXT,
    accepted,
    as_option,
    at_desk,
    clinic_option,
    credentials,
    json_option,
    named_clinic,
    refuse,
    say,
    say_json,
    via,
)
from checklist.cli.simulate import simulate

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.protocol.loader import LoadedProtocol


@click.group()
def protocol() -> None:
    """Check, read and adopt protocols."""


protocol.add_command(simulate)


@protocol.command()
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


@protocol.command()
@click.argument("name", type=TEXT, metavar="PROTOCOL")
@clinic_option
@click.pass_context
def show(ctx: click.Context, name: str) -> int:
    """Show a protocol in plain words: the one in force, or else a shipped one, or a file."""
    from checklist.protocol.show import as_text

    say(*as_text(_found(ctx, name).protocol).splitlines())
    return 0


@protocol.command()
def schema() -> int:
    """Print the JSON schema of protocol files, for editors."""
    from checklist.protocol.schema import json_schema

    say_json(json_schema())
    return 0


@protocol.command()
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


def _standard(ctx: click.Context) -> list[list[Path]]:
    from checklist.clinic.folder import find
    from checklist.protocol.library import shipped_folder

    own = find(named_clinic(ctx)).protocols
    return [[shipped_folder()], *([[own]] if own.is_dir() else [])]


def _found(ctx: click.Context, name: str) -> LoadedProtocol:
    from pathlib import Path

    from checklist.clinic.errors import UnknownProtocolError
    from checklist.clinic.folder import find
    from checklist.protocol.library import shipped
    from checklist.protocol.loader import load

    if name.endswith(".toml"):
        return load(Path(name))
    folder = find(named_clinic(ctx))
    if folder.made:
        from checklist.clinic.service import Clinic

        with Clinic.open(folder) as opened:
            return opened.library.named(opened.ledger, name)
    known = shipped()
    if name not in known:
        raise UnknownProtocolError(f"There is no protocol “{name[:64]}”; there are: {', '.join(known)}.")
    return known[name]
