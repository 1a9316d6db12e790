"""What the plan asked for and what became of it; who did how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.audit.charts import Bar, bars
from checklist.audit.losses import plans_lost
from checklist.audit.numbers import done
from checklist.audit.numbers.scope import share
from checklist.audit.report.document import Chart, Column, Heading, Note, Paragraph, Table, figure
from checklist.audit.report.known import count, some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from checklist.audit.numbers.done import Kept, Plans
    from checklist.audit.report.document import Block
    from checklist.audit.report.known import Known

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def plan(known: Known) -> Iterator[Block]:
    """What was late or missed, by protocol, weekday and month."""
    yield Heading("Done, late and missed", "plan")
    judged = done.planned_to(known.db)
    if judged < min(known.scope.over, known.scope.until):
        yield Note(
            "What the plan asked for could not be made out"
            + (f" after {judged}, for the record is damaged there." if judged else ", for the record is damaged there.")
        )
    yield from _judged_by(done.plans(known.db), known)
    by_protocol = done.kept(known.db, known.scope, "protocol")
    if unknown := done.unknown(known.db, known.scope):
        yield Note(
            f"What became of {some(unknown, 'run')} that the plan asked for is not known: entries of that time cannot"
            " be read. They count neither as asked for nor as missed here."
        )
    if not by_protocol:
        yield Paragraph("The plan asked for nothing in this period and scope.")
        return
    asked = sum(each.planned for each in by_protocol)
    in_time, late, missed = (sum(getattr(each, state) for each in by_protocol) for state in ("done", "late", "missed"))
    yield Paragraph(
        f"The plan asked for {some(asked, 'run')}. {count(in_time)} of them ({share(in_time, asked)}) were done in"
        f" time, {count(late)} late, {count(missed)} missed. That leaves out the days that were not over at the"
        " clinic's last work on record, as do the rows with over 1 in the table plan of an export."
    )
    yield _late(known.title, "By protocol", "Protocol", by_protocol)
    yield _late(lambda of: _DAYS[int(of)], "By weekday", "Day", done.kept(known.db, known.scope, "weekday"))
    yield _late(lambda of: of, "By month", "Month", done.kept(known.db, known.scope, "month"))


def _judged_by(plans: Plans, known: Known) -> Iterator[Block]:
    """By which plan each day is judged, as far as that is known."""
    if not plans.since:
        yield Paragraph(
            "The record does not say what the plan was, so each day is judged by clinic.toml as it is now: its plan,"
            " its closed days, its rooms and its machines. Nobody signed that file: a line, a room or a machine that"
            " was taken out, a rhythm made rarer or a day called closed leaves nothing missed here. Compare it with a"
            " copy that was kept elsewhere."
        )
    else:
        changed = [day for day in plans.changed if day <= known.scope.until]
        yield Paragraph(
            "Each day is judged by the plan, the closed days, the rooms and the machines that the record says were in"
            " force when it began. "
            + (f"They were changed on {', '.join(changed)}." if changed else "They were never changed.")
        )
        if known.scope.since < plans.since and done.before(known.db, plans.since):
            yield Note(f"What the plan was before {plans.since} is not on record: it is taken for the one of that day.")
    if (lost := plans_lost(known.db)) is not None:
        yield Note(lost)
    if plans.unrecorded:
        yield Note("clinic.toml was changed since anybody last worked by it: nothing is judged by what it says now.")


def shares(known: Known) -> Iterator[Block]:
    """What each person did."""
    yield Heading("Who did how much", "shares")
    people = done.shares(known.db, known.scope)
    if not people:
        yield Paragraph("Nobody closed a step in this period and scope.")
        return
    if known.name_of is None:
        yield Paragraph("People are shown by their ids; names are in the clinic's own folder, not in the record.")
    steps = sum(each.steps for each in people)
    yield Chart(
        "Steps closed by each person",
        f"{some(steps, 'step')} in all. Which share is right depends on hours and duties, which the record does not"
        " know.",
        bars(
            [Bar(known.person(each.operator), (each.steps,), share(each.steps, steps)) for each in people],
            ("steps",),
            "steps closed",
        ),
        Table(
            "Who did how much",
            (
                Column("Person"),
                figure("Steps closed"),
                figure("Of all"),
                figure("Runs begun"),
                figure("Confirmed as second person"),
            ),
            tuple(
                (
                    known.person(each.operator),
                    count(each.steps),
                    share(each.steps, steps),
                    count(each.runs),
                    count(each.witnessed),
                )
                for each in people
            ),
        ),
    )


def _late(called: Callable[[str], str], title: str, head: str, rows: Sequence[Kept]) -> Chart:
    table = Table(
        f"{title}: done, late and missed",
        (
            Column(head),
            figure("Planned"),
            figure("In time"),
            figure("Late"),
            figure("Missed"),
            figure("Late or missed"),
        ),
        tuple(
            (
                called(each.of),
                count(each.planned),
                count(each.done),
                count(each.late),
                count(each.missed),
                share(each.late + each.missed, each.planned),
            )
            for each in rows
        ),
    )
    drawn = bars(
        [
            Bar(called(each.of), (_percent(each.late, each), _percent(each.missed, each)), _in_words(each))
            for each in rows
        ],
        ("late", "missed"),
        "late or missed, % of what was planned",
    )
    return Chart(title, "How much of what was planned was late (filled) or missed (hatched).", drawn, table)


def _percent(part: int, of: Kept) -> float:
    return 100 * part / of.planned if of.planned else 0


def _in_words(each: Kept) -> str:
    parts = [f"{count(number)} {word}" for number, word in ((each.late, "late"), (each.missed, "missed")) if number]
    return f"{', '.join(parts) or 'none'} of {count(each.planned)}"
