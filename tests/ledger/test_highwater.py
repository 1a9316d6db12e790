"""The small file that remembers how far the ledger was."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from checklist.ledger.errors import CannotOpen
from checklist.ledger.highwater import HighWater

if TYPE_CHECKING:
    from pathlib import Path


def test_it_is_replaced_whole_and_kept_private(tmp_path: Path) -> None:
    path = tmp_path / "a.high-water"
    assert HighWater.read(path) is None
    for size in (1, 2):
        mark = HighWater(size, "ab" * 32)
        mark.write(path)
        assert HighWater.read(path) == mark
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("data", [b"", b"x", b"{}", b'{"leaf":"ab","size":0}', b'{"leaf":1,"size":1}', b"[" * 500])
def test_a_damaged_file_is_named(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.high-water"
    path.write_bytes(data)
    with pytest.raises(CannotOpen, match="damaged"):
        HighWater.read(path)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match="cannot be read"):
        HighWater.read(tmp_path)
