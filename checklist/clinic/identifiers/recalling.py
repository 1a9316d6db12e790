"""Blocking: what may not be used until somebody decides, what is called back, and what ends a completion early.

Anybody but an auditor may block, at once and without asking; letting go again takes a lead. Everything is an entry,
and every gate sees it from then on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final, get_args

from checklist.clinic.acting import barred, recorded
from checklist.clinic.identifiers.negatives import last_negative, loads_since
from checklist.clinic.identifiers.reaching import reach
from checklist.clinic.identifiers.recall_list import asked_by, opens
from checklist.clinic.identifiers.returning import kind_of_machine, passed_over, returned_by
from checklist.clinic.identifiers.trace_views import HAPPENED, QUARANTINE_ENDED, QUARANTINED, RECALLED, RELEASED
from checklist.clinic.identifiers.tracing import Records, trace
from checklist.clinic.people.comparing import decided
from checklist.ledger.entry import Draft
from checklist.people.commitment import words_opening
from checklist.protocol.steps import Identifier as KnownKind
from checklist.protocol.text import MAX_VALUE, clean
from checklist.run.answer import doers
from checklist.run.events import REASON_CODES, Reason
from checklist.run.reading import Refusal
from checklist.run.rights import Act
from checklist.run.timing import utc
from checklist.trace.follow import Identifier, key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checklist.clinic.identifiers.negatives import Negative
    from checklist.clinic.identifiers.reaching import Left, Reach
    from checklist.clinic.identifiers.recall_list import RecallList
    from checklist.clinic.identifiers.tracing import Trace
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.ledger.entry import Entry, Json
    from checklist.ledger.reader import Reader
    from checklist.trace.follow import How

EQUIPMENT: Final = "equipment"
KINDS: Final = (*get_args(KnownKind), EQUIPMENT)
"""What can be blocked: every kind of identifier, and a machine."""
LISTED: Final = 100
"""So many of the things that were recalled are followed one by one in the answer; all of them together in any case."""
BATCH: Final = 1000
"""So many recalls are recorded at once; the machine with the first of them, so that it is blocked whatever follows."""

_MADE: Final[frozenset[How]] = frozenset({"produced"})
_EVENT: Final = re.compile(r"[a-z0-9-]{1,64}")
_VALUE: Final = re.compile(r"[!-~]{1,64}")


@dataclass(frozen=True, slots=True)
class Recall:
    """What was called back, or would be: the things, where all of it has gone, and what the record knows of the first
    `LISTED`. `since` is where the last negative test began (ISO 8601 UTC), or None where there never was one or none
    was asked for."""

    things: tuple[Identifier, ...]
    reach: Reach
    traces: tuple[Trace, ...]
    known: bool
    """Whether the record says of any of it where it came from or went; a machine of the clinic is known."""
    since: str | None = None
    last_negative: str | None = None
    asks_for: RecallList | None = None
    """The list that it opens, or that waits or is open already."""

    def data(self) -> dict[str, Json]:
        """The stable keys of `recall --json`."""
        return {
            "recalled": [{"kind": one.kind, "value": one.value} for one in self.things],
            "since": self.since,
            "last_negative": self.last_negative,
            "list": self.asks_for.data() if self.asks_for else None,
            "left": [{"kind": one.thing.kind, "value": one.thing.value, "opened": one.opened} for one in self.left],
            "sessions": list(self.sessions),
            "corrected": [run.data() for run in self.reach.corrected],
            "complete": not self.reach.cut,
            "traces": [one.data() for one in self.traces],
        }

    @property
    def sessions(self) -> tuple[str, ...]:
        """The visits that any of it reached."""
        return self.reach.sessions

    @property
    def left(self) -> tuple[Left, ...]:
        """What may still lie somewhere: it can be found in time."""
        return self.reach.left


def quarantine(clinic: Clinic, kind: str, value: str, reason: Reason, who: SignedIn, via: str) -> Entry | Refusal:
    """Nothing of this may be used until a lead decides."""
    said = _said(clinic, Act.QUARANTINE, kind, value, reason, who)
    if isinstance(said, Refusal):
        return said
    draft = Draft(QUARANTINED, {**said, "kind": kind, "value": key(kind, value)}, who.id, via)
    return recorded(clinic, Act.QUARANTINE, who, draft)


def end_quarantine(clinic: Clinic, kind: str, value: str, reason: Reason, who: SignedIn, via: str) -> Entry | Refusal:
    """It may be used again; a recall is never taken back, but a machine that was called back may return once that was
    earned (see `returning`)."""
    if refusal := barred(clinic, clinic.ledger, Act.END_QUARANTINE, who):
        return refusal
    proof = _let_go_by(clinic, clinic.histories(), kind, value, who)
    if isinstance(proof, Refusal):
        return proof
    said = _said(clinic, Act.END_QUARANTINE, kind, value, reason, who)
    if isinstance(said, Refusal):
        return said

    def decide(reader: Reader) -> Sequence[Draft] | Refusal:
        if refusal := barred(clinic, reader, Act.END_QUARANTINE, who):
            return refusal
        # asked again under the lock: what was called back meanwhile stays so
        proof = _let_go_by(clinic, [*clinic.histories()[:-1], reader], kind, value, who)
        if isinstance(proof, Refusal):
            return proof
        return [Draft(QUARANTINE_ENDED, {**said, **proof, "kind": kind, "value": key(kind, value)}, who.id, via)]

    entries = decided(clinic.ledger, decide)
    return entries if isinstance(entries, Refusal) else entries[-1]


def _let_go_by(
    clinic: Clinic, readers: Sequence[Reader], kind: str, value: str, who: SignedIn
) -> dict[str, Json] | Refusal:
    """What is recorded of the proof by which this may be used again, or why it may not; as these ledgers stand."""
    state, _ = Records(readers).state_of(Identifier(kind, value))
    proof = returned_by(clinic, readers, value, who) if (kind, state) == (EQUIPMENT, RECALLED) else None
    if isinstance(proof, Refusal):
        return proof
    if state != QUARANTINED and (kind, state) != (EQUIPMENT, RECALLED):
        named = f"{kind} {clean(value, limit=64)}"
        recalled = f"{named} is recalled, not in quarantine: a recall is never taken back."
        return Refusal("not-quarantined", recalled if state == RECALLED else f"{named} is not in quarantine.")
    if kind == "load" and (refusal := _own_load(clinic, value, who)):
        return refusal
    return {"proved_by": proof} if proof else {}


def standing(clinic: Clinic, kind: str, value: str) -> tuple[bool, str]:
    """Whether the record knows this thing, or clinic.toml this machine; and how it stands now."""
    readers = clinic.histories()
    state, _ = Records(readers).state_of(Identifier(kind, value))
    return _in_use(clinic, kind, value), state


def _in_use(clinic: Clinic, kind: str, value: str) -> bool:
    if kind == EQUIPMENT:
        named = f"{EQUIPMENT}={value}"
        return named in dict(clinic.settings.subjects(EQUIPMENT)) or bool(
            Records(clinic.histories()).runs_about(named, 1)
        )
    found = trace(clinic.histories(), kind, value)
    return bool(found.produced_by or found.consumed_by or found.corrected)


def _own_load(clinic: Clinic, load: str, who: SignedIn) -> Refusal | None:
    """Whoever has run a load that another must release (one with an implant) lets it go in no other way either."""
    records = Records(clinic.histories())
    for run in dict.fromkeys(records.runs_with([Identifier("load", load)], _MADE)):
        state = clinic.run(run)
        for step in state.protocol.steps:
            releases = step.kind == "sign" and RELEASED in step.meanings and step.another and state.applies(step)
            if releases and who.id in doers(state, step):
                why = "Whoever ends the quarantine of this load must have done no step of its run"
                return Refusal("same-person", f"{why}: let another lead, with their secret.")
    return None


def recall(clinic: Clinic, kind: str, value: str, reason: Reason, who: SignedIn, via: str) -> Recall | Refusal:
    """Call one thing back, and open its list."""
    said = _said(clinic, Act.RECALL, kind, value, reason, who)
    if isinstance(said, Refusal):
        return said
    thing = Identifier(kind, key(kind, value))

    def decide(reader: Reader) -> Sequence[Draft] | Refusal:
        if refusal := barred(clinic, reader, Act.RECALL, who):
            return refusal
        readers = [*clinic.histories()[:-1], reader]
        about = {**said, **_of_machine(clinic, *thing), **opens(clinic, readers, thing)}
        return [Draft(RECALLED, {**about, "kind": thing.kind, "value": thing.value}, who.id, via)]

    entries = decided(clinic.ledger, decide)
    return entries if isinstance(entries, Refusal) else _recorded(clinic, entries)


def recall_since_negative(clinic: Clinic, machine: str, reason: Reason, who: SignedIn, via: str) -> Recall | Refusal:
    """Call back every load of a steriliser since the load of its last negative spore test, and block the machine
    (domain.md §1.7). Where there never was a negative test, every load it ever made."""
    if refusal := _no_machine(clinic, machine):
        return refusal
    said = _said(clinic, Act.RECALL, EQUIPMENT, machine, reason, who)
    if isinstance(said, Refusal):
        return said
    found: list[Negative | None] = []

    def decide(reader: Reader) -> Sequence[Draft] | Refusal:
        if refusal := barred(clinic, reader, Act.RECALL, who):
            return refusal
        readers = [*clinic.histories()[:-1], reader]
        negative, things = _since_negative(clinic, readers, machine)
        found[:] = [negative]
        about: dict[str, Json] = {**said, "since": negative.since if negative else None}
        drafts[:] = [
            Draft(
                RECALLED,
                {**about, **_of_machine(clinic, kind, value), "kind": kind, "value": key(kind, value)},
                who.id,
                via,
            )
            for kind, value in things
        ]
        drafts[0] = replace(drafts[0], data={**drafts[0].data, **opens(clinic, readers, things[0])})
        return drafts[:BATCH]

    drafts: list[Draft] = []
    entries = decided(clinic.ledger, decide)
    if isinstance(entries, Refusal):
        return entries
    for first in range(BATCH, len(drafts), BATCH):
        some = drafts[first : first + BATCH]
        entries += clinic.ledger.append(partial(_as_they_are, some))
    return _recorded(clinic, entries, *found)


def would_recall_since_negative(clinic: Clinic, machine: str) -> Recall | Refusal:
    """What `recall_since_negative` would call back, and where that has gone; nothing is recorded."""
    if refusal := _no_machine(clinic, machine):
        return refusal
    readers = clinic.histories()
    negative, things = _since_negative(clinic, readers, machine)
    return _answer(clinic, readers, things, negative)


def _no_machine(clinic: Clinic, machine: str) -> Refusal | None:
    if f"{EQUIPMENT}={machine}" in dict(clinic.settings.subjects(EQUIPMENT)):
        return None
    return Refusal("equipment", f"There is no machine “{clean(machine, limit=64)}” in clinic.toml.")


def _of_machine(clinic: Clinic, kind: str, value: str) -> dict[str, Json]:
    """What kind of machine this is when it is called back, for clinic.toml may say another one later."""
    machine = kind_of_machine(clinic, value) if kind == EQUIPMENT else None
    return {"machine": machine} if machine else {}


def _since_negative(
    clinic: Clinic, readers: Sequence[Reader], machine: str
) -> tuple[Negative | None, list[Identifier]]:
    negative = last_negative(readers, machine, clean_run=lambda run: not passed_over(clinic.run(run)))
    loads = [Identifier("load", load) for load in loads_since(readers, machine, negative)]
    return negative, [Identifier(EQUIPMENT, machine), *loads]


def _as_they_are(drafts: Sequence[Draft], _: Reader) -> Sequence[Draft]:
    return drafts


def _recorded(clinic: Clinic, entries: Sequence[Entry], negative: Negative | None = None) -> Recall:
    """What came of a recall that stands in the record."""
    _tell(clinic, entries)
    things = [Identifier(str(entry.data["kind"]), str(entry.data["value"])) for entry in entries]
    return _answer(clinic, clinic.histories(), things, negative)


def _answer(
    clinic: Clinic, readers: Sequence[Reader], things: Sequence[Identifier], negative: Negative | None
) -> Recall:
    traces = tuple(trace(readers, *one) for one in things[:LISTED] if one.kind != EQUIPMENT)
    went = reach(readers, things)
    known = bool(went.runs or went.corrected) or any(one.produced_by for one in traces)
    known = known or any(one.kind == EQUIPMENT and _in_use(clinic, *one) for one in things)
    since, run = (negative.since, negative.run) if negative else (None, None)
    return Recall(tuple(things), went, traces, known, since, run, asked_by(clinic, readers, things[0]))


def happened(clinic: Clinic, event: str, subject: str, words: str, who: SignedIn, via: str) -> Entry | Refusal:
    """Something happened that ends what it is about: a repair, a power loss, a patient who came in."""
    if refusal := barred(clinic, clinic.ledger, Act.HAPPENED, who):
        return refusal
    if not _EVENT.fullmatch(event):
        return Refusal("event", "Name the event in small letters, as protocols do, like steriliser-repair.")
    known = [name for kind in ("clinic", "room", EQUIPMENT) for name, _ in clinic.settings.subjects(kind)]
    if subject not in known:
        return Refusal("subject", f"Say what it is about: {', '.join(known)}.")
    data: dict[str, Json] = {"event": event, "subject": subject}
    spoken = _spoken(clinic, words)
    if isinstance(spoken, Refusal):
        return spoken
    return recorded(clinic, Act.HAPPENED, who, Draft(HAPPENED, {**data, **spoken}, who.id, via))


def _tell(clinic: Clinic, entries: Sequence[Entry]) -> None:
    """Have the clinic's own command told, if it has one, once the recall is on record."""
    if not clinic.settings.hooks.on_recall:
        return
    from checklist.clinic.plan.hooks import RECALL, tell

    named = [f"{entry.data['kind']} {entry.data['value']}" for entry in entries]
    more = f" and {len(named) - LISTED} more" if len(named) > LISTED else ""
    things = ", ".join(named[:LISTED]) + more
    tell(clinic.folder, clinic.settings.hooks, RECALL, f"RECALLED: {things}")


