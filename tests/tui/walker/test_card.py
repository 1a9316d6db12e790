"""What the card says of a step that hangs on what was read or scanned at another."""

from collections.abc import Callable
from typing import Any

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from tests.support.making import bring_into_force, header

WETTED = """
[[steps]]
id = "label-time"
kind = "measure"
do = "Read the time on the label."
unit = "s"
expected = { min = 30, max = 600 }
[[steps]]
id = "wet"
kind = "timer"
do = "Keep it wet."
at_least = "30s"
at_least_as = "label-time"
at_most = "5m"
"""
VIALS = """
[[steps]]
id = "vial"
kind = "scan"
do = "Scan the vial."
captures = ["lot"]
[[steps]]
id = "control"
kind = "scan"
do = "Scan the control."
captures = ["lot"]
[[checks]]
kind = "same-identifier"
of = "lot"
steps = ["vial", "control"]
"""
SIZES = [(80, 24), (120, 40)]


@pytest.fixture
def stocked(folder: Folder) -> Folder:
    """A clinic with such protocols in force."""
    with Clinic.open(folder) as clinic:
        lead = clinic.staff.prove("Anna Berg", "three blue words", "tui")
        assert isinstance(lead, SignedIn)
        bring_into_force(clinic, lead, "wetted", header("wetted", "Wetted") + WETTED)
        bring_into_force(clinic, lead, "vials", header("vials", "Vials") + VIALS)
    return folder


async def scanned(nurse: Any, lot: str) -> None:
    """Type a lot twice, as what no scanner has read is typed, and sign it."""
    await nurse.type(lot)
    await nurse.press("enter")
    await nurse.sees("LOT AGAIN")
    await nurse.type(lot)
    await nurse.press("enter")
    await nurse.sees(f"lot={lot}")
    await nurse.press("enter")


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize("size", SIZES)
async def test_a_timer_tells_the_time_that_the_label_says(station: Callable[..., Any], size: tuple[int, int]) -> None:
    async with station(size) as nurse:
        await nurse.start("wetted")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.type("90")
        await nurse.press("enter", "enter")
        await nurse.until(lambda: nurse.step == "wet")
        await nurse.sees("at least 1 min 30 s (read at step 1), at most 6 min")
        await nurse.press("enter")
        await nurse.sees("not yet")
        await nurse.press("f1")
        await nurse.sees("and as long as “label-time”")


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize("size", SIZES)
async def test_a_timer_stays_in_sight_while_the_label_is_read_anew(
    station: Callable[..., Any], size: tuple[int, int]
) -> None:
    async with station(size) as nurse:
        await nurse.start("wetted")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.type("90")
        await nurse.press("enter", "enter")
        await nurse.until(lambda: nurse.step == "wet")
        await nurse.press("enter", "f4", "1", "enter")
        await nurse.type("misread")
        await nurse.press("enter", "enter")
        await nurse.until(lambda: nurse.step == "label-time")
        await nurse.sees("(~) RUNS ON  Riverside Skin: Keep it wet.")
        await nurse.type("60")
        await nurse.press("enter", "enter")
        await nurse.until(lambda: nurse.step == "wet")
        await nurse.sees("at least 1 min (read at step 1)")
        assert "RUNS ON" not in nurse.text(), "its own clock stands in the card again"


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize("size", SIZES)
async def test_a_label_that_is_not_the_same_is_told_and_asks_what_was_done(
    station: Callable[..., Any], size: tuple[int, int]
) -> None:
    async with station(size) as nurse:
        await nurse.start("vials")
        await nurse.sign_in_as("anna", "three blue words")
        await scanned(nurse, "A12")
        await nurse.until(lambda: nurse.step == "control")
        await scanned(nurse, "B7")
        await nurse.sees("NOT THE SAME as another step says")
        await nurse.type("the box ran out")
        await nurse.press("enter", "enter")
        await scanned(nurse, "A12")
        await nurse.sees("COMPLETE, 1 DEVIATION")
