"""What a change of each field of a protocol means: the table of them all, and those with a way of their own.

Knows nothing of which step belongs to which, see `diff`.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from math import inf
from typing import Final, TypeVar

from pydantic import BaseModel

from checklist.protocol.comparing.changes import (
    Said,
    Say,
    Weight,
    compare,
    flag,
    from_list,
    names,
    opposite,
    plainly,
    range_in_words,
    shown,
    time,
    who,
    with_unit,
    without,
    worded,
)
from checklist.protocol.header import AnyCheck, Source
from checklist.protocol.plain import Cited
from checklist.protocol.showing.facts import check_words
from checklist.protocol.steps import MAX_DECIMALS, Measure, Option, Produced, Range, Step
from checklist.protocol.units import display

T = TypeVar("T")

_PROVING: Final = frozenset({"measure", "timer", "scan", "witness", "sign", "attach"})
"""Kinds of steps that prove something, or need somebody's own act; the others rest on what is said."""


def of_step(before: Step, after: Step) -> Iterator[Said]:
    """What is different in a step; its id is looked at elsewhere."""
    if isinstance(before, Measure) and isinstance(after, Measure):
        unit = after.unit if after.unit == before.unit else None
        ranges = {"limit": _range("limit", unit), "expected": _range("expected range", unit)}
        held = before.limit is not None or before.expected is not None
        yield from compare(before, after, {**STEP, **ranges, "unit": _unit(held=held)})
    else:
        yield from compare(before, after, STEP)


def _fields(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, BaseModel) else {}


def _all(value: object, kind: type[T]) -> tuple[T, ...]:
    return tuple(one for one in value if isinstance(one, kind)) if isinstance(value, tuple) else ()


def _cited(value: object) -> dict[str, Source | Cited]:
    found: list[Source | Cited] = [*_all(value, Source), *_all(value, Cited)]
    return {one.id: one for one in found}


def _sources(old: object, new: object) -> Iterator[Said]:
    was, is_now = _cited(old), _cited(new)
    for gone in without(was, is_now):
        yield f"source “{gone}” was taken out: {was[gone].title}", "looser"
    for come in without(is_now, was):
        yield f"source “{come}” is new: {is_now[come].title}", "other"
    for both in (name for name in is_now if name in was):
        for words, weight in compare(was[both], is_now[both], {}):
            yield f"source “{both}”: {words}", weight
    if [name for name in was if name in is_now] != [name for name in is_now if name in was]:
        yield f"order of the sources: {', '.join(was)} → {', '.join(is_now)}", "other"


def _checks(old: object, new: object) -> Iterator[Said]:
    was, is_now = _checks_of(old), _checks_of(new)
    gone, come = without(was, is_now), without(is_now, was)
    for check in gone:
        yield f"the check across steps was taken out: {check_words(check)}", "looser"
    for check in come:
        yield f"a check across steps is new: {check_words(check)}", "stricter"
    if not gone and not come:
        order = " → ".join("; ".join(check_words(one) for one in each) for each in (was, is_now))
        yield f"order of the checks across steps: {order}", "other"


def _checks_of(value: object) -> tuple[AnyCheck, ...]:
    return tuple(one for one in value if isinstance(one, AnyCheck)) if isinstance(value, tuple) else ()


def _options(old: object, new: object) -> Iterator[Said]:
    was = {one.value: one.verdict for one in _all(old, Option)}
    is_now = {one.value: one.verdict for one in _all(new, Option)}
    for gone in without(was, is_now):
        passed = was[gone] == "pass"
        words = "which passed" if passed else "which failed"
        yield f"the answer “{gone}”, {words}, was taken out", "stricter" if passed else "looser"
    for come in without(is_now, was):
        passes = is_now[come] == "pass"
        yield f"the answer “{come}” is new and {is_now[come]}{'e' * passes}s", "looser" if passes else "stricter"
    for both in (value for value in is_now if value in was and was[value] != is_now[value]):
        yield f"the answer “{both}”: {was[both]} → {is_now[both]}", "looser" if is_now[both] == "pass" else "stricter"
    if [value for value in was if value in is_now] != [value for value in is_now if value in was]:
        yield f"order of the answers: {', '.join(was)} → {', '.join(is_now)}", "other"


