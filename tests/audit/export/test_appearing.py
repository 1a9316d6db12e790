"""A file or folder has its name when it is whole, or never."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

import pytest

from checklist.audit.export.appearing import ExportError, appearing

if TYPE_CHECKING:
    from pathlib import Path


def test_it_appears_at_the_end_for_its_owner_alone(tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    with appearing(out) as fresh:
        fresh.write_text("all of it")
        assert not out.exists()
        assert fresh.parent == out.parent
    assert out.read_text() == "all of it"
    assert out.stat().st_mode & 0o777 == 0o600
    assert [*tmp_path.iterdir()] == [out]


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
