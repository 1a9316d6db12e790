"""Blocking: what may not be used until somebody decides, what is called back, and what ends a completion early.

Anybody but an auditor may block, at once and without asking; letting go again takes a lead. Everything is an entry,
and every gate sees it from then on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, get_args

from checklist.clinic.acting import barred, recorded
from checklist.clinic.identifiers.reaching import reach
from checklist.clinic.identifiers.trace_views import HAPPENED, QUARANTINE_ENDED, QUARANTINED, RECALLED, RELEASED
from checklist.clinic.identifiers.tracing import Records, trace
from checklist.clinic.people.comparing import decided
from checklist.ledger.entry import Draft
from checklist.people.commitment import words_opening
from checklist.protocol.steps import Identifier as KnownKind
from checklist.protocol.text import MAX_VALUE, clean
from checklist.run.answer import doers
from checklist.run.events import REASON_CODES, Reason
from checklist.run.marks import Status
from checklist.run.reading import Refusal
from checklist.run.rights import Act
from checklist.run.timing import utc
from checklist.trace.follow import Identifier, key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from checklist.clinic.identifiers.reaching import Left, Reach
    from checklist.clinic.identifiers.tracing import Trace
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.ledger.entry import Entry, Json
    from checklist.ledger.reader import Reader
    from checklist.run.state import RunState
    from checklist.trace.follow import How

EQUIPMENT: Final = "equipment"
KINDS: Final = (*get_args(KnownKind), EQUIPMENT)
"""What can be blocked: every kind of identifier, and a machine."""
TESTED_BY: Final = "bi-test"
"""The protocol whose completion says that a steriliser's loads were sterile (domain.md §1.7)."""
LISTED: Final = 100
"""So many of the things that were recalled are followed one by one in the answer; all of them together in any case."""
BATCH: Final = 1000
"""So many recalls are recorded at once; the machine with the first of them, so that it is blocked whatever follows."""

_TESTS: Final = 20
"""So many of the newest tests are looked at: if none of these was negative, none before them helps."""

_MADE: Final[frozenset[How]] = frozenset({"produced"})
_EVENT: Final = re.compile(r"[a-z0-9-]{1,64}")
_VALUE: Final = re.compile(r"[!-~]{1,64}")


