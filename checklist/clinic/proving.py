"""What an auditor takes along of single entries: a proof, the decision behind a receipt, a sample of runs with proofs.

Whoever has one of these checks it without this program. Knows in which ledger of the clinic an entry stands.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from checklist.audit.export.appearing import appearing
from checklist.audit.places import size_of, station_of
from checklist.audit.proof import Proof, proof_of, signed
from checklist.audit.sampling import drawn
from checklist.clinic.errors import ClinicError
from checklist.clinic.exporting import damaged, said_if_possible
from checklist.clinic.record import still_blind
from checklist.ledger.entry import Draft, format_place, parse_place
from checklist.ledger.errors import Damaged, LedgerError
from checklist.ledger.partly import readable_entries
from checklist.protocol.errors import ProtocolError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection
    from pathlib import Path

    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Entry, Json
    from checklist.ledger.reader import Reader

_READ_AS: Final = str.maketrans("OIL", "011")
"""What Crockford's base 32 takes these letters for, should somebody have read them so."""


def prove(clinic: Clinic, place: str) -> Proof | None:
    """The proof of the entry at a place such as `a#123`; None where there is none. Raises LedgerError, and ClinicError
    where a second person has yet to read for themselves what it says."""
    named = parse_place(place.strip())
    if named is None:
        return None
    for reader in clinic.histories():
        if station_of(reader) == named[0] and named[1] < size_of(reader):
            if _for_a_second_reader(clinic, _entry(reader, named[1])):
                raise ClinicError(f"{place}: a second person reads that for themselves first; prove it once they have.")
            return proof_of(reader, named[1])
    return None


def _entry(reader: Reader, index: int) -> Entry:
    try:
        return reader.entry(index)
    except IndexError:
        raise Damaged(f"Entry {index} is missing.") from None


def _for_a_second_reader(clinic: Clinic, entry: Entry) -> bool:
    """Whether an entry holds a reading that a second person has yet to make, or an earlier second reading of it."""
    if entry.run is None or entry.step is None:
        return False
    try:
        state = clinic.run(entry.run)
        blind = still_blind(clinic, state)
        asked = next((step for step in state.protocol.steps if step.id == entry.step), None)
    except (ClinicError, ProtocolError):  # a run that cannot go on hides nothing any more
        return False
    return entry.step in blind or (asked is not None and asked.kind == "witness" and asked.of in blind)


@dataclass(frozen=True, slots=True)
class Found:
    """The answer of the gate that a receipt is about, and its proof."""

    code: str
    entry: Entry
    proof: Proof


def by_receipt(clinic: Clinic, code: str) -> Found | None:
    """The answer of the gate with that receipt's code, however it was typed; None where there is none."""
    signs = "".join(sign for sign in code.upper() if sign.isalnum()).translate(_READ_AS)
    sought = f"{signs[:5]}-{signs[5:]}"
    for reader in reversed(clinic.histories()):
        for (index,) in reader.query("SELECT idx FROM clearance WHERE receipt = ?", (sought,)):
            at = int(str(index))
            return Found(sought, _entry(reader, at), proof_of(reader, at))
    return None


