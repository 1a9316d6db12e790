"""Measures the program against yardsticks of the same run, and prints one table.

    python3 -m uv run python tests/benchmarks/run.py [NAME...]

A name is one of append, board, press, runs, paint, sign, verify, lint, trace, findings, asking; without names, all.

How to read the table: each row gives ours and its yardstick as "median (min..p95)" over `n` samples that were taken in
turns, so that whatever else the machine does falls on both. Believe ratios more than milliseconds, and the least time
more than the median where the machine is busy. "met" and "MISSED" say how the ratio (or the figure) stands to the goal;
the exit code does not.

Files are made in a temporary folder: TMPDIR says on which disk. Every program that is started may keep its compiled
modules (PYTHONDONTWRITEBYTECODE is taken out of its environment), and the first round of everything is dropped.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # this file is started by its path; its neighbours are found from the root

from tests.benchmarks.clinics import Workshop  # noqa: E402
from tests.benchmarks.figures import Row, as_table  # noqa: E402
from tests.benchmarks.verifying import NEEDS  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

MEASURES: Final = {
    "append": "appending",
    "board": "starting",
    "press": "pressing",
    "runs": "running",
    "paint": "painting",
    "sign": "signing",
    "verify": "verifying",
    "lint": "linting",
    "trace": "tracing",
    "findings": "judging",
    "asking": "asking",
}


def main() -> None:
    """Measure what the arguments name, and print the table."""
    parser = argparse.ArgumentParser(description="Measure the program against yardsticks of the same run.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"of: {', '.join(MEASURES)}; none: all")
    names: list[str] = parser.parse_args().names or list(MEASURES)
    if unknown := set(names) - set(MEASURES):
        parser.error(f"there is no measure named {', '.join(unknown)}")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    begun = time.monotonic()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="checklist-benchmarks-") as root:
        print(_machine(Path(root)), flush=True)
        workshop = Workshop(Path(root), NEEDS if "verify" in names else ())
        for name in names:
            print(f"  measuring: {name}", file=sys.stderr, flush=True)
            measure: Callable[[Workshop], list[Row]] = importlib.import_module(
                f"tests.benchmarks.{MEASURES[name]}"
            ).measure
            rows += measure(workshop)
    print(f"\n{as_table(rows)}\n\n{time.monotonic() - begun:.0f} s in all")


def _machine(folder: Path) -> str:
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return (
        f"{os.cpu_count()} cores ({platform.machine()}, {platform.system()}), load {load}; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, file system {_file_system(folder)}; "
        "compiled modules kept on both sides (PYTHONDONTWRITEBYTECODE unset)"
    )


def _file_system(folder: Path) -> str:
    """The type of the file system in which a folder lies, by the longest mount point above it."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/self/mounts").read_text("utf-8").splitlines()]
    except OSError:
        return "unknown"
    above = [(len(point), kind) for point, kind in mounts if folder.resolve().is_relative_to(point)]
    return max(above, default=(0, "unknown"))[1]


if __name__ == "__main__":
    main()
