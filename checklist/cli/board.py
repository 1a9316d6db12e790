"""`checklist` and `checklist board`: what is due, what is open, what is set apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from checklist.cli.shared import (
    clinic_folder,
    clinic_option,
    json_option,
    on_terminal,
    output_is_terminal,
    say,
    say_json,
    tell,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from checklist.clinic.folder import Folder
    from checklist.clinic.people.personnel import Held
    from checklist.clinic.plan.board import Board, OpenRun
    from checklist.clinic.plan.glance import Glance
    from checklist.clinic.plan.planning import Due


class Page(NamedTuple):
    """The board, the clinic's zone, the credentials that end soon or have ended, and what machines are called."""

    board: Board
    zone: str
    ending: tuple[Held, ...]
    machines: Mapping[str, str]


@click.command()
@clinic_option
@json_option
@click.pass_context
def board(ctx: click.Context, *, as_json: bool) -> int:
    """Show what is due, overdue, open, quarantined and recalled.

    Exit code 0: nothing is overdue; 1: something is, or was missed.
    """
    folder = clinic_folder(ctx)
    if as_json:
        # A script asks often: this needs no protocol's text, no names and no key, and loads nothing for them.
        from checklist.clinic.plan.glance import glance_at

        seen = glance_at(folder)
        say_json(seen.data())
        _tell(folder, seen)
        return 0 if seen.calm else 1
    page = _read(folder)
    say(*_lines(page))
    _tell(folder, page.board.glance)
    return 0 if page.board.glance.calm else 1


def open_screen(named: Path | None) -> int:
    """The full screen at a terminal; elsewhere the board as lines and how to go on."""
    from checklist.clinic.folder import existing, find

    if on_terminal() and output_is_terminal():
        from checklist.tui.app import run_app

        return run_app(find(named))
    page = _read(existing(named))
    say(*_lines(page))
    say(
        "",
        "To walk a protocol: checklist walk PROTOCOL. To go on with a run: checklist resume RUN.",
        "At a terminal, checklist alone opens the full screen. All commands: checklist --help.",
    )
    return 0 if page.board.glance.calm else 1


def _read(folder: Folder) -> Page:
    from checklist.clinic.plan.board import board as board_of
    from checklist.clinic.service import Clinic

    with Clinic.open(folder) as clinic:
        held = tuple(one for one in clinic.personnel.credentials(clinic.now()) if one.state != "valid")
        machines = dict(clinic.settings.subjects("equipment"))
        return Page(board_of(clinic), clinic.settings.clinic.timezone, held, machines)


def _tell(folder: Folder, seen: Glance) -> None:
    """Say what is wrong to whoever runs it, and have the clinic's own command told of what is late, if it has one."""
    tell(*seen.faults)
    if seen.late:
        from checklist.clinic import config
        from checklist.clinic.plan.hooks import tell_late

        tell_late(folder, config.load(folder.config).hooks, seen)


def _lines(page: Page) -> Iterator[str]:
    found, seen = page.board, page.board.glance
    lines = [
        *_asked(seen, page.zone),
        *(_open_line(run) for run in found.open),
        *_set_apart(page),
        *_people(page),
        *(f"CANNOT BE READ: {fault}" for fault in found.faults),
    ]
    yield from lines or ["Nothing is due and nothing is open."]


def _asked(seen: Glance, zone: str) -> Iterator[str]:
    """What somebody should do, what failed first, then what is late."""
    from checklist.line.local import local

    for one in seen.follow_ups:
        after = f"after step {one.step} of run {one.run} failed"
        after = f"after the recall of {one.recalled}" if one.recalled else after
        yield f"FOLLOW-UP: {one.title} [{one.protocol}], {one.subject}, {after}"
    for due in seen.due:
        word = "OVERDUE" if due.overdue else "Due soon" if due.soon else "Due"
        why = f", {due.why}" if due.why else ""
        yield f"{word}{_by(due)}: {due.title} [{due.protocol}], {due.subject}{why}"
    for gone in seen.missed:
        days = gone.often or (gone.first if gone.first == gone.last else f"{gone.first} to {gone.last}")
        yield f"MISSED {days}: {gone.title} [{gone.protocol}], {gone.subject}"
    for task in seen.tasks:
        word = "OVERDUE, put off" if task.overdue else "Put off"
        what = f"{task.words.rstrip('.') or task.step} ({task.title}, {task.subject})"
        about = f"--session {task.visit}" if task.visit else f"--subject {task.subject}"
        how = f"walk {task.protocol} {about}" if task.earlier else f"resume {task.run}"
        yield f"{word} until {local(task.until, zone)}: {what}: checklist {how}"
    for review in seen.reviews:
        word = "REVIEW OVERDUE" if review.overdue else "REVIEW DUE"
        about = f"{review.title} was begun without a GO, {review.subject}"
        yield f"{word} by {local(review.by, zone)}: {about}: checklist review {review.entry} WORDS"


def _by(due: Due) -> str:
    """By when, for people: the time where it is today's, the day where there is more time."""
    if due.by is None:
        return f" by {due.day}" if due.every != "day" or due.overdue else ""
    return f" by {due.by[11:16]}" if due.every == "day" else f" by {due.day} {due.by[11:16]}"


def _open_line(run: OpenRun) -> str:
    from checklist.clinic.identifiers.loads import release_is_next

    step = run.state.current
    paused = ", paused" if run.state.paused else ""
    where = f"step {run.state.place} of {len(run.state.protocol.steps)}, {step.id}" if step else "no step left"
    where = f"{where}, awaits release" if release_is_next(run.state) else where
    holder = run.holder if run.state.holder else "nobody signed in"
    passed = f", {run.overridden} OVERRIDDEN" if run.overridden else ""
    paper = ", from paper" if run.state.paper else ""
    return f"Open: {run.title}, {run.state.subject}, run {run.state.run}, {where}, {holder}{paused}{passed}{paper}"


def _set_apart(page: Page) -> Iterator[str]:
    from checklist.line.local import local

    seen = page.board.glance
    for word, some in (("RECALLED", seen.recalled), ("QUARANTINED", seen.quarantined)):
        for item in some:
            title, named = page.machines.get(f"{item.kind}={item.value}"), f"{item.kind} {item.value}"
            yield f"{word}: {f'{title} ({named})' if title else named}, since {local(item.since, page.zone)}"


def _people(page: Page) -> Iterator[str]:
    from checklist.line.local import local
    from checklist.line.words import credential_words

    for one in page.board.unattributed:
        since = local(one.since, page.zone)
        yield f"WHO DID THIS? {one.title}, {one.subject}, since {since}: checklist attribute {one.run}"
    for held in page.ending:
        yield f"CREDENTIAL: {held.name}: {credential_words(held)}"
