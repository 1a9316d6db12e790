"""Filters that were kept under a name: `filters.toml` in the clinic folder, one line a filter.

They are about this clinic, so they lie in its folder; they are no part of the record or of a backup.
"""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Final

from checklist.clinic.errors import ClinicError
from checklist.ledger import durable
from checklist.protocol.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from checklist.clinic.folder import Folder

NAME: Final = "filters.toml"
MOST: Final = 100
_LONGEST: Final = 40
_BYTES: Final = 256 * 1024


def path(folder: Folder) -> Path:
    """Where they lie."""
    return folder.root / NAME


def kept(folder: Folder) -> Mapping[str, str]:
    """Every filter by its name, in the order of their names. Raises ClinicError where the file cannot be read."""
    try:
        with path(folder).open("rb") as file:
            read = tomllib.loads(file.read(_BYTES).decode())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ClinicError(f"{path(folder)}: cannot be read ({error.strerror}).") from error
    except ValueError as error:  # TOML and UTF-8 both
        raise ClinicError(f"{path(folder)}: is no list of filters ({clean(str(error), limit=80)}).") from error
    filters = read.get("filters")
    found = {name: line for name, line in filters.items() if isinstance(line, str)} if isinstance(filters, dict) else {}
    return dict(sorted(found.items(), key=lambda one: one[0].casefold())[:MOST])


def keep(folder: Folder, name: str, line: str) -> None:
    """Keep a filter under a name, in the place of the one that had it; an empty line takes it away. Raises ClinicError
    where that cannot be written."""
    named = clean(name, limit=_LONGEST).strip()
    if not named:
        raise ClinicError("Give it a name.")
    found = {**kept(folder), named: clean(line)}
    if not line:
        del found[named]
    # A JSON string of cleaned text is a TOML string, too.
    lines = [f"{json.dumps(one, ensure_ascii=False)} = {json.dumps(found[one], ensure_ascii=False)}" for one in found]
    try:
        durable.replace(path(folder), "\n".join(["[filters]", *lines, ""]).encode())
    except OSError as error:
        raise ClinicError(f"{path(folder)}: cannot be written ({error.strerror}).") from error
