"""Answering a step as its protocol asks: what each kind takes, and what becomes of what was given."""

from datetime import date
from decimal import Decimal
from typing import Final

from checklist.ledger.entry import Draft, Json, Moment
from checklist.protocol.model import SameIdentifier, Step
from checklist.protocol.model import Timer as TimerStep
from checklist.protocol.model import Witness as WitnessStep
from checklist.protocol.text import MAX_VALUE, clean
from checklist.run import commands as c
from checklist.run import rights
from checklist.run.checks import broken_check
from checklist.run.credentials import lacking
from checklist.run.drafts import attempted, attempts, closing, draft_of_step, outrun
from checklist.run.events import Author, Kind, Person, Value
from checklist.run.marks import Status
from checklist.run.paper import beyond_paper, read_span
from checklist.run.reading import (
    Refusal,
    judge_choice,
    judge_identifiers,
    judge_number,
    read_choice,
    read_identifiers,
    read_number,
)
from checklist.run.rights import Act
from checklist.run.sensed import judge_beside, judge_file, never_released, worse
from checklist.run.state import RunState
from checklist.run.timing import Phase, TimerReading, calendar_day

Decision = tuple[Draft, ...] | Refusal


def answer(state: RunState, step: Step, command: c.Answer, author: Author, now: Moment) -> Decision:
    own = state.steps[step.id]
    if own.owed:
        asked = "what was done about it" if own.owed == "remedy" else "a comment"
        return Refusal("owed", f"The last reading was not accepted: first give {asked}.")
    vouched = step.kind in {"witness", "sign"}  # by somebody whom the command brings
    if author.operator is not None and not vouched and (refusal := unfit(step, author, now)):
        return refusal
    match command:
        case c.Confirm():
            return _confirm(state, step, author, now)
        case c.Give() if step.kind == "timer":
            return _timed_on_paper(state, step, command.value, author, now)
        case c.Give():
            return _give(state, step, command, author, now)
        case c.StartTimer():
            return _start_timer(state, step, author, now)
        case c.EndTimer():
            return _end_timer(state, step, author, now)
        case c.Assign():
            return _assign(state, step, command, author, now)
        case c.Sign():
            return _sign(state, step, command, author, now)
        case c.Witness():
            return _witness(state, step, command, author, now)


def _wrong_kind(step: Step) -> Refusal:
    answers = {
        "confirm": "is confirmed, not given a value",
        "measure": "wants a reading",
        "timer": "is timed",
        "scan": "wants a label scanned or typed",
        "assign": "is given its number by the program",
        "choice": "wants one of its options",
        "witness": "wants a second person",
        "sign": "wants a signature",
        "text": "wants words",
        "attach": "wants a file",
    }
    return Refusal("wrong-kind", f"This step {answers[step.kind]}.")


def unfit(step: Step, person: Author | Person, now: Moment) -> Refusal | None:
    """Why this step is not for this person: a role or a credential that it asks for; None if it is."""
    if step.roles and not person.roles.intersection(step.roles):
        return Refusal("role", f"This step needs somebody with the role {' or '.join(step.roles)}.")
    return lacking(step.credentials, person.credentials, calendar_day(now), "This step")


def _confirm(state: RunState, step: Step, author: Author, now: Moment) -> Decision:
    if step.kind != "confirm":
        return _wrong_kind(step)
    return closing(state, step, Kind.STEP_DONE, {"attempts": attempts(state.steps[step.id])}, author, now)


def _give(state: RunState, step: Step, command: c.Give, author: Author, now: Moment) -> Decision:
    value = command.value
    if step.kind == "scan":
        named = read_identifiers(step, value)
        if isinstance(named, Refusal):
            return named
        verdict = judge_identifiers(step, named, _day_of_use(state, now))
        data: dict[str, Json] = {_role_of_scan(step.use): dict(named), "input": command.input}
        return _judged(state, step, *_compared(state, step, data, verdict, named), author, now)
    if not isinstance(value, str) or not value:
        return _wrong_kind(step)
    if len(value) > MAX_VALUE or (step.kind in {"text", "attach"} and clean(value) != value):
        return Refusal("unreadable", f"Give at most {MAX_VALUE} plain characters.")
    if step.kind == "measure":
        number = read_number(step, value)
        if isinstance(number, Refusal):
            return number
        verdict = judge_number(step, number)
        data = {"value": number, "unit": step.unit, "input": command.input}
        data, verdict = _compared(state, step, data, verdict, number)
        beside, found = judge_beside(state, step, number)
        return _judged(state, step, data | beside, worse(verdict, found), author, now)
    if step.kind == "choice":
        chosen = read_choice(step, value)
        if isinstance(chosen, Refusal):
            return chosen
        data = {"value": chosen, "input": command.input}
        return _judged(state, step, data, judge_choice(step, chosen), author, now)
    if step.kind == "text":
        return _judged(state, step, {"words": value, "input": command.input}, "pass", author, now)
    if step.kind == "attach":
        read, verdict = judge_file(state, command.read if step.printout else None)
        return _judged(state, step, {"value": value, "input": command.input, **read}, verdict, author, now)
    return _wrong_kind(step)


