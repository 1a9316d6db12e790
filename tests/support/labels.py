"""GS1 element strings as a label's maker writes them, and the check digits and characters that belong to codes."""

from collections.abc import Iterable

GS = "\x1d"
FIXED = {"00", "01", "02", "11", "12", "13", "15", "16", "17", "20"}
"""The numbers of elements with a length of their own, which need no separator."""
_HIBC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"


def gtin(thirteen: str) -> str:
    """Thirteen digits with their check digit: three times every other one from the right, filled up to a ten."""
    weighed = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(thirteen)))
    return f"{thirteen}{-weighed % 10}"


def written(elements: Iterable[tuple[str, str]], separator: str = GS) -> str:
    """Elements one after the other, with a separator behind each that has no length of its own."""
    return "".join(number + text + ("" if number in FIXED else separator) for number, text in elements).removesuffix(
        separator or "\x00"
    )


def hibc(text: str) -> str:
    """A code of the Health Industry Bar Code with its check character."""
    return text + _HIBC[sum(_HIBC.index(sign) for sign in text) % 43]
