"""`checklist clear`: may it start?"""

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
    output_is_terminal,
    refuse,
    say,
    say_json,
    tell,
    via,
    witness_option,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from checklist.clinic.service import Clinic, SignedIn
    from checklist.clinic.visits.asking import Answer
    from checklist.gate.clearance import Judged
    from checklist.gate.facts import Asked, Stage
    from checklist.line.console import Console
    from checklist.line.desk import Credentials

_WORDS = {True: "[x]", False: "<X>", None: "{?}"}


@click.command()
@click.argument("procedure", type=TEXT, metavar="PROCEDURE")
@click.option("--room", type=TEXT, metavar="R", default="", help="The room; the only one there is need not be said.")
@click.option("--session", type=TEXT, metavar="S", help="The visit: its id, or the clinic's own reference.")
@click.option("--performer", type=TEXT, metavar="P", help="Who performs; otherwise whoever signed the set-up.")
@click.option("--close", is_flag=True, help="Ask whether the visit may be closed.")
@click.option("--override", "passed", type=TEXT, metavar="[CODE:] WORDS", help="Start all the same: why.")
@click.option("--watch", is_flag=True, help="Ask again and again, and tell when the answer changes.")
@json_option
@as_option
@witness_option
@clinic_option
@click.pass_context
def clear(
    ctx: click.Context,
    procedure: str,
    *,
    room: str,
    session: str | None,
    performer: str | None,
    close: bool,
    passed: str | None,
    watch: bool,
    as_json: bool,
    operator: str | None,
    secret_file: Path | None,
    witness: str | None,
    witness_secret_file: Path | None,
) -> int:
    """May this procedure start? GO, NO-GO or UNKNOWN, with every reason and the evidence behind it.

    With --as the answer is recorded in that person's name, and a GO gives a receipt for the patient's file. --override
    starts without a GO: it takes a second person (--witness), one of the two a lead, and is reviewed within 24 hours.

    Exit code 0: GO; 1: NO-GO or UNKNOWN.
    """
    stage: Stage = "close" if close else "start"
    looking = operator is None and passed is None
    if watch:
        if not looking:
            refuse("--watch only looks: give it without --as and --override.")
        return _watched(ctx, procedure, room, session, performer, stage, as_json=as_json)
    if looking:
        answer = _looked(ctx, procedure, room, session, performer, stage)
    else:
        own, second = credentials(operator, secret_file), credentials(witness, witness_secret_file)
        with at_desk(ctx, own) as (opened, who, desk):
            asked = _asked(opened, procedure, room, session, performer, stage)
            answer = _recorded(opened, who, desk, own, second, asked, passed)
    _told(answer, as_json=as_json)
    return 0 if answer.clearance.decision == "GO" else 1


def _asked(
    opened: Clinic, procedure: str, room: str, session: str | None, performer: str | None, stage: Stage
) -> Asked:
    from dataclasses import replace

    from checklist.cli.shared import operator_named
    from checklist.clinic.visits.clearing import asked_of
    from checklist.clinic.visits.sessions import known_as

    visit = known_as(opened.people, opened.histories(), session) if session else None
    if session and visit is None:
        refuse(f"There is no visit “{session}”; open it with “checklist walk … --session new”.")
    asked = accepted(asked_of(opened, procedure, room, visit, stage))
    return replace(asked, performer=operator_named(opened, performer).id) if performer else asked


def _recorded(
    opened: Clinic,
    who: SignedIn,
    desk: Console,
    own: Credentials,
    second: Credentials,
    asked: Asked,
    passed: str | None,
) -> Answer:
    from checklist.clinic.visits import clearing
    from checklist.line.desk import Desk
    from checklist.line.words import reason

    found = opened.library.procedure(opened.ledger, asked.procedure)
    if passed is None:
        return accepted(clearing.clear(opened, found, asked, who, via()))
    why = accepted(reason(passed, "clinical-decision"))
    other = accepted(Desk(opened, desk, who, own, second, via()).second())
    return accepted(clearing.override(opened, found, asked, why, who, other.person, via()))


