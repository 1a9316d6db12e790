"""The trace's screen: a tree that grows where it is opened, what is set apart from it, and what has happened."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.color import ColorSystem

from checklist.clinic.folder import Folder
from checklist.clinic.identifiers import recalling
from checklist.clinic.service import Clinic, SignedIn
from checklist.clinic.visits import clearing
from checklist.clinic.visits.asking import Answer
from checklist.gate.facts import Asked
from checklist.run import commands as c
from checklist.run.events import Reason
from checklist.run.state import RunState
from checklist.tui.tracing import trace_reads
from tests.support.making import bring_into_force, copy_of, header
from tests.support.small_gate import a_load, a_visit, add_small_gate

MEASURED = """
[[steps]]
id = "number"
kind = "assign"
produces = { load = "{equipment}-{date}-{n:02}" }
[[steps]]
id = "temperature"
kind = "measure"
do = "Read the temperature."
unit = "Cel"
limit = { min = 134, max = 138 }
[[steps]]
id = "release"
kind = "sign"
do = "Decide."
meanings = ["released", "quarantined"]
"""
ANNAS, CARLS = "three blue words", "four green words"
REFERENCE = "4711-A"


def lead_of(clinic: Clinic) -> SignedIn:
    lead = clinic.staff.prove("Anna Berg", ANNAS, "tui")
    assert isinstance(lead, SignedIn)
    return lead


@pytest.fixture(scope="session")
def traced(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clinic with two loads, of which one was used in a visit."""
    root = copy_of(template, tmp_path_factory.mktemp("traced"))
    with Clinic.open(Folder(root)) as clinic:
        lead = lead_of(clinic)
        add_small_gate(clinic, lead)
        a_visit(clinic, lead, a_load(clinic, lead), REFERENCE)
        a_load(clinic, lead)
    return root


@pytest.fixture
def folder(traced: Path, tmp_path: Path) -> Folder:
    return Folder(copy_of(traced, tmp_path))


@pytest.fixture
def loads(folder: Folder) -> tuple[str, str]:
    """The load that was used, and the one that was not."""
    with Clinic.open(folder) as clinic:
        found = clinic.ledger.query("SELECT value FROM identifier WHERE use = 'produced' ORDER BY idx")
    return str(found[0][0]), str(found[1][0])


async def follow(nurse: Any, what: str) -> None:
    await nurse.press("f4")
    await nurse.sees("WHAT IS IT ABOUT?")
    await nurse.type(what)
    await nurse.press("enter", "enter")


async def give_reason(nurse: Any, words: str) -> None:
    await nurse.press("8", "enter")
    await nurse.type(words)
    await nurse.press("enter", "enter")


async def test_a_visit_leads_to_its_room_by_the_answers_of_the_gate(
    station: Callable[..., Any], folder: Folder, loads: tuple[str, str]
) -> None:
    session = f"a-{loads[0][3:11]}-01"
    with Clinic.open(folder) as clinic:
        asked = clearing.asked_of(clinic, "small", "room-1", session)
        assert isinstance(asked, Asked)
        small = clinic.library.procedure(clinic.ledger, "small")
        assert isinstance(clearing.clear(clinic, small, asked, lead_of(clinic), "tui"), Answer)
    async with station() as nurse:
        await follow(nurse, session)
        await nurse.sees("gate: A small procedure may start? NO-GO, Treatment room 1, ")
        await nurse.press("down", "right")
        await nurse.sees("+     Treatment room 1")
        await nurse.sees("+     by Anna Berg")
        await nurse.press("down")
        assert (nurse.desk.face.node.kind, nurse.desk.face.node.value) == ("room", "room-1")


async def test_a_load_is_followed_to_its_visit_and_from_there_to_everything_else(
    station: Callable[..., Any], loads: tuple[str, str]
) -> None:
    async with station() as nurse:
        await follow(nurse, loads[0].lower())
        await nurse.sees(f"> - [x] load {loads[0]}  RELEASED")
        await nurse.sees("It has reached 1 visit.")
        await nurse.sees("made in Run a small load, Steriliser 1, Anna Berg")
        await nurse.press("down", "down", "enter")
        await nurse.sees(f"+     visit a-{loads[0][3:11]}-01")
        assert REFERENCE not in nurse.text(), "nobody is signed in"
        await nurse.press("f8")
        await nurse.sees("READ ONLY")
        await nurse.press("escape", "down", "right")
        await nurse.sees("nothing else is known of it")
        await nurse.press("down", "right")
        assert nurse.text().count("Run a small load") == 3, "both loads are this person's, and one is shown above, too"
        await nurse.press("left")
        assert nurse.text().count("Run a small load") == 1
        await nurse.press("left")
        assert nurse.desk.face.node.kind == "run"
        await nurse.press("escape")
        await nurse.sees("BOARD")


