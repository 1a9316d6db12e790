"""What the screens of the trace ask of the clinic, as functions that run in the storage thread and give back plain
values: one level of the tree at a time, never all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from checklist.clinic.identifiers import recalling
from checklist.clinic.identifiers.loads import AWAITING, EXPIRED, state_now
from checklist.clinic.identifiers.recalling import EQUIPMENT
from checklist.clinic.identifiers.tracing import ABOUT, Records, is_day, runs_about, trace
from checklist.clinic.visits.sessions import known_as
from checklist.run.marks import Look, Outcome
from checklist.run.reading import Refusal
from checklist.run.timing import calendar_day
from checklist.trace.barcode import read_label
from checklist.trace.follow import Identifier, key
from checklist.trace.label import Unread
from checklist.tui.clearing.gate_reads import visit
from checklist.tui.marks import OUTCOMES
from checklist.tui.say import day_and_clock
from checklist.tui.staffing.people_reads import VIA

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from checklist.clinic.identifiers.reaching import Left
    from checklist.clinic.identifiers.recalling import Recall
    from checklist.clinic.identifiers.tracing import Run
    from checklist.clinic.service import Clinic, SignedIn
    from checklist.ledger.entry import Entry
    from checklist.run.events import Reason

LIMIT: Final = 50
"""So many branches are shown of one node, the newest."""
RUN: Final = "run"
CLEARED: Final = "cleared"
"""An answer of the gate: nothing grows from it."""
SCANNED: Final = ("load", "pack", "serial", "lot", "batch", "gtin")
"""Identifiers that pass something on, in the order in which they are looked for."""
BLOCKABLE: Final = (*SCANNED, EQUIPMENT)
"""What can be set apart here."""

_LOOKS: Final = {
    "recalled": Look.BLOCKED,
    "quarantined": Look.BLOCKED,
    "released": Look.DONE,
    "running": Look.WAITING,
    AWAITING: Look.WAITING,
    EXPIRED: Look.BLOCKED,
    "unknown": Look.UNKNOWN,
}
_CALLED: Final = {
    "gtin": "GTIN",
    "session": "visit",
    "operator": "person",
    "equipment": "machine",
    "expiry": "use-by date",
    "serial": "serial number",
}
_HOW: Final = {"produced": "made", "consumed": "used", "seen": "seen"}


@dataclass(frozen=True, slots=True)
class Node:
    """One thing in the tree. `state` is how it stands by now; `how` says what it has to do with what it grows from."""

    kind: str
    value: str
    words: str
    state: str = ""
    look: Look = Look.PENDING
    how: str = ""

    @property
    def leaf(self) -> bool:
        """Whether nothing grows from it."""
        return self.kind in (CLEARED, "expiry")


@dataclass(frozen=True, slots=True)
class Branch:
    """What grows from a node; `more` says that there is more, and how much."""

    nodes: tuple[Node, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that can happen, and which kinds of subjects the protocols that it ends are about."""

    event: str
    kinds: frozenset[str]

    @property
    def words(self) -> str:
        """It in plain words."""
        return self.event.replace("-", " ")


def called(kind: str) -> str:
    """A kind in plain words."""
    return _CALLED.get(kind, kind)


def candidates(clinic: Clinic, text: str) -> tuple[Node, ...] | Refusal:
    """What the record knows under a typed or scanned text: identifiers of a label, or anything of that name."""
    scanner = clinic.settings.scanner
    today = calendar_day(clinic.now())
    label = read_label(text, today, scanner.substitutes, separators_sure=scanner.separators_tested)
    if not isinstance(label, Unread):
        named = [(kind, label.identifiers[kind]) for kind in SCANNED if kind in label.identifiers]
        return tuple(node(clinic, kind, value) for kind, value in named)
    if label.code not in ("plain", "unclear", "check"):
        return Refusal(label.code, label.message)
    return tuple(_known(clinic, text.strip()))


def _known(clinic: Clinic, text: str) -> Iterator[Node]:
    records = Records(clinic.histories())
    for kind in SCANNED:
        if records.state_of(Identifier(kind, text))[0] != "unknown":
            yield node(clinic, kind, key(kind, text))
    for kind in ("room", EQUIPMENT):
        for name, title in clinic.settings.subjects(kind):
            if text.casefold() in (name.partition("=")[2].casefold(), title.casefold()):
                yield node(clinic, kind, name.partition("=")[2])
    session = known_as(clinic.people, clinic.histories(), text)
    if session is not None:
        yield node(clinic, "session", session)
    for one in clinic.staff.operators():
        if text == one.id or (one.name and text.casefold() == one.name.casefold()):
            yield node(clinic, "operator", one.id)
    if is_day(text):
        yield node(clinic, "day", text)


