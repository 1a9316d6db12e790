"""What the gate must be told, looked up in the record: only what one question needs, each by an index.

Reads every ledger of the folder and writes nothing. What cannot be read becomes `Damaged`, so that it is never GO.
Knows nothing of what is enough: that is the gate's.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from checklist.clinic.errors import ClinicError
from checklist.clinic.folding import length_in, looked_over
from checklist.clinic.people.people_views import held_attributes
from checklist.clinic.plan.waiting import answered_since
from checklist.clinic.run_views import all_reviewed, reviewed_since
from checklist.clinic.visits.events import events_of, iso, subjects_of, time_of
from checklist.clinic.visits.items import items_of
from checklist.clinic.visits.trusting import entries_until, untrusted
from checklist.clinic.visits.used_up import UsedUp
from checklist.gate.decide import performer_of
from checklist.gate.facts import Credential, Damaged, Event, Facts, Item, Rule, Run, Start, Step
from checklist.gate.needs import needs
from checklist.gate.runs import SKEW
from checklist.ledger.entry import format_place
from checklist.ledger.errors import LedgerError
from checklist.protocol.errors import ProtocolError
from checklist.protocol.outline import OutlineError
from checklist.protocol.plain import ProfileRef
from checklist.run.events import Kind, reason_of
from checklist.run.marks import Outcome
from checklist.run.reading import shown
from checklist.run.timing import utc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from checklist.clinic.visits.sources import Sources
    from checklist.gate.facts import Asked, Known, RunOutcome
    from checklist.gate.needs import Needs, Wanted
    from checklist.gate.procedure import Procedure
    from checklist.ledger.entry import Entry, Moment
    from checklist.ledger.reader import Reader
    from checklist.run.state import RunState

P = ParamSpec("P")
T = TypeVar("T")

NEWEST: Final = 5
"""So many of the newest runs of a protocol about one thing are looked at; the newest decides."""
NEVER_BEGUN: Final = frozenset({"mistake", "not-needed"})
"""The reasons by which a run that was given up at once counts as never begun."""
AROUND: Final = 100
"""So many of the newest runs about a machine, begun before a load, are looked through for one that ended later."""


def gather(sources: Sources, procedure: Procedure, asked: Asked, now: Moment) -> Facts:
    """All that the gate needs to know for this question."""
    wanted = needs(procedure, asked)
    facts = replace(_facts(sources, wanted, procedure, asked, now), damage=untrusted(sources, now))
    if not wanted.credentials:
        return facts
    who = performer_of(procedure, asked, facts, now)
    if who is None or isinstance(who, Damaged):
        return facts
    return replace(facts, credentials={who: _tried(_credentials, sources.own, who)})


def gather_of_load(sources: Sources, procedure: Procedure, asked: Asked, load: Item, now: Moment) -> Facts:
    """What the gate needs to know of the machine that makes a load, as though the load were used already."""
    return _facts_with(sources, needs(procedure, asked), procedure, asked, {"load": (load,)}, now)


def _facts(sources: Sources, wanted: Needs, procedure: Procedure, asked: Asked, now: Moment) -> Facts:
    items = {kind: _tried(items_of, sources, kind, asked.session) for kind in wanted.items}
    return _facts_with(sources, wanted, procedure, asked, items, now)


def _facts_with(
    sources: Sources,
    wanted: Needs,
    procedure: Procedure,
    asked: Asked,
    items: Mapping[str, Known[tuple[Item, ...]]],
    now: Moment,
) -> Facts:
    rules = {one.protocol: _tried(_rule, sources, one.protocol) for one in wanted.runs}
    loads = items.get("load", ())
    machines = () if isinstance(loads, Damaged) else tuple(item for item in loads if item.machine)
    used = UsedUp(sources)
    return Facts(
        rules=rules,
        runs={one.protocol: _tried(_runs, sources, used, one, asked, machines, now) for one in wanted.runs},
        items=items,
        events=_tried(_events, sources, rules, asked, machines, now),
        starts=_tried(_starts, sources, procedure.id, asked.session) if wanted.starts else (),
    )


def _tried(look: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Damaged:
    """What `look` finds; Damaged where the record or a text cannot be read."""
    try:
        return look(*args, **kwargs)
    except (LedgerError, ClinicError, ProtocolError) as fault:
        return Damaged(str(fault))
    except (ValueError, LookupError, StopIteration):  # rows that no entry made
        return Damaged("The tables of the record do not fit together: run checklist verify.")


# -- what protocols ask --------------------------------------------------------------------------------------------


def _rule(sources: Sources, name: str) -> Rule:
    sha256 = sources.library.digest_in_force(sources.own, name)
    try:
        told = sources.library.outline(sha256)
        valid = told.valid_for
        if isinstance(valid, ProfileRef):
            valid = length_in(sources.library, valid, _profile(sources))
    except OutlineError as fault:
        raise ClinicError(f"“{name}” cannot be read by this version of the program ({fault}).") from None
    return Rule(told.title, told.subject, valid, frozenset(told.voided_by))


def _profile(sources: Sources) -> str:
    """The digest of the profile in force here."""
    found = sources.library.text_in_force(sources.own, sources.jurisdiction)
    if found is None or found.kind != "profile":
        raise ClinicError(f"The profile “{sources.jurisdiction}” is not in force here; a lead adopts it.")
    return found.sha256


# -- runs ------------------------------------------------------------------------------------------------------------


def _runs(
    sources: Sources, used: UsedUp, wanted: Wanted, asked: Asked, loads: Sequence[Item], now: Moment
) -> tuple[Run, ...]:
    found: dict[str, Run] = {}
    for number, reader in enumerate(sources.readers, 1):
        names = [name for subject in subjects_of(asked) for name in _newest(reader, wanted.protocol, subject)]
        if asked.session is not None:
            names += _of_session(reader, wanted.protocol, asked.session)
        for load in loads if wanted.machines or wanted.unfinished else ():
            names += _before(reader, wanted.protocol, load)
        if wanted.unfinished:
            subjects = {*subjects_of(asked), *(load.machine for load in loads if load.machine)}
            names += _open(reader, wanted.protocol, subjects, asked.session)
        for name in dict.fromkeys(names):
            entries = reader.run_entries(name)
            if wanted.unfinished or not _mistaken(entries):
                run = replace(_run(sources, reader, name, entries), apart=_tried(used.apart, reader, name))
                found[name] = _placed(sources, reader, run, now)
        if wanted.unfinished:
            later = sources.readers[number:]
            found |= {run.run: run for run in _follow_ups(reader, later, wanted.protocol)}
    return tuple(found.values())


def _mistaken(entries: Sequence[Entry]) -> bool:
    """Whether a run was given up before anything was done in it, as one in the wrong room: it takes the place of none.
    Any other reason, as a lamp that smokes, is something that was seen. Of what may not be open it says that there was
    something."""
    given_up = (reason_of(entry.data) for entry in entries if entry.kind == Kind.RUN_ABANDONED)
    mistaken = any(reason is not None and reason.code in NEVER_BEGUN for reason in given_up)
    return mistaken and not any(entry.step for entry in entries)


def _newest(reader: Reader, protocol: str, subject: str) -> list[str]:
    """The newest runs about something, by when each counts from."""
    rows = reader.query(
        "SELECT run FROM run INDEXED BY run_of WHERE protocol = ? AND subject = ? ORDER BY moment DESC LIMIT ?",
        (protocol, subject, NEWEST),
    )
    return [str(row[0]) for row in rows]


def _of_session(reader: Reader, protocol: str, session: str) -> list[str]:
    rows = reader.query("SELECT run FROM run WHERE session = ? AND protocol = ? ORDER BY idx", (session, protocol))
    return [str(row[0]) for row in rows]


def _before(reader: Reader, protocol: str, load: Item) -> list[str]:
    """The newest runs about the machine that made a load, of those before it was made; and those that had been begun by
    then, for one of these may have failed since."""
    made = iso(load.made)
    rows = reader.query(
        "SELECT run FROM run INDEXED BY run_of WHERE protocol = ? AND subject = ? AND moment <= ?"
        " ORDER BY moment DESC LIMIT ?",
        (protocol, load.machine, made, NEWEST),
    )
    rows += reader.query(
        "SELECT run FROM (SELECT run, protocol, moment FROM run INDEXED BY run_about WHERE subject = ? AND started <= ?"
        " ORDER BY started DESC LIMIT ?) WHERE protocol = ? AND moment > ?",
        (load.machine, made, AROUND, protocol, made),
    )
    return [str(row[0]) for row in rows]


def _open(reader: Reader, protocol: str, subjects: Iterable[str], session: str | None) -> list[str]:
    # By the few that are open: of a protocol there may be as many runs as there were visits.
    rows = reader.query(
        "SELECT run, subject, session FROM run INDEXED BY run_open WHERE outcome = 'open' AND protocol = ?", (protocol,)
    )
    known = set(subjects)
    return [str(row[0]) for row in rows if row[1] in known or (session is not None and row[2] == session)]


def _follow_ups(reader: Reader, later: Sequence[Reader], protocol: str) -> list[Run]:
    """What a failure or a recall asks for and nobody has begun, as open runs under the place of what asked for it."""
    rows = reader.query(
        "SELECT idx, subject, session, at FROM follow_up WHERE protocol = ? AND begun IS NULL ORDER BY idx", (protocol,)
    )
    return [
        Run(
            format_place(reader.station, int(str(row[0]))),
            str(row[1]),
            None if row[2] is None else str(row[2]),
            "open",
            time_of(str(row[3])),
            begun=False,
        )
        for row in rows
        if not answered_since(later, protocol, str(row[1]))
    ]


def _run(sources: Sources, reader: Reader, name: str, entries: Sequence[Entry]) -> Run:
    state = looked_over(sources.library, name, entries)
    outcome: RunOutcome = state.outcome.value
    if state.unattributed or (state.open and reader is not sources.own):
        outcome = "unknown"  # nobody stands for it; or nobody can go on with it
    return Run(
        run=name,
        subject=state.subject,
        session=state.session,
        outcome=outcome,
        began=time_of(state.paper.began) if state.paper else utc(state.started),
        ended=_ended(state, entries),
        steps=tuple(_steps(state, entries)),
        passed=frozenset(entry.step or "" for entry in entries if entry.kind == Kind.STEP_OVERRIDDEN),
        reviewed=all_reviewed(sources.readers, reader, name),
    )


def _placed(sources: Sources, reader: Reader, run: Run, now: Moment) -> Run:
    """A run in its order. What an earlier ledger holds of the future was recorded by a clock that ran ahead: nobody
    knows when it took place, only that it was before the ledger that is gone on in."""
    if reader is sources.own or run.moment <= utc(now) + SKEW:
        return run
    return replace(run, outcome="unknown", began=_latest(sources, now), ended=None)


def _events(
    sources: Sources, rules: Mapping[str, Rule | Damaged], asked: Asked, loads: Sequence[Item], now: Moment
) -> tuple[Event, ...]:
    """What happened, in its order, like `_placed`: it ends what is of an earlier ledger, and nothing done since."""
    found = events_of(sources, rules, asked, loads)
    own, until = format_place(sources.own.station, 0)[:-1], utc(now) + SKEW
    if all(event.at <= until or event.evidence.startswith(own) for event in found):
        return found
    latest = _latest(sources, now)
    return tuple(
        event if event.at <= until or event.evidence.startswith(own) else replace(event, at=latest) for event in found
    )


def _latest(sources: Sources, now: Moment) -> datetime:
    """The latest moment at which something of an earlier ledger may have been."""
    until, earlier = utc(now) + SKEW, [reader for reader in sources.readers if reader is not sources.own]
    ends = [reader.entry(size - 1) for reader in earlier if (size := entries_until(reader, until))]
    return max(time_of(entry.at) for entry in (sources.own.entry(0), *ends))


def _ended(state: RunState, entries: Sequence[Entry]) -> datetime | None:
    """When what was done was done. A correction ends a run anew, and makes it no younger."""
    if state.outcome not in (Outcome.COMPLETE, Outcome.COMPLETE_EXCEPT_DEFERRED):
        return time_of(state.ended) if state.ended else None
    if state.paper is not None:
        return time_of(state.paper.ended)
    whole = (Outcome.COMPLETE.value, Outcome.COMPLETE_EXCEPT_DEFERRED.value)
    first = next((e for e in entries if e.kind == "run.completed" and e.data.get("outcome") in whole), None)
    return time_of(first.at) if first is not None else None


def _steps(state: RunState, entries: Sequence[Entry]) -> Iterable[Step]:
    first: dict[str, str] = {}
    for entry in entries:
        if entry.kind == Kind.STEP_DONE and entry.step:
            first.setdefault(entry.step, entry.at)
    for step in state.protocol.steps:
        own = state.steps[step.id]
        if not state.applies(step):
            continue
        signed = own.signed is not None and own.signed.corrected is None
        at = state.paper.ended if state.paper is not None else first.get(step.id, own.at)
        yield Step(
            step.id,
            state.status(step).value,
            shown(own.value),
            time_of(at) if at else None,
            own.signed.by if own.signed is not None and signed else own.by,
            signed=signed,
        )


# -- people, earlier answers -----------------------------------------------------------------------------------------


def _credentials(reader: Reader, operator: str) -> tuple[Credential, ...]:
    return tuple(
        Credential(
            str(name),
            format_place(reader.station, int(str(index))),
            date.fromisoformat(str(until)) if until else None,
            held_attributes(reader, operator, str(name)),
        )
        for name, until, index in reader.query(
            "SELECT credential, until, credential.idx FROM credential"
            " JOIN operator ON operator.id = credential.operator"
            " WHERE operator = ? AND NOT (disabled OR erased) ORDER BY credential.idx",
            (operator,),
        )
    )


def _starts(sources: Sources, procedure: str, session: str | None) -> tuple[Start, ...]:
    if session is None:
        return ()
    return tuple(
        Start(
            time_of(str(row[1])),
            format_place(reader.station, int(str(row[0]))),
            overridden=row[2] is not None,
            reviewed=row[2] is not None
            and (row[3] is None or reviewed_since(sources.readers, reader.station, int(str(row[2])), str(row[4]))),
        )
        for reader in sources.readers
        for row in reader.query(
            "SELECT idx, at, overridden, review, passed FROM clearance"
            " WHERE session = ? AND procedure = ? AND stage = 'start'"
            " AND (decision = 'GO' OR overridden IS NOT NULL) ORDER BY idx",
            (session, procedure),
        )
    )
