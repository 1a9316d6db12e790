"""The small frozen values of a protocol file: durations, numbers, names of profile values, words, ids.

Knows how each is written in the file and says in plain words what is wrong with one. Knows nothing of steps.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Final, Literal, LiteralString, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainValidator
from pydantic_core import PydanticCustomError

from checklist.protocol.text import clean

ID_PATTERN: Final = r"^[a-z0-9-]{1,64}$"
VERSION_PATTERN: Final = r"^(0|[1-9][0-9]{0,5})(\.(0|[1-9][0-9]{0,5})){2}$"
DURATION_PATTERN: Final = r"^[1-9][0-9]{0,5}[smhd]$"
TITLE_LIMIT: Final = 120
WORDS_LIMIT: Final = 1000
OPTION_LIMIT: Final = 60
MAX_SECONDS: Final = 3653 * 86_400
"""Ten years: nothing in a clinic is valid for longer, and no clock arithmetic overflows below it."""
MAX_DIGITS: Final = 15
MAX_MAGNITUDE: Final = 9
"""Measured numbers stay below 10**9 in size and above 10**-9 in fineness."""

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


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
class Duration:
    """A length of time as the file writes it (`90s`, `10m`, `4h`, `7d`) and its whole seconds."""

    seconds: int
    text: str

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Read a duration such as `10m`; raises ValueError for anything else."""
        if not re.fullmatch(DURATION_PATTERN, text):
            msg = "a duration is a whole number and s, m, h or d"
            raise ValueError(msg)
        seconds = int(text[:-1]) * _SECONDS[text[-1]]
        if seconds > MAX_SECONDS:
            msg = "a duration is at most ten years (3653d)"
            raise ValueError(msg)
        return cls(seconds=seconds, text=text)

    def __str__(self) -> str:
        """Return the duration as the file writes it."""
        return self.text


@dataclass(frozen=True, slots=True)
class ProfileRef:
    """The name of a jurisdiction's value: `{ profile = "name" }` in place of a number or duration."""

    profile: str

    def __str__(self) -> str:
        """Return the words that stand for the value until it is known."""
        return f"the profile's {self.profile}"


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
    if number == 0:
        return number.copy_abs()
    return number.quantize(Decimal(1)) if exponent > 0 else number  # 1E+3 is written 1000


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


def parse_validity(value: object) -> "Validity":
    """Return how long a completion counts: a duration, a profile's value or `today`."""
    return "today" if value == "today" else parse_duration(value)


def _profile_ref(value: dict[object, object]) -> ProfileRef:
    name = value.get("profile")
    if len(value) != 1 or not isinstance(name, str) or not re.fullmatch(ID_PATTERN, name):
        raise wrong("profile", "is a table that names no profile value", 'write { profile = "name-of-the-value" }')
    return ProfileRef(name)


def _words(limit: int) -> Callable[[str], str]:
    def check(value: str) -> str:
        text = re.sub(" +", " ", clean(value, limit=4 * len(value) + 1)).strip()
        if not text:
            raise wrong("empty", "is empty", "write the words, or leave the key out where it is not required")
        if len(text) > limit:
            raise wrong("too-long", f"has {len(text)} characters", f"write at most {limit} characters")
        return text

    return check


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
Validity = Duration | ProfileRef | Literal["today"]
Id = Annotated[str, AfterValidator(_id)]
Version = Annotated[str, AfterValidator(_version)]
Title = Annotated[str, AfterValidator(_words(TITLE_LIMIT))]
Words = Annotated[str, AfterValidator(_words(WORDS_LIMIT))]
OptionValue = Annotated[str, AfterValidator(_words(OPTION_LIMIT))]
Number = Annotated[Decimal | ProfileRef, PlainValidator(parse_number)]
Time = Annotated[Duration | ProfileRef, PlainValidator(parse_duration)]
ValidFor = Annotated[Duration | ProfileRef | Literal["today"], PlainValidator(parse_validity)]
Many = Annotated[tuple[T, ...], BeforeValidator(as_tuple)]


class Frozen(BaseModel):
    """Base of all parts of a protocol: strict, closed to unknown keys, never changed once built."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=True, defer_build=True)
