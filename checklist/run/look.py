"""How a step looks at a moment: which of the marks of design §2 it has."""

from checklist.ledger.entry import Moment
from checklist.protocol.model import Step
from checklist.run.marks import Look, Status
from checklist.run.state import RunState
from checklist.run.timing import Phase


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
