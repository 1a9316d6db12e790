"""`checklist protocol new`: a text to start from, that is never in anybody's way."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from checklist.cli import writing
from checklist.cli.protocols import protocol as group
from checklist.protocol.template import CATEGORIES, SUBJECTS

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def test_a_new_protocol_lies_with_the_clinics_own_and_is_sound(run: Run, clinic: Path) -> None:
    answer = run("protocol", "new", "eyewash-weekly", "--title", "Rinse the eyewash")
    path = clinic / "protocols" / "eyewash-weekly.toml"
    assert (answer.code, answer.out.splitlines()[0]) == (0, f"Written: {path}")
    linted = run("protocol", "lint", path)
    assert linted.code == 0
    assert linted.out.endswith("no advice.\n")
    assert "1 file: no errors, " in linted.out
    assert "warning unfinished: [protocol]: purpose still says" in linted.out
    assert "Rinse the eyewash" in run("protocol", "show", path).out
    commands = [shlex.split(line) for line in answer.out.splitlines() if line.startswith("  ")]
    assert len(commands) == 3
    assert all(command[:2] == ["checklist", "protocol"] and command[2] in group.places for command in commands)
    assert Path(answer.out.splitlines()[-1].removeprefix("Step by step: ")).is_file()
    assert "protocol.adopted" not in run("log", "--protocol", "eyewash-weekly").out


def test_nothing_is_overwritten(run: Run, clinic: Path) -> None:
    path = clinic / "protocols" / "short.toml"
    before = path.read_bytes()
    assert "stays as it is" in run("protocol", "new", "short").told
    assert path.read_bytes() == before


def test_it_is_written_where_it_is_wanted_without_a_clinic(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHECKLIST_CLINIC", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)
    assert "no clinic here" in run("protocol", "new", "mine").told
    assert run("protocol", "new", "mine", "--out", "a folder/mine.toml", "--category", "treatment").code == 0
    assert 'subject = "session"' in Path("a folder/mine.toml").read_text(encoding="utf-8")
    assert "name of its id" in run("protocol", "new", "mine", "--out", "other.toml").told
    Path("blocked").write_text("in the way", encoding="utf-8")
    assert "cannot be written" in run("protocol", "new", "mine", "--out", "blocked/mine.toml").told


@pytest.mark.parametrize(
    "name",
    ["Eyewash", "eye wash", "../eyewash", "", "x" * 65, "eyewash.toml", "\x1b[2J", "spill", "de", "microneedling"],
)
def test_a_name_that_cannot_be_or_is_taken_is_refused(run: Run, clinic: Path, name: str) -> None:
    before = sorted(clinic.rglob("*.toml"))
    assert run("protocol", "new", name).told.isprintable()
    assert sorted(clinic.rglob("*.toml")) == before


def test_what_cannot_be_a_protocol_is_refused_in_words(run: Run, clinic: Path) -> None:
    told = run("protocol", "new", "fall", "--category", "emergency", "--subject", "session").told
    assert "an emergency waits for nobody" in told
    for length in (121, 20_000):
        told = run("protocol", "new", "fall", "--title", "x" * length).told
        assert "write at most 120 characters" in told
    assert not (clinic / "protocols" / "fall.toml").exists()


def test_every_category_and_subject_of_the_model_can_be_named() -> None:
    assert (writing.CATEGORIES, writing.SUBJECTS) == (CATEGORIES, SUBJECTS)
