"""Attached files, kept under their SHA-256 before any entry names them."""

import hashlib
import os
import stat
from pathlib import Path

from checklist.clinic.errors import EvidenceError
from checklist.clinic.folder import Folder
from checklist.ledger.durable import replace
from checklist.protocol.text import clean

MAX_BYTES = 64 * 1024 * 1024


def keep(folder: Folder, path: Path) -> str:
    """Copy a regular file of at most 64 MiB, and none of the clinic's keys, into the evidence folder; its SHA-256.

    Raises EvidenceError.
    """
    if path.resolve().is_relative_to(folder.keys.resolve()):
        raise EvidenceError("A key is no evidence; give the path of another file.")
    shown = clean(str(path), limit=300)
    try:
        handle = os.open(path.expanduser(), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise EvidenceError(f"{shown}: is not a file; give the path of a file.")
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: a home of nobody
        why = getattr(error, "strerror", None) or "not a path"
        raise EvidenceError(f"{shown}: cannot be read ({why}); check the path.") from None
    if len(data) > MAX_BYTES:
        raise EvidenceError(f"{shown}: is larger than {MAX_BYTES // 1024 // 1024} MiB; attach a smaller one.")
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        folder.evidence.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Written also over a file of that name: it may have been damaged since.
        replace(folder.evidence / sha256, data)
    except OSError as error:
        raise EvidenceError(
            f"{folder.evidence}: the file cannot be kept ({error.strerror}); free some space."
        ) from None
    return sha256
