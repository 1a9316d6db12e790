"""What was put off as its own words ask, apart from what was put off otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.audit.charts import Bar, bars
from checklist.audit.numbers import put_off as numbers
from checklist.audit.report.document import Chart, Column, Heading, Paragraph, Table, figure
from checklist.audit.report.known import count, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checklist.audit.report.document import Block
    from checklist.audit.report.known import Known


def put_off(known: Known) -> Iterator[Block]:
    """Appointments, and what came of them."""
    yield Heading("Put off as planned", "put-off")
    found = numbers.put_off(known.db, known.scope)
    if not found:
        yield Paragraph("No step was put off because its words ask for it.")
        return
    times = sum(each.times for each in found)
    in_time, late, waits, not_done = (
        sum(getattr(each, what) for each in found) for what in ("in_time", "late", "open", "not_done")
    )
    yield Paragraph(
        f"{some(times, 'step')} {'was' if times == 1 else 'were'} put off because their own words ask for it, such as"
        f" “24-48 h after”, and for no longer than that: {count(in_time)} done in time, {count(late)} late,"
        f" {count(waits)} still to come, {count(not_done)} not done. With a day of grace. What was done in time or is"
        " still to come is no deviation; late or not done is one."
    )
    yield Chart(
        "Put off as planned, by step",
        "How much of it was late (filled) or not done (hatched).",
        bars(
            [
                Bar(
                    f"{each.step} · {known.title(each.protocol)}",
                    (each.late, each.not_done),
                    f"{count(each.late + each.not_done)} of {count(each.times)}",
                )
                for each in found
            ],
            ("late", "not done"),
            "steps",
        ),
        Table(
            "Put off as planned: what came of it",
            (
                Column("Protocol"),
                Column("Step"),
                figure("Put off"),
                figure("In time"),
                figure("Late"),
                figure("Still to come"),
                figure("Not done"),
            ),
            tuple(
                (
                    known.title(each.protocol),
                    each.step,
                    *map(count, (each.times, each.in_time, each.late, each.open, each.not_done)),
                )
                for each in found
            ),
        ),
    )
