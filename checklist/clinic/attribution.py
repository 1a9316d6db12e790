"""Whether everything in somebody's name is still by that person: signatures where they were given, names as they were
committed to, and words as they were said.

Each finding has a rule; those in `TAMPERING` say that something was put in the place of what was recorded. What is
merely missing from people.db is no tampering, but somebody should look. Knows nothing of hashes and views.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Final

from checklist.ledger.errors import Damaged, LedgerError
from checklist.ledger.reader import PAGE, open_read_only
from checklist.ledger.report import Finding
from checklist.people.commitment import NAME, opens
from checklist.people.operator import ADDED, CHANGED, ERASED
from checklist.people.signature import ATTRIBUTED, SIGNED, WITNESSED, misfit, target_of
from checklist.run.events import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from checklist.ledger.entry import Entry
    from checklist.ledger.reader import Reader
    from checklist.people.store import PeopleStore

SIGNATURE: Final = "signature"
PERSON: Final = "name"
ALTERED: Final = "altered-opening"
MISSING: Final = "opening"
UNERASED: Final = "erasing"

TAMPERING: Final = frozenset({SIGNATURE, PERSON, ALTERED})


def pages(reader: Reader, kind: str, since: int = 0) -> Iterator[Entry]:
    """The entries of a kind from `since` on, newest first, a page in memory at a time."""
    before: int | None = None
    while page := reader.entries_of_kind(kind, newest_first=True, limit=PAGE, before=before):
        yield from (entry for entry in page if entry.index >= since)
        before = page[-1].index
        if before < since:
            return


def erased_commitments(paths: Iterable[Path]) -> set[str]:
    """The commitments whose openings were erased on purpose: those that an `erased` entry of these ledgers lists."""
    found: set[str] = set()
    for path in paths:
        with suppress(LedgerError), open_read_only(path) as reader:
            for entry in pages(reader, ERASED):
                listed = entry.data.get("commitments")
                found |= {item for item in listed if isinstance(item, str)} if isinstance(listed, list) else set()
    return found


# -- where a signature stands, which the ledger alone tells --------------------------------------------------


def misplaced(reader: Reader, since: int = 0) -> Iterator[Finding]:
    """Signatures and second readings that do not belong where they stand. Raises LedgerError."""
    for kind, said in ((SIGNED, "the signature"), (WITNESSED, "the second person's reading")):
        for entry in pages(reader, kind, since):
            with suppress(Damaged):  # an entry that was destroyed is found by its hash
                if why := _misfit(reader, entry):
                    yield Finding(SIGNATURE, f"{said} {why}", entry.index)


def _misfit(reader: Reader, entry: Entry) -> str | None:
    target = target_of(entry)
    if target is None or target.index >= entry.index:
        return misfit(entry, None, (), None)
    signed, between = next(reader.entries(target.index, target.index + 1), None), []
    if entry.run is not None and target.index + 1 < entry.index:  # other runs were walked meanwhile, or it was moved
        later = reader.run_entries(entry.run, after=target.index)
        between = [each for each in later if each.index < entry.index]
    after = next(reader.entries(entry.index + 1, min(entry.index + 2, reader.size)), None)
    return misfit(entry, signed, between, after)


# -- whose name it is, which people.db tells ------------------------------------------------------------------


class Names:
    """The names that one ledger has committed to, as people.db opens them."""

    def __init__(self, reader: Reader, people: PeopleStore) -> None:
        self._reader = reader
        self._people = people
        self._opened: dict[str, str | None] = {}

    def at(self, operator: str, index: int) -> str | None:
        """What an operator was called when this entry was recorded; None where nobody can tell any more."""
        known = self._in_force[operator]
        place = bisect_left(known, (index, ""))
        return self._name(operator, known[place - 1][1]) if place else None

    def began(self, operator: str, index: int) -> bool:
        """Whether somebody was an operator before this entry."""
        return bool(bisect_left(self._in_force[operator], (index, "")))

    @cached_property
    def twice(self) -> list[Entry]:
        """The entries that give an id to a second person."""
        first: dict[str | None, Entry] = {}
        return [
            entry
            for entry in sorted(pages(self._reader, ADDED), key=lambda entry: entry.index)
            if first.setdefault(text_of(entry.data, "operator"), entry) is not entry
        ]

    @cached_property
    def _in_force(self) -> defaultdict[str, list[tuple[int, str]]]:
        """By operator, from which entry on which commitment is in force."""
        found: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        again = {entry.index for entry in self.twice}
        told = [entry for kind in (ADDED, CHANGED) for entry in pages(self._reader, kind)]
        for entry in sorted(told, key=lambda entry: entry.index):
            operator, commitment = text_of(entry.data, "operator"), text_of(entry.data, "name")
            if operator is not None and commitment is not None and entry.index not in again:
                found[operator].append((entry.index, commitment))
        return found

    def _name(self, operator: str, commitment: str) -> str | None:
        if commitment not in self._opened:
            opening = self._people.opening(commitment)
            fits = opening is not None and opens(opening) and opening.fields.get("operator") == operator
            self._opened[commitment] = opening.fields.get("name") if fits and opening is not None else None
        return self._opened[commitment]


def misnamed(reader: Reader, people: PeopleStore) -> Iterator[Finding]:
    """Signatures and attributions under another name than that of who gave them, or under one that was given for
    another: each has a commitment of its own. Raises LedgerError and PeopleError.

    A name that is missing from people.db says nothing here: see `unopened`.
    """
    names = Names(reader, people)
    for entry in names.twice:
        why = f"{text_of(entry.data, 'operator')} was made an operator before: an id is never given to a second person"
        yield Finding(PERSON, why, entry.index)
    for kind, said in ((SIGNED, "the signature"), (ATTRIBUTED, "the attribution")):
        for entry in pages(reader, kind):
            commitment, actor = text_of(entry.data, "name"), entry.actor
            if commitment is None or actor is None or not names.began(actor, entry.index):
                yield Finding(SIGNATURE, f"{said} is not that of anybody who was an operator", entry.index)
                continue
            first = reader.query("SELECT idx FROM commitment WHERE value = ?", (commitment,))
            if first and first[0][0] != entry.index:
                yield Finding(SIGNATURE, f"{said} is a copy of that in entry {first[0][0]}", entry.index)
            opening = people.opening(commitment)
            if opening is None or not opens(opening):
                continue
            called = names.at(actor, entry.index)
            if opening.kind != NAME or opening.fields["operator"] != actor:
                yield Finding(SIGNATURE, f"{said} is under the name of somebody else than {actor}", entry.index)
            elif called is not None and opening.fields["name"] != called:
                yield Finding(SIGNATURE, f"{said} is under another name than {actor} had", entry.index)


def renamed(reader: Reader, people: PeopleStore) -> Iterator[Finding]:
    """Operators whom people.db calls otherwise than the record has committed to: with another name in that table, every
    screen would put their entries down to somebody else. Raises LedgerError and PeopleError."""
    gone = {text_of(entry.data, "operator") for entry in pages(reader, ERASED)}
    for row in reader.query("SELECT id, name FROM operator ORDER BY id"):
        operator, commitment = str(row[0]), str(row[1])
        named, opening = people.name(operator), people.opening(commitment)
        if operator in gone:
            if named is not None:
                yield Finding(UNERASED, f"{operator} was erased, and is still in people.db: start the program once")
        elif named is None:
            yield Finding(MISSING, f"{operator} is missing from people.db")
        elif opening is not None and opens(opening) and dict(opening.fields) != {"operator": operator, "name": named}:
            yield Finding(PERSON, f"people.db calls {operator} otherwise than the record has committed to")


# -- what was said, and to whom a name belongs -----------------------------------------------------------------


def unopened(reader: Reader, people: PeopleStore, erased: set[str]) -> Iterator[Finding]:
    """Commitments of names, references and words whose opening people.db has not, or has with something else in it,
    and that no `erased` entry accounts for. Raises LedgerError and PeopleError."""
    for commitment, index in _commitments(reader):
        opening = people.opening(commitment)
        if commitment in erased or (opening is not None and opens(opening)):
            continue
        if opening is None:
            yield Finding(MISSING, "words of this entry are missing from people.db", index)
        else:
            yield Finding(ALTERED, "words of this entry were changed in people.db", index)


def _commitments(reader: Reader) -> Iterator[tuple[str, int]]:
    after = ""
    question = "SELECT value, idx FROM commitment WHERE value > ? ORDER BY value LIMIT ?"
    while rows := reader.query(question, (after, PAGE)):
        for value, index in rows:
            yield str(value), int(str(index))
        after = str(rows[-1][0])
