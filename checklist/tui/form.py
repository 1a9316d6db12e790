"""A dialog: a few things to choose and to type, one after the other, and one Enter that records them.

Nothing is preselected unless it is said so. Knows nothing of what is recorded: `submit` does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar

from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from checklist.run.reading import Refusal
from checklist.tui.bars import Key
from checklist.tui.choosing import Choosing, Pick
from checklist.tui.face import Face
from checklist.tui.field import FieldRow, Line
from checklist.tui.say import say, stack

if TYPE_CHECKING:
    from textual.content import Content
    from textual.timer import Timer
    from textual.widget import Widget

T = TypeVar("T")

_LOST = "What you typed would be lost. Esc once more leaves; any other key stays."
_BY_HAND = "Nothing pasted or scanned is taken as a secret. Type the secret by hand."
_ENDED: Final = 0.15
"""Seconds after the last sign of a badge at which it is looked up, where the reader sends no Enter."""


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
        begun: tuple[str, float] | None = None,
        more: Sequence[Key] = (),
    ) -> None:
        """`begun` is text that was typed before, with its moment; `more` are keys besides forward and back."""
        super().__init__()
        self._title = title
        self.parts = tuple(parts)
        self._submit = submit
        self._does = does
        self._about = tuple(about)
        self._note = note
        self._back = back
        self._begun = begun
        self._more = tuple(more)
        self._badge_wait: Timer | None = None
        self.at = 0
        self._ready = False
        self._leaving = False
        self.widgets: list[FieldRow | Choosing] = [self._widget(part) for part in self.parts]

    def _widget(self, part: Part) -> FieldRow | Choosing:
        if isinstance(part, Pick):
            return Choosing(part)
        return FieldRow(hidden=part.secret or part.hidden, by_hand=part.secret, on_change=self._changed)

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
                widget.field.set(part.value)
        first = next(
            (at for at, part in enumerate(self.parts) if isinstance(part, Line) or part.asked or not part.chosen), 0
        )
        self.go(first)
        if self._begun is not None:
            self.typed(*self._begun)
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
            badge = "Scan your badge, or choose" if part.badged else "Choose"
            return f"{badge} one, then press Enter{'' if last else ' to go on'}."
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
            *self._more,
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
        elif self._badge_waits:
            self._look_up()
        elif (missing := self._missing(self.at)) is not None:
            self._refuse_here(missing)
        elif self.at < len(self.parts) - 1:
            after = self.at + 1
            part = self.parts[after]
            # Where there is only one to choose, it is chosen.
            only = isinstance(part, Pick) and len(part.options) == 1 and part.chosen and after < len(self.parts) - 1
            self.go(after + 1 if only else after)
        else:
            self._ready = True

    def _refuse_here(self, why: str) -> None:
        """Say what is wrong with this part; what is not seen is typed anew, since more would be added to it."""
        part, widget = self.parts[self.at], self.widgets[self.at]
        if isinstance(part, Line) and part.secret and isinstance(widget, FieldRow) and widget.field.value:
            widget.field.set("")
        self.refuse(why)

    def typed(self, text: str, at: float) -> None:
        """Digits and blanks choose in a list, letters narrow it; a field takes everything."""
        self._leaving = False
        widget = self.widgets[self.at] if self.widgets else None
        if isinstance(widget, FieldRow):
            if not widget.field.put(text, at):
                self.refuse(_BY_HAND)
        elif isinstance(widget, Choosing):
            if not widget.typed(text, at):
                self.message = say("None of these has those letters. Backspace, then type again.", "$ink-wait bold")
            elif widget.words_at == at:
                missing = self._missing(self.at) or "One is chosen: Enter goes on."
                self.message = say(f"Letters are not taken here. {missing}", "$ink-wait bold")
            if self._badge_waits:
                self._wait_for_badge()

    def hurried(self, why: str) -> None:
        """The Enter that ends a scan into a secret is told with the scan."""
        widget = self.widgets[self.at] if self.widgets else None
        self.refuse(_BY_HAND if isinstance(widget, FieldRow) and widget.field.refused else why)

    # -- badges -------------------------------------------------------------------------------------------

    @property
    def _badge_waits(self) -> bool:
        widget = self.widgets[self.at] if self.widgets else None
        return isinstance(widget, Choosing) and widget.part.badged and widget.burst.whole

    def _wait_for_badge(self) -> None:
        if self._badge_wait is not None:
            self._badge_wait.stop()
        self._badge_wait = self.set_timer(_ENDED, self._look_up)

    def _look_up(self) -> None:
        widget = self.widgets[self.at]
        if self._badge_waits and isinstance(widget, Choosing):
            badge, here = widget.burst.take(), self.at
            self.desk.act(lambda: self._badge(widget, badge, here))

    async def _badge(self, widget: Choosing, badge: str, here: int) -> None:
        from checklist.tui import reads

        bearer = await self.desk.keeper.call(reads.bearer, badge)
        if bearer is None:
            self.refuse("Nobody here has this badge. Choose your name, or ask a lead to give you the badge.")
        elif not widget.take_badge(badge, bearer):
            self.refuse("Whoever has this badge cannot do this; somebody else must.")
        else:
            self.go(min(here + 1, len(self.parts) - 1))

    # -- looking and moving -------------------------------------------------------------------------------

    def moved(self, key: str) -> None:
        """Arrows move in a list; Tab goes between the parts."""
        self._leaving = False
        if key == "tab" and self._badge_waits:
            self._look_up()
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
                widget.signs = ""
                widget.rows.move(steps[key])
                widget.label()
            elif key == "backspace" and widget.signs:
                widget.sign(widget.signs[:-1])
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
                self._refuse_here(missing)
                return
        result = await self._submit(self.answers())
        if isinstance(result, Refusal):
            self._again(result)
        else:
            self.answer(result)

    def _again(self, refusal: Refusal) -> None:
        """Say why, and ask again for what was wrong: what cannot be read in its field is empty then, for nobody sees
        that more typing would be added to it."""
        self._ready = False
        secrets = [at for at, part in enumerate(self.parts) if isinstance(part, Line) and part.secret]
        wrong = self._asked_again(refusal.code) or (secrets if self.at in secrets else [])
        for place in wrong:
            widget = self.widgets[place]
            if isinstance(widget, FieldRow):
                widget.field.set("")
        if wrong:
            self.go(wrong[0])
        self.refuse(refusal.message)

    def _asked_again(self, code: str) -> list[int]:
        """The parts that a refusal is about, by their places, the first to ask for at the head."""
        parts = [*enumerate(self.parts)]
        secrets = [at for at, part in parts if isinstance(part, Line) and part.secret]
        hidden = [at for at, part in parts if isinstance(part, Line) and part.hidden]
        people = [at for at, part in parts if isinstance(part, Pick) and part.badged]
        match code:
            case "wrong-secret":
                return secrets
            case "differ":
                return secrets[-2:]
            case "wrong-code" | "badge" if hidden:
                return hidden
            case "locked" | "disabled" | "badge":
                return [*people, *secrets]
            case _:
                return []

    def answers(self) -> dict[str, str]:
        """What was chosen and typed, by the names of the parts."""
        return {
            part.name: widget.answer if isinstance(widget, Choosing) else widget.field.value
            for part, widget in zip(self.parts, self.widgets, strict=True)
        }

    def _missing(self, place: int) -> str | None:
        part, widget = self.parts[place], self.widgets[place]
        if isinstance(widget, Choosing):
            digit = f"a digit up to {min(widget.rows.count, 9)}" if widget.part.numbered else "its own number"
            return None if widget.rows.chosen else f"Choose one first: {digit}, or the arrows."
        if isinstance(part, Line) and part.needed and not widget.field.value.strip():
            return _BY_HAND if widget.field.refused else part.needed
        return part.wrong(self.answers()) if isinstance(part, Line) and part.wrong is not None else None

    def _changed(self) -> None:
        self._ready = False

    def _leave(self) -> None:
        plain = (
            widget.field.value
            for part, widget in zip(self.parts, self.widgets, strict=True)
            if isinstance(part, Line)
            and isinstance(widget, FieldRow)
            and not (part.secret or part.hidden)
            and widget.field.value != part.value
        )
        if any(text.strip() for text in plain) and not self._leaving:
            self._leaving = True
            self.refuse(_LOST)
        else:
            self.answer(None)
