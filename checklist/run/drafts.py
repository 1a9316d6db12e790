"""What closing a step, or failing to, leaves in the record: drafts of entries, and the run's completion with
the last of them."""

from typing import Final

from checklist.ledger.entry import Draft, Entry, Json, Moment
from checklist.protocol.model import Protocol, Step
from checklist.run.events import Author, Kind, Reason, as_json
from checklist.run.fold import apply
from checklist.run.marks import Outcome, Status
from checklist.run.state import RunState, StepState
from checklist.run.timing import elapsed_ms, time_read

_TENTH_MS: Final = 100
"""What a timer took is recorded in tenths of a second."""


def draft_of_run(state: RunState, kind: Kind, author: Author, data: dict[str, Json] | None = None) -> Draft:
    return Draft(kind.value, data or {}, author.operator, author.via, state.run)


def draft_of_step(state: RunState, step: Step, kind: Kind, data: dict[str, Json], author: Author) -> Draft:
    return Draft(kind.value, data, author.operator, author.via, state.run, step.id)


def closing(
    state: RunState,
    step: Step,
    kind: Kind,
    data: dict[str, Json],
    author: Author,
    now: Moment,
    *,
    before: tuple[Draft, ...] = (),
    behind: tuple[Draft, ...] = (),
) -> tuple[Draft, ...]:
    """The entry that closes a step, and the run's completion where that was the last one. How long it took to type
    what stands on paper says nothing of the act."""
    if state.paper is None:
        data = {**data, "ms": elapsed_ms(state.since, now)}
    end = draft_of_step(state, step, kind, data, author)
    return with_completion(state, (*before, end, *behind), author, now)


def outrun(state: RunState, step: Step, value: Json, author: Author) -> tuple[Draft, ...]:
    """What opens again each timer that ended before the time that is read here now: it was held to a shorter one, or to
    none, and what the label says was never kept."""
    if step.kind != "measure":
        return ()
    read = time_read(value, step.unit)
    return tuple(
        draft_of_step(state, timer, Kind.STEP_CORRECTED, _taken_back(state, own), author)
        for timer in bound_to(state.protocol, step.id)
        if (own := state.steps[timer.id]).status is Status.DONE and time_read(own.value, "s") + _TENTH_MS < read
    )


def bound_to(protocol: Protocol, step_id: str) -> list[Step]:
    """The timers that last as long as was read at a step."""
    return [step for step in protocol.steps if step.kind == "timer" and step.at_least_as == step_id]


def _taken_back(state: RunState, own: StepState) -> dict[str, Json]:
    of: Json = {"station": state.station, "index": own.entry, "leaf": own.leaf}
    return {"of": of, "was": as_json(own.value), **Reason("mistake").data()}


def with_completion(state: RunState, drafts: tuple[Draft, ...], author: Author, now: Moment) -> tuple[Draft, ...]:
    """The drafts, and the run's completion where they leave nothing more to ask: an open run always has a
    current step."""
    after = state
    for draft in drafts:
        after = apply(after, _as_if(draft, state, now))
    if after.next_step is not None:
        return drafts
    outcome: dict[str, Json] = {"outcome": outcome_of(after).value, "deviations": after.deviations}
    return (*drafts, draft_of_run(state, Kind.RUN_COMPLETED, author, outcome))


def outcome_of(state: RunState) -> Outcome:
    """What a run amounts to once nothing more is asked of it (design §4)."""
    statuses = {step.status for step in state.steps.values()}
    if Status.FAILED in statuses:
        return Outcome.FAILED
    return Outcome.COMPLETE_EXCEPT_DEFERRED if Status.DEFERRED in statuses else Outcome.COMPLETE


def _as_if(draft: Draft, state: RunState, now: Moment) -> Entry:
    """The draft as the entry that it would become, to see where it leads; never stored."""
    return Entry(
        v=1,
        station=state.station,
        index=state.head[0] + 1,
        id="",
        kind=draft.kind,
        moment=now,
        actor=draft.actor,
        via=draft.via,
        run=draft.run,
        step=draft.step,
        data=draft.data,
        prev=None,
        leaf="",
    )


def attempts(own: StepState) -> int:
    return len(own.attempts) + 1


def attempted(
    state: RunState,
    step: Step,
    data: dict[str, Json],
    verdict: str,
    author: Author,
    now: Moment,
    before: tuple[Draft, ...] = (),
) -> tuple[Draft, ...]:
    data = {**data, "verdict": verdict}
    if verdict == "fail" and step.on_fail.open:
        data["open"] = step.on_fail.open
    attempt = draft_of_step(state, step, Kind.STEP_ATTEMPTED, data, author)
    if verdict == "fail" and step.on_fail.stop:
        return failed(state, step, None, author, now, before=(*before, attempt))
    return (*before, attempt)


def failed(
    state: RunState,
    step: Step,
    reason: Reason | None,
    author: Author,
    now: Moment,
    before: tuple[Draft, ...] = (),
) -> tuple[Draft, ...]:
    own = state.steps[step.id]
    data: dict[str, Json] = {"attempts": len(own.attempts) + sum(d.kind == Kind.STEP_ATTEMPTED for d in before)}
    data |= reason.data() if reason else {"cause": "limit"}
    if step.on_fail.open:
        data["open"] = step.on_fail.open
    return closing(state, step, Kind.STEP_FAILED, data, author, now, before=before)
