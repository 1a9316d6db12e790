"""The short dates of barcodes as dates: which century two digits mean, and which day is meant where none is given.

Knows the rules of GS1 and HIBC for writing dates; what today is, it is told.
"""

import calendar
from datetime import date, timedelta


def full_year(two_digits: int, today: date) -> int:
    """The year that two digits mean: never more than 50 years ahead of today, nor more than 49 back."""
    century = today.year - today.year % 100
    distance = two_digits - today.year % 100
    if distance >= 51:
        return century - 100 + two_digits
    if distance <= -50:
        return century + 100 + two_digits
    return century + two_digits


def day_of(year: int, month: int, day: int) -> date | None:
    """That day; day 0 is the last of its month. None where there is no such day."""
    try:
        return date(year, month, day or calendar.monthrange(year, month)[1])
    except ValueError:  # a wrong month is one too
        return None


def six_digits(text: str, today: date, *, order: str = "YMD") -> date | None:
    """Six digits as a date: YYMMDD, or MMDDYY where `order` is "MDY"; day 00 is the last of the month."""
    if not _digits(text, 6):
        return None
    parts = dict(zip(order, (int(text[0:2]), int(text[2:4]), int(text[4:6])), strict=True))
    return day_of(full_year(parts["Y"], today), parts["M"], parts["D"])


def month_and_year(text: str, today: date) -> date | None:
    """Four digits MMYY as the last day of that month."""
    if not _digits(text, 4):
        return None
    return day_of(full_year(int(text[2:]), today), int(text[:2]), 0)


def day_of_year(text: str, today: date) -> date | None:
    """Five digits YYJJJ as a date: the year and the day's number in it, from 001."""
    if not _digits(text, 5):
        return None
    year, number = full_year(int(text[:2]), today), int(text[2:])
    if not 1 <= number <= (366 if calendar.isleap(year) else 365):
        return None
    return date(year, 1, 1) + timedelta(days=number - 1)


def eight_digits(text: str) -> date | None:
    """Eight digits YYYYMMDD as a date."""
    if not _digits(text, 8):
        return None
    return day_of(int(text[:4]), int(text[4:6]), int(text[6:])) if text[6:] != "00" else None


def _digits(text: str, count: int) -> bool:
    return len(text) == count and text.isascii() and text.isdecimal()
