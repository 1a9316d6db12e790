"""Signed notes and checkpoints, to the byte as C2SP publishes them (c2sp.org/signed-note, c2sp.org/tlog-checkpoint).

Knows Ed25519 signatures of type 0x01 with the recommended key id. Other signatures are kept and not judged. Refuses
to know which key is to be trusted.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.ledger.errors import BadNote
from checklist.ledger.merkle import HASH_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519 = 1
MAX_SIGNATURES = 100
MAX_CHARACTERS = 1_000_000
_KEY_ID = 4
_DASH = "\u2014"
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name, written "name+hexid+base64"."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a verifier key. Raises BadNote for anything but a well-formed Ed25519 key with its right id."""
        name, plus, rest = text.partition("+")
        hex_id, second_plus, encoded = rest.partition("+")
        key = _from_base64(encoded)
        if not plus or not second_plus or not is_key_name(name) or len(key) != 1 + HASH_SIZE or key[0] != ED25519:
            raise BadNote("this is not an Ed25519 verifier key of the form name+id+key")
        if hex_id != key_id(name, key[1:]).hex():
            raise BadNote(f"the id in the verifier key of {name} does not belong to it")
        return cls(name, key[1:])

    def __str__(self) -> str:
        encoded = base64.b64encode(bytes([ED25519]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"

    @property
    def id(self) -> bytes:
        """Four bytes that tell this key from others of the same name."""
        return key_id(self.name, self.public)

    def accepts(self, signature: bytes, text: str) -> bool:
        """Whether the signature over the text was made with this key."""
        from cryptography.exceptions import InvalidSignature

        try:
            _public_key(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who says so, with which key, and the signature itself."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{_DASH} {self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, and its signatures."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, source: str) -> Self:
        """Read a note. Raises BadNote for anything that is not well-formed."""
        if len(source) > MAX_CHARACTERS or _CONTROL.search(source) or not _is_unicode(source):
            raise BadNote("the note is too long or holds control characters")
        head, blank, tail = source.rpartition("\n\n")
        if not blank or not tail.endswith("\n"):
            raise BadNote("the note has no blank line before its signatures, or is cut off")
        lines = tail[:-1].split("\n")
        if len(lines) > MAX_SIGNATURES:
            raise BadNote("the note has more than 100 signatures")
        return cls(head + "\n", tuple(_parse_signature(line) for line in lines))

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(str(signature) for signature in self.signatures)}"

    def verify(self, keys: Sequence[VerifierKey]) -> list[VerifierKey]:
        """Those of the keys that signed. Raises BadNote where a signature by one of them is wrong, or there is none."""
        signed = []
        for signature in self.signatures:
            for key in keys:
                if (signature.name, signature.key_id) == (key.name, key.id):
                    if not key.accepts(signature.signature, self.text):
                        raise BadNote(f"the signature of {key.name} is wrong")
                    signed.append(key)
        if not signed:
            raise BadNote("no known key has signed this note")
        return signed


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The size and root of one log at one moment. `extra` holds extension lines, which we never write."""

    origin: str
    size: int
    root: bytes
    extra: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a checkpoint note. Raises BadNote for anything that is not well-formed."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() != "" or not all(lines):
            raise BadNote("a checkpoint is three lines or more, none empty")
        origin, size, root, *extra = lines
        if not _SIZE.fullmatch(size) or len(_from_base64(root)) != HASH_SIZE:
            raise BadNote("the size or the root in the checkpoint is malformed")
        return cls(origin, int(size), _from_base64(root), tuple(extra))

    def __str__(self) -> str:
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extra]
        return "".join(f"{line}\n" for line in lines)


@functools.lru_cache(maxsize=16)
def _public_key(public: bytes) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return Ed25519PublicKey.from_public_bytes(public)


@functools.lru_cache(maxsize=16)
def key_id(name: str, public: bytes) -> bytes:
    """The first four bytes of SHA-256 over name, newline, signature type and public key."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([ED25519]) + public).digest()[:_KEY_ID]


def is_key_name(name: str) -> bool:
    """Whether a text can name a key: not empty, no white space, no plus sign, nothing that a note refuses."""
    if not name or "+" in name or _CONTROL.search(name) or not _is_unicode(name):
        return False
    return not any(sign.isspace() for sign in name)


def sign_note(text: str, key: VerifierKey, sign: Callable[[bytes], bytes]) -> str:
    """The text with one signature by `key`, whose private half is `sign`."""
    return str(Note(text, (Signature(key.name, key.id, sign(text.encode())),)))


def _parse_signature(line: str) -> Signature:
    dash, _, rest = line.partition(" ")
    name, space, encoded = rest.partition(" ")
    data = _from_base64(encoded)
    if dash != _DASH or not space or not is_key_name(name) or len(data) <= _KEY_ID:
        raise BadNote("a signature line of the note is malformed")
    return Signature(name, data[:_KEY_ID], data[_KEY_ID:])


def _from_base64(text: str) -> bytes:
    """The bytes of standard base64; nothing for text that is not exactly how these bytes are written."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return data if base64.b64encode(data).decode() == text else b""


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in text)
