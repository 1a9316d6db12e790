"""The full screen: keeps the storage thread, the person at the screen, the timers of all runs, and the order of keys.

Every key passes through here, one after the other. While something is being recorded, keys wait in line and
then go to what they were meant for; a key that was meant for a step that has closed since does nothing.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, Final, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from textual import events
from textual.app import App

from checklist.clinic.errors import ClinicError
from checklist.ledger.errors import CannotOpen, NotCanonical, NotSaved, Unreachable
from checklist.people.errors import PeopleError
from checklist.protocol.errors import ProtocolError
from checklist.tui.board import BoardFace
from checklist.tui.face import Face
from checklist.tui.guard import Guard
from checklist.tui.keyline import KeyLine
from checklist.tui.say import clock_of
from checklist.tui.storage import DOWN, CannotReachError, Storage
from checklist.tui.themes import CSS, DARK, LIGHT, THEMES
from checklist.tui.timers import Timers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.content import Content

    from checklist.clinic.folder import Folder
    from checklist.clinic.glance import Glance
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.ledger.entry import Moment
    from checklist.run.state import RunState
    from checklist.tui.bars import Act
    from checklist.tui.opened import Opened
    from checklist.tui.reads import Page
    from checklist.tui.walk import WalkFace

P = ParamSpec("P")
T = TypeVar("T")

VIA: Final = "tui"
SLOW_SECONDS: Final = 2.0
_LEFT_NOTHING: Final = (NotSaved, CannotOpen, CannotReachError)


class GaveUpError(Exception):
    """The person left what they were at; nothing more is done."""


class UnknownError(GaveUpError):
    """Whether something was saved cannot be found out now, and it must not happen twice; the person was told."""


def _open_up(clinic: Clinic) -> Opened:
    """As `reads.open_up`, which is loaded in the storage thread: it would hold up the first paint."""
    from checklist.tui.reads import open_up

    return open_up(clinic)


@dataclass(frozen=True, slots=True)
class Errand:
    """What to do as soon as the clinic is open: walk a protocol, or go on with a run."""

    protocol: str = ""
    subject: str = ""
    session: str | None = None
    run: str = ""


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
        self._seen = seen
        self._errand = errand
        self.animation_level = "none"
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK
        self.guard = Guard(clock)
        self.keys = KeyLine(self)
        self.storage = Storage(folder)
        self.opened: Opened | None = None
        self.who: SignedIn | None = None
        self.timers = Timers(self)
        self._clock = clock
        self._used = clock()
        self._at_terminal = False
        self._calls: list[tuple[float, str]] = []
        self._unsaved = ""
        self._opening = False
        self._walker: WalkFace | None = None

    # -- start and end ------------------------------------------------------------------------------------

    async def on_mount(self) -> None:
        """Paint the board's frame, then open the clinic behind it."""
        self._at_terminal = not self.is_headless and os.isatty(0)
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None:
                asyncio.get_running_loop().add_signal_handler(number, self._ended_by, number)
        board = BoardFace(name="board")
        if self._seen is not None:
            self.opened, board.first = self._seen
        await self.push_screen(board)
        self.call_after_refresh(self.begin)
        self.set_interval(1.0, self.tick)

    def begin(self) -> None:
        """Open the clinic, or make it where there is none."""
        self.act(self._begin)

    async def _begin(self) -> None:
        if not self.storage.folder.made:
            from checklist.tui.first import first_start

            await first_start(self)
        from checklist.tui.opened import first_look

        self._opening = True
        # What is due is read and painted before the clinic is opened for recording, which takes longer.
        seen = None if self._seen is not None else await asyncio.to_thread(first_look, self.storage.folder)
        if seen is not None:
            self.opened, first = seen
            self.board.glanced(first)
            painted = asyncio.Event()
            self.call_after_refresh(painted.set)
            await painted.wait()
        try:
            self.opened = await self.call(_open_up)
        except GaveUpError:
            self.exit(return_code=2)
            return
        finally:
            self._opening = False
        await self.board.fill()
        errand, self._errand = self._errand, None
        if errand is not None:
            await self._run_errand(errand)

    async def _run_errand(self, errand: Errand) -> None:
        from checklist.tui.starting import start_run

        if errand.run:
            await self.walk(errand.run)
        else:
            await start_run(self, errand.protocol, errand.subject, visit=errand.session)

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

    def right_of_title(self) -> str:
        """The clock, and who is signed in."""
        now = self.now()
        clock = clock_of(now.at, now.zone) if now else time.strftime("%H:%M")
        return f"{clock}   {self.who.name[:24] if self.who else 'NOT SIGNED IN'}"

    def strip(self) -> Content:
        """The timers that run."""
        face = self.face
        return self.timers.strip(without=face.own_run if face is not None else "")

    def log_state(self) -> tuple[str, bool]:
        """The state of the log in words, and whether it is a fault."""
        if self._unsaved:
            return f"LOG NOT SAVED  {self._unsaved}", True
        if self._calls:
            began, doing = self._calls[0]
            waited = self._clock() - began
            return (f"LOG SLOW {waited:.0f} s, {doing}" if waited >= SLOW_SECONDS else doing), False
        saved, opened = self.storage.saved, self.opened
        if saved is None or opened is None:
            return "LOG opening…" if self._opening else "LOG not begun", False
        at = clock_of(saved.at, opened.zone, seconds=True)
        note = f" | {self.storage.unmarked}" if self.storage.unmarked else ""
        return f"LOG OK {saved.size} entries, saved {at}{note}", False

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
            self.keys.arrived(event.key, event.character if event.is_printable else None)
        elif isinstance(event, events.Paste) and not event.is_forwarded:
            self._used = self._clock()
            self.keys.pasted(event.text)
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

    async def call(
        self,
        fn: Callable[Concatenate[Clinic, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Have the storage thread do something. Where nothing can be saved, say so and try again when asked to.

        Raises GaveUpError when the person goes back, and what is not a fault of the storage.
        """
        return await self.keep(lambda: self.storage.call(fn, *args, **kwargs), doing="working…")

    async def call_once(self, fn: Callable[Concatenate[Clinic, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Like `call`, for what must not happen twice: it is tried again only after a fault that is known to have left
        nothing behind. Raises UnknownError after any other."""
        return await self.keep(lambda: self.storage.call(fn, *args, **kwargs), doing="saving…", once=True)

    async def keep(
        self,
        attempt: Callable[[], Awaitable[T]],
        lost: str = "",
        unknown: Callable[[], Awaitable[T | None]] | None = None,
        doing: str = "saving…",
        *,
        once: bool = False,
    ) -> T:
        """Like `call`, for any attempt; with `once` like `call_once`. `lost` says what is not saved; `unknown` looks,
        before it is tried again, whether it was saved after all; without it nothing of unknown outcome is."""
        failed = False
        while True:
            try:
                found = await self._attempt(unknown, doing) if failed and unknown is not None else None
                result = found if found is not None else await self._attempt(attempt, doing)
            except NotCanonical:
                raise
            except DOWN as fault:
                from checklist.tui.trouble import Trouble

                failed = True
                self._unsaved = str(fault)
                known = isinstance(fault, _LEFT_NOTHING) if once else not isinstance(fault, Unreachable)
                if not known and unknown is None:
                    await self.ask(Trouble(fault, lost, unknown=True))
                    raise UnknownError from fault
                if not await self.ask(Trouble(fault, lost)):
                    raise GaveUpError from fault
            else:
                self._unsaved = ""
                return result

    async def _attempt(self, attempt: Callable[[], Awaitable[T]], doing: str) -> T:
        began = (self._clock(), doing)
        self._calls.append(began)
        if self.face is not None:
            self.face.show_bars()
        try:
            return await attempt()
        finally:
            self._calls.remove(began)

    async def background(self, fn: Callable[Concatenate[Clinic, P], T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Like `call`, but nobody waits for it: a fault is shown in the status bar only."""
        try:
            result = await self.storage.call(fn, *args, **kwargs)
        except (ClinicError, PeopleError, ProtocolError, *DOWN) as fault:
            self._unsaved = str(fault)
            return None
        self._unsaved = ""
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

    def today(self) -> str:
        """The clinic's day, behind a separator; nothing until the clinic is open."""
        now = self.now()
        if now is None or self.opened is None:
            return ""
        local = datetime.fromisoformat(now.at).astimezone(ZoneInfo(now.zone))
        return f"   {local:%a} {local.day} {local:%b %Y}"

    def subject(self, state: RunState) -> str:
        """What a run is about, in the clinic's words."""
        from checklist.tui.board_rows import subject_title

        return subject_title(state.subject, self.opened) if self.opened else state.subject

    async def walk(self, run: str) -> None:
        """Show a run as it now stands."""
        from checklist.tui import reads

        await self.walk_page(await self.call(reads.page, run))
        if self._walker is not None:
            await self._walker.go_on()

    async def walk_page(self, page: Page) -> None:
        """Show a run. There is one walker, kept for good."""
        from checklist.tui.walk import WalkFace

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
        from checklist.tui.people import sign_in

        return await sign_in(self)

    def tick(self) -> None:
        """Once a second: clocks, timers, and whether somebody is still there."""
        if self._at_terminal and not os.isatty(0):
            # Gone without a signal, as when a connection is cut: nobody will ever press a key again.
            self._ended_by(signal.SIGHUP)
            return
        self.timers.tick()
        face = self.face
        if face is not None:
            face.ticked()
        opened = self.opened
        if self.who and opened and self._clock() - self._used >= opened.idle_seconds and not self.keys.busy:
            self.act(self._lock)

    async def _lock(self) -> None:
        from checklist.tui.people import leave

        await leave(self)


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
