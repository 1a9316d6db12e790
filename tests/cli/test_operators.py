"""`checklist people add | roles | disable | erase`."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pexpect
import pytest
from typing_extensions import override

from checklist.clinic import service
from checklist.ledger.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.ledger.entry import Moment
    from tests.cli.conftest import Run, SecretFile, Who

pytestmark = pytest.mark.usefixtures("clinic")


def listed(run: Run, name: str) -> dict[str, object]:
    """Somebody as `people list --json` tells of them."""
    (found,) = [one for one in run("people", "list", "--json").data if one["name"] == name]
    assert isinstance(found, dict)
    return found


def test_a_lead_adds_somebody_who_can_then_sign_in(run: Run, ada: Who, secret_file: SecretFile) -> None:
    theirs = secret_file("six blind owls")
    answer = run(
        "people", "add", "--name", "Cy", "--role", "staff", "--role", "release", "--new-secret-file", theirs, *ada
    )
    assert answer.code == 0
    assert "Cy is an operator now: u_" in answer.out
    found = listed(run, "Cy")
    assert found["roles"] == ["release", "staff"]
    assert found["disabled"] is False
    assert "Cy, u_" in run("people", "list").out
    assert run("walk", "short", "--as", found["operator"], "--secret-file", theirs).code == 1


def test_who_may_not_be_added_is_told_why(run: Run, ada: Who, bo: Who, secret_file: SecretFile) -> None:
    good = secret_file("six blind owls")
    new = ("people", "add", "--role", "staff")
    assert "lead" in run(*new, "--name", "Cy", "--new-secret-file", good, *bo).told
    assert "this name" in run(*new, "--name", "ADA", "--new-secret-file", good, *ada).told
    assert "too short" in run(*new, "--name", "Cy", "--new-secret-file", secret_file("abc"), *ada).told
    assert "letters" in run(*new, "--role", "Big Boss", "--name", "Cy", "--new-secret-file", good, *ada).told
    assert "--new-secret-file" in run(*new, "--name", "Cy", *ada).told
    assert "--as" in run(*new, "--name", "Cy", "--new-secret-file", good).told
    assert len(run("people", "list", "--json").data) == 2


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


def test_roles_take_the_place_of_those_before_and_the_last_lead_stays_one(run: Run, ada: Who) -> None:
    answer = run("people", "roles", "bo", "--role", "release", "--role", "prescriber", *ada)
    assert (answer.code, answer.out) == (0, "Bo has these roles now: prescriber, release\n")
    assert listed(run, "Bo")["roles"] == ["prescriber", "release"]
    assert "last lead" in run("people", "roles", "Ada", "--role", "staff", *ada).told
    assert "small letters" in run("people", "roles", "Bo", "--role", "Big Boss", *ada).told
    assert "nobody called “Nobody”" in run("people", "roles", "Nobody", "--role", "staff", *ada).told


def test_who_is_disabled_signs_in_no_more_and_is_for_good(run: Run, ada: Who, bo: Who) -> None:
    assert "last lead" in run("people", "disable", "Ada", *ada).told
    assert run("people", "disable", "Bo", *ada).out == "Bo may do nothing here any more.\n"
    assert listed(run, "Bo")["disabled"] is True
    assert ", disabled" in run("people", "list").out
    assert "may do nothing here any more" in run("walk", "short", *bo).told
    assert "for good" in run("people", "disable", "Bo", *ada).told
    assert "for good" in run("people", "roles", "Bo", "--role", "staff", *ada).told


def test_of_two_with_one_name_the_active_one_is_meant(run: Run, ada: Who, secret_file: SecretFile) -> None:
    run("people", "disable", "Bo", *ada)
    new = secret_file("six blind owls")
    assert run("people", "add", "--name", "Bo", "--role", "staff", "--new-secret-file", new, *ada).code == 0
    assert run("people", "roles", "Bo", "--role", "release", *ada).code == 0
    assert run("people", "disable", "Bo", *ada).code == 0
    ids = sorted(one["operator"] for one in run("people", "list", "--json").data if one["name"] == "Bo")
    told = run("people", "erase", "Bo", *ada).told
    assert f"give the id of one: {ids[0]}, {ids[1]}." in told


class TwoDaysLater(SystemClock):
    """The clock of the day after tomorrow."""

    @override
    def __call__(self) -> Moment:
        now = super().__call__()
        later = datetime.fromisoformat(now.at) + timedelta(days=2)
        return replace(now, at=f"{later:%Y-%m-%dT%H:%M:%S.%f}Z", boottime_ms=now.boottime_ms + 2 * 86_400_000)


def test_nobody_is_erased_before_their_time_and_then_wholly(
    run: Run, clinic: Path, ada: Who, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "still works here" in run("people", "erase", "Bo", *ada).told
    run("people", "disable", "Bo", *ada)
    assert "is kept until" in run("people", "erase", "Bo", *ada).told
    operator = str(listed(run, "Bo")["operator"])
    config = clinic / "clinic.toml"
    config.write_text(config.read_text("utf-8").replace('retention = "10y"', 'retention = "1d"'), "utf-8")
    monkeypatch.setattr(service, "SystemClock", TwoDaysLater)
    answer = run("people", "erase", operator, *ada)
    assert answer.code == 0, answer
    assert f"{operator} is erased" in answer.out
    (gone,) = [one for one in run("people", "list", "--json").data if one["operator"] == operator]
    assert (gone["name"], gone["erased"]) == (None, True)
    assert f"(erased), {operator}" in run("people", "list").out
    assert "erased already" in run("people", "erase", operator, *ada).told
    assert run("verify").code == 0
