"""`checklist protocol list`: which protocols there are, by where they are done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click

from checklist.cli.shared import clinic_option, json_option, named_clinic, say, say_json_list, tell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from checklist.clinic.service import Clinic
    from checklist.protocol.loader import LoadedProtocol
    from checklist.protocol.model import Protocol
    from checklist.protocol.plain import Validity, Window

_HEADINGS: Final = {
    "clinic": "The clinic as a whole",
    "room": "A room",
    "equipment": "A machine",
    "session": "A visit",
    "emergency": "Emergencies",
}


@dataclass(frozen=True, slots=True)
class _Listed:
    """A protocol, and what a run of it can be about here, as pairs of `kind=id` and title; None where there is no
    clinic to say."""

    found: LoadedProtocol
    about: tuple[tuple[str, str], ...] | None = None
    counts: Validity | None = None
    """How long a run of it counts, as long as the clinic's profile says where it is the one that says it."""

    @property
    def group(self) -> str:
        protocol = self.found.protocol
        return "emergency" if protocol.category == "emergency" else protocol.subject


@click.command("list")
@json_option
@clinic_option
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool) -> int:
    """List the protocols by where they are done: those in force, or the shipped ones where there is no clinic."""
    places = [*_HEADINGS]
    listed = sorted(_listed(ctx), key=lambda one: (places.index(one.group), one.found.protocol.title.casefold()))
    if as_json:
        say_json_list(_data(one) for one in listed)
        return 0
    before = ""
    for one in listed:
        if one.group != before:
            say(*([""] if before else []), _HEADINGS[one.group])
            before = one.group
        say(*_lines(one))
    return 0


def _listed(ctx: click.Context) -> Iterator[_Listed]:
    from checklist.clinic.errors import ClinicError
    from checklist.clinic.folder import find
    from checklist.clinic.texts import offering
    from checklist.protocol.errors import ProtocolError
    from checklist.protocol.library import shipped

    folder = find(named_clinic(ctx))
    if not folder.made:
        yield from (_Listed(one, counts=one.protocol.valid_for) for one in shipped().values())
        return
    from checklist.clinic.service import Clinic

    with Clinic.open(folder) as clinic:
        windows = _windows(clinic)
        for one in offering.offered(clinic):
            try:
                found = clinic.library.named(clinic.ledger, one.id)
            except (ClinicError, ProtocolError) as fault:  # one text that is lost hides none of the others
                tell(str(fault))
            else:
                yield _Listed(found, offering.subjects(clinic.settings, one), _counts(found.protocol, windows))


def _windows(clinic: Clinic) -> Mapping[str, Window]:
    """The lengths of time that the profile of the clinic's jurisdiction gives; none where there is no such text."""
    from checklist.clinic.errors import ClinicError
    from checklist.protocol.outline import OutlineError

    found = clinic.library.text_in_force(clinic.ledger, clinic.settings.clinic.jurisdiction)
    try:
        return clinic.library.durations(found.sha256) if found is not None and found.kind == "profile" else {}
    except (ClinicError, OutlineError):  # a lost text is told by the checks of the record
        return {}


def _counts(protocol: Protocol, windows: Mapping[str, Window]) -> Validity | None:
    from checklist.protocol.plain import ProfileRef

    named = protocol.valid_for
    return windows.get(named.profile, named) if isinstance(named, ProfileRef) else named


def _lines(one: _Listed) -> Iterator[str]:
    from checklist.protocol.showing.facts import EVERYONE, time_words
    from checklist.protocol.showing.minimum import at_least_words, minimum_seconds

    protocol = one.found.protocol
    yield f"  {protocol.id}: {protocol.title}"
    yield f"    {protocol.purpose}"
    if one.about is not None and one.group in ("room", "equipment"):
        yield f"    For: {', '.join(title for _, title in one.about) or 'nothing that clinic.toml names'}"
    yield f"    Steps: {len(protocol.steps)}, {at_least_words(minimum_seconds(protocol))}"
    if one.counts is not None:
        yield f"    Counts for: {time_words(one.counts)}"
    yield f"    Who: {', '.join(protocol.roles) or EVERYONE}"


def _data(one: _Listed) -> Mapping[str, object]:
    from checklist.protocol.showing.minimum import minimum_seconds

    protocol = one.found.protocol
    return {
        "id": protocol.id,
        "version": protocol.version,
        "sha256": one.found.sha256,
        "title": protocol.title,
        "purpose": protocol.purpose,
        "category": protocol.category,
        "subject": protocol.subject,
        "equipment": protocol.equipment,
        "about": [subject for subject, _ in one.about or ()],
        "roles": protocol.roles,
        "credentials": protocol.credentials,
        "steps": len(protocol.steps),
        "minimum_seconds": minimum_seconds(protocol),
        "counts_for": str(one.counts) if one.counts is not None else None,
    }
