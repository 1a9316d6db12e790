"""A scanner that types: which signs came from it, where its burst ends, and what belongs to the code.

Knows speeds and the signs that scanners put around a code; times go in, a decision comes out. Knows nothing of
screens, and nothing of what a code means.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from checklist.protocol.text import MAX_VALUE

GROUP_SEPARATOR = "\x1d"
VISIBLE_SEPARATOR = "␝"
HURRY = 0.035
"""Seconds that a scanner leaves between two signs at most (10 ms); people leave 60 ms and more."""
BURST_LEAST = 4
"""How many signs make a burst, as the shortest badge has them; two or three may come that fast from nimble fingers."""

_ENDS = "\r\n\t\x02\x03\x04"
_SET_82 = re.compile(r"""[A-Za-z0-9!"%&'()*+,\-./:;<=>?_]+""")


def unfit_substitute(text: str) -> str | None:
    """Why this cannot stand for the separator in what a scanner sends; None if it can."""
    if not 1 <= len(text) <= 8:
        return "A scanner's substitute for the separator has 1 to 8 signs."
    if _SET_82.fullmatch(text) and (len(text) < 3 or text.isalnum()):
        return f"“{text}” can stand in a lot number itself; set the scanner to one that cannot, such as | or ^."
    return None


def as_shown(text: str) -> str:
    """Text of a scanner with a sign in the place of the separator, which has none."""
    return text.replace(GROUP_SEPARATOR, VISIBLE_SEPARATOR)


def without_ends(text: str) -> str:
    """A code without what scanners put around it: Enter or Tab behind it, start and end of text. A separator and a
    space stay, since both can belong to the code."""
    return text.strip(_ENDS)


def came_as_burst(arrivals: Sequence[float], signs: int) -> bool:
    """Whether `signs` signs that came at these moments (seconds, one for each) all came faster than anybody types."""
    if len(arrivals) < max(signs, BURST_LEAST):
        return False
    return all(later - earlier < HURRY for earlier, later in pairwise(arrivals))


def last_burst(arrivals: Sequence[float]) -> int:
    """How many of the signs that came last came as one burst; 0 where there are too few for one."""
    at = len(arrivals) - 1
    while at > 0 and arrivals[at] - arrivals[at - 1] < HURRY:
        at -= 1
    count = len(arrivals) - at
    return count if count >= BURST_LEAST else 0


def ends_burst(arrivals: Sequence[float], at: float) -> bool:
    """Whether an Enter or Tab at that moment is a scanner's own, behind its burst: it takes the value and does nothing
    more, least of all sign."""
    return came_as_burst((*arrivals, at), len(arrivals)) and len(arrivals) >= BURST_LEAST


class Burst:
    """The signs that came last, as long as they came faster than anybody types: a badge's text, or a pasted one."""

    def __init__(self) -> None:
        self.text = ""
        self._last = float("-inf")

    def add(self, text: str, at: float) -> bool:
        """Take one more sign, at a moment in seconds; whether it begins anew."""
        anew = at - self._last >= HURRY
        self.text = as_shown(text if anew else self.text + text)[:MAX_VALUE]
        self._last = at
        return anew

    @property
    def whole(self) -> bool:
        """Whether it is long enough to be one."""
        return len(self.text) >= BURST_LEAST

    def take(self) -> str:
        """What it says; it is empty then."""
        text, self.text = self.text, ""
        return text
