"""The whole board: the glance, with where each open run stands and with names."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from checklist.clinic.errors import ClinicError
from checklist.clinic.plan.glance import glance
from checklist.protocol.errors import ProtocolError
from checklist.run.marks import Outcome

if TYPE_CHECKING:
    from checklist.clinic.plan.glance import EndedRow, Glance, SetApart, Unattributed
    from checklist.clinic.plan.planning import Due
    from checklist.clinic.plan.waiting import Task
    from checklist.clinic.service import Clinic
    from checklist.run.state import RunState


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run that goes on. `holder` is a name; `overridden` counts the steps that were, in it and in the other runs of
    its session."""

    state: RunState
    title: str
    holder: str
    overridden: int = 0


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that ended, and how; `holder` is a name; `overridden` counts as an open run's does."""

    run: str
    protocol: str
    title: str
    subject: str
    outcome: Outcome
    ended: str
    deviations: int
    holder: str
    overridden: int = 0


@dataclass(frozen=True, slots=True)
class Board:
    """The whole board at one moment."""

    glance: Glance
    open: tuple[OpenRun, ...]
    ended: tuple[Ended, ...]
    faults: tuple[str, ...] = ()
    """What could not be shown, each in a sentence: a run whose protocol's text is lost, a ledger that is damaged."""

    @property
    def due(self) -> tuple[Due, ...]:
        """What the schedule asks for now."""
        return self.glance.due

    @property
    def overdue(self) -> tuple[Due, ...]:
        """What should have been done by now."""
        return self.glance.overdue

    @property
    def quarantined(self) -> tuple[SetApart, ...]:
        """What awaits a decision and must not be used."""
        return self.glance.quarantined

    @property
    def recalled(self) -> tuple[SetApart, ...]:
        """What was called back and must not be used."""
        return self.glance.recalled

    @property
    def unattributed(self) -> tuple[Unattributed, ...]:
        """What was done without signing in, and nobody yet said that they did it."""
        return self.glance.unattributed


def board(clinic: Clinic) -> Board:
    """The board of a clinic at this moment."""
    seen = glance(clinic.histories(), clinic.settings, clinic.now(), clinic.unreadable())
    seen = replace(seen, tasks=tuple(with_words(clinic, task) for task in seen.tasks))
    runs, faults = _open_runs(clinic)
    return Board(seen, runs, tuple(_ended(clinic, row) for row in seen.ended), (*faults, *seen.faults))


def with_words(clinic: Clinic, task: Task) -> Task:
    """The same with what is to be done; its id stands for a step whose text is lost, or says it by a value."""
    with suppress(ClinicError, ProtocolError):
        protocol = clinic.library.by_digest(task.protocol, task.sha256).protocol
        words = next((step.do for step in protocol.steps if step.id == task.step), None) or ""
        return replace(task, words="" if "{" in words else words)
    return task


def open_runs(clinic: Clinic) -> tuple[OpenRun, ...]:
    """The runs that go on, oldest first. One whose protocol cannot be read does not hide the others."""
    return _open_runs(clinic)[0]


def _open_runs(clinic: Clinic) -> tuple[tuple[OpenRun, ...], list[str]]:
    runs, faults = [], []
    for row in clinic.ledger.query("SELECT run FROM run WHERE outcome = 'open' ORDER BY idx"):
        try:
            runs.append(_open_run(clinic, clinic.run(str(row[0]))))
        except (ClinicError, ProtocolError) as error:
            faults.append(f"{row[0]}: {error}")
    return tuple(runs), faults


def _open_run(clinic: Clinic, state: RunState) -> OpenRun:
    return OpenRun(
        state=state,
        title=state.protocol.title,
        holder=clinic.staff.name_of(state.holder),
        overridden=len(clinic.overrides(state)),
    )


def _ended(clinic: Clinic, row: EndedRow) -> Ended:
    return Ended(
        run=row.run,
        protocol=row.protocol,
        title=row.title,
        subject=row.subject,
        outcome=Outcome(row.outcome),
        ended=row.ended,
        deviations=row.deviations,
        holder=clinic.staff.name_of(row.holder),
        overridden=row.overridden,
    )