def _said(clinic: Clinic, act: Act, kind: str, value: str, reason: Reason, who: SignedIn) -> dict[str, Json] | Refusal:
    """The reason as it is recorded, or why this cannot be blocked. Words go to people.db first."""
    if refusal := barred(clinic, clinic.ledger, act, who):
        return refusal
    if kind not in KINDS:
        return Refusal("kind", f"Name one of: {', '.join(KINDS)}.")
    if not _VALUE.fullmatch(value):
        return Refusal("value", f"Type the {kind} as it stands on the label, without spaces.")
    if reason.code not in REASON_CODES:
        return Refusal("reason", f"Begin the reason with one of: {', '.join(REASON_CODES)}.")
    spoken = _spoken(clinic, reason.words or "")
    return spoken if isinstance(spoken, Refusal) else {"reason": reason.code, **spoken}


def _spoken(clinic: Clinic, words: str) -> dict[str, Json] | Refusal:
    said = clean(words, limit=4 * len(words) + 1).strip()
    if len(said) > MAX_VALUE:
        return Refusal("too-long", f"Say it in at most {MAX_VALUE} characters; these are {len(said)}.")
    if not said:
        return {}
    opening = words_opening(said)
    clinic.people.keep([opening], at=utc(clinic.now()))
    return {"words": opening.commitment}
