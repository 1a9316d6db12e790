"""The numbers of a period: pictures that need no colour, and the same as tables."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize("colour", ["colour", "none"])
async def test_every_picture_has_a_table_with_the_same_numbers(
    station: Callable[..., Any],
    log: Callable[..., Any],
    sign: Callable[..., Any],
    colour: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if colour == "none":
        monkeypatch.setenv("NO_COLOR", "1")
    async with station() as nurse:
        await log(nurse)
        await nurse.press("f6")
        await nurse.sees("WHAT THE PLAN ASKED FOR")
        await sign(nurse, "2", "DEVIATIONS, BY PROTOCOL")
        await nurse.sees("Read the fridge  #")
        await nurse.press("f2")
        await nurse.sees("done, not at once")
        await nurse.press("f2")
        await sign(nurse, "4", "Read the fridge: temperature")
        await nurse.sees("1 outside")
        picture = nurse.text()
        assert "X" in picture.split("readings,")[1]
        assert picture.count("o") > 2
        await nurse.press("f2")
        await nurse.sees("9.9")
        await nurse.sees("outside")
        assert not nurse.unreadable()
        await nurse.press("right")
        await nurse.sees("WHAT STOOD IN THE WAY AT THE GATE")
        await sign(nurse, "c", "Copied")
        assert "GATE" in nurse.desk.clipboard


async def test_another_time_is_asked_for_in_days(station: Callable[..., Any], log: Callable[..., Any]) -> None:
    async with station() as nurse:
        await log(nurse)
        await nurse.press("f6")
        await nurse.sees("WHAT THE PLAN ASKED FOR")
        await nurse.press("f6")
        await nurse.sees("OF WHICH TIME?")
        for _ in range(10):
            await nurse.press("backspace")
        await nurse.type("long ago")
        await nurse.press("enter", "enter", "enter")
        await nurse.sees("Write days like 2027-03-31.")
