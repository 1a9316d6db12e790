"""A day of a clinic at the real screen, and the morning after it, when a spore test has grown.

Everything goes through the shipped protocols in force, to their ends, in a real clinic folder; the clock is the story's
own. Pressed key by key at the screen: opening the day, the steriliser's test, a load from its printout to its release,
room turnover, set-up, opening a pack, screening, time-out, GO, sign-out, closing visit and day; then the spore test,
the recall and the list that follows. Through the service: the day before (the weekly look at the emergency kit, a load
in which a negative spore test lay, and the visit for which one of its packs was opened), and a second load of the day,
whose packs nobody has used.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.checking import verify_clinic
from checklist.clinic.service import Clinic
from checklist.run.marks import Outcome, Status
from tests.support.flagship import NOTHING_SPECIAL, By, Script, Service, code_of
from tests.support.flagship_clinic import (
    ANTISEPTIC,
    CORA,
    EARLIER,
    LEAD,
    LOAD_BY_HAND,
    PRESCRIBER,
    REFERENCE,
    SECOND,
    SET_UP,
    SIGN_OUT,
    STEAM,
    TEST_STEAM,
    TIME_OUT,
    TURNED_BACK,
    Story,
    at_the_screen,
    load_of,
    made_story,
    spore_test,
)
from tests.support.in_process import through_a_pipe
from tests.support.place import ANNA, ANNAS, BEN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.flagship_hand import Hand


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    with made_story(tmp_path) as made:
        yield made


async def test_a_day_and_the_morning_after(story: Story) -> None:
    async with at_the_screen(story) as hand:
        await the_morning(hand)
        load = await a_load_from_its_printout(hand, story)
        visit = await up_to_go(hand, load)
        await out_of_the_door(hand)
        await hand.start("day-close")
        await hand.walk()
        await hand.to_board()
        unused = another_load(story)
        await the_next_morning(hand, story)
        await a_spore_test_grows(hand, load)
        await called_back(hand, story, load, unused)
        await nobody_opens_its_packs(hand, unused)
        await nobody_else_gets_the_cartridge(hand)
        await the_recall_is_worked_off(hand, visit)
        runs = hand.runs
    with Clinic.open(story.folder) as clinic:
        people_have_signed(clinic, runs)
        what_was_read_is_kept(clinic, runs)
        go_rests_on_its_evidence(clinic, runs, visit, load)
    assert verify_clinic(story.folder).result == "clean"
    assert traced(story, load) == {"state": "recalled", "sessions": [visit], "procedures": ["microneedling"]}
    assert traced(story, unused) == {"state": "recalled", "sessions": [], "procedures": []}
    earlier = {"state": "released", "sessions": [story.earlier_visit], "procedures": []}
    assert traced(story, story.earlier_load) == earlier


# -- the day ----------------------------------------------------------------------------------------------------------


async def the_morning(hand: Hand) -> None:
    """Open the day, and test the steriliser."""
    await hand.nurse.press("f5")
    await hand.nurse.sign_in_as("anna", ANNAS)
    for name, script in (("day-open", NOTHING_SPECIAL), ("steriliser-daily", TEST_STEAM)):
        await hand.start(name)
        await hand.walk(script)
        await hand.nurse.sees("COMPLETE")
        await hand.to_board()


async def a_load_from_its_printout(hand: Hand, story: Story) -> str:
    """The values of the machine's own file beside those that were read; the indicator read by Ben, too; released by
    Ben with his badge. The load's number."""
    paper = story.printout
    await hand.start("steriliser-load")
    await hand.walk({"programme": "validated 134 C 3 min", "printout-kind": "file"}, until="printout-file")
    await hand.walk({"printout-file": str(paper.path), **paper.readings}, until="second-reader")
    await hand.walk({"second-reader": By(SECOND, "turned"), "release": By(SECOND, "released")})
    await hand.nurse.sees("COMPLETE")
    await hand.to_board()
    with Clinic.open(story.folder) as clinic:
        return load_of(clinic, hand.runs["steriliser-load"])


