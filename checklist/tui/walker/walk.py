"""The walker: one step at a time in a box that stays where it is, with what was before and what comes after."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content

from checklist.protocol.model import Choice
from checklist.run import commands as c
from checklist.run.lasting import too_fast
from checklist.run.look import look
from checklist.run.reading import Refusal, numbered
from checklist.run.timing import Phase
from checklist.tui import reads
from checklist.tui.bars import Key
from checklist.tui.clearing.gate_way import back
from checklist.tui.face import Face
from checklist.tui.guard import BETWEEN_ENTERS
from checklist.tui.lines import Lines
from checklist.tui.marks import WORDS, mark
from checklist.tui.say import row, say
from checklist.tui.walker import card
from checklist.tui.walker.mode import TAKES, Mode, mode_of, walked_unsigned
from checklist.tui.walker.response import Response
from checklist.tui.walker.stray import NOT_TAKEN, Stray
from checklist.tui.walker.taking import understood
from checklist.tui.walker.walk_keys import NOT_YET, walk_keys
from checklist.tui.walker.walk_layout import lay_out
from checklist.tui.walker.walk_words import hint

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from textual.widget import Widget

    from checklist.clinic.service import SignedIn
    from checklist.protocol.model import Step
    from checklist.run.events import Value
    from checklist.tui.reads import Page

_LEAVES = "Esc once more pauses this run and leaves it. Any other key stays here."
_ONCE_MORE = 10.0
"""Seconds in which the second Esc belongs to the first."""
_LOST = "What you typed is not recorded. The same key again leaves; others stay."


class WalkFace(Face[None]):
    """One run. What was typed but not signed is only here."""

    page: Page | None = None
    taken: Value | None = None
    """A value that was understood and waits for the Enter that signs it."""
    seen: tuple[str, str] = ("", "")
    """Run and step, as they were last shown."""
    more = False
    """Whether the words of the step are longer than the card."""
    _leaving = False
    _escaped = float("-inf")

    @cached_property
    def _stray(self) -> Stray:
        return Stray(self)

    def body(self) -> Iterable[Widget]:
        """Marks; the steps before, the card, the steps after; and at 120 columns the reasons."""
        yield Lines(id="flags")
        yield Lines(id="progress")
        self.response = Response(self._changed)
        yield Horizontal(
            Vertical(
                Lines(id="above"),
                Vertical(VerticalScroll(Lines(id="told"), id="say", can_focus=False), self.response, id="card"),
                Lines(id="below"),
            ),
            VerticalScroll(Lines(id="reasons"), id="why", can_focus=False),
            id="walk",
        )

    # -- the run ------------------------------------------------------------------------------------------

    def hold(self, page: Page) -> None:
        """Take up a run before the screen is seen."""
        if self.page is None or self.page.state.run != page.state.run:
            self.taken, self.seen = None, ("", "")
        self.page = page

    @property
    def own_run(self) -> str:
        """The clock in the card stands for the timer of this run."""
        return self.page.state.run if self.page is not None and self.response.clock.display else ""

    def accept(self, page: Page) -> None:
        """The run as it now stands."""
        self.hold(page)
        self.desk.timers.know(page.state)
        self.show()

    def forget(self) -> None:
        """Drop what was typed: whoever comes next has not read it."""
        self.taken = None
        if self.is_mounted:
            self.response.forget()

    @property
    def step(self) -> Step | None:
        """The current step."""
        return self.page.state.current if self.page is not None else None

    @property
    def mode(self) -> Mode:
        """What Enter means now."""
        now = self.desk.now()
        if self.page is None or now is None:
            return Mode.ENDED
        return mode_of(self.page.state, self.desk.who.id if self.desk.who else None, now)

    # -- what it looks like -------------------------------------------------------------------------------

    def heading(self) -> str:
        """What the run is about, and which protocol."""
        return card.heading(self.page, self.desk.subject(self.page.state)) if self.page else ""

    def small_line(self) -> str:
        """The step's title."""
        return card.step_title(self.step) if self.step is not None else ""

    def tag(self) -> str:
        """The run and the step, as far as what an Enter would do is concerned."""
        if self.page is None:
            return ""
        return f"{self.page.state.run}/{self.step.id if self.step else ''}/{self.mode.name}"

    def ticked(self) -> None:
        """Let the clock of the step go on; where Enter has come to mean something else, all of it."""
        page, now = self.page, self.desk.now()
        if page is None or now is None:
            return
        over = self.desk.guard.now() - self._escaped > _ONCE_MORE
        if self.message.plain.startswith(NOT_YET) or (over and self.message.plain == _LEAVES):
            self.message = Content("")  # it is no longer true; the advice says what is
        timer = page.state.timer(self.step, now) if self.step is not None else None
        if timer is not None and timer.phase is not Phase.IDLE:
            self.show()
        else:
            self.show_bars()

    def advice(self) -> str:
        """What to do now."""
        return "" if self.page is None or self.desk.now() is None else hint(self)

    def refreshed(self) -> None:
        """Bring the page up to date."""
        page, now = self.page, self.desk.now()
        if page is None or now is None:
            return
        step, mode = self.step, self.mode
        self._noticed(page, step)
        if self.response.ask(mode, step, page.state):
            self.taken = None
        lay_out(self, page, step, now)

    def _noticed(self, page: Page, step: Step | None) -> None:
        now_seen = (page.state.run, step.id if step else "")
        if now_seen != self.seen:
            self._leaving = False
            self.message = self._what_was_saved(page, now_seen)
            self.desk.guard.appeared()
            self.seen = now_seen
            self.query_one("#say").scroll_home(animate=False)

    def _what_was_saved(self, page: Page, seen: tuple[str, str]) -> Content:
        run, before = self.seen
        own = page.state.steps.get(before)
        now = self.desk.now()
        if run != seen[0] or own is None or not own.closed or now is None:
            return Content("")
        step = page.state.protocol.step(before)
        shown = look(page.state, step, now)
        saved = row(mark(shown), f" Step {page.state.protocol.index(before) + 1} {WORDS[shown]}, saved.")
        fast = too_fast(step, own)
        return row(saved, say(f" TOO FAST: {fast}.", "$ink-wait bold")) if fast else saved

    # -- keys ---------------------------------------------------------------------------------------------

    def keys(self) -> Sequence[Key]:
        """What can be done at this step."""
        return walk_keys(self) if self.page is not None else ()

    def find(self, name: str) -> Key | None:
        """Esc goes one level back: it leaves a run that goes on only when it is pressed once more. Ctrl+Q leaves at
        once, and Enter once the run has ended and nothing follows from it."""
        if name == "escape" and self.mode not in (Mode.ENDED, Mode.NOBODY, Mode.FOREIGN, Mode.PAUSED):
            return Key("escape", "PAUSE", self._back)
        if name in ("escape", "ctrl+q"):
            follows = self.page is not None and self.page.follow_up is not None
            name = "enter" if self.mode is Mode.ENDED and not follows else "ctrl+q"
        return super().find(name)

    async def _back(self) -> None:
        """Say that Esc leaves this run; the second one does."""
        now, before = self.desk.guard.now(), self._escaped
        self._escaped = now
        if BETWEEN_ENTERS <= now - before <= _ONCE_MORE or self._leaving:
            self._escaped = float("-inf")
            await self.leave()
        elif self._typed_words() and self.mode in TAKES:
            self._leaving = True
            self.refuse(_LOST)
        else:
            self.tell(_LEAVES)

    def _stays(self) -> None:
        """Whoever goes on after the first Esc does not want to leave: what they type or scan then counts as ever."""
        self._escaped, self._leaving = float("-inf"), False

    def typed(self, text: str, at: float) -> None:
        """Into the field; a digit moves the highlight among options. Nothing typed ever acts."""
        self._stays()
        if self._stray.took(text, at):
            return
        if self.mode is Mode.CHOICE:
            if self._picked(text):
                self._changed()
        elif self.mode in TAKES:
            field = self.field or (self.response.fields[0] if self.response.fields else None)
            if field is not None:
                self.set_focus(field)
                field.put(text, at)

    def _picked(self, text: str) -> bool:
        """Move the highlight to the option that a digit means; whether there is one."""
        options = self.response.options
        if isinstance(self.step, Choice) and not numbered(self.step):
            return options.pick_typed(text)
        return len(text) == 1 and text in "123456789" and options.pick(int(text) - 1)

    def moved(self, key: str) -> None:
        """Look around; never changes the state of anything."""
        self._stays()
        options, scroll = self.response.options, self.query_one("#say")
        if key == "tab" and self._stray.just_came:
            self.tell(NOT_TAKEN)
        elif self.mode is Mode.CHOICE and key in ("up", "down"):
            options.move(-1 if key == "up" else 1)
            self._changed()
        elif key == "tab" and self.mode is Mode.SCAN and self.field is not None and self.field.scanned:
            self.take()  # the Tab of a scanner that ends its codes with one
        elif key in ("tab", "shift+tab", "up", "down") and len(self.response.fields) > 1:
            self._next_field(-1 if key in ("shift+tab", "up") else 1)
        elif key in ("up", "pageup"):
            scroll.scroll_relative(y=-1 if key == "up" else -5, animate=False)
        elif key in ("down", "pagedown"):
            scroll.scroll_relative(y=1 if key == "down" else 5, animate=False)
        else:
            super().moved(key)

    def _next_field(self, by: int) -> None:
        fields = self.response.fields
        at = next((place for place, field in enumerate(fields) if field is self.focused), 0)
        self.set_focus(fields[(at + by) % len(fields)])

    def hurried(self, why: str) -> None:
        """The Enter of a scan that was left out says so once more; any other is told what it lacked."""
        if self._stray.just_came:
            self.tell(NOT_TAKEN)
        else:
            super().hurried(why)

    def _changed(self) -> None:
        self.taken = None
        self._leaving = False
        self.call_later(self.show)

    def enter_takes(self) -> bool:
        """In a field or among options the first Enter only takes; the second one signs."""
        return self.mode in TAKES and (self.taken is None or self._leaving)

    def take(self) -> None:
        """Take what was typed or chosen, and show how it was understood; after the warning only go on there."""
        if self._leaving:
            self._changed()
            return
        if self._stray.just_came:
            self.tell(NOT_TAKEN)
            return
        step = self.step
        if step is None:
            return
        found = understood(self, step)
        if isinstance(found, Refusal):
            self.refuse(found.message)
        elif found is not None:
            self.taken = found
            self.show()

    # -- recording ----------------------------------------------------------------------------------------

    async def enter(self) -> None:
        """The one forward action."""
        mode = self.mode
        if mode is Mode.ENDED:
            await self.leave()
            return
        if mode is Mode.NOBODY:
            await self.desk.sign_in()
            await self.go_on()
            return
        who = await self.author()
        from checklist.tui.walker import signing

        step = self.step
        if step is None:
            return
        match mode:
            case Mode.PAUSED | Mode.FOREIGN:
                await self.record(c.Resume())
            case Mode.CONFIRM:
                await self.record(c.Confirm(step.id))
            case Mode.START:
                await self.record(c.StartTimer(step.id))
            case Mode.END:
                await self.record(c.EndTimer(step.id))
            case Mode.ASSIGN:
                await self.record(c.Assign(step.id, {}))
            case Mode.WITNESS:
                await signing.witness(self, who)
            case Mode.SIGN:
                await signing.sign(self, who)
            case _:
                await self._sign_taken(step, mode)

    async def author(self) -> SignedIn | None:
        """In whose name something is recorded here: nobody's in an emergency that nobody has signed for yet. Asks where
        nobody is signed in, and raises GaveUpError when they go back."""
        page = self.page
        if self.desk.who is None and page is not None and page.state.open and walked_unsigned(page.state):
            return None
        return await self.desk.signed_in()

    async def go_on(self) -> None:
        """Whoever walks this run, and paused it, goes on where they were."""
        if self.mode is Mode.PAUSED:
            await self.record(c.Resume())

    async def _sign_taken(self, step: Step, mode: Mode) -> None:
        taken = self.taken
        if taken is None:
            return
        if mode is Mode.OWED:
            await self.record(c.Remark(step.id, str(taken)))
            return
        scanned = mode is Mode.SCAN and self.response.label.holds(taken)
        await self.record(c.Give(step.id, taken, "scanned" if scanned else "typed"))

    async def record(self, command: c.Command) -> None:
        """Have a command recorded by whoever is signed in, and show what the run is then."""
        who = await self.author()
        run = self.page.state.run if self.page else ""
        result = await self.keep(lambda: self.desk.storage.call(reads.do, run, command, who))
        if isinstance(result, Refusal):
            await self._refused(result)
        else:
            self.taken = None
            self.accept(result)

    async def keep(self, attempt: Callable[[], Awaitable[Page | Refusal]]) -> Page | Refusal:
        """Record; where that fails say what is not saved, and try again when asked to, never twice."""
        page, storage = self.page, self.desk.storage
        if page is None:
            return Refusal("no-run", "There is no run here.")
        state = page.state
        step = self.step
        lost = f"step {state.place}, {card.step_title(step)} {self._typed_words()}" if step is not None else ""
        return await self.desk.keeper.keep(
            attempt, lost, lambda: storage.call(reads.page_if_moved, state.run, state.head)
        )

    def _typed_words(self) -> str:
        return " ".join(text for text in self.response.values().values() if text)[:80]

    async def _refused(self, refusal: Refusal) -> None:
        if self.page is not None and refusal.code in ("not-current", "handed-over", "ended", "paused", "owed"):
            self.accept(await self.desk.keeper.call(reads.page, self.page.state.run))
        self.refuse(refusal.message)

    async def leave(self) -> None:
        """Pause the run and go one level back; asks first where typed text would be lost."""
        if self._typed_words() and not self._leaving and self.mode in TAKES:
            self._leaving = True
            self.refuse(_LOST)
            return
        if self.page is not None and self.page.state.open and self.mode not in (Mode.NOBODY, Mode.FOREIGN, Mode.PAUSED):
            await self.record(c.Pause())
        self.forget()
        await back(self.desk)
