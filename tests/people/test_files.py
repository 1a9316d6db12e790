"""Files with secrets are opened only when nobody but their owner can read them."""

import os
import stat
from pathlib import Path

import pytest

from checklist.people.files import exposure, read_private


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620, 0o601, 0o700, 0o4600])
def test_a_file_that_others_could_use_is_refused_and_its_mode_is_named(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"x")
    path.chmod(mode)
    reason = exposure(path.stat())
    assert reason is not None
    assert f"{mode:04o}" in reason


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_0600_and_stricter_are_trusted(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"x")
    path.chmod(mode)
    assert exposure(path.stat()) is None


def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"x")
    path.chmod(0o600)
    fields = list(path.stat())
    fields[stat.ST_UID] = os.geteuid() + 1
    assert "another user" in str(exposure(os.stat_result(fields)))


def test_a_folder_or_a_named_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    assert read_private(pipe, 10) == "is not a regular file"
    assert exposure(tmp_path.stat()) == "is not a regular file"
