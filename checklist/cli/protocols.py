"""`checklist protocol …`: the commands by name. Importing this imports none of them."""

from types import MappingProxyType

import click

from checklist.cli.lazy import LazyGroup


class _Protocols(LazyGroup):
    places = MappingProxyType(
        {
            "list": "listing:list_",
            "lint": "linting:lint",
            "show": "texts:show",
            "preview": "previewing:preview",
            "simulate": "simulate:simulate",
            "schema": "texts:schema",
            "adopt": "adopting:adopt",
            "print": "printing:print_",
            "diff": "adopting:diff",
            "new": "writing:new",
        }
    )


@click.group(cls=_Protocols)
def protocol() -> None:
    """Check, read and adopt protocols."""
