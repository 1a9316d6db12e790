"""What is on each screen, at both sizes, in colour and without; and that screens do not pile up."""

import asyncio
import gc
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.color import ColorSystem
from textual import events
from textual.screen import Screen
from textual.widget import Widget

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.state import RunState

SIZES = [(80, 24), (120, 40)]


async def walking(nurse: Any, protocol: str) -> None:
    await nurse.start(protocol)
    await nurse.sign_in_as("anna", "three blue words")
    await nurse.sees("STEP 1 OF")


async def test_the_first_start_makes_a_clinic_and_says_what_to_keep(
    station: Callable[..., Any], tmp_path: Path
) -> None:
    new = Folder(tmp_path / "new")
    async with station(at=new, ready=False) as nurse:
        await nurse.sees("LET US MAKE ONE")
        await nurse.type("Riverside Skin")
        await nurse.press("enter")
        await nurse.type("Anna Berg")
        await nurse.press("enter")
        await nurse.type("shorty")
        await nurse.press("enter")
        await nurse.sees("The secret is too short")
        await nurse.sees("> YOUR SECRET   [    ")
        await nurse.type("three blue words")
        await nurse.press("enter")
        await nurse.sees("> ONCE MORE")
        await nurse.type("three blue birds")
        await nurse.press("enter")
        await nurse.sees("not the same")
        assert not new.made
        await nurse.type("three blue words")
        await nurse.press("enter")
        await nurse.type("three blue words")
        await nurse.press("enter")
        await nurse.sees("WRITE THESE DOWN")
        assert "riverside-skin.clinic/a+" in nurse.text()
        assert "three blue" not in nurse.text()
        await nurse.press("enter")
        await nurse.sees("Open the clinic for the day")
        assert "Anna Berg" in nurse.text()


def put_off_long_ago(folder: Folder) -> None:
    """Somebody put a step off until a day that has passed."""
    with Clinic.open(folder) as clinic:
        anna = clinic.staff.prove("Anna Berg", "three blue words", "tui")
        assert isinstance(anna, SignedIn)
        run = clinic.begin("plain-walk", "", anna, "tui")
        assert isinstance(run, RunState)
        put_off = c.Defer(run.protocol.steps[0].id, "2020-01-01T00:00:00Z", Reason("not-available", None))
        assert isinstance(clinic.do(run.run, put_off, anna, "tui"), RunState)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("colour", ["colour", "none"])
