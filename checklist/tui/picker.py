"""The protocols of a clinic to choose from, grouped by where they are done, and what is to be known of the highlighted
one before it is started.

Opens at once: only the highlighted protocol's text is read, behind the keys. What is said of it has a fixed place, so
that nothing moves when the highlight does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from textual.containers import Container
from textual.content import Content

from checklist.clinic.texts.offering import EMERGENCY
from checklist.run.marks import Look
from checklist.tui import reads
from checklist.tui.choosing import Choosing, Pick
from checklist.tui.form import Form
from checklist.tui.lines import Line
from checklist.tui.marks import mark
from checklist.tui.say import cut, row, say, stack, wrapped

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from textual.widget import Widget

    from checklist.clinic.texts.offering import Offered, Place
    from checklist.run.reading import Refusal
    from checklist.tui.form import Answers
    from checklist.tui.reads import Details

LOW: Final = 12
"""Below so many lines what is told is kept as short as it can be."""
NARROWEST: Final = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """A protocol, and where it is done."""

    protocol: Offered
    place: Place


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one, and to whom; `details`: None while its text is being read."""

    choice: Choice
    details: Details | None
    signed_in: bool


class Picker(Form[Choice]):
    """Asks which protocol to start, and with it about which room or machine."""

    DEFAULT_CSS = """
    Picker #picker { height: 1fr; border: heavy $ink-now; background: $ground; padding: 0 1; }
    Picker Choosing { height: 1fr; }
    Picker About { height: 8; border-top: solid $ink-off; color: $ink-calm; }
    Picker.-wide #picker { layout: horizontal; }
    Picker.-wide Choosing { width: 1fr; height: 100%; }
    Picker.-wide About { width: 50; height: 100%; border-top: none; border-left: solid $ink-off; padding: 0 0 0 1; }
    """

    def __init__(self, places: Sequence[Place], letters: str, due: Collection[tuple[str, str]] = ()) -> None:
        """`letters` are those of a protocol's name that were typed before; `due` are protocols and what they are due
        for, which come first among those that have the letters alike."""
        self._choices: Mapping[str, Choice] = {
            f"{one.id} {place.subject} {place.title}": Choice(one, place) for place in places for one in place.protocols
        }
        options = tuple((key, choice.protocol.title) for key, choice in self._choices.items())
        headings = tuple(choice.place.title for choice in self._choices.values())
        title = "START A PROTOCOL"
        ranks = tuple(_rank(choice, due) for choice in self._choices.values())
        asked = Pick("protocol", title, options, narrow=True, begun=letters, first=True, headings=headings, ranks=ranks)
        super().__init__(title, (asked,), self._take, does="START", back="BACK")
        self._known: dict[str, Details] = {}
        self._reading = False

    async def _take(self, answers: Answers) -> Choice | Refusal:
        return self._choices[answers["protocol"]]

    def body(self) -> Iterable[Widget]:
        """The list, and what is to be known of its highlighted row."""
        yield Container(*self.widgets, About(), id="picker")

    def _show_bars(self) -> None:
        super()._show_bars()
        self._follow()

    def on_click(self) -> None:
        """A touch may have moved the highlight."""
        self.show_bars()

    on_mouse_scroll_down = on_mouse_scroll_up = on_click

    # -- the highlighted one ------------------------------------------------------------------------------

    @property
    def highlighted(self) -> Choice | None:
        """What the highlighted row stands for."""
        asked = self.widgets[0]
        return self._choices.get(asked.rows.chosen or "") if isinstance(asked, Choosing) else None

    def ticked(self) -> None:
        """Where a text is slow to be read, at least its name is right."""
        super().ticked()
        choice = self.highlighted
        if choice is not None and choice.protocol.id not in self._known:
            self._tell(choice, None)

    def _tell(self, choice: Choice | None, details: Details | None) -> None:
        told = Told(choice, details, self.desk.who is not None) if choice is not None else None
        self.query_one(About).show(told)

    def _follow(self) -> None:
        """Tell of the highlighted protocol. Until its text is read, what stands there stays, so that nothing flickers
        while the highlight runs down the list."""
        choice = self.highlighted
        if choice is None or choice.protocol.id in self._known:
            self._tell(choice, self._known[choice.protocol.id] if choice else None)
        elif not self._reading:
            self._reading = True
            self.run_worker(self._read())

    async def _read(self) -> None:
        try:
            while (choice := self.highlighted) is not None and choice.protocol.id not in self._known:
                found = await self.desk.keeper.quietly(reads.details, choice.protocol.id, self.desk.who)
                if found is None:  # the status bar says why; the next key, or the next second, tries again
                    return
                self._known[choice.protocol.id] = found
        finally:
            self._reading = False
        self.show_bars()


