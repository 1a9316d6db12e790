"""A command group whose commands are imported when they are asked for."""

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import click
from typing_extensions import override


class LazyGroup(click.Group):
    """Finds its commands in other modules."""

    places: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """The name of each command, and where in this package it stands: "module:object"."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.places)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = self.places.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        found: object = getattr(importlib.import_module(f"checklist.cli.{module}"), name)
        return found if isinstance(found, click.Command) else None
