"""A run walked in memory on a model clock: every command goes through `decide`, and what comes of it through the fold,
as in a clinic. Nothing is kept.

The people in it hold every role and credential that the protocol asks for, so that what is refused is refused by the
protocol itself. Knows nothing of which commands are worth trying (`tries`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final, Self

from checklist.ledger.entry import Draft, Entry, Moment, seal
from checklist.protocol.errors import MissingProfileValueError
from checklist.protocol.model import Protocol, Sign
from checklist.run import commands as c
from checklist.run.events import Author, Person
from checklist.run.fold import apply, begin
from checklist.run.marks import Outcome, Status
from checklist.run.reading import Refusal
from checklist.run.state import RunState, StepState
from checklist.run.walk import decide, start

# Simulations must not come out otherwise tomorrow than today.
_DAY: Final = date(2031, 1, 1)
_STATION: Final = "model"
_SHA256: Final = "0" * 64
_PASSED: Final = StepState(status=Status.SKIPPED)


@dataclass(frozen=True, slots=True)
class Act:
    """One command, given `wait_ms` after the one before it."""

    command: c.Command
    wait_ms: int = 0


@dataclass(frozen=True, slots=True)
class Cast:
    """The two people of a rehearsal, each with every role and credential that the protocol asks for anywhere."""

    walker: Person
    second: Person

    @classmethod
    def of(cls, protocol: Protocol) -> Self:
        roles = {"staff", "lead", *protocol.roles, *(role for step in protocol.steps for role in step.roles)}
        asked = {*protocol.credentials, *(each for step in protocol.steps for each in step.credentials)}
        credentials = dict.fromkeys(sorted(asked), "")
        first, second = (Person(name, frozenset(roles), ("secret",), credentials) for name in ("u_first", "u_second"))
        return cls(first, second)

    def signer(self, step: Sign) -> Person:
        """Who signs this step: whoever walks, or somebody new where it must be another person."""
        return replace(self.walker, operator=f"u_for_{step.id}") if step.another else self.walker

    def author(self, command: c.Command) -> Author:
        """Who gives this command: the program itself where time has passed."""
        if isinstance(command, c.Tick):
            return Author(None, frozenset(), "system")
        return Author(self.walker.operator, self.walker.roles, "system", self.walker.credentials)


@dataclass(frozen=True, slots=True)
class _Trail:
    act: Act
    before: "_Trail | None"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One run as far as it was walked: its state, how long it took, and the acts that led there."""

    state: RunState
    cast: Cast
    ms: int = 0
    day: date = _DAY
    _trail: _Trail | None = None

    @classmethod
    def begin(cls, protocol: Protocol, day: date = _DAY) -> Self:
        """A run begun with this day. Raises MissingProfileValueError while the protocol names a profile's values."""
        if missing := protocol.profile_values():
            raise MissingProfileValueError(protocol.id, sorted(missing))
        cast = Cast.of(protocol)
        author = cast.author(c.Resume())
        draft = start(protocol, _SHA256, f"{protocol.subject}=model", None, author, moment(0, day))
        if isinstance(draft, Refusal):  # the walker holds all that it could ask for
            raise TypeError(draft.message)
        return cls(begin(protocol, _entry(draft, 0, "", moment(0, day))), cast, day=day)

    def after(self, acts: Sequence[Act]) -> Self | None:
        """The run after these acts, or as far as they go until it ends; None where one of them is refused."""
        run = self
        for act in acts:
            went = run.attempt(act)
            if isinstance(went, Refusal):
                return None
            run = went
            if not run.state.open:
                break
        return run

    def attempt(self, act: Act) -> Self | Refusal:
        """The run after one act, or why it is refused."""
        ms, state = self.ms + act.wait_ms, self.state
        now = moment(ms, self.day)
        drafts = decide(state, act.command, self.cast.author(act.command), now)
        if isinstance(drafts, Refusal):
            return drafts
        for draft in drafts:
            state = apply(state, _entry(draft, state.head[0] + 1, state.head[1], now))
        return replace(self, state=state, ms=ms, _trail=_Trail(act, self._trail))

    def standing_at(self, step_id: str, known: Mapping[str, StepState] = MappingProxyType({})) -> Self:
        """The run at a step, whether or not any path leads there: what is `known` of steps stands, unless it would keep
        the run from standing there; every other step before it counts as skipped. How it came there is not told."""
        protocol = self.state.protocol
        at = protocol.index(step_id)
        steps = {
            step.id: known.get(step.id, _PASSED if place < at else StepState())
            for place, step in enumerate(protocol.steps)
        }
        state = replace(
            self.state, steps=MappingProxyType(steps), outcome=Outcome.OPEN, ended=None, completed_once=False
        )
        if known and (state.current is None or state.current.id != step_id):
            return self.standing_at(step_id)
        return replace(self, state=state, _trail=None)

    @property
    def acts(self) -> tuple[Act, ...]:
        """All acts since the beginning, in their order."""
        return tuple(self._backwards())[::-1]

    def _backwards(self) -> Iterator[Act]:
        trail = self._trail
        while trail is not None:
            yield trail.act
            trail = trail.before


def moment(ms: int, day: date = _DAY) -> Moment:
    """The model clock, so many milliseconds after a run was begun. That is at midnight, so that what counts “today” has
    the whole day."""
    at = datetime.combine(day, time(), UTC) + timedelta(milliseconds=ms)
    return Moment(f"{at:%Y-%m-%dT%H:%M:%S.%f}Z", "UTC", "model", ms, ms)


def _entry(draft: Draft, index: int, last: str, now: Moment) -> Entry:
    entry, _ = seal(draft, _STATION, index, f"{index:026d}", now, last or None)
    return entry
