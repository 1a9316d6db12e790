"""The full screen of a made-up clinic says at its bottom that it is one; that of a real clinic has no such line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.demo.named import LINE, NAME
from checklist.clinic.folder import Folder
from checklist.clinic.making import make
from checklist.tui.app import Desk
from checklist.tui.bars import DemoLine
from tests.support.in_process import cheap_secrets

if TYPE_CHECKING:
    from pathlib import Path


async def test_the_last_row_says_that_all_of_it_is_made_up(tmp_path: Path) -> None:
    for name, said in ((NAME, LINE), ("Riverside", "")):
        folder = Folder(tmp_path / name)
        with cheap_secrets():
            make(folder, name, "Ada", "three blue words", "pipe")
        desk = Desk(folder)
        async with desk.run_test(size=(80, 24)) as pilot:
            while desk.opened is None:
                await pilot.pause(0.01)
            desk.show_bars()
            await pilot.pause()
            line = desk.screen.query_one(DemoLine)
            assert line.text.plain.startswith(said)
            assert bool(line.text.plain) == bool(said)
            assert line.region.height == (1 if said else 0)
            if said:
                assert line.region.bottom == 24
                assert len(line.text.plain) <= 78
        desk.storage.close()
