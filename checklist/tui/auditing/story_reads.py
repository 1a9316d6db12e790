"""What the story of a run is made of, read in the reading thread: every step with everything that is known of it, the
words of the protocol as they were then, and the same step in other runs. Plain values come back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from checklist.clinic.beside import Side, found_in, side, wanted_of
from checklist.clinic.errors import ClinicError
from checklist.clinic.record import hidden_in, show
from checklist.ledger.errors import LedgerError
from checklist.protocol.errors import ProtocolError
from checklist.protocol.units import display
from checklist.run.lasting import lasted
from checklist.run.look import look
from checklist.run.paper import Paper, from_paper
from checklist.tui.auditing.log_rows import run_state

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from checklist.run.marks import Look
    from checklist.tui.auditing.shelf import Laid

HIDDEN: Final = "hidden until the second person has read it for themselves"
_GOING_ON: Final = ("open", "complete-except-deferred")
_VERDICTS: Final = {"pass": "good", "unexpected": "not as expected", "fail": "failed"}


@dataclass(frozen=True, slots=True)
class StoryStep:
    """One step. `wanted` is what the protocol asked for then; `told` what is known of it, a line each. `place` names
    the entry that closed it; `side` is what of it is compared."""

    id: str
    number: int
    phase: str
    title: str
    look: Look
    wanted: str
    value: str
    told: tuple[str, ...]
    who: str
    at: str
    ms: int | None
    place: str
    side: Side


@dataclass(frozen=True, slots=True)
class Story:
    """One run. `head` is told before its steps, a line each; `n` counts its first entry as the tables do. Where its
    steps cannot be put together, `trouble` says why, and `entries` are what can be read: place and words."""

    run: str
    n: int
    protocol: str
    title: str
    version: str
    subject: str
    look: Look
    word: str
    at: str
    head: tuple[str, ...]
    steps: tuple[StoryStep, ...] = ()
    findings: tuple[str, ...] = ()
    trouble: str = ""
    entries: tuple[tuple[str, str], ...] = ()


def story(laid: Laid, n: int) -> Story:
    """The story of the run whose first entry has this number."""
    found = laid.db.execute(
        "SELECT run, protocol, run.version, run.sha256, subject, at, ended, seconds, outcome, deviations, via,"
        " coalesce(text.title, protocol), (SELECT count(*) FROM overriding WHERE overriding.run = run.n)"
        " FROM run LEFT JOIN text ON text.sha256 = run.sha256 WHERE run.n = ?",
        (n,),
    ).fetchone()
    if found is None:
        raise ClinicError("This run is not in the record any more; go back and look again.")
    run, protocol, version, sha256, subject, at, ended, seconds, outcome, deviations, via, title, passed = found
    seen, word = run_state(outcome, deviations, passed)
    steps: tuple[StoryStep, ...] = ()
    entries: tuple[tuple[str, str], ...] = ()
    more: list[str] = []
    own: object = []
    trouble = ""
    try:
        told = show(laid.clinic, run)
        own = told["findings"]
        steps, more = _steps(laid, run, via, told)
    except (ClinicError, ProtocolError, LedgerError) as fault:
        trouble, entries = str(fault), _entries(laid, n)
    took = f"  {lasted(seconds)}" if seconds is not None else ""
    until = f" to {when(laid, ended, at)}" if ended else ""
    head = [
        f"{when(laid, at)}{until}{took}   run {run}   via {via}",
        f"{protocol} {version}   text {str(sha256)[:12]}…   about {subject}",
        *more,
    ]
    findings = tuple(
        f"{one['rule']}: {one['why']}{'  (looked at)' if one['reviewed'] else ''}"
        for one in found_in(laid.db, run, own)
    )
    return Story(
        run=run,
        n=n,
        protocol=protocol,
        title=title,
        version=version,
        subject=subject,
        look=seen,
        word=word,
        at=at,
        head=tuple(head),
        steps=steps,
        findings=findings,
        trouble=trouble,
        entries=entries,
    )


def when(laid: Laid, at: object, beside: object = "") -> str:
    """A moment by the clinic's clock, to the second; without its day where that is the day of `beside`."""
    zone = ZoneInfo(laid.clinic.settings.clinic.timezone)
    local = datetime.fromisoformat(str(at)).astimezone(zone)
    same = bool(beside) and datetime.fromisoformat(str(beside)).astimezone(zone).date() == local.date()
    return f"{local:%H:%M:%S}" if same else f"{local:%Y-%m-%d %H:%M:%S}"


