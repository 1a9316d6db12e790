"""The values of a protocol that a running clinic asks for: lengths of time, names of profile values, kinds of things.

Plain Python: whoever only reads the record must not wait for the schema library that checks files (see `values`).
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from checklist.protocol.text import clean

Identifier = Literal["load", "lot", "gtin", "serial", "pack", "expiry", "batch", "session"]

ID_PATTERN: Final = r"^[a-z0-9-]{1,64}$"
DURATION_PATTERN: Final = r"^[1-9][0-9]{0,5}[smhd]$"
SECONDS_IN: Final = {"s": 1, "min": 60}
"""The units in which a time is read that a timer can be bound to (`at_least_as`)."""
MAX_SECONDS: Final = 3653 * 86_400
"""Ten years: nothing in a clinic is valid for longer, and no clock arithmetic overflows below it."""

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


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
    """The name of a jurisdiction's value: `{ profile = "name" }` in place of a number, a duration or a truth."""

    profile: str

    def __str__(self) -> str:
        """Return the words that stand for the value until it is known."""
        return f"the profile's {self.profile}"


@dataclass(frozen=True, slots=True)
class Cited:
    """A publication that a requirement of a procedure rests on; the names are those of `header.Source`."""

    id: str
    title: str
    year: int | None = None
    where: str = ""


Window = Duration | Literal["today"]
"""How long something counts: a length of time, or the clinic's calendar day."""
Validity = Window | ProfileRef


def tidy(text: str) -> str:
    """Return the words of a file cleaned, with single spaces."""
    return re.sub(" +", " ", clean(text, limit=4 * len(text) + 1)).strip()


def version_numbers(version: str) -> tuple[int, ...]:
    """Return what versions are compared by."""
    return tuple(int(number) for number in re.findall(r"\d+", version))


def plain_number(number: Decimal) -> Decimal:
    """Return a finite number without a sign at zero and without an exponent: 1E+3 is written 1000."""
    if number == 0:
        return number.copy_abs()
    return number.quantize(Decimal(1)) if int(number.as_tuple().exponent) > 0 else number
