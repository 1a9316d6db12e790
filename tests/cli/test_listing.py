"""`checklist protocol list` and the forms of `protocol show`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from checklist.clinic.folder import Folder
from checklist.clinic.service import Clinic
from checklist.protocol.library import shipped, shipped_folder, shipped_profiles

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.cli.conftest import Run

KEYS = {
    *("id", "version", "sha256", "title", "purpose", "category", "subject", "equipment", "about"),
    *("roles", "credentials", "steps", "minimum_seconds", "counts_for"),
}


def test_the_protocols_in_force_are_listed_by_where_they_are_done(run: Run, clinic: Path) -> None:
    assert clinic.is_dir()
    answer = run("protocol", "list")
    lines = answer.out.splitlines()
    assert answer.code == 0
    headings = [line for line in lines if line and not line.startswith(" ")]
    assert headings == ["The clinic as a whole", "A room", "A machine", "A visit", "Emergencies"]
    short = lines.index("  short: Short")
    assert lines[short + 2 : short + 4] == ["    Steps: 2, at least 1 min", "    Who: everyone but auditors"]
    assert lines.index("A room") < lines.index("    For: Treatment room 1, Treatment room 2") < lines.index("A machine")
    assert "    For: Steriliser 1" in lines
    assert "    For: nothing that clinic.toml names" in lines


def test_the_list_as_json_has_every_protocol_once(run: Run, clinic: Path) -> None:
    assert clinic.is_dir()
    listed = {one["id"]: one for one in run("protocol", "list", "--json").data}
    assert set(listed) == {*shipped(), "short"}
    assert all(set(one) == KEYS for one in listed.values())
    assert listed["short"]["minimum_seconds"] == 60
    assert listed["room-turnover"]["about"] == ["room=room-1", "room=room-2"]
    assert listed["steriliser-load"]["equipment"] == ["steriliser"]
    assert listed["steriliser-load"]["about"] == ["equipment=S1"]


def test_one_lost_text_hides_none_of_the_others(run: Run, clinic: Path) -> None:
    folder = Folder(clinic)
    with Clinic.open(folder) as opened:
        lost = opened.library.in_force(opened.ledger)["short"]
    (folder.adopted / f"{lost.sha256}.toml").unlink()
    answer = run("protocol", "list", "--json")
    assert {one["id"] for one in answer.data} == set(shipped())
    assert "restore it from a backup" in answer.err


def test_without_a_clinic_the_shipped_ones_are_listed(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CHECKLIST_CLINIC", str(tmp_path / "none"))
    assert {one["id"] for one in run("protocol", "list", "--json").data} == set(shipped())
    assert "For:" not in run("protocol", "list").out


def test_show_prints_text_markdown_and_json(run: Run, clinic: Path) -> None:
    assert clinic.is_dir()
    assert run("protocol", "show", "short", "--format", "text").out == run("protocol", "show", "short").out
    markdown = run("protocol", "show", "short", "--format", "markdown").out
    assert markdown.startswith("# Short\n")
    assert "2. **Read two.** `two`\n   - *Limit:* 2.0 to 8.0 °C\n" in markdown
    data = run("protocol", "show", "short", "--json").data
    assert data == json.loads(run("protocol", "show", "short", "--format", "json").out)
    assert data["protocol"]["id"] == "short"
    assert data["protocol"]["sha256"] in markdown
    assert [step["id"] for step in data["steps"]] == ["one", "two"]
    assert "leave one of them out" in run("protocol", "show", "short", "--json", "--format", "markdown").told


def test_show_tells_of_a_profile_too(run: Run, clinic: Path, tmp_path: Path) -> None:
    assert clinic.is_dir()
    assert run("protocol", "show", "de").out.startswith("Germany\nde ")
    assert run("protocol", "show", "de", "--format", "markdown").out.startswith("# Germany\n")
    assert run("protocol", "show", "de", "--json").data["profile"]["id"] == "de"
    own = tmp_path / "profiles" / "de.toml"
    own.parent.mkdir()
    own.write_bytes(shipped_profiles()["de"].data)
    assert run("protocol", "show", own).out == run("protocol", "show", "de").out
    own.write_text("nonsense", encoding="utf-8")
    assert "de.toml:1" in run("protocol", "show", own).told


def test_show_puts_a_profiles_values_in_place_of_their_names(run: Run, clinic: Path) -> None:
    assert clinic.is_dir()
    path = shipped_folder() / "sterilisation" / "steriliser-load.toml"
    named = run("protocol", "show", path, "--json", "--clinic", clinic / "none").data
    assert named["protocol"]["valid_for"] == {"profile": "pack-storage-life"}
    strictest = shipped_profiles()["strictest"].profile.values["pack-storage-life"]
    for shown in ("steriliser-load", path):
        assert run("protocol", "show", shown, "--json").data["protocol"]["valid_for"] == strictest
    known = run("protocol", "show", "steriliser-load", "--profile", "uk", "--json").data
    assert known["protocol"]["valid_for"] == shipped_profiles()["uk"].profile.values["pack-storage-life"]
    assert known["profile_values"] == []
    assert known["protocol"]["sha256"] == named["protocol"]["sha256"]
    told = run("protocol", "show", "spill", "--profile", "xx").told
    assert told.endswith("There is no profile “xx”; there are: au, ca, de, strictest, uk, us.")


def test_the_list_says_how_long_a_run_counts_here(run: Run, clinic: Path) -> None:
    lines = run("protocol", "list").out.splitlines()
    assert "    Counts for: today" in lines
    assert not any("the profile's" in line for line in lines)
    counts = {one["id"]: one["counts_for"] for one in run("protocol", "list", "--json").data}
    assert counts["steriliser-load"] == shipped_profiles()["strictest"].profile.values["pack-storage-life"]
    assert counts["short"] is None
    without = {one["id"]: one["counts_for"] for one in run("protocol", "list", "--json", "--clinic", "none").data}
    assert without["steriliser-load"] == "the profile's pack-storage-life"
    assert clinic.is_dir()


def test_a_name_that_is_nearly_right_is_told_the_right_one(run: Run, clinic: Path) -> None:
    for elsewhere in ((), ("--clinic", clinic / "none")):
        for command in ("show", "simulate"):
            told = run("protocol", command, "steriliser-lod", *elsewhere).told
            assert told.endswith("did you mean “steriliser-load”?")
    assert run("protocol", "diff", "microneedlin").told.endswith("did you mean “microneedling”?")
    assert "there are: adverse-event, " in run("protocol", "show", "nonsense").told


def test_a_file_that_was_never_adopted_is_named_with_the_way_to_it(run: Run, clinic: Path) -> None:
    file = clinic / "protocols" / "coffee-fridge.toml"
    file.write_text("", encoding="utf-8")
    assert f"its file can be shown and tried: {file}; a lead" in run("protocol", "show", "coffee-fridge").told
    assert run("protocol", "show", "coffee-fridg").told.endswith("did you mean “coffee-fridge”?")
