"""The whole way through, by keys alone: first start, sign in, walk, SIGKILL in the middle, start again, finish.

On the way one value out of limits with its remedy, one skip with a reason, one timer, one second person.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from checklist.clinic.service import Clinic, SignedIn
from checklist.clinic.texts.adopting import Adopted, adopt
from checklist.people.operator import Operator
from tests.support.making import header
from tests.support.place import ANNA, ANNAS, BEN, BENS, Place
from tests.support.terminal import Terminal, end_all

F2, DOWN = b"\x1bOQ", b"\x1b[B"
CTRL_Q = b"\x11"

PROTOCOL = (
    header("first-room", "Make the first room ready")
    + """
[[steps]]
id = "window"
kind = "confirm"
do = "Close the window."
expect = "closed and locked"

[[steps]]
id = "fridge"
kind = "measure"
do = "Read the fridge."
unit = "Cel"
limit = { min = 2.0, max = 8.0 }
decimals = 1

[[steps]]
id = "radio"
kind = "confirm"
do = "Switch the radio off."
expect = "off"

[[steps]]
id = "wet"
kind = "timer"
do = "Keep the surface wet."
at_least = "2s"

[[steps]]
id = "strip"
kind = "choice"
do = "Look at the strip."
options = [{ value = "dark", verdict = "pass" }, { value = "pale", verdict = "fail" }]

[[steps]]
id = "second"
kind = "witness"
of = "strip"
do = "A second person looks at the strip."

