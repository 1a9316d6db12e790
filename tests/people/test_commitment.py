"""An auditor recomputes a commitment with the standard library; without its opening it says nothing."""

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.people.commitment import (
    NAME,
    REFERENCE,
    WORDS,
    Opening,
    commit,
    name_opening,
    new_opening,
    opens,
    reference_opening,
    words_opening,
)
from checklist.people.errors import CommitmentError

SALT = bytes(range(32))


def by_the_auditor(kind: str, fields: dict[str, str], salt: bytes) -> str:
    body = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return hashlib.sha256(b"checklist/commitment/v1\n" + kind.encode() + b"\0" + salt + body).hexdigest()


def test_the_bytes_are_as_published() -> None:
    body = b"checklist/commitment/v1\nwords\x00" + SALT + '{"words":"Tür klemmt"}'.encode()
    assert commit(WORDS, {"words": "Tür klemmt"}, SALT) == hashlib.sha256(body).hexdigest()


def test_the_format_stays_what_it_was() -> None:
    fields = {"operator": "u_9f31c2d47a", "name": "Anna Müller"}
    assert commit(NAME, fields, SALT) == "7d57b9780f25205ec282688b1d60dc50c3e7d2fbb1d7b26907431d7fdd2101ca"
    assert (
        commit(WORDS, {"words": "door jammed"}, SALT)
        == "6b6b0f92e79b4d180660a3ed21b4e7190aa73db4505e5d58971de860e08b96b5"
    )
    assert (
        commit(REFERENCE, {"reference": "P-1042"}, SALT)
        == "ba3dd9c9e24901b14e475eb8534231467f5e100d9f5df2c90c602912c9b83854"
    )


@given(st.text(max_size=300))
def test_whatever_was_typed_the_auditor_finds_the_same(words: str) -> None:
    opening = words_opening(words)
    assert opening.commitment == by_the_auditor(opening.kind, dict(opening.fields), opening.salt)
    assert opens(opening)


def test_each_kind_commits_to_its_own_fields() -> None:
    assert dict(name_opening("u_9f31c2d47a", "Anna").fields) == {"operator": "u_9f31c2d47a", "name": "Anna"}
    assert dict(words_opening("jammed").fields) == {"words": "jammed"}
    assert dict(reference_opening("P-1042").fields) == {"reference": "P-1042"}


def test_the_same_words_twice_cannot_be_told_to_be_the_same() -> None:
    first, second = words_opening("jammed"), words_opening("jammed")
    assert len(first.salt) == 32
    assert first.salt != second.salt
    assert first.commitment != second.commitment


def test_an_altered_opening_does_not_open() -> None:
    opening = name_opening("u_9f31c2d47a", "Anna")
    other = {"operator": "u_9f31c2d47a", "name": "Berta"}
    assert opens(opening)
    assert not opens(replace(opening, fields=other))
    assert not opens(replace(opening, fields={"words": "Anna"}))
    assert not opens(replace(opening, kind="words"))
    assert not opens(replace(opening, kind="unheard-of"))
    assert not opens(replace(opening, salt=bytes(32)))
    assert not opens(replace(opening, salt=b""))
    assert not opens(replace(opening, commitment="\udcff"))
    assert not opens(Opening(opening.commitment, NAME, {}, opening.salt))


def test_hostile_text_is_cleaned_before_it_is_committed_to() -> None:
    opening = words_opening("red\x1b[31m \u202eevil\x00 ﻿end")
    assert opening.fields["words"] == "red[31m evil end"


def test_long_words_are_kept_whole_or_refused_and_never_cut() -> None:
    assert words_opening("x" * 10_000).fields["words"] == "x" * 10_000
    with pytest.raises(CommitmentError, match="shorter"):
        words_opening("x" * 17_000)


@pytest.mark.parametrize(
    ("kind", "fields", "salt"),
    [
        (WORDS, {"words": "x"}, b"short"),
        (WORDS, {"reference": "x"}, SALT),
        (NAME, {"name": "x"}, SALT),
        ("colour", {"words": "x"}, SALT),
        (WORDS, {"words": "a\u0308"}, SALT),
        (WORDS, {"words": "bell\a"}, SALT),
        (WORDS, {"words": 7}, SALT),
    ],
)
def test_what_lies_outside_the_format_is_refused(kind: str, fields: dict[str, str], salt: bytes) -> None:
    with pytest.raises(CommitmentError):
        commit(kind, fields, salt)


def test_an_opening_is_never_shown_by_accident() -> None:
    opening = new_opening(WORDS, {"words": "the patient's own words"})
    assert "patient" not in repr(opening)
    assert repr(opening.salt) not in repr(opening)
