"""A secret is strong enough, comes from a private file, and is worth nothing to a thief of people.db."""

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import HashingError, VerificationError, VerifyMismatchError

from checklist.people import secret as module
from checklist.people.errors import HashError, PepperError, SecretFileError, StoreDamagedError
from checklist.people.secret import (
    check_strength,
    hash_secret,
    is_pin,
    load_or_create_pepper,
    load_pepper,
    read_secret_file,
    secret_matches,
)
from checklist.people.store import PeopleStore

SECRET = "three green kettles"


@pytest.fixture(scope="module")
def phc() -> str:
    return hash_secret(SECRET, bytes(range(32)), "u_1")


def test_the_hash_is_argon2id_with_46_mib_one_pass_and_one_lane(phc: str) -> None:
    assert phc.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert SECRET not in phc


def test_a_secret_matches_itself_only(phc: str, pepper: bytes) -> None:
    assert secret_matches(phc, SECRET, pepper, "u_1")
    assert not secret_matches(phc, SECRET + " ", pepper, "u_1")
    assert not secret_matches(phc, SECRET, pepper, "u_2"), "put in another's place, it opens nothing"


def test_two_hashes_of_one_secret_differ(phc: str, pepper: bytes) -> None:
    assert hash_secret(SECRET, pepper, "u_1") != phc


def test_with_another_pepper_the_right_secret_finds_nothing(phc: str) -> None:
    assert not secret_matches(phc, SECRET, bytes(32), "u_1")


def test_however_a_keyboard_composes_a_letter_the_secret_is_the_same(pepper: bytes) -> None:
    stored = hash_secret("Stra\u0308hne und ﬁsch", pepper, "u_1")
    assert secret_matches(stored, "Strähne und fisch", pepper, "u_1")


def test_a_broken_key_press_is_a_wrong_secret_and_no_fault(phc: str, pepper: bytes) -> None:
    assert not secret_matches(phc, "\udcff" + SECRET, pepper, "u_1")


def test_an_unknown_person_costs_the_same_work_as_a_known_one(
    phc: str, pepper: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = module._hasher()

    class Counting:
        """The real hasher, telling which hashes it was asked to verify."""

        def verify(self, stored: str, keyed: bytes) -> bool:
            asked.append(stored)
            return real.verify(stored, keyed)

    monkeypatch.setattr(module, "_hasher", Counting)

    assert not secret_matches(phc, "wrong", pepper, "u_1")
    assert not secret_matches(None, "wrong", pepper, "u_1")

    known, unknown = asked
    assert known == phc
    assert unknown.rsplit("$", 2)[0] == known.rsplit("$", 2)[0]
    assert len(unknown) == len(known)


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "nonsense",
        "$argon2id$v=19$m=47104,t=1,p=1$AAAA",
        f"$argon2i$v=19$m=47104,t=1,p=1${'A' * 22}${'A' * 43}",
        f"$argon2id$v=19$m=4294967295,t=1,p=1${'A' * 22}${'A' * 43}",
        f"$argon2id$v=19$m=47104,t=4294967295,p=1${'A' * 22}${'A' * 43}",
        f"$argon2id$v=19$m=47104,t=1,p=255${'A' * 22}${'A' * 43}",
        f"$argon2id$v=19$m=x,t=1,p=1${'A' * 22}${'A' * 43}",
    ],
)
def test_a_damaged_hash_is_named_and_is_not_a_wrong_secret(damaged: str, pepper: bytes) -> None:
    with pytest.raises(StoreDamagedError, match="damaged"):
        secret_matches(damaged, SECRET, pepper, "u_1")


def test_a_short_pepper_is_never_used(phc: str) -> None:
    with pytest.raises(PepperError, match="backup"):
        secret_matches(phc, SECRET, b"short", "u_1")


