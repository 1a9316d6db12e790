"""Keys: a scanner never presses one, a held Enter signs once, and nothing is lost or done twice while saving."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from checklist.tui.bars import ALTERNATIVES, KeyBar
from checklist.tui.walker.walk_keys import walk_keys


async def walking(nurse: Any, protocol: str = "three acts") -> None:
    await nurse.start(protocol)
    await nurse.sign_in_as("anna", "three blue words")
    await nurse.sees("STEP 1 OF")


def entries(nurse: Any) -> int:
    return int(nurse.desk.storage.saved.size)


async def test_a_scan_does_nothing_on_any_screen_but_fill_a_field(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        before = entries(nurse)
        await nurse.burst()
        await nurse.press("escape", "escape")
        assert entries(nurse) == before
        await nurse.sees("BOARD")
        await walking(nurse, "every")
        before = entries(nurse)

        async def burst_at(*keys: str) -> None:
            await nurse.press(*keys)
            seen = nurse.desk.face
            await nurse.burst("2" * 20, "enter")
            await nurse.burst("2" * 20, "tab")
            assert entries(nurse) == before
            if keys:
                assert nurse.desk.face is seen
                for _ in range(3):
                    if nurse.desk.face is not nurse.walk_face():
                        await nurse.press("escape")

        await burst_at()
        for key in ("f1", "f2", "f3", "f8"):
            await burst_at(key)
        await nurse.press("enter")
        before = entries(nurse)
        await nurse.burst("4.1")
        assert nurse.step == "temperature"
        assert entries(nurse) == before
        await nurse.sees("UNDERSTOOD  4.1 °C")


async def test_the_separator_of_a_barcode_stays_visible_in_a_field(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await walking(nurse, "every")
        await nurse.press("enter")
        await nurse.burst("10ABC␝17", end="tab")
        await nurse.sees("10ABC␝17")


@pytest.mark.parametrize("delay", [0.25, 0.5, 0.8])
async def test_enter_held_for_two_seconds_signs_one_step(station: Callable[..., Any], delay: float) -> None:
    async with station() as nurse:
        await walking(nurse)
        nurse.clock.seconds += 5
        before = entries(nurse)
        await nurse.key("enter")
        await nurse.until(lambda: nurse.step == "act-2" and nurse.desk.keys.idle)
        nurse.clock.seconds += delay
        for _ in range(40):
            await nurse.key("enter")
            nurse.clock.seconds += 0.033
        await nurse.idle()
        assert nurse.step == "act-2"
        assert entries(nurse) == before + 1
        await nurse.press("enter")
        assert nurse.step == "act-3"


async def test_keys_that_come_while_a_step_is_being_saved_go_to_what_they_were_meant_for(
    station: Callable[..., Any],
) -> None:
    async with station() as nurse:
        await walking(nurse, "every")
        gate = threading.Event()
        held = asyncio.create_task(nurse.desk.storage.call(lambda _clinic: gate.wait(20)))
        nurse.clock.seconds += 5
        await nurse.key("enter")
        await nurse.sees("saving…")
        assert nurse.step == "wipe", "not shown as done before it is saved"
        assert "[>]  1" not in nurse.text() or "[x]  1" not in nurse.text()
        for letter in "4.1":
            nurse.clock.seconds += 0.2
            await nurse.key(letter)
        nurse.clock.seconds += 0.2
        await nurse.key("enter")
        gate.set()
        await held
        await nurse.idle()
        assert nurse.step == "temperature"
        await nurse.sees("UNDERSTOOD  4.1 °C")


async def test_a_second_enter_while_saving_does_not_sign_the_next_step(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await walking(nurse)
        gate = threading.Event()
        held = asyncio.create_task(nurse.desk.storage.call(lambda _clinic: gate.wait(20)))
        nurse.clock.seconds += 5
        for _ in range(3):
            await nurse.key("enter")
            nurse.clock.seconds += 1.5
        gate.set()
        await held
        await nurse.idle()
        assert nurse.step == "act-2"


async def test_a_dimmed_key_says_why(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await walking(nurse, "every")
        dimmed = [key for key in walk_keys(nurse.walk) if key.off]
        assert dimmed
        for key in dimmed:
            await nurse.press(key.name)
            await nurse.sees(key.off[:50])
            assert key.off.endswith(".")


async def test_f_keys_have_alternatives_and_a_touch_is_a_key(station: Callable[..., Any]) -> None:
    async with station((120, 40)) as nurse:
        await walking(nurse)
        await nurse.press(ALTERNATIVES["f8"])
        await nurse.sees("READ ONLY")
        await nurse.press("enter")
        bar = nurse.desk.screen.query_one(KeyBar)
        nurse.clock.seconds += 3
        await nurse.pilot.click(KeyBar, offset=(3, 1))
        await nurse.idle()
        assert nurse.step == "act-2"
        assert bar.size.height % 3 == 0
    forbidden = {f"ctrl+{letter}" for letter in "chijmqswzd"}
    assert not forbidden & set(ALTERNATIVES.values())


async def test_wrong_keys_change_nothing(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await walking(nurse)
        before = entries(nurse)
        keys = ("space", "a", "Z", "0", "f6", "ctrl+j", "ctrl+d", "ctrl+c", "ctrl+z", "tab", "delete", "insert")
        await nurse.press(*keys, "up", "down", "pageup", "pagedown", "home", "end", "backspace", "f10", "f12")
        assert nurse.step == "act-1"
        assert entries(nurse) == before


async def test_after_the_warning_only_esc_leaves_and_any_other_key_goes_on(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await walking(nurse)
        before = entries(nurse)
        await nurse.press("f2", "1", "enter", "7", "enter")
        await nurse.type("no tray")
        await nurse.press("escape")
        await nurse.sees("What you typed would be lost.")
        await nurse.press("enter", "enter")
        assert entries(nurse) == before, "after the warning Enter only goes on"
        await nurse.press("escape")
        await nurse.sees("What you typed would be lost.")
        await nurse.type("s")
        await nurse.sees("no trays ")
        assert "would be lost" not in nurse.text()
        await nurse.press("escape", "down", "escape")
        await nurse.sees("What you typed would be lost.")
        await nurse.press("escape")
        assert nurse.step == "act-1"
        assert entries(nurse) == before


async def test_the_field_that_takes_the_keys_is_marked_by_a_sign(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.press("f5")
        await nurse.type("anna")
        await nurse.press("enter")
        await nurse.sees("> SECRET")
        await nurse.press("escape")
        await walking(nurse, "read by two")
        await nurse.press("1", "enter", "enter")
        await nurse.sees("> GTIN")
        assert "> OR REF" not in nurse.text()
        await nurse.press("tab")
        await nurse.sees("> OR REF")
        assert "> GTIN" not in nurse.text()


async def test_leaving_with_typed_text_asks_first(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await walking(nurse, "every")
        await nurse.press("enter")
        await nurse.type("4")
        await nurse.press("escape")
        await nurse.sees("What you typed is not recorded.")
        assert nurse.step == "temperature"
        await nurse.press("escape")
        await nurse.sees("BOARD")


async def test_esc_says_that_it_leaves_a_run_before_it_does(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await walking(nurse)
        before = entries(nurse)
        await nurse.press("escape")
        await nurse.sees("Esc once more pauses this run and leaves it.")
        await nurse.press("down", "escape")
        await nurse.sees("Esc once more pauses this run and leaves it.")
        assert entries(nurse) == before
        assert nurse.step == "act-1"
        await nurse.press("ctrl+q")
        await nurse.sees("BOARD")
