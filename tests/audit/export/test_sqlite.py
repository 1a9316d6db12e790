"""The database opens in Datasette, with the views in words and facets that count."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from datasette.app import Datasette

from checklist.audit.export.views import VIEWS
from checklist.clinic.exporting import as_database
from tests.support.freezer import SECRET_WORDS
from tests.support.outside_proof import signed

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.audit.catalogue import Catalogue
    from checklist.clinic.service import Clinic


@pytest.fixture
def database(clinic: Clinic, catalogue: Catalogue, tmp_path: Path) -> Path:
    out = tmp_path / "record.db"
    found = as_database(clinic, catalogue.db, out, "line")
    assert found.count == catalogue.db.execute("SELECT count(*) FROM entry").fetchone()[0]
    return out


async def test_datasette_opens_it_and_shows_facets(database: Path) -> None:
    metadata = json.loads((database.parent / "record.metadata.json").read_text("utf-8"))
    datasette = Datasette(
        [str(database)], metadata=metadata, settings={"num_sql_threads": 0, "facet_time_limit_ms": 5000}
    )
    await datasette.invoke_startup()

    async def asked(path: str) -> Any:
        response = await datasette.client.get(path)
        assert response.status_code == 200, response.text
        return response.json()

    for view in VIEWS:
        page = await asked(f"/record/{view.name}.json?_shape=objects")
        assert set(page["columns"]) == set(view.columns)
        assert set(page["facet_results"]) == set(view.facets)
    page = await asked("/record/steps.json")
    states = {each["value"]: each["count"] for each in page["facet_results"]["state"]["results"]}
    assert states == {"done": 14, "overridden": 1, "skipped": 3}
    part = await asked("/record/runs.json?_facet=outcome&protocol=freezer&_shape=objects")
    assert [row["outcome"] for row in part["rows"]] == ["complete"] * 3
    html = (await datasette.client.get("/record/readings")).text
    assert "with the limits that held then" in html


def test_every_view_has_what_it_says_and_the_checkpoint_is_with_it(database: Path, clinic: Clinic) -> None:
    with contextlib.closing(sqlite3.connect(database)) as db:
        for view in VIEWS:
            columns = [str(row[1]) for row in db.execute("SELECT * FROM pragma_table_info(?)", (view.name,))]
            assert columns == [*view.columns]
            assert set(view.facets) <= set(columns)
        ((size, root, key, note),) = db.execute("SELECT size, root, key, checkpoint FROM made_from")
        assert signed(note, key) == (size, bytes.fromhex(root))
        assert clinic.ledger.root(size).hex() == root
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        indexes = {str(name) for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'index'")}
    assert {"run_protocol", "entry_kind"} <= indexes
    assert SECRET_WORDS.encode() not in database.read_bytes()
    assert b"Beech" not in database.read_bytes()
