"""Which kind of text an id names. The three kinds share one namespace: an id is that of a protocol, of a procedure or
of a profile, and never of two of them."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from checklist.clinic.texts.procedures import PROCEDURES
from checklist.gate.procedure import LoadedProcedure
from checklist.protocol.library import FOLDERS, PROFILES, shipped_folder
from checklist.protocol.loader import LoadedProfile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checklist.clinic.texts.adoption import Loaded


def kind_of(found: Loaded) -> str:
    """`protocol`, `procedure` or `profile`."""
    if isinstance(found, LoadedProfile):
        return "profile"
    return "procedure" if isinstance(found, LoadedProcedure) else "protocol"


@cache
def shipped_kinds() -> Mapping[str, str]:
    """The kind of each text that comes with the program, by its id, which is its file's name."""
    folders = {**dict.fromkeys(FOLDERS, "protocol"), PROFILES: "profile", PROCEDURES: "procedure"}
    found = {path.stem: kind for folder, kind in folders.items() for path in (shipped_folder() / folder).glob("*.toml")}
    return MappingProxyType(found)
