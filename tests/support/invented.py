"""An invented year of one clinic, laid out straight in the catalogue's tables: honest, or with something planted in it.

Nothing of it was ever in a ledger: it is for the rules that judge the tables, and for trying them over many seeds.
"""

from __future__ import annotations

import math
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Final

from checklist.audit.rules.rule import Context
from checklist.audit.tables import INDEXES, SCHEMA

if TYPE_CHECKING:
    from pathlib import Path

STAFF: Final = tuple(f"u_{letter}" for letter in "abcdefgh")
BEGIN: Final = datetime(2026, 1, 5, tzinfo=UTC)
DAYS: Final = 364
END: Final = BEGIN + timedelta(days=DAYS)
CONTEXT: Final = Context(END, "UTC")
_PACE: Final = {name: 0.8 + 0.06 * at for at, name in enumerate(STAFF)}
_CARE: Final = {name: 0.1 + 0.014 * at for at, name in enumerate(STAFF)}


@dataclass(frozen=True, slots=True)
class Written:
    """A step as its protocol has it: how long it usually takes, and what it reads."""

    id: str
    kind: str
    seconds: float
    reads: tuple[float, float, int] | None = None
    at_least: float | None = None
    hold: bool = False


TEXTS: Final = {
    "room-turnover": (
        Written("waste", "confirm", 25),
        Written("wipe-chair", "confirm", 60, at_least=20),
        Written("wipe-surfaces", "confirm", 90, at_least=30),
        Written("wet-time", "timer", 180),
        Written("floor", "choice", 30),
        Written("stock", "confirm", 40),
        Written("hands", "confirm", 35, at_least=20),
        Written("ready", "choice", 8, hold=True),
    ),
    "steriliser-load": (
        Written("inspect", "confirm", 120, at_least=10),
        Written("pack", "confirm", 200),
        Written("number", "assign", 1),
        Written("arrange", "confirm", 45),
        Written("temperature", "measure", 20, (134.9, 0.45, 1)),
        Written("pressure", "measure", 15, (314.0, 5.0, 0)),
        Written("hold-time", "measure", 12, (212.0, 6.0, 0)),
        Written("label-time", "measure", 9, (60.0, 0.0, 0)),
        Written("second-reader", "witness", 30),
        Written("release", "sign", 20, hold=True),
    ),
    "day-open": (
        Written("lights", "confirm", 20),
        Written("fridge", "measure", 12, (4.6, 0.5, 1)),
        Written("kit", "choice", 25, hold=True),
        Written("outlets", "timer", 120),
        Written("stock", "confirm", 90),
        Written("open", "choice", 6, hold=True),
    ),
}


@dataclass(slots=True)
class Step:
    """One step as it went."""

    written: Written
    ms: int | None
    actor: str | None
    value: str | None = None
    state: str = "done"
    witness: str | None = None
    until: str | None = None
    clock: str | None = None
    reviewed: bool = True
    noticed: tuple[tuple[str, str], ...] = ()
    n: int = -1


@dataclass(slots=True)
class Run:
    """One run as it went, and whether something is planted in it."""

    protocol: str
    subject: str
    at: datetime
    starter: str | None
    steps: list[Step]
    deviations: int = 0
    outcome: str = "complete"
    via: str = "tui"
    paper: datetime | None = None
    station: str = "a"
    cycle: tuple[str, int, str] | None = None
    """Of a steriliser: its serial number, the number of the cycle, and the hash of its readings."""
    n: int = -1
    last: int = -1

    def step(self, name: str) -> Step:
        """The step of that name."""
        return next(one for one in self.steps if one.written.id == name)


@dataclass(slots=True)
class Year:
    """A year before it is laid out: its runs, and what stands outside them (kind, time, and a number)."""

    random: Random
    runs: list[Run] = field(default_factory=list)
    beside: list[tuple[str, datetime, int]] = field(default_factory=list)
    there: dict[str, list[str]] = field(default_factory=dict)
    taken: list[Run] = field(default_factory=list)
    """Runs in which something is planted."""

    def of(self, protocol: str, starter: str | None = None) -> list[Run]:
        """The runs of a protocol, oldest first, of one person where that is named."""
        return [one for one in self.runs if one.protocol == protocol and starter in (None, one.starter)]


