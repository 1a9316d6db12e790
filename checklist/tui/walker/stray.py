"""A scan that comes where no label is asked for: nothing of it is taken, and the person is told to scan again.

That it is a scan shows only after a few signs; what these did to the answer is undone then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.trace.wedge import Burst
from checklist.tui.walker.mode import Mode

if TYPE_CHECKING:
    from checklist.run.events import Value
    from checklist.tui.walker.walk import WalkFace

NOT_TAKEN: Final = "That scan was not taken: no label is asked for now. Scan again when one is."
_OWN_END: Final = 1.0
"""Seconds in which an Enter or a Tab is still the scanner's own."""


class Stray:
    """What came last, and how the answer stood before it."""

    def __init__(self, walk: WalkFace) -> None:
        self._walk = walk
        self._burst = Burst()
        self._before: tuple[str, Value | None, int | None, list[str]] | None = None
        self._at = float("-inf")

    def took(self, text: str, at: float) -> bool:
        """Whether this is part of such a scan, and was left out."""
        walk = self._walk
        if self._burst.add(text, at):
            answer = walk.response
            before = _asked(walk), walk.taken, answer.options.index, [field.value for field in answer.fields]
            self._before = None if _takes(walk) else before
        if self._before is None or not self._burst.whole:
            return False
        told, self._at = self.just_came, walk.desk.guard.now()
        self._restore(*self._before)
        if told:
            walk.tell(NOT_TAKEN)
        else:
            walk.refuse(NOT_TAKEN)
        return True

    @property
    def just_came(self) -> bool:
        """Whether one has just come: its own Enter means nothing here either."""
        return self._walk.desk.guard.now() - self._at < _OWN_END

    def _restore(self, asked: str, taken: Value | None, chosen: int | None, texts: list[str]) -> None:
        """As it was before, unless something else is asked by now: a timer may have run down in the middle."""
        answer = self._walk.response
        if _asked(self._walk) != asked or len(texts) != len(answer.fields):
            return
        answer.options.index = chosen
        answer.options.refresh()
        for field, text in zip(answer.fields, texts, strict=True):
            field.set(text)
        self._walk.taken = taken


def _asked(walk: WalkFace) -> str:
    return f"{walk.own_run}/{walk.step.id if walk.step is not None else ''}"


def _takes(walk: WalkFace) -> bool:
    """Whether what a scanner sends now goes into a field: not where an answer waits for its Enter."""
    return walk.mode is Mode.SCAN or (walk.mode in (Mode.VALUE, Mode.OWED) and walk.taken is None)
