"""What was walked on paper is entered later, by name: it counts from when it was written, and no clock of ours judges
how long somebody took to type it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.ledger.entry import Draft
from checklist.run import commands as c
from checklist.run.marks import Outcome, Status
from checklist.run.paper import Paper, from_paper, paper_of, read_paper, read_span
from checklist.run.reading import Refusal
from checklist.run.walk import start

if TYPE_CHECKING:
    from tests.run.conftest import Kit, StepTable, Walk

WRITTEN = Paper("2026-11-21T13:10:00Z", "2026-11-21T13:35:00Z")
BERLIN = "Europe/Berlin"


def entered(kit: Kit, *steps: StepTable, **header: object) -> Walk:
    """A sheet that was written yesterday, entered now."""
    return kit.walk(*steps, paper=WRITTEN, **header)  # type: ignore[arg-type]


# -- the run -----------------------------------------------------------------------------------------------


def test_every_entry_is_transcribed_and_the_run_says_when_it_was_written(kit: Kit) -> None:
    walk = entered(kit, kit.a.confirm("wash"), kit.a.measure("heat"), kit.a.sign("release"))
    assert walk.last("run.started")["paper"] == {"began": WRITTEN.began, "ended": WRITTEN.ended}
    assert walk.state.paper == WRITTEN
    walk.do(c.Pause())
    walk.do(c.Resume(), kit.staff.ben)
    ben = kit.staff.ben
    walk.do(c.Confirm("wash"), ben)
    walk.give("heat", "129", ben)
    walk.do(c.Remark("heat", "words-commitment"), ben)
    walk.give("heat", "134.2", ben)
    walk.do(c.Sign("release", kit.staff.rita.person, "released", "name-commitment"), ben)
    assert walk.state.outcome is Outcome.COMPLETE
    assert {entry.via for entry in walk.entries} == {"transcribed"}
    assert walk.step("wash").by == "u_ben", "whoever enters it says so; nobody else's name is used"


def test_a_run_that_was_not_on_paper_says_nothing_of_it(kit: Kit) -> None:
    walk = kit.walk(kit.a.confirm("wash"))
    assert walk.state.paper is None
    assert "paper" not in walk.last("run.started")


@pytest.mark.parametrize("told", [{}, {"began": "2026"}, {"began": "soon", "ended": "late"}, {"began": "2026-11-21"}])
def test_times_that_are_none_are_not_taken_for_a_sheets(told: dict[str, str]) -> None:
    assert paper_of({"paper": {**told}}) is None


def test_how_long_the_typing_took_is_not_recorded(kit: Kit) -> None:
    walk = entered(kit, kit.a.confirm("wash", at_least="2m"), kit.a.confirm("dry"))
    walk.do(c.Confirm("wash"))
    assert walk.status("wash") is Status.DONE
    assert walk.step("wash").ms is None
    assert "ms" not in walk.last("step.done")


# -- timers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["3:20", "3m20s", "200s", "3 min 20 s", "0:03:20", " 3M20S "])
def test_a_measured_time_is_typed_and_judged(kit: Kit, typed: str) -> None:
    walk = entered(kit, kit.a.timer("soak", at_most="10m"), kit.a.confirm("dry"))
    walk.give("soak", typed)
    done = walk.last("step.done")
    assert (done["value"], done["unit"], done["input"]) == ("200", "s", "typed")
    assert walk.status("soak") is Status.DONE


@pytest.mark.parametrize("typed", ["2:59", "0s", "10:01", "25:00"])
def test_too_short_or_too_long_a_time_has_failed_as_on_paper(kit: Kit, typed: str) -> None:
    walk = entered(kit, kit.a.timer("soak", at_most="10m"), kit.a.confirm("dry"))
    walk.give("soak", typed)
    assert walk.last("step.attempted")["verdict"] == "fail"
    assert walk.refused(c.Give("soak", "3:20")) == "owed"
    walk.remark("soak")
    walk.give("soak", "3:00")
    assert walk.status("soak") is Status.DONE
    assert walk.state.deviations == 1


def test_a_time_shorter_than_the_label_says_has_failed_as_on_paper(kit: Kit) -> None:
    label = kit.a.measure("label", unit="s", limit=None, expected={"min": 30, "max": 600}, decimals=0)
    soak = kit.a.timer("soak", at_least="30s", at_most="15m", at_least_as="label")
    walk = entered(kit, label, soak, kit.a.confirm("dry"))
    walk.give("label", "60")
    walk.give("soak", "34s")
    assert walk.last("step.attempted")["verdict"] == "fail"
    walk.remark("soak")
    walk.give("soak", "1:00")
    assert walk.status("soak") is Status.DONE


@pytest.mark.parametrize("typed", ["26:00", "1h", "99h"])
def test_no_time_is_longer_than_the_sheet_took(kit: Kit, typed: str) -> None:
    """It was written from 14:10 to 14:35, to the minute."""
    walk = entered(kit, kit.a.timer("soak"), kit.a.timer("rest"), kit.a.confirm("dry"))
    assert walk.refused(c.Give("soak", typed)) == "beyond-sheet"
    walk.give("soak", "25:59")
    walk.give("rest", "25:59")
    assert walk.state.deviations == 0, "two timers may have run side by side"


def test_whoever_writes_the_seconds_means_them(kit: Kit) -> None:
    paper = Paper("2026-11-21T13:10:00Z", "2026-11-21T13:13:20Z")
    walk = kit.walk(kit.a.timer("soak"), kit.a.confirm("dry"), paper=paper)
    assert walk.refused(c.Give("soak", "3:21")) == "beyond-sheet"
    walk.give("soak", "3:20")
    assert walk.status("soak") is Status.DONE


@pytest.mark.parametrize(
    ("ended", "latest"),
    [("13:13:00Z", "13:13:59.999999"), ("13:13:20Z", "13:13:20.999999")],
)
def test_a_sheet_ends_with_the_last_moment_of_what_was_written(ended: str, latest: str) -> None:
    paper = Paper("2026-11-21T13:10:00Z", f"2026-11-21T{ended}")
    assert paper.latest() == datetime.fromisoformat(f"2026-11-21T{latest}+00:00")


def test_a_failed_time_stops_the_run_where_the_protocol_says_so(kit: Kit) -> None:
    walk = entered(kit, kit.a.timer("soak", on_fail={"stop": True}), kit.a.confirm("dry"))
    walk.give("soak", "1:00")
    assert walk.state.outcome is Outcome.FAILED


@pytest.mark.parametrize("typed", ["200", "3.20", "soon", "3:99", "", "-3:20", "3m20", "٣:٢٠", "9" * 400 + "s"])
def test_what_is_no_time_is_refused_with_what_would_be(kit: Kit, typed: str) -> None:
    walk = entered(kit, kit.a.timer("soak"))
    assert walk.refused(c.Give("soak", typed)) == "not-a-time"


def test_no_timer_runs_for_what_is_past(kit: Kit) -> None:
    walk = entered(kit, kit.a.timer("soak"))
    assert walk.refused(c.StartTimer("soak")) == "paper"
    assert walk.refused(c.EndTimer("soak")) == "not-started"
    assert walk.tick() == []


def test_a_timer_of_a_live_run_takes_no_typed_time(kit: Kit) -> None:
    walk = kit.walk(kit.a.timer("soak"))
    assert walk.refused(c.Give("soak", "3:20")) == "wrong-kind"
    walk.do(c.StartTimer("soak"))
    assert walk.refused(c.Give("soak", "3:20")) == "wrong-kind"


@given(st.text(max_size=20))
def test_no_text_breaks_the_reading_of_a_time(typed: str) -> None:
    found = read_span(typed)
    assert isinstance(found, Refusal) or found >= 0


# -- what else differs -------------------------------------------------------------------------------------


def test_a_label_must_have_been_in_date_when_the_sheet_was_written(kit: Kit) -> None:
    """The clinic's day of the sheet was the 21st; today is the 22nd."""
    walk = entered(kit, kit.a.scan("cartridge"), kit.a.confirm("dry"))
    walk.give("cartridge", "lot=A1 expiry=2026-11-20")
    assert walk.last("step.attempted")["verdict"] == "fail"
    walk.remark("cartridge")
    walk.give("cartridge", "lot=A2 expiry=2026-11-21")
    assert walk.status("cartridge") is Status.DONE


