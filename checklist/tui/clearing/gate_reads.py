"""What the gate's and the trace's screens ask of the clinic, as functions that run in the storage thread and give back
plain values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from checklist.clinic.visits import clearing
from checklist.clinic.visits.sessions import known_as
from checklist.clinic.visits.using import closed
from checklist.gate.requirement import PerformerMay
from checklist.run.reading import Refusal
from checklist.tui.staffing.people_reads import VIA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from checklist.clinic.service import Clinic, SignedIn
    from checklist.clinic.visits.clearing import Answer
    from checklist.gate.facts import Asked, Stage
    from checklist.gate.reading import LoadedProcedure
    from checklist.run.events import Reason

VISITS_MOST: Final = 30
"""So many open visits are offered, the newest: whoever wants an older one types its number."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked at the gate, by ids: `room` such as `room-1`; `performer` where no signature says who it is."""

    procedure: str
    room: str
    session: str
    stage: Stage = "start"
    performer: str | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that was opened `since` (ISO 8601); `reference` is the clinic's own, where its words are still known."""

    id: str
    reference: str
    since: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be asked: procedures and rooms as ids and titles, and the open visits, newest first."""

    procedures: tuple[tuple[str, str], ...]
    rooms: tuple[tuple[str, str], ...]
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """An answer with the words that the screen shows with it."""

    answer: Answer
    title: str
    visit: Visit
    performer: str
    names: Mapping[str, str]
    runs: frozenset[str]
    """Which of the evidence are runs, that can be read through."""
    performers: frozenset[str]
    """Which requirements are about who performs."""


def offer(clinic: Clinic) -> Offer:
    """What the gate can be asked now."""
    rows = clinic.ledger.query("SELECT id, title FROM text_in_force WHERE kind = 'procedure' ORDER BY title, id")
    rooms = tuple((name.partition("=")[2], title) for name, title in clinic.settings.subjects("room"))
    return Offer(tuple((str(row[0]), str(row[1])) for row in rows), rooms, open_visits(clinic))


def open_visits(clinic: Clinic) -> tuple[Visit, ...]:
    """The visits that are open, newest first."""
    rows = clinic.ledger.query(
        "SELECT id, reference, opened FROM session WHERE closed IS NULL ORDER BY idx DESC LIMIT ?", (VISITS_MOST,)
    )
    return tuple(Visit(str(row[0]), _reference(clinic, row[1]), str(row[2])) for row in rows)


def visit(clinic: Clinic, session: str) -> Visit:
    """A visit by its id."""
    for reader in clinic.histories():
        for row in reader.query("SELECT id, reference, opened FROM session WHERE id = ?", (session,)):
            over = closed(clinic.histories(), session) is not None
            return Visit(str(row[0]), _reference(clinic, row[1]), str(row[2]), closed=over)
    return Visit(session, "", "")


def _reference(clinic: Clinic, commitment: object) -> str:
    return (clinic.words(str(commitment)) or "") if commitment is not None else ""


def visit_named(clinic: Clinic, named: str) -> str | None:
    """The id of the visit with this number or reference; None where there is none."""
    return known_as(clinic.people, clinic.histories(), named)


def open_visit(clinic: Clinic, named: str, who: SignedIn) -> str | Refusal:
    """Open a visit, under the clinic's own reference where one is given."""
    return clinic.session(named, who, VIA)


def look(clinic: Clinic, question: Question) -> Page | Refusal:
    """What the gate says now; nothing is recorded."""
    asked, procedure = _asked(clinic, question)
    return asked if isinstance(asked, Refusal) else _page(clinic, procedure, clearing.look(clinic, procedure, asked))


def record(clinic: Clinic, question: Question, who: SignedIn) -> Page | Refusal:
    """Have the gate's answer recorded."""
    asked, procedure = _asked(clinic, question)
    if isinstance(asked, Refusal):
        return asked
    found = clearing.clear(clinic, procedure, asked, who, VIA)
    return found if isinstance(found, Refusal) else _page(clinic, procedure, found)


def override(
    clinic: Clinic, question: Question, reason: Reason, proof: tuple[str, str], who: SignedIn
) -> Page | Refusal:
    """Start all the same; `proof` is the second person's id, and their secret as typed."""
    asked, procedure = _asked(clinic, question)
    if isinstance(asked, Refusal):
        return asked
    second = clinic.staff.prove(*proof, VIA)
    if isinstance(second, Refusal):
        return second
    found = clearing.override(clinic, procedure, asked, reason, who, second.person, VIA)
    return found if isinstance(found, Refusal) else _page(clinic, procedure, found)


def _asked(clinic: Clinic, question: Question) -> tuple[Asked | Refusal, LoadedProcedure]:
    procedure = clinic.library.procedure(clinic.ledger, question.procedure)
    asked = clearing.asked_of(clinic, question.procedure, question.room, question.session, question.stage)
    return asked if isinstance(asked, Refusal) else replace(asked, performer=question.performer), procedure


def _page(clinic: Clinic, procedure: LoadedProcedure, answer: Answer) -> Page:
    clearance = answer.clearance
    people = {person for each in answer.overridden for person in (each.by, each.witness) if person}
    return Page(
        answer=answer,
        title=procedure.procedure.title,
        visit=visit(clinic, clearance.session or ""),
        performer=clinic.staff.name_of(clearance.performer) if clearance.performer else "",
        names={person: clinic.staff.name_of(person) for person in people},
        runs=_runs_among(clinic, clearance.evidence),
        performers=frozenset(one.id for one in procedure.procedure.requires if isinstance(one, PerformerMay)),
    )


def _runs_among(clinic: Clinic, places: Sequence[str]) -> frozenset[str]:
    return frozenset(
        place
        for place in places
        for reader in clinic.histories()
        if reader.query("SELECT 1 FROM run WHERE run = ?", (place,))
    )
