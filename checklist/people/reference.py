"""What may stand for a visit: a number, never what names a patient.

A reference is kept only as a commitment, but a name or a birth date could be guessed from a list and found again. Only
what is plainly one can be told: that “Keller 17” is a name and “booking 17” is none, nobody can know.
"""

import re
from datetime import date

_BETWEEN = re.compile(r"[\s,;.|_]+")
_PARTED = re.compile(r"(?<!\d)(\d{1,4})[-./ ,;:|_]{1,2}(\d{1,2})[-./ ,;:|_]{1,2}(\d{1,4})(?!\d)")
_RUN_ON = re.compile(r"(?<!\d)(?:\d{6}|\d{8})(?!\d)")
_PIECE = re.compile(r"\d+|[^\W\d_]+")
_JOINED = re.compile(r"[^\W\d_]{4,}(?=\d)|(?<=\d)[^\W\d_]{4,}")
"""Letters right beside a digit, so many that they may be a name: a prefix is shorter, or in capitals."""
_MONTHS = {
    month: number
    for number, names in enumerate(
        (
            "jan january januar jän jänner", "feb february februar", "mar march mär märz mrz", "apr april", "may mai",
            "jun june juni", "jul july juli", "aug august", "sep sept september", "oct october okt oktober",
            "nov november", "dec december dez dezember",
        ),
        start=1,
    )
    for month in names.split()
}  # fmt: skip
_OLDEST = 130
"""So many years back a date may be somebody's birth."""

_NAME = "That looks like a name; no patient is named here. Give a number: P-10293."
_BIRTH = "That looks like a date of birth; it says who it is. Give a number: P-10293."


def unfit_reference(text: str, today: date) -> str | None:
    """Why this may not stand for a visit, as a sentence; None if it may. A name has no digit, or two words and more
    beside them, or small letters joined to one; a date of birth is one before this year."""
    parted = (_dates(match.groups(), today) for match in _PARTED.finditer(text))
    run_on = (_run_on(match[0], today) for match in _RUN_ON.finditer(text))
    if any(_births(dates, today) for dates in (*parted, *run_on, *_spelt(text, today))):
        return _BIRTH
    named = [word for word in _BETWEEN.split(text) if _is_word(word)]
    if not any(sign.isdecimal() for sign in text) or len(named) > 1:
        return _NAME
    return _NAME if any(not each[0].isupper() for each in _JOINED.finditer(text)) else None


def _is_word(text: str) -> bool:
    """Whether it is made of letters, or of letters with digits in the place of some of them."""
    letters = sum(sign.isalpha() for sign in text)
    plain = re.sub(r"[-'’]", "", text)
    between = re.fullmatch(r"[^\W\d_]+(?:\d[^\W\d_]+)+", plain) is not None
    return plain.isalpha() or (between and letters > len(plain) // 2 + 1)


def _spelt(text: str, today: date) -> list[list[date]]:
    """Dates with the month in letters, between its day and its year or before both."""
    pieces = _PIECE.findall(text)
    found = []
    for place, piece in enumerate(pieces):
        if piece.casefold() not in _MONTHS:
            continue
        month = str(_MONTHS[piece.casefold()])
        around = pieces[max(place - 1, 0) : place] + pieces[place + 1 : place + 2]
        found += [
            _dates((numbers[0], month, numbers[1]), today)
            for numbers in (around, pieces[place + 1 : place + 3])
            if len(numbers) == 2 and all(each.isdecimal() and len(each) <= 4 for each in numbers)
        ]
    return found


def _births(dates: list[date], today: date) -> bool:
    """Whether it is a date and, however it is read, of a year before this one."""
    near = [one for one in dates if abs(one.year - today.year) <= _OLDEST]
    return bool(near) and all(one.year < today.year for one in near)


def _dates(parts: tuple[str, ...], today: date) -> list[date]:
    """Three numbers as the dates that they may be: year first, or last behind day and month or month and day."""
    first, second, third = parts
    found = []
    if len(first) in (2, 4) and len(third) <= 2:
        found.append(_date(_year(first, today), second, third))
    if len(first) <= 2 and len(third) in (2, 4):
        found += [_date(_year(third, today), second, first), _date(_year(third, today), first, second)]
    return [one for one in found if one is not None]


def _run_on(digits: str, today: date) -> list[date]:
    """Six or eight digits the same way; nobody writes month, day and a short year without anything between."""
    if len(digits) == 6:
        found = [_date(_year(digits[:2], today), digits[2:4], digits[4:])]
        found += [_date(_year(digits[4:], today), digits[2:4], digits[:2])]
    else:
        found = [
            _date(int(digits[:4]), digits[4:6], digits[6:]),
            _date(int(digits[4:]), digits[2:4], digits[:2]),
            _date(int(digits[4:]), digits[:2], digits[2:4]),
        ]
    return [one for one in found if one is not None]


def _year(text: str, today: date) -> int:
    """A year of four digits, or of two, then of the last hundred years."""
    if len(text) == 4:
        return int(text)
    century = today.year - today.year % 100
    return century + int(text) - (100 if int(text) > today.year % 100 else 0)


def _date(year: int, month: str, day: str) -> date | None:
    try:
        return date(year, int(month), int(day))
    except ValueError:
        return None
