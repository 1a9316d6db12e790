"""The board: what is due, what is open and where it stands, what is set apart, and what was done.

Painted at once and filled when the clinic is open; heavy imports happen only then.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from checklist.tui.bars import Key
from checklist.tui.face import Face
from checklist.tui.late import Late
from checklist.tui.lines import Lines
from checklist.tui.rows import Item, Rows
from checklist.tui.say import row, say, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.content import Content
    from textual.widget import Widget

    from checklist.clinic.plan.board import Board
    from checklist.clinic.plan.glance import Glance

AGAIN_SECONDS = 30.0
"""How often an idle board looks what has become due. What others record is seen within a second."""
NOTE_LINES = 3
_RUNS = ("open", "ended", "unsigned")


class BoardFace(Face[None]):
    """What this clinic has to do and has done."""

    page: Board | None = None
    notes: tuple[str, ...] = ()
    """What a lead who is signed in should know of the people."""
    first: Glance | None = None
    """What was seen at first sight, until the clinic is open."""
    _entries = 0
    """How many entries the record had when the page was read."""
    _looking = False

    def body(self) -> Iterable[Widget]:
        """What a lead should know, and one list."""
        yield Lines(id="flags")
        yield Rows(classes="body")

    def on_mount(self) -> None:
        """Look again now and then."""
        self._late = Late(self.desk)
        self.set_interval(AGAIN_SECONDS, self._again)

    def heading(self) -> str:
        """The clinic and the day."""
        opened, now = self.desk.opened, self.desk.now()
        if opened is None or now is None:
            return "CHECKLIST   BOARD"
        local = datetime.fromisoformat(now.at).astimezone(ZoneInfo(now.zone))
        return f"{opened.name}   BOARD   {local:%a} {local.day} {local:%b %Y}"

    def ticked(self) -> None:
        """See what another program has recorded."""
        super().ticked()
        if self.page is not None and self.is_active and not self._looking:
            self._looking = True
            self.run_worker(self._catch_up())

    async def _catch_up(self) -> None:
        from checklist.tui import reads

        try:
            size = await self.desk.keeper.quietly(reads.size)
            if size is not None and size != self._entries:
                await self.fill_quietly()
        finally:
            self._looking = False

    def refreshed(self) -> None:
        """Fill the list."""
        rows = self.query_one(Rows)
        self._show_notes()
        opened, now = self.desk.opened, self.desk.now()
        if opened is None or now is None or (self.page is None and self.first is None):
            waiting = "  Opening the clinic…" if self.desk.storage.folder.made else ""
            rows.show([Item(say("")), Item(say(waiting, "$ink-calm"))])
            return
        from checklist.tui.board_rows import first_items, items

        if self.page is not None:
            rows.show(items(self.page, opened, now, rows.size.width), first=True)
        elif self.first is not None:
            rows.show(first_items(self.first, opened, now, rows.size.width), first=True)

    def _show_notes(self) -> None:
        lines: list[Content] = []
        if self.notes and self.desk.who is not None:
            from checklist.run.marks import Look
            from checklist.tui.marks import mark

            told = row(mark(Look.WAITING), " ", say(" ".join(self.notes)), say("  F2 PEOPLE", "bold"))
            lines = wrapped(told, max(self.size.width - 2, 60), "    ")
            if len(lines) > NOTE_LINES:
                lines = [*lines[: NOTE_LINES - 1], say("    … F2 shows all of it", "bold")]
        self.query_one("#flags", Lines).show(lines)

    def glanced(self, first: Glance) -> None:
        """Show what was seen at first sight."""
        self.first = first
        self.show()

    def advice(self) -> str:
        """What Enter would do."""
        chosen = self.query_one(Rows).chosen
        if self.page is None:
            return ""
        if chosen is None:
            return "Nothing is due and nothing is open. F6, or the letters of a protocol's name, start one."
        return "Or type letters of a protocol's name to start another one."

    def keys(self) -> Sequence[Key]:
        """Enter opens the row; the rest is the same on every screen."""
        chosen = self.query_one(Rows).chosen if self.is_mounted else None
        kind = (chosen or "").partition(":")[0]
        begun = self._begun(chosen)
        labels = {
            "due": "GO ON" if begun else "START",
            "missed": "GO ON" if begun else "START",
            "follow": "START",
            "task": "GO ON WITH IT",
            "again": "START IT ANEW",
            "open": "GO ON",
            "ended": "LOOK AT IT",
            "unsigned": "WHO DID IT?",
            "apart": "TRACE IT",
        }
        label = labels.get(kind, "OPEN")
        waiting = "" if self.page is not None else "The clinic is still being opened."
        nothing = waiting or ("" if kind in labels else "Choose a row with the arrows first.")
        what = {
            "review": "A lead looks at it, and says what came of it: F8, then F2, shows it under the overrides.",
        }
        return (
            Key("enter", label, self._open, waiting or what.get(kind, nothing)),
            Key("f2", "PEOPLE", self._people, waiting),
            Key("f3", "MAY IT START?", self._gate, waiting),
            Key("f4", "TRACE / EVENT", self._trace, waiting),
            Key("f6", "START OTHER", self._start, waiting),
            Key("f8", "LOG", self._log, waiting),
            Key("f5", "SWITCH PERSON" if self.desk.who else "SIGN IN", self._sign_in, waiting),
            Key(
                "f7", "LOCK", self.desk.lock, "" if self.desk.who else "Nobody is signed in: there is nothing to lock."
            ),
            Key("f9", "EMERGENCY", self._emergency, waiting),
            Key("f1", "HELP", self._help),
            Key("ctrl+q", "QUIT", self._quit),
        )

    def typed(self, text: str, at: float) -> None:
        """Letters begin the choice of a protocol."""
        if self.page is not None and (text.isalpha() or text == "/"):
            letters = "" if text == "/" else text
            self.desk.act(lambda: self._start(letters))

    def moved(self, key: str) -> None:
        """Move in the list."""
        rows = self.query_one(Rows)
        steps = {"up": -1, "down": 1, "pageup": -rows.page, "pagedown": rows.page, "home": -999, "end": 999}
        if key in steps:
            rows.move(steps[key])

    async def fill(self) -> None:
        """Read the board anew; asks to try again where it cannot be read."""
        from checklist.tui import reads

        self._filled(*await self.desk.keeper.call(reads.whole_board, self.desk.who))

    def _filled(self, size: int, page: Board, notes: tuple[str, ...]) -> None:
        self._entries, self.page, self.notes = size, page, notes
        self._late.heard(page.glance)
        self.desk.timers.know_all(run.state for run in page.open)
        self.show()

    def _again(self) -> None:
        if self.page is not None:
            self.run_worker(self.fill_quietly() if self.is_active else self._late.look())

    async def fill_quietly(self) -> None:
        """Read the board anew; a fault shows in the status bar."""
        from checklist.tui import reads

        found = await self.desk.keeper.quietly(reads.whole_board, self.desk.who)
        if found is not None:
            self._filled(*found)

    def _begun(self, chosen: str | None) -> str | None:
        """The open run that already does what a due row asks for: it is gone on with, not begun twice."""
        kind, _, rest = (chosen or "").partition(":")
        protocol, _, subject = rest.partition(":")
        if kind not in ("due", "missed") or self.page is None:
            return None
        same = (
            one.state.run for one in self.page.open if (one.state.protocol.id, one.state.subject) == (protocol, subject)
        )
        return next(same, None)

    # -- keys ---------------------------------------------------------------------------------------------

    async def _open(self) -> None:
        from checklist.tui.starting import start_run
        from checklist.tui.walker.following import take_up_run

        kind, _, rest = (self.query_one(Rows).chosen or "").partition(":")
        if begun := self._begun(self.query_one(Rows).chosen):
            await self.desk.walk(begun)
        elif kind in ("due", "missed"):
            protocol, _, subject = rest.partition(":")
            await start_run(self.desk, protocol, subject)
        elif kind == "follow":
            await self._follow(rest)
        elif kind == "task":
            await take_up_run(self.desk, rest.partition(":")[0])
        elif kind == "again":
            await self._anew(rest)
        elif kind == "apart":
            await self._apart(rest)
        elif kind in _RUNS:
            await self.desk.walk(rest)

    async def _anew(self, rest: str) -> None:
        """What was put off before a restore is done in a new run of the same."""
        from checklist.tui.starting import start_run

        waiting = self.page.glance.tasks if self.page is not None else ()
        found = next((one for one in waiting if f"{one.run}:{one.step}" == rest), None)
        if found is not None:
            await start_run(self.desk, found.protocol, found.subject, visit=found.visit)

    async def _follow(self, rest: str) -> None:
        from checklist.tui.walker.following import start_follow_up

        waiting = self.page.glance.follow_ups if self.page is not None else ()
        found = next((one for one in waiting if one.key == rest), None)
        if found is not None:
            await start_follow_up(self.desk, found)

    async def _apart(self, named: str) -> None:
        from checklist.tui.tracing.trace_asking import show_trace

        kind, _, value = named.partition("=")
        await show_trace(self.desk, kind, value)
        await self.fill()

    async def _start(self, letters: str = "") -> None:
        from checklist.tui.starting import choose_protocol

        await choose_protocol(self.desk, letters)

    async def _gate(self) -> None:
        from checklist.tui.clearing.gate_asking import open_gate

        await open_gate(self.desk)

    async def _trace(self) -> None:
        from checklist.tui.tracing.trace_asking import open_trace

        await open_trace(self.desk)
        await self.fill()

    async def _log(self) -> None:
        from checklist.tui.auditing.log import open_log

        kind, _, run = (self.query_one(Rows).chosen or "").partition(":")
        await open_log(self.desk, run if kind in _RUNS else "")
        await self.fill()

    async def _sign_in(self) -> None:
        await self.desk.sign_in()
        await self.fill()

    async def _people(self) -> None:
        from checklist.tui.staffing.roster import show_people

        await show_people(self.desk)
        await self.fill()

    async def _emergency(self) -> None:
        from checklist.tui.emergency import open_emergency

        await open_emergency(self.desk)

    async def _help(self) -> None:
        from checklist.tui.help import show_help

        await show_help(self.desk, "board")

    async def _quit(self) -> None:
        from checklist.tui import reads

        who, self.desk.who = self.desk.who, None
        if who is not None:
            await self.desk.keeper.quietly(reads.sign_out, who)
        self.desk.exit(0)
