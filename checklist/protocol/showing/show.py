"""A protocol as plain lines, for `protocol show` and for people who cannot use a screen.

Text only, no markup, no colour; one fact a line. Knows nothing of runs.
"""

from collections.abc import Iterator, Sequence

from checklist.protocol.header import Source
from checklist.protocol.model import Protocol
from checklist.protocol.showing.facts import ADAPT, about, checks, facts, task


def as_text(protocol: Protocol) -> str:
    """Return the whole protocol in plain words; every line ends with a newline."""
    checked = [line for check in checks(protocol) for line in ("", str(check))]
    lines = [*_header(protocol), *_steps(protocol), *checked, *source_lines(protocol.sources), "", ADAPT]
    return "\n".join(lines) + "\n"


def _header(protocol: Protocol) -> Iterator[str]:
    yield protocol.title
    yield f"{protocol.id} {protocol.version}, {protocol.category}"
    yield protocol.purpose
    yield from map(str, about(protocol))


def _steps(protocol: Protocol) -> Iterator[str]:
    phase = ""
    for number, step in enumerate(protocol.steps, start=1):
        if step.phase != phase:
            phase = step.phase
            if phase:
                yield from ("", phase.upper())
        yield ""
        yield f"{number}. {task(step)} [{step.id}]"
        yield from (f"   {fact}" for fact in facts(protocol, step))


def source_lines(sources: Sequence[Source]) -> Iterator[str]:
    """Yield the sources under their heading; nothing where there are none."""
    if sources:
        yield from ("", "Sources")
    for source in sources:
        details = ", ".join(part for part in (str(source.year or ""), source.where) if part)
        yield f"{source.id}: {source.title}" + (f" ({details})" if details else "")
