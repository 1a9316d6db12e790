"""`checklist trace`, `recall`, `quarantine`, `happened`: what they say, and how they exit."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from checklist.line.local import local
from tests.support.making import header

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run, Who

LOADS = (
    header("loads", "Run a load", "equipment")
    + """
[[steps]]
id = "indicator"
kind = "scan"
do = "Scan the indicators."
captures = ["lot"]
use = "consumes"
[[steps]]
id = "number"
kind = "assign"
produces = { load = "{equipment}-{n:02}" }
"""
)
OPENING = (
    header("opening", "Open a pack", "session")
    + """
[[steps]]
id = "pack"
kind = "scan"
do = "Scan the pack."
captures = ["load"]
use = "consumes"
"""
)


@pytest.fixture
def used(run: Run, clinic: Path, ada: Who, tmp_path: Path) -> str:
    """A load made with lot A12, of which one pack was opened; the visit."""
    for name, text in (("loads", LOADS), ("opening", OPENING)):
        (clinic / "protocols" / f"{name}.toml").write_text(text, "utf-8")
        assert run("protocol", "adopt", name, *ada).code == 0

    def walk(lines: str, *arguments: object) -> None:
        typed = tmp_path / "typed"
        typed.write_text(lines, "utf-8")
        before = os.dup(0)
        try:
            with typed.open() as file:
                os.dup2(file.fileno(), 0)
            assert run("walk", *arguments, *ada).code == 0
        finally:
            os.dup2(before, 0)
            os.close(before)

    walk("lot=A12\n\n", "loads", "--subject", "equipment=S1")
    walk("load=S1-01\n", "opening", "--session", "new")
    (opened,) = run("log", "--kind", "session.opened", "--json").data
    return str(opened["data"]["session"])


def test_a_lot_is_traced_to_the_visit_that_a_load_made_with_it_reached(run: Run, used: str) -> None:
    found = run("trace", "lot", "A12", "--json")
    assert found.code == 0
    assert found.data["sessions"] == [used]
    assert [each["protocol"] for each in found.data["consumed_by"]] == ["loads", "opening"]
    shown = run("trace", "load", "S1-01").out
    assert "load S1-01: running" not in shown
    assert f"Visits: {used}" in shown
    assert "Made in: Run a load, equipment=S1" in shown


def test_what_the_record_does_not_know_is_exit_code_1(run: Run, used: str) -> None:
    asked = run("trace", "lot", "B7")
    assert (asked.code, asked.out) == (1, "lot B7: unknown\n")
    assert run("trace", "lot", "B7", "--json").data["state"] == "unknown"
    assert "cannot be traced" in run("trace", "colour", "red").told
    assert "year-month-day" in run("trace", "day", "soon").told
    assert run("trace", "session", used).code == 0


def test_a_recall_names_the_visits_and_blocks_at_once(run: Run, used: str, bo: Who) -> None:
    done = run("recall", "lot", "A12", "--because", "equipment-fault: it did not turn", *bo)
    assert done.code == 0
    assert "Recalled: lot A12." in done.out
    assert f"Visits that it reached, the newest first: {used}" in done.out
    assert run("trace", "lot", "A12", "--json").data["state"] == "recalled"
    assert [each["identifier"] for each in run("board", "--json").data["recalled"]] == ["lot=A12"]
    assert run("recall", "lot", "B7", "--json", *bo).code == 1


@pytest.mark.usefixtures("used")
def test_what_the_record_does_not_know_is_set_apart_in_plain_words(run: Run, bo: Who) -> None:
    told = run("recall", "load", "NOPE", *bo).out
    assert "The record knows no load NOPE; it is set apart all the same, in case it turns up." in told
    assert "what is left" not in told
    told = run("quarantine", "lot", "B8", *bo).out
    assert "lot B8 is in quarantine" in told
    assert "The record knows no lot B8" in told
    assert "knows no" not in run("quarantine", "equipment", "S1", *bo).out
    assert run("trace", "lot", "B8").out.startswith("lot B8: quarantined since ")
    assert "Not used yet" not in run("trace", "lot", "B8").out


@pytest.mark.usefixtures("used")
def test_a_load_that_is_recalled_stays_so_and_every_answer_says_it(run: Run, ada: Who, bo: Who) -> None:
    assert run("recall", "load", "S1-01", *bo).code == 0
    told = run("quarantine", "load", "S1-01", *bo).out
    assert "load S1-01 stays recalled, as entry" in told
    assert "in quarantine" not in told
    assert "is recalled, not in quarantine" in run("quarantine", "load", "S1-01", "--end", *ada).told


@pytest.mark.usefixtures("used")
def test_times_are_those_of_the_clinic_and_in_json_those_of_the_record(run: Run, clinic: Path) -> None:
    config = clinic / "clinic.toml"
    config.write_text(re.sub('timezone = ".*"', 'timezone = "Asia/Kolkata"', config.read_text("utf-8")), "utf-8")
    data = run("trace", "load", "S1-01", "--json").data
    (made,) = data["produced_by"]
    assert made["started"].endswith("Z")
    begun = local(made["started"], "Asia/Kolkata")
    assert f"begun {begun}," in run("trace", "load", "S1-01").out
    assert made["started"] not in run("trace", "load", "S1-01").out


def test_a_steriliser_is_recalled_since_its_last_negative_test(run: Run, used: str, bo: Who) -> None:
    done = run("recall", "steriliser", "S1", "--since-last-negative", "--json", *bo)
    assert done.code == 0
    assert done.data["recalled"] == [{"kind": "equipment", "value": "S1"}, {"kind": "load", "value": "S1-01"}]
    assert done.data["sessions"] == [used]
    assert "steriliser S1" in run("recall", "lot", "A12", "--since-last-negative", *bo).told
    assert "no machine" in run("recall", "steriliser", "S9", "--since-last-negative", *bo).told


def test_a_quarantine_is_set_by_anybody_and_ended_by_a_lead(run: Run, clinic: Path, ada: Who, bo: Who) -> None:
    assert "is in quarantine" in run("quarantine", "load", "S1-01", *bo).out
    assert "Only a lead" in run("quarantine", "load", "S1-01", "--end", *bo).told
    assert "may be used again" in run("quarantine", "load", "S1-01", "--end", *ada).out
    assert clinic.is_dir()


def test_an_event_is_recorded_about_a_machine(run: Run, clinic: Path, bo: Who) -> None:
    done = run("happened", "steriliser-repair", "--subject", "equipment=S1", "new", "seal", *bo)
    assert done.code == 0
    (entry,) = run("log", "--kind", "happened", "--json").data
    assert (entry["data"]["event"], entry["data"]["subject"]) == ("steriliser-repair", "equipment=S1")
    assert "Say what it is about" in run("happened", "flood", "--subject", "room=cellar", *bo).told
    assert clinic.is_dir()


def test_an_event_that_ends_nothing_says_so_and_asks_what_was_meant(run: Run, clinic: Path, ada: Who, bo: Who) -> None:
    text = LOADS.replace('subject = "equipment"', 'subject = "equipment"\nvoided_by = ["power-loss"]')
    (clinic / "protocols" / "loads.toml").write_text(text, "utf-8")
    assert run("protocol", "adopt", "loads", *ada).code == 0
    done = run("happened", "power-los", "--subject", "equipment=S1", *bo)
    assert "No list in force is ended by it." in done.out
    assert "Did you mean power-loss?" in done.out
    assert "What it ends counts no more." in run("happened", "power-loss", "--subject", "equipment=S1", *bo).out


def test_a_visit_names_what_it_used_and_how_that_stands_by_now(run: Run, used: str, bo: Who) -> None:
    assert "It used load S1-01: awaiting release\n" in run("trace", "visit", used).out
    assert run("recall", "load", "S1-01", *bo).code == 0
    assert "It used load S1-01: recalled\n" in run("trace", "visit", used).out
    found = run("trace", "visit", used, "--json").data
    assert found["used"] == [{"kind": "load", "value": "S1-01", "state": "recalled"}]


def test_a_machine_and_a_visit_are_found_under_the_words_that_people_use(
    run: Run, used: str, ada: Who, bo: Who
) -> None:
    assert run("trace", "visit", used).code == run("trace", "session", used).code == 0
    assert run("quarantine", "steriliser", "S1", *bo).code == 0
    assert "equipment S1" in run("quarantine", "steriliser", "S1", "--end", *ada).out


def test_a_visit_is_found_by_the_clinic_s_own_reference_and_told_by_its_id(run: Run, used: str, ada: Who) -> None:
    run("walk", "opening", "--session", "P-2001", *ada)
    (_, opened) = run("log", "--kind", "session.opened", "--json").data
    visit = opened["data"]["session"]
    found = run("trace", "session", "P-2001")
    assert (found.code, found.out.splitlines()[0]) == (0, f"session {visit}: seen")
    assert "P-2001" not in found.out
    assert run("trace", "session", used).code == 0
    assert run("trace", "session", "P-2002").code == 1
    (who,) = {each["actor"] for each in run("log", "--kind", "session.opened", "--json").data}
    assert run("trace", "operator", "ada", "--json").code == run("trace", "operator", who, "--json").code == 0


@pytest.mark.usefixtures("used")
def test_what_is_nearly_something_known_is_asked_about(run: Run, bo: Who) -> None:
    asked = run("trace", "load", "S1-10")
    assert (asked.code, asked.out) == (1, "load S1-10: unknown\nDid you mean load S1-01?\n")
    assert "Did you mean equipment S1?" in run("trace", "equipment", "S11").out
    assert "Did you mean lot A12?" in run("recall", "lot", "A12X", *bo).out
    assert "Did you mean lot A12?" in run("quarantine", "lot", "A122", *bo).out


def test_a_machine_leads_to_its_loads_and_to_the_visits_that_they_reached(run: Run, used: str) -> None:
    told = run("trace", "steriliser", "S1").out
    assert "Its loads, the newest first (1): S1-01" in told
    assert f"Visits that these reached (1): {used}" in told
    assert run("trace", "equipment", "S1", "--json").data["made"] == ["load=S1-01"]
    day = str(int(used[2:6]) + 1) + "-01-01"
    assert run("trace", "equipment", "S1", "--since", day).code == 1
    assert run("trace", "equipment", "S1", "--since", f"{used[2:6]}-01-01").code == 0
    assert "year-month-day" in run("trace", "equipment", "S1", "--since", "May").told
    assert "since a day" in run("trace", "lot", "A12", "--since", day).told


def test_a_recall_is_foreseen_before_anything_is_recorded(run: Run, used: str, bo: Who) -> None:
    before = len(run("log", "--json").data)
    foreseen = run("trace", "steriliser", "S1", "--since-last-negative")
    assert foreseen.out.startswith("A recall would call back: equipment S1, load S1-01. Nothing was recorded.")
    assert f"Visits that it reached, the newest first: {used}" in foreseen.out
    assert "recalled" not in run("trace", "load", "S1-01").out
    data = run("trace", "steriliser", "S1", "--since-last-negative", "--json").data
    assert len(run("log", "--json").data) == before
    done = run("recall", "steriliser", "S1", "--since-last-negative", "--json", *bo).data
    assert [done[key] for key in ("recalled", "left", "sessions")] == [
        data[key] for key in ("recalled", "left", "sessions")
    ]
    assert "is about a steriliser" in run("trace", "lot", "A12", "--since-last-negative").told


@pytest.mark.usefixtures("used")
def test_a_recall_of_a_machine_says_what_ends_it(run: Run, ada: Who, bo: Who) -> None:
    told = run("recall", "equipment", "S1", *bo)
    assert (told.code, "knows no" in told.out) == (0, False)
    assert "returns once its recall list is walked to its end" in told.out
    refused = run("quarantine", "equipment", "S1", "--end", *ada)
    assert (refused.code, "walk “steriliser-recall” about equipment=S1" in refused.told) == (2, True)


@pytest.mark.usefixtures("used")
def test_a_recall_says_how_its_list_is_walked_and_the_board_keeps_it_until_then(run: Run, bo: Who) -> None:
    told = run("recall", "lot", "A12", *bo)
    walk = "walk item-recall --subject clinic"
    assert f"Its list, “Recalled lot, serial or batch”, waits on the board: checklist {walk}" in told.out
    assert "after the recall of lot A12" in run("board").out
    (waits,) = run("board", "--json").data["follow_ups"]
    assert (waits["protocol"], waits["subject"], waits["recalled"]) == ("item-recall", "clinic", "lot A12")
    assert run("recall", "lot", "a12", "--json", *bo).data["list"] == {
        "protocol": "item-recall",
        "subject": "clinic",
        "run": None,
    }
    assert len(run("board", "--json").data["follow_ups"]) == 1
    begun = run(*walk.split(), *bo)
    assert "Called back: lot A12" in begun.out
    assert "Type each lot, serial or batch that is called back." in begun.out
    board = run("board", "--json").data
    assert (board["follow_ups"], [one["protocol"] for one in board["open"]]) == ([], ["item-recall"])
    again = run("recall", "lot", "A12", *bo).out
    assert f"is open: checklist resume {board['open'][0]['run']}" in again


@pytest.mark.usefixtures("used")
def test_a_recall_of_a_load_asks_for_the_list_of_its_machine(run: Run, bo: Who) -> None:
    told = run("recall", "load", "S1-01", *bo).out
    assert "waits on the board: checklist walk steriliser-recall --subject equipment=S1" in told
    assert "waits on the board" not in run("recall", "equipment", "F1", *bo).out
