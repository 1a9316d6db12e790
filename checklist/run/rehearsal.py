"""A run walked in memory on a model clock: every command goes through `decide`, and what comes of it through the fold,
as in a clinic. Nothing is kept.

The two people in it hold every role and credential that the protocol asks for, so that what is refused is refused by
the protocol itself. Knows nothing of which commands are worth trying (`tries`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from checklist.ledger.entry import Draft, Entry, Moment, seal
from checklist.protocol.errors import MissingProfileValueError
from checklist.protocol.model import Protocol
from checklist.run import commands as c
from checklist.run.events import Author, Person
from checklist.run.fold import apply, begin
from checklist.run.reading import Refusal
from checklist.run.state import RunState
from checklist.run.walk import decide, start

# A midnight, so that what counts "today" has the whole day.
_MIDNIGHT: Final = datetime(2031, 1, 1, tzinfo=UTC)
_STATION: Final = "model"
_SHA256: Final = "0" * 64


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
    _trail: _Trail | None = None

    @classmethod
    def begin(cls, protocol: Protocol) -> Self:
        """A run that has just begun. Raises MissingProfileValueError while the protocol names a profile's values."""
        if missing := protocol.profile_values():
            raise MissingProfileValueError(protocol.id, sorted(missing))
        cast = Cast.of(protocol)
        author = cast.author(c.Resume())
        draft = start(protocol, _SHA256, f"{protocol.subject}=model", None, author, _moment(0))
        if isinstance(draft, Refusal):  # the walker holds all that it could ask for
            raise TypeError(draft.message)
        return cls(begin(protocol, _entry(draft, 0, "", _moment(0))), cast)

    def after(self, acts: Sequence[Act]) -> Self | None:
        """The run after these acts, or as far as they go until it ends; None where one of them is refused."""
        state, ms, trail = self.state, self.ms, self._trail
        for act in acts:
            ms += act.wait_ms
            trail = _Trail(act, trail)
            drafts = decide(state, act.command, self.cast.author(act.command), _moment(ms))
            if isinstance(drafts, Refusal):
                return None
            for draft in drafts:
                state = apply(state, _entry(draft, state.head[0] + 1, state.head[1], _moment(ms)))
            if not state.open:
                break
        return replace(self, state=state, ms=ms, _trail=trail)

    @property
    def acts(self) -> tuple[Act, ...]:
        """All acts since the beginning, in their order."""
        return tuple(self._backwards())[::-1]

    def _backwards(self) -> Iterator[Act]:
        trail = self._trail
        while trail is not None:
            yield trail.act
            trail = trail.before


def _moment(ms: int) -> Moment:
    at = _MIDNIGHT + timedelta(milliseconds=ms)
    return Moment(f"{at:%Y-%m-%dT%H:%M:%S.%f}Z", "UTC", "model", ms, ms)


def _entry(draft: Draft, index: int, last: str, now: Moment) -> Entry:
    entry, _ = seal(draft, _STATION, index, f"{index:026d}", now, last or None)
    return entry
