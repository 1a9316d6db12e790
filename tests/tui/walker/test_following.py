"""What one run hands on to the next: what failed leads into what follows, and what was put off is told and done."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.copies import Copied, Restored, backup, restore
from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.state import RunState
from tests.support.making import bring_into_force, header

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.tui.conftest import Station

SECRET = "three blue words"
WHY = Reason("not-available", None)

TIDY = """\
[[steps]]
id = "wash"
kind = "confirm"
do = "Wash the shelf."
expect = "clean"
[[steps]]
id = "look"
kind = "confirm"
do = "Look around."
expect = "tidy"
"""

COLD = """\
[[steps]]
id = "fridge"
kind = "measure"
do = "Read the fridge."
unit = "Cel"
limit = { min = 2, max = 8 }
decimals = 1
on_fail = { stop = true, open = "cold-follow" }
"""


class Worker:
    """Somebody who walks at another screen."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        who = clinic.staff.prove("Anna Berg", SECRET, "tui")
        assert isinstance(who, SignedIn)
        self.who = who

    def begin(self, protocol: str, subject: str = "") -> str:
        state = self.clinic.begin(protocol, subject, self.who, "tui")
        assert isinstance(state, RunState), state
        return state.run

    def do(self, run: str, *commands: c.Command) -> None:
        for command in commands:
            assert isinstance(self.clinic.do(run, command, self.who, "tui"), RunState)


@contextmanager
def elsewhere(folder: Folder) -> Iterator[Worker]:
    with Clinic.open(folder) as clinic:
        yield Worker(clinic)


@pytest.fixture(autouse=True)
def calm(folder: Folder) -> None:
    """Nothing is planned here, and two protocols hand on to others."""
    text = folder.config.read_text("utf-8")
    plan, rest = text.index("[calendar]"), text.index("[security]")
    folder.config.write_text(text[:plan] + text[rest:], "utf-8")
    with elsewhere(folder) as anna:
        for name, title, subject, steps in (
            ("tidy", "Tidy the shelf", "clinic", TIDY),
            ("cold-follow", "Empty the fridge", "equipment", TIDY),
            ("cold", "Read the fridge", "equipment", COLD),
        ):
            bring_into_force(anna.clinic, anna.who, name, header(name, title, subject) + steps)


async def test_a_failed_run_leads_into_what_follows_about_the_same_machine(station: Station, folder: Folder) -> None:
    with elsewhere(folder) as anna:
        anna.begin("cold", "equipment=F1")
    async with station() as nurse:
        await nurse.go_to("Read the fridge")
        await nurse.press("enter")
        await nurse.press("enter")
        await nurse.sign_in_as("Anna", SECRET)
        await nurse.type("12")
        await nurse.press("enter", "enter")
        await nurse.sees("Now walk: Empty the fridge   (Enter starts it; Esc leaves it on the board)")
        assert "[Enter] START WHAT FOLLOWS" in nurse.text()
        await nurse.press("escape")
        await nurse.sees("FOLLOW-UP    Medicine fridge 1: Empty the fridge")
        await nurse.go_to("Read the fridge")
        await nurse.press("enter")
        await nurse.sees("START WHAT FOLLOWS")
        await nurse.press("enter")
        await nurse.sees("Wash the shelf.")
        page = nurse.walk.page
        assert page is not None
        assert (page.state.protocol.id, page.state.subject) == ("cold-follow", "equipment=F1")
        await nurse.press("ctrl+q")
        await nurse.sees("BOARD")
        assert "FOLLOW-UP" not in nurse.text()
        await nurse.go_to("Read the fridge")
        await nurse.press("enter")
        await nurse.sees("FAILED")
        assert "START WHAT FOLLOWS" not in nurse.text()
        assert "TO THE BOARD" in nurse.text()


async def test_what_follows_is_started_from_the_board(station: Station, folder: Folder) -> None:
    with elsewhere(folder) as anna:
        run = anna.begin("cold", "equipment=F1")
        anna.do(run, c.Give("fridge", "12"))
    async with station() as nurse:
        await nurse.go_to("Empty the fridge")
        assert "[Enter] START" in nurse.text()
        await nurse.press("enter")
        await nurse.sign_in_as("Anna", SECRET)
        await nurse.sees("Wash the shelf.")
        page = nurse.walk.page
        assert page is not None
        assert page.state.subject == "equipment=F1"


