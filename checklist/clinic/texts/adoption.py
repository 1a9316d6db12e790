"""What bringing a text into force takes: its bytes kept, and the entry that names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from checklist.gate.procedure import LoadedProcedure
from checklist.ledger.durable import replace
from checklist.ledger.entry import Draft
from checklist.protocol.loader import LoadedProfile, LoadedProtocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from checklist.gate.procedure import Procedure
    from checklist.ledger.entry import Json
    from checklist.protocol.model import Protocol
    from checklist.protocol.profile import Profile

Loaded: TypeAlias = LoadedProtocol | LoadedProfile | LoadedProcedure
"""A text of any kind with its bytes."""


def about_of(found: Loaded) -> Protocol | Profile | Procedure:
    """What a text says of itself: its id, version and title, whatever its kind."""
    match found:
        case LoadedProtocol():
            return found.protocol
        case LoadedProfile():
            return found.profile
        case LoadedProcedure():
            return found.procedure


def adoption(found: Loaded, was: str | None, actor: str | None, via: str) -> Draft:
    """The entry that brings a text into force. What it is called stands in it too (of a protocol also its subject, its
    category and the kinds of equipment it is about), so that whoever reads the record without the text knows what it
    is."""
    about = about_of(found)
    data: dict[str, Json] = {
        "id": about.id,
        "version": about.version,
        "sha256": found.sha256,
        "was": was,
        "title": about.title,
    }
    if not isinstance(found, LoadedProtocol):
        return Draft("profile.adopted" if isinstance(found, LoadedProfile) else "procedure.adopted", data, actor, via)
    more: dict[str, Json] = {"subject": found.protocol.subject, "category": found.protocol.category}
    if found.protocol.equipment:
        more["equipment"] = list(found.protocol.equipment)
    return Draft("protocol.adopted", data | more, actor, via)


def keep_bytes(adopted: Path, found: Mapping[str, bytes]) -> None:
    """Keep the exact bytes of texts under their digests, durable on return: they are there before any entry names
    them."""
    adopted.mkdir(mode=0o700, parents=True, exist_ok=True)
    for sha256, data in found.items():
        replace(adopted / f"{sha256}.toml", data)