def honest_year(seed: int, turnovers: int = 4, loads: int = 3) -> Year:
    """A year in which everybody does as well as people do: `turnovers` and `loads` a day."""
    year = Year(Random(seed))  # noqa: S311 - made-up facts
    cycles = {"S1": 4200, "S2": 890}
    for number in range(DAYS):
        day = BEGIN + timedelta(days=number)
        if day.weekday() == 6 or (day.weekday() == 5 and number % 2):
            continue
        there = year.random.sample(STAFF, 5)
        year.there[f"{day:%Y-%m-%d}"] = there
        year.runs.append(_run(year.random, "day-open", "clinic", day + _clock(year.random, 7.6, 8.2), there))
        for _ in range(turnovers):
            room = f"room=room-{year.random.randint(1, 4)}"
            year.runs.append(_run(year.random, "room-turnover", room, day + _clock(year.random, 9, 17.5), there))
        for _ in range(loads):
            machine = year.random.choice(("S1", "S2"))
            run = _run(year.random, "steriliser-load", f"equipment={machine}", day + _clock(year.random, 9, 16), there)
            year.runs.append(run)
        if number % 2 == 0:
            year.beside.append(("anchored", day + timedelta(hours=17, minutes=55), 0))
        if year.random.random() < 0.03:
            year.beside.append(("clock.jumped", day + timedelta(hours=7), year.random.randint(-5000, 5000)))
    year.runs.sort(key=lambda one: one.at)
    for run in year.of("steriliser-load"):
        machine = run.subject.partition("=")[2]
        cycles[machine] += 1
        run.cycle = (f"SN-{machine}", cycles[machine], f"{year.random.getrandbits(64):016x}")
    return year


def _clock(random: Random, first: float, last: float) -> timedelta:
    return timedelta(seconds=int(random.uniform(first, last) * 3600))


def _run(random: Random, protocol: str, subject: str, at: datetime, there: list[str]) -> Run:
    starter = random.choice(there)
    run = Run(protocol, subject, at, starter, [])
    for written in TEXTS[protocol]:
        run.steps.append(_step(random, written, starter, there))
    if random.random() < _CARE[starter]:
        step = random.choice([one for one in run.steps if not one.written.hold and one.written.kind == "confirm"])
        step.state, run.deviations = "skipped", 1
    return run


def _step(random: Random, written: Written, starter: str, there: list[str]) -> Step:
    log_time = random.gauss(math.log(written.seconds * _PACE[starter]), 0.3) + random.expovariate(4)
    ms = int(max(math.exp(log_time), (written.at_least or 0) * 1.02) * 1000) + random.randint(0, 999)
    if written.kind == "timer":
        ms = int(written.seconds * 1000) + random.randint(20, 400)
    step = Step(written, ms, starter)
    if written.reads is not None:
        middle, spread, places = written.reads
        step.value = f"{random.gauss(middle, spread):.{places}f}"
        if places == 1 and random.random() < 0.1:  # people round a little
            step.value = f"{round(float(step.value) * 2) / 2:.1f}"
    elif written.kind == "choice":
        step.value = "fine"
    elif written.kind == "witness":
        step.witness = random.choice([one for one in there if one != starter])
    return step


def laid_out(year: Year, path: Path | str = ":memory:") -> sqlite3.Connection:
    """The year in the catalogue's tables, in memory or in a file."""
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript(SCHEMA)
    db.execute("BEGIN")
    for protocol, steps in TEXTS.items():
        text = {"sha256": protocol, "kind": "protocol", "id": protocol, "version": "1.0.0"}
        _put(db, "text", **text, title=protocol, category="clinic")
        for at, one in enumerate(steps):
            words = {"sha256": protocol, "step": one.id, "position": at, "kind": one.kind, "does": one.id}
            _put(db, "written", **words, at_least=one.at_least, hold=int(one.hold))
    writer = _Writer(db)
    writer.entry(BEGIN, "ledger.opened")
    beside = sorted(year.beside, key=lambda one: one[1])
    for run in sorted(year.runs, key=lambda one: one.at):
        while beside and beside[0][1] <= run.at:
            writer.beside(*beside.pop(0))
        writer.run(run)
    for each in beside:
        writer.beside(*each)
    db.execute("COMMIT")
    db.executescript(INDEXES)
    return db


