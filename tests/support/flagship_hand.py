"""Somebody at the real screen through a whole day: reads which step stands there, and presses what its kind asks for.

What is of interest at a step is said by the story; everything else is answered with the first thing that passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from checklist.protocol.library import shipped
from checklist.protocol.model import Assign, Choice, Confirm, Measure, Scan, Sign, Timer
from checklist.protocol.model import Witness as WitnessStep
from checklist.run.reading import numbered
from checklist.run.timing import milliseconds
from checklist.tui.board import BoardFace
from checklist.tui.choosing import Pick
from checklist.tui.clearing.gate import GateFace
from checklist.tui.form import Form
from checklist.tui.walker.mode import Mode
from checklist.tui.walker.walk import WalkFace
from tests.support.flagship import NOTHING_SPECIAL, By, PutOff, Twice, Typed, code_of, label_of, plain_answer

if TYPE_CHECKING:
    from checklist.tui.reads import Page
    from tests.support.flagship import Answer, DayClock, Script, Somebody
    from tests.tui.conftest import Nurse


class Hand:
    """Somebody at the real screen, who reads which step it is and does what it asks for."""

    def __init__(
        self, nurse: Nurse, clock: DayClock, first: Somebody, second: Somebody, signers: Mapping[str, Somebody]
    ) -> None:
        """`first` walks and signs, but for what needs one of the roles of `signers`; `second` reads beside them."""
        self.nurse, self.clock, self.first, self.second, self.signers = nurse, clock, first, second, signers
        self.runs: dict[str, str] = {}
        """The newest run of each protocol that was walked."""

    async def start(self, protocol: str, place: int = 0, visit: str = "", *, new: bool = False) -> None:
        """Start a protocol from the board; where it can be done in several places, in that one; for a visit that is
        typed by its reference, and opened where it is `new`."""
        nurse, before = self.nurse, self._walked()
        await nurse.type(shipped()[protocol].protocol.title)
        await nurse.sees("START A PROTOCOL")
        await nurse.press(*([str(place)] if place else []), "enter")
        if visit:
            await nurse.sees("WHICH VISIT IS IT ABOUT?")
            await nurse.type(visit)
            await nurse.press("enter")
            if new:
                await nurse.sees("OPEN A NEW VISIT")
                await nurse.press("enter")
        await nurse.until(lambda: isinstance(nurse.desk.face, WalkFace) and self._walked() != before)

    async def gate_to(self, requirement: str, script: Script = NOTHING_SPECIAL) -> None:
        """From the gate to what is missing, walked to its end, and back."""
        nurse, gate = self.nurse, self.nurse.desk.face
        assert isinstance(gate, GateFace), nurse.text()
        await nurse.until(lambda: gate.chosen is not None)
        for _ in range(len(gate.page.answer.clearance.requirements) if gate.page is not None else 0):
            if gate.chosen is None or gate.chosen.id != requirement:
                await nurse.press("down")
        before = self._walked()
        await nurse.press("enter")
        await nurse.until(lambda: isinstance(nurse.desk.face, WalkFace) and self._walked() != before)
        await self.walk(script)
        await nurse.sees("BACK TO THE GATE")
        await nurse.press("enter")
        await nurse.until(lambda: nurse.desk.face is gate)

    async def to_board(self) -> None:
        """From the end of a run back to the board."""
        await self.nurse.press("enter")
        await self.nurse.until(lambda: isinstance(self.nurse.desk.face, BoardFace))

    @property
    def visit(self) -> str:
        """The visit that this run belongs to."""
        return self._page.state.session or ""

    async def walk(self, script: Script = NOTHING_SPECIAL, until: str = "") -> None:
        """Walk to the end of the run, or to a step."""
        unused = set(script)
        self.runs[self._page.state.protocol.id] = self._page.state.run
        while self.nurse.step and self.nurse.step != until:
            unused.discard(self.nurse.step)
            await self.answer(script.get(self.nurse.step))
        assert self.nurse.step == until, self.nurse.text()
        assert not unused, f"never asked: {unused}"

    async def answer(self, said: Answer | None = None) -> None:
        """Do what the step on the screen asks for, and see it closed."""
        nurse, step = self.nurse, self.nurse.walk.step
        assert step is not None
        if step.at_least is not None and not isinstance(step, Timer):
            self.clock.wait(milliseconds(step.at_least) / 1000)
        match step, said:
            case _, PutOff(words=words):
                await nurse.press("f2")
                await self.fill(None, {"what": "defer"})
                await nurse.sees("as it says")
                await nurse.press("2", "enter")
                await nurse.sees("WHAT IS THE REASON")
                await self.fill(None, {"code": "not-available", "words": words})
            case Timer(), _:
                await self._time(step)
            case Scan(), Typed(label=label):
                await self._type_label(label)
            case Scan(), _:
                label = said if isinstance(said, Mapping) else label_of(step)
                await nurse.burst(code_of(label))
                await nurse.sees("UNDERSTOOD")
                await nurse.press("enter")
            case WitnessStep(), _:
                await self._witness(step, said if isinstance(said, By) else By(self.second))
            case Sign(), _:
                await self._sign(step, said if isinstance(said, By) else By(self._signer(step)))
            case Measure(), Twice():
                await self._fail_first(said)
            case ((Confirm() | Assign()), _):
                await nurse.press("enter")
            case _:
                await self._give(said if isinstance(said, str) else str(plain_answer(step)))
        await nurse.until(lambda: self.nurse.walk.step is not step)

    def _walked(self) -> str:
        return self.nurse.desk.walked or ""

    @property
    def _page(self) -> Page:
        walker = self.nurse.desk.walker
        assert walker is not None
        assert walker.page is not None
        return walker.page

    def _signer(self, step: Sign) -> Somebody:
        return next((self.signers[role] for role in step.roles if role in self.signers), self.first)

    async def _give(self, value: str) -> None:
        step = self.nurse.walk.step
        if isinstance(step, Choice):
            values = [option.value for option in step.options]
            await self.nurse.type(str(values.index(value) + 1) if numbered(step) else value)
        else:
            await self.nurse.type(value)
        await self.nurse.press("enter", "enter")

    async def _fail_first(self, said: Twice) -> None:
        await self._give(said.wrong)
        await self.nurse.sees("OUT OF LIMIT")
        await self.nurse.type(said.remedy)
        await self.nurse.press("enter", "enter")
        await self.nurse.sees("Now read again.")
        await self._give(said.right)

    async def _time(self, step: Timer) -> None:
        nurse = self.nurse
        await nurse.press("enter")
        await nurse.until(lambda: nurse.walk.mode is Mode.WAIT)
        self.clock.wait(self._page.state.bounds(step).least / 1000)
        nurse.desk.tick()
        if step.at_most is not None:
            await nurse.until(lambda: nurse.walk.mode is Mode.END)
            await nurse.press("enter")

    async def _type_label(self, label: Mapping[str, str]) -> None:
        nurse = self.nurse
        for text in label.values():
            await nurse.type(text)
            await nurse.press("enter")
        await nurse.sees("AGAIN")
        for kind in nurse.walk.response.label.repeated:
            await nurse.type(label[kind])
            await nurse.press("enter")
        await nurse.sees("UNDERSTOOD")
        await nurse.press("enter")

    async def _witness(self, step: WitnessStep, said: By) -> None:
        page = self.nurse.walk.page
        assert page is not None
        asked, first = page.state.protocol.step(step.of), page.state.steps[step.of].value
        await self.nurse.press("enter")
        await self.nurse.sees("That reading is hidden until yours is in.")
        if isinstance(asked, Measure) and asked.decimals:
            assert str(first) not in self.nurse.text()
        answers = {"value": said.says or str(first)} if isinstance(asked, Measure | Choice) else {}
        if isinstance(asked, Scan) and isinstance(first, Mapping):
            answers = dict(first)
        await self.fill(said.who, answers)

    async def _sign(self, step: Sign, said: By) -> None:
        await self.nurse.press("enter")
        await self.nurse.sees("WHAT YOUR SIGNATURE MEANS")
        await self.fill(said.who, {"meaning": said.says or step.meanings[0]})

    async def fill(self, who: Somebody | None, answers: Mapping[str, str], until: str = "") -> None:
        """Fill in the dialog that is seen, part by part, and record it, or to the part that is named; what is not in
        `answers` stays empty."""
        nurse, form = self.nurse, self.nurse.desk.face
        assert isinstance(form, Form), nurse.text()
        while nurse.desk.face is form:
            part, at = form.parts[form.at], form.at
            if part.name == until:
                return
            if isinstance(part, Pick) and part.badged and who is not None and part.name not in answers:
                if who.badge:
                    await self._show_badge(form, who.badge)
                    continue
                await nurse.type(who.name.split()[0].lower())
            elif isinstance(part, Pick):
                keys = [key for key, _ in part.options]
                await nurse.type(str(keys.index(answers[part.name]) + 1) if part.numbered else answers[part.name])
            elif part.secret and who is not None:
                await nurse.type(who.secret)
            elif part.name in answers:
                await nurse.type(answers[part.name])
            await nurse.press("enter")
            if form is nurse.desk.face and form.at == at:
                await nurse.press("enter")  # plain words take a second one
                assert nurse.desk.face is not form, nurse.text()

    async def _show_badge(self, form: Form[object], badge: str) -> None:
        at = form.at
        await self.nurse.badge(badge)
        await self.nurse.until(lambda: form.at != at)
