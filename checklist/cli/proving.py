"""`checklist prove` and `checklist sample`: what an auditor takes along, to be checked without this program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.shared import (
    PATH,
    TAKES_FILTER,
    TEXT,
    clinic_option,
    json_option,
    refuse,
    say,
    say_json,
    tell,
    via,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from checklist.audit.proof import Proof
    from checklist.clinic.proving import Found, Sample
    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Json


@click.command()
@click.argument("place", type=TEXT, metavar="[PLACE]", required=False)
@click.option("--receipt", type=TEXT, metavar="CODE", help="The code of a GO's receipt, such as 7QX2K-9A4MN.")
@click.option("--out", type=PATH, metavar="FILE", help="Write the proof to a new file.")
@json_option
@clinic_option
@click.pass_context
def prove(ctx: click.Context, *, place: str | None, receipt: str | None, out: Path | None, as_json: bool) -> int:
    """Prove that an entry stands in the record, by its place (such as a#123) or by a receipt's code.

    The proof is a small JSON file that anybody can check without this program: docs/exports.md says how.

    Exit code 0: found; 1: there is none.
    """
    if (place is None) == (receipt is None):
        refuse("Give the PLACE of an entry, such as a#123, or --receipt CODE.")
    from checklist.cli.exporting import reading
    from checklist.clinic import proving

    with reading(ctx) as opened:
        found = None if receipt is None else proving.by_receipt(opened, receipt)
        proof = found.proof if found is not None else proving.prove(opened, place) if place is not None else None
        if proof is None:
            tell(f"There is no {'receipt' if receipt else 'entry'} “{receipt or place}” in the record of this clinic.")
            return 1
        data: dict[str, Json] = {"code": found.code, **proof.data()} if found is not None else proof.data()
        if out is not None:
            proving.write_proof(data, out)
        if as_json:
            say_json(data)
        else:
            say(*(_decided(opened, found) if found is not None else ()), *_lines(proof, out))
    return 0


def _decided(clinic: Clinic, found: Found) -> Iterator[str]:
    """What the gate said, when and for which visit."""
    from checklist.clinic.reviewing import told

    yield from told(clinic, found.entry)
    yield f"Receipt {found.code}"


def _lines(proof: Proof, out: Path | None) -> Iterator[str]:
    from checklist.ledger.merkle import leaf_hash

    yield f"Entry {proof.entry} stands in the record: it is entry {proof.index} of {proof.size}."
    yield f"Leaf: {proof.leaf}"
    yield f"Leaf hash: {leaf_hash(proof.leaf.encode()).hex()}"
    yield from (f"Beside it: {one}" for one in proof.path)
    yield "Signed checkpoint:"
    yield from (f"    {line}" for line in proof.checkpoint.splitlines())
    yield f"Genesis key: {proof.key or '(the first entry is damaged; take the one on paper)'}"
    yield f"Written to {out}." if out is not None else "To take it along: --out FILE."


@click.command(context_settings=TAKES_FILTER)
@click.argument("count", type=click.IntRange(1, 10_000), metavar="N")
@click.argument("filters", type=TEXT, nargs=-1, metavar="[FILTER]...")
@click.option("--seed", type=TEXT, required=True, metavar="S", help="Any text; whoever audits chooses it.")
@click.option("--at", type=click.IntRange(1), metavar="SIZE", help="The size noted before the seed was said.")
@click.option("--out", type=PATH, metavar="FOLDER", help="Write the sample with all proofs to a new folder.")
@json_option
@clinic_option
@click.pass_context
def sample(
    ctx: click.Context,
    count: int,
    *,
    filters: tuple[str, ...],
    seed: str,
    at: int | None,
    out: Path | None,
    as_json: bool,
) -> int:
    """Draw N runs by a seed, with a proof for each of their entries. The same seed and record give the same sample.

    In this order, so that nobody can choose what is drawn: note the size and root that “checklist verify” prints; then
    say the seed; then draw with --at SIZE, and compare the root. Whoever keeps the record and knows the seed first can
    add entries until they like the sample.

    How it is drawn, so that it can be done again without this program, stands in docs/exports.md. The record says that
    it was drawn; --at also draws again what an earlier sample has drawn.

    Exit code 0: runs were drawn; 1: there were none to draw from, or a part of the record could not be read.
    """
    if not seed.strip():
        refuse("--seed: give any text that you have chosen yourself.")
    from checklist.cli.exporting import catalogue, filter_line, reading
    from checklist.cli.findings import tell_lost
    from checklist.clinic.exporting import chosen
    from checklist.clinic.proving import sample as draw
    from checklist.clinic.proving import write_sample

    line = filter_line(filters)
    with reading(ctx) as opened, catalogue(opened, fresh=True) as tables:
        tell_lost(tables.db)
        runs = chosen(opened, tables, line).runs if line else None
        found = draw(opened, tables.db, count, seed, via(), chosen=runs, at=at)
    if out is not None:
        write_sample(found, out)
    if as_json:
        say_json(found.data())
    else:
        say(*_drawn(found, out, noted=at is not None))
    return 0 if found.runs and not found.damaged else 1


def _drawn(found: Sample, out: Path | None, *, noted: bool) -> Iterator[str]:
    yield f"Size: {found.size} entries of station {found.station}"
    yield f"Root: {found.root}"
    if noted:
        yield "This must be the root that was noted at this size before the seed was said."
    else:
        yield "This size and root were taken after the seed was said, so whoever keeps the record may have chosen them."
        yield "Safer: note what “checklist verify” prints, then say a new seed, then draw with --at SIZE."
    yield f"{len(found.runs)} of {found.population} runs, drawn with the seed “{found.seed}”:"
    for run in found.runs:
        told = f"{len(run.proofs)} entries, each with its proof"
        told = f"FAULT: {run.fault}; {told}" if run.fault else told
        yield f"{run.run}  {run.day}  {run.protocol}  {run.subject}  {run.outcome}  ({told})"
    yield f"Written to {out}." if out is not None else "With --out FOLDER the proofs are written to a folder."
