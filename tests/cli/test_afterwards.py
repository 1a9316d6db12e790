"""`checklist attribute` and `checklist remark`, and an emergency that is walked before anybody signs in."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.making import header

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run, Who

SIREN = (
    header("siren", "Siren", category="emergency")
    + """
[[steps]]
id = "call"
kind = "confirm"
do = "Call for help."
expect = "somebody comes"
"""
)


@pytest.fixture
def emergency(run: Run, clinic: Path, ada: Who) -> str:
    """A run that was walked to its end while nobody was signed in."""
    (clinic / "protocols" / "siren.toml").write_text(SIREN, "utf-8")
    assert run("protocol", "adopt", "siren", *ada).code == 0
    done = subprocess.run(
        [sys.executable, "-m", "checklist", "walk", "siren"],
        input="\n", capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "NOT SIGNED IN" in done.stdout
    (started,) = run("log", "--kind", "run.started", "--json").data
    assert (started["actor"], started["via"]) == (None, "pipe")
    return f"a#{started['index']}"


def test_an_emergency_waits_for_nobody_and_is_attributed_once(run: Run, emergency: str, ada: Who, bo: Who) -> None:
    (waiting,) = run("board", "--json").data["unattributed"]
    assert (waiting["run"], waiting["protocol"]) == (emergency, "siren")
    shown = run("board").out
    assert "WHO DID THIS? Siren, clinic, since " in shown
    assert f": checklist attribute {emergency}" in shown
    assert waiting["since"] not in shown
    before = run("show", emergency)
    assert "by nobody who signed in" in before.out
    assert "Finding: unattributed" in before.out
    done = run("attribute", emergency, *bo)
    assert (done.code, done.out) == (0, f"Run {emergency}: done by Bo, as they have said themselves afterwards.\n")
    assert "that is said once" in run("attribute", emergency, *ada).told
    assert run("board", "--json").data["unattributed"] == []
    after = run("show", emergency)
    assert "somebody comes" not in after.err
    assert "by Bo (attributed afterwards)" in after.out
    assert "unattributed" not in after.out
    story = run("show", emergency, "--json").data
    assert story["attributed"]["name"] == "Bo"
    assert story["steps"][0]["by"] is None
    assert run("verify").code == 0


def test_only_an_emergency_is_walked_by_nobody(run: Run, emergency: str) -> None:
    assert "--as OPERATOR" in run("walk", "short").told
    assert "--as OPERATOR" in run("attribute", emergency).told
    assert "visit" in run("walk", "siren", "--session", "new").told


def test_an_emergency_that_was_left_goes_on_by_nobody_until_somebody_stands_for_it(
    run: Run, emergency: str, bo: Who
) -> None:
    assert run("walk", "siren").code == 1  # the input ended at once: a pause
    left = run("board", "--json").data["open"][0]["run"]
    assert left != emergency
    assert "nobody signed in, paused" in run("board").out
    assert run("resume", left).code == 1
    assert run("attribute", left, *bo).code == 0
    assert "--as OPERATOR" in run("resume", left).told
    assert run("resume", left, *bo).code == 1


def test_a_run_that_needs_no_name_or_is_not_there_is_told(run: Run, clinic: Path, ada: Who) -> None:
    assert run("walk", "short", *ada).code == 1
    mine = run("board", "--json").data["open"][0]["run"]
    assert "begun by somebody who had signed in" in run("attribute", mine, *ada).told
    assert "no run" in run("attribute", "a#99999", *ada).told
    assert clinic.is_dir()


def test_a_remark_stands_in_the_record_without_its_words(run: Run, clinic: Path, bo: Who) -> None:
    answer = run("remark", "a#1", "looks", "odd", *bo)
    assert answer.code == 0
    (entry,) = run("log", "--kind", "remarked", "--json").data
    assert answer.out == f"Remarked on a#1, as entry a#{entry['index']}.\n"
    assert (entry["data"]["of"]["station"], entry["data"]["of"]["index"]) == ("a", 1)
    assert "odd" not in str(entry)
    assert "no entry" in run("remark", "a#99999", "x", *bo).told
    assert "no entry" in run("remark", "nonsense", "x", *bo).told
    assert "at most" in run("remark", "a#1", "x" * 9000, *bo).told
    assert "in words" in run("remark", "a#1", " ", *bo).told
    assert "--as" in run("remark", "a#1", "x").told
    assert clinic.is_dir()
