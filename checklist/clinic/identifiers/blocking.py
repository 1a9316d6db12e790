"""What keeps a thing from being used: it is set apart itself, or what it was made of, or the machine that made it.

Follows where a thing came from, and compares what the tables say of it with the entries that said so. Knows nothing of
what it is wanted for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from checklist.clinic.identifiers.apart import EQUIPMENT, entries_about, let_go, put_apart
from checklist.clinic.identifiers.called_back import return_undone
from checklist.clinic.identifiers.trace_views import QUARANTINE_ENDED, QUARANTINED, RECALLED
from checklist.ledger.errors import Damaged
from checklist.run.events import Kind, text_of
from checklist.trace.follow import Identifier, back, key, same_things

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.identifiers.apart import Apart, Held, State
    from checklist.clinic.identifiers.tracing import Records, Run
    from checklist.ledger.reader import Reader


class Block(NamedTuple):
    """That something may not be used: how `of` stands, which is the thing itself, or what it came from."""

    state: State
    of: Identifier
    undone: bool = False
    """Whether `of` is a machine in which it was made after a return that was undone since."""

    def named(self, thing: Identifier) -> str:
        """What it is that blocks this thing, where that is not the thing itself; else nothing."""
        if self.of == thing:
            return ""
        if self.undone:  # by now the machine may have returned
            return f"cycle in machine {self.of.value}, begun after a return that was undone,"
        return f"{'machine' if self.of.kind == EQUIPMENT else self.of.kind} {self.of.value}"


def blocked(readers: Sequence[Reader], records: Records, named: Identifier) -> Block | None:
    """Why this may not be used; None where nothing blocks it. Raises Damaged where the record cannot say."""
    if state := _apart(readers, records, named):
        return Block(state, named)
    origin = back(records, [named])
    if origin.cut:
        raise Damaged(f"Where {named.kind} {named.value} came from is more than can be followed.")
    makers = records.runs(origin.runs)
    # whatever else was made with a load is of that load
    loads = [one for one in records.named_by(origin.runs, "produced") if one.kind == "load"]
    for other in same_things((named, *origin.identifiers, *loads))[1:]:
        if state := _apart(readers, records, other):
            return Block(state, other)
    if found := next((found for run in makers if (found := _by_machine(readers, run))), None):
        return found
    return next((found for run in makers if (found := _unproved(readers, run))), None)


def machine_state(readers: Sequence[Reader], subject: str) -> Apart | None:
    """How a machine (`equipment=...`) is set apart, and since when; None where it is not, or where it is none."""
    kind, _, value = subject.partition("=")
    return _checked(readers, Identifier(kind, value)) if kind == EQUIPMENT else None


def _by_machine(readers: Sequence[Reader], made: Run) -> Block | None:
    """A run that was whole before its machine was set apart stays as it is: a recall names what else it takes."""
    found = machine_state(readers, made.subject)
    if found is None or (made.outcome != "open" and made.moment < found.since):
        return None
    return Block(found.state, Identifier(EQUIPMENT, made.subject.partition("=")[2]))


def _unproved(readers: Sequence[Reader], made: Run) -> Block | None:
    """What was begun in a machine that had wrongly returned is of that recall."""
    machine = Identifier(*made.subject.partition("=")[::2])
    if machine.kind != EQUIPMENT or not return_undone(readers, machine, made.run):
        return None
    return Block(RECALLED, machine, undone=True)


def _apart(readers: Sequence[Reader], records: Records, named: Identifier) -> State | None:
    if found := _checked(readers, named):
        return found.state
    # a load whose run has failed is set apart by that alone
    failed = named.kind == "load" and records.state_of(named)[0] == QUARANTINED
    return "quarantined" if failed else None


def _checked(readers: Sequence[Reader], named: Identifier) -> Apart | None:
    """How a thing is set apart by the tables. Raises Damaged where its entries say more: a lost row is no release. What
    an older ledger says is let go by the entries of a newer one, not by its tables alone."""
    held: Held = {}
    named = Identifier(named.kind, key(*named))
    for reader in readers:
        rows = reader.query("SELECT state, at FROM set_apart WHERE kind = ? AND value = ?", named)
        kept: dict[str, str] = {str(state): str(at) for state, at in rows}
        told, ended = _told(reader, named)
        if told is not None and RECALLED not in kept and told not in kept:
            raise Damaged(f"{named.kind} {named.value} was {told}, and the tables have lost that: checklist verify.")
        if ended:
            let_go(held, named)
        for state, at in kept.items():
            put_apart(held, named, state, at)
    return held.get(named)


def _told(reader: Reader, named: Identifier) -> tuple[str | None, bool]:
    """What the entries that set things apart by hand say of this one: `recalled`, `quarantined` or nothing; and whether
    any of them let it go."""
    kinds = (RECALLED, QUARANTINED, QUARANTINE_ENDED)
    entries = {entry.index: entry for kind in kinds for entry in entries_about(reader, kind, named)}
    proofs = {proof for entry in entries.values() if (proof := text_of(entry.data, "proved_by"))}
    corrected = [entry for run in proofs for entry in reader.run_entries(run) if entry.kind == Kind.STEP_CORRECTED]
    entries |= {entry.index: entry for entry in corrected}
    state: str | None = None
    ended, proof = False, None
    for _, entry in sorted(entries.items()):
        if entry.kind == Kind.STEP_CORRECTED:
            state = RECALLED if entry.run == proof else state
            continue
        if entry.kind != QUARANTINE_ENDED:
            state = RECALLED if RECALLED in (state, entry.kind) else QUARANTINED
            continue
        ended, proof = True, text_of(entry.data, "proved_by") or proof
        if state == QUARANTINED or named.kind == EQUIPMENT:
            state = None
    return state, ended
