"""`checklist protocol preview`: a protocol that is being written, as staff will walk it. Nothing is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.shared import TEXT, clinic_option, named_clinic, on_terminal, output_is_terminal, refuse, say

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.protocol.errors import Fault
    from checklist.tui.previewing.preview_file import ProtocolFile


@click.command()
@click.argument("name", type=TEXT, metavar="FILE|ID")
@clinic_option
@click.pass_context
def preview(ctx: click.Context, name: str) -> int:
    """Show a protocol file as staff will walk it, and what lint says of it; both follow the file whenever it is saved.

    FILE ends in .toml; ID is one of the clinic's own files, or else a shipped one. Nothing is recorded. Without a
    terminal it prints both once. Exit code then 0: no errors; 1: errors.
    """
    file = _file(ctx, _path(ctx, name))
    if not (on_terminal() and output_is_terminal()):
        return _once(file)
    from checklist.tui.previewing.preview import run_preview

    return run_preview(file)


def _once(file: ProtocolFile) -> int:
    from checklist.cli.linting import line_of
    from checklist.protocol.linting.lint import has_errors
    from checklist.protocol.showing.show import as_text

    draft = file.poll()
    if draft is None:
        refuse(f"{file.path}: cannot be read.")
    say(*(line_of(fault) for fault in draft.faults) if draft.faults else (f"{file.path}: no problems found",))
    protocol = draft.protocol or draft.unresolved
    if protocol is not None:
        say("", *as_text(protocol).splitlines())
    return 1 if has_errors(draft.faults) else 0


def _path(ctx: click.Context, name: str) -> Path:
    from pathlib import Path

    from checklist.clinic.folder import find
    from checklist.protocol.library import FOLDERS, shipped_folder

    places = [find(named_clinic(ctx)).protocols, *(shipped_folder() / folder for folder in FOLDERS)]
    named = [Path(name)] if name.endswith(".toml") else [place / f"{name}.toml" for place in places if "/" not in name]
    path = next((path for path in named if path.exists()), None)
    if path is None:
        refuse(f"There is no protocol file “{name}”: give its path, or the id of the clinic's own or a shipped one.")
    return path


def _file(ctx: click.Context, path: Path) -> ProtocolFile:
    """The file among what stands around it, looked up once: the lint of `protocol lint`, and the values of the profile
    file of the clinic's jurisdiction, which may be adopted together with what is written here."""
    from checklist.clinic import config
    from checklist.clinic.folder import find
    from checklist.clinic.texts.linting import around
    from checklist.protocol.library import STRICTEST
    from checklist.protocol.linting.lint import lint_each
    from checklist.tui.previewing.preview_file import ProtocolFile

    folder = find(named_clinic(ctx))
    beside = around(folder, [path])
    named = config.load(folder.config).clinic.jurisdiction if folder.made else STRICTEST
    values = {one.profile.id: one.profile.values for one in beside.found.profiles}.get(named, {})

    def lint(file: Path) -> list[Fault]:
        return [fault for _, faults in lint_each([file], beside.found, beside.readers) for fault in faults]

    return ProtocolFile(path, values, lint)
