"""A run in plain sentences, one fact a line: its beginning, a step and how to answer it, the list, the end. Pure.

A range is never shown before a reading was given, and a concealed reading never.
"""

from collections.abc import Callable, Iterable, Iterator

from checklist.clinic.run_views import Overridden
from checklist.ledger.entry import Moment
from checklist.line.local import local
from checklist.line.words import both_again, length, value_words
from checklist.protocol.model import Choice, Measure, Scan, Step
from checklist.protocol.units import display
from checklist.run.events import REASON_CODES
from checklist.run.lasting import too_fast
from checklist.run.look import look
from checklist.run.marks import MARKS, Look, Outcome, Status
from checklist.run.paper import from_paper
from checklist.run.reading import numbered
from checklist.run.state import RunState, stops
from checklist.run.timing import Phase, milliseconds

CORRECTABLE = frozenset({Outcome.COMPLETE, Outcome.COMPLETE_EXCEPT_DEFERRED, Outcome.FAILED})
"""How a run may have ended and still be corrected."""

HELP = (
    "Press Enter to confirm a step, to start or end a timer, or to take a number.",
    "Type a reading, an option, words, a label or a path where the step asks for one.",
    "/skip, /na, /fail, /override or /abandon [CODE:] WORDS: leave the step, or the run, with a reason.",
    "/defer UNTIL [CODE:] WORDS: put the step off until 2h or 6w from now, today, or a date like 2027-03-31.",
    "/correct STEP [CODE:] WORDS: open a closed step again.",
    "/attribute: put your name to what was done in an emergency before anybody signed in.",
    "/note WORDS: leave a note at this step.",
    "/why: why this step is done. /list: all steps. /pause: leave, and go on later. /help: this.",
    f"A code is one of: {', '.join(REASON_CODES)}.",
)


def opening(state: RunState) -> list[str]:
    """What a person reads as the walk begins or goes on."""
    protocol = state.protocol
    lines = [protocol.title, protocol.purpose, f"Run {state.run}, about {state.subject}."]
    if state.paper is not None:
        lines.append(f"This run is {from_paper(state.paper, state.started.zone)}: type what stands on the sheet.")
    elif protocol.style == "do-confirm" and state.open:
        lines.append("Do all of this first; then confirm it step by step:")
        lines += [f"- {_only_if(step)}{_act(step)}" for step in _in_play(state)]
    if state.open:
        lines.append("Type /help for the commands, /pause to leave.")
    if state.open and state.unattributed and state.holder is None:
        lines.append("NOT SIGNED IN: whoever does this signs afterwards, with /attribute.")
    return lines


def override_lines(passed: Iterable[Overridden], name_of: Callable[[str | None], str], zone: str) -> list[str]:
    """What was overridden in this run and its session: everybody who goes on must see it."""
    mark = MARKS[Look.OVERRIDDEN]
    return [
        f"{mark} Overridden: {overridden_words(each)}, by {name_of(each.by)} with {name_of(each.witness)}, "
        f"{local(each.at, zone)}."
        for each in passed
    ]


def overridden_words(each: Overridden) -> str:
    """What was overridden: a step of a run, or the gate before a procedure."""
    return f"{each.step} in “{each.title}” ({each.run})" if each.step else f"the gate of “{each.title}” ({each.place})"


