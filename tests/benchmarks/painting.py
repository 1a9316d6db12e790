"""The first paint of the board: from the start of the program to the rows of the board in the terminal, against the
smallest program that the framework allows; and with a record that is short and one that is very long."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Row, compared, interleaved
from tests.benchmarks.starting import program
from tests.benchmarks.terminal import Terminal
from tests.benchmarks.verifying import BATCH, MANY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.clinics import Workshop

ROUNDS = 20
MOST, MOST_WHEN_LONG = 1.5, 1.1
TITLE = "Open the clinic for the day"
"""What the board of every clinic here shows once it has been read from the record."""
TRIVIAL = """
from textual.app import App
from textual.widgets import Static
class Trivial(App):
    def compose(self):
        yield Static("Nothing but this line")
Trivial().run()
"""


def measure(workshop: Workshop) -> list[Row]:
    """The rows of this measure."""
    short, long = workshop.fresh("painting"), workshop.filled(MANY, BATCH)
    trivial = [sys.executable, "-c", TRIVIAL]
    ours, with_long, yardstick = interleaved(
        ROUNDS,
        lambda: _painted([*program(), "--clinic", str(short.root)], TITLE),
        lambda: _painted([*program(), "--clinic", str(long.root)], TITLE),
        lambda: _painted(trivial, "Nothing but this line"),
    )
    return [
        compared("first paint of the board : of a trivial app", ours.times(1e3), yardstick.times(1e3), "ms", MOST),
        compared(
            f"first paint with {MANY:,} entries : with 10", with_long.times(1e3), ours.times(1e3), "ms", MOST_WHEN_LONG
        ),
    ]


def _painted(command: Sequence[str], marker: str) -> float:
    with Terminal(command) as terminal:
        return terminal.wait_for(marker) - terminal.begun
