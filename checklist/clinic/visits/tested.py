"""Whether a load may be released: what the gate would ask of the machine that made it is asked at that signature
already, so that nobody stores what no visit may use. Knows no limits: they are the procedures'."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from checklist.clinic.errors import ClinicError
from checklist.clinic.identifiers.trace_views import RELEASED
from checklist.clinic.identifiers.tracing import Records
from checklist.clinic.visits.gathering import gather_of_load
from checklist.clinic.visits.items import made_at
from checklist.clinic.visits.using import makes_load
from checklist.gate.decide import decide
from checklist.gate.facts import Asked, Item
from checklist.gate.requirement import RunDone
from checklist.run.events import Kind
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.visits.sources import Sources
    from checklist.gate.procedure import Procedure
    from checklist.ledger.entry import Draft, Moment
    from checklist.run.state import RunState

INSTEAD: Final = "Quarantine this load, and run its instruments again after a test that passed."


def not_tested(sources: Sources, state: RunState, drafts: Sequence[Draft], now: Moment) -> Refusal | None:
    """Why these entries may not release the load of a run: its machine was not proved as a procedure in force asks for;
    None where it was, and where they release none. An emergency takes what there is."""
    releases = any(draft.kind == Kind.SIGNED and draft.data.get("meaning") == RELEASED for draft in drafts)
    if not releases or state.protocol.category == "emergency" or not makes_load(state.protocol):
        return None
    try:
        wanted = _asked_of_machines(sources, state.protocol.id)
    except ClinicError as fault:
        return Refusal("unknown", f"What the procedures in force ask of this machine is not known. {fault}")
    if wanted is None:
        return None
    asked = Asked(wanted.id)
    facts = gather_of_load(sources, wanted, asked, _load(sources, state), now)
    missing = decide(wanted, asked, facts, now).missing
    if not missing:
        return None
    worst = min(missing, key=lambda one: one.met is None)
    what_to_do = INSTEAD if worst.met is False else f"{worst.fix} Until then: {INSTEAD[0].lower()}{INSTEAD[1:]}"
    return Refusal("untested" if worst.met is False else "unknown", f"{worst.why} {what_to_do}")


def _asked_of_machines(sources: Sources, protocol: str) -> Procedure | None:
    """All that the procedures in force ask of the machines of their loads, as one procedure; None where that is
    nothing. No run of a protocol waits for another of the same."""
    rows = sources.own.query("SELECT id, sha256 FROM text_in_force WHERE kind = 'procedure' ORDER BY id")
    found = [sources.library.procedure_by_digest(str(name), str(sha256)).procedure for name, sha256 in rows]
    wanted: dict[RunDone, RunDone] = {}
    for one in (one for procedure in found for one in (*procedure.requires, *procedure.closes)):
        if isinstance(one, RunDone) and "equipment" in one.same and one.protocol != protocol:
            wanted.setdefault(replace(one, id="", what="", source=None, may_be_none=False), one)
    return replace(found[0], requires=tuple(wanted.values()), closes=()) if wanted else None


def _load(sources: Sources, state: RunState) -> Item:
    """The load that a run makes, as a visit that used it would be told of it."""
    records = Records(sources.readers)
    number = next((one.value for one in records.named_by([state.run], "produced") if one.kind == "load"), state.run)
    maker = next(iter(records.runs([state.run])), None)
    made = made_at(maker) if maker is not None else None
    return Item("load", number, state.run, machine=state.subject, made=made)
