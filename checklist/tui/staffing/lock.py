"""The lock: nobody is signed in, the step and its timers stay in sight and go on, and nothing can be recorded.

Whoever comes says who they are: the same person goes on where they were, somebody else takes the run over.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeAlias

from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from checklist.run import commands as c
from checklist.tui import reads
from checklist.tui.bars import Key
from checklist.tui.face import Face
from checklist.tui.keeper import GaveUpError
from checklist.tui.say import say
from checklist.tui.staffing.people import EmergencyError, sign_in
from checklist.tui.walker.mode import Mode, walked_unsigned

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from textual.widget import Widget

    from checklist.clinic.service import SignedIn
    from checklist.tui.app import Desk
    from checklist.tui.walker.walk import WalkFace

Typed: TypeAlias = tuple[str, float]
"""What was typed at the lock, with its moment in seconds; empty where it was no letter."""

PutAway: TypeAlias = "tuple[tuple[str, str], Mapping[str, str]]"
"""Run and step, and what was typed there by field."""

EMERGENCY: Final = ("f9", 0.0)


class LockFace(Face[Typed], ModalScreen[Typed]):
    """Over the walk. Any key asks who is there."""

    TITLED = False

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name_of = name

    def body(self) -> Iterable[Widget]:
        """One line: the step above it stays in sight."""
        yield Vertical(Static(say(f"LOCKED   {self._name_of} was here."), markup=False), id="locked")

    def heading(self) -> str:
        """What this is."""
        return "LOCKED"

    def advice(self) -> str:
        """How to go on."""
        return "Any key, or your badge, says who you are. Timers go on; nothing else is recorded."

    def keys(self) -> Sequence[Key]:
        """Any key is Enter here, but for the one that asks nobody who they are."""
        return (
            Key("enter", "WHO IS THERE?", lambda: self.answer(("", 0.0))),
            Key("f9", "EMERGENCY", lambda: self.answer(EMERGENCY)),
        )

    def find(self, name: str) -> Key | None:
        """Any key is Enter."""
        return super().find("f9" if name == "f9" else "enter")

    def typed(self, text: str, at: float) -> None:
        """A letter, perhaps the first of a badge: it goes on to the field that asks who is there."""
        self.answer((text, at))

    def moved(self, key: str) -> None:
        """Any key is Enter."""
        self.answer(("", 0.0))


async def lock(desk: Desk) -> None:
    """Sign out whoever is at the screen. Over a walk the lock stays until somebody says who they are; anywhere else
    the board is shown, which anybody may look at."""
    walk = desk.walker
    kept = _put_away(walk) if walk is not None and walk in desk.screen_stack else None
    who, desk.who = desk.who, None
    if who is None:
        return
    desk.keys.forget()
    await close_dialogs(desk)
    if walk is None or kept is None:
        await desk.keeper.quietly(reads.sign_out, who)
        with suppress(IndexError):
            await desk.to_board()
        desk.board.tell("The screen is locked. Timers go on. Press a key to go on.")
        return
    await stop_walking(desk, walk, who)
    await desk.keeper.quietly(reads.sign_out, who)
    await _ask_who(desk, walk, who, kept)


async def close_dialogs(desk: Desk) -> None:
    """Words in a dialog may be about somebody: they do not stay in sight."""
    while (face := desk.face) is not None and face.asked is not None:
        face.answer(None)
        await asyncio.sleep(0.01)


async def stop_walking(desk: Desk, walk: WalkFace, who: SignedIn | None) -> None:
    """Pause the run that is on the screen, if it is this person's. What was typed stays where it is."""
    page = walk.page
    if page is None or not page.state.open or page.state.paused:
        return
    if page.state.holder == who.id if who is not None else walked_unsigned(page.state):
        paused = await desk.keeper.quietly(reads.do, page.state.run, c.Pause(), who)
        if isinstance(paused, reads.Page):
            walk.accept(paused)


def _put_away(walk: WalkFace) -> PutAway:
    """Take what was typed at the step out of sight; what it was."""
    kept = (walk.seen, walk.response.values())
    walk.forget()
    return kept


async def _take_back(walk: WalkFace, kept: PutAway | None, before: str) -> None:
    """The same person gets back what they typed, unsigned; somebody else takes over the run if it was walked by whoever
    was here `before`."""
    page = walk.page
    theirs = page is not None and page.state.holder == before
    if walk.mode is Mode.PAUSED or (walk.mode is Mode.FOREIGN and theirs):
        await walk.record(c.Resume())
    if kept is not None and kept[0] == walk.seen:
        for name, field in zip(walk.response.values(), walk.response.fields, strict=True):
            field.set(kept[1].get(name, ""))


async def _ask_who(desk: Desk, walk: WalkFace, before: SignedIn, kept: PutAway) -> None:
    """Hold the lock until somebody is signed in, or an emergency begins."""
    note = f"Whoever is not {before.name} takes over this run, and that is recorded."
    while True:
        typed = await desk.ask(LockFace(before.name))
        if typed is None:  # an emergency has closed it
            return
        try:
            if typed == EMERGENCY:
                from checklist.tui.emergency import open_emergency

                await open_emergency(desk)
                return
            who = await sign_in(desk, typed if typed[0] else None, note)
        except EmergencyError:
            return
        except GaveUpError:
            continue
        break
    await _take_back(walk, kept if who.id == before.id else None, before.id)