def _compared(
    state: RunState, step: Step, data: dict[str, Json], verdict: str, value: Value
) -> tuple[dict[str, Json], str]:
    """What is recorded, and the verdict, once what passes by itself was held against what other steps say. A number
    that is odd beside another may be so; the label of another lot is the wrong thing in the hand."""
    broken = broken_check(state, step, value) if verdict == "pass" else None
    if broken is None:
        return data, verdict
    return {**data, "check": broken.kind}, "fail" if isinstance(broken, SameIdentifier) else "unexpected"


def _timed_on_paper(state: RunState, step: TimerStep, typed: Value, author: Author, now: Moment) -> Decision:
    """What somebody measured by hand; a time too short has failed, for nobody can go on waiting now."""
    if state.paper is None or not isinstance(typed, str):
        return _wrong_kind(step)
    seconds = read_span(typed)
    if isinstance(seconds, Refusal):
        return seconds
    if refusal := beyond_paper(state.paper, seconds):
        return refusal
    data: dict[str, Json] = {"value": str(seconds), "unit": "s", "input": "typed"}
    return _judged(state, step, data, state.bounds(step).verdict(seconds * 1000), author, now)


def _day_of_use(state: RunState, now: Moment) -> date:
    """The day on which something must not yet be past its date."""
    return calendar_day(now) if state.paper is None else state.paper.day(now.zone)


def _role_of_scan(use: str | None) -> str:
    return {"consumes": "consumed", "produces": "produced"}.get(use or "", "scanned")


def _judged(state: RunState, step: Step, data: dict[str, Json], verdict: str, author: Author, now: Moment) -> Decision:
    """Close the step with a value that passes; keep any other as an attempt that asks for more."""
    own = state.steps[step.id]
    if verdict == "pass" or (verdict == "unexpected" and own.commented):
        data = {**data, "attempts": attempts(own)}
        if verdict == "unexpected":
            data["verdict"] = "unexpected"
        behind = outrun(state, step, data.get("value"), author)
        return closing(state, step, Kind.STEP_DONE, data, author, now, behind=behind)
    return attempted(state, step, data, verdict, author, now)


def timed(milliseconds: int) -> dict[str, Json]:
    return {"value": f"{milliseconds / 1000:.1f}", "unit": "s", "input": "sensed"}


def _start_timer(state: RunState, step: Step, author: Author, now: Moment) -> Decision:
    timer = state.timer(step, now)
    if timer is None:
        return _wrong_kind(step)
    if state.paper is not None:
        return Refusal("paper", "This was done on paper: type the time that was measured, like 3:20, 3m20s or 200s.")
    if timer.phase not in {Phase.IDLE, Phase.LOST}:
        return Refusal("running", "The timer is running already.")
    return (draft_of_step(state, step, Kind.STEP_STARTED, {}, author),)


def _end_timer(state: RunState, step: Step, author: Author, now: Moment) -> Decision:
    timer = state.timer(step, now)
    if timer is None:
        return _wrong_kind(step)
    match timer.phase:
        case Phase.IDLE:
            return Refusal("not-started", "Start the timer first.")
        case Phase.LOST:
            return Refusal("lost", "The machine was restarted while the timer ran: start the timer again.")
        case Phase.RUNNING:
            return Refusal("too-early", f"Not yet: {-(-timer.left_ms // 1000)} s are left.")
        case Phase.OVER:
            return attempted(state, step, timed(timer.elapsed_ms), "fail", author, now)
        case Phase.READY:
            return timer_done(state, step, timer, author, now)


def timer_done(state: RunState, step: Step, timer: TimerReading, author: Author, now: Moment) -> tuple[Draft, ...]:
    data = {**timed(timer.elapsed_ms), "attempts": attempts(state.steps[step.id])}
    if timer.by_wall:
        data["clock"] = "wall"
    return closing(state, step, Kind.STEP_DONE, data, author, now)


def _assign(state: RunState, step: Step, command: c.Assign, author: Author, now: Moment) -> Decision:
    if step.kind != "assign":
        return _wrong_kind(step)
    if set(command.values) != {made.identifier for made in step.produces}:
        return Refusal("assign", "The program makes these numbers itself; press Enter to take them.")
    made = dict(command.values)
    data: dict[str, Json] = {
        "value": " ".join(made.values()),
        "input": "assigned",
        "produced": {**made},
        "attempts": attempts(state.steps[step.id]),
    }
    return closing(state, step, Kind.STEP_DONE, data, author, now)


