"""Somebody writes a protocol in an editor, with the preview in another window: it follows each save and leaves no trace
in the clinic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.terminal import Terminal, end_all
from tests.support.walked import PLAIN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.place import Place

F3 = b"\x1bOR"
CTRL_Q = b"\x11"


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    yield
    end_all()


def every_byte(place: Place) -> dict[Path, bytes]:
    files = (path for path in place.root.rglob("*") if path.is_file() and path.suffix != ".toml")
    return {path: path.read_bytes() for path in files}


def saved(path: Path, text: str) -> None:
    """Save as vim does: the old file gets another name, a new one is written, the old one is taken away."""
    backup = path.with_name(path.name + "~")
    path.rename(backup)
    path.write_text(text, "utf-8")
    backup.unlink()


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
def test_an_editor_saves_and_the_screen_follows(place: Place, columns: int, rows: int) -> None:
    path = place.folder.protocols / "plain-walk.toml"
    path.write_text(PLAIN, "utf-8")
    before = every_byte(place)
    screen = Terminal(place.command("protocol", "preview", "plain-walk"), place.environment(), columns, rows)
    screen.wait_for("Do act 1.", "PREVIEW — NOTHING IS RECORDED")
    screen.enter()
    screen.wait_for("STEP 2 OF 3", "[x]  1")
    screen.key(F3)
    screen.wait_for("STEP 3 OF 3")
    saved(path, PLAIN.replace("Do act 3.", "Do the third act."))
    screen.wait_for("Do the third act.", "STEP 3 OF 3")
    saved(path, PLAIN.replace('"confirm"', '"confrim"', 1))
    screen.wait_for("<X> BROKEN at 13:1", "Do the third act.")
    saved(path, PLAIN)
    screen.wait_for("Do act 3.", "STEP 3 OF 3", without="BROKEN")
    screen.key(CTRL_Q)
    assert screen.ended() == 0
    assert every_byte(place) == before
