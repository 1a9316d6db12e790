"""Where the tables of a clinic's record lie for whoever reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic import auditing
from checklist.clinic.folder import Folder

if TYPE_CHECKING:
    from pathlib import Path


def kept_at(root: Path) -> Path:
    """The file of the catalogue of the clinic in this folder."""
    clinic, _ = auditing.open_to_read(Folder(root))
    with clinic:
        path = auditing.place(clinic)
    assert path is not None
    return path
