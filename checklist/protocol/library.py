"""The protocols that belong to the program, wherever it is installed.

In the wheel they lie inside the package (`checklist/_protocols`), in the repository beside it (`protocols/`).
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Final

from checklist.protocol.errors import ShippedProtocolsMissingError
from checklist.protocol.loader import LoadedProtocol, load_folder

FOLDERS: Final = ("clinic", "sterilisation", "treatment", "emergency")
"""The folders of the library that hold protocols, in the order people meet them."""


@cache
def shipped_folder() -> Path:
    """Return the folder of the shipped files; raises ShippedProtocolsMissingError if there is none."""
    return library_of(Path(str(files("checklist"))))


def library_of(package: Path) -> Path:
    """Return the library that belongs to the package folder `package`."""
    for folder in (package / "_protocols", package.parent / "protocols"):
        if folder.is_dir():
            return folder
    msg = "the protocols that belong to checklist are missing — install checklist again"
    raise ShippedProtocolsMissingError(msg)


@cache
def shipped() -> Mapping[str, LoadedProtocol]:
    """Return all shipped protocols by id; a file that cannot be used is left out (`lint` tells why)."""
    found: dict[str, LoadedProtocol] = {}
    for name in FOLDERS:
        folder = shipped_folder() / name
        if folder.is_dir():
            found.update(load_folder(folder)[0])
    return MappingProxyType(found)
