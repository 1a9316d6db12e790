"""Where the current step is answered: fields, options and the big clock, made once and shown as they are needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from textual.containers import Vertical
from textual.widgets import Digits

from checklist.protocol.model import Choice, Measure, Scan, Step
from checklist.protocol.units import display
from checklist.run.reading import numbered
from checklist.run.timing import Phase
from checklist.tui.field import FIELDS_MOST, Field, FieldRow
from checklist.tui.lines import Lines
from checklist.tui.rows import Item, Rows
from checklist.tui.say import say, span
from checklist.tui.walker.mode import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from textual.content import Content
    from textual.widget import Widget

    from checklist.ledger.entry import Moment
    from checklist.run.events import Value
    from checklist.run.state import RunState
    from checklist.trace.scan import Scanned

_UNITS: Final = {"expiry": "year-month-day"}


@dataclass
class LabelReading:
    """How far the reading of a label has come."""

    part: Scanned | None = None
    """What the scanner read of it last."""
    refused: str = ""
    """What the scanner sent last, where it was no label."""
    first: Mapping[str, str] = field(default_factory=dict)
    """What was typed, while it waits to be typed once more."""
    repeated: tuple[str, ...] = ()
    """The kinds of which that is asked."""

    @property
    def sure(self) -> Mapping[str, str]:
        """What came from the scanner."""
        return self.part.identifiers if self.part is not None else {}

    def holds(self, value: Value) -> bool:
        """Whether all of a value came from the scanner."""
        return bool(self.sure) and value == self.sure


class Response(Vertical):
    """The answer as it is being given; `rows` are its fields, `options` its list."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        super().__init__(id="response")
        self.before = Lines()
        self.clock = Digits(id="clock")
        self.options = Rows()
        self.rows = [FieldRow(on_change=on_change) for _ in range(FIELDS_MOST)]
        self.after = Lines()
        self.label = LabelReading()
        self._names: tuple[str, ...] = ()
        self._asked: object = None
        self._signature: object = None

    def compose(self) -> Iterable[Widget]:
        """All there ever is."""
        yield self.before
        yield self.clock
        yield self.options
        yield from self.rows
        yield self.after

    def ask(self, mode: Mode, step: Step | None, state: RunState) -> bool:
        """Show the fields or options that are needed; whether others were shown before (all are then empty)."""
        own = state.steps[step.id] if step is not None else None
        asked_for = (state.run, step.id if step else "", mode, len(own.attempts) if own else 0)
        if asked_for != self._asked:
            self._asked, self.label = asked_for, LabelReading()
        signature = (asked_for, self.label.repeated)
        if signature == self._signature:
            return False
        self._signature = signature
        if self.label.repeated:
            wanted = [(kind, f"{kind.upper()} AGAIN", _UNITS.get(kind, "")) for kind in self.label.repeated]
        else:
            wanted = _fields(mode, step, own.owed if own else None)
        self._names = tuple(name for name, _, _ in wanted)
        for row, asked in zip(self.rows, [*wanted, *[None] * (FIELDS_MOST - len(wanted))], strict=True):
            row.display = asked is not None
            row.field.set("")
            if asked is not None:
                row.show(asked[1], asked[2])
                row.set_class(isinstance(step, Measure) and mode is Mode.VALUE, "-short")
        options = step.options if mode is Mode.CHOICE and isinstance(step, Choice) else ()
        counted = isinstance(step, Choice) and numbered(step)
        self.options.display = bool(options)
        self.options.show(
            [
                Item(say(f"{number}  {option.value}" if counted else option.value), option.value, "   ")
                for number, option in enumerate(options, 1)
            ],
            keep=False,
        )
        if wanted:
            self.screen.set_focus(self.rows[0].field)
        elif isinstance(self.screen.focused, Field):
            self.screen.set_focus(None)
        return True

    def tell(self, before: Sequence[Content], after: Sequence[Content]) -> None:
        """The lines over and under what is asked."""
        self.before.show(before)
        self.after.show(after)

    def tick(self, state: RunState, step: Step | None, now: Moment) -> None:
        """Let the big clock go on."""
        timer = state.timer(step, now) if step is not None else None
        # It goes on, and is seen, whoever is at the screen.
        self.clock.display = timer is not None and timer.phase not in (Phase.IDLE, Phase.LOST)
        if timer is None or step is None or step.kind != "timer" or not self.clock.display:
            return
        left = timer.left_ms
        most = state.bounds(step).most
        if timer.phase is Phase.READY and most is not None:
            left = max(most - timer.elapsed_ms, 0)
        if self.clock.value != span(left):
            self.clock.update(span(left))

    def values(self) -> dict[str, str]:
        """What stands in the fields, by name."""
        return {name: row.field.value for name, row in zip(self._names, self.rows, strict=False)}

    def fill(self, read: Mapping[str, str], *, whole: bool = False) -> None:
        """Put what a scanner read into its fields, in the place of the code and of what it read before; and of all that
        was typed, where it is the `whole` label."""
        for name, own in zip(self._names, self.fields, strict=True):
            if whole or name in read or own.scanned or own.stale:
                own.set(read.get(name, ""), stale=True)

    def forget(self) -> None:
        """Drop all that was typed or scanned."""
        self.label = LabelReading()
        for own in self.fields:
            own.set("")

    @property
    def fields(self) -> list[Field]:
        """The fields that are shown."""
        return [row.field for row in self.rows[: len(self._names)]]


def _fields(mode: Mode, step: Step | None, owed: str | None) -> list[tuple[str, str, str]]:
    """Name, label and unit of what must be typed."""
    if mode is Mode.OWED:
        return [("words", "WHAT WAS DONE" if owed == "remedy" else "COMMENT", "")]
    if mode is Mode.SCAN and isinstance(step, Scan):
        return scan_fields(step)
    if mode is Mode.VALUE and step is not None:
        label = {"measure": "VALUE", "text": "IN WORDS", "attach": "FILE", "timer": "TIME"}[step.kind]
        unit = {"timer": "minutes:seconds"}.get(step.kind, "")
        return [("value", label, display(step.unit) if isinstance(step, Measure) else unit)]
    return []


def scan_fields(step: Scan) -> list[tuple[str, str, str]]:
    """Kind, label and unit of what is read from a label."""
    wanted: list[tuple[str, str, str]] = [
        (kind, kind.upper(), "if it has one" if kind in step.optional else _UNITS.get(kind, ""))
        for kind in step.captures
    ]
    if "gtin" in step.captures:
        # A label without a GTIN has the maker's reference instead.
        wanted.insert(step.captures.index("gtin") + 1, ("ref", "OR REF", ""))
    return wanted
