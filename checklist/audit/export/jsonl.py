"""The record as JSON Lines: every entry to the byte, the texts it names, and the signed checkpoint; and back again.

One line is one of four things, told apart by a key that only it has:

- `kind`: an entry, its exact leaf. Its leaf hash is SHA-256 of a zero byte and the line without its end;
- `text`: an adopted text, whose bytes have the digest `sha256`;
- `damaged`: an entry that cannot be read or is another than was recorded, with what is left of it;
- `checkpoint`: the signed note under which the lines above it stand; the last line of each ledger.

A file without a checkpoint as its last line was cut off. Knows nothing of what the entries mean.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from checklist.audit.export.appearing import ExportError
from checklist.audit.places import size_of, station_of
from checklist.audit.proof import key_of, signed
from checklist.ledger import filing, schema, tiles
from checklist.ledger.entry import Entry, format_place, parse_leaf
from checklist.ledger.errors import BadNote, NotCanonical
from checklist.ledger.merkle import Frontier, leaf_hash
from checklist.ledger.note import Checkpoint, Note, VerifierKey
from checklist.ledger.partly import hashes_between, rows_between
from checklist.ledger.place import create_file
from checklist.protocol.outline import OutlineError, outline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from checklist.ledger.reader import Reader
    from checklist.protocol.model import Protocol

    Progress = Callable[[int, int], None]

_PAGE = 4 * tiles.WIDTH
_MAX_LINE = 1_000_000
_LEAF = b'{"actor":'  # a leaf has one way to be written, and this is how it begins


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: how many entries, the places of those that could not be read or are others than were recorded,
    and in sentences what else is wrong with the ledgers."""

    entries: int
    damaged: tuple[str, ...]
    faults: tuple[str, ...] = ()


def write(
    out: BinaryIO,
    readers: Sequence[Reader],
    texts: Iterable[bytes],
    chosen: Mapping[str, Sequence[int]] | None = None,
    progress: Progress | None = None,
) -> Written:
    """Write the ledgers, oldest first. `chosen`: the indexes that are wanted of each station, ascending; None for all.
    Raises LedgerError where a ledger does not say where it ends, and OSError."""
    count = 0
    damaged: list[str] = []
    faults: list[str] = []
    sizes = [size_of(reader) for reader in readers]
    whole = sum(sizes) if chosen is None else sum(len(wanted) for wanted in chosen.values())
    for text in texts:
        with contextlib.suppress(UnicodeDecodeError):  # it was never adopted by this program: nothing rests on it
            out.write(_line({"sha256": hashlib.sha256(text).hexdigest(), "text": text.decode()}))
    for reader, size in zip(readers, sizes, strict=True):
        station = station_of(reader)
        wanted = range(size) if chosen is None else chosen.get(station, ())
        tree = Frontier()
        before = len(damaged)
        for index, line, stored in _lines(reader, station, wanted):
            out.write(line)
            sound = line.startswith(_LEAF)
            if stored is not None and tree.size == index:
                tree.append(stored)
            count += 1
            if not sound:
                damaged.append(format_place(station, index))
            if progress is not None and count % _PAGE == 0:
                progress(count, whole)
        under = signed(reader, size)
        if under is None:
            faults.append(f"The end of station {station}, at {size} entries, has no signature that can be read.")
        elif chosen is None and (tree.size, tree.root()) != (size, under.root):
            faults.append(f"The entries of station {station} do not make up the root that was signed.")
        root, note = (None, None) if under is None else (under.root.hex(), under.note)
        every = chosen is None and len(damaged) == before
        told = {"station": station, "size": size, "root": root, "key": key_of(reader), "whole": every}
        out.write(_line({**told, "checkpoint": note}))
    if progress is not None:
        progress(whole, whole)
    return Written(count, tuple(damaged), tuple(faults))


def _lines(reader: Reader, station: str, wanted: Sequence[int]) -> Iterator[tuple[int, bytes, bytes | None]]:
    """Each entry that is wanted as its line, and the hash that is stored for it: a leaf only where it has that hash."""
    at = 0
    while at < len(wanted):
        tile = wanted[at] // tiles.WIDTH
        start = at
        while at < len(wanted) and wanted[at] // tiles.WIDTH == tile:
            at += 1
        leaves, hashes = _tile_of(reader, tile)
        for index in wanted[start:at]:
            leaf, stored = leaves.get(index), hashes.get(index)
            if leaf is not None and leaf_hash(leaf) == stored and leaf.startswith(_LEAF):
                yield index, leaf + b"\n", stored
            else:
                left = None if leaf is None else base64.b64encode(leaf).decode()
                yield index, _line({"station": station, "index": index, "damaged": left}), stored


def _tile_of(reader: Reader, tile: int) -> tuple[dict[int, bytes], dict[int, bytes]]:
    """The leaves under a tile by index, and the hashes that are stored for them; what cannot be read is left out."""
    start = tile * tiles.WIDTH
    rows, _ = rows_between(reader, start, start + tiles.WIDTH)
    leaves = {index: row[2] for index, row in rows.items() if isinstance(row[2], bytes)}
    return leaves, hashes_between(reader, start, start + tiles.WIDTH)


