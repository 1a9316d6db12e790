"""One finding: what was seen, why it is a rule, what an honest explanation might be, and the run itself; and the
review, which is recorded only after what was flagged has been opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.clinic import reviewing
from checklist.run import rights
from checklist.run.marks import Look
from checklist.run.rights import Act
from checklist.tui.auditing import findings_reads
from checklist.tui.auditing.entry import show_entry, show_proof
from checklist.tui.auditing.listed import Listed
from checklist.tui.auditing.remarking import remark
from checklist.tui.auditing.story import open_story
from checklist.tui.bars import Key
from checklist.tui.field import Line
from checklist.tui.form import Answers, Form
from checklist.tui.marks import mark
from checklist.tui.rows import Item
from checklist.tui.say import row, say
from checklist.tui.staffing.people_reads import VIA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.audit.queue import Flagged
    from checklist.clinic.remarks import Said
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.ledger.entry import Entry, Moment
    from checklist.run.reading import Refusal
    from checklist.tui.auditing.findings_reads import Group
    from checklist.tui.auditing.shelf import Shelf

_UNOPENED: Final = "Open what was flagged first: Enter reads the run, F4 the entry."
_NOTE: Final = "The record says who looked, for how long, and what came of it. What was looked at stays as it is."


class FindingFace(Listed):
    """One finding. It answers whether it was reviewed."""

    HELP = "finding"

    def __init__(
        self, shelf: Shelf, group: Group, found: Flagged, seen: str, said: tuple[tuple[Said, str], ...]
    ) -> None:
        super().__init__()
        self.seen = seen
        self.shelf = shelf
        self.group = group
        self.found = found
        self.said = said
        self.opened_at: Moment | None = None
        """When what was flagged was first put before the reader's eyes."""
        self.done = False

    def heading(self) -> str:
        """Which finding."""
        return f"FINDING   {self.found.rule} at {self.found.place}"

    def items(self, width: int) -> Sequence[Item]:
        """What is to be known of it."""
        look = Look.BLOCKED if self.group.act else Look.DEVIATION
        lines = [Item(row(mark(look), " ", say(f"{self.group.title}.", "bold")), "finding")]
        parts = (
            ("WHAT WAS SEEN", f"{self.found.day}, entry {self.found.place}: {self.seen}"),
            ("WHY IT IS A RULE", self.group.why),
            ("WHAT MAY HONESTLY ACCOUNT FOR IT", self.group.honest),
            ("SOURCE", self.group.source),
        )
        for name, text in parts:
            if text:
                lines += [Item(say(name, "bold $ink-now")), Item(say(f"  {text}"), indent="  ")]
        if self.said:
            lines.append(Item(say("WHAT WAS SAID ABOUT IT", "bold $ink-now")))
        for one, who in self.said:
            dwell = f", {one.shown}" if one.shown else ""
            dwell += ", who had a hand in it" if one.own else ""
            words = one.words or "(words erased)"
            lines.append(Item(say(f"  {one.about} by {who}{dwell}: {words}"), indent="    "))
        return lines

    def advice(self) -> str:
        """What comes first."""
        if self.done:
            return "It is reviewed."
        return "F3 says what came of it." if self.opened_at is not None else _UNOPENED

    def acts(self) -> Sequence[Key]:
        """Look at it, then say what came of it."""
        run = self.found.run
        unread = "" if self.opened_at is not None else _UNOPENED
        again = "It is reviewed already." if self.done else ""
        return (
            Key("enter", "READ THE RUN", self._run, "" if run else "It stands outside any run: F4 opens the entry."),
            Key("f2", "REMARK", lambda: remark(self, self.found.place)),
            Key("f3", "REVIEW", self._review, again or unread),
            Key("f4", "THE ENTRY", self._entry),
            Key("f6", "PROOF", lambda: show_proof(self.desk, self.shelf, self.found.place)),
        )

    async def _run(self) -> None:
        n = await self.shelf.ask(findings_reads.run_number, self.found.run or "")
        if n is not None:
            self._seen()
            await open_story(self.desk, self.shelf, n)

    async def _entry(self) -> None:
        self._seen()
        await show_entry(self.desk, self.shelf, self.found.place)

    def _seen(self) -> None:
        self.opened_at = self.opened_at or self.desk.now()

    async def _review(self) -> None:
        desk, shown = self.desk, self.opened_at
        if shown is None:
            return
        who = await desk.signed_in()
        if refusal := rights.refusal(Act.REVIEW, who.person.roles):
            self.refuse(f"{refusal.message} F2 leaves a remark.")
            return

        async def submit(answers: Answers) -> Entry | Refusal:
            return await desk.keeper.once(_record, self.found, answers["words"], shown, who)

        parts = (Line("words", "WHAT CAME OF IT", "Say in words what came of it."),)
        title = f"REVIEW OF {self.found.rule} AT {self.found.place}"
        form: Form[Entry] = Form(title, parts, submit, does="RECORD", about=[say(self.seen)], note=_NOTE)
        entry = await desk.ask(form)
        if entry is not None:
            self.done = True
            self.tell(f"The review is recorded, as entry {entry.place}.")

    def leave(self) -> None:
        """Back to the others."""
        self.answer(self.done or None)


def _record(clinic: Clinic, found: Flagged, words: str, shown: Moment, who: SignedIn) -> Entry | Refusal:
    return reviewing.review(clinic, found, words, shown, who, VIA)
