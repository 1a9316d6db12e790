"""Two runs beside each other: which one is to be compared with, and what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.audit.places import n_of
from checklist.run.reading import Refusal
from checklist.tui.auditing import story_reads
from checklist.tui.auditing.entry import copy
from checklist.tui.auditing.listed import Listed
from checklist.tui.auditing.log_rows import run_state
from checklist.tui.auditing.story_reads import when
from checklist.tui.auditing.story_rows import compared
from checklist.tui.bars import Key
from checklist.tui.choosing import Pick
from checklist.tui.field import Line
from checklist.tui.form import Answers, Form

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.tui.app import Desk
    from checklist.tui.auditing.shelf import Laid, Shelf
    from checklist.tui.auditing.story_reads import Story
    from checklist.tui.rows import Item

_OFFERED: Final = 9
_NAMED: Final = "named"
_TITLE: Final = "COMPARE WITH ANOTHER RUN"


class CompareFace(Listed):
    """Two runs, step by step."""

    HELP = "compare"

    def __init__(self, left: Story, right: Story) -> None:
        super().__init__()
        self._two = (left, right)

    def heading(self) -> str:
        """Which runs these are."""
        left, right = self._two
        return f"COMPARE   A {left.run}   B {right.run}   {left.title}"

    def items(self, width: int) -> Sequence[Item]:
        """Side by side, or one under the other."""
        return [*compared(*self._two, width)]

    def advice(self) -> str:
        """What is marked."""
        return "<> counts as differing; ~ is told, but does not count. F1 says when."

    def acts(self) -> Sequence[Key]:
        """Take it along; Enter has nothing to do here but go back."""
        return (
            Key("enter", "BACK", self.leave),
            Key("c", "COPY", lambda: copy(self, "\n".join(item.text.plain for item in self.items(100)))),
        )


async def open_compare(desk: Desk, shelf: Shelf, here: Story) -> None:
    """Ask which run is meant, and show both."""
    offered = await shelf.ask(_offered, here.n, here.protocol, here.subject)

    async def submit(answers: Answers) -> str | Refusal:
        return answers["run"]

    options = (*offered, (_NAMED, "another run, which I name"))
    form: Form[str] = Form(
        _TITLE, (Pick("run", "WITH WHICH RUN", options, first=True),), submit, does="COMPARE", back="BACK"
    )
    chosen = await desk.ask(form)
    n = await _named(desk, shelf) if chosen == _NAMED else int(chosen) if chosen is not None else None
    if n is not None:
        await desk.ask(CompareFace(here, await shelf.ask(story_reads.story, n)))


async def _named(desk: Desk, shelf: Shelf) -> int | None:
    async def submit(answers: Answers) -> int | Refusal:
        n = await shelf.ask(_n_of, answers["place"])
        return (
            Refusal("no-run", "There is no run of that name; it looks like a#123, as the log shows it.")
            if n is None
            else n
        )

    parts = (Line("place", "ITS NAME", "Type the name of a run, such as a#123."),)
    return await desk.ask(Form(_TITLE, parts, submit, does="COMPARE", back="BACK"))


def _offered(laid: Laid, n: int, protocol: str, subject: str) -> tuple[tuple[str, str], ...]:
    """The runs of the same protocol that lie nearest before it, those about the same first; then those after it."""
    rows = laid.db.execute(
        "SELECT n, run, at, subject, outcome, deviations FROM run WHERE protocol = ? AND n <> ? AND n > ? - 20000"
        " ORDER BY subject <> ?, abs(n - ?) LIMIT ?",
        (protocol, n, n, subject, n, _OFFERED - 1),
    )
    return tuple(
        (
            str(other),
            f"{run}  {when(laid, at)[:16]}  {about.partition('=')[2] or about}  {run_state(outcome, off, 0)[1]}",
        )
        for other, run, at, about, outcome, off in rows
    )


def _n_of(laid: Laid, place: str) -> int | None:
    n = n_of(laid.db, place)
    found = laid.db.execute("SELECT 1 FROM run WHERE n = ?", (n,)).fetchone() if n is not None else None
    return n if found else None
