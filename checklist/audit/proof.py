"""The proof that one entry stands in the record: what anybody needs to check it without this program.

Knows RFC 6962: the leaf, its place, the hashes beside it up to the root, and the signed checkpoint that names the
root. Knows nothing of what the entry means.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from checklist.ledger.errors import BadNote, Damaged, LedgerError
from checklist.ledger.merkle import inclusion_proof, leaf_hash, verify_inclusion
from checklist.ledger.note import Checkpoint, Note

if TYPE_CHECKING:
    from checklist.ledger.entry import Json
    from checklist.ledger.reader import Reader

_LARGEST: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Proof:
    """The proof of one entry. `leaf` is its canonical JSON, `path` the hashes from the leaf up, in hexadecimal; `key`
    is the genesis key, which whoever checks compares with the one that was kept on paper; None where it is damaged."""

    entry: str
    index: int
    leaf: str
    size: int
    path: tuple[str, ...]
    checkpoint: str
    key: str | None

    def data(self) -> dict[str, Json]:
        """The stable keys of a proof file."""
        return {**self.of_leaf(), "size": self.size, "checkpoint": self.checkpoint, "key": self.key}

    def of_leaf(self) -> dict[str, Json]:
        """What of them is this entry's own; the rest is the same for all entries under one checkpoint."""
        return {"entry": self.entry, "index": self.index, "leaf": self.leaf, "proof": [*self.path]}


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed of a ledger: its size and root, and the note that says so."""

    size: int
    root: bytes
    note: str


def signed(reader: Reader, size: int | None = None) -> Signed | None:
    """What was signed at that size, or last; None where nothing was, or where that cannot be read. It is taken from
    the note alone: the entries may be fewer by now."""
    if size is not None and not 0 < size < _LARGEST:
        return None
    try:
        note = reader.checkpoint(size)
        told = Checkpoint.parse(Note.parse(note).text)
    except (IndexError, BadNote, Damaged):
        return None
    return Signed(told.size, told.root, note) if size in (None, told.size) else None


def proof_of(reader: Reader, index: int, size: int | None = None) -> Proof:
    """The proof of an entry by the checkpoint of that size, or the newest. Raises LedgerError, also where there is no
    such entry or checkpoint."""
    under = signed(reader, size)
    if under is None or index >= under.size:
        raise Damaged(f"No signed checkpoint is on record under which entry {index} stands.")
    try:
        entry = reader.entry(index)
    except IndexError:
        raise Damaged(f"Entry {index} is missing.") from None
    leaf, path = entry.to_leaf(), inclusion_proof(reader.stored_node(), index, under.size)
    if not verify_inclusion(leaf_hash(leaf), index, under.size, path, under.root):
        raise Damaged(f"Entry {entry.place} does not stand under the root that was signed.")
    told = tuple(one.hex() for one in path)
    return Proof(entry.place, index, leaf.decode(), under.size, told, under.note, key_of(reader))


def key_of(reader: Reader) -> str | None:
    """The genesis key of a ledger; None where its first entry is damaged."""
    try:
        return reader.vkey
    except LedgerError:
        return None
