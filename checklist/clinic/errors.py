"""What can be wrong with a clinic folder, each in a sentence that an administrator can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.protocol.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """How a sentence ends that says there is nothing of this name: with the one that is nearly the same, or else with
    all that there are."""
    from difflib import get_close_matches

    ids = [*known]
    near = get_close_matches(clean(name, limit=64), ids, n=1, cutoff=0.75)
    return f"did you mean “{near[0]}”?" if near else f"there are: {', '.join(ids) or 'none'}."


class ClinicError(Exception):
    """The clinic folder, or what was asked of it, is at fault."""


class NoClinicError(ClinicError):
    """There is no clinic folder where one was looked for."""


class ConfigError(ClinicError):
    """clinic.toml cannot be used."""


class UnknownProtocolError(ClinicError):
    """No protocol of that name is in force here."""


class UnknownRunError(ClinicError):
    """No run of that name is in the record."""


class EvidenceError(ClinicError):
    """A file could not be kept as evidence."""


class CopyError(ClinicError):
    """A backup could not be made, or cannot be used."""


class PrintError(ClinicError):
    """A sheet could not be printed."""
