"""Files are whole or not there, readable by their owner only, and never overwritten by mistake."""

import os
import stat
from pathlib import Path

import pytest

from checklist.ledger.durable import replace, write_new


@pytest.mark.parametrize("write", [write_new, replace])
def test_what_is_written_is_readable_by_its_owner_only_whatever_the_umask(tmp_path: Path, write: object) -> None:
    path = tmp_path / "key"
    before = os.umask(0)
    try:
        (write_new if write is write_new else replace)(path, b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == b"x"


def test_what_exists_is_never_overwritten_by_something_new(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        write_new(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_replacement_is_whole_or_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    replace(path, b"one")
    replace(path, b"two")
    assert path.read_bytes() == b"two"
    blocked = tmp_path / "blocked"
    (blocked / "in the way").mkdir(parents=True)
    with pytest.raises(OSError):
        replace(blocked, b"three")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["blocked", "file"]
