"""Every path of a protocol, walked through `decide` and the fold before anybody walks it for real: which steps no path
reaches, where only a deviation goes on, how a run can end, how long an honest one takes at least, and whether a run
can be called complete without one reading.

How paths are kept few is in `explore`; what a procedure gets from each kind of path is in `paths`. Values of a profile
are put in place by whoever asks: procedures and profiles belong to what stands above runs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from checklist.protocol.model import Protocol, Step
from checklist.run import commands as c
from checklist.run.events import Value
from checklist.run.explore import PAST, Cost, Explored, Move, Tree, Way
from checklist.run.marks import Outcome, Status
from checklist.run.paths import Paths, paths_of
from checklist.run.rehearsal import Act, Rehearsal
from checklist.run.tries import BECAUSE

READINGS: Final = frozenset({"measure", "choice", "scan", "timer", "text", "attach", "witness"})
"""The kinds of step that leave something read, found or timed, and not only somebody's word."""


class Why(StrEnum):
    """What is the matter with a dead end."""

    NO_ANSWER = "no-answer"
    """Nothing that can be answered closes the step."""
    ONLY_AGAIN = "only-again"
    """No first answer closes the step without a deviation."""
    EXPIRES = "expires"
    """Even the quickest run expires here, before it can end."""


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """A step at which a run cannot go on as written, and the ways that are left; none: nothing but abandoning."""

    step: str
    why: Why
    left: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Walked:
    """One step of a path: what became of it."""

    step: str
    state: Status
    value: Value | None


@dataclass(frozen=True, slots=True)
class Path:
    """One whole run to `complete`: the acts that lead there, what became of each step that applies, how long it took
    at least, and which steps with something to read were answered or left out."""

    acts: tuple[Act, ...]
    steps: tuple[Walked, ...]
    seconds: int
    deviations: int
    readings: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Simulation:
    """What walking every path of a protocol has shown. Lists are in the order of the steps."""

    unreachable: tuple[str, ...]
    """Steps that no path reaches."""
    only_by_deviation: tuple[str, ...]
    """Steps that a path reaches only after another step was left out, failed or overridden."""
    dead_ends: tuple[DeadEnd, ...]
    outcomes: tuple[Outcome, ...]
    as_written: Path | None
    """The quickest run without deviations, and of those as quick the one with the fewest steps."""
    fewest_readings: Path | None
    """The run to `complete` with the fewest readings, nothing overridden; with none at all it is a loophole."""
    paths: Paths
    """The kinds of path, and what can be answered on them; `paths.satisfied_by` says what each is good for."""

    @property
    def loophole(self) -> Path | None:
        """The shortest run that is called complete although nothing was read; None where there is none."""
        fewest = self.fewest_readings
        return fewest if fewest is not None and fewest.left_out and not fewest.readings else None

    @property
    def sound(self) -> bool:
        """Whether every step can be reached, and every path goes on, as written."""
        return not (self.unreachable or self.only_by_deviation or self.dead_ends) and self.as_written is not None


def simulate(protocol: Protocol) -> Simulation:
    """Walk every path. Raises MissingProfileValueError while the protocol names a profile's values."""
    tree = Tree(protocol)
    found = Explored(tree)
    found.explore()
    quickest = found.walk(protocol, _in_time)
    written = quickest if quickest.state.outcome is Outcome.COMPLETE and not quickest.state.deviations else None
    fewest = found.walk(protocol, _without_readings)
    ids = [step.id for step in protocol.steps]
    return Simulation(
        unreachable=tuple(each for each in ids if each not in found.moves),
        only_by_deviation=tuple(each for each in ids if each in found.moves and each not in found.reached),
        dead_ends=tuple(_dead_ends(protocol, found.moves, quickest)),
        outcomes=tuple(each for each in Outcome if each in found.outcomes | _at_any_time(protocol)),
        as_written=_path(written) if written is not None else None,
        fewest_readings=_path(fewest) if fewest.state.outcome is Outcome.COMPLETE else None,
        paths=paths_of(protocol, found.moves, as_written=written is not None),
    )


def _in_time(_step: Step, move: Move) -> Cost | None:
    return (move.seconds, 1, 0) if move.way is Way.WRITTEN else None


def _without_readings(step: Step, move: Move) -> Cost | None:
    if move.way in (Way.SKIP, Way.NOT_APPLICABLE):
        return 0, 0, 1
    return (int(step.kind in READINGS), 1, 1) if move.way is Way.WRITTEN else None


# -- what is told of it ----------------------------------------------------------------------------------------------


def _at_any_time(protocol: Protocol) -> set[Outcome]:
    """How a run can end at any moment: abandoned, and expired where its completion counts for a time only."""
    begun = Rehearsal.begin(protocol)
    late = Act(c.Tick(), 4000 * 86_400_000)
    ends = (begun.after([Act(c.Abandon(BECAUSE))]), begun.after([late]))
    return {run.state.outcome for run in ends if run is not None and not run.state.open}


def _dead_ends(protocol: Protocol, moves: Mapping[str, Sequence[Move]], quickest: Rehearsal) -> Iterator[DeadEnd]:
    for step in protocol.steps:
        if step.id not in moves:
            continue
        ways = {move.way for move in moves[step.id]}
        left = tuple(way for way in PAST if way in ways)
        if not ways & {Way.WRITTEN, Way.AGAIN}:
            yield DeadEnd(step.id, Why.NO_ANSWER, left)
        elif Way.WRITTEN not in ways:
            yield DeadEnd(step.id, Why.ONLY_AGAIN, left)
        elif quickest.state.outcome is Outcome.EXPIRED and quickest.state.next_step is step:
            yield DeadEnd(step.id, Why.EXPIRES, left)


def _path(run: Rehearsal) -> Path:
    state = run.state
    closed = [(step, state.steps[step.id]) for step in state.protocol.steps if state.steps[step.id].closed]
    read = [step.id for step, own in closed if step.kind in READINGS and own.status is Status.DONE]
    left = [step.id for step, own in closed if step.kind in READINGS and own.status is not Status.DONE]
    return Path(
        acts=run.acts,
        steps=tuple(Walked(step.id, own.status, own.value) for step, own in closed),
        seconds=run.ms // 1000,
        deviations=state.deviations,
        readings=tuple(read),
        left_out=tuple(left),
    )
