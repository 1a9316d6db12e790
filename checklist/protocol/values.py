"""The small frozen values of a protocol or profile file: durations, numbers, names of profile values, words, ids.

Knows how each is written in the file and says in plain words what is wrong with one. Knows nothing of steps.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Final, Literal, LiteralString, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainValidator
from pydantic_core import PydanticCustomError

from checklist.protocol.plain import DURATION_PATTERN as DURATION_PATTERN
from checklist.protocol.plain import ID_PATTERN as ID_PATTERN
from checklist.protocol.plain import MAX_SECONDS as MAX_SECONDS
from checklist.protocol.plain import Duration as Duration
from checklist.protocol.plain import ProfileRef as ProfileRef
from checklist.protocol.plain import Validity as Validity
from checklist.protocol.plain import plain_number, tidy
from checklist.protocol.text import clean
from checklist.protocol.units import display

NAME_IN_WORDS: Final = re.compile(r"\{([a-z0-9-]{1,64})\}")
"""A profile's value named in words, such as `{waste-container}`."""
VERSION_PATTERN: Final = r"^(0|[1-9][0-9]{0,5})(\.(0|[1-9][0-9]{0,5})){2}$"
TITLE_LIMIT: Final = 120
WORDS_LIMIT: Final = 1000
OPTION_LIMIT: Final = 60
MAX_DIGITS: Final = 15
MAX_MAGNITUDE: Final = 9
"""Measured numbers stay below 10**9 in size and above 10**-9 in fineness."""


def wrong(rule: LiteralString, what: str, fix: str) -> PydanticCustomError:
    """Build the error of one value: `what` completes a sentence that begins with the key, `fix` is advice."""
    return PydanticCustomError(rule, "{what}", {"what": what, "fix": fix})


def echo(value: object) -> str:
    """Show a value of the file in a message: cleaned, short, text in quotes. Never raises."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{clean(value, limit=60)}"'
    if isinstance(value, int):
        return str(value) if value.bit_length() <= 64 else "a number of more than 19 digits"
    if isinstance(value, Decimal):
        return clean(str(value), limit=40)
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, (list, tuple)):
        return "a list"
    return clean(str(value), limit=40)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that a profile gives, and the UCUM code of what it counts."""

    number: Decimal
    unit: str

    def __str__(self) -> str:
        """Return the number with its unit as people read it."""
        return f"{self.number:f} {display(self.unit)}".rstrip()


ProfileValue = Decimal | int | str | bool | Quantity
"""What a profile gives under a name; a duration is the text that writes it."""

_SPANS: Final = {"s": "second", "m": "minute", "h": "hour", "d": "day"}


def in_words(value: ProfileValue) -> str:
    """Return a profile's value as it is read in a sentence: `180d` gives `180 days`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, str) and re.fullmatch(DURATION_PATTERN, value):
        return f"{value[:-1]} {_SPANS[value[-1]]}{'' if value == f'1{value[-1]}' else 's'}"
    return str(value)


def parse_number(value: object) -> Decimal | ProfileRef:
    """Return a measured number; integers are decimals too. Raises the error of the value."""
    if isinstance(value, ProfileRef):
        return value
    if isinstance(value, dict):
        return _profile_ref(value)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise wrong("number", f"is {echo(value)}, not a number", "write a number such as 134.0, without quotes")
    if isinstance(value, int) and value.bit_length() > 64:
        raise wrong("number-size", f"is {echo(value)}", "write a number below 1000000000")
    number = Decimal(value)
    if not number.is_finite():
        raise wrong("number", f"is {echo(number)}, not a number", "write a number such as 134.0")
    digits, exponent = number.as_tuple().digits, number.as_tuple().exponent
    if number and (number.adjusted() >= MAX_MAGNITUDE or len(digits) > MAX_DIGITS):
        raise wrong("number-size", f"is {echo(number)}, too long", "write a number below 1000000000, up to 15 digits")
    if not isinstance(exponent, int) or not -MAX_MAGNITUDE <= exponent <= MAX_MAGNITUDE:
        raise wrong("number-size", f"is {echo(number)}, too fine", "write at most 9 decimals")
    return plain_number(number)


def parse_duration(value: object) -> Duration | ProfileRef:
    """Return a duration or the name of a profile's value. Raises the error of the value."""
    if isinstance(value, (Duration, ProfileRef)):
        return value
    if isinstance(value, dict):
        return _profile_ref(value)
    fix = 'write a whole number and s, m, h or d in quotes, such as "90s", "10m", "4h" or "7d"'
    if not isinstance(value, str):
        raise wrong("duration", f"is {echo(value)}, not a duration", fix)
    try:
        return Duration.parse(value)
    except ValueError:
        raise wrong("duration", f"is {echo(value)}, not a duration up to ten years", fix) from None


