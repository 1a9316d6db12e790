"""What a typed line means at the step where the run stands: a command of the run, or something that still needs a
person, or a question to the program. Pure; decides nothing about the run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import TypeAlias

from checklist.ledger.entry import Moment
from checklist.line.label import Sent, read_line
from checklist.line.words import reason, short_enough
from checklist.protocol.model import Step
from checklist.protocol.text import clean
from checklist.run import commands as c
from checklist.run.deferring import until
from checklist.run.events import Reason, Value
from checklist.run.marks import Status
from checklist.run.reading import Refusal, read_choice, read_number
from checklist.run.state import RunState, stops
from checklist.run.timing import Phase, calendar_day
from checklist.trace.scan import Scanned


@dataclass(frozen=True, slots=True)
class Do:
    """A command that is ready to be carried out."""

    command: c.Command


@dataclass(frozen=True, slots=True)
class ToSign:
    """A signature of this meaning; it needs the signer's secret."""

    step: Step
    meaning: str


@dataclass(frozen=True, slots=True)
class ToWitness:
    """A second reading, or the agreement (`agree`); it needs a second person's secret."""

    step: Step
    value: Value


@dataclass(frozen=True, slots=True)
class ToOverride:
    """A hold to be passed all the same; it needs a second person's secret."""

    step: Step
    reason: Reason


@dataclass(frozen=True, slots=True)
class ToCorrect:
    """A step that stopped the run, to be opened again; it needs a second person's secret."""

    step: Step
    reason: Reason


@dataclass(frozen=True, slots=True)
class ToAttribute:
    """Somebody's name to what was done without signing in; it needs their secret."""


@dataclass(frozen=True, slots=True)
class ToComplete:
    """A label of which something could not be read, to be completed from another code of it or by typing."""

    found: Scanned


class Asked(Enum):
    """What a person asks the program itself."""

    WHY = "why"
    LIST = "list"
    HELP = "help"
    LEAVE = "leave"


Meaning: TypeAlias = Do | ToSign | ToWitness | ToOverride | ToCorrect | ToAttribute | ToComplete | Asked | Refusal


_SOMEHOW = Sent()
_THEN_NAME = "The name of the second person is asked for after that."
_NOTHING_TO_READ = Refusal("empty", f"There is nothing to read here; type: agree. {_THEN_NAME}")


def understand(line: str, state: RunState, now: Moment, sent: Sent = _SOMEHOW) -> Meaning:
    """What the line means now. A line that means nothing here is refused, with what would mean something. What a
    scanner `sent` at a step that asks for a label is never a command."""
    text = line.strip()
    step = state.current
    if text.startswith("/") and not sent.burst and not _is_path(text, step):
        word, _, rest = text[1:].partition(" ")
        command = _COMMANDS.get(word.casefold())
        if command is None:
            return Refusal("unknown-command", f"There is no command /{clean(word, limit=20)}; /help shows them all.")
        return command(rest.strip(), state, now)
    if step is None:
        if not text:
            return Asked.LEAVE
        return Refusal("ended", "This run has ended. /correct STEP WORDS corrects it; an empty line leaves.")
    if state.steps[step.id].owed:
        return short_enough(text) or _said(step, text)
    if step.kind == "scan" and text:
        found = read_line(step, line, calendar_day(now), sent)
        return ToComplete(found) if isinstance(found, Scanned) else found if isinstance(found, Refusal) else Do(found)
    if step.kind == "witness" and text:
        return _witnessed(line, state, step, now, sent)
    return _answered(text, state, step, now)


def _witnessed(line: str, state: RunState, step: Step, now: Moment, sent: Sent) -> Meaning:
    """A second reading; of a label it may be scanned, too."""
    asked, text = state.protocol.step(step.of) if step.kind == "witness" else step, line.strip()
    if not to_be_read(state, asked):
        return ToWitness(step, "agree") if text.casefold() == "agree" else _NOTHING_TO_READ
    if asked.kind != "scan":
        read = read_number(asked, text) if asked.kind == "measure" else None
        read = read_choice(asked, text) if asked.kind == "choice" else read
        return (
            Refusal(read.code, f"{read.message} {_THEN_NAME}") if isinstance(read, Refusal) else ToWitness(step, text)
        )
    found = read_line(asked, line, calendar_day(now), sent)
    if isinstance(found, Scanned):
        return Refusal("lacking", found.message)
    return found if isinstance(found, Refusal) else ToWitness(step, found.value)


def to_be_read(state: RunState, asked: Step) -> bool:
    """Whether a second person has anything to read of this step."""
    return state.steps[asked.id].status is Status.DONE and asked.kind in {"measure", "choice", "scan"}


def _said(step: Step, text: str) -> Meaning:
    if not clean(text).strip():
        return Refusal("empty", "Say it in words.")
    return Do(c.Remark(step.id, text))


