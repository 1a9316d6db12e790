"""The lock: the walk stays in sight, its timers go on, nothing can be recorded, and whoever comes says who they are."""

from collections.abc import Callable
from typing import Any

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn


async def walking(nurse: Any, protocol: str = "three acts") -> None:
    await nurse.start(protocol)
    await nurse.sign_in_as("anna", "three blue words")
    await nurse.sees("STEP 1 OF")


async def at_the_timer(nurse: Any) -> None:
    await walking(nurse, "every")
    await nurse.press("enter")
    await nurse.type("4")
    await nurse.press("enter", "enter", "1", "enter", "enter")
    assert nurse.step == "soak"


def entries(nurse: Any) -> int:
    return int(nurse.desk.storage.saved.size)


async def test_the_step_stays_in_sight_and_no_key_records_anything(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await walking(nurse)
        await nurse.left_alone()
        await nurse.sees("LOCKED   Anna Berg was here.")
        await nurse.sees("Do act 1.")
        assert "NOT SIGNED IN" in nurse.text()
        await nurse.idle()
        before = entries(nurse)
        for key in ("enter", "f2", "f3", "f4", "f5", "f8", "ctrl+q", "space", "1", "tab", "escape"):
            await nurse.press(key)
            await nurse.sees("WHO IS AT THIS SCREEN?")
            await nurse.press("escape")
            await nurse.sees("LOCKED")
        assert entries(nurse) == before


async def test_timers_go_on_and_end_by_themselves_under_the_lock(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await at_the_timer(nurse)
        await nurse.press("enter")
        await nurse.left_alone()
        await nurse.sees("LOCKED")
        await nurse.sees("(~) WAIT 00:0")
        await nurse.sees("Scan the cartridge.")
        await nurse.sees("STEP 5 OF 10")
        assert "(~) WAIT 00:0" not in nurse.text()
        await nurse.sees("LOCKED")


async def test_the_same_person_goes_on_where_they_were_with_what_they_had_typed(
    station: Callable[..., Any], folder: Folder
) -> None:
    async with station() as nurse:
        await walking(nurse, "every")
        await nurse.press("enter")
        await nurse.type("4.1")
        await nurse.press("enter")
        await nurse.sees("UNDERSTOOD  4.1")
        run = nurse.walk.page.state.run
        await nurse.left_alone()
        await nurse.sees("LOCKED")
        assert "4.1" not in nurse.text()
        await nurse.press("enter")
        await nurse.sign_in_as("anna", "three blue words")
        assert nurse.step == "temperature"
        await nurse.sees("4.1")
        assert "UNDERSTOOD" not in nurse.text(), "what was typed before the lock is signed only after two Enters"
        await nurse.press("enter", "enter")
        assert nurse.step == "seal"
    with Clinic.open(folder) as clinic:
        kinds = [entry.kind for entry in clinic.run_entries(run)]
        assert kinds[-3:] == ["run.paused", "run.resumed", "step.done"]
        assert "run.handed-over" not in kinds


async def test_somebody_else_takes_over_and_the_record_says_so(station: Callable[..., Any], folder: Folder) -> None:
    async with station() as nurse:
        await walking(nurse, "every")
        await nurse.press("enter")
        await nurse.type("4.1")
        run = nurse.walk.page.state.run
        await nurse.press("f7")
        await nurse.sees("LOCKED")
        await nurse.press("enter")
        await nurse.sees("Whoever is not Anna Berg takes over this run")
        await nurse.sign_in_as("carl", "four green words")
        assert nurse.step == "temperature"
        assert "4.1" not in nurse.text(), "whoever comes next has not read what was typed"
        assert nurse.walk.page.name(nurse.walk.page.state.holder) == "Carl Dahl"
        assert not nurse.walk.page.state.paused
    with Clinic.open(folder) as clinic:
        assert [entry.kind for entry in clinic.run_entries(run)][-2:] == ["run.resumed", "run.handed-over"]


async def test_looking_at_anothers_run_does_not_make_it_ones_own_by_a_lock(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await walking(nurse)
        await nurse.press("ctrl+q", "f5")
        await nurse.sign_in_as("carl", "four green words")
        await nurse.go_to("Three acts")
        await nurse.press("enter")
        await nurse.sees("Anna Berg walks this run")
        await nurse.press("f7")
        await nurse.sees("LOCKED   Carl Dahl was here.")
        await nurse.press("enter")
        await nurse.sign_in_as("carl", "four green words")
        await nurse.sees("Anna Berg walks this run")


async def test_words_in_a_dialog_do_not_stay_in_sight(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await walking(nurse)
        await nurse.press("f3", "2", "enter")
        await nurse.type("the patient said")
        await nurse.sees("the patient said")
        await nurse.left_alone()
        await nurse.sees("LOCKED")
        assert "the patient said" not in nurse.text()


async def test_a_badge_at_the_lock_says_who_is_there(station: Callable[..., Any], folder: Folder) -> None:
    with Clinic.open(folder) as clinic:
        lead = clinic.staff.prove("Anna Berg", "three blue words", "tui")
        assert isinstance(lead, SignedIn)
        carl = next(one for one in clinic.staff.operators() if one.name == "Carl Dahl")
        assert clinic.staff.give_badge(carl.id, "0412345678", lead, "tui") is None
    async with station() as nurse:
        await walking(nurse)
        await nurse.press("f7")
        await nurse.sees("LOCKED")
        await nurse.badge("0412345678")
        await nurse.sees("> SECRET")
        assert "0412" not in nurse.text()
        await nurse.type("four green words")
        await nurse.press("enter")
        assert nurse.walk.page.name(nurse.walk.page.state.holder) == "Carl Dahl"
        assert nurse.desk.who.person.factors == ("badge", "secret")


async def test_on_the_board_locking_signs_out(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.press("f5")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.sees("Anna Berg")
        await nurse.left_alone()
        await nurse.sees("The screen is locked.")
        await nurse.sees("NOT SIGNED IN")
        await nurse.press("f7")
        await nurse.sees("Nobody is signed in")
