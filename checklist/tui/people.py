"""Who is at the screen: signing in, giving the place to somebody else, and leaving it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from checklist.run import commands as c
from checklist.tui import reads
from checklist.tui.choosing import Pick
from checklist.tui.form import Answers, Form, Line, Part
from checklist.tui.keeper import GaveUpError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.service import SignedIn
    from checklist.run.reading import Refusal
    from checklist.tui.app import Desk


async def sign_in(desk: Desk) -> SignedIn:
    """Ask who is here; whoever was signed in before is signed out. Raises GaveUpError when they go back."""
    names = await desk.keeper.call(reads.people)

    async def submit(answers: Answers) -> SignedIn | Refusal:
        return await desk.keeper.call(reads.sign_in, answers["name"], answers["secret"])

    form: Form[SignedIn] = Form(
        "WHO IS AT THIS SCREEN?",
        person_parts(names, "YOUR NAME"),
        submit,
        does="SIGN IN",
        note="Everything that is recorded from now on carries this name.",
        back="BACK",
    )
    found = await desk.ask(form)
    if found is None:
        raise GaveUpError
    before, desk.who = desk.who, found
    if before is not None:
        await desk.keeper.quietly(reads.sign_out, before)
    return found


def person_parts(names: Sequence[tuple[str, str]], label: str, chosen: str | None = None) -> tuple[Part, ...]:
    """A name to choose and the secret that belongs to it."""
    only = names[0][0] if len(names) == 1 else chosen
    return (
        Pick("name", label, tuple(names), narrow=True, chosen=only),
        Line("secret", "SECRET", "Type the secret that belongs to this name.", secret=True),
    )


async def leave(desk: Desk) -> None:
    """Nobody has touched the screen for a while: the run is paused, the name dropped, the board shown. Timers go on."""
    from checklist.tui.walk import WalkFace

    who, desk.who = desk.who, None
    if who is None:
        return
    while (face := desk.face) is not None and face.asked is not None:
        face.answer(None)
        await asyncio.sleep(0.01)
    for screen in desk.screen_stack:
        if isinstance(screen, WalkFace) and (page := screen.page) is not None:
            state = page.state
            if state.open and not state.paused and state.holder == who.id:
                await desk.keeper.quietly(reads.do, state.run, c.Pause(), who)
            screen.forget()
    await desk.keeper.quietly(reads.sign_out, who)
    with suppress(IndexError):
        await desk.to_board()
    desk.board.tell("Nobody was at the screen, so it was locked. Timers go on. Press a key to go on.")