async def up_to_go(hand: Hand, load: str) -> str:
    """The gate leads from one thing that is missing to the next, until it says GO: the visit."""
    nurse = hand.nurse
    await nurse.press("f3")
    await hand.fill(None, {"procedure": "microneedling", "room": "room-1"}, until="visit")
    await nurse.burst(REFERENCE)
    await nurse.sees("There is no visit with the reference")
    await nurse.press("enter")
    await nurse.sees(f"({REFERENCE})")
    await nurse.sees("<#> Do not start:")
    await hand.gate_to("room")
    await hand.gate_to("set-up", SET_UP)
    await nurse.press("escape")
    await hand.start("pack-open", visit=REFERENCE)
    await hand.walk({"load": {"load": load}})
    await hand.to_board()
    await nurse.press("f3")
    await nurse.burst(REFERENCE)
    await nurse.sees("<#> Do not start:")
    await hand.gate_to("screening", {"recent-sun": "yes", "recent-sun-decision": By(PRESCRIBER)})
    await nurse.sees("<#> Do not start: 2 of 15 are not met.")
    await hand.gate_to("time-out", TIME_OUT)
    await nurse.sees("[x] It may start.")
    await write_the_receipt_down(hand)
    return hand.visit


async def write_the_receipt_down(hand: Hand) -> None:
    nurse = hand.nurse
    await nurse.press("enter")
    await nurse.sees("Write it into the patient's file:")
    code = next(line for line in nurse.text().splitlines() if "file:" in line).split()[-2]
    await nurse.press("enter")
    await nurse.sees(f"receipt {code}.")


async def out_of_the_door(hand: Hand) -> None:
    """Signed out with the aftercare given; the calls after the visit put off to their days; the visit closed."""
    nurse = hand.nurse
    await nurse.press("f3")
    await nurse.sees("MAY THE VISIT BE CLOSED?")
    await hand.gate_to("aftercare", SIGN_OUT)
    await nurse.sees("[Enter] CLOSE THE VISIT")
    await write_the_receipt_down(hand)
    await nurse.sees("[x] The visit is closed.")
    await nurse.press("enter")


def another_load(story: Story) -> str:
    """A load whose packs nobody has opened yet."""
    with Clinic.open(story.folder) as clinic:
        run = Service(clinic, story.clock, LEAD, SECOND).walk("steriliser-load", "equipment=S1", script=LOAD_BY_HAND)
        return load_of(clinic, run)


# -- the morning after ------------------------------------------------------------------------------------------------


async def the_next_morning(hand: Hand, story: Story) -> None:
    """The screen has locked itself; Anna comes back, and the board still has what was put off."""
    nurse = hand.nurse
    await nurse.left_alone()
    await nurse.sees("The screen is locked.")
    story.clock.until(datetime(2031, 3, 12, 7, 0, tzinfo=UTC))
    await nurse.press("f5")
    await nurse.sign_in_as("anna", ANNAS)
    await nurse.sees(": 24-48 h after")


async def a_spore_test_grows(hand: Hand, load: str) -> None:
    """The spore test that lay in the load has grown, as two people see: the list that follows is begun from it."""
    await hand.start("bi-test")
    await hand.walk({**spore_test(load, "growth"), "second-reader": By(SECOND, "growth")})
    await hand.nurse.sees("FAILED")
    await hand.nurse.sees("START WHAT FOLLOWS")
    await hand.nurse.press("enter")
    await hand.nurse.until(lambda: hand.nurse.step)