def test_a_second_person_still_needs_their_own_secret_and_was_not_blind(kit: Kit) -> None:
    walk = entered(kit, kit.a.choice("strip"), kit.a.witness("second", "strip"))
    walk.give("strip", "turned")
    assert walk.refused(c.Witness("second", kit.staff.anna.person, "turned")) == "same-person"
    walk.do(c.Witness("second", kit.staff.ben.person, "turned"))
    assert walk.last("witnessed")["blind"] is False
    assert walk.state.outcome is Outcome.COMPLETE


def test_a_second_person_who_is_away_is_put_off(kit: Kit) -> None:
    walk = entered(kit, kit.a.choice("strip"), kit.a.witness("second", "strip"))
    walk.give("strip", "turned")
    walk.do(c.Defer("second", "2026-11-23T10:00:00Z", kit.because))
    assert walk.state.outcome is Outcome.COMPLETE_EXCEPT_DEFERRED


def test_a_number_is_given_as_ever(kit: Kit) -> None:
    walk = entered(kit, kit.a.assign("number"))
    walk.do(c.Assign("number", {"load": "20261122-01"}))
    assert walk.step("number").input == "assigned"


# -- who, and when -----------------------------------------------------------------------------------------


def begun(kit: Kit, paper: Paper, category: str = "clinic", *, signed_in: bool = True) -> str:
    """What comes of beginning: the refusal's code, or nothing."""
    protocol = kit.protocol(kit.a.confirm("wash"), category=category)
    author = (kit.staff.anna if signed_in else kit.staff.nobody).author
    found = start(protocol, "ab" * 32, "room=room-1", None, author, kit.clock().now(), paper=paper)
    return "" if isinstance(found, Draft) else found.code


