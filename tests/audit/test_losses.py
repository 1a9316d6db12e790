"""What could not be read is told with its places and how many, and whether the record goes on behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checklist.audit.losses import lost
from tests.support.laid_out import Book, laid_out

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_lost_is_named_by_its_ranges(tmp_path: Path) -> None:
    book = Book(tmp_path)
    for _ in range(20):
        book.record("recalled", {"kind": "lot", "value": "A1", "reason": "other"})
    with laid_out([book.reader()]) as found:
        assert lost(found.db) is None
    book.tamper("DELETE FROM entry WHERE idx IN (3, 4, 6, 8, 10, 12)")
    with laid_out([book.reader()]) as found:
        told = lost(found.db)
        assert told is not None
        assert told.why.startswith(
            "6 entries of the record cannot be read: a#3 to a#4 (2), a#6, a#8 and 2 more places; "
        )
        assert (told.first, told.whole, told.end) == (3, False, "")
    book.tamper("DELETE FROM entry WHERE idx > 12")
    with laid_out([book.reader()]) as found:
        told = lost(found.db)
        assert told is not None
        assert told.end == "2027-03-01"