async def test_a_recall_leads_into_its_list(station: Callable[..., Any], loads: tuple[str, str]) -> None:
    async with station() as nurse:
        await follow(nurse, loads[1])
        await nurse.press("f3")
        await nurse.sign_in_as("anna", ANNAS)
        await give_reason(nurse, "a wet pack")
        await nurse.sees("Its list waits on the board: Failed test, positive spore test or wet load.")
        assert "[Enter] START ITS LIST" in nurse.text()
        await nurse.press("escape", "escape")
        await nurse.sees(f"FOLLOW-UP    load {loads[1]} recalled")
        await follow(nurse, "S1")
        await nurse.press("f3")
        await give_reason(nurse, "the same")
        await nurse.sees("START ITS LIST")
        await nurse.press("enter")
        await nurse.sees("Tag the steriliser 'do not use'.")
        page = nurse.walk.page
        assert (page.state.protocol.id, page.state.subject) == ("steriliser-recall", "equipment=S1")
        await nurse.press("ctrl+q")
        await nurse.sees("BOARD")
        assert "FOLLOW-UP" not in nurse.text()
        await follow(nurse, loads[0])
        await nurse.press("f3")
        await give_reason(nurse, "the same")
        await nurse.sees("Its list is open")
        assert "[Enter] GO ON WITH ITS LIST" in nurse.text()
        await nurse.press("enter")
        await nurse.sees("Tag the steriliser 'do not use'.")
        assert nurse.walk.page.state.run == page.state.run


async def test_the_list_of_a_recalled_lot_is_started_from_the_board(
    station: Callable[..., Any], folder: Folder
) -> None:
    with Clinic.open(folder) as clinic:
        for lot in ("A12", "B7"):
            recalling.recall(clinic, "lot", lot, Reason("other", "as its maker wrote"), lead_of(clinic), "tui")
    async with station() as nurse:
        await nurse.go_to("lot B7 recalled: Recalled lot, serial or")
        assert "lot A12 recalled" in nurse.text()
        assert "[Enter] START" in nurse.text()
        await nurse.press("enter")
        await nurse.sign_in_as("anna", ANNAS)
        await nurse.sees("Type each lot, serial or batch that is called back.")
        assert "CALLED BACK: lot A12, lot B7" in nurse.text()
        await nurse.press("ctrl+q")
        await nurse.sees("BOARD")
        assert "FOLLOW-UP" not in nurse.text()


async def test_a_recall_names_what_is_not_used_first_and_then_the_visits(
    station: Callable[..., Any], folder: Folder, loads: tuple[str, str]
) -> None:
    async with station() as nurse:
        await follow(nurse, "S1")
        await nurse.press("f6")
        await nurse.sees("THIS WOULD CALL BACK: Steriliser 1, ")
        await nurse.press("enter")
        await nurse.sign_in_as("anna", ANNAS)
        await nurse.sees("RECALL ALL LOADS SINCE THE LAST NEGATIVE TEST")
        await give_reason(nurse, "a positive spore test")
        await nurse.sees("RECALLED: Steriliser 1, load")
        told = nurse.text()
        unused, reached = told.index("FIND WHAT IS LEFT OF THESE FIRST (2)"), told.index("VISITS THAT IT REACHED (1)")
        assert unused < told.index(f"[ ] load {loads[1]}") < reached < told.index(f"({REFERENCE})", reached)
        await nurse.press("escape")
        await nurse.sees("Steriliser 1  RECALLED SINCE")
        await nurse.press("f2")
        await nurse.sees("END THE RECALL OF  Steriliser 1")
        await give_reason(nurse, "it was repaired")
        await nurse.sees("walk “steriliser-recall” about")
        await nurse.press("escape", "escape", "escape")
        await nurse.go_to(f"RECALLED     load {loads[1]}")
        await nurse.press("enter")
        await nurse.sees(f"TRACE   load {loads[1]}")
        await nurse.press("f2")
        await nurse.sees("It is recalled already: nothing may use it, for good.")
    with Clinic.open(folder) as clinic:
        kinds = clinic.ledger.query("SELECT kind, state FROM set_apart ORDER BY kind, value")
        assert kinds == [("equipment", "recalled"), ("load", "recalled"), ("load", "recalled")]


