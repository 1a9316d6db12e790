"""Emergencies: one key from wherever one stands, nobody need sign in, and somebody signs for it afterwards."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.clinic.texts.adopting import Adopted, adopt
from checklist.protocol.library import shipped

FALL = """
[protocol]
id = "fall"
title = "Somebody has fallen"
version = "1.0.0"
purpose = "Help whoever fell."
category = "emergency"
style = "read-do"
subject = "clinic"

[[steps]]
id = "look"
kind = "confirm"
do = "Look whether they breathe."
expect = "they breathe"

[[steps]]
id = "second"
kind = "choice"
do = "Look whether they bleed."
options = [{ value = "no", verdict = "pass" }, { value = "yes", verdict = "pass" }]

[[steps]]
id = "signed"
kind = "sign"
do = "Say that it is over."
meanings = ["reviewed"]
"""

SPILL = "Spill of blood or body fluid"


def adopted(folder: Folder, **texts: str) -> None:
    """The lead brings these protocols of the clinic's own into force."""
    with Clinic.open(folder) as clinic:
        lead = clinic.staff.prove("Anna Berg", "three blue words", "tui")
        assert isinstance(lead, SignedIn)
        for name, text in texts.items():
            (folder.protocols / f"{name}.toml").write_text(text, "utf-8")
            assert isinstance(adopt(clinic, name, lead, "tui"), Adopted)


@pytest.fixture
def with_fall(folder: Folder) -> Folder:
    """A clinic with an emergency protocol of its own beside the shipped ones."""
    adopted(folder, fall=FALL)
    return folder


@pytest.fixture
def one_left(folder: Folder) -> None:
    """A clinic that has made every other emergency protocol an ordinary one, so that one is left."""
    emergencies = {name: each for name, each in shipped().items() if each.protocol.category == "emergency"}
    texts = {name: each.data.decode() for name, each in emergencies.items() if name != "spill"}
    ordinary = {name: text.replace('category = "emergency"', 'category = "clinic"') for name, text in texts.items()}
    adopted(folder, **ordinary)


async def emergency(nurse: Any, title: str = SPILL) -> None:
    """F9, and the number that stands before this one in the list."""
    await nurse.press("f9")
    await nurse.sees("WHICH ONE")
    found = re.search(rf"(\d)  {title}", nurse.text())
    assert found, nurse.text()
    await nurse.press(found[1], "enter")


