"""What happens between the first frame and the first key: the clinic is made where there is none, seen, and opened."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

from checklist.tui.keeper import GaveUpError

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from checklist.tui.app import Desk
    from checklist.tui.opened import Opened


async def begin(desk: Desk) -> None:
    """Open the clinic behind the board, which shows at once what is due."""
    if not desk.storage.folder.made:
        from checklist.tui.first import first_start

        await first_start(desk)
    from checklist.tui.opened import first_look

    desk.opening = True
    # What is due is read and painted before the clinic is opened for recording, which takes longer.
    seen = None if desk.seen is not None else await asyncio.to_thread(first_look, desk.storage.folder)
    if seen is not None:
        desk.opened, first = seen
        desk.board.glanced(first)
        painted = asyncio.Event()
        desk.call_after_refresh(painted.set)
        await painted.wait()
    try:
        desk.opened = await desk.keeper.call(_open_up)
    except GaveUpError:
        desk.exit(return_code=2)
        return
    finally:
        desk.opening = False
    await desk.board.fill()
    if desk.at_terminal:
        # What is loaded by now stays for good: looking through it for garbage would hold up a key by 50 ms.
        gc.freeze()
    errand, desk.errand = desk.errand, None
    if errand is not None:
        from checklist.tui.starting import do_errand

        await do_errand(desk, errand)


def _open_up(clinic: Clinic) -> Opened:
    """As `reads.open_up`, which is loaded in the storage thread: it would hold up the first paint."""
    from checklist.tui.reads import open_up

    return open_up(clinic)