def node(clinic: Clinic, kind: str, value: str, how: str = "") -> Node:
    """One thing, with how it stands by now."""
    words = _words(clinic, kind, value)
    if kind == "expiry":
        return Node(kind, value, words, how=how)
    state, since = Records(clinic.histories()).state_of(Identifier(kind, value))
    if kind in ABOUT and state not in ("recalled", "quarantined"):
        return Node(kind, value, words, how=how)
    now = clinic.now()
    if kind == "load":
        state = state_now(state, value, clinic.histories(), clinic.library, now)
    when = f" since {day_and_clock(since, now.zone, now.at)}" if since else ""
    told = {"unknown": "not known here", "seen": "", "used": "", AWAITING: "awaiting release"}.get(state, state)
    return Node(kind, value, words, f"{told}{when}" if told else "", _LOOKS.get(state, Look.PENDING), how)


def _words(clinic: Clinic, kind: str, value: str) -> str:
    match kind:
        case "operator":
            return f"by {clinic.staff.name_of(value)}"
        case "session":
            reference = visit(clinic, value).reference
            return f"visit {value}{f'  ({reference})' if reference else ''}"
        case "room" | "equipment":
            return dict(clinic.settings.subjects(kind)).get(f"{kind}={value}", value)
        case "day":
            return f"on {value}"
        case _:
            return f"{called(kind)} {value}"


def summary(clinic: Clinic, kind: str, value: str) -> str:
    """How far something went, in one sentence; nothing for what is no identifier."""
    if kind in ABOUT:
        return ""
    found = trace(clinic.histories(), kind, value)
    if not found.found:
        return "The record does not know it. It can be set apart and called back all the same."
    visits, more = len(found.sessions), " There is more than was followed." if found.cut else ""
    others = len([one for one in found.unused if (one.kind, one.value) != (kind, value)])
    itself = " It is not used yet." if len(found.unused) > others else ""
    left = f" {others} made with it {'is' if others == 1 else 'are'} not used yet." if others else ""
    return f"It has reached {visits} visit{'' if visits == 1 else 's'}.{itself}{left}{more}"


def branch(clinic: Clinic, kind: str, value: str) -> Branch:
    """What grows from a node."""
    records = Records(clinic.histories())
    if kind == RUN:
        return _of_run(clinic, records, value)
    if kind in ABOUT:
        zone = clinic.settings.clinic.timezone
        runs = runs_about(records, kind, value, zone, LIMIT + 1)
        grown = [_run_node(clinic, one) for one in runs[:LIMIT]]
        visits = records.sessions_cleared(f"room={value}") if kind == "room" else ()
        cleared = _cleared(clinic, value) if kind == "session" else [node(clinic, "session", one) for one in visits]
        more = (
            f"there is more: the log (F8) has all, filter {_filter(kind, value)}"
            if len(runs) > LIMIT or len(cleared) > LIMIT
            else ""
        )
        return Branch((*cleared[-LIMIT:], *grown), more)
    uses = records.uses_of(Identifier(kind, value))
    ways = dict.fromkeys((use.run, _HOW[use.how]) for use in reversed(uses))
    # What it comes from first, then the newest of where it went.
    ordered = sorted(ways, key=lambda way: way[1] != "made")
    nodes = tuple(_run_node(clinic, one, how) for run, how in ordered[:LIMIT] for one in records.runs([run]))
    left = len(ordered) - LIMIT
    return Branch(nodes, f"and {left} more" if left > 0 else "")


def _filter(kind: str, value: str) -> str:
    """The filter of the log that finds the same."""
    return f"subject:{kind}={value}" if kind in ("room", EQUIPMENT) else f"{kind}:{value}"


def _run_node(clinic: Clinic, run: Run, how: str = "") -> Node:
    now = clinic.now()
    kind, _, named = run.subject.partition("=")
    about = "" if kind == "clinic" else f", {_words(clinic, kind, named)}"
    look, word = OUTCOMES[Outcome(run.outcome)] if run.outcome in {*Outcome} else (Look.UNKNOWN, "UNKNOWN")
    by = f", {clinic.staff.name_of(run.holder)}" if run.holder else ""
    words = f"{run.title}{about}{by}, {day_and_clock(run.started, now.zone, now.at)}"
    return Node(RUN, run.run, words, word.lower(), look, f"{how} in" if how else "")


def _of_run(clinic: Clinic, records: Records, place: str) -> Branch:
    found = records.runs([place])
    if not found:
        return Branch(())
    run = found[0]
    kind, _, named = run.subject.partition("=")
    nodes = [node(clinic, kind, named)] if kind in ("room", EQUIPMENT) else []
    if run.session is not None:
        nodes.append(node(clinic, "session", run.session))
    if run.holder is not None:
        nodes.append(node(clinic, "operator", run.holder))
    day = datetime.fromisoformat(run.started).astimezone(ZoneInfo(clinic.settings.clinic.timezone))
    nodes.append(node(clinic, "day", f"{day:%Y-%m-%d}"))
    every = dict.fromkeys((each, use.how) for each, use in records.named_in(place))
    nodes += [node(clinic, each.kind, each.value, _HOW[how]) for each, how in [*every][:LIMIT]]
    left = len(every) - LIMIT
    return Branch(tuple(nodes), f"and {left} more" if left > 0 else "")


