"""The ten kinds of step, with the names of the file format.

Knows what one step must say by itself; what holds between steps is in `rules`. Knows nothing of runs:
a step never has a state, and a reading is never pre-filled.
"""

import re
from decimal import Decimal
from typing import Annotated, Final, Literal, NamedTuple, Self, get_args

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, model_validator

from checklist.protocol import units
from checklist.protocol.plain import Identifier as Identifier
from checklist.protocol.text import clean
from checklist.protocol.values import (
    Duration,
    Frozen,
    Id,
    Many,
    Number,
    OptionValue,
    ProfileRef,
    T,
    Time,
    Title,
    Truth,
    Words,
    as_tuple,
    echo,
    wrong,
)

Barcode = Literal["gs1", "hibc", "typed"]
Meaning = Literal["performed", "verified", "reviewed", "released", "quarantined", "approved"]
Verdict = Literal["pass", "fail"]
Sensed = Literal["temperature", "pressure", "hold"]

PLACEHOLDERS: Final = ("equipment", "room", "date", "station", "n", "n:02")
MAX_DECIMALS: Final = 6
MAX_ENTRIES: Final = 50

_PLACEHOLDER = re.compile(r"\{(equipment|room|date|station|n|n:0[1-9])\}")
_TEMPLATE = re.compile(r"[A-Za-z0-9._/-]*")
_SENSED_IN: Final[dict[Sensed, str]] = {"temperature": "Cel", "pressure": "kPa", "hold": "s"}
"""The unit in which each is compared with what was typed."""


class When(Frozen):
    """The condition of a step: it applies only if an earlier step's value is `is_` (`is` in the file)."""

    step: Id
    is_: OptionValue = Field(alias="is")


class OnFail(Frozen):
    """What a failed step leads to: `stop` ends the run as failed, `open` names the protocol to open."""

    stop: bool = False
    open: Id | None = None


class Range(Frozen):
    """A closed range in the step's unit; either end may be absent, not both."""

    min: Number | None = None
    max: Number | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.min is None and self.max is None:
            raise wrong("range", "says neither min nor max", "write { min = …, max = … } with at least one of them")
        if isinstance(self.min, Decimal) and isinstance(self.max, Decimal) and self.min > self.max:
            what = f"has min {self.min} above max {self.max}"
            raise wrong("range", what, "write the smaller number as min")
        return self

    def holds(self, value: Decimal) -> bool:
        """Say whether `value` is in the range; a profile's value must have been resolved before."""
        if isinstance(self.min, ProfileRef) or isinstance(self.max, ProfileRef):
            msg = "this range names a profile's value; resolve the protocol first"
            raise TypeError(msg)
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)


class Option(Frozen):
    """One answer of a choice and what it means for the step."""

    value: OptionValue
    verdict: Verdict


class Produced(NamedTuple):
    """One identifier that the program assigns, and the pattern that it is made by."""

    identifier: Identifier
    template: str


def _template(template: object, identifier: object) -> str:
    listed = ", ".join("{" + name + "}" for name in PLACEHOLDERS)
    fix = f"use letters, digits and . _ / - with {listed}"
    if not isinstance(template, str) or not 0 < len(template) <= 64:
        raise wrong("template", f"gives {echo(identifier)} no pattern of 1 to 64 characters", fix)
    rest = _PLACEHOLDER.sub("", template)
    unknown = re.search(r"\{[^{}]*\}", rest)
    if unknown:
        raise wrong("template", f"has the unknown placeholder {echo(unknown.group())}", fix)
    if not _TEMPLATE.fullmatch(rest):
        raise wrong("template", f"has the pattern {echo(template)}", fix)
    return template