def _sign(state: RunState, step: Step, command: c.Sign, author: Author, now: Moment) -> Decision:
    if step.kind != "sign":
        return _wrong_kind(step)
    if command.meaning not in step.meanings:
        return Refusal("meaning", f"Sign as one of: {', '.join(step.meanings)}.")
    if refusal := rights.refusal(Act.SIGN, command.signer.roles) or unfit(step, command.signer, now):
        return refusal
    if step.another and command.signer.operator in doers(state, step):
        return Refusal(
            "same-person",
            "Whoever signs here must have done no step of this run: let somebody else, with their secret.",
        )
    if command.meaning == "released" and (refusal := never_released(state)):
        return refusal
    index, leaf = state.head
    signer = Author(command.signer.operator, command.signer.roles, author.via)
    signed = draft_of_step(
        state,
        step,
        Kind.SIGNED,
        {
            "of": {"station": state.station, "index": index, "leaf": leaf},
            "meaning": command.meaning,
            "factors": list(command.signer.factors),
            "name": command.name,
        },
        signer,
    )
    data: dict[str, Json] = {
        "value": command.meaning,
        "input": "typed",
        "attempts": attempts(state.steps[step.id]),
    }
    return closing(state, step, Kind.STEP_DONE, data, signer, now, before=(signed,))


def doers(state: RunState, but: Step) -> set[str | None]:
    """Whoever has done a step of this run but this one, or tried to; and whoever stands for what was done unsigned.
    Whoever only read something a second time for themselves is none of them."""
    others = (own for name, own in state.steps.items() if name != but.id)
    return {state.attributed}.union(*({own.by, own.starter, *(each.by for each in own.attempts)} for own in others))


def second_person(person: Person, *first: str | None) -> Refusal | None:
    """Why this person cannot be the second one beside those who came first; None if they can (design §8 point 4)."""
    if person.operator in first:
        return Refusal("same-person", "The second person must be somebody else, with their own secret.")
    return rights.refusal(Act.WITNESS, person.roles)


SOMEBODY_ELSE: Final = "Somebody who has not read it yet may do so now."
"""What need not wait where two people have read differently."""


def differing(first: str, how: str) -> str:
    """What two people do who have read differently: `first` is the first reading, `how` the way to open it again."""
    return (
        f"The two readings differ, so both look again: “{first}” is read anew first ({how}; the same value may be "
        "given again where it was right), then the second person reads."
    )


def _witness(state: RunState, step: Step, command: c.Witness, author: Author, now: Moment) -> Decision:
    if step.kind != "witness":
        return _wrong_kind(step)
    of, own = state.steps[step.of], state.steps[step.id]
    # Whoever set the value is the first person, even where somebody else has taken over the run since.
    first = of.by or state.attributed or author.operator
    if refusal := second_person(command.witness, first, of.starter) or unfit(step, command.witness, now):
        return refusal
    if command.witness.operator in state.second_readers(step):
        return Refusal("readings-differ", differing(step.of, "correct it"))
    reading = _second_reading(state, step, command.value)
    if isinstance(reading, Refusal):
        return reading
    agrees = reading is None or reading == of.value
    given: Json = dict(reading) if isinstance(reading, dict) else reading if isinstance(reading, str) else None
    value: dict[str, Json] = {} if given is None else {"value": given}
    target: dict[str, Json] = (
        {"of": {"station": state.station, "index": of.entry, "leaf": of.leaf}}
        if of.entry is not None and of.leaf is not None
        else {}
    )
    blind = not own.revealed and state.paper is None  # on paper the first reading stands on the same sheet
    witness = Author(command.witness.operator, command.witness.roles, author.via)
    witnessed = draft_of_step(
        state,
        step,
        Kind.WITNESSED,
        {**target, **value, "agrees": agrees, "blind": blind, "factors": list(command.witness.factors)},
        witness,
    )
    if not agrees:
        return attempted(state, step, {**value, "input": "typed"}, "fail", author, now, before=(witnessed,))
    data = {**value, "witness": command.witness.operator, "attempts": attempts(own)}
    return closing(state, step, Kind.STEP_DONE, data, author, now, before=(witnessed,))


def _second_reading(state: RunState, step: WitnessStep, value: Value | None) -> Value | Refusal | None:
    """The second person's own reading, understood like the first; None where there is nothing to read."""
    asked = state.protocol.step(step.of)
    first = state.steps[asked.id]
    if first.status is not Status.DONE or asked.kind not in ("measure", "choice", "scan"):
        if value in (None, "agree"):
            return None
        return Refusal("nothing-to-read", "There is no value to read here: agree, or fail the step.")
    if value is None or value == "":
        return Refusal("empty", "The second person types what they read for themselves.")
    if asked.kind == "scan":
        return read_identifiers(asked, value)
    if not isinstance(value, str):
        return _wrong_kind(step)
    if asked.kind == "measure":
        number = read_number(asked, value)
        same = isinstance(number, str) and isinstance(first.value, str) and Decimal(number) == Decimal(first.value)
        return first.value if same else number
    return read_choice(asked, value)
