"""What the story of a run is made of, read in the reading thread: every step with everything that is known of it, the
words of the protocol as they were then, and the same step in other runs. Plain values come back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from checklist.clinic.beside import Side, found_in, side
from checklist.clinic.errors import ClinicError
from checklist.clinic.record import hidden_in, show
from checklist.clinic.reviewing import named
from checklist.clinic.story import HIDDEN, local
from checklist.clinic.story import story as story_of
from checklist.ledger.errors import LedgerError
from checklist.protocol.errors import ProtocolError
from checklist.protocol.units import display
from checklist.run.lasting import lasted
from checklist.run.look import look
from checklist.tui.auditing.log_rows import run_state

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from checklist.clinic.story import Line
    from checklist.clinic.story import Story as Told
    from checklist.run.marks import Look
    from checklist.tui.auditing.shelf import Laid

_GOING_ON: Final = ("open", "complete-except-deferred")


@dataclass(frozen=True, slots=True)
class StoryStep:
    """One step. `wanted` is what the protocol asked for then; `before` what happened to the run before it, and `told`
    what is known of it, a line each. `place` names the entry that closed it; `side` is what of it is compared."""

    id: str
    number: int
    phase: str
    title: str
    look: Look
    wanted: str
    value: str
    before: tuple[str, ...]
    told: tuple[str, ...]
    who: str
    at: str
    ms: int | None
    place: str
    side: Side


@dataclass(frozen=True, slots=True)
class Story:
    """One run. `head` is told before its steps and `after` behind them, a line each; `n` counts its first entry as the
    tables do. Where its steps cannot be put together, `trouble` says why, and `entries` are what can be read: place and
    words."""

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
    after: tuple[str, ...] = ()
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
    more: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    own: object = []
    trouble = ""
    try:
        told = show(laid.clinic, run)
        own = told["findings"]
        whole = story_of(laid.clinic, told, short=True)
        more = (*whole.head, *(f"/O\\ {each}" for each in whole.overridden), *whole.said)
        steps, after = tuple(_steps(laid, told, whole)), tuple(map(_joined, whole.after))
    except (ClinicError, ProtocolError, LedgerError) as fault:
        trouble, entries = str(fault), _entries(laid, n)
    took = f"  {lasted(seconds)}" if seconds is not None else ""
    until = f" to {when(laid, ended, at)}" if ended else ""
    head = [
        f"{when(laid, at)}{until} {_zone(laid, at)}{took}   run {run}   via {via}",
        f"{protocol} {version}   text {str(sha256)[:12]}…   about {subject}",
        *more,
    ]
    findings = tuple(
        f"{one['rule']}: {named(laid.clinic, str(one['why']))}{'  (looked at)' if one['reviewed'] else ''}"
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
        after=after,
        findings=findings,
        trouble=trouble,
        entries=entries,
    )


def when(laid: Laid, at: object, beside: object = "") -> str:
    """A moment by the clinic's clock, to the second; without its day where that is the day of `beside`."""
    return local(laid.clinic, at, beside=beside)


def _zone(laid: Laid, at: str) -> str:
    """How the clinic's clock was called at a moment, such as CET."""
    return f"{datetime.fromisoformat(at).astimezone(ZoneInfo(laid.clinic.settings.clinic.timezone)):%Z}"


def _steps(laid: Laid, told: Mapping[str, Any], whole: Told) -> Iterator[StoryStep]:
    state, now = laid.clinic.run(str(told["run"])), laid.clinic.now()
    for step, facts_of, one in zip(state.protocol.steps, told["steps"], whole.steps, strict=True):
        own = state.steps[step.id]
        yield StoryStep(
            id=one.id,
            number=one.number,
            phase=one.phase,
            title=one.title,
            look=look(state, step, now),
            wanted=one.wanted,
            value=one.value,
            before=tuple(map(_joined, one.before)),
            told=tuple(map(_joined, (one.closing, *one.more) if one.closing else one.more)),
            who=one.who.removeprefix("by "),
            at=str(facts_of["at"] or ""),
            ms=own.ms if own.closed else None,
            place=f"{state.station}#{own.entry}" if own.closed and own.entry is not None else "",
            side=side(facts_of, one.wanted),
        )


def _joined(line: Line) -> str:
    return "  ".join(line)


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
