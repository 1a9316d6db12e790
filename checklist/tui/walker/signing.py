"""What needs a secret at this very moment: a signature, a second reading, and what only two people may do together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from checklist.protocol.model import Choice, Measure, Scan, Sign
from checklist.protocol.model import Witness as WitnessStep
from checklist.protocol.units import display
from checklist.run import commands as c
from checklist.run import rights
from checklist.run.answer import doers
from checklist.run.reading import Refusal, numbered
from checklist.run.rights import Act
from checklist.tui import reads
from checklist.tui.choosing import Pick
from checklist.tui.field import Line
from checklist.tui.form import Answers, Form, Part
from checklist.tui.say import say
from checklist.tui.staffing.people import person_parts
from checklist.tui.walker import card
from checklist.tui.walker.reasons import KEPT, named, reason_of, reason_parts
from checklist.tui.walker.response import scan_fields
from checklist.tui.walker.second_label import LabelForm
from checklist.tui.walker.taking import read_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.clinic.service import SignedIn
    from checklist.protocol.model import Step
    from checklist.run.events import Person, Value
    from checklist.run.state import RunState
    from checklist.tui.reads import Page
    from checklist.tui.walker.walk import WalkFace


_NOT_OPEN: Final = Refusal("opening", "The clinic is still being opened: scan it again.")


async def sign(walk: WalkFace, who: SignedIn | None) -> None:
    """Somebody signs with their secret: whoever walks, or another person."""
    step, page = walk.step, walk.page
    if not isinstance(step, Sign) or page is None:
        return
    run, step_id = page.state.run, step.id
    names = await walk.desk.keeper.call(reads.people, Act.SIGN, step.roles)
    if not names:
        walk.refuse(f"Nobody here has the role {' or '.join(step.roles)}. A lead can give it.")
        return
    if step.another is True:
        done = doers(page.state, step)
        names = tuple(one for one in names if one[0] not in done)
    if not names:
        walk.refuse("Whoever signs here must have done no step of this run, and there is nobody else who may.")
        return

    async def submit(answers: Answers) -> Page | Refusal:
        proof, meaning = (answers["name"], answers["secret"]), answers["meaning"]
        return await walk.keep(
            lambda: walk.desk.storage.call(
                reads.with_person, run, lambda signer: c.Sign(step_id, signer, meaning, ""), proof, who
            )
        )

    meanings = tuple((meaning, meaning.upper()) for meaning in step.meanings)
    here = who.id if who is not None and who.id in dict(names) else None
    parts = (Pick("meaning", "WHAT YOUR SIGNATURE MEANS", meanings), *person_parts(names, "WHO SIGNS", here))
    about = [say(_state_words(page.state))]
    form: Form[Page] = Form(named(walk, step, "SIGN"), parts, submit, does="SIGN", about=about, note=KEPT)
    found = await walk.desk.ask(form)
    if found is not None:
        walk.accept(found)


def _state_words(state: RunState) -> str:
    count = state.deviations
    return f"{count} step{'s' if count != 1 else ''} of this run deviate{'' if count != 1 else 's'} from the protocol."


async def witness(walk: WalkFace, who: SignedIn | None) -> None:
    """A second person reads for themselves: their name, their secret, their own reading."""
    step, page = walk.step, walk.page
    if not isinstance(step, WitnessStep) or page is None:
        return
    run, step_id = page.state.run, step.id
    asked = page.state.protocol.step(step.of)
    first = page.state.steps[step.of].by or (who and who.id)
    names = tuple(one for one in await walk.desk.keeper.call(reads.people, Act.WITNESS, step.roles) if one[0] != first)
    if not names:
        walk.refuse("Nobody else can sign here. A lead can add people: F2 on the board.")
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
        say(f"{page.name(first) if first else 'Somebody'} has read it. That reading is hidden until yours is in."),
    ]
    form: LabelForm[Page] = LabelForm(
        named(walk, step, "SECOND PERSON"),
        (*person_parts(names, "WHO ARE YOU", asked=bool(reading)), *reading),
        submit,
        does="SIGN AS SECOND PERSON",
        about=about,
        note="I looked at it now, myself. Where the two differ, both readings are kept.",
    )
    if isinstance(asked, Scan):
        form.read_code = lambda text, before: read_code(walk, asked, text, before) or _NOT_OPEN
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
    asks = not either and kind not in asked.optional
    return Line(kind, label, f"Read {kind} from the label." if asks else "", unit=unit)


def _second_value(asked: Step, answers: Answers) -> Value:
    if isinstance(asked, Scan):
        typed = {kind: answers[kind].strip() for kind, _, _ in scan_fields(asked)}
        return {kind: text for kind, text in typed.items() if text}
    return answers.get("value", "").strip()


async def override(walk: WalkFace, who: SignedIn | None = None) -> None:
    """F2 at a hold: it is passed all the same, with a reason and two people, one a lead; all readers see it."""
    who = who or await walk.desk.signed_in()
    step = walk.step
    if step is None:
        return

    def make(answers: Answers, second: Person) -> c.Command:
        return c.Override(step.id, reason_of(answers), second)

    note = "An override is never “done”: everybody who reads this run will see it, for ever."
    await _with_second(walk, who, named(walk, step, "OVERRIDE"), reason_parts(), make, note, "OVERRIDE")


async def open_again(walk: WalkFace, asked: c.Correct, who: SignedIn) -> None:
    """What stopped the run is opened again by two, one of them a lead, as a hold is passed by two."""
    if walk.page is None:
        return
    title = named(walk, walk.page.state.protocol.step(asked.step), "CORRECT WHAT STOPPED THE RUN,")
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
    alone = rights.may(Act.VOUCH, who.person.roles)
    act = Act.WITNESS if alone else Act.VOUCH
    names = tuple(one for one in await walk.desk.keeper.call(reads.people, act) if one[0] != who.id)
    if not names:
        wanted = "a second person" if alone else "a lead"
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
