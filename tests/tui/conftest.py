"""A clinic to stand in, and a nurse at its full screen: real folder, real ledger, real keys, a clock of our own."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.color import ColorSystem
from rich.segment import Segment
from textual import events
from textual._context import visible_screen_stack
from textual.pilot import Pilot
from textual.strip import Strip

from checklist.clinic.folder import Folder
from checklist.clinic.making import make
from checklist.clinic.service import Clinic, SignedIn
from checklist.clinic.texts.adopting import Adopted, adopt
from checklist.people.operator import Operator
from checklist.tui.app import Desk
from checklist.tui.face import Face
from checklist.tui.walker.walk import WalkFace
from tests.support.machine_tests import ask_for_no_machine_test
from tests.support.unpainted import unpainted
from tests.support.walked import EVERY_KIND, HOSTILE, LEADS, PLAIN, SECOND_LOOK

SECRET = "three blue words"
SECOND_SECRET = "four green words"
AUDITORS_SECRET = "five yellow words"


class Clock:
    """A monotonic clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Nurse:
    """Somebody at the screen: presses keys, and reads what is there."""

    def __init__(self, desk: Desk, pilot: Pilot[int], clock: Clock) -> None:
        self.desk = desk
        self.pilot = pilot
        self.clock = clock

    async def until(self, holds: Callable[[], object], tries: int = 2000) -> None:
        """Wait until something holds; what is awaited is the app's own work, never a length of time."""
        for _ in range(tries):
            if holds():
                return
            await asyncio.sleep(0.005)
        raise AssertionError(f"never came; the screen says:\n{self.text()}")

    async def opens_a_visit(self) -> None:
        """At the question which visit it is: a new one, below those that are open."""
        await self.sees("a NEW visit")
        line = next(line for line in self.text().splitlines() if "a NEW visit" in line)
        await self.press(line.split("a NEW")[0].split()[-1], "enter")

    async def sees(self, words: str) -> None:
        await self.until(lambda: words in self.text())

    async def idle(self) -> None:
        """Wait until nothing is being recorded and no key waits."""
        await self.until(lambda: self.desk.keys.idle)

    async def key(self, key: str) -> None:
        """One key, as the terminal's driver hands it to the app."""
        await self.event(events.Key(key, key if len(key) == 1 else None))

    async def event(self, event: events.Event) -> None:
        """What the driver hands over, with the moment at which it came."""
        event.time = self.clock.seconds
        await self.desk.on_event(event)

    def letter(self, letter: str) -> None:
        """One sign, now."""
        self.desk.keys.arrived(letter, letter, self.clock.seconds)

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, without haste, and wait for what they lead to."""
        for key in keys:
            self.clock.seconds += 2.0
            await self.key(key)
            await self.idle()

    async def type(self, words: str) -> None:
        """Type words, then rest a moment."""
        for letter in words:
            self.clock.seconds += 0.1
            self.letter(letter)
        self.clock.seconds += 1.0
        await self.idle()

    async def burst(self, text: str = "(01)04012345678901␝17270331", end: str = "enter") -> None:
        """What a scanner sends: everything within a few milliseconds."""
        self.clock.seconds += 5.0
        for letter in text:
            self.clock.seconds += 0.002
            if letter == "␝":
                await self.key("ctrl+right_square_bracket")
            else:
                self.letter(letter)
        self.clock.seconds += 0.002
        if end:
            await self.key(end)
        await self.idle()

    async def sign_in(self, secret: str = SECRET) -> None:
        """Sign in as the one whose name is highlighted."""
        await self.sees("WHO IS AT THIS SCREEN?")
        await self.type(secret)
        await self.press("enter")

    async def sign_in_as(self, name: str, secret: str) -> None:
        await self.sees("WHO IS AT THIS SCREEN?")
        await self.type(name)
        await self.press("enter")
        await self.type(secret)
        await self.press("enter")

    async def badge(self, text: str) -> None:
        """Scan a badge at the field that asks who is there."""
        await self.burst(text)

    async def go_to(self, words: str) -> None:
        """Highlight the row of the board that says this."""
        await self.sees(words)
        await self.press("home")
        while not any(line.startswith(" > ") and words in line for line in self.text().splitlines()):
            await self.press("down")

    async def left_alone(self) -> None:
        """Nobody touches the screen for as long as it takes to lock."""
        await self.idle()
        self.clock.seconds += 181
        self.desk.tick()
        await self.until(lambda: self.desk.who is None)

    async def start(self, protocol: str) -> None:
        """Start a protocol by typing its name on the board."""
        await self.type(protocol)
        await self.sees("START A PROTOCOL")
        await self.press("enter")

    @property
    def walk(self) -> WalkFace:
        assert isinstance(self.desk.face, WalkFace), self.text()
        return self.desk.face

    def walk_face(self) -> WalkFace | None:
        """The walker, also where a dialog is over it."""
        return next((one for one in self.desk.screen_stack if isinstance(one, WalkFace)), None)

    @property
    def step(self) -> str:
        """The id of the current step; empty once the run has ended."""
        page = self.walk.page
        assert page is not None
        return page.state.current.id if page.state.current else ""

    def segments(self) -> list[Segment]:
        """Everything that is painted: the screen that is seen, with what dialogs leave in sight of those under them."""
        return [segment for strip in self._strips() for segment in strip]

    def text(self) -> str:
        """The screen as lines of text."""
        return "\n".join("".join(segment.text for segment in strip) for strip in self._strips())

    def _strips(self) -> list[Strip]:
        visible_screen_stack.set(self.desk._background_screens)
        return self.desk.screen._compositor.render_strips()

    def unreadable(self, system: ColorSystem = ColorSystem.TRUECOLOR) -> list[str]:
        """Pieces of text that have the colour of their ground."""
        found = []
        for segment in self.segments():
            style = segment.style
            if not segment.text.strip() or style is None or style.color is None or style.bgcolor is None:
                continue
            if style.color.downgrade(system) == style.bgcolor.downgrade(system):
                found.append(segment.text)
        return found


@pytest.fixture(scope="session", autouse=True)
def only_what_is_looked_at_is_painted() -> Iterator[None]:
    with unpainted():
        yield


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clinic with two people, an auditor, and protocols for the tests in force."""
    root = tmp_path_factory.mktemp("template") / "clinic"
    folder = Folder(root)
    make(folder, "Riverside Skin", "Anna Berg", SECRET, "tui")
    with Clinic.open(folder) as clinic:
        lead = clinic.staff.prove("Anna Berg", SECRET, "tui")
        assert isinstance(lead, SignedIn)
        for name, roles, secret in (
            ("Carl Dahl", ["staff", "release"], SECOND_SECRET),
            ("Dora Ekman", ["auditor"], AUDITORS_SECRET),
        ):
            assert isinstance(clinic.personnel.add(name, roles, secret, lead, "tui"), Operator)
        ask_for_no_machine_test(clinic, lead)
        for name, text in (
            ("every-kind", EVERY_KIND),
            ("plain-walk", PLAIN),
            ("leads-only", LEADS),
            ("second-look", SECOND_LOOK),
            ("hostile-words", HOSTILE),
        ):
            (folder.protocols / f"{name}.toml").write_text(text.replace("\\u0000", ""), "utf-8")
            assert isinstance(adopt(clinic, name, lead, "tui"), Adopted)
    return root


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Folder:
    """This test's own copy of the clinic."""
    return Folder(Path(shutil.copytree(template, tmp_path / "clinic")))


Station = Callable[..., AbstractAsyncContextManager[Nurse]]


@pytest.fixture
def station(folder: Folder) -> Station:
    """The full screen of this clinic (or of another folder), with a nurse at it."""

    @asynccontextmanager
    async def opened(
        size: tuple[int, int] = (80, 24), at: Folder | None = None, *, ready: bool = True
    ) -> AsyncIterator[Nurse]:
        clock = Clock()
        desk = Desk(at or folder, clock)
        try:
            async with desk.run_test(size=size) as pilot:
                nurse = Nurse(desk, pilot, clock)
                if ready:
                    await nurse.until(lambda: desk.opened and desk.board.page)
                yield nurse
        finally:
            desk.storage.close()

    return opened


@pytest.fixture
def faces() -> type[Face[Any]]:
    return Face
