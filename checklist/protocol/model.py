"""The model of a whole protocol, frozen, with the names of the file format.

Whoever holds a `Protocol` holds a valid one: every value is checked and the rules between steps hold.
Knows nothing of files (see `loader`) and of runs.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Final, Self, TypeVar

from pydantic import BaseModel, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from checklist.protocol import rules
from checklist.protocol.errors import MissingProfileValueError, UnusableProfileValueError
from checklist.protocol.header import (
    Category,
    Check,
    Header,
    SameCount,
    SameIdentifier,
    SaturatedSteam,
    Source,
    Style,
    Subject,
)
from checklist.protocol.steps import (
    KINDS,
    WORDED,
    Assign,
    Attach,
    Choice,
    Confirm,
    Identifier,
    Meaning,
    Measure,
    OnFail,
    Option,
    Produced,
    Range,
    Scan,
    Sign,
    Step,
    StepBase,
    Text,
    Timer,
    Verdict,
    When,
    Witness,
)
from checklist.protocol.units import display
from checklist.protocol.values import (
    NAME_IN_WORDS,
    Duration,
    Many,
    ProfileRef,
    ProfileValue,
    Quantity,
    Validity,
    echo,
    in_words,
    parse_duration,
    parse_number,
    parse_truth,
    parse_validity,
)

__all__ = [
    "KINDS",
    "Assign",
    "Attach",
    "Category",
    "Check",
    "Choice",
    "Confirm",
    "Duration",
    "Header",
    "Identifier",
    "Meaning",
    "Measure",
    "OnFail",
    "Option",
    "Produced",
    "ProfileRef",
    "Protocol",
    "Range",
    "SameCount",
    "SameIdentifier",
    "SaturatedSteam",
    "Scan",
    "Sign",
    "Source",
    "Step",
    "StepBase",
    "Style",
    "Subject",
    "Text",
    "Timer",
    "Validity",
    "Verdict",
    "When",
    "Witness",
    "named_at",
    "resolve",
]


class Protocol(Header):
    """What is to be done: the header's fields, the steps in their order, and the checks across them."""

    steps: Many[Step]
    checks: Many[Check] = ()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        problems = rules.check(rules.Parts.of(self, self.steps, self.checks))
        if problems:
            first = problems[0]
            raise PydanticCustomError("rules", "{what}", {"what": first.message, "fix": first.fix})
        return self

    @cached_property
    def _places(self) -> dict[str, int]:
        return {step.id: index for index, step in enumerate(self.steps)}

    def index(self, step_id: str) -> int:
        """Return the place of a step, counted from 0; KeyError if there is none of that id."""
        return self._places[step_id]

    def step(self, step_id: str) -> Step:
        """Return the step of that id; KeyError if there is none."""
        return self.steps[self._places[step_id]]

    def source(self, source_id: str) -> Source:
        """Return the source of that id; KeyError if there is none."""
        return {source.id: source for source in self.sources}[source_id]

    def profile_values(self) -> frozenset[str]:
        """Return the names of all profile values that this protocol needs."""
        return self._profile_values

    @cached_property
    def _profile_values(self) -> frozenset[str]:
        return frozenset(name for _, name in named_at(self))


def named_at(part: object, at: rules.Path = ()) -> Iterator[tuple[rules.Path, str]]:
    """Yield every profile value that a part names, with the path of attributes that leads to it."""
    if isinstance(part, ProfileRef):
        yield at, part.profile
    elif isinstance(part, str):
        if at and at[-1] in WORDED:
            for name in NAME_IN_WORDS.findall(part):
                yield at, name
    elif isinstance(part, BaseModel):
        for key, field in part:
            yield from named_at(field, (*at, key))
    elif isinstance(part, tuple):
        for index, one in enumerate(part):
            yield from named_at(one, (*at, index))


def resolve(protocol: Protocol, values: Mapping[str, ProfileValue]) -> Protocol:
    """Return the protocol with the profile's values in place of their names.

    `values` gives a number where a number stands, a text such as `6m` or `180d` where a duration stands, true or
    false where a truth stands, and anything in words. Raises MissingProfileValueError or UnusableProfileValueError,
    both naming the value.
    """
    missing = sorted(protocol.profile_values() - values.keys())
    if missing:
        raise MissingProfileValueError(protocol.id, missing)
    try:
        return _resolved(protocol, values, None)
    except _UnusableError as error:
        raise UnusableProfileValueError(protocol.id, str(error)) from None


_PARSERS: Final[Mapping[str, Callable[[object], object]]] = {
    "at_least": parse_duration,
    "at_most": parse_duration,
    "valid_for": parse_validity,
    "another": parse_truth,
}

M = TypeVar("M", bound=BaseModel)


def _resolved(model: M, values: Mapping[str, ProfileValue], unit: str | None) -> M:
    """The model with values for names; `unit` is that of its numbers, where it is known."""
    if next(named_at(model), None) is None:
        return model
    if isinstance(model, Measure):
        unit = model.unit
    elif isinstance(model, SaturatedSteam):
        unit = "K"
    given = {name: field for name, field in model if name in model.model_fields_set}
    fields = {name: _resolved_field(name, field, values, unit) for name, field in given.items()}
    try:
        return type(model).model_validate(fields)
    except ValidationError as error:
        names = ", ".join(echo(name) for name in sorted({name for _, name in named_at(model)}))
        raise _UnusableError(f"with {names} it {error.errors()[0]['msg']}") from None


def _resolved_field(name: str, field: object, values: Mapping[str, ProfileValue], unit: str | None) -> object:
    if isinstance(field, BaseModel):
        return _resolved(field, values, unit)
    if isinstance(field, tuple) and not isinstance(field, Produced):
        return tuple(_resolved_field(name, one, values, unit) for one in field)
    if isinstance(field, str) and name in WORDED:
        return NAME_IN_WORDS.sub(lambda found: in_words(values[found[1]]), field)
    if not isinstance(field, ProfileRef):
        return field
    value: object = values[field.profile]
    if isinstance(value, Quantity) and name not in _PARSERS:
        if value.unit != unit:
            raise _UnusableError(f"{echo(field.profile)} is {value}, and is needed in {display(unit or '1') or '1'}")
        value = value.number
    try:
        return _PARSERS.get(name, parse_number)(value)
    except PydanticCustomError as error:
        raise _UnusableError(f"{echo(field.profile)} {error.message()}") from None


class _UnusableError(Exception):
    """A profile's value has the wrong type; never leaves this module."""
