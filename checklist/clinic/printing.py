"""Sheets on paper: from protocols to the bytes of a PDF."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from checklist.audit import typesetting
from checklist.audit.typesetting import MARK, Paper, Printed, TypesetError, usual_paper
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

__all__ = ["MARK", "Paper", "Printed", "Wanted", "as_walked", "printed", "typeset", "usual_paper", "write"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One protocol to print, with the profile's values in place where they are known, and that profile in words."""

    protocol: Protocol
    sha256: str
    profile: str = ""


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
    try:
        return typesetting.typeset(_template(template), texts, paper)
    except TypesetError as error:
        raise PrintError(f"The sheet cannot be typeset: {error}") from None


def write(printed: Printed, out: Path) -> None:
    """Put a PDF in its place, whole or not at all. Raises PrintError; whatever stood there then stays."""
    shown = clean(str(out), limit=300)
    if str(out) == "-":
        raise PrintError("A PDF goes into a file: name one with --out, such as sheet.pdf.")
    try:
        if out.exists() and not (out.is_file() and typesetting.as_made(out.read_bytes())):
            raise PrintError(f"{shown}: is there already and is no PDF as it was printed here; name another file.")
        durable.replace(out, printed.data)
    except OSError as error:
        raise PrintError(f"{shown}: could not be written ({error.strerror}); choose another place.") from None


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