async def test_a_step_that_was_put_off_is_taken_up_from_the_board(station: Station, folder: Folder) -> None:
    with elsewhere(folder) as anna:
        run = anna.begin("tidy")
        anna.do(run, c.Defer("wash", "2020-01-01T00:00:00Z", WHY), c.Confirm("look"))
    async with station() as nurse:
        await nurse.go_to("Wash the shelf (Tidy the shelf)")
        assert "<#> OVERDUE" in nurse.text()
        await nurse.press("enter")
        await nurse.sign_in_as("Anna", SECRET)
        await nurse.sees("Press Enter when it is done.")
        assert (nurse.walk.own_run, nurse.step) == ("", "wash")
        await nurse.press("enter")
        await nurse.sees("COMPLETE")
        await nurse.press("enter")
        await nurse.sees("BOARD")
        assert "OVERDUE" not in nurse.text()


async def test_what_was_put_off_last_time_is_told_at_the_start(station: Station, folder: Folder) -> None:
    with elsewhere(folder) as anna:
        first = anna.begin("tidy")
        anna.do(first, c.Defer("wash", "2099-01-01T00:00:00Z", WHY), c.Confirm("look"))
        anna.begin("tidy")
    async with station() as nurse:
        await nurse.go_to("1 of 2")
        await nurse.press("enter")
        await nurse.sees("(+) PUT OFF LAST TIME: Wash the shelf.")
        await nurse.press("enter")
        await nurse.sign_in_as("Anna", SECRET)
        await nurse.press("enter")
        await nurse.sees("Look around.")
        assert "PUT OFF LAST TIME" not in nurse.text()


async def test_the_bell_rings_once_for_what_becomes_late_on_the_board_and_in_a_walk(
    station: Station, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    with elsewhere(folder) as anna:
        late = anna.begin("tidy")
        anna.do(late, c.Defer("wash", "2020-01-01T00:00:00Z", WHY), c.Confirm("look"))
        async with station() as nurse:
            monkeypatch.setattr(nurse.desk, "bell", lambda: rung.append(1))
            await nurse.sees("<#> OVERDUE")
            await nurse.desk.board.fill_quietly()
            assert rung == []
            again = anna.begin("every-kind")
            anna.do(again, c.Defer("wipe", "2020-01-02T00:00:00Z", WHY))
            await nurse.desk.board.fill_quietly()
            await nurse.desk.board.fill_quietly()
            assert rung == [1]
            await nurse.desk.walk(again)
            third = anna.begin("tidy")
            anna.do(third, c.Defer("wash", "2020-01-03T00:00:00Z", WHY))
            nurse.desk.board._again()
            await nurse.until(lambda: rung == [1, 1])
            nurse.desk.board._again()
            await nurse.idle()
            assert rung == [1, 1]


async def test_what_was_put_off_before_a_restore_is_begun_anew(
    station: Station, folder: Folder, tmp_path: Path
) -> None:
    with elsewhere(folder) as anna:
        anna.do(anna.begin("tidy"), c.Defer("wash", "2020-01-01T00:00:00Z", WHY), c.Confirm("look"))
        copied = backup(anna.clinic, tmp_path / "copy", anna.who, "tui")
    assert isinstance(copied, Copied)
    back = restore(copied.folder, Folder(tmp_path / "again"), "tui")
    assert isinstance(back, Restored)
    async with station(at=back.folder) as nurse:
        await nurse.go_to("Wash the shelf (Tidy the shelf)")
        await nurse.sees("START IT ANEW")
        await nurse.press("enter")
        await nurse.sign_in_as("Anna", SECRET)
        await nurse.sees("(+) PUT OFF LAST TIME: Wash the shelf.")
        for _ in range(2):
            await nurse.sees("Press Enter when it is done.")
            await nurse.press("enter")
        await nurse.sees("COMPLETE")
        await nurse.press("enter")
        await nurse.sees("BOARD")
        await nurse.until(lambda: "Wash the shelf" not in nurse.text())