[[steps]]
id = "ready"
kind = "confirm"
do = "Say that the room is ready."
expect = "said aloud"
"""
)


@pytest.fixture
def nowhere(tmp_path: Path) -> Iterator[Place]:
    yield Place(tmp_path / "clinic")
    end_all()


def first_start(place: Place, columns: int, rows: int) -> Terminal:
    screen = Terminal(place.command(), place.environment(), columns, rows)
    screen.wait_for("CLINIC", "ONCE MORE")
    for words in ("Riverside Skin", ANNA, ANNAS, ANNAS):
        screen.answer(words)
    screen.wait_for("WRITE THESE DOWN", "Recovery code", "Genesis key")
    screen.enter()
    screen.wait_for("Open the clinic for the day", ANNA, without="WRITE THESE DOWN")
    return screen


def set_up_the_rest(place: Place) -> None:
    """What a lead does beside the walk: a second person, and the short protocol."""
    with Clinic.open(place.folder) as clinic:
        lead = clinic.staff.sign_in(ANNA, ANNAS, "line")
        assert isinstance(lead, SignedIn)
        assert isinstance(clinic.personnel.add(BEN, ["staff"], BENS, lead, "line"), Operator)
        (place.folder.protocols / "first-room.toml").write_text(PROTOCOL, "utf-8")
        assert isinstance(adopt(clinic, "first-room", lead, "line"), Adopted)


def sign_in(screen: Terminal) -> None:
    screen.wait_for("WHO IS AT THIS SCREEN?", ANNA)
    screen.answer("anna")
    screen.wait_for("NAME OR BADGE  Anna Berg")
    screen.answer(ANNAS)


def leave_out(screen: Terminal, why: str) -> None:
    screen.key(F2)
    screen.wait_for("LEAVE OUT", "skip it: it is not done")
    screen.answer("1")
    screen.wait_for("something is not available", "IN YOUR WORDS")
    screen.answer("2")
    screen.wait_for("WHAT IS THE REASON  something is not available")
    screen.answer(why)
    screen.wait_for("Press Enter once more: RECORD.")
    screen.enter()


def witness(screen: Terminal) -> None:
    """The second person comes to the screen: the first reading is nowhere on it."""
    assert "dark" not in screen.text
    screen.enter()
    # Nobody else could be the second person, so nobody need be chosen.
    screen.wait_for("SECOND PERSON", "WHO ARE YOU", BEN, "WHAT YOU SEE")
    screen.enter()
    screen.wait_for("> SECRET")
    screen.answer(BENS)
    screen.wait_for("Choose one")
    screen.answer("1")


def told(place: Place, run: str) -> None:
    """`show` tells what was done, and `verify` finds the record as it was written."""
    shown = json.loads(place.call("show", run, "--json").stdout)
    assert (shown["outcome"], shown["deviations"]) == ("complete", 2)
    steps = {step["id"]: step for step in shown["steps"]}
    assert {name: step["state"] for name, step in steps.items()} == {
        "window": "done", "fridge": "done", "radio": "skipped", "wet": "done", "strip": "done", "second": "done",
        "ready": "done",
    }  # fmt: skip
    assert (steps["fridge"]["value"], steps["fridge"]["unit"], steps["fridge"]["attempts"]) == ("5.0", "Cel", 2)
    assert steps["radio"]["reason"] == "not-available: there is no radio here"
    assert float(steps["wet"]["value"]) >= 2
    assert steps["second"]["witness"] not in (None, steps["strip"]["by"])
    log = [json.loads(line) for line in place.call("log", "--run", run, "--jsonl").stdout.splitlines()]
    refused = [entry for entry in log if entry["kind"] == "step.attempted"]
    assert [(entry["step"], entry["data"]["value"], entry["data"]["verdict"]) for entry in refused] == [
        ("fridge", "12.5", "fail")
    ]
    report = place.call("verify", "--json")
    assert report.returncode == 0
    assert json.loads(report.stdout)["result"] == "clean"


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
def test_from_first_start_to_a_finished_run_with_a_kill_in_between(nowhere: Place, columns: int, rows: int) -> None:
    screen = first_start(nowhere, columns, rows)
    screen.key(CTRL_Q)
    assert screen.ended() == 0
    set_up_the_rest(nowhere)

    screen = Terminal(nowhere.command(), nowhere.environment(), columns, rows)
    screen.wait_for("Open the clinic for the day", "NOT SIGNED IN")
    screen.type("first r")
    screen.wait_for("Make the first room ready")
    screen.enter()
    sign_in(screen)
    screen.wait_for("STEP 1 OF 7", "Close the window.", without="WHO IS AT THIS SCREEN?")
    screen.enter()
    screen.wait_for("STEP 2 OF 7", "Read the fridge.")
    assert "8.0" not in screen.text
    screen.answer("12,5")
    screen.wait_for("12.5", "Enter signs it")
    screen.enter()
    screen.wait_for("OUT OF LIMIT", "2.0 to 8.0")
    screen.answer("Door was open; closed it and waited")
    screen.wait_for("Enter signs it")
    screen.enter()
    screen.wait_for("VALUE", without="WHAT WAS DONE")
    screen.answer("5.0")
    screen.wait_for("Enter signs it")
    screen.enter()
    screen.wait_for("STEP 3 OF 7", "Switch the radio off.")
    leave_out(screen, "there is no radio here")
    screen.wait_for("STEP 4 OF 7", "Keep the surface wet.")
    screen.kill()

    report = nowhere.call("verify", "--json")
    assert json.loads(report.stdout)["result"] == "clean"

    screen = Terminal(nowhere.command(), nowhere.environment(), columns, rows)
    screen.wait_for("OPEN", "4 of 7", "Make the first room ready")
    board = json.loads(nowhere.call("board", "--json").stdout)
    run = board["open"][0]["run"]
    today = [one for one in board["due"] if one["day"] == board["due"][0]["day"]]
    screen.key(DOWN * len(today))
    screen.wait_for("GO ON")
    screen.enter()
    screen.wait_for("STEP 4 OF 7", "Keep the surface wet.", "NOT SIGNED IN")
    screen.enter()
    sign_in(screen)
    screen.wait_for("Press Enter at the moment you begin", without="WHO IS AT THIS SCREEN?")
    screen.enter()
    screen.wait_for("WAIT")
    screen.wait_for("STEP 5 OF 7", "Look at the strip.")
    screen.type("1")
    screen.enter()
    screen.wait_for("Enter signs it")
    screen.enter()
    screen.wait_for("STEP 6 OF 7", "A second person looks at the strip.", "A second person presses Enter")
    witness(screen)
    screen.wait_for("STEP 7 OF 7", "Say that the room is ready.")
    screen.enter()
    screen.wait_for("COMPLETE", "2")
    screen.key(CTRL_Q)
    screen.wait_for("DONE", "Make the first room ready", without="STEP 7 OF 7")
    screen.key(CTRL_Q)
    assert screen.ended() == 0
    told(nowhere, run)


def test_a_terminal_that_is_gone_without_a_signal_ends_the_program(place: Place) -> None:
    screen = Terminal(place.command(), place.environment())
    screen.wait_for("Open the clinic for the day")
    try:
        assert screen.lose() == 129
    finally:
        end_all()
