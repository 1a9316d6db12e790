"""A one-line field: what is typed or scanned into it is plain text, and no key in it does anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from checklist.protocol.text import clean
from checklist.tui.say import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

GROUP_SEPARATOR = "\x1d"
VISIBLE_SEPARATOR = "␝"
MAX_VALUE = 500
"""As many characters as one value can have (run/reading.py); that module is too heavy for a first paint."""
FIELDS_MOST = 9
"""How many fields a step can need: one for each kind of identifier, and the reference that stands for a GTIN."""


class Field(Input, inherit_bindings=False):
    """The app gives it keys one by one, in order; it never acts on any."""

    def __init__(self, *, secret: bool = False, on_change: Callable[[], None] | None = None) -> None:
        super().__init__(password=secret, select_on_focus=False, compact=True, max_length=MAX_VALUE)
        self.cursor_blink = False
        self._on_change = on_change
        self.arrivals: list[float] = []

    def put(self, text: str, at: float) -> None:
        """Take typed, scanned or pasted text at the cursor; `at` is the moment in seconds."""
        if not self.value:
            self.arrivals.clear()
        shown = text.replace(GROUP_SEPARATOR, VISIBLE_SEPARATOR)
        kept = shown if self.password and shown.isprintable() else clean(shown, limit=MAX_VALUE)
        self.arrivals.append(at)
        del self.arrivals[:-MAX_VALUE]
        self.insert_text_at_cursor(kept)
        self._changed()

    def edit(self, key: str) -> bool:
        """Carry out an editing key; whether it was one."""
        match key:
            case "left":
                self.action_cursor_left()
            case "right":
                self.action_cursor_right()
            case "home":
                self.action_home()
            case "end":
                self.action_end()
            case "backspace":
                self.action_delete_left()
            case "delete":
                self.action_delete_right()
            case _:
                return False
        self._changed()
        return True

    def set(self, text: str) -> None:
        """Put a text in, as when the person comes back to what they typed."""
        self.value = text
        self.cursor_position = len(text)

    @property
    def scanned(self) -> bool:
        """Whether it all came faster than anybody types."""
        gaps = [later - earlier for earlier, later in zip(self.arrivals, self.arrivals[1:], strict=False)]
        return len(gaps) >= 4 and len(self.arrivals) >= len(self.value) and max(gaps) < 0.035

    def _changed(self) -> None:
        if self._on_change:
            self._on_change()


class FieldRow(Horizontal):
    """A labelled field with its unit: `VALUE [ 134.6 ] °C`; a `>` marks the one that takes the keys."""

    def __init__(self, *, secret: bool = False, on_change: Callable[[], None] | None = None, **attributes: Any) -> None:
        super().__init__(**attributes)
        self._mark = Static("  ", markup=False, classes="mark")
        self._label = Static(markup=False, classes="label")
        self._unit = Static(markup=False, classes="unit")
        self.field = Field(secret=secret, on_change=on_change)

    def compose(self) -> ComposeResult:
        """Mark, label, bracket, field, bracket, unit."""
        yield self._mark
        yield self._label
        yield Static("[ ", markup=False, classes="bracket")
        yield self.field
        yield Static(" ]", markup=False, classes="bracket")
        yield self._unit

    def show(self, label: str, unit: str = "", *, secret: bool | None = None) -> None:
        """Name what is asked for."""
        self._label.update(say(label))
        self._unit.update(say(f" {unit}") if unit else Content(""))
        if secret is not None:
            self.field.password = secret

    def on_descendant_focus(self) -> None:
        """Mark the row whose field takes the keys."""
        self.add_class("-here")
        self._mark.update("> ")

    def on_descendant_blur(self) -> None:
        """Unmark it."""
        self.remove_class("-here")
        self._mark.update("  ")
