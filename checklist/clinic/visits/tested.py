"""Whether a load may be released: what the gate would ask of the machine that made it is asked at that signature
already, so that nobody stores what no visit may use. Knows no limits: they are the procedures'."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from checklist.clinic.errors import ClinicError
from checklist.clinic.identifiers.trace_views import RELEASED
from checklist.clinic.identifiers.tracing import Records
from checklist.clinic.moments import time_of
from checklist.clinic.visits.gathering import gather_of_load
from checklist.clinic.visits.items import made_at
from checklist.clinic.visits.using import makes_load
from checklist.gate.decide import decide
from checklist.gate.facts import Asked, Damaged, Item
from checklist.gate.requirement import RunDone
from checklist.ledger.errors import LedgerError
from checklist.run.events import Kind
from checklist.run.marks import Outcome
from checklist.run.reading import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from checklist.clinic.visits.sources import Sources
    from checklist.gate.clearance import Judged
    from checklist.gate.facts import Facts, Run
    from checklist.gate.procedure import Procedure
    from checklist.ledger.entry import Draft, Moment
    from checklist.ledger.reader import Reader
    from checklist.run.state import RunState

INSTEAD: Final = "Quarantine this load, and run its instruments again after a test that passed."
REVIEWED: Final = "A lead reviews the override; then it can be released."
FINISHED: Final = "Go on with that test to its end; then it can be released."


def not_tested(sources: Sources, state: RunState, drafts: Sequence[Draft], now: Moment) -> Refusal | None:
    """Why these entries may not release the load of a run: its machine was not proved as any procedure in force asks
    for; None where it was for one of them, and where they release none. An emergency takes what there is."""
    releases = any(draft.kind == Kind.SIGNED and draft.data.get("meaning") == RELEASED for draft in drafts)
    if not releases or state.protocol.category == "emergency" or not makes_load(state.protocol):
        return None
    try:
        asking = _asking(sources)
        # A test that makes a load itself waits for no other: that one may wait for it.
        if any(test.protocol == state.protocol.id for one in asking for test in _tests(one)):
            return None
        load = _load(sources, state)
        refusals: list[Refusal] = []
        for procedure in asking:
            refused = _refused(sources, procedure, load, now)
            if refused is None:
                return None
            refusals.append(refused)
    except (ClinicError, LedgerError) as fault:
        return Refusal("unknown", f"What the procedures in force ask of this machine is not known. {fault}")
    return refusals[0] if refusals else None


def _asking(sources: Sources) -> list[Procedure]:
    """The procedures in force that ask for tests of machines, each with nothing but these; one of those that ask for
    the same."""
    rows = sources.own.query("SELECT id, sha256 FROM text_in_force WHERE kind = 'procedure' ORDER BY id")
    found = [sources.library.procedure_by_digest(str(name), str(sha256)).procedure for name, sha256 in rows]
    asking: dict[frozenset[RunDone], Procedure] = {}
    for one in found:
        if tests := _tests(one):
            same = frozenset(replace(test, id="", what="", source=None, may_be_none=False) for test in tests)
            asking.setdefault(same, replace(one, requires=tests, closes=()))
    return list(asking.values())


def _tests(procedure: Procedure) -> tuple[RunDone, ...]:
    asked = (*procedure.requires, *procedure.closes)
    return tuple(one for one in asked if isinstance(one, RunDone) and "equipment" in one.same)


def _refused(sources: Sources, procedure: Procedure, load: Item, now: Moment) -> Refusal | None:
    """Why one procedure would not take a load; None where it would."""
    asked = Asked(procedure.id)
    facts = gather_of_load(sources, procedure, asked, load, now)

    def missing(known: Facts) -> tuple[Judged, ...]:
        return decide(procedure, asked, known, now).missing

    left = missing(facts)
    if not left:
        return None
    worst = min(left, key=lambda one: one.met is None)
    if worst.met is None:
        until = f"{worst.fix} Until then: {INSTEAD[0].lower()}{INSTEAD[1:]}"
        return Refusal("unknown", f"{worst.why} {until}")
    if not missing(_with_runs(facts, lambda run: replace(run, reviewed=True))):
        return Refusal("untested", f"{worst.why} {REVIEWED}")
    if not missing(_with_runs(facts, lambda run: _finished(sources.own, run) if run.outcome == "open" else run)):
        return Refusal("untested", f"{worst.why} {FINISHED}")
    return Refusal("untested", f"{worst.why} {INSTEAD}")


def _with_runs(facts: Facts, change: Callable[[Run], Run | None]) -> Facts:
    """The facts as they would be with other runs; None takes one away."""
    runs = {
        name: found if isinstance(found, Damaged) else tuple(each for one in found if (each := change(one)) is not None)
        for name, found in facts.runs.items()
    }
    return replace(facts, runs=runs)


def _finished(own: Reader, run: Run) -> Run | None:
    """An open run as it will stand once it is finished: from when it was whole first, where a correction opened it
    again; None where it never was, for what ends after a load was made plays no part in it."""
    ends = (entry for entry in own.run_entries(run.run) if entry.kind == Kind.RUN_COMPLETED)
    whole = next((entry.at for entry in ends if entry.data.get("outcome") == Outcome.COMPLETE), None)
    if whole is None:
        return None
    steps = tuple(replace(step, state="done") for step in run.steps)
    return replace(run, outcome="complete", ended=time_of(whole), steps=steps)


def _load(sources: Sources, state: RunState) -> Item:
    """The load that a run makes, as a visit that used it would be told of it."""
    records = Records(sources.readers)
    number = next((one.value for one in records.named_by([state.run], "produced") if one.kind == "load"), state.run)
    maker = next(iter(records.runs([state.run])), None)
    made = made_at(maker) if maker is not None else None
    return Item("load", number, state.run, machine=state.subject, made=made)
