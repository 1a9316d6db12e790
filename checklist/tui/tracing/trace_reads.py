"""What the screens of the trace ask of the clinic, as functions that run in the storage thread and give back plain
values: one level of the tree at a time, never all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from checklist.clinic.identifiers.about import NEWEST, is_day, loads_and_visits, runs_about
from checklist.clinic.identifiers.loads import AWAITING, EXPIRED, since_now, state_now
from checklist.clinic.identifiers.recalling import EQUIPMENT
from checklist.clinic.identifiers.tracing import ABOUT, Records, trace
from checklist.clinic.visits.sessions import known_as
from checklist.ledger.entry import parse_place
from checklist.run.marks import Look, Outcome
from checklist.run.reading import Refusal
from checklist.run.timing import calendar_day
from checklist.trace.barcode import read_label
from checklist.trace.follow import Identifier, key
from checklist.trace.label import Unread
from checklist.tui.clearing.gate_reads import visit
from checklist.tui.marks import OUTCOMES
from checklist.tui.say import day_and_clock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from checklist.clinic.identifiers.tracing import Run
    from checklist.clinic.service import Clinic

LIMIT: Final = 50
"""So many branches are shown of one node, the newest."""
RUN: Final = "run"
CLEARED: Final = "cleared"
"""An answer of the gate: the room grows from it."""
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
    private: str = ""
    """The clinic's own reference of a visit: only for whoever is signed in."""

    @property
    def leaf(self) -> bool:
        """Whether nothing grows from it."""
        return self.kind == "expiry"


@dataclass(frozen=True, slots=True)
class Branch:
    """What grows from a node; `more` says that there is more, and how much."""

    nodes: tuple[Node, ...]
    more: str = ""


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
    words = called_here(clinic, kind, value)
    if kind in ("expiry", "session"):
        private = visit(clinic, value).reference if kind == "session" else ""
        return Node(kind, value, words, how=how, private=private)
    state, since = Records(clinic.histories()).state_of(Identifier(kind, value))
    if kind in ABOUT and state not in ("recalled", "quarantined"):
        return Node(kind, value, words, how=how)
    now = clinic.now()
    stood, state = state, state_now(state, Identifier(kind, value), clinic.histories(), clinic.library, now)
    since = since_now(since, stood, state)
    when = f" since {day_and_clock(since, now.zone, now.at)}" if since else ""
    told = {"unknown": "not known here", "seen": "", "used": "", AWAITING: "awaiting release"}.get(state, state)
    return Node(kind, value, words, f"{told}{when}" if told else "", _LOOKS.get(state, Look.PENDING), how)


def called_here(clinic: Clinic, kind: str, value: str) -> str:
    """What somebody here calls it. A visit by its number: whose it is, is for whoever is signed in (`Node.private`)."""
    match kind:
        case "operator":
            return f"by {clinic.staff.name_of(value)}"
        case "session":
            return f"visit {value}"
        case "room" | "equipment":
            return dict(clinic.settings.subjects(kind)).get(f"{kind}={value}", value)
        case "day":
            return f"on {value}"
        case _:
            return f"{called(kind)} {value}"


def summary(clinic: Clinic, kind: str, value: str) -> str:
    """How far something went, in one sentence; nothing for what is neither an identifier nor a machine."""
    if kind == EQUIPMENT:
        return _machine(clinic, value)
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


def _machine(clinic: Clinic, machine: str) -> str:
    loads, visits, cut = _loads_and_visits(clinic, machine)
    if not loads:
        return ""
    of = f" in its {NEWEST} newest runs" if cut else ""
    reached = f"{'it has' if len(loads) == 1 else 'they have'} reached {_many(len(visits), 'visit')}"
    return f"It has made {_many(len(loads), 'load')}{of}; {reached}."


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _loads_and_visits(clinic: Clinic, machine: str) -> tuple[Sequence[Identifier], Sequence[str], bool]:
    """The loads of its newest runs, the visits that these reached, and whether there are more."""
    records = Records(clinic.histories())
    runs = runs_about(records, EQUIPMENT, machine, clinic.settings.clinic.timezone, NEWEST)
    loads, visits, cut = loads_and_visits(records, runs)
    return loads, visits, cut or len(runs) == NEWEST