async def test_what_another_program_calls_back_is_seen_at_the_next_tick(
    station: Callable[..., Any], folder: Folder, loads: tuple[str, str]
) -> None:
    async with station() as nurse:
        with Clinic.open(folder) as clinic:
            recalling.recall(clinic, "load", loads[1], Reason("equipment-fault", None), lead_of(clinic), "pipe")
        await nurse.sees(f"RECALLED     load {loads[1]}")
        await follow(nurse, "S1")
        await nurse.press("down", "down")
        here = nurse.desk.face.node
        await nurse.press("right")
        await nurse.sees(f"made load {loads[1]}  RECALLED SINCE")
        assert f"made load {loads[0]}" not in nurse.text()
        with Clinic.open(folder) as clinic:
            a_load(clinic, lead_of(clinic))
            recalling.recall(clinic, "load", loads[1], Reason("equipment-fault", None), lead_of(clinic), "pipe")
        await nurse.sees("It has made 3 loads")
        assert nurse.desk.face.node == here, "what came first moved the highlight to nothing else"
        assert nurse.desk.face.is_open(nurse.desk.face.place)


async def test_what_a_recall_would_reach_is_shown_and_nothing_is_recorded_before_enter(
    station: Callable[..., Any], folder: Folder, loads: tuple[str, str]
) -> None:
    async with station() as nurse:
        await follow(nurse, "S1")
        await nurse.sees("It has made 2 loads; they have reached 1 visit.")
        await nurse.sees(f"reached visit a-{loads[0][3:11]}-01")
        await nurse.press("f6")
        await nurse.sees("Nothing is recorded yet.")
        told = nurse.text()
        assert told.index(f"[ ] load {loads[1]}") < told.index("VISITS THAT IT REACHED (1)")
        assert REFERENCE not in told
        await nurse.press("escape")
        await nurse.sees("TRACE   Steriliser 1")
    with Clinic.open(folder) as clinic:
        assert clinic.ledger.query("SELECT 1 FROM set_apart") == []


async def test_the_clinic_s_own_reference_is_for_whoever_is_signed_in(
    station: Callable[..., Any], loads: tuple[str, str]
) -> None:
    visit = f"visit a-{loads[0][3:11]}-01"
    async with station() as nurse:
        await follow(nurse, REFERENCE)
        await nurse.sees(f"TRACE   {visit}")
        assert REFERENCE not in nurse.text()
        await nurse.press("escape", "f5")
        await nurse.sign_in_as("carl", CARLS)
        await follow(nurse, REFERENCE)
        await nurse.sees(f"{visit}  ({REFERENCE})")
        await nurse.press("f7")
        await nurse.until(lambda: REFERENCE not in nurse.text())


async def test_of_many_things_that_were_called_back_only_the_first_are_named(
    station: Callable[..., Any], loads: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recalling, "LISTED", 1)
    async with station() as nurse:
        await follow(nurse, "S1")
        await nurse.press("f6")
        await nurse.sees("THIS WOULD CALL BACK: Steriliser 1, ")
        await nurse.press("enter")
        await nurse.sign_in_as("anna", ANNAS)
        await nurse.sees("RECALL ALL LOADS SINCE THE LAST NEGATIVE TEST")
        await give_reason(nurse, "a positive spore test")
        await nurse.sees("RECALLED: Steriliser 1, and 2 more")
        told = nurse.text()
        assert "FIND WHAT IS LEFT OF THESE FIRST (2)" in told
        assert f"[ ] load {loads[1]}" in told, "nobody has used it yet"
        assert "[ ] and 1 more" in told
        assert f"load {loads[0]}" not in told


