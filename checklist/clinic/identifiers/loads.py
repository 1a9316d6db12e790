"""How a load stands beyond what the tables say: whether its cycle is over and only the release is missing, and whether
what was released has expired. Both take the run of the load and the protocol that it walked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from checklist.clinic.errors import ClinicError
from checklist.clinic.folding import looked_over
from checklist.clinic.identifiers.trace_views import RELEASED
from checklist.protocol.errors import ProtocolError
from checklist.protocol.plain import ProfileRef
from checklist.run.timing import expires_at, utc
from checklist.trace.follow import key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.identifiers.tracing import Trace
    from checklist.clinic.texts.library import Library
    from checklist.ledger.entry import Moment
    from checklist.ledger.reader import Reader
    from checklist.run.state import RunState

RUNNING: Final = "running"
AWAITING: Final = "awaiting"
EXPIRED: Final = "expired"


def with_state(found: Trace, readers: Sequence[Reader], library: Library, now: Moment) -> Trace:
    """What is known of a load, with how it stands at this moment; of anything else the same."""
    if found.kind != "load":
        return found
    return replace(found, state=state_now(found.state, found.value, readers, library, now))


def state_now(told: str, load: str, readers: Sequence[Reader], library: Library, now: Moment) -> str:
    """How a load stands at this moment, given what the tables say of it (`told`)."""
    if told not in (RUNNING, RELEASED):
        return told
    maker = _maker(readers, load)
    entries = [entry for reader in readers for entry in reader.run_entries(maker)] if maker is not None else []
    try:
        state = looked_over(library, maker or "", entries)
    except (ClinicError, ProtocolError):  # what it was made by cannot be read: the tables have the last word
        return told
    if told == RUNNING:
        return AWAITING if awaits_release(state) else told
    return EXPIRED if _expired(state, now) else told


def awaits_release(state: RunState) -> bool:
    """Whether all that was to be measured, and the printout, are there, and the release is not."""
    asked = [step for step in state.protocol.steps if state.applies(step)]
    measured = [step for step in asked if step.kind == "measure" or (step.kind == "attach" and step.printout)]
    decides = [step for step in asked if step.kind == "sign" and RELEASED in step.meanings]
    return (
        state.open
        and bool(measured)
        and all(state.steps[step.id].closed for step in measured)
        and any(not state.steps[step.id].closed for step in decides)
    )


def release_is_next(state: RunState) -> bool:
    """Whether a load stands there for nothing but the signature that releases it."""
    step = state.current
    return awaits_release(state) and step is not None and step.kind == "sign" and RELEASED in step.meanings


def _expired(state: RunState, now: Moment) -> bool:
    """Whether a completed run counts no more: what it released is kept no longer than that."""
    valid = state.protocol.valid_for
    if valid is None or isinstance(valid, ProfileRef) or state.ended is None:
        return False
    return utc(now) >= expires_at(replace(state.since, at=state.ended), valid)


def _maker(readers: Sequence[Reader], load: str) -> str | None:
    """The run that made a load, the newest where there are several."""
    question = (
        "SELECT run FROM identifier WHERE kind = 'load' AND value = ? AND use = 'produced' AND withdrawn = 0"
        " ORDER BY idx DESC LIMIT 1"
    )
    found = [str(row[0]) for reader in readers for row in reader.query(question, (key("load", load),))]
    return found[-1] if found else None
