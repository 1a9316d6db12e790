"""The people's screen: a lead sees and changes who works here, everybody changes their own secret."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn

SIZES = [(80, 24), (120, 40)]


async def people(nurse: Any) -> None:
    """A lead at the people's screen."""
    await nurse.press("f2")
    await nurse.sign_in_as("anna", "three blue words")
    await nurse.sees("[Enter] CHANGE")


async def change(nurse: Any, name: str, what: str) -> None:
    """Choose somebody, and one of the ways to change them."""
    await nurse.press("home")
    while not any(line.startswith(" > ") and name in line for line in nurse.text().splitlines()):
        await nurse.press("down")
    await nurse.press("enter")
    await nurse.sees(f"CHANGE {name}")
    line = next(line for line in nurse.text().splitlines() if what in line)
    await nurse.press(next(sign for sign in line if sign.isdigit()), "enter")


def person(clinic: Clinic, name: str) -> Any:
    return next(one for one in clinic.staff.operators() if one.name == name)


@pytest.mark.parametrize("size", SIZES)
async def test_a_lead_sees_who_is_locked_and_what_ends_soon(
    station: Callable[..., Any], folder: Folder, size: tuple[int, int]
) -> None:
    with Clinic.open(folder) as clinic:
        lead = clinic.staff.prove("Anna Berg", "three blue words", "tui")
        assert isinstance(lead, SignedIn)
        carl = person(clinic, "Carl Dahl")
        soon = (date.fromisoformat(clinic.now().at[:10]) + timedelta(days=12)).isoformat()
        clinic.personnel.grant(carl.id, "microneedling", soon, {"max_depth_mm": "1,5"}, lead, "tui")
        clinic.personnel.grant(lead.id, "licence", None, {}, lead, "tui")
        for _ in range(5):
            clinic.staff.prove("Dora Ekman", "not her words", "tui")
    async with station(size) as nurse:
        assert "microneedling" not in nurse.text(), "this is for leads"
        await nurse.press("f5")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.sees("Dora Ekman is locked until")
        await nurse.sees("Carl Dahl: microneedling ends in 1")
        await nurse.press("f2")
        await nurse.sees("ENDS SOON microneedling")
        await nurse.sees("max_depth_mm 1.5")
        await nurse.sees("<#> LOCKED until")
        await nurse.sees("lead, release, reprocessing, staff")
        await nurse.sees("licence  has no end")
        assert not nurse.unreadable()
        assert all(len(line) <= size[0] for line in nurse.text().splitlines())
        await change(nurse, "Dora Ekman", "end the lock")
        await nurse.press("enter")
        await nurse.sees("Dora Ekman may try again.")
        assert "LOCKED" not in nurse.text()


