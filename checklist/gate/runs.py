"""Whether a run counts: walked as written, lately enough, about the right thing, and ended by nothing since.

The newest run about a thing decides, whatever became of it: a test that failed, or was begun again, takes the place
of the one that passed before. What was given up before anything was done in it was never told to the gate.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from checklist.gate import say
from checklist.gate.clearance import Begin, Judged, joined, met, unknown, unmet
from checklist.gate.facts import Damaged
from checklist.gate.items import ANOTHER
from checklist.gate.question import concerns, known, of_visit, order
from checklist.gate.requirement import ItemsUsable

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.gate.facts import Item, Rule, Run, Step
    from checklist.gate.question import Question
    from checklist.gate.requirement import RunDone
    from checklist.protocol.plain import Window

SKEW: Final = timedelta(minutes=1)
"""So far may a station's clock be ahead of ours before its time is no time."""

LOOK: Final = "Look at the record: checklist verify."

_LEFT_OUT: Final = frozenset({"skipped", "not-applicable", "deferred", "overridden"})
"""The states that a requirement can tolerate; nothing makes good a step that failed."""
_SAID: Final = {"not-applicable": "declared not applicable", "deferred": "put off"}


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of asking for a run: whether one counts, which, and why; `steps` are those that count of it."""

    met: bool | None
    why: str
    run: Run | None = None
    fix: str = ""
    begin: Begin | None = None
    steps: tuple[Step, ...] = field(default=(), repr=False)
    spoiled: bool = False

    def judged(self, name: str) -> Judged:
        """The same as the judgement of a requirement."""
        evidence = (self.run.run,) if self.run is not None else ()
        return Judged(name, self.met, self.why, evidence, self.fix, self.begin, self.spoiled)


def _no(why: str, run: Run | None = None, fix: str = "", begin: Begin | None = None) -> Counted:
    return Counted(met=False, why=why, run=run, fix=fix, begin=begin)


def _unclear(why: str, run: Run | None = None, fix: str = LOOK) -> Counted:
    return Counted(met=None, why=why, run=run, fix=fix)


@dataclass(frozen=True, slots=True)
class _About:
    """What a run must be about: `subject` and `words` name it, and `at` is when it must have counted."""

    subject: str
    words: str
    holds: Callable[[Run], bool]
    at: datetime
    then: bool = False
    """Whether `at` is a moment of the past: nothing after it plays a part."""


def judge_run(q: Question, wanted: RunDone) -> Judged:
    """A requirement for a run, judged."""
    if "equipment" in wanted.same:
        return _judge_machines(q, wanted)
    return counted(q, wanted).judged(wanted.id)


def counted(q: Question, wanted: RunDone) -> Counted:
    """The run that counts for this visit, this room or the clinic, or why none does."""
    rule = known(q.facts.rules, wanted.protocol)
    if isinstance(rule, Damaged):
        why = f"{wanted.what or wanted.protocol}: the protocol “{wanted.protocol}” in force is not known. {rule.why}"
        return _unclear(why, fix="A lead adopts it, or looks at the record.")
    about = _about(q, wanted, rule)
    if isinstance(about, Counted):
        return about
    return _counted(q, wanted, rule, about)


def _about(q: Question, wanted: RunDone, rule: Rule) -> _About | Counted:
    """What the run must be about; a Counted that says what is missing where that is not known."""
    session, room = q.asked.session, q.asked.room
    visit = "session" in wanted.same or rule.subject == "session"
    in_room = "room" in wanted.same
    if visit and session is None:
        return _no(f"{_what(wanted, rule)}: no visit was named.", fix="Name the visit that this is for.")
    if in_room and not room:
        return _no(f"{_what(wanted, rule)}: no room was named.", fix="Name the room that this is for.")

    def holds(run: Run) -> bool:
        if (visit or run.subject.startswith("session=")) and not of_visit(run, session):
            return False
        return not in_room or run.subject == room

    words = "for this visit" if visit else "for this room" if in_room else "yet"
    subject = {"session": f"session={session}", "room": room, "clinic": "clinic"}.get(rule.subject, "")
    return _About(subject, words, holds, q.now)


def _judge_machines(q: Question, wanted: RunDone) -> Judged:
    """The test of every machine that made a load used in this visit, as it stood when that load was made."""
    rule, loads = known(q.facts.rules, wanted.protocol), q.loads()
    if isinstance(rule, Damaged) or isinstance(loads, Damaged):
        broken = rule if isinstance(rule, Damaged) else loads
        why = broken.why if isinstance(broken, Damaged) else ""
        return unknown(wanted.id, f"{wanted.what or wanted.protocol} cannot be looked up. {why}".strip())
    if not loads:
        words = "No load is used in this visit, so no machine need be tested for it."
        if wanted.may_be_none:
            return met(wanted.id, words)
        why = f"{_what(wanted, rule)} is asked of the machine, and no load has been scanned for this visit."
        return unmet(wanted.id, why, fix="Scan each pack that is used.")
    return joined(wanted.id, [_at_machine(q, wanted, rule, load) for load in loads])


def _at_machine(q: Question, wanted: RunDone, rule: Rule, load: Item) -> Judged:
    machine, made, name = load.machine, load.made, f"load {load.value}"
    if not machine or made is None:
        return unknown(wanted.id, f"Which machine made {name}, and when, is not on record.", (load.evidence,))

    def holds(run: Run) -> bool:
        return run.subject == machine

    about = _About(machine, f"of {machine.partition('=')[2]} before {name} was made", holds, made, then=True)
    found = _counted(q, wanted, rule, about)
    if found.met is False:
        fix = f"Do not use {name}: take another, made after a test that passed."
        return unmet(wanted.id, f"Load {load.value}: {found.why}", found.judged("").evidence, fix)
    return found.judged(wanted.id)


def _counted(q: Question, wanted: RunDone, rule: Rule, about: _About) -> Counted:
    """Whether the newest run about it counts at the moment it must."""
    what = _what(wanted, rule)
    runs = known(q.facts.runs, wanted.protocol)
    if isinstance(runs, Damaged):
        return _unclear(f"{what} cannot be looked up. {runs.why}")
    about_it = [run for run in runs if about.holds(run) and not _later(run, about)]
    again = Begin(wanted.protocol, about.subject) if about.subject else None
    if not about_it:
        words = "has not been done" if not wanted.through else "has not been begun"
        return _no(f"{what} {words} {about.words}.", fix=f"Walk “{rule.title}”.", begin=again)
    run = max(about_it, key=order)
    found = _as_walked(q, wanted, rule, run)
    if found is None:
        spoiled, found = _spoiled(q, wanted, rule, run), _in_time(q, wanted, rule, run, about)
        if spoiled is not None and (spoiled.met is False or found.met):
            found = replace(spoiled, spoiled=True)
    if found.met is False and not found.fix:
        return replace(found, fix=f"Walk “{rule.title}” again.", begin=again)
    return found


def _later(run: Run, about: _About) -> bool:
    """Whether a run plays no part, since it was begun, or first whole, after the moment in question. One that had been
    begun by then and failed afterwards does: an older one never steps into its place."""
    whole = run.outcome in ("complete", "complete-except-deferred")
    return about.then and (run.began > about.at or (whole and run.moment > about.at))


def _as_walked(q: Question, wanted: RunDone, rule: Rule, run: Run) -> Counted | None:
    """Why a run does not count as it was walked; None where it does."""
    what = _what(wanted, rule)
    if run.outcome == "unknown":
        return _unclear(f"{what} was begun {q.clock(run.began)}; what became of it is not known.", run)
    if run.outcome == "open" and not wanted.through:
        said = f"was begun {q.clock(run.began)} and is not finished" if run.begun else "was asked for and not begun"
        return _go_on(f"{what} {said}.", wanted, rule, run)
    if run.outcome in ("failed", "abandoned", "expired"):
        said = {"failed": "failed", "abandoned": "was abandoned", "expired": "ran out of time"}[run.outcome]
        return _no(f"{what} {said} {q.clock(run.moment)}.", run)
    steps = _up_to(run, wanted.through)
    if steps is None:
        why = f"{what} has not come as far as its step “{wanted.through}”."
        return _go_on(why, wanted, rule, run) if run.outcome == "open" else _no(why, run)
    put_off = [step for step in run.steps if step.state == "deferred"]
    if run.outcome == "complete-except-deferred" and not put_off:
        return _unclear(f"{what} was finished with steps put off; which ones is not known.", run)
    return _deviating(wanted, rule, run, steps)


def _up_to(run: Run, through: str | None) -> tuple[Step, ...] | None:
    """The steps that must be in order: all, or those up to the one that is asked for; None where it is not done."""
    if through is None:
        return run.steps
    for place, step in enumerate(run.steps):
        if step.id == through:
            return run.steps[: place + 1] if step.state == "done" else None
    return None


def _go_on(why: str, wanted: RunDone, rule: Rule, run: Run) -> Counted:
    if not run.begun:
        return _no(why, run, f"Walk “{rule.title}”.", Begin(wanted.protocol, run.subject))
    return _no(why, run, f"Go on with “{rule.title}”.", Begin(wanted.protocol, run.subject, run.run))


def _deviating(wanted: RunDone, rule: Rule, run: Run, steps: tuple[Step, ...]) -> Counted | None:
    """Why a run does not count for the sake of a step that was not plainly done; None where none is."""
    what = _what(wanted, rule)
    unclear = [step for step in steps if step.state in ("unknown", "pending", "current")]
    wrong = [step for step in steps if step.state not in ("done", "unknown", "pending", "current")]
    not_tolerated = [step for step in wrong if step.state not in _LEFT_OUT or step.id not in wanted.tolerates]
    if not_tolerated:
        said = say.listed([f"“{one.id}” was {_SAID.get(one.state, one.state)}" for one in not_tolerated])
        return _no(f"{what} was walked, but its step {said}.", run)
    if any(step.state == "overridden" or step.id in run.passed for step in steps) and not run.reviewed:
        why = f"{what} was walked with an override that nobody has reviewed."
        return _no(why, run, "A lead reviews the override, or it is walked again.")
    if unclear:
        if run.outcome == "open":
            return _go_on(f"{what}: its step “{unclear[0].id}” is open again.", wanted, rule, run)
        return _unclear(f"{what} was finished; what became of its step “{unclear[0].id}” is not known.", run)
    return None


def _spoiled(q: Question, wanted: RunDone, rule: Rule, run: Run) -> Counted | None:
    """Why a run does not count for the sake of what it has used up: a room that was wiped with a recalled lot is not
    known to be clean. None where nothing speaks against it.

    What is judged as an item of this visit is not judged again; and a visit that is over has used what it has used.
    """
    what, mine = _what(wanted, rule), of_visit(run, q.asked.session)
    if mine and q.asked.stage == "close":
        return None
    if isinstance(run.apart, Damaged):
        return _unclear(f"What {say.inside(what)} used cannot be looked up. {run.apart.why}", run)
    asked = {one.identifier for one in q.requirements if isinstance(one, ItemsUsable)} if mine else set()
    found = sorted((one for one in run.apart if asked.isdisjoint(one.label)), key=lambda one: one.state == "unknown")
    if not found:
        return None
    one = found[0]
    used = f"{what} used {one.kind} {one.value}"
    if one.state == "unknown":
        return _unclear(f"{used}; whether that may be used is not on record.", run)
    whose = f", whose {one.through}" if one.through else ", which"
    why = f"{used}{whose} is {one.state}."
    if mine:  # walking it again takes nothing back: all that a visit has used is judged
        return _no(why, run, ANOTHER)
    again = f"Walk “{rule.title}” again, with another {one.kind}."
    return _no(why, run, again, Begin(wanted.protocol, run.subject))


def _in_time(q: Question, wanted: RunDone, rule: Rule, run: Run, about: _About) -> Counted:
    """Whether a run that was walked as written still counts, by the clock and by what happened."""
    what = _what(wanted, rule)
    steps = _up_to(run, wanted.through) or ()
    ended = steps[-1].at if wanted.through and steps else run.ended
    if ended is None or (wanted.through and ended < run.began):
        return _unclear(f"{what} was finished, but when is not on record.", run)
    if ended > about.at + SKEW:
        return _unclear(f"{what} was finished {q.clock(ended)}, which is yet to come: look at the clock.", run)
    limits = [window for window in (wanted.within, rule.valid_for) if window is not None]
    over = [window for window in limits if _is_over(q, window, ended, about.at)]
    when = q.clock(ended)
    if over:
        return _no(f"{what} was finished {_late(q, over, ended, about)}", run)
    if rule.voided_by:
        events = q.facts.events
        if isinstance(events, Damaged):
            return _unclear(f"{what} was finished {when}; what happened since is not known. {events.why}", run)
        for event in events:
            if (
                event.event in rule.voided_by
                and concerns(event, run, q.asked)
                and event.at >= min(run.began, ended)  # what was done before it is as old as had the run been over
            ):
                if about.then and event.at > about.at:
                    continue
                said = event.event.replace("-", " ")
                did = "ended it" if event.at >= ended else "came in the middle of it"
                return _no(f"{what} was finished {when}, but “{said}” {q.clock(event.at)} {did}.", run)
    return Counted(met=True, why=f"{what} was finished {when}{_until(q, limits, ended, about)}.", run=run, steps=steps)


def _is_over(q: Question, window: Window, ended: datetime, at: datetime) -> bool:
    if window == "today":
        return q.day_of(ended) != q.day_of(at)
    return at - ended > timedelta(seconds=window.seconds)


def _late(q: Question, over: list[Window], ended: datetime, about: _About) -> str:
    times = [window for window in over if window != "today"]
    if not times:
        return f"{q.clock(ended)}; it counts only on its own day."
    shortest = min(times, key=lambda window: window.seconds)
    before = "before that" if about.then else "ago"
    return f"{say.age(about.at - ended)} {before}, {q.clock(ended)}; {say.limit(shortest)} is the limit."


def _until(q: Question, limits: list[Window], ended: datetime, about: _About) -> str:
    times = [window.seconds for window in limits if window != "today"]
    ends = ended + timedelta(seconds=min(times)) if times else None
    if about.then:
        return ", in time for its load"
    if ends is not None and ("today" not in limits or q.day_of(ends) == q.today):
        return f" and counts until {q.clock(ends).removeprefix('at ').removeprefix('on ')}"
    return " and counts until the end of the day" if "today" in limits else ""


def _what(wanted: RunDone, rule: Rule) -> str:
    return wanted.what or f"“{rule.title}”"
