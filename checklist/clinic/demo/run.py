"""The state of one run in the made-up year, and the entries that it leaves: their shapes are those of the program.

Knows how a run stands. Refuses to know what is answered at a step, and what goes amiss.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from checklist.clinic.demo.clock import ms_between, seconds
from checklist.clinic.demo.facts import Act, Fact
from checklist.clinic.demo.words import REASONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checklist.clinic.demo.people import Member
    from checklist.clinic.demo.printouts import Attached
    from checklist.clinic.demo.texts import Asked, Text
    from checklist.clinic.demo.world import World
    from checklist.ledger.entry import Json
    from checklist.run.events import Value

_OPEN = ""


class Run:
    """One run, from its start on. `at` is the present moment in it (microseconds)."""

    def __init__(
        self,
        world: World,
        text: Text,
        who: Member,
        subject: str,
        at: int,
        *,
        session: str | None = None,
        given: Mapping[str, Value] | None = None,
        otherwise: Mapping[str, str] | None = None,
        speed: float = 1.0,
        paper: tuple[str, str] | None = None,
        trouble: str = "",
    ) -> None:
        """`given` are answers that are settled, `otherwise` what becomes of a step that is not simply done, `speed` how
        fast this run is walked, `paper` when its sheet was begun and ended, `trouble` what goes amiss in it once."""
        self.world, self.text, self.who, self.subject, self.session = world, text, who, subject, session
        self.interrupted = False
        self.at = self.since = self.start_at = at
        self.speed = speed
        self.takes: dict[str, float] = {}
        """How long a step takes, where that is settled (seconds)."""
        self.took: dict[str, float] = {}
        """How long each step took."""
        self.forgotten = False
        """Whether nobody takes up what is put off in it."""
        self.rounded = False
        """Whether readings are typed in halves."""
        self.values: dict[str, Value | None] = {}
        self.status: dict[str, str] = {}
        self.closed: dict[str, Fact] = {}
        self.outcome = _OPEN
        self.deviating: set[str] = set()
        self.printout: Attached | None = None
        self.doers: set[str] = {who.id}
        self.given = dict(given or {})
        self.otherwise = dict(otherwise or {})
        self.trouble = trouble
        self._from = world.chance.randrange(len(text.steps)) if trouble else 0
        self._tries: dict[str, int] = {}
        self._next = 0
        self.via = "transcribed" if paper else who.via
        self.paper = paper
        self.start = self.last = self._started(session)

    def applies(self, step: Asked) -> bool:
        """Whether a step's condition leaves it in."""
        if step.of and not self.applies(self.text.by_id[step.of]):
            return False
        if step.when is None:
            return True
        name, wanted = step.when
        if not self.applies(self.text.by_id[name]):
            return False
        value = self.values.get(name)
        return self.status.get(name) != "done" or not isinstance(value, str) or _same(value, wanted)

    @property
    def open(self) -> bool:
        """Whether it still goes on."""
        return self.outcome == _OPEN

    @property
    def deviations(self) -> int:
        """How many steps deviate."""
        return len(self.deviating)

    def pause(self, for_seconds: float) -> None:
        """Interrupt the walk."""
        self.interrupted = True
        self._record([self._fact("run.paused", {})])
        self.at += seconds(for_seconds)
        self.since = self.at
        self._record([self._fact("run.resumed", {})])

    def hand_over(self, who: Member, after: float) -> None:
        """Somebody else goes on with it."""
        self.interrupted = True
        self._record([self._fact("run.paused", {})])
        self.at += seconds(after)
        self.who, self.via, self.since = who, who.via, self.at
        self.doers.add(who.id)
        self._record([self._fact("run.resumed", {}), self._fact("run.handed-over", {"to": who.id})])

    def abandon(self, code: str = "interrupted") -> None:
        """End it unfinished."""
        words = self.world.said(self.world.chance.choice(REASONS["abandon"]))
        self._record([self._fact("run.abandoned", {"reason": code, "words": words})])
        self.outcome = "abandoned"

    def _started(self, session: str | None) -> Fact:
        data: dict[str, Json] = {"protocol": {**self.text.named}, "subject": self.subject}
        if session:
            data["session"] = session
        if self.text.profile is not None:
            data["profile"] = {**self.text.profile}
        if self.paper:
            data["paper"] = {"began": self.paper[0], "ended": self.paper[1]}
        fact = Fact("run.started", data, self.who.id or None, self.via)
        self._record([fact])
        return fact

    def _noted(self, step: Asked, about: str, words: tuple[str, ...]) -> None:
        self.at += seconds(self.world.chance.uniform(8, 40))
        said = self.world.said(self.world.chance.choice(words))
        self._record([self._fact("step.noted", {"words": said, "about": about}, step=step)])

    def _done(
        self,
        step: Asked,
        data: dict[str, Json],
        *,
        value: Value | None = None,
        by: Member | None = None,
        before: list[Fact] | None = None,
        system: bool = False,
    ) -> None:
        self.values[step.id] = value
        tries = self._tries.get(step.id, 0) + 1
        if tries > 1:
            self.deviating.add(step.id)
        self._tries[step.id] = tries - 1
        self._close(step, "step.done", {**data, "attempts": tries}, "done", by=by, before=before, system=system)

    def _close(
        self,
        step: Asked,
        kind: str,
        data: dict[str, Json],
        status: str,
        *,
        by: Member | None = None,
        before: list[Fact] | None = None,
        system: bool = False,
    ) -> None:
        if self.paper is None:
            data["ms"] = ms_between(self.since, self.at)
        fact = self._fact(kind, data, by, step)
        if system:
            fact.actor, fact.via = None, "system"
        elif by is not None:
            self.doers.add(by.id)
        if status != "done":
            self.deviating.add(step.id)
        self.status[step.id], self.closed[step.id], self.since = status, fact, self.at
        self._record([*(before or ()), fact])

    def _complete(self) -> None:
        """The last entry closed the last step: the run is over with it."""
        failed = "failed" in self.status.values()
        put_off = "deferred" in self.status.values()
        self.outcome = "failed" if failed else "complete-except-deferred" if put_off else "complete"
        data: dict[str, Json] = {"outcome": self.outcome, "deviations": self.deviations}
        done = Fact("run.completed", data, self.last.actor, self.last.via, self.start)
        self._act.facts.append(done)
        self.last = done

    def _fact(self, kind: str, data: dict[str, Json], who: Member | None = None, step: Asked | None = None) -> Fact:
        return Fact(
            kind, data, (who or self.who).id or None, self.via, self.start, step.id if step is not None else None
        )

    def _record(self, facts: list[Fact]) -> None:
        self._act = Act(self.at, facts)
        self.world.acts.append(self._act)
        self.last = facts[-1]


def _same(value: str, wanted: str) -> bool:
    if value == wanted:
        return True
    try:
        return Decimal(value) == Decimal(wanted)
    except InvalidOperation:
        return False
