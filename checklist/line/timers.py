"""The timers of other open runs: said at each step, and rung when one has run down (design §8 point 10)."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from checklist.clinic.plan.board import open_runs
from checklist.ledger.errors import LedgerError
from checklist.line.words import length
from checklist.run.timing import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checklist.clinic.service import Clinic
    from checklist.run.state import RunState
    from checklist.run.timing import TimerReading


class OtherTimers:
    """What runs beside the run that is walked here."""

    def __init__(self, clinic: Clinic, run: str) -> None:
        self._clinic = clinic
        self._run = run
        self._running: frozenset[tuple[str, str]] = frozenset()

    def running(self) -> list[str]:
        """One line for each timer that runs or waits to be ended."""
        lines = []
        for state, step, timer in self._timers():
            left = (
                f"{length(-(-timer.left_ms // 1000))} to go" if timer.phase is Phase.RUNNING else "the time has passed"
            )
            lines.append(f"Timer of run {state.run}, {state.protocol.title}, {step}: {left}.")
        return lines

    def rung(self) -> list[str]:
        """One line for each timer that has run down since this was last asked."""
        now = {(state.run, step): timer.phase for state, step, timer in self._timers()}
        before, self._running = self._running, frozenset(key for key, phase in now.items() if phase is Phase.RUNNING)
        return [f"The timer of run {run}, {step}, has run down." for run, step in sorted(before - self._running)]

    def _timers(self) -> Iterator[tuple[RunState, str, TimerReading]]:
        """Each timer of another run, where the record can be read; where not, the next command tells."""
        with contextlib.suppress(LedgerError):
            now = self._clinic.now()
            for run in open_runs(self._clinic):
                step = run.state.current
                timer = run.state.timer(step, now) if step is not None else None
                busy = timer is not None and timer.phase in {Phase.RUNNING, Phase.READY}
                if step is not None and timer is not None and busy and run.state.run != self._run:
                    yield run.state, step.id, timer
