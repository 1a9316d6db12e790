"""What the log asks of the record, in the reading thread: a page at a time, and plain rows come back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from checklist.audit import query
from checklist.audit.places import place_of
from checklist.audit.words import FilterError, parse
from checklist.clinic import auditing
from checklist.clinic.judging import judged
from checklist.run.events import number_of, text_of
from checklist.run.marks import Look
from checklist.run.reading import Refusal
from checklist.tui.auditing.log_rows import LogRow, lines, run_state
from checklist.tui.auditing.story_reads import when
from checklist.tui.auditing.window import PAGE, Part

if TYPE_CHECKING:
    from checklist.audit.query import Cursor, Filter, Row
    from checklist.tui.auditing.shelf import Laid

JUDGED: Final = "judged"
"""Under this name the tables say when the rules last looked."""
COUNTED: Final = 100_000
"""More than so many rows are not counted: nobody looks through them."""
_DAMAGE: Final = 3
_DECISIONS: Final = {"GO": (Look.DONE, "GO"), "NO-GO": (Look.BLOCKED, "NO-GO")}
_ENDS: Final = {
    "open": "is not finished",
    "complete": "done",
    "complete-except-deferred": "is not finished",
    "abandoned": "given up",
    "expired": "not finished in time",
    "unknown": "how it ended is not known",
}
"""How a run ended, after “it was begun and”; others as they are."""
_KINDS: Final = {
    "recalled": (Look.BLOCKED, "RECALLED"),
    "quarantined": (Look.BLOCKED, "SET APART"),
    "clearance.overridden": (Look.OVERRIDDEN, "OVERRIDDEN"),
    "sign-in.failed": (Look.UNKNOWN, "REFUSED"),
    "sign-in.locked": (Look.BLOCKED, "LOCKED"),
    "clock.jumped": (Look.UNKNOWN, "CLOCK"),
    "damage.found": (Look.UNKNOWN, "DAMAGE"),
}


@dataclass(frozen=True, slots=True)
class Overview:
    """How the record stands: how many entries, which cannot be read (in words), and when it was last verified."""

    entries: int
    damaged: tuple[str, ...]
    verified: str


def overview(laid: Laid) -> Overview:
    """How the record stands. Where the rules never looked at it they do, so that a row can say that something was
    found; they look again where somebody opens the findings."""
    if laid.catalogue.made(JUDGED) is None:
        judged(laid.clinic, laid.catalogue, laid.progress)
    ((entries,),) = laid.db.execute("SELECT count(*) FROM entry")
    ((damaged,),) = laid.db.execute("SELECT count(*) FROM damage")
    told = []
    if damaged:
        some = laid.db.execute("SELECT station || '#' || idx, why FROM damage ORDER BY n LIMIT ?", (_DAMAGE,))
        named = "; ".join(f"{place} {why}" for place, why in some)
        told.append(f"{damaged:,} CANNOT BE READ, all others can: {named}")
    told += laid.clinic.unreadable()
    if laid.catalogue.behind:
        told.append("Another program is laying the record out just now: the newest entries are missing here.")
    return Overview(entries, tuple(told), _verified(laid))


def _verified(laid: Laid) -> str:
    for entry in laid.clinic.ledger.entries_of_kind("verified", newest_first=True, limit=1):
        result, size = text_of(entry.data, "result") or "", number_of(entry.data, "size")
        return f"Last verified {when(laid, entry.at)[:16]}, {size:,} entries: {result.upper()}"
    return "Never verified on record: “checklist verify --record”."


def first(laid: Laid, line: str) -> tuple[Filter, Part[LogRow, Cursor]] | Refusal:
    """The first page of a filter, as it was typed; or why it cannot be read."""
    try:
        wanted = parse(line, auditing.today(laid.clinic), auditing.operator(laid.clinic))
    except FilterError as fault:
        return Refusal("filter", str(fault))
    return wanted, page(laid, wanted, None)


def page(laid: Laid, wanted: Filter, before: Cursor | None) -> Part[LogRow, Cursor]:
    """One page."""
    found = query.page(laid.db, wanted, before, PAGE, said=auditing.said(laid.clinic))
    rows = tuple(_row(laid, one) for one in found.rows)
    first, last = (rows[0].day, rows[-1].day) if rows else ("", "")
    return Part(rows, lines(rows), found.before, first, last)


def last(laid: Laid, wanted: Filter) -> tuple[list[Cursor], Part[LogRow, Cursor]]:
    """Where all pages but the first begin, and the last one."""
    begins = query.cuts(laid.db, wanted, PAGE, said=auditing.said(laid.clinic))
    return begins, page(laid, wanted, begins[-1] if begins else None)


def count(laid: Laid, wanted: Filter) -> int:
    """How many rows there are; no more than `COUNTED` are counted."""
    return query.count(laid.db, wanted, COUNTED, said=auditing.said(laid.clinic))


def place(laid: Laid, n: int) -> str:
    """Where an entry stands."""
    return place_of(laid.db, n)


def missed_text(laid: Laid, protocol: str, subject: str, due: str) -> str:
    """What is known of a run that was expected and is missing."""
    asked = (protocol, subject, due)
    planned = laid.db.execute("SELECT day FROM planned WHERE protocol = ? AND subject = ? AND due = ?", asked)
    day = next((one for (one,) in planned), "")
    others = "SELECT run, at, outcome FROM run WHERE protocol = ? AND subject = ? AND"
    rows = laid.db.execute(f"{others} at < ? AND day <> ? ORDER BY n DESC LIMIT 1", (*asked, day)).fetchall()
    after = laid.db.execute(f"{others} at >= ? AND day <> ? ORDER BY n LIMIT 1", (*asked, day)).fetchall()
    told = [f"{protocol}, about {subject}, was planned by {when(laid, due)[:16]}; no run of it counts.", ""]
    begun = _begun(laid, protocol, subject, due)
    told += begun
    for name, found in (("The one before it", rows), ("The next one after it", after)):
        told += [f"{name}: {run}, {when(laid, at)[:16]}, {outcome}" for run, at, outcome in found] or [f"{name}: none"]
    ask = "The run says why." if begun else "It may have been done and not recorded: ask."
    return "\n".join([*told, "", f"{ask} The plan was the one in force on that day."])


def _begun(laid: Laid, protocol: str, subject: str, due: str) -> list[str]:
    """What was begun on the day of a run that is missing, and does not count."""
    return [
        f"It was begun and {_ENDS.get(outcome, outcome)}: {run}, {when(laid, at)[:16]}"
        for run, at, outcome in query.begun(laid.db, protocol, subject, due)
    ]


def _row(laid: Laid, one: Row) -> LogRow:
    subject = f"session={one.session}" if one.session and not one.subject else one.subject or ""
    who = one.actor or one.attributed
    name = laid.clinic.name_of(who) if who else ""
    if one.what == "missed":
        key = f"missed:{one.protocol}|{subject}|{one.at}"
        return LogRow(key, one.at, one.day, Look.UNKNOWN, "MISSED", one.title or one.protocol or "", subject)
    if one.what == "run":
        look, word = run_state(one.outcome or "", one.deviations, one.overridden)
        title = one.title or one.protocol or ""
        return LogRow(
            f"run:{one.n}", one.at, one.day, look, word, title, subject, name, one.via or "", one.findings, one.place
        )
    state = _DECISIONS.get(one.outcome or "", (Look.UNKNOWN, "UNKNOWN")) if one.kind == "cleared" else None
    entry_look, word = state or _KINDS.get(one.kind or "") or (None, "")
    said = (one.kind or "").replace(".", " ").replace("-", " ")
    title = f"{said}: {one.title or one.protocol}" if one.title or one.protocol else said
    return LogRow(
        f"entry:{one.n}", one.at, one.day, entry_look, word, title, subject, name, one.via or "", one.findings
    )
