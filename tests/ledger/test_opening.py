"""What is looked at before a record is built on, or only read, with no key at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checklist.ledger.errors import Damaged, LedgerTruncated, WrongKey
from checklist.ledger.opening import check_reading
from checklist.ledger.reader import open_read_only

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from checklist.ledger.entry import Draft
    from checklist.ledger.store import Ledger

ORIGIN = "riverside.example/a"


def look(path: Path, origin: str = ORIGIN) -> None:
    """As somebody does who cannot sign."""
    with open_read_only(path) as reader:
        check_reading(reader, origin, path.parent / "keys" / "a.high-water")


def test_who_only_looks_finds_the_record_of_the_station_that_was_meant(walked: Ledger, path: Path) -> None:
    assert walked.origin == ORIGIN
    look(path)
    with pytest.raises(WrongKey, match=f"of {ORIGIN}, and not of riverside.example/b"):
        look(path, "riverside.example/b")


def test_who_only_looks_is_told_of_a_record_that_ends_too_soon(
    walked: Ledger, path: Path, intrude: Callable[..., None]
) -> None:
    walked.close()
    intrude("DELETE FROM entry WHERE idx >= 399")
    with pytest.raises(Damaged, match="not where the record says it ends"):
        look(path)


def test_who_only_looks_is_told_of_an_older_copy_in_its_place(
    walked: Ledger, path: Path, tmp_path: Path, draft: Callable[[str], Draft]
) -> None:
    walked.backup(tmp_path / "copy.db")
    walked.append(lambda _: [draft("more")])
    walked.close()
    (tmp_path / "copy.db").replace(path)
    with pytest.raises(LedgerTruncated, match="rollback"):
        look(path)
