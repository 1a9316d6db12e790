"""A run as a story: every step with every attempt, correction, duration and person; and from each step onwards to its
entry, its proof, and the same step in other runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.run.lasting import lasted
from checklist.tui.auditing import story_reads
from checklist.tui.auditing.entry import copy, show_entry, show_proof
from checklist.tui.auditing.listed import Listed
from checklist.tui.auditing.story_reads import when
from checklist.tui.auditing.story_rows import HEAD, elsewhere_items, plain, story_items
from checklist.tui.bars import Key
from checklist.tui.say import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.content import Content

    from checklist.tui.app import Desk
    from checklist.tui.auditing.shelf import Laid, Shelf
    from checklist.tui.auditing.story_reads import Elsewhere, Story, StoryStep
    from checklist.tui.rows import Item

RUNS: Final = 50
"""In how many other runs a step is looked up."""
_NOT_YET: Final = "This step is not closed: no entry says so yet."


class StoryFace(Listed):
    """One run, to look through."""

    HELP = "story"

    def __init__(self, shelf: Shelf, found: Story) -> None:
        super().__init__()
        self.shelf = shelf
        self.story = found

    def heading(self) -> str:
        """Which run this is."""
        return f"RUN {self.story.run}   {self.story.title}   READ ONLY"

    def items(self, width: int) -> Sequence[Item]:
        """The story."""
        return [*story_items(self.story)]

    def advice(self) -> str:
        """How to go on from here."""
        return "Enter opens the entry behind what is highlighted."

    @property
    def step(self) -> StoryStep | None:
        """The step that is highlighted."""
        return next((step for step in self.story.steps if step.id == self.chosen), None)

    @property
    def place(self) -> str:
        """The entry behind what is highlighted; empty where there is none."""
        step = self.step
        if step is not None:
            return step.place
        return self.story.run if self.chosen in (HEAD, "") else self.chosen

    def acts(self) -> Sequence[Key]:
        """Where it leads to."""
        from checklist.tui.auditing.compare import open_compare
        from checklist.tui.auditing.exporting import export

        step, place, run = self.step, self.place, self.story.run
        no_entry = "" if place else _NOT_YET
        no_step = "" if step is not None else "Choose a step with the arrows first."
        return (
            Key("enter", "OPEN THE ENTRY", lambda: show_entry(self.desk, self.shelf, place), no_entry),
            Key("f2", "PROOF", lambda: show_proof(self.desk, self.shelf, place), no_entry),
            Key("f3", "COMPARE", lambda: open_compare(self.desk, self.shelf, self.story)),
            Key("f4", "SAME STEP ELSEWHERE", lambda: self._elsewhere(step), no_step),
            Key("f6", "REMARK", lambda: self._remark(place), no_entry),
            Key("c", "COPY", lambda: copy(self, plain(self.story))),
            Key("e", "EXPORT", lambda: export(self, self.shelf, f"run:{run}", f"run-{run.replace('#', '-')}")),
        )

    async def _elsewhere(self, step: StoryStep | None) -> None:
        if step is None:
            return
        found = await self.shelf.ask(story_reads.elsewhere, self.story.protocol, step.id, self.story.n, RUNS)
        if not found:
            none = await self.shelf.ask(story_reads.never_at, self.story.protocol)
            self.refuse(none)
            return
        moments = await self.shelf.ask(_moments, [one.at for one in found])
        await self.desk.ask(ElsewhereFace(self.shelf, self.story, step, found, moments))

    async def _remark(self, place: str) -> None:
        from checklist.tui.auditing.remarking import remark

        await remark(self, place)


def _moments(laid: Laid, moments: Sequence[str]) -> list[str]:
    return [when(laid, at)[:16] for at in moments]


class ElsewhereFace(Listed):
    """The same step in the runs of its protocol around this one."""

    HELP = "elsewhere"

    def __init__(
        self, shelf: Shelf, here: Story, step: StoryStep, found: tuple[Elsewhere, ...], moments: list[str]
    ) -> None:
        super().__init__()
        self.shelf = shelf
        self._here = here
        self._step = step
        self._found = found
        self._moments = moments

    def heading(self) -> str:
        """Which step this is."""
        return f"THE SAME STEP IN OTHER RUNS   {self._here.title}"

    def summary(self) -> Sequence[Content]:
        """The step, and between what its values lie."""
        lines = [say(f"{self._step.number}  {self._step.title}", "bold")]
        numbers = sorted(one.number for one in self._found if one.number is not None)
        seconds = sorted(one.seconds for one in self._found if one.seconds is not None)
        told = [f"the {len(self._found)} runs around this one"]
        if numbers:
            told.append(f"values {numbers[0]:g} to {numbers[-1]:g}, middle {numbers[len(numbers) // 2]:g}")
        if seconds:
            least, middle, most = (lasted(one) for one in (seconds[0], seconds[len(seconds) // 2], seconds[-1]))
            told.append(f"it took {least} to {most}, middle {middle}")
        lines.append(say("; ".join(told)))
        return [*lines, say(self._step.wanted, "$ink-off")] if self._step.wanted else lines

    def items(self, width: int) -> Sequence[Item]:
        """A line a run."""
        return [*elsewhere_items(self._found, self._here.n, self._moments, width)]

    def acts(self) -> Sequence[Key]:
        """Read another run."""
        return (
            Key("enter", "READ THE RUN", self._open, "" if self.chosen else "There is none."),
            Key("c", "COPY", lambda: copy(self, "\n".join(item.text.plain for item in self.items(120)))),
        )

    async def _open(self) -> None:
        await open_story(self.desk, self.shelf, int(self.chosen))


async def open_story(desk: Desk, shelf: Shelf, n: int) -> None:
    """Show the run whose first entry has this number."""
    await desk.ask(StoryFace(shelf, await shelf.ask(story_reads.story, n)))
