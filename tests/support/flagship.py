"""A whole day of a clinic: its people, the one clock of that day, what is answered at each step, and walks without a
screen (those at the screen are in `flagship_hand`).

A story says only what is of interest, by the id of the step; everything else is answered with the first thing that
passes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias

import pytest

from checklist.clinic.service import SignedIn
from checklist.ledger.clock import SystemClock
from checklist.protocol.model import Assign, Choice, Confirm, Measure, Scan, Sign, Timer
from checklist.protocol.model import Witness as WitnessStep
from checklist.run import commands as c
from checklist.run.state import RunState
from checklist.run.timing import milliseconds
from tests.support.labels import GS, gtin, written
from tests.tui.conftest import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Moment
    from checklist.protocol.model import Step

GS1: Final = {"gtin": "01", "expiry": "17", "lot": "10", "serial": "21"}
USE_BY: Final = "2032-03-31"


@dataclass(frozen=True)
class Somebody:
    """Who works there; with a badge, they scan that in the place of choosing their name."""

    name: str
    secret: str
    badge: str = ""


@dataclass(frozen=True)
class By:
    """What another person says in their own name: the meaning of a signature, or a reading (none: the same)."""

    who: Somebody
    says: str | None = None


@dataclass(frozen=True)
class Typed:
    """What stands on a label without a code, typed field by field."""

    label: Mapping[str, str]


@dataclass(frozen=True)
class Twice:
    """A reading that fails, what was done about it, and the reading after that."""

    wrong: str
    remedy: str
    right: str


@dataclass(frozen=True)
class PutOff:
    """It is done another day: the later of the two that the step names."""

    words: str


Answer: TypeAlias = "str | Mapping[str, str] | By | Typed | Twice | PutOff"
Script: TypeAlias = Mapping[str, Answer]
NOTHING_SPECIAL: Script = {}


# -- the clock ---------------------------------------------------------------------------------------------------------


class DayClock(Clock):
    """Every clock of the day: the time between keys is time of the record too, and waiting costs nothing."""

    def __init__(self, begins: datetime) -> None:
        super().__init__()
        self._begins, self._zero, self._waited = begins, self.seconds, 0.0

    def wait(self, seconds: float) -> None:
        """Time passes, and somebody stays near the screen."""
        self._waited += seconds

    def until(self, when: datetime) -> None:
        """Time passes until then; it never goes back."""
        assert when >= self.now
        self._waited += (when - self.now).total_seconds()

    @property
    def _passed(self) -> float:
        return self.seconds - self._zero + self._waited

    @property
    def now(self) -> datetime:
        return self._begins + timedelta(seconds=self._passed)

    def instead_of(self, real: Moment) -> Moment:
        """The moment of this day in the place of one of the machine's."""
        at = f"{self.now.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        ms = int(self._passed * 1000) + 60_000
        return replace(real, at=at, boot="that-day", mono_ms=ms, boottime_ms=ms)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """In this block everything goes by this clock."""
        read = SystemClock.__call__
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(SystemClock, "__call__", lambda own: self.instead_of(read(own)))
            yield


# -- what is answered where nothing else is said -----------------------------------------------------------------------


def plain_answer(step: Step) -> str | Mapping[str, str]:
    """The first thing that passes at a step."""
    match step:
        case Choice():
            return next(option.value for option in step.options if option.verdict == "pass")
        case Measure():
            return _reading(step)
        case Scan():
            return label_of(step)
        case Sign():
            return step.meanings[0]
        case _:
            return "as it should be"


def _reading(step: Measure) -> str:
    span = step.expected or step.limit
    assert span is not None
    low, high = (end if isinstance(end, Decimal) else None for end in (span.min, span.max))
    middle = (low + high) / 2 if low is not None and high is not None else low if low is not None else high
    assert middle is not None
    return f"{middle:.{step.decimals or 0}f}"


def label_of(step: Scan) -> Mapping[str, str]:
    """A label of this step's own, in date."""
    made = {"gtin": gtin("0950600013435"), "expiry": USE_BY}
    return {kind: made.get(kind, f"{step.id[:12].upper()}-1") for kind in step.captures}


def code_of(label: Mapping[str, str]) -> str:
    """What a scanner sends of a label: a load's own, or a maker's in GS1, with its separator as the key that it is."""
    if "load" in label:
        return f"load={label['load']}"
    texts = {kind: text.replace("-", "")[2:] if kind == "expiry" else text for kind, text in label.items()}
    return "]d2" + written((GS1[kind], texts[kind]) for kind in GS1 if kind in texts).replace(GS, "␝")


# -- without a screen --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Service:
    """The same walks through the clinic's one door: for what the screen has shown before."""

    clinic: Clinic
    clock: DayClock
    first: Somebody
    second: Somebody

    def walk(
        self, protocol: str, subject: str = "", session: str | None = None, script: Script = NOTHING_SPECIAL
    ) -> str:
        """Walk a protocol to its end; the run."""
        state = self.clinic.begin(protocol, subject, self.proved(self.first), "tui", session)
        assert isinstance(state, RunState), state
        return self.go_on(state, script)

    def go_on(self, state: RunState, script: Script = NOTHING_SPECIAL, until: str = "") -> str:
        """Walk on to the end, or as far as this step is done."""
        first, second = (self.proved(one) for one in (self.first, self.second))
        while (step := state.current) is not None and not (until and state.steps[until].closed):
            self.clock.wait(10 if step.at_least is None else milliseconds(step.at_least) / 1000)
            for command in self._commands(state, step, script.get(step.id), first, second):
                who = None if isinstance(command, c.Tick) else first
                after = self.clinic.do(state.run, command, who, "tui")
                assert isinstance(after, RunState), (step.id, after)
                state = after
        return state.run

    def proved(self, somebody: Somebody) -> SignedIn:
        """Who they are."""
        found = self.clinic.staff.prove(somebody.name, somebody.secret, "tui")
        assert isinstance(found, SignedIn)
        return found

    def _commands(
        self, state: RunState, step: Step, said: Answer | None, first: SignedIn, second: SignedIn
    ) -> Iterator[c.Command]:
        match step:
            case Timer():
                yield c.StartTimer(step.id)
                self.clock.wait(state.bounds(step).least / 1000)
                yield c.EndTimer(step.id) if step.at_most is not None else c.Tick()
            case Confirm():
                yield c.Confirm(step.id)
            case Assign():
                yield c.Assign(step.id, {})
            case WitnessStep():
                yield c.Witness(step.id, second.person, state.steps[step.of].value)
            case Sign():
                yield c.Sign(step.id, first.person, step.meanings[0], "")
            case _:
                value = said if isinstance(said, str | Mapping) else plain_answer(step)
                yield c.Give(step.id, value, "scanned" if isinstance(step, Scan) else "typed")
