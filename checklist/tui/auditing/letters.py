"""Single letters and digits as keys, on screens that record nothing: only as typed by hand, never out of a scan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

from checklist.trace.wedge import HURRY
from checklist.tui.face import Face
from checklist.tui.guard import SETTLE

if TYPE_CHECKING:
    from textual.timer import Timer

R = TypeVar("R")

MOVES: Final = ("up", "down", "pageup", "pagedown", "home", "end")


class Lettered(Face[R], Generic[R]):
    """A screen that has keys named by one sign. Each waits a moment: what more signs follow came out of a scanner."""

    _last = float("-inf")
    _waiting: Timer | None = None

    def typed(self, text: str, at: float) -> None:
        """A field takes everything; without one a sign by itself is a key."""
        if self.field is not None:
            super().typed(text, at)
            return
        if self._waiting is not None:
            self._waiting.stop()
            self._waiting = None
        hurried, self._last = at - self._last < HURRY, at
        if not hurried and len(text) == 1:
            self._waiting = self.set_timer(SETTLE, lambda: self.signed(text))

    def moved(self, key: str) -> None:
        """A key of one sign that was touched."""
        if self.field is not None:
            super().moved(key)
        elif len(key) == 1:
            self.signed(key)

    def signed(self, sign: str) -> None:
        """Do what the key of that sign does; a sign that is no key does nothing."""
        self._waiting = None
        key = next((one for one in self.keys() if one.name == sign.casefold()), None)
        if key is None or self.desk.face is not self:
            return
        if key.off:
            self.refuse(key.off)
        else:
            self.desk.act(key.act)
