"""A run that is entered from a sheet, through the one door: what the record keeps of it, and that every view agrees."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.checking import verify_clinic
from checklist.clinic.record import show
from checklist.run import commands as c
from checklist.run.marks import Outcome
from checklist.run.paper import Paper
from checklist.run.reading import Refusal
from checklist.run.state import RunState

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit

    Enter = Callable[..., RunState | Refusal]

WRITTEN = Paper("2031-03-11T07:00:00Z", "2031-03-11T07:20:00Z")


@pytest.fixture
def enter(house: House, clinic: Clinic, kit: Kit) -> Enter:
    """Enter a sheet on the day after the protocols were adopted; it bears the digest of the one in force."""
    house.clock.advance(24 * 3600)

    def entering(
        protocol: str, paper: Paper = WRITTEN, sheet: str | None = None, by: str = "Ben"
    ) -> RunState | Refusal:
        foot = digest(clinic, protocol) if sheet is None else sheet
        who = kit.who(clinic, by) if by else None
        return clinic.begin(protocol, "", who, "tui", paper=paper, sheet=foot)

    return entering


def digest(clinic: Clinic, protocol: str) -> str:
    """What stands at the foot of a sheet that is printed now."""
    return clinic.library.digest_in_force(clinic.ledger, protocol)[:12]


def begun(found: RunState | Refusal) -> RunState:
    assert isinstance(found, RunState), found
    return found


def refused(found: RunState | Refusal) -> Refusal:
    assert isinstance(found, Refusal), found
    return found


def test_it_is_walked_and_read_back_with_the_times_of_the_sheet(
    house: House, clinic: Clinic, kit: Kit, enter: Enter
) -> None:
    run = begun(enter("today")).run
    kit.do(clinic, run, c.Confirm("wash"), by="Ben")
    state = kit.do(clinic, run, c.Confirm("look"), by="Ben")
    assert (state.outcome, state.paper) == (Outcome.COMPLETE, WRITTEN)
    assert clinic.run(run) == state, "the same from the file as it was live"
    shown = show(clinic, run)
    assert shown["paper"] == {"began": WRITTEN.began, "ended": WRITTEN.ended}
    assert shown["findings"] == [], "twenty seconds are asked for, and nobody says how long it took"
    assert {entry.via for entry in clinic.run_entries(run)} == {"transcribed"}
    assert verify_clinic(house.folder).result == "clean"


def test_a_run_of_the_day_says_null(clinic: Clinic, kit: Kit) -> None:
    assert show(clinic, kit.walk_short(clinic).run)["paper"] is None


def test_times_that_cannot_be_leave_no_run(clinic: Clinic, enter: Enter) -> None:
    size = clinic.ledger.size
    for paper in (Paper(WRITTEN.ended, WRITTEN.began), Paper(WRITTEN.began, "2031-03-12T07:00:00Z")):
        assert refused(enter("short", paper)).code == "paper"
    assert clinic.ledger.size == size


def test_who_may_not_walk_it_may_not_enter_its_sheet(enter: Enter) -> None:
    for who in ("Otto", ""):
        assert isinstance(enter("short", by=who), Refusal)


# -- which text it is --------------------------------------------------------------------------------------


def test_the_run_is_of_the_text_that_the_sheet_was_printed_from(
    house: House, clinic: Clinic, kit: Kit, enter: Enter
) -> None:
    printed_then = digest(clinic, "short")
    text = (house.folder.protocols / "short.toml").read_text("utf-8")
    newer = text.replace("1.0.0", "1.1.0").replace("Look around.", "Look behind you.")
    house.add_protocol("short", newer, clinic, kit.who(clinic, "Lea"))
    state = begun(enter("short", sheet=printed_then.upper()))
    assert (state.protocol.version, state.sha256[:12]) == ("1.0.0", printed_then)
    kit.do(clinic, state.run, c.Confirm("wash"), by="Ben")
    assert kit.do(clinic, state.run, c.Confirm("look"), by="Ben").outcome is Outcome.COMPLETE
    early = refused(enter("short", sheet=digest(clinic, "short")))
    assert "before its text was adopted here" in early.message


def test_a_sheet_that_does_not_say_its_text_or_is_of_another_is_not_entered(clinic: Clinic, enter: Enter) -> None:
    size, own = clinic.ledger.size, digest(clinic, "short")
    for foot in ("", own[:11], "soon", "0" * 12, digest(clinic, "today"), own + "%"):
        assert refused(enter("short", sheet=foot)).code == "sheet", foot
    assert clinic.ledger.size == size


# -- once --------------------------------------------------------------------------------------------------


def test_a_sheet_is_entered_once(clinic: Clinic, kit: Kit, enter: Enter) -> None:
    first = begun(enter("short"))
    assert f"as run {first.run}:" in refused(enter("short")).message
    kit.do(clinic, first.run, c.Confirm("wash"), by="Ben")
    kit.do(clinic, first.run, c.Confirm("look"), by="Ben")
    assert refused(enter("short", by="Lea")).code == "entered"
    begun(enter("today"))
    begun(enter("short", replace(WRITTEN, began="2031-03-11T07:05:00Z")))


def test_a_sheet_whose_run_was_abandoned_is_entered_anew(house: House, clinic: Clinic, kit: Kit, enter: Enter) -> None:
    first = begun(enter("short"))
    kit.do(clinic, first.run, c.Abandon(kit.mistake), by="Ben")
    second = begun(enter("short"))
    assert second.run in refused(enter("short")).message
    assert verify_clinic(house.folder).result == "clean"
