"""A protocol as it stands on a paper sheet: what is read, what is ticked, and what is written in by hand.

Words and fields only, as plain data; how they look is for whoever prints them, and so is escaping. Knows nothing of
runs, of fonts and of files.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from checklist.protocol.header import Check, SameCount, SameIdentifier, SaturatedSteam
from checklist.protocol.model import Protocol
from checklist.protocol.showing.facts import ADAPT, EVERYONE, plain, range_text, task
from checklist.protocol.steps import (
    Assign,
    Attach,
    Choice,
    Measure,
    Scan,
    Sign,
    Step,
    Text,
    Timer,
    Witness,
)
from checklist.protocol.units import display
from checklist.protocol.values import Duration, ProfileRef

HOW: Final = (
    "Tick the box when a step is done. Not done: cross the box out and write why. "
    "Outside a limit: write the reading, what you did about it, and the fresh reading. "
    "STOP: nobody goes past that step until it is cleared."
)
HOW_URGENT: Final = "Help first. Tick the box and write the time when a step is done; write the rest afterwards."

_WHERE: Final = {"clinic": "", "room": "Room", "equipment": "Machine", "session": "Visit (your reference)"}
_ABOUT: Final = {
    "clinic": "",
    "room": " --subject room=ROOM",
    "equipment": " --subject equipment=MACHINE",
    "session": " --session VISIT",
}
_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


class Note(NamedTuple):
    """One thing to know about a step. `kind`: plain, caution, fail or only."""

    kind: str
    label: str
    words: str


class Blank(NamedTuple):
    """One thing to write in. `size`: short, long, line (as wide as the sheet) or side (beside the words)."""

    label: str
    unit: str = ""
    size: str = "short"


class Row(NamedTuple):
    """One step. `phase` is its heading where one begins; `options` are boxes of which one is ticked; `source` is the
    number of what it rests on."""

    phase: str
    number: int
    id: str
    do: str
    notes: tuple[Note, ...]
    options: tuple[str, ...]
    blanks: tuple[Blank, ...]
    hold: bool
    source: str


class Sheet(NamedTuple):
    """One protocol to print."""

    id: str
    title: str
    version: str
    sha256: str
    profile: str
    urgent: bool
    purpose: str
    who: str
    where: str
    how: str
    rows: tuple[Row, ...]
    checks: tuple[str, ...]
    sources: tuple[str, ...]
    adapt: str
    later: str


def sheet(protocol: Protocol, sha256: str, profile: str = "") -> Sheet:
    """The sheet of a protocol; of one whose profile's values are not in place it names them instead. `profile`: which
    one gave them, where they are."""
    urgent = protocol.category == "emergency"
    return Sheet(
        id=protocol.id,
        title=protocol.title,
        version=protocol.version,
        sha256=sha256,
        profile=profile,
        urgent=urgent,
        purpose=protocol.purpose.replace("Adapt to your device's instructions (IFU) and to local law.", "").strip(),
        who=", ".join([*(protocol.roles or (EVERYONE,)), *protocol.credentials]),
        where=_WHERE[protocol.subject],
        how=HOW_URGENT if urgent else HOW,
        rows=tuple(_rows(protocol, urgent=urgent)),
        checks=tuple(_checks(protocol)),
        sources=tuple(_sources(protocol)),
        adapt=ADAPT,
        later=_later(protocol, sha256[:12]),
    )


def _later(protocol: Protocol, digest: str) -> str:
    """The command that enters the sheet once it is filled in; what is in capitals is written on it."""
    return f'checklist walk {protocol.id} --from-paper "DATE BEGAN/ENDED" --sheet {digest}{_ABOUT[protocol.subject]}'


def _rows(protocol: Protocol, *, urgent: bool) -> Iterator[Row]:
    numbers = {source.id: str(at) for at, source in enumerate(protocol.sources, 1)}
    phase = ""
    for number, step in enumerate(protocol.steps, 1):
        begins = step.phase if step.phase != phase else ""
        phase = step.phase
        asked = protocol.step(step.of) if isinstance(step, Witness) else step
        time = (Blank("time", size="side"),) if urgent and not isinstance(step, Timer | Sign | Witness) else ()
        yield Row(
            phase=begins,
            number=number,
            id=step.id,
            do=task(step) if step.do else "Give it the next number.",
            notes=tuple(_notes(protocol, step)),
            options=_options(asked),
            blanks=(*_blanks(step, asked), *time, *_remedy(step, urgent=urgent)),
            hold=step.hold,
            source=numbers.get(step.source or "", ""),
        )


def _notes(protocol: Protocol, step: Step) -> Iterator[Note]:
    if step.when is not None:
        yield Note("only", "Only if", f"step {protocol.index(step.when.step) + 1} is “{step.when.is_}”.")
    if step.caution:
        yield Note("caution", "Caution", plain(step.caution))
    if step.expect:
        yield Note("plain", "Done means", plain(step.expect))
    yield from _of_kind(protocol, step)
    if step.at_least is not None and not isinstance(step, Timer):
        yield Note("plain", "Takes", f"at least {_span(step.at_least)}")
    if step.roles or step.credentials:
        yield Note("plain", "Who", ", ".join([*step.roles, *step.credentials]))
    if step.ifu_may_override:
        yield Note("plain", "", "Your device's instructions win.")
    failing, then = _failing(step), _what_then(step)
    used = isinstance(step, Scan) and protocol.category == "emergency"  # it is scanned after it was given
    if failing and then and not used:
        yield Note("fail", failing, then)


def _of_kind(protocol: Protocol, step: Step) -> Iterator[Note]:
    match step:
        case Measure():
            ranges = (("Expected", step.expected), ("Limit", step.limit))
            yield from (Note("plain", name, range_text(one, step.unit)) for name, one in ranges if one is not None)
        case Timer():
            most = f", at most {_span(step.at_most)}" if step.at_most is not None else ""
            also = _as_written(protocol, step.at_least_as) if step.at_least_as is not None else ""
            yield Note("plain", "Time", f"at least {_span(step.at_least)}{also}{most}")
        case Assign():
            yield Note(
                "plain", "", "The program gives the number at entry; until then write date, time and place on it."
            )
        case Witness():
            first = f"Cover the answer of step {protocol.index(step.of) + 1}"
            yield Note("plain", "Second person", f"{first}, look for yourself, and write down your own.")
        case Sign() if step.another is not False:
            who = "somebody who has done no step of this sheet (a second reader may)"
            may = "" if step.another is True else f", where {step.another} asks for it"
            yield Note("plain", "Signed by", f"{who}{may}.")
        case Attach():
            yield Note("plain", "", "Keep the picture or printout with this sheet.")
        case _:
            return


def _as_written(protocol: Protocol, read: str) -> str:
    return f", and at least the time written at step {protocol.index(read) + 1}"


def _failing(step: Step) -> str:
    """What a failure of this step looks like; empty where nothing can fail, or nothing follows from it."""
    match step:
        case Choice():
            failing = [f"“{one.value}”" for one in step.options if one.verdict == "fail"]
            return f"If {' or '.join(failing)}" if failing else ""
        case Measure() if step.limit is not None:
            return "Outside the limit"
        case Timer():
            return "Shorter or longer" if step.at_most is not None else "Shorter"
        case Scan() if "expiry" in step.captures and step.use != "produces":
            return "Past its date"
        case Scan() if not step.on_fail.open and not step.on_fail.stop:
            return ""
        case Witness():
            return "If the two differ"
        case _:
            return "If it fails"


def _what_then(step: Step) -> str:
    """What to do about a failure; empty where the sheet's own rule says it all."""
    match step:
        case _ if step.on_fail.stop:
            now = "STOP; end here."
        case Choice():
            now = "put it right, write how, and look again."
        case Scan():
            now = "take another."
        case Witness():
            now = "both look again."
        case Timer():
            now = "do it again."
        case _:
            now = ""
    return f"{now} Go on with the sheet “{step.on_fail.open}”.".strip() if step.on_fail.open else now


