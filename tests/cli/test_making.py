"""`checklist init`."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

import pexpect
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run, SecretFile


def test_a_clinic_is_made_and_its_key_and_code_are_printed(run: Run, secret_file: SecretFile, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    answer = run(
        "init", folder, "--name", "Zahnärzte", "--lead", "Ada", "--secret-file", secret_file("three blind mice")
    )
    assert answer.code == 0
    assert re.search(r"zahn-rzte\.clinic/a\+[0-9a-f]{8}\+\S+", answer.out)
    assert re.search(r"Recovery code: \w{4}-\w{4}-\w{4}-\w{4}\n", answer.out)
    assert "paper" in answer.out
    assert "Rules: No jurisdiction chosen: the strictest of all. To change them" in answer.out
    assert run("verify", "--clinic", folder).code == 0
    again = run("init", folder, "--name", "x", "--lead", "Ada", "--secret-file", secret_file("three blind mice"))
    assert "already" in again.told


def test_it_says_whose_rules_hold(run: Run, secret_file: SecretFile, tmp_path: Path) -> None:
    given = ("--name", "Haut", "--lead", "Ada", "--secret-file", secret_file("three blind mice"))
    told = run("init", tmp_path / "none", *given, "--jurisdiction", "atlantis").told
    assert "no profile “atlantis”; there are: au, ca, de" in told
    assert not (tmp_path / "none").exists()
    assert "Rules: Germany." in run("init", tmp_path / "de", *given, "--jurisdiction", "de").out
    assert 'jurisdiction = "de"' in (tmp_path / "de" / "clinic.toml").read_text("utf-8")


def test_what_is_missing_is_named_where_nobody_can_be_asked(run: Run, secret_file: SecretFile, tmp_path: Path) -> None:
    told = run("init", tmp_path / "new").told
    assert "--name" in told
    assert "--lead" in told
    assert "--secret-file" in told
    told = run("init", tmp_path / "new", "--lead", "A", "--secret-file", secret_file("three blind mice")).told
    assert "--lead" not in told
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(("name", "secret"), [("Ada", "short"), ("Ada", "password1"), ("", "three blind mice")])
def test_a_weak_secret_or_no_name_makes_nothing(
    run: Run, secret_file: SecretFile, tmp_path: Path, name: str, secret: str
) -> None:
    assert run("init", tmp_path / "n", "--name", "x", "--lead", name, "--secret-file", secret_file(secret)).told
    assert not (tmp_path / "n").exists()


def test_a_secret_that_others_may_read_is_refused(run: Run, secret_file: SecretFile, tmp_path: Path) -> None:
    open_to_all = secret_file("three blind mice", 0o644)
    assert run("init", tmp_path / "n", "--name", "x", "--lead", "Ada", "--secret-file", open_to_all).told
    assert not (tmp_path / "n").exists()


def test_a_place_that_is_no_folder_is_refused(run: Run, secret_file: SecretFile, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    good = ("--name", "x", "--lead", "Ada", "--secret-file", secret_file("three blind mice"))
    assert run("init", tmp_path / "file", *good).told
    assert run("init", tmp_path / "file" / "below", *good).told


def test_at_a_terminal_it_asks_for_what_is_missing_and_for_the_secret_twice(tmp_path: Path) -> None:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "checklist", "init", str(tmp_path / "new"), "--lead", "Ada"],
        env={**os.environ, "PYTHONUTF8": "1"},
        encoding="utf-8",
        timeout=20,
    )
    child.expect("The clinic's name: ")
    child.sendline("")
    child.expect("A clinic needs a name")
    child.expect("The clinic's name: ")
    child.sendline("Riverside")
    for typed in ("short", "three blind mice"):
        child.expect("Choose your secret: ")
        child.sendline(typed)
    child.expect("Once more: ")
    child.sendline("three blind rats")
    child.expect("not the same")
    child.expect("Choose your secret: ")
    child.sendline("three blind mice")
    child.expect("Once more: ")
    child.sendline("three blind mice")
    child.expect("Recovery code")
    assert "blind" not in str(child.before)
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0
    assert (tmp_path / "new" / "clinic.toml").is_file()
    child.close()


def test_what_was_given_is_judged_before_anything_is_asked(tmp_path: Path, secret_file: SecretFile) -> None:
    """The person is not led through all questions to hear at their end that it was for nothing."""
    weak, missing = secret_file("short"), tmp_path / "nowhere"
    for arguments, told in (
        (["--secret-file", str(weak)], "too short"),
        (["--secret-file", str(missing)], f"{missing.name}: there is no such file"),
        (["--lead", "u_0123456789"], "looks like an operator's id"),
    ):
        child = pexpect.spawn(
            sys.executable,
            ["-m", "checklist", "init", str(tmp_path / "new"), *arguments],
            encoding="utf-8",
            timeout=20,
            dimensions=(24, 400),
        )
        child.expect(told)
        child.expect(pexpect.EOF)
        child.wait()
        assert child.exitstatus == 2
        child.close()
    assert not (tmp_path / "new").exists()


def test_a_name_that_nobody_may_have_is_refused_where_it_is_asked(tmp_path: Path) -> None:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "checklist", "init", str(tmp_path / "new"), "--name", "Riverside"],
        encoding="utf-8",
        timeout=20,
    )
    for typed in ("", "...", "u_0123456789"):
        child.expect("Your name, as the first lead: ")
        child.sendline(typed)
    child.expect("nothing was made")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 2
    child.close()
    assert not (tmp_path / "new").exists()


def test_control_c_at_a_question_makes_nothing(tmp_path: Path) -> None:
    child = pexpect.spawn(
        sys.executable, ["-m", "checklist", "init", str(tmp_path / "new")], encoding="utf-8", timeout=20
    )
    child.expect("The clinic's name: ")
    child.sendintr()
    child.expect("Interrupted")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 130
    child.close()
    assert not (tmp_path / "new").exists()
