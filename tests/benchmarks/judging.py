"""Asking all rules of the auditor about a year of a million entries, and how right they are.

The year is invented straight in the catalogue's tables (making the catalogue is measured elsewhere), and judged by a
process of its own, whose memory is measured with it. How right: over many small years, honest and planted. The demo's
year is judged where one was built already: CHECKLIST_DEMO_YEAR names its folder.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from checklist.audit.findings import judge
from tests.benchmarks.figures import Row, Samples
from tests.support.invented import CONTEXT, honest_year, laid_out
from tests.support.planted import PLANTS, judged

if TYPE_CHECKING:
    from tests.benchmarks.clinics import Workshop

ROUNDS = 3
TURNOVERS, LOADS = 200, 105
"""A day: a million entries in a year."""
MOST_S = 60.0
MOST_MIB = 300.0
SEEDS = range(10)
MOST_FINDINGS = 1.0
LEAST_FOUND = 95.0


def measure(workshop: Workshop) -> list[Row]:
    """The rows of this measure."""
    path = workshop.root / "invented.db"
    db = laid_out(honest_year(1, TURNOVERS, LOADS), path)
    entries: int = db.execute("SELECT count(*) FROM entry").fetchone()[0]
    db.close()
    return [*_costs(f"{entries:,} entries", path, entries), *_right(), *_demo()]


def _costs(name: str, path: Path, entries: int) -> list[Row]:
    told = [json.loads(_apart(path)) for _ in range(ROUNDS)]
    seconds, memory = (Samples(tuple(one[key] for one in told)) for key in ("seconds", "mib"))
    read = Samples(tuple(one["read"] for one in told))
    most = MOST_S * entries / 1e6
    return [
        Row(
            f"all rules, {name} : every step read once",
            ROUNDS,
            seconds.text("s"),
            read.text("s"),
            f"{seconds.median / read.median:.1f}x",
            f"<= {most:.0f} s",
            seconds.median <= most,
        ),
        Row("  memory of that process", ROUNDS, memory.text("MiB"), "-", "-", "<= 300 MiB", memory.median <= MOST_MIB),
    ]


def _right() -> list[Row]:
    """How much the rules find where nothing is planted, and how much of what is."""
    runs = found = 0
    places: list[bool] = []
    for seed in SEEDS:
        year = judged(seed, fraud=False)
        runs, found = runs + year.runs, found + len(year.found)
        places += [one for name in PLANTS for one in judged(seed, fraud=True).places(name)]
    rate, share = 1000 * found / runs, 100 * sum(places) / len(places)
    kinds = f"{len(PLANTS)} kinds in {len(SEEDS)} years"
    return [
        Row("findings in 1,000 honest runs", len(SEEDS), f"{rate:.2f}", "-", "-", "<= 1", rate <= MOST_FINDINGS),
        Row(
            f"found of what is planted, {kinds}", len(places), f"{share:.1f} %", "-", "-", "95 %", share >= LEAST_FOUND
        ),
    ]


def _demo() -> list[Row]:
    """The demo's year, by its catalogue."""
    named = os.environ.get("CHECKLIST_DEMO_YEAR")
    path = Path(named) / "catalogue.db" if named else None
    if path is None or not path.is_file():
        return []
    with sqlite3.connect(path) as db:
        entries: int = db.execute("SELECT count(*) FROM entry").fetchone()[0]
    db.close()
    return _costs(f"demo, {entries:,} entries", path, entries)


def _apart(path: Path) -> str:
    """What a process of its own says of judging these tables."""
    command = [sys.executable, "-m", "tests.benchmarks.judging", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]).stdout


def _judge_alone(path: str) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    begun = time.perf_counter()
    for _ in db.execute("SELECT * FROM step"):
        pass
    read = time.perf_counter()
    judge(db, CONTEXT)
    took = {"read": read - begun, "seconds": time.perf_counter() - read}
    print(json.dumps({**took, "mib": _most_kb() / 1024}))


def _most_kb() -> int:
    """The most memory that this program ever had; the one that started it does not count."""
    status = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


if __name__ == "__main__":
    _judge_alone(sys.argv[1])