def _remedy(step: Step, *, urgent: bool) -> Iterator[Blank]:
    """Room for what was done about an answer that was not accepted and may be given anew; in an emergency nobody writes
    so much."""
    match step:
        case Measure():
            may_fail = step.expected is not None or not step.on_fail.stop
        case Choice():
            may_fail = any(option.verdict == "fail" for option in step.options) and not step.on_fail.stop
        case Scan():
            may_fail = "expiry" in step.captures and step.use != "produces" and not step.on_fail.stop
        case Timer() | Witness():
            may_fail = not step.on_fail.stop
        case _:
            may_fail = False
    if may_fail and not urgent:
        yield Blank("what you did about it", size="line")


def _options(asked: Step) -> tuple[str, ...]:
    match asked:
        case Choice():
            return tuple(option.value for option in asked.options)
        case Sign():
            return tuple(asked.meanings)
        case _:
            return ()


def _on_label(kind: str, asked: Scan) -> str:
    named = "GTIN or REF" if kind == "gtin" else kind
    return f"{named} (if any)" if kind in asked.optional else named


def _blanks(step: Step, asked: Step) -> Iterator[Blank]:
    """What is written in; for a second person first what they read, then who they are."""
    match asked:
        case Measure():
            yield Blank("", display(asked.unit), "side")
            if asked is step and not step.on_fail.stop:
                yield Blank("again", display(asked.unit), "side")
        case Timer():
            yield from (Blank("start"), Blank("end"), Blank("took", "min:s"))
        case Scan():
            yield from (Blank(_on_label(kind, asked), size="long") for kind in asked.captures)
        case Assign():
            yield from (Blank(made.identifier, size="long") for made in asked.produces)
        case Text():
            yield Blank("", size="line")
        case Attach():
            yield Blank("kept where", size="long")
        case _:
            pass
    if isinstance(step, Sign | Witness):
        yield from (Blank("name", size="long"), Blank("signature", size="long"), Blank("time"))


def _checks(protocol: Protocol) -> Iterator[str]:
    for check in protocol.checks:
        numbers = " and ".join(str(protocol.index(each) + 1) for each in check.compared)
        yield f"The program checks at entry that steps {numbers} {_must(check)}."


def _must(check: Check) -> str:
    match check:
        case SameCount():
            return "are the same number"
        case SameIdentifier():
            return f"have the same {check.of}"
        case SaturatedSteam():
            return "fit each other as saturated steam"


def _sources(protocol: Protocol) -> Iterator[str]:
    for at, source in enumerate(protocol.sources, 1):
        details = ", ".join(part for part in (str(source.year or ""), source.where) if part)
        yield f"[{at}] {source.title}" + (f" ({details})" if details else "")


def _span(time: Duration | ProfileRef) -> str:
    """A length of time as it is said, such as `1 min 30 s`."""
    if isinstance(time, ProfileRef):
        return str(time)
    parts, seconds = [], time.seconds
    for size, name in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts) or "0 s"
