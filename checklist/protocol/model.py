"""The model of a whole protocol, frozen, with the names of the file format.

Whoever holds a `Protocol` holds a valid one: every value is checked and the rules between steps hold.
Knows nothing of files (see `loader`) and of runs.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Final, Self, TypeVar

from pydantic import BaseModel, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from checklist.protocol import rules
from checklist.protocol.errors import MissingProfileValueError, UnusableProfileValueError
from checklist.protocol.header import Category, Header, SaturatedSteam, Source, Style, Subject
from checklist.protocol.steps import (
    KINDS,
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
from checklist.protocol.values import (
    Duration,
    Many,
    ProfileRef,
    Validity,
    echo,
    parse_duration,
    parse_number,
    parse_validity,
)

__all__ = [
    "KINDS",
    "Assign",
    "Attach",
    "Category",
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
    "resolve",
]


class Protocol(Header):
    """What is to be done: the header's fields, the steps in their order, and the checks across them."""

    steps: Many[Step]
    checks: Many[SaturatedSteam] = ()

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
        return frozenset(_named_in(self))


def resolve(protocol: Protocol, values: Mapping[str, Decimal | int | str]) -> Protocol:
    """Return the protocol with the profile's values in place of their names.

    `values` gives a number (Decimal or int) where a number stands and a text such as `6m` or `180d` where a
    duration stands. Raises MissingProfileValueError or UnusableProfileValueError, both naming the value.
    """
    missing = sorted(protocol.profile_values() - values.keys())
    if missing:
        raise MissingProfileValueError(protocol.id, missing)
    if not protocol.profile_values():
        return protocol
    try:
        return _resolved(protocol, values)
    except _UnusableError as error:
        raise UnusableProfileValueError(protocol.id, str(error)) from None


def _named_in(value: object) -> set[str]:
    if isinstance(value, ProfileRef):
        return {value.profile}
    if isinstance(value, BaseModel):
        return {name for _, field in value for name in _named_in(field)}
    if isinstance(value, tuple):
        return {name for one in value for name in _named_in(one)}
    return set()


_PARSERS: Final[Mapping[str, Callable[[object], object]]] = {
    "at_least": parse_duration,
    "at_most": parse_duration,
    "valid_for": parse_validity,
}

M = TypeVar("M", bound=BaseModel)


def _resolved(model: M, values: Mapping[str, Decimal | int | str]) -> M:
    given = {name: field for name, field in model if name in model.model_fields_set}
    fields = {name: _resolved_field(name, field, values) for name, field in given.items()}
    try:
        return type(model).model_validate(fields)
    except ValidationError as error:
        names = ", ".join(echo(name) for name in sorted(_named_in(model)))
        raise _UnusableError(f"with {names} it {error.errors()[0]['msg']}") from None


def _resolved_field(name: str, field: object, values: Mapping[str, Decimal | int | str]) -> object:
    if isinstance(field, BaseModel):
        return _resolved(field, values)
    if isinstance(field, tuple) and not isinstance(field, Produced):
        return tuple(_resolved_field(name, one, values) for one in field)
    if isinstance(field, ProfileRef):
        try:
            return _PARSERS.get(name, parse_number)(values[field.profile])
        except PydanticCustomError as error:
            raise _UnusableError(f"{echo(field.profile)} {error.message()}") from None
    return field


class _UnusableError(Exception):
    """A profile's value has the wrong type; never leaves this module."""
