"""Tables that are derived from the entries can be built anew and compared."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from checklist.ledger.entry import check_leaf
from checklist.ledger.merkle import leaf_hash
from checklist.ledger.views import Rebuild, create_tables, digest
from tests.support.rebuilding import rebuild_views

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.ledger.entry import Draft, Entry
    from checklist.ledger.store import Ledger
    from checklist.ledger.views import View


def test_tables_that_were_kept_with_every_append_are_those_of_a_rebuild(walked: Ledger, kinds: View) -> None:
    assert rebuild_views(walked, [kinds]) == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE kinds SET n = n + 1 WHERE kind = 'step.done'", "another row"),
        ("DELETE FROM kinds WHERE kind = 'step.done'", "another row"),
        ("INSERT INTO kinds VALUES('zzz', 1)", "another row"),
        ("DROP TABLE kinds", "missing"),
    ],
)
def test_a_table_that_was_changed_is_named(
    walked: Ledger, kinds: View, intrude: Callable[..., None], statement: str, words: str
) -> None:
    intrude(statement)
    (difference,) = rebuild_views(walked, [kinds])
    assert "kinds" in difference
    assert words in difference


def test_a_rebuild_takes_in_what_is_appended_meanwhile(
    walked: Ledger, reopen: Callable[[], Ledger], kinds: View, draft: Callable[[str], object]
) -> None:
    class Slow:
        """While it is rebuilt, another process appends once."""

        name, tables, schema, reads = "kinds", ("kinds",), kinds.schema, kinds.reads
        appended = False

        def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
            kinds.apply(db, entry)
            if entry.index == 300 and not self.appended:
                self.appended = True
                with reopen() as other:
                    other.append(lambda _: [draft("meanwhile")])  # type: ignore[list-item]

    assert rebuild_views(walked, [Slow()]) == []
    assert walked.size == 401


def test_entries_that_no_view_reads_are_passed_over(walked: Ledger, draft: Callable[[str], Draft]) -> None:
    class Fives:
        """Takes in steps with the key `five` only, and says so."""

        name, tables, schema = "fives", ("fives",), "CREATE TABLE fives(idx INTEGER); CREATE INDEX found ON fives(idx);"
        seen = 0

        def reads(self, kind: str) -> frozenset[str]:
            return frozenset({"five"} if kind == "step.done" else ())

        def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
            self.seen += 1
            if entry.kind == "step.done" and "five" in entry.data:
                db.execute("INSERT INTO fives VALUES(?)", (entry.index,))

    view = Fives()
    plain = draft("5")
    walked.append(lambda _: [replace(plain, data={"five": 5}), replace(plain, kind="other", data={"five": 5})])
    rebuild = Rebuild([view])
    for index in range(walked.size):
        leaf = walked.entry(index).to_leaf()
        rebuild.take_leaf(index, *check_leaf(leaf), leaf_hash(leaf))
    assert view.seen == 1
    assert rebuild.differences(walked) == ["The table fives of the view fives is missing."]
    rebuild.close()


def test_a_set_of_views_is_named_by_what_its_tables_are(kinds: View) -> None:
    assert digest([]) == ""
    assert digest([kinds]) == digest([kinds]) != digest([kinds, kinds])


def test_a_semicolon_in_a_comment_or_a_text_ends_no_statement() -> None:
    class Tricky:
        name, tables = "tricky", ("tricky",)
        schema = "-- one; two\nCREATE TABLE tricky(a TEXT DEFAULT ';'); ; CREATE INDEX i ON tricky(a);\n"

        def reads(self, kind: str) -> frozenset[str]:  # noqa: ARG002
            return frozenset()

        def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
            """Nothing to take in."""

    db = sqlite3.connect(":memory:", isolation_level=None)
    db.execute("BEGIN")
    create_tables(db, [Tricky()])
    create_tables(db, [Tricky()])
    assert db.in_transaction
    assert db.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (2,)
    db.close()