def _rank(choice: Choice, due: Collection[tuple[str, str]]) -> int:
    """What is due, what is done every day, and last what nobody should begin by mistake."""
    if (choice.protocol.id, choice.place.subject) in due:
        return 0
    rare = choice.protocol.category == EMERGENCY or "recall" in choice.protocol.id.split("-")
    return 2 if rare else 1


class About(Line):
    """What is to be known of one protocol, in the room there is."""

    told: Told | None = None

    def show(self, told: Told | None) -> None:
        """Tell of another one; of none, where none is highlighted."""
        self.told = told
        self._change(told)

    def render(self) -> Content:
        """As much as fits: what is left out ends with an ellipsis."""
        width, height = self.content_size
        if width < NARROWEST or height < 1:
            return Content("")
        if self.told is None:
            return say("Choose where it is done.", "$ink-wait")
        return stack([*_lines(self.told, width, height)][:height])


def _lines(told: Told, width: int, height: int) -> Iterator[Content]:
    """The lines about a protocol; its purpose and its sources take what the facts leave."""
    low, details = height < LOW, told.details
    gap = [] if low else [Content("")]
    title = row(say(told.choice.protocol.title, "$ink bold"), say(f"   {told.choice.place.title}"))
    yield from _folded(title, width, 1 if low else 2)
    if details is None or details.trouble:
        yield from _folded(say(details.trouble, "$ink-wait") if details else say("…"), width, height - 1)
        return
    facts = [cut(fact, width) for fact in _facts(details, low=low)]
    may = _folded(_may(told, details), width, 2 if low else 4)
    sources = _sources(details, width, low=low)
    rest = height - 1 - len(facts) - len(may)
    yield from gap
    yield from _folded(say(details.purpose, "$ink"), width, rest - 1 if low else 8)
    yield from [*gap, *facts, *gap, *may, *gap, *sources]


def _facts(details: Details, *, low: bool) -> Iterator[Content]:
    steps = "1 step" if details.steps == 1 else f"{details.steps} steps"
    size, counts = f"{steps}, {details.least}", f"counts for {details.counts}" if details.counts else ""
    who, holds = f"Who: {details.who}", f"must hold: {details.holds}" if details.holds else ""
    for pair in ((size, counts), (who, holds)):
        told = [one for one in pair if one]
        yield from [say("; ".join(told))] if low else [say(one[:1].upper() + one[1:]) for one in told]


def _may(told: Told, details: Details) -> Content:
    """Whether whoever is at the screen may start it."""
    if told.signed_in:
        allowed = row(mark(Look.DONE), " ", say("You may start it."))
        return row(mark(Look.BLOCKED), " ", say(details.refusal, "$ink")) if details.refusal else allowed
    if told.choice.protocol.category == EMERGENCY:
        return say("It starts at once: nobody has to sign in before.")
    return say("You will be asked who you are.")


def _sources(details: Details, width: int, *, low: bool) -> Iterator[Content]:
    if not details.sources:
        yield say("No sources are named.")
    elif low:
        yield cut(say(f"Sources: {', '.join(named for named, _ in details.sources)}"), width)
    else:
        yield say("Sources")
        for _, title in details.sources:
            yield from wrapped(say(title), width, "  ")


def _folded(text: Content, width: int, most: int) -> list[Content]:
    """The text in at most so many lines; where it is longer, the last ends with an ellipsis."""
    lines = wrapped(text, width)
    if len(lines) <= most:
        return lines
    kept = lines[: max(most, 1)]
    return [*kept[:-1], cut(Content.assemble(kept[-1].rstrip(), " …"), width)]
