"""Bringing a protocol into force: a lead sees what would change, and the exact bytes are kept before the entry."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.clinic.acting import barred, recorded
from checklist.clinic.errors import ClinicError
from checklist.clinic.library import adoption, keep_bytes
from checklist.protocol.errors import ProtocolError
from checklist.protocol.show import as_text
from checklist.run.reading import Refusal
from checklist.run.rights import Act

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.protocol.loader import LoadedProtocol


@dataclass(frozen=True, slots=True)
class Adopted:
    """A protocol now in force, the digest of the version it replaces (None: none), and the difference in words."""

    found: LoadedProtocol
    was: str | None
    difference: str
    same_version: bool
    """Whether the text has changed under one version."""


def adopt(clinic: Clinic, name: str, who: SignedIn, via: str) -> Adopted | Refusal:
    """Adopt the clinic's own file of that name, or else the shipped one.

    Raises UnknownProtocolError where there is none, ProtocolFileError where it has faults, and ClinicError where its
    text cannot be kept.
    """
    if refusal := barred(clinic, clinic.ledger, Act.ADOPT, who):
        return refusal
    found = clinic.library.candidate(name)
    was = clinic.library.in_force(clinic.ledger).get(found.protocol.id)
    if was is not None and was.sha256 == found.sha256:
        return Refusal("in-force", f"“{found.protocol.title}” {found.protocol.version} is in force already.")
    try:
        keep_bytes(clinic.folder.adopted, {found.sha256: found.data})
    except OSError as error:
        raise ClinicError(
            f"{clinic.folder.adopted}: the protocol cannot be kept ({error.strerror}); nothing was adopted."
        ) from None
    difference = _difference(clinic, found)
    entry = recorded(clinic, Act.ADOPT, who, adoption(found, was.sha256 if was else None, who.id, via))
    if isinstance(entry, Refusal):
        return entry
    same = was is not None and was.version == found.protocol.version
    return Adopted(found, was.sha256 if was else None, difference, same)


def _difference(clinic: Clinic, found: LoadedProtocol) -> str:
    try:
        before = as_text(clinic.library.named(clinic.ledger, found.protocol.id).protocol)
    except (ClinicError, ProtocolError):
        # There is none, or its text is lost: the new one in full, so that a lost text can be replaced.
        return as_text(found.protocol)
    after = as_text(found.protocol)
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "in force", "adopted", lineterm="", n=1)
    return "\n".join(lines) + "\n"
