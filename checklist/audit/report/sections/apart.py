"""What was done other than written, what two people passed, what the gate said, what was called back."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from checklist.audit.charts import Bar, bars
from checklist.audit.numbers import apart
from checklist.audit.numbers.scope import share
from checklist.audit.report.document import Chart, Column, Heading, Note, Paragraph, Table, figure
from checklist.audit.report.known import count, some
from checklist.run.marks import MARKS, Look

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checklist.audit.report.document import Block
    from checklist.audit.report.known import Known

_DRAWN: Final = 20
_LISTED: Final = 40
_WAYS: Final = {
    apart.AGAIN: "done with a deviation",
    apart.LATE: "put off, and done too late",
    apart.LATER: "put off otherwise, and done",
    "deferred": "put off, and not done",
    "not-applicable": "declared not applicable",
}
_MARK: Final = MARKS[Look.OVERRIDDEN]


def deviations(known: Known) -> Iterator[Block]:
    """Which steps were not done as written, and why."""
    yield Heading("Deviations", "deviations")
    protocols = apart.deviating(known.db, known.scope)
    found = apart.deviations(known.db, known.scope)
    if not found:
        yield Paragraph(
            "Every step that was closed was done as written, at the first value."
            if protocols
            else "There were no runs in this period and scope."
        )
        return
    runs = sum(each.runs for each in protocols)
    some_off = sum(each.deviating for each in protocols)
    yield Paragraph(
        f"{some(sum(each.count for each in found), 'deviation')}: {count(some_off)} of {some(runs, 'run')}"
        f" ({share(some_off, runs)}) deviate from their protocol somewhere."
        " A deviation that is written down with its reason is what a record is for."
    )
    yield Paragraph(
        "What was put off as planned is not among them: see above. To count the same elsewhere: “deviation:unplanned”"
        " in the log (“deviation:yes” takes both), and the rows with as_planned 0 in the table of deviations of an"
        " export."
    )
    yield Table(
        "By protocol",
        (
            Column("Protocol"),
            figure("Runs"),
            figure("With deviations"),
            figure("Of all"),
            figure("Deviations"),
        ),
        tuple(
            (
                known.title(each.protocol),
                count(each.runs),
                count(each.deviating),
                share(each.deviating, each.runs),
                count(each.steps),
            )
            for each in protocols
        ),
    )
    steps: Counter[tuple[str, str]] = Counter()
    reasons: Counter[str] = Counter()
    for each in found:
        steps[each.protocol, each.step] += each.count
        reasons[each.reason or "no reason code"] += each.count
    yield Chart(
        "The steps with the most deviations",
        f"The {min(len(steps), _DRAWN)} steps that deviate most often, of {count(len(steps))} that ever do.",
        bars(
            [Bar(f"{step} · {known.title(of)}", (n,), count(n)) for (of, step), n in steps.most_common(_DRAWN)],
            ("deviations",),
            "deviations",
        ),
        Table(
            f"By step, way and reason: {min(len(found), _LISTED)} of {count(len(found))}, the most frequent first",
            (Column("Protocol"), Column("Step"), Column("How"), Column("Reason"), figure("Times")),
            tuple(
                (
                    known.title(each.protocol),
                    each.step,
                    _WAYS.get(each.way, each.way),
                    each.reason or "–",
                    count(each.count),
                )
                for each in found[:_LISTED]
            ),
        ),
    )
    yield Chart(
        "By reason",
        "Why steps deviate, by the code that was given. A value that did not pass at once needs none.",
        bars([Bar(reason, (n,), count(n)) for reason, n in reasons.most_common()], ("deviations",), "deviations"),
        Table(
            "Deviations by reason",
            (Column("Reason"), figure("Times")),
            tuple((reason, count(n)) for reason, n in reasons.most_common()),
        ),
    )


def overrides(known: Known) -> Iterator[Block]:
    """Every hold and every NO-GO that two people passed, marked so."""
    yield Heading("Overrides", "overrides")
    found = apart.overrides(known.db, known.scope)
    if not found:
        yield Paragraph("No hold and no answer of the gate was overridden.")
        return
    waiting = sum(each.reviewed is None for each in found)
    yield Paragraph(
        f"{some(len(found), 'hold or answer', 'holds and answers')} of the gate"
        f" {'was' if len(found) == 1 else 'were'} passed all the same, by somebody entitled to it with a second person"
        f" and a reason. Overridden ({_MARK}) is never done."
    )
    if waiting:
        yield Note(f"{some(waiting, 'override')} {'was' if waiting == 1 else 'were'} not reviewed by the last entry.")
    yield Table(
        "Overrides, oldest first",
        tuple(map(Column, ("Entry", "When", "What", "Step", "Who", "Second person", "Reason", "Reviewed"))),
        tuple(
            (
                f"{_MARK} {each.place}",
                known.moment(each.at),
                known.title(each.protocol) if each.protocol else "answer of the gate",
                each.about,
                known.person(each.actor),
                known.person(each.witness) if each.witness else "–",
                each.reason or "–",
                known.looked(each.reviewed) if each.reviewed is not None else "not reviewed",
            )
            for each in found
        ),
    )


def gate(known: Known) -> Iterator[Block]:
    """What the gate answered, and what stood in the way."""
    yield Heading("May it start? What the gate answered", "gate")
    if known.scope.protocol is not None:
        yield Paragraph(
            "The gate answers for procedures: this part is not of the one protocol, but of the whole period."
        )
    answers = apart.answers(known.db, known.scope)
    if not answers:
        yield Paragraph("The gate was not asked, or its answers were not recorded.")
        return
    yield Table(
        "Answers by procedure",
        (
            Column("Procedure"),
            figure("GO"),
            figure("NO-GO"),
            figure("UNKNOWN"),
            figure(f"Overridden {_MARK}"),
        ),
        tuple(
            (
                known.title(each.procedure),
                count(each.go),
                count(each.no_go),
                count(each.unknown),
                count(each.overridden),
            )
            for each in answers
        ),
    )
    unmet = apart.unmet(known.db, known.scope)
    if not unmet:
        yield Paragraph("No requirement ever stood in the way.")
        return
    yield Chart(
        "What stood in the way",
        f"Requirements that were not met (filled) or not known (hatched), in so many answers. The"
        f" {min(len(unmet), _DRAWN)} most frequent of {count(len(unmet))}.",
        bars(
            [
                Bar(
                    f"{each.requirement} · {known.title(each.procedure)}",
                    (each.not_met, each.unknown),
                    count(each.not_met + each.unknown),
                )
                for each in unmet[:_DRAWN]
            ],
            ("not met", "not known"),
            "answers",
        ),
        Table(
            "Requirements that stood in the way",
            (Column("Procedure"), Column("Requirement"), figure("Not met"), figure("Not known")),
            tuple(
                (known.title(each.procedure), each.requirement, count(each.not_met), count(each.unknown))
                for each in unmet[:_LISTED]
            ),
        ),
    )


def called_back(known: Known) -> Iterator[Block]:
    """What was quarantined or recalled."""
    yield Heading("Quarantine and recall", "recalls")
    if known.scope.narrowed:
        yield Paragraph("This part is of the whole period and clinic, whatever the scope.")
    found = apart.called_back(known.db, known.scope)
    if not found:
        yield Paragraph("Nothing was quarantined or recalled.")
        return
    yield Table(
        "Quarantined and recalled, oldest first",
        tuple(map(Column, ("Entry", "When", "What", "Kind", "Value", "Who"))),
        tuple(
            (each.place, known.moment(each.at), each.what, each.kind, each.value, known.person(each.actor))
            for each in found[:_LISTED]
        ),
    )
    if len(found) > _LISTED:
        yield Paragraph(
            f"{count(len(found) - _LISTED)} later ones are not printed here; see “checklist log kind:recalled”."
        )
