"""A protocol as Markdown, for a clinic's handbook or a page where it is discussed.

CommonMark with tables. Every text of the file is escaped: it is read as it was written and never acts as markup.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from checklist.protocol.header import Source
from checklist.protocol.model import Protocol, Step
from checklist.protocol.showing.facts import ADAPT, Fact, about, checks, facts, task

_MARKUP: Final = re.compile(r"[\\`*_\[\]<>#|~&^$@]")
_ADDRESS: Final = re.compile(r"(?<=\w):(?=//)|(?<=\w)\.(?=[^\W\d]{2})")
"""What makes some readers turn an address into a link: `://`, and the point before `org`."""
_LEADING: Final = re.compile(r"^(\d{1,9}(?=[.)](?:\s|$))|(?=[-+=]))")
"""What begins a list or a line across the page where it begins a paragraph."""


def as_markdown(protocol: Protocol, sha256: str) -> str:
    """Return the whole protocol; `sha256` is that of the file's bytes."""
    named = [("Id", f"`{protocol.id}`"), ("Version", f"`{protocol.version}`"), ("Category", protocol.category)]
    blocks = (
        f"# {escaped(protocol.title)}",
        f"> **{escaped(ADAPT)}**",
        escaped(protocol.purpose),
        table(("About this protocol", ""), [*named, *_cells(about(protocol))]),
        "## Steps",
        *_steps(protocol),
        *_checks(protocol),
        *sources_table(protocol.sources),
        f"SHA-256 of the file: `{sha256}`",
    )
    return "\n\n".join(blocks) + "\n"


def escaped(words: str) -> str:
    """Return words that Markdown shows as they are, wherever they stand."""
    signs = _MARKUP.sub(r"\\\g<0>", words)
    return _LEADING.sub(r"\g<0>\\", _ADDRESS.sub(r"\\\g<0>", signs))


def _steps(protocol: Protocol) -> Iterator[str]:
    phase = ""
    lines: list[str] = []
    for number, step in enumerate(protocol.steps, start=1):
        if step.phase != phase:
            if lines:
                yield "\n".join(lines)
            lines, phase = [], step.phase
            # What follows a phase and has none stands under a heading too, or it would seem to be part of it.
            yield f"### {escaped(phase) or 'Then'}"
        lines += _step(protocol, number, step)
    yield "\n".join(lines)


def _step(protocol: Protocol, number: int, step: Step) -> Iterator[str]:
    mark = f"{number}. "
    yield f"{mark}**{escaped(task(step))}** `{step.id}`"
    for fact in facts(protocol, step):
        name = f"*{fact.name}:* " if fact.name else ""
        yield f"{' ' * len(mark)}- {name}{escaped(fact.words)}"


def _checks(protocol: Protocol) -> Iterator[str]:
    found = [f"- {escaped(check.words)}" for check in checks(protocol)]
    if found:
        yield from ("## What the program checks", "\n".join(found))


def sources_table(sources: Sequence[Source]) -> Iterator[str]:
    """Yield the sources under their heading; nothing where there are none."""
    if sources:
        rows = [
            (f"`{source.id}`", escaped(source.title), str(source.year or ""), escaped(source.where))
            for source in sources
        ]
        yield from ("## Sources", table(("Id", "Title", "Year", "Where"), rows))


def _cells(found: Iterable[Fact]) -> list[tuple[str, str]]:
    return [(fact.name, escaped(fact.words)) for fact in found]


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table of cells that are escaped already."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
