"""What ends the recall of a machine: a list about it that was walked to its end since, and signed as released.

What must be repaired and tested stands in that list (`steriliser-recall`, or a clinic's own), and is judged there. For
a machine that no list in force is about, two people: one has called it back, a lead who is another lets it return. A
load or a lot never returns: nothing here is about them.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from checklist.clinic.identifiers.apart import EQUIPMENT, entries_about, undone
from checklist.clinic.identifiers.trace_views import RECALLED, RELEASED
from checklist.clinic.identifiers.tracing import Records
from checklist.ledger.entry import parse_place
from checklist.run import rights
from checklist.run.events import text_of
from checklist.run.marks import Status
from checklist.run.reading import Refusal
from checklist.trace.follow import Identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.identifiers.called_back import Place
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.ledger.reader import Reader
    from checklist.protocol.model import Protocol
    from checklist.protocol.steps import Step
    from checklist.run.state import RunState

ENDS: Final = (
    "A steriliser returns once its recall list is walked to its end and signed “released”, and a lead then ends the"
    " recall; two people at least stand for that. What it made stays recalled."
)
_NEVER: Final = (-1, -1)
_LOOKED_AT: Final = 20
"""So many of the newest completed runs of each such list are looked at."""


class Recalled(NamedTuple):
    """What the entries say of the recalls of one machine: the newest one, and whose it is; and what kind of machine it
    was at each of them, as far as they say so."""

    last: Place
    by: str | None
    kinds: frozenset[str]


def returned_by(clinic: Clinic, readers: Sequence[Reader], machine: str, who: SignedIn) -> str | Refusal | None:
    """The run that lets this machine return, by its place, or None where it takes none; or what is missing for that.
    `readers` are the ledgers as they stand now."""
    called, records, subject = _recalled(readers, machine), Records(readers), f"{EQUIPMENT}={machine}"
    lists = ways(clinic, readers, machine, called.kinds)
    if not lists:
        why = f"You have called {machine} back, and no list in force is about it: another lead ends the recall."
        return Refusal("same-person", why) if called.by == who.id else None
    alone = ""
    for run in (one for name in lists for one in records.completed(name, subject, _LOOKED_AT)):
        state = clinic.run(run.run)
        if passed_over(state) or not _released(state) or not _stands_after(readers, state, called.last):
            continue
        if len(_people(state) | {who.id}) > 1:
            return run.run
        alone = run.run
    if alone:
        return Refusal("same-person", f"You alone stand behind {alone}, which lets {machine} return: ask another lead.")
    why = f"{machine} is recalled, and no list that lets it return was walked to its end and signed “released” since"
    walk = f"walk {' or '.join(f'“{one}”' for one in lists)} about {subject}."
    return Refusal(
        "not-proved", f"{why}: {walk}{undone(readers, machine)}{_to_put_right(clinic, machine, called.kinds)}"
    )


def passed_over(state: RunState) -> bool:
    """Whether any step of a run was left out, put off, failed or overridden."""
    return any(own.status not in (Status.DONE, Status.PENDING) for own in state.steps.values())


def _stands_after(readers: Sequence[Reader], state: RunState, recalled: Place) -> bool:
    """Whether a run says how the machine is since it was called back. A list that was begun before, as when the recall
    is one of its steps, does so by what it has judged since, and only where it had judged nothing before."""
    station, begun = parse_place(state.run) or ("", 0)
    ledger = next((place for place, reader in enumerate(readers) if reader.station == station), -1)
    if state.paper is not None:  # when each step of a sheet was done, nobody can tell
        last = readers[recalled[0]].entry(recalled[1]) if recalled != _NEVER else None
        return last is None or datetime.fromisoformat(state.paper.began) > datetime.fromisoformat(last.at)
    if (ledger, begun) > recalled:
        return True
    steps = [step for step in state.protocol.steps if state.steps[step.id].status is Status.DONE]
    judged = [step for step in steps if judges(step)]
    read = [(ledger, state.steps[step.id].entry or 0) for step in (*judged, *filter(_decides, steps))]
    return bool(judged) and all(place > recalled for place in read)


def judges(step: Step) -> bool:
    """Whether what is answered here can be bad. A number that need only not be below nothing is a count."""
    match step.kind:
        case "choice":
            return any(option.verdict == "fail" for option in step.options)
        case "measure":
            return step.limit is None or step.limit.max is not None or step.limit.min != 0
        case kind:
            return kind in ("attach", "timer")


def _recalled(readers: Sequence[Reader], machine: str) -> Recalled:
    """When it was called back last, and by whom: what was proved before says nothing."""
    named = Identifier(EQUIPMENT, machine)
    found = [
        ((place, entry.index), entry)
        for place, reader in enumerate(readers)
        for entry in entries_about(reader, RECALLED, named)
    ]
    kinds = frozenset(kind for _, entry in found if (kind := text_of(entry.data, "machine")))
    return Recalled(found[-1][0], found[-1][1].actor, kinds) if found else Recalled(_NEVER, None, kinds)


def _releases(protocol: Protocol) -> bool:
    """Whether a lead decides in it about the machine itself: a list that makes a load decides about that load, and
    whoever releases a machine for the day says nothing of a recall."""
    makes_loads = any(
        one.identifier == "load" for step in protocol.steps if step.kind == "assign" for one in step.produces
    )
    return not makes_loads and any(_decides(step) for step in protocol.steps)


def _decides(step: Step) -> bool:
    return step.kind == "sign" and RELEASED in step.meanings and rights.only_leads(step.roles)


def _released(state: RunState) -> bool:
    return any(_decides(step) and state.steps[step.id].value == RELEASED for step in state.protocol.steps)


def _people(state: RunState) -> set[str]:
    """Whoever did, tried, read a second time or signed anything in this run."""
    found = {state.attributed}
    for own in state.steps.values():
        signers = (own.signed.by,) if own.signed is not None else ()
        found |= {own.by, own.starter, own.witness, *signers, *(each.by for each in own.attempts)}
    return {one for one in found if one is not None}


def kind_of_machine(clinic: Clinic, machine: str) -> str | None:
    """What kind of machine it is by clinic.toml as it is now; None where that does not know it."""
    return next((one.kind for one in clinic.settings.equipment if one.id == machine), None)


def ways(clinic: Clinic, readers: Sequence[Reader], machine: str, kinds: frozenset[str]) -> list[str]:
    """The lists in force by which this machine can return: those of the kind that it is, or was when it was called
    back, whatever clinic.toml says since; those that were walked about it; and all, where nobody knows its kind."""
    now, records = kind_of_machine(clinic, machine), Records(readers)
    kinds |= frozenset() if now is None else {now}
    found = []
    for name, one in clinic.library.in_force(readers[-1]).items():
        protocol = clinic.library.by_digest(name, one.sha256).protocol
        if protocol.subject != EQUIPMENT or not _releases(protocol):
            continue
        fits = not kinds or not protocol.equipment or not kinds.isdisjoint(protocol.equipment)
        if fits or records.completed(name, f"{EQUIPMENT}={machine}", 1):
            found.append(name)
    return found


def _to_put_right(clinic: Clinic, machine: str, kinds: frozenset[str]) -> str:
    """What must stand in clinic.toml again before such a list can be walked about this machine."""
    now = kind_of_machine(clinic, machine)
    if now is not None and (not kinds or now in kinds):
        return ""
    was = f" as a {' or '.join(sorted(kinds))}" if kinds else ""
    return f" First put {machine} back into clinic.toml{was}."
