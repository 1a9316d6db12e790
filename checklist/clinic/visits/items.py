"""What a visit has used up: every load, lot, pack and serial number of it, and what the record says of each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, cast

from checklist.clinic.folding import looked_over
from checklist.clinic.identifiers.blocking import blocked
from checklist.clinic.identifiers.loads import keeps_until
from checklist.clinic.identifiers.trace_views import QUARANTINED, RELEASED
from checklist.clinic.identifiers.tracing import Records
from checklist.clinic.run_views import all_reviewed
from checklist.clinic.visits.events import time_of
from checklist.clinic.visits.used_up import BESIDE
from checklist.gate.facts import Item
from checklist.ledger.entry import format_place
from checklist.ledger.errors import Damaged
from checklist.protocol.plain import ProfileRef
from checklist.run.events import Kind
from checklist.run.marks import Outcome
from checklist.trace.follow import Identifier

if TYPE_CHECKING:
    from checklist.clinic.identifiers.blocking import Block
    from checklist.clinic.identifiers.tracing import Run
    from checklist.clinic.visits.sources import Sources
    from checklist.gate.facts import ItemState
    from checklist.ledger.reader import Reader

_STATES: Final = frozenset({"released", "quarantined", "recalled", "running", "awaiting"})


@dataclass(slots=True)
class _Scanned:
    """One thing that a visit has used up, and all that its scans say of it together."""

    named: Identifier
    evidence: str = ""
    expiry: date | None = None
    beside: list[Identifier] = field(default_factory=list)
    passed: bool = False


def items_of(sources: Sources, kind: str, session: str | None) -> tuple[Item, ...]:
    """What the runs of a visit have used up, once each; the newest scan of it is the evidence."""
    if session is None:
        return ()
    found: dict[str, _Scanned] = {}
    for reader in sources.readers:
        rows = reader.query(
            "SELECT coalesce(shown, value), value, identifier.idx, identifier.run, step"
            " FROM run CROSS JOIN identifier USING (run)"
            " WHERE session = ? AND +kind = ? AND use = 'consumed' AND withdrawn = 0 ORDER BY identifier.idx",
            (session, kind),
        )
        for shown, value, index, run, step in rows:
            one = found.setdefault(str(value), _Scanned(Identifier(kind, str(shown))))
            one.evidence = format_place(reader.station, int(str(index)))
            beside = _beside(reader, str(run), str(step), kind)
            dates = [date.fromisoformat(each.value) for each in beside if each.kind == "expiry"][:1]
            # of two dates under one number the first ends it
            one.expiry = min([*dates, *([one.expiry] if one.expiry else [])], default=None)
            one.beside += [each for each in beside if each.kind not in BESIDE]
            one.passed = one.passed or not all_reviewed(sources.readers, reader, str(run))
    return tuple(_item(sources, one, session) for one in found.values())


def made_at(maker: Run) -> datetime:
    """When what a run made was made: when that was begun; of a sheet, by when that ended, if nothing was before."""
    return min(time_of(maker.started), time_of(maker.moment))


def _beside(reader: Reader, run: str, step: str, kind: str) -> list[Identifier]:
    """What else was read from the same label: its date, the number of the product, of the very piece."""
    rows = reader.query(
        "SELECT kind, coalesce(shown, value) FROM identifier WHERE run = ? AND step = ? AND kind <> ? AND withdrawn = 0"
        " ORDER BY idx DESC",
        (run, step, kind),
    )
    return [Identifier(str(row[0]), str(row[1])) for row in rows]


def _blocked(sources: Sources, records: Records, scanned: _Scanned) -> Block | None:
    """Why this may not be used: for its own sake, or for that of anything else on its label."""
    things = dict.fromkeys([scanned.named, *scanned.beside])
    return next((found for one in things if (found := blocked(sources.readers, records, one))), None)


def _item(sources: Sources, scanned: _Scanned, session: str) -> Item:
    records, named = Records(sources.readers), scanned.named
    block = _blocked(sources, records, scanned)
    state = block.state if block is not None else records.state_of(named)[0]
    uses = records.uses_of(named)
    elsewhere = dict.fromkeys(run.session or f"run {run.run}" for run in records.spent_in(named))
    made = records.runs(use.run for use in uses if use.how == "produced")
    maker = made[-1] if made else None
    item = Item(
        kind=named.kind,
        value=named.value,
        evidence=scanned.evidence,
        state=cast("ItemState", state if state in _STATES else ""),
        expiry=scanned.expiry,
        elsewhere=tuple(one for one in elsewhere if one != session),
        belongs=maker.session if maker else None,
        machine=maker.subject if maker and maker.subject.startswith("equipment=") else None,
        made=made_at(maker) if maker else None,
        through=block.named(named) if block is not None else "",
        passed=scanned.passed,
    )
    if named.kind != "load":
        return item
    if maker is None:
        return replace(item, state="unknown")
    return _stored(sources, item, maker.run)


def _stored(sources: Sources, load: Item, run: str) -> Item:
    """A load keeps as long as its run counts, to the moment; after that its packs have expired. One whose run failed at
    a step, or was overridden and nobody has reviewed that, may not be used, whatever was signed."""
    if load.state != "released" or load.made is None:
        return load
    reader, entries = next((one, found) for one in sources.readers if (found := one.run_entries(run)))
    decided = [entry.data.get("meaning") for entry in entries if entry.kind == Kind.SIGNED]
    if [one for one in decided if one in (RELEASED, QUARANTINED)][-1:] != [RELEASED]:
        raise Damaged(f"Load {load.value} is released by the tables, and by nobody's signature: checklist verify.")
    state = looked_over(sources.library, run, entries)
    if state.outcome is Outcome.FAILED:  # whoever signed after that: no signature makes good a step that failed
        return replace(load, state="quarantined")
    if not all_reviewed(sources.readers, reader, run):
        return replace(load, state="awaiting")
    if isinstance(state.protocol.valid_for, ProfileRef):  # its run does not say by which profile
        return replace(load, state="unknown")
    return replace(load, until=keeps_until(state))
