"""Sensed beside typed: what follows from a steriliser's printout for the step that attaches it, and for the readings
that stand in it too.

Pure, and in whichever order they come. What a machine has measured never takes the place of what a person reads.
"""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Final

from checklist.ledger.entry import Json
from checklist.protocol.showing.facts import SENSED, range_text
from checklist.protocol.steps import Attach, Measure, Step
from checklist.protocol.units import display
from checklist.run.marks import Status
from checklist.run.printout import ABORTED, Finding, Printout, Read, as_data
from checklist.run.reading import Refusal, judge_number
from checklist.run.state import RunState

Judged = tuple[dict[str, Json], str]
"""What is recorded besides a value, and the verdict: "pass", "unexpected" or "fail"."""

_FAIL: Final = frozenset({"cycle-aborted", "cycle-aborted-before", "sensed-out-of-limit"})
_PASS: Final = frozenset({"printout-without-reader"})
_WORST: Final = ("fail", "unexpected", "pass")


def judge_file(state: RunState, read: Read | None) -> Judged:
    """What an attached file comes to; None: nobody has tried to read it as a printout."""
    if read is None:
        return {}, "pass"
    findings = (*_of_result(read.printout), *read.findings, *_beside_typed(state, read.printout))
    data: dict[str, Json] = {"readout": read.printout.data()} if read.printout is not None else {}
    return _judged(data, findings)


def judge_beside(state: RunState, step: Measure, typed: str) -> Judged:
    """What a typed reading comes to beside the printout; nothing where there is none yet, or it does not say."""
    printout = attached(state)
    sensed = _sensed(step, printout)
    if sensed is None:
        return {}, "pass"
    return _judged({"sensed": sensed}, tuple(_compared(step, typed, sensed)))


def attached(state: RunState) -> Printout | None:
    """The printout of this run as it stands; None where there is none, or it could not be read."""
    for step in state.protocol.steps:
        own = state.steps[step.id]
        if isinstance(step, Attach) and step.printout and own.status is Status.DONE and own.attempts:
            return own.attempts[-1].printout
    return None


def never_released(state: RunState) -> Refusal | None:
    """Why what this run is about can never be released, whatever was corrected or overridden since; None if it can."""
    for step in state.protocol.steps:
        if isinstance(step, Attach) and step.printout:
            for attempt in state.steps[step.id].attempts:
                if attempt.verdict == "fail":
                    why = " ".join(each.why for each in attempt.findings if each.rule in _FAIL)
                    return Refusal("aborted", f"{why} This load can never be released: quarantine it, and run it anew.")
    return None


def concealed(state: RunState) -> frozenset[str]:
    """The steps that must not be seen before a second person has read: also the printout that says the same."""
    hidden = state.concealed
    tells = any(isinstance(step, Measure) and step.sensed and step.id in hidden for step in state.protocol.steps)
    printouts = {step.id for step in state.protocol.steps if isinstance(step, Attach) and step.printout}
    return hidden | printouts if tells else hidden


def worse(one: str, other: str) -> str:
    """The worse of two verdicts."""
    return min(one, other, key=_WORST.index)


def _judged(data: dict[str, Json], findings: tuple[Finding, ...]) -> Judged:
    verdict = "pass"
    for each in findings:
        verdict = worse(verdict, "fail" if each.rule in _FAIL else "pass" if each.rule in _PASS else "unexpected")
    return ({**data, "findings": as_data(findings)} if findings else data), verdict


def _of_result(printout: Printout | None) -> Iterator[Finding]:
    if printout is not None and printout.result == ABORTED:
        error = f", error {printout.error}" if printout.error else ""
        yield Finding("cycle-aborted", f"The printout says that cycle {printout.cycle} was aborted{error}.")


def _beside_typed(state: RunState, printout: Printout | None) -> Iterator[Finding]:
    """The readings that were typed before the printout came."""
    for step in state.protocol.steps:
        own, sensed = state.steps[step.id], _sensed(step, printout)
        if sensed is not None and isinstance(step, Measure) and own.status is Status.DONE and state.applies(step):
            yield from _compared(step, str(own.value), sensed)


def _sensed(step: Step, printout: Printout | None) -> str | None:
    if printout is None or not isinstance(step, Measure) or step.sensed is None:
        return None
    sensed = printout.sensed.get(step.sensed)
    return sensed if _number(sensed) is not None else None


def _compared(step: Measure, typed: str, sensed: str) -> Iterator[Finding]:
    """What is wrong with a reading beside what was sensed: they may differ by less than one in the last decimal."""
    what, printed = SENSED[step.sensed or "hold"], f"{sensed} {display(step.unit)}"
    if step.limit is not None and judge_number(step, sensed) == "fail":
        limit = range_text(step.limit, step.unit)
        yield Finding("sensed-out-of-limit", f"The printout says {printed} ({what}), outside the limit, {limit}.")
    given, measured = _number(typed), _number(sensed)
    if given is None or measured is None:
        return
    places = step.decimals if step.decimals is not None else max(-int(given.as_tuple().exponent), 0)
    if abs(given - measured) >= Decimal(1).scaleb(-places):
        why = f"{typed} {display(step.unit)} was typed, the printout says {printed} ({what})."
        yield Finding("sensed-differs", why)


def _number(text: str | None) -> Decimal | None:
    try:
        number = Decimal(text or "")
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
