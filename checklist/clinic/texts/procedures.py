"""The procedures that belong to the program and those of a clinic's own folder: their files, read."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from checklist.gate.reading import LoadedProcedure, parse
from checklist.protocol.errors import ProtocolFileError
from checklist.protocol.library import shipped_folder
from checklist.protocol.loader import contents

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROCEDURES: Final = "procedures"
"""The folder of the library, and of a clinic's own protocols, that holds procedures."""


def load_procedure(path: Path) -> LoadedProcedure:
    """Read the file of a procedure; raises ProtocolFileError with every fault if it cannot be used."""
    data = contents(path)
    found = data if isinstance(data, list) else parse(data, name=str(path))
    if isinstance(found, list):
        raise ProtocolFileError(found)
    return found


@cache
def shipped_procedures() -> Mapping[str, LoadedProcedure]:
    """All shipped procedures by id; a file that cannot be used is left out (`lint` tells why)."""
    found: dict[str, LoadedProcedure] = {}
    for path in sorted((shipped_folder() / PROCEDURES).glob("*.toml")):
        data = contents(path)
        one = data if isinstance(data, list) else parse(data, name=path.name)
        if not isinstance(one, list):
            found[one.procedure.id] = one
    return MappingProxyType(found)
