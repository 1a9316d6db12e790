"""Whether a step or a run may be done at all as things stand: asked under the ledger's lock before it is recorded, so
that two programs never hand one thing to two patients. The gate asks again, and for more."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from checklist.clinic.identifiers.apart import undone
from checklist.clinic.identifiers.blocking import blocked, machine_state
from checklist.clinic.identifiers.called_back import begun, calls_back
from checklist.clinic.identifiers.tracing import Records
from checklist.gate.items import SINGLE_USE
from checklist.ledger.errors import Damaged
from checklist.run.events import Kind, strings_of, text_of
from checklist.run.reading import Refusal
from checklist.trace.follow import Identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.ledger.entry import Draft
    from checklist.ledger.reader import Reader
    from checklist.protocol.model import Protocol, Step
    from checklist.run.state import RunState

AFTERWARDS: Final = frozenset({"clinic", "emergency"})
"""The categories of protocols that may be walked about a visit that is closed: what went wrong shows later."""


def not_to_begin(readers: Sequence[Reader], protocol: Protocol, subject: str, session: str | None) -> Refusal | None:
    """Why a run of this protocol may not be begun; None if it may."""
    if protocol.category not in AFTERWARDS and (refusal := closed(readers, session)):
        return refusal
    return _no_load(readers, subject) if makes_load(protocol) else None


def not_to_do(readers: Sequence[Reader], state: RunState, step: Step, drafts: Sequence[Draft]) -> Refusal | None:
    """Why these entries of a run may not be recorded; None if they may. An emergency takes what there is."""
    if state.protocol.category == "emergency":
        return None
    if step.kind == "scan":
        if state.protocol.category not in AFTERWARDS and state.paper is None:
            refusal = closed(readers, state.session)
            if refusal is not None:
                return refusal
        return unusable(readers, drafts, state.session) if step.use == "consumes" else None
    if makes_load(state.protocol) and any(map(_goes_on, drafts)):
        return _no_load(readers, state.subject) or _called_back(readers, state)
    return None


def makes_load(protocol: Protocol) -> bool:
    """Whether its runs make loads; whatever else is done at a machine may bring it back."""
    return any(name == "load" for step in protocol.steps if step.kind == "assign" for name, _ in step.produces)


def closed(readers: Sequence[Reader], session: str | None) -> Refusal | None:
    """Why nothing more is done in a visit; None while it is open, and where there is none."""
    question = "SELECT 1 FROM session WHERE id = ? AND closed IS NOT NULL"
    if session is None or not any(reader.query(question, (session,)) for reader in readers):
        return None
    return Refusal("closed", f"The visit {session} is closed; open a new one.")


def unusable(readers: Sequence[Reader], drafts: Sequence[Draft], session: str | None) -> Refusal | None:
    """Why what these entries would use up may not be used; None if it may."""
    records = Records(readers)
    for draft in drafts:
        for kind, value in strings_of(draft.data, "consumed").items() if draft.kind == Kind.STEP_DONE else ():
            if refusal := _unusable(readers, records, Identifier(kind, value), session):
                return refusal
    return None


def _unusable(readers: Sequence[Reader], records: Records, named: Identifier, session: str | None) -> Refusal | None:
    shown = f"This {named.kind}, {named.value},"
    try:
        block = blocked(readers, records, named)
    except Damaged as damage:
        return Refusal("damaged", f"Whether it may be used is not known. {damage}")
    if block is not None:
        through = block.named(named)
        said = f"may not be used: its {through} is {block.state}." if through else f"is {block.state}."
        return Refusal(block.state, f"{shown} {said} Put it aside, and take another.")
    if named.kind not in SINGLE_USE:
        return None
    others = {run.session for run in records.spent_in(named)} - {session}
    if others:
        return Refusal("used", f"{shown} was used in another visit already: put it aside, and take another.")
    return None


def _goes_on(draft: Draft) -> bool:
    """Whether it makes a load, or says that one may be used."""
    return "load" in strings_of(draft.data, "produced") or draft.data.get("meaning") == "released"


def _called_back(readers: Sequence[Reader], state: RunState) -> Refusal | None:
    """A load that was begun before its machine was called back is of that recall, though it had no number yet by which
    it could be named; that the machine has returned since makes it no safer. So is one that was begun after a return
    that was undone since."""
    machine = Identifier(*state.subject.partition("=")[::2])
    run = begun(readers, state.run)
    began = run.on_paper or datetime.fromisoformat(state.started.at)
    for one in calls_back(readers, machine):
        since = text_of(one.entry.data, "since")
        if one.over(run) or (since is not None and began < datetime.fromisoformat(since)):
            continue
        when = (
            " after this load was begun" if one.after(run) else ", and its return was undone after this load was begun"
        )
        why = f"{machine.value} was called back{when}, so the load is recalled too."
        return Refusal("recalled", f"{why} Give this run up, and clean, pack and run its instruments again.")
    return None


def _no_load(readers: Sequence[Reader], subject: str) -> Refusal | None:
    found = machine_state(readers, subject)
    if found is None:
        return None
    machine = subject.partition("=")[2]
    why = f"{machine} is {found.state}: no load is made in it until a lead lets it return.{undone(readers, machine)}"
    return Refusal(found.state, why)
