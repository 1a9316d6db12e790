"""The lines of a run's story, and of two runs beside each other. Pure: from a story to rows of a given width."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.clinic.beside import TOO, differing, told_too
from checklist.run.lasting import lasted
from checklist.run.marks import Look
from checklist.tui.marks import WORDS, mark
from checklist.tui.rows import Item
from checklist.tui.say import columns, cut, row, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.content import Content

    from checklist.clinic.beside import Side
    from checklist.tui.auditing.story_reads import Elsewhere, Story, StoryStep

BESIDE: Final = 110
"""From so many cells on two runs stand side by side; below, one under the other."""
HEAD: Final = "head"
_BESIDE_WHO: Final = 2 + 16 + 18 + 18 + 2 * 3
_OFF: Final = (Look.DEVIATION, Look.SKIPPED, Look.DEFERRED, Look.FAILED, Look.BLOCKED, Look.OVERRIDDEN, Look.UNKNOWN)
"""What is told of at the head of a story already."""
_SET_IN: Final = " " * 10


def story_items(found: Story) -> Iterator[Item]:
    """Everything that is known of a run. Its steps, and where it has none its entries, can be chosen."""
    yield Item(row(mark(found.look), " ", say(f"{found.word}   {found.title}", "bold")), HEAD)
    for line in found.head:
        yield Item(say(f"    {line}"), indent=" " * 8)
    for line in found.findings:
        yield Item(row("    ", mark(Look.DEVIATION), say(" FOUND  ", "bold"), say(line)), indent=" " * 8)
    for step in found.steps:
        if step.look in _OFF:
            told = f" step {step.number}  {WORDS[step.look]}  {step.title}"
            yield Item(row("    ", mark(step.look), say(told, "bold")), indent=" " * 8)
    if found.trouble:
        yield Item(row("    ", mark(Look.UNKNOWN), say(f" It cannot be put together: {found.trouble}", "bold")))
        yield Item(say("    Its entries, as they stand in the record:"))
    for place, words in found.entries:
        yield Item(say(f"{place}  {words}"), place)
    phase = ""
    for step in found.steps:
        if step.phase != phase:
            phase = step.phase
            yield Item(say(phase.upper(), "bold"))
        yield from _step(step)
    for line in found.after:
        yield Item(say(f"    {line}"), indent=" " * 8)


def _step(step: StoryStep) -> Iterator[Item]:
    """What happened before a step, the step, and what is known of it."""
    for line in step.before:
        yield Item(say(f"    {line}"), indent=" " * 8)
    word = f"  {WORDS[step.look]}" if WORDS[step.look] else ""
    yield Item(row(mark(step.look), f" {step.number:>2}  ", say(step.title), say(word, "bold")), step.id, " " * 8)
    if step.wanted:
        yield Item(say(f"{_SET_IN}{step.wanted}", "$ink-off"), indent=_SET_IN)
    for line in step.told:
        yield Item(say(f"{_SET_IN}{line}"), indent=_SET_IN)


def plain(found: Story) -> str:
    """The same as plain text, to be copied."""
    return "\n".join(item.text.plain for item in story_items(found))


def elsewhere_items(found: Sequence[Elsewhere], here: int, moments: Sequence[str], width: int) -> Iterator[Item]:
    """The same step in many runs, a line each; the run that was come from has a mark of its own."""
    looks = {
        "done": Look.DONE,
        "current": Look.CURRENT,
        "skipped": Look.SKIPPED,
        "not-applicable": Look.NOT_APPLICABLE,
        "deferred": Look.DEFERRED,
        "failed": Look.FAILED,
        "overridden": Look.OVERRIDDEN,
    }
    for one, moment in zip(found, moments, strict=True):
        look = looks.get(one.state, Look.UNKNOWN)
        if look is Look.DONE and one.attempts > 1:
            look = Look.DEVIATION
        took = "" if one.seconds is None else lasted(one.seconds)
        tries = f"  {one.attempts} tries" if one.attempts > 1 else ""
        kind, _, named = one.subject.partition("=")
        about = f"{named}  " if named and kind != "session" else ""
        cells = (
            (say(moment), 16),
            (row(mark(look), " ", say(one.value or WORDS[look], "bold")), 18),
            (say(f"{took}{tries}"), 18),
            (
                row(say("HERE  " if one.n == here else "", "bold"), say(f"{about}{one.who}")),
                max(width - _BESIDE_WHO, 8),
            ),
        )
        yield Item(columns(cells), str(one.n))


# -- two runs ------------------------------------------------------------------------------------------------


def compared(left: Story, right: Story, width: int) -> Iterator[Item]:
    """Two runs, step by step: side by side where there is room, else one under the other. What differs has a mark
    and a word of its own."""
    for name, value in (("A", left), ("B", right)):
        told = f"{name}  {value.head[0]}" if value.head else name
        yield Item(row(say(f"{told}   "), mark(value.look), say(f" {value.word}", "bold")), indent="   ")
    if left.version != right.version:
        yield Item(say(f"DIFFERENT TEXTS   A {left.version}   B {right.version}", "bold"))
    count = sum(bool(_differ(one, other)) for _, one, other in _pairs(left, right))
    yield Item(say(f"{count} of {len([*_pairs(left, right)])} steps differ.", "bold"))
    if width >= BESIDE:
        half = (width - 2 - 6 - 6) // 2
        yield Item(columns(((say(""), 5), (say("A", "bold"), half), (say("B", "bold"), half))))
    for number, (title, one, other) in enumerate(_pairs(left, right), 1):
        differs = _differ(one, other)
        sign = say("<> DIFFERS  ", "$ink-wait bold") if differs else say("")
        too = "".join(f"   ~ {TOO[each]}" for each in told_too(*_sides(one, other)))
        yield Item(row(f"{number:>3}  ", sign, say(title, "bold" if differs else ""), say(too)), f"{number}", " " * 5)
        yield from _beside(one, other, width) if width >= BESIDE else _under(one, other)


def _pairs(left: Story, right: Story) -> Iterator[tuple[str, StoryStep | None, StoryStep | None]]:
    others = {step.id: step for step in right.steps}
    for step in left.steps:
        yield step.title, step, others.pop(step.id, None)
    for step in others.values():
        yield step.title, None, step


def _differ(one: StoryStep | None, other: StoryStep | None) -> tuple[str, ...]:
    return differing(*_sides(one, other))


def _sides(one: StoryStep | None, other: StoryStep | None) -> tuple[Side | None, Side | None]:
    return (None if one is None else one.side, None if other is None else other.side)


def _under(one: StoryStep | None, other: StoryStep | None) -> Iterator[Item]:
    for name, step in (("A", one), ("B", other)):
        yield Item(row(f"     {name}  ", *_short(step)), indent=" " * 8)


def _beside(one: StoryStep | None, other: StoryStep | None, width: int) -> Iterator[Item]:
    half = (width - 2 - 6 - 6) // 2
    lines, sides = [(say(""), 5)], [row(*_short(each)) for each in (one, other)]
    if any(each.cell_length > half for each in sides):  # nothing that is compared is cut off
        yield from _under(one, other)
    else:
        yield Item(columns((*lines, *((each, half) for each in sides))))
    wanted = [step.wanted if step is not None else "" for step in (one, other)]
    if wanted[0] != wanted[1]:
        yield Item(columns((*lines, *((cut(say(each, "$ink-off"), half), half) for each in wanted))))


def _short(step: StoryStep | None) -> list[Content]:
    """One side: mark, value or word, time, person, how long."""
    if step is None:
        return [say("(not in this text)")]
    word = step.value or WORDS[step.look]
    took = lasted(step.ms / 1000) if step.ms is not None else ""
    return [mark(step.look), say(" "), say("  ".join(part for part in (word, took, step.who) if part))]
