"""One question with its facts, and what every kind of requirement asks of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from checklist.gate import say
from checklist.gate.facts import PATIENT_ENTERED, Damaged
from checklist.gate.requirement import RunDone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checklist.gate.facts import Asked, Event, Facts, Item, Known, Run
    from checklist.gate.procedure import Procedure
    from checklist.gate.requirement import Requirement
    from checklist.ledger.entry import Moment

V = TypeVar("V")

NOT_LOOKED = Damaged("Nobody has looked for it.")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, of which procedure, what is known, and when: the clinic's clock says what today is."""

    procedure: Procedure
    asked: Asked
    facts: Facts
    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The clinic's own calendar day."""
        return self.day_of(self.now)

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """What must be true at this stage."""
        return self.procedure.requires if self.asked.stage == "start" else self.procedure.closes

    def day_of(self, at: datetime) -> date:
        """The clinic's calendar day at that moment."""
        return at.astimezone(self.zone).date()

    def clock(self, at: datetime) -> str:
        """A moment as people here say it."""
        return say.clock(at, self.now, self.zone)

    def loads(self) -> Known[tuple[Item, ...]]:
        """The loads that this visit uses."""
        return known(self.facts.items, "load")

    def terms(self, protocol: str) -> RunDone:
        """On which terms a run of this protocol counts where only a value of it is asked for: those of the
        requirement that asks for the run, or the strictest."""
        for one in (*self.requirements, *self.procedure.requires):
            if isinstance(one, RunDone) and one.protocol == protocol:
                return one
        return RunDone(id=protocol, protocol=protocol)


def question(procedure: Procedure, asked: Asked, facts: Facts, now: Moment) -> Question:
    """The question at that moment, by the clinic's own time zone."""
    return Question(procedure, asked, facts, datetime.fromisoformat(now.at).astimezone(UTC), ZoneInfo(now.zone))


def known(answers: Mapping[str, Known[V]], name: str) -> Known[V]:
    """What is known under a name; what nobody has looked for is as good as damaged."""
    return answers.get(name, NOT_LOOKED)


def of_visit(run: Run, session: str | None) -> bool:
    """Whether a run belongs to this visit, and to no other."""
    named = {run.session} if run.session else set()
    if run.subject.startswith("session="):
        named.add(run.subject.removeprefix("session="))
    return session is not None and named == {session}


def order(run: Run) -> tuple[bool, datetime, datetime, int, str]:
    """What sorts runs by when each ended, or began where it has not, and at one moment by their places. One that was
    finished at a time which is not on record comes last: it may be the newest."""
    timeless = run.ended is None and run.outcome in ("complete", "complete-except-deferred", "failed")
    return timeless, run.moment, run.began, len(run.run), run.run


def concerns(event: Event, run: Run, asked: Asked) -> bool:
    """Whether an event can end what this run has achieved. Where that is open, it does."""
    if event.event == PATIENT_ENTERED and event.session is not None and event.session == asked.session:
        return False
    if "clinic" in (event.subject, run.subject) or event.subject in ("", run.subject):
        return True
    mine = {asked.room, f"session={asked.session}"}
    return not run.subject.startswith("equipment=") and event.subject in mine
