"""What is traced, and what has happened: a value that is typed or scanned, or an event that ends what was proved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.run import rights
from checklist.run.reading import Refusal
from checklist.run.rights import Act
from checklist.tui.bars import Key
from checklist.tui.choosing import Pick
from checklist.tui.field import Line
from checklist.tui.form import Answers, Form
from checklist.tui.tracing import recall_reads, trace_reads
from checklist.tui.tracing.trace import TraceFace
from checklist.tui.tracing.trace_reads import SCANNED, called
from checklist.tui.walker.reasons import KEPT

if TYPE_CHECKING:
    from checklist.tui.app import Desk
    from checklist.tui.tracing.recall_reads import Happening
    from checklist.tui.tracing.trace_reads import Node

_WHAT: Final = "A load, lot, serial number or pack; a machine, room, visit, day (2026-11-22) or person."
_ENDS: Final = "What was proved before does not count any more where a protocol says so; the gate asks for it anew."


async def open_trace(desk: Desk) -> None:
    """Ask what to follow, and show it; F6 says instead that something has happened."""
    pressed: list[str] = []

    def happened() -> None:
        pressed.append("f6")
        form.answer(None)

    async def submit(answers: Answers) -> tuple[Node, ...] | Refusal:
        found = await desk.keeper.call(trace_reads.candidates, answers["value"])
        return found if isinstance(found, Refusal) else found or (trace_reads.Node("", answers["value"].strip(), ""),)

    form: Form[tuple[Node, ...]] = Form(
        "TRACE AND RECALL: WHAT IS IT ABOUT?",
        (Line("value", "SCAN OR TYPE", "Scan a label, or type what stands on it."),),
        submit,
        does="TRACE",
        note=_WHAT,
        back="BACK",
        more=(Key("f6", "SOMETHING HAPPENED", happened),),
    )
    found = await desk.ask(form)
    if pressed:
        await report(desk)
    elif found is not None:
        node = await _which(desk, found)
        if node is not None:
            await show_trace(desk, node[0], node[1])


async def show_trace(desk: Desk, kind: str, value: str) -> None:
    """Show the tree of one thing."""
    root = await desk.keeper.call(trace_reads.node, kind, value)
    summary = await desk.keeper.call(trace_reads.summary, kind, value)
    branch = await desk.keeper.call(trace_reads.branch, kind, value)
    await desk.ask(TraceFace(root, summary, branch))


async def _which(desk: Desk, found: tuple[Node, ...]) -> tuple[str, str] | None:
    """The one that is meant; of what the record does not know, what it is: it can be called back all the same."""
    if len(found) == 1 and found[0].kind:
        return found[0].kind, found[0].value
    unknown = not found[0].kind
    value = found[0].value
    options = [(kind, value, f"{called(kind)} {value}") for kind in SCANNED] if unknown else []
    options += [(one.kind, one.value, f"{one.words}  {one.state}") for one in found if one.kind]
    title = f"The record does not know “{value[:40]}”. What is it?" if unknown else "WHICH OF THESE IS MEANT?"

    async def submit(answers: Answers) -> tuple[str, str] | Refusal:
        kind, named, _ = options[int(answers["which"])]
        return kind, named

    parts = (Pick("which", "IT IS", tuple((str(at), words) for at, (_, _, words) in enumerate(options))),)
    return await desk.ask(Form(title, parts, submit, does="TRACE", back="BACK"))


async def report(desk: Desk) -> None:
    """Say that something happened which ends what was proved before: a power loss, a repair, a spill."""
    who = await desk.signed_in()
    face = desk.face or desk.board
    if refusal := rights.refusal(Act.HAPPENED, who.person.roles):
        face.refuse(refusal.message)
        return
    known = await desk.keeper.call(recall_reads.happenings)
    if not known:
        face.refuse("No protocol in force names anything that ends what it proves.")
        return
    event = await _event(desk, known)
    if event is None:
        return

    async def submit(answers: Answers) -> str | Refusal:
        about, words = answers["about"], answers["words"]
        done = await desk.keeper.once(recall_reads.happened, event.event, about, words, who)
        return done if isinstance(done, Refusal) else done.place

    parts = (Pick("about", "WHAT IS IT ABOUT", _subjects(desk, event)), Line("words", "IN YOUR WORDS"))
    title = f"{event.words.upper()}: IT HAS HAPPENED"
    place = await desk.ask(Form(title, parts, submit, does="RECORD", note=f"{_ENDS} {KEPT}"))
    if place is not None:
        face.tell(f"{event.words.capitalize()} is recorded, as entry {place}. What it ends counts no more.")


async def _event(desk: Desk, known: tuple[Happening, ...]) -> Happening | None:
    async def submit(answers: Answers) -> Happening | Refusal:
        return next(one for one in known if one.event == answers["event"])

    options = tuple((one.event, one.words) for one in known)
    parts = (Pick("event", "IT IS", options, narrow=True),)
    return await desk.ask(Form("WHAT HAS HAPPENED?", parts, submit, does="GO ON", back="BACK"))


def _subjects(desk: Desk, event: Happening) -> tuple[tuple[str, str], ...]:
    """What it can be about: first the kinds of things that it ends something for; always the whole clinic, too."""
    settings = desk.opened.settings if desk.opened is not None else None
    if settings is None:
        return ()
    kinds = [kind for kind in ("equipment", "room") if kind in event.kinds]
    if "session" in event.kinds and "room" not in kinds:
        kinds.append("room")
    found = [one for kind in kinds for one in settings.subjects(kind)]
    return (*found, *((key, f"the whole clinic: {title}") for key, title in settings.subjects("clinic")))