@pytest.mark.usefixtures("one_left")
async def test_where_only_one_is_in_force_it_opens_at_once(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.press("f9")
        await nurse.sees("Keep everybody away")
        assert nurse.walk.page.state.protocol.id == "spill"
        await nurse.sees("NOT SIGNED IN: sign afterwards")


async def test_from_the_board_which_one_is_all_that_is_asked(station: Callable[..., Any], folder: Folder) -> None:
    async with station() as nurse:
        await emergency(nurse)
        await nurse.sees(SPILL)
        await nurse.sees("NOT SIGNED IN: sign afterwards")
        await nurse.press("enter")
        await nurse.sees("STEP 2 OF")
        run = nurse.walk.page.state.run
        await nurse.press("f2", "1", "enter", "5", "enter", "enter", "enter")
        await nurse.sees("STEP 3 OF")
        await nurse.press("f2")
        await nurse.press("escape", "ctrl+q")
        await nurse.sees("WHO DID THIS?")
    with Clinic.open(folder) as clinic:
        walked = [entry for entry in clinic.run_entries(run) if entry.kind.startswith(("run.", "step."))]
        assert {entry.actor for entry in walked} == {None}
        assert clinic.run(run).unattributed


async def test_whoever_did_it_signs_for_it_afterwards(station: Callable[..., Any], with_fall: Folder) -> None:
    async with station() as nurse:
        await emergency(nurse, "Somebody has fallen")
        await nurse.press("enter", "1", "enter", "enter")
        await nurse.sees("Say that it is over.")
        await nurse.press("enter", "1", "enter")
        await nurse.type("carl")
        await nurse.press("enter")
        await nurse.type("four green words")
        await nurse.press("enter")
        await nurse.sees("COMPLETE")
        await nurse.sees("REVIEWED  Carl Dahl")
        await nurse.sees("NOT SIGNED IN: sign afterwards")
        run = nurse.walk.page.state.run
        await nurse.press("enter")
        await nurse.go_to("UNSIGNED")
        await nurse.press("enter", "f5")
        await nurse.sees("WHO DID THIS?")
        await nurse.type("anna")
        await nurse.press("enter")
        await nurse.type("three blue words")
        await nurse.press("enter")
        await nurse.sees("SIGNED FOR AFTERWARDS by Anna Berg")
        assert "sign afterwards" not in nurse.text()
        assert nurse.desk.who is None, "a signature is no sign-in"
        await nurse.press("f8")
        await nurse.sees("Anna Berg (attributed afterwards)")
        await nurse.press("escape", "enter")
        await nurse.sees("BOARD")
        assert "WHO DID THIS?" not in nurse.text()
    with Clinic.open(with_fall) as clinic:
        state = clinic.run(run)
        assert clinic.staff.name_of(state.attributed) == "Anna Berg"
        assert state.steps["look"].by is None


async def test_signing_for_a_run_that_goes_on_signs_in_and_takes_it_over(
    station: Callable[..., Any], with_fall: Folder
) -> None:
    async with station() as nurse:
        await emergency(nurse, "Somebody has fallen")
        await nurse.press("enter", "f5")
        await nurse.type("carl")
        await nurse.press("enter")
        await nurse.type("four green words")
        await nurse.press("enter")
        await nurse.until(lambda: nurse.desk.who is not None)
        await nurse.idle()
        assert nurse.walk.page.name(nurse.walk.page.state.holder) == "Carl Dahl"
        await nurse.press("1", "enter", "enter")
        assert nurse.step == "signed"
        run = nurse.walk.page.state.run
    with Clinic.open(with_fall) as clinic:
        state = clinic.run(run)
        assert clinic.staff.name_of(state.steps["second"].by) == "Carl Dahl"
        assert state.steps["look"].by is None


async def test_from_the_sign_in_form_and_from_the_walk_which_is_paused(
    station: Callable[..., Any], folder: Folder
) -> None:
    async with station() as nurse:
        await nurse.start("three acts")
        await nurse.sees("WHO IS AT THIS SCREEN?")
        await emergency(nurse)
        await nurse.sees("Keep everybody away")
        assert nurse.desk.who is None
        await nurse.press("ctrl+q")
        await nurse.start("three acts")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.sees("STEP 1 OF 3")
        run = nurse.walk.page.state.run
        await nurse.press("f9")
        await nurse.sees("1  GO ON: Spill")
        await nurse.press("escape")
        await emergency(nurse)
        await nurse.sees("Keep everybody away")
        assert "sign afterwards" not in nurse.text(), "whoever is signed in does it in their own name"
        assert nurse.walk.page.name(nurse.walk.page.state.holder) == "Anna Berg"
    with Clinic.open(folder) as clinic:
        assert clinic.run(run).paused


@pytest.mark.parametrize("keys", [(), ("enter",), ("enter", "f3")])
async def test_from_the_lock_without_saying_who_is_there(station: Callable[..., Any], keys: tuple[str, ...]) -> None:
    async with station() as nurse:
        await nurse.start("three acts")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.sees("STEP 1 OF 3")
        await nurse.press("f7")
        await nurse.sees("LOCKED")
        await nurse.press(*keys)
        await emergency(nurse)
        await nurse.sees("Keep everybody away")
        await nurse.sees("NOT SIGNED IN: sign afterwards")
        await nurse.press("enter")
        await nurse.sees("STEP 2 OF")


async def test_from_a_dialog_which_is_left(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.start("three acts")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.press("f3", "2", "enter")
        await nurse.type("a no")
        await emergency(nurse)
        await nurse.sees("Keep everybody away")
        await nurse.idle()
        assert nurse.desk.keys.idle
        await nurse.press("enter")
        await nurse.sees("STEP 2 OF")
        await nurse.press("ctrl+q", "f8")
        await emergency(nurse)
        await nurse.sees("STEP 1 OF")


async def test_rights_never_stand_in_the_way_of_an_emergency(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.press("f5")
        await nurse.sign_in_as("dora", "five yellow words")
        await nurse.sees("Dora Ekman")
        await emergency(nurse)
        await nurse.sees("Keep everybody away")
        assert nurse.desk.who is None
        await nurse.press("enter")
        await nurse.sees("STEP 2 OF")


async def test_an_auditor_puts_their_name_to_no_run(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await emergency(nurse)
        await nurse.sees("Keep everybody away")
        await nurse.press("f5")
        await nurse.sees("WHO DID THIS?")
        assert "Dora" not in nurse.text()
