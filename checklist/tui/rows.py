"""A list to look through: headings and rows, one of them highlighted. It draws only what fits, and never acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.content import Content
from textual.widget import Widget

from checklist.tui.say import say, stack, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.geometry import Size


@dataclass(frozen=True, slots=True)
class Item:
    """One row; `key` is what it stands for, None for what cannot be chosen. Long rows go on under `indent`."""

    text: Content
    key: str | None = None
    indent: str = "    "


class Rows(Widget):
    """Rows under one another; `index` counts those that can be chosen, None: none is."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self._items: tuple[Item, ...] = ()
        self._top = 0
        self._beyond = (0, 0)
        self._typed = ""
        self.index: int | None = None

    @property
    def chosen(self) -> str | None:
        """What the highlighted row stands for."""
        keys = self._keys()
        return keys[self.index] if self.index is not None and self.index < len(keys) else None

    @property
    def count(self) -> int:
        """How many rows can be chosen."""
        return len(self._keys())

    def show(
        self, items: Sequence[Item], *, keep: bool = True, first: bool = False, beyond: tuple[int, int] = (0, 0)
    ) -> None:
        """Show other rows; `keep` the highlight on what it stood for, else on the `first` or on none. `beyond`: how
        many lines of a longer list stand before and after these; what is in sight stays there when that changes."""
        before = self.chosen if keep else None
        self._items = tuple(items)
        self._top -= beyond[0] - self._beyond[0]
        self._beyond = beyond
        keys = self._keys()
        self.index = keys.index(before) if before in keys else (0 if first and keys else None)
        self.refresh(layout=True)

    def move(self, by: int) -> None:
        """Move the highlight, at most to either end."""
        last = self.count - 1
        if last < 0:
            return
        self._typed = ""
        start = self.index if self.index is not None else (-1 if by > 0 else last + 1)
        self.pick(min(max(start + by, 0), last))

    def pick(self, index: int) -> bool:
        """Highlight one row, counted from 0; whether there is one."""
        if not 0 <= index < self.count:
            return False
        self.index = index
        self.refresh()
        return True

    def pick_typed(self, sign: str) -> bool:
        """Highlight the row that stands for what is typed, sign after sign; whether there is one."""
        keys = self._keys()
        typed = self._typed + sign
        self._typed = typed if any(key.startswith(typed) for key in keys) else sign
        return self._typed in keys and self.pick(keys.index(self._typed))

    @property
    def page(self) -> int:
        """How far PgDn goes."""
        return max(self.size.height - 2, 1)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as there are."""
        return max(sum(len(lines) for lines, _ in self._lines(width)), 1)

    def render(self) -> Content:
        """The part that fits, with the highlighted row in it."""
        height, width = self.size.height, self.size.width
        if height <= 0 or width <= 0:
            return Content("")
        flat, chosen = self._flat(width)
        if chosen:
            # What stands under the highlighted row belongs to it, as far as there is room. One line more on either
            # side, since the outer lines may have to say that there is more.
            last = next((at for at in range(chosen[-1] + 1, len(flat)) if flat[at][1] is not None), len(flat)) - 1
            self._top = min(max(self._top, last - height + 2), max(chosen[0] - 1, 0))
        self._top = max(min(self._top, len(flat) - height), 0)
        shown = [line for line, _ in flat[self._top : self._top + height]]
        above, below = self._top + self._beyond[0], len(flat) - self._top - height + self._beyond[1]
        if above > 0 and self._top not in chosen:
            shown[0] = self._more(above + 1, "above")
        if below > 0 and len(shown) == height and self._top + height - 1 not in chosen:
            shown[-1] = self._more(below + 1, "below")
        return stack(shown)

    def _more(self, lines: int, where: str) -> Content:
        """That there is more; of a part of a longer list nobody knows how many lines that is."""
        return say(f"    … more {where}" if any(self._beyond) else f"    … {lines} more {where}", "$ink-off")

    def scroll_lines(self, by: int) -> None:
        """Move by rows (or by lines, where nothing can be chosen)."""
        if self.count:
            self.move(by)
        else:
            self._top += by
            self.refresh()

    def _flat(self, width: int) -> tuple[list[tuple[Content, int | None]], list[int]]:
        flat: list[tuple[Content, int | None]] = []
        for lines, number in self._lines(width):
            flat += [(line, number) for line in lines]
        chosen = [at for at, (_, number) in enumerate(flat) if number is not None and number == self.index]
        return flat, chosen

    def _lines(self, width: int) -> list[tuple[list[Content], int | None]]:
        number = -1
        found: list[tuple[list[Content], int | None]] = []
        for item in self._items:
            if item.key is None:
                found.append((wrapped(item.text, width, item.indent), None))
                continue
            number += 1
            here = number == self.index
            lines = wrapped(item.text, width - 2, item.indent)
            marked = [
                Content.assemble(say("> " if here and not at else "  ", "$ink-now bold"), line)
                for at, line in enumerate(lines)
            ]
            found.append(([line.stylize_before("bold $ink") for line in marked] if here else marked, number))
        return found

    def _keys(self) -> list[str]:
        return [item.key for item in self._items if item.key is not None]

    def on_click(self, event: events.Click) -> None:
        """A touch moves the highlight; it never acts."""
        flat, _ = self._flat(self.size.width)
        at = self._top + event.y
        if 0 <= at < len(flat) and (number := flat[at][1]) is not None:
            self.pick(number)

    def on_mouse_scroll_down(self) -> None:
        """The wheel moves the highlight."""
        self.scroll_lines(1)

    def on_mouse_scroll_up(self) -> None:
        """The wheel moves the highlight."""
        self.scroll_lines(-1)
