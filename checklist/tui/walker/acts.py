"""What the F keys do at a step besides answering it: each asks for what must be said, with nothing preselected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from checklist.run import commands as c
from checklist.run.deferring import asked, iso, until
from checklist.run.events import Reason
from checklist.run.marks import Status
from checklist.run.reading import Refusal
from checklist.run.state import stops
from checklist.tui import reads
from checklist.tui.choosing import Pick
from checklist.tui.field import Line
from checklist.tui.form import Answers, Form, Part
from checklist.tui.walker import card
from checklist.tui.walker.reasons import KEPT, named, reason_of, reason_parts
from checklist.tui.walker.signing import open_again

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.protocol.model import Step
    from checklist.run.state import RunState
    from checklist.tui.reads import Page
    from checklist.tui.walker.walk import WalkFace


_TYPED: Final = "typed"


async def _choose(walk: WalkFace, title: str, label: str, options: tuple[tuple[str, str], ...]) -> str | None:
    async def submit(answers: Answers) -> str | Refusal:
        return answers["what"]

    return await walk.desk.ask(Form(title, (Pick("what", label, options),), submit, does="GO ON", back="BACK"))


async def _record_form(
    walk: WalkFace, title: str, parts: tuple[Part, ...], command: Callable[[Answers], c.Command], note: str = KEPT
) -> None:
    """Ask for the parts, record the command that they make, and show the run."""
    who = await walk.author()
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
    way = await _choose(walk, named(walk, step, "LEAVE OUT"), "HOW", ways)
    if way == "skip":
        await _record_form(walk, named(walk, step, "SKIP"), reason_parts(), lambda a: c.Skip(step.id, reason_of(a)))
    elif way == "na":
        title = named(walk, step, "DOES NOT APPLY")
        await _record_form(walk, title, reason_parts(), lambda a: c.NotApplicable(step.id, reason_of(a)))
    elif way == "defer":
        await _defer(walk, step)


async def _defer(walk: WalkFace, step: Step) -> None:
    now = walk.desk.now()
    if now is None:
        return
    begin = datetime.fromisoformat(now.at).astimezone(ZoneInfo(now.zone))
    evening = begin.replace(hour=23, minute=59, second=0, microsecond=0)
    times = (
        *((begin + later, f"for {words}, as it says") for words, later in asked(step.do)),
        (begin + timedelta(hours=1), "for an hour"),
        (begin + timedelta(hours=2), "for 2 hours"),
        (begin + timedelta(hours=4), "for 4 hours"),
        (evening, "until the end of today"),
        (evening + timedelta(days=1), "until the end of tomorrow"),
        (evening + timedelta(days=7), "for a week"),
    )
    ways = [(iso(time.astimezone(UTC)), f"{words}  ({time:%a %d %b %H:%M})") for time, words in times]
    title = named(walk, step, "PUT OFF")
    end = await _choose(walk, title, "UNTIL WHEN", (*ways, (_TYPED, "until another day or time: type it")))
    if end == _TYPED:
        end = await _typed_end(walk, title)
    if end is not None:
        await _record_form(walk, title, reason_parts(), lambda a: c.Defer(step.id, end, reason_of(a)))


async def _typed_end(walk: WalkFace, title: str) -> str | None:
    note = "Type a day like 2027-03-31, or how much later: 2h, 3d, 6w."
    line = Line("until", "UNTIL", note)

    async def submit(answers: Answers) -> str | Refusal:
        now = walk.desk.now()
        return Refusal("clock", "The clinic is still being opened.") if now is None else until(answers["until"], now)

    return await walk.desk.ask(Form(title, (line,), submit, does="GO ON", note=note, back="BACK"))


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
    way = await _choose(walk, named(walk, step, "PROBLEM"), "WHAT HAPPENED", ways)
    if way == "fail":
        stops = "The run stops here as failed." if step.hold or step.on_fail.stop else ""
        title = named(walk, step, "FAILED")
        await _record_form(
            walk, title, reason_parts(), lambda a: c.Fail(step.id, reason_of(a)), f"{stops} {KEPT}".strip()
        )
    elif way == "note":
        parts = (Line("words", "NOTE", "Say it in words."),)
        await _record_form(walk, named(walk, step, "NOTE"), parts, lambda a: c.Remark(step.id, a["words"].strip()))
    elif way == "abandon":
        await _record_form(walk, "GIVE UP THIS RUN", reason_parts(), lambda a: c.Abandon(reason_of(a)))


async def correct(walk: WalkFace) -> None:
    """F4: a closed step opens again; what it said stays in the record."""
    page = walk.page
    if page is None:
        return
    state, who = page.state, await walk.author()
    steps = state.protocol.steps
    options = tuple(
        (
            str(number),
            f"{number:>2}  {card.step_title(step)}  {card.value_of(page, step)}",
        )
        for number, step in reversed([*enumerate(steps, 1)])
        if state.steps[step.id].closed
    )
    parts = (
        Pick("number", "WHICH STEP IS WRONG", options, numbered=False, chosen=_read_again(state)),
        Line("words", "WHAT IS WRONG", "Say what is wrong with it."),
    )
    note = "The step opens again, and signatures after it are asked for anew. What it said stays in the record."

    async def submit(answers: Answers) -> Page | c.Correct | Refusal:
        step = steps[int(answers["number"]) - 1]
        made = c.Correct(step.id, Reason("mistake", answers["words"].strip()))
        if state.steps[step.id].status is Status.FAILED and stops(step):
            return made
        return await walk.keep(lambda: walk.desk.storage.call(reads.do, state.run, made, who))

    form: Form[Page | c.Correct] = Form("CORRECT A STEP", parts, submit, note=note)
    found = await walk.desk.ask(form)
    if isinstance(found, c.Correct):
        await open_again(walk, found, who or await walk.desk.signed_in())
    elif found is not None:
        walk.accept(found)


def _read_again(state: RunState) -> str | None:
    """The step that two people have read differently, by its number."""
    step = state.current
    if step is None or step.kind != "witness" or not state.differs(step):
        return None
    return str(state.protocol.index(step.of) + 1)


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
    """Enter after a failure: the protocol that it asks for."""
    from checklist.tui.walker.following import start_follow_up

    page = walk.page
    if page is not None and page.follow_up is not None:
        await start_follow_up(walk.desk, page.follow_up)
