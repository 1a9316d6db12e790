"""A one-line field: what is typed or scanned into it is plain text, and no key in it does anything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from checklist.protocol.text import MAX_VALUE, clean
from checklist.trace.wedge import HURRY, as_shown, came_as_burst, last_burst
from checklist.tui.say import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.app import ComposeResult

FIELDS_MOST = 9
"""How many fields a step can need: one for each kind of identifier, and the reference that stands for a GTIN."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something to type. `needed` says what is missing where it is empty; none: it may be. A `secret` is shown as dots
    and typed by hand; what is only `hidden` (a badge, a code) may be scanned. `wrong` says, by all that was answered so
    far, why what stands here will not do: before anything more is asked."""

    name: str
    label: str
    needed: str = ""
    secret: bool = False
    unit: str = ""
    hidden: bool = False
    value: str = ""
    wrong: Callable[[Mapping[str, str]], str | None] | None = None


class Field(Input, inherit_bindings=False):
    """The app gives it keys one by one, in order; it never acts on any. What it shows as dots is `hidden`; what is
    `by_hand` only (a secret) takes nothing that came faster than anybody types."""

    def __init__(
        self, *, hidden: bool = False, by_hand: bool = False, on_change: Callable[[], None] | None = None
    ) -> None:
        super().__init__(password=hidden, select_on_focus=False, compact=True, max_length=MAX_VALUE)
        self.cursor_blink = False
        self._by_hand = by_hand
        self._on_change = on_change
        self._refused = float("-inf")
        self.stale = False
        self.arrivals: list[float] = []

    def put(self, text: str, at: float) -> bool:
        """Take typed, scanned or pasted text at the cursor; `at` is the moment in seconds. False, and the field is
        empty, where it must be typed by hand and was not."""
        if self.stale or not self.value:
            self.set("")
        shown = as_shown(text)
        kept = shown if self.password and shown.isprintable() else clean(shown, limit=MAX_VALUE)
        self.arrivals.append(at)
        del self.arrivals[:-MAX_VALUE]
        if self._by_hand and (len(text) > 1 or at - self._refused < HURRY):
            return self._refuse(at)
        self.insert_text_at_cursor(kept)
        if self._by_hand and self.scanned:
            return self._refuse(at)
        self._changed()
        return True

    @property
    def refused(self) -> bool:
        """Whether what came last was not taken, since nobody types that fast."""
        return not self.value and self.arrivals[-1:] == [self._refused]

    def _refuse(self, at: float) -> bool:
        self._refused = at
        self.set("")
        self.arrivals.append(at)
        self._changed()
        return False

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
        self.stale = False
        self._changed()
        return True

    def set(self, text: str, *, stale: bool = False) -> None:
        """Put a text in, as when the person comes back to what they typed. What is `stale` was read by a scanner: it
        stays in sight, and what comes next takes its place."""
        self.value = text
        self.cursor_position = len(text)
        self.arrivals.clear()
        self.stale = stale

    @property
    def scanned(self) -> bool:
        """Whether it all came faster than anybody types."""
        return came_as_burst(self.arrivals, len(self.value))

    @property
    def ending(self) -> str:
        """What came last and faster than anybody types, behind something typed; empty where nothing did."""
        count = last_burst(self.arrivals)
        return self.value[-count:] if 0 < count < len(self.value) else ""

    def keep_ending(self) -> None:
        """Drop what was typed before it."""
        text, arrivals = self.ending, self.arrivals
        self.set(text)
        self.arrivals = arrivals[-len(text) :]

    def _changed(self) -> None:
        if self._on_change:
            self._on_change()


class FieldRow(Horizontal):
    """A labelled field with its unit: `VALUE [ 134.6 ] °C`; a `>` marks the one that takes the keys."""

    def __init__(
        self,
        *,
        hidden: bool = False,
        by_hand: bool = False,
        on_change: Callable[[], None] | None = None,
        **attributes: Any,
    ) -> None:
        super().__init__(**attributes)
        self._mark = Static("  ", markup=False, classes="mark")
        self._label = Static(markup=False, classes="label")
        self._unit = Static(markup=False, classes="unit")
        self.field = Field(hidden=hidden, by_hand=by_hand, on_change=on_change)

    def compose(self) -> ComposeResult:
        """Mark, label, bracket, field, bracket, unit."""
        yield self._mark
        yield self._label
        yield Static("[ ", markup=False, classes="bracket")
        yield self.field
        yield Static(" ]", markup=False, classes="bracket")
        yield self._unit

    def show(self, label: str, unit: str = "") -> None:
        """Name what is asked for."""
        self._label.update(say(label))
        self._unit.update(say(f" {unit}") if unit else Content(""))

    def on_descendant_focus(self) -> None:
        """Mark the row whose field takes the keys."""
        self.add_class("-here")
        self._mark.update("> ")

    def on_descendant_blur(self) -> None:
        """Unmark it."""
        self.remove_class("-here")
        self._mark.update("  ")