# -- a sample -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sampled:
    """One run that was drawn, and the proofs of its entries; where its entries are damaged, what is the matter."""

    run: str
    protocol: str
    subject: str
    outcome: str
    day: str
    proofs: tuple[Proof, ...]
    fault: str | None = None

    def data(self) -> dict[str, Json]:
        """The stable keys of it in `sample --json`, and of its own file."""
        first = self.proofs[0].data() if self.proofs else {}
        return {
            "run": self.run,
            "protocol": self.protocol,
            "subject": self.subject,
            "outcome": self.outcome,
            "day": self.day,
            "fault": self.fault,
            **{key: first.get(key) for key in ("size", "checkpoint", "key")},
            "entries": [proof.of_leaf() for proof in self.proofs],
        }


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn of how many runs, with which seed, by the record of which size and root. `damaged`: the places of
    entries that cannot be read; a run that begins at one of them is not among those that were drawn from."""

    count: int
    seed: str
    station: str
    size: int
    root: str
    population: int
    runs: tuple[Sampled, ...]
    damaged: tuple[str, ...] = ()

    def data(self) -> dict[str, Json]:
        """The stable keys of `sample --json`."""
        return {
            "n": self.count,
            "seed": self.seed,
            "station": self.station,
            "size": self.size,
            "root": self.root,
            "population": self.population,
            "damaged": [*self.damaged],
            "runs": [run.data() for run in self.runs],
        }


def sample(
    clinic: Clinic,
    db: sqlite3.Connection,
    count: int,
    seed: str,
    via: str,
    *,
    chosen: Collection[int] | None = None,
    at: int | None = None,
) -> Sample:
    """Draw runs as `sampling` says, and record that it was done. `chosen`: the n of the runs to draw from, None for
    all. `at`: as the record was when it had that many entries, to draw once more what was drawn then.

    Raises ClinicError where the record was never signed at that size, and LedgerError.
    """
    own = clinic.ledger
    under = signed(own, at)
    if under is None:
        raise ClinicError(_unsigned(own, at))
    size, root = under.size, under.root.hex()
    rows = {
        str(row[1]): row
        for row in db.execute("SELECT n, run, protocol, subject, outcome, day FROM run ORDER BY n")
        if (chosen is None or row[0] in chosen) and _within(str(row[1]), own, size)
    }
    places = drawn(rows, count, seed, root)
    runs = tuple(_sampled(clinic, [str(value) for value in rows[place][1:]], size) for place in places)
    told: dict[str, Json] = {"n": count, "seed": seed, "size": size, "root": root, "population": len(rows)}
    said_if_possible(clinic, Draft("sampled", told, None, via))
    lost = tuple(place for place in damaged(db) if _within(place, own, size))
    return Sample(count, seed, station_of(own), size, root, len(rows), runs, lost)


def _unsigned(own: Reader, at: int | None) -> str:
    if at is None:
        return "The record has no signed checkpoint that can be read, so nothing can be drawn from it; verify it."
    if at > (size := size_of(own)):
        return f"The record has {size} entries; give --at a size up to that."
    return f"The record was never signed at {at} entries; give a size that “checklist verify” or a sample has named."


def _within(place: str, own: Reader, size: int) -> bool:
    """Whether an entry stood there when the ledger in use had this size."""
    named = parse_place(place)
    return named is not None and (named[0] != station_of(own) or named[1] < size)


def _sampled(clinic: Clinic, row: list[str], size: int) -> Sampled:
    run, protocol, subject, outcome, day = row
    station = run.partition("#")[0]
    reader = next(each for each in clinic.histories() if station_of(each) == station)
    under = signed(reader, size if reader is clinic.ledger else None)
    upto = size if under is None else under.size
    try:
        found, missing = readable_entries(reader, run)
        entries = [each for each in found if each.index < upto]
        lost = [format_place(station, index) for index in missing if index < upto]
        if any(_for_a_second_reader(clinic, each) for each in entries):
            return Sampled(
                run, protocol, subject, outcome, day, (), "a second person has yet to read it for themselves"
            )
        proofs = tuple(proof_of(reader, each.index, upto) for each in entries)
    except LedgerError as error:
        return Sampled(run, protocol, subject, outcome, day, (), str(error))
    fault = f"could not be read: {', '.join(lost)}" if lost else None
    return Sampled(run, protocol, subject, outcome, day, proofs, fault)


def write_sample(drawn_runs: Sample, folder: Path) -> None:
    """Write a sample to a new folder: all of it, one file a run, and how it is checked. Raises ExportError."""
    with appearing(folder) as fresh:
        fresh.mkdir(mode=0o700)
        files = {"sample.json": drawn_runs.data()}
        files |= {f"{run.run.replace('#', '-')}.json": run.data() for run in drawn_runs.runs}
        for name, data in files.items():
            (fresh / name).write_bytes(as_file(data))
        (fresh / "README.txt").write_text(_HOW, "utf-8")


def write_proof(data: dict[str, Json], path: Path) -> None:
    """Write a proof to a new file. Raises ExportError."""
    with appearing(path) as fresh:
        fresh.write_bytes(as_file(data))


def as_file(data: dict[str, Json]) -> bytes:
    """A proof or sample as it stands in a file."""
    return json.dumps(data, indent=2, ensure_ascii=False).encode() + b"\n"


_HOW: Final = """\
A sample of runs, drawn from a clinic's record.

Whoever draws notes down the size and root that “checklist verify” names before they say the seed, and draws with
--at SIZE; the root in sample.json must be that root. Otherwise whoever keeps the record may have chosen it.

How it was drawn: the place of every run was taken (such as a#123; sample.json says how many there were), and the runs
were sorted by the SHA-256 of the text SEED:ROOT:PLACE in UTF-8. The first n are the sample. Seed, root and the size of
the record at that moment stand in sample.json; the places of all runs stand in the JSON Lines (kind run.started).

How an entry is checked, by RFC 6962: SHA-256 of a zero byte and the text of "leaf" is the leaf hash. It is joined with
the hashes under "proof", from the first to the last, as RFC 9162 section 2.1.3.2 says, with "index" and "size"; the
result is the root, in Base64 the third line of "checkpoint". The checkpoint is a signed note (C2SP signed-note): its
last line holds the Ed25519 signature of the lines above the empty one, by the key under "key". Compare that key with
the one that was printed on paper when the clinic was made.
"""
