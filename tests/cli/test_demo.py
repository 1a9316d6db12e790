"""`checklist demo`: a clinic with a history, made in an empty folder and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.in_process import cheap_secrets

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


def test_a_clinic_is_made_and_says_how_to_get_in(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    with cheap_secrets():
        answer = run("demo", folder, "--build-only", "--days", "2", "--seed", "7")
    assert answer.code == 0
    assert "made-up people, made-up year" in answer.out
    assert "made-up demo secret" in answer.out
    assert f"checklist --clinic {folder}" in answer.out
    assert answer.err == ""
    assert run("verify", "--clinic", folder).code == 0
    assert "is not empty" in run("demo", folder, "--build-only").told


def test_a_folder_with_something_in_it_is_not_touched(run: Run, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    assert "is not empty" in run("demo", tmp_path).told
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_year_has_at_most_365_days(run: Run, tmp_path: Path) -> None:
    assert "--days" in run("demo", tmp_path / "demo", "--days", "366").told
    assert not (tmp_path / "demo").exists()


def test_the_folder_may_be_left_out(run: Run) -> None:
    assert "demo [OPTIONS] [DIR]" in run("demo", "--help").out
