"""The walk of a verification through all entries, one tile (256 entries) at a time, in flat memory.

Knows what must hold for each leaf, hash and checkpoint. Refuses to know what entries mean, with one exception: data
that names another entry under `of` must give that entry's leaf hash, so that a signature cannot be moved.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from checklist.ledger import merkle, tiles
from checklist.ledger.entry import check_leaf
from checklist.ledger.errors import BadNote, Damaged, NotCanonical
from checklist.ledger.filing import UNFILED, FilingCheck
from checklist.ledger.merkle import Frontier, full_root, leaf_hash
from checklist.ledger.note import Checkpoint, Note, VerifierKey

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Executor, Future

    from checklist.ledger.entry import Json
    from checklist.ledger.reader import Reader
    from checklist.ledger.report import Judge

_PENDING = 16  # batches of signatures under way at once; bounds the memory
_ROW = "SELECT idx, id, leaf FROM entry"
_UNFILED = UNFILED.encode()
_MISSING = bytes(merkle.HASH_SIZE)

Signed = tuple[int, bytes, str]  # size, signature, text


class Walk:
    """Walks from `start` (a multiple of 256, whose past is taken from the stored hashes) to the entry before `stop`."""

    def __init__(
        self,
        reader: Reader,
        judge: Judge,
        key: VerifierKey,
        pool: Executor,
        *,
        start: int,
        on_leaf: Callable[[int, re.Match[bytes], dict[str, Json], bytes], None],
    ) -> None:
        self._reader = reader
        self._judge = judge
        self.key = key
        self._station = key.name.rpartition("/")[2].encode()
        self._pool = pool
        self._on_leaf = on_leaf
        self._under_way: deque[Future[list[int]]] = deque()
        self._filing = FilingCheck(reader, judge, start)
        self._runs: list[tuple[str, int]] = []  # of the block, as they should be filed
        self._kinds: list[tuple[str, int]] = []
        self._known_to = -1  # the newest entry that could be read
        self._run: bytes | None = None  # of that entry
        self._unreadable: set[int] = set()
        self._load_past(start)
        self.good_to = start  # the size of the newest checkpoint that fits
        self.signatures = 0
        self.anchors: dict[int, list[bytes]] = {}  # size -> roots kept elsewhere
        self.anchored_to: int | None = None

    def _load_past(self, start: int) -> None:
        node = self._reader.stored_node()
        self.frontier = Frontier.of(node, start)
        self._prev: bytes | None = node(0, start - 1).hex().encode() if start else None
        self._at = self._reader.entry(start - 1).at.encode() if start else b""
        self._uppers = UpperTiles(self._stored_tile, lambda: self._reader.size, node, start)

    def run(self, stop: int, progress: Callable[[int, int], None]) -> None:
        """Walk to the entry before `stop`, or to the first 256 entries that are missing altogether."""
        for start in range(self.frontier.size, stop, tiles.WIDTH):
            end = min(start + tiles.WIDTH, stop)
            rows = self._rows(start, end)
            if not rows:
                self._judge.changed("gap", f"Entry {start} and those after it are missing.", start)
                break
            self._block(start, end, rows)
            progress(end, stop)
        self._wrong_uppers(self._uppers.check_rest())
        self._filing.rest(self.frontier.size)
        while self._under_way:
            self._collect()

    def _rows(self, start: int, end: int) -> dict[int, tuple[object, ...]]:
        """The rows of a block by index; where a page of the file is damaged, those that can still be read."""
        try:
            found = self._reader.query(f"{_ROW} WHERE idx >= ? AND idx < ?", (start, end))
        except Damaged:
            found = []
            for index in range(start, end):
                try:
                    found += self._reader.query(f"{_ROW} WHERE idx = ?", (index,))
                except Damaged:
                    self._unreadable.add(index)
                    self._judge.changed("unreadable", f"Entry {index} cannot be read: the file is damaged.", index)
        return {row[0]: row for row in found if isinstance(row[0], int)}

    def _block(self, start: int, end: int, rows: Mapping[int, tuple[object, ...]]) -> None:
        stored = self._stored_tile(0, start // tiles.WIDTH)
        notes = self._notes(start, end)
        signed: list[Signed] = []
        full = None
        unknown = set[int]()
        self._runs, self._kinds = [], []
        for index in range(start, end):
            before = self._known_to
            kept = stored[index - start] if index - start < len(stored) else None
            computed = self._entry(index, rows.get(index), kept)
            if self._known_to != index or before != index - 1:  # it, or the one before it, cannot be read
                unknown.add(index)
            # A changed entry is named once; what follows is judged by the hash that was stored for it.
            node = kept or computed or _MISSING
            size = index + 1
            if not size % tiles.WIDTH:
                full = self.frontier.last_full(tiles.WIDTH, node)
            self.frontier.append(node)
            self._prev = node.hex().encode()
            if size in notes:
                self._checkpoint(size, notes[size], signed)
            if size in self.anchors:
                self.check_anchor(size, self.anchors[size], self.frontier.root())
        if len(stored) > end - start and len(stored) > self._reader.size - start:
            self._judge.suspect("hashes", f"There are stored hashes beyond the last entry, from {end} on.", end - 1)
        if len(stored) < end - start:
            self._judge.suspect("hashes", f"The stored hashes from entry {start + len(stored)} on are missing.", start)
        if full:
            self._wrong_uppers(self._uppers.push(full))
        self._filing.block(start, end, (self._runs, self._kinds), unknown)
        if signed:
            self._under_way.append(self._pool.submit(_wrong_signatures, self.key, signed))
            self.signatures += len(signed)
        if len(self._under_way) > _PENDING:
            self._collect()

    def _entry(self, index: int, row: tuple[object, ...] | None, kept: bytes | None) -> bytes | None:
        """Judge one leaf; its hash, or None where there is no such leaf."""
        if row is None:
            if index not in self._unreadable:  # that was said
                self._judge.changed("gap", f"Entry {index} is missing.", index)
            return None
        leaf = row[2]
        if not isinstance(leaf, bytes):
            self._judge.changed("leaf", f"Entry {index} is not what was recorded.", index)
            return None
        computed = leaf_hash(leaf)
        if kept is not None and computed != kept:
            self._judge.changed("leaf", f"Entry {index} is not what was recorded: its hash differs.", index)
            return computed
        try:
            match, data = check_leaf(leaf)
        except NotCanonical as error:
            self._judge.suspect("form", f"Entry {index} is not in the form of an entry: {error}.", index)
            return computed
        self._fields(index, row[1], match, data)
        self._on_leaf(index, match, data, computed)
        return computed

    def _fields(self, index: int, filed_id: object, match: re.Match[bytes], data: Mapping[str, Json]) -> None:
        """Judge what one leaf in the form of an entry says of itself."""
        self._known_to = index
        _, at, _, _, _, own_id, place, kind, _, prev, run, station, *_ = match.groups()
        if int(place) != index or station != self._station:
            self._judge.suspect("place", f"Entry {index} says it is {station.decode()}#{place.decode()}.", index)
        if prev != self._prev:
            self._judge.suspect("prev", f"Entry {index} does not follow the entry before it.", index)
        if at < self._at:
            self._judge.suspect("time", f"Entry {index} is earlier than the entry before it.", index)
        self._at = at
        if filed_id != own_id.decode():
            self._judge.suspect("id", f"Entry {index} is filed under another id than its own.", index)
        if run != self._run:
            self._runs.append(((run or b"").decode(), index))
            self._run = run
        if kind != _UNFILED:
            self._kinds.append((kind.decode(), index))
        if "of" in data:
            self._reference(index, data["of"])
        if kind == b"key.rotated":
            self._judge.note("key-rotated", "This program does not know how keys are replaced.", index)

    def _reference(self, index: int, target: Json) -> None:
        """What is said about another entry must name it by its hash."""
        match target:
            case {"station": str(station), "index": int(place), "leaf": str(leaf)}:
                if station.encode() == self._station and not self._is_leaf(place, leaf, index):
                    why = f"Entry {index} speaks of entry {place}, but names another content."
                    self._judge.suspect("reference", why, index)
            case _:
                pass

    def _is_leaf(self, place: int, leaf: str, below: int) -> bool:
        if not 0 <= place < below:
            return False
        try:
            return self._reader.leaf_hash(place).hex() == leaf
        except Damaged:
            return False

    def _notes(self, start: int, end: int) -> dict[int, object]:
        try:
            query = "SELECT size, note FROM checkpoint WHERE size > ? AND size <= ?"
            return {size: note for size, note in self._reader.query(query, (start, end)) if isinstance(size, int)}
        except Damaged:
            self._judge.suspect("checkpoint", f"The checkpoints after {start} entries cannot be read.", start)
            return {}

    def _checkpoint(self, size: int, source: object, signed: list[Signed]) -> None:
        """Judge a stored checkpoint; its signature is checked in the pool."""
        expected = str(Checkpoint(self.key.name, size, self.frontier.root()))
        try:
            note = Note.parse(str(source))
        except BadNote as error:
            self._judge.suspect("checkpoint", f"The checkpoint of {size} entries is malformed: {error}.", self.good_to)
            return
        own = [item for item in note.signatures if (item.name, item.key_id) == (self.key.name, self.key.id)]
        if note.text != expected:
            why = f"The checkpoint of {size} entries was signed for other entries than these."
            self._judge.suspect("checkpoint", why, self.good_to)
        elif not own:
            self._judge.suspect(
                "signature", f"The checkpoint of {size} entries is not signed by this log.", self.good_to
            )
        else:
            self.good_to = size
        signed.extend((size, item.signature, note.text) for item in own)

    def check_anchor(self, size: int, kept: Sequence[bytes], root: bytes) -> None:
        """Compare the root at `size` with those that are kept elsewhere."""
        if all(other == root for other in kept):
            self.anchored_to = max(size, self.anchored_to or 0)
        else:
            why = f"The first {size} entries are not those of a checkpoint that is kept elsewhere."
            self._judge.suspect("fork", why, self.anchored_to or 0)

    def _collect(self) -> None:
        for size in self._under_way.popleft().result():
            self._judge.suspect("signature", f"The signature of the checkpoint of {size} entries is wrong.", size - 1)

    def _wrong_uppers(self, starts: list[int]) -> None:
        for start in starts:
            self._judge.suspect("hashes", f"Stored hashes over the entries from {start} on are wrong.", start)

    def _stored_tile(self, level: int, tile: int) -> list[bytes]:
        try:
            return tiles.split_hashes(self._reader.stored_tile(level, tile))
        except Damaged:
            return []


class UpperTiles:
    """Compares the stored tiles above the lowest level with what the walk computes."""

    def __init__(
        self,
        stored: Callable[[int, int], list[bytes]],
        size: Callable[[], int],
        node: merkle.Node,
        start: int,
    ) -> None:
        """`start` is how many entries (a multiple of 256) came before; `size` says how many there are by now."""
        self._stored = stored
        self._size = size
        self._counts: list[int] = []  # hashes so far at tile level 1, 2, …
        self._open: list[list[bytes]] = []  # those of the tile that is not yet full
        while count := start >> 8 * (len(self._counts) + 1):
            height = 8 * (len(self._counts) + 1)
            self._open.append([node(height, at) for at in range(count - count % tiles.WIDTH, count)])
            self._counts.append(count)

    def push(self, root: bytes, level: int = 0) -> list[int]:
        """Take in the root over a full tile of the level below; the entries at which stored hashes are wrong."""
        if level == len(self._counts):
            self._counts.append(0)
            self._open.append([])
        self._open[level].append(root)
        self._counts[level] += 1
        if self._counts[level] % tiles.WIDTH:
            return []
        full, self._open[level] = self._open[level], []
        wrong = self._compare(level, full, self._counts[level] // tiles.WIDTH - 1)
        return wrong + self.push(full_root(full), level + 1)

    def check_rest(self) -> list[int]:
        """Compare the tiles that are not full."""
        wrong = []
        for level, hashes in enumerate(self._open):
            if hashes:
                wrong += self._compare(level, hashes, self._counts[level] // tiles.WIDTH)
        return wrong

    def _compare(self, level: int, hashes: list[bytes], tile: int) -> list[int]:
        stored = self._stored(level + 1, tile)
        # The record may have grown meanwhile, and its hashes with it; but not beyond its last entry.
        room = (self._size() >> 8 * (level + 1)) - tile * tiles.WIDTH
        right = stored[: len(hashes)] == hashes and len(stored) <= room
        return [] if right else [tile << 8 * (level + 2)]


def _wrong_signatures(key: VerifierKey, signed: Sequence[Signed]) -> list[int]:
    return [size for size, signature, text in signed if not key.accepts(signature, text)]
