"""A run as a story, and from there to its entries, its proof, other runs, and what is said about it."""

from collections.abc import Callable
from typing import Any

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.state import RunState
from tests.support.making import bring_into_force, header

ONE = (
    header("open-only", "Begun and left")
    + """
[[steps]]
id = "look"
kind = "confirm"
do = "Look at it."
expect = "whole"
"""
)

TWO = (
    header("two-looks", "Look twice")
    + """
[[steps]]
id = "look"
kind = "confirm"
do = "Look at it."
expect = "whole"

[[steps]]
id = "again"
kind = "confirm"
do = "Look again."
expect = "whole"
"""
)

ANNAS = "three blue words"
CARLS = "four green words"


async def told(nurse: Any, log: Callable[..., Any], sign: Callable[..., Any]) -> None:
    """The story of the run that deviates."""
    await log(nurse)
    await sign(nurse, "3", "1 found")
    await nurse.press("enter")
    await nurse.sees("READ ONLY")


async def test_every_attempt_and_correction_is_told_with_the_words_of_then(
    station: Callable[..., Any], runs: list[str], log: Callable[..., Any], sign: Callable[..., Any]
) -> None:
    async with station((120, 40)) as nurse:
        await told(nurse, log, sign)
        await nurse.sees(f"RUN {runs[-1]}   Read the fridge")
        shown = nurse.text()
        for words in (
            "/!\\ 1 DEV   Read the fridge",
            "limit 2.0 to 8.0 °C",
            "7.2 °C  typed  ",
            "attempt 1: 9.9 °C, failed",
            "the door was open",
            "TAKEN BACK, corrected: mistake: read upside down",
            "CORRECTED: was 7.1, now 7.2",
            "takes at least 30 seconds",
            "nothing unusual",
        ):
            assert words in shown, words
        assert not nurse.unreadable()


async def test_what_was_put_off_handed_over_and_left_is_told_in_the_name_of_whoever_did_it(
    station: Callable[..., Any], folder: Folder, log: Callable[..., Any], sign: Callable[..., Any]
) -> None:
    with Clinic.open(folder) as clinic:
        anna, carl = clinic.staff.prove("Anna Berg", ANNAS, "tui"), clinic.staff.prove("Carl Dahl", CARLS, "tui")
        assert isinstance(anna, SignedIn)
        assert isinstance(carl, SignedIn)
        bring_into_force(clinic, anna, "two-looks", TWO)
        state = clinic.begin("two-looks", "", anna, "tui")
        assert isinstance(state, RunState), state
        late = Reason("not-available", "after the visit")
        for who, command in (
            (anna, c.Defer("look", "2099-01-01T11:00:00Z", late)),
            (anna, c.Pause()),
            (carl, c.Resume()),
            (carl, c.Confirm("again")),
            (carl, c.Resume()),
            (carl, c.Abandon(Reason("interrupted", "wrong room chosen"))),
        ):
            after = clinic.do(state.run, command, who, "tui")
            assert isinstance(after, RunState), after
    async with station((120, 40)) as nurse:
        await log(nurse)
        await sign(nurse, "/", "F1 all words")
        await nurse.type(f"run:{state.run}")
        await nurse.press("enter")
        await nurse.sees("1 found")
        await nurse.press("enter")
        await nurse.sees(f"RUN {state.run}")
        lines = nurse.text().splitlines()
        order = ("ABANDONED by Carl Dahl", "PUT OFF until 2099-01-01", "PAUSED by Anna Berg",
                 "HANDED OVER from Anna Berg", "2  Look again", "ENDED complete-except-deferred")  # fmt: skip
        at = [next(number for number, line in enumerate(lines) if words in line) for words in order]
        assert at == sorted(at), lines
        assert "by Anna Berg: not-available: after the visit" in lines[at[1]]
        assert ": interrupted: wrong room chosen (entry " in lines[at[0]]
        assert not nurse.unreadable()


async def test_a_step_leads_to_its_entry_its_proof_and_the_same_step_elsewhere(
    station: Callable[..., Any], runs: list[str], log: Callable[..., Any], sign: Callable[..., Any]
) -> None:
    async with station() as nurse:
        await told(nurse, log, sign)
        await nurse.press("down", "enter")
        await nurse.sees('"kind": "step.done"')
        await sign(nurse, "c", "Copied")
        assert nurse.desk.clipboard.startswith("by Anna Berg")
        await nurse.press("escape", "f2")
        await nurse.sees("It is entry ")
        await nurse.press("escape", "f4")
        await nurse.sees("values 4.5 to 7.2, middle 5.5")
        assert nurse.text().count("[x]") + nurse.text().count("/!\\") == len(runs)
        await nurse.press("down", "enter")
        await nurse.sees(f"RUN {runs[-2]}")


async def test_a_step_that_no_run_ever_came_to_says_so_instead_of_an_empty_list(
    station: Callable[..., Any], folder: Folder, log: Callable[..., Any], sign: Callable[..., Any]
) -> None:
    with Clinic.open(folder) as clinic:
        lead = clinic.staff.prove("Anna Berg", "three blue words", "tui")
        assert isinstance(lead, SignedIn)
        bring_into_force(clinic, lead, "open-only", ONE)
        state = clinic.begin("open-only", "", lead, "tui")
        assert isinstance(state, RunState), state
    async with station() as nurse:
        await log(nurse)
        await sign(nurse, "/", "[Enter] LOOK")
        await nurse.type(f"run:{state.run}")
        await nurse.press("enter")
        await nurse.sees("1 found")
        await nurse.press("enter")
        await nurse.sees(f"RUN {state.run}")
        await nurse.press("down", "f4")
        await nurse.sees("Nothing is recorded at this step in any of 1 runs")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_two_runs_stand_beside_each_other_and_what_differs_is_marked(
    station: Callable[..., Any],
    runs: list[str],
    log: Callable[..., Any],
    sign: Callable[..., Any],
    size: tuple[int, int],
) -> None:
    async with station(size) as nurse:
        await told(nurse, log, sign)
        await nurse.press("f3")
        await nurse.sees(runs[0])
        await nurse.press("enter")
        await nurse.sees(f"COMPARE   A {runs[-1]}   B {runs[0]}")
        shown = nurse.text()
        assert "1 of 3 steps differ." in shown
        assert "<> DIFFERS  Read the fridge's thermometer." in shown
        together = [line for line in shown.splitlines() if "7.2 °C" in line and "4.5 °C" in line]
        assert bool(together) == (size[0] >= 120)


async def test_a_question_is_left_at_an_entry_by_somebody_who_signs_in(
    station: Callable[..., Any], folder: Folder, log: Callable[..., Any], sign: Callable[..., Any]
) -> None:
    async with station() as nurse:
        await told(nurse, log, sign)
        await nurse.press("down", "f6")
        await nurse.sign_in_as("dora", "five yellow words")
        await nurse.sees("ABOUT ENTRY")
        await nurse.press("2", "enter")
        await nurse.type("why was the door open")
        await nurse.press("enter", "enter")
        await nurse.sees("Recorded, as entry")
        await nurse.press("escape", "enter")
        await nurse.sees(": question (a#")
        await nurse.sees("why was the")
        await nurse.sees("    door open")
    with Clinic.open(folder) as clinic:
        (said,) = clinic.ledger.entries_of_kind("remarked")
        assert clinic.name_of(said.actor) == "Dora Ekman"
