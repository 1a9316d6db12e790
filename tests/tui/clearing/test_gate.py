"""The gate's screen: what is missing is started from it, GO is recorded, and nothing old passes for GO."""

import gc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.color import ColorSystem
from textual.screen import Screen
from textual.widget import Widget

from checklist.clinic.folder import Folder
from checklist.clinic.identifiers import recalling
from checklist.clinic.service import Clinic, SignedIn
from checklist.clinic.visits import clearing
from checklist.gate.facts import Asked
from checklist.run.events import Reason
from checklist.tui.clearing import gate
from tests.support.making import copy_of
from tests.support.small_gate import a_load, a_visit, add_small_gate

ANNAS, CARLS = "three blue words", "four green words"
TURNED_OVER = "[x] The room turnover was finished at "
REFERENCE = "4711-A"


def lead_of(clinic: Clinic) -> SignedIn:
    lead = clinic.staff.prove("Anna Berg", ANNAS, "tui")
    assert isinstance(lead, SignedIn)
    return lead


@pytest.fixture(scope="session")
def gated(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clinic of these tests, with a visit in which a pack was opened, and a newer one in which nothing was done."""
    root = copy_of(template, tmp_path_factory.mktemp("gated"))
    with Clinic.open(Folder(root)) as clinic:
        lead = lead_of(clinic)
        add_small_gate(clinic, lead)
        a_visit(clinic, lead, a_load(clinic, lead), REFERENCE)
        clinic.session("new", lead, "tui")
    return root


@pytest.fixture
def folder(gated: Path, tmp_path: Path) -> Folder:
    return Folder(copy_of(gated, tmp_path))


async def ask(nurse: Any, visit: str = "2") -> None:
    """From the board to the answer: the first procedure, the first room, and a visit by its digit."""
    await nurse.press("f3")
    if "PROCEDURE  A small procedure" not in nurse.text():
        await nurse.press("1", "enter", "1", "enter")
    await nurse.press(visit, "enter")
    await nurse.sees("Asked at")


async def make_go(nurse: Any) -> None:
    """Turn the room over from the gate, and name who performs."""
    await nurse.press("enter")
    await nurse.sign_in_as("anna", ANNAS)
    await nurse.press("enter", "enter")
    await nurse.sees("1 of 4 is not met")
    await nurse.press("enter", "1", "enter")
    await nurse.sees("[x] It may start.")


def rows(nurse: Any) -> list[str]:
    """The marks and the beginnings of what is required, as listed."""
    marks = ("<#>", "[x]", "{?}")
    lines = [line.lstrip(" >") for line in nurse.text().splitlines()[8:]]
    return [line[:12] for line in lines if line.startswith(marks)]


async def test_what_is_missing_is_started_here_and_leads_back_to_a_go_with_its_receipt(
    station: Callable[..., Any], folder: Folder
) -> None:
    async with station() as nurse:
        await ask(nurse)
        await nurse.sees("Do not start: 2 of 4 are not met.")
        await nurse.sees(f"({REFERENCE})")
        assert rows(nurse) == ["<#> The room", "<#> Nobody h", "[x] Load S1-", "[x] The open"]
        await nurse.sees("Walk “Turn the room over”.")
        before = nurse.desk.storage.saved.size
        await nurse.press("f8")
        await nurse.sees("No run stands behind this.")
        assert nurse.desk.storage.saved.size == before, "whoever only looks records nothing, and need not sign in"
        await nurse.press("enter")
        await nurse.sign_in_as("anna", ANNAS)
        await nurse.sees("Treatment room 1   Turn the room over")
        await nurse.press("enter")
        await nurse.sees("BACK TO THE GATE")
        await nurse.press("enter")
        await nurse.sees(TURNED_OVER)
        assert rows(nurse)[:2] == ["<#> Nobody h", "[x] Load S1-"]
        await nurse.sees("SAY WHO PERFORMS")
        await nurse.press("enter", "1", "enter")
        await nurse.sees("Performed by Anna Berg")
        await nurse.sees("[Enter] RECORD GO")
        await nurse.press("enter")
        await nurse.sees("Write it into the patient's file:")
        receipt = next(line for line in nurse.text().splitlines() if "file:" in line).split()[-2]
        await nurse.press("enter")
        await nurse.sees(f"receipt {receipt}.")
        await nurse.press("enter")
        await nurse.sees("BOARD")
    with Clinic.open(folder) as clinic:
        found = clinic.ledger.query("SELECT decision, receipt, session FROM clearance")
        assert found == [("GO", receipt, clinic.ledger.query("SELECT id FROM session ORDER BY idx")[0][0])]


async def test_it_follows_the_record_keeps_the_highlight_and_never_shows_an_old_go(
    station: Callable[..., Any], folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "AGAIN_SECONDS", 0.0)
    async with station() as nurse:
        await ask(nurse)
        await make_go(nurse)
        await nurse.press("down", "down")
        highlighted = nurse.desk.face.chosen.id
        with Clinic.open(folder) as elsewhere:
            load = str(elsewhere.ledger.query("SELECT value FROM identifier WHERE kind = 'load'")[0][0])
            recalling.recall(elsewhere, "load", load, Reason("other", "spores"), lead_of(elsewhere), "tui")
        nurse.desk.tick()
        await nurse.sees("Do not start: 1 of 4 is not met.")
        assert rows(nurse)[0] == "<#> Load S1-"
        assert nurse.desk.face.chosen.id == highlighted
        whole = folder.ledger.read_bytes()
        folder.ledger.write_bytes(b"nothing of a record" * 1000)
        nurse.desk.tick()
        await nurse.sees("{?} The record cannot be read now")
        assert nurse.desk.face.decision == "UNKNOWN"
        await nurse.press("f6")
        await nurse.sees("There is no answer that could be recorded.")
        folder.ledger.write_bytes(whole)
        nurse.desk.tick()
        await nurse.sees("Do not start: 1 of 4 is not met.")


async def test_a_go_that_has_grown_old_without_an_answer_is_unknown(
    station: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with station() as nurse:
        await ask(nurse)
        await make_go(nurse)
        monkeypatch.setattr(gate, "STALE_SECONDS", 0.0)
        monkeypatch.setattr(gate, "AGAIN_SECONDS", 1e9)
        nurse.desk.tick()
        await nurse.sees("{?} The record does not answer.")
        assert nurse.desk.face.find("f6").label == "RECORD UNKNOWN"


async def test_two_people_pass_it_and_it_is_marked_on_every_later_screen_of_that_visit(
    station: Callable[..., Any], folder: Folder
) -> None:
    async with station() as nurse:
        await ask(nurse)
        await nurse.press("f6")
        await nurse.sign_in_as("anna", ANNAS)
        await nurse.sees("NO-GO is recorded, as entry a#")
        await nurse.press("f2", "4", "enter", "enter")
        await nurse.sees("Say the reason in words, too")
        await nurse.type("the patient cannot wait")
        await nurse.press("enter")
        await nurse.sees("reviews it within 24 hours")
        await nurse.type(CARLS)
        await nurse.press("enter")
        await nurse.sees("/O\\ OVERRIDDEN: A small procedure: the gate  Anna Berg with Carl Dahl")
        await nurse.sees("to be reviewed within 24 h")
        await nurse.press("escape")
        await nurse.sees("/O\\ OVERRIDDEN  visit")
        await nurse.go_to("OVERRIDDEN  visit")
        await nurse.press("enter")
        await nurse.sees("/O\\ OVERRIDDEN: A small procedure: the gate")
        await nurse.press("f6")
        await nurse.sees("OVERRIDDEN: A small procedure: the gate")
        await nurse.press("f3")
        await nurse.sees("and nobody has reviewed that")
        await nurse.press("f2")
        await nurse.sees("A visit is closed only when all of this is met.")
        await nurse.press("escape")
        await ask(nurse, "1")
        assert "OVERRIDDEN" not in nurse.text()
    with Clinic.open(folder) as clinic:
        (session,) = (str(row[0]) for row in clinic.ledger.query("SELECT id FROM session ORDER BY idx LIMIT 1"))
        asked = clearing.asked_of(clinic, "small", "room-1", session)
        assert isinstance(asked, Asked)
        answer = clearing.look(clinic, clinic.library.procedure(clinic.ledger, "small"), asked)
        (told,) = answer.overridden
        assert answer.data()["overridden"] == [told.data()]
        assert (told.title, told.run, told.step, told.reviewed) == ("A small procedure", "", "", False)


async def test_a_visit_is_closed_from_the_same_screen(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await ask(nurse)
        await make_go(nurse)
        await nurse.press("enter", "enter", "f3")
        await nurse.sees("[Enter] CLOSE THE VISIT")
        await nurse.press("enter")
        await nurse.sees("GO: the visit is closed.")
        await nurse.press("enter")
        await nurse.sees("[x] The visit is closed.")
        await nurse.press("enter", "f3")
        await nurse.sees("   1  a-")
        assert REFERENCE not in nurse.text(), "a visit that is closed is not offered"
        await nurse.burst(REFERENCE)
        await nurse.sees("closed; open a new one.")


async def test_a_scanned_reference_finds_its_visit_and_an_unknown_one_is_opened_only_on_request(
    station: Callable[..., Any],
) -> None:
    async with station() as nurse:
        before = nurse.desk.storage.saved.size
        await nurse.press("f3", "1", "enter", "1", "enter")
        await nurse.burst(REFERENCE)
        await nurse.sees(f"({REFERENCE})")
        await nurse.sees("Do not start: 2 of 4 are not met.")
        await nurse.press("f4", "enter", "enter")
        await nurse.burst("4712-B")
        await nurse.sees("There is no visit with the reference “4712-B”.")
        assert nurse.desk.storage.saved.size == before
        await nurse.press("enter")
        await nurse.sign_in_as("anna", ANNAS)
        await nurse.sees("(4712-B)")
        await nurse.sees("Do not start: 4 of 4 are not met.")


async def test_an_emergency_and_the_lock_work_here_and_at_the_receipt(station: Callable[..., Any]) -> None:
    async with station() as nurse:
        await ask(nurse)
        await make_go(nurse)
        await nurse.press("enter")
        await nurse.sees("I HAVE WRITTEN IT DOWN")
        await nurse.press("f9")
        await nurse.sees("WHICH ONE")
        await nurse.press("5", "enter")
        await nurse.sees("Keep everybody away")
        await nurse.press("ctrl+q")
        await nurse.sees("MAY IT START?   A small procedure")
        await nurse.press("f7")
        await nurse.sees("The screen is locked.")
        assert REFERENCE not in nurse.text()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("colour", ["colour", "none"])
async def test_it_can_be_read_in_every_colour_mode(
    station: Callable[..., Any], size: tuple[int, int], colour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if colour == "none":
        monkeypatch.setenv("NO_COLOR", "1")
    async with station(size) as nurse:

        async def readable(*words: str) -> None:
            for word in words:
                await nurse.sees(word)
            assert not nurse.unreadable()
            assert not nurse.unreadable(ColorSystem.STANDARD)
            assert all(len(line) <= size[0] for line in nurse.text().splitlines())
            assert len(nurse.text().splitlines()) == size[1]

        await ask(nurse)
        await readable("<#> Do not start", "[Enter]" if size[0] == 80 else "─[Enter]─", "OVERRIDE", "LOG OK")
        await nurse.press("f1")
        await readable("It asks again every few seconds.")
        await nurse.press("escape")
        await make_go(nurse)
        await readable("[x] It may start.", "RECORD GO")
        await nurse.press("enter")
        await readable("Write it into the patient's file:")


async def test_many_questions_leave_no_screens_behind(station: Callable[..., Any]) -> None:
    def alive() -> Counter[str]:
        gc.collect()
        return Counter(type(one).__name__ for one in gc.get_objects() if isinstance(one, Screen | Widget))

    async with station() as nurse:

        async def visit(times: int) -> None:
            for _ in range(times):
                await ask(nurse)
                await nurse.press("f3", "f1", "escape", "escape", "f4")
                await nurse.type("S1")
                await nurse.press("enter", "enter", "down", "right", "escape")

        await visit(2)
        before = alive()
        await visit(6)
        after = alive()
        grown = {name: (before[name], count) for name, count in after.items() if count > before[name] + 2}
        assert not grown


@pytest.mark.parametrize("typed", [REFERENCE, "2-of-twelve", "21"])
async def test_a_reference_that_is_typed_key_by_key_never_chooses_a_visit_by_its_digits(
    station: Callable[..., Any], typed: str
) -> None:
    """There are two visits, and every typed reference has a 1 or a 2 in it."""
    async with station() as nurse:
        await nurse.press("f3")
        await nurse.press("1", "enter", "1", "enter")
        for sign in typed:
            await nurse.press(sign)
        await nurse.sees(f"typed: {typed}")
        await nurse.press("x", "backspace", "enter")
        if typed == REFERENCE:
            await nurse.sees(f"({REFERENCE})")
        else:
            await nurse.sees(f"There is no visit with the reference “{typed}”.")


async def test_the_digit_of_the_last_row_asks_for_a_reference_and_an_arrow_forgets_what_was_typed(
    station: Callable[..., Any],
) -> None:
    async with station() as nurse:
        await nurse.press("f3")
        await nurse.press("1", "enter", "1", "enter")
        await nurse.press("9", "up", "down", "enter")
        await nurse.sees("WHICH VISIT?")
        await nurse.press("escape", "f3", "1", "enter", "1", "enter", "4", "enter")
        await nurse.sees("WHICH VISIT?")
