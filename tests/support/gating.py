"""A visit for which microneedling may start, as the gate is told of it, and the ways in which it may not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from checklist.gate.decide import decide
from checklist.gate.facts import Asked, Credential, Event, Facts, Item, Rule, Run, Start, Step
from checklist.gate.reading import LoadedProcedure, parse
from checklist.ledger.entry import Moment
from checklist.protocol.library import shipped, shipped_folder
from checklist.protocol.model import Duration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checklist.gate.clearance import Clearance, Judged
    from checklist.gate.facts import RunOutcome
    from checklist.gate.procedure import Procedure

NOW = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
"""Noon in the clinic, on a Sunday."""
ROOM, SESSION, OTHER = "room=room-1", "a-20261122-01", "a-20261122-02"
LOAD = "S1-20261122-01"


def moment(at: datetime = NOW, zone: str = "Europe/Berlin") -> Moment:
    return Moment(at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), zone, "boot-1", 1000, 1000)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


@cache
def shipped_procedure(name: str) -> LoadedProcedure:
    """A procedure that belongs to the program."""
    path = shipped_folder() / "procedures" / f"{name}.toml"
    found = parse(path.read_bytes(), name=str(path))
    assert isinstance(found, LoadedProcedure), found
    return found


@cache
def shipped_rules() -> Mapping[str, Rule]:
    """What the shipped protocols say of their completions."""
    found = {}
    for name, loaded in shipped().items():
        one = loaded.protocol
        valid = one.valid_for if isinstance(one.valid_for, Duration) or one.valid_for == "today" else None
        found[name] = Rule(one.title, one.subject, valid, frozenset(one.voided_by))
    return found


def a_run(
    run: str, subject: str, ended: datetime, *steps: Step, outcome: RunOutcome = "complete", session: str | None = None
) -> Run:
    """A run that took ten minutes."""
    return Run(run, subject, session, outcome, ended - timedelta(minutes=10), ended, steps)


def _visit(run: str, ended: datetime, *steps: Step, outcome: RunOutcome = "complete") -> Run:
    return a_run(run, f"session={SESSION}", ended, *steps, session=SESSION, outcome=outcome)


def all_runs() -> dict[str, tuple[Run, ...]]:
    """Every run that microneedling asks for, each in order and in time."""
    declared = Step("declared", "done", "performed", ago(20), "u_ana", signed=True)
    put_off = [Step(name, "deferred") for name in ("call", "review", "late-check")]
    return {
        "day-open": (a_run("a#10", "clinic", ago(180)),),
        "emergency-kit-weekly": (a_run("a#20", "clinic", ago(3 * 1440)),),
        "room-turnover": (a_run("a#30", ROOM, ago(60)),),
        "microneedling-screen": (
            _visit("a#40", ago(40), Step("recent-sun", "done", "no"), Step("decision", "done", "fit")),
        ),
        "microneedling-setup": (_visit("a#50", ago(20), declared),),
        "microneedling-timeout": (_visit("a#60", ago(3), Step("depth", "done", "1.5")),),
        "microneedling-signout": (_visit("a#90", ago(1), *put_off, outcome="complete-except-deferred"),),
        "steriliser-daily": (a_run("a#70", "equipment=S1", ago(200)),),
        "pack-open": (),
        "adverse-event": (),
        "spill": (),
        "steriliser-recall": (),
    }


def all_items() -> dict[str, tuple[Item, ...]]:
    """Everything that the visit uses, all of it usable."""
    load = Item("load", LOAD, "a#52", "released", machine="equipment=S1", made=ago(120))
    lot = Item("lot", "C77", "a#51", expiry=date(2027, 3, 31))
    return {"load": (load,), "lot": (lot,), "serial": (Item("serial", "N-9", "a#53"),)}


def sound(**changed: object) -> Facts:
    """Facts on which microneedling may start and its visit be closed."""
    held = Credential("microneedling", "a#5", date(2027, 3, 31), {"max_depth_mm": "2.0"})
    facts = Facts(shipped_rules(), all_runs(), all_items(), {"u_ana": (held,)}, (), (Start(ago(2), "a#80"),))
    return replace(facts, **changed)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Gate:
    """A question about a procedure, and what is known; each method tells of something else that happened."""

    facts: Facts = field(default_factory=sound)
    procedure: Procedure = field(default_factory=lambda: shipped_procedure("microneedling").procedure)
    asked: Asked = field(default_factory=lambda: Asked("microneedling", ROOM, SESSION))
    now: datetime = NOW

    def with_run(self, protocol: str, *runs: Run) -> Gate:
        """In place of the runs of that protocol."""
        return replace(self, facts=replace(self.facts, runs={**self.facts.runs, protocol: runs}))

    def changed_run(self, protocol: str, **changed: object) -> Gate:
        """Its run, but so."""
        run = self.run(protocol)
        return self.with_run(protocol, replace(run, **changed))  # type: ignore[arg-type]

    def run(self, protocol: str) -> Run:
        found = self.facts.runs[protocol]
        assert isinstance(found, tuple)
        return found[0]

    def rule(self, protocol: str) -> Rule:
        found = self.facts.rules[protocol]
        assert isinstance(found, Rule)
        return found

    def also_run(self, protocol: str, run: Run) -> Gate:
        """Beside those of that protocol."""
        found = self.facts.runs[protocol]
        assert isinstance(found, tuple)
        return self.with_run(protocol, *found, run)

    def changed_item(self, kind: str, **changed: object) -> Gate:
        """Its item of that kind, but so."""
        found = self.facts.items[kind]
        assert isinstance(found, tuple)
        items = {**self.facts.items, kind: (replace(found[0], **changed), *found[1:])}  # type: ignore[arg-type]
        return replace(self, facts=replace(self.facts, items=items))

    def happened(self, event: str, at: datetime, subject: str = "clinic", session: str | None = None) -> Gate:
        events = self.facts.events
        assert isinstance(events, tuple)
        new = Event(event, at, "a#99", subject, session)
        return replace(self, facts=replace(self.facts, events=(*events, new)))

    def asking(self, **changed: object) -> Gate:
        return replace(self, asked=replace(self.asked, **changed))  # type: ignore[arg-type]

    def telling(self, **changed: object) -> Gate:
        return replace(self, facts=replace(self.facts, **changed))  # type: ignore[arg-type]

    def clear(self) -> Clearance:
        return decide(self.procedure, self.asked, self.facts, moment(self.now))

    @property
    def decision(self) -> str:
        return self.clear().decision

    def judged(self, name: str) -> Judged:
        return next(one for one in self.clear().requirements if one.id == name)
