"""The RFC 6962 tree, against the published proofs, the well-known roots and another implementation."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from checklist.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    full_root,
    inclusion_proof,
    leaf_hash,
    root_from,
    verify_consistency,
    verify_inclusion,
)

VECTORS = Path(__file__).parents[3] / "shared" / "data" / "rfc6962"
needs_vectors = pytest.mark.skipif(not VECTORS.is_dir(), reason="the published proofs lie beside the project only")

# The test tree of Certificate Transparency: eight leaves, and the roots over the first 0 to 8 of them.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class Tree:
    """A tree kept whole in memory, which gives the roots of its full subtrees."""

    def __init__(self, size: int) -> None:
        self.leaves = [leaf_hash(str(number).encode()) for number in range(size)]

    def node(self, height: int, index: int) -> bytes:
        return full_root(self.leaves[index << height : (index + 1) << height])

    def root(self, size: int) -> bytes:
        return root_from(self.node, size)


@pytest.mark.parametrize("size", range(9))
def test_the_well_known_tree_has_its_well_known_roots(size: int) -> None:
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf_hash(bytes.fromhex(leaf)))
    assert frontier.root().hex() == ROOTS[size]


def _hashes(encoded: list[str] | None) -> list[bytes]:
    return [base64.b64decode(item) for item in encoded or []]


@needs_vectors
def test_every_published_inclusion_proof_is_judged_right() -> None:
    files = sorted(VECTORS.glob("inclusion/**/*.json"))
    assert files
    for file in files:
        case = json.loads(file.read_text())
        good = verify_inclusion(
            base64.b64decode(case["leafHash"]),
            case["leafIdx"],
            case["treeSize"],
            _hashes(case["proof"]),
            base64.b64decode(case["root"]),
        )
        assert good is not case["wantErr"], file.name


@needs_vectors
def test_every_published_consistency_proof_is_judged_right() -> None:
    files = sorted(VECTORS.glob("consistency/**/*.json"))
    assert files
    for file in files:
        case = json.loads(file.read_text())
        good = verify_consistency(
            case["size1"],
            case["size2"],
            base64.b64decode(case["root1"]),
            base64.b64decode(case["root2"]),
            _hashes(case["proof"]),
        )
        assert good is not case["wantErr"], file.name


def test_roots_are_those_of_another_implementation_at_every_size() -> None:
    other, frontier, tree = InmemoryTree(algorithm="sha256"), Frontier(), Tree(600)
    for size in range(1, 601):
        other.append_entry(str(size - 1).encode())
        frontier.append(tree.leaves[size - 1])
        assert frontier.root() == other.get_root(size)
        if size % 37 == 0:
            assert tree.root(size) == frontier.root()


@given(st.integers(1, 300), st.data())
def test_a_proof_convinces_for_its_own_entry_and_tree_only(size: int, data: st.DataObject) -> None:
    tree = Tree(size)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(tree.node, index, size)
    root = tree.root(size)
    assert verify_inclusion(tree.leaves[index], index, size, proof, root)
    assert not verify_inclusion(leaf_hash(b"other"), index, size, proof, root)
    assert not verify_inclusion(tree.leaves[index], index, size, [*proof, root], root)
    old = data.draw(st.integers(1, size))
    path = consistency_proof(tree.node, old, size)
    assert verify_consistency(old, size, tree.root(old), root, path)
    assert not verify_consistency(old, size, hashlib.sha256(b"other").digest(), root, path)


def test_there_is_no_proof_of_what_is_not_there() -> None:
    tree = Tree(5)
    assert tree.root(0) == EMPTY_ROOT
    for index, size in ((-1, 5), (5, 5), (0, 0)):
        with pytest.raises(ValueError, match="no leaf"):
            inclusion_proof(tree.node, index, size)
    for old, size in ((0, 5), (6, 5)):
        with pytest.raises(ValueError, match="no proof"):
            consistency_proof(tree.node, old, size)


@given(st.integers(0, 200))
def test_the_frontier_of_a_tree_is_found_without_its_leaves(size: int) -> None:
    tree, frontier = Tree(size), Frontier()
    for leaf in tree.leaves:
        frontier.append(leaf)
    assert Frontier.of(tree.node, size) == frontier
    assert frontier.root() == tree.root(size)
