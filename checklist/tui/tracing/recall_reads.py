"""What the trace's screens do in the clinic: setting apart, letting go, calling back, and what a recall would come to.

Functions that run in the storage thread and give back plain values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.clinic.identifiers import recalling
from checklist.run.reading import Refusal
from checklist.tui.clearing.gate_reads import visit
from checklist.tui.say import day_and_clock
from checklist.tui.staffing.people_reads import VIA
from checklist.tui.tracing.trace_reads import called_here

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.identifiers.reaching import Left
    from checklist.clinic.identifiers.recall_list import RecallList
    from checklist.clinic.identifiers.recalling import Recall
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.ledger.entry import Entry
    from checklist.run.events import Reason
    from checklist.trace.follow import Identifier


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that can happen, and which kinds of subjects the protocols that it ends are about."""

    event: str
    kinds: frozenset[str]

    @property
    def words(self) -> str:
        """It in plain words."""
        return self.event.replace("-", " ")


def quarantine(clinic: Clinic, kind: str, value: str, reason: Reason, who: SignedIn) -> Entry | Refusal:
    """Set it apart until a lead decides."""
    return recalling.quarantine(clinic, kind, value, reason, who, VIA)


def end_quarantine(clinic: Clinic, kind: str, value: str, reason: Reason, who: SignedIn) -> Entry | Refusal:
    """A lead lets it be used again: what was in quarantine, or a machine that has earned it."""
    return recalling.end_quarantine(clinic, kind, value, reason, who, VIA)


def recall(clinic: Clinic, kind: str, value: str, reason: Reason, who: SignedIn) -> Recalled | Refusal:
    """Call it back."""
    return _told(clinic, recalling.recall(clinic, kind, value, reason, who, VIA))


def since_negative(clinic: Clinic, _kind: str, machine: str, reason: Reason, who: SignedIn) -> Recalled | Refusal:
    """Call back every load of a steriliser since its last negative test."""
    return _told(clinic, recalling.recall_since_negative(clinic, machine, reason, who, VIA))


def foreseen(clinic: Clinic, machine: str, who: SignedIn | None) -> Recalled | Refusal:
    """What `since_negative` would call back; nothing is recorded."""
    return _told(clinic, recalling.would_recall_since_negative(clinic, machine), signed_in=who is not None)


@dataclass(frozen=True, slots=True)
class Recalled:
    """What a recall came to, or would, in words: what was called back, what may be left of it (of how many things in
    `count`), and the visits that it reached."""

    things: tuple[str, ...]
    left: tuple[str, ...]
    visits: tuple[str, ...]
    since: str
    count: int
    machine: bool
    """Whether a machine is among what was called back: it may return."""
    asks_for: RecallList | None
    """The list that this opens."""


def _told(clinic: Clinic, done: Recall | Refusal, *, signed_in: bool = True) -> Recalled | Refusal:
    if isinstance(done, Refusal):
        return done
    now = clinic.now()
    visits = []
    for session in done.sessions:
        one = visit(clinic, session)
        opened = f"  since {day_and_clock(one.since, now.zone, now.at)}" if one.since else ""
        private = f"  ({one.reference})" if one.reference and signed_in else ""
        visits.append(f"{called_here(clinic, 'session', session)}{private}{opened}")
    since = f"The last negative test is run {done.last_negative}." if done.last_negative else ""
    return Recalled(
        things=_some(_named(clinic, done.things)),
        left=_some(_left(clinic, done.left)),
        visits=tuple(visits),
        since=since,
        count=len(done.left),
        machine=any(one.kind == recalling.EQUIPMENT for one in done.things),
        asks_for=done.asks_for,
    )


def _some(names: Sequence[str]) -> tuple[str, ...]:
    """So many of them by name, and how many more there are; whom it reached is never cut."""
    more = (f"and {len(names) - recalling.LISTED} more",) if len(names) > recalling.LISTED else ()
    return (*names[: recalling.LISTED], *more)


def _left(clinic: Clinic, left: Sequence[Left]) -> tuple[str, ...]:
    names = _named(clinic, [one.thing for one in left])
    return tuple(
        f"{name}  (used {one.opened} {'time' if one.opened == 1 else 'times'})" if one.opened else name
        for name, one in zip(names, left, strict=True)
    )


def _named(clinic: Clinic, things: Sequence[Identifier]) -> tuple[str, ...]:
    return tuple(called_here(clinic, one.kind, one.value) for one in things)


def steriliser(clinic: Clinic, machine: str) -> bool:
    """Whether a machine is one whose loads are tested."""
    return any(one.id == machine and one.kind == "steriliser" for one in clinic.settings.equipment)


def happenings(clinic: Clinic) -> tuple[Happening, ...]:
    """Everything that ends a completion early, as the protocols in force name it."""
    found: dict[str, set[str]] = {}
    for name, one in clinic.library.in_force(clinic.ledger).items():
        protocol = clinic.library.by_digest(name, one.sha256).protocol
        for event in protocol.voided_by:
            found.setdefault(event, set()).add(protocol.subject)
    return tuple(Happening(event, frozenset(kinds)) for event, kinds in sorted(found.items()))


def happened(clinic: Clinic, event: str, subject: str, words: str, who: SignedIn) -> Entry | Refusal:
    """Something happened that ends what was proved before."""
    return recalling.happened(clinic, event, subject, words, who, VIA)
