"""Which entries are about a thing: by the entries themselves, for their tables may have lost them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.identifiers import recalling
from checklist.clinic.identifiers.apart import entries_about
from checklist.ledger.errors import Damaged
from checklist.trace.follow import Identifier
from tests.support.tiny_visit import WHY

if TYPE_CHECKING:
    from tests.clinic.conftest import House, Kit


@pytest.mark.parametrize(
    ("kind", "written", "asked"),
    [
        ("lot", "ab-12", "AB-12"),
        ("serial", 'C"7\\', 'c"7\\'),
        ("gtin", "4006381333931", "04006381333931"),
        ("equipment", "S1", "S1"),
    ],
)
def test_a_thing_is_found_however_it_was_written(house: House, kit: Kit, kind: str, written: str, asked: str) -> None:
    clinic = house.open()
    recalling.recall(clinic, kind, written, WHY, kit.who(clinic, "Lea"), "tui")
    (entry,) = entries_about(clinic.ledger, "recalled", Identifier(kind, asked))
    assert entry.data["kind"] == kind
    assert entries_about(clinic.ledger, "quarantined", Identifier(kind, asked)) == []


def test_a_short_number_is_not_found_in_what_happens_to_bear_its_letters(house: House, kit: Kit) -> None:
    """A damaged entry about another thing says nothing of this one."""
    clinic = house.open()
    recalling.recall(clinic, "serial", "C-1", WHY, kit.who(clinic, "Lea"), "tui")
    entry = clinic.ledger.entries_of_kind("recalled")[-1]
    with closing(sqlite3.connect(house.folder.ledger)) as db, db:
        db.execute("DROP TRIGGER entry_update")
        leaf = entry.to_leaf().replace(b'"via":"tui"', b'"via":"tvi"')
        db.execute("UPDATE entry SET leaf = ? WHERE idx = ?", (leaf, entry.index))
    for short in "0123456789":
        assert entries_about(clinic.ledger, "recalled", Identifier("serial", short)) == []
    with pytest.raises(Damaged):
        entries_about(clinic.ledger, "recalled", Identifier("serial", "c-1"))
