"""How long the name of somebody who left is kept before it can be erased.

Knows the calendar, and how clinic.toml writes a span of years or days. Does not know who left.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

DEFAULT: Final = "10y"
"""Where clinic.toml does not say. This program's choice, and no law's: the longest of the usual minimums for patients'
records (10 years in Germany, in New Zealand and in Ontario), which name those who signed them. What holds for a
clinic's own staff is for that clinic to find out."""

_LONGEST_YEARS: Final = 100


@dataclass(frozen=True, slots=True)
class Retention:
    """A span of years, or of days."""

    years: int
    days: int

    def __str__(self) -> str:
        """The span as clinic.toml writes it."""
        return f"{self.years}y" if self.years else f"{self.days}d"

    def ends(self, left: date) -> date:
        """The first day on which a name need not be kept any more, of somebody who was disabled on that day."""
        try:
            after = left.replace(year=left.year + self.years)
        except ValueError:  # the 29th of February, in a year that has none
            after = date(left.year + self.years, 3, 1)
        return after + timedelta(days=self.days)


def read_retention(text: str) -> Retention | None:
    """The span that is written like 10y or 400d; None for what is none, or longer than 100 years."""
    match = re.fullmatch(r"([1-9]\d{0,4})([dy])", text, re.ASCII)
    if match is None:
        return None
    count, years = int(match[1]), match[2] == "y"
    if count > (_LONGEST_YEARS if years else _LONGEST_YEARS * 365):
        return None
    return Retention(count, 0) if years else Retention(0, count)
