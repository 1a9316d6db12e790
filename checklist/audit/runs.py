"""The rows of a run in the catalogue, and how each of its entries changes them.

The same rules as in `checklist.run.fold`, but for rows: they are read back and gone on with when more entries come.
What must be asked again after a correction is the one thing that takes the protocol's text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from checklist.ledger.entry import parse_place
from checklist.ledger.partly import runs_of
from checklist.run.events import CLOSING, Kind, number_of, strings_of, text_of
from checklist.run.fold import vouching_for
from checklist.run.marks import Outcome, Status
from checklist.run.reading import shown

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from checklist.audit.places import Spans
    from checklist.ledger.entry import Json
    from checklist.ledger.reader import Reader
    from checklist.protocol.model import Protocol

_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)
_CLOSED: Final = {kind.value if isinstance(kind, Kind) else kind: status.value for kind, status in CLOSING.items()}
_VALUES: Final = ("value", "consumed", "produced", "scanned")
_OUTCOMES: Final = frozenset(Outcome)
_CURRENT: Final = Status.CURRENT.value
_OPENS: Final = frozenset({_CURRENT, Status.PENDING.value})


class Taken(NamedTuple):
    """One entry as it is taken in."""

    n: int
    station: str
    place: int
    at: str
    kind: str
    step: str | None
    actor: str | None
    via: str
    data: Mapping[str, Json]


class Day(NamedTuple):
    """A moment by the clinic's clock."""

    day: str
    hour: int
    weekday: int


@dataclass(slots=True)
class StepRow:
    """A row of `step`."""

    step: str
    state: str
    n: int
    at: str
    via: str
    value: str | None = None
    number: float | None = None
    unit: str | None = None
    input: str | None = None
    attempts: int = 0
    ms: int | None = None
    actor: str | None = None
    witness: str | None = None
    reason: str | None = None
    corrected: int = 0
    clock: str | None = None
    until: str | None = None

    @property
    def off(self) -> bool:
        """Whether anything other than "done as written, the first time" happened."""
        return self.state not in _OPENS and (self.state != "done" or self.attempts > 1 or self.reason is not None)


_STEP_COLUMNS: Final = tuple(StepRow.__dataclass_fields__)


@dataclass(slots=True)
class RunRow:
    """A row of `run`, with those of its steps."""

    n: int
    run: str
    protocol: str
    version: str
    sha256: str
    subject: str
    session: str | None
    at: str
    day: str
    hour: int
    weekday: int
    via: str
    starter: str | None
    paper: str | None
    ended: str | None = None
    outcome: str = Outcome.OPEN.value
    counted: int | None = None
    attributed: str | None = None
    entries: int = 0
    last: int = 0
    steps: dict[str, StepRow] = field(default_factory=dict)
    crew: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    vias: set[str] = field(default_factory=set)

    @property
    def deviations(self) -> int:
        """As the record counted them at the run's end; until then, those so far."""
        return sum(step.off for step in self.steps.values()) if self.counted is None else self.counted


_RUN_COLUMNS: Final = tuple(name for name in RunRow.__dataclass_fields__ if name not in
                            ("counted", "steps", "crew", "kinds", "vias"))  # fmt: skip
INSERT_RUN: Final = (
    f"INSERT OR REPLACE INTO run({', '.join(_RUN_COLUMNS)}, deviations, seconds, shape, crew)"  # noqa: S608 - names of the fields of `RunRow`
    f" VALUES ({', '.join('?' * (len(_RUN_COLUMNS) + 4))})"
)
INSERT_STEP: Final = (
    f"INSERT OR REPLACE INTO step(run, {', '.join(_STEP_COLUMNS)}) VALUES ({', '.join('?' * (len(_STEP_COLUMNS) + 1))})"  # noqa: S608 - names of the fields of `StepRow`
)


def begun(entry: Taken, place: str, when: Day) -> RunRow:
    """The row of the run that a `run.started` entry begins."""
    named = strings_of(entry.data, "protocol")
    return RunRow(
        n=entry.n,
        run=place,
        protocol=named.get("id", ""),
        version=named.get("version", ""),
        sha256=named.get("sha256", ""),
        subject=text_of(entry.data, "subject") or "",
        session=text_of(entry.data, "session"),
        at=entry.at,
        day=when.day,
        hour=when.hour,
        weekday=when.weekday,
        via=entry.via,
        starter=entry.actor,
        paper=strings_of(entry.data, "paper").get("ended"),
    )


