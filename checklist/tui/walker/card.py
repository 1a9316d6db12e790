"""Words of the walker: the line of marks, the steps around, the current step, and why. Pure: a page in, text out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from checklist.protocol.model import Measure, ProfileRef, Protocol, Range, Scan, Step
from checklist.protocol.showing.facts import range_text
from checklist.protocol.units import display
from checklist.run.lasting import too_fast
from checklist.run.look import look
from checklist.run.marks import Look, Outcome, Status
from checklist.run.reading import shown
from checklist.run.sensed import concealed
from checklist.run.state import stops
from checklist.run.timing import milliseconds
from checklist.tui.marks import OUTCOMES, WORDS, mark, outcome_mark
from checklist.tui.say import clock_of, cut, day_and_clock, in_words, row, say, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.content import Content

    from checklist.ledger.entry import Moment
    from checklist.run.state import Attempt, RunState
    from checklist.tui.reads import Page

MARK = 3
HIDDEN = "hidden"


def heading(page: Page, subject: str) -> str:
    """The title bar of a run."""
    return f"{subject}   {page.state.protocol.title}   {page.state.run}"


def progress(page: Page, now: Moment, width: int) -> Content:
    """`STEP 6 OF 12  [x][x]…[ ]  5 done 1 deviation`; of many marks those around the current step."""
    state, steps = page.state, page.state.protocol.steps
    at, count = state.place, len(steps)
    closed = sum(own.status is Status.DONE for own in state.steps.values())
    head = f"STEP {at} OF {count}  " if state.open else f"{OUTCOMES[state.outcome][1]}  "
    tail = f"  {closed} done" + (f"  {state.deviations} dev" if state.deviations else "")
    room = max((width - len(head) - len(tail) - 4) // MARK, 1)
    first = min(max(at - 1 - room // 2, 0), max(count - room, 0))
    marks = [mark(look(state, step, now)) for step in steps[first : first + room]]
    return row(
        say(head, "bold"),
        "…" if first else "",
        *marks,
        "…" if first + room < count else "",
        say(tail),
    )


def context_line(page: Page, step: Step, now: Moment, width: int) -> Content:
    """One step around the current one: mark, number, what, and once it is closed the value, time and initials."""
    state = page.state
    own, at = state.steps[step.id], state.protocol.index(step.id) + 1
    seen = look(state, step, now)
    told = ""
    if own.closed:
        value = value_of(page, step)
        unit = display(own.unit) if own.unit and value and not hidden(state, step) else ""
        haste = "TOO FAST" if too_fast(step, own) else ""
        shape = WORDS[seen] if seen is not Look.DONE else ""
        told = " ".join(part for part in (f"{value} {unit}".strip(), shape, haste) if part)
    elif seen is Look.NOT_APPLICABLE:
        told = "does not apply"
    at_time = clock_of(own.at, now.zone) if own.closed and own.at else ""
    who = page.initials(own.by) if own.closed and own.by else ""
    if own.closed and own.signed is not None:
        who = page.signers.get(step.id, who)
    elif own.closed and own.witness is not None:
        who = f"{who} {page.initials(own.witness)}".strip()
    elif own.closed and own.by is None and state.attributed is not None:
        who = f"({page.initials(state.attributed)})"
    left = row(mark(seen), f" {at:>2}  ", step_title(step))
    most = max(width // 3, 20, width - left.cell_length - len(at_time) - len(who) - 6)
    told = told if len(told) <= most else f"{told[: most - 1]}…"  # a date that is cut must not look like a whole one
    right = "  ".join(part for part in (told, at_time, who) if part)
    room = width - len(right) - 2
    return row(cut(left, room), "  ", say(right))


def hidden(state: RunState, step: Step) -> bool:
    """Whether a reading stays hidden because somebody has yet to read for themselves, now or when the run goes on."""
    return step.id in concealed(state) and state.outcome not in (Outcome.ABANDONED, Outcome.EXPIRED)


def still_blind(state: RunState, step: Step, attempt: Attempt) -> bool:
    """Whether an attempt would tell one of two people what the other has read, while both look again."""
    if step.kind == "witness":
        return not state.steps[step.id].closed
    return attempt.corrected is not None and hidden(state, step)


def value_of(page: Page, step: Step) -> str:
    """What a closed step took, in words; empty where it is nothing."""
    if hidden(page.state, step):
        return HIDDEN
    value = page.values.get(step.id) or ""
    if step.kind != "attach" or not value:
        return value
    attempts = page.state.steps[step.id].attempts
    printout = attempts[-1].printout if attempts else None
    if printout is not None:
        return f"cycle {printout.cycle}, {printout.result}"
    return f"file {value[:8]}…, not read" if step.printout else f"file {value[:8]}…"


def step_title(step: Step) -> str:
    """What a step asks, also where its file says nothing."""
    return step.do or "Take the number that the program makes"


def saying(page: Page, step: Step, width: int) -> list[Content]:
    """The current step: what to do, and what done means."""
    lines: list[Content] = []
    if step.phase:
        lines.append(say(step.phase, "$ink-calm"))
    lines += wrapped(say(step_title(step), "bold $ink"), width)
    facts = [*_facts(page, step)]
    if facts:
        lines.append(say(" "))
    for label, text, style in facts:
        lines += wrapped(row(say(f"{label:<10}", style or "$ink-calm"), say(text, style)), width, " " * 10)
    return lines


def _facts(page: Page, step: Step) -> Iterator[tuple[str, str, str]]:
    if step.expect:
        yield "Done is", step.expect, ""
    if step.kind == "timer":
        bounds = page.state.bounds(step)
        read = ""
        if step.at_least_as is not None and bounds.least > milliseconds(step.at_least):
            read = f" (read at step {page.state.protocol.index(step.at_least_as) + 1})"
        most = "" if bounds.most is None else f", at most {in_words(bounds.most)}"
        yield "Time", f"at least {in_words(bounds.least)}{read}{most}", ""
    elif step.at_least is not None and page.state.paper is None:
        yield "Takes", f"at least {in_words(milliseconds(step.at_least))}", ""
    if isinstance(step, Scan):
        also = f"; if it has one: {', '.join(step.optional)}" if step.optional else ""
        yield "From it", ", ".join(step.required) + also, ""
    if step.kind == "witness":
        of = page.state.steps[step.of]
        asked = page.state.protocol.step(step.of)
        yield "First", f"{page.name(of.by)}: {step_title(asked)} The reading is hidden until the second is in.", ""
    if step.kind == "sign":
        yield "Sign as", " or ".join(step.meanings), ""
    if step.roles:
        yield "Who", " or ".join(step.roles), ""
    if step.hold:
        yield "HOLD", "nothing goes past this step until it is cleared", "$ink-wait"


def caution(step: Step, width: int) -> list[Content]:
    """What to beware of; it stands right over what is asked, and never scrolls away."""
    if not step.caution:
        return []
    style = "$ink-wait bold"
    return wrapped(row(say(f"{'CAUTION':<10}", style), say(step.caution, style)), width, " " * 10)


def attempts(page: Page, step: Step, now: Moment, width: int) -> list[Content]:
    """Every earlier attempt with its verdict and, now that it was given, the range that it was held against."""
    lines: list[Content] = []
    for number, attempt in enumerate(page.state.steps[step.id].attempts, 1):
        verdict, style = verdict_words(page.state, step, attempt)
        amount = _amount(step, attempt)
        if still_blind(page.state, step, attempt):
            amount, verdict, style = HIDDEN, verdict if step.kind == "witness" else "taken back", "$ink-wait bold"
        line = row(
            say(f"{number}  {clock_of(attempt.at, now.zone)}  "),
            say(amount, "bold"),
            "  ",
            say(verdict, style),
        )
        lines += wrapped(line, width, "   ")
        lines += _said_of(page, step, number, width)
    return lines or _said_of(page, step, 1, width)


def _said_of(page: Page, step: Step, number: int, width: int) -> list[Content]:
    """What was said after an attempt (counted from 1) and before the next one; before all with the first."""
    own = page.state.steps[step.id]
    entries = [attempt.entry for attempt in own.attempts]
    first = entries[number - 1] if number > 1 else -1
    last = entries[number] if number < len(entries) else None
    lines: list[Content] = []
    for note, words in zip(own.notes, page.notes.get(step.id, ()), strict=False):
        if note.entry >= first and (last is None or note.entry < last):
            lines += wrapped(say(f"   “{words}”"), width, "   ")
    return lines


def verdict_words(state: RunState, step: Step, attempt: Attempt) -> tuple[str, str]:
    """The verdict on one attempt in mark and words, with its style."""
    if attempt.findings:
        word = {"pass": "[x] GOOD", "fail": "<X> NOT AS IT MUST BE"}.get(attempt.verdict, "/!\\ TO BE LOOKED AT")
        style = {"pass": "$ink-done", "fail": "$ink-bad bold"}.get(attempt.verdict, "$ink-wait bold")
        return f"{word}: {' '.join(each.why for each in attempt.findings)}", style
    if attempt.verdict == "pass":
        return "[x] GOOD", "$ink-done"
    if attempt.check and attempt.verdict == "fail":
        return "<X> NOT THE SAME as another step says: do not use it", "$ink-bad bold"
    if attempt.check:
        return "/!\\ DOES NOT FIT what another step says", "$ink-wait bold"
    if isinstance(step, Measure):
        ranges = [f"must be {_range(step.limit, step)}"] if step.limit else []
        if step.expected:
            ranges.append(f"expected {_range(step.expected, step)}")
        word = "<X> OUT OF LIMIT" if attempt.verdict == "fail" else "/!\\ NOT AS EXPECTED"
        return f"{word}: {', '.join(ranges)}", "$ink-bad bold" if attempt.verdict == "fail" else "$ink-wait bold"
    if step.kind == "timer":
        word, _, limit = state.bounds(step).off_words(Decimal(str(attempt.value or 0))).partition(": ")
        return f"<X> {word.upper() or 'NOT AS IT MUST BE'}{': ' if limit else ''}{limit}", "$ink-bad bold"
    if step.kind == "scan":
        return "<X> PAST ITS DATE: do not use it", "$ink-bad bold"
    if step.kind == "witness":
        return "<X> THE TWO READINGS DIFFER", "$ink-bad bold"
    return "<X> NOT AS IT MUST BE", "$ink-bad bold"


def _range(found: Range, step: Measure) -> str:
    return range_text(found, step.unit)


def signature(page: Page, step: Step, now: Moment) -> str:
    """A signature with its meaning, the name it was given with, when, and by which factors."""
    signed = page.state.steps[step.id].signed
    if signed is None:
        return ""
    when = day_and_clock(signed.at, now.zone, now.at)
    return f"{signed.meaning.upper()}  {page.signers.get(step.id, '-')}, {when}, by {' and '.join(signed.factors)}"


def ending(page: Page, now: Moment, width: int) -> list[Content]:
    """How a run ended, who signed it, what to do next, and what was not as written."""
    state = page.state
    sign, word = outcome_mark(state.outcome, state.deviations)
    style = {"failed": "$ink-bad bold", "complete": "$ink-done bold"}.get(state.outcome.value, "$ink-wait bold")
    lines = [row(sign, "  ", say(word, style))]
    if state.outcome.value == "failed" or page.follow_up is not None:
        lines.append(say(" "))
    if state.outcome.value == "failed":
        lines += wrapped(say("Stop here. This is not in order; do not go on with what depends on it.", "bold"), width)
    for step in state.protocol.steps:
        if state.steps[step.id].status is Status.FAILED and stops(step):
            lines += caution(step, width)
    if page.follow_up is not None:
        told = f"Now walk: {page.follow_up.title}   (Enter starts it; Esc leaves it on the board)"
        lines += wrapped(say(told, "$ink-bad bold"), width)
    signed = [step for step in state.protocol.steps if step.id in page.signers]
    if signed or state.attributed is not None:
        lines.append(say(" "))
    for step in signed:
        lines += wrapped(say(f"SIGNED  {signature(page, step, now)}"), width, " " * 8)
    if state.attributed is not None and state.attributed_at is not None:
        when = day_and_clock(state.attributed_at, now.zone, now.at)
        lines += wrapped(say(f"SIGNED FOR AFTERWARDS by {page.name(state.attributed)}, {when}"), width, " " * 8)
    return [*lines, *_not_as_written(page, width)]


def _not_as_written(page: Page, width: int) -> list[Content]:
    """The steps that deviate, and those that were done faster than is credible."""
    state = page.state
    lines: list[Content] = []
    deviating = [step for step in state.protocol.steps if state.steps[step.id].deviates]
    if deviating:
        lines += [say(" "), say("NOT AS WRITTEN", "$ink-calm bold")]
    for step in deviating:
        lines += _deviation(page, step, width)
    haste = [(step, fast) for step in state.protocol.steps if (fast := too_fast(step, state.steps[step.id]))]
    if haste:
        lines += [say(" "), say(f"DONE FASTER THAN IS CREDIBLE: {len(haste)}", "$ink-calm bold")]
    for step, fast in haste:
        number = state.protocol.index(step.id) + 1
        lines += wrapped(row(f"{number:>2}  ", say(f"{step_title(step)}  "), say(fast, "bold")), width, "    ")
    return lines


def _deviation(page: Page, step: Step, width: int) -> list[Content]:
    """One step that was not done as written: how it stands, why, and every attempt with its verdict."""
    own = page.state.steps[step.id]
    word = {"done": "DONE, DEVIATION"}.get(own.status.value, own.status.value.upper())
    reason = page.reasons.get(step.id) or ""
    number = page.state.protocol.index(step.id) + 1
    lines = wrapped(row(f"{number:>2}  ", say(word, "bold"), f"  {step_title(step)}  ", say(reason)), width, "    ")
    for tried, attempt in enumerate(own.attempts, 1):
        value = HIDDEN if hidden(page.state, step) else _amount(step, attempt)
        lines += wrapped(row(f"    {value}  ", say(*verdict_words(page.state, step, attempt))), width, "    ")
        lines += _said_of(page, step, tried, width)
    return lines


def _amount(step: Step, attempt: Attempt) -> str:
    """What an attempt gave, with its unit."""
    unit = display(step.unit) if isinstance(step, Measure) else ""
    if step.kind == "attach":
        return str(attempt.printout or "file")
    if step.kind == "timer":
        return in_words(int(float(str(attempt.value or 0)) * 1000))
    return f"{shown(attempt.value) or '-'} {unit}".strip()


def why(step: Step, protocol: Protocol) -> list[tuple[str, str]]:
    """Why a step is asked, and where its numbers come from: headings and texts."""
    found: list[tuple[str, str]] = []
    if step.why:
        found.append(("WHY", step.why))
    if step.caution:
        found.append(("CAUTION", step.caution))
    if step.at_least is not None and not isinstance(step.at_least, ProfileRef):
        also = f", and as long as “{step.at_least_as}” says" if step.kind == "timer" and step.at_least_as else ""
        found.append(("HOW LONG", f"at least {in_words(milliseconds(step.at_least))}{also}"))
    if step.on_fail.stop or step.on_fail.open or step.hold:
        stop = "The run stops. " if step.on_fail.stop else ""
        hold = "Nothing goes past this step until it is cleared. " if step.hold else ""
        then = f"Then walk “{step.on_fail.open}”." if step.on_fail.open else ""
        found.append(("IF IT FAILS", f"{stop}{hold}{then}".strip()))
    if step.source:
        source = protocol.source(step.source)
        found.append(
            ("SOURCE", ", ".join(part for part in (source.title, str(source.year or ""), source.where) if part))
        )
    if step.ifu_may_override:
        found.append(("YOUR DEVICE", "Your device's instructions may say otherwise; they win."))
    return found
