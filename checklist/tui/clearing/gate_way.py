"""The way between a run and the gate that it was begun at: light, since every run is left by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from textual.screen import Screen

    from checklist.tui.app import Desk

GATE: Final = "gate"


def under(desk: Desk) -> Screen[Any] | None:
    """The gate where it is open, seen or not."""
    return next((screen for screen in desk.screen_stack if screen.name == GATE), None)


async def back(desk: Desk) -> None:
    """From a run: to the gate that it was begun at, where it was, else to the board."""
    gate = under(desk)
    if gate is None:
        await desk.to_board()
        return
    while desk.screen is not gate:
        await desk.pop_screen()
