"""The protocol that somebody names at the command line: one in force, a shipped one, or a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.cli.shared import named_clinic

if TYPE_CHECKING:
    import click

    from checklist.protocol.loader import LoadedProfile, LoadedProtocol
    from checklist.protocol.model import Protocol


def found(ctx: click.Context, name: str) -> LoadedProtocol:
    """The one in force of that id, or else the shipped one; the file itself where the name ends in .toml. Raises
    UnknownProtocolError, or ProtocolFileError with all that is wrong with the file."""
    from pathlib import Path

    from checklist.clinic.errors import UnknownProtocolError, nearest
    from checklist.clinic.folder import find
    from checklist.protocol.library import shipped
    from checklist.protocol.loader import load

    if name.endswith(".toml"):
        return load(Path(name))
    folder = find(named_clinic(ctx))
    if folder.made:
        from checklist.clinic.service import Clinic

        with Clinic.open(folder) as opened:
            return opened.library.named(opened.ledger, name)
    known = shipped()
    if name not in known:
        raise UnknownProtocolError(f"There is no protocol “{name[:64]}”; {nearest(name, known)}")
    return known[name]


def with_values(ctx: click.Context, protocol: Protocol, profile: str | None) -> Protocol:
    """The protocol with the values of the profile named, or else of the clinic's jurisdiction, or of no jurisdiction.
    Raises UnknownProtocolError where there is no profile of that name, and ProtocolError where it does not give what
    the protocol names."""
    from checklist.protocol.model import resolve

    if not protocol.profile_values() and profile is None:
        return protocol
    found = profile_named(ctx, profile)
    return resolve(protocol, found.profile.values if found is not None else {})


def as_here(ctx: click.Context, protocol: Protocol) -> Protocol:
    """The protocol with the values of the clinic's jurisdiction; as it stands where there is no clinic, or where its
    profile does not give them."""
    from checklist.clinic.folder import find
    from checklist.protocol.errors import ProtocolError

    if not find(named_clinic(ctx)).made:
        return protocol
    try:
        return with_values(ctx, protocol, None)
    except ProtocolError:
        return protocol


def profile_named(ctx: click.Context, named: str | None) -> LoadedProfile | None:
    """The profile in force of that name, or a shipped one where there is no clinic; unnamed, that of the jurisdiction,
    if it is there. Raises UnknownProtocolError."""
    from checklist.clinic.errors import UnknownProtocolError, nearest
    from checklist.clinic.folder import find
    from checklist.protocol.library import STRICTEST, shipped_profiles

    folder = find(named_clinic(ctx))
    if folder.made:
        from checklist.clinic.service import Clinic

        with Clinic.open(folder) as opened:
            profile = opened.library.profile(opened.ledger, named or opened.settings.clinic.jurisdiction)
            known = [one.id for one in opened.library.texts_in_force(opened.ledger) if one.kind == "profile"]
    else:
        profile, known = shipped_profiles().get(named or STRICTEST), [*shipped_profiles()]
    if profile is None and named is not None:
        raise UnknownProtocolError(f"There is no profile “{named[:64]}”; {nearest(named, known)}")
    return profile
