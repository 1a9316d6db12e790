"""`checklist readout`: what a steriliser's printout says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checklist.cli.shared import PATH, TEXT, clinic_option, json_option, named_clinic, refuse, say, say_json, tell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from checklist.trace.reader import Reader
    from checklist.trace.readout import Readout

_OF_ANY_FILE = ("empty", "too-large", "binary", "too-long")
"""The faults that no other reader would mend."""


@click.command()
@click.argument("file", metavar="FILE", type=PATH)
@click.option("--reader", "named", type=TEXT, metavar="READER", help="The reader to use: its id, or a .toml file.")
@json_option
@clinic_option
@click.pass_context
def readout(ctx: click.Context, *, file: Path, named: str | None, as_json: bool) -> int:
    """Read a steriliser's printout: machine, cycle, phases, temperatures and pressures, hold time, result.

    Times are those of the machine's own clock. Exit code 0: a complete cycle; 1: an aborted one; 2: it cannot be read.
    """
    from checklist.clinic.identifiers.readers import first_bytes
    from checklist.trace.printout import MAX_BYTES, parse_readout
    from checklist.trace.readout import ReadFault

    data = first_bytes(file, MAX_BYTES)
    reader = _named(ctx, named) if named else _fitting(ctx, file, data)
    found = parse_readout(data, reader)
    if isinstance(found, ReadFault):
        refuse(f"{file}: {found.message}")
    if as_json:
        say_json(found.as_json())
    else:
        say(*_in_words(found))
    return 0 if found.result == "complete" else 1


def _named(ctx: click.Context, named: str) -> Reader:
    from pathlib import Path

    from checklist.clinic.identifiers.readers import reader_in

    if named.endswith(".toml"):
        found = reader_in(Path(named))
        if isinstance(found, list):
            refuse(str(found[0]))
        return found
    known = _readers(ctx)
    return known[named] if named in known else refuse(f"There is no reader “{named}”; there are: {', '.join(known)}.")


def _fitting(ctx: click.Context, file: Path, data: bytes) -> Reader:
    """The one reader that knows this printout."""
    from checklist.trace.printout import knows, parse_readout
    from checklist.trace.readout import ReadFault

    known = _readers(ctx)
    fitting = [reader for reader in known.values() if knows(data, reader)]
    if len(fitting) > 1:
        ids = ", ".join(reader.reader.id for reader in fitting)
        refuse(f"{file}: several readers know this printout ({ids}); name one with --reader.")
    if fitting:
        return fitting[0]
    faults = [fault for reader in known.values() if isinstance(fault := parse_readout(data, reader), ReadFault)]
    whatever_the_reader = next((one.message for one in faults if one.code in _OF_ANY_FILE), None)
    if whatever_the_reader:
        return refuse(f"{file}: {whatever_the_reader}")
    return refuse(f"{file}: no reader knows this printout; there are readers for: {', '.join(known)}.")


def _readers(ctx: click.Context) -> dict[str, Reader]:
    from checklist.clinic.folder import find
    from checklist.clinic.identifiers.readers import readers

    known, faults = readers(find(named_clinic(ctx)))
    tell(*(str(fault) for fault in faults))
    return dict(sorted(known.items()))


def _in_words(found: Readout) -> Iterator[str]:
    serial = f" {found.serial}" if found.serial else ""
    yield f"{found.machine}{serial}, cycle {found.cycle}" + (f", {found.programme}" if found.programme else "")
    yield from (f"{name}: {text}" for name, text in found.details.items())
    yield f"Started {found.started:%Y-%m-%d %H:%M:%S} by the machine's clock"
    for phase in found.phases:
        at = f"{phase.at:%H:%M:%S}" if phase.at else "        "
        yield f"  {at}  {phase.result:<6}  {phase.name}"
    for row in found.series:
        yield f"  {row.at:%H:%M:%S}  {row.temperature} °C  {row.pressure} kPa"
    for name, extreme in (("Lowest", found.lowest), ("Highest", found.highest)):
        if extreme:
            yield f"{name}: {extreme.temperature} °C, {extreme.pressure} kPa"
    if found.hold_seconds is not None:
        yield f"Hold time: {found.hold_seconds} s"
    if found.errors:
        yield f"Error: {', '.join(found.errors)}"
    yield from (f"Not understood: {line}" for line in found.unread)
    yield f"Result: {found.result}"
