"""The kinds of path through a protocol, and what a procedure that asks for a run of it gets from each.

A path of one kind is walked as written but for one step at most: what several deviations together lead to is no better
than the worst of them. Knows what is asked of a run (`Asked`), and nothing of procedures, rooms, sessions or how long
a run counts: whoever knows procedures puts their requirements into these words.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from checklist.protocol.model import Choice, Protocol, Step
from checklist.run.explore import Move, Way
from checklist.run.marks import Outcome
from checklist.run.reading import judge_choice

_ENDS: Final[Mapping[Way, Outcome]] = {Way.FAIL: Outcome.FAILED, Way.DEFER: Outcome.COMPLETE_EXCEPT_DEFERRED}
_ANSWERED: Final = frozenset({Way.WRITTEN, Way.AGAIN})


@dataclass(frozen=True, slots=True)
class PathKind:
    """All paths on which `step` was closed in this way and every other step as written; no step: all were."""

    way: Way
    outcome: Outcome
    step: str | None
    answers: Mapping[str, tuple[str, ...]]
    """Of each choice where it differs from what can be answered as written: what can have been answered there."""

    @property
    def left_out(self) -> bool:
        """Whether the step was not done in the end, whatever the run is called."""
        return self.way not in _ANSWERED


@dataclass(frozen=True, slots=True)
class Asked:
    """What one requirement asks of a run of this protocol: that it is complete with nothing left out but the steps it
    `tolerates` and, where it says so, that a step was answered with one of some values."""

    id: str
    tolerates: frozenset[str] = frozenset()
    answer: tuple[str, tuple[str, ...]] | None = None
    """The id of a step, and the values of which one is wanted there."""
    through: str | None = None
    """The run counts from when this step is done: what is left out behind it does not matter."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Every kind of path: as written first, then by step."""

    answers: Mapping[str, tuple[str, ...]]
    """Of each choice: what can be answered there on a path that is walked as written."""
    kinds: tuple[PathKind, ...]
    order: tuple[str, ...]
    """The ids of the steps."""

    def satisfied_by(self, kind: PathKind, asked: Iterable[Asked]) -> tuple[str, ...]:
        """The ids of those requirements that a path of this kind can satisfy, by the rule of the gate (design §4).

        A wanted answer is satisfied by a kind where it can be given on one of its paths; what is answered at a step
        that is no choice can be anything. Whether that run is still fresh, or about the right room, is not asked here.
        """
        return tuple(each.id for each in asked if self._satisfies(kind, each))

    def _satisfies(self, kind: PathKind, asked: Asked) -> bool:
        if kind.outcome is Outcome.FAILED or (kind.left_out and not self._tolerated(kind, asked)):
            return False
        if asked.answer is None:
            return True
        step, wanted = asked.answer
        if step == kind.step and kind.left_out:
            return False
        possible = kind.answers.get(step, self.answers.get(step))
        return possible is None or not set(possible).isdisjoint(wanted)

    def _tolerated(self, kind: PathKind, asked: Asked) -> bool:
        if asked.through is not None and kind.step is not None and asked.through in self.order:
            behind = self.order.index(kind.step) - self.order.index(asked.through)
            if behind >= 0:
                return behind > 0
        return kind.step in asked.tolerates


def paths_of(protocol: Protocol, moves: Mapping[str, Sequence[Move]], *, as_written: bool) -> Paths:
    """The kinds of path that are made of these ways past each step; `as_written`: some path needs no deviation."""
    answers = {
        step.id: _passing(step) if _reached(moves, step, Way.WRITTEN) else ()
        for step in protocol.steps
        if isinstance(step, Choice)
    }
    plain = [PathKind(Way.WRITTEN, Outcome.COMPLETE, None, {})] if as_written else []
    deviating = (kind for step in protocol.steps for kind in _kinds(step, moves.get(step.id, ())))
    return Paths(answers, (*plain, *deviating), tuple(step.id for step in protocol.steps))


def _kinds(step: Step, moves: Iterable[Move]) -> Iterator[PathKind]:
    for way in dict.fromkeys(move.way for move in moves):
        if way is not Way.WRITTEN:
            answers = {step.id: _passing(step) if way is Way.AGAIN else ()} if isinstance(step, Choice) else {}
            yield PathKind(way, _ENDS.get(way, Outcome.COMPLETE), step.id, answers)


def _reached(moves: Mapping[str, Sequence[Move]], step: Step, way: Way) -> bool:
    return any(move.way is way for move in moves.get(step.id, ()))


def _passing(step: Choice) -> tuple[str, ...]:
    """What closes a choice: each of these was tried, or one that nothing tells from it."""
    return tuple(option.value for option in step.options if judge_choice(step, option.value) == "pass")