def read_back(db: sqlite3.Connection, n: int) -> RunRow | None:
    """The row of a run that was written before, to go on with; None where that entry began no run."""
    columns = ", ".join(_RUN_COLUMNS)
    found = db.execute(f"SELECT {columns}, deviations, shape, crew FROM run WHERE n = ?", (n,)).fetchone()  # noqa: S608 - names of the fields of `RunRow`; the number is bound
    if found is None:
        return None
    *values, deviations, shape, crew = found
    run = RunRow(**dict(zip(_RUN_COLUMNS, values, strict=True)))
    run.counted = None if run.outcome == Outcome.OPEN else deviations
    names = ", ".join(_STEP_COLUMNS)
    for row in db.execute(f"SELECT {names} FROM step WHERE run = ?", (n,)):  # noqa: S608 - names of the fields of `StepRow`
        run.steps[row[0]] = StepRow(**dict(zip(_STEP_COLUMNS, row, strict=True)))
    run.crew = {name for (name,) in db.execute("SELECT operator FROM crew_member WHERE crew = ?", (crew,))}
    (said,) = db.execute("SELECT said FROM shape WHERE id = ?", (shape,)).fetchone()
    _, kinds, vias = said.rsplit("|", 2)
    run.kinds, run.vias = set(kinds.split()), set(vias.split())
    return run


def settle(db: sqlite3.Connection, reader: Reader, station: str, spans: Spans, *, in_use: bool) -> None:
    """Say of which runs of a ledger nobody knows how they ended: those that were open when their station ended, and
    those of which an entry cannot be read. To be done after all of its entries were taken in."""
    if not in_use:
        db.execute("UPDATE run SET outcome = 'unknown' WHERE outcome = 'open' AND run GLOB ?", (f"{station}#*",))
    lost = db.execute("SELECT idx FROM damage WHERE station = ? ORDER BY n", (station,)).fetchall()
    for place in map(parse_place, runs_of(reader, (index for (index,) in lost))):
        if place is not None:
            db.execute("UPDATE run SET outcome = 'unknown' WHERE n = ?", (spans.n(*place),))


def shape_of(run: RunRow) -> str:
    """What its steps came to, in one line that is the same for every run of which the same can be said."""
    steps = " ".join(f"{step.step}:{step.state}:{int(step.off)}" for _, step in sorted(run.steps.items()))
    return f"{run.sha256}|{steps}|{' '.join(sorted(run.kinds))}|{' '.join(sorted(run.vias))}"


def run_values(run: RunRow, shape: int, crew: int) -> tuple[object, ...]:
    """What INSERT_RUN takes."""
    seconds = None
    if run.ended is not None:
        seconds = (datetime.fromisoformat(run.ended) - datetime.fromisoformat(run.at)).total_seconds()
    return (*(getattr(run, name) for name in _RUN_COLUMNS), run.deviations, seconds, shape, crew)


def step_values(run: RunRow, step: StepRow) -> tuple[object, ...]:
    """What INSERT_STEP takes."""
    return (
        run.n, step.step, step.state, step.n, step.at, step.via, step.value, step.number, step.unit, step.input,
        step.attempts, step.ms, step.actor, step.witness, step.reason, step.corrected, step.clock, step.until,
    )  # fmt: skip


def take(run: RunRow, entry: Taken, text: Callable[[str], Protocol | None]) -> None:
    """Bring the rows up to date with one more entry of the run."""
    run.entries += 1
    run.last = entry.n
    run.kinds.add(entry.kind)
    run.vias.add(entry.via)
    if entry.actor is not None:
        run.crew.add(entry.actor)
    if entry.kind.startswith("run."):
        _take_run(run, entry, text)
    elif entry.step is not None:
        if "witness" in entry.data and (witness := text_of(entry.data, "witness")):
            run.crew.add(witness)
        step = run.steps.get(entry.step)
        if step is None:
            step = run.steps[entry.step] = StepRow(entry.step, _CURRENT, entry.n, entry.at, entry.via)
        _take_step(run, step, entry, text)


