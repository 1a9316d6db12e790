"""What all screens have in common: bars, keys that are asked one at a time, and one line that says why."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from textual.containers import Vertical
from textual.content import Content
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widgets import Static

from checklist.tui.bars import DemoLine, Hint, Key, KeyBar, StatusBar, TimerStrip, TitleBar
from checklist.tui.say import clock_of, say

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.widget import Widget

    from checklist.tui.app import Desk
    from checklist.tui.field import Field

R = TypeVar("R")
SMALLEST = (80, 24)


class Foot(Vertical):
    """The bars at the bottom."""


class Face(Screen[R], Generic[R], inherit_bindings=False):
    """One screen. It says which keys act (`keys`), what Enter would do, and gets every key in order."""

    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (80, "-std"), (120, "-wide")]  # noqa: RUF012 - the framework's own form
    TITLED = True
    KEPT = False
    """Whether it stays in sight until somebody says that they have read it, since it is shown only once."""
    FOLLOWED = False
    """Whether what was typed just before this screen came is meant for it."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.message = Content("")
        """What was refused or has happened; the advice stands in its place where it is empty."""
        self.asked: asyncio.Future[R | None] | None = None
        """Where a dialog's answer is waited for."""
        self._keys: Sequence[Key] = ()

    @property
    def desk(self) -> Desk:
        """The app."""
        return cast("Desk", self.app)

    # -- for each screen to say ---------------------------------------------------------------------------

    def body(self) -> Iterable[Widget]:
        """What stands between title and keys."""
        return ()

    def keys(self) -> Sequence[Key]:
        """The keys that do something here, in the order of the bar."""
        return ()

    def heading(self) -> str:
        """What the title bar says this is."""
        return ""

    def advice(self) -> str:
        """What the line above the keys says when nothing was refused."""
        return ""

    def small_line(self) -> str:
        """What still shows where the window is too small."""
        return self.heading()

    def tag(self) -> str:
        """What a key that acts now is meant for; a key meant for something else is dropped."""
        return ""

    def enter_takes(self) -> bool:
        """Whether Enter now only takes what stands in a field, and records nothing."""
        return False

    @property
    def own_run(self) -> str:
        """The run whose timer this screen shows anyway."""
        return ""

    def take(self) -> None:
        """Take what stands in the field."""

    def typed(self, text: str, at: float) -> None:
        """Printable text, at a moment in seconds."""
        if (field := self.field) is not None:
            field.put(text, at)

    def moved(self, key: str) -> None:
        """An arrow, a page key, Tab or an editing key."""
        if (field := self.field) is not None:
            field.edit(key)

    @property
    def field(self) -> Field | None:
        """The field that takes what is typed."""
        from checklist.tui.field import Field

        return self.focused if isinstance(self.focused, Field) else None

    def refreshed(self) -> None:
        """Bring the body up to date."""

    def ticked(self) -> None:
        """A second has passed."""
        self.show_bars()

    # -- common -------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Title, body, foot, and the notice that covers all where the window is too small."""
        if self.TITLED:
            yield TitleBar()
        yield from self.body()
        yield Foot(TimerStrip(), Hint(), KeyBar(self.touched), StatusBar(), DemoLine())
        yield Static(id="small", markup=False)

    def on_mount(self) -> None:
        """Fill the bars."""
        self.show()

    def on_screen_resume(self) -> None:
        """Bring everything up to date when the screen is seen again."""
        self.desk.guard.appeared()
        self.show()

    def on_resize(self, event: events.Resize) -> None:
        """Below 80x24 say so: never clip silently."""
        self.set_class(event.size.width < SMALLEST[0] or event.size.height < SMALLEST[1], "-small")
        self.call_after_refresh(self.show)

    @property
    def too_small(self) -> bool:
        """Whether the window is below 80x24."""
        size = self.app.size
        return size.width < SMALLEST[0] or size.height < SMALLEST[1]

    def show(self) -> None:
        """Bring body and bars up to date."""
        # A screen that is coming up or going away lacks its parts for a moment: there is nothing to show then.
        with suppress(NoMatches):
            self.refreshed()
        self.show_bars()

    def show_bars(self) -> None:
        """Bring the bars up to date."""
        with suppress(NoMatches):
            self._show_bars()

    def _show_bars(self) -> None:
        self._keys = self.keys()
        if self.TITLED:
            self.query_one(TitleBar).show(self.heading(), self._right_of_title())
        self.query_one(KeyBar).show(self._keys)
        self.query_one(Hint).show(self.message or say(self.advice()))
        self.query_one(TimerStrip).show(self.desk.timers.strip(without=self.own_run))
        text, fault = self.desk.keeper.state()
        self.query_one(StatusBar).show(text, fault=fault)
        self.query_one(DemoLine).show(say(self.desk.opened.demo if self.desk.opened else "", "$ink-wait"))
        if self.too_small:
            size = self.app.size
            line = f"Enlarge the window to 80x24 (now {size.width}x{size.height}). {self.small_line()}"
            self.query_one("#small", Static).update(say(line, "bold"))

    def _right_of_title(self) -> str:
        """The clock, and who is signed in."""
        now, who = self.desk.now(), self.desk.who
        clock = clock_of(now.at, now.zone) if now else time.strftime("%H:%M")
        return f"{clock}   {who.name[:24] if who else 'NOT SIGNED IN'}"

    def refuse(self, why: str) -> None:
        """Say why something was not done."""
        self.message = say(why, "$ink-wait bold")
        self.desk.ring(times=2)
        self.show_bars()

    def hurried(self, why: str) -> None:
        """An Enter came too fast to be meant."""
        self.refuse(why)

    def tell(self, what: str) -> None:
        """Say something that happened."""
        self.message = say(what, "$ink-wait")
        self.show_bars()

    def answer(self, result: R | None) -> None:
        """End a dialog. From this moment on keys wait for whatever comes of it."""
        if self.asked is not None and not self.asked.done():
            self.desk.keys.hold()
            self.asked.set_result(result)

    def find(self, name: str) -> Key | None:
        """The key of that name as it stands now. An emergency waits for no dialog."""
        found = next((key for key in self.keys() if key.name == name), None)
        if found is None and name == "f9" and not self.KEPT and self.desk.board.page is not None:
            return Key("f9", "EMERGENCY", self.desk.emergency)
        return found

    def touched(self, name: str) -> None:
        """A key of the bar was touched."""
        self.desk.keys.arrived(name, None, self.desk.guard.now())
