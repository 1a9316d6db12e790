"""A visit is not closed over a run of it that is still open: nobody could finish that any more."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.visits.clearing import Answer
from checklist.run import commands as c
from tests.support.making import bring_into_force, header
from tests.support.tiny_visit import OPENING, clear, look, ready, tiny_clinic

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit


@pytest.fixture
def clinic(house: House, kit: Kit) -> Clinic:
    opened = tiny_clinic(house, kit)
    text = header("set-up", "Set up", "session", category="treatment") + OPENING
    bring_into_force(opened, kit.who(opened, "Lea"), "set-up", text)
    return opened


def started(kit: Kit, clinic: Clinic) -> str:
    session = ready(kit, clinic)
    answer = clear(kit, clinic, session)
    assert isinstance(answer, Answer)
    assert answer.clearance.decision == "GO"
    return session


def closes(kit: Kit, clinic: Clinic, session: str) -> Answer:
    answer = clear(kit, clinic, session, "close")
    assert isinstance(answer, Answer), answer
    return answer


@pytest.mark.parametrize("paused", [False, True])
def test_an_open_run_is_named_and_gone_on_with_before_the_visit_is_closed(
    clinic: Clinic, kit: Kit, *, paused: bool
) -> None:
    session = started(kit, clinic)
    run = kit.begin(clinic, "set-up", session=session)
    if paused:
        kit.do(clinic, run, c.Pause())
    refused = closes(kit, clinic, session).clearance
    assert refused.decision == "NO-GO"
    (left,) = refused.missing
    assert left.why == "“Set up”, begun at 10:01, is not finished."
    assert left.evidence == (run,)
    assert left.start is not None
    assert left.start.run == run
    assert clinic.ledger.query("SELECT closed FROM session WHERE id = ?", (session,)) == [(None,)]
    if paused:
        kit.do(clinic, run, c.Resume())
    kit.do(clinic, run, c.Abandon(kit.mistake))
    assert closes(kit, clinic, session).clearance.decision == "GO"


def test_a_run_of_another_visit_and_what_may_go_on_later_hold_up_nothing(clinic: Clinic, kit: Kit) -> None:
    session = started(kit, clinic)
    kit.begin(clinic, "set-up", session=started_another(kit, clinic))
    kit.begin(clinic, "adverse-event", session=session)
    assert look(clinic, session, "close") == {"cleared": True}


def test_where_it_cannot_be_read_when_a_run_was_begun_nobody_can_say(clinic: Clinic, kit: Kit, house: House) -> None:
    session = started(kit, clinic)
    run = kit.begin(clinic, "set-up", session=session)
    with closing(sqlite3.connect(house.folder.ledger)) as db, db:
        db.execute("UPDATE run SET started = 'soon' WHERE run = ?", (run,))
    told = closes(kit, clinic, session).clearance
    assert told.decision == "UNKNOWN"
    (left,) = told.missing
    assert left.why.startswith("What of this visit is not finished cannot be looked up.")


def started_another(kit: Kit, clinic: Clinic) -> str:
    found = clinic.session("new", kit.who(clinic, "Lea"), "tui")
    assert isinstance(found, str)
    return found
