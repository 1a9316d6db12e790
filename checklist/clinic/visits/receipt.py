"""What a GO leaves in the patient's file: a short code, and a proof that anybody can check without us.

The code is taken from the hash of the entry, so that nobody can make one that fits without the entry. The proof is that
of RFC 6962: the leaf, its place, the hashes beside it, and the signed checkpoint of the tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from checklist.ledger.entry import Entry, Json
    from checklist.ledger.reader import Reader

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing in it is read for something else."""
_SIGNS: Final = 10


@dataclass(frozen=True, slots=True)
class Receipt:
    """The proof of one entry. `leaf` is its canonical JSON, `proof` the hashes from the leaf up, in hexadecimal."""

    code: str
    entry: str
    index: int
    leaf: str
    size: int
    proof: tuple[str, ...]
    checkpoint: str

    def data(self) -> dict[str, Json]:
        """The stable keys of a receipt."""
        proof: list[Json] = [*self.proof]
        return {
            "code": self.code,
            "entry": self.entry,
            "index": self.index,
            "leaf": self.leaf,
            "size": self.size,
            "proof": proof,
            "checkpoint": self.checkpoint,
        }


def code_of(leaf: str) -> str:
    """The short code of an entry by the hash of its leaf (hexadecimal): 50 bits as `XXXXX-XXXXX`."""
    number = int(leaf, 16) >> (4 * len(leaf) - 5 * _SIGNS)
    signs = "".join(_ALPHABET[number >> shift & 31] for shift in range(5 * (_SIGNS - 1), -1, -5))
    return f"{signs[:5]}-{signs[5:]}"


def receipt_at(reader: Reader, entry: Entry) -> Receipt:
    """The receipt of an entry, by the newest checkpoint. Raises LedgerError."""
    size = reader.size
    return Receipt(
        code_of(entry.leaf),
        entry.place,
        entry.index,
        entry.to_leaf().decode(),
        size,
        tuple(one.hex() for one in reader.inclusion_proof(entry.index, size)),
        reader.checkpoint(size),
    )