async def test_adding_somebody_who_then_signs_in(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await people(nurse)
        await nurse.press("f6")
        await nurse.type("Emil Falk")
        await nurse.press("enter")
        await nurse.type("staff, release")
        await nurse.press("enter")
        await nurse.type("six white words")
        await nurse.press("enter")
        await nurse.type("six white birds")
        await nurse.press("enter")
        await nurse.sees("The two new secrets are not the same.")
        await nurse.type("six white words")
        await nurse.press("enter")
        await nurse.type("six white words")
        await nurse.press("enter")
        await nurse.sees("Emil Falk was added.")
        assert "six white" not in nurse.text()
        await nurse.press("escape", "f5")
        await nurse.sign_in_as("emil", "six white words")
        await nurse.until(lambda: nurse.desk.who.name == "Emil Falk")


async def test_roles_and_credentials(station: Callable[..., Any], folder: Folder) -> None:
    async with station() as nurse:
        await people(nurse)
        await change(nurse, "Carl Dahl", "give other roles")
        await nurse.sees("release staff")
        await nurse.type(" prescriber")
        await nurse.press("enter", "enter")
        await nurse.sees("Carl Dahl has: prescriber, release, staff.")
        await change(nurse, "Carl Dahl", "grant a credential")
        await nurse.type("microneedling")
        await nurse.press("enter")
        await nurse.type("2020-01-01")
        await nurse.press("enter")
        await nurse.type("max_depth_mm=1,5")
        await nurse.press("enter", "enter")
        await nurse.sees("is over already")
        await nurse.press("up", *["backspace"] * 10)
        await nurse.type("2099-01-01")
        await nurse.press("enter", "enter", "enter")
        await nurse.sees("Carl Dahl holds microneedling.")
        await nurse.sees("until 2099-01-01")
        await change(nurse, "Carl Dahl", "end a credential")
        await nurse.press("1", "enter")
        await nurse.sees("does not hold microneedling any more.")
    with Clinic.open(folder) as clinic:
        assert person(clinic, "Carl Dahl").roles == {"staff", "release", "prescriber"}


async def test_what_is_nearly_a_known_role_or_credential_is_asked_about_once(
    station: Callable[..., Any], folder: Folder
) -> None:
    async with station() as nurse:
        await people(nurse)
        await change(nurse, "Carl Dahl", "give other roles")
        await nurse.type(" reprocesing")
        await nurse.press("enter", "enter")
        await nurse.sees("did you mean “reprocessing”?")
        await nurse.press(*["backspace"] * 3)
        await nurse.type("sing")
        await nurse.press("enter", "enter")
        await nurse.sees("Carl Dahl has: release, reprocessing, staff.")
        await change(nurse, "Carl Dahl", "grant a credential")
        await nurse.type("microneedlng")
        await nurse.press("enter", "enter")
        await nurse.type("max_depht_mm=1.5")
        await nurse.press("enter", "enter")
        await nurse.sees("did you mean “microneedling”?")
        await nurse.press("enter", "enter")
        await nurse.sees("did you mean “max_depth_mm”?")
        await nurse.press("enter", "enter")
        await nurse.sees("Carl Dahl holds microneedlng.")
    with Clinic.open(folder) as clinic:
        assert "reprocessing" in person(clinic, "Carl Dahl").roles


async def test_a_badge_is_given_and_taken(station: Callable[..., Any], folder: Folder) -> None:
    async with station() as nurse:
        await people(nurse)
        await change(nurse, "Carl Dahl", "give a badge")
        await nurse.burst("0412345678")
        assert "0412" not in nurse.text()
        await nurse.press("enter")
        await nurse.sees("Carl Dahl has this badge now.")
        await nurse.sees("has a badge")
        with Clinic.open(folder) as clinic:
            assert clinic.staff.bearer("0412345678") == person(clinic, "Carl Dahl").id
        await change(nurse, "Carl Dahl", "take the badge away")
        await nurse.press("enter")
        await nurse.sees("has no badge any more.")


async def test_a_lost_secret_takes_a_second_lead(station: Callable[..., Any], folder: Folder) -> None:
    with Clinic.open(folder) as clinic:
        lead = clinic.staff.prove("Anna Berg", "three blue words", "tui")
        assert isinstance(lead, SignedIn)
        clinic.personnel.add("Emil Falk", ["lead"], "six white words", lead, "tui")
    async with station() as nurse:
        await people(nurse)
        await change(nurse, "Carl Dahl", "give a new secret")
        await nurse.press("1", "enter")
        await nurse.sees("SECOND LEAD  Emil Falk")
        await nurse.type("six white words")
        await nurse.press("enter")
        await nurse.type("seven grey words")
        await nurse.press("enter")
        await nurse.type("seven grey words")
        await nurse.press("enter")
        await nurse.sees("Carl Dahl has a new secret.")
    with Clinic.open(folder) as clinic:
        assert isinstance(clinic.staff.prove("Carl Dahl", "seven grey words", "tui"), SignedIn)


async def test_where_there_is_one_lead_the_code_stands_for_the_second_and_a_new_one_is_shown_once(
    station: Callable[..., Any], tmp_path: Any
) -> None:
    from checklist.clinic.making import make

    new = Folder(tmp_path / "new")
    code = make(new, "Riverside Skin", "Anna Berg", "three blue words", "tui").recovery
    with Clinic.open(new) as clinic:
        lead = clinic.staff.prove("Anna Berg", "three blue words", "tui")
        assert isinstance(lead, SignedIn)
        clinic.personnel.add("Carl Dahl", ["staff"], "four green words", lead, "tui")
    async with station(at=new) as nurse:
        await people(nurse)
        await change(nurse, "Carl Dahl", "give a new secret")
        await nurse.sees("RECOVERY CODE")
        for given in ("AAAA-AAAA-AAAA-AAAA", "seven grey words", "seven grey words"):
            await nurse.type(given)
            assert given not in nurse.text()
            await nurse.press("enter")
        await nurse.sees("This is not the recovery code")
        await nurse.type(code)
        assert code not in nurse.text()
        await nurse.press("enter", "down", "enter")
        await nurse.sees("WRITE THIS DOWN")
        assert code not in nurse.text()
        nurse.clock.seconds += 500
        nurse.desk.tick()
        await nurse.key("f9")
        await nurse.idle()
        await nurse.sees("WRITE THIS DOWN")
        assert nurse.desk.who is not None, "what is shown only once stays until somebody has written it down"
        await nurse.press("enter")
        await nurse.sees("Carl Dahl has a new secret.")


async def test_disabling_is_for_good_and_erasing_waits(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await people(nurse)
        await change(nurse, "Carl Dahl", "disable")
        await nurse.sees("for good")
        await nurse.press("enter")
        await nurse.sees("Carl Dahl was disabled.")
        await nurse.sees("[-] DISABLED")
        await change(nurse, "Carl Dahl", "erase the name")
        await nurse.press("enter")
        await nurse.sees("ERASE Carl Dahl")
        await nurse.sees("kept until")
        await nurse.press("escape")
        await change(nurse, "Anna Berg", "disable")
        await nurse.press("enter")
        await nurse.sees("the last lead here")


async def test_who_is_no_lead_sees_themselves_and_changes_their_secret(
    station: Callable[..., Any], folder: Folder
) -> None:
    async with station() as nurse:
        await nurse.press("f2")
        await nurse.sign_in_as("carl", "four green words")
        await nurse.sees("WHAT IS KNOWN OF YOU")
        await nurse.sees("Carl Dahl")
        assert "Dora" not in nurse.text()
        for key in ("enter", "f6"):
            await nurse.press(key)
            await nurse.sees("Only a lead adds or changes people")
        await nurse.press("f4")
        for secret in ("four green words", "seven grey words", "seven grey words"):
            await nurse.type(secret)
            await nurse.press("enter")
        await nurse.sees("Your secret was changed.")
    with Clinic.open(folder) as clinic:
        assert isinstance(clinic.staff.prove("Carl Dahl", "seven grey words", "tui"), SignedIn)


async def test_a_secret_that_is_too_weak_is_refused_before_it_is_typed_once_more(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.press("f2")
        await nurse.sign_in_as("carl", "four green words")
        await nurse.press("f4")
        for secret in ("four green words", "five"):
            await nurse.type(secret)
            await nurse.press("enter")
        await nurse.sees("> NEW SECRET")
        await nurse.sees("at least 8")


async def test_a_secret_that_was_refused_is_typed_anew_and_not_added_to(
    station: Callable[..., Any], folder: Folder
) -> None:
    async with station() as nurse:
        await nurse.press("f2")
        await nurse.sign_in_as("carl", "four green words")
        await nurse.press("f4")
        for secret in ("four green words", "271828", "271828"):
            await nurse.type(secret)
            await nurse.press("enter")
        await nurse.sees("PIN")
        assert "\N{BULLET}" not in nurse.text()
        for secret in ("four green words", "seven grey words", "seven grey words"):
            await nurse.type(secret)
            await nurse.press("enter")
        await nurse.sees("Your secret was changed.")
    with Clinic.open(folder) as clinic:
        assert isinstance(clinic.staff.prove("Carl Dahl", "seven grey words", "tui"), SignedIn)
