"""Labels of GS1: numbered elements one after the other, in GS1-128, DataMatrix, QR and DataBar alike.

What the numbers mean and how long each element is, `biip` knows; what may be believed is decided here. Where a
separator was lost, a lot runs on into what follows: then a person reads it from the label.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from checklist.run.reading import gtin_of
from checklist.trace import dates
from checklist.trace.label import Label, Partial, Unread

if TYPE_CHECKING:
    from biip.gs1_element_strings import GS1ElementString

GS = "\x1d"
"""The separator behind an element of no fixed length."""

_KINDS = {"01": "gtin", "10": "lot", "21": "serial", "17": "expiry", "7003": "expiry"}
_DATES = ("11", "12", "13", "15", "16")
_RUNS_ON = ("10", "21")
_BRACKETED = re.compile(r"\(([0-9]{2,4})\)")
_YEARS_BACK, _YEARS_AHEAD = 10, 20
"""How far from today a date is that a thing on the shelf carries; only to tell a date from any six digits."""


@dataclass
class _Message:
    """What has been read of one code."""

    elements: "list[GS1ElementString]" = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    identifiers: dict[str, str] = field(default_factory=dict)
    others: list[tuple[str, str]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def doubt(self, kind: str) -> None:
        """Take a kind back: what was read of it cannot be relied on."""
        self.identifiers.pop(kind, None)
        if kind not in self.unread:
            self.unread.append(kind)


def with_brackets(text: str) -> str:
    """Human-readable elements, `(01)…(10)…`, as a scanner would send them."""
    return _BRACKETED.sub(rf"{GS}\1", text).lstrip(GS) if _BRACKETED.match(text) else text


def read_gs1(text: str, today: date, *, marked: bool, separators_sure: bool) -> Label | Partial | Unread | None:
    """The elements of a code whose separators are GS. `marked`: the scanner said that it is GS1; otherwise it has to
    look like it, and None says that it does not. `separators_sure`: this scanner is known to send them."""
    message = _Message()
    for part in text.strip(GS).split(GS):
        _split(part, message)
    if not marked and not _looks_like_gs1(message, separated=GS in text):
        return None
    if any(element.ai.ai == "01" and element.gtin_error for element in message.elements):
        return Unread("check", "The code was not read right: scan again, or read the label and type it.", text)
    for element in message.elements:
        _take(element, message, today)
    if GS not in text and not separators_sure:
        _doubt_what_runs_on(message, today)
    for piece in message.pieces:
        number = next((number for number in _KINDS if piece.startswith(number)), None)
        if number is not None:
            message.doubt(_KINDS[number])
    if not message.elements:
        return Unread("unknown", "This code could not be read: read the label and type it.", text)
    if message.unread or message.pieces:
        found = message.identifiers, tuple(message.unread), tuple(message.pieces), tuple(message.others)
        return Partial("gs1", *found)
    return Label("gs1", message.identifiers, tuple(message.others))


def _split(part: str, message: _Message) -> None:
    """Take one stretch between separators apart; what cannot be is one piece to its end."""
    while part:
        element = _first_element(part)
        if element is None or (element.ai.separator_required and len(element) < len(part)):
            message.pieces.append(part)
            return
        message.elements.append(element)
        part = part[len(element) :]


def _first_element(text: str) -> "GS1ElementString | None":
    from biip import ParseConfig, ParseError
    from biip.gs1_element_strings import GS1ElementString

    try:
        # Dates are read here, by today's date as it was given.
        return GS1ElementString.extract(text, config=ParseConfig(gs1_element_strings_verify_date=False))
    except (ParseError, ArithmeticError, ValueError):
        return None


def _looks_like_gs1(message: _Message, *, separated: bool) -> bool:
    """Whether a code that does not say so is one: a right GTIN first, or a date with more behind it, or separators."""
    if not message.elements:
        return False
    first = message.elements[0]
    if first.ai.ai in ("01", "02"):
        return first.gtin is not None
    if first.ai.ai == "00":
        return first.sscc is not None
    return not message.pieces and (separated or (first.ai.ai in (*_DATES, "17") and len(message.elements) > 1))


def _take(element: "GS1ElementString", message: _Message, today: date) -> None:
    number, text = element.ai.ai, element.value
    kind = _KINDS.get(number)
    if kind is None:
        message.others.append((number, _other(number, text, today)))
        return
    if kind == "expiry":
        day = dates.six_digits(text[:6], today)
        if day is None:
            message.doubt(kind)
            return
        if number == "7003":
            message.others.append((number, text))
        text = day.isoformat()
    if kind in message.unread or message.identifiers.setdefault(kind, text) != text:
        message.doubt(kind)


def _other(number: str, text: str, today: date) -> str:
    day = dates.six_digits(text, today) if number in _DATES else None
    return text if day is None else day.isoformat()


def _doubt_what_runs_on(message: _Message, today: date) -> None:
    """The last lot or serial number of a code without separators may hold what stood behind it."""
    last = message.elements[-1] if message.elements else None
    if last is not None and last.ai.ai in _RUNS_ON and _may_run_on(last.ai.ai, last.value, today):
        message.doubt(_KINDS[last.ai.ai])


def _may_run_on(number: str, value: str, today: date) -> bool:
    tails = ((value[at : at + 2], value[at + 2 :]) for at in range(1, len(value) - 2))
    return any(_could_be(head, tail, today) for head, tail in _without(number, tails))


def _without(number: str, tails: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return (pair for pair in tails if pair[0] != number)


def _could_be(number: str, tail: str, today: date) -> bool:
    """Whether an element of that number could begin with `tail`."""
    if number in _RUNS_ON or (number == "24" and tail[0] in "01"):
        return True
    if number == "01":
        return gtin_of(tail[:14]) is not None and len(tail) >= 14
    if number in (*_DATES, "17"):
        day = dates.six_digits(tail[:6], today)
        return day is not None and -_YEARS_BACK <= day.year - today.year <= _YEARS_AHEAD
    return False
