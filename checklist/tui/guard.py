"""When a key may act: a scanner's burst never does, and a held Enter does once.

Goes by when a key came, not by when there was time for it: a screen that was busy for a moment tears no burst.
Seconds, monotonic. Knows nothing of screens.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

AFTER_TYPING: Final = 0.08
"""Seconds after a printable key in which nothing acts: scanners leave at most 10 ms, people at least 60 ms."""
BETWEEN_ENTERS: Final = 0.4
"""Seconds that must lie between two Enters that act."""
TO_READ: Final = 0.8
"""Seconds that something must have been seen before an Enter acts on it. Values take two Enters and acts take one:
without this, the second Enter of a habit would sign the next step unread."""
REPEAT_DELAY: Final = 1.2
"""Longest time, in seconds, before a held key begins to repeat (keyboards: 0.25 to 1 s)."""
SETTLE: Final = 0.12
"""An Enter within REPEAT_DELAY of the last waits this long: a held key repeats within it (10 to 30 a second)."""


class Verdict(Enum):
    """What becomes of a key that would act."""

    GO = ""
    SETTLE = "wait"
    TYPING = "That Enter came with the typing, as from a scanner. Press Enter by itself."
    HELD = "Enter was held down or pressed twice: one Enter, one step. Let go, then press it once."
    EARLY = "This has only just appeared. Read it, then press Enter."


class Guard:
    """Remembers when keys came."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._typed = self._entered = float("-inf")
        self.shown = float("-inf")

    def now(self) -> float:
        """This moment, in seconds."""
        return self._clock()

    def typed(self, at: float) -> None:
        """A printable key, or pasted text, has come."""
        self._typed = at

    def appeared(self) -> None:
        """Something else can be acted on since now."""
        self.shown = self._clock()

    def key(self, at: float) -> Verdict:
        """An acting key other than Enter has come."""
        return Verdict.TYPING if at - self._typed < AFTER_TYPING else Verdict.GO

    def enter(self, at: float) -> Verdict:
        """An Enter has come; SETTLE: ask `settled` after SETTLE seconds without another Enter."""
        gap, self._entered = at - self._entered, at
        if gap < BETWEEN_ENTERS:
            return Verdict.HELD
        if at - self._typed < AFTER_TYPING:
            return Verdict.TYPING
        if at - self.shown < TO_READ:
            return Verdict.EARLY
        return Verdict.SETTLE if gap < REPEAT_DELAY else Verdict.GO
