"""A thousand runs in one program: whether screens, widgets and memory stay as few as they were."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from textual.events import Key

from tests.benchmarks.clinics import SECRET, adopt_text, confirming
from tests.benchmarks.figures import Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.clinic.folder import Folder
    from checklist.tui.app import Desk
    from tests.benchmarks.clinics import Workshop

EARLY, MIDDLE, LATE = 100, 400, 1_000
MOST = 1.1
PATIENCE = 30.0
LOOKS = 3


def measure(workshop: Workshop) -> list[Row]:
    """The rows of this measure."""
    folder = workshop.fresh("running")
    adopt_text(folder, confirming(1))
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.running", str(folder.root)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    workshop.build()  # beside it, since nothing here is timed
    output, trouble = child.communicate()
    if child.returncode:
        raise RuntimeError(trouble[-3000:])
    (screens, widgets, mib), middle, (screens_after, widgets_after, mib_after) = (
        [float(word) for word in line.split()] for line in output.splitlines()
    )
    counts = (screens_after, widgets_after) == (screens, widgets)
    return [
        Row(
            f"screens and widgets alive after {LATE:,} runs : after {EARLY}",
            1,
            f"{screens_after:.0f} + {widgets_after:.0f}",
            f"{screens:.0f} + {widgets:.0f}",
            f"{(screens_after + widgets_after) / (screens + widgets):.2f}x",
            "the same",
            counts,
        ),
        Row(
            f"memory after {LATE:,} runs : after {EARLY}",
            1,
            f"{mib_after:.1f} MiB",
            f"{mib:.1f} MiB",
            f"{mib_after / mib:.2f}x",
            f"<= {MOST}x",
            mib_after <= MOST * mib,
        ),
        Row(f"  after {MIDDLE}", 1, f"{mib_after:.1f} MiB", f"{middle[2]:.1f} MiB", f"{mib_after / middle[2]:.2f}x"),
    ]


class _Hand:
    """Presses keys as somebody with all the time in the world: the program's clock moves on before each Enter."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def clock(self) -> float:
        return self.seconds

    async def press(self, desk: Desk, key: str, then: Callable[[], bool], character: str | None = None) -> None:
        """Press a key, and wait until what it leads to can be seen and nothing more happens."""
        self.seconds += 2.0
        press = Key(key, character)
        press.time = self.seconds
        desk.post_message(press)
        await self.wait(desk, then, key)

    async def wait(self, desk: Desk, then: Callable[[], bool], after: str) -> None:
        """Let the program work until it has come somewhere, and has rested there for three looks."""
        end = time.monotonic() + PATIENCE
        rested = 0
        while rested < LOOKS:
            await asyncio.sleep(0.001)
            quiet = desk.keys.idle and not desk.message_queue_size and not desk.screen.message_queue_size
            rested = rested + 1 if quiet and then() else 0
            if time.monotonic() > end:
                raise RuntimeError(f"{after} did not lead on: {desk.face and desk.face.message}")


async def _walk_many(folder: Folder) -> None:
    from checklist.tui.app import Desk

    hand = _Hand()
    desk = Desk(folder, clock=hand.clock)
    async with desk.run_test(size=(80, 24)):
        await hand.wait(desk, lambda: desk.board.page is not None, "the start")
        # The disk is not measured here.
        await desk.storage.call(lambda clinic: clinic.ledger.query("PRAGMA synchronous=OFF"))
        for run in range(1, LATE + 1):
            await _walk(desk, hand)
            if run in (EARLY, MIDDLE, LATE):
                print(*_alive())
    desk.storage.close()


async def _walk(desk: Desk, hand: _Hand) -> None:
    """One run: choose the protocol, sign in where nobody is, confirm the one step, and go back to the board."""
    from checklist.tui.form import Form
    from checklist.tui.walker.walk import WalkFace

    def asked(title: str) -> bool:
        face = desk.face
        return isinstance(face, Form) and face.heading().startswith(title) and face._keys != ()

    def typed() -> str:
        field = desk.face.field if desk.face is not None else None
        return field.value if field is not None else ""

    def step() -> str | None:
        face = desk.face
        if not isinstance(face, WalkFace) or face.page is None:
            return None
        return face.step.id if face.step is not None else "ended"

    await hand.press(desk, "f6", lambda: asked("START"))
    for sign in "benchmark":  # among all that are shipped
        await hand.press(desk, sign, lambda: asked("START"), sign)
    if desk.who is None:
        await hand.press(desk, "enter", lambda: asked("WHO"))
        for at, sign in enumerate(SECRET, 1):
            await hand.press(desk, sign, lambda at=at: typed() == SECRET[:at], sign)  # type: ignore[misc]
    await hand.press(desk, "enter", lambda: step() == "step-1")
    await hand.press(desk, "enter", lambda: step() == "ended")
    await hand.press(desk, "enter", lambda: desk.face is desk.board)


def _alive() -> tuple[int, int, float]:
    """Screens, other widgets, and the memory in use (MiB)."""
    from textual.screen import Screen
    from textual.widget import Widget

    gc.collect()
    found = [each for each in gc.get_objects() if isinstance(each, Widget)]
    screens = sum(isinstance(each, Screen) for each in found)
    status = Path("/proc/self/status").read_text("ascii")
    return screens, len(found) - screens, int(status.partition("VmRSS:")[2].split()[0]) / 1024


if __name__ == "__main__":
    from checklist.clinic.folder import Folder

    asyncio.run(_walk_many(Folder(Path(sys.argv[1]))))
