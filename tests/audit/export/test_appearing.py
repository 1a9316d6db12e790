"""A file or folder has its name when it is whole, or never."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from tempfile import mkdtemp

import pytest

from checklist.audit.export.appearing import ExportError, appearing


def long_ago(path: Path) -> None:
    """Touched last two hours ago."""
    then = path.stat().st_mtime - 7200
    os.utime(path, (then, then))


def test_it_appears_at_the_end_for_its_owner_alone(tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    with appearing(out) as fresh:
        fresh.write_text("all of it")
        assert not out.exists()
        assert fresh.parent.parent == out.parent
        assert fresh.parent.name.startswith(".")
    assert out.read_text() == "all of it"
    assert out.stat().st_mode & 0o777 == 0o600
    assert [*tmp_path.iterdir()] == [out]


def test_a_place_may_be_named_from_where_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path)
    for out in (Path("out.txt"), Path("away/out.txt")):
        with appearing(out) as fresh:
            fresh.write_text("all of it")
        assert out.read_text() == "all of it"
    assert [*tmp_path.rglob(".*")] == []


def test_a_folder_does_too(tmp_path: Path) -> None:
    with appearing(tmp_path / "out") as fresh:
        fresh.mkdir()
        (fresh / "one").write_text("1")
    assert (tmp_path / "out" / "one").read_text() == "1"


@pytest.mark.parametrize(
    "fault",
    [OSError(28, os.strerror(28)), sqlite3.OperationalError("disk I/O error"), KeyboardInterrupt(), ValueError()],
)
@pytest.mark.parametrize("folder", [True, False])
def test_whatever_goes_wrong_nothing_stays(tmp_path: Path, fault: BaseException, folder: bool) -> None:
    def stopped() -> None:
        with appearing(tmp_path / "out") as fresh:
            if folder:
                fresh.mkdir()
            (fresh / "one" if folder else fresh).write_text("half")
            raise fault

    with pytest.raises((ExportError, KeyboardInterrupt, ValueError)):
        stopped()
    assert [*tmp_path.iterdir()] == []


def test_nothing_is_replaced_and_no_folder_is_made_up(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for path, why in ((there, "already"), (tmp_path / "link", "already"), (tmp_path / "no" / "x", "does not exist")):
        with pytest.raises(ExportError, match=why), appearing(path) as fresh:
            fresh.write_text("other")
    assert there.read_text() == "mine"


def test_what_another_program_put_there_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    out = tmp_path / "out"

    def export() -> None:
        with appearing(out) as fresh:
            fresh.write_text("ours")
            out.write_text("theirs")

    with pytest.raises(ExportError, match="already"):
        export()
    assert out.read_text() == "theirs"
    assert [*tmp_path.iterdir()] == [out]


def test_two_at_once_do_not_take_away_what_the_other_writes(tmp_path: Path) -> None:
    with appearing(tmp_path / "one") as one:
        one.write_text("1")
        with appearing(tmp_path / "two") as two:
            two.write_text("2")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"one": "1", "two": "2"}


def test_what_a_killed_program_left_is_taken_away_and_nothing_that_only_looks_like_it(tmp_path: Path) -> None:
    left = tmp_path / ".checklist-export-abc"
    left.mkdir()
    (left / "out").write_text("half")
    long_ago(left)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "one").write_text("1")
    (tmp_path / ".checklist-export-link").symlink_to(mine)
    (tmp_path / ".checklist-export-file").write_text("a file")
    long_ago(mine)
    long_ago(tmp_path / ".checklist-export-file")
    with appearing(tmp_path / "next") as fresh:
        fresh.write_text("whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".checklist-export-file", ".checklist-export-link", "mine", "next",
    ]  # fmt: skip
    assert (mine / "one").read_text() == "1"


def test_a_folder_that_was_made_this_moment_is_not_taken_for_one_that_was_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another export begins just after this one made its hidden folder, and before it holds it."""

    def made(prefix: str, dir: Path) -> str:
        monkeypatch.undo()
        own = mkdtemp(prefix=prefix, dir=dir)
        with appearing(tmp_path / "other") as other:
            other.write_text("2")
        return own

    monkeypatch.setattr("checklist.audit.export.appearing.mkdtemp", made)
    with appearing(tmp_path / "one") as one:
        one.write_text("1")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"one": "1", "other": "2"}
