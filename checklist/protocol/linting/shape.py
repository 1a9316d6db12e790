"""The rules for people about order, limits and ways out: where a step stands, and what follows when it goes wrong.

Pure and about one protocol. What can only be known by walking it is found by the simulator, not here.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from checklist.protocol.linting.branches import conditions
from checklist.protocol.model import Attach, Choice, Measure, Protocol, Scan, Sign, Step, Text, Timer, Witness
from checklist.protocol.rules import Path, Problem
from checklist.protocol.values import echo

LONGEST_LIST: Final = 9
"""Steps in one stretch: five to nine are held in mind."""

_TEMPERATURES: Final = frozenset({"Cel", "[degF]", "K"})
_TIMES: Final = frozenset({"s", "min", "h"})
_AUDITORS: Final = frozenset({"auditor"})
_HAS_A_MAXIMUM: Final = re.compile(r"\b(?:soak|steep|immers|submerge|numbing|anaesthetic cream|bowie)", re.IGNORECASE)
"""What the sources set a longest time for: soaking in disinfectant, numbing cream on skin, the Bowie-Dick test."""


def judge(protocol: Protocol) -> Iterator[Problem]:
    """Yield what the order and the branches of a protocol could do better, rule by rule."""
    yield from _long_list(protocol)
    yield from _critical_late(protocol)
    if protocol.roles and _AUDITORS.issuperset(protocol.roles):
        what = "[protocol]: only auditors may run it, and auditors run nothing"
        yield Problem(("protocol", "roles"), "hold-without-way-out", what, "name a role that walks protocols")
    for index, step in enumerate(protocol.steps):
        at, label = ("steps", index), f"step {index + 1} {echo(step.id)}"
        yield from _no_source(step, at, label)
        yield from _no_maximum(protocol, index, at, label)
        yield from _unread(protocol, index, at, label)
        yield from _no_way_out(step, at, label)
        yield from _no_failure_branch(step, at, label)
        yield from _unreachable(protocol, index, at, label)


def _long_list(protocol: Protocol) -> Iterator[Problem]:
    begun, longest, start = 0, 0, 0
    for index, step in enumerate(protocol.steps):
        if step.phase:
            begun = index + 1
        elif index + 1 - begun > longest:
            longest, start = index + 1 - begun, begun
    if longest > LONGEST_LIST:
        what = f"step {start + 1} {echo(protocol.steps[start].id)}: {longest} steps follow one another without a phase"
        fix = f"group them by phase = …, {LONGEST_LIST} steps or fewer under each"
        yield Problem(("steps", start), "long-list", what, fix)


def _critical_late(protocol: Protocol) -> Iterator[Problem]:
    """The very first step that can stop the run is told of where it stands late, with nothing to wait for before."""
    for index, step in enumerate(protocol.steps):
        if isinstance(step, Timer):
            return  # what a time must pass for cannot come first
        if (step.hold or step.on_fail.stop) and not isinstance(step, (Sign, Witness)):
            if index >= LONGEST_LIST - 1 and index * 3 >= len(protocol.steps) * 2 and step.when is None:
                what = f"step {index + 1} {echo(step.id)}: it is the first that can stop the run, and stands late"
                fix = "ask first what can stop everything, before work is spent and attention is gone"
                yield Problem(("steps", index), "critical-late", what, fix)
            return


def _can_fail(step: Step) -> bool:
    """Whether an honest answer can fail the step."""
    match step:
        case Measure():
            return _limit_bites(step)
        case Choice():
            return any(option.verdict == "fail" for option in step.options)
        case Scan():
            return "expiry" in step.captures
        case Timer():
            return step.at_most is not None
        case Attach():
            return step.printout  # of a cycle that was aborted
        case _:
            return False


def _limit_bites(step: Measure) -> bool:
    """A limit that no reading can break, such as a count of at least none, needs neither a source nor a way out."""
    if step.limit is None:
        return False
    low, high = step.limit.min, step.limit.max
    may_be_below = low is not None and not (isinstance(low, Decimal) and low <= 0 and step.unit not in _TEMPERATURES)
    all_there_is = step.unit == "%" and isinstance(high, Decimal) and high >= 100
    return may_be_below or (high is not None and not all_there_is)


def _no_source(step: Step, at: Path, label: str) -> Iterator[Problem]:
    if step.source is not None:
        return
    fix = "name the publication, label or decision it rests on: an id of the [protocol] sources"
    if isinstance(step, Measure) and _limit_bites(step):
        yield Problem((*at, "limit"), "limit-without-source", f"{label}: its limit names no source", fix)
    elif isinstance(step, Timer):
        yield Problem((*at, "at_least"), "limit-without-source", f"{label}: its time names no source", fix)


def _no_maximum(protocol: Protocol, index: int, at: Path, label: str) -> Iterator[Problem]:
    step = protocol.steps[index]
    if not isinstance(step, Timer) or step.at_most is not None:
        return
    found = _HAS_A_MAXIMUM.search(" ".join((step.id.replace("-", " "), step.phase, step.do)))
    read_later = any(isinstance(later, Measure) and later.unit in _TIMES for later in protocol.steps[index + 1 :])
    if found and not read_later:
        what = f"{label}: too long does harm here as well, but the timer has no end"
        fix = "add at_most, or let a later step read the time and judge it"
        yield Problem((*at, "at_least"), "timer-without-maximum", what, fix)


def _unread(protocol: Protocol, index: int, at: Path, label: str) -> Iterator[Problem]:
    step = protocol.steps[index]
    if not isinstance(step, Timer) or step.at_least_as is None:
        return
    own, asked = conditions(protocol, index), conditions(protocol, protocol.index(step.at_least_as))
    if any(not own.get(name, frozenset()) & wanted for name, wanted in asked.items()):
        what = f"{label}: {echo(step.at_least_as)} is not always read where this timer runs, and then its time is lost"
        fix = "give both the same when, or let the reading have none"
        yield Problem((*at, "at_least_as"), "time-not-read", what, fix)


def _no_way_out(step: Step, at: Path, label: str) -> Iterator[Problem]:
    if step.roles and _AUDITORS.issuperset(step.roles):
        what = f"{label}: only auditors may do it, and auditors do no steps"
        yield Problem((*at, "roles"), "hold-without-way-out", what, "name a role that may do it")
    if step.hold and _can_fail(step) and not _says_what_then(step):
        what = f"{label}: it holds everybody up when it fails, and does not say what to do then"
        fix = 'say the way out in caution, or name it: on_fail = { open = "…" }'
        yield Problem((*at, "hold"), "hold-without-way-out", what, fix)


def _no_failure_branch(step: Step, at: Path, label: str) -> Iterator[Problem]:
    if isinstance(step, Measure) and _limit_bites(step) and not step.hold and not _says_what_then(step):
        what = f"{label}: a reading can fail, and nothing says what happens then"
        fix = "say in caution what to do, or add hold = true or on_fail"
        yield Problem((*at, "limit"), "no-failure-branch", what, fix)
    if isinstance(step, Attach) and step.printout and not step.hold and not _says_what_then(step):
        what = f"{label}: the cycle can have been aborted, and nothing says what happens then"
        fix = "say in caution what to do, or add hold = true or on_fail"
        yield Problem((*at, "printout"), "no-failure-branch", what, fix)


def _says_what_then(step: Step) -> bool:
    return bool(step.caution or step.on_fail.stop or step.on_fail.open)


def _unreachable(protocol: Protocol, index: int, at: Path, label: str) -> Iterator[Problem]:
    step = protocol.steps[index]
    if step.when is None:
        return
    asked = protocol.step(step.when.step)
    if isinstance(asked, (Choice, Sign, Measure)):
        if _never_taken(asked, step.when.is_):
            what = f"{label}: it waits for {echo(step.when.is_)}, but {echo(asked.id)} never passes with that"
            fix = "wait for an answer that passes, or let on_fail open another protocol"
            yield Problem((*at, "when", "is"), "unreachable-branch", what, fix)
        elif any(len(wanted) > 1 for wanted in conditions(protocol, index).values()):
            what = f"{label}: it needs two different answers to the same question"
            yield Problem((*at, "when"), "unreachable-branch", what, "let both conditions name the same answer")
    elif not isinstance(asked, (Text, Witness)):
        what = f"{label}: it waits for an answer of {echo(asked.id)}, a {asked.kind}, which gives none to compare"
        yield Problem((*at, "when"), "condition-without-answer", what, "wait for a choice, or leave when out")


def _never_taken(asked: Choice | Sign | Measure, wanted: str) -> bool:
    if isinstance(asked, Choice):
        return any(option.value == wanted and option.verdict == "fail" for option in asked.options)
    if isinstance(asked, Sign) or asked.limit is None:
        return False
    ends = (asked.limit.min, asked.limit.max)
    try:
        value = Decimal(wanted)
    except ArithmeticError:
        return False
    return (
        value.is_finite()
        and not any(end is not None and not isinstance(end, Decimal) for end in ends)
        and not asked.limit.holds(value)
    )
