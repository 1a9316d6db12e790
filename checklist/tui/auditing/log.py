"""The log: every run, every entry outside runs, and every run that was expected and is missing, newest first.

A few pages around the highlight are in memory, never all of it. The list stays as it is until another one is there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from checklist.clinic.errors import ClinicError
from checklist.run.marks import Look
from checklist.run.reading import Refusal
from checklist.tui.auditing import log_reads
from checklist.tui.auditing.listed import Listed
from checklist.tui.auditing.log_rows import heads, items
from checklist.tui.auditing.window import Window
from checklist.tui.bars import Key
from checklist.tui.field import FieldRow
from checklist.tui.lines import Lines
from checklist.tui.marks import mark
from checklist.tui.rows import Item, Rows
from checklist.tui.say import cut, row, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.content import Content
    from textual.widget import Widget

    from checklist.audit.query import Cursor, Filter
    from checklist.tui.app import Desk
    from checklist.tui.auditing.log_reads import Overview
    from checklist.tui.auditing.log_rows import LogRow
    from checklist.tui.auditing.shelf import Shelf
    from checklist.tui.bars import Act

WEEK: Final = "since:monday"
PRESETS: Final = (
    ("1", "today", "since:today"),
    ("2", "this week", WEEK),
    ("3", "deviations", "deviation:yes"),
    ("4", "findings", "finding:any"),
    ("5", "missed", "is:missed"),
    ("6", "overrides", "kind:step.overridden kind:clearance.overridden"),
    ("0", "all", ""),
)


class LogFace(Listed):
    """The list, and the filter that it is seen through."""

    HELP = "log"
    DEFAULT_CSS = """
    LogFace #filter { display: none; height: 1; }
    LogFace #filter.-asked { display: block; }
    LogFace FieldRow > Field { max-width: 200; }
    LogFace #heads { height: 1; padding: 0 1; }
    """

    def __init__(self, shelf: Shelf, at: str = "") -> None:
        """`at`: the run that is to be highlighted, where it is among the first rows."""
        super().__init__()
        self.shelf = shelf
        self.wanted: Filter | None = None
        self.window: Window[LogRow, Cursor] | None = None
        self.total: int | None = None
        self.overview: Overview | None = None
        self.trouble = ""
        self._at = at
        self._drawn: tuple[object, int] = (None, 0)
        self._loading = False
        self._to = ""

    @property
    def line(self) -> str:
        """The filter as one line."""
        return self.wanted.line if self.wanted is not None else ""

    # -- filling ------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Lay the record out, then show its newest rows."""
        super().on_mount()
        self.query_one(FieldRow).show("FILTER")
        self.run_worker(self._begin())

    async def _begin(self) -> None:
        try:
            self.overview = await self.shelf.told(self, "Reading the record", log_reads.overview)
            await self.look_through("")
        except ClinicError as fault:
            self.trouble = str(fault)
            self.show()

    async def look_through(self, line: str) -> Refusal | None:
        """Show what a filter leaves; where it cannot be read, why, and the list stays."""
        await self.shelf.renew()
        found = await self.shelf.told(self, "Looking", log_reads.first, line)
        if isinstance(found, Refusal):
            return found
        self.wanted, part = found
        self.window, self.total, self.trouble = Window(part), None, ""
        self.show()
        if self._at and self.window is not None:
            runs = [one.run for one in self.window.rows]
            at, self._at = self._at, ""
            if at in runs:
                self.rows.pick(runs.index(at))
        self.run_worker(self._count(self.wanted))
        return None

    async def _count(self, wanted: Filter) -> None:
        try:
            total = await self.shelf.ask(log_reads.count, wanted)
        except ClinicError:  # how many there are is not worth a word then
            return
        if self.wanted is wanted:
            self.total = total
            self._drawn = (None, 0)
            self.show()

    async def _more(self) -> None:
        """Have the page that the highlight comes near to, or the true beginning or end where that was asked for."""
        window, wanted = self.window, self.wanted
        if self._loading or window is None or wanted is None:
            return
        self._loading = True
        try:
            while self.window is window:
                if self._to:
                    key, self._to = self._to, ""
                    await self._jump(window, wanted, to_end=key == "end")
                elif way := window.wants(self.rows.index or 0):
                    window.add(way, await self.shelf.ask(log_reads.page, wanted, window.begins(way)))
                    self._drawn = (None, 0)
                    self.refreshed()
                else:
                    break
        except ClinicError as fault:
            self.refuse(str(fault))
        finally:
            self._loading = False

    async def _jump(self, window: Window[LogRow, Cursor], wanted: Filter, *, to_end: bool) -> None:
        if to_end:
            window.jump(*await self.shelf.told(self, "Looking", log_reads.last, wanted))
        else:
            window.jump((), await self.shelf.ask(log_reads.page, wanted, None))
        if self.window is window:
            self._drawn = (None, 0)
            self.refreshed()
            self.rows.pick(self.rows.count - 1 if to_end else 0)
            self.show_bars()

    # -- what it looks like -----------------------------------------------------------------------------------------

    def body(self) -> Iterable[Widget]:
        """The filter, how the record stands, the columns' names, and the list."""
        yield FieldRow(id="filter")
        yield Lines(id="summary")
        yield Lines(id="heads")
        yield Rows(classes="body")

    def heading(self) -> str:
        """What this is."""
        name = self.desk.opened.name if self.desk.opened is not None else ""
        return f"LOG   {name}   READ ONLY"

    def summary(self) -> Sequence[Content]:
        """The filter with how many it leaves, and what cannot be read."""
        if self.window is None:
            return (say("The record is being laid out…"),) if not self.trouble else ()
        told = "" if self.total is None else f"   {self.total:,} found"
        told += "; F2 has the rules look again" if self.wanted is not None and self.wanted.values("finding") else ""
        zone = f"   times: {self.desk.opened.zone}" if self.desk.opened is not None else ""
        lines = [row("FILTER  ", say(self.line or "everything", "bold"), say(f"{told}{zone}"))]
        if self.overview is not None:
            lines += [row(mark(Look.UNKNOWN), " ", say(one, "bold")) for one in self.overview.damaged]
            if self.overview.verified:
                lines.append(say(self.overview.verified))
        return lines

    def refreshed(self) -> None:
        """Bring all up to date; the list only where it has changed, since it is long."""
        width = self.rows.size.width or max(self.size.width - 2, 40)
        if (self.window, width) == self._drawn and self.window is not None:
            return
        self.query_one("#heads", Lines).show([heads(width)] if self.window is not None and self.window.rows else [])
        lines = [cut(one, max(self.size.width - 2, 40)) for one in self.summary()]
        self.query_one("#summary", Lines).show(lines)
        beyond = (0, 0)
        if self.window is not None:
            beyond = (self.window.above, max((self.total or 0) - self.window.passed, 0))
        self.rows.show(self.items(width), first=True, beyond=beyond)
        self._drawn = (self.window, width)

    def items(self, width: int) -> Sequence[Item]:
        """What is in memory."""
        opened = self.desk.opened
        if self.trouble:
            return [Item(say("")), Item(row(mark(Look.UNKNOWN), " ", say(self.trouble, "bold")))]
        if self.window is None or opened is None:
            return []
        if not self.window.rows:
            every = self.overview.entries if self.overview is not None else 0
            return [
                Item(say("")),
                Item(say("Nothing in the record is like that.", "bold")),
                Item(say(f"Without a filter there are {every:,} entries: press 0 or Esc. F3 changes the filter.")),
            ]
        subjects = {key: title for kind in ("room", "equipment") for key, title in opened.settings.subjects(kind)}
        return [*items(self.window.parts, subjects, opened.zone, width)]

    def advice(self) -> str:
        """What the digits do; while a filter is typed, its words."""
        if self.field is not None:
            return "protocol:ID operator:NAME day:2027-03-31… F1 all words, Ctrl+U clears."
        return "  ".join(f"{key} {name}" for key, name, _ in PRESETS)

    # -- keys ---------------------------------------------------------------------------------------------------

    def acts(self) -> Sequence[Key]:
        """Open a row, and everything else that starts from here."""
        from checklist.tui.auditing import log_acts as acts
        from checklist.tui.help import show_help

        if self.field is not None:
            help_ = Key("f1", "HELP", lambda: show_help(self.desk, self.HELP))
            clear = Key("f4", "CLEAR", self._clear_field)  # as Ctrl+U, which stands for F4
            return (Key("enter", "LOOK", self._typed_filter), Key("escape", "BACK", self._close_field), clear, help_)
        waiting = "" if self.window is not None else "The record is still being laid out."
        nothing = waiting or ("" if self.chosen else "There is no row to open.")
        presets = tuple(Key(key, name, self._preset(line), waiting) for key, name, line in PRESETS)
        return (
            Key("enter", "OPEN", lambda: acts.open_row(self), nothing),
            Key("f2", "FINDINGS", lambda: acts.open_findings(self), waiting),
            Key("f3", "FILTER", self.ask_filter, waiting),
            Key("f4", "KEPT FILTERS", lambda: acts.kept_filters(self), waiting),
            Key("f6", "NUMBERS", lambda: acts.open_numbers(self), waiting),
            Key("c", "COPY", lambda: acts.copy_row(self), nothing),
            Key("e", "EXPORT", lambda: acts.export_filter(self), waiting),
            *presets,
        )

    def keys(self) -> Sequence[Key]:
        """Those of the field while a filter is typed; where a filter leaves nothing, Esc first takes it away."""
        if self.field is not None:
            return self.acts()
        keys = super().keys()
        if not self.line or self.window is None or self.window.rows:
            return keys
        return [Key("escape", "NO FILTER", self._preset("")) if key.name == "escape" else key for key in keys]

    def _show_bars(self) -> None:
        super()._show_bars()
        from checklist.tui.bars import KeyBar

        digits = {key for key, *_ in PRESETS}  # the line above the keys names them
        self.query_one(KeyBar).show([key for key in self._keys if key.name not in digits])

    def tag(self) -> str:
        """What a key would act on."""
        return f"{self.field is not None}/{self.chosen}"

    def signed(self, sign: str) -> None:
        """A slash asks for a filter; the rest are keys."""
        if sign == "/":
            if self.window is not None:
                self.ask_filter()
        else:
            super().signed(sign)

    def moved(self, key: str) -> None:
        """Look through the list, which grows as it is looked through."""
        super().moved(key)
        if self.field is not None or self.window is None:
            return
        if {"end": not self.window.at_end, "home": not self.window.at_beginning}.get(key, False):
            self._to = key
        self.run_worker(self._more())

    def on_click(self) -> None:
        """A touch may have moved the highlight."""
        self.show_bars()
        self.run_worker(self._more())

    on_mouse_scroll_down = on_mouse_scroll_up = on_click

    # -- the filter's field -----------------------------------------------------------------------------------------

    def ask_filter(self) -> None:
        """Open the field with the filter as it is."""
        asked = self.query_one(FieldRow)
        asked.add_class("-asked")
        asked.field.set(f"{self.line} " if self.line else "")
        self.set_focus(asked.field)
        self.show_bars()

    def enter_takes(self) -> bool:
        """In the field Enter takes what was typed: looking records nothing."""
        return self.field is not None

    def take(self) -> None:
        """Look through the filter that was typed."""
        self.desk.act(self._typed_filter)

    async def _typed_filter(self) -> None:
        refusal = await self.look_through(self.query_one(FieldRow).field.value)
        if refusal is not None:
            self.refuse(refusal.message)
        else:
            self._close_field()

    def _clear_field(self) -> None:
        self.query_one(FieldRow).field.set("")
        self.show_bars()

    def _close_field(self) -> None:
        self.query_one(FieldRow).remove_class("-asked")
        self.set_focus(None)
        self.show_bars()

    def _preset(self, line: str) -> Act:
        async def look() -> None:
            refusal = await self.look_through(f"since:{self._monday()}" if line == WEEK else line)
            if refusal is not None:
                self.refuse(refusal.message)

        return look

    def _monday(self) -> str:
        now = self.desk.now()
        if now is None:
            return "today"
        today = datetime.fromisoformat(now.at).astimezone(ZoneInfo(now.zone)).date()
        return (today - timedelta(days=today.weekday())).isoformat()


async def open_log(desk: Desk, at: str = "") -> None:
    """Show the log; the record stays laid out as long as it is open."""
    from checklist.tui.auditing.shelf import Shelf

    shelf = Shelf(desk.storage.folder)
    try:
        await desk.ask(LogFace(shelf, at))
    finally:
        shelf.close()
