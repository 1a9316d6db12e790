"""Judging a whole ledger: is it what was recorded, and all of it?

Knows every rule of the record (integrity.md §3.7). Writes nothing. What cannot be read is said to be so; nothing that
stands in a file makes this raise.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from checklist.ledger import filing, partly, schema, tiles
from checklist.ledger.errors import BadNote, CannotOpen, Damaged, LedgerError
from checklist.ledger.highwater import HighWater
from checklist.ledger.note import VerifierKey
from checklist.ledger.reader import open_read_only
from checklist.ledger.report import Finding, FirstBad, Judge, Report, cannot_check
from checklist.ledger.views import Rebuild
from checklist.ledger.walk import Walk

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from checklist.ledger.entry import Json
    from checklist.ledger.note import Checkpoint
    from checklist.ledger.reader import Reader
    from checklist.ledger.views import View

__all__ = ["Finding", "FirstBad", "Report", "verify", "verify_file"]

_THREADS = 4  # checking a signature lets other threads run


def verify_file(
    path: Path,
    *,
    high_water: Path | None = None,
    views: Sequence[View] = (),
    vkey: str | None = None,
    known_checkpoints: Sequence[Checkpoint] = (),
    since: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """`verify` for a file; one that cannot be opened is `cannot-check`."""
    try:
        reader = open_read_only(path, high_water=high_water, partly=True)
    except LedgerError as error:
        return cannot_check(str(error))
    with contextlib.closing(reader):
        return verify(
            reader, views=views, vkey=vkey, known_checkpoints=known_checkpoints, since=since, progress=progress
        )


def verify(
    reader: Reader,
    *,
    views: Sequence[View] = (),
    vkey: str | None = None,
    known_checkpoints: Sequence[Checkpoint] = (),
    since: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Walk through the whole record, or from entry `since` on, and say what was found.

    `vkey` is the key that is known from elsewhere (it must be the one the log began with); `known_checkpoints` were
    kept elsewhere (their signatures are the caller's to check). With `since`, what lies before (rounded down to 256)
    is taken from the stored hashes, and views are not compared. `progress` is told entries done and entries in all.
    """
    judge = Judge()
    try:
        return _Verification(reader, judge, views, vkey, known_checkpoints, progress or _silent).run(since)
    except Damaged as error:
        judge.suspect("damaged", str(error))
        return Report("tampered", "", 0, "", judge.first_bad, None, None, 0, 0, tuple(judge.findings))
    except LedgerError as error:
        return cannot_check(str(error))


