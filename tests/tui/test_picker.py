"""Choosing what to start: grouped by where it is done, with what is to be known of the highlighted one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from checklist.clinic.service import Clinic
from checklist.tui import reads
from checklist.tui.choosing import Choosing
from checklist.tui.picker import About, Picker

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.clinic.folder import Folder

SIZES = [(80, 24), (120, 40)]


async def opened(nurse: Any, letters: str = "") -> Picker:
    """The picker, with the details of the highlighted one."""
    await nurse.press("f6")
    if letters:
        await nurse.type(letters)
    await nurse.sees("START A PROTOCOL")
    picker = nurse.desk.face
    assert isinstance(picker, Picker)
    return picker


def told(nurse: Any) -> str:
    """What the panel says, on one line."""
    about = nurse.desk.face.query_one(About)
    return " ".join(about.render().plain.split())


async def tells(nurse: Any, words: str) -> None:
    await nurse.until(lambda: words in told(nurse))


@pytest.mark.parametrize("size", SIZES)
async def test_every_place_has_a_heading_that_nobody_can_choose(station: Callable[..., Any], size: Any) -> None:
    async with station(size) as nurse:
        picker = await opened(nurse)
        asked = picker.widgets[0]
        assert isinstance(asked, Choosing)
        seen = []
        for _ in range(asked.rows.count):
            choice = picker.highlighted
            assert choice is not None
            if choice.place.title not in seen:
                seen.append(choice.place.title)
            (line,) = (line for line in nurse.text().splitlines() if line.startswith("┃ > "))
            assert choice.protocol.title[:30] in line
            await nurse.press("down")
        assert seen[:4] == ["The clinic as a whole", "Treatment room 1", "Treatment room 2", "Steriliser 1"]
        assert seen[-3:-1] == ["A visit", "Emergencies"]
        titles = [choice.protocol.title for choice in picker._choices.values()]
        assert titles.count("Make the treatment room ready for the next patient") == 2


async def test_letters_choose_what_is_due_then_what_is_usual_and_no_recall(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        picker = await opened(nurse, "steri")
        assert picker.highlighted is not None
        assert picker.highlighted.protocol.id == "steriliser-daily"
        asked = picker.widgets[0]
        assert isinstance(asked, Choosing)
        seen = []
        for _ in range(asked.rows.count):
            seen.append(picker.highlighted.protocol.id)
            await nurse.press("down")
        assert seen.index("steriliser-load") < seen.index("steriliser-recall")


@pytest.mark.parametrize("size", SIZES)
async def test_the_highlighted_one_shows_what_is_to_be_known_of_it(station: Callable[..., Any], size: Any) -> None:
    async with station(size) as nurse:
        await opened(nurse, "test the steriliser")
        await tells(nurse, "Test the steriliser before the first load Steriliser 1 Prove today")
        for words in (
            "28 steps, at least 3 min",
            "ounts for today",
            "Who: reprocessing",
            "You will be asked who you are.",
            "Sources",
        ):
            assert words in told(nurse)
        proposal = "Proposal of this protocol's authors" if size[0] == 120 else "design (only a proposal)"
        assert proposal in told(nurse)


async def test_whoever_is_signed_in_sees_whether_they_may_start_it(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await nurse.press("f5")
        await nurse.sign_in_as("carl", "four green words")
        await opened(nurse, "leads only")
        await tells(nurse, "<#> “For leads only” is for the role lead; ask somebody who has it.")
        for _ in "leads only":
            await nurse.press("backspace")
        await nurse.type("three acts")
        await tells(nurse, "[x] You may start it.")


async def test_an_emergency_starts_at_once_from_here_too(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await opened(nurse, "spill")
        await tells(nurse, "It starts at once: nobody has to sign in before.")
        await nurse.press("enter")
        await nurse.sees("NOT SIGNED IN: sign afterwards")
        assert nurse.walk.page.state.protocol.id == "spill"


async def test_only_the_highlighted_text_is_read(station: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    details = reads.details

    def noted(clinic: Clinic, name: str, who: Any) -> reads.Details:
        read.append(name)
        return details(clinic, name, who)

    monkeypatch.setattr(reads, "details", noted)
    async with station() as nurse:
        await opened(nurse)
        await tells(nurse, " steps")
        assert len(read) == 1
        await nurse.press("2")
        await tells(nurse, "Clean reusable instruments")
        await nurse.press("3")
        await tells(nurse, "Close the clinic for the day")
        await nurse.press("2")
        await tells(nurse, "Clean reusable instruments")
        assert read[1:] == ["instrument-clean", "day-close"]


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_moves_when_the_highlight_or_the_letters_do(station: Callable[..., Any], size: Any) -> None:
    async with station(size) as nurse:
        picker = await opened(nurse)
        about, rows = picker.query_one(About), picker.query_one(Choosing).rows
        places = {(about.region, rows.region)}
        for keys in (["down"] * 12, [*"visit"], ["backspace"] * 5, [*"zz"]):
            for key in keys:
                await nurse.type(key) if len(key) == 1 else await nurse.press(key)
                places.add((about.region, rows.region))
        assert len(places) == 1


async def test_a_place_narrows_too(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        picker = await opened(nurse, "room 2")
        choice = picker.highlighted
        assert choice is not None
        assert (choice.protocol.id, choice.place.subject) == ("room-turnover", "room=room-2")


async def test_a_digit_and_a_touch_choose(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        picker = await opened(nurse)
        await nurse.press("3")
        await tells(nurse, "Close the clinic")
        line = next(at for at, text in enumerate(nurse.text().splitlines()) if "Hygiene audit" in text)
        await nurse.pilot.click(offset=(12, line))
        await tells(nurse, "Hygiene audit of the month")
        assert picker.highlighted is not None
        assert picker.highlighted.protocol.id == "hygiene-audit"


async def test_which_room_is_never_chosen_for_somebody(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await opened(nurse, "make the treatment")
        await nurse.sees("Choose where it is done.")
        await nurse.press("enter")
        await nurse.sees("Choose one first")
        await nurse.press("2")
        await tells(nurse, "next patient Treatment room 2")


async def test_a_text_that_is_lost_is_said_and_the_others_are_there(
    station: Callable[..., Any], folder: Folder
) -> None:
    with Clinic.open(folder) as clinic:
        lost = clinic.library.in_force(clinic.ledger)["day-close"]
    (folder.adopted / f"{lost.sha256}.toml").unlink()
    async with station() as nurse:
        await opened(nurse, "close the clinic")
        await tells(nurse, "restore it from a backup")
        assert "LOG OK" in nurse.text()
        for _ in "close the clinic":
            await nurse.press("backspace")
        await nurse.type("clean reusable")
        await tells(nurse, "Who: reprocessing")


async def test_hostile_words_of_a_protocol_are_only_words(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await opened(nurse, "hostile-words")
        await tells(nurse, "Who: ")
        assert not nurse.unreadable()
        assert "\x1b" not in nurse.text()


async def test_a_profile_that_is_not_in_force_is_said_before_anybody_starts(
    station: Callable[..., Any], folder: Folder
) -> None:
    text = folder.config.read_text("utf-8")
    line = next(line for line in text.splitlines() if line.startswith("jurisdiction"))
    folder.config.write_text(text.replace(line, 'jurisdiction = "xx"'), "utf-8")
    async with station((120, 40)) as nurse:
        await nurse.press("f5")
        await nurse.sign_in_as("anna", "three blue words")
        await opened(nurse, "run and release")
        await tells(nurse, "from the profile “xx”, which is not in force here")
        await tells(nurse, "Counts for the profile's pack-storage-life")


async def test_a_second_that_passes_while_the_screen_goes_away_stops_nothing(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        picker = await opened(nurse)
        await picker.query_one(About).remove()
        picker._known.clear()
        nurse.desk.tick()
        assert nurse.desk.face is picker
        assert "START A PROTOCOL" in nurse.text()
