"""What must be written down on paper, since it is shown only once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from checklist.tui.bars import Key
from checklist.tui.face import Face
from checklist.tui.say import say, stack

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget


NEXT_CODE: Final = "The next recovery code. The one that you used is void now:"


class KeepSafe(Face[bool], ModalScreen[bool]):
    """Shows what to keep, each under the words that say what it is for."""

    TITLED = False
    KEPT = True

    def __init__(self, kept: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._kept = tuple(kept)

    def body(self) -> Iterable[Widget]:
        """What to write down, and why."""
        these = "THESE" if len(self._kept) > 1 else "THIS"
        lines = [say(f"WRITE {these} DOWN ON PAPER, NOW", "$ink-now bold"), say("")]
        for told, text in self._kept:
            lines += [say(told), say(f"   {text}", "bold"), say("")]
        lines.append(say("The recovery code is shown only now. Keep the paper locked away, not beside this machine."))
        yield Vertical(Static(stack(lines), markup=False), id="sheet")

    def keys(self) -> Sequence[Key]:
        """One way on."""
        both = "BOTH" if len(self._kept) > 1 else "IT"
        return (Key("enter", f"I HAVE WRITTEN {both} DOWN", self._end),)

    def _end(self) -> None:
        self.answer(result=True)
