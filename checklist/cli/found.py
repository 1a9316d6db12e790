"""The protocol that somebody names at the command line: one in force, a shipped one, or a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.cli.shared import named_clinic

if TYPE_CHECKING:
    import click

    from checklist.protocol.loader import LoadedProtocol


def found(ctx: click.Context, name: str) -> LoadedProtocol:
    """The one in force of that id, or else the shipped one; the file itself where the name ends in .toml. Raises
    UnknownProtocolError, or ProtocolFileError with all that is wrong with the file."""
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