def _produces(old: object, new: object) -> Iterator[Said]:
    was, is_now = dict(_all(old, Produced)), dict(_all(new, Produced))
    for identifier in dict.fromkeys([*was, *is_now]):
        if identifier not in is_now:
            yield f"no longer makes a {identifier} number", "looser"
        elif identifier not in was:
            yield f"now also makes a {identifier} number: {is_now[identifier]}", "stricter"
        elif was[identifier] != is_now[identifier]:
            yield f"the {identifier} number is made otherwise: {was[identifier]} → {is_now[identifier]}", "other"


def _range(label: str, unit: str | None) -> Say:
    """A range of readings. `unit` is None where that has changed too: then nothing can be compared."""

    def say(old: object, new: object) -> Iterator[Said]:
        was = old if isinstance(old, Range) else None
        is_now = new if isinstance(new, Range) else None
        if unit is None:
            words = [range_in_words(each, "") for each in (was, is_now)]
            yield f"{label}: {words[0]} → {words[1]}, in another unit", "looser"
            return
        if was is None or is_now is None:
            each = range_in_words(was or is_now, unit)
            yield (f"a {label} is new: {each}", "stricter") if was is None else (f"{label} taken out: {each}", "looser")
            return
        ends: tuple[tuple[str, object, object, Weight], ...] = (
            ("lower", was.min, is_now.min, "stricter"),
            ("upper", was.max, is_now.max, "looser"),
        )
        for end, one, other, higher in ends:
            if one != other:
                yield _end(f"{label}, {end} end", one, other, unit, higher)

    return say


def _end(label: str, old: object, new: object, unit: str, higher: Weight) -> Said:
    if old is None:
        return f"{label} is new: {with_unit(new, unit)}", "stricter"
    if new is None:
        return f"{label} taken out: {with_unit(old, unit)}", "looser"
    if isinstance(old, Decimal) and isinstance(new, Decimal):
        way = "raised" if new > old else "lowered"
        weight = higher if new > old else opposite(higher)
        return f"{label} {way} from {shown(old)} to {with_unit(new, unit)}", weight
    return f"{label}: {with_unit(old, unit)} → {with_unit(new, unit)}", "other"


def _kind(old: object, new: object) -> Iterator[Said]:
    weight: Weight = "other"
    if old in _PROVING and new != "witness":
        weight = "looser"
    elif new in _PROVING:
        weight = "stricter"
    yield f"kind of step: {old} → {new}", weight


def _category(old: object, new: object) -> Iterator[Said]:
    weight: Weight = "looser" if new == "emergency" else "stricter" if old == "emergency" else "other"
    unsigned = {"looser": "; may now be walked without signing in", "stricter": "; now needs signing in", "other": ""}
    yield f"category: {old} → {new}{unsigned[weight]}", weight


def _style(old: object, new: object) -> Iterator[Said]:
    yield f"style: {old} → {new}", "looser" if new == "do-confirm" else "stricter"


def _use(old: object, new: object) -> Iterator[Said]:
    words = [f"{value} what is read" if value else "only reads it" for value in (old, new)]
    yield f"{words[0]} → {words[1]}", "looser" if new is None else "stricter" if old is None else "other"


def _source(old: object, new: object) -> Iterator[Said]:
    yield f"source: {shown(old)} → {shown(new)}", "looser" if new is None else "other"


def _when(old: object, new: object) -> Iterator[Said]:
    words = [
        f"only if “{one['step']}” is “{one['is_']}”" if (one := _fields(each)) else "always" for each in (old, new)
    ]
    weight: Weight = "stricter" if new is None else "looser" if old is None else "other"
    yield f"is done: {words[0]} → {words[1]}", weight


def _on_fail(old: object, new: object) -> Iterator[Said]:
    if isinstance(old, BaseModel) and isinstance(new, BaseModel):
        yield from compare(old, new, ON_FAIL)


def _opened(old: object, new: object) -> Iterator[Said]:
    weight: Weight = "looser" if new is None else "stricter" if old is None else "other"
    yield f"what a failure opens: {shown(old)} → {shown(new)}", weight


def _sensed(old: object, new: object) -> Iterator[Said]:
    weight: Weight = "looser" if new is None else "stricter" if old is None else "other"
    yield f"compared with the printout's: {shown(old)} → {shown(new)}", weight


def _at_least_as(old: object, new: object) -> Iterator[Said]:
    weight: Weight = "looser" if new is None else "stricter" if old is None else "other"
    words = [f"as long as “{each}” says" if each else "by its own time alone" for each in (old, new)]
    yield f"runs at least: {words[0]} → {words[1]}", weight


