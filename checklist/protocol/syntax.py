"""What is wrong with a line that is no TOML, where the line itself shows it: the slips that people make most.

Knows quotes and commas. Where a line could mean more than one thing it says nothing, and the parser's own words stand.
"""

import re
from typing import Final, NamedTuple

_TYPOGRAPHIC: Final = "“”„‟«»‘’‚‛"
_STRAIGHT: Final = 'use straight quotes: "like this"'
_COMMA: Final = re.compile(r"=\s*[+-]?\d+,\d+(?=\s*(?:[,}#]|$))")
_KEY: Final = re.compile(r"[\w.-]+\s*=")


class Slip(NamedTuple):
    """What is wrong, and what would be right."""

    what: str
    fix: str


def slip(text: str, line: int, column: int, said: str) -> Slip | None:
    """Return what is plainly wrong at this place, counted from 1, of which the parser has `said` something; None where
    that cannot be told for sure."""
    lines = text.replace("\r\n", "\n").split("\n")
    if not 1 <= line <= len(lines):
        return None
    words, at = lines[line - 1], column - 1
    if at < len(words) and words[at] in _TYPOGRAPHIC:
        return Slip(f"{words[at]} is a typographic quote, which begins no text", _STRAIGHT)
    if at >= len(words) and said.startswith(("Illegal character '\\n'", "Unterminated string")):
        return _unclosed(words)
    if any(found.start() < at <= found.end() + 1 for found in _COMMA.finditer(words)):
        return Slip("a number is written with a comma", "write a decimal point, not a comma: 1.5")
    rest = words[at:]
    if at and words[at - 1] == '"' and rest[:1].isalnum() and '"' in rest and not _KEY.match(rest):
        fix = "put a \\ before each quote inside the text, or write typographic ones there: “ ”"
        return Slip("a quote inside the text ends it here", fix)
    return None


def _unclosed(words: str) -> Slip:
    last = words.rstrip(" ,]}")[-1:]
    if last and last in _TYPOGRAPHIC:
        return Slip(f'the text begins with " and ends with {last}', _STRAIGHT)
    return Slip("the quote is not closed on this line", 'end the text with " on the line it begins on')
