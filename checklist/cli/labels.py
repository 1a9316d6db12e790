"""`checklist labels`: sheets of labels, to be scanned where a pack is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.shared import PATH, TEXT, accepted, clinic_folder, clinic_option, say, tell

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.clinic.identifiers.labels import Code
    from checklist.clinic.printing import Paper

_MOST = 240


@click.group()
def labels() -> None:
    """Print labels."""


@labels.command()
@click.argument("loads", nargs=-1, required=True, type=TEXT, metavar="LOAD…")
@click.option("--count", type=click.IntRange(1, _MOST), default=1, show_default=True, help="How many of each.")
@click.option(
    "--packs-from",
    type=click.IntRange(1, _MOST * 100),
    metavar="N",
    help="Give each label the number of a pack of its own, from N on: what was opened for one patient is then refused"
    " for another.",
)
@click.option("--out", type=PATH, metavar="FILE.pdf", help="Where to put it; else labels.pdf.")
@click.option("--paper", type=click.Choice(["a4", "letter"]), help="The size of the paper; else by the jurisdiction.")
@click.option(
    "--code",
    type=click.Choice(["qr", "code128"]),
    default="qr",
    show_default=True,
    help="What is scanned; the number of a pack fits only qr.",
)
@clinic_option
@click.pass_context
def load(
    ctx: click.Context,
    loads: tuple[str, ...],
    *,
    count: int,
    packs_from: int | None,
    out: Path | None,
    paper: Paper | None,
    code: Code,
) -> int:
    """Print a sheet (PDF) of labels for the packs of a load: its number, machine, dates, and a code to scan."""
    from pathlib import Path

    from checklist.clinic.identifiers.labels import load_label, new_packs, printed
    from checklist.clinic.printing import usual_paper, write
    from checklist.clinic.service import Clinic

    with Clinic.open(clinic_folder(ctx)) as opened:
        found = [accepted(load_label(opened, one)) for one in dict.fromkeys(loads)]
        usual = usual_paper(opened.settings.clinic.jurisdiction)
        each = count if packs_from is None else 1
        if packs_from is not None:
            found = [one for label in found for one in accepted(new_packs(opened, label, packs_from, count))]
    sheet = accepted(printed(found, each, paper or usual, code))
    place = out or Path("labels.pdf")
    write(sheet, place)
    if sheet.missing:
        tell(f"No font here shows {' '.join(sheet.missing)}: each stands on the label as its code, like [U+4E2D].")
    total = each * len(found)
    say(f"{place}: {total} {'label' if total == 1 else 'labels'}.")
    if packs_from is not None:
        say(f"Nobody keeps which were printed: a further sheet goes on with --packs-from {packs_from + count}.")
    return 0
