"""What somebody should look at: rule by rule with how much waits, and what each rule points at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.clinic.errors import ClinicError
from checklist.run.marks import Look
from checklist.tui.auditing import findings_reads
from checklist.tui.auditing.entry import Document
from checklist.tui.auditing.listed import Listed
from checklist.tui.auditing.log_rows import WIDE, day_words
from checklist.tui.auditing.review import FindingFace
from checklist.tui.bars import Key
from checklist.tui.marks import mark
from checklist.tui.rows import Item
from checklist.tui.say import columns, row, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.content import Content

    from checklist.audit.queue import Flagged
    from checklist.tui.auditing.findings_reads import Group, Waiting
    from checklist.tui.auditing.shelf import Shelf

CLEAN: Final = "clean"
_SEEN: Final = "These are patterns to look at, not faults of anybody. Each rule names what may honestly account for it."


class FindingsFace(Listed):
    """All rules by which something waits."""

    HELP = "findings"

    def __init__(self, shelf: Shelf) -> None:
        super().__init__()
        self.shelf = shelf
        self.waiting: Waiting | None = None
        self.trouble = ""

    def on_mount(self) -> None:
        """Have the rules look, which may take a while."""
        super().on_mount()
        self.run_worker(self.look())

    async def look(self) -> None:
        """See what waits now."""
        try:
            await self.shelf.renew()
            self.waiting = await self.shelf.told(self, "The rules are looking", findings_reads.waiting)
        except ClinicError as fault:
            self.trouble = str(fault)
        self.show()

    def heading(self) -> str:
        """What this is."""
        return "FINDINGS   what to look at, by rule"

    def summary(self) -> Sequence[Content]:
        """How much there is."""
        if self.waiting is None:
            return (say(self.trouble or "The rules are looking at the record…", "bold"),)
        wait = sum(one.count for one in self.waiting.groups)
        told = f"{wait:,} wait, {self.waiting.reviewed:,} were looked at. Rules of version {self.waiting.version}."
        return (say(told, "bold"), say(_SEEN))

    def items(self, width: int) -> Sequence[Item]:
        """A line a rule, what must be acted on first; then what no rule points at."""
        if self.waiting is None:
            return []
        found = [group_item(one, width) for one in self.waiting.groups]
        if not found:
            found.append(Item(row(mark(Look.DONE), " ", say("No rule points at anything that waits.", "bold"))))
        found += [Item(row(mark(Look.UNKNOWN), " ", say(line)), indent=" " * 6) for line in self.waiting.placeless]
        clean = f"{self.waiting.clean:,} runs have ended and no rule points at them"
        return [*found, Item(say(" ")), Item(row(mark(Look.DONE), " ", say(clean)), CLEAN)]

    def acts(self) -> Sequence[Key]:
        """See what a rule points at."""
        return (
            Key("enter", "OPEN", self._open, "" if self.chosen else "There is nothing to open."),
            Key("f2", "WHAT IS THIS RULE?", self._explain, "" if self._group else "Choose a rule first."),
        )

    @property
    def _group(self) -> Group | None:
        groups = self.waiting.groups if self.waiting is not None else ()
        return next((one for one in groups if one.rule == self.chosen), None)

    async def _open(self) -> None:
        group = self._group
        if group is not None:
            found = await self.shelf.ask(findings_reads.by_rule, group.rule)
            await self.desk.ask(RuleFace(self.shelf, group, found))
            await self.look()
        elif self.chosen == CLEAN:
            passed = await self.shelf.ask(findings_reads.clean_runs)
            version = self.waiting.version if self.waiting is not None else ""
            lines = [f"{one.runs:>7,}  {one.protocol}  {one.first} to {one.last}" for one in passed]
            text = f"They have passed the rules of version {version}. That is all that can be said of them.\n\n"
            await self.desk.ask(Document("RUNS THAT NO RULE POINTS AT", text + "\n".join(lines)))

    async def _explain(self) -> None:
        if self._group is not None:
            await self.desk.ask(Document(f"THE RULE {self._group.rule}", explained(self._group)))


class RuleFace(Listed):
    """What one rule points at, the newest first."""

    HELP = "findings"

    def __init__(self, shelf: Shelf, group: Group, found: tuple[tuple[Flagged, str], ...]) -> None:
        super().__init__()
        self.shelf = shelf
        self.group = group
        self.found = found

    def heading(self) -> str:
        """Which rule."""
        return f"FINDINGS   {self.group.rule}"

    def summary(self) -> Sequence[Content]:
        """What it says of itself, and how many are shown."""
        more = f" The newest {len(self.found)} of {self.group.count:,}." if len(self.found) < self.group.count else ""
        return (say(f"{self.group.title}.{more}", "bold"), say(self.group.looks_at))

    def items(self, width: int) -> Sequence[Item]:
        """One after the other, under their days."""
        found, before = [], ""
        for one, seen in self.found:
            if one.day != before:
                before = one.day
                found.append(Item(say(day_words(one.day), "bold")))
            found.append(Item(row(say(f"{one.run or one.place:<10}  ", "bold"), say(seen)), one.name, " " * 12))
        return found or [Item(row(mark(Look.DONE), " ", say("Nothing waits any more by this rule.", "bold")))]

    def acts(self) -> Sequence[Key]:
        """Look at one, or see what the rule is."""
        return (
            Key("enter", "OPEN", self._open, "" if self.chosen else "Nothing waits here."),
            Key("f2", "WHAT IS THIS RULE?", self._explain),
        )

    async def _open(self) -> None:
        pointed = next((each for each in self.found if each[0].name == self.chosen), None)
        if pointed is None:
            return
        one, seen = pointed
        said = await self.shelf.ask(findings_reads.said_at, one.place)
        if await self.desk.ask(FindingFace(self.shelf, self.group, one, seen, said)):
            self.found = tuple(each for each in self.found if each[0].name != one.name)

    async def _explain(self) -> None:
        await self.desk.ask(Document(f"THE RULE {self.group.rule}", explained(self.group)))


def explained(group: Group) -> str:
    """What a rule says of itself, in plain text."""
    parts = (
        ("", f"{group.title}. {'Somebody has to do something now.' if group.act else 'A person should look at it.'}"),
        ("LOOKS AT", group.looks_at),
        ("WHY", group.why),
        ("WHAT MAY HONESTLY ACCOUNT FOR IT", group.honest),
        ("SOURCE", group.source),
    )
    return "\n\n".join(f"{name}\n{text}" if name else text for name, text in parts if text)


def group_item(one: Group, width: int) -> Item:
    """A rule in a line: its weight, how much waits, until when or from when to when, and what was seen."""
    sign = row(mark(Look.BLOCKED), say(" ACT ", "bold")) if one.act else row(mark(Look.DEVIATION), say(" LOOK", "bold"))
    wide = width >= WIDE
    days = f"{one.first} to {one.last}" if wide and one.first != one.last else one.last
    cells = ((sign, 8), (say(f"{one.count:,}"), 5), (say(days), 24 if wide else 10))
    # The title goes on under itself: cut off, it would not say what was seen.
    return Item(row(columns(cells), say(f"  {one.title}")), one.rule, " " * (43 if wide else 29))
