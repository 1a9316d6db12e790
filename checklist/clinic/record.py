"""Reading the record back: one run as a story, with the stable keys of design §7."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from checklist.audit.places import station_of
from checklist.clinic import course
from checklist.clinic.beside import wanted_of
from checklist.clinic.folding import folded
from checklist.clinic.people.standing import Standings
from checklist.clinic.remarks import said_about, said_at
from checklist.ledger.entry import parse_place
from checklist.ledger.errors import Damaged
from checklist.ledger.partly import readable_entries
from checklist.run.events import CLOSING, Author, Kind, reason_of, strings_of, text_of
from checklist.run.lasting import too_fast
from checklist.run.marks import Outcome, Status
from checklist.run.printout import as_data
from checklist.run.reading import shown
from checklist.run.sensed import concealed
from checklist.run.walk import unentitled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from checklist.clinic.remarks import Said
    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Entry, Json
    from checklist.protocol.model import Step
    from checklist.run.events import Reason, Value
    from checklist.run.state import Attempt, RunState, Signature, StepState

_READINGS = ("value", "consumed", "produced", "scanned", "was", "sensed", "readout", "findings")


def show(clinic: Clinic, run: str) -> dict[str, object]:
    """One run with every step, with the keys of `show --json`. Where an entry of it is damaged, the others are shown,
    and what they do not say is unknown. Raises UnknownRunError, and Damaged where its first entry is lost."""
    entries, lost = _readable(clinic, run)
    state = folded(clinic.library, run, entries)
    # A run of a station that was restored from a backup can no longer go on: how it stood is all that is known.
    left_open = state.open and state.station != clinic.settings.clinic.station
    hidden = hidden_in(clinic, state)
    steps = [
        {
            **_step(clinic, state, step, left_open=left_open, lost=bool(lost)),
            "number": number,
            "phase": step.phase,
            "wanted": wanted_of(state.protocol, step),
            "hidden": step.id in hidden,
            "put_off": course.put_off(entries, step.id, partial(reason_in_words, clinic)),
        }
        for number, step in enumerate(state.protocol.steps, 1)
    ]
    damage = [*_damage(run, lost)]
    try:
        remarks = [said.data() for said in _said_of_run(clinic, entries)]
    except Damaged:
        remarks = []
        damage.append({"rule": "damaged", "run": run, "entry": None, "why": "what was said about it cannot be read"})
    return {
        "run": state.run,
        "protocol": {"id": state.protocol.id, "version": state.protocol.version, "sha256": state.sha256},
        "subject": state.subject,
        "session": state.session,
        "outcome": "unknown" if left_open or lost else state.outcome.value,
        "deviations": state.deviations,
        "started": state.started.at,
        "ended": state.ended,
        "paper": None if state.paper is None else state.paper.data(),
        "attributed": _attributed(clinic, state),
        "overrides": [each.data() for each in clinic.overrides(state)],
        "steps": steps,
        "findings": [*damage, *findings(clinic, state, entries)],
        "corrections": corrections(clinic, state, entries),
        "remarks": remarks,
        "via": entries[0].via,
        "turns": course.turns(entries),
        "ending": None if state.open else course.ending(entries, partial(reason_in_words, clinic)),
    }


def _readable(clinic: Clinic, run: str) -> tuple[list[Entry], list[int]]:
    """What can be read of a run, whichever ledger holds it, and the indexes of what cannot."""
    place = parse_place(run)
    reader = next((each for each in clinic.histories() if place and station_of(each) == place[0]), None)
    entries, lost = readable_entries(reader, run) if reader is not None else ([], [])
    if place is not None and place[1] in lost:
        raise Damaged(f"Entry {run} is damaged, and with it what run {run} walks.")
    return entries, lost


def _damage(run: str, lost: Sequence[int]) -> Iterator[dict[str, object]]:
    for index in lost:
        why = "is damaged: what it said is unknown, and so is how the run stands"
        yield {"rule": "damaged", "run": run, "entry": index, "why": f"entry {index} of this run {why}"}


def _said_of_run(clinic: Clinic, entries: Sequence[Entry]) -> list[Said]:
    """What was said about the entries of a run, entry by entry, each question followed by its answers."""
    about = said_about(clinic)
    return [said for entry in entries for said in said_at(about, entry.place)] if about else []


def _attributed(clinic: Clinic, state: RunState) -> dict[str, object] | None:
    """Who said afterwards that they did what was done without signing in; None while nobody did, or none was."""
    if state.attributed is None:
        return None
    return {
        "operator": state.attributed,
        "name": clinic.name_of(state.attributed),
        "at": state.attributed_at,
    }


def _step(clinic: Clinic, state: RunState, step: Step, *, left_open: bool, lost: bool) -> dict[str, object]:
    own = state.steps[step.id]
    status = state.status(step)
    # Whether a step applies may hang on what is lost.
    if not own.closed and (lost or (left_open and status is not Status.NOT_APPLICABLE)):
        status = Status.UNKNOWN
    return {
        "id": step.id,
        "state": status.value,
        "value": value_in_words(clinic, state, step),
        "unit": own.unit,
        "input": own.input,
        "attempts": len(own.attempts),
        "by": own.by if own.closed else None,
        "witness": own.witness,
        "at": own.at if own.closed else None,
        "seconds": own.ms / 1000 if own.closed and own.ms is not None else None,
        "via": own.via if own.closed else None,
        "reason": reason_in_words(clinic, own.reason),
        "entry": own.entry if own.closed else None,
        "signed": signature_in_words(clinic, own.signed),
        "signed_before": [_signature_before(clinic, each) for each in own.signed_before],
        "title": step.do,
        **_by_machine(clinic, state, step),
        "tries": _tries(clinic, state, step),
        "notes": [
            {"about": note.about, "words": clinic.words(note.words), "by": note.by, "entry": note.entry}
            for note in own.notes
        ],
    }


def still_blind(clinic: Clinic, state: RunState) -> frozenset[str]:
    """The steps whose reading a second person may yet read for themselves: only while the run can still go on."""
    goes_on = state.open or state.outcome is Outcome.COMPLETE_EXCEPT_DEFERRED
    return concealed(state) if goes_on and state.station == clinic.settings.clinic.station else frozenset()


def hidden_in(clinic: Clinic, state: RunState) -> frozenset[str]:
    """Those steps, and the earlier second readings of the same."""
    blind = still_blind(clinic, state)
    return blind | {step.id for step in state.protocol.steps if step.kind == "witness" and step.of in blind}


def _tries(clinic: Clinic, state: RunState, step: Step) -> list[object]:
    """Every value that was given for a step, with its verdict, oldest first, also what a correction took back; none
    of what a second reader must not see yet."""
    blind = still_blind(clinic, state)
    if step.id in blind:
        return []
    own = state.steps[step.id]
    # An earlier second reading says what the first one was.
    before = () if step.kind == "witness" and step.of in blind else own.set_aside
    return [
        {
            "value": _in_words(clinic, step, each.value, each.words),
            "verdict": each.verdict,
            "by": each.by,
            "witness": each.witness,
            "at": each.at,
            "entry": each.entry,
            "corrected": reason_in_words(clinic, each.corrected),
            "why": _off(state, step, each),
            "findings": as_data(each.findings),
        }
        for each in (*before, *own.attempts)
    ]


def _off(state: RunState, step: Step, attempt: Attempt) -> str | None:
    """What was wrong with the time that a timer took; None of anything else."""
    if step.kind != "timer" or attempt.verdict != "fail" or not isinstance(attempt.value, str):
        return None
    return state.bounds(step).off_words(Decimal(attempt.value)) or None


def _by_machine(clinic: Clinic, state: RunState, step: Step) -> dict[str, object]:
    """What the machine's printout says: of a reading, and of the whole cycle where it was attached."""
    attempts = () if step.id in still_blind(clinic, state) else state.steps[step.id].attempts
    last = attempts[-1] if attempts else None
    printout = last.printout.data() if last is not None and last.printout is not None else None
    return {"sensed": last.sensed if last is not None else None, "printout": printout}


