"""A printout that is attached in a run: read by the reader of its machine, and laid beside every cycle before it.

What follows from it for the run is in `run.sensed`. A file that cannot be read is kept all the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from checklist.clinic.errors import EvidenceError
from checklist.clinic.evidence import keep
from checklist.clinic.identifiers.readers import first_bytes, readers
from checklist.run.commands import Give
from checklist.run.printout import ABORTED, Finding, Read
from checklist.trace.cycles import after, summary
from checklist.trace.printout import MAX_BYTES, knows, parse_readout
from checklist.trace.readout import ReadFault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from checklist.clinic.config import Config
    from checklist.clinic.folder import Folder
    from checklist.clinic.words import Worded
    from checklist.ledger.reader import Reader as Ledger
    from checklist.protocol.model import Step
    from checklist.run.printout import Printout

_COMPARED: Final = 5
"""So many of the newest printouts of a machine say what its serial number is."""

_TYPE: Final = "Type the values from the printout yourself."


def read_printout(folder: Folder, settings: Config, subject: str, sha256: str) -> Read:
    """What a file among the evidence says, read by the reader that clinic.toml names for this machine; where it names
    none, by the only one that knows the printout: an aborted cycle must not pass for want of a line in a file.
    Raises EvidenceError."""
    machine = next((one for one in settings.equipment if subject == f"equipment={one.id}"), None)
    named, title = (machine.reader, machine.title) if machine else ("", "this machine")
    known, _ = readers(folder)
    if named and named not in known:
        why = f"The file is kept, and not read: there is no reader “{named}” for {title}. {_TYPE}"
        return Read(None, (Finding("printout-unread", why),))
    try:
        data = first_bytes(folder.evidence / sha256, MAX_BYTES)
    except OSError as error:
        raise EvidenceError(f"The file was kept but cannot be read ({error.strerror}); try again.") from None
    fitting = [known[named]] if named else [one for one in known.values() if knows(data, one)]
    if len(fitting) != 1:
        known_by = "several know" if fitting else "none knows"
        why = f"The file is kept. No reader is set for {title}, and {known_by} it. {_TYPE}"
        return Read(None, (Finding("printout-without-reader", why),))
    found = parse_readout(data, fitting[0])
    if isinstance(found, ReadFault):
        return Read(None, (Finding("printout-unread", f"The file is kept, and not read. {found.message} {_TYPE}"),))
    return Read(summary(found))


def kept(folder: Folder, settings: Config, worded: Worded, step: Step | None, subject: str) -> Worded:
    """The command with the digest of its file, which is kept now; where it is a printout, that copy is what is read,
    whatever becomes of the file. Raises EvidenceError."""
    command = worded.command
    if worded.file is None or not isinstance(command, Give):
        return worded
    command = replace(command, value=keep(folder, worded.file))
    if step is not None and step.kind == "attach" and step.printout:
        command = replace(command, read=read_printout(folder, settings, subject, str(command.value)))
    return replace(worded, command=command)


def beside_earlier(ledgers: Sequence[Ledger], read: Read, run: str, subject: str) -> Read:
    """The same with what the cycles of other runs say against it; `ledgers` are all of the folder, and `subject` is
    what the run is about."""
    if read.printout is None:
        return read
    found = [
        *_of_machine(ledgers, read.printout, run, subject),
        *_of_number(ledgers, read.printout, run),
        *_of_series(ledgers, read.printout, run),
    ]
    return replace(read, findings=(*read.findings, *found))


def _of_machine(ledgers: Sequence[Ledger], printout: Printout, run: str, subject: str) -> Iterator[Finding]:
    """Whether the newest printouts about this very equipment mostly had another serial number; the one that was there
    first, where two are as frequent: one strange printout makes no other machine of it."""
    # Newest run first, and no further than to some with a printout: CROSS JOIN keeps SQLite from beginning elsewhere.
    question = (
        "SELECT cycle.serial FROM run CROSS JOIN cycle ON cycle.run = run.run"
        " WHERE run.subject = ? AND run.run <> ? AND cycle.serial <> ''"
        " ORDER BY run.started DESC, cycle.idx DESC LIMIT ?"
    )
    newest = [[str(row[0]) for row in ledger.query(question, (subject, run, _COMPARED))] for ledger in ledgers]
    known = Counter(serial for one in newest for serial in reversed(one))  # the first comes first among equals
    usual = known.most_common(1)[0][0] if known else ""
    if usual and printout.serial and printout.serial != usual:
        why = f"The printout is of the machine {printout.serial}; this one has had the serial number {usual}."
        yield Finding("printout-other-machine", why)


def _of_number(ledgers: Sequence[Ledger], printout: Printout, run: str) -> Iterator[Finding]:
    """Whether the number of this cycle follows on the highest that is known of its machine. A number that comes again
    is of the same cycle only where that began at the same time: a machine may count anew after a repair."""
    machine = (printout.machine, printout.serial)
    same = _asked(
        ledgers,
        "SELECT run, result, started FROM cycle"
        " WHERE machine = ? AND serial = ? AND cycle = ? AND run <> ? ORDER BY idx",
        (*machine, printout.cycle, run),
    )
    highest = [
        int(str(row[0]))
        for row in _asked(
            ledgers,
            "SELECT cycle FROM cycle WHERE machine = ? AND serial = ? AND run <> ? ORDER BY cycle DESC LIMIT 1",
            (*machine, run),
        )
    ]
    named = f"Cycle {printout.cycle} of this machine"
    if broken := next((row for row in same if row[1:] == (ABORTED, printout.started)), None):
        yield Finding("cycle-aborted-before", f"{named} was aborted by the printout in run {broken[0]}.")
    elif same:
        yield Finding("cycle-repeated", f"{named} stands in run {same[-1][0]} already.")
    elif highest:
        last = max(highest)
        match after(last, printout.cycle):
            case "missing":
                first, through = last + 1, printout.cycle - 1
                lacking = f"cycle {first}" if first == through else f"cycles {first} to {through}"
                yield Finding("cycle-missing", f"No printout of {lacking} of this machine is on record.")
            case "repeated":
                yield Finding("cycle-out-of-order", f"{named} comes after its cycle {last} was recorded.")
            case "next":
                pass


def _of_series(ledgers: Sequence[Ledger], printout: Printout, run: str) -> Iterator[Finding]:
    """Whether another cycle has the very same readings, which no two real ones have."""
    question = (
        "SELECT machine, cycle, run FROM cycle WHERE series = ? AND series <> '' AND run <> ?"
        " AND NOT (machine = ? AND serial = ? AND cycle = ? AND started = ?) ORDER BY idx LIMIT 1"
    )
    asked = (printout.series, run, printout.machine, printout.serial, printout.cycle, printout.started)
    for row in _asked(ledgers, question, asked)[:1]:
        why = f"All readings are equal to those of cycle {row[1]} ({row[0]}) in run {row[2]}."
        yield Finding("series-repeated", why)


def _asked(ledgers: Sequence[Ledger], question: str, values: Sequence[object]) -> list[tuple[object, ...]]:
    return [row for ledger in ledgers for row in ledger.query(question, values)]
