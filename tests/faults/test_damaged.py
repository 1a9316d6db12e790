"""A damaged clinic folder is read as far as it can be, by every command that reads; what cannot be is said."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.support.audited import damage, spoil_pages
from tests.support.in_process import through_a_pipe
from tests.support.place import Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INTERIOR = 5  # a page of SQLite's that points to others
UNREAD = r"can(not)? be read|is missing|is another than was recorded|Could not be read"


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


def test_a_file_that_was_cut_off_is_read_as_far_as_it_goes_and_never_written_to(sound: Path, tmp_path: Path) -> None:
    root = shutil.copytree(sound, tmp_path / "clinic")
    path = root / "ledger.db"
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 7 // 10])
    before = path.read_bytes()

    def told(*words: object) -> tuple[int, str]:
        found = through_a_pipe([*words, "--clinic", root])
        return found.code, found.text

    for words in (
        ["board"],
        ["clear", "microneedling", "--room", "room-1"],
        ["walk", "day-open"],
        ["trace", "load", "x"],
    ):
        code, text = told(*words)
        assert code == 2
        assert "a part of it is missing or was overwritten. Nothing can be recorded there." in text
        assert "checklist restore BACKUP DIR" in text
    code, text = told("verify")
    assert code == 1
    found = re.search(r"Entries (\d+) to (\d+) cannot be read: the file is damaged", text)
    assert found is not None
    code, listed = told("log", "--runs")
    assert code == 0
    assert re.search(rf"Of the entries a#\d+ to a#{found[2]} each is missing, or the file is damaged there", listed)
    run = next(run for run in re.findall(r"^(a#\d+) .*: complete", listed, re.MULTILINE))
    assert int(run.partition("#")[2]) < int(found[1])
    code, text = told("show", run)
    assert (code, "Outcome: complete" in text) == (0, True)
    assert told("export", "jsonl", "--out", tmp_path / "lines")[0] == 1
    left = [line for line in (tmp_path / "lines").read_text("utf-8").splitlines() if line.startswith('{"actor":')]
    assert int(found[1]) - 20 < len(left) <= int(found[1])
    assert told("report", "--html", tmp_path / "report.html")[0] == 1
    assert "Nothing can be recorded there" in (tmp_path / "report.html").read_text("utf-8")
    assert path.read_bytes() == before


@pytest.mark.parametrize("marked", [True, False])
def test_an_end_that_is_lost_is_named_wherever_the_record_is_told(sound: Path, tmp_path: Path, *, marked: bool) -> None:
    root = shutil.copytree(sound, tmp_path / "clinic")
    path, place = root / "ledger.db", Place(root)
    with closing(sqlite3.connect(path)) as db:
        ((size,),) = db.execute("SELECT max(size) FROM checkpoint").fetchall()
    if marked:  # only the mark beside the key says how far the record once was
        for table, column in (
            ("entry", "idx"),
            ("checkpoint", "size - 1"),
            ("run_entry", "idx"),
            ("kind_entry", "idx"),
        ):
            changed(root, f"DELETE FROM {table} WHERE {column} >= {size - 40}")  # noqa: S608 - words of ours
    else:
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 7 // 10])
    made = place.call("export", "jsonl", "--out", str(tmp_path / "lines"))
    lines = [json.loads(line) for line in (tmp_path / "lines").read_text("utf-8").splitlines()]
    lacking = [line["index"] for line in lines if "damaged" in line]
    assert (lines[-1]["size"], lines[-1]["whole"]) == (size, False)
    assert lacking == [*range(lacking[0], size)]
    span = f"a#{lacking[0]} to a#{size - 1} ({len(lacking):,})"
    assert (made.returncode, f"Could not be read: {span}" in made.stderr) == (1, True)
    for form in ("csv", "sqlite"):
        told = place.call("export", form, "--out", str(tmp_path / form))
        assert (told.returncode, f"Could not be read: {span}" in told.stderr) == (1, True)
    with closing(sqlite3.connect(tmp_path / "sqlite")) as db:
        assert db.execute("SELECT count(*) FROM damaged_entries").fetchone() == (len(lacking),)
        assert db.execute("SELECT count(*) FROM plan WHERE state = 'missed'").fetchone() == (0,)
    named = f"{len(lacking):,} entries of the record cannot be read: {span}"
    assert named in place.call("findings").stderr
    assert "(missed)" not in place.call("log", "--runs").stdout
    assert place.call("report", "--html", str(tmp_path / "page")).returncode == 1
    page = (tmp_path / "page").read_text("utf-8")
    assert (
        page.index("A PART CANNOT BE READ") < page.index(named) < page.index("Rules went through every entry that can")
    )
    assert f"{size:,} entries" in page
    assert "No checkpoint of this record is known to be kept elsewhere" not in page
    verified = place.call("verify")
    assert verified.returncode == 1
    assert str(size) in verified.stdout


@pytest.mark.parametrize("form", ["html", "pdf"])
@pytest.mark.parametrize("part", [7, 10])
def test_a_report_with_all_that_it_can_tell_is_made_of_a_damaged_and_of_a_sound_record(
    sound: Path, tmp_path: Path, form: str, part: int
) -> None:
    root = shutil.copytree(sound, tmp_path / "clinic")
    path, out = root / "ledger.db", tmp_path / f"report.{form}"
    path.write_bytes(path.read_bytes()[: path.stat().st_size * part // 10])
    made = Place(root).call("report", f"--{form}", str(out), "--names", "--verify")
    assert "Traceback" not in made.stderr
    assert (made.returncode, out.exists()) == (0 if part == 10 else 1, True), made.stderr
