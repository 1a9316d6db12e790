"""A report that cannot be written: no half file under its name, and the record says nothing of a report that there is
not. The limit on the size of a file is the kernel's own (RLIMIT_FSIZE)."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from checklist.audit.export.appearing import ExportError
from checklist.clinic import reporting
from checklist.clinic.folder import Folder
from checklist.clinic.reporting import Asked
from checklist.clinic.service import Clinic
from checklist.ledger import durable
from checklist.ledger.errors import NotSaved
from checklist.ledger.reader import open_read_only

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.place import Place

ROOM = 4096


def reports(place: Place) -> int:
    with open_read_only(place.folder.ledger) as reader:
        return len(reader.entries_of_kind("exported"))


def beside(out: Path) -> list[str]:
    return sorted(each.name for each in out.parent.iterdir())


def left(out: Path) -> list[str]:
    """What of a report that was not made lies about."""
    return [name for name in beside(out) if name.startswith((".checklist-export", out.name))]


def test_a_full_disk_leaves_no_half_report(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    first = folder / "first.html"
    assert place.call("report", "--html", str(first)).returncode == 0
    room = len(first.read_bytes()) // 2

    def small_disk() -> None:
        # What the ledger and the tables need is there already; the page is what finds no room.
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    stopped = subprocess.run(
        place.command("report", "--html", str(folder / "second.html"), "--from", "2020-01-01"),
        env=place.environment() | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=small_disk,
    )
    assert stopped.returncode == 2
    assert "Traceback" not in stopped.stderr
    assert stopped.stderr.count("\n") == 1
    assert beside(first) == ["first.html"]
    assert reports(place) == 1


def test_a_disk_that_refuses_is_told_in_a_sentence(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from checklist.clinic import auditing

    def refuses(*_: object) -> None:
        raise OSError(28, "No space left on device")

    out = tmp_path / "report.pdf"
    with Clinic.open(place.folder) as clinic, auditing.opened(clinic) as catalogue:
        monkeypatch.setattr(durable, "write_new", refuses)
        with pytest.raises(ExportError, match=r"report\.pdf: nothing was exported \(No space left on device\)"):
            reporting.write(clinic, catalogue.db, Asked(), out, "pdf", "pipe")
    monkeypatch.undo()
    assert left(out) == []
    assert reports(place) == 0


def test_a_report_that_cannot_be_recorded_is_not_left_there(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from checklist.clinic import auditing

    def refuses(*_: object) -> None:
        raise NotSaved("the disk is full")

    out = tmp_path / "report.html"
    with Clinic.open(place.folder) as clinic, auditing.opened(clinic) as catalogue:
        monkeypatch.setattr(clinic, "record", refuses)
        with pytest.raises(NotSaved):
            reporting.write(clinic, catalogue.db, Asked(), out, "html", "pipe")
    assert left(out) == []


def test_a_kill_before_the_name_is_given_leaves_nothing_under_it(place: Place, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    # The process ends at once where the fresh file would get its name.
    program = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "Path.rename = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from checklist.cli.entrance import enter\nsys.exit(enter(sys.argv[1:]))"
    )
    killed = subprocess.run(
        [place.command()[0], "-c", program, "report", "--html", str(out)],
        env=place.environment(),
        cwd=os.getcwd(),  # noqa: PTH109 the package is imported from here
        check=False,
        capture_output=True,
    )
    assert killed.returncode == -signal.SIGKILL
    assert not out.exists()
    assert place.call("report", "--html", str(out)).returncode == 0
    assert Folder(place.root).made
