"""How a step looks: the marks of design §2. Shape and word carry the meaning; colour only helps."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from checklist.ledger.entry import Moment
from checklist.protocol.model import Step
from checklist.run.state import RunState, Status
from checklist.run.timing import Phase


class Look(StrEnum):
    """How a step looks on a screen or a line: the states of design §2, each with its own mark."""

    PENDING = "pending"
    CURRENT = "current"
    WAITING = "waiting"
    WITNESS = "witness"
    DONE = "done"
    DEVIATION = "deviation"
    SKIPPED = "skipped"
    NOT_APPLICABLE = "not-applicable"
    DEFERRED = "deferred"
    FAILED = "failed"
    BLOCKED = "blocked"
    OVERRIDDEN = "overridden"
    UNKNOWN = "unknown"


MARKS: Mapping[Look, str] = MappingProxyType(
    {
        Look.PENDING: "[ ]",
        Look.CURRENT: "[>]",
        Look.WAITING: "(~)",
        Look.WITNESS: "(2)",
        Look.DONE: "[x]",
        Look.DEVIATION: "/!\\",
        Look.SKIPPED: "[-]",
        Look.NOT_APPLICABLE: "[.]",
        Look.DEFERRED: "(+)",
        Look.FAILED: "<X>",
        Look.BLOCKED: "<#>",
        Look.OVERRIDDEN: "/O\\",
        Look.UNKNOWN: "{?}",
    }
)


def look(state: RunState, step: Step, now: Moment) -> Look:
    """How a step looks at this moment."""
    status = state.status(step)
    own = state.steps[step.id]
    if status is Status.DONE:
        return Look.DEVIATION if own.deviates else Look.DONE
    if status is not Status.CURRENT:
        return Look(status.value)
    if step.hold and own.owed == "remedy":
        return Look.BLOCKED
    if step.kind == "witness":
        return Look.WITNESS
    timer = state.timer(step, now)
    return Look.WAITING if timer and timer.phase in {Phase.RUNNING, Phase.READY} else Look.CURRENT
