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
from checklist.cli.traced import did_you_mean, lines, named, not_known, reached, recalled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import TypeVar

    from checklist.clinic.folder import Folder
    from checklist.ledger.reader import Reader

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
@click.option(
    "--since", type=TEXT, metavar="DAY", default="", help="Of a machine, room, visit or person: from then on."
)
@click.option(
    "--since-last-negative", is_flag=True, help="What such a recall of a steriliser would reach; nothing is recorded."
)
@json_option
@clinic_option
@click.pass_context
def trace(ctx: click.Context, kind: str, value: str, *, since: str, since_last_negative: bool, as_json: bool) -> int:
    """Follow something forward and back: a load, lot, gtin, serial, pack or batch; or a room, equipment, session, day
    or operator. A visit is also found by the clinic's own reference, a person by their name.

    Exit code 0: found; 1: the record does not know it.
    """
    from checklist.clinic import config
    from checklist.clinic.histories import opened_to_read
    from checklist.clinic.identifiers.about import near, traced
    from checklist.clinic.identifiers.loads import with_state
    from checklist.clinic.texts.library import Library
    from checklist.ledger.clock import SystemClock

    kind = _kind(kind, since_last_negative=since_last_negative)
    folder = clinic_folder(ctx)
    if since_last_negative:
        return _foreseen(folder, value, as_json=as_json)
    settings = config.load(folder.config)
    zone = settings.clinic.timezone
    with opened_to_read(folder) as (readers, faults):
        value = _meant(folder, readers, kind, value)
        found = accepted(traced(readers, kind, value, zone, since))
        found = with_state(found, readers, Library(folder), SystemClock(zone)())
        other = None if found.found else near(readers, settings, kind, value)
    if as_json:
        say_json(found.data())
    else:
        say(*lines(found, zone), *did_you_mean(kind, other))
    tell(*faults)
    return 0 if found.found else 1


def _kind(kind: str, *, since_last_negative: bool = False) -> str:
    """What people call a machine or a visit; only of a machine are loads asked for since a test. Raises MisuseError."""
    from checklist.clinic.identifiers.apart import EQUIPMENT

    kind = {"steriliser": EQUIPMENT, "machine": EQUIPMENT, "visit": "session"}.get(kind, kind)
    if since_last_negative and kind != EQUIPMENT:
        refuse("--since-last-negative is about a steriliser: steriliser S1 --since-last-negative.")
    return kind


def _meant(folder: Folder, readers: Sequence[Reader], kind: str, value: str) -> str:
    """The id of the visit or the person that is meant, where it is known by the clinic's own reference or by name."""
    if kind == "session" and not any(one.query("SELECT 1 FROM session WHERE id = ?", (value,)) for one in readers):
        from checklist.clinic.visits.sessions import known_as
        from checklist.people.store import PeopleStore

        with PeopleStore.open(folder.people) as people:
            return known_as(people, readers, value) or value
    if kind == "operator":
        from checklist.clinic.service import Clinic
        from checklist.people.operator import name_key

        with Clinic.open(folder) as opened:
            found = [one.id for one in opened.staff.operators() if one.name and name_key(one.name) == name_key(value)]
        return found[0] if len(found) == 1 else value
    return value


def _foreseen(folder: Folder, machine: str, *, as_json: bool) -> int:
    from checklist.clinic.identifiers import recalling
    from checklist.clinic.service import Clinic

    with Clinic.open(folder) as opened:
        found = accepted(recalling.would_recall_since_negative(opened, machine))
        zone = opened.settings.clinic.timezone
    if as_json:
        say_json(found.data())
    else:
        say(f"A recall would call back: {named(found)}. Nothing was recorded.", *reached(found, zone))
    return 0 if found.known else 1


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
    """Call something back: a load, a lot, or (steriliser S1 --since-last-negative) all loads since the last negative
    spore test. Every gate refuses it from then on, for good; only a machine returns: quarantine equipment S1 --end.
    Opens its list, and names what may be left of it first, then the visits; “trace” with the same words foresees it.

    Exit code 0: the record knows where it went; 1: it does not know it (it is blocked all the same).
    """
    from checklist.clinic.identifiers import recalling
    from checklist.clinic.identifiers.about import near
    from checklist.line.words import reason

    kind = _kind(kind, since_last_negative=since_last_negative)
    why = accepted(reason(because))
    with at_desk(ctx, credentials(operator, secret_file)) as (opened, who, _desk):
        if since_last_negative:
            done = accepted(recalling.recall_since_negative(opened, value, why, who, via()))
        else:
            done = accepted(recalling.recall(opened, kind, value, why, who, via()))
        zone = opened.settings.clinic.timezone
        other = None if done.known else near(opened.histories(), opened.settings, kind, value)
    if as_json:
        say_json(done.data())
    else:
        say(*recalled(done, zone), *did_you_mean(kind, other))
    return 0 if done.known else 1


@click.command()
@click.argument("kind", type=TEXT, metavar="KIND")
@click.argument("value", type=TEXT, metavar="VALUE")
@click.option("--end", is_flag=True, help="It may be used again; only a lead says so. A recalled machine, too.")
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
    """Set something apart until a lead decides: a load, a lot, a machine (equipment S1).

    A recalled steriliser returns once its recall list is walked to its end and signed “released”; two people stand for
    that at least. A load or a lot that is recalled stays so.
    """
    from checklist.clinic.identifiers import recalling
    from checklist.clinic.identifiers.about import near
    from checklist.clinic.identifiers.trace_views import QUARANTINED
    from checklist.line.words import reason

    kind = _kind(kind)
    why = accepted(reason(because))
    act = recalling.end_quarantine if end else recalling.quarantine
    with at_desk(ctx, credentials(operator, secret_file)) as (opened, who, _desk):
        entry = accepted(act(opened, kind, value, why, who, via()))
        known, state = recalling.standing(opened, kind, value)
        other = None if end or known else near(opened.histories(), opened.settings, kind, value)
    stands = "may be used again" if end else "is in quarantine" if state == QUARANTINED else "stays recalled"
    say(f"{kind} {value} {stands}, as entry {entry.place} says.")
    if not (end or known):
        say(not_known(f"{kind} {value}"), *did_you_mean(kind, other))
    return 0


def _near(event: str, ending: Iterable[str]) -> Iterator[str]:
    from checklist.clinic.nearest import nearest

    if (near := nearest(event, ending)) is not None:
        yield f"Did you mean {near}? Then say that it happened: this entry stays, and ends nothing."


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
    from checklist.clinic.texts.adopting import in_force

    with at_desk(ctx, credentials(operator, secret_file)) as (opened, who, _desk):
        entry = accepted(recalling.happened(opened, event, subject, " ".join(words), who, via()))
        ending = {name for one in in_force(opened) for name in one.voided_by}
    ends = "What it ends counts no more." if event in ending else "No list in force is ended by it."
    say(f"{event} at {subject}, as entry {entry.place} says. {ends}", *_near(event, ending))
    return 0