async def called_back(hand: Hand, story: Story, load: str, unused: str) -> None:
    """Every load since the last negative test: first the packs that nobody has used, then whom the others reached."""
    nurse = hand.nurse
    about: Script = {
        "reason": "spore test positive",
        "first-load": {"load": load},
        "last-load": {"load": unused},
        "repeat": "failed or not possible",
        "decision": "recall",
    }
    await hand.walk(about, until="recalled")
    await nurse.press("ctrl+q")
    await follow(hand, "S1")
    await nurse.press("f6")
    await nurse.sees("THIS WOULD CALL BACK: ")
    await nurse.press("enter")
    await nurse.sees("RECALL ALL LOADS SINCE THE LAST NEGATIVE TEST")
    await hand.fill(None, {"code": "equipment-fault", "words": "a spore test has grown"})
    await nurse.sees("RECALLED: Steriliser 1, load")
    told = nurse.text().partition("RECALLED: ")[2]  # behind it stands all that the machine has ever reached
    first, then = told.index("FIND WHAT IS LEFT OF THESE FIRST"), told.index("VISITS THAT IT REACHED (1)")
    assert first < told.index(f"[ ] load {unused}") < then < told.index(f"({REFERENCE})")
    assert not any(other in told for other in (EARLIER, story.earlier_load, story.earlier_visit))
    await nurse.press("escape", "escape")
    await follow(hand, load)
    await nurse.sees("RECALLED SINCE")
    await nurse.sees("It has reached 1 visit.")
    await nurse.press("escape")


async def follow(hand: Hand, what: str) -> None:
    await hand.nurse.press("f4")
    await hand.nurse.sees("WHAT IS IT ABOUT?")
    await hand.nurse.type(what)
    await hand.nurse.press("enter", "enter")
    await hand.nurse.sees("TRACE   ")


async def nobody_opens_its_packs(hand: Hand, load: str) -> None:
    """A pack of a recalled load is refused where it is scanned."""
    nurse = hand.nurse
    await hand.start("pack-open", visit="4712-B", new=True)
    await hand.walk(until="load")
    await nurse.burst(f"load={load}")
    await nurse.sees("UNDERSTOOD")
    await nurse.press("enter")
    await nurse.sees("is recalled")
    assert nurse.step == "load"
    await nurse.press("ctrl+q", "ctrl+q")
    await nurse.sees("BOARD")


async def nobody_else_gets_the_cartridge(hand: Hand) -> None:
    """The cartridge of yesterday's patient is refused where it is scanned for another."""
    nurse, first = hand.nurse, hand.runs["microneedling-setup"]
    label = SET_UP["cartridge"]
    assert isinstance(label, dict)
    await hand.start("microneedling-setup", visit="4712-B")
    await hand.walk(until="cartridge")
    await nurse.burst(code_of(label))
    await nurse.sees("UNDERSTOOD")
    await nurse.press("enter")
    await nurse.sees("This serial, C-0007, was used in another visit already")
    assert nurse.step == "cartridge"
    await nurse.press("ctrl+q", "ctrl+q")
    await nurse.sees("BOARD")
    hand.runs["microneedling-setup"] = first


async def the_recall_is_worked_off(hand: Hand, visit: str) -> None:
    """The visit is written down, whom to tell is decided, and the machine stays out of use."""
    nurse = hand.nurse
    await nurse.go_to("Steriliser 1: Failed test")
    await nurse.press("enter")
    await nurse.until(lambda: hand.nurse.desk.walked == hand.runs["steriliser-recall"])
    rest: Script = {
        "patients": "one or more sessions",
        "patient-list": visit,
        "way-back": "stays out for good",
        "unit": By(LEAD, "quarantined"),
    }
    await hand.walk(rest)
    await nurse.sees("COMPLETE")


# -- what the record says ---------------------------------------------------------------------------------------------


def people_have_signed(clinic: Clinic, runs: dict[str, str]) -> None:
    """Each in their own name: Ben by badge and secret, beside Anna who walked; Cora for the flag that is hers."""
    names = {one.id: one.name for one in clinic.staff.operators()}

    def signed(protocol: str, step: str) -> tuple[str | None, str, tuple[str, ...]]:
        found = clinic.run(runs[protocol]).steps[step].signed
        assert found is not None
        return names[found.by or ""], found.meaning, found.factors

    assert signed("steriliser-load", "release") == (BEN, "released", ("badge", "secret"))
    assert signed("microneedling-screen", "recent-sun-decision") == (CORA, "approved", ("secret",))
    assert signed("microneedling-setup", "declared") == (ANNA, "performed", ("secret",))
    assert signed("steriliser-recall", "list-clinician") == (CORA, "reviewed", ("secret",))
    assert signed("steriliser-recall", "unit") == (ANNA, "quarantined", ("secret",))
    readings = (
        ("steriliser-load", "second-reader"),
        ("microneedling-timeout", "depth-second"),
        ("microneedling-signout", "binned-second"),
        ("bi-test", "second-reader"),
    )
    for protocol, step in readings:
        own = clinic.run(runs[protocol]).steps[step]
        assert (own.status, names[own.witness or ""]) == (Status.DONE, BEN)


