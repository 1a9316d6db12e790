"""`checklist protocol simulate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.protocol.library import shipped, shipped_folder
from tests.support.making import header

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

DEAD = """
[[steps]]
id = "hot"
kind = "measure"
do = "Read it."
unit = "Cel"
decimals = 0
limit = { min = 134.2, max = 134.3 }
hold = true
[[steps]]
id = "branch"
kind = "confirm"
do = "Go on."
expect = "done"
when = { step = "hot", is = "200" }
"""
FROM_PROFILE = """
[[steps]]
id = "wait"
kind = "timer"
do = "Wait."
at_least = { profile = "waiting" }
"""


@pytest.fixture
def dead(tmp_path: Path) -> Path:
    path = tmp_path / "dead.toml"
    path.write_text(header("dead", "Dead end") + DEAD, "utf-8")
    return path


def test_the_protocol_in_force_is_walked_to_its_ends(run: Run, clinic: Path) -> None:
    answer = run("protocol", "simulate", "short")
    assert answer.code == 0
    assert answer.out.splitlines() == [
        "Short (short 1.0.0): 2 steps",
        "It can end: complete, complete-except-deferred, failed, abandoned.",
        "Every step is reached.",
        "There is no dead end.",
        "As written: 2 steps, at least 1 min (60 s).",
        "  1. one: done",
        "  2. two: done, 5.0",
        "Loophole: it ends complete, with deviations, though nothing was read. What lets it through:",
        "  two",
        "  1. one: skipped",
        "  2. two: skipped",
        "Add hold = true to each of these that nobody may leave out: two.",
    ]
    assert clinic.is_dir()


def test_json_has_stable_keys(run: Run, clinic: Path) -> None:
    told = run("protocol", "simulate", clinic / "protocols" / "short.toml", "--json").data
    assert told["protocol"]["id"] == "short"
    assert told["sound"] is True
    assert told["minimum_seconds"] == 60
    assert told["loophole"] == ["two"]
    assert told["as_written"]["steps"] == [
        {"id": "one", "state": "done", "value": None},
        {"id": "two", "state": "done", "value": "5.0"},
    ]
    assert told["fewest_readings"]["readings"] == []
    assert told["answers"] == {}
    assert told["paths"][:2] == [
        {"way": "as-written", "step": None, "outcome": "complete", "answers": {}},
        {"way": "skip", "step": "one", "outcome": "complete", "answers": {}},
    ]
    assert told["unreachable"] == told["only_by_deviation"] == told["dead_ends"] == []
    assert told["outcomes"] == ["complete", "complete-except-deferred", "failed", "abandoned"]


def test_what_is_wrong_is_told_and_exits_with_1(run: Run, dead: Path) -> None:
    answer = run("protocol", "simulate", dead)
    assert answer.code == 1
    assert "Reached only after another step was left out or failed: branch. Let an answer that" in answer.out
    assert "Dead end at “hot”: nothing that can be answered passes. What is left: override, fail. Widen" in answer.out
    assert "No run ends complete as written. Mend " in answer.out
    told = run("protocol", "simulate", dead, "--json")
    assert told.code == 1
    assert told.data["dead_ends"] == [{"step": "hot", "why": "no-answer", "left": ["override", "fail"]}]
    assert told.data["minimum_seconds"] is told.data["as_written"] is None


def test_what_cannot_be_simulated_is_a_misuse(run: Run, clinic: Path, tmp_path: Path) -> None:
    assert "there are" in run("protocol", "simulate", "nonsense").told
    assert "nowhere.toml" in run("protocol", "simulate", clinic / "nowhere.toml").told
    profile = tmp_path / "profile.toml"
    profile.write_text(header("profile", "Profile") + FROM_PROFILE, "utf-8")
    assert '"waiting"' in run("protocol", "simulate", profile).told


ASKS = """
[procedure]
id = "touch-up"
title = "Touch-up"
version = "1.0.0"
purpose = "Try what a run is good for."
[[requires]]
id = "made-ready"
protocol = "short"
tolerates = ["one"]
[[requires]]
id = "felt-well"
answer = { protocol = "asks", step = "well", is = ["yes"] }
"""
ASKED = """
[[steps]]
id = "well"
kind = "choice"
do = "Ask whether they feel well."
options = [{ value = "yes", verdict = "pass" }, { value = "no", verdict = "pass" }]
[[steps]]
id = "tidy"
kind = "confirm"
do = "Tidy up."
expect = "nothing lies about"
"""


def test_what_a_procedure_gets_from_each_path_is_told(run: Run, clinic: Path) -> None:
    folder = clinic / "protocols" / "procedures"
    folder.mkdir(exist_ok=True)
    (folder / "touch-up.toml").write_text(ASKS, "utf-8")
    asks = clinic / "protocols" / "asks.toml"
    asks.write_text(header("asks", "Asks") + ASKED, "utf-8")
    spite = "in spite of one (skip, not-applicable, defer, override)"
    assert f"  touch-up/made-ready: satisfied as written, and {spite}." in run("protocol", "simulate", "short").out
    answer = run("protocol", "simulate", asks)
    assert "  touch-up/felt-well: satisfied as written where “well” is yes." in answer.out.splitlines()
    told = run("protocol", "simulate", asks, "--json").data
    assert told["answers"] == {"well": ["yes", "no"]}
    assert told["requirements"] == [
        {
            "id": "touch-up/felt-well",
            "answer": {"step": "well", "is": ["yes"]},
            "as_written": True,
            "also": [],
        }
    ]
    (folder / "touch-up.toml").write_text("nonsense", "utf-8")
    assert run("protocol", "simulate", "short", "--json").data["requirements"] == []


def test_two_walks_of_one_file_are_told_in_the_same_words(run: Run) -> None:
    path = next(path for path in sorted(shipped_folder().glob("*/*.toml")) if path.stem in shipped())
    first = run("protocol", "simulate", path)
    assert first.code == 0
    assert run("protocol", "simulate", path).out == first.out


def test_a_protocol_is_walked_with_the_values_of_a_profile(run: Run, clinic: Path) -> None:
    assert run("protocol", "simulate", "steriliser-load", "--clinic", clinic).code == 0
    assert run("protocol", "simulate", "steriliser-load", "--profile", "uk").code == 0
    refused = run("protocol", "simulate", "steriliser-load", "--profile", "atlantis")
    assert refused.code == 2
    assert "There is no profile “atlantis”; there are: " in refused.told
