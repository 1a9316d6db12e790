"""What becomes late while the program runs: heard once, on every screen, and told by the clinic's own command."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checklist.clinic.plan.glance import Glance
    from checklist.tui.app import Desk


class Late:
    """What was late when it was last looked at."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: set[str] | None = None

    def heard(self, seen: Glance) -> None:
        """Ring for what has become late since the last look, once; the first look rings for nothing."""
        late = {one.key for one in seen.late}
        before, self._known = self._known, late | (self._known or set())
        if before is not None and late - before:
            self._desk.ring()
        opened = self._desk.opened
        if late - (before or set()) and opened is not None and opened.settings.hooks.on_overdue:
            from checklist.clinic.plan.hooks import tell_late

            folder, hooks = self._desk.storage.folder, opened.settings.hooks
            self._desk.run_worker(asyncio.to_thread(tell_late, folder, hooks, seen))

    async def look(self) -> None:
        """Look again, where the board is not on the screen."""
        from checklist.tui import reads

        seen = await self._desk.keeper.quietly(reads.at_a_glance)
        if seen is not None:
            self.heard(seen)