def _line(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


# -- and back again -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file held: a ledger for each station, oldest first, to be opened for reading only, and the adopted texts
    by digest."""

    ledgers: tuple[Path, ...]
    texts: Mapping[str, bytes] = field(repr=False)

    def protocol(self, sha256: str) -> Protocol | None:
        """The protocol of exactly these bytes; None where there is none, or none that this program can read."""
        from checklist.protocol.loader import LoadedProtocol, parse

        data = self.texts.get(sha256)
        try:
            name = "" if data is None else outline(data).id
        except OutlineError:  # a procedure or a profile
            return None
        loaded = parse(data or b"", name=f"{name}.toml")
        return loaded.protocol if isinstance(loaded, LoadedProtocol) else None


def take(path: Path, folder: Path) -> Taken:
    """Make ledgers in an empty folder from a file that holds the whole record: each entry follows on the one before,
    and all of them make up the root that the checkpoint names, signed with the key of the first entry.

    Raises ExportError where that is not so, with the line.
    """
    taking = _Taking(folder)
    number = 0
    try:
        with path.open("rb") as file:
            for line in _each(file):
                number += 1
                taking.line(line)
        return taking.taken()
    except (_Wrong, NotCanonical, BadNote) as error:
        raise ExportError(f"{path}: line {number or 1} is {error}.") from error
    finally:
        taking.close()


class _Wrong(Exception):
    """What a line is instead of what should stand there."""


def _each(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(_MAX_LINE):
        if not line.endswith(b"\n"):
            raise _Wrong("cut off, or longer than any of ours")
        yield line[:-1]


def _read(line: bytes) -> dict[str, object]:
    try:
        value: object = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise _Wrong("no JSON object")
    return cast("dict[str, object]", value)


def _text(value: Mapping[str, object]) -> tuple[str, bytes]:
    text = str(value["text"]).encode()
    digest = hashlib.sha256(text).hexdigest()
    if digest != value.get("sha256"):
        raise _Wrong("a text that was changed: its digest is another")
    return digest, text


class _Taking:
    """What was taken of a file so far."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._texts: dict[str, bytes] = {}
        self._ledgers: list[Path] = []
        self._building: _Building | None = None

    def line(self, line: bytes) -> None:
        if line.startswith(_LEAF):
            self._building = self._building or _Building(self._folder)
            self._building.add(line)
            return
        value = _read(line)
        if "text" in value:
            self._texts.update([_text(value)])
        elif "checkpoint" in value and self._building is not None:
            self._ledgers.append(self._building.end(value))
            self._building = None
        else:
            raise _Wrong("an entry that could not be read" if "damaged" in value else "none of ours")

    def taken(self) -> Taken:
        if self._building is not None or not self._ledgers:
            raise _Wrong("the last one, and no checkpoint: the file was cut off")
        return Taken(tuple(self._ledgers), self._texts)

    def close(self) -> None:
        if self._building is not None:
            self._building.db.close()


class _Building:
    """A ledger as it is put together from its leaves."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "ledger"
        self._frontier = Frontier()
        self._first: Entry | None = None
        self._last: Entry | None = None
        self._pending: list[tuple[Entry, bytes]] = []
        self._run: str | None = None
        create_file(self._path)
        self.db = sqlite3.connect(self._path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode=OFF")
        self.db.execute("PRAGMA synchronous=OFF")
        self.db.execute("BEGIN")
        schema.create_schema(self.db, self._path)

    def add(self, leaf: bytes) -> None:
        entry = parse_leaf(leaf)
        last = self._last
        follows = entry.index == 0 if last is None else entry.index == last.index + 1 and entry.prev == last.leaf
        if not follows or (last is not None and entry.station != last.station):
            raise _Wrong("not the entry that comes next")
        self._first = self._first or entry
        self._last = entry
        self._pending.append((entry, leaf))
        if len(self._pending) == _PAGE:
            self._write()

    def _write(self) -> None:
        rows = [(entry.index, entry.id, leaf) for entry, leaf in self._pending]
        hashes = [bytes.fromhex(entry.leaf) for entry, _ in self._pending]
        self.db.executemany("INSERT INTO entry VALUES(?, ?, ?)", rows)
        filing.insert(self.db, [entry for entry, _ in self._pending], self._run)
        tiles.extend(self.db, self._frontier.size, hashes)
        for each in hashes:
            self._frontier.append(each)
        if self._pending:
            self._run = self._pending[-1][0].run
        self._pending.clear()

    def end(self, value: Mapping[str, object]) -> Path:
        self._write()
        first, source = self._first, str(value["checkpoint"])
        if value.get("whole") is not True or first is None:
            raise _Wrong("the checkpoint of a part of the record, which makes no ledger")
        note = Note.parse(source)
        note.verify([VerifierKey.parse(str(first.data.get("key")))])
        told = Checkpoint.parse(note.text)
        if (told.size, told.root) != (self._frontier.size, self._frontier.root()):
            raise _Wrong("the checkpoint of another record than the lines above it")
        self.db.execute("INSERT INTO checkpoint VALUES(?, ?)", (told.size, source))
        self.db.execute("COMMIT")
        self.db.close()
        named = self._folder / f"ledger-{first.station}.db"
        return self._path.rename(named)
