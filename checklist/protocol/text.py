"""The one place that cleans text.

Knows which characters may reach a terminal, a page or the record, and how many make one value. Knows nothing of what
a text means, and makes no markup: cleaned text is still only text.
"""

from unicodedata import category, normalize

MAX_VALUE = 500
"""Longest text, in characters, that is taken for one value, or for the words given with one."""

DEFAULT_LIMIT = 2000
"""Longest text, in characters, that is kept when the caller names no limit."""

ELLIPSIS = "…"

# Control, format (all bidirectional controls are in here, and so are the joiners: a sign that is not seen
# cannot be checked by the reader), surrogate, private use, unassigned, line and paragraph separators.
_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BREAKS = frozenset("\n\r\v\f\x85\u2028\u2029")


def clean(text: str, *, limit: int = DEFAULT_LIMIT, multiline: bool = False) -> str:
    """Return `text` in NFC without any character that could act instead of being read.

    Tabs and line breaks become a space; with `multiline` a line break becomes (or stays) a newline. All other
    control, format, surrogate, private-use and unassigned characters are dropped. What is longer than `limit`
    characters (at least 1) is cut and ends with an ellipsis. Cleaning twice changes nothing.
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    line_break = "\n" if multiline else " "
    kept = "".join(_kept(char, line_break) for char in text.replace("\r\n", "\n"))
    composed = normalize("NFC", kept)
    return composed if len(composed) <= limit else composed[: limit - 1] + ELLIPSIS


def _kept(char: str, line_break: str) -> str:
    if " " <= char <= "~":
        return char
    if char in _BREAKS:
        return line_break
    if char == "\t":
        return " "
    return "" if category(char) in _FORBIDDEN else char
