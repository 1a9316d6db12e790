"""The proof of an entry convinces somebody who has none of our code, and nothing else does."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checklist.audit.proof import proof_of
from checklist.clinic.folder import Folder
from checklist.clinic.proving import prove
from checklist.clinic.service import Clinic
from checklist.ledger.errors import Damaged
from checklist.ledger.reader import open_read_only
from tests.support import freezer
from tests.support.outside import leaves
from tests.support.outside_proof import check

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return freezer.made(tmp_path_factory.mktemp("proof") / "clinic", runs=1).ledger


def test_every_entry_is_proved_under_the_newest_checkpoint(ledger: Path) -> None:
    with open_read_only(ledger) as reader:
        for leaf in leaves(ledger.parent):
            proof = proof_of(reader, leaf.index)
            assert proof.leaf.encode() == leaf.raw
            check(proof.data())


def test_a_proof_under_an_earlier_checkpoint_is_one_too(ledger: Path) -> None:
    with open_read_only(ledger) as reader:
        sizes = [int(str(size)) for (size,) in reader.query("SELECT size FROM checkpoint")]
        for size in sizes:
            check(proof_of(reader, size - 1, size).data())
        never = next(size for size in range(1, reader.size) if size not in sizes)
        with pytest.raises(Damaged, match="No signed checkpoint"):
            proof_of(reader, 0, never)


@pytest.mark.parametrize("key", ["leaf", "index", "proof", "checkpoint", "key", "size"])
def test_whatever_is_changed_in_it_convinces_nobody(ledger: Path, key: str) -> None:
    with open_read_only(ledger) as reader:
        sizes = [int(str(size)) for (size,) in reader.query("SELECT size FROM checkpoint ORDER BY size")]
        mine, other = proof_of(reader, 20).data(), proof_of(reader, sizes[-3] - 1, sizes[-3]).data()
    other["key"] = str(mine["key"])[:-4] + "AAA="
    with pytest.raises(Exception, match=r"(?s).*"):
        check({**mine, key: other[key]})


def test_an_entry_that_was_changed_gets_no_proof(ledger: Path, tmp_path: Path) -> None:
    copy = tmp_path / "ledger.db"
    copy.write_bytes(ledger.read_bytes())
    with closing(sqlite3.connect(copy)) as db:
        db.execute("DROP TRIGGER entry_update")
        (leaf,) = db.execute("SELECT leaf FROM entry WHERE idx = 20").fetchone()
        db.execute("UPDATE entry SET leaf = ? WHERE idx = 20", (leaf.replace(b'"zone":"', b'"zone":"X'),))
        db.commit()
    with open_read_only(copy) as reader, pytest.raises(Damaged):
        proof_of(reader, 20)


def test_a_place_finds_its_proof_in_whichever_ledger_of_the_clinic(ledger: Path) -> None:
    with Clinic.open(Folder(ledger.parent)) as clinic:
        assert prove(clinic, "a#3") is not None
        for place in ("a#99999", "b#1", "", "a", "x#y"):
            assert prove(clinic, place) is None
