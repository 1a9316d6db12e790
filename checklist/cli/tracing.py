"""`checklist trace`, `recall`, `quarantine` and `happened`: where something went, and how to stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.shared import (
    TEXT,
    accepted,
    as_option,
    at_desk,
    clinic_folder,
    clinic_option,
    credentials,
    json_option,
    refuse,
    say,
    say_json,
    tell,
    via,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import TypeVar

    from checklist.clinic.identifiers.recalling import Recall
    from checklist.clinic.identifiers.tracing import Run, Trace

    F = TypeVar("F", bound=Callable[..., object])


def _because_option(command: F) -> F:
    return click.option(
        "--because",
        type=TEXT,
        metavar="[CODE:] WORDS",
        default="equipment-fault",
        help="Why; codes as in line mode, such as equipment-fault or other: WORDS.",
    )(command)


@click.command()
@click.argument("kind", type=TEXT, metavar="KIND")
@click.argument("value", type=TEXT, metavar="VALUE")
@json_option
@clinic_option
@click.pass_context
def trace(ctx: click.Context, kind: str, value: str, *, as_json: bool) -> int:
    """Follow something forward and back: a load, lot, gtin, serial, pack or batch; or a room, equipment, session, day
    or operator.

    Exit code 0: found; 1: the record does not know it.
    """
    from checklist.clinic import config
    from checklist.clinic.histories import opened_to_read
    from checklist.clinic.identifiers.loads import with_state
    from checklist.clinic.identifiers.tracing import traced
    from checklist.clinic.texts.library import Library
    from checklist.ledger.clock import SystemClock

    folder = clinic_folder(ctx)
    zone = config.load(folder.config).clinic.timezone
    with opened_to_read(folder) as (readers, faults):
        found = with_state(accepted(traced(readers, kind, value, zone)), readers, Library(folder), SystemClock(zone)())
    if as_json:
        say_json(found.data())
    else:
        say(*_lines(found, zone))
    tell(*faults)
    return 0 if found.found else 1


@click.command()
@click.argument("kind", type=TEXT, metavar="KIND")
@click.argument("value", type=TEXT, metavar="VALUE")
@click.option("--since-last-negative", is_flag=True, help="Every load of a steriliser since its last negative test.")
@_because_option
@json_option
@as_option
@clinic_option
@click.pass_context
def recall(
    ctx: click.Context,
    kind: str,
    value: str,
    *,
    since_last_negative: bool,
    because: str,
    as_json: bool,
    operator: str | None,
    secret_file: Path | None,
) -> int:
    """Call something back for good: a load, a lot, or (steriliser S1 --since-last-negative) all loads since the last
    negative spore test. Every gate refuses it from then on. Lists what may be left of it first, then the visits.

    Exit code 0: the record knows where it went; 1: it does not know it (it is blocked all the same).
    """
    from checklist.clinic.identifiers import recalling
    from checklist.line.words import reason

    kind = recalling.EQUIPMENT if kind == "steriliser" else kind
    if since_last_negative and kind != recalling.EQUIPMENT:
        refuse("--since-last-negative is about a steriliser: checklist recall steriliser S1 --since-last-negative.")
    why = accepted(reason(because))
    with at_desk(ctx, credentials(operator, secret_file)) as (opened, who, _desk):
        if since_last_negative:
            done = accepted(recalling.recall_since_negative(opened, value, why, who, via()))
        else:
            done = accepted(recalling.recall(opened, kind, value, why, who, via()))
        zone = opened.settings.clinic.timezone
    if as_json:
        say_json(done.data())
    else:
        say(*_recalled(done, zone))
    return 0 if done.known else 1


@click.command()
@click.argument("kind", type=TEXT, metavar="KIND")
@click.argument("value", type=TEXT, metavar="VALUE")
@click.option("--end", is_flag=True, help="It may be used again; only a lead says so.")
@_because_option
@as_option
@clinic_option
@click.pass_context
def quarantine(
    ctx: click.Context,
    kind: str,
    value: str,
    *,
    end: bool,
    because: str,
    operator: str | None,
    secret_file: Path | None,
) -> int:
    """Set something apart until a lead decides: a load, a lot, a machine (equipment S1)."""
    from checklist.clinic.identifiers import recalling
    from checklist.clinic.identifiers.trace_views import QUARANTINED
    from checklist.line.words import reason

    why = accepted(reason(because))
    act = recalling.end_quarantine if end else recalling.quarantine
    with at_desk(ctx, credentials(operator, secret_file)) as (opened, who, _desk):
        entry = accepted(act(opened, kind, value, why, who, via()))
        known, state = recalling.standing(opened, kind, value)
    stands = "may be used again" if end else "is in quarantine" if state == QUARANTINED else "stays recalled"
    say(f"{kind} {value} {stands}, as entry {entry.place} says.")
    if not (end or known):
        say(_not_known(f"{kind} {value}"))
    return 0


@click.command()
@click.argument("event", type=TEXT, metavar="EVENT")
@click.option("--subject", type=TEXT, metavar="KIND=ID", default="clinic", help="What it is about: equipment=S1.")
@click.argument("words", nargs=-1, metavar="[WORDS]")
@as_option
@clinic_option
@click.pass_context
def happened(
    ctx: click.Context,
    event: str,
    subject: str,
    words: tuple[str, ...],
    operator: str | None,
    secret_file: Path | None,
) -> int:
    """Say that something happened which ends what was proved before: power-loss, steriliser-repair, spill …"""
    from checklist.clinic.identifiers import recalling

    with at_desk(ctx, credentials(operator, secret_file)) as (opened, who, _desk):
        entry = accepted(recalling.happened(opened, event, subject, " ".join(words), who, via()))
    say(f"{event} at {subject}, as entry {entry.place} says. What it ends counts no more.")
    return 0


def _lines(found: Trace, zone: str) -> Iterator[str]:
    """All of it, by the clinic's own clock; of what the record does not know nothing more than that."""
    from checklist.line.local import local

    since = f" since {local(found.since, zone)}" if found.since else ""
    yield f"{found.kind} {found.value}: {found.state}{since}"
    if not (found.produced_by or found.consumed_by or found.corrected or found.sessions):
        return
    yield from _runs("Made in", found.produced_by, zone)
    yield from _runs("Used or seen in", found.consumed_by, zone)
    yield from _runs("Scanned, then corrected, in", found.corrected, zone)
    yield "Visits: " + (", ".join(found.sessions) or "none")
    if found.procedures:
        yield "Cleared for: " + ", ".join(found.procedures)
    if found.unused:
        yield "Not used yet: " + ", ".join(f"{one.kind} {one.value}" for one in found.unused)
    if found.cut:
        yield "There is more than can be listed here; ask for something smaller."