def step_lines(state: RunState, step: Step, now: Moment) -> list[str]:
    """One step, and how it is answered; or what is owed before it can be."""
    own = state.steps[step.id]
    if own.owed == "remedy":
        return ["Say what was done about it; then the step is asked again."]
    if own.owed == "comment":
        return [f"Leave a comment; then {'give the file' if step.kind == 'attach' else 'read'} again."]
    timer = state.timer(step, now)
    if timer is not None and timer.phase in {Phase.RUNNING, Phase.READY}:
        return [*answer_lines(state, step, now)]
    steps = state.protocol.steps
    lines = ["", f"Step {state.protocol.index(step.id) + 1} of {len(steps)}: {step.id}"]
    if step.phase:
        lines.append(f"Part: {step.phase}")
    if step.caution:
        lines.append(f"Caution: {step.caution}")
    lines.append(_act(step))
    if step.expect:
        lines.append(f"Done means: {step.expect}")
    if step.hold:
        lines.append("This is a hold: nothing goes on until it is cleared.")
    if step.roles and step.kind != "sign":
        lines.append(f"This step is for: {' or '.join(step.roles)}.")
    if step.credentials:
        lines.append(f"It needs the credential: {' and '.join(step.credentials)}.")
    if step.at_least is not None and step.kind != "timer":
        lines.append(f"It takes at least {length(milliseconds(step.at_least) // 1000)}.")
    return [*lines, *answer_lines(state, step, now)]


def _label(step: Scan) -> Iterator[str]:
    yield "Scan the label, or type: " + " ".join(f"{kind}=…" for kind in step.required)
    if step.optional:
        yield "And if the label has one: " + " ".join(f"{kind}=…" for kind in step.optional)


def answer_lines(state: RunState, step: Step, now: Moment) -> Iterator[str]:
    """How this step is answered."""
    match step.kind:
        case "confirm":
            yield "Press Enter when it is so."
        case "measure":
            yield _reading(step)
        case "timer":
            yield from _timing(state, step, now)
        case "scan":
            yield from _label(step)
        case "assign":
            yield "Press Enter to take the next number."
        case "choice":
            yield from _options(step)
        case "witness":
            yield from [both_again(step.of)] if state.differs(step) else []
            yield from _second(state, state.protocol.step(step.of))
        case "sign":
            if step.roles:
                yield f"It is signed by somebody with the role {' or '.join(step.roles)}."
            yield f"Type what the signature means: {' or '.join(step.meanings)}."
        case "text":
            yield "Type it in words."
        case "attach":
            yield f"Type the path of the {'printout' if step.printout else 'file'}."


def why_lines(state: RunState, step: Step) -> list[str]:
    """Why a step is done, and what its numbers rest on."""
    lines = [step.why or "The protocol gives no reason for this step."]
    if step.source is not None:
        source = state.protocol.source(step.source)
        details = ", ".join(part for part in (str(source.year or ""), source.where) if part)
        lines.append(f"Source: {source.title}" + (f" ({details})" if details else ""))
    if step.ifu_may_override:
        lines.append("Your device's instructions may say otherwise; they win.")
    return lines


def list_lines(state: RunState, now: Moment) -> list[str]:
    """Every step with its mark, its name, how it stands and what it took."""
    return [_listed(state, step, now) for step in state.protocol.steps]


def ending(state: RunState, zone: str) -> list[str]:
    """What came of the run, and what to do next."""
    lines = ["", f"The run has ended: {state.outcome}.", f"Deviations: {state.deviations}."]
    haste = [(step.id, fast) for step in state.protocol.steps if (fast := too_fast(step, state.steps[step.id]))]
    lines += [f"Done faster than is credible: {len(haste)}."] if haste else []
    lines += [f"Too fast: {name}, {fast}." for name, fast in haste]
    lines += [f"Left out by its condition: {step.id}." for step in state.protocol.steps if _ruled_out(state, step)]
    for step in state.protocol.steps:
        own = state.steps[step.id]
        if own.status is Status.FAILED and stops(step):
            lines.append(f"It stopped at: {step.id}.")
            lines += [f"Caution: {step.caution}"] if step.caution else []
        if own.status is Status.DEFERRED and own.until:
            lines.append(f"Put off until {local(own.until, zone)}: {step.id}.")
    lines += [f"What follows, where this clinic has it: checklist walk {name}" for name in follow_ups(state)]
    if state.outcome is Outcome.COMPLETE_EXCEPT_DEFERRED:
        lines.append(f"To do what was put off: checklist resume {state.run}")
    if state.unattributed:
        lines.append(f"Nobody has put their name to it. Whoever did it: checklist attribute {state.run}")
    if state.outcome in CORRECTABLE:
        lines.append(f"To correct a mistake: checklist resume {state.run}, then /correct STEP WORDS")
    return lines


