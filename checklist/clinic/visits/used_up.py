"""What a run has used up that may not be used any more: then what it was to prove is not proved.

Knows how one thing stands by now, and what a visit has used beside what is asked for. Refuses to know which runs count.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

from checklist.clinic.identifiers.blocking import blocked
from checklist.clinic.identifiers.tracing import Records
from checklist.gate.clearance import decision_of, joined, unknown, unmet
from checklist.gate.facts import SetApart
from checklist.gate.items import ANOTHER
from checklist.gate.requirement import ItemsUsable
from checklist.ledger.errors import LedgerError
from checklist.trace.follow import Identifier, key

if TYPE_CHECKING:
    from checklist.clinic.visits.sources import Sources
    from checklist.gate.clearance import Clearance, Judged
    from checklist.gate.procedure import Procedure
    from checklist.ledger.reader import Reader

    _Found = tuple[Literal["quarantined", "recalled", "unknown"], str]

BESIDE: Final = frozenset({"expiry", "session"})
"""What stands on a label beside things, and is none."""
NAME: Final = "nothing-recalled"
_NEVER_CORRECTED: Final = frozenset({"abandoned", "expired"})
_FOR_GOOD: Final = (
    "That run was given up or has run out of time, and is never corrected: open a new visit, or a lead overrides."
)


@dataclass(slots=True)
class UsedUp:
    """What the runs of one question have used up. Many used the same lot: each thing is looked up once."""

    sources: Sources
    _looked_up: dict[tuple[str, str], _Found | None] = field(default_factory=dict)

    def apart(self, reader: Reader, run: str, but: frozenset[str] = frozenset()) -> tuple[SetApart, ...]:
        """Every such thing of a run that is set apart, and every one of which the record cannot say; nothing of a label
        that bears one of the kinds in `but`."""
        rows = reader.query(
            "SELECT kind, coalesce(shown, value), step FROM identifier"
            " WHERE run = ? AND use = 'consumed' AND withdrawn = 0 ORDER BY idx",
            (run,),
        )
        labels: dict[str, list[Identifier]] = {}
        for kind, value, step in rows:
            labels.setdefault(str(step), []).append(Identifier(str(kind), str(value)))
        return tuple(
            SetApart(*one, *found, kinds)
            for label in labels.values()
            if but.isdisjoint(kinds := frozenset(each.kind for each in label))
            for one in label
            if one.kind not in BESIDE and (found := self._found(one)) is not None
        )

    def _found(self, named: Identifier) -> _Found | None:
        same = (named.kind, key(*named))
        if same not in self._looked_up:
            self._looked_up[same] = self._look_up(named)
        return self._looked_up[same]

    def _look_up(self, named: Identifier) -> _Found | None:
        try:
            block = blocked(self.sources.readers, Records(self.sources.readers), named)
        except LedgerError:
            return "unknown", ""
        return None if block is None else (block.state, block.named(named))


def with_used_up(sources: Sources, procedure: Procedure, found: Clearance) -> Clearance:
    """What the gate says of a start, and beside it all that any run of the visit has used up and that may not be used,
    where the procedure does not ask for its kind, nor is the run missing for the sake of what it used. Of a close it is
    what the gate says: a visit that is over has used what it has used."""
    if found.stage != "start" or found.session is None:
        return found
    asked = frozenset(one.identifier for one in procedure.requires if isinstance(one, ItemsUsable))
    named = {place for one in found.missing if one.spoiled for place in one.evidence}
    used = UsedUp(sources)
    runs = "SELECT run, outcome FROM run WHERE session = ? ORDER BY idx"
    parts = [
        _judged(one, str(run), _FOR_GOOD if outcome in _NEVER_CORRECTED else ANOTHER)
        for reader in sources.readers
        for run, outcome in reader.query(runs, (found.session,))
        if run not in named
        for one in used.apart(reader, str(run), asked)
    ]
    if not parts:
        return found
    requirements = (*found.requirements, joined(NAME, parts))
    return replace(found, requirements=requirements, decision=decision_of(requirements))


def _judged(one: SetApart, run: str, fix: str) -> Judged:
    name = f"{one.kind[0].upper()}{one.kind[1:]} {one.value}"
    if one.state == "unknown":
        return unknown(NAME, f"Whether {name}, which this visit uses, may be used is not on record.", (run,))
    said = f"may not be used: its {one.through} is {one.state}" if one.through else f"is {one.state}"
    return unmet(NAME, f"{name} {said}, and this visit uses it.", (run,), fix)
