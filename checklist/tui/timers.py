"""The timers of all open runs: seen and heard on every screen, and ended when they end by themselves.

Counts on the event loop from what is known of each run; asks the storage only when a timer is due.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from checklist.ledger.entry import Moment
    from checklist.protocol.model import Step
    from checklist.run.state import RunState
    from checklist.run.timing import TimerReading
    from checklist.tui.app import Desk

AGAIN_SECONDS: Final = 10.0
"""How long to wait before a timer that could not be recorded as ended is tried again."""


class Timers:
    """What runs, on this clinic's clocks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._runs: dict[str, RunState] = {}
        self._rung: set[tuple[str, str, str, str]] = set()
        self._asked: dict[str, float] = {}

    def know(self, state: RunState) -> None:
        """A run as it now stands."""
        if state.open:
            self._runs[state.run] = state
        else:
            self._runs.pop(state.run, None)

    def know_all(self, states: Iterable[RunState]) -> None:
        """All runs that are open."""
        self._runs = {state.run: state for state in states}

    def strip(self, without: str = "") -> Content:
        """One line for each timer that runs, but for the run that is on the screen anyway."""
        from checklist.tui.say import say, span

        now = self._desk.now()
        if now is None:
            return Content("")
        lines = []
        for state, step, timer in self._running(now):
            if state.run == without:
                continue
            # Where it runs comes first: of two that are alike the end is cut off.
            where = f"{self._desk.subject(state)}: {step.do}  ({state.protocol.title})"
            if step is not state.current:  # how long it takes is being read anew
                lines.append(f"(~) RUNS ON  {where}")
                continue
            match timer.phase.value:
                case "running":
                    lines.append(f"(~) WAIT {span(timer.left_ms)} left  {where}")
                case "ready":
                    lines.append(f"(~) IT MAY END NOW  {where}")
                case "lost":
                    lines.append(f"{{?}} START AGAIN, the machine was restarted  {where}")
                case _:
                    lines.append(f"<X> TOO LONG  {where}")
        return Content("\n").join(say(line) for line in lines)

    def tick(self) -> None:
        """Ring what is ready, and have ended what ends by itself."""
        from checklist.run.timing import Phase

        now = self._desk.now()
        if now is None:
            return
        for state, step, timer in list(self._running(now)):
            if timer.phase in (Phase.RUNNING, Phase.LOST) or step is not state.current:
                continue
            started = state.steps[step.id].started
            sign = (state.run, step.id, started.at if started else "", timer.phase.value)
            if sign not in self._rung:
                self._rung.add(sign)
                self._desk.ring()
            ends_itself = timer.phase is Phase.OVER or (step.kind == "timer" and step.at_most is None)
            if ends_itself and self._desk.guard.now() - self._asked.get(state.run, float("-inf")) >= AGAIN_SECONDS:
                self._asked[state.run] = self._desk.guard.now()
                self._desk.run_worker(self._ended(state.run))

    async def _ended(self, run: str) -> None:
        from checklist.run.commands import Tick
        from checklist.tui.reads import Page, do

        page = await self._desk.keeper.quietly(do, run, Tick(), None)
        if isinstance(page, Page):
            self._asked.pop(run, None)
            self._desk.changed(page)

    def _running(self, now: Moment) -> Iterator[tuple[RunState, Step, TimerReading]]:
        for state in self._runs.values():
            for step in state.protocol.steps:
                own = state.steps[step.id]
                if step.kind != "timer" or own.started is None or own.closed or not state.applies(step):
                    continue
                timer = state.timer(step, now)
                if timer is not None:
                    yield state, step, timer
