"""The walk through every kind of step: what a nurse presses, and what she sees."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from tests.support.making import bring_into_force, header
from tests.support.walked import PLAIN

CALLS = """
[[steps]]
id = "call"
kind = "confirm"
do = "4-6 weeks after: call the patient."
expect = "answered"
[[steps]]
id = "letter"
kind = "confirm"
do = "Read the letter."
expect = "read"
"""
SIZES = [(80, 24), (120, 40)]


@pytest.mark.parametrize("size", SIZES)
async def test_every_kind_of_step_from_the_board_to_the_signature(
    station: Callable[..., Any], size: tuple[int, int], tmp_path: Path, folder: Folder
) -> None:
    printout = tmp_path / "cycle.txt"
    printout.write_text("134.2")
    async with station(size) as nurse:
        await nurse.start("every")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.sees("Wipe the tray.")
        assert "Anna Berg" in nurse.text()
        assert "dry and clean" in nurse.text()
        assert "Gloves on." in nurse.text()
        await nurse.press("enter")

        assert nurse.step == "temperature"
        assert "8.0" not in nurse.text(), "the range is shown only after a reading was given"
        await nurse.type("9,5")
        await nurse.press("enter")
        await nurse.sees("UNDERSTOOD  9.5 °C")
        assert nurse.step == "temperature"
        await nurse.press("enter")
        await nurse.sees("OUT OF LIMIT: must be 2.0 to 8.0 °C")
        await nurse.type("stock tagged")
        await nurse.press("enter", "enter")
        await nurse.sees("Now read again.")
        assert "9.5 °C" in nurse.text()
        await nurse.type("4.1")
        await nurse.press("enter", "enter")
        await nurse.sees("4.1 °C")

        assert nurse.step == "seal"
        await nurse.press("enter")
        assert nurse.step == "seal", "nothing is preselected"
        await nurse.press("1", "enter", "enter")

        assert nurse.step == "soak"
        await nurse.press("enter")
        await nurse.until(lambda: nurse.step == "cartridge")

        await nurse.press("enter")
        await nurse.sees("Type the GTIN, or scan the label")
        await nurse.press("tab")
        await nurse.type("REF-7")
        await nurse.press("enter")
        await nurse.type("A12")
        await nurse.press("enter")
        await nurse.type("2030-01")
        await nurse.press("enter")
        await nurse.sees("type the REF, the lot and the use-by date once more")
        await nurse.sees("> REF AGAIN")
        for typed, text in (("REF-7", "> LOT AGAIN"), ("A12", "> EXPIRY AGAIN"), ("2030-01-31", "expiry=2030-01-31")):
            assert typed not in nurse.text(), "what was typed is out of sight"
            await nurse.type(typed)
            await nurse.press("enter")
            await nurse.sees(text)
        await nurse.press("enter")

        assert nurse.step == "remarks"
        await nurse.type("Anna and Carl")
        await nurse.press("enter", "enter")

        assert nurse.step == "printout"
        await nurse.type(str(tmp_path / "nowhere"))
        await nurse.press("enter", "enter")
        await nurse.sees("check the path.")
        assert nurse.step == "printout"
        await nurse.press(*["backspace"] * len("nowhere"))
        await nurse.type("cycle.txt")
        await nurse.press("enter", "enter")

        assert nurse.step == "number"
        await nurse.press("enter")
        await nurse.sees("mix-")

        assert nurse.step == "second"
        assert "whole" not in nurse.text(), "the first reading is hidden"
        await nurse.press("enter")
        await nurse.sees("WHO ARE YOU")
        await nurse.press("enter")
        await nurse.type("four green words")
        await nurse.press("enter", "1", "enter")

        assert nurse.step == "release"
        await nurse.press("enter")
        await nurse.sees("WHAT YOUR SIGNATURE MEANS")
        await nurse.press("1", "enter", "enter")
        await nurse.type("three blue words")
        await nurse.press("enter")
        await nurse.sees("COMPLETE, 1 DEVIATION")
        run = nurse.walk.page.state.run
        await nurse.press("enter")
        await nurse.sees("DONE")
        await nurse.sees("1 DEV")
    with Clinic.open(folder) as clinic:
        state = clinic.run(run)
        assert state.outcome.value == "complete"
        assert state.steps["cartridge"].value == {"ref": "REF-7", "lot": "A12", "expiry": "2030-01-31"}
        assert [attempt.value for attempt in state.steps["temperature"].attempts] == ["9.5", "4.1"]


async def test_pausing_goes_to_the_board_and_opening_the_run_goes_on(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.start("three acts")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.press("enter", "ctrl+q")
        await nurse.sees("BOARD")
        await nurse.sees("2 of 3")
        await nurse.sees("paused")
        while "GO ON" not in nurse.text():
            await nurse.press("down")
        await nurse.press("enter")
        assert nurse.step == "act-2"
        assert not nurse.walk.page.state.paused


async def test_somebody_else_takes_a_run_over_only_by_saying_so(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.start("three acts")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.press("ctrl+q", "f5")
        await nurse.sign_in_as("carl", "four green words")
        while "GO ON" not in nurse.text():
            await nurse.press("down")
        await nurse.press("enter")
        await nurse.sees("Anna Berg walks this run")
        assert nurse.step == "act-1"
        await nurse.press("enter")
        assert nurse.step == "act-1"
        assert nurse.walk.page.name(nurse.walk.page.state.holder) == "Carl Dahl"
        await nurse.press("enter")
        assert nurse.step == "act-2"


async def test_leaving_a_step_out_takes_a_reason_that_nothing_preselects(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.start("three acts")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.press("f2")
        await nurse.sees("LEAVE OUT  step 1")
        await nurse.press("enter")
        await nurse.sees("Choose one first")
        await nurse.press("1", "enter")
        await nurse.sees("WHAT IS THE REASON")
        await nurse.press("enter")
        await nurse.sees("Choose one first")
        await nurse.type("no, 2 trays")
        await nurse.sees("Letters are not taken here. Choose one first")
        assert "> 2 " not in nurse.text(), "a number among words chooses nothing"
        await nurse.press("8", "enter", "enter", "enter")
        await nurse.sees("Say the reason in words.")
        await nurse.type("no tray today")
        await nurse.press("enter", "enter")
        assert nurse.step == "act-2"
        await nurse.sees("SKIPPED")
        await nurse.press("f8")
        await nurse.sees("reason: other: no tray today")
        await nurse.press("escape")
        assert nurse.step == "act-2"


async def test_the_number_of_a_step_is_the_number_to_type_where_one_is_corrected(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.start("three acts")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.press("enter", "enter", "f4", "2")
        await nurse.sees("> " + " 2  Do act 2.")
        await nurse.press("1")
        await nurse.sees("> " + " 1  Do act 1.")
        await nurse.press("3", "enter")
        await nurse.type("it was not dry")
        await nurse.press("enter", "enter")
        assert nurse.step == "act-1", "step 3 is not closed yet: its number changed nothing"


async def test_a_mistake_is_corrected_by_opening_the_step_again(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.start("three acts")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.press("enter", "f4", "1", "enter")
        await nurse.type("it was not dry")
        await nurse.press("enter", "enter")
        assert nurse.step == "act-1"
        await nurse.press("enter", "enter", "enter")
        await nurse.sees("COMPLETE, 1 DEVIATION")


async def test_putting_off_failing_and_noting(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.start("three acts")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.press("f3", "2", "enter")
        await nurse.type("a note")
        await nurse.press("enter", "enter")
        assert nurse.step == "act-1"
        await nurse.sees("“a note”")
        await nurse.press("f2", "3", "enter", "1", "enter", "5", "enter", "enter", "enter")
        assert nurse.step == "act-2"
        await nurse.sees("PUT OFF")
        await nurse.press("f3", "1", "enter", "1", "enter")
        await nurse.type("broken")
        await nurse.press("enter", "enter")
        assert nurse.step == "act-3"
        await nurse.press("enter")
        await nurse.sees("FAILED")


async def test_a_step_is_put_off_until_the_day_that_it_names_or_any_that_is_typed(
    station: Callable[..., Any], folder: Folder
) -> None:
    with Clinic.open(folder) as clinic:
        lead = clinic.staff.prove("Anna Berg", "three blue words", "tui")
        assert isinstance(lead, SignedIn)
        bring_into_force(clinic, lead, "calls", header("calls", "Calls") + CALLS)
    async with station() as nurse:
        await nurse.start("calls")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.press("f2", "3", "enter")
        await nurse.sees("for 4 weeks, as it says")
        await nurse.press("2", "enter")
        await nurse.sees("WHAT IS THE REASON")
        await nurse.press("8", "enter")
        await nurse.type("the day has not come")
        await nurse.press("enter", "enter")
        await nurse.until(lambda: nurse.step == "letter")
        await nurse.press("f2", "3", "enter", "7", "enter")
        await nurse.sees("Type a day like")
        await nurse.type("2020-01-01")
        await nurse.press("enter", "enter")
        await nurse.sees("That day is past")
        await nurse.press(*["backspace"] * 10)
        await nurse.type(f"{datetime.now(UTC).year + 9}-01-31")
        await nurse.press("enter", "enter")
        await nurse.sees("WHAT IS THE REASON")
        await nurse.press("8", "enter")
        await nurse.type("it comes by post")
        await nurse.press("enter", "enter")
        await nurse.until(lambda: not nurse.step)
        state = nurse.walk.page.state
    assert state.steps["letter"].until[4:10] in ("-01-31", "-02-01")
    begun, ends = (datetime.fromisoformat(at) for at in (state.started.at, state.steps["call"].until))
    assert 41 <= (ends - begun).days <= 42


async def test_a_hold_is_overridden_only_with_a_second_person(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.start("every")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.press("enter")
        await nurse.type("4")
        await nurse.press("enter", "enter", "2", "enter", "enter")
        await nurse.sees("NOT AS IT MUST BE")
        await nurse.press("f2")
        await nurse.sees("OVERRIDE  step 3")
        await nurse.press("4", "enter")
        await nurse.type("the lead decided")
        await nurse.press("enter")
        await nurse.type("wrong words here")
        await nurse.press("enter")
        await nurse.sees("Name and secret do not belong together")
        await nurse.type("four green words")
        await nurse.press("enter")
        assert nurse.step == "soak"
        await nurse.sees("OVERRIDDEN")


async def test_two_readings_that_differ_are_both_kept(station: Callable[..., Any]) -> None:
    async with station((120, 40)) as nurse:
        await nurse.start("every")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.press("enter")
        await nurse.type("4")
        await nurse.press("enter", "enter", "1", "enter", "enter")
        await nurse.press("f2")
        await nurse.press("1", "enter", "7", "enter", "enter", "enter")
        for _ in range(4):
            await nurse.press("f2", "1", "enter", "7", "enter", "enter", "enter")
        assert nurse.step == "second"
        await nurse.press("enter")
        await nurse.sees("WHO ARE YOU")
        await nurse.press("enter")
        await nurse.type("four green words")
        await nurse.press("enter", "2", "enter")
        await nurse.sees("hidden  <X> THE TWO READINGS DIFFER")
        await nurse.sees("(F4, step 3; the same value may be given again where it was right)")
        await nurse.press("f4")
        await nurse.sees("WHICH STEP IS WRONG   3  Look at the seal.  hidden")
        await nurse.type("one of us misread")
        await nurse.press("enter", "enter")
        await nurse.sees("hidden  taken back")
        assert nurse.step == "seal"


async def read_score(nurse: Any, score: str) -> None:
    """Somebody reads the score a second time."""
    await nurse.press("enter")
    await nurse.sees("WHO ARE YOU")
    await nurse.press("enter")
    await nurse.type("four green words")
    await nurse.press("enter", score, "enter")


async def test_a_second_reader_who_misread_reads_again_once_the_first_has_looked_again(
    station: Callable[..., Any],
) -> None:
    async with station() as nurse:
        await nurse.start("read by two")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.sees("Score it.")
        await nurse.press("1", "enter", "enter", "f2", "1", "enter", "7", "enter", "enter", "enter")
        await nurse.until(lambda: nurse.step == "label-again")
        await nurse.press("f2", "1", "enter", "7", "enter", "enter", "enter")
        await nurse.until(lambda: nurse.step == "score-again")
        await read_score(nurse, "0")
        await nurse.sees("“score” is read anew first")
        await nurse.sees("Somebody who has not read it yet may do so now.")
        await read_score(nurse, "1")
        await nurse.sees("WHAT YOU SEE")
        await nurse.sees("The two readings differ, so both look again: “score” is read anew first")
        await nurse.press("escape")
        assert nurse.step == "score-again"
        await nurse.press("f4")
        await nurse.sees("WHICH STEP IS WRONG   1  Score it.  hidden")
        await nurse.press("enter")
        await nurse.type("looked again")
        await nurse.press("enter", "enter")
        await nurse.until(lambda: nurse.step == "score")
        await nurse.press("1", "enter", "enter")
        await nurse.until(lambda: nurse.step == "score-again")
        await read_score(nurse, "1")
        await nurse.until(lambda: nurse.step == "gauge")
        again = nurse.walk.page.state.steps["score-again"]
        assert [(each.value, each.verdict) for each in again.attempts] == [("0", "fail"), ("1", "pass")]
        assert again.deviates


async def test_what_two_people_read_stays_hidden_and_what_stopped_the_run_takes_two(
    station: Callable[..., Any], folder: Folder
) -> None:
    async with station((120, 40)) as nurse:
        await nurse.start("read by two")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.sees("Score it.")
        assert "1  0" not in nurse.text(), "an option that is a number has no number before it"
        await nurse.press("9", "2", "enter", "enter")
        await nurse.sees("NOT AS IT MUST BE")
        await nurse.type("cleaned it")
        await nurse.press("enter", "enter", "0", "enter", "enter")
        await nurse.until(lambda: nurse.step == "label")
        await nurse.press("f8")
        await nurse.sees("attempt 1: hidden")
        await nurse.press("escape", "f4")
        await nurse.sees("Score it.  hidden")
        await nurse.press("escape", "tab")
        await nurse.type("REF-7")
        await nurse.press("enter")
        await nurse.type("A12")
        await nurse.press("enter", "enter")

        assert nurse.step == "label-again"
        await nurse.press("enter")
        await nurse.sees("OR REF")
        assert "Dora" not in nurse.text(), "an auditor vouches for nothing"
        await nurse.press("enter")
        await nurse.type("four green words")
        await nurse.press("enter", "enter")
        await nurse.type("REF-7")
        await nurse.press("enter")
        await nurse.type("A12")
        await nurse.press("enter", "enter")

        assert nurse.step == "score-again"
        await nurse.press("enter")
        await nurse.sees("WHO ARE YOU")
        await nurse.press("enter")
        await nurse.type("four green words")
        await nurse.press("enter", "0", "enter")

        assert nurse.step == "gauge"
        await nurse.sees("AB CD")
        await nurse.type("20")
        await nurse.press("enter", "enter")
        await nurse.sees("FAILED")
        run = nurse.walk.page.state.run
        await nurse.sees("20 °C  <X> OUT OF LIMIT: must be 2.0 to 8.0 °C")
        await nurse.press("f4", "5", "enter")
        await nurse.type("misread")
        await nurse.press("enter", "enter")
        await nurse.sees("SECOND PERSON")
        assert not nurse.walk_face().page.state.open
        await nurse.type("four green words")
        await nurse.press("enter")
        assert nurse.step == "gauge"
    with Clinic.open(folder) as clinic:
        state = clinic.run(run)
        assert state.steps["score"].value == "0"
        assert state.steps["label-again"].witness == state.steps["score-again"].witness is not None
        corrected = next(entry for entry in clinic.run_entries(run) if entry.kind == "step.corrected")
        assert corrected.data["witness"] == state.steps["label-again"].witness


async def test_a_step_done_faster_than_is_credible_is_told_at_once_and_counted_at_the_end(
    station: Callable[..., Any], folder: Folder
) -> None:
    hasty = PLAIN.replace("plain-walk", "hasty").replace("Three acts to confirm", "Done in haste")
    hasty = hasty.replace('expect = "it is done"', 'expect = "it is done"\nat_least = "3m"', 1)
    with Clinic.open(folder) as clinic:
        anna = clinic.staff.prove("Anna Berg", "three blue words", "tui")
        assert isinstance(anna, SignedIn)
        bring_into_force(clinic, anna, "hasty", hasty)
    async with station() as nurse:
        await nurse.start("done in haste")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.sees("Takes     at least 3 min")
        await nurse.press("enter")
        await nurse.until(lambda: nurse.step == "act-2")
        await nurse.sees("[x] Step 1 DONE, saved. TOO FAST: ")
        await nurse.sees("it takes at least 3 min.")
        await nurse.press("enter")
        await nurse.until(lambda: nurse.step == "act-3")
        await nurse.sees("Step 2 DONE, saved.")
        await nurse.press("enter")
        await nurse.until(lambda: not nurse.step)
        await nurse.sees("DONE FASTER THAN IS CREDIBLE: 1")
