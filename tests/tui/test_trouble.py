"""Where nothing can be saved: no tick, the value kept, said loudly; and it goes on where it was."""

from collections.abc import Callable
from typing import Any

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic
from checklist.ledger.errors import NotSaved, Unreachable


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


async def test_a_run_of_which_nobody_knows_whether_it_began_is_looked_for_and_not_begun_again(
    station: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = Clinic.begin

    def torn(clinic: Clinic, *asked: Any) -> Any:
        begin(clinic, *asked)
        raise Unreachable("Whether it was saved cannot be found out now.")

    async with station() as nurse:
        monkeypatch.setattr(Clinic, "begin", torn)
        await nurse.start("three acts")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.sees("IT IS NOT KNOWN WHETHER THAT WAS SAVED")
        assert "TRY AGAIN" not in nurse.text()
        await nurse.press("enter")
        await nurse.sees("IT IS NOT KNOWN WHETHER THAT WAS SAVED")
        await nurse.press("escape")
        await nurse.sees("1 of 3")
        assert len(nurse.desk.board.page.open) == 1


async def test_trying_again_to_begin_a_run_opens_no_second_visit(
    station: Callable[..., Any], folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, tries = Clinic.begin, [0]

    def full(clinic: Clinic, *asked: Any) -> Any:
        tries[0] += 1
        if tries[0] == 1:
            raise NotSaved("The disk is full.")
        return begin(clinic, *asked)

    async with station() as nurse:
        monkeypatch.setattr(Clinic, "begin", full)
        await nurse.start("microneedling")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.press("1", "enter")
        await nurse.sees("NOTHING IS BEING SAVED")
        await nurse.press("enter")
        await nurse.sees("STEP 1 OF")
    with Clinic.open(folder) as clinic:
        assert clinic.ledger.query("SELECT count(*) FROM session")[0][0] == 1


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
