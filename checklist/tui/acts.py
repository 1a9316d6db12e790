"""What can be done at a step besides answering it: dialogs that ask for what must be said, with nothing preselected."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from checklist.protocol.model import Choice, Measure, Scan, Sign
from checklist.protocol.model import Witness as WitnessStep
from checklist.protocol.units import display
from checklist.run import commands as c
from checklist.run.events import REASON_CODES, Reason
from checklist.run.marks import Status
from checklist.run.state import stops
from checklist.tui import card, reads
from checklist.tui.form import Answers, Form, Line, Part, Pick
from checklist.tui.people import person_parts
from checklist.tui.response import numbered, scan_fields
from checklist.tui.say import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.clinic.service import SignedIn
    from checklist.protocol.model import Step
    from checklist.run.events import Person, Value
    from checklist.run.reading import Refusal
    from checklist.run.state import RunState
    from checklist.tui.reads import Page
    from checklist.tui.walk import WalkFace

KEPT = "Kept for ever as written; a later correction is added, never put in its place."
CODES = {
    "equipment-fault": "equipment fault or alarm",
    "not-available": "something is not available",
    "patient-declined": "the patient declined",
    "clinical-decision": "clinical decision",
    "interrupted": "interrupted",
    "mistake": "mistake",
    "not-needed": "not needed here",
    "other": "other: say what in words",
}


def _reason_parts() -> tuple[Part, ...]:
    return (
        Pick("code", "WHAT IS THE REASON", tuple((code, CODES[code]) for code in REASON_CODES)),
        Line("words", "IN YOUR WORDS"),
    )


def _reason(answers: Answers) -> Reason:
    return Reason(answers["code"], answers["words"].strip() or None)


def _named(walk: WalkFace, step: Step, what: str) -> str:
    at = walk.page.state.protocol.index(step.id) + 1 if walk.page else 0
    return f"{what}  step {at}: {card.step_title(step)[:90]}"


async def _choose(walk: WalkFace, title: str, label: str, options: tuple[tuple[str, str], ...]) -> str | None:
    async def submit(answers: Answers) -> str | Refusal:
        return answers["what"]

    return await walk.desk.ask(Form(title, (Pick("what", label, options),), submit, does="GO ON", back="BACK"))


async def _record_form(
    walk: WalkFace, title: str, parts: tuple[Part, ...], command: Callable[[Answers], c.Command], note: str = KEPT
) -> None:
    """Ask for the parts, record the command that they make, and show the run."""
    who = await walk.desk.signed_in()
    run = walk.page.state.run if walk.page else ""

    async def submit(answers: Answers) -> Page | Refusal:
        made = command(answers)
        return await walk.keep(lambda: walk.desk.storage.call(reads.do, run, made, who))

    page = await walk.desk.ask(Form(title, parts, submit, note=note))
    if page is not None:
        walk.accept(page)


async def leave_out(walk: WalkFace) -> None:
    """F2: skip, not applicable, or put off."""
    step = walk.step
    if step is None:
        return
    ways = (
        ("skip", "skip it: it is not done"),
        ("na", "it does not apply here: there is no object for it"),
        ("defer", "put it off: it is done later"),
    )
    way = await _choose(walk, _named(walk, step, "LEAVE OUT"), "HOW", ways)
    if way == "skip":
        await _record_form(walk, _named(walk, step, "SKIP"), _reason_parts(), lambda a: c.Skip(step.id, _reason(a)))
    elif way == "na":
        title = _named(walk, step, "DOES NOT APPLY")
        await _record_form(walk, title, _reason_parts(), lambda a: c.NotApplicable(step.id, _reason(a)))
    elif way == "defer":
        await _defer(walk, step)


async def _defer(walk: WalkFace, step: Step) -> None:
    now = walk.desk.now()
    if now is None:
        return
    begin = datetime.fromisoformat(now.at).astimezone(ZoneInfo(now.zone))
    evening = begin.replace(hour=23, minute=59, second=0, microsecond=0)
    times = (
        (begin + timedelta(hours=1), "for an hour"),
        (begin + timedelta(hours=2), "for 2 hours"),
        (begin + timedelta(hours=4), "for 4 hours"),
        (evening, "until the end of today"),
        (evening + timedelta(days=1), "until the end of tomorrow"),
        (evening + timedelta(days=7), "for a week"),
    )
    until = tuple((time.isoformat(), f"{words}  ({time:%a %d %b %H:%M})") for time, words in times)
    parts = (Pick("until", "UNTIL WHEN", until), *_reason_parts())
    utc = ZoneInfo("UTC")

    def command(answers: Answers) -> c.Command:
        time = datetime.fromisoformat(answers["until"]).astimezone(utc)
        return c.Defer(step.id, f"{time:%Y-%m-%dT%H:%M:%SZ}", _reason(answers))

    await _record_form(walk, _named(walk, step, "PUT OFF"), parts, command)


async def problem(walk: WalkFace) -> None:
    """F3: the step has failed, a note, or the whole run is given up."""
    step = walk.step
    if step is None:
        return
    ways = (
        ("fail", "this step was tried and has failed"),
        ("note", "write a note at this step"),
        ("abandon", "give up the whole run"),
    )
    way = await _choose(walk, _named(walk, step, "PROBLEM"), "WHAT HAPPENED", ways)
    if way == "fail":
        stops = "The run stops here as failed." if step.hold or step.on_fail.stop else ""
        title = _named(walk, step, "FAILED")
        await _record_form(
            walk, title, _reason_parts(), lambda a: c.Fail(step.id, _reason(a)), f"{stops} {KEPT}".strip()
        )
    elif way == "note":
        parts = (Line("words", "NOTE", "Say it in words."),)
        await _record_form(walk, _named(walk, step, "NOTE"), parts, lambda a: c.Remark(step.id, a["words"].strip()))
    elif way == "abandon":
        await _record_form(walk, "GIVE UP THIS RUN", _reason_parts(), lambda a: c.Abandon(_reason(a)))


async def correct(walk: WalkFace) -> None:
    """F4: a closed step opens again; what it said stays in the record."""
    page = walk.page
    if page is None:
        return
    state, who = page.state, await walk.desk.signed_in()
    closed = [step for step in reversed(state.protocol.steps) if state.steps[step.id].closed]
    options = tuple(
        (
            step.id,
            f"step {state.protocol.index(step.id) + 1}  {card.step_title(step)}  {card.value_of(page, step)}",
        )
        for step in closed
    )
    parts = (
        Pick("step", "WHICH STEP IS WRONG", options),
        Line("words", "WHAT IS WRONG", "Say what is wrong with it."),
    )
    note = "The step opens again, and signatures after it are asked for anew. What it said stays in the record."

    async def submit(answers: Answers) -> Page | c.Correct | Refusal:
        made = c.Correct(answers["step"], Reason("mistake", answers["words"].strip()))
        if state.steps[made.step].status is Status.FAILED and stops(state.protocol.step(made.step)):
            return made
        return await walk.keep(lambda: walk.desk.storage.call(reads.do, state.run, made, who))

    form: Form[Page | c.Correct] = Form("CORRECT A STEP", parts, submit, note=note)
    found = await walk.desk.ask(form)
    if isinstance(found, c.Correct):
        await _open_again(walk, found, who)
    elif found is not None:
        walk.accept(found)


async def _open_again(walk: WalkFace, asked: c.Correct, who: SignedIn) -> None:
    """What stopped the run is opened again by two, one of them a lead, as a hold is passed by two."""
    if walk.page is None:
        return
    title = _named(walk, walk.page.state.protocol.step(asked.step), "CORRECT WHAT STOPPED THE RUN,")
    await _with_second(walk, who, title, (), lambda _, second: replace(asked, witness=second), KEPT, "OPEN IT AGAIN")


async def _with_second(
    walk: WalkFace,
    who: SignedIn,
    title: str,
    parts: tuple[Part, ...],
    make: Callable[[Answers, Person], c.Command],
    note: str,
    does: str,
) -> None:
    """Ask for the parts and a second person (one of the two is a lead), record it, and show the run."""
    run = walk.page.state.run if walk.page else ""
    roles = () if "lead" in who.person.roles else ("lead",)
    names = tuple(one for one in await walk.desk.call(reads.signers, roles) if one[0] != who.id)
    if not names:
        wanted = "a lead" if roles else "a second person"
        walk.refuse(f"This needs {wanted} beside you, and there is nobody who can sign.")
        return

    async def submit(answers: Answers) -> Page | Refusal:
        proof = (answers["name"], answers["secret"])
        return await walk.keep(
            lambda: walk.desk.storage.call(reads.with_person, run, lambda second: make(answers, second), proof, who)
        )

    form: Form[Page] = Form(title, (*parts, *person_parts(names, "SECOND PERSON")), submit, does=does, note=note)
    found = await walk.desk.ask(form)
    if found is not None:
        walk.accept(found)


async def hand_over(walk: WalkFace) -> None:
    """F5: somebody else comes to this screen; if they can, they take over the run at once."""
    had = walk.desk.who
    who = await walk.desk.sign_in()
    page = walk.page
    walk.forget()
    if page is not None and page.state.open and had is not None and who.id != page.state.holder:
        await walk.record(c.Resume())
    walk.show()


async def take_up(walk: WalkFace) -> None:
    """F6 after the end: what was put off is asked again."""
    await walk.record(c.Resume())


async def follow_up(walk: WalkFace) -> None:
    """F6 after a failure: the protocol that it asks for."""
    from checklist.tui.starting import start_run

    page = walk.page
    if page is None or page.follow_up is None:
        return
    named = page.follow_up[0]
    offered = await walk.desk.call(reads.offered)
    kind = next(one.subject for one in offered if one.id == named)
    about = page.state.subject if page.state.subject.partition("=")[0] == kind else ""
    await start_run(walk.desk, named, about, kind)


async def sign(walk: WalkFace, who: SignedIn) -> None:
    """Somebody signs with their secret: whoever walks, or another person."""
    step, page = walk.step, walk.page
    if not isinstance(step, Sign) or page is None:
        return
    run, step_id = page.state.run, step.id
    names = await walk.desk.call(reads.signers, step.roles)
    if not names:
        walk.refuse(f"Nobody here has the role {' or '.join(step.roles)}. A lead can give it.")
        return

    async def submit(answers: Answers) -> Page | Refusal:
        proof, meaning = (answers["name"], answers["secret"]), answers["meaning"]
        return await walk.keep(
            lambda: walk.desk.storage.call(
                reads.with_person, run, lambda signer: c.Sign(step_id, signer, meaning, ""), proof, who
            )
        )

    meanings = tuple((meaning, meaning.upper()) for meaning in step.meanings)
    here = who.id if who.id in dict(names) else None
    parts = (Pick("meaning", "WHAT YOUR SIGNATURE MEANS", meanings), *person_parts(names, "WHO SIGNS", here))
    about = [say(_state_words(page.state))]
    form: Form[Page] = Form(_named(walk, step, "SIGN"), parts, submit, does="SIGN", about=about, note=KEPT)
    found = await walk.desk.ask(form)
    if found is not None:
        walk.accept(found)


def _state_words(state: RunState) -> str:
    count = state.deviations
    return f"{count} step{'s' if count != 1 else ''} of this run deviate{'' if count != 1 else 's'} from the protocol."


async def witness(walk: WalkFace, who: SignedIn) -> None:
    """A second person reads for themselves: their name, their secret, their own reading."""
    step, page = walk.step, walk.page
    if not isinstance(step, WitnessStep) or page is None:
        return
    run, step_id = page.state.run, step.id
    asked = page.state.protocol.step(step.of)
    first = page.state.steps[step.of].by or who.id
    names = tuple(one for one in await walk.desk.call(reads.signers, step.roles) if one[0] != first)
    if not names:
        walk.refuse("Nobody else can sign here. A lead can add people with “checklist people add”.")
        return
    readable = page.state.steps[step.of].status.value == "done"
    reading = _reading_parts(asked) if readable else ()

    async def submit(answers: Answers) -> Page | Refusal:
        value = _second_value(asked, answers) if reading else None
        proof = (answers["name"], answers["secret"])
        return await walk.keep(
            lambda: walk.desk.storage.call(
                reads.with_person, run, lambda second: c.Witness(step_id, second, value), proof, who
            )
        )

    about = [
        say(f"What to read: {card.step_title(asked)}"),
        say(f"{page.name(first)} has read it. That reading is hidden until yours is in."),
    ]
    form: Form[Page] = Form(
        _named(walk, step, "SECOND PERSON"),
        (*person_parts(names, "WHO ARE YOU"), *reading),
        submit,
        does="SIGN AS SECOND PERSON",
        about=about,
        note="I looked at it now, myself. Where the two differ, both readings are kept.",
    )
    found = await walk.desk.ask(form)
    if found is not None:
        walk.accept(found)


def _reading_parts(asked: Step) -> tuple[Part, ...]:
    match asked:
        case Measure():
            return (Line("value", "YOU READ", "Type what you read for yourself.", unit=display(asked.unit)),)
        case Choice():
            options = tuple((option.value, option.value) for option in asked.options)
            return (Pick("value", "WHAT YOU SEE", options, numbered=numbered(asked)),)
        case Scan():
            return tuple(_label_line(kind, label, unit, asked) for kind, label, unit in scan_fields(asked))
        case _:
            return ()


def _label_line(kind: str, label: str, unit: str, asked: Scan) -> Line:
    # Of a GTIN and the reference that stands for it one is enough: which one is missing is said when both are.
    either = "gtin" in asked.captures and kind in ("gtin", "ref")
    return Line(kind, label, "" if either else f"Read {kind} from the label.", unit=unit)


def _second_value(asked: Step, answers: Answers) -> Value:
    if isinstance(asked, Scan):
        typed = {kind: answers[kind].strip() for kind, _, _ in scan_fields(asked)}
        return {kind: text for kind, text in typed.items() if text}
    return answers.get("value", "").strip()


async def override(walk: WalkFace, who: SignedIn | None = None) -> None:
    """F9: a hold is passed all the same, with a reason, a lead and a second person; every reader sees it for ever."""
    who = who or await walk.desk.signed_in()
    step = walk.step
    if step is None:
        return

    def make(answers: Answers, second: Person) -> c.Command:
        return c.Override(step.id, _reason(answers), second)

    note = "An override is never “done”: everybody who reads this run will see it, for ever."
    await _with_second(walk, who, _named(walk, step, "OVERRIDE"), _reason_parts(), make, note, "OVERRIDE")
