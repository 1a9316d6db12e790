"""What was overridden, and who signed what, is seen on every later screen."""

from collections.abc import Callable
from typing import Any

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.clinic.texts.adopting import Adopted, adopt

SIZES = [(80, 24), (120, 40)]

GUARDED = """
[protocol]
id = "guarded"
title = "A hold, then a signature"
version = "1.0.0"
purpose = "Try a hold."
category = "treatment"
style = "read-do"
subject = "session"

[[steps]]
id = "seal"
kind = "choice"
do = "Look at the seal."
options = [{ value = "whole", verdict = "pass" }, { value = "broken", verdict = "fail" }]
hold = true

[[steps]]
id = "release"
kind = "sign"
do = "Decide."
meanings = ["released", "quarantined"]
"""


@pytest.fixture
def guarded(folder: Folder) -> Folder:
    """A clinic with a protocol about a visit that begins with a hold, and one that comes after it."""
    with Clinic.open(folder) as clinic:
        lead = clinic.staff.prove("Anna Berg", "three blue words", "tui")
        assert isinstance(lead, SignedIn)
        after = GUARDED.replace('"guarded"', '"afterwards"').replace("A hold, then a signature", "What comes after")
        for name, text in (("guarded", GUARDED), ("afterwards", after)):
            (folder.protocols / f"{name}.toml").write_text(text, "utf-8")
            assert isinstance(adopt(clinic, name, lead, "tui"), Adopted)
    return folder


async def overridden(nurse: Any) -> str:
    """Walk the hold and pass it all the same; the number of the visit."""
    await nurse.start("a hold")
    await nurse.sign_in_as("anna", "three blue words")
    await nurse.press("1", "enter")
    assert nurse.walk.find("f2").label == "OVERRIDE"
    await nurse.press("f2", "4", "enter")
    await nurse.type("the lead decided")
    await nurse.press("enter")
    await nurse.sees("SECOND PERSON  Carl Dahl")
    await nurse.type("four green words")
    await nurse.press("enter")
    await nurse.sees("/O\\ OVERRIDDEN: Look at the seal.  Anna Berg with Carl Dahl")
    return str(nurse.walk.page.state.session)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.usefixtures("guarded")
async def test_an_override_is_marked_on_every_later_screen(station: Callable[..., Any], size: tuple[int, int]) -> None:
    async with station(size) as nurse:
        await overridden(nurse)
        assert not nurse.unreadable()
        await nurse.press("f8")
        await nurse.sees("/O\\ OVERRIDDEN: Look at the seal.")
        await nurse.press("escape", "ctrl+q")
        await nurse.sees("BOARD")
        await nurse.sees("/O\\ OVERRIDDEN")


@pytest.mark.usefixtures("guarded")
async def test_it_is_seen_in_every_other_run_of_the_visit_and_in_none_of_another(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        visit = await overridden(nurse)
        await nurse.press("ctrl+q")
        await nurse.start("what comes after")
        await nurse.sees(f"1  {visit}")
        await nurse.press("1", "enter")
        await nurse.sees("What comes after")
        await nurse.sees("OVERRIDDEN: A hold, then a signature: seal")
        await nurse.press("ctrl+q")
        await nurse.start("what comes after")
        await nurse.opens_a_visit()
        await nurse.sees("What comes after")
        assert nurse.walk.page.state.session != visit
        assert "OVERRIDDEN" not in nurse.text()


async def test_the_second_person_comes_with_badge_and_pin(station: Callable[..., Any], guarded: Folder) -> None:
    with Clinic.open(guarded) as clinic:
        lead = clinic.staff.prove("Anna Berg", "three blue words", "tui")
        carl = clinic.staff.prove("Carl Dahl", "four green words", "tui")
        assert isinstance(lead, SignedIn)
        assert isinstance(carl, SignedIn)
        assert clinic.staff.give_badge(carl.id, "0412345678", lead, "tui") is None
        assert clinic.staff.change_secret(carl, "four green words", "904817", "tui") is None
    async with station() as nurse:
        await nurse.start("a hold")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.press("1", "enter")
        run = nurse.walk.page.state.run
        await nurse.press("f2", "4", "enter")
        await nurse.type("the lead decided")
        await nurse.press("enter")
        await nurse.type("904817")
        await nurse.press("enter")
        await nurse.sees("A PIN is good only together with the badge")
        await nurse.badge("0412345678")
        await nurse.sees("> SECRET")
        await nurse.type("904817")
        await nurse.press("enter")
        await nurse.sees("/O\\ OVERRIDDEN: Look at the seal.")
    with Clinic.open(guarded) as clinic:
        passed = next(entry for entry in clinic.run_entries(run) if entry.kind == "step.overridden")
        assert passed.data["factors"] == ["badge", "secret"]


@pytest.mark.usefixtures("guarded")
async def test_a_signature_stands_with_name_time_and_meaning(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await overridden(nurse)
        await nurse.press("enter", "2", "enter", "enter")
        await nurse.type("three blue words")
        await nurse.press("enter")
        signed = "QUARANTINED  Anna Berg, "
        await nurse.sees(f"SIGNED  {signed}")
        await nurse.sees(", by secret")
        await nurse.press("f8")
        await nurse.sees(f"signed: {signed}")


async def test_what_cannot_be_overridden_offers_to_leave_it_out(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.start("three acts")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.sees("[F2] LEAVE OUT")
        assert "OVERRIDE" not in nurse.text()
