"""Tables of another version of the program, built anew in a ledger that is only read from."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from checklist.ledger.errors import CannotOpen, Damaged
from checklist.ledger.renewing import renew_views
from checklist.ledger.schema import TRIGGERS
from tests.ledger.conftest import KindsView

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.ledger.entry import Entry
    from checklist.ledger.store import Ledger
    from checklist.ledger.views import View


@dataclass(frozen=True)
class BrokenView:
    """A view that no database can keep."""

    name: str = "broken"
    tables: tuple[str, ...] = ("broken",)
    schema: str = "CREATE TABLE broken(x NONSENSE) STRICT;"

    def reads(self, kind: str) -> None:
        """Every entry counts."""

    def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Nothing is kept."""


def test_tables_of_this_version_are_left_alone(walked: Ledger, path: Path, kinds: View) -> None:
    walked.close()
    before = path.read_bytes()
    renew_views(path, [kinds])
    assert path.read_bytes() == before


def test_other_tables_are_built_anew_and_the_entries_stay(walked: Ledger, path: Path) -> None:
    leaves = walked.query("SELECT idx, leaf FROM entry ORDER BY idx")
    other = KindsView(name="other", tables=("kinds",))
    renew_views(path, [other])
    assert walked.query("SELECT n FROM kinds WHERE kind = 'run.started'") == [(1,)]
    assert walked.query("SELECT idx, leaf FROM entry ORDER BY idx") == leaves


def test_what_cannot_be_built_is_told_in_words(walked: Ledger, path: Path) -> None:
    with pytest.raises(CannotOpen, match="cannot be built anew"):
        renew_views(path, [BrokenView()])
    assert walked.query("SELECT count(*) FROM kinds WHERE kind = 'run.started'") == [(1,)]


def test_a_record_without_its_protection_is_not_touched(walked: Ledger, path: Path) -> None:
    walked.close()
    name = next(iter(TRIGGERS))

    db = sqlite3.connect(path)
    db.execute(f"DROP TRIGGER {name}")
    db.commit()
    db.close()
    with pytest.raises(Damaged, match="protection"):
        renew_views(path, [KindsView(name="other")])
