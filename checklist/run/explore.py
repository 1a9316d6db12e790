"""What can be done at each step of a protocol, found by standing there: every try goes through `decide` and the fold.

Paths are as many as the products of all answers; what follows from an answer is not. So runs that differ only in what
nothing later asks for are one, a run answers otherwise than it could only along one chain of conditions at a time, and
after its first deviation it goes on as written. The cheapest runs are put together from what was found at each step,
and then walked from beginning to end. Knows nothing of what is told of it all (`simulate`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from checklist.protocol.model import Protocol, Step
from checklist.run.marks import Outcome, Status
from checklist.run.rehearsal import Rehearsal
from checklist.run.tries import Acts, answers, leavings, remark


class Way(StrEnum):
    """How a step can be closed."""

    WRITTEN = "as-written"
    AGAIN = "again"
    """After a reading that was not accepted, and what was said about it."""
    SKIP = "skip"
    NOT_APPLICABLE = "not-applicable"
    DEFER = "defer"
    OVERRIDE = "override"
    FAIL = "fail"


_WAYS: Final[Mapping[Status, Way]] = {
    Status.SKIPPED: Way.SKIP,
    Status.NOT_APPLICABLE: Way.NOT_APPLICABLE,
    Status.DEFERRED: Way.DEFER,
    Status.OVERRIDDEN: Way.OVERRIDE,
    Status.FAILED: Way.FAIL,
}
PAST: Final = (Way.WRITTEN, Way.AGAIN, Way.SKIP, Way.NOT_APPLICABLE, Way.OVERRIDE, Way.DEFER, Way.FAIL)
"""Ways past a step, the most wanted first."""
_OUT: Final = (Way.SKIP, Way.NOT_APPLICABLE, Way.OVERRIDE, Way.DEFER, Way.FAIL)


# -- what a protocol's conditions hang on ---------------------------------------------------------------------------


class Tree:
    """Which step waits for which, as the protocol says it."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.above: dict[str, frozenset[str]] = {}
        """Every step that decides, directly or not, whether this one applies."""
        self.below: dict[str, list[str]] = {step.id: [] for step in protocol.steps}
        """The steps that wait for this one. A second reading with a condition waits for what the condition names."""
        self.wanted: dict[str, set[str]] = {step.id: set() for step in protocol.steps}
        self.last: dict[str, int] = {}
        """The place of the last step for which it matters how this one was answered."""
        for place, step in enumerate(protocol.steps):
            asked = [*([step.when.step] if step.when else []), *([step.of] if step.kind == "witness" else [])]
            if step.when is not None:
                self.wanted[step.when.step].add(step.when.is_)
            if asked:
                self.below[asked[0]].append(step.id)
            self.above[step.id] = frozenset(asked).union(*(self.above[each] for each in asked))
            self.last |= dict.fromkeys(self.above[step.id], place)

    def one_chain(self, steps: frozenset[str]) -> bool:
        """Whether one step hangs on all of these."""
        return len(steps) < 2 or any(steps <= above for above in self.above.values())


# -- walking ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Move:
    """One way to close a step that was accepted: its number among the tries, and what it leads to."""

    nth: int
    way: Way
    seconds: int
    opens: tuple[str, ...]
    """Which of the steps that wait for this one apply after it."""
    ends: Outcome


@dataclass(frozen=True, slots=True)
class _Node:
    """A run that stands at a step. `off` are the earlier steps that were answered otherwise than they could have been,
    and by which try, as far as a later step asks for them; a run that has deviated keeps none."""

    run: Rehearsal
    off: frozenset[tuple[str, int]] = frozenset()
    deviated: bool = False

    @property
    def key(self) -> object:
        """What may make a difference to how the run goes on."""
        statuses = {own.status for own in self.run.state.steps.values()} if self.deviated else set()
        return self.deviated, self.off, Status.FAILED in statuses, Status.DEFERRED in statuses


Cost = tuple[int, int, int]
_NEVER: Final = (10**9, 0, 0)
Price = Callable[[Step, Move], Cost | None]