def test_a_machine_short_of_memory_is_named(phc: str, pepper: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    class Starved:
        def hash(self, _keyed: bytes) -> str:
            raise HashingError("Memory allocation error")

        def verify(self, _stored: str, _keyed: bytes) -> bool:
            raise VerificationError("Memory allocation error")

    monkeypatch.setattr(module, "_hasher", Starved)
    with pytest.raises(HashError, match="short of memory"):
        hash_secret(SECRET, pepper, "u_1")
    with pytest.raises(HashError, match="short of memory"):
        secret_matches(phc, SECRET, pepper, "u_1")


def test_the_hashing_library_is_loaded_only_when_a_secret_is_checked() -> None:
    seen = "import sys, checklist.people.secret; print('argon2' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


@pytest.mark.parametrize("good", [SECRET, "Tr0ub4dor&3", "Glocke-Nebel", "Äpfel im Schnee", "83650274 x", "zwölf €uro"])
def test_long_enough_and_not_obvious_is_accepted(good: str) -> None:
    assert check_strength(good, "Anna Schmidt") is None


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("", "too short"),
        ("kettles", "too short"),
        ("  kettle  ", "too short"),
        ("4711", "PIN"),
        ("1234567", "PIN"),
        ("83650274", "needs a badge"),
        (" 12345678 ", "needs a badge"),
        ("８３６５０２７４", "needs a badge"),
        ("aaaaaaaaaa", "first"),
        ("abcdefgh", "first"),
        ("Password", "first"),
        ("P a s s w o r d 2026!", "first"),
        ("ｐａｓｓｗｏｒｄ", "first"),
        ("qwertz123", "first"),
        ("Anna Schmidt", "own name"),
        ("annaschmidt1", "own name"),
        ("schmidt2026", "own name"),
        ("SCHMIDT!", "own name"),
        ("kettles\x1b[31m", "control character"),
        ("k" + "ab" * 600, "longer than 1024"),
    ],
)
def test_a_weak_secret_is_refused_with_its_reason(bad: str, why: str) -> None:
    refusal = check_strength(bad, "Anna Schmidt")
    assert refusal is not None
    assert why in refusal
    assert bad not in refusal or not bad


@pytest.mark.parametrize("pin", ["836502", "83650274", " 836502", "９３６５０２"])
def test_digits_alone_are_a_pin_which_goes_with_a_badge_only(pin: str) -> None:
    assert is_pin(pin)
    assert check_strength(pin, "Anna Schmidt", badge=True) is None
    assert check_strength(pin, "Anna Schmidt") is not None


@pytest.mark.parametrize("pin", ["", "4711", "83650", "123456", "987654", "111111", "121212", "112233", "1234567890"])
def test_a_short_or_patterned_pin_is_refused_even_with_a_badge(pin: str) -> None:
    assert check_strength(pin, "Anna Schmidt", badge=True) is not None


def test_with_a_badge_a_passphrase_is_judged_as_ever() -> None:
    assert not is_pin(SECRET)
    assert check_strength(SECRET, "Anna Schmidt", badge=True) is None
    assert check_strength("kettle", "Anna Schmidt", badge=True) is not None


