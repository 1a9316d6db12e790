"""Nothing is being saved: said loudly, with what to do, and what was not saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from checklist.tui.bars import Key
from checklist.tui.face import Face
from checklist.tui.say import say, stack

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget


class Trouble(Face[bool], ModalScreen[bool]):
    """True: try again, which is not offered where it is `unknown` whether it was saved. What was typed stays."""

    TITLED = False

    def __init__(self, fault: BaseException, lost: str, *, unknown: bool = False) -> None:
        super().__init__()
        self._unknown = unknown
        self._fault = fault
        self._lost = lost

    def body(self) -> Iterable[Widget]:
        """What is the matter, and what to do."""
        yield Vertical(Static(id="trouble", markup=False), id="sheet", classes="-bad")

    def refreshed(self) -> None:
        """Write it."""
        advice = str(getattr(self._fault, "advice", "Free some space, or give back the folder's permissions."))
        lines = [
            say(f"<#> {self.heading()}", "$ink-bad bold reverse"),
            say(""),
            say("Go on on paper: write down each step with the time and your name.", "bold"),
            say(""),
            say(str(self._fault)),
            say(advice),
        ]
        if self._unknown:
            lines += [say(""), say("Look on the board, once it can be read, before you do the same again.", "bold")]
        if self._lost:
            lines += [say(""), say(f"Not saved: {self._lost}", "bold"), say("What you typed is still there.")]
        self.query_one("#trouble", Static).update(stack(lines))

    def heading(self) -> str:
        """What this is."""
        return "IT IS NOT KNOWN WHETHER THAT WAS SAVED" if self._unknown else "NOTHING IS BEING SAVED"

    def keys(self) -> Sequence[Key]:
        """Try again, or leave it."""
        if self._unknown:
            return (Key("escape", "BACK", lambda: self._end(again=False)),)
        return (
            Key("enter", "TRY AGAIN", lambda: self._end(again=True)),
            Key("escape", "BACK, NOT SAVED", lambda: self._end(again=False)),
        )

    def _end(self, *, again: bool) -> None:
        self.answer(again)