def branch(clinic: Clinic, kind: str, value: str) -> Branch:
    """What grows from a node."""
    records = Records(clinic.histories())
    if kind == RUN:
        return _of_run(clinic, records, value)
    if kind == CLEARED:
        return _of_answer(clinic, value)
    if kind in ABOUT:
        return _of_subject(clinic, records, kind, value)
    uses = records.uses_of(Identifier(kind, value))
    ways = dict.fromkeys((use.run, _HOW[use.how]) for use in reversed(uses))
    # What it comes from first, then the newest of where it went.
    ordered = sorted(ways, key=lambda way: way[1] != "made")
    nodes = tuple(_run_node(clinic, one, how) for run, how in ordered[:LIMIT] for one in records.runs([run]))
    left = len(ordered) - LIMIT
    return Branch(nodes, f"and {left} more" if left > 0 else "")


def _of_subject(clinic: Clinic, records: Records, kind: str, value: str) -> Branch:
    """The visits of a room, or those that a machine's loads have reached, and then the newest runs."""
    runs = runs_about(records, kind, value, clinic.settings.clinic.timezone, LIMIT + 1)
    match kind:
        case "session":
            above = _cleared(clinic, value)[-LIMIT:]
        case "room":
            visits = records.sessions_cleared(f"room={value}")[: -LIMIT - 2 : -1]
            above = [node(clinic, "session", one) for one in visits]
        case "equipment":
            reached = _loads_and_visits(clinic, value)[1][: LIMIT + 1]
            above = [node(clinic, "session", one, "reached") for one in reached]
        case _:
            above = []
    more = len(runs) > LIMIT or len(above) > LIMIT
    told = f"there is more: the log (F8 on the board) has all, filter {_filter(kind, value)}" if more else ""
    return Branch((*above[:LIMIT], *(_run_node(clinic, one) for one in runs[:LIMIT])), told)


def _filter(kind: str, value: str) -> str:
    """The filter of the log that finds the same."""
    return f"subject:{kind}={value}" if kind in ("room", EQUIPMENT) else f"{kind}:{value}"


def _run_node(clinic: Clinic, run: Run, how: str = "") -> Node:
    now = clinic.now()
    kind, _, named = run.subject.partition("=")
    about = "" if kind == "clinic" else f", {called_here(clinic, kind, named)}"
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


def _of_answer(clinic: Clinic, place: str) -> Branch:
    """The room that an answer of the gate was about, and whoever asked for it."""
    station, index = parse_place(place) or ("", -1)
    rows = [
        row
        for reader in clinic.histories()
        if reader.station == station
        for row in reader.query("SELECT subject, actor FROM clearance WHERE idx = ?", (index,))
    ]
    rooms = [node(clinic, "room", str(row[0]).partition("=")[2]) for row in rows if str(row[0]).startswith("room=")]
    people = [node(clinic, "operator", str(row[1])) for row in rows if row[1] is not None]
    return Branch((*rooms, *people))


def _cleared(clinic: Clinic, session: str) -> list[Node]:
    """The answers of the gate about a visit."""
    now = clinic.now()
    looks = {"GO": Look.DONE, "NO-GO": Look.BLOCKED}
    found = []
    for reader in clinic.histories():
        for row in reader.query(
            "SELECT coalesce(title, procedure), decision, stage, at, clearance.idx, overridden, subject FROM clearance"
            " LEFT JOIN text_in_force ON text_in_force.id = procedure WHERE session = ? ORDER BY clearance.idx",
            (session,),
        ):
            stage = "may be closed" if row[2] == "close" else "may start"
            kind, _, named = str(row[6]).partition("=")
            where = f", {called_here(clinic, kind, named)}" if kind == "room" else ""
            words = f"gate: {row[0]} {stage}? {row[1]}{where}, {day_and_clock(str(row[3]), now.zone, now.at)}"
            look = Look.OVERRIDDEN if row[5] is not None else looks.get(str(row[1]), Look.UNKNOWN)
            state = "overridden" if row[5] is not None else ""
            found.append(Node(CLEARED, f"{reader.station}#{row[4]}", words, state, look))
    return found
