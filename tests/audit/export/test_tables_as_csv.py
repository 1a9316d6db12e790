"""CSV that a spreadsheet opens without doing anything: no formulas, all quoted, one file a table."""

from __future__ import annotations

import csv
import hashlib
from typing import TYPE_CHECKING

import pytest

from checklist.audit.export import tables_as_csv
from checklist.audit.export.tables_as_csv import cell
from checklist.audit.export.views import VIEWS
from checklist.clinic.exporting import Chosen, choose
from tests.support.freezer import FORMULA, SECRET_WORDS

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.audit.catalogue import Catalogue


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [*csv.DictReader(file, strict=True)]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "\t=", "\u200b=", "\x1b="])
def test_what_a_spreadsheet_would_act_on_gets_an_apostrophe(sign: str) -> None:
    shown = cell(f"{sign}cmd|' /C calc'!A0")
    assert shown.startswith("'")
    assert not {"\t", "\r", "\n", "\0", "\x1b"} & set(shown)


@pytest.mark.parametrize(
    ("value", "shown"), [(None, ""), (-18.5, "-18.5"), (-3, "-3"), ("134.0", "134.0"), ("-18.5", "'-18.5"), ("ä", "ä")]
)
def test_numbers_stay_numbers_and_nothing_is_nothing(value: object, shown: str) -> None:
    assert cell(value) == shown


def test_there_is_one_file_a_table_with_its_columns_and_every_cell_is_quoted(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    count = tables_as_csv.write(tmp_path / "out", catalogue.db)
    found = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    sums = found.pop(tables_as_csv.SUMS).decode().splitlines()
    assert {line.split("  ")[1]: line.split("  ")[0] for line in sums} == {
        name: hashlib.sha256(data).hexdigest() for name, data in found.items()
    }
    assert set(found) == {f"{view.name}.csv" for view in VIEWS}
    total = 0
    for view in VIEWS:
        data = found[f"{view.name}.csv"]
        assert data.startswith(b"\xef\xbb\xbf")
        lines = data.decode("utf-8-sig").split("\r\n")
        assert lines.pop() == ""
        assert lines[0] == ",".join(f'"{column}"' for column in view.columns)
        assert all(line.startswith('"') and line.endswith('"') for line in lines)
        total += len(lines) - 1
    assert total == count


def test_a_lot_that_is_a_formula_is_shown_and_words_are_not_there(catalogue: Catalogue, tmp_path: Path) -> None:
    tables_as_csv.write(tmp_path / "out", catalogue.db)
    lots = rows_of(tmp_path / "out" / "identifiers.csv")
    assert {row["value"] for row in lots} == {f"'{FORMULA}"}
    readings = rows_of(tmp_path / "out" / "readings.csv")
    assert {row["number"] for row in readings} == {"-12.0", "-18.0", "-18.1", "-18.2"}
    assert {row["low"] for row in readings} == {"-25.0"}
    everything = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    assert SECRET_WORDS.encode() not in everything
    assert b"Beech" not in everything


def test_a_part_is_the_chosen_entries_and_their_runs(catalogue: Catalogue, tmp_path: Path) -> None:
    run = catalogue.db.execute("SELECT max(n) FROM run").fetchone()[0]
    chosen = [n for (n,) in catalogue.db.execute("SELECT n FROM entry WHERE run = ? AND n > run", (run,))]
    choose(catalogue.db, Chosen(tuple(chosen), frozenset({run})))
    tables_as_csv.write(tmp_path / "out", catalogue.db, chosen=True)
    assert [row["n"] for row in rows_of(tmp_path / "out" / "runs.csv")] == [str(run)]
    assert [int(row["n"]) for row in rows_of(tmp_path / "out" / "entries.csv")] == chosen
