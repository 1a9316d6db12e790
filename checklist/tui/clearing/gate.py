"""The gate: may it start? One big answer, what it rests on, and one key to what would make it true.

It asks again by itself, since freshness ends by the clock and by what others do; an answer that could not be had anew
is never shown as GO. What the keys do is in `gate_acts`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from checklist.gate.clearance import GO, UNKNOWN
from checklist.run.reading import Refusal
from checklist.tui.clearing import gate_reads
from checklist.tui.clearing.gate_way import GATE
from checklist.tui.clearing.gate_words import Shown, Verdict, flags, items
from checklist.tui.face import Face
from checklist.tui.lines import Lines
from checklist.tui.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from checklist.gate.clearance import Judged
    from checklist.tui.app import Desk
    from checklist.tui.bars import Key
    from checklist.tui.clearing.gate_reads import Page, Question

AGAIN_SECONDS: Final = 3.0
"""How often the gate is asked again."""
STALE_SECONDS: Final = 15.0
"""From this age on an answer counts no more: the record does not answer."""
_UNREAD: Final = "The record cannot be read now: the lowest line says why. Nothing may start."


class GateFace(Face[None]):
    """One question, and the answer as it stands now."""

    DEFAULT_CSS = """
    GateFace Verdict { height: 7; padding: 1 1; }
    GateFace #marked { height: auto; padding: 0 1; }
    """

    question: Question | None = None
    page: Page | None = None
    trouble = ""
    """Why there is no answer."""
    recorded = ""
    """What was recorded of this answer, in words."""
    _asking = False
    _missing: frozenset[str] = frozenset()
    _painted: object = None

    def body(self) -> Iterable[Widget]:
        """The answer; what was overridden; every requirement."""
        yield Verdict()
        yield Lines(id="marked")
        yield Rows(classes="body")

    # -- the answer ---------------------------------------------------------------------------------------

    def hold(self, question: Question, page: Page | None) -> None:
        """Take up a question, with its answer where it is known."""
        self.question, self.page, self.trouble, self.recorded = question, page, "", ""
        self._missing, self._painted = frozenset(), None

    def answered(self, found: Page | Refusal | None) -> None:
        """The answer as it is now; None where it could not be had."""
        before = self.decision
        self.page = found if isinstance(found, gate_reads.Page) else None
        self.trouble = found.message if isinstance(found, Refusal) else "" if found is not None else _UNREAD
        if self.decision != before:
            self.recorded = ""
            self.desk.guard.appeared()
            if before == GO:
                self.desk.ring(times=2)
        self.show()

    async def look(self) -> None:
        """Ask anew; nobody waits for it."""
        question = self.question
        if question is None or self._asking:
            return
        self._asking = True
        try:
            found = await self.desk.keeper.quietly(gate_reads.look, question)
        finally:
            self._asking = False
        if self.question == question:
            self.answered(found)

    @property
    def age(self) -> float:
        """How old the answer is, in seconds, by the clinic's clock."""
        now = self.desk.now()
        if self.page is None or now is None:
            return STALE_SECONDS
        at = self.page.answer.clearance.at
        return abs((datetime.fromisoformat(now.at) - datetime.fromisoformat(at)).total_seconds())

    @property
    def decision(self) -> str:
        """What the screen says."""
        if self.page is None or self.age >= STALE_SECONDS:
            return UNKNOWN
        return self.page.answer.clearance.decision

    @property
    def chosen(self) -> Judged | None:
        """The requirement that is highlighted."""
        if self.page is None or not self.is_mounted:
            return None
        name = self.query_one(Rows).chosen
        return next((one for one in self.page.answer.clearance.requirements if one.id == name), None)

    def turn(self) -> None:
        """Ask whether the visit may be closed, or again whether it may start."""
        if self.question is not None:
            stage = self.question.stage
            self.hold(replace(self.question, stage="start" if stage == "close" else "close"), None)
            self.show()
            self.run_worker(self.look())

    # -- what it looks like -------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        """Whatever was done meanwhile counts. (What all screens do here is done by theirs.)"""
        self.run_worker(self.look())

    def heading(self) -> str:
        """What is asked."""
        closing = self.question is not None and self.question.stage == "close"
        asked = "MAY THE VISIT BE CLOSED?" if closing else "MAY IT START?"
        return f"{asked}   {self.page.title}" if self.page is not None else asked

    def small_line(self) -> str:
        """The answer."""
        return f"{self.decision}: {self.heading()}"

    def tag(self) -> str:
        """What an Enter would do, and about what."""
        chosen = self.chosen
        return f"{self.question}/{self.decision}/{chosen.id if chosen else ''}/{self.recorded}"

    def ticked(self) -> None:
        """Ask again now and then."""
        if self.age >= AGAIN_SECONDS:
            self.run_worker(self.look())
        self.show()

    def refreshed(self) -> None:
        """Bring answer and list up to date, and the highlight to the worst where what it stood on is met now."""
        opened, now, page = self.desk.opened, self.desk.now(), self.page
        if opened is None or now is None or self.question is None:
            return
        old = page is not None and self.age >= STALE_SECONDS
        shown = Shown(self.question, page, self.decision, self.trouble, self.recorded, old=old)
        self.query_one(Verdict).show(shown, dict(opened.settings.subjects("room")), opened.zone)
        self.query_one("#marked", Lines).show(flags(shown, now, max(self.size.width - 2, 40)))
        wanted = page.answer.clearance.requirements if page is not None else ()
        if wanted == self._painted:
            return
        self._painted = wanted
        rows = self.query_one(Rows)
        before = rows.chosen
        rows.show(items(wanted), first=True)
        missing = frozenset(one.id for one in wanted if one.met is not True)
        if before in self._missing and before not in missing:
            rows.pick(0)
        self._missing = missing

    def advice(self) -> str:
        """What would make the highlighted requirement true."""
        from checklist.tui.clearing.gate_acts import advice

        return advice(self)

    # -- keys ---------------------------------------------------------------------------------------------

    def keys(self) -> Sequence[Key]:
        """What can be done here."""
        from checklist.tui.clearing.gate_acts import gate_keys

        return gate_keys(self)

    def find(self, name: str) -> Key | None:
        """Ctrl+Q goes back too."""
        return super().find("escape" if name == "ctrl+q" else name)

    def moved(self, key: str) -> None:
        """Look through the requirements."""
        rows = self.query_one(Rows)
        steps = {"up": -1, "down": 1, "pageup": -rows.page, "pagedown": rows.page, "home": -999, "end": 999}
        if key in steps:
            rows.move(steps[key])


def gate_of(desk: Desk) -> GateFace:
    """The one gate, kept for good."""
    if not desk.is_screen_installed(GATE):
        desk.install_screen(GateFace(name=GATE), GATE)
    found = desk.get_screen(GATE)
    assert isinstance(found, GateFace)  # noqa: S101 - installed above under this name
    return found
