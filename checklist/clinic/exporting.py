"""The record of a clinic taken away as a file, and that it was: one entry says so, with the digest of the file.

People leave as ids and words as commitments; their openings stay. A file gets its name once it is whole, durable and
recorded, so that nothing lies about that the record does not know of.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from checklist.audit.export import jsonl, sqlite, tables_as_csv
from checklist.audit.export.appearing import appearing, sha256_of
from checklist.audit.places import station_of
from checklist.audit.proof import key_of
from checklist.ledger.entry import Draft
from checklist.ledger.store import Ledger

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
    record names, and the places of entries that could not be read. Where the record is so damaged that nobody can go on
    with it, it does not say that this left (`recorded`)."""

    path: Path
    count: int
    sha256: str
    recorded: bool
    damaged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a filter takes: the numbers (n) of entries by themselves, ascending, and of the first entries of runs."""

    entries: tuple[int, ...]
    runs: frozenset[int]


def as_lines(
    clinic: Clinic, out: Path, via: str, at: Sequence[str] | None = None, progress: Progress | None = None
) -> Exported:
    """Write every entry to the byte, or those `at` these places. Raises ExportError and LedgerError."""
    readers = clinic.histories()
    wanted = None if at is None else _by_station(readers, at)
    with appearing(out) as fresh:
        with fresh.open("wb") as file:
            texts = _texts(clinic) if at is None else ()
            written = jsonl.write(file, readers, texts, wanted, progress)
        digest = sha256_of(fresh)
        recorded = _record(clinic, "jsonl", fresh.stat().st_size, digest, via, filtered=at is not None)
    return Exported(out, written.entries, digest, recorded, written.damaged)


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
    return Exported(out, count, digest, recorded, _damaged(db))


def as_database(clinic: Clinic, db: sqlite3.Connection, out: Path, via: str) -> Exported:
    """Write an SQLite file with views in plain words, and beside it what Datasette needs to show it with facets.
    Raises ExportError and LedgerError."""
    beside = out.with_name(f"{out.stem}{METADATA}")
    with appearing(out) as fresh, appearing(beside) as told:
        told.write_bytes(sqlite.metadata(out.stem, f"Record of {clinic.settings.clinic.name}"))
        count = sqlite.write(fresh, db, _ledgers(db, clinic.histories()))
        digest = sha256_of(fresh)
        recorded = _record(clinic, "sqlite", fresh.stat().st_size, digest, via, filtered=False)
    return Exported(out, count, digest, recorded, _damaged(db))


def choose(db: sqlite3.Connection, wanted: Chosen) -> None:
    """Lay the numbers of what is chosen beside the tables, for this connection alone."""
    for name, numbers in (("chosen", wanted.entries), ("chosen_run", wanted.runs)):
        db.execute(f"DROP TABLE IF EXISTS temp.{name}")
        db.execute(f"CREATE TEMP TABLE {name}(n INTEGER PRIMARY KEY)")
        db.execute("BEGIN")
        db.executemany(f"INSERT OR IGNORE INTO temp.{name} VALUES (?)", ((n,) for n in numbers))  # noqa: S608 - ours
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


def _by_station(readers: Sequence[Reader], places: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {station_of(reader): [] for reader in readers}
    for place in places:
        station, _, index = place.partition("#")
        found[station].append(int(index))
    return {station: sorted(indexes) for station, indexes in found.items()}


def _ledgers(db: sqlite3.Connection, readers: Sequence[Reader]) -> list[dict[str, object]]:
    """From what the tables were made: each ledger as it stood when they were last brought up to date."""
    made = {str(key): str(value) for key, value in db.execute("SELECT key, value FROM made")}
    found: list[dict[str, object]] = []
    for reader in readers:
        station = station_of(reader)
        size = int(made.get(f"size {station}", "0"))
        if size:
            root, note = reader.root(size).hex(), reader.checkpoint(size)
            found.append({"station": station, "size": size, "root": root, "key": key_of(reader), "checkpoint": note})
    return found


def _damaged(db: sqlite3.Connection) -> tuple[str, ...]:
    return tuple(str(place) for (place,) in db.execute("SELECT station || '#' || idx FROM damage ORDER BY n"))


def chosen(clinic: Clinic, tables: Catalogue, line: str) -> Chosen:
    """What a filter takes. Raises FilterError."""
    from checklist.audit import query
    from checklist.clinic.auditing import operator, said, today

    wanted, words = query.parse(line, today(clinic), operator(clinic)), said(clinic)
    runs = frozenset(row.n for row in query.runs(tables.db, wanted, said=words) if row.n is not None)
    return Chosen(tuple(query.entries(tables.db, wanted, said=words)), runs)


def places(db: sqlite3.Connection, wanted: Chosen) -> list[str]:
    """The places of the entries that are chosen."""
    choose(db, wanted)
    rows = db.execute("SELECT station || '#' || idx FROM entry JOIN temp.chosen USING (n) ORDER BY n")
    return [str(place) for (place,) in rows]
