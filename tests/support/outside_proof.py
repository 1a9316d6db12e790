"""A proof checked by somebody who has none of our code: SHA-256, Base64 and Ed25519, as RFC 9162 and C2SP say."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pymerkle import InmemoryTree


def root_above(leaf: str, index: int, size: int, path: list[str]) -> bytes:
    """The root to which a leaf and the hashes beside it lead (RFC 9162, 2.1.3.2)."""
    number, last = index, size - 1
    found = hashlib.sha256(b"\x00" + leaf.encode()).digest()
    for each in map(bytes.fromhex, path):
        assert last != 0
        if number % 2 or number == last:
            found = hashlib.sha256(b"\x01" + each + found).digest()
            while number % 2 == 0 and number:
                number, last = number // 2, last // 2
        else:
            found = hashlib.sha256(b"\x01" + found + each).digest()
        number, last = number // 2, last // 2
    assert last == 0
    return found


def signed(checkpoint: str, key: str) -> tuple[int, bytes]:
    """The size and root of a checkpoint that this key has signed."""
    text, _, signatures = checkpoint.rpartition("\n\n")
    signature = base64.b64decode(signatures.splitlines()[0].split(" ")[2])
    public = base64.b64decode(key.split("+", 2)[2])[1:]
    Ed25519PublicKey.from_public_bytes(public).verify(signature[4:], f"{text}\n".encode())
    origin, size, root = text.split("\n")
    assert origin == key.split("+")[0]
    return int(size), base64.b64decode(root)


def check(proof: dict[str, Any]) -> None:
    """Check what stands in a proof file, or one entry of a sample joined with what its run says."""
    size, root = signed(proof["checkpoint"], proof["key"])
    assert size == proof["size"]
    assert root_above(proof["leaf"], proof["index"], size, proof["proof"]) == root


def root_over(leaves: list[bytes]) -> bytes:
    """The root over leaves, by an implementation that knows nothing of ours."""
    tree = InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        tree.append_entry(leaf)
    return bytes(tree.get_root())
