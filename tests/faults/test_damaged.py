"""A damaged clinic folder is read as far as it can be, by every command that reads; what cannot be is said."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.demo.building import build
from checklist.clinic.folder import Folder
from tests.support.audited import damage, spoil_pages
from tests.support.in_process import through_a_pipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INTERIOR = 5  # a page of SQLite's that points to others
UNREAD = r"cannot be read|is missing|is another than was recorded|Could not be read"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day or two of work, made once. Nobody writes to it."""
    root = tmp_path_factory.mktemp("damaged") / "clinic"
    root.mkdir()
    build(Folder(root), days=1)
    return root


def changed(root: Path, statement: str) -> None:
    """Change the record behind the program's back, and put its guards back."""
    with closing(sqlite3.connect(root / "ledger.db", isolation_level=None)) as db:
        guards = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            db.execute(f'DROP TRIGGER "{name}"')
        db.execute(statement)
        for _, guard in guards:
            db.execute(guard)


def last_page(root: Path, table: str) -> None:
    """Write zeros over the page that holds the newest rows of a table."""
    path = root / "ledger.db"
    with closing(sqlite3.connect(path)) as db:
        ((size,),) = db.execute("PRAGMA page_size").fetchall()
        ((top,),) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchall()
    data = bytearray(path.read_bytes())
    at = (top - 1) * size
    page = int.from_bytes(data[at + 8 : at + 12], "big") if data[at] == INTERIOR else top
    data[(page - 1) * size : page * size] = bytes(size)
    path.write_bytes(data)


def without_texts(root: Path) -> None:
    shutil.rmtree(root / "adopted")


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "pages": (lambda root: spoil_pages(root / "ledger.db"), UNREAD),
    "the end": (lambda root: last_page(root, "entry"), UNREAD),
    "the last checkpoints": (lambda root: last_page(root, "checkpoint"), "cannot be read|can be read"),
    "the newest entries": (
        lambda root: changed(root, "DELETE FROM entry WHERE idx > (SELECT max(idx) - 50 FROM entry)"), UNREAD,
    ),
    "the first entry": (lambda root: changed(root, "DELETE FROM entry WHERE idx = 0"), "a#0"),
    "a leaf": (lambda root: damage(root / "ledger.db", typed(root)), UNREAD),
    "hashes": (lambda root: changed(root, "DELETE FROM tile WHERE level = 0 AND idx = 2"), UNREAD),
    "names": (lambda root: (root / "people.db").unlink(), "People are shown by their ids"),
    "keys": (lambda root: shutil.rmtree(root / "keys"), "there is no key"),
    "texts": (without_texts, "texts? .*adopted|nothing was judged by what such a text says"),
}  # fmt: skip


def typed(root: Path) -> int:
    """An entry with something that was typed."""
    with closing(sqlite3.connect(root / "ledger.db")) as db:
        return int(db.execute("SELECT min(idx) FROM entry WHERE instr(leaf, 'typed')").fetchone()[0])


@pytest.mark.parametrize("what", DAMAGE)
def test_what_can_be_read_is_and_what_cannot_is_said(sound: Path, tmp_path: Path, what: str) -> None:
    root = shutil.copytree(sound, tmp_path / "clinic")
    make, said = DAMAGE[what]
    make(root)
    # Neither texts nor checkpoints are needed to list runs, and what was signed is no matter of rules.
    unsigned = what == "the last checkpoints"

    def told(*words: object) -> str:
        found = through_a_pipe([*words, "--clinic", root])
        assert found.code in (0, 1), found.text
        assert "Traceback" not in found.text
        return found.text

    listed = told("log", "--runs")
    assert re.search("day-(open|close)", listed)
    assert re.search(said, listed) or what == "texts" or unsigned
    assert re.search(said, told("findings")) or unsigned
    for form in ("jsonl", "csv", "sqlite"):
        assert re.search(said, told("export", form, "--out", tmp_path / form)) or (unsigned and form == "csv")
        assert (tmp_path / form).exists()
    told("report", "--html", tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "Runs begun" in page
    assert re.search(f"{said}|could not be read|missing or changed", page) or unsigned
    if unsigned:  # there is nothing signed to draw from
        drawn = through_a_pipe(["sample", 2, "--seed", "s", "--out", tmp_path / "sample", "--clinic", root])
        assert (drawn.code, "no signed checkpoint that can be read" in drawn.text) == (2, True)
    else:
        assert "Written to" in told("sample", 2, "--seed", "s", "--out", tmp_path / "sample")


def test_without_names_nothing_is_made_up_and_nothing_is_recorded(sound: Path, tmp_path: Path) -> None:
    root = shutil.copytree(sound, tmp_path / "clinic")
    before = (root / "ledger.db").read_bytes()
    (root / "people.db").unlink()
    told = through_a_pipe(["log", "kind:signed", "--clinic", root])
    assert told.code == 0
    assert re.search(r" by u_[0-9a-f]{10} ", told.text)
    assert through_a_pipe(["export", "jsonl", "--out", tmp_path / "lines", "--clinic", root]).code == 0
    assert (root / "ledger.db").read_bytes() == before
    assert not (root / "people.db").exists()
