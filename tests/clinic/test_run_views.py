"""The tables about runs: what was overridden is marked for the whole visit, and for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.plan.board import board
from checklist.clinic.record import show
from checklist.clinic.run_views import Overridden
from checklist.clinic.views import VIEWS
from checklist.run import commands as c
from tests.support.rebuilding import rebuild_views

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit


def overridden_visit(clinic: Clinic, kit: Kit, session: str) -> str:
    """A run of the visit in which Ben, with Lea, passed the first step all the same."""
    run = kit.begin(clinic, "visit", by="Ben", session=session)
    kit.do(clinic, run, c.Override("wash", kit.because, kit.who(clinic, "Lea").person), by="Ben")
    return run


def session(clinic: Clinic, kit: Kit) -> str:
    return str(clinic.session("new", kit.who(clinic, "Lea"), "tui"))


def test_an_override_is_seen_in_every_run_of_its_visit_and_in_no_other(clinic: Clinic, kit: Kit) -> None:
    visit, other = session(clinic, kit), session(clinic, kit)
    run = overridden_visit(clinic, kit, visit)
    later = kit.begin(clinic, "visit", session=visit)
    elsewhere = [kit.begin(clinic, "visit", session=other), kit.begin(clinic, "short")]
    at = clinic.run(run).steps["wash"].at
    place = next(entry.place for entry in clinic.run_entries(run) if entry.kind == "step.overridden")
    ben, lea = kit.who(clinic, "Ben").id, kit.who(clinic, "Lea").id
    told = Overridden(run, "Visit", "wash", ben, lea, str(at), place, reviewed=False)
    assert clinic.overrides(clinic.run(run)) == clinic.overrides(clinic.run(later)) == (told,)
    assert show(clinic, later)["overrides"] == [told.data()]
    for each in elsewhere:
        assert clinic.overrides(clinic.run(each)) == ()
    shown = board(clinic)
    assert {row.run: row.overridden for row in shown.glance.open} == {run: 1, later: 1, **dict.fromkeys(elsewhere, 0)}
    assert [row.overridden for row in shown.open] == [row.overridden for row in shown.glance.open]


def test_a_run_without_a_visit_shows_its_own(clinic: Clinic, kit: Kit) -> None:
    one, other = kit.begin(clinic, "short", by="Ben"), kit.begin(clinic, "short", by="Ben")
    kit.do(clinic, one, c.Override("wash", kit.because, kit.who(clinic, "Lea").person), by="Ben")
    kit.do(clinic, one, c.Confirm("look"), by="Ben")
    assert len(clinic.overrides(clinic.run(one))) == 1
    assert clinic.overrides(clinic.run(other)) == ()
    assert [(row.run, row.overridden) for row in board(clinic).ended] == [(one, 1)]


def test_a_correction_does_not_take_the_mark_away(house: House, clinic: Clinic, kit: Kit) -> None:
    run = overridden_visit(clinic, kit, session(clinic, kit))
    kit.do(clinic, run, c.Correct("wash", kit.mistake), by="Ben")
    kit.do(clinic, run, c.Confirm("wash"), by="Ben")
    again = house.open()
    assert len(again.overrides(again.run(run))) == 1
    assert rebuild_views(again.ledger, VIEWS) == []
