"""Secrets: how one is judged, read from a file, hashed and compared.

A secret is normalised (NFKC, as NIST SP 800-63B section 5.1.1.2 allows), keyed with the clinic's pepper and
hashed with argon2id. The hash alone is worth nothing to a thief of people.db: the pepper lies under keys/.
Knows nothing of who the person is or how often they have tried.
"""

from __future__ import annotations

import hmac
import re
import secrets
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING

from checklist.ledger.durable import write_new
from checklist.people.errors import HashError, PepperError, SecretFileError, StoreDamagedError
from checklist.people.files import read_private

if TYPE_CHECKING:
    from pathlib import Path

    from argon2 import PasswordHasher

# argon2id, 46 MiB, one pass, one lane: a row of the OWASP Password Storage Cheat Sheet; about 80 ms.
MEMORY_KIB = 46 * 1024
TIME_COST = 1
PARALLELISM = 1
# Stored parameters above these are damage, not strength: they would stop the machine.
MOST_MEMORY_KIB = 1024 * 1024
MOST_TIME_COST = 16
MOST_PARALLELISM = 16

PEPPER_BYTES = 32
PEPPER_NAME = "pepper"
SECRET_FILE_BYTES = 4096
SHORTEST = 8
SHORTEST_PIN = 6
LEAST_DIGITS = 4  # different ones in a PIN: 112233 and 121212 are tried early
LONGEST = 1024

_SECRET_DOMAIN = b"checklist/secret/v1\n"

# What is tried first against a clinic; compared without case, digits and signs.
# fmt: off
_TOO_COMMON = frozenset(
    {
        "password", "passwort", "passphrase", "letmein", "welcome", "willkommen", "qwerty", "qwertz",
        "qwertyuiop", "qwertzuiop", "asdfghjkl", "changeme", "secret", "geheim", "iloveyou", "football",
        "sunshine", "princess", "dragon", "monkey", "superman", "trustno", "admin", "administrator",
        "checklist", "clinic", "klinik", "practice", "praxis", "hygiene", "sterile", "steril", "steriliser",
        "sterilizer", "autoclave", "autoklav", "default", "standard",
    }
)
# fmt: on


def hash_secret(secret: str, pepper: bytes, owner: str) -> str:
    """The PHC string to store for the `secret` of `owner` (an operator's id), with a fresh salt.

    It is good for nobody else: hashes put in each other's place match nothing. Raises HashError when memory is short.
    """
    from argon2.exceptions import HashingError

    try:
        return _hasher().hash(_keyed(secret, pepper, owner))
    except HashingError as fault:
        raise HashError(_NO_MEMORY) from fault


def secret_matches(phc: str | None, secret: str, pepper: bytes, owner: str = "") -> bool:
    """Whether `secret` is the one of `owner` that was hashed into `phc`; `None` (nobody) costs as much and is False.

    Raises StoreDamagedError when `phc` is no hash of ours, HashError when memory is short.
    """
    from argon2.exceptions import VerificationError, VerifyMismatchError

    stored = _nobodys() if phc is None else phc
    _refuse_damaged(stored)
    try:
        _hasher().verify(stored, _keyed(secret, pepper, owner))
    except VerifyMismatchError:
        return False
    except VerificationError as fault:
        raise HashError(_NO_MEMORY) from fault
    return phc is not None


def is_pin(secret: str) -> bool:
    """Whether a secret is a PIN: digits alone, however many. It is good only together with a badge."""
    return _normal(secret).strip().isdecimal()


def too_short(secret: str) -> bool:
    """Whether a secret is shorter than anybody's can be."""
    return len(_normal(secret).strip()) < SHORTEST_PIN


def check_strength(secret: str, name: str = "", *, badge: bool = False) -> str | None:
    """Why `secret` may not become the secret of the person called `name`, or None when it may.

    No rules of composition: length, not what everybody tries first, and not the person's own name. A PIN is for
    those who have a `badge`, without which it is not asked for.
    """
    text = _normal(secret)
    if any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in text):
        return "The secret contains a control character: use letters, digits, signs and spaces only."
    if len(text) > LONGEST:
        return f"The secret is longer than {LONGEST} characters: choose a shorter one."
    if is_pin(secret):
        return _check_pin(text.strip(), badge=badge)
    if len(text.strip()) < SHORTEST:
        return f"The secret is too short: choose at least {SHORTEST} characters, for example three words."
    if _is_run(text) or _letters(text) in _TOO_COMMON:
        return "This secret is among the first that anyone would try: choose another, for example three words."
    if _is_name(text, name):
        return "The secret is made of the person's own name: choose another, for example three words."
    return None


