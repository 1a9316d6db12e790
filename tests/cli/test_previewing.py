"""`checklist protocol preview` without a terminal: what lint says and what staff would read, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.making import header

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

WAIT = """
[[steps]]
id = "wait"
kind = "timer"
do = "Wait."
at_least = { profile = "waiting" }
"""


def everything_in(clinic: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in clinic.rglob("*") if path.is_file()}


def test_a_file_and_the_id_of_a_clinics_own_are_printed_once(run: Run, clinic: Path) -> None:
    before = everything_in(clinic)
    by_id = run("protocol", "preview", "short")
    assert by_id.code == 0
    assert "1. Do one. [one]" in by_id.out
    assert f"{clinic / 'protocols' / 'short.toml'}:" in by_id.out
    by_path = run("protocol", "preview", clinic / "protocols" / "short.toml")
    assert by_path == by_id
    assert everything_in(clinic) == before


def test_a_shipped_one_is_found_by_its_id_too(run: Run, clinic: Path) -> None:
    answer = run("protocol", "preview", "spill")
    assert answer.code == 0
    assert "[" in answer.out
    assert clinic.is_dir()


def test_errors_are_told_with_their_places_and_exit_with_1(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(header("broken", "Broken") + '\n[[steps]]\nid = "one"\nkind = "confrim"\n', "utf-8")
    answer = run("protocol", "preview", path)
    assert answer.code == 1
    assert f"{path}:" in answer.out
    assert "confrim" in answer.out


def test_it_says_what_lint_says_of_the_file_among_its_neighbours(run: Run, clinic: Path) -> None:
    path = clinic / "protocols" / "short.toml"
    path.write_text(path.read_text("utf-8").replace("Do one.", "Do one with care."), "utf-8")
    linted = run("protocol", "lint", path, "--json").data
    assert "version-not-raised" in {each["rule"] for each in linted}
    shown = run("protocol", "preview", path)
    assert all(f"{each['severity']} {each['rule']}: {each['message']}" in shown.out for each in linted)
    assert shown.code == 0


def test_a_value_that_no_profile_gives_is_shown_by_its_name(run: Run, clinic: Path) -> None:
    path = clinic / "protocols" / "waits.toml"
    path.write_text(header("waits", "Waits") + WAIT, "utf-8")
    answer = run("protocol", "preview", path)
    assert "waiting" in answer.out
    assert "1. Wait. [wait]" in answer.out


def test_what_is_not_there_is_a_misuse(run: Run, clinic: Path) -> None:
    assert "no protocol file" in run("protocol", "preview", clinic / "nowhere.toml").told
    assert "no protocol file" in run("protocol", "preview", "nonsense").told
    assert "no protocol file" in run("protocol", "preview", "../short").told
    assert "no protocol file" in run("protocol", "preview", "").told
