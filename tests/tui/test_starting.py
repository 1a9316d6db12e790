"""From the board to a run: which protocol, about what, by whom; and the list that is looked through."""

from collections.abc import Callable
from typing import Any

from textual.app import App, ComposeResult

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic, SignedIn
from checklist.clinic.texts.adopting import Adopted, adopt
from checklist.run.state import RunState
from checklist.tui.rows import Item, Rows
from checklist.tui.say import say
from checklist.tui.starting import start_run


async def test_the_row_that_is_chosen_says_which_room(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.type("make the treatment")
        await nurse.sees("START A PROTOCOL")
        await nurse.press("2", "enter")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.until(lambda: nurse.walk.page.state.subject == "room=room-2")
        await nurse.sees("Treatment room 2")


async def test_a_machine_is_asked_for_where_two_fit_and_no_other_is_offered(
    station: Callable[..., Any], folder: Folder
) -> None:
    second = '[[equipment]]\nid = "S2"\nkind = "steriliser"\ntitle = "Steriliser 2"\n\n[security]'
    text = folder.config.read_text("utf-8").replace("[security]", second)
    folder.config.write_text(text, "utf-8")
    async with station() as nurse:
        await nurse.press("f5")
        await nurse.sign_in_as("anna", "three blue words")
        assert "Steriliser 1: Test the steriliser" in nurse.text()
        assert "Steriliser 2: Test the steriliser" in nurse.text()
        nurse.desk.act(lambda: start_run(nurse.desk, "steriliser-daily", ""))
        await nurse.sees("WHICH MACHINE IS IT ABOUT?")
        assert "fridge" not in nurse.text()


async def test_a_visit_is_new_only_where_somebody_says_so(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.start("microneedling")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.press("2", "enter")
        await nurse.type("r" * 201)
        await nurse.press("enter", "enter")
        before = nurse.desk.storage.saved.size
        await nurse.sees("OPEN A NEW VISIT")
        await nurse.press("enter")
        await nurse.sees("give a shorter one")
        await nurse.start("microneedling")
        await nurse.type("our-ref 12")
        await nurse.press("enter")
        await nurse.sees("There is no visit with the reference “our-ref 12”.")
        assert nurse.desk.storage.saved.size == before
        await nurse.press("enter")
        await nurse.until(lambda: nurse.desk.face is nurse.walk and nurse.walk.page is not None)
        session = nurse.walk.page.state.session
        assert session
        assert "our-ref" not in nurse.text()
        await nurse.press("ctrl+q")
        await nurse.start("microneedling")
        await nurse.sees(f"1  {session}  since ")
        await nurse.type("our-ref 12")
        await nurse.press("enter")
        await nurse.until(lambda: nurse.desk.face is nurse.walk and nurse.walk.page is not None)
        assert nurse.walk.page.state.session == session


async def test_what_is_due_starts_with_one_key_once_somebody_is_signed_in(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.press("f5")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.press("enter")
        await nurse.sees("STEP 1 OF")


async def test_what_is_due_and_begun_already_is_gone_on_with_and_not_begun_twice(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.press("f5")
        await nurse.sign_in_as("anna", "three blue words")
        await nurse.sees("[Enter] START ")
        await nurse.press("enter")
        await nurse.sees("STEP 1 OF")
        run = nurse.walk.page.state.run
        await nurse.press("ctrl+q")
        await nurse.sees("[Enter] GO ON")
        await nurse.press("enter")
        await nurse.sees("STEP 1 OF")
        assert nurse.walk.page.state.run == run


async def test_what_is_typed_blind_while_the_clinic_is_opened_never_holds_up_the_keys(
    station: Callable[..., Any], folder: Folder
) -> None:
    with Clinic.open(folder) as clinic:
        lead = clinic.staff.prove("Anna Berg", "three blue words", "tui")
        assert isinstance(lead, SignedIn)
        begun = clinic.begin("plain-walk", "", lead, "tui")
        assert isinstance(begun, RunState)
    async with station() as nurse:
        await nurse.go_to("Three acts to confirm")
        nurse.desk.keys.hold()
        nurse.clock.seconds += 2.0
        await nurse.key("enter")
        for letter in "three blue words":
            nurse.clock.seconds += 0.1
            nurse.letter(letter)
        nurse.clock.seconds += 1.0
        nurse.desk.keys.let_go()
        await nurse.sees("STEP 1 OF")
        await nurse.idle()
        await nurse.press("f1")
        await nurse.sees("WHAT THIS PROTOCOL IS FOR")
        await nurse.press("escape", "ctrl+q")
        await nurse.sees("BOARD")


async def test_a_wrong_secret_is_said_and_can_be_typed_again(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.press("f5")
        await nurse.sign_in_as("anna", "three red words!")
        await nurse.sees("do not belong together")
        await nurse.type("three blue words")
        await nurse.press("enter")
        await nurse.sees("Anna Berg")
        await nurse.sees("BOARD")


async def test_a_secret_typed_where_the_name_is_asked_is_not_shown(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.press("f5")
        await nurse.type("qwxz secret words")
        assert "secret words" not in nurse.text()
        assert "qwxz" not in nurse.text()


async def test_a_role_that_is_missing_is_said_in_words(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.start("leads only")
        await nurse.sign_in_as("carl", "four green words")
        await nurse.sees("is for the role lead")
        await nurse.sees("BOARD")


async def test_a_credential_that_is_missing_or_has_ended_is_said_in_words(
    station: Callable[..., Any], folder: Folder
) -> None:
    with Clinic.open(folder) as clinic:
        lead = clinic.staff.prove("Anna Berg", "three blue words", "tui")
        assert isinstance(lead, SignedIn)
        text = (folder.protocols / "plain-walk.toml").read_text("utf-8")
        text = text.replace('"plain-walk"', '"needling"').replace("Three acts to confirm", "For the trained")
        text = text.replace('subject = "clinic"', 'subject = "clinic"\ncredentials = ["microneedling"]')
        (folder.protocols / "needling.toml").write_text(text, "utf-8")
        assert isinstance(adopt(clinic, "needling", lead, "tui"), Adopted)
    async with station() as nurse:
        await nurse.start("for the trained")
        await nurse.sign_in_as("carl", "four green words")
        await nurse.sees("needs the credential “microneedling”")
        await nurse.sees("BOARD")


async def test_a_long_list_shows_the_highlight_and_that_there_is_more() -> None:
    class Shown(App[None]):
        def compose(self) -> ComposeResult:
            yield Rows()

    async with Shown().run_test(size=(40, 8)) as pilot:
        rows = pilot.app.query_one(Rows)
        rows.styles.height = 6
        rows.show([Item(say(f"row {number}"), str(number)) for number in range(30)], first=True)
        await pilot.pause()
        for at in range(30):
            assert rows.chosen == str(at)
            lines = rows.render().plain.splitlines()
            assert any(line.startswith(f"> row {at}") for line in lines), lines
            assert len(lines) == 6
            rows.move(1)
        assert rows.chosen == "29"
        rows.move(-99)
        assert rows.chosen == "0"
        assert "more below" in rows.render().plain
