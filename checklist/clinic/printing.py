"""Sheets on paper: from protocols to the bytes of a PDF, the same bytes for the same protocols everywhere.

Only fonts that come with the typesetter are used, and what they cannot show stands as its code point, never as an
empty box.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, Literal

from checklist.clinic.errors import PrintError
from checklist.clinic.texts.profiles import resolved
from checklist.ledger import durable
from checklist.protocol.showing.sheet import sheet
from checklist.protocol.text import clean
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from checklist.clinic.service import Clinic
    from checklist.protocol.loader import LoadedProtocol
    from checklist.protocol.model import Protocol

Paper = Literal["a4", "letter"]

MARK: Final = "printed by checklist"
"""Stands among the keywords of every PDF that is made here."""

_ON_LETTER = frozenset({"us", "ca"})
_SHOWN = re.compile(r'the text `"((?:[^"\\]|\\.)+)"` could not be displayed')
_PAGE = re.compile(rb"/Type\s*/Page\b")
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")


@dataclass(frozen=True, slots=True)
class Printed:
    """A PDF, and the signs in its texts that stand there as code points."""

    data: bytes
    missing: tuple[str, ...]

    @property
    def pages(self) -> int:
        """How many pages it has."""
        return len(_PAGE.findall(self.data))


@dataclass(frozen=True, slots=True)
class Wanted:
    """One protocol to print, with the profile's values in place where they are known, and that profile in words."""

    protocol: Protocol
    sha256: str
    profile: str = ""


def usual_paper(jurisdiction: str) -> Paper:
    """Letter where it is what is sold."""
    return "letter" if jurisdiction in _ON_LETTER else "a4"


def as_walked(clinic: Clinic, found: LoadedProtocol) -> Wanted | Refusal:
    """The protocol as it is walked here now, or why some of its values are not known. Raises ClinicError."""
    ready = resolved(clinic, found)
    if isinstance(ready, Refusal):
        return ready
    protocol, profile = ready
    words = f"“{profile['id']}”, SHA-256 {profile['sha256']}" if profile else ""
    return Wanted(protocol, found.sha256, words)


def printed(wanted: Sequence[Wanted], paper: Paper) -> Printed:
    """The sheets of these protocols, each beginning on a page of its own. Raises PrintError."""
    text = json.dumps([_plain(sheet(one.protocol, one.sha256, one.profile)) for one in wanted], ensure_ascii=False)
    return typeset("sheet.typ", {"sheets": text}, paper)


def typeset(template: str, texts: Mapping[str, str], paper: Paper) -> Printed:
    """What a template of ours makes of these texts. Raises PrintError."""
    import typst

    fonts = typst.Fonts(include_system_fonts=False)
    inputs = {**texts, "paper": {"a4": "a4", "letter": "us-letter"}[paper], "mark": MARK}
    missing: list[str] = []
    while True:
        try:
            # PDF/UA refuses a sign for which there is no glyph; anything laxer would print an empty box for it.
            data = typst.compile(
                _template(template),
                font_paths=fonts,
                ignore_system_fonts=True,
                sys_inputs=inputs,
                pdf_standards="ua-1",
                timestamp=0,
            )
        except typst.TypstError as error:
            unknown = [sign for sign in _unknown(error.diagnostic) if any(sign in text for text in inputs.values())]
            if not unknown:
                raise PrintError(f"The sheet cannot be typeset: {clean(error.message, limit=200)}") from None
            missing += unknown
            for sign in unknown:
                inputs = {name: text.replace(sign, _code_points(sign)) for name, text in inputs.items()}
        else:
            return Printed(data, tuple(missing))


def write(printed: Printed, out: Path) -> None:
    """Put a PDF in its place, whole or not at all. Raises PrintError; whatever stood there then stays."""
    shown = clean(str(out), limit=300)
    if str(out) == "-":
        raise PrintError("A PDF goes into a file: name one with --out, such as sheet.pdf.")
    try:
        if out.exists() and not (out.is_file() and _as_made(out.read_bytes())):
            raise PrintError(f"{shown}: is there already and is no PDF as it was printed here; name another file.")
        durable.replace(out, printed.data)
    except OSError as error:
        raise PrintError(f"{shown}: could not be written ({error.strerror}); choose another place.") from None


def _as_made(data: bytes) -> bool:
    """Whether this is a PDF of ours in which nobody has saved anything since, such as the answers."""
    return data.startswith(b"%PDF-") and MARK.encode() in data and data.count(b"%%EOF") == 1


@cache
def _template(name: str) -> bytes:
    return files("checklist.clinic").joinpath(name).read_bytes()


def _plain(value: object) -> object:
    """Named tuples as JSON objects, all the way down."""
    if isinstance(value, tuple):
        fields: tuple[str, ...] | None = getattr(value, "_fields", None)
        if fields is None:
            return [_plain(one) for one in value]
        return {name: _plain(one) for name, one in zip(fields, value, strict=True)}
    return value


def _unknown(diagnostic: str) -> list[str]:
    """The signs that the typesetter could not show, longest first."""
    found = {_ESCAPED.sub(_unescaped, each) for each in _SHOWN.findall(diagnostic)}
    return sorted(found, key=len, reverse=True)


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else found[2]


def _code_points(sign: str) -> str:
    return "".join(f"[U+{ord(one):04X}]" for one in sign)