def _runs(words: str, runs: tuple[Run, ...], zone: str) -> Iterator[str]:
    from checklist.line.local import local

    for run in runs:
        ended = f", ended {local(run.ended, zone)}" if run.ended else ""
        begun = f"begun {local(run.started, zone)}"
        yield f"{words}: {run.title}, {run.subject}, run {run.run}, {begun}{ended}, {run.outcome}"


def _not_known(named: str) -> str:
    return f"The record knows no {named}; it is set apart all the same, in case it turns up."


def _recalled(done: Recall, zone: str) -> Iterator[str]:
    from checklist.line.local import local

    yield f"Recalled: {_some([f'{one.kind} {one.value}' for one in done.things])}. No gate lets it pass from now on."
    if not done.known:
        yield _not_known(" or ".join(f"{one.kind} {one.value}" for one in done.things))
        return
    if done.last_negative and done.since:
        yield f"The last negative test is run {done.last_negative}; loads since {local(done.since, zone)} are recalled."
    left = [f"{one.thing.kind} {one.thing.value}{_opened(one.opened)}" for one in done.left]
    yield f"Find what is left of it first: {_some(left) or 'nothing is known to be left'}"
    yield "Visits that it reached: " + (", ".join(done.sessions) or "none")
    yield from _runs("Scanned, then corrected, in", done.reach.corrected, zone)
    if done.reach.cut:
        yield "It went farther than was followed: there are more visits. Recall or trace smaller things one by one."


def _some(names: list[str]) -> str:
    """The first of them by name, and how many more there are."""
    from checklist.clinic.identifiers.recalling import LISTED

    more = [f"and {len(names) - LISTED} more"] if len(names) > LISTED else []
    return ", ".join([*names[:LISTED], *more])


def _opened(count: int) -> str:
    return f" (used {count} {'time' if count == 1 else 'times'})" if count else ""
