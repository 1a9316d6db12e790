"""The numbers of a period: one picture at a time, drawn with signs that need no colour, or the same as a table."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from textual_plotext import PlotextPlot

from checklist.clinic.errors import ClinicError
from checklist.run.reading import Refusal
from checklist.tui.auditing import numbers_reads
from checklist.tui.auditing.entry import copy
from checklist.tui.auditing.listed import Listed
from checklist.tui.auditing.numbers_reads import FIGURES
from checklist.tui.bars import Key
from checklist.tui.choosing import Pick
from checklist.tui.field import Line
from checklist.tui.form import Answers, Form
from checklist.tui.lines import Lines
from checklist.tui.rows import Item, Rows
from checklist.tui.say import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.content import Content
    from textual.widget import Widget

    from checklist.tui.auditing.numbers_reads import Curve, Figure
    from checklist.tui.auditing.shelf import Shelf
    from checklist.tui.bars import Act

_TICKS: Final = 5
_INK: Final = "default"
"""The colour of all that is drawn: that of the screen's own words, in every scheme."""
_MARGIN: Final = 0.1


class NumbersFace(Listed):
    """One picture, or its table."""

    HELP = "numbers"
    DEFAULT_CSS = "NumbersFace PlotextPlot { height: 1fr; padding: 0 1; display: none; }"

    def __init__(self, shelf: Shelf) -> None:
        super().__init__()
        self.shelf = shelf
        self.name_of = FIGURES[0]
        self.number = 0
        self.figure: Figure | None = None
        self.period = ("", "")
        self.as_table = False
        self.trouble = ""

    def on_mount(self) -> None:
        """Begin with the last twelve months."""
        super().on_mount()
        self.run_worker(self._begin())

    async def _begin(self) -> None:
        try:
            self.period = await self.shelf.ask(numbers_reads.last_year)
            await self._look()
        except ClinicError as fault:
            self.trouble = str(fault)
        self.show()

    async def _look(self) -> None:
        since, until = self.period
        self.figure = await self.shelf.told(
            self, "Counting", numbers_reads.figure, self.name_of, since, until, self.number
        )
        self.rows.show([], keep=False)
        self.show()

    # -- what it looks like -----------------------------------------------------------------------------------------

    def body(self) -> Iterable[Widget]:
        """The title with what it tells, and the picture or the table."""
        plot = PlotextPlot()
        plot.theme = "textual-clear"
        yield Lines(id="summary")
        yield plot
        yield Rows(classes="body")

    def heading(self) -> str:
        """Of which time these are."""
        return f"NUMBERS   {self.period[0]} to {self.period[1]}" if self.period[0] else "NUMBERS"

    def summary(self) -> Sequence[Content]:
        """What is shown."""
        found = self.figure
        if found is None:
            return (say(self.trouble or "Counting…", "bold"),)
        which = f"   ({found.of[0]} of {found.of[1]})" if found.of[1] > 1 else ""
        signs = "   ".join(f"{sign} {word}" for sign, word in found.signs) if not self.as_table else ""
        lines = [say(f"{found.title}{which}", "bold"), say(found.told)]
        return (*lines, say(signs, "$ink-calm")) if signs else lines

    def items(self, width: int) -> Sequence[Item]:
        """Lines to look through: none of them does anything."""
        found = self.figure
        if found is None:
            return []
        if self.as_table or found.curve is not None:
            head, *lines = numbers_reads.table(found)
            return [Item(say(head, "bold")), *(Item(say(line)) for line in lines)]
        drawn = numbers_reads.drawn(found, width - 1)
        return [Item(say(line)) for line in drawn] or [Item(say("There is nothing of that in this time.", "bold"))]

    def refreshed(self) -> None:
        """Draw the picture, where it is one that takes the whole screen."""
        super().refreshed()
        curve = self.figure.curve if self.figure is not None and not self.as_table else None
        plot = self.query_one(PlotextPlot)
        plot.display, self.rows.display = curve is not None, curve is None
        if curve is not None:
            draw(plot, curve)

    def advice(self) -> str:
        """How to see the others."""
        return "  ".join(f"{number} {name}" for number, name in enumerate(FIGURES, 1))

    # -- keys ---------------------------------------------------------------------------------------------------------

    def tag(self) -> str:
        """What is shown."""
        return f"{self.name_of}/{self.number}/{self.as_table}"

    def acts(self) -> Sequence[Key]:
        """Another picture, another reading, the table, another time."""
        waiting = "" if self.figure is not None else "It is still being counted."
        several = "" if self.figure is not None and self.figure.of[1] > 1 else "Only of readings there are several."
        return (
            Key("enter", "NEXT PICTURE", lambda: self._turn(1), waiting),
            Key("f2", "PICTURE" if self.as_table else "TABLE", self._table, waiting),
            Key("f3", "NEXT READING", self._next, several),
            Key("f4", "WHICH READING?", self._choose, several),
            Key("f6", "OTHER TIME", self._other_time, waiting),
            Key("c", "COPY", self._copy, waiting),
        )

    def signed(self, sign: str) -> None:
        """Digits choose the picture."""
        if sign.isdecimal() and sign.isascii() and 0 < int(sign) <= len(FIGURES):
            self.desk.act(self._to(FIGURES[int(sign) - 1]))
        else:
            super().signed(sign)

    def moved(self, key: str) -> None:
        """Look through the lines; the arrows to the sides turn to another picture."""
        if key in ("left", "right"):
            self.desk.act(lambda: self._turn(1 if key == "right" else -1))
        elif key in ("up", "down", "pageup", "pagedown", "home", "end"):
            page = self.rows.page
            by = {"up": -1, "down": 1, "pageup": -page, "pagedown": page, "home": -9999, "end": 9999}[key]
            self.rows.scroll_lines(by)
        else:
            super().moved(key)

    def _to(self, name: str) -> Act:
        async def turn() -> None:
            self.name_of, self.number = name, 0
            await self._look()

        return turn

    async def _turn(self, by: int) -> None:
        at = (FIGURES.index(self.name_of) + by) % len(FIGURES)
        self.name_of, self.number = FIGURES[at], 0
        await self._look()

    async def _next(self) -> None:
        self.number += 1
        await self._look()

    async def _choose(self) -> None:
        options = await self.shelf.ask(numbers_reads.reading_names, *self.period)

        async def submit(answers: Answers) -> str | Refusal:
            return answers["which"]

        parts = (Pick("which", "READING", options, narrow=True, first=True),)
        chosen = await self.desk.ask(Form("WHICH READING?", parts, submit, does="LOOK", back="BACK"))
        if chosen is not None:
            self.number = int(chosen)
            await self._look()

    def _table(self) -> None:
        self.as_table = not self.as_table

    def _copy(self) -> None:
        if self.figure is not None:
            copy(self, numbers_reads.as_text(self.figure))

    async def _other_time(self) -> None:
        async def submit(answers: Answers) -> tuple[str, str] | Refusal:
            try:
                since, until = (date.fromisoformat(answers[name].strip()) for name in ("since", "until"))
            except ValueError:
                return Refusal("day", "Write days like 2027-03-31.")
            if until < since:
                return Refusal("day", "The last day lies before the first.")
            return since.isoformat(), until.isoformat()

        parts = (
            Line("since", "FROM", "Say from when on.", value=self.period[0]),
            Line("until", "TO", "Say until when.", value=self.period[1]),
        )
        found = await self.desk.ask(Form("OF WHICH TIME?", parts, submit, does="LOOK", back="BACK"))
        if found is not None:
            self.period = found
            await self._look()


def draw(plot: PlotextPlot, curve: Curve) -> None:
    """Readings over time as `o`, those outside as `X`, and the limits as lines. Shapes alone tell them apart."""
    plt = plot.plt
    plt.clear_figure()
    inside = [(at, point.mean) for at, point in enumerate(curve.points) if not point.outside]
    outside = [(at, point.mean) for at, point in enumerate(curve.points) if point.outside]
    for found, sign in ((inside, "o"), (outside, "X")):
        if found:
            plt.scatter([at for at, _ in found], [value for _, value in found], marker=sign, color=_INK)
    limits = [limit for limit in (curve.low, curve.high) if limit is not None]
    for limit in limits:
        plt.hline(limit, color=_INK)
    values = [*(point.mean for point in curve.points), *limits]
    if values:
        room = (max(values) - min(values)) * _MARGIN or 1.0
        least = min(values) - room
        plt.ylim(least if curve.floor is None else max(least, curve.floor), max(values) + room)
        last = len(curve.points) - 1
        places = sorted({round(last * part / (_TICKS - 1)) for part in range(_TICKS)}) if last > 0 else [0]
        plt.xticks([float(at) for at in places], [curve.points[at].at[:10] for at in places])
    plot.refresh()
