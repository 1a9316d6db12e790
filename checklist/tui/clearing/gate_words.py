"""How an answer of the gate looks: the word in letters that are read from afar, the facts beside it, the requirements
worst first. Knows no keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from textual.content import Content

from checklist.gate.clearance import GO, NO_GO
from checklist.run.marks import Look
from checklist.tui.clearing.gate_letters import big
from checklist.tui.lines import Line
from checklist.tui.marks import mark
from checklist.tui.rows import Item
from checklist.tui.say import clock_of, cut, day_and_clock, row, say, stack, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from checklist.gate.clearance import Judged
    from checklist.ledger.entry import Moment
    from checklist.tui.clearing.gate_reads import Page, Question, Visit

_STYLES: Final = {GO: "$ink-done bold", NO_GO: "$ink-bad bold"}
_LOOKS: Final = {GO: Look.DONE, NO_GO: Look.BLOCKED}
_BESIDE: Final = 3
_LINES: Final = 5
_MET: Final = {True: Look.DONE, False: Look.BLOCKED, None: Look.UNKNOWN}
_ORDER: Final = {False: 0, None: 1, True: 2}


@dataclass(frozen=True, slots=True)
class Shown:
    """All that is shown of an answer. `old`: the record has not answered for a while."""

    question: Question
    page: Page | None
    decision: str
    trouble: str
    recorded: str
    old: bool = False


class Verdict(Line):
    """The answer itself, and what it is about."""

    lines: tuple[Content, ...] = ()

    def show(self, shown: Shown, rooms: Mapping[str, str], zone: str) -> None:
        """Show this answer."""
        style = _STYLES.get(shown.decision, "$ink-calm bold")
        waiting = shown.page is None and not shown.trouble
        letters = big("" if waiting else shown.decision)
        wide = len(letters[0]) + (_BESIDE if letters[0] else 0)
        width = max(self.content_size.width - wide, 10)
        facts = [*_facts(shown, rooms, zone, width)]
        self.lines = tuple(
            Content.assemble(Content.styled(line.ljust(wide), style), cut(fact, width))
            for line, fact in zip(letters, facts, strict=True)
        )
        self._change(*((line.plain, tuple(line.spans)) for line in self.lines))

    def _height(self, shown: tuple[object, ...]) -> object:
        return None

    def render(self) -> Content:
        """Letters and facts."""
        return stack(self.lines)


def _facts(shown: Shown, rooms: Mapping[str, str], zone: str, width: int) -> Iterator[Content]:
    """Five lines: what the answer means, what it is about, and of when it is; or why there is none, all of it."""
    page, asked = shown.page, shown.question
    meaning = row(mark(_LOOKS.get(shown.decision, Look.UNKNOWN)), " ", say(_meaning(shown), "bold"))
    if page is None:
        yield from [*wrapped(meaning, width, "    "), *[Content("")] * _LINES][:_LINES]
        return
    yield meaning
    yield say(rooms.get(f"room={asked.room}", asked.room))
    yield say(visit_words(page.visit))
    yield say(f"Performed by {page.performer}" if page.performer else "")
    at = page.answer.clearance.at
    yield say(f"Asked at {clock_of(at, zone, seconds=True)}{'; no answer since' if shown.old else ''}", "$ink-calm")


def visit_words(visit: Visit) -> str:
    """A visit, with the clinic's own reference where it has one."""
    reference = f"  ({visit.reference})" if visit.reference else ""
    return f"Visit {visit.id}{reference}{', closed' if visit.closed else ''}"


def _meaning(shown: Shown) -> str:
    page, close = shown.page, shown.question.stage == "close"
    if page is None:
        return shown.trouble or "Asking the record…"
    if shown.old:
        return "The record does not answer."
    wanted = page.answer.clearance.requirements
    if not wanted:
        return "This procedure asks for nothing here."
    if close and page.visit.closed:
        return "The visit is closed."
    missing = len(page.answer.clearance.missing)
    if not missing:
        return "The visit may be closed." if close else "It may start."
    stop = "Do not close it" if close else "Do not start"
    return f"{stop}: {missing} of {len(wanted)} {'is' if missing == 1 else 'are'} not met."


def flags(shown: Shown, now: Moment, width: int) -> list[Content]:
    """What nobody may overlook: what was overridden in this visit; and what was recorded."""
    page = shown.page
    lines: list[Content] = []
    if page is not None and page.answer.overridden:
        passed = page.answer.overridden
        one = passed[-1]
        many = f" {len(passed)} times, last" if len(passed) > 1 else ""
        people = " with ".join(page.names.get(person or "", "-") for person in (one.by, one.witness))
        when = day_and_clock(one.at, now.zone, now.at)
        review = "" if one.reviewed else "; to be reviewed within 24 h"
        told = f"{one.title}: {one.step or 'the gate'}  {people}, {when}{review}"
        lines += wrapped(row(mark(Look.OVERRIDDEN), say(f" OVERRIDDEN{many}: ", "bold"), say(told)), width, "    ")
    if shown.recorded:
        lines += wrapped(row(mark(Look.DONE), say(f" {shown.recorded}", "bold")), width, "    ")
    return lines


def items(requirements: Sequence[Judged]) -> list[Item]:
    """Every requirement, worst first, else in the procedure's own order."""
    ordered = sorted(requirements, key=lambda one: _ORDER[one.met])
    return [Item(row(mark(_MET[one.met]), " ", say(one.why)), one.id) for one in ordered]
