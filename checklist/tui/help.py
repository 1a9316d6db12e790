"""Help: what the keys do, and why the current step is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from checklist.run.marks import MARKS
from checklist.tui.auditing.help_words import LOG_KEYS
from checklist.tui.bars import ALTERNATIVES, Key
from checklist.tui.face import Face
from checklist.tui.marks import WORDS, mark
from checklist.tui.say import row, say, stack, wrapped
from checklist.tui.walker import card

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.content import Content
    from textual.widget import Widget

    from checklist.tui.app import Desk
    from checklist.tui.walker.walk import WalkFace


WIDE: Final = 10
_KEYS: Final = (
    ("Enter", "is always the one way forward; the key bar says what it does now."),
    ("", "In a field the first Enter takes what was typed, and a second, separate Enter signs it."),
    ("Arrows", "and PgUp, PgDn only look."),
    ("Digits", "choose among answers; they never record one."),
    ("Esc", "goes one level back. Before it leaves a run it says so; the second one does."),
    ("F9", "opens the emergency protocols from everywhere; nobody need sign in, and somebody signs for it afterwards."),
    ("F5", "gives the place to somebody else, who takes over the run. F7 locks the screen; the step stays in sight."),
    ("Badge", "It says who is meant wherever a name is asked for. A secret is typed by hand, never scanned."),
    ("Ctrl+Q", "pauses the run. You can leave at any time: every step is on the disk before it turns green."),
    ("Small", "A key that is written small does nothing now: press it, and the line above the keys says why."),
    ("Scanner", "It can never press a key here, and an Enter that is held down counts once."),
)

_HERE: Final = {
    "board": (
        ("F3", "asks the gate: may this procedure start, in this room, for this visit? It says what is missing."),
        ("F4", "follows a load, a lot, a machine, a visit; calls it back; and says that something has happened."),
        ("F8", "opens the log: every run and entry, findings and numbers. The run that is highlighted is looked up."),
    ),
    "gate": (
        ("Enter", "starts what is highlighted and missing, and leads back here; once it is GO, it records that."),
        ("F2", "starts all the same: a reason and two people, one a lead. It is reviewed within 24 hours."),
        ("F3", "turns between “may it start?” and “may the visit be closed?”. F4 asks about something else."),
        ("F6", "records an answer that is not GO, so that it can be shown later why nothing was started."),
        ("F8", "reads through the newest run that the highlighted sentence rests on."),
        ("Live", "It asks again every few seconds. What cannot be read is UNKNOWN, and never GO."),
    ),
    "trace": (
        ("Enter", "opens a row and closes it; so do the arrows to the right and to the left."),
        ("F2", "sets it apart until a lead lets it go. F3 calls it back for good, and opens its list."),
        ("F4", "follows something else."),
        ("F2", "on a recalled machine ends its recall, once the list that proves it is walked and signed."),
        ("F6", "on a steriliser shows every load since its last negative spore test, and calls them back."),
        ("F8", "reads a run through, step by step."),
    ),
    **LOG_KEYS,
}


class Reading(Face[bool], ModalScreen[bool]):
    """Some text to read; nothing in it acts."""

    TITLED = False

    def __init__(self, lines: Sequence[Content], indent: str = "") -> None:
        """What a long line goes on with under itself is `indent`."""
        super().__init__()
        self._indent = indent
        self._lines = lines

    def body(self) -> Iterable[Widget]:
        """The text."""
        yield Vertical(VerticalScroll(Static(id="text", markup=False), classes="scroll", can_focus=False), id="sheet")

    def refreshed(self) -> None:
        """Fold it to the width."""
        width = max(self.app.size.width - 6, 40)
        lines = (one for line in self._lines for one in wrapped(line, width, self._indent))
        self.query_one("#text", Static).update(stack(lines))

    def advice(self) -> str:
        """How to see more."""
        return "Arrows and PgDn show more."

    def keys(self) -> Sequence[Key]:
        """Back, and the colours."""
        return (Key("escape", "BACK", self._end), Key("f2", "LIGHT OR DARK", self.desk.turn_light))

    def find(self, name: str) -> Key | None:
        """Enter and Ctrl+Q go back too."""
        return super().find("escape" if name in ("enter", "ctrl+q") else name)

    def moved(self, key: str) -> None:
        """Look further."""
        by = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}.get(key, 0)
        self.query_one(".scroll").scroll_relative(y=by, animate=False)

    def _end(self) -> None:
        self.answer(result=True)


async def show_help(desk: Desk, where: str) -> None:
    """F1: first what the keys of this screen do, then what they do everywhere."""
    other = ", ".join(f"{key.upper()} {other.replace('ctrl+', 'Ctrl+').title()}" for key, other in ALTERNATIVES.items())
    lines = [
        *(row(say(f"{name:<{WIDE}}", "bold $ink-now"), text) for name, text in _HERE.get(where, ())),
        say("HOW THIS WORKS", "bold $ink"),
        *(row(say(f"{name:<{WIDE}}", "bold $ink-now"), text) for name, text in _KEYS),
        say(" "),
        say("THE MARKS", "bold $ink"),
        *(row(mark(look), f"  {WORDS[look] or 'not yet'}") for look in MARKS),
        say(" "),
        row(say(f"{'F keys':<{WIDE}}", "bold $ink-now"), "Where they do not work: " + other),
    ]  # fmt: skip
    await desk.ask(Reading(lines, " " * WIDE))


async def show_why(walk: WalkFace) -> None:
    """F1 on the walker: why this step, and where its numbers come from."""
    page, step = walk.page, walk.step
    if page is None or step is None:
        await show_help(walk.desk, "walk")
        return
    lines = [say(card.step_title(step), "bold $ink"), say(" ")]
    for title, text in card.why(step, page.state.protocol):
        lines += [say(title, "bold $ink"), say(text), say(" ")]
    lines += [say("WHAT THIS PROTOCOL IS FOR", "bold $ink"), say(page.state.protocol.purpose)]
    await walk.desk.ask(Reading(lines))
