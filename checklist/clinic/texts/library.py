"""The adopted texts of one clinic: what is in force, its exact bytes, and where a new version would come from.

What is only looked at is read as an outline; whole texts are read by who walks, shows or compares them.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from checklist.clinic.errors import ClinicError, UnknownProtocolError, nearest
from checklist.gate.procedure import LoadedProcedure, adopted
from checklist.protocol.errors import ProtocolFileError
from checklist.protocol.library import PROFILES
from checklist.protocol.outline import OutlineError, durations, outline
from checklist.protocol.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from checklist.clinic.folder import Folder
    from checklist.clinic.texts.adoption import Loaded
    from checklist.ledger.reader import Reader
    from checklist.protocol.errors import Fault
    from checklist.protocol.loader import LoadedProfile, LoadedProtocol
    from checklist.protocol.outline import Outline
    from checklist.protocol.plain import Window

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class InForce:
    """One adopted text, by the name of its file's bytes; `kind` is `protocol`, `procedure` or `profile`."""

    id: str
    version: str
    sha256: str
    kind: str = "protocol"


class Library:
    """Reads adopted texts by their digest, once each."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._protocols: dict[str, LoadedProtocol] = {}
        self._profiles: dict[str, LoadedProfile] = {}
        self._procedures: dict[str, LoadedProcedure] = {}
        self._outlines: dict[str, Outline] = {}
        self._durations: dict[str, Mapping[str, Window]] = {}

    def in_force(self, reader: Reader) -> dict[str, InForce]:
        """Every protocol in force, by id."""
        rows = reader.query("SELECT id, version, sha256 FROM in_force ORDER BY id")
        return {str(row[0]): InForce(str(row[0]), str(row[1]), str(row[2])) for row in rows}

    def texts_in_force(self, reader: Reader) -> list[InForce]:
        """Every text in force, of every kind."""
        rows = reader.query("SELECT id, version, sha256, kind FROM text_in_force ORDER BY id")
        return [InForce(*(str(value) for value in row)) for row in rows]

    def text_in_force(self, reader: Reader, name: str) -> InForce | None:
        """The text in force of that id, whatever its kind; None where there is none."""
        rows = reader.query("SELECT id, version, sha256, kind FROM text_in_force WHERE id = ?", (name,))
        return InForce(*(str(value) for value in rows[0])) if rows else None

    def named(self, reader: Reader, name: str) -> LoadedProtocol:
        """The protocol in force of that id. Raises UnknownProtocolError, naming near ones."""
        return self.by_digest(name, self.digest_in_force(reader, name))

    def digest_in_force(self, reader: Reader, name: str) -> str:
        """The digest of the protocol in force of that id. Raises UnknownProtocolError, naming those that there are."""
        rows = reader.query("SELECT sha256 FROM in_force WHERE id = ?", (name,))
        if not rows:
            own = {path.stem: path for path in self._folder.protocols.glob("*.toml")}
            shown, near = clean(name, limit=64), nearest(name, sorted({*self.in_force(reader), *own}))
            if name in own:
                near = f"its file can be shown and tried: {own[name]}; a lead brings it into force (protocol adopt)."
            raise UnknownProtocolError(f"No protocol “{shown}” is in force here; {near}")
        return str(rows[0][0])

    def outline(self, sha256: str) -> Outline:
        """The outline of the protocol of exactly these bytes. Raises as `by_digest`, and OutlineError where
        this version of the program would not have adopted it."""
        return self._read_once(self._outlines, outline, sha256)

    def durations(self, sha256: str) -> Mapping[str, Window]:
        """The lengths of time that the profile of exactly these bytes gives. Raises as `outline`."""
        return self._read_once(self._durations, durations, sha256)

    def profile(self, reader: Reader, name: str) -> LoadedProfile | None:
        """The profile in force of that id; None where there is none."""
        found = self.text_in_force(reader, name)
        return self.profile_by_digest(name, found.sha256) if found is not None and found.kind == "profile" else None

    def procedure(self, reader: Reader, name: str) -> LoadedProcedure:
        """The procedure in force of that id. Raises UnknownProtocolError, naming those that there are, and ClinicError
        where its bytes are missing or changed."""
        found = self.text_in_force(reader, name)
        if found is None or found.kind != "procedure":
            rows = reader.query("SELECT id FROM text_in_force WHERE kind = 'procedure' ORDER BY id")
            shown, near = clean(name, limit=64), nearest(name, [str(row[0]) for row in rows])
            raise UnknownProtocolError(f"No procedure “{shown}” is in force here; {near}")
        return self.procedure_by_digest(name, found.sha256)

    def procedure_by_digest(self, name: str, sha256: str) -> LoadedProcedure:
        """The procedure of that id and exactly these bytes. Raises ClinicError where they are missing or changed."""

        def read(data: bytes) -> LoadedProcedure:
            try:
                return LoadedProcedure(adopted(data), sha256, data)
            except OutlineError:
                from checklist.gate.reading import parse

                return _or_raise(parse(data, name=f"{name}.toml"))

        return self._read_once(self._procedures, read, sha256)

    def by_digest(self, name: str, sha256: str) -> LoadedProtocol:
        """The protocol of that id and exactly these bytes. Raises ClinicError where they are missing or changed."""
        from checklist.protocol.loader import parse

        return self._read_once(self._protocols, lambda data: _or_raise(parse(data, name=f"{name}.toml")), sha256)

    def profile_by_digest(self, name: str, sha256: str) -> LoadedProfile:
        """The profile of that id and exactly these bytes. Raises ClinicError where they are missing or changed."""
        from checklist.protocol.loader import parse_profile

        return self._read_once(self._profiles, lambda data: _or_raise(parse_profile(data, name=f"{name}.toml")), sha256)

    def text(self, one: InForce) -> Loaded:
        """An adopted text of any kind. Raises as `by_digest`."""
        match one.kind:
            case "profile":
                return self.profile_by_digest(one.id, one.sha256)
            case "procedure":
                return self.procedure_by_digest(one.id, one.sha256)
            case _:
                return self.by_digest(one.id, one.sha256)

    def candidate(self, name: str) -> Loaded:
        """The version that adopting `name` would bring: the clinic's own file, else the shipped one.

        Raises UnknownProtocolError where there is neither, ProtocolError where the file has faults.
        """
        from checklist.clinic.texts.procedures import PROCEDURES, load_procedure, shipped_procedures
        from checklist.protocol.library import shipped, shipped_profiles
        from checklist.protocol.loader import load, load_profile

        if re.fullmatch(r"[a-z0-9-]{1,64}", name):
            folders: dict[str, Callable[[Path], Loaded]] = {
                "": load,
                PROFILES: load_profile,
                PROCEDURES: load_procedure,
            }
            for kind, read in folders.items():
                own = self._folder.protocols / kind / f"{name}.toml"
                if os.path.lexists(own):  # whatever lies there is read, or told why not; never passed over
                    return read(own)
        found: Loaded | None = shipped().get(name) or shipped_profiles().get(name) or shipped_procedures().get(name)
        if found is None:
            here = {path.stem for path in self._folder.protocols.rglob("*.toml")}
            near = nearest(name, sorted({*here, *shipped(), *shipped_profiles(), *shipped_procedures()}))
            raise UnknownProtocolError(
                f"There is no protocol, procedure or profile “{clean(name, limit=64)}”, neither in "
                f"{self._folder.protocols} nor among those that come with the program; {near}"
            )
        return found

    def _read_once(self, known: dict[str, T], read: Callable[[bytes], T], sha256: str) -> T:
        if sha256 not in known:
            known[sha256] = read(_bytes_adopted(self._folder.adopted / f"{sha256}.toml", sha256))
        return known[sha256]


def _or_raise(found: T | list[Fault]) -> T:
    # It was read when it was adopted: only another version of the program can disagree with that.
    if isinstance(found, list):
        raise ProtocolFileError(found)
    return found


def _bytes_adopted(path: Path, sha256: str) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ClinicError(
            f"{path}: an adopted text cannot be read ({error.strerror}); restore it from a backup."
        ) from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ClinicError(f"{path}: is not the text that was adopted; restore it from a backup.")
    return data
