"""A protocol as plain lines, for `protocol show` and for people who cannot use a screen.

Text only, no markup, no colour; one fact a line. Knows nothing of runs.
"""

from collections.abc import Iterator
from decimal import Decimal

from checklist.protocol.model import Protocol
from checklist.protocol.steps import (
    Assign,
    Choice,
    Measure,
    Range,
    Scan,
    Sign,
    Step,
    Timer,
    Witness,
)
from checklist.protocol.units import display
from checklist.protocol.values import ProfileRef

ADAPT = "Adapt to your device's instructions and to local law."


def as_text(protocol: Protocol) -> str:
    """Return the whole protocol in plain words; every line ends with a newline."""
    lines = [*_header(protocol), *_steps(protocol), *_checks(protocol), *_sources(protocol), "", ADAPT]
    return "\n".join(lines) + "\n"


def range_text(range_: Range, unit: str) -> str:
    """Return a range as people read it, such as `134.0 to 138.0 °C` or `at least 3 mm`."""
    if range_.min is None:
        return f"at most {_value(range_.max)} {display(unit)}".strip()
    if range_.max is None:
        return f"at least {_value(range_.min)} {display(unit)}".strip()
    return f"{_value(range_.min)} to {_value(range_.max)} {display(unit)}".strip()


def _value(value: Decimal | ProfileRef | None) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _header(protocol: Protocol) -> Iterator[str]:
    yield protocol.title
    yield f"{protocol.id} {protocol.version}, {protocol.category}"
    yield protocol.purpose
    yield "Who: " + (", ".join(protocol.roles) or "everyone but auditors")
    yield from _must_hold(protocol.credentials)
    yield f"About: {protocol.subject}"
    yield "How: " + ("read and do each step" if protocol.style == "read-do" else "do all, then confirm each step")
    if protocol.valid_for is not None:
        yield f"Counts for: {protocol.valid_for}"
    if protocol.voided_by:
        yield "No longer counts after: " + ", ".join(protocol.voided_by)
    if protocol.jurisdictions:
        yield "Where: " + ", ".join(protocol.jurisdictions)


def _steps(protocol: Protocol) -> Iterator[str]:
    phase = ""
    for number, step in enumerate(protocol.steps, start=1):
        if step.phase != phase:
            phase = step.phase
            if phase:
                yield from ("", phase.upper())
        yield ""
        yield f"{number}. {step.do or 'The program makes the next number.'} [{step.id}]"
        yield from (f"   {line}" for line in _facts(step))


def _facts(step: Step) -> Iterator[str]:
    if step.when is not None:
        yield f"Only if {step.when.step} is: {step.when.is_}"
    if step.expect:
        yield f"Expect: {step.expect}"
    yield from _of_kind(step)
    if step.at_least is not None and not isinstance(step, Timer):
        yield f"Takes at least: {step.at_least}"
    if step.caution:
        yield f"Caution: {step.caution}"
    if step.why:
        yield f"Why: {step.why}"
    if step.roles:
        yield "Who: " + ", ".join(step.roles)
    yield from _must_hold(step.credentials)
    if step.hold:
        yield "Hold: nothing goes on until this is cleared."
    if step.on_fail.stop:
        yield "If it fails: stop."
    if step.on_fail.open is not None:
        yield f"If it fails, open: {step.on_fail.open}"
    if step.source is not None:
        yield f"Source: {step.source}"
    if step.ifu_may_override:
        yield "Your device's instructions may say otherwise; they win."


def _must_hold(credentials: tuple[str, ...]) -> tuple[str, ...]:
    return ("Must hold: " + ", ".join(credentials),) if credentials else ()


def _of_kind(step: Step) -> tuple[str, ...]:
    match step:
        case Measure():
            return _measure(step)
        case Timer():
            return (f"Wait at least: {step.at_least}", *_if(step.at_most, "End it before: {}"))
        case Scan():
            return ("Read: " + ", ".join(step.captures), *_if(step.use, "This {} what is read."))
        case Assign():
            return tuple(f"Makes: {one.identifier} {one.template}" for one in step.produces)
        case Choice():
            fails = {"pass": "", "fail": " (fails)"}
            return tuple(f"Answer: {option.value}{fails[option.verdict]}" for option in step.options)
        case Witness():
            return (f"A second person repeats: {step.of}",)
        case Sign():
            return ("Sign as: " + " or ".join(step.meanings),)
        case _:
            return ()


def _measure(step: Measure) -> tuple[str, ...]:
    ranges = (("Expected", step.expected), ("Limit", step.limit))
    return tuple(f"{name}: {range_text(one, step.unit)}" for name, one in ranges if one is not None)


def _if(value: object, words: str) -> tuple[str, ...]:
    return () if value is None else (words.format(value),)


def _checks(protocol: Protocol) -> Iterator[str]:
    for check in protocol.checks:
        yield ""
        yield (
            f"Checked: {check.pressure} fits {check.temperature} as saturated steam, "
            f"within {_value(check.tolerance)} K."
        )


def _sources(protocol: Protocol) -> Iterator[str]:
    if protocol.sources:
        yield from ("", "Sources")
    for source in protocol.sources:
        details = ", ".join(part for part in (str(source.year or ""), source.where) if part)
        yield f"{source.id}: {source.title}" + (f" ({details})" if details else "")
