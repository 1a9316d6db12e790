"""From what was typed or scanned to a value, and from a value to its verdict.

A reading that cannot be understood is refused with what would be; a reading that can be is judged against
the step's expected range and its limit. Nothing is rounded, and nothing is ever filled in.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from checklist.protocol.text import clean

if TYPE_CHECKING:
    from checklist.protocol.model import Choice, Measure, Scan
    from checklist.run.events import Value

# What GS1 lets stand in a lot or serial number: no spaces, and no letters beyond A-Z. A name does not fit by accident.
_IDENTIFIER = re.compile(r"""[A-Za-z0-9!"%&'()*+,\-./:;<=>?_]{1,40}""")
_GTIN = re.compile(r"[0-9]{1,14}")
_PLACES = ("load", "batch", "lot", "expiry", "serial", "pack", "gtin")
_NUMBER = re.compile(r"[+-]?\d{1,12}(?:[.,]\d{1,6})?")
_PAIR = re.compile(r"\s*([a-z]+)\s*=\s*")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the program will not do, and what the person can do instead. Not an error: clinics live with it.

    `code` is a stable word for scripts and tests; `message` is the sentence that staff read.
    """

    code: str
    message: str


_MISTYPED_GTIN = Refusal(
    "gtin", "The GTIN was mistyped: its digits do not fit together. Read all of them from the label again."
)


def read_number(step: Measure, typed: str) -> str | Refusal:
    """A measured value as a decimal string; comma and point both mark the decimals."""
    text = typed.strip().replace("−", "-")
    if not text:
        return Refusal("empty", "Type the reading; an empty line measures nothing.")
    if not _NUMBER.fullmatch(text):
        return Refusal("not-a-number", f"Type the reading as a number, like {_example(step)}.")
    number = Decimal(text.replace(",", "."))
    places = -int(number.as_tuple().exponent)
    if step.decimals is not None and places > step.decimals:
        return Refusal("decimals", f"Give at most {step.decimals} decimal places, like {_example(step)}.")
    return format(number, "f")


def _example(step: Measure) -> str:
    # A made-up number: an example near the range would give the expected value away.
    return "12" if not step.decimals else "12." + "3456789"[: step.decimals]


def judge_number(step: Measure, value: str) -> str:
    """The verdict on a reading: "pass", "unexpected" (outside expected) or "fail" (outside the limit)."""
    number = Decimal(value)
    if step.limit is not None and not step.limit.holds(number):
        return "fail"
    if step.expected is not None and not step.expected.holds(number):
        return "unexpected"
    return "pass"


def numbered(step: Choice) -> bool:
    """Whether the options carry numbers. Not where one is itself a number: a number then means that very option, and
    never a place in the list."""
    return not any(option.value.isdecimal() for option in step.options)


def read_choice(step: Choice, typed: str) -> str | Refusal:
    """The option meant: its word in any case, or its number counted from 1."""
    text = clean(typed).strip().casefold()
    values = [option.value for option in step.options]
    for value in values:
        if text == value.casefold():
            return value
    counted = numbered(step)
    if counted and text.isdecimal() and text.isascii() and 1 <= int(text) <= len(values):
        return values[int(text) - 1]
    listed = ", ".join(f"{number} {value}" if counted else value for number, value in enumerate(values, 1))
    return Refusal("not-an-option", f"Answer with one of: {listed}.")


def judge_choice(step: Choice, value: str) -> str:
    """The verdict that the protocol gives this option."""
    return next((option.verdict for option in step.options if option.value == value), "fail")


def read_identifiers(step: Scan, typed: Value) -> dict[str, str] | Refusal:
    """What a label says, by kind. Typed as `lot=A12 expiry=2027-03-31`; `ref` stands for a missing `gtin`."""
    wanted = " ".join(f"{kind}=…" for kind in step.required)
    found = dict(typed) if isinstance(typed, Mapping) else split_pairs(typed)
    if found is None:
        return Refusal("unclear", f"Type each identifier once, and nothing else: {wanted}.")
    named = {kind: clean(text).strip() for kind, text in found.items()}
    allowed = {*step.captures, "ref"}
    unknown = sorted(set(named) - allowed)
    if unknown:
        return Refusal("unknown-identifier", f"“{clean(unknown[0])}” is not asked for here; type {wanted}.")
    if named.get("ref"):
        named.setdefault("gtin", "")
    missing = [kind for kind in step.required if not named.get(kind) and not (kind == "gtin" and named.get("ref"))]
    if missing:
        return Refusal("missing-identifier", f"Read {missing[0]} from the label; type {wanted}.")
    given = {kind: text for kind, text in named.items() if text}
    if unlike := next((kind for kind in given if kind != "expiry" and not _like_a_label(kind, given[kind])), None):
        return Refusal("unlike-a-label", _what_it_looks_like(unlike))
    if "expiry" in given:
        expiry = read_expiry(given["expiry"])
        if isinstance(expiry, Refusal):
            return expiry
        given["expiry"] = expiry
    if "gtin" in given:  # with all its digits, as a scanner reads it
        gtin = gtin_of(given["gtin"])
        if gtin is None:
            return _MISTYPED_GTIN
        given["gtin"] = gtin
    return given


def gtin_of(digits: str) -> str | None:
    """A number of 8, 12, 13 or 14 digits with a right check digit, as a GTIN with 14; None for anything else."""
    if len(digits) not in (8, 12, 13, 14) or not (digits.isascii() and digits.isdecimal()):
        return None
    padded = digits.zfill(14)
    total = sum(int(digit) * (1 if at % 2 else 3) for at, digit in enumerate(padded))
    return padded if total % 10 == 0 else None


def _like_a_label(kind: str, text: str) -> bool:
    """Whether this can stand on a label as that kind: it goes into the record in clear and is never erased."""
    return bool((_GTIN if kind == "gtin" else _IDENTIFIER).fullmatch(text))


def _what_it_looks_like(kind: str) -> str:
    if kind == "gtin":
        return "A gtin is the number at the barcode, at most 14 digits without spaces, like 09506000134352."
    return (
        f"A {kind} is at most 40 letters A to Z, digits and signs such as - . / without spaces, like A12-3: "
        "type it as on the label, leave its spaces out."
    )


def split_pairs(typed: str) -> dict[str, str] | None:
    """`lot=A12 expiry=2027-03-31` as pairs; a value reaches to the next name. None where a name stands twice
    or words belong to none: which of them is meant is not for the program to guess."""
    before, *parts = _PAIR.split(clean(typed))
    names, values = parts[0::2], parts[1::2]
    if before.strip() or len(set(names)) < len(names):
        return None
    return {name: value.strip() for name, value in zip(names, values, strict=True)}


def read_expiry(typed: str) -> str | Refusal:
    """A use-by date as `YYYY-MM-DD`; a month alone means its last day, as on labels."""
    match = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", typed.strip(), re.ASCII)
    if match:
        year, month = int(match[1]), int(match[2])
        try:
            day = int(match[3]) if match[3] else calendar.monthrange(year, month)[1]
            return date(year, month, day).isoformat()
        except (ValueError, calendar.IllegalMonthError):
            pass
    return Refusal("expiry", "Type the use-by date as year-month-day, like 2027-03-31, or year-month.")


def judge_identifiers(step: Scan, named: Mapping[str, str], today: date) -> str:
    """What is past its date may not be used; it can be used through its last day (domain.md §7.1)."""
    expiry = named.get("expiry")
    expired = expiry is not None and date.fromisoformat(expiry) < today
    return "fail" if expired and step.use != "produces" else "pass"


def shown(value: Value | None) -> str | None:
    """A value as one line of text, in the form in which it could be typed again."""
    if value is None or isinstance(value, str):
        return value
    # One order, whatever the record's, so that a scan looks the same live and read back. Where a screen has no room for
    # all of it, what tells one thing from another stands first.
    order = [*(kind for kind in _PLACES if kind in value), *sorted(set(value) - set(_PLACES))]
    return " ".join(f"{kind}={value[kind]}" for kind in order)
