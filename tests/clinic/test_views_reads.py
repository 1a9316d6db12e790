"""What the views say they read: entries that are passed over for it would have changed no table."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from checklist.clinic.views import VIEWS
from checklist.ledger.entry import Draft, Moment, check_leaf, seal
from checklist.ledger.merkle import leaf_hash
from checklist.ledger.views import Rebuild, create_tables
from checklist.run.events import Kind

if TYPE_CHECKING:
    from checklist.ledger.entry import Json

KINDS = [
    *(kind.value for kind in Kind), "run.whatever", "operator.added", "operator.changed", "operator.disabled",
    "operator.whatever", "protocol.adopted", "session.opened", "session.closed", "remarked", "whatever.else",
    "sign-in.failed", "sign-in.locked", "sign-in.unlocked", "signed-in",
]  # fmt: skip
KEYS = [
    "words", "name", "reference", "produced", "consumed", "meaning", "operator", "roles", "protocol", "subject",
    "session", "to", "outcome", "deviations", "id", "version", "sha256", "title", "value", "attempts",
    "minutes", "secret", "category", "witness", "readout",
]  # fmt: skip
TEXTS = ["a", "b", "quarantined", "released", "complete", "load", ""]
NOW = Moment("2031-03-10T08:00:00.000000Z", "Europe/Berlin", "boot-1", 5, 5)

texts = st.sampled_from(TEXTS)
values = st.one_of(texts, st.integers(0, 3), st.none(), st.lists(texts, max_size=2), st.dictionaries(
    st.sampled_from(["load", "lot", "id", "version", "sha256"]), st.one_of(texts, st.integers(0, 3)), max_size=2,
))  # fmt: skip
datas = st.dictionaries(st.sampled_from(KEYS), values, max_size=4)
runs = st.sampled_from(["a#1", "a#2", None])
drafts = st.builds(
    Draft, st.sampled_from(KINDS), datas, st.sampled_from(["u_1", None]), st.just("tui"), runs, st.just("x")
)


@given(st.lists(drafts, max_size=25))
def test_an_entry_that_is_passed_over_would_have_changed_nothing(some: list[Draft]) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as live, closing(Rebuild(VIEWS)) as rebuild:
        create_tables(live, VIEWS)
        for index, draft in enumerate(some):
            entry, leaf = seal(draft, "a", index, "0" * 26, NOW, "ab" * 32 if index else None)
            for view in VIEWS:
                before = live.total_changes
                view.apply(live, entry)
                keys = view.reads(entry.kind)
                assert live.total_changes == before or keys is None or keys & entry.data.keys()
            rebuild.take_leaf(index, *check_leaf(leaf), leaf_hash(leaf))
        for table in (table for view in VIEWS for table in view.tables):
            assert rows(live, table) == rows(rebuild.db, table)


def rows(db: sqlite3.Connection, table: str) -> list[tuple[Json, ...]]:
    return sorted(db.execute(f"SELECT * FROM {table}").fetchall(), key=repr)  # noqa: S608
