"""What the keys of the gate do: start what is missing, record the answer, pass it all the same, ask something else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from checklist.gate.clearance import GO
from checklist.run import rights
from checklist.run.reading import Refusal
from checklist.run.rights import Act
from checklist.tui import reads
from checklist.tui.bars import Key
from checklist.tui.choosing import Pick
from checklist.tui.clearing import gate_reads
from checklist.tui.field import Line
from checklist.tui.form import Answers, Form
from checklist.tui.staffing.people import person_parts
from checklist.tui.walker.reasons import reason_of, reason_parts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from checklist.gate.clearance import Judged
    from checklist.tui.clearing.gate import GateFace
    from checklist.tui.clearing.gate_reads import Page

_REVIEWED: Final = (
    "A lead who did not do this reviews it within 24 hours. It stays marked on every later screen of this visit."
)


def gate_keys(gate: GateFace) -> Sequence[Key]:
    """Enter first, then the F keys in order."""
    from checklist.tui.emergency import open_emergency

    label, act, off = _forward(gate)
    desk, go, closing = gate.desk, gate.decision == GO, gate.question is not None and gate.question.stage == "close"
    unread = "" if gate.page is not None else "There is no answer that could be recorded."
    keys = [Key("enter", label, act, off), Key("f2", "OVERRIDE", lambda: override(gate), unread or _override_off(gate))]
    keys.append(Key("f3", "MAY IT START?" if closing else "MAY IT CLOSE?", gate.turn))
    keys.append(Key("f4", "ASK ANOTHER", lambda: _ask_another(gate)))
    keys.append(Key("f5", "SWITCH" if desk.who else "SIGN IN", lambda: _sign_in(gate)))
    if not go:
        keys.append(Key("f6", f"RECORD {gate.decision}", lambda: record(gate), unread))
    if desk.who:
        keys.append(Key("f7", "LOCK", desk.lock))
    keys.append(Key("f8", "EVIDENCE", lambda: _evidence(gate), "" if _proof(gate) else "No run stands behind this."))
    keys.append(Key("f9", "EMERGENCY", lambda: open_emergency(desk)))
    keys.append(Key("f1", "HELP", lambda: _help(gate)))
    keys.append(Key("escape", "BOARD", desk.to_board))
    return keys


def advice(gate: GateFace) -> str:
    """What would make the highlighted requirement true; with a GO, what to do with it."""
    one = gate.chosen
    if gate.page is None:
        return ""
    if gate.decision == GO and not gate.recorded:
        return "Enter records it in your name, and gives a receipt for the patient's file."
    if one is None or one.met is True:
        what = "look through what it rests on" if gate.decision == GO else "choose what is not met"
        return f"The arrows {what}."
    return one.fix


def _forward(gate: GateFace) -> tuple[str, Callable[[], Awaitable[None] | None], str]:
    """What Enter is called and does, and why it does nothing now."""
    one, go = gate.chosen, gate.decision == GO
    if gate.page is None:
        return "ASK AGAIN", gate.look, ""
    if go and gate.recorded:
        return "TO THE BOARD", gate.desk.to_board, ""
    if go:
        closing = gate.question is not None and gate.question.stage == "close"
        return ("CLOSE THE VISIT" if closing else "RECORD GO"), lambda: record(gate), ""
    if one is None or one.met is True:
        return "START IT", _nothing, "This is met. Choose with the arrows what is not."
    if one.start is not None:
        return ("GO ON WITH IT" if one.start.run else "START IT"), lambda: _start(gate, one), ""
    if one.id in gate.page.performers:
        return "SAY WHO PERFORMS", lambda: _performer(gate), ""
    return "START IT", _nothing, f"No protocol makes this true. {one.fix}".strip()


def _nothing() -> None:
    """A key that does nothing now."""


async def _start(gate: GateFace, one: Judged) -> None:
    """Start exactly what makes it true, or go on with it; leaving it leads back here."""
    from checklist.tui.starting import start_run

    begin = one.start
    if begin is None:
        return
    if begin.run is not None:
        await gate.desk.walk(begin.run)
        return
    kind, _, named = begin.subject.partition("=")
    await start_run(gate.desk, begin.protocol, begin.subject, kind=kind, visit=named if kind == "session" else None)


async def record(gate: GateFace) -> None:
    """Have the answer recorded by whoever is signed in; a GO shows its receipt."""
    desk, question = gate.desk, gate.question
    if question is None:
        return
    who = await desk.signed_in()
    if gate.question != question:
        return
    gate_said = gate.decision
    found = await desk.keeper.once(gate_reads.record, question, who)
    if isinstance(found, Refusal):
        gate.refuse(found.message)
        return
    await _recorded(gate, found, gate_said)


async def _recorded(gate: GateFace, found: Page, expected: str = "", *, passed: bool = False) -> None:
    from checklist.tui.clearing.gate_receipt import ReceiptFace

    answer, opened = found.answer, gate.desk.opened
    gate.answered(found)
    code = f", receipt {answer.receipt.code}" if answer.receipt else ""
    what = "It starts all the same: the override" if passed else answer.clearance.decision
    gate.recorded = f"{what} is recorded, as entry {answer.recorded}{code}."
    gate.show()
    if expected and answer.clearance.decision != expected:
        gate.refuse(f"It has changed meanwhile: {answer.clearance.decision} was recorded, not {expected}.")
    if answer.receipt is not None and opened is not None:
        await gate.desk.ask(ReceiptFace(found, answer.receipt.code, opened.zone))


def _override_off(gate: GateFace) -> str:
    if gate.decision == GO:
        return "It is GO: there is nothing to override."
    if gate.question is not None and gate.question.stage == "close":
        return "A visit is closed only when all of this is met."
    return ""


async def override(gate: GateFace) -> None:
    """F2: it starts all the same, with a reason and two people with their own secrets, one of them a lead."""
    desk, question = gate.desk, gate.question
    if question is None:
        return
    who = await desk.signed_in()
    alone = rights.may(Act.VOUCH, who.person.roles)
    act = Act.WITNESS if alone else Act.VOUCH
    names = tuple(one for one in await desk.keeper.call(reads.people, act) if one[0] != who.id)
    if not names:
        wanted = "a second person" if alone else "a lead"
        gate.refuse(f"This needs {wanted} beside you, and there is nobody who can sign.")
        return

    async def submit(answers: Answers) -> Page | Refusal:
        proof = (answers["name"], answers["secret"])
        return await desk.keeper.once(gate_reads.override, question, reason_of(answers), proof, who)

    words = Line("words", "IN YOUR WORDS", "Say the reason in words, too: it is read within a day.")
    parts = (reason_parts()[0], words, *person_parts(names, "SECOND PERSON"))
    form: Form[Page] = Form(
        "START ALL THE SAME, ALTHOUGH THE GATE DOES NOT SAY GO", parts, submit, does="OVERRIDE", note=_REVIEWED
    )
    found = await desk.ask(form)
    if found is not None:
        await _recorded(gate, found, passed=True)


async def _performer(gate: GateFace) -> None:
    """Name who performs, where no signature says so."""
    question, desk = gate.question, gate.desk
    names = await desk.keeper.call(reads.people)

    async def submit(answers: Answers) -> str | Refusal:
        return answers["who"]

    who = await desk.ask(
        Form("WHO PERFORMS IT?", (Pick("who", "NAME", names, narrow=True),), submit, does="ASK", back="BACK")
    )
    if who is not None and question is not None:
        gate.hold(replace(question, performer=who), None)
        await gate.look()


async def _ask_another(gate: GateFace) -> None:
    from checklist.tui.clearing.gate_asking import choose

    question = await choose(gate.desk, gate.question)
    if question is not None:
        gate.hold(question, None)
        await gate.look()


async def _sign_in(gate: GateFace) -> None:
    await gate.desk.sign_in()


def _proof(gate: GateFace) -> str | None:
    """The newest run that the highlighted requirement rests on."""
    page, one = gate.page, gate.chosen
    runs = [place for place in one.evidence if place in page.runs] if page is not None and one is not None else []
    return runs[-1] if runs else None


async def _evidence(gate: GateFace) -> None:
    from checklist.tui.walker.steps import look_at

    run = _proof(gate)
    if run is not None:
        await look_at(gate.desk, run)


async def _help(gate: GateFace) -> None:
    from checklist.tui.help import show_help

    await show_help(gate.desk, "gate")