def _take_run(run: RunRow, entry: Taken, text: Callable[[str], Protocol | None]) -> None:
    match entry.kind:
        case Kind.RUN_RESUMED:
            if run.outcome == Outcome.COMPLETE_EXCEPT_DEFERRED:
                _take_up_deferred(run, text)
            run.outcome, run.ended, run.counted = Outcome.OPEN.value, None, None
        case Kind.RUN_HANDED_OVER:
            if to := text_of(entry.data, "to"):
                run.crew.add(to)
        case Kind.RUN_ATTRIBUTED:
            run.attributed = entry.actor
        case Kind.RUN_COMPLETED | Kind.RUN_ABANDONED | Kind.RUN_EXPIRED:
            run.ended = entry.at
            run.outcome = _outcome(entry)
            run.counted = number_of(entry.data, "deviations") if "deviations" in entry.data else run.deviations
        case _:
            pass


def _outcome(entry: Taken) -> str:
    """How a run ended. An outcome that this version does not know is never taken for a good one."""
    if entry.kind != Kind.RUN_COMPLETED:
        return entry.kind.removeprefix("run.")
    told = text_of(entry.data, "outcome")
    return told if told is not None and told in _OUTCOMES else Outcome.FAILED.value


def _take_step(run: RunRow, step: StepRow, entry: Taken, text: Callable[[str], Protocol | None]) -> None:
    if (closed := _CLOSED.get(entry.kind)) is not None:
        _close(step, entry, closed)
    elif entry.kind == Kind.STEP_CORRECTED:
        step.corrected += 1
        step.reason = text_of(entry.data, "reason") or step.reason
        _reopen(step, entry, Status.CURRENT)
        _ask_vouchers_again(run, step.step, text, step.reason)
        run.outcome, run.ended, run.counted = Outcome.OPEN.value, None, None
    elif entry.kind == Kind.STEP_STARTED:
        step.state, step.n, step.at, step.via, step.actor = _CURRENT, entry.n, entry.at, entry.via, entry.actor
    elif entry.kind == Kind.STEP_ATTEMPTED:
        step.attempts += 1
        step.n, step.at = entry.n, entry.at
        step.state = _CURRENT
    elif entry.kind == Kind.WITNESSED:
        step.witness = entry.actor


def _close(step: StepRow, entry: Taken, state: str) -> None:
    data = entry.data
    step.state, step.n, step.at, step.via = state, entry.n, entry.at, entry.via
    # What ends by itself (a timer) was done by whoever started it.
    step.actor = step.actor if entry.via == "system" else entry.actor
    step.attempts = number_of(data, "attempts") if "attempts" in data else step.attempts
    step.ms = number_of(data, "ms") if "ms" in data else None
    step.unit = text_of(data, "unit") if "unit" in data else None
    step.input = text_of(data, "input") if "input" in data else None
    step.clock = text_of(data, "clock") if "clock" in data else None
    step.until = text_of(data, "until") if "until" in data else step.until
    if "witness" in data:
        step.witness = text_of(data, "witness") or step.witness
    if state == "done":
        step.value = value_of(data)
        step.number = number(step.value)
    else:
        step.reason = text_of(data, "reason")


def _reopen(step: StepRow, entry: Taken | None, state: Status) -> None:
    step.state = state.value
    step.value, step.number, step.witness, step.ms = None, None, None, None
    if entry is not None:
        step.n, step.at = entry.n, entry.at


def _take_up_deferred(run: RunRow, text: Callable[[str], Protocol | None]) -> None:
    for name in [step.step for step in run.steps.values() if step.state == Status.DEFERRED]:
        run.steps[name].state = Status.PENDING.value
        _ask_vouchers_again(run, name, text, None)


def _ask_vouchers_again(run: RunRow, name: str, text: Callable[[str], Protocol | None], reason: str | None) -> None:
    """Second readings of a step, and signatures after it, are asked for again; what they said is no attempt."""
    protocol = text(run.sha256)
    if protocol is None or name not in {step.id for step in protocol.steps}:
        return
    for each in vouching_for(protocol, name):
        step = run.steps.get(each.id)
        if step is not None and step.state == Status.DONE:
            _reopen(step, None, Status.PENDING)
            step.reason, step.attempts = reason, 0


def value_of(data: Mapping[str, Json]) -> str | None:
    """What an entry says a step took, as one line."""
    told = data.get("value")
    if isinstance(told, str):
        return told or None
    found: dict[str, str] = {}
    for key in _VALUES:
        if key in data:
            found |= strings_of(data, key)
    return shown(found) if found else None


def number(value: str | None) -> float | None:
    """A value as a number, where it is one."""
    return float(value) if value is not None and _NUMBER.fullmatch(value) else None
