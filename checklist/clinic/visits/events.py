"""What happened that ends a completion early: events by name, and patients who came into the room.

Only what the question can be about, each by an index; what an event ends is the gate's to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.clinic.moments import time_of as time_of
from checklist.gate.facts import PATIENT_ENTERED, Damaged, Event, Rule
from checklist.ledger.entry import format_place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from checklist.clinic.visits.sources import Sources
    from checklist.gate.facts import Asked, Item
    from checklist.ledger.reader import Reader

EVENTS: Final = 100
"""So many of the newest events of a kind about one thing are looked at: any of them ends what is older than it."""


def events_of(
    sources: Sources, rules: Mapping[str, Rule | Damaged], asked: Asked, loads: Sequence[Item]
) -> tuple[Event, ...]:
    """The newest events of each kind about each thing in question: a busy room hides nothing of another. Of a machine,
    those before each of its loads."""
    known = [rule for rule in rules.values() if isinstance(rule, Rule)]
    subjects = ["", *subjects_of(asked), *((f"session={asked.session}",) if asked.session else ())]
    wanted = [(subject, "~") for subject in subjects]
    wanted += [(load.machine, iso(load.made)) for load in loads if load.machine]
    found = {
        (reader.station, row[0]): _event(reader, row)
        for reader in sources.readers
        for name in sorted({name for rule in known for name in rule.voided_by})
        for row in (
            # what is about the whole clinic is ended by an event wherever it was
            *(_anywhere(reader, name) if any(rule.subject == "clinic" for rule in known) else ()),
            *(row for subject, until in dict.fromkeys(wanted) for row in _about(reader, name, subject, until)),
        )
    }
    patients = any(PATIENT_ENTERED in rule.voided_by for rule in known)
    return (*found.values(), *(_others_in_room(sources, asked, rules) if patients and asked.room else ()))


def subjects_of(asked: Asked) -> tuple[str, ...]:
    return ("clinic", *((asked.room,) if asked.room else ()))


def _anywhere(reader: Reader, event: str) -> list[tuple[object, ...]]:
    return reader.query(
        "SELECT idx, event, subject, at, session FROM happened WHERE event = ? ORDER BY idx DESC LIMIT ?",
        (event, EVENTS),
    )


def _about(reader: Reader, event: str, subject: str, until: str) -> list[tuple[object, ...]]:
    return reader.query(
        "SELECT idx, event, subject, at, session FROM happened INDEXED BY happened_about"
        " WHERE event = ? AND subject = ? AND at <= ? ORDER BY at DESC LIMIT ?",
        (event, subject, until, EVENTS),
    )


def _others_in_room(sources: Sources, asked: Asked, rules: Mapping[str, Rule | Damaged]) -> Iterator[Event]:
    """Another visit that the gate was asked about for this room, whatever it said, or that a run in this room was for,
    has been in it. What makes the room ready for a visit (it ends with the next patient itself) brings nobody in."""
    ready = {name for name, rule in rules.items() if isinstance(rule, Rule) and PATIENT_ENTERED in rule.voided_by}
    for reader in sources.readers:
        rows = reader.query(
            f"SELECT idx, '{PATIENT_ENTERED}', subject, at, session FROM clearance"  # noqa: S608 - a word of ours
            " WHERE subject = ? AND stage = 'start' AND session IS NOT ?"
            " AND (session IS NOT NULL OR decision = 'GO' OR overridden IS NOT NULL) ORDER BY idx DESC LIMIT ?",
            (asked.room, asked.session, EVENTS),
        )
        yield from (_event(reader, row) for row in rows)
        rows = reader.query(
            f"SELECT idx, '{PATIENT_ENTERED}', subject, started, session, protocol FROM"  # noqa: S608 - as above
            " (SELECT * FROM run WHERE subject = ? ORDER BY started DESC LIMIT ?)"
            " WHERE session IS NOT NULL AND session IS NOT ?",
            (asked.room, EVENTS, asked.session),
        )
        yield from (_event(reader, row[:5]) for row in rows if row[5] not in ready)


def _event(reader: Reader, row: tuple[object, ...]) -> Event:
    index, name, subject, at, session = row
    return Event(
        str(name), time_of(str(at)), format_place(reader.station, int(str(index))), str(subject), _text(session)
    )


def iso(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}" if moment is not None else ""


def _text(value: object) -> str | None:
    return None if value is None else str(value)
