"""The file of the catalogue: nothing else is followed, emptied or believed, and a broken one heals."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checklist.audit import keeping
from checklist.audit.catalogue import open_catalogue
from checklist.audit.errors import CatalogueError
from tests.support.laid_out import ZONE, Book, laid_out, rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from checklist.ledger.reader import Reader


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept.db"


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """A record of three entries."""
    book = Book(tmp_path)
    book.end(book.begin())
    with book.reader() as opened:
        yield opened


def whole(reader: Reader, path: Path) -> bool:
    """Whether the record is laid out there as it is."""
    with laid_out([reader], path) as found:
        return rows(found, "SELECT count(*) FROM entry") == [(3,)] and keeping.is_as_made(found.db)


def foreign(path: Path) -> None:
    """A database of somebody else."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE mine(word TEXT)")
        db.execute("INSERT INTO mine VALUES ('kept')")


def is_there(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT word FROM mine").fetchall() == [("kept",)]


@pytest.mark.parametrize("how", ["symlink", "hard link", "itself"])
def test_a_database_of_somebody_else_is_neither_followed_nor_emptied(
    reader: Reader, path: Path, tmp_path: Path, how: str
) -> None:
    other = tmp_path / "theirs.db"
    foreign(other)
    if how == "symlink":
        path.symlink_to(other)
    elif how == "hard link":
        path.hardlink_to(other)
    else:
        other.rename(path)
    assert whole(reader, path)
    assert not path.is_symlink()
    (left,) = path.parent.glob("kept.db.left-*")
    assert is_there(left if how == "itself" else other)


@pytest.mark.parametrize("what", ["fifo", "folder", "text"])
def test_what_is_no_file_of_tables_gets_another_name(reader: Reader, path: Path, what: str) -> None:
    if what == "fifo":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    else:
        path.write_text("a letter\n" * 200, "utf-8")
    assert whole(reader, path)
    (left,) = path.parent.glob("kept.db.left-*")
    assert left.is_fifo() or left.is_dir() or left.read_text("utf-8").startswith("a letter")


@pytest.mark.parametrize(
    "changed",
    [
        "CREATE TRIGGER quiet AFTER INSERT ON finding BEGIN DELETE FROM finding; END",
        "CREATE VIEW more AS SELECT * FROM entry",
        'CREATE TABLE "a ""b"""(c)',
        "DROP TABLE finding",
        "DROP INDEX run_place",
        "PRAGMA user_version=9",
    ],
)
def test_tables_that_are_not_just_as_they_are_made_are_made_anew(reader: Reader, path: Path, changed: str) -> None:
    laid_out([reader], path).close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM entry")
        db.execute(changed)
    assert whole(reader, path)


@pytest.mark.parametrize("key", ["size a", "span a 0"])
def test_nonsense_about_how_they_were_made_heals(tmp_path: Path, path: Path, key: str) -> None:
    book = Book(tmp_path)
    book.begin()
    with book.reader() as reader:
        laid_out([reader], path).close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE made SET value = 'x' WHERE key = ?", (key,))
    book.record("station.started", actor=None)
    with book.reader() as reader, laid_out([reader], path) as found:
        assert rows(found, "SELECT count(*) FROM entry") == [(book.ledger.size,)]


def _read(reader: Reader, path: Path) -> None:
    with laid_out([reader], path) as found:
        rows(found, "SELECT * FROM run")


def test_a_page_that_is_found_broken_later_is_said_once_and_then_healed(reader: Reader, path: Path) -> None:
    with laid_out([reader], path) as found:
        ((page,),) = rows(found, "SELECT rootpage FROM sqlite_schema WHERE name = 'run'")
        ((size,),) = rows(found, "PRAGMA page_size")
    assert isinstance(page, int)
    assert isinstance(size, int)
    data = bytearray(path.read_bytes())
    data[(page - 1) * size : page * size] = bytes(size)
    path.write_bytes(data)
    with pytest.raises(CatalogueError, match="made anew from the record: ask again"):
        _read(reader, path)
    _read(reader, path)
    assert whole(reader, path)


def test_a_table_that_goes_while_it_is_read_heals(reader: Reader, path: Path) -> None:
    def read() -> None:
        with laid_out([reader], path) as found:
            with closing(sqlite3.connect(path)) as db, db:
                db.execute("DROP TABLE run")
            rows(found, "SELECT * FROM run")

    with pytest.raises(CatalogueError, match="ask again"):
        read()
    assert whole(reader, path)


def test_what_is_wrong_with_a_question_is_no_damage(reader: Reader, path: Path) -> None:
    def ask() -> None:
        with laid_out([reader], path) as found:
            found.note("kept", "yes")
            rows(found, "SELECT nothing FROM run")

    with pytest.raises(sqlite3.OperationalError, match="nothing"):
        ask()
    with laid_out([reader], path) as found:
        assert found.made("kept") == "yes"


def _with_little_room(book: str, path: str) -> None:
    """Lay out a record where no file may grow beyond a few pages; print how many entries there are."""
    from pathlib import Path

    from checklist.ledger.store import Ledger

    resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, 16_384))
    with (
        Ledger.open_read_only(Path(book)) as reader,
        open_catalogue(Path(path), [reader], ZONE, lambda _: None) as found,
    ):
        print(*found.db.execute("SELECT count(*) FROM entry").fetchone())


def test_a_disk_that_is_full_while_they_are_made_costs_only_the_keeping(
    reader: Reader, path: Path, tmp_path: Path
) -> None:
    code = "import sys; from tests.audit.test_keeping import _with_little_room as go; go(*sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.db"), str(path)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("3\n", "")
    assert whole(reader, path)


def test_where_rows_cannot_be_kept_the_rest_goes_on_in_a_copy(
    reader: Reader, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("checklist.audit.catalogue._WAIT_TO_KEEP_MS", 1)
    with laid_out([reader], path) as found, closing(sqlite3.connect(path, isolation_level=None)) as other:
        found.hide([(1, "heat")])
        other.execute("BEGIN IMMEDIATE")
        found.put(lambda: found.note("kept", "yes"))
        assert (found.made("kept"), found.hidden()) == ("yes", [(1, "heat")])
    with laid_out([reader], path) as found:
        assert found.made("kept") is None


def test_where_they_cannot_even_be_read_meanwhile_is_said_in_a_sentence(
    reader: Reader, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "WAIT_S", 0.01)
    laid_out([reader], path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(CatalogueError, match=r"another program is holding .*; wait until it is done"):
            laid_out([reader], path)
