"""What stands in the report on a record, in which order: first what is missing from it and what to look at,
last what vouches for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.audit.report.document import Document, Heading, Paragraph
from checklist.audit.report.sections import apart, looking, measured, plan, put_off, standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from checklist.audit.report.document import Block
    from checklist.audit.report.known import Known

_PARTS = (
    looking.findings,
    looking.coverage,
    plan.plan,
    put_off.put_off,
    apart.deviations,
    apart.overrides,
    measured.times,
    measured.readings,
    apart.gate,
    apart.called_back,
    plan.shares,
    standing.credentials,
    standing.integrity,
)


def document(known: Known, progress: Callable[[int, int], None] | None = None) -> Document:
    """The whole report. `progress` is told how many of its parts are written."""
    blocks: list[Block] = [*standing.tampered(known), *standing.incomplete(known)]
    for written, part in enumerate(_PARTS):
        if progress is not None:
            progress(written, len(_PARTS))
        blocks += part(known)
    blocks += _words(known)
    if progress is not None:
        progress(len(_PARTS), len(_PARTS))
    stands = known.integrity
    return Document(
        title=f"Record of hygiene work: {known.clinic}",
        subtitle=f"{standing.warned(known)}{known.scope.since} to {known.scope.until}",
        mark=(
            f"{known.clinic} · {stands.origin} · {stands.size:,} entries · root {stands.root[:16] or 'cannot be read'}"
        ),
        blocks=tuple(blocks),
    )


def _words(known: Known) -> Iterator[Block]:
    yield Heading("How to read this report", "words")
    yield Paragraph(
        f"Days and times are those of the clinic's own clock ({known.zone}). A run counts for the day on which it"
        " began. Times per step are those of the monotonic clock of one machine; what ran over a restart has none."
    )
    yield Paragraph(
        "A deviation is anything other than done as written: a value that did not pass at once, a step that was"
        " skipped, put off, declared not applicable, failed or overridden. A step that its own condition ruled out is"
        " none. What was put off because its own words ask for it (“24-48 h after”) is none here either, as long as it"
        " was done in time or still can be: it is counted by itself. The log and each single run mark it all the same."
    )
    yield Paragraph(
        "Late: what the plan asked for was done after its time. Missed: it was not done by the time it was asked for"
        " again, or by the clinic's last work on record. What fell due before the record began is left out."
    )
    yield Paragraph(
        "The report is made from the record, the texts and plans that it names, and clinic.toml: from the same ones it"
        " comes out the same, byte by byte. A sign-in, a start or stop, a backup, a sample, an export or a report"
        " changes nothing in it. Periods and ages end with the clinic's last work on record: that somebody leaves a"
        " remark, reviews a finding, anchors or verifies is told of, and moves neither."
    )
