"""A file that was cut off or overwritten is read around what is lost: nothing that is left is hidden, and nothing is
made up in the place of what is not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from checklist.ledger import partly
from checklist.ledger.errors import Damaged, LedgerError
from checklist.ledger.highwater import HighWater
from checklist.ledger.merkle import leaf_hash
from checklist.ledger.reader import open_read_only
from checklist.ledger.verify import verify_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from checklist.ledger.entry import Draft
    from checklist.ledger.report import Report
    from checklist.ledger.store import Ledger
    from checklist.ledger.views import View

PAGE = 4096
INTERIOR = 5
"""The kind of a page that leads to others, in the format of SQLite's files."""


def whys(report: Report) -> str:
    return "\n".join(finding.why for finding in report.findings)


def leaves_of(path: Path) -> list[bytes]:
    with closing(sqlite3.connect(path)) as db:
        return [leaf for (leaf,) in db.execute("SELECT leaf FROM entry ORDER BY idx")]


def root_of(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as db:
        ((page,),) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchall()
        return int(page)


def child_of(data: bytes | bytearray, page: int, number: int) -> int:
    """The page that a page leads to at this place."""
    at = (page - 1) * PAGE
    cell = int.from_bytes(data[at + 12 + 2 * number : at + 14 + 2 * number], "big")
    return int.from_bytes(data[at + cell : at + cell + 4], "big")


def test_whatever_is_cut_off_the_rest_is_what_it_was(
    walked: Ledger, path: Path, kinds: View, reopen: Callable[[], Ledger]
) -> None:
    walked.close()
    whole = path.read_bytes()
    leaves = leaves_of(path)
    read = set()
    for length in range(PAGE, len(whole), 5 * PAGE - 700):
        path.write_bytes(whole[:length])
        with pytest.raises(Damaged, match="a part of it is missing or was overwritten") as told:
            reopen()
        assert "restore" in told.value.advice
        with pytest.raises(Damaged, match="a part of it is missing or was overwritten"):
            open_read_only(path)
        report = verify_file(path, views=[kinds])
        assert report.result != "clean"
        try:
            reader = open_read_only(path, partly=True)
        except Damaged:
            continue
        with reader:
            found, _ = partly.rows_between(reader, 0, 400)
            hashes = partly.hashes_between(reader, 0, 400)
            assert partly.extent(reader) <= partly.room(reader)
        right = {index for index, row in found.items() if row[2] == leaves[index]}
        read.add(len(right))
        for index in found.keys() - right:  # the half of a page: it is there, and it shows that it is another
            assert f"Entry {index} is not " in whys(report) or index in hashes or index + 1 not in found
        for index in right & hashes.keys():
            assert hashes[index] == leaf_hash(leaves[index]) or index + 1 not in right
        if right and max(right) < 380:
            assert "cannot be read: the file is damaged" in whys(report)
    assert len(read) > 5


def test_a_stretch_that_a_page_led_to_is_told_as_one_and_what_is_behind_it_is_judged(
    ledger: Ledger, draft: Callable[[str], Draft], path: Path
) -> None:
    for _ in range(25):
        ledger.append(lambda _: [draft("x" * 3000) for _ in range(100)])
    ledger.close()
    data = bytearray(path.read_bytes())
    top = root_of(path, "entry")
    assert data[(top - 1) * PAGE] == INTERIOR
    lost = child_of(data, top, 1)
    data[(lost - 1) * PAGE : lost * PAGE] = bytes(PAGE)
    path.write_bytes(data)
    with open_read_only(path, partly=True) as reader:
        found, unreadable = partly.rows_between(reader, 0, 2501)
    assert found.keys() | unreadable == set(range(2501))
    assert len(unreadable) > 256
    first, last = min(unreadable), max(unreadable)
    assert 0 < first <= last < 2500
    report = verify_file(path)
    assert [each.why for each in report.findings if each.rule == "unreadable"] == [
        f"Entries {first} to {last} cannot be read: the file is damaged."
    ]
    assert (report.result, report.entries, report.checkpoints) == ("tampered", 2501, 26)
    assert {each.rule for each in report.findings} <= {"database", "unreadable", "lookup", "damaged"}


def test_where_hashes_cannot_be_read_entries_are_held_against_what_the_next_one_says(
    walked: Ledger, path: Path
) -> None:
    walked.close()
    data = bytearray(path.read_bytes())
    leaves = leaves_of(path)
    page = root_of(path, "tile")
    data[(page - 1) * PAGE : page * PAGE] = b"\xa5" * PAGE
    path.write_bytes(data)
    with open_read_only(path, partly=True) as reader:
        hashes = partly.hashes_between(reader, 0, 400)
        with pytest.raises(Damaged):
            reader.leaf_hash(5)
        entries, lost = partly.readable_entries(reader, "a#1")
    assert hashes == {index: leaf_hash(leaf) for index, leaf in enumerate(leaves[:-1])}, "nothing follows on the last"
    assert ([entry.index for entry in entries], lost) == ([*range(1, 399)], [399])
    report = verify_file(path)
    assert (report.result, report.first_bad and report.first_bad.index) == ("tampered", 0)
    assert "Stored hashes cannot be read, first those of the entries from 0 on" in whys(report)
    assert "is not what was recorded" not in whys(report)
    assert report.checkpoints == 42


def test_where_an_entry_and_its_hash_are_lost_what_was_signed_later_is_not_called_wrong(
    walked: Ledger, path: Path, intrude: Callable[..., None]
) -> None:
    walked.close()
    intrude("DELETE FROM entry WHERE idx = 100", "DELETE FROM tile WHERE level = 0 AND idx = 6")
    report = verify_file(path)
    assert (report.result, report.first_bad and report.first_bad.index) == ("tampered", 100)
    assert "Of entry 100 the hash is lost as well: what was signed after it cannot be compared." in whys(report)
    assert "was signed for other entries" not in whys(report)
    assert "does not follow" not in whys(report)


def test_the_end_is_told_by_what_is_left(walked: Ledger, path: Path, tmp_path: Path) -> None:
    walked.mark()
    walked.close()
    whole = path.read_bytes()
    tables = ("entry", "checkpoint", "run_entry", "kind_entry")
    last = {table: int.from_bytes(whole[(root_of(path, table) - 1) * PAGE + 8 :][:4], "big") for table in tables}
    roots = {table: root_of(path, table) for table in tables}
    data = bytearray(whole)

    def lose(table: str) -> None:
        page = last[table] if data[(roots[table] - 1) * PAGE] in (2, INTERIOR) else roots[table]
        data[(page - 1) * PAGE : page * PAGE] = b"\xa5" * PAGE
        path.write_bytes(data)

    def told() -> int:
        with open_read_only(path, partly=True) as reader:
            return partly.extent(reader)

    lose("entry")
    assert told() == 400, "the newest checkpoint tells"
    assert verify_file(path).entries == 400
    lose("checkpoint")
    assert 300 < told() < 400, "it is as far as entries can be read"
    mark = next((tmp_path / "keys").glob("*.high-water"))
    report = verify_file(path, high_water=mark)
    assert report.entries == 400, "the mark beside the key tells"
    with open_read_only(path, high_water=mark, partly=True) as reader:
        assert partly.extent(reader) == 400
        assert partly.told_inside(reader) == told() < 400
    mark.write_bytes(b"?")
    with open_read_only(path, high_water=mark, partly=True) as reader:
        assert partly.extent(reader) == told()
    mark.unlink()
    with open_read_only(path, high_water=mark, partly=True) as reader:
        assert partly.extent(reader) == told()
    assert "Which checkpoint is the newest cannot be read" in whys(report)
    assert "rollback" not in {each.rule for each in report.findings}


def test_a_file_says_of_no_more_entries_than_it_can_hold(
    walked: Ledger, path: Path, intrude: Callable[..., None], tmp_path: Path
) -> None:
    walked.close()
    mark = next((tmp_path / "keys").glob("*.high-water"))
    HighWater(10**15, "00" * 32).write(mark)
    intrude("INSERT INTO checkpoint VALUES (1000000000000, 'x')", "UPDATE entry SET idx = 1000000000 WHERE idx = 399")
    with open_read_only(path, partly=True) as reader:
        held = partly.room(reader)
        assert partly.extent(reader) == held < 1_000_000
    report = verify_file(path, high_water=mark)
    assert (report.result, report.first_bad and report.first_bad.index) == ("tampered", 399)
    assert "An entry is filed at 1000000000, and the file cannot hold as many." in whys(report)


def test_of_what_is_lost_it_is_known_which_run_it_was_of(
    ledger: Ledger, draft: Callable[[str], Draft], path: Path, intrude: Callable[..., None]
) -> None:
    def of(run: str | None) -> list[Draft]:
        return [replace(draft(str(n)), run=run) for n in range(10)]

    ledger.append(lambda _: [*of("a#1"), *of("a#11"), *of(None), *of("a#1")])
    assert partly.runs_of(ledger, [3, 5, 15, 25, 35]) == {"a#1", "a#11"}
    assert partly.runs_of(ledger, [25]) == set()
    intrude("DELETE FROM entry WHERE idx = 13", "UPDATE entry SET leaf = CAST('{}' AS BLOB) WHERE idx = 14")
    entries, lost = partly.readable_entries(ledger, "a#11")
    assert (len(entries), lost) == (9, [13, 14]), "its first entry is named by its id, and stands among the others"
    assert partly.readable_entries(ledger, "a#41") == partly.readable_entries(ledger, "?") == ([], [])
    ledger.close()
    data = bytearray(path.read_bytes())
    page = root_of(path, "run_entry")
    data[(page - 1) * PAGE : page * PAGE] = b"\xa5" * PAGE
    path.write_bytes(data)
    with open_read_only(path, partly=True) as reader:
        assert partly.runs_of(reader, [3, 15]) == set()
        with pytest.raises(Damaged):
            partly.readable_entries(reader, "a#11")


def test_where_the_end_is_lost_one_kind_that_can_be_read_tells(
    ledger: Ledger, draft: Callable[[str], Draft], path: Path
) -> None:
    kinds = ("a.first", *(f"middle.{n % 90}" for n in range(3000)), "z.last")
    ledger.append(lambda _: [replace(draft(""), kind=kind) for kind in kinds])
    ledger.close()
    data = bytearray(path.read_bytes())
    top, spoilt = root_of(path, "kind_entry"), b"\xa5" * PAGE
    assert data[(top - 1) * PAGE] == 2
    pages = [child_of(data, top, 0), *(child_of(data, top, n) for n in range(1, 9))]
    last = int.from_bytes(data[(top - 1) * PAGE + 8 :][:4], "big")
    for page in {root_of(path, "entry"), root_of(path, "checkpoint"), root_of(path, "run_entry"), *pages[1:]} - {last}:
        data[(page - 1) * PAGE : page * PAGE] = spoilt
    path.write_bytes(data)
    with open_read_only(path, partly=True) as reader:
        assert partly.extent(reader) == 3003


def test_how_entries_are_filed_is_said_once_where_it_cannot_be_read(
    ledger: Ledger, draft: Callable[[str], Draft], path: Path
) -> None:
    ledger.append(lambda _: [replace(draft(str(n)), kind="step.noted", run=f"a#{n}") for n in range(600)])
    ledger.close()
    data = bytearray(path.read_bytes())
    for table in ("kind_entry", "run_entry_run"):
        page = root_of(path, table)
        data[(page - 1) * PAGE : page * PAGE] = b"\xa5" * PAGE
    path.write_bytes(data)
    assert [each.why for each in verify_file(path).findings if each.rule == "lookup"] == [
        "How entries are filed by run cannot be read, or not of all.",
        "How entries are filed by kind cannot be read, or not of all.",
    ]


@pytest.mark.parametrize("kept", [0, 100, 2000])
def test_of_which_nothing_is_left_is_said_in_a_sentence(walked: Ledger, path: Path, kept: int) -> None:
    walked.close()
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(LedgerError) as told:
        open_read_only(path, partly=True)
    assert str(path) in str(told.value)
    assert verify_file(path).result == "cannot-check"
