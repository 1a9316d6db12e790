"""A steriliser's printout at the full screen: what is wrong with it stands over the field, and what it said is read
through later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from checklist.clinic.service import Clinic, SignedIn
from tests.support.making import bring_into_force, header
from tests.support.printouts import READER, as_bytes, printout

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.clinic.folder import Folder

LOAD = (
    header("cycle", "Look at one cycle", "equipment", more='equipment = ["steriliser"]')
    + """
[[steps]]
id = "printout"
kind = "attach"
do = "Attach the printout."
printout = true

[[steps]]
id = "temperature"
kind = "measure"
do = "Read the lowest temperature."
unit = "Cel"
limit = { min = 134.0, max = 138.0 }
decimals = 1
sensed = "temperature"

[[steps]]
id = "release"
kind = "sign"
do = "Decide."
meanings = ["released", "quarantined"]
"""
)


@pytest.fixture
def reading(folder: Folder) -> Folder:
    """A clinic whose steriliser has a reader."""
    (folder.protocols / "readers").mkdir()
    (folder.protocols / "readers" / "made-up.toml").write_text(READER, "utf-8")
    settings = folder.config.read_text("utf-8")
    folder.config.write_text(
        settings.replace('kind = "steriliser"', 'kind = "steriliser"\nreader = "made-up"'), "utf-8"
    )
    with Clinic.open(folder) as clinic:
        lead = clinic.staff.prove("Anna Berg", "three blue words", "tui")
        assert isinstance(lead, SignedIn)
        bring_into_force(clinic, lead, "cycle", LOAD)
    return folder


def seen(nurse: Any) -> str:
    """What stands on the screen, without its frame and however it is broken into lines."""
    return " ".join(nurse.text().replace("║", " ").split())


def written(path: Path, text: str) -> str:
    """Where a printout lies now."""
    path.write_bytes(as_bytes(text))
    return str(path)


async def give(nurse: Any, typed: str) -> None:
    """Answer, and say yes to what was understood."""
    await nurse.type(typed)
    await nurse.press("enter", "enter")


async def test_what_is_wrong_with_a_printout_is_seen_at_once_and_read_through_later(
    station: Any, reading: Folder, tmp_path: Path
) -> None:
    async with station(at=reading) as nurse:
        await nurse.start("Look at one cycle")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.until(lambda: nurse.walk_face() is not None and nurse.step == "printout")
        await give(nurse, written(tmp_path / "b.txt", printout(end="ABBRUCH", more=["Störung E17"])))
        await nurse.sees("Made Up 1 4711-B, cycle 7, aborted")
        await nurse.sees("<X> NOT AS IT MUST BE")
        assert "aborted, error E17." in seen(nurse)
        await give(nurse, "run it again")
        await nurse.sees("Now give the file again.")
        await give(nurse, written(tmp_path / "c.txt", printout(cycle=8)))
        await nurse.until(lambda: nurse.step == "temperature")
        await nurse.sees("cycle 8, complete")
        await give(nurse, "135.2")
        await nurse.sees("/!\\ TO BE LOOKED AT")
        assert "135.2 °C was typed, the printout says 134.9 °C" in seen(nurse)
        await give(nurse, "I read the highest")
        await give(nurse, "134.9")
        await nurse.until(lambda: nurse.step == "release")
        await nurse.press("f8")
        await nurse.sees("printout: Made Up 1 4711-B, cycle 8, complete")
        await nurse.press("end")
        await nurse.sees("the printout says 134.9")
