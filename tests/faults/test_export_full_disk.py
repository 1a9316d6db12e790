"""A disk that fills up while the record is taken away: nothing stands under the final name, and nothing says it left.

The limit on the size of a file is the kernel's own (RLIMIT_FSIZE), so that writing really fails.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.checking import verify_clinic
from tests.support.outside import leaves

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.place import Place


def export(place: Place, form: str, out: Path, room: int | None) -> subprocess.CompletedProcess[str]:
    def small_disk() -> None:
        if room is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    return subprocess.run(
        place.command("export", form, "--out", str(out)),
        env=place.environment() | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=small_disk,
    )


@pytest.mark.parametrize("form", ["jsonl", "csv", "sqlite"])
def test_no_half_file_is_left_and_the_next_one_is_whole(place: Place, tmp_path: Path, form: str) -> None:
    folder = tmp_path / "away"
    folder.mkdir()
    assert export(place, form, tmp_path / "first", None).returncode == 0  # the tables are laid out by now
    stopped = export(place, form, folder / "out", 1_000)
    assert stopped.returncode == 2, stopped
    assert "Traceback" not in stopped.stderr
    assert stopped.stderr.count("\n") == 1
    assert [*folder.iterdir()] == []
    assert len(leaves(place.root, "exported")) == 1
    done = export(place, form, folder / "out", None)
    assert done.returncode == 0, done.stderr
    assert len(leaves(place.root, "exported")) == 2
    assert verify_clinic(place.folder).result == "clean"


@pytest.mark.parametrize(("form", "room"), [("as_tables", 700), ("as_database", 20_000), ("as_database", 200_000)])
def test_where_the_disk_is_full_only_once_the_tables_are_there(
    place: Place, tmp_path: Path, form: str, room: int
) -> None:
    folder = tmp_path / "away"
    folder.mkdir()
    code = (
        "import pathlib, resource, sys\n"
        "from checklist.audit.export.appearing import ExportError\n"
        "from checklist.clinic import auditing, exporting\n"
        "from checklist.clinic.folder import Folder\n"
        "from checklist.clinic.service import Clinic\n"
        "root, form, room, out = sys.argv[1:]\n"
        "with Clinic.open(Folder(pathlib.Path(root))) as clinic, auditing.opened(clinic) as tables:\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (int(room), resource.RLIM_INFINITY))\n"
        "    try:\n"
        "        getattr(exporting, form)(clinic, tables.db, pathlib.Path(out), 'line')\n"
        "    except ExportError as error:\n"
        "        print(error)\n"
    )
    command = [place.command()[0], "-c", code, str(place.root), form, str(room), str(folder / "out.db")]
    done = subprocess.run(command, env=place.environment(), capture_output=True, text=True, check=True)
    assert "nothing was exported" in done.stdout
    assert "free some space" in done.stdout
    assert [*folder.iterdir()] == []
    assert leaves(place.root, "exported") == []


def test_killed_in_the_middle_it_leaves_no_file_of_that_name(place: Place, tmp_path: Path) -> None:
    """Killed once all is written and before it is recorded: what is left bears no name that anybody looks for, and the
    next one takes it away."""
    folder = tmp_path / "away"
    folder.mkdir()
    code = (
        "import os, signal, sys\n"
        "from checklist.clinic import exporting\n"
        "from checklist.cli.entrance import enter\n"
        "exporting.sha256_of = lambda path: os.kill(os.getpid(), signal.SIGKILL)\n"
        "enter(sys.argv[1:])\n"
    )
    command = place.command("export", "jsonl", "--out", str(folder / "out"))
    done = subprocess.run([command[0], "-c", code, *command[3:]], env=place.environment(), check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = folder.iterdir()
    assert left.name.startswith(".checklist-export-")
    assert (left / "out").stat().st_size > 0
    assert leaves(place.root, "exported") == []
    assert export(place, "jsonl", folder / "first", None).returncode == 0
    assert {*folder.iterdir()} == {left, folder / "first"}, "another that begins just now has not taken hold of its own"
    long_ago = left.stat().st_mtime - 7200
    os.utime(left, (long_ago, long_ago))
    assert export(place, "jsonl", folder / "out", None).returncode == 0
    assert {*folder.iterdir()} == {folder / "first", folder / "out"}