def follow_ups(state: RunState) -> list[str]:
    """The protocols to open because of what failed, each once."""
    found = (state.steps[step.id].follow_up for step in state.protocol.steps)
    return list(dict.fromkeys(name for name in found if name))


def _in_play(state: RunState) -> list[Step]:
    return [step for step in state.protocol.steps if state.applies(step)]


def _ruled_out(state: RunState, step: Step) -> bool:
    return state.steps[step.id].status is Status.PENDING and not state.applies(step)


def _options(step: Choice) -> Iterator[str]:
    """The options, with their numbers where they carry any."""
    values = [option.value for option in step.options]
    if numbered(step):
        yield from (f"Answer {number}: {value}" for number, value in enumerate(values, 1))
        yield "Type the answer or its number."
    else:
        yield from (f"Answer: {value}" for value in values)
        yield "Type the answer."


def _act(step: Step) -> str:
    return step.do or "The program makes the next number."


def _only_if(step: Step) -> str:
    """The answer that a step waits for: two that read alike may belong to two answers."""
    return f"If {step.when.step} is {step.when.is_}: " if step.when is not None else ""


def _reading(step: Measure) -> str:
    unit = display(step.unit)
    asked = f"Type the reading in {unit}" if unit else "Type the number"
    if step.decimals is None:
        return f"{asked}."
    places = {0: "without decimals", 1: "with at most 1 decimal"}.get(
        step.decimals, f"with at most {step.decimals} decimals"
    )
    return f"{asked}, {places}."


def _timing(state: RunState, step: Step, now: Moment) -> Iterator[str]:
    if step.kind != "timer":
        return
    if state.paper is not None:
        yield "Type the time that was measured, like 3:20, 3m20s or 200s."
        return
    bounds = state.bounds(step)
    least = length(-(-bounds.least // 1000))
    most = None if bounds.most is None else length(-(-bounds.most // 1000))
    if bounds.least > milliseconds(step.at_least) and state.steps[step.id].started is None:
        yield f"{step.at_least_as} says how long: {least}."
    timer = state.timer(step, now)
    phase = timer.phase if timer else Phase.IDLE
    if phase is Phase.LOST:
        yield "The machine was restarted while the timer ran: it starts again."
    if timer is not None and phase is Phase.RUNNING:
        yield f"The timer runs: {length(-(-timer.left_ms // 1000))} to go."
        yield (
            "Ctrl-C leaves while it runs; the timer goes on." if most is None else f"End it before {most} have passed."
        )
    elif phase in {Phase.READY, Phase.OVER}:
        yield f"The {least} have passed. Press Enter to end it, before {most} have passed."
    elif most is None:
        yield f"It takes {least}. Press Enter to start the timer; it ends by itself."
    else:
        yield f"It takes at least {least} and at most {most}. Press Enter to start the timer, and again to end it."


def _second(state: RunState, asked: Step) -> Iterator[str]:
    yield "A second person does this, with their own secret."
    if state.steps[asked.id].status is not Status.DONE or asked.kind not in {"measure", "choice", "scan"}:
        yield "There is nothing to read. Type: agree. Their name and secret are asked for after that."
        return
    yield f"Read for yourself: {_act(asked)}"
    yield from answer_lines(state, asked, state.since)
    yield "Their name and secret are asked for after that."


def _listed(state: RunState, step: Step, now: Moment) -> str:
    own = state.steps[step.id]
    shape = look(state, step, now)
    told = [f"{MARKS[shape]} {step.id}: {shape.replace('-', ' ')}"]
    if own.status is Status.DONE and step.id not in state.concealed and step.kind not in {"text", "attach"}:
        told.append(value_words(state.protocol, step, own.value))
    if own.reason is not None:
        told.append(own.reason.code)
    if own.follow_up:
        told.append(f"open {own.follow_up}")
    return ", ".join(part for part in told if part)