def value_in_words(clinic: Clinic, state: RunState, step: Step) -> str | None:
    """What a step took, as a person reads it; None where it is nothing, erased, or hidden from a second reader."""
    own = state.steps[step.id]
    if step.id in still_blind(clinic, state):
        return None
    return _in_words(clinic, step, own.value, own.words)


def _in_words(clinic: Clinic, step: Step, value: Value | None, words: str | None) -> str | None:
    if words is not None and step.kind == "text":
        return clinic.words(words)
    # In one order, whether the run was walked just now or is read back from the file.
    return shown(value)


def signature_in_words(clinic: Clinic, signed: Signature | None) -> dict[str, object] | None:
    """A signature as it is shown and printed: the name that was signed with (the id once that is erased), when, and
    what it means."""
    if signed is None:
        return None
    return {
        "by": signed.by,
        "name": clinic.words(signed.name) or clinic.name_of(signed.by),
        "meaning": signed.meaning,
        "at": signed.at,
        "factors": [*signed.factors],
    }


def _signature_before(clinic: Clinic, signed: Signature) -> dict[str, object]:
    """A signature that was asked for again, and the correction's reason; None where it took none, as for what was
    put off."""
    return {**(signature_in_words(clinic, signed) or {}), "corrected": reason_in_words(clinic, signed.corrected)}


def reason_in_words(clinic: Clinic, reason: Reason | None) -> str | None:
    """A reason as `code: words`."""
    if reason is None:
        return None
    words = clinic.words(reason.words) if reason.words else None
    return f"{reason.code}: {words}" if words else reason.code


