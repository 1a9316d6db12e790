"""`checklist people list` and `checklist people credential …`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run, SecretFile, Who

pytestmark = pytest.mark.usefixtures("clinic")

KEYS = {"operator", "name", "roles", "credentials", "locked", "locked_until", "disabled", "erased"}


def test_the_list_tells_everything_with_stable_keys(run: Run, ada: Who) -> None:
    grant = ("people", "credential", "grant", "Bo", "microneedling", "--until", "2099-03-31")
    assert run(*grant, "--attribute", "max_depth_mm=1,5", *ada).code == 0
    people = run("people", "list", "--json").data
    assert all(set(one) == KEYS for one in people)
    (bo,) = [one for one in people if one["name"] == "Bo"]
    (held,) = bo["credentials"]
    assert held.pop("days_left") > 20000
    assert held == {
        "credential": "microneedling",
        "until": "2099-03-31",
        "attributes": {"max_depth_mm": "1.5"},
        "state": "valid",
    }
    assert (bo["locked"], bo["locked_until"]) == (False, None)
    assert "    microneedling, max_depth_mm 1.5, until 2099-03-31\n" in run("people", "list").out


def test_who_is_locked_stands_in_the_list_until_when(run: Run, ada: Who, secret_file: SecretFile) -> None:
    wrong = ("walk", "short", "--as", "Bo", "--secret-file", secret_file("one wrong word"))
    told = [run(*wrong).told for _ in range(6)]
    assert all("do not belong together" in each for each in told[:5])
    assert "locked until" in told[5]
    (bo,) = [one for one in run("people", "list", "--json").data if one["name"] == "Bo"]
    assert bo["locked"] is True
    assert bo["locked_until"] > "2026"
    assert "LOCKED until " in run("people", "list").out
    assert "LOCKED after wrong secrets: Bo, until " in run("walk", "short", *ada).out
    assert run("people", "unlock", "bo", *ada).out == "Bo is not locked any more.\n"
    assert "not locked" in run("people", "unlock", "bo", *ada).told


def test_a_credential_is_granted_listed_and_ended(run: Run, ada: Who, bo: Who) -> None:
    credential = ("people", "credential")
    assert run(*credential, "list").out == "Nobody holds a credential.\n"
    assert run(*credential, "list", "--json").data == []
    assert run(*credential, "grant", "bo", "first-aid", *ada).out == "Bo holds: first-aid, without end\n"
    (held,) = run(*credential, "list", "--json").data
    assert (held["name"], held["credential"], held["until"], held["days_left"]) == ("Bo", "first-aid", None, None)
    assert run(*credential, "list").out == "Bo: first-aid, without end\n"
    assert "lead" in run(*credential, "end", "bo", "first-aid", *bo).told
    assert run(*credential, "end", "bo", "first-aid", *ada).out == "Bo does not hold first-aid any more.\n"
    assert "does not hold this credential" in run(*credential, "end", "bo", "first-aid", *ada).told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["Big Needle"], "small letters"),
        (["x", "--until", "31.3.2099"], "year-month-day"),
        (["x", "--until", "2001-01-01"], "over already"),
        (["x", "--attribute", "depth"], "NAME=VALUE"),
        (["x", "--attribute", "depth="], "NAME=VALUE"),
        (["x", "--attribute", "Max Depth=1"], "underscores"),
        (["x", "--attribute", "depth=1", "--attribute", "depth=2"], "twice"),
    ],
)
def test_what_cannot_be_a_credential_is_told(run: Run, ada: Who, words: list[str], told: str) -> None:
    assert told in run("people", "credential", "grant", "Bo", *words, *ada).told
