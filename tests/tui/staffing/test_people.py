"""Signing in at a shared screen: by name or badge, with a secret typed by hand; and what is said where it fails."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual import events

from checklist.clinic.folder import Folder
from checklist.clinic.making import make
from checklist.clinic.service import Clinic, SignedIn

BADGE = "0412345678"
PIN = "904817"


@pytest.fixture
def badged(folder: Folder) -> Folder:
    """A clinic in which Carl has a badge, and a PIN that is good only with it."""
    with Clinic.open(folder) as clinic:
        lead = clinic.staff.prove("Anna Berg", "three blue words", "tui")
        carl = clinic.staff.prove("Carl Dahl", "four green words", "tui")
        assert isinstance(lead, SignedIn)
        assert isinstance(carl, SignedIn)
        assert clinic.staff.give_badge(carl.id, BADGE, lead, "tui") is None
        assert clinic.staff.change_secret(carl, "four green words", PIN, "tui") is None
    return folder


@pytest.mark.usefixtures("badged")
async def test_a_badge_fills_in_the_name_and_is_never_shown(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.press("f5")
        await nurse.sees("NAME OR BADGE")
        await nurse.badge(BADGE)
        await nurse.sees("NAME OR BADGE  Carl Dahl")
        assert BADGE not in nurse.text()
        assert BADGE[:4] not in nurse.text()
        await nurse.type(PIN)
        assert PIN not in nurse.text()
        await nurse.press("enter")
        await nurse.until(lambda: nurse.desk.who is not None)
        assert nurse.desk.who.name == "Carl Dahl"
        assert nurse.desk.who.person.factors == ("badge", "secret")


@pytest.mark.usefixtures("badged")
async def test_a_reader_that_sends_no_enter_does_as_well(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.press("f5")
        for sign in BADGE:
            nurse.clock.seconds += 0.003
            nurse.letter(sign)
        await nurse.sees("> SECRET")
        await nurse.sees("NAME OR BADGE  Carl Dahl")


@pytest.mark.usefixtures("badged")
async def test_a_pin_without_the_badge_is_refused_and_says_so(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.press("f5")
        await nurse.sign_in_as("carl", PIN)
        await nurse.sees("A PIN is good only together with the badge")
        assert nurse.desk.who is None
        await nurse.badge(BADGE)
        await nurse.sees("NAME OR BADGE  Carl Dahl")
        await nurse.type(PIN)
        await nurse.press("enter")
        await nurse.until(lambda: nurse.desk.who is not None)


@pytest.mark.usefixtures("badged")
async def test_choosing_another_name_after_the_badge_lets_go_of_it(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.press("f5")
        await nurse.badge(BADGE)
        await nurse.sees("> SECRET")
        await nurse.press("up", "1", "enter")
        await nurse.type("three blue words")
        await nurse.press("enter")
        await nurse.until(lambda: nurse.desk.who is not None)
        assert nurse.desk.who.name == "Anna Berg"
        assert nurse.desk.who.person.factors == ("secret",)


async def test_an_unknown_badge_is_said_and_not_shown(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.press("f5")
        await nurse.badge("9999888877")
        await nurse.sees("Nobody here has this badge.")
        assert "9999" not in nurse.text()


async def test_a_secret_is_never_scanned_nor_pasted(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.press("f5", "1", "enter")
        await nurse.sees("> SECRET")
        before = nurse.desk.storage.saved.size
        await nurse.burst("three blue words")
        await nurse.sees("Nothing pasted or scanned is taken as a secret")
        await nurse.press("enter")
        await nurse.sees("Nothing pasted or scanned is taken as a secret.")
        await nurse.event(events.Paste("three blue words"))
        await nurse.sees("Nothing pasted or scanned is taken as a secret")
        await nurse.press("enter")
        assert nurse.desk.who is None
        assert nurse.desk.storage.saved.size == before
        await nurse.type("three blue words")
        await nurse.press("enter")
        await nurse.until(lambda: nurse.desk.who is not None)


async def test_five_wrong_secrets_lock_and_the_screen_says_until_when(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.press("f5", "2", "enter")
        for _ in range(5):
            await nurse.sees("> SECRET")
            await nurse.type("some other words")
            await nurse.press("enter")
            await nurse.sees("do not belong together")
        await nurse.sees("This sign-in is locked")
        await nurse.type("four green words")
        await nurse.press("enter")
        await nurse.sees("This sign-in is locked until")
        assert nurse.desk.who is None


async def test_somebody_disabled_meanwhile_is_told_so(station: Callable[..., Any], folder: Folder) -> None:
    async with station() as nurse:
        await nurse.press("f5", "2", "enter")
        with Clinic.open(folder) as clinic:
            lead = clinic.staff.prove("Anna Berg", "three blue words", "tui")
            assert isinstance(lead, SignedIn)
            carl = next(one for one in clinic.staff.operators() if one.name == "Carl Dahl")
            clinic.personnel.disable(carl.id, lead, "tui")
        await nurse.type("four green words")
        await nurse.press("enter")
        await nurse.sees("may do nothing here any more")
        assert nurse.desk.who is None


@pytest.mark.usefixtures("badged")
async def test_switching_keeps_the_run_on_the_screen(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.start("three acts")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.press("enter")
        await nurse.sees("STEP 2 OF 3")
        await nurse.press("f5")
        await nurse.badge(BADGE)
        await nurse.sees("NAME OR BADGE  Carl Dahl")
        await nurse.type(PIN)
        await nurse.press("enter")
        assert nurse.step == "act-2"
        await nurse.press("enter")
        assert nurse.step == "act-3"
        page = nurse.walk.page
        assert page.name(page.state.steps["act-1"].by) == "Anna Berg"
        assert page.name(page.state.steps["act-2"].by) == "Carl Dahl"


async def test_a_lead_alone_ends_their_own_lock_with_the_code_from_the_paper(
    station: Callable[..., Any], tmp_path: Path
) -> None:
    new = Folder(tmp_path / "new")
    code = make(new, "Riverside Skin", "Anna Berg", "three blue words", "tui").recovery
    with Clinic.open(new) as clinic:
        for _ in range(5):
            clinic.staff.prove("Anna Berg", "some other words", "tui")
    async with station(at=new) as nurse:
        await nurse.press("f5")
        await nurse.sees("> SECRET")
        await nurse.type("three blue words")
        await nurse.press("enter")
        await nurse.sees("This sign-in is locked until")
        await nurse.press("f3")
        await nurse.sees("END YOUR OWN LOCK")
        await nurse.type("three blue words")
        await nurse.press("enter")
        await nurse.type(code)
        await nurse.press("enter", "enter")
        await nurse.sees("WRITE THIS DOWN")
        assert code not in nurse.text()
        await nurse.press("enter")
        await nurse.sign_in("three blue words")
        await nurse.until(lambda: nurse.desk.who is not None)