def what_was_read_is_kept(clinic: Clinic, runs: dict[str, str]) -> None:
    """Typed, scanned and sensed values; the reading that was out of limits, and its remedy; how each list ended."""
    load, set_up = (clinic.run(runs[name]).steps for name in ("steriliser-load", "microneedling-setup"))
    for step in STEAM:
        sensed, read = Decimal(load[step].attempts[-1].sensed or "NaN"), Decimal(str(load[step].value))
        assert abs(sensed - read) < Decimal("0.5"), "what the file says, beside what a person read from it"
    dial = set_up["depth-dial"].attempts
    assert [(one.value, one.verdict) for one in dial] == [("0.25", "fail"), ("0", "pass")]
    assert [clinic.words(note.words) for note in set_up["depth-dial"].notes] == [TURNED_BACK]
    assert (set_up["cartridge"].input, set_up["handpiece"].input) == ("scanned", "scanned")
    assert (set_up["antiseptic"].input, set_up["antiseptic"].value) == ("typed", dict(ANTISEPTIC))
    outcomes = {name: clinic.run(run).outcome for name, run in runs.items()}
    odd = {"microneedling-signout": Outcome.COMPLETE_EXCEPT_DEFERRED, "bi-test": Outcome.FAILED}
    odd["pack-open"] = Outcome.OPEN
    assert outcomes == {name: odd.get(name, Outcome.COMPLETE) for name in runs}


def go_rests_on_its_evidence(clinic: Clinic, runs: dict[str, str], visit: str, load: str) -> None:
    """The answer is in the record with the run behind each requirement, and so is the close of the visit."""
    start, close = clinic.ledger.entries_of_kind("cleared")
    assert [(one.data["decision"], one.data["stage"]) for one in (start, close)] == [("GO", "start"), ("GO", "close")]
    assert (start.data["session"], start.data["subject"], start.via) == (visit, "room=room-1", "tui")
    judged = start.data["requirements"]
    assert isinstance(judged, list)
    assert all(isinstance(one, dict) and one["met"] is True for one in judged)
    evidence = {one["id"]: one["evidence"] for one in judged if isinstance(one, dict)}
    proved_by = {
        "day": "day-open",
        "room": "room-turnover",
        "screening": "microneedling-screen",
        "set-up": "microneedling-setup",
        "steriliser-test": "steriliser-daily",
        "time-out": "microneedling-timeout",
    }
    assert {name: evidence[name] for name in proved_by} == {name: [runs[run]] for name, run in proved_by.items()}
    opened = "SELECT i.idx FROM identifier i JOIN run USING (run) WHERE i.kind = 'load' AND i.value = ? AND session = ?"
    assert evidence["instruments"] == [f"a#{row[0]}" for row in clinic.ledger.query(opened, (load, visit))]
    with_receipt = "SELECT idx, decision, session FROM clearance WHERE receipt IS NOT NULL ORDER BY idx"
    assert clinic.ledger.query(with_receipt) == [(start.index, "GO", visit), (close.index, "GO", visit)]


def traced(story: Story, load: str) -> dict[str, object]:
    """What `checklist trace` says of a load."""
    said = through_a_pipe(["trace", "load", load, "--json", "--clinic", story.folder.root])
    found: dict[str, object] = json.loads(said.text)
    return {key: found[key] for key in ("state", "sessions", "procedures")}