def read_secret_file(path: Path) -> str:
    """The secret in the file at `path`, without one trailing newline.

    The file must be regular (no link, no pipe), ours, of mode 0600 or stricter, UTF-8 and at most 4 KiB.
    Raises SecretFileError.
    """
    try:
        content = read_private(path, SECRET_FILE_BYTES)
    except (FileNotFoundError, NotADirectoryError) as fault:
        raise SecretFileError(f"{_shown(path)}: there is no such file: give the path of the secret file.") from fault
    except (OSError, ValueError) as fault:
        why = "is a symbolic link" if path.is_symlink() else "cannot be read"
        raise SecretFileError(f"{_shown(path)}: the secret file {why}: give a plain file of yours.") from fault
    if isinstance(content, str):
        raise SecretFileError(f"{_shown(path)}: the secret file {content}.")
    if len(content) > SECRET_FILE_BYTES:
        raise SecretFileError(f"{_shown(path)}: the secret file is larger than 4 KiB: give the right file.")
    try:
        secret = re.sub(r"\r?\n\Z", "", content.decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        raise SecretFileError(f"{_shown(path)}: the secret file is not UTF-8 text: save it as UTF-8.") from fault
    if not secret:
        raise SecretFileError(f"{_shown(path)}: the secret file is empty: write the secret on its first line.")
    return secret


def load_pepper(keys: Path) -> bytes:
    """The 32 bytes in `keys`/pepper (`keys` is the clinic's keys/ folder). Raises PepperError."""
    path = keys / PEPPER_NAME
    try:
        content = read_private(path, PEPPER_BYTES)
    except OSError as fault:
        raise PepperError(f"{_shown(path)}: the pepper cannot be read: put it back from a backup.") from fault
    if isinstance(content, str):
        raise PepperError(f"{_shown(path)}: the pepper {content}.")
    if len(content) != PEPPER_BYTES:
        raise PepperError(f"{_shown(path)}: the pepper is damaged: put it back from a backup.")
    return content


def load_or_create_pepper(keys: Path) -> bytes:
    """As `load_pepper`, but a new clinic gets its pepper here, durable on return.

    Only for a clinic without people: a new pepper makes every secret hashed before it unusable.
    """
    try:
        keys.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_new(keys / PEPPER_NAME, secrets.token_bytes(PEPPER_BYTES))
    except FileExistsError:
        pass
    except OSError as fault:
        where = _shown(keys / PEPPER_NAME)
        raise PepperError(f"{where}: the pepper cannot be written: is the disk full or read-only?") from fault
    return load_pepper(keys)


_DAMAGED = "The secret stored for this person is damaged: put people.db back from a backup, or reset the secret."
_NO_MEMORY = "The secret could not be checked: the machine is short of memory; close other programs and try again."


def _keyed(secret: str, pepper: bytes, owner: str) -> bytes:
    if len(pepper) != PEPPER_BYTES:
        raise PepperError("The pepper is damaged: put it back from a backup.")
    # A surrogate (undecodable key press) never matches anything but itself; it must not be a traceback.
    text = _normal(secret).encode("utf-8", "surrogatepass")
    return hmac.digest(pepper, _SECRET_DOMAIN + owner.encode() + b"\0" + text, "sha256")


def _nobodys() -> str:
    """A well-formed hash that no secret has: unknown people cost the same work as known ones."""
    return f"$argon2id$v=19$m={MEMORY_KIB},t={TIME_COST},p={PARALLELISM}${'A' * 22}${'A' * 43}"


def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher, Type

    return PasswordHasher(
        time_cost=TIME_COST,
        memory_cost=MEMORY_KIB,
        parallelism=PARALLELISM,
        hash_len=32,
        salt_len=16,
        type=Type.ID,
    )


def _refuse_damaged(phc: str) -> None:
    from argon2 import Type, extract_parameters
    from argon2.exceptions import InvalidHashError

    try:
        stored = extract_parameters(phc)
    except (InvalidHashError, ValueError) as fault:
        raise StoreDamagedError(_DAMAGED) from fault
    sane = stored.memory_cost <= MOST_MEMORY_KIB and stored.time_cost <= MOST_TIME_COST
    if stored.type is not Type.ID or not sane or stored.parallelism > MOST_PARALLELISM:
        raise StoreDamagedError(_DAMAGED)


def _check_pin(digits: str, *, badge: bool) -> str | None:
    if not badge:
        return f"Digits alone are a PIN, which needs a badge: choose a passphrase of at least {SHORTEST} characters."
    if len(digits) < SHORTEST_PIN:
        return f"The PIN is too short: choose at least {SHORTEST_PIN} digits."
    if _is_run(digits) or len(set(digits)) < LEAST_DIGITS:
        return "This PIN is among the first that anyone would try: choose one without a pattern."
    return None


def _normal(secret: str) -> str:
    return unicodedata.normalize("NFKC", secret)


def _letters(text: str) -> str:
    return "".join(sign for sign in _normal(text).casefold() if sign.isalpha())


def _is_run(text: str) -> bool:
    """All signs the same, or counting up or down: 11111111, 12345678, hgfedcba."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return (len(steps) == 1 and steps <= {0, 1, -1}) or text == "1234567890"


def _is_name(secret: str, name: str) -> bool:
    letters = _letters(secret)
    return bool(letters) and letters in {_letters(name), *(_letters(word) for word in name.split())}


def _shown(path: Path) -> str:
    """The path as it may be printed: a file name can hold anything."""
    return "".join(sign if sign.isprintable() else "?" for sign in str(path))
