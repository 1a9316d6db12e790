"""What the gate answers in the made-up year, with the evidence that it would name.

A light model: whoever makes the year knows what was walked. A test asks the real gate at the same moments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.clinic.demo.facts import Fact
from checklist.clinic.texts.procedures import shipped_procedures
from checklist.gate.requirement import (
    AnswerGiven,
    ItemsUsable,
    NothingOpen,
    PerformerMay,
    RunDone,
    StartCleared,
    StepValue,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checklist.clinic.demo.visits import Visit
    from checklist.clinic.demo.walk import Walk
    from checklist.clinic.demo.world import World
    from checklist.gate.requirement import Requirement
    from checklist.ledger.entry import Json


class Gate:
    """Asked for one visit."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._start: Fact | None = None

    def asked(self, visit: Visit, decision: str, unmet: tuple[str, ...], stage: str) -> Fact:
        """The answer as it is recorded."""
        loaded = shipped_procedures()[visit.procedure]
        own = loaded.procedure
        wanted = own.requires if stage == "start" else own.closes
        judged: list[Json] = [{"id": one.id, "met": one.id not in unmet, "evidence": []} for one in wanted]
        data: dict[str, Json] = {
            "procedure": {"id": own.id, "version": own.version, "sha256": loaded.sha256},
            "decision": decision,
            "stage": stage,
            "subject": visit.room,
            "requirements": judged,
            "session": visit.session,
            "performer": visit.performer.id,
        }
        evidence = {one.id: [*self._evidence(visit, one)] for one in wanted}
        fact = Fact("cleared", data, visit.who.id, visit.who.via, evidence=evidence)
        if stage == "start":
            self._start = fact
        return fact

    def _evidence(self, visit: Visit, wanted: Requirement) -> Iterator[Fact]:
        match wanted:
            case RunDone(same=same) if "equipment" in same:
                used = _consuming(visit, "load")
                yield from (self._world.test_of[load] for load in used if load in self._world.test_of)
            case RunDone():
                yield from (walk.start for walk in self._run(visit, wanted.protocol))
            case AnswerGiven():
                yield from (walk.start for walk in self._run(visit, wanted.answer.protocol))
            case ItemsUsable():
                yield from _consuming(visit, wanted.identifier).values()
            case PerformerMay():
                held = self._world.credentials.get((visit.performer.id, wanted.credential))
                yield from [held] if held is not None else []
                reaches = [one.against for one in wanted.attribute if isinstance(one.against, StepValue)]
                yield from (walk.start for one in reaches for walk in self._run(visit, one.protocol))
            case StartCleared():
                yield from [self._start] if self._start is not None else []
            case NothingOpen():
                machines = dict.fromkeys(load.partition("-")[0] for load in _consuming(visit, "load"))
                asked = [name for one in wanted.none_open for name in (one, *(f"{one} {each}" for each in machines))]
                yield from (self._world.incidents[name] for name in asked if name in self._world.incidents)

    def _run(self, visit: Visit, protocol: str) -> list[Walk]:
        own = [walk for walk in visit.walks if walk.text.id == protocol]
        if own:
            return own[-1:]
        if protocol == "room-turnover":
            return [self._world.ready[visit.room]]
        found = self._world.newest.get(protocol)
        return [found] if found is not None else []


def _consuming(visit: Visit, kind: str) -> dict[str, Fact]:
    """The newest scan of each identifier of a kind that this visit has used up."""
    found: dict[str, Fact] = {}
    for walk in visit.walks:
        for fact in walk.closed.values():
            used = fact.data.get("consumed")
            if isinstance(used, dict) and kind in used:
                found[str(used[kind])] = fact
    return found
