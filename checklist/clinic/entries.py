"""The entries of the record as `log` gives them, with the stable keys of design §7.

Which are wanted is asked of the catalogue; what each says is read from its ledger, and a reading that a second person
has yet to read for themselves stays hidden.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Final

from checklist.audit.conditions import listed
from checklist.audit.places import station_of
from checklist.audit.query import entries
from checklist.clinic.auditing import said
from checklist.clinic.errors import ClinicError
from checklist.clinic.record import hidden_in, readable
from checklist.clinic.remarks import said_about, said_at
from checklist.ledger.entry import format_place, parse_leaf
from checklist.ledger.errors import CannotRead, Damaged, LedgerError, NotCanonical
from checklist.ledger.merkle import leaf_hash
from checklist.ledger.partly import hashes_between
from checklist.ledger.tiles import WIDTH
from checklist.protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from checklist.audit.catalogue import Catalogue
    from checklist.audit.query import Filter
    from checklist.clinic.remarks import Said
    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Entry
    from checklist.ledger.reader import Reader

_PAGE: Final = 500
_MOST_DAMAGE: Final = 20
_STRETCHES: Final = """
    SELECT station, min(idx), max(idx), why
    FROM (SELECT station, idx, why, idx - row_number() OVER (PARTITION BY station, why ORDER BY idx) AS stretch
          FROM damage)
    GROUP BY station, why, stretch ORDER BY station, min(idx) LIMIT ?
"""
"""What is damaged, as it lies side by side for the same reason."""


def log(
    clinic: Clinic, catalogue: Catalogue, wanted: Filter, lost: list[str], *, in_words: bool = False
) -> Iterator[dict[str, object]]:
    """The entries that are wanted, oldest first, each with the keys of `log --json`. One that cannot be read by now is
    left out, and its place put into `lost`. `in_words`: with the words of what was said about each, which the record
    itself has not."""
    readers = {station_of(reader): reader for reader in clinic.histories()}
    hidden: dict[str, frozenset[str]] = {}
    about = _about(clinic)
    numbers = entries(catalogue.db, wanted, said=said(clinic))
    while some := [*islice(numbers, _PAGE)]:
        rows = catalogue.db.execute(
            "SELECT station, idx, protocol FROM entry WHERE n IN (SELECT value FROM json_each(?)) ORDER BY n",
            (listed(some),),
        ).fetchall()
        found = _read(readers, [(station, index) for station, index, _ in rows])
        for station, index, protocol in rows:
            entry = found.get((station, index))
            if entry is None:
                lost.append(format_place(station, index))
            else:
                run = entry.place if entry.kind == "run.started" else entry.run
                if run is not None and run not in hidden:
                    hidden[run] = _hidden(clinic, readers[station], run)
                yield {
                    "index": entry.index,
                    "station": entry.station,
                    "at": entry.at,
                    "kind": entry.kind,
                    "run": entry.run,
                    "protocol": protocol,
                    "step": entry.step,
                    "actor": entry.actor,
                    "via": entry.via,
                    "data": readable(entry, hidden.get(run or "", frozenset())),
                    "remarks": [_remark(each, in_words=in_words) for each in said_at(about, entry.place)],
                }


def _about(clinic: Clinic) -> dict[str, list[Said]]:
    """What was said about entries; nothing where some of that is damaged: `damage` tells."""
    try:
        return said_about(clinic)
    except LedgerError:
        return {}


def _remark(said: Said, *, in_words: bool) -> dict[str, object]:
    return {key: value for key, value in said.data().items() if in_words or key != "words"}


def damage(catalogue: Catalogue, lost: Sequence[str]) -> list[str]:
    """What could not be read, in sentences: when the catalogue was made, and since (`lost`). Of much damage the first
    places and how many more there are."""
    rows = catalogue.db.execute(_STRETCHES, (_MOST_DAMAGE,)).fetchall()
    told = [
        f"{_which(station, first, last)} {_because(why)}; {'it is' if first == last else 'each is'} left out."
        for station, first, last, why in rows
    ]
    told += [f"Entry {place} is another than was recorded; it is left out." for place in lost[:_MOST_DAMAGE]]
    (count,) = catalogue.db.execute("SELECT count(*) FROM damage").fetchone()
    known = sum(last - first + 1 for _, first, last, _ in rows) + len(lost[:_MOST_DAMAGE])
    if more := count + len(lost) - known:
        told.append(f"So are {more} more. “checklist verify” says where the record is whole.")
    told += _unjudged(catalogue)
    return told


def _unjudged(catalogue: Catalogue) -> list[str]:
    """Of how much of the plan nobody can say what became of it, in a sentence."""
    question = "SELECT count(*), min(day), max(day) FROM planned WHERE state = 'unknown'"
    count, first, last = catalogue.db.execute(question).fetchone()
    if not count:
        return []
    runs = "1 run that was planned" if count == 1 else f"{count} runs that were planned"
    when = first if first == last else f"{first} to {last}"
    return [f"What became of {runs} ({when}) is not known: entries of that time cannot be read."]


def _which(station: str, first: int, last: int) -> str:
    one = format_place(station, first)
    return f"Entry {one}" if first == last else f"Of the entries {one} to {format_place(station, last)} each"


def _because(why: str) -> str:
    return why if why.startswith(("is ", "says ", "has ")) else f"cannot be read: {why}"


def _read(readers: dict[str, Reader], places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Entry]:
    """The entries at these places, as far as they can be read and are what was recorded."""
    found: dict[tuple[str, int], Entry] = {}
    for station in {station for station, _ in places}:
        reader, wanted = readers[station], [index for own, index in places if own == station]
        hashes: dict[int, bytes] = {}
        for start in {index - index % WIDTH for index in wanted}:
            with suppress(CannotRead):
                hashes |= hashes_between(reader, start, start + WIDTH)
        for index, leaf in _leaves(reader, wanted):
            if leaf_hash(leaf) == hashes.get(index):
                with suppress(NotCanonical):
                    found[station, index] = parse_leaf(leaf)
    return found


def _leaves(reader: Reader, wanted: Sequence[int]) -> list[tuple[int, bytes]]:
    query = "SELECT idx, leaf FROM entry WHERE idx IN (SELECT value FROM json_each(?))"
    try:
        rows = reader.query(query, (listed(wanted),))
    except (Damaged, CannotRead):  # one page of the file is damaged: the others can be read
        rows = []
        for index in wanted:
            with suppress(Damaged, CannotRead):
                rows += reader.query(query, (listed([index]),))
    return [(index, leaf) for index, leaf in rows if isinstance(index, int) and isinstance(leaf, bytes)]


def _hidden(clinic: Clinic, reader: Reader, run: str) -> frozenset[str]:
    """The steps of a run whose reading a second person has yet to read for themselves, and those of earlier second
    readings of the same."""
    question = "SELECT 1 FROM run WHERE run = ? AND outcome IN ('open', 'complete-except-deferred')"
    try:
        if reader is not clinic.ledger or not reader.query(question, (run,)):
            return frozenset()
        return hidden_in(clinic, clinic.run(run))
    except (ClinicError, ProtocolError, LedgerError):  # a run that cannot go on hides nothing any more
        return frozenset()
