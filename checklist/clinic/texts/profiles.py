"""Which profile gives a protocol its values here: the one in force for the clinic's jurisdiction, and for a run the
one with which it began."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.protocol.errors import MissingProfileValueError, UnusableProfileValueError
from checklist.protocol.model import resolve
from checklist.protocol.text import clean
from checklist.run.events import strings_of
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from checklist.clinic.texts.library import Library
    from checklist.ledger.entry import Entry, Json
    from checklist.protocol.loader import LoadedProtocol
    from checklist.protocol.model import Protocol


def resolved(clinic: Clinic, found: LoadedProtocol) -> tuple[Protocol, dict[str, Json] | None] | Refusal:
    """The protocol as it is walked here now, and the profile that gave its values as a run names it (None: it takes
    none); or why it cannot be. Raises ClinicError where the profile's text is lost."""
    protocol = found.protocol
    wanted = sorted(protocol.profile_values())
    if not wanted:
        return protocol, None
    name = clinic.settings.clinic.jurisdiction
    profile = clinic.library.profile(clinic.ledger, name)
    shown = clean(name, limit=64)
    if profile is None:
        return Refusal(
            "profile",
            f"“{protocol.title}” takes “{wanted[0]}” from the profile “{shown}”, which is not in force here: ask a "
            f"lead to adopt it (checklist protocol adopt {shown}), or to name another jurisdiction in clinic.toml.",
        )
    try:
        return resolve(protocol, profile.profile.values), {"id": name, "sha256": profile.sha256}
    except MissingProfileValueError as error:
        return Refusal(
            "profile",
            f"The profile “{shown}” does not give “{error.missing[0]}”, which “{protocol.title}” needs: ask a lead to "
            "add it and to adopt the profile.",
        )
    except UnusableProfileValueError as error:
        return Refusal("profile", f"The profile “{shown}” does not fit “{protocol.title}”: {error.why}. Ask the lead.")


def as_begun(library: Library, found: LoadedProtocol, started: Entry) -> Protocol:
    """The protocol of a run with the values of the profile it began with. Raises ClinicError where that profile's text
    is lost or changed, ProtocolError where this version of the program cannot use it."""
    named = strings_of(started.data, "profile")
    if not named:
        return found.protocol
    return resolve(
        found.protocol, library.profile_by_digest(named.get("id", ""), named.get("sha256", "")).profile.values
    )