def _answered(text: str, state: RunState, step: Step, now: Moment) -> Meaning:
    if not text:
        return _entered(state, step, now)
    match step.kind:
        case "confirm":
            return Refusal("wrong-kind", "Press Enter alone to confirm; /help shows what else can be done.")
        case "timer" if state.paper is None:
            return Refusal("wrong-kind", "Press Enter alone to start or end the timer; /help shows what else.")
        case "assign":
            return Refusal("wrong-kind", "Press Enter alone to take the number; /help shows what else.")
        case "sign":
            return _meant(step, text)
        case "attach":
            return Do(c.Give(step.id, text))
        case _:
            return short_enough(text) or Do(c.Give(step.id, text))


def _entered(state: RunState, step: Step, now: Moment) -> Meaning:
    """What an empty line means: only what needs no value takes it."""
    match step.kind:
        case "confirm":
            return Do(c.Confirm(step.id))
        case "assign":
            return Do(c.Assign(step.id, {}))
        case "timer":
            timer = state.timer(step, now)
            begun = timer is not None and timer.phase not in {Phase.IDLE, Phase.LOST}
            return Do(c.EndTimer(step.id) if begun else c.StartTimer(step.id))
        case "witness":
            if not to_be_read(state, state.protocol.step(step.of)):
                return _NOTHING_TO_READ
            return Refusal("empty", f"Type what the second person has read. {_THEN_NAME}")
        case "sign":
            return Refusal("empty", f"Type what the signature means: {' or '.join(step.meanings)}.")
        case _:
            return Refusal("empty", "An empty line answers nothing here; type the answer, or /help.")


def _meant(step: Step, text: str) -> Meaning:
    meanings = step.meanings if step.kind == "sign" else ()
    found = [meaning for meaning in meanings if meaning == text.casefold()]
    if not found:
        return Refusal("meaning", f"Type what the signature means: {' or '.join(meanings)}.")
    return ToSign(step, found[0])


def _is_path(text: str, step: Step | None) -> bool:
    """At a step that takes a file, `/tmp/photo.jpg` is a path and no command."""
    return step is not None and step.kind == "attach" and text[1:].split(" ")[0].casefold() not in _COMMANDS


# -- the commands -----------------------------------------------------------------------------------------


def _with_reason(make: Callable[[Step, Reason], Meaning]) -> Callable[[str, RunState, Moment], Meaning]:
    def command(rest: str, state: RunState, _now: Moment) -> Meaning:
        step = state.current
        if step is None:
            return _ended()
        given = reason(rest)
        return given if isinstance(given, Refusal) else make(step, given)

    return command


def _ended() -> Refusal:
    return Refusal("ended", "This run has ended; only /correct STEP WORDS can change it.")


def _defer(rest: str, state: RunState, now: Moment) -> Meaning:
    step = state.current
    if step is None:
        return _ended()
    when, _, words = rest.partition(" ")
    at = until(when, now)
    given = reason(words)
    if isinstance(at, Refusal):
        return at
    return given if isinstance(given, Refusal) else Do(c.Defer(step.id, at, given))


def _correct(rest: str, state: RunState, _now: Moment) -> Meaning:
    name, _, words = rest.partition(" ")
    if not name:
        return Refusal("no-step", "Say which step and why: /correct STEP WORDS; /list shows their names.")
    given = reason(words, default="mistake")
    if isinstance(given, Refusal):
        return given
    own = state.steps.get(name)
    if own is not None and own.status is Status.FAILED and stops(state.protocol.step(name)):
        return ToCorrect(state.protocol.step(name), given)
    return Do(c.Correct(clean(name, limit=64), given))


def _note(rest: str, state: RunState, _now: Moment) -> Meaning:
    step = state.current
    if step is None:
        return _ended()
    return short_enough(rest) or _said(step, rest)


def _abandon(rest: str, state: RunState, _now: Moment) -> Meaning:
    given = reason(rest)
    if state.current is None:
        return _ended()
    return given if isinstance(given, Refusal) else Do(c.Abandon(given))


def _pause(_rest: str, state: RunState, _now: Moment) -> Meaning:
    return Do(c.Pause()) if state.open else Asked.LEAVE


def _attribute(_rest: str, _state: RunState, _now: Moment) -> Meaning:
    return ToAttribute()


def _asks(what: Asked) -> Callable[[str, RunState, Moment], Meaning]:
    return lambda _rest, _state, _now: what


_COMMANDS: Mapping[str, Callable[[str, RunState, Moment], Meaning]] = MappingProxyType(
    {
        "skip": _with_reason(lambda step, given: Do(c.Skip(step.id, given))),
        "na": _with_reason(lambda step, given: Do(c.NotApplicable(step.id, given))),
        "fail": _with_reason(lambda step, given: Do(c.Fail(step.id, given))),
        "override": _with_reason(ToOverride),
        "abandon": _abandon,
        "attribute": _attribute,
        "defer": _defer,
        "correct": _correct,
        "note": _note,
        "why": _asks(Asked.WHY),
        "list": _asks(Asked.LIST),
        "help": _asks(Asked.HELP),
        "pause": _pause,
    }
)
