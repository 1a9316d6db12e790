"""`checklist clear`: recorded with a receipt, passed by two, and what was passed is told ever after in that visit."""

from __future__ import annotations

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
