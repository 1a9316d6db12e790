"""Is this machine fit: each line says what was looked at, and what to do."""

from __future__ import annotations

import io
import shutil
import sys
from collections import namedtuple
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.doctor import examine
from checklist.clinic.folder import Folder
from checklist.clinic.plan.board import board
from checklist.clinic.texts.adoption import adoption, keep_bytes
from checklist.ledger.entry import Draft
from checklist.protocol.library import shipped, shipped_profiles
from checklist.protocol.loader import LoadedProfile, parse_profile

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House


def levels(folder: Folder) -> dict[str, str]:
    found = examine(folder)
    assert all(line.detail.isprintable() for line in found)
    return {line.name: line.level for line in found}


@pytest.fixture(autouse=True)
def utf8(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "utf-8"))


@pytest.fixture
def today(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """The doctor asks the machine's own clock, which the clinic of the tests is ahead of."""
    monkeypatch.setattr("checklist.clinic.service.SystemClock", lambda _zone: house.clock)
    return house


def test_a_sound_clinic_is_well(today: House) -> None:
    looked_at = ["python", "sqlite", "terminal", "space", "folder", "clinic.toml", "record", "people", "protocols"]
    assert levels(today.folder) == dict.fromkeys([*looked_at, "profile", "schedule", "clock"], "ok")


def test_it_says_when_all_of_the_record_was_last_verified_and_what_was_found(today: House) -> None:
    def record() -> tuple[str, str]:
        (found,) = [each for each in examine(today.folder) if each.name == "record"]
        return found.level, found.detail.partition("; ")[2]

    def verified(result: str) -> None:
        with today.open() as clinic:
            clinic.record(Draft("verified", {"size": clinic.ledger.size, "result": result}, None, "system"))

    day = today.clock().at[:10]
    assert record() == ("ok", "never verified as a whole: run “checklist verify --record”")
    verified("clean")
    assert record() == ("ok", f"last verified as a whole on {day}")
    verified("tampered")
    why = f"found to be damaged or changed on {day}: run “checklist verify”, and keep all files"
    assert record() == ("fault", why)


def test_a_record_that_was_cut_off_is_a_fault_that_says_what_to_do(today: House) -> None:
    path = today.folder.ledger
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    (found,) = [each for each in examine(today.folder) if each.name == "record"]
    assert found.level == "fault"
    assert "a part of it is missing or was overwritten. Nothing can be recorded there." in found.detail
    assert "checklist restore" in found.detail


def test_without_a_clinic_it_says_how_to_make_one(tmp_path: Path) -> None:
    assert levels(Folder(tmp_path))["clinic"] == "warning"


def test_a_terminal_without_utf_8_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "ascii"))
    assert levels(Folder(tmp_path))["terminal"] == "warning"


def test_little_space_and_an_open_folder_are_warnings(today: House, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 10**6))
    today.folder.root.chmod(0o777)
    found = levels(today.folder)
    assert (found["space"], found["folder"], found["record"]) == ("warning", "warning", "ok")


def test_a_bad_clinic_toml_is_a_fault(house: House) -> None:
    house.folder.config.write_text("[clinic")
    found = levels(house.folder)
    assert found["clinic.toml"] == "fault"
    assert "record" not in found


def test_a_bad_record_or_people_db_is_a_fault(today: House) -> None:
    (today.folder.keys / "pepper").chmod(0o644)
    assert levels(today.folder)["clinic"] == "fault"
    (today.folder.keys / "pepper").chmod(0o600)
    today.folder.ledger.write_bytes(b"nothing" * 100)
    assert levels(today.folder)["record"] == "fault"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (
            'protocol = "day-opne"',
            "no protocol “day-opne” is in force (did you mean “day-open”?); adopt it, or mend the line",
        ),
        ('protocol = "load"\nsubject = "equipment=S9"', "there is no equipment=S9; “load” can be about equipment=S1"),
        ('protocol = "short"\nsubject = "room=room-1"', "there is no room=room-1; “short” can be about clinic"),
        ('protocol = "visit"', "it has no session that “visit” could be about"),
    ],
)
def test_a_line_of_the_schedule_that_nobody_can_meet_is_a_fault_and_stops_nothing(
    today: House, line: str, why: str
) -> None:
    with today.folder.config.open("a", encoding="utf-8") as file:
        file.write(f'\n[[schedule]]\n{line}\nevery = "day"\n')
    (found,) = [each for each in examine(today.folder) if each.name == "schedule"]
    assert found.level == "fault"
    assert found.detail.startswith(f"[[schedule]] number 7 of clinic.toml: {why}")
    with today.open() as clinic:
        assert board(clinic).due


def test_a_lost_protocol_and_a_clock_behind_the_record_are_faults(today: House, clinic: Clinic) -> None:
    clinic.started()
    today.clock.set("2031-03-09T00:00:00")
    next(iter(today.folder.adopted.iterdir())).unlink()
    found = levels(today.folder)
    assert (found["protocols"], found["clock"]) == ("fault", "fault")


def test_it_says_whose_rules_hold_and_where_nobody_s_do(today: House) -> None:
    (found,) = [each for each in examine(today.folder) if each.name == "profile"]
    assert (found.level, found.detail) == ("ok", "No jurisdiction chosen: the strictest of all (strictest 1.0.0)")
    today.configure('jurisdiction = "strictest"', 'jurisdiction = "UK"')
    (found,) = [each for each in examine(today.folder) if each.name == "profile"]
    assert found.detail == "United Kingdom (uk 1.0.0)"
    today.configure('jurisdiction = "UK"', 'jurisdiction = "atlantis"')
    assert levels(today.folder)["profile"] == "fault"


def test_a_profile_that_lacks_what_a_protocol_in_force_needs_is_a_fault(today: House) -> None:
    text = shipped_profiles()["strictest"].data.decode()
    needed = min(shipped()["steriliser-load"].protocol.profile_values())
    lacking = parse_profile(text.replace(f'name = "{needed}"', 'name = "another"').encode(), name="strictest.toml")
    assert isinstance(lacking, LoadedProfile)
    keep_bytes(today.folder.adopted, {lacking.sha256: lacking.data})
    with closing(today.open()) as clinic:
        clinic.record(adoption(lacking, shipped_profiles()["strictest"].sha256, None, "system"))
    (found,) = [each for each in examine(today.folder) if each.name == "profile"]
    assert found.level == "fault"
    assert f'does not give "{needed}", which the protocol "' in found.detail


@pytest.mark.parametrize(("reader", "level"), [("dac-universal", "ok"), ("dac", "fault")])
def test_a_steriliser_whose_reader_is_not_there_is_a_fault(today: House, reader: str, level: str) -> None:
    today.configure('kind = "steriliser"', f'kind = "steriliser"\nreader = "{reader}"')
    assert levels(today.folder)["readers"] == level


def test_a_reader_file_that_cannot_be_used_is_a_warning(today: House) -> None:
    today.configure('kind = "steriliser"', 'kind = "steriliser"\nreader = "dac-universal"')
    (today.folder.protocols / "readers").mkdir()
    (today.folder.protocols / "readers" / "broken.toml").write_text("[reader", "utf-8")
    assert [(line.level, line.name) for line in examine(today.folder) if line.name == "readers"] == [
        ("warning", "readers"),
        ("ok", "readers"),
    ]
