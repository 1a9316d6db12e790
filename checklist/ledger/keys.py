"""The key with which a station signs its checkpoints: one PKCS#8 file, readable by its owner only.

Knows how to make, keep and load that file. Refuses a file that others could have read.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checklist.ledger.durable import write_new
from checklist.ledger.errors import WrongKey
from checklist.ledger.note import VerifierKey, is_key_name, sign_note

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

_MAX_BYTES = 4096


@dataclass(frozen=True, slots=True)
class StationKey:
    """The key of one station. Its name is the origin of the log: "<clinic origin>/<station>"."""

    name: str
    path: Path
    verifier: VerifierKey  # the public half
    _private: Ed25519PrivateKey

    @classmethod
    def create(cls, folder: Path, name: str) -> Self:
        """Make a new key in `folder`, durable when this returns. Raises WrongKey where there is one already."""
        path = key_path(folder, name)
        private = Ed25519PrivateKey.generate()
        text = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_new(path, text)
        except FileExistsError:
            raise WrongKey(f"there is already a key at {path}") from None
        except OSError as error:
            raise WrongKey(f"the key cannot be written to {path}: {error.strerror}") from error
        return cls(name, path, _public_half(name, private), private)

    @classmethod
    def load(cls, folder: Path, name: str) -> Self:
        """Load the key of that name. Raises WrongKey where it is missing, not a key, or open to others."""
        path = key_path(folder, name)
        try:
            private = serialization.load_pem_private_key(_read_private(path), password=None)
        except FileNotFoundError:
            raise WrongKey(f"there is no key at {path}") from None
        except OSError as error:
            raise WrongKey(f"the key at {path} cannot be read: {error.strerror}") from error
        except (ValueError, TypeError):
            private = None
        if not isinstance(private, Ed25519PrivateKey):
            raise WrongKey(f"the file {path} does not hold an Ed25519 key")
        return cls(name, path, _public_half(name, private), private)

    @property
    def vkey(self) -> str:
        """The public half as text: "name+hexid+base64"."""
        return str(self.verifier)

    def sign(self, text: str) -> str:
        """A note: the text and this key's signature."""
        return sign_note(text, self.verifier, self._private.sign)


def key_path(folder: Path, name: str) -> Path:
    """Where the key of that name lies: "<folder>/<station>.pem". Raises WrongKey for an impossible name."""
    station = name.rpartition("/")[2]
    if not is_key_name(name) or station in {"", ".", ".."}:
        raise WrongKey(f"{name!r} cannot name a key", advice="Choose a name without spaces and plus signs.")
    return folder / f"{station}.pem"


def _public_half(name: str, private: Ed25519PrivateKey) -> VerifierKey:
    return VerifierKey(name, private.public_key().public_bytes_raw())


def _read_private(path: Path) -> bytes:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if stat.S_IMODE(os.fstat(handle).st_mode) & 0o077:
            raise WrongKey(f"others can read the key at {path}", advice=f"Run: chmod 600 {path}")
        return file.read(_MAX_BYTES)
