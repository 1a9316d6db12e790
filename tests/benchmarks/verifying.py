"""Verifying: entries a second on one core, and whether memory stays flat.

The yardstick hashes, reads and writes the same leaves as JSON in one loop: what any verification must do at least.
The program is pinned to one core, so that its threads cannot help, and its processor time is counted. The goal stands
at both ways to verify: the record alone, and with the views built anew beside it, as `checklist verify` does.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from checklist.clinic.views import VIEWS
from checklist.ledger.reader import open_read_only
from checklist.ledger.verify import verify_file
from tests.benchmarks.figures import Row, Samples, interleaved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from checklist.clinic.folder import Folder
    from tests.benchmarks.clinics import Workshop

ROUNDS = 20
ONCE = 1
FEW, SOME, MANY = 20_000, 100_000, 1_000_000
BATCH = 10_000
SIGNED_ROUNDS = 3  # each takes seconds
LEAST_RATE = 60_000
MOST_MEMORY = 1.1
NEEDS = ((FEW, BATCH), (FEW, ONCE), (SOME, BATCH), (MANY, BATCH))


def measure(workshop: Workshop) -> list[Row]:
    """The rows of this measure."""
    workshop.build()
    with _one_core():
        return [*_rates(workshop.filled(FEW, BATCH)), _signed(workshop.filled(FEW, ONCE)), *_long(workshop)]


def verify_once(folder: Folder, *, views: bool) -> int:
    """Verify a ledger, which must be clean; how many checkpoints it has."""
    report = verify_file(folder.ledger, views=VIEWS if views else ())
    if report.result != "clean":
        raise RuntimeError(f"the ledger is not clean: {report}")
    return report.checkpoints


def _rates(folder: Folder) -> list[Row]:
    leaves = _leaves(folder)
    bare, with_views, yardstick = interleaved(
        ROUNDS,
        lambda: _cpu(lambda: verify_once(folder, views=False)),
        lambda: _cpu(lambda: verify_once(folder, views=True)),
        lambda: _cpu(lambda: _read_all(leaves)),
    )
    return [
        _rate(f"verify {FEW:,} entries, {verify_once(folder, views=False)} checkpoints", bare, yardstick, LEAST_RATE),
        _rate("  the same, and its views built anew", with_views, yardstick, LEAST_RATE),
    ]


def _signed(folder: Folder) -> Row:
    leaves = _leaves(folder)
    ours, yardstick = interleaved(
        SIGNED_ROUNDS,
        lambda: _cpu(lambda: verify_once(folder, views=False)),
        lambda: _cpu(lambda: _read_all(leaves)),
        warm=0,
    )
    return _rate(f"verify {FEW:,} entries, a checkpoint after each (signatures)", ours, yardstick, None)


def _rate(name: str, ours: Samples, yardstick: Samples, goal: int | None) -> Row:
    rate = FEW / ours.median
    return Row(
        f"{name}: {rate:,.0f}/s",
        len(ours.values),
        ours.times(1e6 / FEW).text("us/entry"),
        yardstick.times(1e6 / FEW).text("us/entry"),
        f"{ours.median / yardstick.median:.2f}x",
        "-" if goal is None else f">= {goal:,}/s",
        None if goal is None else rate >= goal,
    )


def _leaves(folder: Folder) -> list[bytes]:
    with open_read_only(folder.ledger) as reader:
        return [row[0] for row in reader.query("SELECT leaf FROM entry ORDER BY idx") if isinstance(row[0], bytes)]


def _read_all(leaves: list[bytes]) -> None:
    for leaf in leaves:
        hashlib.sha256(b"\0" + leaf).digest()
        json.dumps(json.loads(leaf), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _cpu(act: Callable[[], object]) -> float:
    """Seconds of processor time: what others do on this core does not count."""
    begun = time.process_time()
    act()
    return time.process_time() - begun


def _long(workshop: Workshop) -> list[Row]:
    """One verification each of a long and a very long ledger, in programs of their own."""
    some, some_seconds = _in_a_child(workshop.filled(SOME, BATCH))
    many, many_seconds = _in_a_child(workshop.filled(MANY, BATCH))
    ratio = many / some
    memory = Row(
        f"verify {MANY:,} entries with views : {SOME:,}, peak memory",
        1,
        f"{many:.1f} MiB",
        f"{some:.1f} MiB",
        f"{ratio:.2f}x",
        f"<= {MOST_MEMORY}x",
        ratio <= MOST_MEMORY,
    )
    rates = f"  their rates: {MANY / many_seconds:,.0f}/s : {SOME / some_seconds:,.0f}/s"
    return [memory, Row(rates, 1, f"{many_seconds:.1f} s", f"{some_seconds:.1f} s", "-")]


def _in_a_child(folder: Folder) -> tuple[float, float]:
    """Peak memory (MiB) and seconds of processor time of a verification in a new process."""
    command = [sys.executable, "-m", "tests.benchmarks.verifying", str(folder.root)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, check=True, text=True)
    peak, seconds = done.stdout.split()
    return float(peak), float(seconds)


@contextlib.contextmanager
def _one_core() -> Iterator[None]:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def peak_mib() -> float:
    """The most memory this process has held. From /proc: getrusage also counts what the parent held before exec."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    from checklist.clinic.folder import Folder

    taken = _cpu(lambda: verify_once(Folder(Path(sys.argv[1])), views=True))
    print(peak_mib(), taken)
