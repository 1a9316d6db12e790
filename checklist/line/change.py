"""What a command has changed, in sentences that begin with “Saved” because it is: from the run before and after
it. Pure."""

from collections.abc import Iterator
from decimal import Decimal

from checklist.line.local import local
from checklist.line.render import follow_ups
from checklist.line.words import length, value_words
from checklist.protocol.model import Measure, Range, SameCount, SameIdentifier, Step
from checklist.protocol.showing.facts import range_text
from checklist.run.checks import broken_check
from checklist.run.events import Value
from checklist.run.lasting import too_fast
from checklist.run.marks import MARKS, Look, Status
from checklist.run.reading import judge_number
from checklist.run.sensed import concealed
from checklist.run.state import Attempt, RunState, StepState


def changes(before: RunState, after: RunState, zone: str) -> list[str]:
    """One fact a line; empty where nothing changed but the head."""
    lines: list[str] = []
    for step in after.protocol.steps:
        lines += _of_step(before, after, step, zone)
    if after.holder != before.holder:
        lines.append("Saved: the run has been taken over.")
    if after.attributed is not None and before.attributed is None:
        lines.append("Saved: your name stands for what was done before anybody signed in.")
    if after.paused and not before.paused:
        lines.append("Saved: paused.")
    lines += [
        f"What follows, where this clinic has it: checklist walk {name}"
        for name in follow_ups(after)
        if name not in follow_ups(before)
    ]
    return lines


def _of_step(before: RunState, after: RunState, step: Step, zone: str) -> Iterator[str]:
    was, own = before.steps[step.id], after.steps[step.id]
    if was is own or was == own:
        return
    if was.closed and not own.closed:
        yield f"Saved: {step.id} is open again."
    if own.started is not None and own.started != was.started:
        yield f"Saved: the timer of {step.id} runs."
    if len(own.notes) > len(was.notes):
        yield f"Saved: a {own.notes[-1].about} at {step.id}."
    tried = len(own.attempts) > len(was.attempts)
    if own.closed and (not was.closed or own.entry != was.entry):
        yield _closed(after, step, zone)
    elif tried:
        yield from _attempted(after, step)
    if tried and own.attempts[-1].findings:
        if step.id in concealed(after):
            yield "There is something to look at here; it stays hidden until the second person has read."
        else:
            yield from (each.why for each in own.attempts[-1].findings)


def _closed(after: RunState, step: Step, zone: str) -> str:
    own = after.steps[step.id]
    reason = f", {own.reason.code}" if own.reason else ""
    match own.status:
        case Status.DONE:
            told = _taken(after, step, own)
            tries = f", {len(own.attempts)} attempts" if len(own.attempts) > 1 else ""
            fast = too_fast(step, own)
            haste = f", TOO FAST: {fast}" if fast else ""
            mark = MARKS[Look.DEVIATION if own.deviates else Look.DONE]
            return f"Saved {mark} {step.id}: {told}{tries}{haste}."
        case Status.DEFERRED:
            until = f" until {local(own.until, zone)}" if own.until else ""
            return f"Saved {MARKS[Look.DEFERRED]} {step.id}: deferred{until}{reason}."
        case Status.FAILED:
            return f"Saved {MARKS[Look.FAILED]} {step.id}: failed{reason}."
        case _:
            shape = Look(own.status.value)
            return f"Saved {MARKS[shape]} {step.id}: {shape.replace('-', ' ')}{reason}."


def _taken(after: RunState, step: Step, own: StepState) -> str:
    if step.id in after.concealed:
        return "done; the reading stays hidden until the second person has read"
    if step.kind == "timer":
        # "180.4": tenths of a second are more than anybody needs to hear.
        return length(int(float(str(own.value or 0))))
    if step.kind == "text":
        return "your words"
    if step.kind == "attach":
        return _file(own.attempts[-1], hidden=step.id in concealed(after)) if own.attempts else "the file"
    return value_words(after.protocol, step, own.value) or "done"


def _file(attempt: Attempt, *, hidden: bool) -> str:
    """An attached file, and what was read in it."""
    if attempt.printout is None or hidden:
        return "the file"
    return f"the file; {attempt.printout}"


def _attempted(after: RunState, step: Step) -> Iterator[str]:
    attempt = after.steps[step.id].attempts[-1]
    # What the second person has yet to read for themselves is told without the reading.
    hidden = step.id in concealed(after)
    told = "the reading" if hidden else value_words(after.protocol, step, attempt.value)
    if step.kind == "witness":
        count = len(after.steps[step.id].attempts)
        tried = f", attempt {count}" if count > 1 else ""
        yield f"Saved {_stuck(step)} {step.id}: the two readings do not agree{tried}."
    elif step.kind == "timer" and after.paper is not None:
        seconds = int(str(attempt.value))
        yield f"Saved {_stuck(step)} {step.id}: {length(seconds)} is {after.bounds(step).off_words(Decimal(seconds))}."
    elif step.kind == "timer":
        yield f"Saved {_stuck(step)} {step.id}: it was not ended in time; the timer must be started again."
    elif step.kind == "attach":
        yield f"Saved {_stuck(step)} {step.id}: {_file(attempt, hidden=hidden)}."
    elif attempt.findings and attempt.verdict != _verdict_alone(step, attempt):
        yield f"Saved {_stuck(step)} {step.id}: {told}, beside the printout:"
    elif attempt.verdict == "unexpected" or attempt.check:
        mark = _stuck(step) if attempt.verdict == "fail" else MARKS[Look.DEVIATION]
        yield f"Saved {mark} {step.id}: {_beyond(after, step, attempt.value, told)}"
    elif isinstance(step, Measure) and step.limit is not None:
        yield f"Saved {_stuck(step)} {step.id}: {told} is outside the limit, {_range(step, step.limit)}."
    elif step.kind == "scan":
        yield f"Saved {_stuck(step)} {step.id}: {told} is past its date; do not use it."
    else:
        yield f"Saved {_stuck(step)} {step.id}: {told} is not what may pass."


def _verdict_alone(step: Step, attempt: Attempt) -> str:
    """The verdict on a reading without what the machine says of it."""
    return judge_number(step, str(attempt.value)) if isinstance(step, Measure) else attempt.verdict


def _beyond(after: RunState, step: Step, value: Value | None, told: str) -> str:
    if isinstance(step, Measure) and step.expected is not None and judge_number(step, str(value)) == "unexpected":
        return f"{told} is outside what is expected, {_range(step, step.expected)}."
    broken = broken_check(after, step, value) if value is not None else None
    if isinstance(broken, SameCount | SameIdentifier):
        others = " and ".join(each for each in broken.steps if each != step.id)
        same = "number as" if isinstance(broken, SameCount) else f"{broken.of} as at"
        return f"{told} is not the same {same} {others}."
    return f"{told} does not fit the other reading: together they are not saturated steam."


def _range(step: Measure, wanted: Range) -> str:
    return range_text(wanted, step.unit)


def _stuck(step: Step) -> str:
    """The mark of a step that was answered and still asks for more."""
    return MARKS[Look.BLOCKED if step.hold else Look.DEVIATION]