def _steps(laid: Laid, run: str, via: str, told: Mapping[str, Any]) -> tuple[tuple[StoryStep, ...], list[str]]:
    clinic = laid.clinic
    state = clinic.run(run)
    later = told["attributed"]
    head = []
    if told["paper"] is not None:
        written = Paper(str(told["paper"]["began"]), str(told["paper"]["ended"]))
        head.append(f"It was {from_paper(written, clinic.settings.clinic.timezone)}.")
    if later is not None:
        head.append(f"Nobody had signed in; {later['name']} signed for it afterwards, {when(laid, later['at'])}.")
    for each in told["overrides"]:
        two = f"{clinic.name_of(each['by'])} with {clinic.name_of(each['witness'])}"
        head.append(
            f"/O\\ OVERRIDDEN: {each['step']} in {each['title']} ({each['run']}), by {two}, {when(laid, each['at'])}"
        )
    head += [_remark(laid, each) for each in told["remarks"]]
    now, hidden = clinic.now(), blind(laid, run)
    found = []
    for number, (step, facts_of) in enumerate(zip(state.protocol.steps, told["steps"], strict=True), 1):
        own = state.steps[step.id]
        unit = display(own.unit) if own.unit else ""
        value = f"{facts_of['value']} {unit}".strip() if facts_of["value"] is not None else ""
        value = HIDDEN if step.id in hidden else value
        wanted = wanted_of(state.protocol, step)
        found.append(
            StoryStep(
                id=step.id,
                number=number,
                phase=step.phase,
                title=step.do or "The program makes the next number.",
                look=look(state, step, now),
                wanted=wanted,
                value=value,
                told=(
                    *_told(laid, facts_of, value, unit, state.started.at, via, later),
                    *_corrected(laid, told["corrections"], step.id, state.started.at),
                ),
                who=_who(laid, facts_of, later),
                at=str(facts_of["at"] or ""),
                ms=own.ms if own.closed else None,
                place=f"{state.station}#{own.entry}" if own.closed and own.entry is not None else "",
                side=side(facts_of, wanted),
            )
        )
    return tuple(found), head


def _who(laid: Laid, step: Mapping[str, Any], later: Mapping[str, Any] | None) -> str:
    if step["by"] is not None:
        second = f" with {laid.clinic.name_of(step['witness'])}" if step["witness"] else ""
        return f"{laid.clinic.name_of(step['by'])}{second}"
    if step["entry"] is None:
        return ""
    return f"{later['name']} (afterwards)" if later is not None else "nobody who signed in"


def _told(
    laid: Laid,
    step: Mapping[str, Any],
    value: str,
    unit: str,
    began: str,
    via: str,
    later: Mapping[str, Any] | None,
) -> Iterator[str]:
    """What is known of one step, a line each: how it ended, then everything on the way there, oldest first."""
    if step["entry"] is not None:
        seconds = step["seconds"]
        parts = [
            value,
            step["input"] if value else "",
            when(laid, step["at"], began),
            _who(laid, step, later),
            f"took {lasted(seconds)}" if seconds is not None else "",
            f"via {step['via']}" if step["via"] not in (None, via) else "",
            f"{step['attempts']} attempts" if step["attempts"] > 1 else "",
            f"entry {step['entry']}",
        ]
        yield "  ".join(str(part) for part in parts if part)
    if step["reason"]:
        yield f"reason: {step['reason']}"
    if step["sensed"] is not None:
        yield f"the printout says {step['sensed']} {unit}".rstrip()
    yield from _signatures(laid, step, began)
    yield from _tries(laid, step, unit, began)


def _signatures(laid: Laid, step: Mapping[str, Any], began: str) -> Iterator[str]:
    for each in step["signed_before"]:
        yield f"signed before: {each['name']}, {when(laid, each['at'], began)}, {each['meaning']}; {_again(each)}"
    signed = step["signed"]
    if signed is not None:
        proof = " and ".join(signed["factors"]) or "nothing"
        yield f"signed: {signed['name']}, {when(laid, signed['at'], began)}, {signed['meaning']}, proved by {proof}"


def _tries(laid: Laid, step: Mapping[str, Any], unit: str, began: str) -> Iterator[str]:
    """Every value that was given, unless the first one stands; and what was said between them."""
    notes = list(step["notes"])
    tries = step["tries"]
    plain = len(tries) == 1 and tries[0]["verdict"] == "pass" and not tries[0]["corrected"]
    for number, each in enumerate(() if plain else tries, 1):
        while notes and notes[0]["entry"] < each["entry"]:
            yield _note(laid, notes.pop(0))
        given = f"{each['value']} {unit}".strip() if each["value"] is not None else "done"
        verdict = _VERDICTS.get(each["verdict"], each["verdict"])
        why = f", {each['why']}" if each["why"] else ""
        second = f" with {laid.clinic.name_of(each['witness'])}" if each["witness"] else ""
        by = f"{laid.clinic.name_of(each['by'])}{second}"
        stands = "  THIS STANDS" if each["entry"] == step["entry"] else ""
        again = f"  TAKEN BACK, {_again(each)}" if each["corrected"] else ""
        yield f"attempt {number}: {given}, {verdict}{why}  {when(laid, each['at'], began)}  {by}{again}{stands}"
    yield from (_note(laid, each) for each in notes)


