"""The gate in a real terminal: asked, what is missing done, GO recorded, and its code found again in the record."""

import json
import sys
from collections.abc import Iterator

import pytest

from checklist.clinic.service import Clinic, SignedIn
from tests.support.place import ANNA, ANNAS, Place
from tests.support.small_gate import a_load, a_visit, add_small_gate
from tests.support.terminal import Terminal, end_all

F3, CTRL_C = b"\x1bOR", b"\x03"
AT_ITS_TERMINAL = """
import fcntl, os, signal, sys, termios
signal.signal(signal.SIGINT, signal.SIG_DFL)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Starts a program as a shell does: keys like Ctrl-C then reach it from its terminal."""


@pytest.fixture
def gated(place: Place) -> Iterator[Place]:
    """A clinic whose next visit lacks only the room and the name of whoever performs."""
    with Clinic.open(place.folder) as clinic:
        lead = clinic.staff.prove(ANNA, ANNAS, "line")
        assert isinstance(lead, SignedIn)
        add_small_gate(clinic, lead)
        a_visit(clinic, lead, a_load(clinic, lead), "4711-A")
    yield place
    end_all()


def test_somebody_watches_until_it_says_go(gated: Place) -> None:
    """The watch stands at the desk; what is missing is done at another screen, and Ctrl-C ends the watch."""
    asks = gated.command("clear", "small", "--session", "4711-A", "--room", "room-1", "--performer", ANNA, "--watch")
    screen = Terminal([sys.executable, "-c", AT_ITS_TERMINAL, *asks], gated.environment())
    screen.wait_for(
        "NO-GO: small, room=room-1", "<X> room: The room turnover has not been done", "Nothing was recorded"
    )
    before = screen.settings
    done = gated.call("walk", "turn-over", "--subject", "room=room-1", "--line", *gated.as_(ANNA), said="\n")
    assert done.returncode == 0, done.stderr
    shown = screen.wait_for("GO since", "[x] room: The room turnover was finished")
    assert shown.count("Nothing was recorded") == 1
    assert shown.count(" packs: ") == 1, "what stays as it was is told once"
    screen.key(CTRL_C)
    screen.wait_for("^C")
    assert screen.process.wait(30) == 0, screen.text
    assert screen.settings == before
    assert "Traceback" not in screen.text
    screen.close()


def test_a_watch_that_is_ended_before_go_says_so_by_its_code(gated: Place) -> None:
    asks = gated.command("clear", "small", "--session", "4711-A", "--room", "room-1", "--watch")
    screen = Terminal([sys.executable, "-c", AT_ITS_TERMINAL, *asks], gated.environment())
    screen.wait_for("NO-GO: small", "Nothing was recorded")
    screen.key(CTRL_C)
    screen.wait_for("^C")
    assert screen.process.wait(30) == 1
    screen.close()


def test_from_no_go_to_the_code_in_the_patients_file(gated: Place) -> None:
    screen = Terminal(gated.command(), gated.environment())
    screen.wait_for("MAY IT START?", "LOG OK")
    screen.key(F3)
    screen.wait_for("PROCEDURE", "A small procedure")
    for words in ("NEXT", "ROOM", "VISIT"):
        screen.wait_for(words)
        screen.answer("1")
    screen.wait_for("<#> Do not start: 2 of 4 are not met.", "START IT")
    screen.enter()
    screen.wait_for("WHO IS AT THIS SCREEN?")
    screen.answer("anna")
    screen.wait_for("NAME OR BADGE  Anna Berg")
    screen.answer(ANNAS)
    screen.wait_for("Turn the room over", "DONE")
    screen.enter()
    screen.wait_for("BACK TO THE GATE")
    screen.enter()
    screen.wait_for("1 of 4 is not met", "SAY WHO PERFORMS")
    screen.enter()
    screen.wait_for("WHO PERFORMS IT?")
    screen.answer("1")
    screen.wait_for("[x] It may start.", "RECORD GO")
    screen.enter()
    shown = screen.wait_for("Write it into the patient's file:")
    code = shown.split("file:")[1].split()[0]
    screen.enter()
    screen.wait_for(f"receipt {code}.")
    screen.close()
    told = [json.loads(line) for line in gated.call("log", "--jsonl").stdout.splitlines()]
    (cleared,) = [entry for entry in told if entry["kind"] == "cleared"]
    assert (cleared["data"]["decision"], cleared["via"]) == ("GO", "tui")
    with Clinic.open(gated.folder) as clinic:
        assert clinic.ledger.query("SELECT idx FROM clearance WHERE receipt = ?", (code,)) == [(cleared["index"],)]
