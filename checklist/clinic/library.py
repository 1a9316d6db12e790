"""The protocols of one clinic: what is in force, its exact bytes, and where a new version would come from."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from checklist.clinic.errors import ClinicError, UnknownProtocolError
from checklist.clinic.folder import Folder
from checklist.ledger.durable import replace
from checklist.ledger.entry import Draft, Json
from checklist.ledger.reader import Reader
from checklist.protocol.errors import ProtocolFileError
from checklist.protocol.loader import LoadedProtocol, load, parse
from checklist.protocol.text import clean


@dataclass(frozen=True, slots=True)
class InForce:
    """One adopted protocol version, by the name of its file's bytes."""

    id: str
    version: str
    sha256: str


class Library:
    """Reads protocols by their digest, once each."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._read: dict[str, LoadedProtocol] = {}

    def in_force(self, reader: Reader) -> dict[str, InForce]:
        """Every protocol in force, by id."""
        rows = reader.query("SELECT id, version, sha256 FROM in_force ORDER BY id")
        return {str(row[0]): InForce(str(row[0]), str(row[1]), str(row[2])) for row in rows}

    def named(self, reader: Reader, name: str) -> LoadedProtocol:
        """The protocol in force of that id. Raises UnknownProtocolError, naming near ones."""
        rows = reader.query("SELECT sha256 FROM in_force WHERE id = ?", (name,))
        if not rows:
            known = ", ".join(self.in_force(reader)) or "none"
            raise UnknownProtocolError(f"No protocol “{clean(name, limit=64)}” is in force here; there are: {known}.")
        return self.by_digest(name, str(rows[0][0]))

    def by_digest(self, name: str, sha256: str) -> LoadedProtocol:
        """The protocol of that id and exactly these bytes. Raises ClinicError where they are missing or changed."""
        if sha256 not in self._read:
            self._read[sha256] = _read_adopted(self._folder.adopted / f"{sha256}.toml", name, sha256)
        return self._read[sha256]

    def candidate(self, name: str) -> LoadedProtocol:
        """The version that adopting `name` would bring: the clinic's own file, else the shipped one.

        Raises UnknownProtocolError where there is neither, ProtocolError where the file has faults.
        """
        own = self._folder.protocols / f"{name}.toml"
        if re.fullmatch(r"[a-z0-9-]{1,64}", name) and own.is_file():
            return load(own)
        from checklist.protocol.library import shipped

        found = shipped().get(name)
        if found is None:
            raise UnknownProtocolError(
                f"There is no protocol “{clean(name, limit=64)}”, neither in {self._folder.protocols} "
                "nor among those that come with the program."
            )
        return found


def adoption(found: LoadedProtocol, was: str | None, actor: str | None, via: str) -> Draft:
    """The entry that brings a protocol into force. Its title, subject and category stand in it too, so that whoever
    reads the record without the protocol's text knows what it is."""
    protocol = found.protocol
    data: dict[str, Json] = {
        "id": protocol.id,
        "version": protocol.version,
        "sha256": found.sha256,
        "was": was,
        "title": protocol.title,
        "subject": protocol.subject,
        "category": protocol.category,
    }
    return Draft("protocol.adopted", data, actor, via)


def keep_bytes(adopted: Path, found: Mapping[str, bytes]) -> None:
    """Keep the exact bytes of protocols under their digests, durable on return: they are there before any
    entry names them."""
    adopted.mkdir(mode=0o700, parents=True, exist_ok=True)
    for sha256, data in found.items():
        replace(adopted / f"{sha256}.toml", data)


def _read_adopted(path: Path, name: str, sha256: str) -> LoadedProtocol:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ClinicError(
            f"{path}: an adopted protocol cannot be read ({error.strerror}); restore it from a backup."
        ) from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ClinicError(f"{path}: is not the text that was adopted; restore it from a backup.")
    found = parse(data, name=f"{name}.toml")
    if isinstance(found, list):
        # It was read when it was adopted: only another version of the program can disagree with that.
        raise ProtocolFileError(found)
    return found
