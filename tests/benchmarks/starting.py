"""A command that only looks: `checklist board --json`, against importing the libraries it cannot do without."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Row, compared, interleaved, timed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.clinics import Workshop

ROUNDS = 21
MOST = 2.0


def measure(workshop: Workshop) -> list[Row]:
    """The rows of this measure."""
    folder = workshop.fresh("starting")
    board = [*program(), "board", "--json", "--clinic", str(folder.root)]
    imports = [sys.executable, "-c", "import pydantic, sqlite3, click"]
    bare = [sys.executable, "-c", "pass"]
    ours, yardstick, nothing = interleaved(ROUNDS, lambda: _run(board), lambda: _run(imports), lambda: _run(bare))
    name = "checklist board --json : import pydantic, sqlite3, click"
    return [
        compared(name, ours.times(1e3), yardstick.times(1e3), "ms", MOST),
        compared("  the same, beside bare Python", ours.times(1e3), nothing.times(1e3), "ms"),
    ]


def program() -> list[str]:
    """How the program is started: as installed beside this Python."""
    installed = Path(sys.executable).with_name("checklist")
    return [str(installed)] if os.access(installed, os.X_OK) else [sys.executable, "-m", "checklist"]


def _run(command: Sequence[str]) -> float:
    done: list[subprocess.CompletedProcess[bytes]] = []
    seconds = timed(lambda: done.append(subprocess.run(command, capture_output=True, check=False)))
    if done[0].returncode not in (0, 1) or done[0].stderr:  # 1: something is overdue
        raise RuntimeError(done[0].stderr.decode())
    return seconds
