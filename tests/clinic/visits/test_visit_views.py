"""The tables of visits take in what stands in their own ledger, and nothing that only looks like it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.visits.visit_views import CLEARED, OVERRIDDEN, REVIEWED, ClearancesView
from checklist.ledger.entry import Entry, Moment

if TYPE_CHECKING:
    from checklist.ledger.canonical import Json

WITH_US, ELSEWHERE = "a", "b"


def entry(index: int, kind: str, data: dict[str, Json]) -> Entry:
    moment = Moment("2031-03-10T09:00:00.000000Z", "Europe/Berlin", "boot-1", 1, 1)
    return Entry(
        1, WITH_US, index, f"id-{index}", kind, moment, "u_lea", "tui", None, None, data, None, f"{index:064x}"
    )


def about(station: str, index: int) -> dict[str, Json]:
    return {"of": {"station": station, "index": index, "leaf": f"{index:064x}"}, "rule": "override", "review": "later"}


@pytest.mark.parametrize(
    ("overridden", "reviewed", "row"),
    [
        (WITH_US, WITH_US, (6, None)),
        (WITH_US, ELSEWHERE, (6, "later")),
        (ELSEWHERE, WITH_US, (None, None)),
    ],
)
def test_what_another_ledger_has_at_that_place_is_something_else(
    overridden: str, reviewed: str, row: tuple[int | None, str | None]
) -> None:
    view = ClearancesView()
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(view.schema)
        view.apply(db, entry(5, CLEARED, {"decision": "NO-GO"}))
        view.apply(db, entry(6, OVERRIDDEN, about(overridden, 5)))
        view.apply(db, entry(7, REVIEWED, about(reviewed, 6)))
        assert db.execute("SELECT overridden, review FROM clearance").fetchall() == [row]
