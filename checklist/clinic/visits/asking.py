"""The gate of one clinic asked, without anybody's name: what it says, and what was overridden in the visit.

What is enough is the gate's; what is known is gathered. Writes nothing and needs no key, so that a booking system has
its answer at once.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from checklist.clinic.errors import ClinicError
from checklist.clinic.histories import opened_to_read
from checklist.clinic.run_views import overrides_of
from checklist.clinic.texts.library import Library
from checklist.clinic.views import VIEWS
from checklist.clinic.visits import unfinished, used_up
from checklist.clinic.visits.gathering import gather
from checklist.clinic.visits.sources import Sources
from checklist.clinic.visits.using import closed
from checklist.gate.clearance import decision_of, unknown
from checklist.gate.decide import decide
from checklist.gate.facts import Asked
from checklist.ledger import views
from checklist.ledger.errors import LedgerError
from checklist.ledger.opening import check_reading
from checklist.ledger.reader import open_read_only
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from checklist.clinic.config import Config
    from checklist.clinic.folder import Folder
    from checklist.clinic.run_views import Overridden
    from checklist.clinic.visits.receipt import Receipt
    from checklist.gate.clearance import Clearance
    from checklist.gate.facts import Stage
    from checklist.gate.procedure import LoadedProcedure
    from checklist.ledger.entry import Json, Moment
    from checklist.ledger.reader import Reader


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gate says, the place where that was recorded (None: it was not), the receipt of a GO, and what was
    overridden in this visit before, at a step or at a gate."""

    clearance: Clearance
    recorded: str | None = None
    receipt: Receipt | None = None
    overridden: tuple[Overridden, ...] = ()

    def data(self) -> dict[str, Json]:
        """The stable keys of `clear --json`."""
        return self.clearance.as_json() | {
            "entry": self.recorded,
            "receipt": self.receipt.data() if self.receipt else None,
            "overridden": [each.data() for each in self.overridden],
        }


@contextmanager
def opened_to_ask(folder: Folder, settings: Config) -> Iterator[Sources]:
    """Where the facts of a folder are, read only. Raises LedgerError where its ledger must not be built on."""
    _renew_tables(folder)
    with opened_to_read(folder) as (readers, unreadable):
        station = settings.clinic.station
        check_reading(readers[-1], f"{settings.clinic.origin}/{station}", folder.keys / f"{station}.high-water")
        yield Sources(readers, Library(folder), settings.clinic.jurisdiction, unreadable)


def _renew_tables(folder: Folder) -> None:
    """Have the tables built anew where another version of the program kept them; that takes the station's key."""
    with open_read_only(folder.ledger) as reader:
        if reader.head().views == views.digest(VIEWS):
            return
    from checklist.clinic.service import Clinic

    Clinic.open(folder).close()


def ask(sources: Sources, procedure: LoadedProcedure, asked: Asked, now: Moment) -> Clearance:
    """What the gate says at this moment; nothing is recorded. All that it rests on was so at one moment, too."""
    found = procedure.procedure
    with sources.own.snapshot():
        facts = gather(sources, found, asked, now)
        told = decide(found, asked, facts, now)
        told = _beside(
            told, used_up.NAME, "What this visit has used", lambda one: used_up.with_used_up(sources, found, one)
        )
        return _beside(
            told,
            unfinished.NAME,
            "What of this visit is not finished",
            lambda one: unfinished.with_unfinished(sources.own, one, now),
        )


def _beside(told: Clearance, name: str, what: str, look: Callable[[Clearance], Clearance]) -> Clearance:
    """What the gate says and what `look` adds to it; where that cannot be read, it is never GO."""
    try:
        return look(told)
    except (LedgerError, ClinicError) as fault:
        why = str(fault)
    except (ValueError, LookupError):  # rows that no entry made
        why = "The tables of the record do not fit together: run checklist verify."
    requirements = (*told.requirements, unknown(name, f"{what} cannot be looked up. {why}"))
    return replace(told, requirements=requirements, decision=decision_of(requirements))


def look(sources: Sources, procedure: LoadedProcedure, asked: Asked, now: Moment) -> Answer:
    """What the gate says at this moment, and what was overridden in the visit; nothing is recorded."""
    return Answer(ask(sources, procedure, asked, now), overridden=overridden_in(sources.readers, asked.session))


def known_by_id(sources: Sources, session: str | None, performer: str | None) -> bool:
    """Whether the record itself knows the visit and the person by these ids, and nobody need look up a name."""
    visit = session is None or any(
        reader.query("SELECT 1 FROM session WHERE id = ?", (session,)) for reader in sources.readers
    )
    person = performer is None or sources.own.query("SELECT 1 FROM operator WHERE id = ?", (performer,))
    return visit and bool(person)


def overridden_in(readers: Sequence[Reader], session: str | None) -> tuple[Overridden, ...]:
    """What was overridden in a visit before, at a step or at a gate."""
    return overrides_of(readers, "", session)


def asked_of(
    settings: Config, readers: Sequence[Reader], procedure: str, room: str, session: str | None, stage: Stage = "start"
) -> Asked | Refusal:
    """The question about a room (`room-1`; the only one there is need not be said) and a visit that was opened."""
    rooms = [name.partition("=")[2] for name, _ in settings.subjects("room")]
    room = room.removeprefix("room=") or (rooms[0] if len(rooms) == 1 else "")
    if room not in rooms:
        return Refusal("room", f"Say which room it is for: {', '.join(rooms) or 'none is set up in clinic.toml'}.")
    known = session is None or any(reader.query("SELECT 1 FROM session WHERE id = ?", (session,)) for reader in readers)
    if not known:
        return Refusal("session", "There is no such visit; open it first.")
    if stage == "start" and (refusal := closed(readers, session)):
        return refusal
    return Asked(procedure, f"room={room}", session, stage=stage)
