"""How long steps took, and readings over time beside their limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.audit.charts import Dot, Span, control, spans
from checklist.audit.numbers import measured
from checklist.audit.numbers.scope import share
from checklist.audit.report.document import Chart, Column, Heading, Paragraph, Table, figure
from checklist.audit.report.known import count, duration, some, value
from checklist.protocol.units import display

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from checklist.audit.numbers.measured import Readings, StepTime
    from checklist.audit.report.document import Block
    from checklist.audit.report.known import Known

_ENOUGH: Final = 5
_SPANS: Final = 30
_CONTROLS: Final = 24
_GRAINS: Final = {
    "value": "Each dot is one reading",
    "day": "Each dot is the mean of a day, the bar behind it reaches from the least to the most",
    "month": "Each dot is the mean of a month, the bar behind it reaches from the least to the most",
}


def times(known: Known) -> Iterator[Block]:
    """How long each step took, beside its minimum."""
    yield Heading("Time per step", "times")
    found = [each for each in measured.times(known.db, known.scope) if each.count >= _ENOUGH]
    if not found:
        yield Paragraph(f"No step was done {_ENOUGH} times in this period and scope: too few to say how long it takes.")
        return
    bounded = sorted(
        (each for each in found if each.at_least is not None),
        key=lambda each: (-each.faster / each.count, -each.count, each.protocol, each.step),
    )
    drawn = (bounded or sorted(found, key=lambda each: (-each.count, each.protocol, each.step)))[:_SPANS]
    drawn_as = "that have a minimum, those that were most often faster than it first" if bounded else "done most often"
    yield Chart(
        "How long steps took",
        f"The {len(drawn)} steps {drawn_as}. Box: the middle half; bold stroke: the median; line: from 5 to 95 per"
        " cent; diamond: the least credible time that the protocol names.",
        spans(
            [
                Span(
                    f"{each.step} · {known.title(each.protocol)}",
                    each.low,
                    each.quarter,
                    each.median,
                    each.three_quarters,
                    each.high,
                    each.at_least,
                )
                for each in drawn
            ],
            "time for one step",
        ),
        _table("The steps of the picture", known, drawn),
    )
    rest = sorted(
        (each for each in found if each not in drawn), key=lambda each: (-each.median, each.protocol, each.step)
    )
    if rest:
        yield _table(f"Of {some(len(rest), 'other step')} those that take longest", known, rest[:_SPANS])


def readings(known: Known) -> Iterator[Block]:
    """A control chart for each measured step at each machine."""
    yield Heading("Readings and their limits", "readings")
    found = measured.readings(known.db, known.scope)
    if not found:
        yield Paragraph("Nothing was measured in this period and scope.")
        return
    yield Paragraph(
        "Thick dashed lines are the protocol's limits, the thin line is the mean of all readings, dotted lines show"
        " where readings lie if nothing but chance moves them (three standard deviations by the mean moving range)."
        " A cross is or holds a reading outside the limit. A failed attempt counts as a reading."
    )
    ranked = sorted(found, key=_worth)
    drawn = [each for each in ranked if each.count >= _ENOUGH][:_CONTROLS]
    for each in sorted(drawn, key=lambda one: (known.title(one.protocol), one.step, one.subject)):
        yield _control(known, each)
    rest = [each for each in found if each not in drawn]
    if rest:
        yield Table("Other measured steps", _COLUMNS, tuple(_row(known, each) for each in rest))


_COLUMNS: Final = (
    Column("Step"),
    figure("Readings"),
    figure("Mean"),
    figure("Least"),
    figure("Most"),
    Column("Limit"),
    figure("Outside"),
)


def _worth(each: Readings) -> tuple[object, ...]:
    """What is drawn first: what was outside its limit; then what moves and is bounded, machines before counts."""
    still, counted = each.least == each.most, each.unit.startswith("{")
    bounds = (each.low is not None) + (each.high is not None)
    named = (each.protocol, each.step, each.subject)
    return -each.outside, still, counted, -bounds, not each.subject, -each.count, *named


def _control(known: Known, each: Readings) -> Chart:
    dots = [
        Dot(known.by_clock(point.at), point.mean, point.least, point.most, point.outside)
        for point in measured.points(known.db, known.scope, each)
    ]
    limits = {
        f"{word} {value(limit)}": limit for word, limit in (("min", each.low), ("max", each.high)) if limit is not None
    }
    changed = " The limit was another one for some of them." if each.changed else ""
    return Chart(
        _called(known, each),
        f"{_GRAINS[each.grain]}. {some(each.count, 'reading')}{_in_unit(each)}, {count(each.outside)} outside the"
        f" limit.{changed}",
        control(dots, each.mean, each.natural, limits, display(each.unit) or "count"),
        Table(f"{_called(known, each)}: figures", _COLUMNS, (_row(known, each),)),
    )


def _in_unit(each: Readings) -> str:
    sign = display(each.unit)
    return f" in {sign}" if sign else ""


def _row(known: Known, each: Readings) -> tuple[str, ...]:
    return (
        _called(known, each),
        count(each.count),
        f"{value(each.mean)} {display(each.unit)}".strip(),
        value(each.least),
        value(each.most),
        _limit(each),
        count(each.outside),
    )


def _limit(each: Readings) -> str:
    if each.low is None and each.high is None:
        return "none"
    if each.low is None or each.high is None:
        return f"from {value(each.low)}" if each.low is not None else f"to {value(each.high or 0)}"
    return f"{value(each.low)} to {value(each.high)}"


def _called(known: Known, each: Readings) -> str:
    at = f" at {each.subject.partition('=')[2]}" if each.subject else ""
    return f"{each.step}{at} · {known.title(each.protocol)}"


def _table(caption: str, known: Known, rows: Sequence[StepTime]) -> Table:
    return Table(
        caption,
        (
            Column("Step"),
            Column("Protocol"),
            figure("Times"),
            figure("5 %"),
            figure("25 %"),
            figure("Median"),
            figure("75 %"),
            figure("95 %"),
            figure("Minimum"),
            figure("Faster"),
        ),
        tuple(
            (
                each.step,
                known.title(each.protocol),
                count(each.count),
                *map(duration, (each.low, each.quarter, each.median, each.three_quarters, each.high)),
                "–" if each.at_least is None else duration(each.at_least),
                "–" if each.at_least is None else f"{count(each.faster)} ({share(each.faster, each.count)})",
            )
            for each in rows
        ),
    )