def _produced(value: object) -> tuple[Produced, ...]:
    if isinstance(value, tuple):
        return tuple(Produced(*pair) for pair in value)
    known: tuple[Identifier, ...] = get_args(Identifier)
    if not isinstance(value, dict) or not value:
        raise wrong("produces", "names no identifier", 'write { load = "{equipment}-{date}-{n:02}" }')
    for key in value:
        if key not in known:
            raise wrong("identifier", f"has the unknown identifier {echo(key)}", "write one of " + ", ".join(known))
    return tuple(Produced(name, _template(value[name], name)) for name in known if name in value)


def _unit(value: str) -> str:
    if not units.is_known(value):
        raise wrong("unit", f"{echo(value)} is not known", units.advice(clean(value, limit=40)))
    return value


def _some(value: tuple[T, ...]) -> tuple[T, ...]:
    if not value:
        raise wrong("empty", "is an empty list", "write at least one, or leave the key out where it is not required")
    if len(value) > MAX_ENTRIES:
        raise wrong("too-many", f"has {len(value)} entries", f"write at most {MAX_ENTRIES}")
    for index, one in enumerate(value):
        if one in value[:index]:
            raise wrong("repeated", f"names {echo(one)} twice", "name each only once")
    return value


Some = Annotated[tuple[T, ...], BeforeValidator(as_tuple), AfterValidator(_some)]
Unit = Annotated[str, AfterValidator(_unit)]
Decimals = Annotated[int, Field(ge=0, le=MAX_DECIMALS)]


WORDED: Final = ("do", "expect", "why", "caution")
"""The words of a step, in which `{name}` stands for a profile's value."""


class StepBase(Frozen):
    """What every step may say, whatever its kind. Words that are absent are empty."""

    id: Id
    do: Words
    expect: Words = ""
    """What done means."""
    why: Words = ""
    caution: Words = ""
    at_least: Time | None = None
    """The minimum credible time; for a timer the time that must pass."""
    source: Id | None = None
    ifu_may_override: bool = False
    """Whether the device's instructions for use may set another limit."""
    hold: bool = False
    on_fail: OnFail = OnFail()
    roles: Many[Id] = ()
    """Who may do this step; empty: everyone who may run the protocol."""
    credentials: Many[Id] = ()
    """What whoever does, signs or witnesses this step must hold, all of it, and not expired; empty: nothing."""
    phase: Title = ""
    when: When | None = None


class Confirm(StepBase):
    """Something is done and its result stated."""

    kind: Literal["confirm"] = "confirm"
    expect: Words


class Measure(StepBase):
    """A number is read. Outside `expected` it is asked again; outside `limit` the attempt has failed."""

    kind: Literal["measure"] = "measure"
    unit: Unit
    expected: Range | None = None
    limit: Range | None = None
    decimals: Decimals | None = None
    """How many decimals a reading has; None: as many as are typed, up to 6."""
    sensed: Sensed | None = None
    """What a steriliser's printout says of the same: the lowest temperature or pressure (from vacuum) while the heat
    was held, or for how long it was. It stands beside what is typed, and never takes its place."""

    @model_validator(mode="after")
    def _senses_its_unit(self) -> Self:
        if self.sensed is not None and self.unit != _SENSED_IN[self.sensed]:
            unit = _SENSED_IN[self.sensed]
            what = f"has sensed = {echo(self.sensed)}, but reads in {echo(self.unit)}"
            raise wrong("sensed", what, f'write unit = "{unit}", or take sensed out')
        return self

    @model_validator(mode="after")
    def _ranges_fit(self) -> Self:
        if self.expected is None and self.limit is None:
            what, fix = "has neither limit nor expected", "write limit = { min = …, max = … }"
            raise wrong("required", what, fix)
        if self.expected is None or self.limit is None:
            return self
        outside = [
            str(end)
            for end in (self.expected.min, self.expected.max)
            if isinstance(end, Decimal) and not _inside(end, self.limit)
        ]
        if outside:
            what = f"expects {' and '.join(outside)}, which the limit does not allow"
            raise wrong("expected", what, "keep expected within limit")
        return self


