"""The tables about people: after any entries they are what those say, live and rebuilt."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from checklist.clinic.people.people_views import PeopleView, credentials_of, held_attributes
from checklist.clinic.views import VIEWS
from checklist.ledger.entry import Draft, Moment, check_leaf, seal
from checklist.ledger.merkle import leaf_hash
from checklist.ledger.views import Rebuild, create_tables
from tests.support.rebuilding import rebuild_views

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from checklist.ledger.entry import Json
    from tests.clinic.conftest import Kit

NOW = Moment("2031-03-10T08:00:00.000000Z", "Europe/Berlin", "boot-1", 5, 5)
KINDS = [
    "operator.added", "operator.changed", "operator.disabled", "operator.whatever", "credential.granted",
    "credential.ended", "credential.whatever", "erased", "remarked",
]  # fmt: skip
KEYS = ["operator", "roles", "name", "credential", "until", "attributes", "secret", "commitments", "x"]

texts = st.sampled_from(["u_1", "u_2", "laser", "2031-03-10", "2031-02-30", ""])
values = st.one_of(
    texts,
    st.integers(0, 3),
    st.none(),
    st.lists(texts, max_size=2),
    st.dictionaries(st.sampled_from(["max_depth_mm", "areas"]), st.one_of(texts, st.integers(0, 3)), max_size=2),
)
drafts = st.builds(
    Draft,
    st.sampled_from(KINDS),
    st.one_of(
        st.dictionaries(st.sampled_from(KEYS), values, max_size=4),
        st.builds(lambda more: {"operator": "u_1", "credential": "laser", **more}, st.dictionaries(
            st.sampled_from(["until", "attributes", "name"]), values, max_size=3)),
    ),
    st.sampled_from(["u_1", None]),
    st.just("tui"),
)  # fmt: skip


@given(st.lists(drafts, max_size=25))
def test_any_entries_leave_the_same_tables_live_and_rebuilt(some: list[Draft]) -> None:
    view = PeopleView()
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as live, closing(Rebuild([view])) as rebuild:
        create_tables(live, [view])
        for index, draft in enumerate(some):
            entry, leaf = seal(draft, "a", index, "0" * 26, NOW, "ab" * 32 if index else None)
            before = live.total_changes
            view.apply(live, entry)
            keys = view.reads(entry.kind)
            assert live.total_changes == before or keys is None or keys & entry.data.keys()
            rebuild.take_leaf(index, *check_leaf(leaf), leaf_hash(leaf))
        for table in view.tables:
            query = f"SELECT * FROM {table}"  # noqa: S608
            assert live.execute(query).fetchall() == rebuild.db.execute(query).fetchall()


def test_what_somebody_holds_is_what_was_granted_and_not_ended(clinic: Clinic, kit: Kit) -> None:
    ben = kit.who(clinic, "Ben").id

    def record(kind: str, **data: Json) -> None:
        clinic.record(Draft(kind, {"operator": ben, **data}, None, "tui"))

    record("credential.granted", credential="laser", until="2031-03-09", attributes={"class": "4", "x": 3})
    record("credential.granted", credential="bbp")
    record("credential.granted", credential="bls", until="2031-03-09")
    record("credential.granted", credential="bls", until="2032-03-09")
    record("credential.granted", credential="gone")
    record("credential.ended", credential="gone")
    record("credential.ended", credential="never-had")
    record("credential.granted", credential="odd", until="2031-02-30")
    record("credential.granted")
    assert credentials_of(clinic.ledger, ben) == {"laser": "2031-03-09", "bbp": "", "bls": "2032-03-09"}
    assert credentials_of(clinic.ledger, kit.who(clinic, "Lea").id) == {}
    assert held_attributes(clinic.ledger, ben, "laser") == {"class": "4"}
    assert held_attributes(clinic.ledger, ben, "bbp") == held_attributes(clinic.ledger, ben, "gone") == {}
    assert rebuild_views(clinic.ledger, VIEWS) == []
