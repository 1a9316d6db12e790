"""What is asked at the gate: which procedure, in which room, and for which visit, that is chosen, scanned or opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.run.reading import Refusal
from checklist.tui.choosing import Pick
from checklist.tui.clearing import gate_reads
from checklist.tui.clearing.gate import gate_of
from checklist.tui.clearing.gate_reads import Question
from checklist.tui.clearing.gate_way import under
from checklist.tui.field import Line
from checklist.tui.form import Answers, Form
from checklist.tui.say import day_and_clock

if TYPE_CHECKING:
    from checklist.tui.app import Desk
    from checklist.tui.choosing import Choosing
    from checklist.tui.clearing.gate_reads import Offer, Visit
    from checklist.tui.walker.walk import WalkFace

_NEW: Final = "new"
_TYPED: Final = "typed"
_NONE: Final = "No procedure is in force here; a lead adopts one with “checklist protocol adopt”."


class Asking(Form[tuple[str, str, str]]):
    """Asks for procedure, room and visit; at the list of visits a scanned reference is as good as a choice."""

    def advice(self) -> str:
        """That it can be scanned."""
        return super().advice().replace("Scan your badge", "Scan its reference")

    async def _badge(self, widget: Choosing, badge: str, here: int) -> None:
        """What is scanned at the list of visits goes on as a typed reference."""
        answers = self.answers()
        self.answer((answers["procedure"], answers["room"], f"{_TYPED}:{badge}"))


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
    visit = await _visit(desk, named)
    return Question(procedure, room, visit) if visit is not None else None


def _form(desk: Desk, offer: Offer, last: Question | None, session: str) -> Asking:
    async def submit(answers: Answers) -> tuple[str, str, str] | Refusal:
        return answers["procedure"], answers["room"], answers["visit"]

    visits = tuple((one.id, _visit_words(desk, one)) for one in offer.visits)
    ways = ((_NEW, "a NEW visit: it is opened now"), (_TYPED, "another one: scan or type its reference"))
    known = session if session in dict(visits) else None
    parts = (
        Pick(
            "procedure",
            "PROCEDURE",
            offer.procedures,
            chosen=_of(offer.procedures, last.procedure if last is not None else ""),
        ),
        Pick("room", "ROOM", offer.rooms, chosen=_of(offer.rooms, last.room if last is not None else "")),
        Pick("visit", "VISIT", (*visits, *ways), chosen=known, badged=True, words=_TYPED),
    )
    return Asking("MAY IT START?  WHAT, WHERE, AND FOR WHICH VISIT", parts, submit, does="ASK", back="BACK")


def _of(options: tuple[tuple[str, str], ...], named: str) -> str | None:
    return options[0][0] if len(options) == 1 else named if named in dict(options) else None


def _visit_words(desk: Desk, one: Visit) -> str:
    now = desk.now()
    since = day_and_clock(one.since, now.zone, now.at) if now is not None else ""
    own = one.reference if desk.who is not None else ""  # whose it is, is for whoever is signed in
    return f"{one.id}  since {since}  {own}".rstrip()


async def _visit(desk: Desk, named: str) -> str | None:
    """The id of the visit that was meant; None where they went back."""
    if named == _TYPED:
        return await _typed(desk)
    if named.startswith(f"{_TYPED}:"):
        return await _found(desk, named.removeprefix(f"{_TYPED}:"))
    return await _opened(desk, _NEW) if named == _NEW else named


async def _typed(desk: Desk) -> str | None:
    async def submit(answers: Answers) -> str | Refusal:
        return answers["visit"].strip()

    line = Line("visit", "REFERENCE", "Scan or type your own reference, or the visit's number.")
    note = "Your own reference never stands in the record: only this clinic can tell which visit it is."
    named = await desk.ask(Form("WHICH VISIT?", (line,), submit, does="ASK", note=note, back="BACK"))
    return await _found(desk, named) if named is not None else None


async def _found(desk: Desk, named: str) -> str | None:
    """The visit of a reference; an unknown one is opened only when somebody says so: it may have been misread."""
    found = await desk.keeper.call(gate_reads.visit_named, named)
    if found is not None:
        return found

    async def submit(_: Answers) -> str | Refusal:
        return named

    title = f"There is no visit with the reference “{named[:60]}”."
    note = "Compare it with the patient's file first. Opening it gives it a number; the reference stays in this clinic."
    wanted = await desk.ask(Form(title, (), submit, does="OPEN A NEW VISIT", note=note, back="BACK"))
    return await _opened(desk, wanted) if wanted is not None else None


async def _opened(desk: Desk, named: str) -> str | None:
    who = await desk.signed_in()
    found = await desk.keeper.once(gate_reads.open_visit, named, who)
    if isinstance(found, Refusal):
        (desk.face or desk.board).refuse(found.message)
        return None
    return found
