"""May it start? Every requirement of a procedure judged against what is known, and what follows.

Pure: the facts and the clock are arguments. With one requirement not met it is NO-GO, whatever else is unknown; with
none unmet and one unknown it is UNKNOWN; and GO only where every one is met on sound facts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from checklist.gate import say
from checklist.gate.clearance import Begin, Clearance, Judged, decision_of, joined, met, unknown, unmet
from checklist.gate.facts import Damaged
from checklist.gate.items import judge_items
from checklist.gate.performer import judge_performer, performer
from checklist.gate.question import known, of_visit, order, question
from checklist.gate.requirement import AnswerGiven, ItemsUsable, NothingOpen, PerformerMay, RunDone, StartCleared
from checklist.gate.runs import counted, judge_run

if TYPE_CHECKING:
    from checklist.gate.facts import Asked, Facts, Known, Run
    from checklist.gate.procedure import Procedure
    from checklist.gate.question import Question
    from checklist.gate.requirement import Requirement
    from checklist.ledger.entry import Moment

SETTLED = frozenset({"complete", "complete-except-deferred"})


def decide(procedure: Procedure, asked: Asked, facts: Facts, now: Moment) -> Clearance:
    """The answer to one question at one moment."""
    q = question(procedure, asked, facts, now)
    judged = tuple(_judge(q, one) for one in q.requirements)
    if facts.damage is not None:
        judged = tuple(_distrusted(one, facts.damage) for one in judged)
    who = performer(q)
    return Clearance(
        decision_of(judged),
        procedure.id,
        asked.room or "clinic",
        asked.session,
        now.at,
        asked.stage,
        None if isinstance(who, Damaged) else who,
        judged,
    )


def performer_of(procedure: Procedure, asked: Asked, facts: Facts, now: Moment) -> Known[str | None]:
    """Whose credentials `decide` will ask for, given the runs; None where nobody has signed."""
    return performer(question(procedure, asked, facts, now))


def _judge(q: Question, wanted: Requirement) -> Judged:
    match wanted:
        case RunDone():
            return judge_run(q, wanted)
        case ItemsUsable():
            return judge_items(q, wanted)
        case PerformerMay():
            return judge_performer(q, wanted)
        case AnswerGiven():
            return _judge_answer(q, wanted)
        case NothingOpen():
            return _judge_open(q, wanted)
        case StartCleared():
            return _judge_cleared(q, wanted)


def _distrusted(judged: Judged, damage: Damaged) -> Judged:
    if not judged.met:
        return judged
    return replace(judged, met=None, why=f"{judged.why} But {say.inside(damage.why)}")


def _judge_answer(q: Question, wanted: AnswerGiven) -> Judged:
    answer = wanted.answer
    found = counted(q, q.terms(answer.protocol))
    what, needed = wanted.what or f"“{answer.step}”", " or ".join(f"“{one}”" for one in answer.is_)
    if not found.met or found.run is None:
        fix = f"{found.fix} It asks for {say.inside(what)}; only {needed} counts.".strip()
        return replace(found.judged(wanted.id), why=f"{what} is not known: {say.inside(found.why)}", fix=fix)
    evidence = (found.run.run,)
    step = next((one for one in found.steps if one.id == answer.step), None)
    if step is None or step.value is None or step.state != "done":
        return unknown(wanted.id, f"{what}: the answer is not on record.", evidence)
    if step.value in answer.is_:
        return met(wanted.id, f"{what}: the answer is “{step.value}”.", evidence)
    why = f"{what}: the answer is “{step.value}”; {needed} is needed."
    begin = Begin(answer.protocol, found.run.subject)
    return unmet(wanted.id, why, evidence, "Do not start. A prescriber decides whether it is asked anew.", begin)


def _judge_open(q: Question, wanted: NothingOpen) -> Judged:
    parts = [_open_of(q, wanted, protocol) for protocol in wanted.none_open]
    judged = joined(wanted.id, parts)
    return replace(judged, why=f"{wanted.what or 'Nothing'} is open.") if judged.met else judged


def _open_of(q: Question, wanted: NothingOpen, protocol: str) -> Judged:
    """Whether one of these protocols still waits: any run that is open, or a newest one that was not completed."""
    rule, runs = known(q.facts.rules, protocol), known(q.facts.runs, protocol)
    title = protocol if isinstance(rule, Damaged) else rule.title
    if isinstance(runs, Damaged):
        return unknown(wanted.id, f"Whether “{title}” is open cannot be looked up. {runs.why}")
    newest: dict[str, Run] = {}
    waiting: list[Run] = []
    for run in sorted(runs, key=order):
        if _touches(q, run):
            newest[run.subject] = run
            waiting += [run] if run.outcome == "open" else []
    waiting += [run for run in newest.values() if run.outcome not in (*SETTLED, "open", "unknown")]
    if waiting:
        run = waiting[0]
        is_open = run.outcome == "open"
        said = "is not finished" if is_open else f"was not completed ({run.outcome})"
        why = f"“{title}”, begun {q.clock(run.began)}, {said}."
        why = why if run.begun else f"“{title}”, asked for {q.clock(run.began)}, was not begun."
        begin = Begin(protocol, run.subject, run.run if is_open and run.begun else None)
        return unmet(wanted.id, why, (run.run,), f"Walk “{title}” to its end.", begin)
    lost = [run for run in newest.values() if run.outcome == "unknown"]
    if lost:
        return unknown(wanted.id, f"What became of “{title}” is not known.", (lost[0].run,))
    return met(wanted.id, "", tuple(run.run for run in newest.values()))


def _touches(q: Question, run: Run) -> bool:
    """Whether a run is about the clinic, this room, this visit, or a machine whose load is used."""
    kind, _, _ = run.subject.partition("=")
    if kind == "session":
        return of_visit(run, q.asked.session)
    if kind == "room":
        return run.subject == q.asked.room
    if kind == "equipment":
        loads = q.loads()
        return isinstance(loads, Damaged) or any(load.machine in (None, run.subject) for load in loads)
    return True


def _judge_cleared(q: Question, wanted: StartCleared) -> Judged:
    starts = q.facts.starts
    if isinstance(starts, Damaged):
        return unknown(wanted.id, f"Whether the start was cleared cannot be looked up. {starts.why}")
    if not starts:
        return unmet(wanted.id, "The start of this visit was never cleared.", fix="A lead looks into it.")
    unseen = [one for one in starts if one.overridden and not one.reviewed]
    if unseen:
        why = f"The start was overridden {q.clock(unseen[0].at)}, and nobody has reviewed that."
        return unmet(wanted.id, why, tuple(one.evidence for one in unseen), "A lead reviews the override.")
    newest = max(starts, key=lambda one: one.at)
    said = "overridden (reviewed since)" if newest.overridden else "cleared"
    return met(wanted.id, f"The start was {said} {q.clock(newest.at)}.", (newest.evidence,))
