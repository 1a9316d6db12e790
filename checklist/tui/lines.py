"""Text that repaints only when it differs, and lays the screen out anew only when its height does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.widget import Widget

from checklist.tui.say import stack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.content import Content
    from textual.geometry import Size


class Line(Widget):
    """Something that is drawn from a few plain values, given to `_change`."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self._shown: tuple[object, ...] = ()

    def _change(self, *shown: object) -> None:
        if shown != self._shown:
            before, self._shown = self._shown, shown
            self.refresh(layout=self._height(before) != self._height(shown))

    def _height(self, shown: tuple[object, ...]) -> object:
        return len(shown)


class Lines(Line):
    """Lines that were folded to the width before; nothing at all where there are none."""

    lines: tuple[Content, ...] = ()

    def show(self, lines: Sequence[Content]) -> None:
        """Show these lines."""
        self.lines = tuple(lines)
        self.display = bool(lines)
        self._change(*((line.plain, tuple(line.spans)) for line in lines))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many as there are."""
        return len(self.lines)

    def render(self) -> Content:
        """All of them."""
        return stack(self.lines)
