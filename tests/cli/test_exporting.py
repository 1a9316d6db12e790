"""`checklist export`: each format whole under its name, recorded with its digest, and nothing that names anybody."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from checklist.audit.export.tables_as_csv import SUMS
from checklist.audit.export.views import VIEWS
from checklist.cli.entrance import enter
from tests.support.freezer import SECRET_WORDS
from tests.support.outside import leaves

if TYPE_CHECKING:
    from tests.cli.conftest import Run, Who

DOCUMENT = Path(__file__).parents[2] / "docs" / "exports.md"


def recorded(root: Path) -> dict[str, object]:
    """What the newest entry about an export says."""
    leaf = leaves(root, "exported")[-1]
    assert leaf.fields["actor"] is None
    return leaf.data


@pytest.mark.parametrize("form", ["jsonl", "csv", "sqlite"])
def test_what_left_is_whole_and_recorded_with_its_digest(run: Run, frozen: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / "out.db"
    answer = run("export", form, "--out", out)
    assert (answer.code, answer.err) == (0, "")
    digest = hashlib.sha256((out / SUMS if form == "csv" else out).read_bytes()).hexdigest()
    told = recorded(frozen)
    files = [*out.iterdir()] if form == "csv" else [out]
    assert told == {
        "what": "record", "format": form, "sha256": digest, "filtered": False,
        "size": sum(path.stat().st_size for path in files),
    }  # fmt: skip
    assert f"SHA-256 {digest}" in answer.out
    assert all(path.stat().st_mode & 0o077 == 0 for path in (out, *files))
    everything = b"".join(path.read_bytes() for path in files)
    assert SECRET_WORDS.encode() not in everything
    assert b"Otto" not in everything
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert run("verify").code == 0


def test_a_filter_takes_a_part(run: Run, frozen: Path, tmp_path: Path) -> None:
    assert run("export", "jsonl", "kind:step.overridden", "--out", tmp_path / "one.jsonl").code == 0
    entry, checkpoint = map(json.loads, (tmp_path / "one.jsonl").read_text("utf-8").splitlines())
    assert (entry["kind"], checkpoint["whole"]) == ("step.overridden", False)
    assert recorded(frozen)["filtered"] is True
    assert run("export", "csv", "kind:step.overridden", "--out", tmp_path / "tables").code == 0
    lines = {path.stem: path.read_text("utf-8-sig").count("\n") - 1 for path in (tmp_path / "tables").glob("*.csv")}
    assert (lines["overrides"], lines["entries"], lines["runs"], lines["gate_answers"]) == (1, 1, 1, 0)
    left_out = run("export", "jsonl", "kind:step.overridden", "-step:shut", "--out", tmp_path / "none.jsonl")
    assert (left_out.code, "takes nothing" in left_out.err) == (0, True)
    assert "no option" in run("export", "csv", "--sinc", "x", "--out", tmp_path / "x").told
    assert "sqlite takes the whole record" in run("export", "sqlite", "is:open", "--out", tmp_path / "x").told
    assert "filter" in run("export", "csv", "nonsense:1", "--out", tmp_path / "x").told


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_what_was_missed_has_no_entry_and_a_line_says_where_it_stands(
    run: Run, frozen: Path, tmp_path: Path, form: str
) -> None:
    answer = run("export", form, "is:missed", "--out", tmp_path / "missed")
    assert answer.code == 0
    assert "What was planned and missed has no entry to take along" in answer.err
    assert "the table “plan” of csv and sqlite without a filter" in answer.err
    assert "takes nothing" not in answer.err
    assert frozen.is_dir()


def test_what_cannot_be_done_is_said_and_nothing_is_left(run: Run, frozen: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("mine")
    before = sorted(path.name for path in tmp_path.iterdir())
    assert "no bundle and hands out no names" in run("export", "bundle", "--out", tmp_path / "b").told
    assert "no bundle and hands out no names" in run("export", "jsonl", "--with-openings", "--out", tmp_path / "b").told
    assert "give one of: jsonl, csv, sqlite" in run("export", "xml", "--out", tmp_path / "b").told
    assert "there already" in run("export", "jsonl", "--out", there).told
    assert "does not exist" in run("export", "csv", "--out", tmp_path / "no" / "where").told
    assert "--out" in run("export", "jsonl").told
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert there.read_text() == "mine"
    assert leaves(frozen, "exported") == []


def test_a_damaged_entry_is_named_and_the_rest_is_taken(run: Run, frozen: Path, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(frozen / "ledger.db")) as db:
        (trigger,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'entry_update'").fetchone()
        db.execute("DROP TRIGGER entry_update")
        db.execute("UPDATE entry SET leaf = x'00' WHERE idx = 12")
        db.execute(trigger)
        db.commit()
    for form in ("jsonl", "csv", "sqlite"):
        answer = run("export", form, "--out", tmp_path / form)
        assert answer.code == 1, answer
        assert "Could not be read: a#12; see “checklist verify”." in answer.err
    with contextlib.closing(sqlite3.connect(tmp_path / "sqlite")) as db:
        assert [place for _, place, _ in db.execute("SELECT * FROM damaged_entries")] == ["a#12"]


def test_a_record_that_nobody_can_go_on_with_is_taken_and_does_not_say_so(
    run: Run, frozen: Path, tmp_path: Path
) -> None:
    with contextlib.closing(sqlite3.connect(frozen / "ledger.db")) as db:
        db.execute("DROP TRIGGER entry_update")
        db.execute("UPDATE entry SET leaf = x'00' WHERE idx = 12")
        db.commit()
    size = len(_indexes(frozen))
    for form in ("jsonl", "csv", "sqlite"):
        answer = run("export", form, "--out", tmp_path / form)
        assert answer.code == 1, answer
        assert "does not say that this was exported" in answer.err
        assert "protection of the record was changed" in answer.err
        assert "Could not be read: a#12; see" in answer.err
    assert run("sample", 1, "--seed", "x").code == 1
    assert run("prove", "a#20").code == 0
    assert "damaged" in run("prove", "a#12").err
    assert run("review").code == 1
    assert len(_indexes(frozen)) == size


def test_a_forged_entry_is_not_handed_out_as_genuine(run: Run, frozen: Path, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(frozen / "ledger.db")) as db:
        (trigger,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'entry_update'").fetchone()
        db.execute("DROP TRIGGER entry_update")
        db.execute('UPDATE entry SET leaf = CAST(replace(leaf, \'"via":"\', \'"via":"x\') AS BLOB) WHERE idx = 12')
        db.execute(trigger)
        db.commit()
    for form in ("jsonl", "csv", "sqlite"):
        answer = run("export", form, "--out", tmp_path / form)
        assert answer.code == 1, answer
        assert "Could not be read: a#12; see" in answer.err
    told = [json.loads(line) for line in (tmp_path / "jsonl").read_text("utf-8").splitlines()]
    (damaged,) = [line for line in told if "damaged" in line]
    assert damaged["index"] == 12


def test_of_a_record_that_was_cut_off_what_is_left_is_taken(run: Run, frozen: Path, tmp_path: Path) -> None:
    size = len(_indexes(frozen))
    with contextlib.closing(sqlite3.connect(frozen / "ledger.db")) as db:
        (trigger,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'entry_delete'").fetchone()
        db.execute("DROP TRIGGER entry_delete")
        db.execute("DELETE FROM entry WHERE idx >= ?", (size - 3,))
        db.execute(trigger)
        db.commit()
    for form in ("jsonl", "csv", "sqlite"):
        answer = run("export", form, "--out", tmp_path / form)
        assert answer.code == 1, answer
        assert f"Could not be read: a#{size - 3} to a#{size - 1} (3); see" in answer.err
    drawn = run("sample", 1, "--seed", "x", "--json")
    assert (drawn.code, drawn.data["size"], len(drawn.data["damaged"])) == (1, size, 3)


@pytest.mark.usefixtures("frozen")
def test_the_command_that_opens_it_can_be_pasted(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "a;touch b.db"
    assert f"datasette '{out}' --metadata '" in run("export", "sqlite", "--out", out).out


def _indexes(root: Path) -> list[int]:
    with contextlib.closing(sqlite3.connect(root / "ledger.db")) as db:
        return [int(index) for (index,) in db.execute("SELECT idx FROM entry")]


def test_every_table_and_every_column_is_explained_in_the_document() -> None:
    text = DOCUMENT.read_text("utf-8")
    for view in VIEWS:
        part = text.partition(f"### `{view.name}`\n")[2].partition("\n### ")[0]
        assert view.about in part
        for column, about in view.columns.items():
            assert f"| `{column}` | {about} |" in part, (view.name, column)


@pytest.mark.usefixtures("frozen")
def test_an_auditor_may_without_signing_in_and_nothing_of_a_hostile_argument_is_shown(run: Run, otto: Who) -> None:
    answer = run("export", "\x1b[2Jjsonl", "--out", "\x1b]0;x\x07/nowhere/x")
    assert answer.code == 2
    assert "\x1b" not in answer.err
    assert otto[1] == "Otto Oak"


def all_of(master: int) -> str:
    """What was shown on a terminal that nobody writes to any more."""
    seen = b""
    with contextlib.suppress(OSError):
        while part := os.read(master, 4096):
            seen += part
    os.close(master)
    return seen.decode()


def test_at_a_terminal_a_line_counts(frozen: Path, tmp_path: Path) -> None:
    size = len(leaves(frozen))
    for form, ends in (
        ("jsonl", f"\rWritten {size} of {size}\r\n"),
        ("csv", f"\rWritten {len(VIEWS)} of {len(VIEWS)}\r\n"),
    ):
        master, slave = os.openpty()
        with os.fdopen(slave, "w") as screen, contextlib.redirect_stderr(screen):
            assert enter(["export", form, "--out", str(tmp_path / form)]) == 0
        seen = all_of(master)
        assert seen.endswith(ends)
        assert ("Laid out" in seen) is (form == "csv")
