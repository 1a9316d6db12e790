"""A run, folded from its entries: the same from the file as it was live.

Knows how each entry changes a run. Refuses to know whether it should have been written (walk.py) and how it
was stored.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from checklist.run.events import CLOSING, Kind, number_of, reason_of, strings_of, text_of
from checklist.run.marks import Outcome, Status
from checklist.run.paper import paper_of
from checklist.run.printout import findings_of, printout_of
from checklist.run.state import Attempt, Note, RunState, Signature, StepState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from checklist.ledger.entry import Entry
    from checklist.protocol.model import Protocol, Step
    from checklist.run.events import Reason, Value


def begin(protocol: Protocol, entry: Entry) -> RunState:
    """The run that a `run.started` entry begins."""
    named = strings_of(entry.data, "protocol")
    return RunState(
        run=entry.place,
        protocol=protocol,
        sha256=named.get("sha256", ""),
        subject=text_of(entry.data, "subject") or "",
        session=text_of(entry.data, "session"),
        holder=entry.actor,
        started=entry.moment,
        since=entry.moment,
        head=(entry.index, entry.leaf),
        station=entry.station,
        steps=MappingProxyType({step.id: StepState() for step in protocol.steps}),
        operators=(entry.actor,) if entry.actor else (),
        unsigned=entry.actor is None,
        paper=paper_of(entry.data),
    )


def fold(protocol: Protocol, entries: Iterable[Entry]) -> RunState:
    """The state of the run whose entries these are, oldest first; the first is its `run.started`.

    Raises ValueError where there are none.
    """
    state: RunState | None = None
    for entry in entries:
        state = begin(protocol, entry) if state is None else apply(state, entry)
    if state is None:
        raise ValueError("a run has at least the entry that started it")
    return state


def apply(state: RunState, entry: Entry) -> RunState:
    """The run after one more of its entries. Kinds that do not change a run only move its head."""
    state = replace(state, head=(entry.index, entry.leaf))
    if entry.kind.startswith("run."):
        return _apply_to_run(state, entry)
    if entry.step is None or entry.step not in state.steps:
        return state
    if entry.kind in CLOSING:
        return _close_step(state, entry, CLOSING[entry.kind])
    if entry.kind == Kind.STEP_CORRECTED:
        return _reopen_corrected(state, entry)
    step = _within_step(state.steps[entry.step], entry)
    if state.protocol.step(entry.step).kind == "witness" and step.owed:
        step = replace(step, owed=None)  # two readings that differ ask both to look again, which says it all
    return _with_step(state, entry.step, step)


def _apply_to_run(state: RunState, entry: Entry) -> RunState:
    match entry.kind:
        case Kind.RUN_PAUSED:
            return replace(state, paused=True)
        case Kind.RUN_RESUMED:
            state = _take_up_deferred(state) if state.outcome is Outcome.COMPLETE_EXCEPT_DEFERRED else state
            return replace(state, paused=False, since=entry.moment)
        case Kind.RUN_HANDED_OVER:
            to = text_of(entry.data, "to")
            return replace(state, holder=to, paused=False, since=entry.moment, operators=_known(state, to))
        case Kind.RUN_ATTRIBUTED:
            known = _known(state, entry.actor)
            return replace(state, attributed=entry.actor, attributed_at=entry.moment.at, operators=known)
        case Kind.RUN_COMPLETED:
            told = text_of(entry.data, "outcome")
            # An outcome that this version does not know is never taken for a good one.
            outcome = Outcome(told) if told in set(Outcome) else Outcome.FAILED
            return replace(state, outcome=outcome, ended=entry.moment.at, completed_once=True, paused=False)
        case Kind.RUN_ABANDONED:
            return replace(state, outcome=Outcome.ABANDONED, ended=entry.moment.at, ended_reason=reason_of(entry.data))
        case Kind.RUN_EXPIRED:
            return replace(state, outcome=Outcome.EXPIRED, ended=entry.moment.at)
        case _:
            return state


def _known(state: RunState, operator: str | None) -> tuple[str, ...]:
    """Everybody who answered for the run so far, and this person."""
    return state.operators if operator is None or operator in state.operators else (*state.operators, operator)


def _within_step(step: StepState, entry: Entry) -> StepState:
    match entry.kind:
        case Kind.STEP_STARTED:
            return replace(step, started=entry.moment, by=entry.actor, starter=entry.actor)
        case Kind.STEP_ATTEMPTED:
            verdict = text_of(entry.data, "verdict") or "fail"
            attempt = _attempt(step, entry, verdict)
            owed = "remedy" if verdict == "fail" else "comment"
            follow_up = text_of(entry.data, "open") or step.follow_up
            return replace(step, attempts=(*step.attempts, attempt), owed=owed, started=None, follow_up=follow_up)
        case Kind.STEP_NOTED:
            about = text_of(entry.data, "about") or "note"
            note = Note(text_of(entry.data, "words") or "", about, entry.actor, entry.index)
            settled = step.owed is not None and about == step.owed
            return replace(
                step,
                notes=(*step.notes, note),
                owed=None if settled else step.owed,
                commented=step.commented or (settled and about == "comment"),
            )
        case Kind.WITNESSED:
            return replace(step, witness=entry.actor)
        case Kind.SIGNED:
            return replace(step, signed=_signature(entry))
        case _:
            return step


def _close_step(state: RunState, entry: Entry, status: Status) -> RunState:
    step_id = entry.step or ""
    own = state.steps[step_id]
    attempts = own.attempts
    if status is Status.DONE:
        attempts = (*attempts, _attempt(own, entry, text_of(entry.data, "verdict") or "pass"))
    closed = replace(
        own,
        status=status,
        attempts=attempts,
        value=_value(entry) if status is Status.DONE else own.value,
        unit=text_of(entry.data, "unit"),
        input=text_of(entry.data, "input"),
        words=text_of(entry.data, "words") if status is Status.DONE else own.words,
        # What ends by itself (a timer) was done by whoever started it.
        by=own.by if entry.via == "system" else entry.actor,
        witness=text_of(entry.data, "witness") or own.witness,
        via=entry.via,
        entry=entry.index,
        leaf=entry.leaf,
        at=entry.moment.at,
        ms=number_of(entry.data, "ms") if "ms" in entry.data else None,
        reason=own.reason if status is Status.DONE else reason_of(entry.data),
        until=text_of(entry.data, "until"),
        follow_up=text_of(entry.data, "open") or own.follow_up,
        started=None,
        owed=None,
        revealed=own.revealed or status is not Status.DEFERRED,
    )
    return replace(_with_step(state, step_id, closed), since=entry.moment)


def _reopen_corrected(state: RunState, entry: Entry) -> RunState:
    """The corrected step opens again, and with it whatever vouched for what it said before."""
    step_id = entry.step or ""
    steps = dict(state.steps)
    reason = reason_of(entry.data)
    steps[step_id] = replace(_reopened(steps[step_id], reason), reason=reason)
    _ask_vouchers_again(state.protocol, steps, step_id, reason)
    return replace(state, steps=MappingProxyType(steps), outcome=Outcome.OPEN, ended=None, since=entry.moment)


def _take_up_deferred(state: RunState) -> RunState:
    """What was put off is asked again, and with it whatever vouched for the run without it."""
    steps = dict(state.steps)
    for step_id, own in state.steps.items():
        if own.status is Status.DEFERRED:
            steps[step_id] = replace(own, status=Status.PENDING)
            _ask_vouchers_again(state.protocol, steps, step_id, None)
    return replace(state, steps=MappingProxyType(steps), outcome=Outcome.OPEN, ended=None)


def _ask_vouchers_again(protocol: Protocol, steps: dict[str, StepState], step_id: str, reason: Reason | None) -> None:
    """Open again the second readings of a step and the signatures given after it. They did nothing wrong: what
    they said before is kept, and does not count as an attempt."""
    for step in vouching_for(protocol, step_id):
        if steps[step.id].status is Status.DONE:
            again = _reopened(steps[step.id], reason)
            set_aside = (*again.set_aside, *again.attempts)
            steps[step.id] = replace(again, attempts=(), set_aside=set_aside, revealed=False)


def vouching_for(protocol: Protocol, step_id: str) -> list[Step]:
    """The second readings of a step, and the signatures that come after it."""
    at = protocol.index(step_id)
    return [
        step
        for place, step in enumerate(protocol.steps)
        if (step.kind == "witness" and step.of == step_id) or (step.kind == "sign" and place > at)
    ]


def _reopened(step: StepState, reason: Reason | None) -> StepState:
    """The step asked again; what it said is kept, with the reason why it no longer stands."""
    signed = (replace(step.signed, corrected=reason),) if step.signed else ()
    return replace(
        step,
        attempts=tuple(replace(each, corrected=reason) if each.entry == step.entry else each for each in step.attempts),
        signed_before=(*step.signed_before, *signed),
        status=Status.PENDING,
        value=None,
        words=None,
        witness=None,
        started=None,
        starter=None,
        owed=None,
        commented=False,
        signed=None,
    )


def _with_step(state: RunState, step_id: str, step: StepState) -> RunState:
    return replace(state, steps=MappingProxyType({**state.steps, step_id: step}))


def _signature(entry: Entry) -> Signature:
    factors = entry.data.get("factors")
    return Signature(
        by=entry.actor,
        name=text_of(entry.data, "name") or "",
        meaning=text_of(entry.data, "meaning") or "",
        at=entry.moment.at,
        factors=tuple(str(each) for each in factors) if isinstance(factors, list) else (),
    )


def _attempt(step: StepState, entry: Entry, verdict: str) -> Attempt:
    return Attempt(
        value=_value(entry),
        verdict=verdict,
        by=entry.actor,
        at=entry.moment.at,
        entry=entry.index,
        words=text_of(entry.data, "words"),
        witness=text_of(entry.data, "witness") or step.witness,
        sensed=text_of(entry.data, "sensed"),
        printout=printout_of(entry.data),
        findings=findings_of(entry.data),
        check=text_of(entry.data, "check") or "",
    )


def _value(entry: Entry) -> Value | None:
    identifiers = {
        **strings_of(entry.data, "value"),
        **strings_of(entry.data, "consumed"),
        **strings_of(entry.data, "produced"),
        **strings_of(entry.data, "scanned"),
    }
    return text_of(entry.data, "value") or (identifiers or None)
