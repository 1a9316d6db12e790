"""Who performs the procedure, and whether their credential reaches far enough today."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from checklist.gate import say
from checklist.gate.clearance import Judged, joined, met, unknown, unmet
from checklist.gate.facts import Damaged
from checklist.gate.question import known, of_visit, order
from checklist.gate.requirement import PerformerMay, RunDone, StepValue
from checklist.gate.runs import counted

if TYPE_CHECKING:
    from checklist.gate.facts import Credential, Known, Step
    from checklist.gate.question import Question
    from checklist.gate.requirement import Compared, Comparison

_NEEDED: Final[dict[Comparison, str]] = {"at_least": "at least ", "at_most": "at most ", "is": ""}


def performer(q: Question) -> Known[str | None]:
    """The operator who performs: the one who was named, else whoever signed the set-up; None where nobody has."""
    if q.asked.performer is not None:
        return q.asked.performer
    place = _signature(q)
    if place is None or q.asked.session is None:
        return None
    protocol, step = place
    runs = known(q.facts.runs, protocol)
    if isinstance(runs, Damaged):
        return runs
    own = [run for run in runs if of_visit(run, q.asked.session)]
    if not own:
        return None
    newest = max(own, key=order)
    signed = [one for one in newest.steps if one.signed and one.state == "done" and _names_performer(one, step)]
    return signed[-1].by if signed else None


def _names_performer(signed: Step, step: str | None) -> bool:
    """Whether a signature says who performs: that of the step named, else one that means performed. A prescriber who
    approves is nobody who performs."""
    return signed.value == "performed" if step is None else signed.id == step


def _signature(q: Question) -> tuple[str, str | None] | None:
    """The protocol, and the step of it, whose signature says who performs."""
    for one in (*q.requirements, *q.procedure.requires):
        if isinstance(one, PerformerMay) and one.signed is not None:
            return one.signed.protocol, one.signed.step
    for one in q.procedure.requires:
        if isinstance(one, RunDone) and "session" in one.same:
            return one.protocol, None
    return None


def judge_performer(q: Question, wanted: PerformerMay) -> Judged:
    """A requirement about the performer, judged."""
    who = performer(q)
    if isinstance(who, Damaged):
        return unknown(wanted.id, f"Who performs it cannot be looked up. {who.why}")
    if who is None:
        why = f"Nobody has signed for performing it; whoever does must hold “{wanted.credential}”."
        return unmet(wanted.id, why, fix="Whoever performs it signs the set-up, or is named.")
    held = known(q.facts.credentials, who)
    if isinstance(held, Damaged):
        return unknown(wanted.id, f"The performer's credentials cannot be looked up. {held.why}")
    of_that = [one for one in held if one.id == wanted.credential]
    name, fix = f"“{wanted.credential}”", "Somebody who holds it performs it, or a lead grants it."
    if not of_that:
        return unmet(wanted.id, f"The performer does not hold the credential {name}.", fix=fix)
    valid = [one for one in of_that if one.until is None or one.until >= q.today]
    if not valid:
        until = max(one.until for one in of_that if one.until is not None)
        why = f"The performer's credential {name} ended on {say.day(until, q.today)}."
        return unmet(wanted.id, why, tuple(one.evidence for one in of_that), fix)
    return _attributes(q, wanted, valid[-1])


def _attributes(q: Question, wanted: PerformerMay, held: Credential) -> Judged:
    until = f" until {say.day(held.until, q.today)}" if held.until is not None else ""
    holds = f"The performer holds “{wanted.credential}”{until}."
    compared = [_compared(q, wanted, held, one) for one in wanted.attribute]
    return joined(wanted.id, [met(wanted.id, holds, (held.evidence,)), *compared])


def _compared(q: Question, wanted: PerformerMay, held: Credential, one: Compared) -> Judged:
    evidence: tuple[str, ...] = (held.evidence,)
    against = one.against
    if isinstance(against, StepValue):
        found = counted(q, q.terms(against.protocol))
        value = next((step.value for step in found.steps if step.id == against.step and step.state == "done"), None)
        evidence = (*evidence, *found.judged("").evidence)
        if not found.met:
            why = f"How far the credential must reach is not known: {say.inside(found.why)}"
            return Judged(wanted.id, found.met, why, evidence, found.fix, found.begin)
        if value is None:
            why = f"What “{against.step}” took is not on record."
            return unknown(wanted.id, why, evidence)
        against = value
    has, (said, unit) = held.attributes.get(one.name), say.attribute(one.name)
    fix = "Somebody whose credential reaches so far performs it, or the plan is changed."
    if has is None:
        return unmet(wanted.id, f"The performer's credential says nothing of {said}.", evidence, fix)
    reaches = _reaches(has, one.how, against)
    if reaches is None:
        why = f"The performer's {said} cannot be compared: “{has}” with “{against}”."
        return unknown(wanted.id, why, evidence)
    told = f"The performer's credential gives a {said} of {has}{unit}; {_NEEDED[one.how]}{against}{unit} is needed."
    return met(wanted.id, told, evidence) if reaches else unmet(wanted.id, told, evidence, fix)


def _reaches(has: str, how: Comparison, needed: Decimal | str) -> bool | None:
    if how == "is":
        return has == str(needed)
    try:
        left, right = Decimal(has), Decimal(needed)
    except InvalidOperation:
        return None
    if not (left.is_finite() and right.is_finite()):
        return None
    return left >= right if how == "at_least" else left <= right