def test_even_the_sheet_of_an_emergency_is_entered_by_name(kit: Kit) -> None:
    assert begun(kit, WRITTEN, "emergency", signed_in=False) == "sign-in"
    assert begun(kit, WRITTEN, "emergency") == ""


@pytest.mark.parametrize(
    ("began", "ended", "code"),
    [
        ("2026-11-22T09:00:00Z", "2026-11-22T10:00:00Z", ""),
        ("2026-11-22T09:00:00Z", "2026-11-22T10:00:01Z", "paper"),
        ("2026-11-22T09:00:00Z", "2026-11-22T08:59:59Z", "paper"),
        ("2025-11-20T09:00:00Z", "2025-11-20T09:30:00Z", "paper"),
        ("2026-10-01T09:00:00Z", "2026-11-22T09:30:00Z", "paper"),
        ("2026-11-22T09:00:00Z", "2026-11-22T09:00:00Z", ""),
    ],
)
def test_a_sheet_lies_in_the_past_and_ends_after_it_began(kit: Kit, began: str, ended: str, code: str) -> None:
    assert begun(kit, Paper(began, ended)) == code


@pytest.mark.parametrize(
    ("typed", "began", "ended"),
    [
        ("2026-11-21 14:10/14:35", "2026-11-21T13:10:00Z", "2026-11-21T13:35:00Z"),
        ("2026-11-21T14:10 / 2026-11-22 00:05", "2026-11-21T13:10:00Z", "2026-11-21T23:05:00Z"),
        ("2026-11-21 9:05/9:10", "2026-11-21T08:05:00Z", "2026-11-21T08:10:00Z"),
        ("2026-10-25 02:50+02:00/2026-10-25 02:10+01:00", "2026-10-25T00:50:00Z", "2026-10-25T01:10:00Z"),
    ],
)
def test_times_are_the_clinics_own(kit: Kit, typed: str, began: str, ended: str) -> None:
    assert read_paper(typed, BERLIN, kit.clock().now()) == Paper(began, ended)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "/",
        "yesterday",
        "2026-11-21 14:10",
        "2026-11-21/2026-11-21",
        "2026-11-21 14:10/14:05",
        "2026-11-21 14:10/25:00",
        "2026-11-31 14:10/14:35",
        "2026-03-29 02:30/03:10",  # the clocks were put forward over it
        "2026-11-23 14:10/14:35",
        "0001-01-01 00:00/00:10",
        "9999-12-31 23:00/23:59",
    ],
)
def test_times_that_cannot_be_are_refused_with_an_example(kit: Kit, typed: str) -> None:
    refusal = read_paper(typed, BERLIN, kit.clock().now())
    assert isinstance(refusal, Refusal)
    assert "2027-03-31 14:10/14:35" in refusal.message


@given(
    st.text(max_size=40) | st.from_regex(r"20[0-3]\d-[01]\d-[0-3]\d [0-2]\d:[0-5]\d/[0-2]\d:[0-5]\d", fullmatch=True)
)
def test_no_text_breaks_the_reading_of_a_sheets_times(kit: Kit, typed: str) -> None:
    """Whatever is read from it ended after it began, and before now."""
    now = kit.clock().now()
    found = read_paper(typed, BERLIN, now)
    if isinstance(found, Refusal):
        assert "2027-03-31 14:10/14:35" in found.message
    else:
        assert found.began <= found.ended <= now.at


def test_when_it_was_written_is_said_by_the_clinics_clock() -> None:
    assert from_paper(WRITTEN, BERLIN) == "entered from paper (written 2026-11-21 14:10 to 14:35)"
    night = Paper("2026-11-21T22:50:00Z", "2026-11-21T23:10:00Z")
    assert from_paper(night, BERLIN) == "entered from paper (written 2026-11-21 23:50 to 2026-11-22 00:10)"
