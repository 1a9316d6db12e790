"""What is worth trying at a step: one answer for each thing that a later step or the outcome could depend on, and
every way to leave the step out.

Two answers with the same verdict, for neither of which a later step waits, are one: so what there is to try grows with
the protocol and not with the numbers a reading can have. What becomes of a try is for `decide` to say.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation
from itertools import chain
from typing import Final

from checklist.protocol.model import (
    Assign,
    Attach,
    Choice,
    Confirm,
    Measure,
    Range,
    SameCount,
    SameIdentifier,
    SaturatedSteam,
    Scan,
    Sign,
    Step,
    Timer,
)
from checklist.protocol.model import Text as TextStep
from checklist.protocol.model import Witness as WitnessStep
from checklist.protocol.steps import MAX_DECIMALS
from checklist.run import commands as c
from checklist.run.checks import broken_check, fits, saturation_celsius
from checklist.run.events import Reason, Value
from checklist.run.marks import Status
from checklist.run.printout import ABORTED, Printout, Read
from checklist.run.reading import judge_choice, judge_number
from checklist.run.rehearsal import Act, Rehearsal
from checklist.run.state import RunState
from checklist.run.timing import Bounds, milliseconds

Acts = tuple[Act, ...]

BECAUSE: Final = Reason("not-needed", "words")
_LATER: Final = "2100-01-01T00:00:00Z"
_SHA256: Final = "0" * 64
_BROKEN_OFF: Final = Printout("model", "Model", "1", 1, "", "2031-01-01T00:00:00", ABORTED)
_GRID: Final = 8
_IDENTIFIERS: Final = {"gtin": "09506000134352", "expiry": "2099-12-31", "session": "model-20310101-01"}
_UNLIKE: Final = {"gtin": "09506000134369", "expiry": "2099-11-30"}
_EXPIRED: Final = "2030-12-31"


def leavings(at: Rehearsal, step: Step) -> tuple[Acts, ...]:
    """Every way to close a step without answering it; always as many, in one order."""
    return (
        (Act(c.Skip(step.id, BECAUSE)),),
        (Act(c.NotApplicable(step.id, BECAUSE)),),
        (Act(c.Defer(step.id, _LATER, BECAUSE)),),
        (Act(c.Override(step.id, BECAUSE, at.cast.second)),),
        (Act(c.Fail(step.id, BECAUSE)),),
    )


def remark(step: Step) -> Act:
    """The remedy or comment that a reading was answered with."""
    return Act(c.Remark(step.id, "words"))


def answers(at: Rehearsal, step: Step, wanted: Collection[str]) -> tuple[Acts, ...]:
    """What could be answered: first what the protocol hopes for. `wanted` are the values that later steps wait for."""
    wait = milliseconds(step.at_least) if step.at_least is not None else 0
    match step:
        case Timer():
            return _timed(at.state.bounds(step), step)
        case Confirm():
            return ((Act(c.Confirm(step.id), wait),),)
        case Assign():
            return ((Act(c.Assign(step.id, {made.identifier: "1" for made in step.produces})),),)
        case Sign():
            meanings = _told_apart(step.meanings, wanted)
            return tuple((Act(c.Sign(step.id, at.cast.signer(step), meaning, "name"), wait),) for meaning in meanings)
        case WitnessStep():
            readings = _second_readings(at.state, step)
            return tuple((Act(c.Witness(step.id, at.cast.second, reading), wait),) for reading in readings)
        case Attach(printout=True):
            given = c.Give(step.id, _SHA256)
            return tuple((Act(each, wait),) for each in (given, replace(given, read=Read(_BROKEN_OFF))))
        case _:
            return tuple((Act(c.Give(step.id, value), wait),) for value in _values(at.state, step, wanted))


def _values(
    state: RunState, step: Measure | Choice | Scan | TextStep | Attach, wanted: Collection[str]
) -> Iterable[Value]:
    match step:
        case Measure():
            return _readings(state, step, wanted)
        case Choice():
            passing = [option.value for option in step.options if judge_choice(step, option.value) == "pass"]
            failing = [option.value for option in step.options if option.value not in passing]
            return (*_told_apart(passing, wanted), *_told_apart(failing, wanted))
        case Scan():
            return _labels(state, step)
        case TextStep():
            return ("words",)
        case Attach():
            return (_SHA256,)


def _told_apart(values: Iterable[str], wanted: Collection[str]) -> list[str]:
    """Each value that a later step waits for, and the first of the others."""
    values = list(values)
    other = next((value for value in values if value not in wanted), None)
    return [value for value in values if value in wanted or value == other]


def _timed(bounds: Bounds, step: Timer) -> tuple[Acts, ...]:
    begun = Act(c.StartTimer(step.id))
    if bounds.most is None:
        return ((begun, Act(c.Tick(), bounds.least)),)
    in_time = Act(c.EndTimer(step.id), bounds.least)
    return ((begun, in_time), (begun, Act(c.Tick(), bounds.most + 1)))


def _labels(state: RunState, step: Scan) -> Iterator[Value]:
    """A label like all others first, then one past its date, then one that is not what another label says."""
    label: dict[str, str] = {kind: _IDENTIFIERS.get(kind, f"{kind.upper()}1") for kind in step.captures}
    yield label
    if "expiry" in label:
        yield label | {"expiry": _EXPIRED}
    others = (check.of for check in state.protocol.checks if isinstance(check, SameIdentifier))
    for kind in dict.fromkeys(others):
        unlike = label | {kind: _UNLIKE.get(kind, f"{kind.upper()}2")}
        if broken_check(state, step, unlike) is not None:
            yield unlike


def _second_readings(state: RunState, step: WitnessStep) -> Iterator[Value | None]:
    """The same as the first reading, and another one; nothing where there is nothing to read."""
    asked, first = state.protocol.step(step.of), state.steps[step.of]
    if first.status is not Status.DONE or not isinstance(asked, Measure | Choice | Scan) or first.value is None:
        yield None
        return
    yield first.value
    match asked:
        case Choice():
            yield from [option.value for option in asked.options if option.value != first.value][:1]
        case Measure() if isinstance(first.value, str):
            yield _written(Decimal(first.value) + 1)
        case _ if not isinstance(first.value, str):
            yield {kind: text if kind == "expiry" else f"{text}2" for kind, text in first.value.items()}
        case _:
            pass


def _readings(state: RunState, step: Measure, wanted: Collection[str]) -> list[str]:
    """A good reading first, then what later steps wait for, then one outside each range."""
    hoped = _plausible(state, step) or _inside(step)
    if any(isinstance(timer, Timer) and timer.at_least_as == step.id for timer in state.protocol.steps):
        hoped = sorted(hoped)  # the least that a label can say is the least that there is to wait
    beyond = [end + offset * _finest(step) for span in (step.expected, step.limit) for end, offset in _ends(span)]
    found = {_verdict(step, value): value for value in reversed([*hoped, *beyond])}
    ordered = [found[verdict] for verdict in ("pass", "unexpected", "fail") if verdict in found]
    asked = [number for value in sorted(wanted) if (number := _number(value)) is not None]
    return list(dict.fromkeys(map(_written, [*ordered[:1], *asked, *ordered[1:]])))


def _verdict(step: Measure, value: Decimal) -> str:
    return judge_number(step, _written(value))


def _number(value: str) -> Decimal | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _written(value: Decimal) -> str:
    return format(value, "f")


def _finest(step: Measure) -> Decimal:
    """The smallest difference between two readings."""
    if step.decimals is not None:
        return Decimal(1).scaleb(-step.decimals)
    ends = [end for span in (step.expected, step.limit) for end, _ in _ends(span)]
    places = max((-int(end.as_tuple().exponent) for end in ends), default=0)
    return Decimal(1).scaleb(-min(max(places, 0), MAX_DECIMALS))


def _ends(span: Range | None) -> list[tuple[Decimal, int]]:
    """The ends of a range, and which way leads out of it."""
    ends = ((span.min, -1), (span.max, 1)) if span is not None else ()
    return [(end, out) for end, out in ends if isinstance(end, Decimal)]


def _inside(step: Measure) -> list[Decimal]:
    """Readings that pass, spread over what is expected, the middle one first."""
    low = max((end for span in (step.expected, step.limit) for end, out in _ends(span) if out < 0), default=None)
    high = min((end for span in (step.expected, step.limit) for end, out in _ends(span) if out > 0), default=None)
    return _passing(step, _spread(low, high))


def _spread(low: Decimal | None, high: Decimal | None) -> list[Decimal]:
    if low is not None and high is not None:
        order = sorted(range(_GRID + 1), key=lambda part: abs(2 * part - _GRID))
        return [low + (high - low) * part / _GRID for part in order]
    end, out = (low, 1) if low is not None else (high, -1)
    return [] if end is None else [end + out * abs(end) * part / 100 for part in (0, 1, 2, 5, 10, 20, 50)]


def _passing(step: Measure, values: Iterable[Decimal]) -> list[Decimal]:
    """Those of the values that can be read here and pass, each rounded up and down to what the step takes."""
    finest = _finest(step)
    rounded = chain.from_iterable(
        ((value / finest).to_integral_value(way) * finest for way in (ROUND_FLOOR, ROUND_CEILING)) for value in values
    )
    return [value for value in dict.fromkeys(rounded) if _verdict(step, value) == "pass"]


# -- readings that a check across steps compares -------------------------------------------------------------------


def _plausible(state: RunState, step: Measure) -> list[Decimal]:
    """A reading that fits the others of a check across steps, whether they were read or are yet to be; none where
    nothing is compared, or nothing fits."""
    for check in state.protocol.checks:
        others = [state.protocol.step(each) for each in check.compared if each != step.id]
        if step.id not in check.compared:
            continue
        fitting = (
            _counted(state, step, [other for other in others if isinstance(other, Measure)])
            if isinstance(check, SameCount)
            else _of_steam(state, step, check)
            if isinstance(check, SaturatedSteam)
            else []
        )
        if fitting:
            return fitting[:1]
    return []


def _counted(state: RunState, step: Measure, others: Sequence[Measure]) -> list[Decimal]:
    """What was counted in the other steps; where nothing was yet, what may be counted in all of them."""
    read = [Decimal(value) for other in others if isinstance(value := state.steps[other.id].value, str)]
    own = _passing(step, read or chain(_inside(step), *map(_inside, others)))
    return [value for value in own if all(_verdict(other, value) == "pass" for other in others)] or own[: len(read)]


def _of_steam(state: RunState, step: Measure, check: SaturatedSteam) -> list[Decimal]:
    hot = step.id == check.temperature
    other = state.protocol.step(check.pressure if hot else check.temperature)
    if not isinstance(other, Measure):
        return []
    read = state.steps[other.id].value
    partners = [Decimal(read)] if isinstance(read, str) else _partners(other, step, hot=hot)
    own = _passing(step, [*_inside(step), *_boiling(partners, hot=hot)])
    return [
        value
        for value in own
        if any(fits(check, *((value, partner) if hot else (partner, value))) for partner in partners)
    ]


def _partners(other: Measure, step: Measure, *, hot: bool) -> list[Decimal]:
    """What the other reading could be, also such as fits one of this step's."""
    return _passing(other, [*_inside(other), *_boiling(_inside(step), hot=not hot)])


def _boiling(values: Iterable[Decimal], *, hot: bool) -> list[Decimal]:
    """The temperatures of saturated steam at these pressures (`hot`), or the pressures at these temperatures."""
    found = (saturation_celsius(value) if hot else _saturation_kpa(float(value)) for value in values)
    return [Decimal(f"{value:.6f}") for value in found if value is not None]


def _saturation_kpa(celsius: float) -> float | None:
    """The pressure at which water boils at a temperature, by halving the span that holds it."""
    low, high = 0.612, 22064.0
    for _ in range(60):
        middle = (low + high) / 2
        boiling = saturation_celsius(Decimal(middle))
        low, high = (middle, high) if boiling is not None and boiling < celsius else (low, middle)
    return low
