"""`checklist people …`: the commands by name. Importing this imports none of them."""

from types import MappingProxyType

import click

from checklist.cli.lazy import LazyGroup


class _People(LazyGroup):
    places = MappingProxyType(
        {
            "add": "operators:add",
            "list": "roster:list_",
            "roles": "operators:roles",
            "credential": "credential:credential",
            "badge": "proofs:badge",
            "secret": "proofs:secret",
            "reset": "proofs:reset",
            "unlock": "proofs:unlock",
            "recover": "proofs:recover",
            "disable": "operators:disable",
            "erase": "operators:erase",
        }
    )


@click.group(cls=_People)
def people() -> None:
    """Add and list operators; change their roles, credentials, badges and secrets; let them go."""
