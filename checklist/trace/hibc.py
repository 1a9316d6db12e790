"""Labels of the Health Industry Bar Code: product, and lot, serial number and date, apart or in one code.

Knows the supplier labelling form: `+`, the maker's four characters, product, unit, `/`, flags and dates, and the
check character over everything. Without a right check character nothing is read.
"""

import re
from collections.abc import Callable
from datetime import date

from checklist.trace import dates
from checklist.trace.label import Label, Others, Partial, Unread

_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
_PRODUCT = re.compile(r"([A-Z][A-Z0-9]{3})([A-Z0-9]{1,18})([0-9])", re.ASCII)
_NUMBER = re.compile(r"[A-Z0-9.-]{1,18}", re.ASCII)

_Dated = tuple[int, Callable[[str, date], date | None]]
_FORMATS: dict[str, _Dated] = {
    "2": (6, lambda text, today: dates.six_digits(text, today, order="MDY")),
    "3": (6, dates.six_digits),
    "4": (8, lambda text, today: dates.six_digits(text[:6], today) if _hour(text[6:]) else None),
    "5": (5, dates.day_of_year),
    "6": (7, lambda text, today: dates.day_of_year(text[:5], today) if _hour(text[5:]) else None),
}
"""By the digit after `$$`: how many signs the date has, and how it is read. 0 and 1 begin the date MMYY itself."""
_MONTH: _Dated = (4, dates.month_and_year)
_QUANTITY = {"8": 2, "9": 5}
"""By the digit after `$$`: how many digits of quantity come before the date."""


def check_character(text: str) -> str | None:
    """The check character of a code, over all of it before; None where a sign cannot stand in one."""
    places = [_SIGNS.find(sign) for sign in text]
    return None if -1 in places else _SIGNS[sum(places) % 43]


def read_hibc(text: str, today: date) -> Label | Partial | Unread:
    """A code that begins with `+`, with its check character at its end."""
    if any(sign.islower() for sign in text):
        return Unread("caps-lock", "The letters came in the wrong case: turn Caps Lock off and scan again.", text)
    if len(text) < 3 or check_character(text[:-1]) != text[-1]:
        # Also where the check character is a space that got lost on the way: to make it up would let one in 43 of all
        # misread codes pass.
        return Unread("check", "The code was not read right: scan again, or read the label and type it.", text)
    body, check = text[1:-1], text[-1]
    if body[0].isalpha():
        product, *more = body.split("/")
        return _Reading(today).of_product(product, more, check)
    return _Reading(today).of_lot(body, text)


class _Reading:
    """One code on its way to a label."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.identifiers: dict[str, str] = {}
        self.others: list[tuple[str, str]] = []
        self.unread: list[str] = []
        self.pieces: list[str] = []

    def of_product(self, product: str, more: list[str], check: str) -> Label | Partial | Unread:
        match = _PRODUCT.fullmatch(product)
        if match:
            self.identifiers["ref"] = match[2]
            self.others += [("maker", match[1]), ("unit", match[3])]
        else:
            self._fail(product, "ref")
        if not more:
            self.others.append(("check", check))  # what the code of the lot points back to
        for part in more:
            self._part(part)
        return self._result()

    def of_lot(self, body: str, text: str) -> Label | Partial | Unread:
        """The second code of a label that has two; it ends with the first one's check character."""
        if len(body) < 2:
            return Unread("empty", "This code is empty: read the label and type it.", text)
        self.others.append(("link", body[-1]))
        first, *more = body[:-1].split("/")
        for part in (first, *more):
            self._part(part)
        return self._result()

    def _part(self, part: str) -> None:
        if part.startswith("$$+"):
            self._dated(part[3:], "serial", part)
        elif part.startswith("$$"):
            self._dated(part[2:], "lot", part)
        elif part.startswith("$+"):
            self._number("serial", part[2:], part)
        elif part.startswith("$"):
            self._number("lot", part[1:], part)
        elif part.startswith("14D"):
            self._expires(dates.eight_digits(part[3:]), part)
        elif part.startswith("16D"):
            self.others.append(("made", part[3:]))
        elif part.startswith("S"):
            self._number("serial", part[1:], part)
        elif part.startswith("Q") and part[1:].isdecimal():
            self.others.append(("quantity", part[1:]))
        elif part[:5].isdecimal() and len(part) >= 5:
            self._expires(dates.day_of_year(part[:5], self.today), part)
            self._rest("lot", part[5:], part)
        else:
            self._fail(part)

    def _dated(self, text: str, kind: str, part: str) -> None:
        """What follows `$$`: a quantity where there is one, a date, and the lot or serial number."""
        digits = _QUANTITY.get(text[:1])
        if digits is not None:
            if not text[1 : 1 + digits].isdecimal():
                return self._fail(part, "expiry", kind)
            self.others.append(("quantity", text[1 : 1 + digits]))
            text = text[1 + digits :]
            if not text[:1].isdecimal():
                return self._rest(kind, text, part)
        if text[:1] == "7":
            return self._rest(kind, text[1:], part)
        if text[:1] in ("0", "1"):
            length, read = _MONTH
        elif text[:1] in _FORMATS:
            (length, read), text = _FORMATS[text[0]], text[1:]
        else:
            return self._fail(part, "expiry", kind)
        found = read(text[:length], self.today)
        if found is None:  # where the date ends is then not sure either
            return self._fail(part, "expiry", kind)
        self._expires(found, part)
        return self._rest(kind, text[length:], part)

    def _rest(self, kind: str, text: str, part: str) -> None:
        if text:
            self._number(kind, text, part)

    def _number(self, kind: str, text: str, part: str) -> None:
        if not _NUMBER.fullmatch(text) or self.identifiers.get(kind, text) != text:
            return self._fail(part, kind)
        self.identifiers[kind] = text
        return None

    def _expires(self, day: date | None, part: str) -> None:
        if day is None or self.identifiers.get("expiry", day.isoformat()) != day.isoformat():
            return self._fail(part, "expiry")
        self.identifiers["expiry"] = day.isoformat()
        return None

    def _fail(self, part: str, *kinds: str) -> None:
        self.pieces.append(part)
        self.unread += [kind for kind in kinds if kind not in self.unread]

    def _result(self) -> Label | Partial:
        others: Others = tuple(self.others)
        if not self.pieces:
            return Label("hibc", self.identifiers, others)
        sure = {kind: text for kind, text in self.identifiers.items() if kind not in self.unread}
        return Partial("hibc", sure, tuple(self.unread), tuple(self.pieces), others)


def _hour(text: str) -> bool:
    return len(text) == 2 and text.isdecimal() and int(text) < 25