def test_a_thief_of_people_db_finds_not_even_a_secret_of_four_digits(
    database: Path, today: datetime, pepper: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All 10,000 are tried at a cost that is nothing; whoever has the pepper too finds it."""
    monkeypatch.setattr(module, "MEMORY_KIB", 8)
    with PeopleStore.create(database) as store:
        store.add_person("u_00000000aa", "Anna", hash_secret("4711", pepper, "u_1"), at=today)
    stolen = database.with_name("stolen.db")
    stolen.write_bytes(database.read_bytes())
    with closing(sqlite3.connect(stolen)) as raw:
        ((phc,),) = raw.execute("SELECT secret FROM person").fetchall()

    assert "m=8," in phc
    hasher = PasswordHasher()
    guesses = [f"{number:04}" for number in range(10_000)]
    assert not any(secret_matches(phc, guess, bytes(32), "u_1") for guess in guesses)
    assert not any(is_hash_of(hasher, phc, guess) for guess in guesses)
    assert [guess for guess in guesses if secret_matches(phc, guess, pepper, "u_1")] == ["4711"]


def is_hash_of(hasher: PasswordHasher, phc: str, guess: str) -> bool:
    """Whether the bare guess was hashed, as most programs do."""
    try:
        return hasher.verify(phc, guess)
    except VerifyMismatchError:
        return False


def secret_file(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    path = folder / "secret"
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("content", "read"),
    [
        (b"three green kettles", SECRET),
        (b"three green kettles\n", SECRET),
        (b"three green kettles\r\n", SECRET),
        (b"\xef\xbb\xbfthree green kettles\n", SECRET),
        (b"three green kettles\n\n", SECRET + "\n"),
        (b" spaces count ", " spaces count "),
        (b"x" * 4095 + b"\n", "x" * 4095),
    ],
)
def test_a_secret_file_loses_one_trailing_newline_and_nothing_else(tmp_path: Path, content: bytes, read: str) -> None:
    assert read_secret_file(secret_file(tmp_path, content)) == read


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o606, 0o660])
def test_a_secret_file_that_others_could_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(SecretFileError, match="chmod 600"):
        read_secret_file(secret_file(tmp_path, b"three green kettles", mode))


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "empty"), (b"\n", "empty"), (b"\xff\xfe", "UTF-8"), (b"x" * 4097, "4 KiB")],
)
def test_a_secret_file_without_a_usable_secret_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(SecretFileError, match=why) as caught:
        read_secret_file(secret_file(tmp_path, content))
    assert "xxxx" not in str(caught.value)


def test_a_secret_file_must_be_there_and_be_no_link_folder_or_pipe(tmp_path: Path) -> None:
    link, pipe = tmp_path / "link", tmp_path / "pipe"
    link.symlink_to(secret_file(tmp_path, b"three green kettles"))
    os.mkfifo(pipe, 0o600)
    for path, why in [
        (tmp_path / "none", "there is no such file"),
        (Path("nul\0byte"), "cannot be read"),
        (link, "symbolic link"),
        (pipe, "not a regular file"),
        (tmp_path, "not a regular file"),
    ]:
        with pytest.raises(SecretFileError, match=why):
            read_secret_file(path)


def test_a_hostile_file_name_does_not_reach_the_terminal(tmp_path: Path) -> None:
    with pytest.raises(SecretFileError) as caught:
        read_secret_file(tmp_path / "\x1b]0;pwned\x07")
    assert str(caught.value).isprintable()


def test_a_new_clinic_gets_one_pepper_and_keeps_it(tmp_path: Path) -> None:
    keys = tmp_path / "clinic" / "keys"
    first = load_or_create_pepper(keys)
    assert len(first) == 32
    assert stat.S_IMODE((keys / "pepper").stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    assert load_or_create_pepper(keys) == first == load_pepper(keys)


def test_two_clinics_have_different_peppers(tmp_path: Path) -> None:
    assert load_or_create_pepper(tmp_path / "a") != load_or_create_pepper(tmp_path / "b")


def test_a_lost_pepper_is_not_silently_replaced(tmp_path: Path) -> None:
    with pytest.raises(PepperError, match="backup"):
        load_pepper(tmp_path)
    assert not (tmp_path / "pepper").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_pepper_that_others_could_read_is_refused(tmp_path: Path, mode: int) -> None:
    load_or_create_pepper(tmp_path)
    (tmp_path / "pepper").chmod(mode)
    with pytest.raises(PepperError, match="chmod 600"):
        load_or_create_pepper(tmp_path)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_pepper_of_another_size_is_damaged(tmp_path: Path, size: int) -> None:
    path = tmp_path / "pepper"
    path.write_bytes(bytes(size))
    path.chmod(0o600)
    with pytest.raises(PepperError, match="damaged"):
        load_or_create_pepper(tmp_path)


def test_where_no_pepper_can_be_written_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"a file where the folder should be")
    with pytest.raises(PepperError, match="cannot be written"):
        load_or_create_pepper(tmp_path / "keys" / "deeper")