def _cleared(clinic: Clinic, session: str) -> list[Node]:
    """The answers of the gate about a visit."""
    now = clinic.now()
    looks = {"GO": Look.DONE, "NO-GO": Look.BLOCKED}
    found = []
    for reader in clinic.histories():
        for row in reader.query(
            "SELECT coalesce(title, procedure), decision, stage, at, clearance.idx, overridden FROM clearance"
            " LEFT JOIN text_in_force ON text_in_force.id = procedure WHERE session = ? ORDER BY clearance.idx",
            (session,),
        ):
            stage = "may be closed" if row[2] == "close" else "may start"
            words = f"gate: {row[0]} {stage}? {row[1]}, {day_and_clock(str(row[3]), now.zone, now.at)}"
            look = Look.OVERRIDDEN if row[5] is not None else looks.get(str(row[1]), Look.UNKNOWN)
            state = "overridden" if row[5] is not None else ""
            found.append(Node(CLEARED, f"{reader.station}#{row[4]}", words, state, look))
    return found


# -- acting ------------------------------------------------------------------------------------------------------------


def quarantine(clinic: Clinic, kind: str, value: str, reason: Reason, who: SignedIn) -> Entry | Refusal:
    """Set it apart until a lead decides."""
    return recalling.quarantine(clinic, kind, value, reason, who, VIA)


def end_quarantine(clinic: Clinic, kind: str, value: str, reason: Reason, who: SignedIn) -> Entry | Refusal:
    """A lead lets it be used again."""
    return recalling.end_quarantine(clinic, kind, value, reason, who, VIA)


def recall(clinic: Clinic, kind: str, value: str, reason: Reason, who: SignedIn) -> Recalled | Refusal:
    """Call it back for good."""
    return _told(clinic, recalling.recall(clinic, kind, value, reason, who, VIA))


def since_negative(clinic: Clinic, _kind: str, machine: str, reason: Reason, who: SignedIn) -> Recalled | Refusal:
    """Call back every load of a steriliser since its last negative test."""
    return _told(clinic, recalling.recall_since_negative(clinic, machine, reason, who, VIA))


@dataclass(frozen=True, slots=True)
class Recalled:
    """What a recall came to, in words: what was called back, what may be left of it (of how many things in `count`),
    and the visits that it reached."""

    things: tuple[str, ...]
    left: tuple[str, ...]
    visits: tuple[str, ...]
    since: str
    count: int


def _told(clinic: Clinic, done: Recall | Refusal) -> Recalled | Refusal:
    if isinstance(done, Refusal):
        return done
    now = clinic.now()
    visits = []
    for session in done.sessions:
        one = visit(clinic, session)
        opened = f"  since {day_and_clock(one.since, now.zone, now.at)}" if one.since else ""
        visits.append(f"{_words(clinic, 'session', session)}{opened}")
    since = f"The last negative test is run {done.last_negative}." if done.last_negative else ""
    return Recalled(
        _some(_named(clinic, done.things)), _some(_left(clinic, done.left)), tuple(visits), since, len(done.left)
    )


def _some(names: Sequence[str]) -> tuple[str, ...]:
    """So many of them by name, and how many more there are; whom it reached is never cut."""
    more = (f"and {len(names) - recalling.LISTED} more",) if len(names) > recalling.LISTED else ()
    return (*names[: recalling.LISTED], *more)


def _left(clinic: Clinic, left: Sequence[Left]) -> tuple[str, ...]:
    names = _named(clinic, [one.thing for one in left])
    return tuple(
        f"{name}  (used {one.opened} {'time' if one.opened == 1 else 'times'})" if one.opened else name
        for name, one in zip(names, left, strict=True)
    )


def _named(clinic: Clinic, things: Sequence[Identifier]) -> tuple[str, ...]:
    return tuple(_words(clinic, one.kind, one.value) for one in things)


def happenings(clinic: Clinic) -> tuple[Happening, ...]:
    """Everything that ends a completion early, as the protocols in force name it."""
    found: dict[str, set[str]] = {}
    for name, one in clinic.library.in_force(clinic.ledger).items():
        protocol = clinic.library.by_digest(name, one.sha256).protocol
        for event in protocol.voided_by:
            found.setdefault(event, set()).add(protocol.subject)
    return tuple(Happening(event, frozenset(kinds)) for event, kinds in sorted(found.items()))


def happened(clinic: Clinic, event: str, subject: str, words: str, who: SignedIn) -> Entry | Refusal:
    """Something happened that ends what was proved before."""
    return recalling.happened(clinic, event, subject, words, who, VIA)


def steriliser(clinic: Clinic, machine: str) -> bool:
    """Whether a machine is one whose loads are tested."""
    return any(one.id == machine and one.kind == "steriliser" for one in clinic.settings.equipment)
