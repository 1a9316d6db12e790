"""What is asked at the gate: which procedure, in which room, and for which visit, that is chosen, scanned or opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.tui.choosing import Pick
from checklist.tui.clearing import gate_reads
from checklist.tui.clearing.gate import gate_of
from checklist.tui.clearing.gate_reads import Question
from checklist.tui.clearing.gate_way import under
from checklist.tui.visiting import VisitForm, visit_meant, visit_pick

if TYPE_CHECKING:
    from checklist.run.reading import Refusal
    from checklist.tui.app import Desk
    from checklist.tui.clearing.gate_reads import Offer
    from checklist.tui.form import Answers
    from checklist.tui.walker.walk import WalkFace

_NONE: Final = "No procedure is in force here; a lead adopts one with “checklist protocol adopt”."


async def open_gate(desk: Desk) -> None:
    """From the board: ask what is asked, and show the answer."""
    await _show(desk, await choose(desk, None))


async def gate_from_walk(walk: WalkFace) -> None:
    """From a run of a visit: the gate of that visit. The run is paused, as whenever it is left."""
    desk, session = walk.desk, walk.page.state.session if walk.page is not None else None
    last = gate_of(desk).question
    question = last if last is not None and last.session == session else await choose(desk, None, session or "")
    if question is not None:
        await walk.leave()
    if walk not in desk.screen_stack:  # typed text may have kept it open
        await _show(desk, question)


async def _show(desk: Desk, question: Question | None) -> None:
    if question is None:
        return
    page = await desk.keeper.call(gate_reads.look, question)
    gate = gate_of(desk)
    if under(desk) is None:
        await desk.to_board()
        gate.hold(question, None)
        await desk.push_screen(gate)
    while desk.screen is not gate:
        await desk.pop_screen()
    gate.hold(question, None)
    gate.answered(page)


async def choose(desk: Desk, before: Question | None, session: str = "") -> Question | None:
    """Ask for a question; what was asked `before`, and the visit that is walked, are proposed. None: they went back."""
    offer = await desk.keeper.call(gate_reads.offer)
    if not offer.procedures:
        (desk.face or desk.board).refuse(_NONE)
        return None
    last = before or gate_of(desk).question
    chosen = await desk.ask(_form(desk, offer, last, before.session if before is not None else session))
    if chosen is None:
        return None
    procedure, room, named = chosen

    async def opens(named: str) -> str | Refusal:
        return await desk.keeper.once(gate_reads.open_visit, named, await desk.signed_in())

    visit = await visit_meant(desk, named, "ASK", opens)
    return Question(procedure, room, visit) if visit is not None else None


def _form(desk: Desk, offer: Offer, last: Question | None, session: str) -> VisitForm[tuple[str, str, str]]:
    async def submit(answers: Answers) -> tuple[str, str, str] | Refusal:
        return answers["procedure"], answers["room"], answers["visit"]

    parts = (
        Pick(
            "procedure",
            "PROCEDURE",
            offer.procedures,
            chosen=_of(offer.procedures, last.procedure if last is not None else ""),
        ),
        Pick("room", "ROOM", offer.rooms, chosen=_of(offer.rooms, last.room if last is not None else "")),
        visit_pick(desk, offer.visits, session),
    )
    return VisitForm("MAY IT START?  WHAT, WHERE, AND FOR WHICH VISIT", parts, submit, does="ASK", back="BACK")


def _of(options: tuple[tuple[str, str], ...], named: str) -> str | None:
    return options[0][0] if len(options) == 1 else named if named in dict(options) else None