class Explored:
    """What was found at each step, once a run has stood there."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        # How long a completion counts is looked at when whole runs are walked: a slow path must hide no step.
        self._begun = Rehearsal.begin(tree.protocol.model_copy(update={"valid_for": None}))
        self._waiting: list[dict[object, _Node]] = [{} for _ in tree.protocol.steps]
        self.moves: dict[str, list[Move]] = {}
        self.reached: set[str] = set()
        """Steps that a run without deviations reaches."""
        self.outcomes: set[Outcome] = set()

    def explore(self) -> None:
        """Stand at every step that can be reached, and try there what there is to try."""
        self._place(_Node(self._begun))
        for place, step in enumerate(self._tree.protocol.steps):
            nodes = sorted(self._waiting[place].values(), key=lambda node: (node.deviated, len(node.off)))
            self._waiting[place] = {}
            for node in nodes:
                self._from(node, step)
        for step in self._tree.protocol.steps:
            if step.id not in self.moves:
                self._leave_out(self._tree.above[step.id])

    def walk(self, protocol: Protocol, price: Price) -> Rehearsal:
        """The cheapest run, as far as it goes."""
        best = self._cheapest(price)
        run = Rehearsal.begin(protocol)
        while (step := run.state.current) is not None and step.id in best:
            after = self._carried_out(run, step, best[step.id].nth)
            if after is None:
                break
            run = after
        return run

    def _place(self, node: _Node) -> None:
        state = node.run.state
        step = state.current
        if step is None:
            self.outcomes.add(state.outcome)
            return
        place = self._tree.protocol.index(step.id)
        off = frozenset(each for each in node.off if self._tree.last[each[0]] >= place)
        node = _Node(node.run, off, node.deviated)
        self._waiting[place].setdefault(node.key, node)

    def _from(self, node: _Node, step: Step) -> None:
        """Go on from a node: every way where nobody stood at this step before, else along the chain of `off`."""
        if not node.deviated:
            self.reached.add(step.id)
        if step.id not in self.moves:
            for move, after in self.try_all(node.run, step):
                self._place(self._next(node, step, move, after))
            return
        plain = self._plain(step)
        on = {name for name, _ in node.off} | {step.id}
        fork = not node.deviated and step.id in self._tree.last and self._tree.one_chain(frozenset(on))
        for move in self.moves[step.id]:
            if move is plain or (fork and move.way is Way.WRITTEN):
                went = self._carried_out(node.run, step, move.nth)
                if went is not None:
                    self._place(self._next(node, step, move, went))

    def _next(self, node: _Node, step: Step, move: Move, after: Rehearsal) -> _Node:
        if node.deviated or move.way is not Way.WRITTEN:
            return _Node(after, deviated=True)
        asked = step.id in self._tree.last and move is not self._plain(step)
        return _Node(after, node.off | {(step.id, move.nth)} if asked else node.off)

    def _plain(self, step: Step) -> Move | None:
        """How a run goes past a step where nothing particular is wanted of it."""
        moves = [move for move in self.moves[step.id] if move.ends is not Outcome.FAILED]
        return min(moves, key=lambda move: PAST.index(move.way), default=None)

    def _leave_out(self, names: frozenset[str]) -> None:
        """Walk a run that answers none of these, to reach what only a deviation leads to."""
        run = self._begun
        while (step := run.state.current) is not None:
            if step.id not in self.moves:
                self.try_all(run, step)
            out = [move for move in self.moves[step.id] if move.way in _OUT and move.ends is not Outcome.FAILED]
            move = out[0] if step.id in names and out else self._plain(step)
            after = self._carried_out(run, step, move.nth) if move is not None else None
            if after is None:
                return
            run = after

    def try_all(self, run: Rehearsal, step: Step) -> list[tuple[Move, Rehearsal]]:
        """Everything that can be done at a step, and where it leads; kept under `moves`."""
        found = []
        for nth in range(len(self._tries(run, step))):
            after = self._carried_out(run, step, nth)
            if after is None:
                continue
            own, state = after.state.steps[step.id], after.state
            way = _WAYS.get(own.status) or (Way.AGAIN if own.deviates else Way.WRITTEN)
            below = (self._tree.protocol.step(each) for each in self._tree.below[step.id])
            opens = tuple(each.id for each in below if state.applies(each))
            seconds = (after.ms - run.ms) // 1000
            found.append((Move(nth, way, seconds, opens, state.outcome), after))
        self.moves[step.id] = [move for move, _ in found]
        return found

    def _tries(self, run: Rehearsal, step: Step) -> tuple[Acts, ...]:
        return (*leavings(run, step), *answers(run, step, self._tree.wanted[step.id]))

    def _carried_out(self, run: Rehearsal, step: Step, nth: int) -> Rehearsal | None:
        """The run after a try, and after what a reading that was not accepted asks for; None where the step is still
        open then, or the try was refused."""
        tries = self._tries(run, step)
        after = run.after(tries[nth]) if nth < len(tries) else None
        if after is not None and (owed := after.state.steps[step.id].owed) and after.state.open:
            again = tries[nth] if owed == "comment" else self._tries(after, step)[len(leavings(run, step))]
            after = after.after((remark(step), *again))
        return after if after is not None and _closed(after, step) else None

    def _cheapest(self, price: Price) -> dict[str, Move]:
        """The best move at each step, with all that it opens: last steps first, since whatever waits comes later."""
        total: dict[str, Cost] = {}
        best: dict[str, Move] = {}
        for step in reversed(self._tree.protocol.steps):
            offers = []
            for move in self.moves.get(step.id, ()):
                own = price(step, move)
                if own is not None and move.ends is not Outcome.FAILED:
                    cost = _sum([own, *(total[each] for each in move.opens)])
                    offers.append((cost, move.nth, move))
            total[step.id] = _NEVER
            if offers:
                total[step.id], _, best[step.id] = min(offers, key=lambda offer: offer[:2])
        return best


def _closed(run: Rehearsal, step: Step) -> bool:
    return run.state.steps[step.id].closed or not run.state.open


def _sum(costs: Sequence[Cost]) -> Cost:
    return sum(one for one, _, _ in costs), sum(two for _, two, _ in costs), sum(three for _, _, three in costs)
