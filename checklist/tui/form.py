"""A dialog: a few things to choose and to type, one after the other, and one Enter that records them.

Nothing is preselected unless it is said so. Knows nothing of what is recorded: `submit` does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from checklist.run.reading import Refusal
from checklist.tui.bars import Key
from checklist.tui.choosing import Choosing, Pick
from checklist.tui.face import Face
from checklist.tui.field import FieldRow
from checklist.tui.say import say, stack

if TYPE_CHECKING:
    from textual.content import Content
    from textual.widget import Widget

T = TypeVar("T")

_LOST = "What you typed would be lost. Esc once more leaves; Enter goes on."


@dataclass(frozen=True, slots=True)
class Line:
    """Something to type. `needed` says what is missing where it is empty; none: it may be."""

    name: str
    label: str
    needed: str = ""
    secret: bool = False
    unit: str = ""


Part: TypeAlias = Line | Pick
Answers: TypeAlias = Mapping[str, str]


class Form(Face[T], ModalScreen[T], Generic[T]):
    """Asks for its parts in order; `submit` gives what the dialog answers, or a refusal to be shown."""

    TITLED = False
    FOLLOWED = True

    def __init__(
        self,
        title: str,
        parts: Sequence[Part],
        submit: Callable[[Answers], Awaitable[T | Refusal]],
        *,
        does: str = "RECORD",
        about: Sequence[Content] = (),
        note: str = "",
        back: str = "BACK, NOTHING RECORDED",
    ) -> None:
        super().__init__()
        self._title = title
        self.parts = tuple(parts)
        self._submit = submit
        self._does = does
        self._about = tuple(about)
        self._note = note
        self._back = back
        self.at = 0
        self._ready = False
        self._leaving = False
        self.widgets: list[FieldRow | Choosing] = [self._widget(part) for part in self.parts]

    def _widget(self, part: Part) -> FieldRow | Choosing:
        return Choosing(part) if isinstance(part, Pick) else FieldRow(secret=part.secret, on_change=self._changed)

    # -- what it looks like -------------------------------------------------------------------------------

    def body(self) -> Iterable[Widget]:
        """Title, what it is about, the parts, and a note."""
        about = [Static(stack(self._about), markup=False, classes="scroll")] if self._about else []
        note = [Static(say(self._note), markup=False, classes="note")] if self._note else []
        yield Vertical(
            Static(say(self._title), markup=False, classes="title"), *about, *self.widgets, *note, id="sheet"
        )

    def on_mount(self) -> None:
        """Begin with the first part."""
        for part, widget in zip(self.parts, self.widgets, strict=True):
            if isinstance(part, Line) and isinstance(widget, FieldRow):
                widget.show(part.label, part.unit)
        first = next((at for at, part in enumerate(self.parts) if isinstance(part, Line) or not part.chosen), 0)
        self.go(first)
        self.show()

    def heading(self) -> str:
        """The title."""
        return self._title

    def advice(self) -> str:
        """What the part that is asked for needs."""
        if not self.parts:
            return ""
        if self._ready:
            return f"Press Enter once more: {self._does}."
        part = self.parts[self.at]
        last = self.at == len(self.parts) - 1
        if isinstance(part, Pick):
            return f"Choose one, then press Enter{'' if last else ' to go on'}."
        if last:
            return f"{'Type it' if part.needed else 'Type it, or leave it empty'}, then press Enter."
        return "Type it, then press Enter to go on."

    def keys(self) -> Sequence[Key]:
        """Forward, back between the parts, and out."""
        last = self.at >= len(self.parts) - 1
        does = self._does if (last and not self._takes_first) or self._ready else "NEXT"
        return (
            Key("enter", "GO ON HERE" if self._leaving else does, self._enter),
            Key("escape", self._back, self._leave),
        )

    def tag(self) -> str:
        """The part that is asked for."""
        return f"{self.at}{self._ready}"

    # -- keys ---------------------------------------------------------------------------------------------

    @property
    def _takes_first(self) -> bool:
        part = self.parts[self.at] if self.parts else None
        return isinstance(part, Line) and not part.secret

    def enter_takes(self) -> bool:
        """Enter records only at the end; in a field of plain words only the second one does."""
        if self._leaving:
            return True
        if not self.parts or self._ready:
            return False
        return self.at < len(self.parts) - 1 or self._takes_first

    def take(self) -> None:
        """Go on to the next part, or get ready to record; after the warning only go on where it stood."""
        if self._leaving:
            self._leaving = self._ready = False
        elif (missing := self._missing(self.at)) is not None:
            self.refuse(missing)
        elif self.at < len(self.parts) - 1:
            after = self.at + 1
            part = self.parts[after]
            # Where there is only one to choose, it is chosen.
            only = isinstance(part, Pick) and len(part.options) == 1 and part.chosen and after < len(self.parts) - 1
            self.go(after + 1 if only else after)
        else:
            self._ready = True

    def typed(self, text: str, at: float) -> None:
        """Digits and blanks choose in a list, letters narrow it; a field takes everything."""
        if self._leaving:
            self.refuse(_LOST)
            return
        widget = self.widgets[self.at] if self.widgets else None
        if isinstance(widget, FieldRow):
            widget.field.put(text, at)
        elif isinstance(widget, Choosing):
            if not widget.part.numbered:
                widget.rows.pick_typed(text)
            elif text.isdecimal() and text.isascii() and len(text) == 1 and text != "0":
                widget.rows.pick(int(text) - 1)
            elif widget.part.narrow and not widget.add(text):
                self.message = say("None of these has those letters. Backspace, then type again.", "$ink-wait bold")

    def moved(self, key: str) -> None:
        """Arrows move in a list; Tab goes between the parts."""
        if self._leaving:
            self.refuse(_LOST)
            return
        if key in ("tab", "shift+tab"):
            self.go((self.at + (1 if key == "tab" else -1)) % max(len(self.parts), 1))
            return
        widget = self.widgets[self.at] if self.widgets else None
        if isinstance(widget, FieldRow):
            if key in ("up", "down"):
                self.go(min(max(self.at + (1 if key == "down" else -1), 0), len(self.parts) - 1))
            else:
                widget.field.edit(key)
        elif isinstance(widget, Choosing):
            widget.stuck = False
            steps = {"up": -1, "down": 1, "pageup": -widget.rows.page, "pagedown": widget.rows.page}
            if key in steps:
                widget.rows.move(steps[key])
            elif key == "backspace" and widget.letters:
                widget.narrow(widget.letters[:-1])

    def go(self, at: int) -> None:
        """Ask for another part."""
        self.at, self._ready = at, False
        for place, widget in enumerate(self.widgets):
            if isinstance(widget, Choosing):
                widget.here = place == at
                widget.label()
            elif place == at:
                self.set_focus(widget.field)
        if self.widgets and isinstance(self.widgets[at], Choosing):
            self.set_focus(None)

    def on_descendant_focus(self) -> None:
        """A touched field is the part that is asked for."""
        for place, widget in enumerate(self.widgets):
            if isinstance(widget, FieldRow) and widget.field is self.focused and place != self.at:
                self.go(place)
                self.show_bars()

    # -- the end ------------------------------------------------------------------------------------------

    async def _enter(self) -> None:
        for place in range(len(self.parts)):
            if (missing := self._missing(place)) is not None:
                self.go(place)
                self.refuse(missing)
                return
        result = await self._submit(self.answers())
        if isinstance(result, Refusal):
            self._again(result)
        else:
            self.answer(result)

    def _again(self, refusal: Refusal) -> None:
        self._ready = False
        secrets = [place for place, part in enumerate(self.parts) if isinstance(part, Line) and part.secret]
        if refusal.code in ("wrong-secret", "locked"):
            for place in secrets:
                widget = self.widgets[place]
                if isinstance(widget, FieldRow):
                    widget.field.set("")
            if secrets:
                self.go(secrets[0])
        self.refuse(refusal.message)

    def answers(self) -> dict[str, str]:
        """What was chosen and typed, by the names of the parts."""
        return {
            part.name: (widget.rows.chosen or "") if isinstance(widget, Choosing) else widget.field.value
            for part, widget in zip(self.parts, self.widgets, strict=True)
        }

    def _missing(self, place: int) -> str | None:
        part, widget = self.parts[place], self.widgets[place]
        if isinstance(widget, Choosing):
            digit = f"a digit up to {min(widget.rows.count, 9)}" if widget.part.numbered else "its own number"
            return None if widget.rows.chosen else f"Choose one first: {digit}, or the arrows."
        if isinstance(part, Line) and part.needed and not widget.field.value.strip():
            return part.needed
        return None

    def _changed(self) -> None:
        self._ready = False

    def _leave(self) -> None:
        plain = (
            widget.field.value
            for part, widget in zip(self.parts, self.widgets, strict=True)
            if isinstance(part, Line) and isinstance(widget, FieldRow) and not part.secret
        )
        if any(text.strip() for text in plain) and not self._leaving:
            self._leaving = True
            self.refuse(_LOST)
        else:
            self.answer(None)