def _put(db: sqlite3.Connection, table: str, **row: object) -> None:
    """One row, by the names of its columns."""
    places = ", ".join("?" * len(row))
    db.execute(f"INSERT INTO {table}({', '.join(row)}) VALUES ({places})", [*row.values()])  # noqa: S608 - our own names


class _Writer:
    """Gives every entry its number."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db, self.n = db, -1

    def entry(self, at: datetime, kind: str, station: str = "a", **more: object) -> int:
        """One more entry."""
        self.n += 1
        when = {"at": _utc(at), "day": f"{at:%Y-%m-%d}"}
        _put(self.db, "entry", n=self.n, station=station, idx=self.n, kind=kind, **when, **{"via": "system"} | more)
        return self.n

    def beside(self, kind: str, at: datetime, ms: int) -> None:
        """An entry that is of no run."""
        n = self.entry(at, kind)
        if kind == "clock.jumped":
            _put(self.db, "noticed", n=n, rule="clock-jumped", why=str(ms))

    def run(self, run: Run) -> None:
        """A run with its steps."""
        run.n, at = self.n + 1, run.at
        common: dict[str, object] = {"run": run.n, "protocol": run.protocol, "via": run.via}
        self.entry(at, "run.started", run.station, actor=run.starter, **common)
        for step in run.steps:
            if step.state != "pending":
                at += timedelta(milliseconds=step.ms or 400)
                more = {**common, "step": step.written.id}
                step.n = self.entry(at, f"step.{step.state}", run.station, actor=step.actor, **more)
                self._step(run, step, at, more)
        if run.outcome != "open":
            self.entry(at, "run.completed", run.station, actor=run.starter, **common)
            common |= {"ended": _utc(at), "seconds": (at - run.at).total_seconds()}
        run.last = self.n
        common |= {"n": run.n, "run": f"{run.station}#{run.n}", "version": "1.0.0", "sha256": run.protocol}
        common |= {"subject": run.subject, "at": _utc(run.at), "day": f"{run.at:%Y-%m-%d}", "hour": run.at.hour}
        common |= {"weekday": run.at.weekday(), "outcome": run.outcome, "deviations": run.deviations}
        common |= {"starter": run.starter, "paper": _utc(run.paper) if run.paper else None}
        _put(self.db, "run", **common, entries=self.n - run.n + 1, last=run.last, shape=0, crew=0)

    def _step(self, run: Run, step: Step, at: datetime, common: dict[str, object]) -> None:
        reads = step.value is not None and step.written.reads is not None
        row = {"run": run.n, "step": step.written.id, "state": step.state, "n": step.n, "at": _utc(at)}
        row |= {"value": step.value, "number": float(step.value or 0) if reads else None, "input": "typed"}
        row |= {"ms": step.ms, "actor": step.actor, "witness": step.witness, "via": run.via}
        _put(self.db, "step", **row, attempts=1, corrected=0, clock=step.clock, until=step.until)
        place = {"run": run.n, "step": step.written.id}
        if step.written.kind == "witness" and step.witness:
            n = self.entry(at, "witnessed", run.station, actor=step.witness, **common)
            _put(self.db, "witnessing", n=n, **place, actor=step.actor, witness=step.witness, agrees=1)
        if step.state == "overridden":
            who = {"actor": step.actor, "witness": STAFF[0], "at": _utc(at)}
            _put(self.db, "overriding", n=step.n, **place, **who, reviewed=step.n if step.reviewed else None)
        for rule, why in step.noticed:
            _put(self.db, "noticed", n=step.n, rule=rule, why=why)
        if run.cycle and step.written.id == "temperature":
            serial, cycle, series = run.cycle
            told = {"machine": "dac", "serial": serial, "cycle": cycle, "series": series, "result": "complete"}
            _put(self.db, "cycle", n=step.n, **told, started=f"{run.at:%Y-%m-%dT%H:%M:%S}", **place)


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"
