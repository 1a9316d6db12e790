"""The walk of a verification through all entries, one tile (256 entries) at a time, in flat memory.

Knows what must hold for each leaf, hash and checkpoint. Refuses to know what entries mean, with one exception: data
that names another entry under `of` must give that entry's leaf hash, so that a signature cannot be moved.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from checklist.ledger import merkle, tiles
from checklist.ledger.entry import check_leaf
from checklist.ledger.errors import BadNote, Damaged, NotCanonical
from checklist.ledger.filing import UNFILED, FilingCheck
from checklist.ledger.merkle import Frontier, leaf_hash
from checklist.ledger.note import Checkpoint, Note, VerifierKey
from checklist.ledger.partly import extent, hashes_between, rows_between
from checklist.ledger.uppers import UpperTiles

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Collection, Mapping, Sequence
    from concurrent.futures import Executor, Future

    from checklist.ledger.entry import Json
    from checklist.ledger.partly import Row
    from checklist.ledger.reader import Reader
    from checklist.ledger.report import Judge

_PENDING = 16  # batches of signatures under way at once; bounds the memory
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
        self._lost: tuple[str, int, int] | None = None  # the rule, the first and the last of entries yet to be told of
        self._hashes_told = False  # that some cannot be read
        self._no_hash_at = -1  # the last entry of which the hash is lost as well
        self._comparable = True  # no hash is lost of what came so far, so that its root is known
        self._load_past(start)
        self.good_to = start  # the size of the newest checkpoint that fits
        self.signatures = 0
        self.lacking = False  # whether an entry could not be had
        self.anchors: dict[int, list[bytes]] = {}  # size -> roots kept elsewhere
        self.anchored_to: int | None = None

    def _load_past(self, start: int) -> None:
        node = self._reader.stored_node()
        self.frontier = Frontier.of(node, start)
        self._prev: bytes | None = node(0, start - 1).hex().encode() if start else None
        self._at = b""
        if start:
            with suppress(Damaged, IndexError):  # what lies before is not judged
                self._at = self._reader.entry(start - 1).at.encode()
        self._uppers = UpperTiles(self._stored_tile, self._size, node, start)

    def run(self, stop: int, progress: Callable[[int, int], None]) -> None:
        """Walk to the entry before `stop`, around what cannot be read."""
        for start in range(self.frontier.size, stop, tiles.WIDTH):
            end = min(start + tiles.WIDTH, stop)
            self._block(start, end, *rows_between(self._reader, start, end))
            progress(end, stop)
        self._tell_lost()
        self._wrong_uppers(self._uppers.check_rest())
        self._filing.rest(self.frontier.size)
        while self._under_way:
            self._collect()

    def _size(self) -> int:
        """How many entries there are by now."""
        try:
            return self._reader.size
        except Damaged:
            return extent(self._reader)

    def _block(self, start: int, end: int, rows: Mapping[int, Row], unreadable: Collection[int]) -> None:
        found = self._stored_tile(0, start // tiles.WIDTH)
        stored = found or []
        notes = self._notes(start, end)
        signed: list[Signed] = []
        full = None
        unknown = set[int]()
        self._runs, self._kinds = [], []
        for index in range(start, end):
            before = self._known_to
            kept = stored[index - start] if index - start < len(stored) else None
            row = rows.get(index)
            if row is None:
                self._lose("unreadable" if index in unreadable else "gap", index)
            computed = None if row is None else self._entry(index, row, kept)
            if self._known_to != index or before != index - 1:  # it, or the one before it, cannot be read
                unknown.add(index)
            # A changed entry is named once; what follows is judged by the hash that was stored for it.
            node = kept or computed
            if node is None:
                node = self._lose_hash(index)
            size = index + 1
            if not size % tiles.WIDTH:
                full = self.frontier.last_full(tiles.WIDTH, node)
            self.frontier.append(node)
            self._prev = None if node is _MISSING else node.hex().encode()
            if size in notes:
                self._checkpoint(size, notes[size], signed)
            if size in self.anchors and self._comparable:
                self.check_anchor(size, self.anchors[size], self.frontier.root())
        if found is not None:
            self._judge_count(found, start, end)
        if full:
            self._wrong_uppers(self._uppers.push(full if self._no_hash_at < start else None))
        self._filing.block(start, end, (self._runs, self._kinds), unknown)
        if signed:
            self._under_way.append(self._pool.submit(_wrong_signatures, self.key, signed))
            self.signatures += len(signed)
        if len(self._under_way) > _PENDING:
            self._collect()

    def _judge_count(self, stored: Sequence[bytes], start: int, end: int) -> None:
        """Judge whether there are as many stored hashes as entries."""
        if len(stored) > end - start and len(stored) > self._size() - start:
            self._judge.suspect("hashes", f"There are stored hashes beyond the last entry, from {end} on.", end - 1)
        if len(stored) < end - start:
            self._judge.suspect("hashes", f"The stored hashes from entry {start + len(stored)} on are missing.", start)

    def _lose(self, rule: str, index: int) -> None:
        """Take note of an entry that cannot be had; those that follow one another are told of at once."""
        self.lacking = True
        if self._lost is None or self._lost[0] != rule or self._lost[2] != index - 1:
            self._tell_lost()
            self._lost = rule, index, index
        else:
            self._lost = rule, self._lost[1], index

    def _tell_lost(self) -> None:
        if self._lost is not None:
            rule, first, last = self._lost
            which, is_ = (f"Entry {first}", "is") if first == last else (f"Entries {first} to {last}", "are")
            what = f"{is_} missing" if rule == "gap" else "cannot be read: the file is damaged"
            self._judge.changed(rule, f"{which} {what}.", first)
            self._lost = None

    def _lose_hash(self, index: int) -> bytes:
        """Take note that neither an entry nor its hash can be had: what is signed after it cannot be compared."""
        self._no_hash_at = index
        if self._comparable:
            self._comparable = False
            why = f"Of entry {index} the hash is lost as well: what was signed after it cannot be compared."
            self._judge.suspect("hashes", why, index)
        return _MISSING

    def _entry(self, index: int, row: Row, kept: bytes | None) -> bytes | None:
        """Judge one leaf; its hash, or None where it is none."""
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
        if prev != self._prev and (self._prev is not None or not index):
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
            known: bytes | None = self._reader.leaf_hash(place)
        except Damaged:
            known = hashes_between(self._reader, place, place + 1).get(place)
        return self._hashes_told if known is None else known.hex() == leaf  # one that is lost is no other

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
        if note.text != expected and self._comparable:
            why = f"The checkpoint of {size} entries was signed for other entries than these."
            self._judge.suspect("checkpoint", why, self.good_to)
        elif not own:
            self._judge.suspect(
                "signature", f"The checkpoint of {size} entries is not signed by this log.", self.good_to
            )
        elif self._comparable:
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

    def _stored_tile(self, level: int, tile: int) -> list[bytes] | None:
        """The stored hashes of a tile; None where they cannot be read."""
        try:
            return tiles.split_hashes(self._reader.stored_tile(level, tile))
        except Damaged:
            if not self._hashes_told:
                first = tile << 8 * (level + 1)
                why = f"Stored hashes cannot be read, first those of the entries from {first} on: the file is damaged."
                self._judge.suspect("hashes", why, first)
            self._hashes_told = True
            return None


def _wrong_signatures(key: VerifierKey, signed: Sequence[Signed]) -> list[int]:
    return [size for size, signature, text in signed if not key.accepts(signature, text)]
