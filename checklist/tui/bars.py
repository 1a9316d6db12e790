"""The bars around every screen: title, running timers, the line that says why, keys, and the state of the log.

They show what they are given and repaint only when it differs. A touch on a key is the key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from textual.content import Content

from checklist.tui.lines import Line
from checklist.tui.say import cut, say, stack, wrapped

if TYPE_CHECKING:
    from textual import events
    from textual.geometry import Size

ALTERNATIVES: Final = {
    "f1": "ctrl+y",
    "f2": "ctrl+k",
    "f3": "ctrl+e",
    "f4": "ctrl+u",
    "f5": "ctrl+p",
    "f6": "ctrl+t",
    "f7": "ctrl+l",
    "f8": "ctrl+r",
    "f9": "ctrl+o",
}
"""For terminals that keep the F keys. None is a sign in barcodes (Ctrl+D, Ctrl+], Ctrl+^) or taken by terminals
(C H I J M Q S W Z [ ])."""

CALLED: Final = {"enter": "Enter", "escape": "Esc", "ctrl+q": "Ctrl+Q", "space": "Space"}
ENTER_WIDE: Final = 24
"""Cells that Enter always has, so that the other keys stay where they are whatever it does."""
TALL: Final = (120, 40)
"""From this size on the keys are boxes of three rows, for gloves."""

Act: TypeAlias = Callable[[], Awaitable[None] | None]


@dataclass(frozen=True, slots=True)
class Key:
    """A key that does something here. `off` says why it does nothing now."""

    name: str
    label: str
    act: Act
    off: str = ""

    @property
    def called(self) -> str:
        """The key as it is printed on the keyboard."""
        return CALLED.get(self.name, self.name.upper())


class TitleBar(Line):
    """What this is on the left; the clock and who is signed in on the right."""

    left = right = ""

    def show(self, left: str, right: str) -> None:
        """Show these; the left part gives way where there is no room for both."""
        self.left, self.right = left, right
        self._change(left, right)

    def render(self) -> Content:
        right = say(f"  {self.right} ")
        return Content.assemble(cut(say(f" {self.left}"), self.size.width - right.cell_length), right)


class Wrapped(Line):
    """A few lines of the program's own, as many as it takes."""

    text = Content("")
    MOST = 3

    def show(self, text: Content) -> None:
        """Show this text."""
        self.text = text
        self._change(text.plain, tuple(text.spans))

    def _height(self, shown: tuple[object, ...]) -> object:
        return len(self._lines(str(shown[0]), self.content_size.width)) if shown else 0

    def _lines(self, plain: str, width: int) -> list[Content]:
        return wrapped(say(plain), max(width, 20))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max(min(len(self._lines(self.text.plain, width)), self.MOST), 1)

    def render(self) -> Content:
        return self.text


class Hint(Wrapped):
    """Why a key does nothing now, what was refused, or what to do next."""


class TimerStrip(Wrapped):
    """The timers of all open runs, one line each; nothing where none runs."""

    MOST = 4

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return min(len(self.text.plain.split("\n")), self.MOST) if self.text.plain else 0

    def _height(self, shown: tuple[object, ...]) -> object:
        return str(shown[0]).count("\n") + 1 if shown and shown[0] else 0

    def render(self) -> Content:
        return stack(cut(say(f" {line}"), self.size.width) for line in self.text.plain.split("\n"))


class StatusBar(Line):
    """Whether what was done is saved. A fault takes the whole row."""

    text, fault = "", False

    def show(self, text: str, *, fault: bool = False) -> None:
        """Show the state of the log."""
        self.text, self.fault = text, fault
        self._change(text, fault)

    def render(self) -> Content:
        return cut(say(self.text), self.size.width).stylize("bold $ground on $ink-bad" if self.fault else "")


class DemoLine(Wrapped):
    """That everybody and everything here is made up; nothing in a real clinic."""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return 1 if self.text.plain else 0

    def _height(self, shown: tuple[object, ...]) -> object:
        return bool(shown and shown[0])


class KeyBar(Line):
    """Every key that does something here, each to be pressed or touched."""

    keys: Sequence[Key] = ()

    def __init__(self, touched: Callable[[str], None], **attributes: Any) -> None:
        super().__init__(**attributes)
        self._touched = touched

    def show(self, keys: Sequence[Key]) -> None:
        """Show these keys."""
        self.keys = keys
        self._change(*((key.name, key.label, bool(key.off)) for key in keys))

    @property
    def _tall(self) -> bool:
        size = self.app.size
        return size.width >= TALL[0] and size.height >= TALL[1]

    def _rows(self, width: int) -> list[list[tuple[int, int, Key]]]:
        """The keys by row, each with its first column and its width."""
        least = 16 if self._tall else 0
        gap = 1 if self._tall else 2
        rows: list[list[tuple[int, int, Key]]] = [[]]
        at = 0
        for key in self.keys:
            wide = max(least, len(key.label) + 4, len(key.called) + 6) if self._tall else len(_flat(key))
            if key.name == "enter":
                wide = max(wide, ENTER_WIDE)
            if at and at + wide > width:
                rows.append([])
                at = 0
            rows[-1].append((at, wide, key))
            at += wide + gap
        return rows

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._rows(width)) * (3 if self._tall else 1)

    def render(self) -> Content:
        width = self.content_size.width
        drawn = _boxes if self._tall else _names
        return stack(line for row in self._rows(width) for line in drawn(row))

    def on_click(self, event: events.Click) -> None:
        """A touched key is pressed."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        rows = self._rows(self.content_size.width)
        row = offset.y // (3 if self._tall else 1)
        for at, wide, key in rows[row] if row < len(rows) else ():
            if at <= offset.x < at + wide:
                self._touched(key.name)


def _flat(key: Key) -> str:
    return f" {key.called}  {key.label.lower()}" if key.off else f"[{key.called}] {key.label}"


def _names(row: list[tuple[int, int, Key]]) -> list[Content]:
    parts = []
    for _, wide, key in row:
        if key.off:
            name = say(_flat(key), "$ink-off")
        else:
            name = Content.assemble(say(f"[{key.called}]", "$ink-now bold"), say(f" {key.label}", "bold"))
        parts.append(cut(name, wide))
    return [Content("  ").join(parts)]


def _boxes(row: list[tuple[int, int, Key]]) -> list[Content]:
    lines: list[list[Content]] = [[], [], []]
    for _, wide, key in row:
        style = "$ink-off" if key.off else "$ink-now"
        label = key.label.lower() if key.off else key.label
        name = key.called if key.off else f"[{key.called}]"
        lines[0].append(say(f"┌─{name}{'─' * (wide - len(name) - 3)}┐", style))
        side = say("│", style)
        lines[1].append(Content.assemble(side, say(label.center(wide - 2), "$ink-off" if key.off else "bold"), side))
        lines[2].append(say(f"└{'─' * (wide - 2)}┘", style))
    return [Content(" ").join(parts) for parts in lines]
