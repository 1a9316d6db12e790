"""The full screen: which screen is seen, who is at it, the timers of all runs, and the order of keys.

Every key passes through here, one after the other. While something is being recorded, keys wait in line and
then go to what they were meant for; a key that was meant for a step that has closed since does nothing.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events
from textual.app import App
from textual.css.query import NoMatches
from textual.screen import ModalScreen

from checklist.clinic.errors import ClinicError
from checklist.ledger.errors import NotCanonical
from checklist.people.errors import PeopleError
from checklist.protocol.errors import ProtocolError
from checklist.tui.board import BoardFace
from checklist.tui.face import Face
from checklist.tui.guard import Guard
from checklist.tui.keeper import GaveUpError, Keeper
from checklist.tui.keyline import KeyLine
from checklist.tui.storage import Storage
from checklist.tui.themes import CSS, DARK, LIGHT, THEMES
from checklist.tui.timers import Timers

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.clinic.folder import Folder
    from checklist.clinic.plan.glance import Glance
    from checklist.clinic.service import SignedIn
    from checklist.ledger.entry import Moment
    from checklist.run.paper import Paper
    from checklist.run.state import RunState
    from checklist.tui.bars import Act
    from checklist.tui.opened import Opened
    from checklist.tui.reads import Page
    from checklist.tui.walker.walk import WalkFace

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Errand:
    """What to do as soon as the clinic is open: walk a protocol, or go on with a run."""

    protocol: str = ""
    subject: str = ""
    session: str | None = None
    run: str = ""
    paper: Paper | None = None
    """When it was written, where a sheet is to be entered."""
    sheet: str = ""
    """The digest at its foot; asked for where it is not given."""


class Desk(App[int], inherit_bindings=False):
    """The screen at which people stand."""

    CSS = CSS
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    AUTO_FOCUS = ""
    ESCAPE_TO_MINIMIZE = False
    BINDINGS: ClassVar = []

    def __init__(
        self,
        folder: Folder,
        clock: Callable[[], float] = time.monotonic,
        errand: Errand | None = None,
        seen: tuple[Opened, Glance] | None = None,
    ) -> None:
        """`seen` is the first look at the clinic, where it was taken before the screen was begun."""
        super().__init__()
        self.seen = seen
        self.errand = errand
        self.animation_level = "none"
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK
        self.guard = Guard(clock)
        self.keys = KeyLine(self)
        self.storage = Storage(folder)
        self.keeper = Keeper(self)
        self.opened: Opened | None = None
        self.opening = False
        self.who: SignedIn | None = None
        self.timers = Timers(self)
        self._clock = clock
        self._used = clock()
        self.at_terminal = False
        self._walker: WalkFace | None = None

    # -- start and end ------------------------------------------------------------------------------------

    async def on_mount(self) -> None:
        """Paint the first screen, and see to it that a signal ends the program in good order."""
        self.at_terminal = not self.is_headless and os.isatty(0)
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None:
                asyncio.get_running_loop().add_signal_handler(number, self._ended_by, number)
        await self.first_screen()
        self.set_interval(1.0, self.tick)

    async def first_screen(self) -> None:
        """Paint the board's frame, then open the clinic behind it."""
        board = BoardFace(name="board")
        if self.seen is not None:
            self.opened, board.first = self.seen
        await self.push_screen(board)
        self.call_after_refresh(self.begin)

    def begin(self) -> None:
        """Open the clinic, or make it where there is none."""
        from checklist.tui.beginning import begin

        self.act(lambda: begin(self))

    @property
    def walker(self) -> WalkFace | None:
        """The walker, seen or not; None until a run is walked."""
        return self._walker

    @property
    def walked(self) -> str | None:
        """The run that the walker last showed."""
        page = self._walker.page if self._walker is not None else None
        return page.state.run if page is not None else None

    def _ended_by(self, number: int) -> None:
        self.exit(128 + number, return_code=128 + number)

    @property
    def board(self) -> BoardFace:
        """The board, which is always there."""
        return next(screen for screen in self.screen_stack if isinstance(screen, BoardFace))

    @property
    def face(self) -> Face[Any] | None:
        """The screen that is seen."""
        top = self.screen_stack[-1] if self.screen_stack else None
        return top if isinstance(top, Face) else None

    # -- what the bars say --------------------------------------------------------------------------------

    def now(self) -> Moment | None:
        """This moment by the clinic's clocks; None until the clinic is open."""
        return self.opened.now() if self.opened else None

    def show_bars(self) -> None:
        """Bring the bars of the screen that is seen up to date."""
        if self.face is not None:
            self.face.show_bars()

    def ring(self, times: int = 1) -> None:
        """Sound the bell; never the only sign."""
        for _ in range(times):
            self.bell()

    def turn_light(self) -> None:
        """Change between the dark and the light colours."""
        self.theme = LIGHT if self.theme == DARK else DARK

    # -- keys ---------------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Take every key and paste; leave everything else to the framework."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            self._used = self._clock()
            self.keys.arrived(event.key, event.character if event.is_printable else None, event.time)
        elif isinstance(event, events.Paste) and not event.is_forwarded:
            self._used = self._clock()
            self.keys.pasted(event.text, event.time)
        else:
            if isinstance(event, events.MouseDown):
                self._used = self._clock()
            await super().on_event(event)

    # -- acting -------------------------------------------------------------------------------------------

    def act(self, act: Act) -> None:
        """Do something that may take a while; keys wait in line until it is done or asks something."""
        self.keys.hold()
        self.run_worker(self._acting(act), exit_on_error=True)

    async def _acting(self, act: Act) -> None:
        try:
            result = act()
            if result is not None:
                await result
        except GaveUpError:
            pass
        except (ClinicError, PeopleError, ProtocolError, NotCanonical) as fault:
            if self.face is not None:
                self.face.refuse(str(fault))
        finally:
            if self.face is not None:
                self.face.show()
            self.keys.let_go()

    async def ask(self, face: Face[T]) -> T | None:
        """Show a dialog and wait for its answer; None: the person went back. Keys go to the dialog meanwhile."""
        face.asked = asyncio.get_running_loop().create_future()
        await self.push_screen(face)
        self.keys.let_go()
        result = await face.asked  # `answer` has held the keys again before it gave the result
        while face in self.screen_stack:
            await self.pop_screen()
        return result

    def _fatal_error(self) -> None:
        """End with a sentence, after a fault in the program: a listing of what it knew could show people's words."""
        from rich.text import Text

        fault = self._exception
        name = type(fault).__name__ if fault is not None else "unknown"
        self._exit_renderables.append(
            Text(
                f"The program has stopped because of a fault in it ({name}). Every step that was shown as done is "
                "saved. Start it again; if it happens again, call for help."
            )
        )
        self._close_messages_no_wait()

    # -- going about ---------------------------------------------------------------------------------------

    def subject(self, state: RunState) -> str:
        """What a run is about, in the clinic's words."""
        from checklist.tui.board_rows import subject_title

        return subject_title(state.subject, self.opened) if self.opened else state.subject

    async def walk(self, run: str) -> None:
        """Show a run as it now stands."""
        from checklist.tui import reads

        await self.walk_page(await self.keeper.call(reads.page, run))
        if self._walker is not None:
            await self._walker.go_on()

    async def walk_page(self, page: Page) -> None:
        """Show a run. There is one walker, kept for good."""
        from checklist.tui.walker.walk import WalkFace

        if self._walker is None:
            self._walker = WalkFace(name="walk")
            self.install_screen(self._walker, "walk")
        walker = self._walker
        walker.hold(page)
        if walker not in self.screen_stack:
            await self.push_screen(walker)
        walker.accept(page)

    async def to_board(self) -> None:
        """Back to the board, whatever is open over it."""
        while not isinstance(self.screen, BoardFace):
            await self.pop_screen()
        await self.board.fill_quietly()
        self.guard.appeared()

    def changed(self, page: Page) -> None:
        """A run has changed by itself."""
        self.timers.know(page.state)
        walker = self._walker
        if walker is not None and walker.page is not None and walker.page.state.run == page.state.run:
            walker.accept(page)
        if isinstance(self.screen, BoardFace):
            self.run_worker(self.board.fill_quietly())
        elif self.face is not None:
            self.face.show()

    # -- people and time ----------------------------------------------------------------------------------

    async def signed_in(self) -> SignedIn:
        """Who is at the screen; asks where nobody is signed in. Raises GaveUpError when they go back."""
        return self.who or await self.sign_in()

    async def sign_in(self) -> SignedIn:
        """Ask who is at the screen, also in place of somebody else. Raises GaveUpError when they go back."""
        from checklist.tui.staffing.people import sign_in

        return await sign_in(self)

    def tick(self) -> None:
        """Once a second: clocks, timers, and whether somebody is still there."""
        if self.at_terminal and not os.isatty(0):
            # Gone without a signal, as when a connection is cut: nobody will ever press a key again.
            self._ended_by(signal.SIGHUP)
            return
        self.timers.tick()
        for face in self._in_sight():
            with suppress(NoMatches):  # one that is coming up or going away lacks its parts for a moment
                face.ticked()
        opened = self.opened
        idle = opened is not None and self._clock() - self._used >= opened.idle_seconds
        if self.who and idle and not self.keys.busy and not (self.face and self.face.KEPT):
            self.lock()

    def lock(self) -> None:
        """Nobody is at the screen any more, or they said that they leave it."""
        from checklist.tui.staffing.lock import lock

        self.act(lambda: lock(self))

    async def emergency(self) -> None:
        """F9 in a dialog: it is left, and what was typed in it with it."""
        from checklist.tui.emergency import open_emergency
        from checklist.tui.staffing.lock import close_dialogs

        await close_dialogs(self)
        await open_emergency(self)

    def _in_sight(self) -> list[Face[Any]]:
        """The screen that is seen, and under dialogs what they leave in sight."""
        seen: list[Face[Any]] = []
        for screen in reversed(self.screen_stack):
            if isinstance(screen, Face):
                seen.append(screen)
            if not isinstance(screen, ModalScreen):
                break
        return seen


def run_app(folder: Folder) -> int:
    """Run the full screen on a clinic folder, made or not; the exit code."""
    return run_errand(folder, None)[0]


def run_errand(folder: Folder, errand: Errand | None) -> tuple[int, str | None]:
    """Run the full screen and do something there at once; the exit code, and the run that was walked last."""
    from checklist.tui.opened import first_look

    # Read before anything is painted: it takes less time than painting an empty board first.
    desk = Desk(folder, errand=errand, seen=first_look(folder) if folder.made else None)
    try:
        desk.run(mouse=True)
    finally:
        desk.storage.close()
    # 1 only ever comes from an answer: a fault of the program is 2.
    return (2 if desk.return_code == 1 else desk.return_code or 0), desk.walked
