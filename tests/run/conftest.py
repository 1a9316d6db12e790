"""A clinic's staff, a clock that can be moved, and a run that is walked on a ledger held in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from checklist.ledger.entry import Draft, Entry, Json, Moment, parse_leaf, seal
from checklist.protocol.model import Protocol
from checklist.run import commands as c
from checklist.run.events import Author, Person, Reason
from checklist.run.fold import apply, begin, fold
from checklist.run.look import look
from checklist.run.reading import Refusal
from checklist.run.walk import decide, start

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checklist.run.marks import Look, Status
    from checklist.run.paper import Paper
    from checklist.run.state import RunState, StepState

StepTable = dict[str, object]


class Steps:
    """Tables of steps as a protocol file gives them, one method a kind; `more` adds or replaces keys."""

    @staticmethod
    def _table(kind: str, name: str, more: Mapping[str, object]) -> StepTable:
        return {"id": name, "kind": kind, "do": f"Do {name}.", **more}

    def confirm(self, name: str, **more: object) -> StepTable:
        return self._table("confirm", name, {"expect": "done", **more})

    def measure(self, name: str, **more: object) -> StepTable:
        """A temperature: expected 134 to 137, never beyond 130 to 140."""
        ranges: StepTable = {"expected": {"min": 134, "max": 137}, "limit": {"min": 130, "max": 140}}
        return self._table("measure", name, {"unit": "Cel", "decimals": 1, **ranges, **more})

    def pressure(self, name: str, **more: object) -> StepTable:
        return self._table("measure", name, {"unit": "kPa", "limit": {"min": 100, "max": 400}, **more})

    def choice(self, name: str, **more: object) -> StepTable:
        options = [
            {"value": "turned", "verdict": "pass"},
            {"value": "half turned", "verdict": "pass"},
            {"value": "not turned", "verdict": "fail"},
        ]
        return self._table("choice", name, {"options": options, **more})

    def timer(self, name: str, **more: object) -> StepTable:
        return self._table("timer", name, {"at_least": "3m", **more})

    def scan(self, name: str, **more: object) -> StepTable:
        return self._table("scan", name, {"captures": ["lot", "expiry"], "use": "consumes", **more})

    def assign(self, name: str, **more: object) -> StepTable:
        return {"id": name, "kind": "assign", "produces": {"load": "{date}-{n:02}"}, **more}

    def witness(self, name: str, of: str, **more: object) -> StepTable:
        return self._table("witness", name, {"of": of, **more})

    def sign(self, name: str, **more: object) -> StepTable:
        return self._table("sign", name, {"meanings": ["released", "quarantined"], **more})

    def text(self, name: str, **more: object) -> StepTable:
        return self._table("text", name, more)

    def attach(self, name: str, **more: object) -> StepTable:
        return self._table("attach", name, more)


@dataclass(frozen=True)
class Someone:
    """One operator, as author at the screen and as person with a secret."""

    id: str | None
    roles: frozenset[str]
    credentials: Mapping[str, str] = field(default_factory=dict)

    @property
    def author(self) -> Author:
        return Author(self.id, self.roles, "tui", self.credentials)

    @property
    def person(self) -> Person:
        return Person(self.id or "u_unknown", self.roles, ("secret",), self.credentials)

    @property
    def attributes(self) -> c.Attribute:
        """They say that they did what was done unsigned."""
        return c.Attribute(self.person, "name-commitment")


class Staff:
    """Everybody of the clinic; some may use the laser, until today or for good. `nobody` has not signed in."""

    anna = Someone("u_anna", frozenset({"staff"}))
    ben = Someone("u_ben", frozenset({"staff", "reprocessing"}), {"laser": "2026-11-22"})
    rita = Someone("u_rita", frozenset({"release"}), {"laser": "2026-11-21"})
    lea = Someone("u_lea", frozenset({"staff", "reprocessing", "release", "lead"}), {"laser": ""})
    otto = Someone("u_otto", frozenset({"auditor"}))
    nobody = Someone(None, frozenset())

    @property
    def all(self) -> tuple[Someone, ...]:
        return (self.anna, self.ben, self.rita, self.lea, self.otto, self.nobody)


@dataclass
class Clock:
    """Every clock of a machine. `awake_ms` is the truth that no machine clock can be asked for: how long the
    machine has been awake since the beginning of the test, over all boots."""

    wall: datetime = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
    zone: str = "Europe/Berlin"
    boots: int = 1
    mono_ms: int = 100_000
    boottime_ms: int = 100_000
    awake_ms: int = 0

    def now(self) -> Moment:
        at = self.wall.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return Moment(at, self.zone, f"boot-{self.boots}", self.mono_ms, self.boottime_ms)

    def advance(self, seconds: float) -> None:
        span = int(seconds * 1000)
        self.wall += timedelta(milliseconds=span)
        self.mono_ms += span
        self.boottime_ms += span
        self.awake_ms += span

    def suspend(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.boottime_ms += int(seconds * 1000)

    def jump(self, seconds: float) -> None:
        """Somebody sets the wall clock."""
        self.wall += timedelta(seconds=seconds)

    def set_back(self, seconds: float) -> None:
        self.jump(-seconds)

    def reboot(self, seconds: float = 30) -> None:
        self.wall += timedelta(seconds=seconds)
        self.boots += 1
        self.mono_ms = self.boottime_ms = 5_000


@dataclass
class Walk:
    """One run on a ledger in memory. Whatever is recorded is sealed and read back like the real record, and
    the state folded from all entries is compared with the live one each time."""

    protocol: Protocol
    holder: Someone
    clock: Clock = field(default_factory=Clock)
    entries: list[Entry] = field(default_factory=list)
    paper: Paper | None = None

    def __post_init__(self) -> None:
        now = self.clock.now()
        draft = start(self.protocol, "ab" * 32, "room=room-1", None, self.holder.author, now, paper=self.paper)
        assert isinstance(draft, Draft), draft
        other = Draft("station.started", {}, None, "system")
        self.before = self._seal(other, 0, None)
        self.entries.append(self._seal(draft, 1, self.before))
        self.state: RunState = begin(self.protocol, self.entries[0])

    def _seal(self, draft: Draft, index: int, last: Entry | None) -> Entry:
        now = self.clock.now()
        at = now.at if last is None else max(now.at, last.at)  # the ledger never lets `at` go back
        identity = f"{index:026d}"
        entry, leaf = seal(draft, "a", index, identity, replace(now, at=at), last.leaf if last else None)
        assert parse_leaf(leaf) == entry
        return entry

    def decide(self, command: c.Command, by: Someone | None = None) -> tuple[Draft, ...] | Refusal:
        """What the command would lead to; records nothing."""
        author = Author(None, frozenset(), "system") if isinstance(command, c.Tick) else None
        return decide(self.state, command, author or (by or self.holder).author, self.clock.now())

    def record(self, drafts: tuple[Draft, ...]) -> list[Entry]:
        """Seal the drafts onto the ledger and into the live state."""
        new = []
        for draft in drafts:
            entry = self._seal(draft, len(self.entries) + 1, self.entries[-1])
            self.entries.append(entry)
            self.state = apply(self.state, entry)
            new.append(entry)
        assert fold(self.protocol, self.entries) == self.state
        return new

    def do(self, command: c.Command, by: Someone | None = None) -> list[Entry]:
        """Carry out a command that must be accepted."""
        decision = self.decide(command, by)
        assert not isinstance(decision, Refusal), decision
        return self.record(decision)

    def refused(self, command: c.Command, by: Someone | None = None) -> str:
        """Give a command that must be refused; its code."""
        decision = self.decide(command, by)
        assert isinstance(decision, Refusal), decision
        assert decision.message[-1] in ".!"
        return decision.code

    def tick(self) -> list[str]:
        return [entry.kind for entry in self.do(c.Tick())]

    def give(self, step: str, value: str | Mapping[str, str], by: Someone | None = None) -> list[Entry]:
        return self.do(c.Give(step, value), by)

    def remark(self, step: str, words: str = "words-commitment") -> list[Entry]:
        return self.do(c.Remark(step, words))

    def step(self, name: str) -> StepState:
        return self.state.steps[name]

    def status(self, name: str) -> Status:
        return self.state.status(self.protocol.step(name))

    def look(self, name: str) -> Look:
        return look(self.state, self.protocol.step(name), self.clock.now())

    @property
    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.entries]

    @property
    def at(self) -> str | None:
        """The id of the current step."""
        return self.state.current.id if self.state.current else None

    def last(self, kind: str) -> dict[str, Json]:
        """The data of the newest entry of a kind."""
        return dict(next(entry.data for entry in reversed(self.entries) if entry.kind == kind))


class Kit:
    """What a test needs to walk a run."""

    a = Steps()
    staff = Staff()
    because = Reason("other", "words-commitment")
    mistake = Reason("mistake")

    def protocol(self, *steps: StepTable, checks: tuple[StepTable, ...] = (), **header: object) -> Protocol:
        table: dict[str, object] = {
            "id": "steriliser-load",
            "title": "Run a load",
            "version": "1.0.0",
            "purpose": "Prove that the load is sterile.",
            "category": "sterilisation",
            "style": "read-do",
            "subject": "room",
            "steps": list(steps),
            "checks": list(checks),
        }
        return Protocol.model_validate(table | header)

    def walk(
        self,
        *steps: StepTable,
        by: Someone = Staff.anna,
        clock: Clock | None = None,
        checks: tuple[StepTable, ...] = (),
        paper: Paper | None = None,
        **header: object,
    ) -> Walk:
        return Walk(self.protocol(*steps, checks=checks, **header), by, clock or Clock(), paper=paper)

    def clock(self, at: str = "2026-11-22T10:00:00+00:00", zone: str = "Europe/Berlin") -> Clock:
        return Clock(wall=datetime.fromisoformat(at).astimezone(UTC), zone=zone)


@pytest.fixture(scope="session")
def kit() -> Kit:
    return Kit()