@dataclass(frozen=True, slots=True)
class Recall:
    """What was called back: the entries, where all of it has gone, and what the record knows of the first `LISTED`
    things. `since` is where the last negative test began (ISO 8601 UTC), or None where there never was one or none was
    asked for."""

    entries: tuple[Entry, ...]
    reach: Reach
    traces: tuple[Trace, ...]
    since: str | None = None
    last_negative: str | None = None

    @property
    def things(self) -> tuple[Identifier, ...]:
        """What was called back."""
        return tuple(Identifier(str(entry.data["kind"]), str(entry.data["value"])) for entry in self.entries)

    @property
    def known(self) -> bool:
        """Whether the record says of any of it where it came from or went."""
        return bool(self.reach.runs or self.reach.corrected) or any(one.produced_by for one in self.traces)

    def data(self) -> dict[str, Json]:
        """The stable keys of `recall --json`."""
        return {
            "recalled": [{"kind": one.kind, "value": one.value} for one in self.things],
            "since": self.since,
            "last_negative": self.last_negative,
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
    return _blocked(clinic, QUARANTINED, kind, value, reason, who, via)


def end_quarantine(clinic: Clinic, kind: str, value: str, reason: Reason, who: SignedIn, via: str) -> Entry | Refusal:
    """It may be used again; a recall is never taken back, but a machine that was called back may return."""
    if refusal := barred(clinic, clinic.ledger, Act.END_QUARANTINE, who):
        return refusal
    state, _ = Records(clinic.histories()).state_of(Identifier(kind, value))
    if state != QUARANTINED and (kind, state) != (EQUIPMENT, RECALLED):
        named = f"{kind} {clean(value, limit=64)}"
        recalled = f"{named} is recalled, not in quarantine: a recall is never taken back."
        return Refusal("not-quarantined", recalled if state == RECALLED else f"{named} is not in quarantine.")
    if kind == "load" and (refusal := _own_load(clinic, value, who)):
        return refusal
    return _blocked(clinic, QUARANTINE_ENDED, kind, value, reason, who, via)


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
    """Call one thing back."""
    entry = _blocked(clinic, RECALLED, kind, value, reason, who, via)
    if isinstance(entry, Refusal):
        return entry
    return _answer(clinic, [entry])


def recall_since_negative(clinic: Clinic, machine: str, reason: Reason, who: SignedIn, via: str) -> Recall | Refusal:
    """Call back every load of a steriliser since the load of its last negative spore test, and block the machine
    (domain.md §1.7). Where there never was a negative test, every load it ever made."""
    if f"{EQUIPMENT}={machine}" not in dict(clinic.settings.subjects(EQUIPMENT)):
        return Refusal("equipment", f"There is no machine “{clean(machine, limit=64)}” in clinic.toml.")
    said = _said(clinic, Act.RECALL, EQUIPMENT, machine, reason, who)
    if isinstance(said, Refusal):
        return said
    found: list[str | None] = [None, None]

    def decide(reader: Reader) -> Sequence[Draft] | Refusal:
        if refusal := barred(clinic, reader, Act.RECALL, who):
            return refusal
        readers = [*clinic.histories()[:-1], reader]
        negative = last_negative(readers, machine, clean_run=lambda run: not passed_over(clinic.run(run)))
        loads = loads_since(readers, machine, negative)
        since = negative.since if negative else None
        found[:] = [since, negative.run if negative else None]
        about: dict[str, Json] = {**said, "since": since}
        drafts[:] = [
            Draft(RECALLED, {**about, "kind": kind, "value": key(kind, value)}, who.id, via)
            for kind, value in ((EQUIPMENT, machine), *(("load", load) for load in loads))
        ]
        return drafts[:BATCH]

    drafts: list[Draft] = []
    entries = decided(clinic.ledger, decide)
    if isinstance(entries, Refusal):
        return entries
    for first in range(BATCH, len(drafts), BATCH):
        some = drafts[first : first + BATCH]
        entries += clinic.ledger.append(partial(_as_they_are, some))
    return _answer(clinic, entries, *found)


def _as_they_are(drafts: Sequence[Draft], _: Reader) -> Sequence[Draft]:
    return drafts


def _answer(
    clinic: Clinic, entries: Sequence[Entry], since: str | None = None, last_negative: str | None = None
) -> Recall:
    """What came of a recall that stands in the record."""
    _tell(clinic, entries)
    readers = clinic.histories()
    things = [Identifier(str(entry.data["kind"]), str(entry.data["value"])) for entry in entries]
    traces = tuple(trace(readers, *one) for one in things[:LISTED] if one.kind != EQUIPMENT)
    return Recall(tuple(entries), reach(readers, things), traces, since, last_negative)


@dataclass(frozen=True, slots=True)
class Negative:
    """A negative spore test: its run, the load that it lay in where that was scanned, and when that load was begun
    (or the test, ISO 8601 UTC)."""

    run: str
    load: str | None
    since: str


def last_negative(readers: Sequence[Reader], machine: str, *, clean_run: Callable[[str], bool]) -> Negative | None:
    """The newest completed spore test of a machine of which `clean_run` says that no step was passed over; None where
    there is none. A test that lay only in loads of other machines says nothing of this one."""
    records, subject = Records(readers), f"{EQUIPMENT}={machine}"
    for run in records.completed(TESTED_BY, subject, _TESTS):
        if not clean_run(run.run):
            continue
        tested = [named for named, use in records.named_in(run.run) if named.kind == "load" and use.how != "produced"]
        made = [(named, made) for named in tested for made in records.runs(records.runs_with([named], _MADE))]
        own = [(named.value, made.started) for named, made in made if made.subject == subject]
        if own:
            return Negative(run.run, *own[-1])
        if not made:
            return Negative(run.run, None, run.started)
    return None


def loads_since(readers: Sequence[Reader], machine: str, negative: Negative | None) -> list[str]:
    """The loads of this machine that were begun after the one a negative test lay in, oldest first; all of them where
    there never was such a test."""
    found = [
        str(row[0])
        for reader in readers
        for row in reader.query(
            "SELECT DISTINCT coalesce(shown, value) FROM run CROSS JOIN identifier USING (run)"
            " WHERE subject = ? AND run.started >= ? AND +kind = 'load' AND use = 'produced' ORDER BY run.started",
            (f"{EQUIPMENT}={machine}", negative.since if negative else ""),
        )
    ]
    return [load for load in dict.fromkeys(found) if negative is None or load != negative.load]


def passed_over(state: RunState) -> bool:
    """Whether any step of a run was left out, put off, failed or overridden."""
    return any(own.status not in (Status.DONE, Status.PENDING) for own in state.steps.values())


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


def _blocked(
    clinic: Clinic, kind_of_entry: str, kind: str, value: str, reason: Reason, who: SignedIn, via: str
) -> Entry | Refusal:
    act = {QUARANTINED: Act.QUARANTINE, QUARANTINE_ENDED: Act.END_QUARANTINE, RECALLED: Act.RECALL}[kind_of_entry]
    said = _said(clinic, act, kind, value, reason, who)
    if isinstance(said, Refusal):
        return said
    return recorded(
        clinic, act, who, Draft(kind_of_entry, {**said, "kind": kind, "value": key(kind, value)}, who.id, via)
    )


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
