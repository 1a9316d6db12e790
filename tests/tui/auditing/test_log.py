"""The log: opened from the board, filtered, kept, taken along, and read where the record is damaged."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.color import ColorSystem

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic
from checklist.ledger.entry import Draft
from checklist.tui.auditing import kept
from checklist.tui.auditing.shelf import Laid
from checklist.tui.auditing.window import KEPT, PAGE
from tests.support.audited import damage


async def test_the_newest_row_stands_first_and_the_worst_is_told_by_mark_and_word(
    station: Callable[..., Any], runs: list[str], log: Callable[..., Any], sign: Callable[..., Any]
) -> None:
    async with station() as nurse:
        await log(nurse)
        shown = nurse.text()
        assert "> " in shown.split("station started")[0].splitlines()[-1]
        assert shown.count("[x] COMPLETE    Read the fridge") == len(runs) - 1
        assert "/!\\ 1 DEV       Read the fridge" in shown
        await sign(nurse, "3", "deviation:yes   1 found")
        assert nurse.text().count("Read the fridge") == 1
        await sign(nurse, "0", "everything")
        await nurse.press("escape")
        await nurse.sees("BOARD")


async def test_a_filter_is_typed_and_a_broken_one_leaves_the_list_as_it_was(
    station: Callable[..., Any], log: Callable[..., Any], sign: Callable[..., Any]
) -> None:
    async with station() as nurse:
        await log(nurse)
        await sign(nurse, "/", "[Enter] LOOK")
        await nurse.type("protocol:fridge")
        await nurse.press("enter")
        await nurse.sees("protocol:fridge   ")
        assert "station started" not in nurse.text()
        await nurse.press("f3")
        await nurse.type("outcome:lost")
        await nurse.press("enter")
        await nurse.sees("outcome:lost")
        before = nurse.text()
        assert "FILTER  protocol:fridge   " in before
        assert "Read the fridge" in before, "the old list stays"
        await nurse.press("escape")
        assert nurse.desk.face.line == "protocol:fridge"


async def test_nothing_found_says_how_much_there_is_without_the_filter(
    station: Callable[..., Any], log: Callable[..., Any], sign: Callable[..., Any]
) -> None:
    async with station() as nurse:
        await log(nurse)
        await sign(nurse, "6", "Nothing in the record is like that.")
        await nurse.sees("Without a filter there are ")
        await nurse.press("enter")
        await nurse.sees("There is no row to open.")


async def test_a_filter_is_cleared_in_its_field_and_esc_takes_away_one_that_leaves_nothing(
    station: Callable[..., Any], log: Callable[..., Any], sign: Callable[..., Any]
) -> None:
    async with station() as nurse:
        await log(nurse)
        await sign(nurse, "6", "Nothing in the record is like that.")
        await nurse.press("f3")
        await nurse.sees("F1 all words, Ctrl+U clears.")
        await nurse.press("ctrl+u")
        await nurse.type("protocol:nosuch")
        await nurse.press("enter")
        await nurse.sees("FILTER  protocol:nosuch   0 found")
        await nurse.sees("[Esc] NO FILTER")
        await nurse.press("escape")
        await nurse.sees("FILTER  everything")
        await nurse.press("f4", "f1")
        await nurse.sees("keeps a filter under a name")
        await nurse.press("escape", "escape", "escape")
        await nurse.sees("BOARD")


async def test_a_filter_is_kept_under_a_name_used_again_and_shared_as_one_line(
    station: Callable[..., Any], folder: Folder, log: Callable[..., Any], sign: Callable[..., Any]
) -> None:
    async with station() as nurse:
        await log(nurse)
        await sign(nurse, "3", "deviation:yes")
        await nurse.press("f4", "2", "enter")
        await nurse.sees("KEEP THIS FILTER")
        await nurse.type("what went wrong")
        await nurse.press("enter", "enter")
        await nurse.sees("It is kept")
        assert kept.kept(folder) == {"what went wrong": "deviation:yes"}
        assert kept.path(folder).stat().st_mode & 0o777 == 0o600
        await sign(nurse, "0", "everything")
        await nurse.press("f4", "1", "enter")
        await nurse.sees("FILTER  deviation:yes")
        await nurse.press("f4", "2", "enter")
        await nurse.sees("THIS FILTER AS ONE LINE")
        assert nurse.desk.clipboard == "deviation:yes"


async def test_what_is_seen_is_taken_along_to_a_file(
    station: Callable[..., Any], tmp_path: Path, log: Callable[..., Any], sign: Callable[..., Any]
) -> None:
    out = tmp_path / "taken.jsonl"
    async with station() as nurse:
        await log(nurse)
        await sign(nurse, "3", "deviation:yes")
        await sign(nurse, "e", "EXPORT deviation:yes")
        await nurse.press("1", "enter")
        for _ in range(80):
            await nurse.press("backspace")
        await nurse.type(str(out))
        await nurse.press("enter", "enter")
        await nurse.sees("exported to")
    kinds = [json.loads(line).get("kind") for line in out.read_text("utf-8").splitlines()]
    assert "step.attempted" in kinds
    assert "run.completed" not in kinds, "what a filter says of entries is said of each by itself"


async def test_a_damaged_entry_is_named_and_all_others_are_read(
    station: Callable[..., Any], folder: Folder, runs: list[str], log: Callable[..., Any]
) -> None:
    damage(folder.ledger, int(runs[0].partition("#")[2]) + 1)
    async with station() as nurse:
        await log(nurse)
        await nurse.sees("{?} 1 CANNOT BE READ")
        assert nurse.text().count("Read the fridge") == len(runs)
        await nurse.press("f3")
        await nurse.type(f"run:{runs[0]}")
        await nurse.press("enter", "enter")
        await nurse.sees("It cannot be put together")
        await nurse.sees("step.done")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("colour", ["colour", "none"])
async def test_it_can_be_read_in_every_colour_mode(
    station: Callable[..., Any],
    log: Callable[..., Any],
    size: tuple[int, int],
    colour: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if colour == "none":
        monkeypatch.setenv("NO_COLOR", "1")
    async with station(size) as nurse:
        await log(nurse)
        for line in nurse.text().splitlines():
            assert len(line) == size[0]
        assert not nurse.unreadable(ColorSystem.STANDARD)


async def test_a_scan_is_no_key_and_records_nothing(
    station: Callable[..., Any], folder: Folder, log: Callable[..., Any]
) -> None:
    async with station() as nurse:
        await log(nurse)
        before = nurse.desk.storage.saved.size
        await nurse.burst("3c0e/21040112345", "tab")
        assert nurse.desk.face.line == ""
        assert nurse.desk.storage.saved.size == before
    with Clinic.open(folder) as clinic:
        assert clinic.ledger.entries_of_kind("exported") == []


async def test_a_run_that_is_missing_names_what_was_begun_that_day_and_failed(
    station: Callable[..., Any], runs: list[str], log: Callable[..., Any], sign: Callable[..., Any]
) -> None:
    async with station() as nurse:
        await log(nurse)
        await nurse.desk.face.shelf.ask(_missed, runs[0])
        await sign(nurse, "5", "1 found")
        await nurse.press("enter")
        await nurse.sees(f"It was begun and failed: {runs[0]}, ")
        assert "no run of it counts" in " ".join(nurse.text().replace("┃", " ").split())
        assert "not recorded" not in nurse.text()


def _missed(laid: Laid, run: str) -> None:
    """Let a run have failed, and be missing by the plan."""
    with laid.catalogue.writing() as db:
        db.execute("UPDATE run SET outcome = 'failed' WHERE run = ?", (run,))
        db.execute(
            "INSERT INTO planned SELECT protocol, subject, day, at, 'missed', NULL FROM run WHERE run = ?", (run,)
        )


async def test_end_and_home_go_to_the_true_end_and_beginning(
    station: Callable[..., Any], folder: Folder, log: Callable[..., Any]
) -> None:
    with Clinic.open(folder) as clinic:
        clinic.ledger.append(lambda _: [Draft("backed-up", {}, None, "system")] * (5 * PAGE))
    async with station() as nurse:
        await log(nurse)
        face = nurse.desk.face
        newest = face.chosen
        await nurse.press("end")
        await nurse.sees("ledger opened")
        assert (face.chosen, face.window.at_end) == ("entry:0", True)
        assert "more below" not in nurse.text()
        await nurse.idle()
        assert len(face.window.rows) <= KEPT * PAGE
        for _ in range(2 * PAGE // face.rows.page):
            await nurse.press("pageup")
            await nurse.idle()
        assert sum(item.key is None for item in face.items(78)) == 1, "one day, said once"
        await nurse.press("home")
        await nurse.until(lambda: face.chosen == newest)
        assert face.window.at_beginning
        assert "more above" not in nurse.text()
