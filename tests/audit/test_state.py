"""Up to where a record is told: what the clinic did moves it, and whoever reads the record does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.audit.state import HOUSEKEEPING, READING, newest, worked
from tests.support.laid_out import Book, laid_out

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", [*HOUSEKEEPING, *READING])
def test_no_reader_moves_the_clinics_last_work(tmp_path: Path, kind: str) -> None:
    book = Book(tmp_path)
    run = book.begin()
    book.end(run)
    book.at("2027-03-09T09:00:00.000000Z")
    book.record(kind, {"words": "ab" * 32, **book.about(run)} if kind == "remarked" else {})
    with laid_out([book.reader()]) as found:
        work, told = worked(found.db), newest(found.db)
        assert work is not None
        assert told is not None
        assert (work.index, work.day) == (2, "2027-03-01")
        assert told.index == (3 if kind in READING else 2)


def test_work_moves_it(tmp_path: Path) -> None:
    book = Book(tmp_path)
    book.end(book.begin())
    book.at("2027-03-09T09:00:00.000000Z")
    place = book.record("recalled", {"kind": "lot", "value": "A1", "reason": "other"})
    with laid_out([book.reader()]) as found:
        work = worked(found.db)
        assert work is not None
        assert (f"{work.station}#{work.index}", work.day) == (place, "2027-03-09")


def test_a_record_in_which_nobody_worked_yet_is_told_up_to_its_newest_entry(tmp_path: Path) -> None:
    with laid_out([Book(tmp_path).reader()]) as found:
        assert worked(found.db) == newest(found.db)
        assert worked(found.db) is not None
