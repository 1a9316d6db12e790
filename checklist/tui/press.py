"""One key on its way from the keyboard to what it was meant for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checklist.tui.guard import Verdict

if TYPE_CHECKING:
    from checklist.tui.face import Face


@dataclass(slots=True)
class Press:
    """A key by name, or printable text; with the screen and the step (`tag`) that were seen when it came."""

    key: str
    text: str = ""
    verdict: Verdict = Verdict.GO
    face: Face[Any] | None = None
    tag: str = ""
    at: float = 0.0
    after_text: bool = False

    def held(self) -> None:
        """Another Enter came right after: this one was a key held down."""
        if self.verdict is Verdict.SETTLE:
            self.verdict = Verdict.HELD
