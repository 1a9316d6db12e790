"""One change of a protocol in clinical words, and whether it makes the protocol looser or stricter.

Knows how each sort of value is told; which field is of which sort is in `fields`. A field that nobody has a word for is
told as it is: no difference is silent.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from typing import Final, Literal, TypeVar

from pydantic import BaseModel

from checklist.protocol.steps import Produced, Range
from checklist.protocol.units import display
from checklist.protocol.values import Duration, ProfileRef

T = TypeVar("T")
Weight = Literal["looser", "stricter", "other"]
Said = tuple[str, Weight]
Say = Callable[[object, object], Iterator[Said]]
"""Tells of one field by its old and its new value, which differ."""

_DAY: Final = 86_400.0
_UNITS: Final = {"s": "s", "m": "min", "h": "h", "d": "days"}


@dataclass(frozen=True, slots=True)
class Change:
    """What is different: at which step (None: the protocol itself), in words, and which way it goes."""

    step: str | None
    text: str
    weight: Weight


def compare(before: object, after: object, known: Mapping[str, Say]) -> Iterator[Said]:
    """Every field in which two parts of a protocol or procedure differ, in the order of the newer one's fields."""
    old, new = fields_of(before), fields_of(after)
    for name in [*new, *(name for name in old if name not in new)]:
        if name in old and name in new:
            if old[name] != new[name]:
                yield from known.get(name, plainly(name))(old[name], new[name])
        elif name in new:
            yield f"{_label(name)}: {shown(new[name])}", "other"
        else:
            yield f"{_label(name)} was taken out: {shown(old[name])}", "other"


def fields_of(part: object) -> dict[str, object]:
    """The fields of a part, by name; none of what has none."""
    if isinstance(part, BaseModel):
        return dict(part)
    if is_dataclass(part) and not isinstance(part, type):
        return {one.name: getattr(part, one.name) for one in fields(part)}
    return {}


def shown(value: object) -> str:
    """Any value of a protocol as people read it."""
    match value:
        case None | "" | ():
            return "none"
        case bool():
            return "yes" if value else "no"
        case Duration():
            amount, unit = value.text[:-1], _UNITS[value.text[-1]]
            return "1 day" if (amount, unit) == ("1", "days") else f"{amount} {unit}"
        case Decimal():
            return f"{value:f}"
        case Produced():
            return f"{value.identifier} {value.template}"
        case tuple():
            return ", ".join(shown(one) for one in value)
        case BaseModel():
            return ", ".join(f"{_label(name)} {shown(one)}" for name, one in value)
        case _:
            return str(value)


def range_in_words(ends: Range | None, unit: str) -> str:
    """A range as people read it."""
    if ends is None:
        return "none"
    if ends.min is None:
        return f"at most {with_unit(ends.max, unit)}"
    if ends.max is None:
        return f"at least {with_unit(ends.min, unit)}"
    return f"{shown(ends.min)} to {with_unit(ends.max, unit)}"


# -- how each sort of field is told ---------------------------------------------------------------------------


def plainly(name: str, label: str = "") -> Say:
    """A value that is told as it is."""

    def say(old: object, new: object) -> Iterator[Said]:
        yield f"{label or _label(name)}: {shown(old)} → {shown(new)}", "other"

    return say


def worded(label: str, lost: Weight = "other", gained: Weight = "other") -> Say:
    """Words, both of which are shown. `lost` and `gained` weigh their going and coming."""

    def say(old: object, new: object) -> Iterator[Said]:
        if not new:
            yield f"{label} was taken out: “{old}”", lost
        elif not old:
            yield f"{label} is new: “{new}”", gained
        else:
            yield f"{label} was “{old}”, is now “{new}”", "other"

    return say


def time(label: str, longer: Weight, absent: float, nothing: str) -> Say:
    """A length of time; `absent` is how long it is where the file says none, and `nothing` how that is called."""

    def say(old: object, new: object) -> Iterator[Said]:
        was, is_now = (_seconds(value, absent) for value in (old, new))
        words = [nothing if value is None else shown(value) for value in (old, new)]
        day = "today" in (old, new)
        if was is None or is_now is None or was == is_now or (day and min(was, is_now) < _DAY):
            weight: Weight = "other"  # a day may be longer or shorter than some hours
        else:
            weight = longer if is_now > was else opposite(longer)
        yield f"{label}: {words[0]} → {words[1]}", weight

    return say


def flag(on: str, off: str, weight_on: Weight) -> Say:
    """Something that is so or not."""

    def say(old: object, new: object) -> Iterator[Said]:
        if isinstance(old, bool) and isinstance(new, bool):
            yield (on, weight_on) if new else (off, opposite(weight_on))
        else:
            yield f"{on}: {shown(old)} → {shown(new)}", "other"

    return say


def names(gained: str, gained_weight: Weight, lost: str, order: str) -> Say:
    """A list of names each of which counts by itself."""

    def say(old: object, new: object) -> Iterator[Said]:
        was, is_now = _strings(old), _strings(new)
        more, fewer = without(is_now, was), without(was, is_now)
        if more:
            yield f"{gained}: {', '.join(more)}", gained_weight
        if fewer:
            yield f"{lost}: {', '.join(fewer)}", opposite(gained_weight)
        if not more and not fewer:
            yield f"{order}: {', '.join(was)} → {', '.join(is_now)}", "other"

    return say


def who(may: str, everyone: str) -> Say:
    """Roles, of which one is enough; none means everyone."""
    listed = names(f"may now also be {may} by", "looser", f"may no longer be {may} by", "order of the roles")

    def say(old: object, new: object) -> Iterator[Said]:
        if not new:
            yield f"may now be {may} by {everyone} (was: {shown(old)})", "looser"
        elif not old:
            yield f"may now be {may} only by: {shown(new)} (was: {everyone})", "stricter"
        else:
            yield from listed(old, new)

    return say


def from_list(label: str, nothing: str) -> Say:
    """A list of where or to what something applies; none means all."""

    def say(old: object, new: object) -> Iterator[Said]:
        yield f"{label}: {shown(old) if old else nothing} → {shown(new) if new else nothing}", "other"

    return say


# -- small helpers ----------------------------------------------------------------------------------------------


def _label(name: str) -> str:
    return name.strip("_").replace("_", " ")


def with_unit(value: object, unit: str) -> str:
    """A number as people read it."""
    return f"{shown(value)} {display(unit)}".strip()


def opposite(weight: Weight) -> Weight:
    """The weight of the same change the other way round."""
    opposites: dict[Weight, Weight] = {"looser": "stricter", "stricter": "looser", "other": "other"}
    return opposites[weight]


def _seconds(value: object, absent: float) -> float | None:
    if isinstance(value, Duration):
        return value.seconds
    if value == "today":
        return _DAY
    return None if isinstance(value, ProfileRef) else absent


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, tuple) else ()


def without(some: Collection[T], others: Collection[T]) -> list[T]:
    """What is in the first and not in the second, in order."""
    return [one for one in some if one not in others]