class Timer(StepBase):
    """A time that must pass; with `at_most` it must be ended before that."""

    kind: Literal["timer"] = "timer"
    at_least: Time
    at_least_as: Id | None = None
    """The step whose reading must pass as well, where that is longer: a time on a product's label."""
    at_most: Time | None = None

    @model_validator(mode="after")
    def _times_fit(self) -> Self:
        least, most = self.at_least, self.at_most
        if isinstance(least, Duration) and isinstance(most, Duration) and least.seconds > most.seconds:
            what = f"has at_least {least} above at_most {most}"
            raise wrong("times", what, "write the shorter time as at_least")
        return self


class Scan(StepBase):
    """Identifiers are read from a label."""

    kind: Literal["scan"] = "scan"
    accepts: Some[Barcode] = ("gs1", "hibc", "typed")
    captures: Some[Identifier]
    optional: Some[Identifier] = ()
    """What of `captures` not every such label has: it is taken where it is there, and never asked for."""
    use: Literal["consumes", "produces"] | None = None

    @model_validator(mode="after")
    def _reads_something(self) -> Self:
        if stray := next((kind for kind in self.optional if kind not in self.captures), None):
            raise wrong("optional", f"has {echo(stray)} as optional, which it does not capture", "add it to captures")
        if not self.required:
            raise wrong("optional", "has nothing but optional captures", "leave one of captures out of optional")
        return self

    @property
    def required(self) -> tuple[Identifier, ...]:
        """What every label of this kind has, and nobody passes without."""
        return tuple(kind for kind in self.captures if kind not in self.optional)


class Assign(StepBase):
    """The program makes the next number; nobody does anything."""

    kind: Literal["assign"] = "assign"
    do: Words = ""
    produces: Annotated[tuple[Produced, ...], PlainValidator(_produced)]

    @model_validator(mode="after")
    def _takes_no_time(self) -> Self:
        if self.at_least is not None:
            raise wrong("unknown-key", "has at_least, but the program does this step", "take at_least out")
        return self


class Choice(StepBase):
    """One of several answers is chosen."""

    kind: Literal["choice"] = "choice"
    options: Some[Option]

    @model_validator(mode="after")
    def _can_pass(self) -> Self:
        if all(option.verdict == "fail" for option in self.options):
            raise wrong("options", "has no option that passes", 'give at least one option verdict = "pass"')
        values = [option.value for option in self.options]
        repeated = next((value for value in values if values.count(value) > 1), None)
        if repeated is not None:
            raise wrong("options", f"has the option {echo(repeated)} twice", "write each answer only once")
        return self


class Witness(StepBase):
    """A second person does the step `of` again, blind to the first result."""

    kind: Literal["witness"] = "witness"
    of: Id


class Sign(StepBase):
    """Someone signs, and says what the signature means."""

    kind: Literal["sign"] = "sign"
    meanings: Some[Meaning]
    another: Truth = False
    """Whether it must be somebody who has done no step of this run."""


class Text(StepBase):
    """Words are written down."""

    kind: Literal["text"] = "text"


class Attach(StepBase):
    """A file is kept as evidence."""

    kind: Literal["attach"] = "attach"
    printout: bool = False
    """Whether the file is a steriliser's printout of the cycle that this run is about."""


Step = Annotated[
    Confirm | Measure | Timer | Scan | Assign | Choice | Witness | Sign | Text | Attach,
    Field(discriminator="kind"),
]

KINDS: Final[dict[str, type[StepBase]]] = {
    "confirm": Confirm,
    "measure": Measure,
    "timer": Timer,
    "scan": Scan,
    "assign": Assign,
    "choice": Choice,
    "witness": Witness,
    "sign": Sign,
    "text": Text,
    "attach": Attach,
}


def _inside(end: Decimal, limit: Range) -> bool:
    above = not isinstance(limit.min, Decimal) or end >= limit.min
    below = not isinstance(limit.max, Decimal) or end <= limit.max
    return above and below
