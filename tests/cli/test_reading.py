"""`checklist log` and `checklist show`."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.state import RunState
from tests.cli.conftest import SECRETS
from tests.support.making import bring_into_force, header

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run, Who

LOG_KEYS = {"index", "station", "at", "kind", "run", "protocol", "step", "actor", "via", "data"}
SHOW_KEYS = {
    "run", "protocol", "subject", "session", "outcome", "deviations", "started", "ended", "steps", "findings",
    "attributed", "overrides",
}  # fmt: skip
STEP_KEYS = {
    "id", "state", "value", "unit", "input", "attempts", "by", "witness", "at", "seconds", "via", "reason", "entry",
    "signed", "signed_before", "tries",
}  # fmt: skip


@pytest.fixture
def walked(clinic: Path, ada: Who, run: Run) -> str:
    """A run of the short protocol that ended with one deviation."""
    typed = "\n20\nopened the door\n5\n"
    done = subprocess.run(
        [sys.executable, "-m", "checklist", "walk", "short", *map(str, ada)],
        input=typed, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert clinic.is_dir()
    started = run("log", "--kind", "run.started", "--json").data[0]
    return f"a#{started['index']}"


def test_the_log_is_a_list_with_its_keys_in_order(run: Run, walked: str) -> None:
    entries = run("log", "--json").data
    assert all(set(entry) >= LOG_KEYS for entry in entries)
    assert [entry["index"] for entry in entries] == list(range(len(entries)))
    lines = run("log", "--jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == entries
    assert len(run("log").out.splitlines()) == len(entries)
    assert walked


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        (["--run", "{run}"], 6),
        (["--run", "{run}", "--step", "two"], 3),
        (["--kind", "step.done"], 2),
        (["--protocol", "short"], 7),
        (["--actor", "ada", "--kind", "step.done"], 2),
        (["--actor", "Bo", "--kind", "step.done"], 0),
        (["--since", "2020-01-01", "--until", "2099-01-01", "--kind", "step.done"], 2),
        (["--until", "2020-01-01"], 0),
        (["--since", "2099-01-01T10:00"], 0),
    ],
)
def test_filters_narrow_the_log(run: Run, walked: str, filters: list[str], count: int) -> None:
    answer = run("log", "--json", *(part.replace("{run}", walked) for part in filters))
    found = answer.data
    assert len(found) == count, [entry["kind"] for entry in found]
    assert answer.code == (0 if count else 1)


def test_show_tells_the_story_with_its_keys(run: Run, walked: str) -> None:
    story = run("show", walked, "--json").data
    assert set(story) >= SHOW_KEYS
    assert all(set(step) >= STEP_KEYS for step in story["steps"])
    assert set(story["protocol"]) >= {"id", "version", "sha256"}
    two = story["steps"][1]
    assert (two["state"], two["value"], two["unit"], two["attempts"]) == ("done", "5", "Cel", 2)
    assert (story["outcome"], story["deviations"]) == ("complete", 1)
    text = run("show", walked)
    assert text.code == 0
    assert "): done, 5 °C, 2 attempts" in text.out
    assert "fail: " in text.out
    assert "by Ada" in text.out
    assert "Finding: too-fast" in text.out


RELEASE = (
    header("load-release", "Load release")
    + """
[[steps]]
id = "heat"
kind = "measure"
do = "Read the heat."
unit = "Cel"
limit = { min = 130, max = 140 }

[[steps]]
id = "second"
kind = "witness"
of = "heat"
do = "Read it for yourself."

[[steps]]
id = "release"
kind = "sign"
do = "Decide about the load."
meanings = ["released", "quarantined"]
"""
)


def test_show_keeps_what_was_given_and_signed_before_a_correction(run: Run, clinic: Path) -> None:
    with Clinic.open(Folder(clinic)) as opened:
        ada, bo = (opened.staff.prove(name, SECRETS[name.lower()], "line") for name in ("Ada", "Bo"))
        assert isinstance(ada, SignedIn)
        assert isinstance(bo, SignedIn)
        bring_into_force(opened, ada, "load-release", RELEASE)
        state = opened.begin("load-release", "", ada, "line")
        assert isinstance(state, RunState), state
        for command in (
            c.Give("heat", "135"),
            c.Witness("second", bo.person, "135"),
            c.Sign("release", ada.person, "released", ""),
            c.Correct("heat", Reason("mistake", "wrong display")),
            c.Give("heat", "131"),
            c.Witness("second", bo.person, "131"),
            c.Sign("release", ada.person, "quarantined", ""),
        ):
            state = opened.do(state.run, command, ada, "line")
            assert isinstance(state, RunState), state
        zone = opened.settings.clinic.timezone
    heat, second, release = run("show", state.run, "--json").data["steps"]
    assert [each["value"] for each in heat["tries"]] == [each["value"] for each in second["tries"]] == ["135", "131"]
    assert [each["meaning"] for each in (*release["signed_before"], release["signed"])] == ["released", "quarantined"]
    lines = run("show", state.run).out.splitlines()
    why = "corrected: mistake: wrong display"

    def shown(at: str) -> str:
        return f"{datetime.fromisoformat(at).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"

    assert f"    135 °C by Ada at {shown(heat['tries'][0]['at'])}, {why}" in lines
    assert f"    135 by Ada with Bo at {shown(second['tries'][0]['at'])}, {why}" in lines
    assert f"    released by Ada at {shown(release['signed_before'][0]['at'])}, {why}" in lines
    assert [line for line in lines if why in line and line.startswith("    ")] == [
        line for line in lines if line.startswith(("    135", "    released"))
    ]
    assert any(line.startswith("    signed: Ada, ") and "quarantined" in line for line in lines)


@pytest.mark.usefixtures("clinic")
def test_an_unknown_run_is_not_found_and_that_is_an_answer(run: Run) -> None:
    answer = run("show", "a#77777")
    assert (answer.code, answer.out) == (1, "")
    assert "no run" in answer.err
