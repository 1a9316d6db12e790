"""Whether everything in somebody's name is still by that person: signatures where they were given, names as they were
committed to, and words as they were said.

Each finding has a rule; those in `TAMPERING` say that something was put in the place of what was recorded, or that a
name was taken away with which nobody was erased. Other words that are missing from people.db are no tampering, but
somebody should look. Knows nothing of hashes and views.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Final

from checklist.clinic.people.standing import Standings
from checklist.clinic.visits.visit_views import OVERRIDDEN as GATE_OVERRIDDEN
from checklist.clinic.visits.visit_views import REVIEWED, reviewed_of
from checklist.ledger.errors import Damaged, LedgerError
from checklist.ledger.reader import PAGE, open_read_only
from checklist.ledger.report import Finding
from checklist.people.commitment import NAME, opens
from checklist.people.credential import GRANTED
from checklist.people.operator import ADDED, DISABLED, ERASED
from checklist.people.signin import LOCKED
from checklist.run.events import Kind, text_of
from checklist.run.rights import Act, may
from checklist.run.signature import ADOPTIONS, misfit, target_of, unsigned

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping
    from pathlib import Path

    from checklist.ledger.entry import Entry
    from checklist.ledger.reader import Reader
    from checklist.people.store import PeopleStore

SIGNATURE: Final = "signature"
PERSON: Final = "name"
ALTERED: Final = "altered-opening"
MISSING: Final = "opening"
UNERASED: Final = "erasing"

_BEGINNING: Final = frozenset(
    (*ADOPTIONS, "ledger.opened", "restored", "clock.jumped", ADDED, DISABLED, ERASED, GRANTED, LOCKED)
)
"""The kinds of entries that a new ledger, or one after a restore, begins with."""

TAMPERING: Final = frozenset({SIGNATURE, PERSON, ALTERED})


def pages(reader: Reader, kind: str, since: int = 0) -> Iterator[Entry]:
    """The entries of a kind from `since` on, newest first, a page in memory at a time."""
    before: int | None = None
    while page := reader.entries_of_kind(kind, newest_first=True, limit=PAGE, before=before):
        yield from (entry for entry in page if entry.index >= since)
        before = page[-1].index
        if before < since:
            return


def erased_commitments(paths: Iterable[Path]) -> dict[str, str | None]:
    """The commitments whose openings were erased on purpose, and with whom: those that an `erased` entry of these
    ledgers lists."""
    found: dict[str, str | None] = {}
    for path in paths:
        with suppress(LedgerError), open_read_only(path, partly=True) as reader:
            for entry in pages(reader, ERASED):
                listed, operator = entry.data.get("commitments"), text_of(entry.data, "operator")
                for item in listed if isinstance(listed, list) else ():
                    if isinstance(item, str):
                        found.setdefault(item, operator)
    return found


# -- where a signature stands, which the ledger alone tells --------------------------------------------------


def misplaced(reader: Reader, since: int = 0) -> Iterator[Finding]:
    """Signatures and second readings that do not belong where they stand, and second people who were none. Raises
    LedgerError."""
    for kind, said in ((Kind.SIGNED, "the signature"), (Kind.WITNESSED, "the second person's reading")):
        for entry in pages(reader, kind, since):
            with suppress(Damaged):  # an entry that was destroyed is found by its hash
                if why := _misfit(reader, entry):
                    yield Finding(SIGNATURE, f"{said} {why}", entry.index)
    yield from _stand_ins(reader, since)
    yield from _without_a_lead(reader, since)
    yield from _unreviewed(reader, since)
    yield from _unapproved(reader, since)


def _unapproved(reader: Reader, since: int) -> Iterator[Finding]:
    """Texts brought into force in the name of somebody who did not sign, or who was no lead then, and such as say that
    they replaced another text than the one that was in force."""
    standings, opening = Standings(reader), _opening(reader)
    adopted = sorted((entry for kind in ADOPTIONS for entry in pages(reader, kind)), key=lambda entry: entry.index)
    in_force: dict[str | None, str | None] = {}
    for entry in adopted:
        name = text_of(entry.data, "id")
        was, in_force[name] = in_force.get(name), text_of(entry.data, "sha256")
        if entry.index < since:
            continue
        with suppress(Damaged):
            if unsigned(entry, _following(reader, entry), opening=entry.index < opening):
                yield Finding(SIGNATURE, "a text was brought into force, and nobody signed for it", entry.index)
        stood = standings.before(entry.actor, entry.index) if entry.actor is not None else None
        if entry.actor is not None and (stood is None or stood.disabled or not may(Act.ADOPT, stood.roles)):
            yield Finding(SIGNATURE, "a text was brought into force by somebody who was no lead", entry.index)
        if entry.data.get("was") != was:
            why = "a text was brought into force in the place of another than the one that was in force"
            yield Finding(SIGNATURE, why, entry.index)


def _opening(reader: Reader) -> int:
    """How many entries the ledger began with, in its first append: nobody's acts, each of a kind that can stand there.
    Anything else ends them, be it only that somebody signed in."""
    count = 0
    with suppress(Damaged):
        for entry in reader.entries(0, reader.size):
            if entry.actor is not None or entry.kind not in _BEGINNING:
                break
            count += 1
    return count


def _stand_ins(reader: Reader, since: int) -> Iterator[Finding]:
    """Second people who could not have been asked: nobody's id, who was disabled by then, and whoever it was whose act
    they should have seen."""
    standings = Standings(reader)
    for kind in (Kind.WITNESSED, Kind.STEP_OVERRIDDEN, Kind.STEP_CORRECTED, GATE_OVERRIDDEN):
        for entry in pages(reader, kind, since):
            if kind == Kind.STEP_CORRECTED and "witness" not in entry.data:
                continue  # not everything that is corrected takes two
            first, second = {entry.actor}, text_of(entry.data, "witness")
            if kind == Kind.WITNESSED:
                first, second = _first_people(reader, entry), entry.actor
            stood = standings.before(second, entry.index) if second is not None else None
            if stood is None or stood.disabled:
                why = "is nobody who was an operator" if stood is None else "was disabled before"
                yield Finding(SIGNATURE, f"the second person of this {why}", entry.index)
            elif second in first:
                yield Finding(SIGNATURE, "the second person of this is the same as the first", entry.index)


def _without_a_lead(reader: Reader, since: int) -> Iterator[Finding]:
    """What two people have passed together, neither of them a lead at the time."""
    standings = Standings(reader)
    for kind in (Kind.STEP_OVERRIDDEN, Kind.STEP_CORRECTED, GATE_OVERRIDDEN):
        for entry in pages(reader, kind, since):
            second = text_of(entry.data, "witness")
            if kind == Kind.STEP_CORRECTED and second is None:
                continue
            both = [standings.before(one, entry.index) for one in (entry.actor, second) if one is not None]
            roles = frozenset[str]().union(*(stood.roles for stood in both if stood is not None and not stood.disabled))
            if not may(Act.VOUCH, roles):
                yield Finding(SIGNATURE, "of the two who passed this neither was a lead", entry.index)


def _unreviewed(reader: Reader, since: int) -> Iterator[Finding]:
    """Reviews of an override by somebody who was no lead then, or by one of the two whose override it was."""
    standings = Standings(reader)
    for entry in pages(reader, REVIEWED, since):
        about = reviewed_of(entry)
        if about is None:
            continue
        stood = standings.before(entry.actor, entry.index) if entry.actor is not None else None
        if stood is None or stood.disabled or not may(Act.REVIEW, stood.roles):
            yield Finding(SIGNATURE, "an override was reviewed by somebody who was no lead", entry.index)
        if about.station == entry.station and about.index < entry.index:
            with suppress(Damaged):
                passed = reader.entry(about.index)
                if entry.actor in (passed.actor, text_of(passed.data, "witness")):
                    yield Finding(SIGNATURE, "an override was reviewed by one of the two who passed it", entry.index)


def _first_people(reader: Reader, entry: Entry) -> set[str | None]:
    """Who did what a second person has looked at: of a timer, also who started it."""
    target = target_of(entry)
    if target is None or target.index >= entry.index:
        return set()
    with suppress(Damaged):
        done = reader.entry(target.index)
        if text_of(done.data, "input") != "sensed" or entry.run is None:
            return {done.actor}
        own = [each for each in reader.run_entries(entry.run) if each.step == done.step and each.index < done.index]
        return {done.actor, *[each.actor for each in own if each.kind == Kind.STEP_STARTED][-1:]}
    return set()


def _misfit(reader: Reader, entry: Entry) -> str | None:
    target = target_of(entry)
    if target is None or target.index >= entry.index:
        return misfit(entry, None, (), ())
    signed, between = next(reader.entries(target.index, target.index + 1), None), []
    if entry.run is None:
        between = [*reader.entries(target.index + 1, min(target.index + 3, entry.index))]
    elif target.index + 1 < entry.index:  # other runs were walked meanwhile, or it was moved
        later = reader.run_entries(entry.run, after=target.index)
        between = [each for each in later if each.index < entry.index]
    return misfit(entry, signed, between, _following(reader, entry))


def _following(reader: Reader, entry: Entry) -> Iterator[Entry]:
    """The next two entries: what belongs right after this one may have a clock that jumped before it."""
    return reader.entries(entry.index + 1, min(entry.index + 3, reader.size))


# -- whose name it is, which people.db tells ------------------------------------------------------------------


class Names:
    """The names that one ledger has committed to, as people.db opens them."""

    def __init__(self, reader: Reader, people: PeopleStore) -> None:
        self._reader = reader
        self._people = people
        self._opened: dict[str, str | None] = {}

    def at(self, operator: str, index: int) -> str | None:
        """What an operator was called when this entry was recorded; None where nobody can tell any more."""
        commitment = text_of(self._added[operator].data, "name") if self.began(operator, index) else None
        return self._name(operator, commitment) if commitment is not None else None

    def began(self, operator: str, index: int) -> bool:
        """Whether somebody was an operator before this entry."""
        return operator in self._added and self._added[operator].index < index

    @cached_property
    def twice(self) -> list[Entry]:
        """The entries that give an id to a second person."""
        told = pages(self._reader, ADDED)
        return [entry for entry in told if self._added[text_of(entry.data, "operator")].index != entry.index]

    @cached_property
    def _added(self) -> dict[str | None, Entry]:
        """By operator, the entry that made them one: newest first, so that the oldest is what stays."""
        return {text_of(entry.data, "operator"): entry for entry in pages(self._reader, ADDED)}

    def _name(self, operator: str, commitment: str) -> str | None:
        if commitment not in self._opened:
            opening = self._people.opening(commitment)
            fits = opening is not None and opens(opening) and opening.fields.get("operator") == operator
            self._opened[commitment] = opening.fields.get("name") if fits and opening is not None else None
        return self._opened[commitment]


def misnamed(reader: Reader, people: PeopleStore, erased: Mapping[str, str | None]) -> Iterator[Finding]:
    """Signatures and attributions under another name than that of who gave them, under one that was given for another
    (each has a commitment of its own), or under one that nobody can tell although the person was not erased. Raises
    LedgerError and PeopleError.

    What was changed in people.db says nothing here: see `unopened`.
    """
    names = Names(reader, people)
    for entry in names.twice:
        why = f"{text_of(entry.data, 'operator')} was made an operator before: an id is never given to a second person"
        yield Finding(PERSON, why, entry.index)
    for kind, said in ((Kind.SIGNED, "the signature"), (Kind.RUN_ATTRIBUTED, "the attribution")):
        for entry in pages(reader, kind):
            commitment, actor = text_of(entry.data, "name"), entry.actor
            if commitment is None or actor is None or not names.began(actor, entry.index):
                yield Finding(SIGNATURE, f"{said} is not that of anybody who was an operator", entry.index)
                continue
            first = reader.query("SELECT idx FROM commitment WHERE value = ?", (commitment,))
            if first and first[0][0] != entry.index:
                yield Finding(SIGNATURE, f"{said} is a copy of that in entry {first[0][0]}", entry.index)
            opening = people.opening(commitment)
            if opening is None and erased.get(commitment) != actor:
                yield Finding(SIGNATURE, f"{said} is under a name that is not in people.db", entry.index)
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
        elif opening is None or not opens(opening):
            yield Finding(PERSON, f"people.db cannot show that {operator} is called as it says")
        elif dict(opening.fields) != {"operator": operator, "name": named}:
            yield Finding(PERSON, f"people.db calls {operator} otherwise than the record has committed to")


# -- what was said, and to whom a name belongs -----------------------------------------------------------------


def unopened(reader: Reader, people: PeopleStore, erased: Container[str]) -> Iterator[Finding]:
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