def _corrected(laid: Laid, corrections: Sequence[Mapping[str, Any]], step: str, began: str) -> Iterator[str]:
    """What a step said before somebody corrected it, and what it says since."""
    for each in corrections:
        if each["step"] == step:
            second = f" with {laid.clinic.name_of(each['witness'])}" if each["witness"] else ""
            by = f"{laid.clinic.name_of(each['by'])}{second}"
            since = each["now"] or each["state"] or "not asked again yet"
            why = f"  {each['reason']}" if each["reason"] else ""
            yield f"CORRECTED: was {each['was'] or 'done'}, now {since}  {when(laid, each['at'], began)}  {by}{why}"


def _remark(laid: Laid, each: Mapping[str, Any]) -> str:
    rule = f" of {each['rule']}" if each["rule"] else ""
    said = f"{each['about']}{rule} at {each['of']}, {laid.clinic.name_of(each['by'])}, {when(laid, each['at'])[:16]}"
    return f"{said}: {each['words'] or '(words erased)'}"


def _again(each: Mapping[str, Any]) -> str:
    return f"corrected: {each['corrected']}" if each["corrected"] else "asked again for what had been put off"


def _note(laid: Laid, note: Mapping[str, Any]) -> str:
    return f"{note['about']}: {note['words'] or '(words erased)'}  {laid.clinic.name_of(note['by'])}"


def _entries(laid: Laid, n: int) -> tuple[tuple[str, str], ...]:
    rows = laid.db.execute(
        "SELECT station, idx, at, kind, step, actor FROM entry WHERE n = ? OR run = ? ORDER BY n LIMIT 500", (n, n)
    )
    return tuple(
        (f"{station}#{idx}", f"{when(laid, at)}  {kind}  {step or ''}  {laid.clinic.name_of(actor)}")
        for station, idx, at, kind, step, actor in rows
    )


def blind(laid: Laid, run: str) -> frozenset[str]:
    """The steps of a run whose reading somebody has yet to read for themselves, and the second readings of the same."""
    try:
        state = laid.clinic.run(run)
    except (ClinicError, ProtocolError, LedgerError):  # a run that cannot go on hides nothing any more
        return frozenset()
    return hidden_in(laid.clinic, state)


# -- the same step in other runs -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The same step in one run."""

    n: int
    run: str
    at: str
    state: str
    value: str
    number: float | None
    seconds: float | None
    attempts: int
    who: str
    subject: str


def elsewhere(laid: Laid, protocol: str, step: str, here: int, most: int) -> tuple[Elsewhere, ...]:
    """A step in the runs of a protocol that touched it around the one that begins with entry `here`: what was flagged
    long ago is to be seen beside what was usual then. Newest first."""
    asked = (
        "SELECT run.n, run.run, step.at, step.state, step.value, step.number, step.unit, step.ms, step.attempts,"
        " step.actor, step.witness, run.subject, run.outcome FROM run JOIN step ON step.run = run.n"
        " WHERE run.protocol = ? AND step.step = ? AND"
    )
    after = laid.db.execute(f"{asked} run.n > ? ORDER BY run.n LIMIT ?", (protocol, step, here, most // 2)).fetchall()
    left = (protocol, step, here, most - len(after))
    rows = [*reversed(after), *laid.db.execute(f"{asked} run.n <= ? ORDER BY run.n DESC LIMIT ?", left)]
    found = []
    for n, run, at, state, value, number, unit, ms, attempts, actor, witness, subject, outcome in rows:
        if outcome in _GOING_ON and step in blind(laid, run):
            value, number = HIDDEN, None
        who = laid.clinic.name_of(actor) + (f" with {laid.clinic.name_of(witness)}" if witness else "")
        given = "" if value is None else f"{value} {display(unit) if unit else ''}".strip()
        seconds = None if ms is None else ms / 1000
        found.append(Elsewhere(n, run, at, state, given, number, seconds, attempts, who, subject))
    return tuple(found)


def never_at(laid: Laid, protocol: str) -> str:
    """Why there is nothing to show of a step that no run of a protocol recorded."""
    ((runs,),) = laid.db.execute("SELECT count(*) FROM run WHERE protocol = ?", (protocol,))
    return f"Nothing is recorded at this step in any of {runs:,} runs: it never applied, or was not reached."
