"""The paper recovery code: it stands for the second lead where there is only one, and each is good for once.

Only its hash is kept, under keys/. Knows nothing of people and their secrets.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from checklist.clinic.errors import ClinicError
from checklist.ledger import durable
from checklist.people.errors import StoreDamagedError
from checklist.people.files import read_private
from checklist.people.secret import hash_secret, secret_matches

if TYPE_CHECKING:
    from pathlib import Path

NAME = "recovery"
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_SIGNS = 16
_HASH_BYTES = 512


def renew(keys: Path, pepper: bytes) -> str:
    """Make a code, and keep its hash in the place of the old one's; the old code is void. Raises OSError."""
    code = _grouped("".join(secrets.choice(_ALPHABET) for _ in range(_SIGNS)))
    durable.replace(keys / NAME, hash_secret(code, pepper, NAME).encode())
    return code


def is_code(keys: Path, typed: str, pepper: bytes) -> bool:
    """Whether this is the code that is good now, however it is grouped. Raises ClinicError where none is kept."""
    try:
        kept = read_private(keys / NAME, _HASH_BYTES)
        if isinstance(kept, str):
            raise ClinicError(f"{keys / NAME}: {kept}.")
        return secret_matches(kept.decode("ascii"), _grouped(typed), pepper, NAME)
    except (OSError, UnicodeDecodeError, StoreDamagedError):
        raise ClinicError(
            f"{keys / NAME}: the recovery code cannot be checked; ask a second lead, or put keys/ back from a backup."
        ) from None


def _grouped(typed: str) -> str:
    """80 bits in four groups of four, from signs that are not mistaken for one another."""
    signs = "".join(sign for sign in typed.upper() if sign.isalnum())
    return "-".join(signs[at : at + 4] for at in range(0, len(signs), 4))
