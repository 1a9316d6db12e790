"""`checklist people …`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pexpect

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run, SecretFile, Who


def test_a_lead_adds_somebody_who_can_then_sign_in(run: Run, clinic: Path, ada: Who, secret_file: SecretFile) -> None:
    theirs = secret_file("six blind owls")
    answer = run(
        "people", "add", "--name", "Cy", "--role", "staff", "--role", "release", "--new-secret-file", theirs, *ada
    )
    assert answer.code == 0
    assert "Cy is an operator now: u_" in answer.out
    (found,) = [one for one in run("people", "list", "--json").data if one["name"] == "Cy"]
    assert found["roles"] == ["release", "staff"]
    assert found["disabled"] is False
    assert "Cy, u_" in run("people", "list").out
    assert run("walk", "short", "--as", found["operator"], "--secret-file", theirs).code == 1
    assert clinic.is_dir()


def test_who_may_not_be_added_is_told_why(run: Run, clinic: Path, ada: Who, bo: Who, secret_file: SecretFile) -> None:
    good = secret_file("six blind owls")
    new = ("people", "add", "--role", "staff")
    assert "lead" in run(*new, "--name", "Cy", "--new-secret-file", good, *bo).told
    assert "this name" in run(*new, "--name", "ADA", "--new-secret-file", good, *ada).told
    assert "too short" in run(*new, "--name", "Cy", "--new-secret-file", secret_file("abc"), *ada).told
    assert "letters" in run(*new, "--role", "Big Boss", "--name", "Cy", "--new-secret-file", good, *ada).told
    assert "--new-secret-file" in run(*new, "--name", "Cy", *ada).told
    assert "--as" in run(*new, "--name", "Cy", "--new-secret-file", good).told
    assert len(run("people", "list", "--json").data) == 2
    assert clinic.is_dir()


def test_a_weak_new_secret_is_refused_as_soon_as_it_is_typed(clinic: Path, ada: Who) -> None:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "checklist", "people", "add", "--name", "Cy", "--role", "staff", *(str(word) for word in ada)],
        env={**os.environ, "CHECKLIST_CLINIC": str(clinic), "PYTHONUTF8": "1"},
        encoding="utf-8",
        timeout=20,
    )
    child.expect("New secret of Cy: ")
    child.sendline("short")
    child.expect("too short")
    child.expect("New secret of Cy: ")
    child.sendline("six blind owls")
    child.expect("Once more: ")
    child.sendline("six blind owls")
    child.expect("Cy is an operator now")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0
    child.close()
