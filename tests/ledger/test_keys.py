"""The station's key: made once, kept from others, and refused where it was not."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from checklist.ledger.errors import WrongKey
from checklist.ledger.keys import StationKey, key_path
from checklist.ledger.note import Note, VerifierKey

if TYPE_CHECKING:
    from pathlib import Path


def test_a_key_is_made_private_and_found_again(tmp_path: Path) -> None:
    made = StationKey.create(tmp_path / "keys", "riverside.example/a")
    assert made.path == tmp_path / "keys" / "a.pem"
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    again = StationKey.load(tmp_path / "keys", "riverside.example/a")
    assert again.vkey == made.vkey
    key = VerifierKey.parse(made.vkey)
    assert Note.parse(again.sign("text\n")).verify([key]) == [key]


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    made = StationKey.create(tmp_path, "riverside.example/a")
    before = made.path.read_bytes()
    with pytest.raises(WrongKey, match="already"):
        StationKey.create(tmp_path, "riverside.example/a")
    assert made.path.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_that_others_could_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    made = StationKey.create(tmp_path, "riverside.example/a")
    made.path.chmod(mode)
    with pytest.raises(WrongKey, match="others") as refused:
        StationKey.load(tmp_path, "riverside.example/a")
    assert "chmod 600" in refused.value.advice


def test_what_is_not_an_ed25519_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongKey, match="no key"):
        StationKey.load(tmp_path, "riverside.example/a")
    elliptic = generate_private_key(SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for data in (b"", b"not a key", elliptic):
        path = tmp_path / "a.pem"
        path.write_bytes(data)
        path.chmod(0o600)
        with pytest.raises(WrongKey, match="does not hold"):
            StationKey.load(tmp_path, "riverside.example/a")


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WrongKey, match="cannot be written"):
        StationKey.create(tmp_path / "file" / "keys", "riverside.example/a")
    (tmp_path / "a.pem").symlink_to("a.pem")
    with pytest.raises(WrongKey, match="cannot be read"):
        StationKey.load(tmp_path, "riverside.example/a")


@pytest.mark.parametrize("name", ["", "riverside.example/", "x/..", "x/.", "river side/a", "river+side/a"])
def test_an_impossible_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongKey, match="cannot name"):
        key_path(tmp_path, name)