def _looked(
    ctx: click.Context, procedure: str, room: str, session: str | None, performer: str | None, stage: Stage
) -> Answer:
    """The answer without anybody's name: nothing is recorded, and no more is opened than it takes."""
    from dataclasses import replace

    from checklist.clinic import config
    from checklist.clinic.visits import asking
    from checklist.ledger.clock import SystemClock

    folder = clinic_folder(ctx)
    settings = config.load(folder.config)
    with asking.opened_to_ask(folder, settings) as sources:
        if asking.known_by_id(sources, session, performer):
            asked = accepted(asking.asked_of(settings, sources.readers, procedure, room, session, stage))
            asked = replace(asked, performer=performer)
        else:
            from checklist.clinic.service import Clinic

            with Clinic.open(folder) as opened:
                asked = _asked(opened, procedure, room, session, performer, stage)
        found = sources.library.procedure(sources.own, procedure)
        return asking.look(sources, found, asked, SystemClock(settings.clinic.timezone)())


def _watched(
    ctx: click.Context,
    procedure: str,
    room: str,
    session: str | None,
    performer: str | None,
    stage: Stage,
    *,
    as_json: bool,
) -> int:
    """Look once a second, and tell first all of it and then what is new, until somebody stops it; the code is that of
    the last answer."""
    import sys
    import time

    from checklist.clinic import config

    zone = config.load(clinic_folder(ctx).config).clinic.timezone
    last: Answer | None = None
    try:
        while True:
            answer = _looked(ctx, procedure, room, session, performer, stage)
            # Taken before it is told: the code must not be that of an answer before the one shown.
            before, last = last, answer
            if before is None or (as_json and _essence(answer) != _essence(before)):
                _told(answer, as_json=as_json)
            elif not as_json:
                say(*_changes(before, answer, zone))
            sys.stdout.flush()  # whoever reads it through a pipe watches too
            # The answer changes by the clock too, so waiting for an entry would miss it.
            time.sleep(1)
    except KeyboardInterrupt:
        if output_is_terminal():
            say("")  # behind the ^C that the terminal has written
        return 0 if last is not None and last.clearance.decision == "GO" else 1


def _essence(answer: Answer) -> object:
    return answer.clearance.decision, [(one.id, one.met) for one in answer.clearance.requirements]


def _changes(before: Answer, after: Answer, zone: str) -> Iterator[str]:
    """What another look has shown: the answer where it is another, and each requirement that has come or gone."""
    from checklist.line.local import local

    was, now = before.clearance, after.clearance
    stood = {one.id: one.met for one in was.requirements}
    new = [one for one in now.requirements if stood.get(one.id, one) != one.met]
    if now.decision != was.decision:
        yield f"{now.decision} since {local(now.at, zone)}, after {was.decision}."
    for one in new:
        yield from _requirement(one)


def _told(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        say_json(answer.data())
    else:
        say(*_lines(answer))
        tell(*(["Nothing was recorded: with --as it is, and a GO gives a receipt."] if not answer.recorded else []))


def _lines(answer: Answer) -> Iterator[str]:
    found = answer.clearance
    visit = f", visit {found.session}" if found.session else ""
    yield f"{found.decision}: {found.procedure}, {found.subject}{visit}"
    for each in answer.overridden:
        what = f"{each.step} in “{each.title}”" if each.step else f"the gate of “{each.title}”"
        yield f"/O\\ Overridden: {what}, as entry {each.place} says{'' if each.reviewed else '; not reviewed yet'}."
    for one in sorted(found.requirements, key=lambda each: each.met is True):
        yield from _requirement(one)
    if answer.receipt is not None:
        yield f"Receipt {answer.receipt.code} (entry {answer.receipt.entry}): write it into the patient's file."


def _requirement(one: Judged) -> Iterator[str]:
    """One requirement; where it is met the entries that prove it, else what would make it so."""
    from checklist.gate.say import listed

    proof = f" ({listed(one.evidence)})" if one.met and one.evidence else ""
    yield from _wrapped(f"{_WORDS[one.met]} {one.id}: {one.why}{proof}")
    if one.met is True:
        return
    if one.fix:
        yield from _wrapped(f"    {one.fix}")
    if one.start is not None:
        begin = one.start
        kind, _, named = begin.subject.partition("=")
        about = f"--session {named}" if kind == "session" else f"--subject {begin.subject}"
        go_on = f"resume {begin.run}" if begin.run else f"walk {begin.protocol} {about}"
        yield f"    checklist {go_on}"


def _wrapped(line: str) -> list[str]:
    """A line in as many as a terminal needs for it, what goes on set in; for anything else it stays one."""
    if not output_is_terminal():
        return [line]
    import shutil
    import textwrap

    width = max(shutil.get_terminal_size().columns, 40)
    return textwrap.wrap(line, width, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
