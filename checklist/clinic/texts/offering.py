"""What can be started in a clinic, by where it is done: the clinic as a whole, a room, a machine, a visit, or in
an emergency.

From the views and clinic.toml, so that a list is there at once; the text of a protocol is read only where it alone
says which kinds of machine it is for. Knows nothing of who may walk what.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.clinic.errors import ClinicError
from checklist.protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from checklist.clinic.config import Config
    from checklist.clinic.service import Clinic

EQUIPMENT = "equipment"
EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Offered:
    """A protocol in force. `kinds`: which kinds of machine it is for; empty: every kind."""

    id: str
    title: str
    subject: str
    category: str
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where some of them are done; `subject` is what a run of them is about (`room=…`), "" where that is asked yet."""

    title: str
    subject: str
    protocols: tuple[Offered, ...]


def offered(clinic: Clinic) -> tuple[Offered, ...]:
    """Every protocol in force, by title."""
    rows = clinic.ledger.query("SELECT id, title, subject, category, sha256 FROM in_force")
    found = [
        Offered(
            name,
            title or name,
            subject or "clinic",
            category,
            _kinds(clinic, name, sha256) if subject == EQUIPMENT else (),
        )
        for name, title, subject, category, sha256 in ([*map(str, row)] for row in rows)
    ]
    return tuple(sorted(found, key=lambda one: (one.title.casefold(), one.id)))


def places(settings: Config, protocols: Sequence[Offered]) -> tuple[Place, ...]:
    """Where they are done, in the order in which people look for them. Every protocol stands somewhere."""
    return tuple(place for place in _places(settings, protocols) if place.protocols)


def subjects(settings: Config, one: Offered) -> tuple[tuple[str, str], ...]:
    """What a run of this protocol can be about here, as pairs of `kind=id` and title."""
    return tuple(settings.subjects(one.subject, one.kinds))


def _places(settings: Config, protocols: Sequence[Offered]) -> Iterator[Place]:
    calm = [one for one in protocols if one.category != EMERGENCY]
    about = {one.id: {subject for subject, _ in subjects(settings, one)} for one in calm}
    for title, subject in [
        ("The clinic as a whole", "clinic"),
        *((title, subject) for kind in ("room", EQUIPMENT) for subject, title in settings.subjects(kind)),
    ]:
        yield Place(title, subject, tuple(one for one in calm if subject in about[one.id]))
    yield Place("A visit", "", tuple(one for one in calm if one.subject == "session"))
    yield Place("Emergencies", "", tuple(one for one in protocols if one.category == EMERGENCY))
    nowhere = tuple(one for one in calm if one.subject != "session" and not about[one.id])
    yield Place("Nothing in clinic.toml fits these", "", nowhere)


def _kinds(clinic: Clinic, name: str, sha256: str) -> tuple[str, ...]:
    """A text that cannot be read says so when it is opened; it is for every machine until then."""
    with suppress(ClinicError, ProtocolError):
        return clinic.library.by_digest(name, sha256).protocol.equipment
    return ()
