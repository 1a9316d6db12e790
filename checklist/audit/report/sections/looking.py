"""What to look at first, and what the report covers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checklist.audit.losses import lost, texts_lost
from checklist.audit.numbers import done
from checklist.audit.numbers.scope import number, word
from checklist.audit.report.document import Column, Facts, Heading, Note, Paragraph, Table, figure
from checklist.audit.report.known import count, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checklist.audit.report.document import Block
    from checklist.audit.report.known import Known

_MOST: Final = 100
_UNREADABLE: Final = 10
_WEIGHT: Final = {"act": "act", "look": "look"}
# What speaks of no entry, of an anchor or of a verification speaks of the record as a whole, whatever the scope. What
# stands open belongs to every period in which it stands: it is found for as long as it does, but for a time without an
# anchor, which ends with the next one.
_ANCHORED: Final = (
    "SELECT next.day FROM entry AS next WHERE next.kind = 'anchored' AND next.station = entry.station"
    " AND next.n > finding.n ORDER BY next.n LIMIT 1"
)
_STANDING: Final = "('left-open', 'unattributed', 'override-unreviewed', 'deferred-overdue')"
_IN_SCOPE: Final = """
    FROM finding LEFT JOIN run ON run.n = finding.run LEFT JOIN entry ON entry.n = finding.n
    WHERE (finding.n IS NULL OR finding.rule = 'tampered' OR (finding.n <= :upto AND finding.day <= :until AND (
          finding.day >= :since OR finding.rule IN $STANDING
          OR (finding.rule = 'unanchored-long' AND coalesce(($ANCHORED), :since) >= :since))))
      AND (finding.n IS NULL OR finding.rule IN ('tampered', 'unanchored-long') OR (
          (:protocol IS NULL OR run.protocol = :protocol)
          AND (:room IS NULL OR run.subject = :room OR run.session IN (
              SELECT session FROM clearance WHERE subject = :room AND session IS NOT NULL))))
"""
_FOUND: Final = _IN_SCOPE.replace("$STANDING", _STANDING).replace("$ANCHORED", _ANCHORED)
_BY_RULE: Final = """
    SELECT finding.rule, finding.severity, count(*), count(finding.reviewed) $FOUND
    GROUP BY 1, 2 ORDER BY finding.severity, 3 DESC, 1
"""
_EACH: Final = """
    SELECT finding.severity, finding.rule, finding.day, coalesce(run.run, entry.station || '#' || entry.idx,
        (SELECT station || '#' || idx FROM damage WHERE damage.n = finding.n)), finding.why, finding.reviewed
    $FOUND ORDER BY finding.rule <> 'tampered', finding.severity,
        finding.reviewed IS NOT NULL, finding.day DESC, finding.id LIMIT :most
"""
_OUTCOMES: Final = {"open": "still open", "unknown": "unknown: a station ended first, or an entry cannot be read"}


def findings(known: Known) -> Iterator[Block]:
    """What the rules found: how often each, and one by one, the gravest first."""
    from checklist.audit.rules.ruleset import CHECKS

    titles = {check.rule.id: check.rule.title for check in CHECKS}
    yield Heading("What to look at", "findings")
    gone = lost(known.db)
    if (texts := texts_lost(known.db)) is not None:
        yield Note(texts)
    every = "every entry that can be read" if gone or known.integrity.unreadable else "every entry"
    yield Paragraph(
        f"Rules went through {every} and name what a person should"
        " look at. A finding says what was seen. It is no judgement of anybody: each may have an honest cause. What"
        " stood open in this period is told here, however long before it began."
    )
    rules = list(known.scope.ask(known.db, _BY_RULE.replace("$FOUND", _FOUND)))
    if not rules:
        yield _nothing(known, len(titles))
        return
    yield Table(
        "Findings by rule",
        (Column("Rule"), Column("What was seen"), Column("Weight"), figure("Found"), figure("Looked at")),
        tuple(
            (word(rule), titles.get(word(rule), ""), word(severity), count(number(found)), count(number(looked)))
            for rule, severity, found, looked in rules
        ),
    )
    total = sum(number(found) for _, _, found, _ in rules)
    each = known.scope.ask(known.db, _EACH.replace("$FOUND", _FOUND), most=_MOST)
    yield Table(
        "The findings, those to act on first",
        (Column("Rule"), Column("Day"), Column("Run or entry"), Column("What was seen"), Column("Looked at")),
        tuple(
            (
                word(rule),
                word(day),
                word(place) or "the record",
                known.named(word(why)),
                known.looked(number(looked) if looked is not None else None),
            )
            for _, rule, day, place, why, looked in each
        ),
    )
    if total > _MOST:
        yield Paragraph(f"{count(total - _MOST)} more are not printed here; “checklist findings” lists all of them.")


def _nothing(known: Known, rules: int) -> Block:
    """What to say where no rule found anything: that there was nothing to find it in is another thing."""
    if done.entries(known.db, known.scope):
        return Paragraph(f"None of the {rules} rules found anything in this period.")
    first, last = known.db.execute("SELECT min(day), max(day) FROM entry").fetchone()
    held = f": it goes from {first} to {last}" if first else ""
    return Note(f"The record holds nothing of this period{held}. There was nothing for the rules to look at.")


def coverage(known: Known) -> Iterator[Block]:
    """What the period holds, and what of it could not be read."""
    held = done.coverage(known.db, known.scope)
    yield Heading("What this report covers", "coverage")
    if not held.runs:
        row = known.db.execute("SELECT min(day), max(day) FROM run").fetchone()
        held_at_all = f" The record holds runs from {row[0]} to {row[1]}." if row[0] else ""
        yield Note(f"Nothing was begun in this period and scope: there are no runs to report on.{held_at_all}")
    yield Facts(
        (
            ("Period", f"{known.scope.since} to {known.scope.until}, both days included"),
            ("Scope", _scope(known)),
            ("Entries in the period", count(held.entries)),
            ("Runs begun", f"{count(held.runs)}, of {some(held.protocols, 'protocol')}"),
            ("Days with runs", count(held.days)),
            ("Steps closed", f"{count(held.steps)}, by {some(held.operators, 'person', 'people')}"),
            ("Deviations", f"{count(held.deviations)} (what was put off as planned is none: see there)"),
            ("The clinic's last work on record", known.moment(known.last)),
        )
    )
    if held.outcomes:
        yield Table(
            "How the runs ended",
            (Column("Outcome"), figure("Runs")),
            tuple((_OUTCOMES.get(outcome, outcome), count(runs)) for outcome, runs in held.outcomes),
        )
    if held.unreadable:
        yield Note(
            f"{some(held.unreadable, 'entry', 'entries')} of the record could not be read and"
            f" {'is' if held.unreadable == 1 else 'are'} not in this report. Everything else is."
        )
        yield Table(
            "Entries that could not be read",
            (Column("Entry"), Column("Why")),
            done.unreadable(known.db, _UNREADABLE),
        )


def _scope(known: Known) -> str:
    parts = []
    if known.scope.protocol is not None:
        parts.append(f"protocol {known.title(known.scope.protocol)} ({known.scope.protocol})")
    if known.scope.room is not None:
        parts.append(f"room {known.rooms.get(known.scope.room, known.scope.room)} and the visits cleared for it")
    return "; ".join(parts) or "everything"
