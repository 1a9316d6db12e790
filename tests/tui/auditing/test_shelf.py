"""Questions to the record, from screens that may be gone by the time they ask."""

import pytest

from checklist.clinic.folder import Folder
from checklist.tui.auditing.shelf import LeftError, Shelf


async def test_who_asks_after_the_log_was_left_is_told_so(folder: Folder) -> None:
    shelf = Shelf(folder)
    assert await shelf.ask(lambda laid: laid.clinic.settings.clinic.timezone)
    shelf.close()
    with pytest.raises(LeftError):
        await shelf.ask(lambda _: None)
    with pytest.raises(LeftError):
        await shelf.renew()
