"""What ends the recall of a machine: a list about it that was walked to its end since, and signed as released.

What must be repaired and tested stands in that list (`steriliser-recall`, or a clinic's own), and is judged there. For
a machine that no list in force is about, two people: one has called it back, a lead who is another lets it return. A
load or a lot never returns: nothing here is about them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from checklist.clinic.identifiers.apart import EQUIPMENT
from checklist.clinic.identifiers.trace_views import RECALLED, RELEASED
from checklist.clinic.identifiers.tracing import Records
from checklist.people.operator import LEAD
from checklist.run.events import text_of
from checklist.run.marks import Status
from checklist.run.reading import Refusal
from checklist.trace.follow import key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.service import Clinic, SignedIn
    from checklist.ledger.reader import Reader
    from checklist.protocol.model import Protocol
    from checklist.protocol.steps import Step
    from checklist.run.state import RunState

ENDS: Final = (
    "A steriliser returns once its recall list is walked to its end and signed “released”, and a lead then ends the"
    " recall; two people at least stand for that. What it made stays recalled."
)
_LOOKED_AT: Final = 20
"""So many of the newest completed runs of each such list are looked at."""


def returned_by(clinic: Clinic, machine: str, who: SignedIn) -> str | Refusal | None:
    """The run that lets this machine return, by its place, or None where it takes none; or what is missing for that."""
    readers = clinic.histories()
    since, recaller = _recalled(readers, machine)
    ways = _ways(clinic, machine)
    if not ways:
        why = f"You have called {machine} back, and no list in force is about it: another lead ends the recall."
        return Refusal("same-person", why) if recaller == who.id else None
    alone, records, subject = "", Records(readers), f"{EQUIPMENT}={machine}"
    for run in (one for name in ways for one in records.completed(name, subject, _LOOKED_AT)):
        if run.moment <= since:
            continue
        state = clinic.run(run.run)
        if passed_over(state) or not _released(state):
            continue
        if len(_people(state) | {who.id}) > 1:
            return run.run
        alone = run.run
    if alone:
        return Refusal("same-person", f"You alone stand behind {alone}, which lets {machine} return: ask another lead.")
    why = f"{machine} is recalled, and no list that lets it return was walked to its end and signed “released” since"
    return Refusal("not-proved", f"{why}: walk {' or '.join(f'“{one}”' for one in ways)} about {subject}.")


def passed_over(state: RunState) -> bool:
    """Whether any step of a run was left out, put off, failed or overridden."""
    return any(own.status not in (Status.DONE, Status.PENDING) for own in state.steps.values())


def _recalled(readers: Sequence[Reader], machine: str) -> tuple[str, str | None]:
    """When it was called back last, and by whom: what was proved before says nothing."""
    part = json.dumps(machine)[1:-1]
    found = [
        (entry.at, entry.actor)
        for reader in readers
        for entry in reader.naming(RECALLED, part)
        if (text_of(entry.data, "kind"), text_of(entry.data, "value")) == (EQUIPMENT, key(EQUIPMENT, machine))
    ]
    return max(found, key=lambda one: one[0], default=("", None))


def _releases(protocol: Protocol) -> bool:
    """Whether a lead decides in it about the machine itself: a list that makes a load decides about that load, and
    whoever releases a machine for the day says nothing of a recall."""
    makes_loads = any(
        one.identifier == "load" for step in protocol.steps if step.kind == "assign" for one in step.produces
    )
    return not makes_loads and any(_decides(step) for step in protocol.steps)


def _decides(step: Step) -> bool:
    return step.kind == "sign" and RELEASED in step.meanings and tuple(step.roles) == (LEAD,)


def _released(state: RunState) -> bool:
    return any(_decides(step) and state.steps[step.id].value == RELEASED for step in state.protocol.steps)


def _people(state: RunState) -> set[str]:
    """Whoever did, tried, read a second time or signed anything in this run."""
    found = {state.attributed}
    for own in state.steps.values():
        signers = (own.signed.by,) if own.signed is not None else ()
        found |= {own.by, own.starter, own.witness, *signers, *(each.by for each in own.attempts)}
    return {one for one in found if one is not None}


def _ways(clinic: Clinic, machine: str) -> list[str]:
    """The lists in force by which this machine can return."""
    kind = next((one.kind for one in clinic.settings.equipment if one.id == machine), None)
    found = []
    for name, one in clinic.library.in_force(clinic.ledger).items():
        protocol = clinic.library.by_digest(name, one.sha256).protocol
        fits = protocol.subject == EQUIPMENT and (not protocol.equipment or kind in protocol.equipment)
        if fits and _releases(protocol):
            found.append(name)
    return found
