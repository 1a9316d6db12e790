"""`protocol preview`: the full screen of somebody who writes a protocol. It follows the file as it is saved.

Nothing can be recorded here: there is no clinic, nobody signs in, and the clock is a model that can be put forward.
"""

from __future__ import annotations

import asyncio
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from checklist.clinic.folder import Folder
from checklist.run.rehearsal import moment
from checklist.tui.app import Desk
from checklist.tui.board import BoardFace
from checklist.tui.keeper import Keeper
from checklist.tui.previewing.preview_walk import NOTHING, PreviewFace
from checklist.tui.themes import CSS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from checklist.ledger.entry import Moment
    from checklist.tui.previewing.preview_file import ProtocolFile

BETWEEN_LOOKS: Final = 0.3
"""Seconds between two looks at the file."""

_CSS: Final = """
#preview { height: 1fr; layout: vertical; }
#preview > #walk { height: 1fr; width: 1fr; }
#lint { height: auto; max-height: 4; padding: 0 1; }
#lint Lines { height: auto; }
#lint Rows { height: auto; max-height: 3; }
#lint #why { width: 1fr; padding: 1 0; border: none; }
#stale { height: auto; padding: 0 1; }
.-stale #walk Lines, .-stale #walk Rows, .-stale #walk Digits, .-stale #walk FieldRow, .-stale #progress {
    text-opacity: 55%;
}
.-stale #card { border: double $ink-off; }
.-wide #preview { layout: horizontal; }
.-wide #lint { width: 40; height: 1fr; max-height: 100%; border-left: solid $ink-off; }
.-wide #lint Rows { max-height: 60%; }
"""


class Preview(Desk):
    """One protocol file as staff will walk it."""

    CSS = CSS + _CSS

    def __init__(
        self,
        file: ProtocolFile,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[], Awaitable[None]] = lambda: asyncio.sleep(BETWEEN_LOOKS),
        day: date | None = None,
    ) -> None:
        """`pause` waits between two looks at the file; on `day` (today) expiry is judged."""
        super().__init__(_NOWHERE, clock)
        self.keeper = _NoKeeper(self)
        self._file = file
        self._pause = pause
        self.day = day or date.today()  # noqa: DTZ011 - the day of whoever sits here
        self._no_board = BoardFace()
        self._ms_before, self._began = 0, clock()
        self.preview = PreviewFace(file.path.name, self)

    async def first_screen(self) -> None:
        """Show the walk, and follow the file."""
        await self.push_screen(self.preview)
        self.run_worker(self._follow(), exit_on_error=True)

    async def _follow(self) -> None:
        while True:
            draft = await asyncio.to_thread(self._file.poll)
            if draft is not None:
                self.preview.take_up(draft)
            await self._pause()

    @property
    def board(self) -> BoardFace:
        """There is none: this one is never seen and knows nothing, so that no key leads to it."""
        return self._no_board

    # -- the model clock ----------------------------------------------------------------------------------

    @property
    def ms(self) -> int:
        """How long the run has gone on, by the model clock."""
        return self._ms_before + int((self._clock() - self._began) * 1000)

    def put_clock(self, ms: int) -> None:
        """Put the model clock to a moment of the run."""
        self._ms_before, self._began = ms, self._clock()

    def now(self) -> Moment:
        """This moment by the model clock."""
        return moment(self.ms, self.day)


_NOWHERE: Final = Folder(Path("/dev/null/nowhere"))


class _NoKeeper(Keeper):
    """In the place of what the log's state is told from."""

    def state(self) -> tuple[str, bool]:
        """Always the same."""
        return NOTHING, False


def run_preview(file: ProtocolFile) -> int:
    """Run the preview of a file; the exit code."""
    preview = Preview(file)
    try:
        preview.run(mouse=True)
    finally:
        preview.storage.close()
    return 2 if preview.return_code == 1 else preview.return_code or 0
