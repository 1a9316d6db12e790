"""Salted commitments: how a name, a reference or words stand in the ledger without being in it.

A commitment is the hexadecimal SHA-256 (64 lowercase signs) of these bytes, one after the other:

1. ``checklist/commitment/v1`` and a line feed, ASCII, 24 bytes;
2. the kind (``name``, ``words`` or ``reference``), ASCII;
3. one byte 0x00;
4. the salt, 32 random bytes, fresh for every commitment;
5. the fields as canonical JSON (RFC 8785) in UTF-8: keys sorted, no spaces, text in Unicode form NFC.

The fields are ``{"name":…,"operator":…}``, ``{"words":…}`` or ``{"reference":…}``, all values text. With the
standard library alone::

    body = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    hashlib.sha256(b"checklist/commitment/v1\\n" + kind.encode() + b"\\0" + salt + body).hexdigest()

Who has kind, fields and salt (the opening) can check the commitment; who has not learns nothing from it; and
once the opening is erased nobody can find out, not even by trying every name. Knows nothing of where openings
are kept.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from checklist.ledger import canonical
from checklist.ledger.errors import NotCanonical
from checklist.people.errors import CommitmentError
from checklist.protocol.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

DOMAIN: Final = b"checklist/commitment/v1\n"
SALT_BYTES: Final = 32

NAME: Final = "name"
WORDS: Final = "words"
REFERENCE: Final = "reference"

# The fields of each kind; no other kind and no other field is ever committed to in version 1.
FIELDS: Final[Mapping[str, frozenset[str]]] = {
    NAME: frozenset({"operator", "name"}),
    WORDS: frozenset({"words"}),
    REFERENCE: frozenset({"reference"}),
}


@dataclass(frozen=True, slots=True)
class Opening:
    """What a commitment commits to. Without the salt (32 bytes) it proves nothing, so it is never printed."""

    commitment: str
    kind: str
    # Not in the repr: an opening in a log or a traceback would be a leak.
    fields: Mapping[str, str] = field(repr=False)
    salt: bytes = field(repr=False)


def commit(kind: str, fields: Mapping[str, str], salt: bytes) -> str:
    """The commitment to `fields`, as the module's docstring defines it.

    Raises CommitmentError for an unknown kind, other fields than the kind's, a salt that is not 32 bytes, or
    text outside the canonical profile (not NFC, control characters, more than 16 KiB).
    """
    if len(salt) != SALT_BYTES:
        raise CommitmentError(f"A salt of {len(salt)} bytes cannot be used: it must be {SALT_BYTES} random bytes.")
    return hashlib.sha256(DOMAIN + kind.encode() + b"\0" + salt + encode_fields(kind, fields)).hexdigest()


def encode_fields(kind: str, fields: Mapping[str, str]) -> bytes:
    """The canonical JSON of `fields`. Raises CommitmentError as `commit` does."""
    if kind not in FIELDS or FIELDS[kind] != set(fields):
        raise CommitmentError(f"A commitment of kind {kind[:40]!r} cannot hold the fields {sorted(fields)!r}.")
    if not all(type(value) is str for value in fields.values()):
        raise CommitmentError("A commitment holds text only.")
    try:
        return canonical.encode(dict(fields))
    except NotCanonical as fault:
        raise CommitmentError(f"This text cannot be recorded: {fault}. Enter it again, or shorter.") from fault


def clean_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields as they are committed to. Nothing is cut: what is too long is refused by `commit`."""
    return {key: clean(value, limit=4 * len(value) + 1) for key, value in fields.items()}


def new_opening(kind: str, fields: Mapping[str, str]) -> Opening:
    """A fresh commitment to cleaned `fields`, to be kept before the entry that names it is recorded.

    Raises CommitmentError as `commit` does.
    """
    cleaned = clean_fields(fields)
    salt = secrets.token_bytes(SALT_BYTES)
    return Opening(commit(kind, cleaned, salt), kind, cleaned, salt)


def name_opening(operator: str, name: str) -> Opening:
    """A fresh commitment to who stands behind an operator's id."""
    return new_opening(NAME, {"operator": operator, "name": name})


def words_opening(words: str) -> Opening:
    """A fresh commitment to words: a reason, a note, a remark."""
    return new_opening(WORDS, {"words": words})


def reference_opening(reference: str) -> Opening:
    """A fresh commitment to the clinic's own reference for a session."""
    return new_opening(REFERENCE, {"reference": reference})


def opens(opening: Opening) -> bool:
    """Whether the opening really is what its commitment commits to; False for anything malformed."""
    try:
        found = commit(opening.kind, opening.fields, opening.salt)
    except CommitmentError:
        return False
    return hmac.compare_digest(found.encode(), opening.commitment.encode("utf-8", "replace"))