@pytest.mark.parametrize("light", [False, True])
async def test_every_screen_can_be_read_in_every_colour_mode(
    station: Callable[..., Any],
    folder: Folder,
    size: tuple[int, int],
    colour: str,
    light: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if colour == "none":
        monkeypatch.setenv("NO_COLOR", "1")
    put_off_long_ago(folder)
    async with station(size) as nurse:
        if light:
            nurse.desk.turn_light()

        async def readable(*words: str) -> None:
            for word in words:
                await nurse.sees(word)
            text = nurse.text()
            assert not nurse.unreadable()
            if not light:
                assert not nurse.unreadable(ColorSystem.EIGHT_BIT)
                assert not nurse.unreadable(ColorSystem.STANDARD)
            assert all(len(line) <= size[0] for line in text.splitlines())
            assert len(text.splitlines()) == size[1]

        await readable("OVERDUE", "Open the clinic for the day", "[Enter]", "LOG OK", "NOT SIGNED IN")
        await nurse.press("f1")
        await nurse.sees("HOW THIS WORKS")
        await readable("[Esc]")
        await nurse.press("escape")
        await walking(nurse, "every")
        await readable("Wipe the tray.", "CAUTION", "Gloves on.", "Anna Berg", "[F8]")
        if size[0] == 120:
            await readable("A wet tray carries germs.")
        for key, word in (("f1", "A wet tray"), ("f2", "LEAVE OUT"), ("f3", "PROBLEM"), ("f8", "READ ONLY")):
            await nurse.press(key)
            await nurse.sees(word)
            await readable()
            await nurse.press("escape")
        await nurse.press("enter")
        await readable("VALUE", "°C")
        await nurse.type("9")
        await nurse.press("enter", "enter")
        await readable("<X> OUT OF LIMIT", "WHAT WAS DONE")
        await nurse.press("f7")
        await readable("LOCKED   Anna Berg was here.", "Read the fridge.", "[F9]")
        await nurse.press("enter")
        await readable("NAME OR BADGE", "[F3]", "[F9]")
        await nurse.press("f9")
        await readable("WHICH ONE", "1  Anaphylaxis", "5  Spill of blood or body fluid", "START")
        await nurse.press("5", "enter")
        await readable("NOT SIGNED IN: sign afterwards", "Keep everybody away", "SIGN FOR IT")
        await nurse.press("ctrl+q")
        await readable("WHO DID THIS?")
        await nurse.press("f2")
        await nurse.sign_in_as("anna", "three blue words")
        await readable("PEOPLE", "Dora Ekman", "auditor", "ADD SOMEBODY")


async def test_a_window_that_is_too_small_says_so_and_signs_nothing(station: Callable[..., Any]) -> None:
    async with station((60, 20)) as nurse:
        await nurse.sees("Enlarge the window to 80x24 (now 60x20).")
        before = nurse.desk.storage.saved.size
        await nurse.press("enter", "f6")
        assert nurse.desk.storage.saved.size == before


async def test_words_from_files_and_keyboards_only_ever_are_words(station: Callable[..., Any]) -> None:
    def harmless(nurse: Any) -> None:
        bad = {sign for sign in nurse.text() if sign != "\n" and unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cs")}
        assert not bad

    async with station() as nurse:
        await nurse.type("red")
        harmless(nurse)
        await nurse.press("escape")
        await walking(nurse, "bold")
        harmless(nurse)
        await nurse.sees("[red]Do")
        await nurse.sees("[not closed")
        await nurse.press("f1")
        harmless(nurse)
        await nurse.press("escape", "enter")
        await nurse.sees("[x][y]")
        await nurse.press("1", "enter", "enter")
        assert nurse.step == "three"
        await nurse.event(events.Paste("\x1b[31m[b]\u202eevil\x00\x9b[/b] $ink \x1d\nsecond line"))
        await nurse.sees("[b]evil")
        harmless(nurse)
        assert "second line" not in nurse.text()
        await nurse.press("enter", "enter")
        await nurse.sees("COMPLETE")
        harmless(nurse)
        await nurse.press("f8")
        await nurse.sees("[b]evil")
        harmless(nurse)


async def test_a_timer_is_seen_on_every_screen_and_ends_by_itself(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await walking(nurse, "every")
        await nurse.press("enter")
        await nurse.type("4")
        await nurse.press("enter", "enter", "1", "enter", "enter")
        assert nurse.step == "soak"
        await nurse.press("enter")
        await nurse.sees("(~) WAIT")
        await nurse.press("enter")
        await nurse.sees("Not yet:")
        await nurse.press("ctrl+q")
        await nurse.sees("BOARD")
        await nurse.sees("(~) WAIT 00:0")
        await nurse.press("f1")
        assert "(~) WAIT 00:0" in nurse.text()
        await nurse.press("escape")
        await nurse.until(lambda: "(~) WAIT 00:0" not in nurse.text())
        await nurse.sees("5 of 10")


async def test_many_visits_leave_no_screens_behind(station: Callable[..., Any]) -> None:
    def alive() -> Counter[str]:
        gc.collect()
        return Counter(type(one).__name__ for one in gc.get_objects() if isinstance(one, Screen | Widget))

    async with station() as nurse:
        await walking(nurse, "three acts")

        async def visit(times: int) -> None:
            for _ in range(times):
                await nurse.press("f1", "escape", "f2", "escape", "f8", "escape", "ctrl+q")
                await nurse.go_to("Three acts")
                await nurse.press("enter")
                assert nurse.step == "act-1"

        async def ticking() -> None:
            while True:
                nurse.desk.tick()
                await asyncio.sleep(0.001)  # and the storage gets its turn

        await visit(2)
        before = alive()
        # A second may pass at any moment of a screen's coming and going.
        ticks = asyncio.create_task(ticking())
        await visit(6)
        ticks.cancel()
        await visit(8)
        after = alive()
        grown = {name: (before[name], count) for name, count in after.items() if count > before[name] + 2}
        assert not grown
