"""Signed notes and checkpoints as others write and read them."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from checklist.ledger.errors import BadNote
from checklist.ledger.note import Checkpoint, Note, VerifierKey, is_key_name, sign_note

if TYPE_CHECKING:
    from pathlib import Path

# The key and note of the reference implementation (golang.org/x/mod/sumdb/note).
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_PRIVATE = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_NOTE = (
    f"{PETER_TEXT}\n\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# The example of c2sp.org/signed-note, whose text has an empty line of its own.
SALVATORE = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned \u00e8 subito sera.\n\n"
    "\u2014 quasimodo.example/salvatore "
    "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
)
# The example of c2sp.org/tlog-checkpoint.
SOFA = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\u2014 example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)


def test_the_reference_key_and_note_are_understood_and_made_again_to_the_byte() -> None:
    key = VerifierKey.parse(PETER)
    assert str(key) == PETER
    note = Note.parse(PETER_NOTE)
    assert str(note) == PETER_NOTE
    assert note.verify([key]) == [key]
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(PETER_PRIVATE)[1:])
    assert sign_note(PETER_TEXT, key, private.sign) == PETER_NOTE


def test_the_published_examples_are_understood() -> None:
    note = Note.parse(SALVATORE)
    assert note.text.endswith("\n\ned \u00e8 subito sera.\n")
    assert str(note) == SALVATORE
    checkpoint = Checkpoint.parse(Note.parse(SOFA).text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert str(checkpoint) == Note.parse(SOFA).text


def test_no_part_of_a_key_and_no_changed_key_is_a_key() -> None:
    for start in range(len(PETER)):
        for stop in range(start + 1, len(PETER) + 1):
            if (start, stop) != (0, len(PETER)):
                with pytest.raises(BadNote):
                    VerifierKey.parse(PETER[start:stop])
    for at, sign in enumerate(PETER):
        with pytest.raises(BadNote):
            VerifierKey.parse(PETER[:at] + chr(ord(sign) + 1) + PETER[at + 1 :])


@pytest.mark.parametrize(
    "source",
    [
        "", "\n", PETER_TEXT, PETER_NOTE[:-1], PETER_NOTE.replace("\n\n", "\n"), PETER_NOTE + "\n",
        PETER_NOTE.replace("\u2014", "-"), PETER_NOTE.replace(" PeterNeumann ", " Peter+Neumann "),
        PETER_NOTE.replace("x08go", "x08g"), PETER_NOTE.replace("wJnAM=", "wJnAN="),
        f"{PETER_TEXT}\n\u2014 Peter eA==\n",
        f"{PETER_TEXT}\n\u2014 Peter\n", PETER_NOTE.replace("think", "th\tnk"), PETER_NOTE.replace("think", "\ud800"),
        PETER_NOTE.replace("\n", "\r\n"), PETER_TEXT + "\n" + PETER_NOTE.splitlines(keepends=True)[-1] * 101,
    ],
)  # fmt: skip
def test_a_mangled_note_is_refused(source: str) -> None:
    with pytest.raises(BadNote):
        Note.parse(source)


def test_a_note_is_refused_when_a_known_key_signed_something_else() -> None:
    key = VerifierKey.parse(PETER)
    with pytest.raises(BadNote, match="wrong"):
        Note.parse(PETER_NOTE.replace("answer", "ANSWER")).verify([key])
    with pytest.raises(BadNote, match="no known key"):
        Note.parse(PETER_NOTE.replace("PeterNeumann", "Peter")).verify([key])
    with pytest.raises(BadNote, match="no known key"):
        Note.parse(SOFA).verify([key])


def test_a_signature_by_someone_unknown_beside_a_known_one_does_no_harm() -> None:
    key = VerifierKey.parse(PETER)
    stranger = SOFA.splitlines(keepends=True)[-1]
    assert Note.parse(PETER_NOTE + stranger).verify([key]) == [key]


def test_a_signature_of_the_wrong_length_is_wrong() -> None:
    assert not VerifierKey.parse(PETER).accepts(b"short", PETER_TEXT)


@pytest.mark.parametrize(
    "text",
    [
        "", "a\n1\n", "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", "a\n01\n{root}", "a\n-1\n{root}",
        "\n1\n{root}",
        "a\n1\nAAAA\n", "a\n1\n{root}\n", "a\n\u0661\n{root}", "a\n1\n not base64\n",
    ],
)  # fmt: skip
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        Checkpoint.parse(text.replace("{root}", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"))


def test_extension_lines_are_kept() -> None:
    text = "a\n0\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nmore\n"
    assert Checkpoint.parse(text).extra == ("more",)
    assert str(Checkpoint.parse(text)) == text


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\x1fb", "\ud800"])
def test_names_that_a_note_cannot_hold_are_refused(name: str) -> None:
    assert not is_key_name(name)
    assert is_key_name("riverside.example/a")


@given(st.text(max_size=200))
def test_no_text_breaks_the_readers(text: str) -> None:
    for parse in (Note.parse, Checkpoint.parse, VerifierKey.parse):
        try:
            again = str(parse(text))
        except BadNote:
            continue
        assert again == text


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_accepts_our_signature_and_no_other(tmp_path: Path) -> None:
    private = Ed25519PrivateKey.generate()
    key = VerifierKey("riverside.example/a", private.public_key().public_bytes_raw())
    note = Note.parse(sign_note(str(Checkpoint(key.name, 1, bytes(32))), key, private.sign))
    # The fixed beginning of an Ed25519 public key in DER (RFC 8410), then the key itself.
    (tmp_path / "key.der").write_bytes(bytes.fromhex("302a300506032b6570032100") + key.public)
    (tmp_path / "sig").write_bytes(note.signatures[0].signature)

    def accepted(text: str) -> bool:
        (tmp_path / "text").write_text(text)
        command = [
            "openssl",
            "pkeyutl",
            "-verify",
            "-pubin",
            "-keyform",
            "DER",
            "-inkey",
            "key.der",
            "-rawin",
            "-in",
            "text",
            "-sigfile",
            "sig",
        ]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0

    assert accepted(note.text)
    assert not accepted(re.sub("\n1\n", "\n2\n", note.text))