def parse_validity(value: object) -> Validity:
    """Return how long a completion counts: a duration, a profile's value or `today`."""
    return "today" if value == "today" else parse_duration(value)


def parse_truth(value: object) -> bool | ProfileRef:
    """Return true, false or the name of a profile's value. Raises the error of the value."""
    if isinstance(value, (bool, ProfileRef)):
        return value
    if isinstance(value, dict):
        return _profile_ref(value)
    raise wrong("truth", f"is {echo(value)}, neither true nor false", "write true or false, without quotes")


def _profile_ref(value: dict[object, object]) -> ProfileRef:
    name = value.get("profile")
    if len(value) != 1 or not isinstance(name, str) or not re.fullmatch(ID_PATTERN, name):
        raise wrong("profile", "is a table that names no profile value", 'write { profile = "name-of-the-value" }')
    return ProfileRef(name)


def checked_words(value: str, limit: int) -> str:
    """Return words cleaned; raises the error of the value where there are none, or more than `limit` characters."""
    text = tidy(value)
    if not text:
        raise wrong("empty", "is empty", "write the words, or leave the key out where it is not required")
    if len(text) > limit:
        raise wrong("too-long", f"has {len(text)} characters", f"write at most {limit} characters")
    return text


def _words(limit: int) -> Callable[[str], str]:
    return lambda value: checked_words(value, limit)


def _id(value: str) -> str:
    if not re.fullmatch(ID_PATTERN, value):
        fix = "use only a to z, 0 to 9 and -, at most 64 of them"
        raise wrong("id", f"is {echo(value)}, which cannot be a name", fix)
    return value


def _version(value: str) -> str:
    if not re.fullmatch(VERSION_PATTERN, value):
        raise wrong("version", f"is {echo(value)}", 'write three numbers with points, such as "1.0.0"')
    return value


def as_tuple(value: object) -> object:
    """Turn the list that TOML gives into a tuple; anything else is left for the type check to refuse."""
    return tuple(value) if isinstance(value, list) else value


T = TypeVar("T")
Id = Annotated[str, AfterValidator(_id)]
Version = Annotated[str, AfterValidator(_version)]
Title = Annotated[str, AfterValidator(_words(TITLE_LIMIT))]
Words = Annotated[str, AfterValidator(_words(WORDS_LIMIT))]
OptionValue = Annotated[str, AfterValidator(_words(OPTION_LIMIT))]
Number = Annotated[Decimal | ProfileRef, PlainValidator(parse_number)]
Time = Annotated[Duration | ProfileRef, PlainValidator(parse_duration)]
Truth = Annotated[bool | ProfileRef, PlainValidator(parse_truth)]
ValidFor = Annotated[Duration | ProfileRef | Literal["today"], PlainValidator(parse_validity)]
Many = Annotated[tuple[T, ...], BeforeValidator(as_tuple)]


class Frozen(BaseModel):
    """Base of all parts of a protocol or profile: strict, closed to unknown keys, never changed once built."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=True, defer_build=True)
