"""`checklist protocol …`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from checklist.protocol.library import shipped

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.cli.conftest import Run, Who

KEYS = {"file", "line", "column", "rule", "severity", "message", "fix"}


def test_the_shipped_protocols_and_the_clinics_own_have_no_errors(run: Run, clinic: Path) -> None:
    answer = run("protocol", "lint")
    lines = answer.out.splitlines()
    assert answer.code == 0
    assert len(lines) == len(shipped()) + 1
    assert all(line.endswith(".toml: no problems found") for line in lines)
    assert f"{clinic / 'protocols' / 'short.toml'}: no problems found" in lines
    assert run("protocol", "lint", "--json").data == []


def test_what_is_wrong_has_a_place_and_a_remedy(run: Run, clinic: Path) -> None:
    bad = clinic / "protocols" / "bad.toml"
    bad.write_text('[protocol]\nid = "other"\n', encoding="utf-8")
    answer = run("protocol", "lint")
    assert answer.code == 1
    assert f"{bad}:" in answer.out
    assert f"{bad}: no problems found" not in answer.out
    assert f"{clinic / 'protocols' / 'short.toml'}: no problems found" in answer.out
    assert " — " in answer.out
    found = run("protocol", "lint", bad, "--json").data
    assert all(set(fault) >= KEYS for fault in found)
    assert run("protocol", "lint", clinic / "protocols" / "short.toml").code == 0


def test_a_path_that_is_not_there_is_a_misuse(run: Run, clinic: Path) -> None:
    assert "no such file" in run("protocol", "lint", clinic / "nowhere.toml").told


def test_a_folder_without_protocols_is_a_misuse(run: Run, tmp_path: Path) -> None:
    assert "no protocol file" in run("protocol", "lint", tmp_path).told


def test_show_reads_a_protocol_in_force_or_a_file(
    run: Run, clinic: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "Read two." in run("protocol", "show", "short").out
    assert "Read two." in run("protocol", "show", clinic / "protocols" / "short.toml").out
    assert "there are" in run("protocol", "show", "nonsense").told
    monkeypatch.setenv("CHECKLIST_CLINIC", str(tmp_path / "none"))
    assert run("protocol", "show", "spill").code == 0
    assert "spill" in run("protocol", "show", "nonsense").told


def test_the_schema_is_json(run: Run) -> None:
    assert json.loads(run("protocol", "schema").out)["type"] == "object"


def test_adopting_shows_the_difference_and_is_recorded(run: Run, clinic: Path, ada: Who, bo: Who) -> None:
    own = clinic / "protocols" / "short.toml"
    text = own.read_text(encoding="utf-8")
    own.write_text(text.replace("1.0.0", "1.1.0").replace("Do one.", "Do one twice."), encoding="utf-8")
    assert "lead" in run("protocol", "adopt", "short", *bo).told
    answer = run("protocol", "adopt", "short", *ada)
    assert answer.code == 0
    assert "-1. Do one. [one]" in answer.out
    assert "+1. Do one twice. [one]" in answer.out
    assert "short 1.1.0" in answer.out
    entry = run("log", "--kind", "protocol.adopted", "--json").data[-1]
    assert entry["data"]["version"] == "1.1.0"
    assert entry["data"]["was"]
    assert "already" in run("protocol", "adopt", "short", *ada).told
    own.write_text("nonsense", encoding="utf-8")
    assert "short.toml:1" in run("protocol", "adopt", "short", *ada).told
    assert "no protocol" in run("protocol", "adopt", "nonsense", *ada).told
    assert "--as" in run("protocol", "adopt", "short").told
