"""From a template of ours and words to the bytes of a PDF: tagged, and the same bytes for the same words everywhere.

Only fonts that come with the typesetter are used, and what they cannot show stands as its code point, never as an
empty box. Knows neither what is printed nor where a template stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from checklist.protocol.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

Paper = Literal["a4", "letter"]

MARK: Final = "printed by checklist"
"""Stands among the keywords of every PDF that is made here."""

_ON_LETTER = frozenset({"us", "ca"})
_SHOWN = re.compile(r'the text `"((?:[^"\\]|\\.)+)"` could not be displayed')
_PAGE = re.compile(rb"/Type\s*/Page\b")
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")


class TypesetError(Exception):
    """The typesetter refuses what it was given."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A PDF, and the signs in its texts that stand there as code points."""

    data: bytes
    missing: tuple[str, ...]

    @property
    def pages(self) -> int:
        """How many pages it has."""
        return len(_PAGE.findall(self.data))


def usual_paper(jurisdiction: str) -> Paper:
    """Letter where it is what is sold."""
    return "letter" if jurisdiction in _ON_LETTER else "a4"


def as_made(data: bytes) -> bool:
    """Whether this is a PDF of ours in which nobody has saved anything since, such as the answers."""
    return data.startswith(b"%PDF-") and MARK.encode() in data and data.count(b"%%EOF") == 1


def typeset(template: bytes, texts: Mapping[str, str], paper: Paper) -> Printed:
    """What a template makes of these texts. Raises TypesetError."""
    import typst

    fonts = typst.Fonts(include_system_fonts=False)
    inputs = {**texts, "paper": {"a4": "a4", "letter": "us-letter"}[paper], "mark": MARK}
    missing: list[str] = []
    while True:
        try:
            # PDF/UA refuses a sign for which there is no glyph; anything laxer would print an empty box for it.
            data = typst.compile(
                template,
                font_paths=fonts,
                ignore_system_fonts=True,
                sys_inputs=inputs,
                pdf_standards="ua-1",
                timestamp=0,
            )
        except typst.TypstError as error:
            unknown = [sign for sign in _unknown(error.diagnostic) if any(sign in text for text in inputs.values())]
            if not unknown:
                raise TypesetError(clean(error.message, limit=200)) from None
            missing += unknown
            for sign in unknown:
                inputs = {name: text.replace(sign, _code_points(sign)) for name, text in inputs.items()}
        else:
            return Printed(data, tuple(missing))


def _unknown(diagnostic: str) -> list[str]:
    """The signs that the typesetter could not show, longest first."""
    found = {_ESCAPED.sub(_unescaped, each) for each in _SHOWN.findall(diagnostic)}
    return sorted(found, key=len, reverse=True)


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else found[2]


def _code_points(sign: str) -> str:
    return "".join(f"[U+{ord(one):04X}]" for one in sign)