def _unit(*, held: bool) -> Say:
    """The unit of a reading. Where that is `held` to a range, nobody can say that the new range is not the wider one:
    what may be looser stands among what is."""

    def say(old: object, new: object) -> Iterator[Said]:
        units = f"unit: {display(str(old))} → {display(str(new))}"
        yield (f"{units}; nothing says that the range is as narrow as before", "looser") if held else (units, "other")

    return say


def _decimals(old: object, new: object) -> Iterator[Said]:
    """Whoever writes fewer decimals rounds, and what is rounded may pass that did not."""
    was, is_now = (each if isinstance(each, int) else MAX_DECIMALS for each in (old, new))
    weight: Weight = "looser" if is_now < was else "stricter" if is_now > was else "other"
    words = [f"as many as are typed, up to {MAX_DECIMALS}" if each is None else shown(each) for each in (old, new)]
    yield f"decimals of a reading: {words[0]} → {words[1]}", weight


def _meanings(old: object, new: object) -> Iterator[Said]:
    """Whoever can no longer say no has to say yes, and what was not to be released by this signature now may be."""
    was, is_now = ([str(one) for one in each] if isinstance(each, tuple) else [] for each in (old, new))
    for gone in without(was, is_now):
        weight: Weight = "looser" if gone == "quarantined" else "stricter" if gone == "released" else "other"
        yield f"may no longer be signed as: {gone}", weight
    for come in without(is_now, was):
        weight = "stricter" if come == "quarantined" else "looser" if come == "released" else "other"
        yield f"may now be signed as: {come}", weight
    if set(was) == set(is_now):
        yield f"order of what may be signed: {', '.join(was)} → {', '.join(is_now)}", "other"


_NO_ONE_ELSE: Final = "whoever signs must have done no step of this run"

HEADER: Final[Mapping[str, Say]] = {
    "title": worded("the title"),
    "purpose": worded("the purpose"),
    "category": _category,
    "style": _style,
    "subject": plainly("subject", "is about"),
    "equipment": from_list("kinds of equipment", "all"),
    "roles": who("walked", "everyone but auditors"),
    "credentials": names(
        "whoever walks it must now hold", "stricter", "whoever walks it need no longer hold", "order of the credentials"
    ),
    "valid_for": time("a completion counts for", "looser", inf, "no end said"),
    "voided_by": names(
        "a completion now ends with", "stricter", "a completion no longer ends with", "order of the events that end it"
    ),
    "jurisdictions": from_list("applies in", "everywhere"),
    "sources": _sources,
    "checks": _checks,
}

ON_FAIL: Final[Mapping[str, Say]] = {
    "stop": flag("a failure now stops the run", "a failure no longer stops the run", "stricter"),
    "open": _opened,
}

STEP: Final[Mapping[str, Say]] = {
    "kind": _kind,
    "do": worded("what is done"),
    "expect": worded("what is expected", "looser", "stricter"),
    "why": worded("the reason why"),
    "caution": worded("the caution", "looser", "stricter"),
    "at_least": time("shortest time", "stricter", 0.0, "none"),
    "at_least_as": _at_least_as,
    "at_most": time("longest time", "looser", inf, "none"),
    "source": _source,
    "ifu_may_override": flag(
        "the device's instructions may now say otherwise", "the device's instructions no longer win", "looser"
    ),
    "hold": flag(
        "is now a hold: nothing passes until it is cleared",
        "the hold was taken away: it may now be skipped",
        "stricter",
    ),
    "on_fail": _on_fail,
    "roles": who("done", "everyone who may walk the protocol"),
    "credentials": names(
        "whoever does it must now hold", "stricter", "whoever does it need no longer hold", "order of the credentials"
    ),
    "phase": worded("the phase"),
    "when": _when,
    "unit": _unit(held=False),
    "decimals": _decimals,
    "sensed": _sensed,
    "printout": flag(
        "the file is now read as the steriliser's printout", "the file is no longer read as a printout", "stricter"
    ),
    "accepts": names("may now also be read as", "looser", "may no longer be read as", "order of what is accepted"),
    "captures": names("now also reads", "stricter", "no longer reads", "order of what is read"),
    "optional": names("no longer required of a label", "looser", "required of a label again", "order of what may lack"),
    "use": _use,
    "produces": _produces,
    "options": _options,
    "of": plainly("of", "what is read again"),
    "meanings": _meanings,
    "another": flag(_NO_ONE_ELSE, f"no longer so: {_NO_ONE_ELSE}", "stricter"),
}
