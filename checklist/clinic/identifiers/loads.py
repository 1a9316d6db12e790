"""How a thing stands at a moment, beyond what the tables say: whether the cycle of a load is over and only the release
is missing, whether what was released has expired (both take the run of the load and the protocol that it walked), and
whether the use-by date on a label has passed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from checklist.clinic.errors import ClinicError
from checklist.clinic.folding import looked_over
from checklist.clinic.identifiers.blocking import blocked
from checklist.clinic.identifiers.trace_views import RELEASED
from checklist.clinic.identifiers.tracing import ABOUT, Records
from checklist.ledger.errors import Damaged
from checklist.protocol.errors import ProtocolError
from checklist.protocol.plain import ProfileRef
from checklist.run.timing import calendar_day, expires_at, utc
from checklist.trace.follow import NEVER_SPREADS, Identifier, key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from checklist.clinic.identifiers.tracing import Trace
    from checklist.clinic.texts.library import Library
    from checklist.ledger.entry import Moment
    from checklist.ledger.reader import Reader
    from checklist.run.state import RunState

RUNNING: Final = "running"
AWAITING: Final = "awaiting"
EXPIRED: Final = "expired"

_SCANNED: Final = ("used", "seen")
"""What the tables say of what nobody here has made."""


def with_state(found: Trace, readers: Sequence[Reader], library: Library, now: Moment) -> Trace:
    """What is known of a thing, with how it stands at this moment."""
    state = state_now(found.state, Identifier(found.kind, found.value), readers, library, now)
    since = since_now(found.since, found.state, state)
    used = tuple((one, state_now(told, one, readers, library, now)) for one, told in found.used)
    return replace(found, state=state, since=since, used=used)


def state_now(told: str, named: Identifier, readers: Sequence[Reader], library: Library, now: Moment) -> str:
    """How a thing stands at this moment, given what the tables say of it (`told`)."""
    if told in _SCANNED and named.kind not in (*ABOUT, *NEVER_SPREADS):
        last = Records(readers).expiry_of(named)
        return EXPIRED if last is not None and last < calendar_day(now).isoformat() else told
    if told not in (RUNNING, RELEASED):
        return told
    try:
        block = blocked(readers, Records(readers), named)
    except Damaged:
        return "unknown"
    if block is not None:  # by what it came from, or the machine that made it: the gate would say so
        return block.state
    maker = _maker(readers, named.value)
    entries = [entry for reader in readers for entry in reader.run_entries(maker)] if maker is not None else []
    try:
        state = looked_over(library, maker or "", entries)
    except (ClinicError, ProtocolError):  # what it was made by cannot be read: the tables have the last word
        return told
    if told == RUNNING:
        return AWAITING if awaits_release(state) else told
    return EXPIRED if _expired(state, now) else told


def since_now(since: str | None, told: str, state: str) -> str | None:
    """Since when a thing stands so, given what the tables say; None where it has come to stand otherwise by itself."""
    return since if state in (told, AWAITING) else None


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
    until = keeps_until(state)
    return until is not None and not state.open and utc(now) >= until


def keeps_until(state: RunState) -> datetime | None:
    """The moment from which what a run made counts no more: by when it was begun, of a sheet by when that ended, for no
    correction makes it younger. None where it keeps for ever, and where the run does not say by which profile."""
    keeps = state.protocol.valid_for
    if keeps is None or isinstance(keeps, ProfileRef):
        return None
    made = state.paper.ended if state.paper is not None else state.started.at
    return expires_at(replace(state.since, at=made), keeps)


def _maker(readers: Sequence[Reader], load: str) -> str | None:
    """The run that made a load, the newest where there are several."""
    question = (
        "SELECT run FROM identifier WHERE kind = 'load' AND value = ? AND use = 'produced' AND withdrawn = 0"
        " ORDER BY idx DESC LIMIT 1"
    )
    found = [str(row[0]) for reader in readers for row in reader.query(question, (key("load", load),))]
    return found[-1] if found else None
