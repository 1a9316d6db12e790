"""The forms of a printout's lines: `Zyklus: {cycle}` is the line as printed, with names where values stand.

A form comes from a file, so it is no regular expression: each name stands for a value of a fixed shape, which is taken
as long as it goes and never tried shorter. Only the one name that may stand for words is, and so no form can make a
line take long to read.
"""

import re
from dataclasses import dataclass
from typing import Final

MAX_FORM: Final = 120

_NUMBER: Final = r"[+-]?[0-9]{1,6}(?:[.,][0-9]{1,4})?"
_SHAPES: Final = {
    "day": "[0-9]{1,2}",
    "month": "[0-9]{1,2}",
    "year": "[0-9]{4}|[0-9]{2}",
    "hour": "[0-9]{1,2}",
    "minute": "[0-9]{1,3}",
    "second": "[0-9]{1,5}",
    "cycle": "[0-9]{1,9}",
    "temperature": _NUMBER,
    "pressure": _NUMBER,
    "error": r"[0-9A-Za-z._-]{1,20}",
    "serial": r"[0-9A-Za-z./_-]{1,40}",
    "any": r"\S{1,20}",
}
"""What each name can stand for. `result` is one of the reader's own words; any other name is words to the line's end
or to what follows in the form."""
_NAME: Final = re.compile(r"\{([a-z_]{1,20})\}")
_WORDS: Final = r"\S(?:.*\S)?"


class FormError(ValueError):
    """A form cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form, ready to be laid on lines."""

    text: str
    names: tuple[str, ...]
    pattern: re.Pattern[str]

    def read(self, line: str) -> dict[str, str] | None:
        """The values by name, where the whole line has this form; a line has no space at its ends and none twice."""
        match = self.pattern.fullmatch(line)
        return match.groupdict() if match else None


def form(text: str, results: tuple[str, ...] = ()) -> Form:
    """Make a form ready; `results` are the words that `{result}` stands for. Raises FormError."""
    text = " ".join(text.split())
    parts = _NAME.split(text)
    literals, names = parts[0::2], tuple(parts[1::2])
    if not text or len(text) > MAX_FORM:
        raise FormError(f"has not 1 to {MAX_FORM} characters")
    if any("{" in one or "}" in one for one in literals):
        raise FormError("has a brace that encloses no name")
    if len({*names} - {"any"}) < len([name for name in names if name != "any"]):
        raise FormError("has a name twice")
    if sum(name not in _SHAPES and name != "result" for name in names) > 1:
        raise FormError("has more than one name that stands for words")
    if any(not middle for middle in literals[1:-1]):
        raise FormError("has two names with nothing between them")
    pattern = "".join(
        re.escape(literals[at]) + (_group(names[at], results) if at < len(names) else "") for at in range(len(literals))
    )
    return Form(text, names, re.compile(pattern))


def _group(name: str, results: tuple[str, ...]) -> str:
    if name == "any":
        return f"(?>{_SHAPES[name]})"
    if name == "result":
        words = sorted((re.escape(" ".join(word.split())) for word in results), key=len, reverse=True)
        return f"(?P<result>(?>{'|'.join(words) or '(?!)'}))"
    return f"(?P<{name}>(?>{_SHAPES[name]}))" if name in _SHAPES else f"(?P<{name}>{_WORDS})"
