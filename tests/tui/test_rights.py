"""What each role may do at the full screen: the key is there, does nothing, and says why."""

from collections.abc import Callable
from typing import Any

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.people.operator import ROLES, Operator

MANAGES = {"lead"}
WALKS = set(ROLES) - {"auditor"}


@pytest.mark.parametrize("role", ROLES)
async def test_every_role_walks_and_manages_as_the_table_of_rights_says(
    station: Callable[..., Any], folder: Folder, role: str
) -> None:
    with Clinic.open(folder) as clinic:
        lead = clinic.staff.prove("Anna Berg", "three blue words", "tui")
        assert isinstance(lead, SignedIn)
        assert isinstance(clinic.personnel.add("Emil Falk", [role], "six white words", lead, "tui"), Operator)
    async with station() as nurse:
        await nurse.press("f5")
        await nurse.sign_in_as("emil", "six white words")
        await nurse.until(lambda: nurse.desk.who is not None)
        before = nurse.desk.storage.saved.size

        await nurse.press("f2")
        for key, opens in (("f6", "> NAME"), ("enter", "CHANGE Anna Berg")):
            await nurse.press(key)
            if role in MANAGES:
                await nurse.sees(opens)
                await nurse.press("escape")
            else:
                await nurse.sees("Only a lead adds or changes people")
                assert opens not in nurse.text()
        await nurse.press("f4")
        await nurse.sees("CHANGE YOUR SECRET")
        await nurse.press("escape", "escape")
        assert nurse.desk.storage.saved.size == before

        await nurse.start("three acts")
        if role in WALKS:
            await nurse.sees("STEP 1 OF 3")
        else:
            await nurse.sees("they do not walk protocols")
            assert nurse.desk.storage.saved.size == before


async def test_an_auditor_looks_at_a_run_and_takes_none_over(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.start("three acts")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.sees("STEP 1 OF 3")
        await nurse.press("ctrl+q", "f5")
        await nurse.sign_in_as("dora", "five yellow words")
        await nurse.go_to("Three acts")
        await nurse.press("enter")
        await nurse.sees("Anna Berg walks this run")
        before = nurse.desk.storage.saved.size
        await nurse.press("enter")
        await nurse.sees("they do not walk protocols")
        for key in ("f2", "f3"):
            await nurse.press(key)
            await nurse.sees("press Enter to take it over first")
        assert nurse.desk.storage.saved.size == before
        await nurse.press("f8")
        await nurse.sees("READ ONLY")
