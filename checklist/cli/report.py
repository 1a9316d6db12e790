"""`checklist report`: the record of a period told as a page or a PDF, for somebody who does not trust the clinic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.shared import PATH, TEXT, clinic_folder, clinic_option, refuse, say, tell, via

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.option("--html", "page", type=PATH, metavar="PATH", help="A new file: one page that works offline, no scripts.")
@click.option("--pdf", type=PATH, metavar="PATH", help="A new file: the same as a tagged PDF.")
@click.option("--from", "since", type=TEXT, default="", metavar="DAY", help="The first day, such as 2027-03-31.")
@click.option("--to", "until", type=TEXT, default="", metavar="DAY", help="The last day; else that of the last work.")
@click.option("--protocol", type=TEXT, metavar="ID", help="Only runs of this protocol.")
@click.option("--room", type=TEXT, metavar="ID", help="Only what was about this room, and visits cleared for it.")
@click.option("--names", is_flag=True, help="People by their names; else by their ids.")
@click.option("--verify", is_flag=True, help="Verify the whole record first, and say in the report what was found.")
@clinic_option
@click.pass_context
def report(
    ctx: click.Context,
    *,
    page: Path | None,
    pdf: Path | None,
    since: str,
    until: str,
    protocol: str | None,
    room: str | None,
    names: bool,
    verify: bool,
) -> int:
    """Tell what the record of a period holds: findings first, then numbers, pictures, and what vouches for it.

    Without --from and --to: the 12 months up to the clinic's last work on record, which nobody moves by signing in,
    remarking, reviewing, anchoring or verifying. PATH is a new file: none is ever replaced. The record says that a
    report was made. With --verify nothing that was laid out before is rested on: do so where the machine is not your
    own.

    Exit code 0: made; 1: made, and a part of the record could not be read, or --verify found it changed.
    """
    out = page or pdf
    if out is None or (page is not None and pdf is not None):
        refuse("Say where the report goes: --html PATH or --pdf PATH, one of the two.")
    from checklist.audit.export.appearing import refuse_taken
    from checklist.audit.losses import plans_lost, texts_lost
    from checklist.cli.exporting import progress
    from checklist.cli.findings import tell_lost, told_by_verifying
    from checklist.clinic import auditing, reporting

    refuse_taken(out)
    form: reporting.Form = "pdf" if page is None else "html"
    clinic, faults = auditing.open_to_read(clinic_folder(ctx))
    asked = reporting.Asked(since, until, protocol, room, names, tuple(faults))
    with clinic as opened:
        with progress("Laid out") as count:
            tables = auditing.opened(opened, progress=count, fresh=verify)
        with tables:
            verified = told_by_verifying(opened) if verify else None
            with progress("Asked") as count:
                reporting.judge(opened, tables, verified, count)
            with progress("Written") as count:
                made = reporting.write(opened, tables.db, asked, out, form, via(), verified, count)
            unread = [*faults, *opened.unreadable()]
            tell(*unread)
            lost = tell_lost(tables.db) or texts_lost(tables.db) or plans_lost(tables.db)
    if faults:
        tell("The record is damaged, and does not say that this report was made. The report says what it lacks.")
    if made.missing:
        tell(f"No font here shows {' '.join(made.missing)}: each stands in the PDF as its code, like [U+4E2D].")
    if not made.runs:
        tell("Nothing was begun in this period and scope: the report has no runs to tell of.")
    say(f"{made.path}: {made.scope.since} to {made.scope.until}, SHA-256 {made.sha256}")
    return 0 if not unread and lost is None and (verified is None or verified.result == "clean") else 1
