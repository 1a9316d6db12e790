"""The RFC 6962 hash tree: roots, and proofs that an entry or an older tree is part of a tree.

Knows only hashes. What was hashed, and where the hashes are kept, is the business of others: proofs are made from a
function that gives the root of a full subtree.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256().digest()

Node: TypeAlias = "Callable[[int, int], bytes]"
"""(height, index) -> root of the full subtree over leaves index * 2**height … (index + 1) * 2**height - 1."""


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf: SHA-256 of a zero byte and the leaf."""
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256 of a one byte and both children."""
    return hashlib.sha256(b"\1" + left + right).digest()


def full_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a full subtree; the number of hashes is a power of two."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(level[at], level[at + 1]) for at in range(0, len(level), 2)]
    return level[0]


@dataclass(slots=True)
class Frontier:
    """The right edge of a tree: the roots of its full subtrees, largest first. All it takes to append."""

    size: int = 0
    hashes: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, node: Node, size: int) -> Self:
        """The right edge of a tree of `size` leaves."""
        found = cls(size)
        done = 0
        for height in range(size.bit_length() - 1, -1, -1):
            if size >> height & 1:
                found.hashes.append(node(height, done >> height))
                done += 1 << height
        return found

    def append(self, leaf: bytes) -> None:
        """Add the hash of one more leaf."""
        node, rest, hashes = leaf, self.size, self.hashes
        while rest & 1:
            node = hashlib.sha256(b"\1" + hashes.pop() + node).digest()
            rest >>= 1
        hashes.append(node)
        self.size += 1

    def last_full(self, width: int, leaf: bytes) -> bytes:
        """The root over the last `width` leaves, a power of two, where `leaf` is the one that fills them up."""
        rest = width - 1
        part = Frontier(rest, self.hashes[len(self.hashes) - rest.bit_count() :])
        part.append(leaf)
        return part.hashes[0]

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        if not self.hashes:
            return EMPTY_ROOT
        node = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            node = node_hash(left, node)
        return node


def root_from(node: Node, size: int) -> bytes:
    """The root of a tree of `size` leaves."""
    return _range_root(node, 0, size) if size else EMPTY_ROOT


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """The audit path of leaf `index` in a tree of `size` leaves (RFC 6962 §2.1.1), lowest first."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    proof = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            proof.append(_range_root(node, middle, stop))
            stop = middle
        else:
            proof.append(_range_root(node, start, middle))
            start = middle
    return proof[::-1]


def consistency_proof(node: Node, old: int, size: int) -> list[bytes]:
    """The proof that the tree of `old` leaves is the beginning of the one of `size` (RFC 6962 §2.1.2)."""
    if not 0 < old <= size:
        raise ValueError(f"there is no proof from {old} to {size} leaves")
    proof = []
    start, stop = 0, size
    while stop != old:
        middle = start + _split(stop - start)
        if old <= middle:
            proof.append(_range_root(node, middle, stop))
            stop = middle
        else:
            proof.append(_range_root(node, start, middle))
            start = middle
    if start:
        proof.append(_range_root(node, start, stop))
    return proof[::-1]


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def _range_root(node: Node, start: int, stop: int) -> bytes:
    count = stop - start
    if count & (count - 1) == 0:
        height = count.bit_length() - 1
        return node(height, start >> height)
    middle = start + _split(count)
    return node_hash(_range_root(node, start, middle), _range_root(node, middle, stop))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows that the leaf with this hash is number `index` of `size` under `root` (RFC 9162)."""
    if not 0 <= index < size or not _all_hashes([leaf, root, *proof]):
        return False
    place, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and node == root


def verify_consistency(old: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that `old_root` is the beginning of `root`. False for an empty old tree (RFC 9162)."""
    if not 0 < old <= size:
        return False
    if old == size:
        return not proof and old_root == root
    if not proof or not _all_hashes([old_root, root, *proof]):
        return False
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    older = newer = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            newer = node_hash(newer, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and older == old_root and newer == root


def _all_hashes(hashes: Sequence[bytes]) -> bool:
    return all(len(item) == HASH_SIZE for item in hashes)
