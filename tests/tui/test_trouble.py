"""Where nothing can be saved: no tick, the value kept, said loudly; and it goes on where it was."""

from collections.abc import Callable
from typing import Any

from checklist.clinic.folder import Folder


async def walking(nurse: Any, protocol: str) -> None:
    await nurse.start(protocol)
    await nurse.sign_in_as("anna", "three blue words")
    await nurse.sees("STEP 1 OF")


async def test_a_ledger_that_is_gone_stops_every_tick_and_comes_back(
    station: Callable[..., Any], folder: Folder
) -> None:
    async with station() as nurse:
        await walking(nurse, "every")
        await nurse.press("enter")
        await nurse.type("4.1")
        await nurse.press("enter")
        away = folder.ledger.with_name("away.db")
        folder.ledger.rename(away)
        await nurse.press("enter")
        await nurse.sees("NOTHING IS BEING SAVED")
        await nurse.sees("LOG NOT SAVED")
        await nurse.sees("Not saved: step 2, Read the fridge. 4.1")
        await nurse.press("enter")
        await nurse.sees("NOTHING IS BEING SAVED")
        await nurse.press("escape")
        assert nurse.step == "temperature"
        assert nurse.walk.taken == "4.1"
        await nurse.sees("4.1")
        away.rename(folder.ledger)
        await nurse.press("enter")
        assert nurse.step == "seal"
        await nurse.sees("LOG OK")


async def test_trying_again_records_once(station: Callable[..., Any], folder: Folder) -> None:
    async with station() as nurse:
        await walking(nurse, "three acts")
        before = nurse.desk.storage.saved.size
        away = folder.root.with_name("away")
        folder.root.rename(away)
        await nurse.press("enter")
        await nurse.sees("NOTHING IS BEING SAVED")
        away.rename(folder.root)
        await nurse.press("enter")
        await nurse.until(lambda: nurse.step == "act-2")
        assert nurse.desk.storage.saved.size == before + 1


async def test_another_thing_in_the_ledgers_place_is_no_ledger(station: Callable[..., Any], folder: Folder) -> None:
    async with station() as nurse:
        await walking(nurse, "three acts")
        away = folder.ledger.with_name("away.db")
        folder.ledger.rename(away)
        folder.ledger.mkdir()
        await nurse.press("enter")
        await nurse.sees("NOTHING IS BEING SAVED")
        await nurse.press("escape")
        assert nurse.step == "act-1"
        folder.ledger.rmdir()
        away.rename(folder.ledger)
        await nurse.press("enter")
        assert nurse.step == "act-2"


async def test_a_clinic_that_cannot_be_opened_says_so(station: Callable[..., Any], folder: Folder) -> None:
    text = folder.config.read_text("utf-8")
    folder.config.write_text("[clinic\n", "utf-8")
    async with station(ready=False) as nurse:
        await nurse.sees("NOTHING IS BEING SAVED")
        folder.config.write_text(text, "utf-8")
        await nurse.press("enter")
        await nurse.sees("Open the clinic for the day")
