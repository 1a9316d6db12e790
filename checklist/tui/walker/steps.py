"""One run read through: every step with its mark, value, attempts, time, person and reason. Nothing here records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.protocol.units import display
from checklist.run.lasting import lasted, too_fast
from checklist.run.look import look
from checklist.run.marks import Look
from checklist.run.reading import shown
from checklist.tui import reads
from checklist.tui.bars import Key
from checklist.tui.face import Face
from checklist.tui.marks import OUTCOMES, WORDS, mark
from checklist.tui.rows import Item, Rows
from checklist.tui.say import day_and_clock, row, say
from checklist.tui.walker.card import HIDDEN, hidden, signature, step_title, still_blind
from checklist.tui.walker.walk_words import override_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from textual.widget import Widget

    from checklist.ledger.entry import Moment
    from checklist.protocol.model import Step
    from checklist.tui.app import Desk
    from checklist.tui.reads import Page


class StepsFace(Face[None]):
    """The steps of one run, to look through."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page

    def body(self) -> Iterable[Widget]:
        """One list."""
        yield Rows(classes="body")

    def heading(self) -> str:
        """Which run this is."""
        state = self._page.state
        return f"{self.desk.subject(state)}   {state.protocol.title}   {state.run}   READ ONLY"

    def refreshed(self) -> None:
        """Fill the list."""
        now = self.desk.now()
        if now is not None:
            self.query_one(Rows).show([*run_items(self._page, now)], first=True)

    def advice(self) -> str:
        """How the run stands."""
        state = self._page.state
        count = state.deviations
        return (
            f"{OUTCOMES[state.outcome][1]}, {count} deviation{'' if count == 1 else 's'}. Arrows and PgDn look further."
        )

    def keys(self) -> Sequence[Key]:
        """One way back."""
        return (Key("escape", "BACK", self._end),)

    def find(self, name: str) -> Key | None:
        """Enter and Ctrl+Q go back too."""
        return super().find("escape" if name in ("enter", "ctrl+q") else name)

    def moved(self, key: str) -> None:
        """Look further."""
        rows = self.query_one(Rows)
        steps = {"up": -1, "down": 1, "pageup": -5, "pagedown": 5, "home": -999, "end": 999}
        if key in steps:
            rows.move(steps[key])

    def _end(self) -> None:
        self.answer(None)


def run_items(page: Page, now: Moment) -> Iterator[Item]:
    """Every step of a run, with everything that is known of it."""
    for each in page.overrides:
        yield Item(override_line(page, each, 1, now))
    if page.state.attributed is not None and page.state.attributed_at is not None:
        when = day_and_clock(page.state.attributed_at, now.zone, now.at)
        yield Item(say(f"Signed for afterwards by {page.name(page.state.attributed)}, {when}.", "bold"))
    elif page.state.unattributed:
        yield Item(row(mark(Look.UNKNOWN), say(" Nobody has said yet that they did this.", "bold")))
    phase = ""
    for number, step in enumerate(page.state.protocol.steps, 1):
        if step.phase != phase:
            phase = step.phase
            yield Item(say(phase.upper(), "bold"))
        seen = look(page.state, step, now)
        yield Item(row(mark(seen), f" {number:>2}  ", say(step_title(step)), f"  {WORDS[seen]}"), step.id, " " * 8)
        for text in _facts(page, step, now):
            yield Item(say(f"          {text}"), indent=" " * 10)


def _facts(page: Page, step: Step, now: Moment) -> Iterator[str]:
    own = page.state.steps[step.id]
    unit = f" {display(own.unit)}" if own.unit else ""
    concealed = hidden(page.state, step)
    if own.closed:
        value = "hidden until the second person has read" if concealed else page.values.get(step.id)
        parts = [
            f"{value}{'' if concealed else unit}" if value else "",
            day_and_clock(own.at, now.zone, now.at) if own.at else "",
            _done_by(page, own.by),
            f"with {page.name(own.witness)}" if own.witness else "",
            f"after {lasted(own.ms / 1000)}" if own.ms else "",
            f"entry {own.entry}" if own.entry is not None else "",
        ]
        yield "  ".join(part for part in parts if part)
    if fast := too_fast(step, own):
        yield f"too fast: {fast}"
    if own.signed is not None and own.closed:
        yield f"signed: {signature(page, step, now)}"
    if reason := page.reasons.get(step.id):
        yield f"reason: {reason}"
    if len(own.attempts) > 1 or (own.attempts and not own.closed):
        for number, attempt in enumerate(own.attempts, 1):
            value = HIDDEN if concealed or still_blind(page.state, step, attempt) else shown(attempt.value) or "-"
            words = {"pass": "good", "unexpected": "not as expected", "fail": "failed"}.get(
                attempt.verdict, attempt.verdict
            )
            when = day_and_clock(attempt.at, now.zone, now.at)
            yield f"attempt {number}: {value}  {words}  {when}  {page.name(attempt.by)}"
    if own.attempts and not concealed:
        last = own.attempts[-1]
        if last.printout is not None:
            yield f"printout: {last.printout}"
        if last.sensed is not None:
            yield f"the printout says {last.sensed}{unit}"
        yield from (f"to be looked at: {each.why}" for each in last.findings)
    for note in page.notes.get(step.id, ()):
        yield f"note: {note}"


def _done_by(page: Page, operator: str | None) -> str:
    if operator is None and page.state.attributed is not None:
        return f"{page.name(page.state.attributed)} (attributed afterwards)"
    return page.name(operator) if operator else ""


async def look_at(desk: Desk, run: str) -> None:
    """Show a run read through."""
    await desk.ask(StepsFace(await desk.keeper.call(reads.page, run)))