def _silent(_done: int, _total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class _Extent:
    """How far the log goes, by every place that says so, at one moment."""

    rows: int  # one more than the highest index, or where that cannot be read, what else tells
    checkpoint: int | None  # the size of the newest checkpoint; None: it cannot be read
    filed: int  # one more than the highest index that is filed
    mark: HighWater | None


@dataclass(slots=True)
class _Verification:
    """One verification, step by step."""

    reader: Reader
    judge: Judge
    views: Sequence[View]
    vkey: str | None
    known: Sequence[Checkpoint]
    progress: Callable[[int, int], None]

    def run(self, since: int) -> Report:
        self._check_database()
        extent = self._extent()
        key = self._key()
        if key is None:
            return self._report(extent, None, None)
        start = min(since, extent.rows) // tiles.WIDTH * tiles.WIDTH
        rebuild = Rebuild(self.views) if self.views and not start else None
        with contextlib.closing(rebuild) if rebuild else contextlib.nullcontext():
            taker = _Taker(rebuild)
            with ThreadPoolExecutor(min(os.cpu_count() or 1, _THREADS)) as pool:
                walk = Walk(self.reader, self.judge, key, pool, start=start, on_leaf=taker.take)
                self._set_anchors(walk, extent, start)
                walk.run(extent.rows, self.progress)
            self._check_end(extent)
            self._check_high_water(extent)
            return self._report(extent, walk, self._compare_views(taker, lacking=walk.lacking))

    def _check_database(self) -> None:
        """The file as a database: pages, and the tables and triggers as we made them."""
        try:
            problems = [str(row[0]) for row in self.reader.query("PRAGMA integrity_check(10)")]
        except Damaged as error:
            problems = [str(error)]
        lines = [line for problem in problems for line in problem.splitlines() if not line.startswith("***")]
        if lines != ["ok"]:
            more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
            self.judge.suspect("database", f"The database file is damaged: {''.join(lines[:1])}{more}")
        objects = self.reader.query(schema.OBJECTS_QUERY)
        for name in schema.altered_objects(objects):
            if name in schema.TABLES:
                self.judge.suspect("schema", f"The table {name} is missing or was changed.")
            elif name in schema.INDEXES:
                self.judge.suspect("lookup", f"The index {name} is missing or was changed.")
            elif name in schema.OBJECTS:
                self.judge.note("unprotected", f"The trigger {name} is missing or was changed.")
            else:
                self.judge.note(
                    "foreign", "A trigger that is not of this program could keep entries from being written."
                )
        # What only bears a table's name (a view without end, say) is not read.
        if not schema.TABLES.keys() <= {name for name, _, kind in objects if kind == "table"}:
            raise Damaged("Without that table nothing more can be checked.")
        self._check_tiles()

    def _check_tiles(self) -> None:
        """There are as many rows of hashes as the entries need, and no more."""
        with self.reader.snapshot():
            size = partly.told_inside(self.reader)
            try:
                rows = self.reader.query("SELECT level, count(*), max(idx) FROM tile GROUP BY level ORDER BY level")
            except Damaged:
                return  # the walk says what is lost
        needed: list[tuple[object, ...]] = []
        while size:
            filled = -(-size // tiles.ROW)
            needed.append((len(needed), filled, filled - 1))
            size //= tiles.WIDTH
        if rows != needed:
            self.judge.suspect("hashes", "The stored hashes are not those of as many entries as there are.")

    def _extent(self) -> _Extent:
        mark = None
        path = self.reader.high_water
        if path is not None:  # read first: the ledger may grow meanwhile, and must not seem to be behind
            try:
                mark = HighWater.read(path)
                if mark is None:
                    self.judge.note("high-water", f"There is no file {path} that says how far the record once was.")
            except CannotOpen as error:
                self.judge.note("high-water", str(error))
        with self.reader.snapshot():
            return _Extent(
                rows=self._rows(mark),
                checkpoint=self._newest_checkpoint(),
                filed=filing.filed_to(self.reader) + 1,
                mark=mark,
            )

    def _rows(self, mark: HighWater | None) -> int:
        held = partly.room(self.reader)
        try:
            size = self.reader.size
        except Damaged:
            self.judge.suspect("damaged", "The end of the record cannot be read: the file is damaged.")
            size = max(partly.told_inside(self.reader), mark.size if mark else 0)
        if size > held:
            self.judge.suspect("place", f"An entry is filed at {size - 1}, and the file cannot hold as many.")
        return min(size, held)

    def _newest_checkpoint(self) -> int | None:
        try:
            ((size,),) = self.reader.query("SELECT max(size) FROM checkpoint")
        except Damaged:
            self.judge.suspect("checkpoint", "Which checkpoint is the newest cannot be read: the file is damaged.")
            return None
        return size if isinstance(size, int) else 0

    @contextlib.contextmanager
    def _else_unknown(self, what: str) -> Iterator[None]:
        """Do one check; where the file is damaged there, say so, and go on with the others."""
        try:
            yield
        except Damaged:
            self.judge.suspect("damaged", f"{what} cannot be told: the file is damaged.")

    def _key(self) -> VerifierKey | None:
        """The key the log began with, which must be the one that is known from elsewhere."""
        pinned = None if self.vkey is None else VerifierKey.parse(self.vkey)
        try:
            first = self.reader.entry(0)
            own = VerifierKey.parse(self.reader.vkey)
        except (IndexError, Damaged, BadNote):
            self.judge.changed("opening", "The first entry is not what was recorded.", 0)
            return pinned
        if first.kind != "ledger.opened" or (self.reader.origin, first.station) != _named(own):
            self.judge.suspect("opening", "The first entry does not open this log.", 0)
        if pinned is not None and str(pinned) != str(own):
            self.judge.suspect("key", "The log was begun with another key than the one that is known.", 0)
        return own

    def _set_anchors(self, walk: Walk, extent: _Extent, start: int) -> None:
        for known in self.known:
            if known.origin != walk.key.name:
                self.judge.note("anchor", f"A checkpoint of another log ({known.origin}) was not used.")
            elif known.size > extent.rows:
                why = f"The record ends after {extent.rows} entries; a checkpoint kept elsewhere has {known.size}."
                self.judge.changed("truncated", why, extent.rows)
            elif known.size > start:
                walk.anchors.setdefault(known.size, []).append(known.root)
            else:
                with self._else_unknown(f"Whether the first {known.size} entries are those kept elsewhere"):
                    walk.check_anchor(known.size, [known.root], self.reader.root(known.size))

    def _check_end(self, extent: _Extent) -> None:
        """The entries and the newest checkpoint must agree on where the log ends."""
        if extent.checkpoint is None:
            pass  # that was said
        elif extent.rows < extent.checkpoint:
            why = f"The record ends after {extent.rows} entries; it was signed for {extent.checkpoint}."
            self.judge.changed("truncated", why, extent.rows)
        elif extent.checkpoint < extent.rows:
            why = f"The entries from {extent.checkpoint} on are under no checkpoint."
            self.judge.suspect("unsigned", why, extent.checkpoint)
        if extent.filed > extent.rows:
            self.judge.suspect("lookup", f"Entries are filed that are none: up to {extent.filed - 1}.")
        with self._else_unknown("Whether two entries have the same id"):
            if self.reader.query("SELECT 1 FROM entry GROUP BY id HAVING count(*) > 1 LIMIT 1"):
                self.judge.suspect("id", "Two entries have the same id.")

    def _check_high_water(self, extent: _Extent) -> None:
        mark = extent.mark
        if mark is None:
            return
        if mark.size > extent.rows:
            why = f"The record has {extent.rows} entries, but it once had {mark.size}: an older copy was put back."
            self.judge.changed("rollback", why, extent.rows)
            return
        with self._else_unknown("Whether the record goes on from where it once was"):
            if self.reader.leaf_hash(mark.size - 1).hex() != mark.leaf:
                why = f"Entry {mark.size - 1} is not the one that once was there: another history was put in its place."
                self.judge.suspect("rollback", why, mark.size - 1)

    def _compare_views(self, taker: _Taker, *, lacking: bool) -> Literal["same", "differ"] | None:
        if taker.rebuild is None:
            return None
        if lacking:
            self.judge.suspect("views", "The views were not compared with what the entries give: some are lost.")
            return None
        try:
            differences = [taker.failure] if taker.failure else taker.rebuild.differences(self.reader)
        except Damaged:
            self.judge.suspect("views", "The views, or what they were made from, cannot be read: the file is damaged.")
            return None
        for difference in differences:
            self.judge.suspect("views", difference)
        return "differ" if differences else "same"

    def _report(self, extent: _Extent, walk: Walk | None, views: Literal["same", "differ"] | None) -> Report:
        anchored = walk.anchored_to if walk else None
        return Report(
            result="tampered" if self.judge.tampered else "clean",
            station=walk.key.name.rpartition("/")[2] if walk else "",
            entries=extent.rows,
            root=walk.frontier.root().hex() if walk else "",
            first_bad=self.judge.first_bad,
            views=views,
            anchored_to=anchored,
            unanchored=extent.rows - (anchored or 0),
            checkpoints=walk.signatures if walk else 0,
            findings=tuple(self.judge.findings),
        )


class _Taker:
    """Hands the leaves of the walk on to the rebuild of the views, until one cannot be taken in."""

    def __init__(self, rebuild: Rebuild | None) -> None:
        self.rebuild = rebuild
        self.failure = ""

    def take(self, index: int, match: re.Match[bytes], data: Mapping[str, Json], hashed: bytes) -> None:
        if self.rebuild is None or self.failure:
            return
        try:
            self.rebuild.take_leaf(index, match, data, hashed)
        except (sqlite3.Error, ValueError, TypeError, LookupError, AttributeError) as error:
            self.failure = f"Entry {index} cannot be taken into a view: {error}"


def _named(key: VerifierKey) -> tuple[str, str]:
    return key.name, key.name.rpartition("/")[2]
