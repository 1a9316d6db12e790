"""Emergencies: one key to the protocol, walked before anybody signs in, and signed for afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.run.reading import Refusal
from checklist.run.rights import Act
from checklist.tui import reads
from checklist.tui.choosing import Pick
from checklist.tui.form import Answers, Form
from checklist.tui.staffing.lock import stop_walking
from checklist.tui.staffing.people import person_parts
from checklist.tui.starting import ask_subject, begun_once, start_run, subject_kind

if TYPE_CHECKING:
    from checklist.clinic.service import SignedIn
    from checklist.tui.app import Desk
    from checklist.tui.reads import Page
    from checklist.tui.walker.walk import WalkFace

_NONE: Final = "No emergency protocol is in force here; a lead adopts one with “checklist protocol adopt”."
_BARRED: Final = frozenset({"role", "credential", "disabled"})
_STANDS: Final = "You stand for every step of this run that nobody has signed. The record says that it was afterwards."


async def open_emergency(desk: Desk) -> None:
    """Straight into the protocol where there is only one; else ask which. What was being walked is paused."""
    found = await desk.keeper.call(reads.emergencies)
    ways = (*((f"run:{run}", f"GO ON: {title}") for run, title in found.open), *found.protocols)
    if not ways:
        (desk.face or desk.board).refuse(_NONE)
        return
    chosen = ways[0][0] if len(ways) == 1 else await _choose(desk, ways)
    if chosen is None:
        return
    walk = desk.walker
    if walk is not None and walk in desk.screen_stack:
        await stop_walking(desk, walk, desk.who)
        walk.forget()
    if chosen.startswith("run:"):
        await desk.walk(chosen.removeprefix("run:"))
    else:
        await begin_emergency(desk, chosen)


async def _choose(desk: Desk, ways: tuple[tuple[str, str], ...]) -> str | None:
    async def submit(answers: Answers) -> str | Refusal:
        return answers["which"]

    form: Form[str] = Form("EMERGENCY", (Pick("which", "WHICH ONE", ways),), submit, does="START", back="BACK")
    return await desk.ask(form)


async def begin_emergency(desk: Desk, protocol: str) -> None:
    """Start it in the name of whoever is signed in; where they may not walk it, they are signed out, and nobody's
    rights stand in the way."""
    kind = await subject_kind(desk, protocol)
    if kind == "session":  # a visit is opened in somebody's name
        await start_run(desk, protocol, "", kind)
        return
    subject = await ask_subject(desk, kind, protocol)
    if subject is None:
        return
    page = await begun_once(desk, reads.begin, protocol, subject, desk.who, None)
    if isinstance(page, Refusal) and page.code in _BARRED and (who := desk.who) is not None:
        desk.who = None
        await desk.keeper.quietly(reads.sign_out, who)
        page = await begun_once(desk, reads.begin, protocol, subject, None, None)
    if isinstance(page, Refusal):
        (desk.face or desk.board).refuse(page.message)
    else:
        await desk.walk_page(page)


async def sign_for(walk: WalkFace) -> None:
    """F5: somebody says, with their secret, that they did what was done before anybody signed in."""
    desk, page = walk.desk, walk.page
    if page is None:
        return
    run, goes_on = page.state.run, page.state.open and desk.who is None
    names = await desk.keeper.call(reads.people, Act.ATTRIBUTE)

    async def submit(answers: Answers) -> tuple[SignedIn, Page] | Refusal:
        proof = (answers["name"], answers["secret"])
        return await desk.keeper.call(reads.sign_for, run, proof, stays=goes_on)

    form: Form[tuple[SignedIn, Page]] = Form(
        "WHO DID THIS?",
        person_parts(names, "NAME OR BADGE", desk.who.id if desk.who else None),
        submit,
        does="SIGN FOR IT",
        note=_STANDS,
    )
    found = await desk.ask(form)
    if found is None:
        return
    if goes_on:
        desk.who = found[0]
    walk.accept(found[1])
    await walk.go_on()
