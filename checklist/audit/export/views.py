"""The record in plain words: the tables that leave the house, what each column holds, and by what to sort them out.

One definition for the spreadsheet files, for the views of the database and for the document that explains both. Knows
the tables of a record. People are ids, words are left out.
"""

# ruff: noqa: S608 - every part of a statement here is a constant of ours

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from checklist.audit.numbers.scope import AS_PLANNED, ON_RECORD, OVER

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Named:
    """One table in plain words. `columns`: what each holds. `query` gives them in that order, the first being `n`, the
    number of the entry that a row stands for, or of its run's first entry where `of_run`."""

    name: str
    about: str
    columns: Mapping[str, str]
    facets: tuple[str, ...]
    query: str
    of_run: bool = False


_N: Final = "number of the entry that the row stands for, counted over all ledgers of the clinic, from 0"
_ENTRY: Final = "place of that entry in the record, such as a#123"
_RUN: Final = "the run: the place of its first entry"
_PROTOCOL: Final = "id of the protocol"
_SUBJECT: Final = "what it is about, such as room=room-1"
_DAY: Final = "day by the clinic's clock"
_AT: Final = "when it was recorded, UTC"
_BY: Final = "id of the person who recorded it; names stay in the clinic"
_BY_ITSELF: Final = (
    "empty for what the program records by itself (`ledger.opened`, `station.started`, `station.stopped`,"
    " `clock.jumped`, `clinic.configured`), and where nobody had signed in"
)
_WITNESS: Final = "id of the second person"
_STEP: Final = "id of the step in its protocol"
_VALUE: Final = "what was given, as it was given; words are a commitment"
_NUMBER: Final = "the value as a number, where it is one"
_UNIT: Final = "UCUM code"
_INPUT: Final = "typed, scanned, sensed or assigned"
_VIA: Final = "tui, line, pipe, web, transcribed or system"
_REVIEWED: Final = "place of the entry that says somebody looked at it; empty while nobody has"
VIEWS: Final[tuple[Named, ...]] = (
    Named(
        "entries",
        "Every entry of the record, without its data: JSON Lines hold that",
        {
            "n": _N, "entry": _ENTRY, "at": _AT, "day": _DAY, "kind": "kind of the entry", "run": _RUN,
            "protocol": _PROTOCOL, "step": _STEP, "by": f"{_BY}; {_BY_ITSELF}", "via": _VIA,
        },
        ("kind", "day", "by", "via"),
        "SELECT entry.n, entry.station || '#' || entry.idx, entry.at, entry.day, entry.kind, run.run, entry.protocol,"
        " entry.step, entry.actor, entry.via FROM entry LEFT JOIN run ON run.n = entry.run",
    ),
    Named(
        "runs",
        "One row a run: one walk through one protocol",
        {
            "n": _N, "run": _RUN, "protocol": _PROTOCOL, "version": "version of the protocol",
            "title": "title of the protocol", "category": "clinic, sterilisation, treatment or emergency",
            "subject": _SUBJECT, "visit": "id of the visit", "began": _AT, "day": _DAY,
            "hour": "0 to 23 by the clinic's clock", "weekday": "1 Mon to 7 Sun",
            "ended": "when it ended, UTC; empty while it goes on",
            "seconds": "from the first entry to the last, by the wall clock",
            "outcome": "open, complete, complete-except-deferred, failed, abandoned, expired or unknown",
            "deviations": "steps that were not done as written, also what was put off as planned",
            "by": "id of the person who began it",
            "attributed": "id of the person who said afterwards that it was them", "via": _VIA,
            "entries": "how many entries it has",
        },
        ("protocol", "outcome", "weekday", "category", "by"),
        "SELECT run.n, run.run, run.protocol, run.version, text.title, text.category, run.subject, run.session,"
        " run.at, run.day, run.hour, run.weekday + 1 || ' ' || substr('MonTueWedThuFriSatSun', run.weekday * 3 + 1, 3),"
        " run.ended, run.seconds, run.outcome, run.deviations, run.starter,"
        " run.attributed, run.via, run.entries FROM run LEFT JOIN text USING (sha256)",
        of_run=True,
    ),
    Named(
        "steps",
        "One row a step of a run, as it stands last",
        {
            "n": _N, "entry": _ENTRY, "run": _RUN, "protocol": _PROTOCOL, "subject": _SUBJECT, "day": _DAY,
            "step": _STEP, "position": "where it stands in the protocol", "does": "what the protocol asks for",
            "kind": "kind of the step", "state": "done, skipped, not-applicable, deferred, failed, overridden, …",
            "value": _VALUE, "number": _NUMBER, "unit": _UNIT, "input": _INPUT,
            "attempts": "values given; 1 where the first one passed",
            "seconds": "how long it took, by the clock that cannot be set", "at": _AT, "by": _BY,
            "witness": _WITNESS, "via": _VIA, "reason": "code of the reason",
            "corrected": "how often it was opened again",
        },
        ("protocol", "step", "state", "kind", "reason"),
        "SELECT step.n, entry.station || '#' || entry.idx, run.run, run.protocol, run.subject, run.day, step.step,"
        " written.position,"
        " written.does, written.kind, step.state, step.value, step.number, step.unit, step.input, step.attempts,"
        " step.ms / 1000.0, step.at, step.actor, step.witness, step.via, step.reason, step.corrected"
        " FROM step JOIN run ON run.n = step.run LEFT JOIN entry ON entry.n = step.n"
        " LEFT JOIN written ON written.sha256 = run.sha256 AND written.step = step.step",
    ),
    Named(
        "readings",
        "Every number that was read, also those that did not pass, with the limits that held then",
        {
            "n": _N, "entry": _ENTRY, "run": _RUN, "protocol": _PROTOCOL, "subject": _SUBJECT, "day": _DAY,
            "step": _STEP, "at": _AT, "value": _VALUE, "number": _NUMBER, "unit": _UNIT,
            "verdict": "stands, or why it did not pass at once: unexpected or fail",
            "low": "lower limit", "high": "upper limit", "input": _INPUT, "by": _BY,
        },
        ("protocol", "step", "verdict", "subject", "unit"),
        "SELECT read.n, entry.station || '#' || entry.idx, run.run, run.protocol, run.subject, run.day, read.step,"
        " read.at, read.value, read.number, read.unit, read.verdict, written.low, written.high, read.input,"
        " read.actor FROM ("
        "SELECT n, run, step, at, value, number, unit, 'stands' AS verdict, input, actor FROM step"
        " WHERE number IS NOT NULL AND unit IS NOT NULL AND state = 'done'"
        " UNION ALL SELECT n, run, step, at, value, number, unit, verdict, input, actor FROM attempt"
        " WHERE number IS NOT NULL AND unit IS NOT NULL) AS read"
        " JOIN run ON run.n = read.run LEFT JOIN entry ON entry.n = read.n"
        " LEFT JOIN written ON written.sha256 = run.sha256 AND written.step = read.step",
    ),
    Named(
        "deviations",
        "One row a step that was not done as written; a report counts those with `as_planned` 0",
        {
            "n": _N, "entry": _ENTRY, "run": _RUN, "protocol": _PROTOCOL, "subject": _SUBJECT, "day": _DAY,
            "step": _STEP, "state": "what became of the step", "reason": "code of the reason", "attempts":
            "values given", "corrected": "how often it was opened again",
            "as_planned": "1 where it was put off because its own words ask for it (“24-48 h after”), and was done in"
            " time or still could be at the clinic's last work: a report counts that apart",
            "by": _BY, "witness": _WITNESS,
        },
        ("protocol", "step", "state", "reason", "as_planned", "by"),
        "SELECT step.n, entry.station || '#' || entry.idx, run.run, run.protocol, run.subject, run.day, step.step,"
        f" step.state, step.reason, step.attempts, step.corrected, {AS_PLANNED}, step.actor, step.witness FROM step"
        " JOIN run ON run.n = step.run LEFT JOIN entry ON entry.n = step.n"
        " JOIN shape_step ON shape_step.shape = run.shape AND shape_step.step = step.step"
        " WHERE shape_step.off = 1",
    ),
    Named(
        "findings",
        "What the rules found when they last looked: patterns, not guilt",
        {
            "n": _N, "entry": _ENTRY, "run": _RUN, "rule": "id of the rule",
            "severity": "look: a person should look at it; act: somebody has to do something", "day": _DAY,
            "why": "what was seen", "reviewed": _REVIEWED,
        },
        ("rule", "severity", "day"),
        "SELECT finding.n, entry.station || '#' || entry.idx, run.run, finding.rule, finding.severity, finding.day,"
        " finding.why, look.station || '#' || look.idx FROM finding LEFT JOIN run ON run.n = finding.run"
        " LEFT JOIN entry ON entry.n = finding.n LEFT JOIN entry AS look ON look.n = finding.reviewed",
    ),
    Named(
        "gate_answers",
        "One row an answer of the gate that was recorded: may it start?",
        {
            "n": _N, "entry": _ENTRY, "procedure": "id of the procedure", "decision": "GO, NO-GO or UNKNOWN",
            "subject": _SUBJECT, "visit": "id of the visit", "performer": "id of the person who performs", "at": _AT,
            "day": _DAY, "by": _BY, "not_met": "the requirements that were not met, or not known to be",
            "overridden": "place of the entry with which two people started all the same", "reviewed": _REVIEWED,
        },
        ("procedure", "decision", "subject", "not_met"),
        "SELECT clearance.n, entry.station || '#' || entry.idx, clearance.procedure, clearance.decision,"
        " clearance.subject, clearance.session, clearance.performer, clearance.at, clearance.day, clearance.actor,"
        " (SELECT group_concat(requirement, ', ') FROM refusal WHERE refusal.clearance = clearance.n),"
        " pass.station || '#' || pass.idx, look.station || '#' || look.idx FROM clearance"
        " JOIN entry ON entry.n = clearance.n LEFT JOIN entry AS pass ON pass.n = clearance.overridden"
        " LEFT JOIN entry AS look ON look.n = clearance.reviewed",
    ),
    Named(
        "overrides",
        "One row a step, or an answer of the gate, that two people passed all the same",
        {
            "n": _N, "entry": _ENTRY, "run": _RUN, "step": _STEP, "gate_answer": "place of the answer that was passed",
            "by": _BY, "witness": _WITNESS, "at": _AT, "reason": "code of the reason", "reviewed": _REVIEWED,
        },
        ("step", "reason", "by", "witness"),
        "SELECT overriding.n, entry.station || '#' || entry.idx, run.run, overriding.step,"
        " gate.station || '#' || gate.idx, overriding.actor, overriding.witness, overriding.at, overriding.reason,"
        " look.station || '#' || look.idx FROM overriding LEFT JOIN run ON run.n = overriding.run"
        " JOIN entry ON entry.n = overriding.n LEFT JOIN entry AS gate ON gate.n = overriding.clearance"
        " LEFT JOIN entry AS look ON look.n = overriding.reviewed",
    ),
    Named(
        "identifiers",
        "One row an identifier at an entry: what was made, used or seen where",
        {
            "n": _N, "entry": _ENTRY, "kind": "load, lot, gtin, serial, pack, expiry, batch, …", "value": "as recorded",
            "use": "produces, consumes or seen", "run": _RUN, "protocol": _PROTOCOL, "subject": _SUBJECT,
            "visit": "id of the visit", "step": _STEP, "day": _DAY, "withdrawn": "1 after a correction",
        },
        ("kind", "use", "protocol", "value"),
        "SELECT identifier.n, entry.station || '#' || entry.idx, identifier.kind, identifier.value, identifier.use,"
        " run.run,"
        " run.protocol, run.subject, run.session, identifier.step, entry.day, identifier.withdrawn FROM identifier"
        " JOIN entry ON entry.n = identifier.n LEFT JOIN run ON run.n = identifier.run",
    ),
    Named(
        "cycles",
        "One row a steriliser cycle that a printout told of",
        {
            "n": _N, "entry": _ENTRY, "machine": "make and model", "serial": "serial number of the steriliser",
            "cycle": "number of the cycle", "started": "by the machine's own clock", "result": "complete or aborted",
            "series": "equal only where all readings are equal", "run": _RUN, "step": _STEP,
        },
        ("machine", "serial", "result"),
        "SELECT cycle.n, entry.station || '#' || entry.idx, cycle.machine, cycle.serial, cycle.cycle, cycle.started,"
        " cycle.result, cycle.series, run.run, cycle.step FROM cycle JOIN run ON run.n = cycle.run"
        " JOIN entry ON entry.n = cycle.n",
    ),
    Named(
        "plan",
        "What the plan asked for since the record began, and what became of it; a report counts those with `over` 1",
        {
            "n": "number of the first entry of the run that did it; empty where none did", "protocol": _PROTOCOL,
            "subject": _SUBJECT, "day": _DAY, "due": "UTC", "state":
            "done, late or missed; unknown where entries of that time cannot be read",
            "over": "1 where its day was over when the clinic's last work was recorded: a report counts no others",
            "run": _RUN,
        },
        ("protocol", "state", "subject"),
        "SELECT planned.run, planned.protocol, planned.subject, planned.day, planned.due, planned.state,"
        f" {OVER}, run.run FROM planned LEFT JOIN run ON run.n = planned.run WHERE {ON_RECORD}",
        of_run=True,
    ),
    Named(
        "damaged_entries",
        "Entries that could not be read",
        {"n": _N, "entry": "place of the entry in the record", "why": "what is the matter with it"},
        (),
        "SELECT damage.n, damage.station || '#' || damage.idx, damage.why FROM damage",
    ),
)  # fmt: skip


def create_view(view: Named) -> str:
    """The statement that makes the view in a database."""
    return f"CREATE VIEW {view.name}({', '.join(view.columns)}) AS {view.query}"
