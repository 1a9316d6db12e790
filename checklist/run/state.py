"""What a run is at one moment, and what follows from that: where it stands, which steps apply, what is hidden.

Knows nothing of entries: how each of them changes a run is in `fold`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from checklist.run.marks import Outcome, Status
from checklist.run.timing import Bounds, milliseconds, read_timer, time_read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checklist.ledger.entry import Moment
    from checklist.protocol.model import Protocol, Step, Timer, When
    from checklist.run.events import Reason, Value
    from checklist.run.paper import Paper
    from checklist.run.printout import Finding, Printout
    from checklist.run.timing import TimerReading


@dataclass(frozen=True, slots=True)
class Attempt:
    """One value that was given for a step, kept whatever became of it."""

    value: Value | None
    verdict: str
    by: str | None
    at: str
    entry: int
    words: str | None = None
    witness: str | None = None
    corrected: Reason | None = None
    """Why it no longer stands, where a correction took it back."""
    sensed: str | None = None
    """What the machine's printout says of the same."""
    printout: Printout | None = None
    """What an attached printout says."""
    findings: tuple[Finding, ...] = ()
    check: str = ""
    """The kind of check across steps that it broke."""


@dataclass(frozen=True, slots=True)
class Note:
    """Words left at a step (as a commitment): a remedy, a comment, or just a note."""

    words: str
    about: str
    by: str | None
    entry: int


@dataclass(frozen=True, slots=True)
class Signature:
    """What somebody said with their secret about a step: `name` is the commitment to their printed name."""

    by: str | None
    name: str
    meaning: str
    at: str
    factors: tuple[str, ...]
    corrected: Reason | None = None
    """Why what it vouched for was opened again; None while it stands, or where something put off was taken up."""


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
    starter: str | None = None
    """Who started the timer of this step: they are a first person to it as well as `by`, who ended it."""
    owed: str | None = None
    commented: bool = False
    revealed: bool = False
    """Of a second reading: whether the first one has been seen since, so that this one can no longer be blind."""
    notes: tuple[Note, ...] = ()
    signed: Signature | None = None
    signed_before: tuple[Signature, ...] = ()
    """Signatures that were given here and asked for again since, oldest first."""
    set_aside: tuple[Attempt, ...] = ()
    """What somebody vouched for before they were asked again: kept to be told, and no attempt at anything."""

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
    unsigned: bool = False
    """Whether nobody had signed in who began it, as in an emergency."""
    attributed: str | None = None
    """Who said afterwards that they did what was done without signing in."""
    attributed_at: str | None = None
    paper: Paper | None = None
    """When it was written, where it was walked on paper and is entered from there. Such a run counts from the time at
    which the paper ended, not from that of its entry."""
    _applying: dict[str, bool] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Which steps apply, as far as it was asked of this very state; every other state begins anew."""

    @property
    def open(self) -> bool:
        """Whether the run still goes on."""
        return self.outcome is Outcome.OPEN

    @property
    def unattributed(self) -> bool:
        """Whether nobody yet stands for what was done without signing in."""
        return self.unsigned and self.attributed is None

    @property
    def deviations(self) -> int:
        """How many steps deviate."""
        return sum(step.deviates for step in self.steps.values())

    def applies(self, step: Step) -> bool:
        """Whether a step's condition leaves it in. A question that was not answered rules nothing out: leaving out a
        safety step takes an answer, not a gap. Nor does an answer rule out a step whose own last reading failed:
        otherwise a correction elsewhere would pass a hold."""
        # A condition may wait for a step that has one itself, some hundreds deep: each is looked at once a state.
        known = self._applying.get(step.id)
        if known is None:
            first_applies = step.kind != "witness" or self.applies(self.protocol.step(step.of))
            known = first_applies and (
                step.when is None
                or self.steps[step.id].failed_last
                or (self.applies(self.protocol.step(step.when.step)) and self._may_hold(step.when))
            )
            self._applying[step.id] = known
        return known

    def _may_hold(self, when: When) -> bool:
        answer = self.steps[when.step]
        return answer.status is not Status.DONE or _may_be(self.protocol.step(when.step), answer.value, when.is_)

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

    @property
    def place(self) -> int:
        """The number of the step at which the run stands, counted from 1 as in the text of its protocol, so that it is
        the same on every screen, line and sheet whatever does not apply; the last one where none is left."""
        current = self.current
        return self.protocol.index(current.id) + 1 if current is not None else len(self.protocol.steps)

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
        return read_timer(self.steps[step.id].started, self.bounds(step), now)

    def bounds(self, step: Timer) -> Bounds:
        """How long a timer must run, and may: by its own times, and by what was read at the step that it names."""
        own = Bounds(milliseconds(step.at_least), None if step.at_most is None else milliseconds(step.at_most))
        return own if step.at_least_as is None else own.with_reading(self.read_ms(step.at_least_as))

    def read_ms(self, step_id: str) -> int:
        """The time that was read at a step, in milliseconds; 0 where none stands."""
        step, own = self.protocol.step(step_id), self.steps[step_id]
        return time_read(own.value, step.unit) if step.kind == "measure" and own.status is Status.DONE else 0

    def differs(self, step: Step) -> bool:
        """Whether a second person has read otherwise than the first reading that stands: then both look again, the
        first one first. Every reading is kept, and none is told to the other."""
        return not self.steps[step.id].closed and bool(self.second_readers(step))

    def second_readers(self, step: Step) -> frozenset[str | None]:
        """Who has read otherwise than the first reading that stands. Each of them knows what it is not: of two values
        they would only have to say the other one, so they read no more until the first was looked at again."""
        if step.kind != "witness":
            return frozenset()
        first = self.steps[step.of]
        if first.entry is None or not first.closed:
            return frozenset()
        tried = self.steps[step.id].attempts
        return frozenset(each.witness for each in tried if each.verdict == "fail" and each.entry > first.entry)

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
