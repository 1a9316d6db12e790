"""The protocols and profiles that belong to the program, wherever it is installed.

In the wheel they lie inside the package (`checklist/_protocols`), in the repository beside it (`protocols/`).
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from checklist.protocol.errors import ShippedProtocolsMissingError

if TYPE_CHECKING:
    from checklist.protocol.loader import LoadedProfile, LoadedProtocol

FOLDERS: Final = ("clinic", "sterilisation", "treatment", "emergency")
"""The folders of the library that hold protocols, in the order people meet them."""

PROFILES: Final = "profiles"
"""The folder of the library, and of a clinic's own protocols, that holds profiles."""

STRICTEST: Final = "strictest"
"""The profile of a clinic that names no jurisdiction: of every shipped value the strictest."""


@cache
def shipped_folder() -> Path:
    """Return the folder of the shipped files; raises ShippedProtocolsMissingError if there is none."""
    from importlib.resources import files

    return library_of(Path(str(files("checklist"))))


def library_of(package: Path) -> Path:
    """Return the library that belongs to the package folder `package`."""
    for folder in (package / "_protocols", package.parent / "protocols"):
        if folder.is_dir():
            return folder
    msg = "the protocols that belong to checklist are missing — install checklist again"
    raise ShippedProtocolsMissingError(msg)


@cache
def shipped() -> Mapping[str, "LoadedProtocol"]:
    """Return all shipped protocols by id; a file that cannot be used is left out (`lint` tells why)."""
    from checklist.protocol.loader import load_folder

    found: dict[str, LoadedProtocol] = {}
    for name in FOLDERS:
        folder = shipped_folder() / name
        if folder.is_dir():
            found.update(load_folder(folder)[0])
    return MappingProxyType(found)


@cache
def shipped_profiles() -> Mapping[str, "LoadedProfile"]:
    """Return all shipped profiles by id; a file that cannot be used is left out (`lint` tells why)."""
    from checklist.protocol.loader import load_profiles

    return MappingProxyType(load_profiles(shipped_folder() / PROFILES)[0])
