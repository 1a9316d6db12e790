"""`checklist clear`: recorded with a receipt, passed by two, and what was passed is told ever after in that visit."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from tests.support.small_gate import a_load, a_visit, add_small_gate

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run, Who

REFERENCE = "4711-A"


@pytest.fixture
def gated(clinic: Path) -> Path:
    """A visit that lacks only the room and the name of whoever performs."""
    with Clinic.open(Folder(clinic)) as opened:
        lead = opened.staff.prove("Ada", "three blind mice", "line")
        assert isinstance(lead, SignedIn)
        add_small_gate(opened, lead)
        a_visit(opened, lead, a_load(opened, lead), REFERENCE)
    return clinic


@pytest.mark.usefixtures("gated")
def test_what_two_have_passed_is_told_by_every_later_answer_and_run_of_that_visit(run: Run, ada: Who, bo: Who) -> None:
    asked = ("clear", "small", "--room", "room-1", "--session", REFERENCE)
    looked = run(*asked)
    assert looked.code == 1
    assert "NO-GO: small, room=room-1" in looked.out
    assert "Overridden" not in looked.out
    bo_too = ("--witness", "Bo", "--witness-secret-file", bo[3])
    assert run(*asked, "--override", "the patient cannot wait", *ada, *bo_too).code == 1
    told = run(*asked)
    assert "/O\\ Overridden: the gate of “A small procedure”, as entry a#" in told.out
    assert "; not reviewed yet." in told.out
    (passed,) = run(*asked, "--json").data["overridden"]
    assert (passed["run"], passed["step"], passed["reviewed"]) == (None, None, False)
    opening = run("log", "--kind", "run.started", "--json").data[-1]
    (shown,) = run("show", f"a#{opening['index']}", "--json").data["overrides"]
    assert shown == passed
    story = run("show", passed["entry"]).out
    assert "OVERRIDDEN by Ada with Bo, " in story
    assert ": the patient cannot wait" in story
    assert "NO-GO: small 1.0.0, room=room-1, visit " in story
    assert "<X> not met: " in story
    run("findings")
    (waiting,) = run("review", "override").out.splitlines()
    assert waiting.startswith(f"override-unreviewed@{passed['entry']}  ")


@pytest.mark.usefixtures("gated")
def test_what_is_to_be_started_is_named_with_its_visit_as_walk_takes_it(run: Run, clinic: Path) -> None:
    with Clinic.open(Folder(clinic)) as opened:
        lead = opened.staff.prove("Ada", "three blind mice", "line")
        assert isinstance(lead, SignedIn)
        visit = opened.session("new", lead, "line")
    told = run("clear", "small", "--room", "room-1", "--session", visit).out
    assert f"--session {visit}" in told
    assert "--subject session=" not in told
    assert "--subject room=room-1" in told


@pytest.mark.usefixtures("gated")
def test_what_is_met_names_the_entries_that_prove_it_within_the_width_of_the_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("clear", "small", "--room", "room-1", "--session", REFERENCE)
    judged = {one["id"]: one for one in run(*asked, "--json").data["requirements"]}
    (place,) = judged["opening"]["evidence"]
    lines = run(*asked).out.splitlines()
    (told,) = [line for line in lines if line.startswith("[x] opening:")]
    assert told == f"[x] opening: {judged['opening']['why']} ({place})"
    assert max(map(len, lines)) > 60
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr("checklist.cli.clearing.output_is_terminal", lambda: True)
    wrapped = run(*asked).out.splitlines()
    assert max(map(len, wrapped)) <= 60
    assert " ".join(line.strip() for line in wrapped) == " ".join(line.strip() for line in lines)


@pytest.mark.usefixtures("gated")
def test_a_visit_leads_to_the_room_that_its_gate_was_asked_about(run: Run, ada: Who) -> None:
    visit = run("log", "--kind", "session.opened", "--json").data[-1]["data"]["session"]
    assert "Room: " not in run("trace", "visit", visit).out
    assert run("clear", "small", "--room", "room-1", "--session", REFERENCE, *ada).code == 1
    assert "Room: room-1\n" in run("trace", "visit", visit).out


@pytest.mark.usefixtures("gated")
def test_a_room_traced_since_a_day_names_no_visit_of_before(run: Run, ada: Who) -> None:
    assert run("clear", "small", "--room", "room-1", "--session", REFERENCE, *ada).code == 1
    (asked,) = run("log", "--kind", "cleared", "--json").data
    day = date.fromisoformat(asked["at"][:10])
    for since, visits, procedures in (
        (day - timedelta(days=1), [asked["data"]["session"]], ["small"]),
        (day + timedelta(days=2), [], []),
    ):
        found = run("trace", "room", "room-1", "--since", since, "--json").data
        assert (found["sessions"], found["procedures"]) == (visits, procedures)
