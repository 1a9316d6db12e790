"""The receipt of a GO: a code to be written into the patient's file, shown big until somebody says that it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from checklist.run.marks import Look
from checklist.tui.bars import Key
from checklist.tui.clearing.gate_letters import big
from checklist.tui.clearing.gate_words import visit_words
from checklist.tui.face import Face
from checklist.tui.marks import mark
from checklist.tui.say import day_and_clock, row, say, stack

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from checklist.tui.clearing.gate_reads import Page


class ReceiptFace(Face[bool], ModalScreen[bool]):
    """One code. It can be found again in the record, but not by whoever writes the file."""

    DEFAULT_CSS = "ReceiptFace { background: $ground; align: center middle; }"
    TITLED = False
    KEPT = True

    def __init__(self, page: Page, code: str, zone: str) -> None:
        super().__init__()
        self._page, self._code, self._zone = page, code, zone

    def body(self) -> Iterable[Widget]:
        """What it is for, the code in big letters, and once more in plain ones."""
        page, clearance = self._page, self._page.answer.clearance
        closing = clearance.stage == "close"
        said = "GO: the visit is closed." if closing else "GO: it may start."
        when = day_and_clock(clearance.at, self._zone, clearance.at)
        lines = [
            row(mark(Look.DONE), " ", say(f"{said}  {page.title}", "bold")),
            say(f"{visit_words(page.visit)}, {when}, entry {page.answer.recorded}"),
            say(""),
            *(Content.styled(line, "$ink-done bold") for line in big(self._code)),
            say(""),
            row("Write it into the patient's file:  ", say(self._code, "bold")),
            say(""),
            say("It belongs to this one answer: without the record nobody can make a code that fits."),
        ]
        yield Vertical(Static(stack(lines), markup=False), id="sheet")

    def keys(self) -> Sequence[Key]:
        """One way on; an emergency does not wait for it."""
        return (Key("enter", "I HAVE WRITTEN IT DOWN", self._end), Key("f9", "EMERGENCY", self._emergency))

    def find(self, name: str) -> Key | None:
        """Esc is Enter here."""
        return super().find("enter" if name in ("escape", "ctrl+q") else name)

    def _end(self) -> None:
        self.answer(result=True)

    async def _emergency(self) -> None:
        await self.desk.emergency()
