"""How long something took, as every face says it to who reads the record, and whether that is credible.

Cut, never rounded up: what took 59.96 s did not take the minute that was asked for. A time that is still counted down
is another matter (`tui.say`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.run.marks import Status
from checklist.run.timing import milliseconds

if TYPE_CHECKING:
    from checklist.protocol.model import Step
    from checklist.run.state import StepState

_TENTHS: Final = 600


def lasted(seconds: float) -> str:
    """To a tenth of a second below a minute, from then on in whole seconds: 5.1 s, 3 min 30 s, 2 h."""
    tenths = int(seconds * 10 + 1e-6)
    if tenths < _TENTHS:
        whole, rest = divmod(tenths, 10)
        return f"{whole}.{rest} s" if rest else f"{whole} s"
    minutes, left = divmod(tenths // 10, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"), (left, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def too_fast(step: Step, own: StepState) -> str:
    """In words, how much sooner a step was done than its protocol says is credible: it is recorded and found, never
    refused. Empty where it was not: a timer runs for its time, and what was entered from paper was not timed at all."""
    if own.status is not Status.DONE or step.kind == "timer" or step.at_least is None or own.ms is None:
        return ""
    least = milliseconds(step.at_least)
    return f"{lasted(own.ms / 1000)}; it takes at least {lasted(least / 1000)}" if own.ms < least else ""
