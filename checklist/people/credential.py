"""Credentials: what somebody is licensed or trained for, until which day, and with which attributes.

Pure. Until when a credential holds is a day of the clinic's own calendar, the last one on which it does: which day it
is today comes in as an argument. Knows nothing of who asks for a credential, nor of whether it still holds.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from checklist.ledger.entry import Draft
from checklist.protocol.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checklist.ledger.entry import Json

GRANTED: Final = "credential.granted"
ENDED: Final = "credential.ended"

MOST_ATTRIBUTES: Final = 20

_ID = re.compile(r"[a-z0-9-]{1,64}")
_ATTRIBUTE = re.compile(r"[a-z0-9_]{1,64}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,12}(?:[.,]\d{1,6})?", re.ASCII)
# One word and no spaces: it stands in the record in clear and is never erased, so nobody's name goes there.
_TOKEN = re.compile(r"[A-Za-z0-9._+/-]{1,32}")


def check_credential(credential: str) -> str | None:
    """Why this cannot be a credential's id, or None when it can."""
    if _ID.fullmatch(credential):
        return None
    return "A credential is written in at most 64 small letters a-z, digits and hyphens, such as microneedling."


def check_until(until: str | None, today: date) -> str | None:
    """Why a credential cannot be granted until that day, or None when it can; None and "" stand for no end."""
    if not until:
        return None
    last = day_of(until)
    if last is None:
        return "Write the last day on which it holds as year-month-day, such as 2027-03-31."
    if last < today:
        return f"{until} is over already: give the last day on which it holds, or leave it out where it has no end."
    return None


def check_attributes(attributes: Mapping[str, str]) -> str | None:
    """Why a credential cannot have these attributes, or None when it can."""
    if len(attributes) > MOST_ATTRIBUTES:
        return f"A credential has at most {MOST_ATTRIBUTES} attributes: leave some out."
    for name, value in attributes.items():
        if not _ATTRIBUTE.fullmatch(name):
            return (
                "An attribute's name is written in at most 64 small letters a-z, digits and underscores, "
                "such as max_depth_mm."
            )
        kept = read_value(value)
        if not kept:
            return f"The attribute {name} has no value: write a number or a word after it."
        if not _TOKEN.fullmatch(kept):
            return (
                f"The attribute {name} takes a number, such as 1.5, or one word of at most 32 letters a-z, digits "
                "and . _ + / - without spaces, such as class-4."
            )
    return None


def read_value(typed: str) -> str:
    """An attribute's value as it is recorded: a number as decimal text with a point, a word cleaned."""
    words = _words(typed)
    number = words.replace("−", "-")
    return format(Decimal(number.replace(",", ".")), "f") if _NUMBER.fullmatch(number) else words


def granted(
    operator: str, credential: str, until: str | None, attributes: Mapping[str, str], *, actor: str | None, via: str
) -> Draft:
    """The fact that an operator holds a credential from now on; it takes the place of one of the same id."""
    data: dict[str, Json] = {"operator": operator, "credential": credential}
    if until:
        data["until"] = until
    if attributes:
        data["attributes"] = {name: read_value(value) for name, value in attributes.items()}
    return Draft(GRANTED, data, actor, via)


def ended(operator: str, credential: str, *, actor: str | None, via: str) -> Draft:
    """The fact that an operator holds a credential no more, whatever day it was granted until."""
    return Draft(ENDED, {"operator": operator, "credential": credential}, actor, via)


def day_of(text: str) -> date | None:
    """The day that is written like 2027-03-31, or None."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _words(typed: str) -> str:
    return " ".join(clean(typed, limit=4 * len(typed) + 1).split())
