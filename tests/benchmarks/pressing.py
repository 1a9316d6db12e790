"""From a key to the next step on the screen, with everything recorded on disk, against the same with the ledger in
memory. Two programs run side by side and are pressed in turns, each as slowly as a person: 1.3 s between two Enters,
since the program waits for a held key to show itself where they follow faster."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.clinics import SECRET, adopt_text, confirming
from tests.benchmarks.figures import Row, Samples, compared
from tests.benchmarks.painting import TITLE
from tests.benchmarks.starting import program
from tests.benchmarks.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.clinics import Workshop

ROUNDS = 40
WARM = 2
APART = 1.3  # seconds between two Enters at one program
MOST = 1.25
FRAMES_MS = 3 * 1000 / 60


def measure(workshop: Workshop) -> list[Row]:
    """The rows of this measure."""
    disk = workshop.fresh("pressing")
    adopt_text(disk, confirming(WARM + ROUNDS + 1))
    memory = workshop.copy(disk, "pressing-in-memory")
    in_memory = [sys.executable, str(Path(__file__).with_name("in_memory.py"))]
    with (
        Terminal([*program(), "--clinic", str(disk.root)]) as ours,
        Terminal([*in_memory, "--clinic", str(memory.root)]) as yardstick,
    ):
        both = (ours, yardstick)
        for terminal in both:
            terminal.wait_for(TITLE)
        _begin(both)
        on_disk, beside = _pressed(both)
    name = "Enter to the next step: on disk : in memory"
    p95 = Row(
        "  its 95th percentile, against three frames",
        len(on_disk.values),
        f"{on_disk.p95:.1f} ms",
        f"{beside.p95:.1f} ms",
        f"{on_disk.p95 / beside.p95:.2f}x",
        f"<= {FRAMES_MS:.0f} ms",
        on_disk.p95 <= FRAMES_MS,
    )
    return [compared(name, on_disk, beside, "ms", MOST), p95]


def _begin(both: Sequence[Terminal]) -> None:
    """Choose the protocol, sign in, and see its first step."""
    for keys, then in (
        ("/", "START A PROTOCOL"),
        ("benchmark", "letters: benchmark"),
        ("\r", "WHO IS AT THIS SCREEN"),
        (SECRET, "\N{BULLET}" * len(SECRET)),
        ("\r", "item 1 is done"),
    ):
        _rest(both, APART)
        for terminal in both:
            terminal.type(keys)
            terminal.wait_for(then)


def _pressed(both: Sequence[Terminal]) -> list[Samples]:
    """Milliseconds of each press at each program."""
    found: list[list[float]] = [[] for _ in both]
    for step in range(1, 1 + WARM + ROUNDS):
        for terminal, values in zip(both, found, strict=True):
            _rest(both, APART / 2)
            sent = terminal.send("\r")
            values.append(1e3 * (terminal.wait_for(f"item {step + 1} is done") - sent))
    return [Samples(tuple(values[WARM:])) for values in found]


def _rest(both: Sequence[Terminal], seconds: float) -> None:
    """Read what both paint, so that neither is held up."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for terminal in both:
            terminal.rest(0.02)
