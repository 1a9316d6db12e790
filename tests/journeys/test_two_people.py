"""Two people at one screen, by keys alone: a hold is overridden with the second one, the second takes the run over, and
the first reads for herself. `show` tells who stood for what."""

import json
from collections.abc import Iterator

import pytest

from checklist.clinic.service import Clinic, SignedIn
from tests.support.making import bring_into_force, header
from tests.support.place import ANNA, ANNAS, BEN, BENS, Place
from tests.support.terminal import Terminal, end_all

F2, F5 = b"\x1bOQ", b"\x1b[15~"

PROTOCOL = (
    header("held", "Hold the first room")
    + """
[[steps]]
id = "strip"
kind = "choice"
do = "Look at the strip."
options = [{ value = "dark", verdict = "pass" }, { value = "pale", verdict = "fail" }]
hold = true

[[steps]]
id = "door"
kind = "choice"
do = "Look at the door."
options = [{ value = "shut", verdict = "pass" }, { value = "open", verdict = "pass" }]

[[steps]]
id = "second"
kind = "witness"
of = "door"
do = "A second person looks at the door for themselves."
"""
)


@pytest.fixture(autouse=True)
def _no_program_is_left() -> Iterator[None]:
    yield
    end_all()


def sign_in(screen: Terminal, letters: str, name: str, secret: str) -> None:
    screen.wait_for("WHO IS AT THIS SCREEN?", name)
    screen.answer(letters)
    screen.wait_for(f"NAME OR BADGE  {name}")
    screen.answer(secret)


def override(screen: Terminal) -> None:
    screen.key(F2)
    screen.wait_for("OVERRIDE  step 1", "WHAT IS THE REASON")
    screen.answer("2")
    screen.wait_for("WHAT IS THE REASON  something is not available")
    screen.answer("no strip is left")
    screen.wait_for("SECOND PERSON", BEN, "SECRET")
    screen.answer(BENS)
    screen.wait_for("Step 1 OVERRIDDEN, saved.", f"{ANNA} with {BEN}")


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
def test_an_override_a_hand_over_and_a_second_reading(place: Place, columns: int, rows: int) -> None:
    with Clinic.open(place.folder) as clinic:
        lead = clinic.staff.prove(ANNA, ANNAS, "line")
        assert isinstance(lead, SignedIn)
        bring_into_force(clinic, lead, "held", PROTOCOL)
    screen = Terminal(place.command(), place.environment(), columns, rows)
    screen.wait_for("Open the clinic for the day", "NOT SIGNED IN")
    screen.type("hold the")
    screen.wait_for("Hold the first room")
    screen.enter()
    sign_in(screen, "anna", ANNA, ANNAS)
    screen.wait_for("STEP 1 OF 3", "HOLD", without="WHO IS AT THIS SCREEN?")
    override(screen)
    screen.wait_for("STEP 2 OF 3", "OVERRIDDEN: Look at the strip.")

    screen.key(F5)
    sign_in(screen, "ben", BEN, BENS)
    screen.wait_for("STEP 2 OF 3", BEN, "OVERRIDDEN: Look at the strip.", without="WHO IS AT THIS SCREEN?")
    screen.answer("1")
    screen.wait_for("UNDERSTOOD", "Enter signs it")
    screen.enter()
    screen.wait_for("STEP 3 OF 3", "A second person presses Enter")
    assert "shut" not in screen.text
    screen.enter()
    screen.wait_for("SECOND PERSON", ANNA, "WHAT YOU SEE")
    screen.enter()
    screen.wait_for("> SECRET")
    screen.answer(ANNAS)
    screen.wait_for("Choose one")
    screen.answer("1")
    screen.wait_for("COMPLETE", "OVERRIDDEN")

    (run,) = [one["run"] for one in json.loads(place.call("log", "--kind", "run.handed-over", "--json").stdout)]
    shown = json.loads(place.call("show", run, "--json").stdout)
    strip, door, second = shown["steps"]
    anna, ben = strip["by"], strip["witness"]
    assert (strip["state"], door["state"], second["state"]) == ("overridden", "done", "done")
    assert (door["by"], second["witness"]) == (ben, anna)
    assert anna != ben
    assert [one["step"] for one in shown["overrides"]] == ["strip"]
    assert json.loads(place.call("verify", "--json").stdout)["result"] == "clean"
