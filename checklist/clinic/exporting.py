"""The record of a clinic taken away as a file, and that it was: one entry says so, with the digest of the file.

People leave as ids and words as commitments; their openings stay. A file gets its name once it is whole, durable and
recorded, so that nothing lies about that the record does not know of.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from checklist.audit.export import jsonl, sqlite, tables_as_csv
from checklist.audit.export.appearing import appearing, sha256_of
from checklist.audit.losses import texts_lost
from checklist.audit.places import station_of
from checklist.audit.proof import key_of, signed
from checklist.clinic.plan.configured import CONFIGURED
from checklist.clinic.views import ADOPTED
from checklist.ledger.entry import Draft
from checklist.ledger.errors import LedgerError
from checklist.ledger.store import Ledger
from checklist.run.events import text_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from checklist.audit.catalogue import Catalogue
    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Json
    from checklist.ledger.reader import Reader

    Progress = Callable[[int, int], None]

Format: TypeAlias = Literal["jsonl", "csv", "sqlite"]
METADATA: Final = ".metadata.json"
"""How the file ends that tells Datasette of a database, which has the same name but for its ending."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A file or folder that was made: of how many entries (`jsonl`, `sqlite`) or rows (`csv`), the digest that the
    record names, the places of entries that could not be read or are others than were recorded, and in sentences what
    else is wrong with the record. Where it is so damaged that nobody can go on with it, it does not say that this left
    (`recorded`)."""

    path: Path
    count: int
    sha256: str
    recorded: bool
    damaged: tuple[str, ...]
    faults: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether all of it was taken, and is what was recorded as far as that was looked at."""
        return not self.damaged and not self.faults


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a filter takes: the numbers (n) of entries by themselves, ascending, and of the first entries of runs."""

    entries: tuple[int, ...]
    runs: frozenset[int]
    missed: bool = False
    """Whether what was planned and missed was asked for, which has no entries to take."""


def as_lines(
    clinic: Clinic,
    out: Path,
    via: str,
    at: Sequence[str] | None = None,
    progress: Progress | None = None,
    *,
    lost: Sequence[str] = (),
) -> Exported:
    """Write every entry to the byte, or those `at` these places. `lost`: what could not be read when those were chosen.
    Raises ExportError and LedgerError."""
    readers = clinic.histories()
    wanted = None if at is None else _by_station(readers, at)
    with appearing(out) as fresh:
        with fresh.open("wb") as file:
            texts = _texts(clinic) if at is None else ()
            written = jsonl.write(file, readers, texts, wanted, progress)
        digest = sha256_of(fresh)
        recorded = _record(clinic, "jsonl", fresh.stat().st_size, digest, via, filtered=at is not None)
    unread = (*lost, *(place for place in written.damaged if place not in lost))
    faults = written.faults if at is not None else (*written.faults, *_texts_missing(clinic, readers))
    return Exported(out, written.entries, digest, recorded, unread, faults)


def as_tables(
    clinic: Clinic,
    db: sqlite3.Connection,
    out: Path,
    via: str,
    wanted: Chosen | None = None,
    progress: Progress | None = None,
) -> Exported:
    """Write a folder of CSV files, of everything or of what is `wanted`. Raises ExportError and LedgerError."""
    with appearing(out) as fresh:
        if wanted is not None:
            choose(db, wanted)
        count = tables_as_csv.write(fresh, db, chosen=wanted is not None, progress=progress)
        size = sum(each.stat().st_size for each in fresh.iterdir())
        digest = sha256_of(fresh / tables_as_csv.SUMS)
        recorded = _record(clinic, "csv", size, digest, via, filtered=wanted is not None)
    return Exported(out, count, digest, recorded, damaged(db), _texts_lost(db))


def as_database(clinic: Clinic, db: sqlite3.Connection, out: Path, via: str) -> Exported:
    """Write an SQLite file with views in plain words, and beside it what Datasette needs to show it with facets.
    Raises ExportError and LedgerError."""
    beside = out.with_name(f"{out.stem}{METADATA}")
    with appearing(out) as fresh, appearing(beside) as told:
        told.write_bytes(sqlite.metadata(out.stem, f"Record of {clinic.settings.clinic.name}"))
        ledgers, faults = _ledgers(db, clinic.histories())
        count = sqlite.write(fresh, db, ledgers)
        digest = sha256_of(fresh)
        recorded = _record(clinic, "sqlite", fresh.stat().st_size, digest, via, filtered=False)
    return Exported(out, count, digest, recorded, damaged(db), (*faults, *_texts_lost(db)))


def choose(db: sqlite3.Connection, wanted: Chosen) -> None:
    """Lay the numbers of what is chosen beside the tables, for this connection alone."""
    for name, numbers in (("chosen", wanted.entries), ("chosen_run", wanted.runs)):
        db.execute(f"DROP TABLE IF EXISTS temp.{name}")
        db.execute(f"CREATE TEMP TABLE {name}(n INTEGER PRIMARY KEY)")
        db.execute("BEGIN")
        db.executemany(f"INSERT OR IGNORE INTO temp.{name} VALUES (?)", ((n,) for n in numbers))  # noqa: S608 - one of the two names in the loop above
        db.execute("COMMIT")


def _record(clinic: Clinic, form: Format, size: int, sha256: str, via: str, *, filtered: bool) -> bool:
    """Say in the record that this left, if it can be gone on with. What was asked for is not said: a filter may hold a
    name."""
    told: dict[str, Json] = {"what": "record", "format": form, "size": size, "sha256": sha256, "filtered": filtered}
    return said_if_possible(clinic, Draft("exported", told, None, via))


def said_if_possible(clinic: Clinic, draft: Draft) -> bool:
    """Record a fact; False where the record is only there to be read."""
    ledger: Reader = clinic.ledger
    if not isinstance(ledger, Ledger):
        return False
    clinic.record(draft)
    return True


def _texts(clinic: Clinic) -> Iterator[bytes]:
    """Every text that was ever adopted here, in the order of their digests."""
    for path in sorted(clinic.folder.adopted.glob("*.toml")):
        with suppress(OSError):  # a missing text is for `verify` to say
            data = path.read_bytes()
            yield data


def _texts_missing(clinic: Clinic, readers: Sequence[Reader]) -> Iterator[str]:
    """A sentence where a text that the record names is not among them."""
    there = {hashlib.sha256(data).hexdigest() for data in _texts(clinic)}
    named: set[str] = set()
    for reader in readers:
        for kind in (*ADOPTED, CONFIGURED):
            with suppress(LedgerError):  # an entry that cannot be read is told of by itself
                named |= {text_of(entry.data, "sha256") or "" for entry in reader.entries_of_kind(kind)}
    if missing := sorted(named - there):
        count = "One text" if len(missing) == 1 else f"{len(missing)} texts"
        yield f"{count} that the record names cannot be read in adopted/; the first is {missing[0]}.toml."


def _texts_lost(db: sqlite3.Connection) -> tuple[str, ...]:
    told = texts_lost(db)
    return () if told is None else (told,)


def _by_station(readers: Sequence[Reader], places: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {station_of(reader): [] for reader in readers}
    for place in places:
        station, _, index = place.partition("#")
        found[station].append(int(index))
    return {station: sorted(indexes) for station, indexes in found.items()}


def _ledgers(db: sqlite3.Connection, readers: Sequence[Reader]) -> tuple[list[dict[str, object]], tuple[str, ...]]:
    """From what the tables were made: each ledger as it stood when they were last brought up to date, and in sentences
    of which that was never signed."""
    made = {str(key): str(value) for key, value in db.execute("SELECT key, value FROM made")}
    found: list[dict[str, object]] = []
    faults: list[str] = []
    for reader in readers:
        station = station_of(reader)
        size = int(made.get(f"size {station}", "0"))
        under = signed(reader, size)
        if under is not None:
            told = {"station": station, "size": size, "root": under.root.hex(), "key": key_of(reader)}
            found.append({**told, "checkpoint": under.note})
        elif size:
            faults.append(f"The end of station {station}, at {size} entries, has no signature that can be read.")
    return found, tuple(faults)


def damaged(db: sqlite3.Connection) -> tuple[str, ...]:
    """The places of the entries that could not be read, or are others than were recorded, when the tables were made."""
    return tuple(str(place) for (place,) in db.execute("SELECT station || '#' || idx FROM damage ORDER BY n"))


def chosen(clinic: Clinic, tables: Catalogue, line: str) -> Chosen:
    """What a filter takes. Raises FilterError."""
    from checklist.audit import query
    from checklist.clinic.auditing import operator, said, today

    wanted, words = query.parse(line, today(clinic), operator(clinic)), said(clinic)
    runs = frozenset(row.n for row in query.runs(tables.db, wanted, said=words) if row.n is not None)
    return Chosen(tuple(query.entries(tables.db, wanted, said=words)), runs, "missed" in wanted.values("is"))


def places(db: sqlite3.Connection, wanted: Chosen) -> list[str]:
    """The places of the entries that are chosen."""
    choose(db, wanted)
    rows = db.execute("SELECT station || '#' || idx FROM entry JOIN temp.chosen USING (n) ORDER BY n")
    return [str(place) for (place,) in rows]
