"""A run as it stands, from its entries and the texts with which it began."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from checklist.clinic.errors import ClinicError, UnknownRunError
from checklist.protocol.outline import OutlineError
from checklist.protocol.plain import ProfileRef
from checklist.protocol.text import clean
from checklist.run.events import strings_of
from checklist.run.fold import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.texts.library import Library
    from checklist.ledger.entry import Entry
    from checklist.protocol.model import Protocol
    from checklist.protocol.outline import Outline
    from checklist.protocol.plain import Window
    from checklist.run.state import RunState


def folded(library: Library, run: str, entries: Sequence[Entry]) -> RunState:
    """The run that these entries tell, in their order. Raises UnknownRunError where they tell none, and ClinicError or
    ProtocolError where the texts that it began with are lost or cannot be used."""
    from checklist.clinic.texts.profiles import as_begun

    found = library.by_digest(*_walked(run, entries))
    return fold(as_begun(library, found, entries[0]), entries)


def looked_over(library: Library, run: str, entries: Sequence[Entry]) -> RunState:
    """The same run for who only asks how it stands: its protocol is an outline, which says how each entry changes it
    and for how long it counts, and no more. Raises as `folded`."""
    _, sha256 = _walked(run, entries)
    try:
        told = _with_validity(library, library.outline(sha256), entries[0])
    except OutlineError:
        return folded(library, run, entries)
    return fold(cast("Protocol", told), entries)  # all that the fold asks of a protocol is in its outline


def _walked(run: str, entries: Sequence[Entry]) -> tuple[str, str]:
    """The id and the digest of the protocol of a run."""
    if not entries or entries[0].kind != "run.started":
        raise UnknownRunError(f"There is no run “{clean(run, limit=40)}” in the record; see “checklist log”.")
    named = entries[0].data.get("protocol")
    if not isinstance(named, dict):
        raise ClinicError(f"Run {run} does not say which protocol it walks; run “checklist verify”.")
    return str(named.get("id")), str(named.get("sha256"))


def _with_validity(library: Library, told: Outline, started: Entry) -> Outline:
    """The outline with the value of the profile that the run began with; where it names none, the name stays."""
    named = strings_of(started.data, "profile")
    if not isinstance(told.valid_for, ProfileRef) or not named:
        return told
    return replace(told, valid_for=length_in(library, told.valid_for, named.get("sha256", "")))


def length_in(library: Library, named: ProfileRef, sha256: str) -> Window:
    """The length of time that a profile gives under a name. Raises as `Library.outline`: OutlineError where it gives
    none."""
    found = library.durations(sha256).get(named.profile)
    if found is None:
        raise OutlineError(f"{named} is no length of time")
    return found
