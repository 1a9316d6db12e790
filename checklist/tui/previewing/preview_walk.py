"""The walk of a protocol that is being written, as staff will see it, with what is wrong with the file beside it.

Every answer goes through the same engine as a real one, in memory, and is gone when the screen is left.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.css.query import NoMatches

from checklist.protocol.model import Assign, Sign
from checklist.protocol.model import Witness as WitnessStep
from checklist.run import commands as c
from checklist.run.look import look
from checklist.run.reading import Refusal
from checklist.run.rehearsal import Act, Rehearsal
from checklist.run.timing import Phase
from checklist.run.tries import answers
from checklist.tui.bars import Key
from checklist.tui.choosing import Pick
from checklist.tui.form import Answers, Form
from checklist.tui.lines import Lines
from checklist.tui.marks import WORDS, mark
from checklist.tui.previewing.preview_file import Draft
from checklist.tui.previewing.preview_page import page_of, place_of
from checklist.tui.previewing.preview_words import broken_lines, fault_items, lint_heading, unresolved_lines
from checklist.tui.rows import Rows
from checklist.tui.say import row
from checklist.tui.walker.mode import TAKES, Mode, mode_of
from checklist.tui.walker.response import Response
from checklist.tui.walker.walk import WalkFace
from checklist.tui.walker.walk_words import MORE, hint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from checklist.clinic.service import SignedIn
    from checklist.protocol.model import Protocol
    from checklist.tui.previewing.preview import Preview
    from checklist.tui.reads import Page

NOTHING: Final = "PREVIEW — NOTHING IS RECORDED"
_STALE: Final = "This is how it was before it broke: mend the file and save it."
_SECOND: Final = "In the walk a second person reads for themselves here, with a secret of their own."
_SIGNS: Final = "In the walk this takes the secret of whoever signs."
_PLACES: Final = {"equipment": "S1", "room": "room-1", "station": "a"}


class PreviewFace(WalkFace):
    """A rehearsal in the place of a run."""

    def __init__(self, file: str, preview: Preview) -> None:
        super().__init__(name="preview")
        self._file = file
        self._preview = preview
        self.draft = Draft()
        self.rehearsal: Rehearsal | None = None
        self._room = 0

    def body(self) -> Iterable[Widget]:
        """The walk as it is; beside it, or below where that is too narrow, what is wrong with the file."""
        yield Lines(id="stale")
        yield Lines(id="flags")
        yield Lines(id="progress")
        self.response = Response(self._changed)
        words = VerticalScroll(Lines(id="told"), id="say", can_focus=False)
        steps = Vertical(Lines(id="above"), Vertical(words, self.response, id="card"), Lines(id="below"))
        reasons = VerticalScroll(Lines(id="reasons"), id="why", can_focus=False)
        lint = Vertical(Lines(id="counts"), Rows(), reasons, id="lint")
        yield Vertical(Horizontal(steps, id="walk"), lint, id="preview")

    # -- the file -----------------------------------------------------------------------------------------

    def take_up(self, draft: Draft) -> None:
        """The file as it was just saved: where it can be walked, the walk stays at its step."""
        self.draft = draft
        self.message = Content("")
        if draft.protocol is not None:
            self._stand(self._moved_to(draft.protocol))
        elif draft.unresolved is not None:
            self.rehearsal = self.page = None
        self.show()

    def _moved_to(self, protocol: Protocol) -> Rehearsal:
        begun, before = Rehearsal.begin(protocol, self._preview.day), self.rehearsal
        step = before.state.current if before is not None else None
        if before is None or step is None:
            self._preview.put_clock(0)
            return begun
        old, new = before.state.protocol, protocol
        ids = [each.id for each in new.steps]
        here = step.id if step.id in ids else ids[min(old.index(step.id), len(ids) - 1)]
        unchanged = [each.id for each in new.steps[: new.index(here) + 1] if each in old.steps]
        known = {name: own for name in unchanged if (own := before.state.steps[name]).closed or name == here}
        stands = begun.standing_at(here, known)
        # What was typed into the fields stays there only as long as they ask the same.
        same = here in unchanged and (current := stands.state.current) is not None and current.id == step.id
        run = before.state.run if same else f"{begun.state.run}.{before.state.head[0]}{before.ms}"
        return replace(stands, state=replace(stands.state, run=run), ms=before.ms)

    # -- the run ------------------------------------------------------------------------------------------

    def _stand(self, rehearsal: Rehearsal) -> None:
        self.rehearsal = rehearsal
        self.taken = None
        self.hold(page_of(rehearsal))

    @property
    def mode(self) -> Mode:
        """What Enter means to whoever walks."""
        if self.page is None:
            return Mode.ENDED
        return mode_of(self.page.state, self.page.state.holder, self._preview.now())

    async def author(self) -> SignedIn | None:
        """Nobody: nobody need sign in."""
        return None

    async def record(self, command: c.Command) -> None:
        """Try a command in memory, and show what the run would be then."""
        self._try(command)

    def _try(self, command: c.Command) -> Refusal | None:
        rehearsal = self.rehearsal
        if rehearsal is None:
            return None
        tried = rehearsal.attempt(Act(command, max(self._preview.ms - rehearsal.ms, 0)))
        if isinstance(tried, Refusal):
            self.refuse(tried.message)
            return tried
        self._stand(tried)
        self.show()
        return None

    def _what_was_saved(self, page: Page, seen: tuple[str, str]) -> Content:
        own = page.state.steps.get(self.seen[1])
        if own is None or not own.closed or own.entry is None:
            return Content("")
        step = page.state.protocol.step(self.seen[1])
        said = look(page.state, step, self._preview.now())
        return row(mark(said), f" Step {page.state.protocol.index(step.id) + 1} {WORDS[said]}. Nothing is recorded.")

    # -- what it looks like -------------------------------------------------------------------------------

    @property
    def stale(self) -> bool:
        """Whether what stands here is not what stands in the file."""
        return self.page is not None and self.draft.broken

    def heading(self) -> str:
        """What this is, and of what."""
        protocol = self.rehearsal.state.protocol if self.rehearsal is not None else self.draft.unresolved
        return f"PREVIEW   {protocol.title}   {protocol.version}" if protocol is not None else f"PREVIEW   {self._file}"

    def small_line(self) -> str:
        """What this is."""
        return NOTHING

    def _right_of_title(self) -> str:
        return "NOTHING IS RECORDED"

    def advice(self) -> str:
        """What to do now."""
        if self.stale:
            return _STALE
        if self.page is None:
            return "Save the file; this screen follows it."
        if self.mode is Mode.WAIT:
            return "In the walk one waits here. Enter puts the clock forward."
        if self.mode is Mode.ENDED:
            return "The run has ended. Enter begins again."
        said = hint(self)
        return f"{said.removesuffix(MORE.strip())}The arrows show the rest." if said.endswith(MORE.strip()) else said

    def refreshed(self) -> None:
        """Bring the walk and the list of faults up to date."""
        self.set_class(self.stale, "-stale")
        inner = self.size.width - 2
        self.query_one("#stale", Lines).show(broken_lines(self.draft, inner) if self.stale else [])
        counts, rows = self.query_one("#counts", Lines), self.query_one(Rows)
        counts.show([lint_heading(self.draft, self._file)])
        rows.show(fault_items(self.draft))
        rows.display = bool(self.draft.faults)
        self.response.display = self.page is not None
        if self.page is not None:
            super().refreshed()
            return
        words = self.query_one("#say")
        words.styles.height = "1fr"
        width = words.size.width or inner
        self.query_one("#told", Lines).show(unresolved_lines(self.draft, self._file, width - 1))
        for name in ("#flags", "#progress", "#above", "#below", "#reasons"):
            self.query_one(name, Lines).show([])

    def show_bars(self) -> None:
        """The list of faults and the bars take their room from the card: lay it out anew where they took other room."""
        super().show_bars()
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        with suppress(NoMatches):
            room = self.query_one("#walk").size.height
            if room != self._room:
                self._room = room
                self.show()

    def ticked(self) -> None:
        """Let the model clock go on; what ends by itself ends."""
        page = self.page
        step = self.step
        if page is not None and step is not None and step.kind == "timer" and not self.stale:
            timer = page.state.timer(step, self._preview.now())
            ready = timer is not None and timer.phase is Phase.READY and step.at_most is None
            if ready or (timer is not None and timer.phase is Phase.OVER):
                self._try(c.Tick())
        super().ticked()

    # -- keys ---------------------------------------------------------------------------------------------

    def keys(self) -> Sequence[Key]:
        """Forward as in the walk, and about in the file."""
        quit_ = Key("ctrl+q", "QUIT", lambda: self.desk.exit(0))
        page = self.page
        if page is None:
            return (quit_,)
        signs = self.mode in TAKES and self.taken is not None
        does = {Mode.WAIT: "PUT THE CLOCK FORWARD", Mode.ENDED: "BEGIN AGAIN"}.get(self.mode, self.mode.value)
        at, last = place_of(page.state), len(page.state.protocol.steps) - 1
        first = "This is the first step." if at == 0 and page.state.current is not None else ""
        return (
            Key("enter", "TAKE IT SO" if signs else does, self.enter, _STALE if self.stale else ""),
            Key("f2", "STEP BACK", lambda: self._go(-1), first),
            Key("f3", "STEP ON", lambda: self._go(1), "This is the last step." if at == last else ""),
            Key("f6", "FROM THE START", self._begin_again),
            Key("f1", "WHY", self._why),
            quit_,
        )

    def find(self, name: str) -> Key | None:
        """Only what the bar shows: there is no way back, and no emergency."""
        if name == "escape":
            return Key("escape", "BACK", self.show, "There is nothing to go back to: Ctrl+Q ends the preview.")
        return next((key for key in self.keys() if key.name == name), None)

    def moved(self, key: str) -> None:
        """The page keys go through what is wrong with the file; everything else is as in the walk."""
        if key in ("pageup", "pagedown"):
            self.query_one(Rows).move(-1 if key == "pageup" else 1)
        else:
            super().moved(key)

    def enter_takes(self) -> bool:
        """As in the walk, but not while the file is broken."""
        return not self.stale and super().enter_takes()

    async def enter(self) -> None:
        """The one forward action."""
        step = self.step
        match self.mode:
            case Mode.ENDED:
                self._begin_again()
            case Mode.WAIT:
                self._put_forward()
            case Mode.WITNESS if isinstance(step, WitnessStep):
                await self._second_reading(step)
            case Mode.SIGN if isinstance(step, Sign):
                await self._signature(step)
            case Mode.ASSIGN if isinstance(step, Assign):
                places = {**_PLACES, "date": f"{self._preview.day:%Y%m%d}"}
                made: dict[str, str] = {each.identifier: each.template.format(n=1, **places) for each in step.produces}
                self._try(c.Assign(step.id, made))
            case _:
                await super().enter()

    def _begin_again(self) -> None:
        if self.rehearsal is not None:
            self._preview.put_clock(0)
            self.seen = ("", "")
            self._stand(Rehearsal.begin(self.rehearsal.state.protocol, self._preview.day))

    def _go(self, by: int) -> None:
        """Stand at the step before or after, whether or not a run would lead there now."""
        rehearsal = self.rehearsal
        if rehearsal is None:
            return
        state = rehearsal.state
        ended_back = state.current is None and by < 0
        step = state.protocol.steps[place_of(state) + (0 if ended_back else by)]
        before = [each.id for each in state.protocol.steps[: state.protocol.index(step.id)]]
        known = {name: state.steps[name] for name in before if state.steps[name].closed}
        self._stand(rehearsal.standing_at(step.id, known))

    def _put_forward(self) -> None:
        page, step = self.page, self.step
        timer = page.state.timer(step, self._preview.now()) if page is not None and step is not None else None
        if timer is not None:
            self._preview.put_clock(self._preview.ms + timer.left_ms)
            self.ticked()
            self.show()

    async def _second_reading(self, step: WitnessStep) -> None:
        rehearsal = self.rehearsal
        if rehearsal is None:
            return
        readings = [acts[0].command for acts in answers(rehearsal, step, ())]
        same = (("0", "the same as the first"), ("1", "something else"))[: len(readings)]
        chosen = await self._choose("SECOND PERSON", "THEY READ", same, _SECOND) if len(readings) > 1 else "0"
        if chosen is not None:
            self._try(readings[int(chosen)])

    async def _signature(self, step: Sign) -> None:
        rehearsal = self.rehearsal
        if rehearsal is None:
            return
        meanings = tuple((meaning, meaning.upper()) for meaning in step.meanings)
        chosen = await self._choose("SIGN", "WHAT THE SIGNATURE MEANS", meanings, _SIGNS)
        if chosen is not None:
            self._try(c.Sign(step.id, rehearsal.cast.signer(step), chosen, "name"))

    async def _choose(self, title: str, label: str, options: tuple[tuple[str, str], ...], note: str) -> str | None:
        async def submit(given: Answers) -> str | Refusal:
            return given["what"]

        form = Form(
            title, (Pick("what", label, options),), submit, does="GO ON", back="BACK", note=f"{note} {NOTHING}."
        )
        return await self.desk.ask(form)

    async def _why(self) -> None:
        from checklist.tui.help import show_why

        await show_why(self)
