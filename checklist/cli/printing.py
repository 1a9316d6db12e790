"""`checklist protocol print`: sheets to fall back on when there is no machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.found import found
from checklist.cli.shared import PATH, TEXT, clinic_option, named_clinic, refuse, say, tell

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.clinic.printing import Paper, Wanted
    from checklist.protocol.loader import LoadedProtocol


@click.command("print")
@click.argument("names", nargs=-1, type=TEXT, metavar="PROTOCOL…")
@click.option("--all", "every", is_flag=True, help="All that are in force, or else all shipped ones.")
@click.option("--out", type=PATH, metavar="FILE.pdf", help="Where to put it; else it is called as the protocol is.")
@click.option("--paper", type=click.Choice(["a4", "letter"]), help="The size of the paper; else by the jurisdiction.")
@clinic_option
@click.pass_context
def print_(ctx: click.Context, *, names: tuple[str, ...], every: bool, out: Path | None, paper: Paper | None) -> int:
    """Print protocols as sheets of paper (PDF): to walk by hand where no machine is at hand, and to enter later."""
    from pathlib import Path

    from checklist.clinic.printing import printed, write

    if every == bool(names):
        refuse("Name the protocols to print, or give --all.")
    wanted = _as_walked(ctx, _all(ctx) if every else [found(ctx, name) for name in dict.fromkeys(names)])
    sheets = printed(wanted, paper or _usual_paper(ctx))
    place = out or Path(f"{wanted[0].protocol.id}.pdf" if len(wanted) == 1 else "protocols.pdf")
    write(sheets, place)
    if sheets.missing:
        tell(f"No font here shows {' '.join(sheets.missing)}: each stands on the sheet as its code, like [U+4E2D].")
    protocols = "1 protocol" if len(wanted) == 1 else f"{len(wanted)} protocols"
    say(f"{place}: {protocols} on {sheets.pages} {'page' if sheets.pages == 1 else 'pages'}.")
    return 0


def _all(ctx: click.Context) -> list[LoadedProtocol]:
    """Every protocol in force in the clinic, or where there is none every shipped one, as a library is laid out."""
    from checklist.clinic.folder import find
    from checklist.protocol.library import FOLDERS, shipped

    folder = find(named_clinic(ctx))
    known = list(shipped().values())
    if folder.made:
        from checklist.clinic.service import Clinic

        with Clinic.open(folder) as opened:
            in_force = opened.library.in_force(opened.ledger)
            known = [opened.library.by_digest(one.id, one.sha256) for one in in_force.values()]
    return sorted(known, key=lambda one: (FOLDERS.index(one.protocol.category), one.protocol.title.casefold()))


def _as_walked(ctx: click.Context, protocols: list[LoadedProtocol]) -> list[Wanted]:
    """The protocols with the values of the clinic's profile; where one is not known, its name stands on the sheet."""
    from checklist.clinic.folder import find
    from checklist.clinic.printing import Wanted, as_walked
    from checklist.run.reading import Refusal

    plain = [Wanted(one.protocol, one.sha256) for one in protocols]
    folder = find(named_clinic(ctx))
    if not folder.made:
        return plain
    from checklist.clinic.service import Clinic

    with Clinic.open(folder) as opened:
        ready = [as_walked(opened, one) for one in protocols]
    tell(*dict.fromkeys(one.message for one in ready if isinstance(one, Refusal)))
    return [was if isinstance(one, Refusal) else one for one, was in zip(ready, plain, strict=True)]


def _usual_paper(ctx: click.Context) -> Paper:
    """Letter where the clinic's jurisdiction uses it."""
    from checklist.clinic import config
    from checklist.clinic.folder import find
    from checklist.clinic.printing import usual_paper

    folder = find(named_clinic(ctx))
    return usual_paper(config.load(folder.config).clinic.jurisdiction if folder.made else "")
