"""What the bar says while something is being recorded: nothing where it is quick, and how long where it is not."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from checklist.ledger.entry import Draft
from checklist.tui import keeper


async def test_what_is_quickly_saved_is_not_announced(
    station: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever painted in between would have the next step wait for another frame."""
    monkeypatch.setattr(keeper, "SAID_AFTER", 600.0)  # everything is quick
    announced: list[str] = []
    async with station() as nurse:
        await nurse.start("three acts")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.sees("Do act 1.")
        monkeypatch.setattr(nurse.desk, "show_bars", lambda: announced.append("saving"))
        await nurse.press("enter")
        assert nurse.step == "act-2"
    assert announced == []


async def test_a_disk_that_takes_long_is_named_as_slow(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.start("three acts")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.sees("Do act 1.")
        gate = threading.Event()
        held = asyncio.create_task(nurse.desk.storage.call(lambda _clinic: gate.wait(20)))
        nurse.clock.seconds += 5
        await nurse.key("enter")
        await nurse.sees("saving…")
        nurse.clock.seconds += 3
        nurse.desk.tick()
        await nurse.sees("LOG SLOW 3 s, saving…")
        assert nurse.step == "act-1"
        gate.set()
        await held
        await nurse.idle()
        assert nurse.step == "act-2"


async def test_the_bar_claims_no_more_than_was_verified(station: Callable[..., Any]) -> None:
    """Whoever opens a record looks at its end; whether all of it is whole, somebody must have verified."""

    async def verified(result: str) -> None:
        told = Draft("verified", {"size": 1, "result": result}, None, "system")
        await nurse.desk.storage.call(lambda clinic: clinic.record(told))
        nurse.desk.tick()

    async with station() as nurse:
        await nurse.sees("LOG OK")
        await nurse.sees("| never verified")
        await verified("clean")
        await nurse.sees("| verified ")
        await verified("tampered")
        await nurse.sees("LOG DAMAGED")
        assert "LOG OK" not in nurse.text()
