"""The reader files that a clinic can use: the shipped ones, and its own in `protocols/readers`.

A reader of the clinic takes the place of a shipped one with the same id; a file that cannot be used hides no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.protocol.library import shipped_folder
from checklist.protocol.loader import contents
from checklist.trace.reader import parse_reader

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.clinic.folder import Folder
    from checklist.protocol.errors import Fault
    from checklist.trace.reader import Reader

FOLDER = "readers"


def readers(folder: Folder) -> tuple[dict[str, Reader], list[Fault]]:
    """All readers by id, and the faults of the files that cannot be used."""
    found: dict[str, Reader] = {}
    faults: list[Fault] = []
    for place in (shipped_folder() / FOLDER, folder.protocols / FOLDER):
        for path in sorted(place.glob("*.toml")) if place.is_dir() else ():
            reader = reader_in(path)
            if isinstance(reader, list):
                faults += reader
            else:
                found[reader.reader.id] = reader
    return found, faults


def reader_in(path: Path) -> Reader | list[Fault]:
    """The reader in one file, or all that is wrong with it."""
    data = contents(path)
    return data if isinstance(data, list) else parse_reader(data, name=str(path))


def first_bytes(path: Path, limit: int) -> bytes:
    """A file's bytes, one more than `limit` at most. Raises OSError, also where it is a pipe, a device or a folder."""
    if path.exists() and not path.is_file():
        raise OSError(0, "it is not a regular file", str(path))
    with path.open("rb") as file:
        return file.read(limit + 1)
