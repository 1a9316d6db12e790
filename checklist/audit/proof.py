"""The proof that one entry stands in the record: what anybody needs to check it without this program.

Knows RFC 6962: the leaf, its place, the hashes beside it up to the root, and the signed checkpoint that names the
root. Knows nothing of what the entry means.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checklist.ledger.errors import Damaged, LedgerError
from checklist.ledger.merkle import leaf_hash, verify_inclusion
from checklist.ledger.note import Checkpoint, Note

if TYPE_CHECKING:
    from checklist.ledger.entry import Json
    from checklist.ledger.reader import Reader


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


def proof_of(reader: Reader, index: int, size: int | None = None) -> Proof:
    """The proof of an entry by the checkpoint of that size, or the newest. Raises LedgerError, and IndexError where
    there is no such entry or checkpoint."""
    within = reader.size if size is None else size
    entry, path, note = reader.entry(index), reader.inclusion_proof(index, within), reader.checkpoint(within)
    leaf = entry.to_leaf()
    root = Checkpoint.parse(Note.parse(note).text).root
    if not verify_inclusion(leaf_hash(leaf), index, within, path, root):
        raise Damaged(f"Entry {entry.place} does not stand under the root that was signed.")
    return Proof(entry.place, index, leaf.decode(), within, tuple(one.hex() for one in path), note, key_of(reader))


def key_of(reader: Reader) -> str | None:
    """The genesis key of a ledger; None where its first entry is damaged."""
    try:
        return reader.vkey
    except LedgerError:
        return None
