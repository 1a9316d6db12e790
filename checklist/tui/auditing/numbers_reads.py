"""The numbers of a period, read in the reading thread and made ready to be drawn or read out: every picture has its
table, with the same numbers. People stay ids."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final

from checklist.audit.numbers import apart, done, measured, put_off
from checklist.audit.numbers.scope import Scope, share, year_to
from checklist.audit.state import worked
from checklist.clinic.auditing import today
from checklist.protocol.units import display
from checklist.tui.auditing.story_reads import when

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from checklist.audit.numbers.measured import Point, Readings
    from checklist.tui.auditing.shelf import Laid

DONE: Final = (("#", "done in time"), ("=", "late"), (".", "missed"))
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WAYS: Final = {
    apart.AGAIN: "done, not at once",
    apart.LATE: "put off, done too late",
    apart.LATER: "put off otherwise, done",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its parts in the order of the signs, and what stands behind it."""

    label: str
    parts: tuple[int, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """Where the middle of many values lies: 5, 25, 50, 75 and 95 per cent of them are not more than these."""

    label: str
    ranks: tuple[float, float, float, float, float]
    note: str = ""
    under: str = ""
    """The heading that it stands under."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Readings over time, with the limits of the newest text."""

    points: tuple[Point, ...]
    low: float | None
    high: float | None
    unit: str
    floor: float | None = None
    """What no reading can lie below."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One picture and its table. `told` says what it shows; `signs` what its bars are made of."""

    title: str
    told: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    signs: tuple[tuple[str, str], ...] = ()
    bars: tuple[Bar, ...] = ()
    spans: tuple[Span, ...] = ()
    curve: Curve | None = None
    of: tuple[int, int] = (1, 1)
    """Which one it is, where there are several of a kind."""


def last_year(laid: Laid) -> tuple[str, str]:
    """The twelve months up to the clinic's last work on record, as days: the period of a report."""
    work = worked(laid.db)
    until = today(laid.clinic) if work is None else date.fromisoformat(work.day)
    return year_to(until).isoformat(), until.isoformat()


def figure(laid: Laid, name: str, since: str, until: str, number: int) -> Figure:
    """One of `FIGURES`; `number` says which, where there are several of a kind."""
    work = worked(laid.db)
    scope = Scope(since, until) if work is None else Scope(since, until, over=work.day, upto=work.n)
    return _MADE[name](laid, scope, number)


def _title_of(laid: Laid) -> Mapping[str, str]:
    """The newest title of every protocol, by its id."""
    rows = laid.db.execute("SELECT text.id, text.title FROM text JOIN run ON run.sha256 = text.sha256 GROUP BY text.id")
    return {str(name): str(title) for name, title in rows}


def _plan(laid: Laid, scope: Scope, _: int) -> Figure:
    return _kept(done.kept(laid.db, scope, "protocol"), "WHAT THE PLAN ASKED FOR, BY PROTOCOL", _title_of(laid))


def _weekday(laid: Laid, scope: Scope, _: int) -> Figure:
    names = {str(number): name for number, name in enumerate(_DAYS)}
    return _kept(done.kept(laid.db, scope, "weekday"), "LATE AND MISSED, BY WEEKDAY", names)


def _kept(found: Sequence[done.Kept], title: str, names: Mapping[str, str]) -> Figure:
    planned, in_time = sum(one.planned for one in found), sum(one.done for one in found)
    kept = f"{share(in_time, planned)} were done in time" if planned else "Nothing was planned"
    label = [names.get(one.of, one.of) for one in found]
    bars = tuple(
        Bar(name, (one.done, one.late, one.missed), share(one.done, one.planned))
        for name, one in zip(label, found, strict=True)
    )
    rows = tuple(
        (name, f"{one.planned}", f"{one.done}", f"{one.late}", f"{one.missed}")
        for name, one in zip(label, found, strict=True)
    )
    told = f"{kept}; {planned:,} were asked for."
    return Figure(title, told, ("", "planned", "in time", "late", "missed"), rows, DONE, bars)


def _deviations(laid: Laid, scope: Scope, _: int) -> Figure:
    names = _title_of(laid)
    found = [one for one in apart.deviating(laid.db, scope) if one.steps]
    bars = tuple(
        Bar(names.get(one.protocol, one.protocol), (one.steps,), f"{one.steps} in {one.deviating} of {one.runs} runs")
        for one in found
    )
    ways = apart.deviations(laid.db, scope)
    rows = tuple(
        (f"{one.count}", names.get(one.protocol, one.protocol), one.step, _WAYS.get(one.way, one.way), one.reason)
        for one in ways
    )
    told = f"{sum(one.steps for one in found):,} steps deviated, in {sum(one.deviating for one in found):,} runs."
    told += _as_planned(put_off.put_off(laid.db, scope))
    columns = ("count", "protocol", "step", "how", "reason")
    return Figure("DEVIATIONS, BY PROTOCOL", told, columns, rows, (("#", "steps"),), bars)


def _as_planned(found: Sequence[put_off.PutOff]) -> str:
    """What was put off because its words ask for it, which is no deviation as long as it is kept."""
    if not found:
        return ""
    late, not_done = sum(one.late for one in found), sum(one.not_done for one in found)
    some = f"{sum(one.in_time for one in found):,} in time, {late:,} late, {not_done:,} not done"
    return f" Put off as planned: {some}, {sum(one.open for one in found):,} to come."


def _times(laid: Laid, scope: Scope, _: int) -> Figure:
    names = _title_of(laid)
    found = [one for one in measured.times(laid.db, scope) if one.high > 0]
    spans = tuple(
        Span(
            one.step,
            (one.low, one.quarter, one.median, one.three_quarters, one.high),
            f"{one.faster} too fast" if one.faster else "",
            names.get(one.protocol, one.protocol),
        )
        for one in found
    )
    rows = tuple(
        (
            names.get(one.protocol, one.protocol),
            one.step,
            f"{one.count}",
            *(f"{rank:.0f}" for rank in (one.low, one.quarter, one.median, one.three_quarters, one.high)),
            "" if one.at_least is None else f"{one.at_least:g}",
            f"{one.faster}" if one.faster else "",
        )
        for one in found
    )
    told = "|--[==O==]--| is 5, 25, 50, 75 and 95 per cent of the times of a step, in seconds, on a scale of tens."
    columns = ("protocol", "step", "times", "5 %", "25 %", "middle", "75 %", "95 %", "at least", "faster")
    return Figure("TIME PER STEP", told, columns, rows, spans=spans)


def _readings(laid: Laid, scope: Scope, number: int) -> Figure:
    found = measured.readings(laid.db, scope)
    if not found:
        return Figure("READINGS", "Nothing was measured in this time.", (), ())
    at = number % len(found)
    one = found[at]
    points = tuple(
        replace(point, at=when(laid, point.at)) if "T" in point.at else point
        for point in measured.points(laid.db, scope, one)
    )
    unit = display(one.unit)
    rows = tuple(
        (
            point.at[:16],
            f"{point.mean:g}" if point.least == point.most else one.rounded(point.mean),
            "" if point.least == point.mean else f"{point.least:g}",
            "" if point.most == point.mean else f"{point.most:g}",
            "outside" if point.outside else "",
        )
        for point in points
    )
    title = _reading_name(one, _title_of(laid))
    columns = ("when", unit, "least", "most", "")
    told = _of_readings(one, unit)
    curve = Curve(points, one.low, one.high, unit, one.floor)
    return Figure(title, told, columns, rows, curve=curve, of=(at + 1, len(found)))


def _of_readings(one: Readings, unit: str) -> str:
    parts = [f"{one.count:,} readings, {one.least:g} to {one.most:g} {unit}, mean {one.rounded(one.mean)}"]
    if one.low is not None or one.high is not None:
        parts.append(f"limit {_ends(one)}{' (was another before)' if one.changed else ''}, {one.outside} outside")
    if one.natural is not None and one.natural[0] < one.natural[1]:
        parts.append(f"by chance alone {one.rounded(one.natural[0])} to {one.rounded(one.natural[1])}")
    if one.grain != "value":
        parts.append(f"one point a {one.grain}")
    return "; ".join(parts) + "."


def _ends(one: Readings) -> str:
    if one.low is None:
        return f"at most {one.high:g}"
    return f"at least {one.low:g}" if one.high is None else f"{one.low:g} to {one.high:g}"


def reading_names(laid: Laid, since: str, until: str) -> tuple[tuple[str, str], ...]:
    """Every reading of a period by its number, in words."""
    names = _title_of(laid)
    found = measured.readings(laid.db, Scope(since, until))
    return tuple((str(number), _reading_name(one, names)) for number, one in enumerate(found))


def _reading_name(one: Readings, names: Mapping[str, str]) -> str:
    return f"{names.get(one.protocol, one.protocol)}: {one.step} {one.subject.partition('=')[2]}".rstrip()


def _gate(laid: Laid, scope: Scope, _: int) -> Figure:
    found = apart.unmet(laid.db, scope)
    bars = tuple(
        Bar(f"{one.procedure}: {one.requirement}", (one.not_met, one.unknown), f"{one.not_met + one.unknown}")
        for one in found
    )
    rows = tuple((one.procedure, one.requirement, f"{one.not_met}", f"{one.unknown}") for one in found)
    said = apart.answers(laid.db, scope)
    told = (
        f"The gate said GO {sum(one.go for one in said):,}, NO-GO {sum(one.no_go for one in said):,} and UNKNOWN"
        f" {sum(one.unknown for one in said):,} times; {sum(one.overridden for one in said)} were overridden."
    )
    columns = ("procedure", "requirement", "not met", "unknown")
    return Figure("WHAT STOOD IN THE WAY AT THE GATE", told, columns, rows, (("#", "not met"), ("?", "unknown")), bars)


def _people(laid: Laid, scope: Scope, _: int) -> Figure:
    found = done.shares(laid.db, scope)
    names = [one.operator or "nobody signed in" for one in found]
    bars = tuple(Bar(name, (one.steps,), f"{one.steps:,}") for name, one in zip(names, found, strict=True))
    rows = tuple(
        (name, f"{one.steps}", f"{one.runs}", f"{one.witnessed}") for name, one in zip(names, found, strict=True)
    )
    told = "Steps that each person closed. People are told by their ids here."
    return Figure("WHO DID HOW MUCH", told, ("person", "steps", "runs", "witnessed"), rows, (("#", "steps"),), bars)


_MADE: Final[Mapping[str, Callable[[Laid, Scope, int], Figure]]] = {
    "plan": _plan,
    "deviations": _deviations,
    "time": _times,
    "readings": _readings,
    "gate": _gate,
    "weekdays": _weekday,
    "people": _people,
}
FIGURES: Final = tuple(_MADE)


def as_text(found: Figure) -> str:
    """The table as plain text, to be copied."""
    return "\n".join([found.title, found.told, *table(found)])


def table(found: Figure) -> list[str]:
    """The table in aligned columns: its head, then a line a row. Numbers stand at the right."""
    lines = [found.columns, *found.rows]
    wide = [max((len(line[at]) for line in lines), default=0) for at in range(len(found.columns))]
    return ["  ".join(_cell(cell, room) for cell, room in zip(line, wide, strict=True)).rstrip() for line in lines]


def _cell(cell: str, room: int) -> str:
    return cell.rjust(room) if cell.replace(".", "").replace("-", "").isdigit() else cell.ljust(room)


def drawn(found: Figure, width: int) -> list[str]:
    """Bars or spans as lines of this width."""
    return [*_bars(found.bars, found.signs, width), *_spans(found.spans, width)]


def _bars(bars: Sequence[Bar], signs: Sequence[tuple[str, str]], width: int) -> Iterable[str]:
    if not bars:
        return
    room, label, note = _room(bars, width)
    most = max(sum(one.parts) for one in bars) or 1
    for one in bars:
        made = ""
        for (sign, _), part in zip(signs, one.parts, strict=True):
            made += sign * max(round(part * room / most), 1 if part else 0)
        yield f"{_label(one.label, label)}  {made[: room + 2]:<{room + 2}} {one.note[:note]}".rstrip()


def _spans(spans: Sequence[Span], width: int) -> Iterable[str]:
    if not spans:
        return
    from math import log10

    room, label, note = _room(spans, width)
    most = max(log10(max(one.ranks[4], 1.0)) for one in spans) or 1.0
    before = ""
    for one in spans:
        if one.under != before:
            before = one.under
            yield before.upper()
        at = [round(log10(max(rank, 1.0)) / most * (room - 1)) for rank in one.ranks]
        line = [" "] * room
        line[at[0] : at[4] + 1] = "-" * (at[4] - at[0] + 1)
        line[at[1] : at[3] + 1] = "=" * (at[3] - at[1] + 1)
        for sign, place in (("|", at[0]), ("|", at[4]), ("[", at[1]), ("]", at[3]), ("O", at[2])):
            line[place] = sign
        yield f"{_label(one.label, label)}  {''.join(line)}  {one.ranks[2]:>5.0f} s  {one.note[:note]}".rstrip()


def _room(found: Sequence[Bar] | Sequence[Span], width: int) -> tuple[int, int, int]:
    """How wide bars, labels and notes are."""
    label = min(max(len(one.label) for one in found), width * 2 // 5)
    note = min(max(len(one.note) for one in found), 24)
    spare = 12 if isinstance(found[0], Span) else 6
    return max(width - label - note - spare, 10), label, note


def _label(text: str, room: int) -> str:
    return f"{text[: room - 1]}…" if len(text) > room else text.ljust(room)
