"""What a run is, folded from its entries: the same from the file as it was live.

Knows how each entry changes a run. Refuses to know whether it should have been written (walk.py) and how it
was stored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from checklist.ledger.entry import Entry, Moment
from checklist.protocol.model import Protocol, Step
from checklist.run.events import Kind, Reason, Value, number_of, reason_of, strings_of, text_of
from checklist.run.marks import Outcome, Status
from checklist.run.timing import TimerReading, milliseconds, read_timer


@dataclass(frozen=True, slots=True)
class Attempt:
    """One value that was given for a step, kept whatever became of it."""

    value: Value | None
    verdict: str
    by: str | None
    at: str
    entry: int


@dataclass(frozen=True, slots=True)
class Note:
    """Words left at a step (as a commitment): a remedy, a comment, or just a note."""

    words: str
    about: str
    by: str | None
    entry: int


@dataclass(frozen=True, slots=True)
class StepState:
    """One step as it stands. `owed` is what must be said before a fresh value: "remedy" or "comment"."""

    status: Status = Status.PENDING
    attempts: tuple[Attempt, ...] = ()
    value: Value | None = None
    unit: str | None = None
    input: str | None = None
    words: str | None = None
    by: str | None = None
    witness: str | None = None
    via: str | None = None
    entry: int | None = None
    leaf: str | None = None
    at: str | None = None
    ms: int | None = None
    reason: Reason | None = None
    until: str | None = None
    follow_up: str | None = None
    started: Moment | None = None
    owed: str | None = None
    commented: bool = False
    revealed: bool = False
    """Of a second reading: whether the first one has been seen since, so that this one can no longer be blind."""
    notes: tuple[Note, ...] = ()

    @property
    def closed(self) -> bool:
        """Whether the step needs nothing more for now."""
        return self.status is not Status.PENDING

    @property
    def failed_last(self) -> bool:
        """Whether the last reading that decided anything was a failed one."""
        verdicts = [attempt.verdict for attempt in self.attempts if attempt.verdict != "unexpected"]
        return bool(verdicts) and verdicts[-1] == "fail"

    @property
    def deviates(self) -> bool:
        """Whether anything other than "done as written, the first time" happened (design §2)."""
        if self.status is Status.PENDING:
            return False
        return self.status is not Status.DONE or len(self.attempts) > 1 or self.reason is not None


@dataclass(frozen=True, slots=True)
class RunState:
    """One run as it stands after its last entry (`head`: that entry's index and leaf hash)."""

    run: str
    protocol: Protocol
    sha256: str
    subject: str
    session: str | None
    holder: str | None
    started: Moment
    since: Moment
    head: tuple[int, str]
    station: str
    steps: Mapping[str, StepState]
    outcome: Outcome = Outcome.OPEN
    paused: bool = False
    ended: str | None = None
    ended_reason: Reason | None = None
    completed_once: bool = False
    operators: tuple[str, ...] = field(default=())

    @property
    def open(self) -> bool:
        """Whether the run still goes on."""
        return self.outcome is Outcome.OPEN

    @property
    def deviations(self) -> int:
        """How many steps deviate."""
        return sum(step.deviates for step in self.steps.values())

    def applies(self, step: Step) -> bool:
        """Whether a step's condition leaves it in. A question that was not answered rules nothing out: leaving out a
        safety step takes an answer, not a gap. Nor does an answer rule out a step whose own last reading failed:
        otherwise a correction elsewhere would pass a hold."""
        if step.kind == "witness" and not self.applies(self.protocol.step(step.of)):
            return False
        if step.when is None or self.steps[step.id].failed_last:
            return True
        asked = self.protocol.step(step.when.step)
        if not self.applies(asked):
            return False
        answer = self.steps[asked.id]
        return answer.status is not Status.DONE or _may_be(asked, answer.value, step.when.is_)

    @property
    def next_step(self) -> Step | None:
        """The first step that still needs something, whether or not the run is open. Behind a failed step
        that stops the run nothing goes on; before it, what was corrected is asked again."""
        for step in self.protocol.steps:
            status = self.steps[step.id].status
            if status is Status.FAILED and stops(step):
                return None
            if status is Status.PENDING and self.applies(step):
                return step
        return None

    @property
    def current(self) -> Step | None:
        """The step at which the run stands; None when it has ended."""
        return self.next_step if self.open else None

    def status(self, step: Step) -> Status:
        """A step's state in the words of the record's readers."""
        own = self.steps[step.id].status
        if own is not Status.PENDING:
            return own
        if not self.applies(step):
            return Status.NOT_APPLICABLE
        current = self.current
        return Status.CURRENT if current is not None and current.id == step.id else Status.PENDING

    def timer(self, step: Step, now: Moment) -> TimerReading | None:
        """Where a timer step stands; None for any other kind."""
        if step.kind != "timer":
            return None
        at_most = None if step.at_most is None else milliseconds(step.at_most)
        return read_timer(self.steps[step.id].started, milliseconds(step.at_least), at_most, now)

    @property
    def concealed(self) -> frozenset[str]:
        """Steps whose reading stays hidden, because a second person has yet to read for themselves."""
        return frozenset(
            step.of
            for step in self.protocol.steps
            if step.kind == "witness" and self._may_be_blind(self.steps[step.id]) and self.applies(step)
        )

    @staticmethod
    def _may_be_blind(second: StepState) -> bool:
        return second.status in (Status.PENDING, Status.DEFERRED) and not second.revealed


def _may_be(asked: Step, value: Value | None, wanted: str) -> bool:
    """Whether an answer is the one that a condition waits for; what cannot be compared rules nothing out."""
    if not isinstance(value, str):
        return True
    if asked.kind == "measure":
        try:
            return Decimal(value) == Decimal(wanted)
        except InvalidOperation:
            return True
    return value == wanted


def stops(step: Step) -> bool:
    """Whether a failure of this step ends the run: it is a hold, or its protocol says so."""
    return step.hold or step.on_fail.stop


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


_CLOSING = {
    Kind.STEP_DONE: Status.DONE,
    Kind.STEP_FAILED: Status.FAILED,
    Kind.STEP_SKIPPED: Status.SKIPPED,
    Kind.STEP_NOT_APPLICABLE: Status.NOT_APPLICABLE,
    Kind.STEP_DEFERRED: Status.DEFERRED,
    Kind.STEP_OVERRIDDEN: Status.OVERRIDDEN,
}


def apply(state: RunState, entry: Entry) -> RunState:
    """The run after one more of its entries. Kinds that do not change a run only move its head."""
    state = replace(state, head=(entry.index, entry.leaf))
    if entry.kind.startswith("run."):
        return _apply_to_run(state, entry)
    if entry.step is None or entry.step not in state.steps:
        return state
    if entry.kind in _CLOSING:
        return _close_step(state, entry, _CLOSING[Kind(entry.kind)])
    if entry.kind == Kind.STEP_CORRECTED:
        return _reopen_corrected(state, entry)
    return _with_step(state, entry.step, _within_step(state.steps[entry.step], entry))


def _apply_to_run(state: RunState, entry: Entry) -> RunState:
    match entry.kind:
        case Kind.RUN_PAUSED:
            return replace(state, paused=True)
        case Kind.RUN_RESUMED:
            state = _take_up_deferred(state) if state.outcome is Outcome.COMPLETE_EXCEPT_DEFERRED else state
            return replace(state, paused=False, since=entry.moment)
        case Kind.RUN_HANDED_OVER:
            to = text_of(entry.data, "to")
            known = state.operators if to is None or to in state.operators else (*state.operators, to)
            return replace(state, holder=to, paused=False, since=entry.moment, operators=known)
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


def _within_step(step: StepState, entry: Entry) -> StepState:
    match entry.kind:
        case Kind.STEP_STARTED:
            return replace(step, started=entry.moment, by=entry.actor)
        case Kind.STEP_ATTEMPTED:
            verdict = text_of(entry.data, "verdict") or "fail"
            attempt = _attempt(entry, verdict)
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
        case _:
            return step


def _close_step(state: RunState, entry: Entry, status: Status) -> RunState:
    step_id = entry.step or ""
    own = state.steps[step_id]
    attempts = own.attempts
    if status is Status.DONE:
        attempts = (*attempts, _attempt(entry, text_of(entry.data, "verdict") or "pass"))
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
        ms=number_of(entry.data, "ms"),
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
    steps[step_id] = replace(_reopened(steps[step_id]), reason=reason_of(entry.data))
    _ask_vouchers_again(state.protocol, steps, step_id)
    return replace(state, steps=MappingProxyType(steps), outcome=Outcome.OPEN, ended=None, since=entry.moment)


def _take_up_deferred(state: RunState) -> RunState:
    """What was put off is asked again, and with it whatever vouched for the run without it."""
    steps = dict(state.steps)
    for step_id, own in state.steps.items():
        if own.status is Status.DEFERRED:
            steps[step_id] = replace(own, status=Status.PENDING)
            _ask_vouchers_again(state.protocol, steps, step_id)
    return replace(state, steps=MappingProxyType(steps), outcome=Outcome.OPEN, ended=None)


def _ask_vouchers_again(protocol: Protocol, steps: dict[str, StepState], step_id: str) -> None:
    """Open again the second readings of a step and the signatures given after it. They did nothing wrong: what
    they said before stays in the ledger, and does not count as an attempt."""
    at = protocol.index(step_id)
    for place, step in enumerate(protocol.steps):
        vouches = (step.kind == "witness" and step.of == step_id) or (step.kind == "sign" and place > at)
        if vouches and steps[step.id].status is Status.DONE:
            steps[step.id] = replace(_reopened(steps[step.id]), attempts=(), revealed=False)


def _reopened(step: StepState) -> StepState:
    return replace(
        step,
        status=Status.PENDING,
        value=None,
        words=None,
        witness=None,
        started=None,
        owed=None,
        commented=False,
    )


def _with_step(state: RunState, step_id: str, step: StepState) -> RunState:
    return replace(state, steps=MappingProxyType({**state.steps, step_id: step}))


def _attempt(entry: Entry, verdict: str) -> Attempt:
    return Attempt(_value(entry), verdict, entry.actor, entry.moment.at, entry.index)


def _value(entry: Entry) -> Value | None:
    identifiers = {
        **strings_of(entry.data, "value"),
        **strings_of(entry.data, "consumed"),
        **strings_of(entry.data, "produced"),
        **strings_of(entry.data, "scanned"),
    }
    return text_of(entry.data, "value") or (identifiers or None)
