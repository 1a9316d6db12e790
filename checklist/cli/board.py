"""`checklist` and `checklist board`: what is due, what is open, what is set apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.shared import (
    clinic_folder,
    clinic_option,
    json_option,
    on_terminal,
    output_is_terminal,
    say,
    say_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from checklist.clinic.board import Board
    from checklist.clinic.folder import Folder


@click.command()
@clinic_option
@json_option
@click.pass_context
def board(ctx: click.Context, *, as_json: bool) -> int:
    """Show what is due, overdue, open, quarantined and recalled.

    Exit code 0: nothing is overdue; 1: something is.
    """
    folder = clinic_folder(ctx)
    if as_json:
        # A script asks often: this needs no protocol's text, no names and no key, and loads nothing for them.
        from checklist.clinic.glance import glance_at

        seen = glance_at(folder)
        say_json(seen.data())
        return 1 if seen.overdue else 0
    found = _read(folder)
    say(*_lines(found))
    return 1 if found.overdue else 0


def open_screen(named: Path | None) -> int:
    """The full screen at a terminal; elsewhere the board as lines and how to go on."""
    from checklist.clinic.folder import existing, find

    if on_terminal() and output_is_terminal():
        from checklist.tui.app import run_app

        return run_app(find(named))
    found = _read(existing(named))
    say(*_lines(found))
    say(
        "",
        "To walk a protocol: checklist walk PROTOCOL. To go on with a run: checklist resume RUN.",
        "At a terminal, checklist alone opens the full screen. All commands: checklist --help.",
    )
    return 1 if found.overdue else 0


def _read(folder: Folder) -> Board:
    from checklist.clinic.board import board as board_of
    from checklist.clinic.service import Clinic

    with Clinic.open(folder) as clinic:
        return board_of(clinic)


def _lines(found: Board) -> Iterator[str]:
    for due in found.due:
        word = "OVERDUE" if due.overdue else "Due"
        by = f" by {due.by[11:16]}" if due.by else ""
        yield f"{word}{by}: {due.title} [{due.protocol}], {due.subject}"
    for run in found.open:
        step = run.state.current
        paused = ", paused" if run.state.paused else ""
        where = f"step {run.number} of {run.count}, {step.id}" if step else "no step left"
        holder = run.holder if run.state.holder else "nobody signed in"
        passed = f", {run.overridden} OVERRIDDEN" if run.overridden else ""
        yield f"Open: {run.title}, {run.state.subject}, run {run.state.run}, {where}, {holder}{paused}{passed}"
    for one in found.unattributed:
        yield f"WHO DID THIS? {one.title}, {one.subject}, since {one.since}: checklist attribute {one.run}"
    for item in found.recalled:
        yield f"RECALLED: {item.kind} {item.value}, since {item.since}"
    for item in found.quarantined:
        yield f"QUARANTINED: {item.kind} {item.value}, since {item.since}"
    yield from (f"CANNOT BE READ: {fault}" for fault in found.faults)
    if not (found.faults or found.due or found.open or found.unattributed or found.recalled or found.quarantined):
        yield "Nothing is due and nothing is open."