async def test_a_load_that_only_its_release_is_missing_of_says_so(station: Callable[..., Any], folder: Folder) -> None:
    with Clinic.open(folder) as clinic:
        lead = lead_of(clinic)
        measured = header("measured", "Run a measured load", "equipment") + MEASURED
        bring_into_force(clinic, lead, "measured", measured)
        begun = clinic.begin("measured", "equipment=S1", lead, "tui")
        assert isinstance(begun, RunState)
        clinic.do(begun.run, c.Assign("number", {}), lead, "tui")
        clinic.do(begun.run, c.Give("temperature", "134"), lead, "tui")
        ((load,),) = clinic.ledger.query("SELECT value FROM identifier WHERE run = ?", (begun.run,))
    async with station() as nurse:
        await nurse.sees("(~) TO RELEASE")
        await follow(nurse, str(load))
        await nurse.sees(f"(~) load {load}  AWAITING RELEASE")


async def test_what_the_record_does_not_know_is_set_apart_by_anybody_and_let_go_by_a_lead(
    station: Callable[..., Any],
) -> None:
    async with station() as nurse:
        await follow(nurse, "C-77")
        await nurse.sees("The record does not know “C-77”. What is it?")
        await nurse.press("4", "enter")
        await nurse.sees("{?} lot C-77  NOT KNOWN HERE")
        await nurse.press("f2")
        await nurse.sign_in_as("carl", CARLS)
        await give_reason(nurse, "the box is torn")
        await nurse.sees("<#> lot C-77  QUARANTINED SINCE")
        await nurse.press("f2")
        await nurse.sees("Only a lead ends a quarantine; ask one.")
        await nurse.press("escape", "f5")
        await nurse.sign_in_as("anna", ANNAS)
        await nurse.go_to("QUARANTINED  lot C-77")
        await nurse.press("enter", "f2")
        await give_reason(nurse, "another box")
        await nurse.sees("lot C-77 may be used again")


async def test_of_very_many_only_the_newest_are_read(
    station: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trace_reads, "LIMIT", 1)
    async with station() as nurse:
        await follow(nurse, "S1")
        await nurse.sees("there is more: the log (F8 on the board) has all, filter ")
        assert nurse.text().count("Run a small load") == 1


async def test_a_power_loss_is_reported_from_the_board_and_ends_what_it_voids(
    station: Callable[..., Any], folder: Folder
) -> None:
    async with station() as nurse:
        await nurse.press("f4", "f6")
        await nurse.sign_in_as("anna", ANNAS)
        await nurse.sees("WHAT HAS HAPPENED?")
        await nurse.type("power")
        await nurse.press("enter")
        await nurse.sees("POWER LOSS: IT HAS HAPPENED")
        await nurse.sees("Steriliser 1")
        digit = nurse.text().split("  the whole clinic")[0][-1]
        await nurse.press(digit, "enter", "enter", "enter")
        await nurse.sees("Power loss is recorded, as entry a#")
    with Clinic.open(folder) as clinic:
        assert clinic.ledger.query("SELECT event, subject FROM happened") == [("power-loss", "clinic")]
        (session,) = (str(row[0]) for row in clinic.ledger.query("SELECT id FROM session"))
        asked = clearing.asked_of(clinic, "small", "room-1", session)
        assert isinstance(asked, Asked)
        answer = clearing.look(clinic, clinic.library.procedure(clinic.ledger, "small"), asked)
        opening = next(one for one in answer.clearance.requirements if one.id == "opening")
        assert opening.met is False
        assert "power loss" in opening.why


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("colour", ["colour", "none"])
async def test_it_can_be_read_in_every_colour_mode(
    station: Callable[..., Any],
    loads: tuple[str, str],
    size: tuple[int, int],
    colour: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if colour == "none":
        monkeypatch.setenv("NO_COLOR", "1")
    async with station(size) as nurse:
        await follow(nurse, loads[0])
        for words in ("RELEASED SINCE", "QUARANTINE", "RECALL", "EMERGENCY", "LOG OK"):
            await nurse.sees(words)
        await nurse.press("down", "right")
        await nurse.sees("by Anna Berg")
        assert not nurse.unreadable()
        assert not nurse.unreadable(ColorSystem.STANDARD)
        assert all(len(line) <= size[0] for line in nurse.text().splitlines())
        assert len(nurse.text().splitlines()) == size[1]