def findings(clinic: Clinic, state: RunState, entries: Sequence[Entry]) -> Iterator[dict[str, object]]:
    """What a reader of this run, of these entries, should look at. It points at what was seen, not at anybody's
    guilt."""
    if state.unattributed:
        why = "was begun without signing in, and nobody has said yet that they did it"
        yield {"rule": "unattributed", "run": state.run, "entry": entries[0].index, "why": why}
    for why in _attributed_without(clinic, state, entries):
        yield {"rule": "attributed-without", "run": state.run, "entry": entries[0].index, "why": why}
    blind = still_blind(clinic, state)
    for step in state.protocol.steps:
        own = state.steps[step.id]
        tried = own.attempts if step.id not in blind else ()
        told = {each: attempt.entry for attempt in tried for each in attempt.findings}  # once, where it was said last
        for each, at in told.items():
            yield {"rule": each.rule, "run": state.run, "entry": at, "why": each.why}
        if too_fast(step, own):
            yield _finding("too-fast", state, own, f"“{step.id}” was done faster than its minimum credible time")
    for entry in entries:
        if entry.kind == "step.done" and text_of(entry.data, "clock") == "wall":
            why = f"“{entry.step}” was timed across a restart, by the wall clock"
            yield {"rule": "timed-by-wall-clock", "run": state.run, "entry": entry.index, "why": why}
        factors = entry.data.get("factors")
        if isinstance(factors, list) and "secret-file" in factors:
            why = f"the secret for “{entry.step or entry.kind}” came from a file, not from the person's hands"
            yield {"rule": "secret-from-file", "run": state.run, "entry": entry.index, "why": why}
    if state.outcome is Outcome.OPEN and state.station != clinic.settings.clinic.station:
        yield {"rule": "left-open", "run": state.run, "entry": state.head[0], "why": "was open when its station ended"}


def _attributed_without(clinic: Clinic, state: RunState, entries: Sequence[Entry]) -> list[str]:
    """What whoever said that they did it did not have when it began: nobody was asked for it then."""
    if state.attributed is None:
        return []
    reader = next(each for each in clinic.histories() if each.station == state.station)
    stood = Standings(reader).before(state.attributed, entries[0].index)
    if stood is None or stood.disabled:
        return ["was attributed to somebody who was no operator when it began"]
    author = Author(state.attributed, stood.roles, "system", stood.credentials)
    said = dict.fromkeys(refusal.message for refusal in unentitled(state, author))
    return [f"was attributed to somebody who could not have begun or done it signed in: {why}" for why in said]


def _finding(rule: str, state: RunState, own: StepState, why: str) -> dict[str, object]:
    return {"rule": rule, "run": state.run, "entry": own.entry, "why": why}


def readable(entry: Entry, hidden: frozenset[str]) -> dict[str, Json]:
    """What an entry says; a reading that must stay hidden for now is None, and `hidden` says so."""
    data = dict(entry.data)
    if entry.step not in hidden or not entry.kind.startswith(("step.", "witnessed")):
        return data
    return {key: None if key in _READINGS else value for key, value in data.items()} | {"hidden": True}


def corrections(clinic: Clinic, state: RunState, entries: Sequence[Entry]) -> list[dict[str, object]]:
    """Every correction of a run, oldest first: what the step said, what it says since (None until it is asked again),
    who corrected it and why. What a second reader must not see yet is None."""
    hidden = hidden_in(clinic, state)
    told: list[dict[str, object]] = []
    for at, entry in enumerate(entries):
        if entry.kind != Kind.STEP_CORRECTED:
            continue
        later = (each for each in entries[at + 1 :] if each.step == entry.step)
        since = next((each for each in later if each.kind in CLOSING), None)
        told.append(
            {
                "step": entry.step,
                "was": _value(clinic, readable(entry, hidden), "was"),
                **course.closed_at(entries, _of(entry), partial(reason_in_words, clinic)),
                "now": None if since is None else _value(clinic, readable(since, hidden), "value"),
                "state": None if since is None else CLOSING[Kind(since.kind)].value,
                "by": entry.actor,
                "witness": text_of(entry.data, "witness"),
                "at": entry.at,
                "reason": reason_in_words(clinic, reason_of(entry.data)),
                "entry": entry.index,
                "of": _of(entry),
                "since": None if since is None else since.index,
            }
        )
    return told


def _value(clinic: Clinic, data: Mapping[str, Json], key: str) -> str | None:
    """A value as a person reads it: what was given in words is opened."""
    named = strings_of(data, key)
    if words := named.get("words") or (text_of(data, "words") if key == "value" and "value" not in data else None):
        return clinic.words(words)
    if key == "value" and not named and text_of(data, key) is None:
        named = {**strings_of(data, "consumed"), **strings_of(data, "produced"), **strings_of(data, "scanned")}
    return text_of(data, key) or shown(named or None)


def _of(entry: Entry) -> int | None:
    named = entry.data.get("of")
    index = named.get("index") if isinstance(named, dict) else None
    return index if isinstance(index, int) else None
