"""What an intruder can do to a ledger, and how it shows. Also what does not show, said openly."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest

from checklist.ledger import schema, tiles
from checklist.ledger.entry import Draft
from checklist.ledger.errors import Damaged
from checklist.ledger.highwater import HighWater
from checklist.ledger.keys import StationKey
from checklist.ledger.merkle import Frontier, leaf_hash
from checklist.ledger.note import Checkpoint, Note
from checklist.ledger.reader import Reader, open_read_only
from checklist.ledger.report import MAX_FINDINGS, Judge
from checklist.ledger.verify import verify, verify_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from checklist.ledger.entry import Entry, Json
    from checklist.ledger.report import Report
    from checklist.ledger.store import Ledger
    from checklist.ledger.views import View

    Make = Callable[[str], Draft]
    Intrude = Callable[..., None]


def leaves_of(path: Path) -> list[bytes]:
    db = sqlite3.connect(path)
    rows = db.execute("SELECT leaf FROM entry ORDER BY idx").fetchall()
    db.close()
    return [leaf for (leaf,) in rows]


def rewrite(path: Path, leaves: list[bytes], *, key: StationKey | None = None) -> None:
    """Put other leaves in place and recompute everything that can be recomputed; with the key, sign it too."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN")
    for name in schema.TRIGGERS:
        db.execute(f"DROP TRIGGER {name}")
    for table in ("entry", "tile", "run_entry", "kind_entry"):
        db.execute(f"DELETE FROM {table}")  # noqa: S608
    sizes = {size for (size,) in db.execute("SELECT size FROM checkpoint")}
    frontier, prev, run, hashes = Frontier(), None, None, []
    for index, leaf in enumerate(leaves):
        fields = json.loads(leaf)
        if prev is not None:
            fields["prev"] = prev
        fields["index"] = index
        data = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        db.execute("INSERT INTO entry VALUES(?, ?, ?)", (index, fields["id"], data))
        if fields.get("run") != run:
            run = fields.get("run")
            db.execute("INSERT INTO run_entry VALUES(?, ?)", (index, run or ""))
        if fields["kind"] != "step.done":
            db.execute("INSERT INTO kind_entry VALUES(?, ?)", (fields["kind"], index))
        hashes.append(leaf_hash(data))
        prev = hashes[-1].hex()
        frontier.append(hashes[-1])
        if key and index + 1 in sizes:
            note = key.sign(str(Checkpoint(key.name, frontier.size, frontier.root())))
            db.execute("UPDATE checkpoint SET note = ? WHERE size = ?", (note, frontier.size))
    tiles.extend(db, 0, hashes)
    if key:
        db.execute("DELETE FROM checkpoint WHERE size > ?", (len(leaves),))
    for sql in schema.TRIGGERS.values():
        db.execute(sql)
    db.execute("COMMIT")
    db.close()


def rules(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings}


# What is clean


def test_a_clean_ledger_is_clean_to_the_last_signature(walked: Ledger, kinds: View, key: StationKey) -> None:
    walked.mark()
    seen: list[tuple[int, int]] = []
    report = verify(walked, views=[kinds], vkey=key.vkey, progress=lambda done, total: seen.append((done, total)))
    assert report.as_json() == {
        "result": "clean", "station": "a", "entries": 400, "root": walked.root().hex(), "first_bad": None,
        "views": "same", "anchored_to": None, "unanchored": 400, "checkpoints": 42, "findings": [],
    }  # fmt: skip
    assert seen == [(256, 400), (400, 400)]


def test_every_length_of_ledger_is_clean(ledger: Ledger, draft: Make) -> None:
    for count in (1, 253, 1, 1, 1, 255, 700):
        ledger.append(lambda _, count=count: [draft("x")] * count)  # type: ignore[misc]
        report = verify(ledger)
        assert (report.result, report.root) == ("clean", ledger.root().hex())


def test_from_an_earlier_place_on_only_the_rest_is_walked(walked: Ledger, kinds: View, intrude: Intrude) -> None:
    intrude("UPDATE entry SET leaf = x'00' WHERE idx = 5")
    report = verify(walked, since=300, views=[kinds])
    assert (report.result, report.checkpoints, report.views) == ("clean", 15, None)
    assert verify(walked, since=256).checkpoints == 15
    assert verify(walked, since=255).result == "tampered"
    assert verify(walked, since=100_000).result == "clean"


def test_verifying_writes_nothing(walked: Ledger, path: Path) -> None:
    walked.close()
    before = path.read_bytes()
    assert verify_file(path).result == "clean"
    assert path.read_bytes() == before


# What an intruder does without the key


@pytest.mark.parametrize("index", [0, 1, 7, 255, 256, 399])
def test_an_edited_byte_is_found_where_it_is(walked: Ledger, path: Path, intrude: Intrude, index: int) -> None:
    leaf = walked.entry(index).to_leaf()
    chance = random.Random(index)  # noqa: S311
    for _ in range(12):
        at = chance.randrange(len(leaf))
        other = leaf[:at] + bytes([leaf[at] ^ 1 << chance.randrange(8)]) + leaf[at + 1 :]
        intrude("UPDATE entry SET leaf = ? WHERE idx = " + str(index), params=(other,))  # noqa: S608
        report = verify_file(path)
        assert report.result == "tampered"
        assert report.first_bad is not None
        assert report.first_bad.index == index


@pytest.mark.parametrize("index", [2, 100, 256, 399])
def test_a_value_that_was_changed_is_found_where_it_is(
    walked: Ledger, path: Path, intrude: Intrude, index: int
) -> None:
    leaf = walked.entry(index).to_leaf()
    other = leaf.replace(b'"input":"typed"', b'"input":"sensed"')
    intrude("UPDATE entry SET leaf = ? WHERE idx = " + str(index), params=(other,))  # noqa: S608
    report = verify_file(path)
    assert report.first_bad is not None
    assert (report.result, report.first_bad.index, len(report.findings)) == ("tampered", index, 1)


@pytest.mark.usefixtures("walked")
@pytest.mark.parametrize("index", [0, 1, 256, 398, 399])
def test_a_deleted_entry_is_a_gap(path: Path, intrude: Intrude, index: int) -> None:
    intrude(f"DELETE FROM entry WHERE idx = {index}")  # noqa: S608
    report = verify_file(path)
    assert report.first_bad is not None
    assert (report.result, report.first_bad.index) == ("tampered", index)


@pytest.mark.usefixtures("walked")
def test_a_stretch_of_deleted_entries_is_a_gap(path: Path, intrude: Intrude) -> None:
    intrude("DELETE FROM entry WHERE idx BETWEEN 200 AND 390")
    report = verify_file(path)
    assert report.first_bad is not None
    assert (report.result, report.first_bad.index) == ("tampered", 200)
    assert [each.why for each in report.findings] == ["Entries 200 to 390 are missing."]
    assert report.checkpoints == 42, "what comes after them is judged all the same"
    intrude("UPDATE entry SET idx = idx + 1000000000000 WHERE idx = 399")
    assert verify_file(path).result == "tampered"


@pytest.mark.usefixtures("walked")
def test_a_deleted_and_renumbered_entry_is_found(path: Path, intrude: Intrude) -> None:
    intrude("DELETE FROM entry WHERE idx = 100", "UPDATE entry SET idx = idx - 1 WHERE idx > 100")
    report = verify_file(path)
    assert report.first_bad is not None
    assert (report.result, report.first_bad.index) == ("tampered", 100)


@pytest.mark.usefixtures("walked")
def test_swapped_entries_are_found(path: Path, intrude: Intrude) -> None:
    intrude(
        "UPDATE entry SET idx = 9999 WHERE idx = 20",
        "UPDATE entry SET idx = 20 WHERE idx = 21",
        "UPDATE entry SET idx = 21 WHERE idx = 9999",
    )
    report = verify_file(path)
    assert report.first_bad is not None
    assert (report.result, report.first_bad.index) == ("tampered", 20)


@pytest.mark.parametrize("index", [5, 100, 399])
def test_an_edit_with_all_hashes_recomputed_is_found_by_the_signatures(walked: Ledger, path: Path, index: int) -> None:
    walked.close()
    leaves = leaves_of(path)
    leaves[index] = leaves[index].replace(b'"typed"', b'"sensed"')
    rewrite(path, leaves)
    report = verify_file(path)
    assert report.first_bad is not None
    assert report.result == "tampered"
    assert report.first_bad.index <= index < report.first_bad.index + 10
    assert rules(report) == {"checkpoint"}


def test_an_edit_signed_with_another_key_is_found(walked: Ledger, path: Path, tmp_path: Path) -> None:
    walked.close()
    leaves = leaves_of(path)
    leaves[100] = leaves[100].replace(b'"typed"', b'"sensed"')
    rewrite(path, leaves, key=StationKey.create(tmp_path / "thief", "riverside.example/a"))
    assert rules(verify_file(path)) == {"signature"}


def test_a_cut_off_tail_is_found_while_its_checkpoints_are_there(walked: Ledger, path: Path, intrude: Intrude) -> None:
    walked.close()
    intrude("DELETE FROM entry WHERE idx >= 200", "DELETE FROM run_entry WHERE idx >= 200")
    report = verify_file(path)
    assert report.first_bad is not None
    assert (report.result, report.first_bad.index) == ("tampered", 200)
    assert "truncated" in rules(report)


# What does not show inside the file, and what shows it


def test_a_tail_cut_off_with_its_checkpoints_shows_by_the_mark_and_by_a_checkpoint_kept_elsewhere(
    walked: Ledger, path: Path, key: StationKey
) -> None:
    kept = Checkpoint.parse(Note.parse(walked.checkpoint()).text)
    walked.close()
    rewrite(path, leaves_of(path)[:200], key=key)
    assert verify_file(path).result == "clean"  # the honest limit
    by_mark = verify_file(path, high_water=key.path.with_name("a.high-water"))
    by_anchor = verify_file(path, known_checkpoints=[kept])
    for report in (by_mark, by_anchor):
        assert report.first_bad is not None
        assert (report.result, report.first_bad.index) == ("tampered", 200)


def test_an_edit_signed_with_the_stolen_key_shows_by_a_checkpoint_kept_elsewhere(
    walked: Ledger, path: Path, key: StationKey
) -> None:
    kept = [Checkpoint.parse(Note.parse(walked.checkpoint(size)).text) for size in (50, 400)]
    walked.close()
    leaves = leaves_of(path)
    leaves[100] = leaves[100].replace(b'"typed"', b'"sensed"')
    rewrite(path, leaves, key=key)
    assert verify_file(path).result == "clean"  # the honest limit
    report = verify_file(path, known_checkpoints=kept)
    assert report.first_bad is not None
    assert (report.result, report.first_bad.index, report.anchored_to) == ("tampered", 50, 50)
    since = verify_file(path, known_checkpoints=[kept[0]], since=300)
    assert (since.result, since.anchored_to) == ("clean", 50)
    mark = verify_file(path, high_water=key.path.with_name("a.high-water"))
    assert "rollback" in rules(mark)


def test_an_older_copy_shows_by_the_mark(
    walked: Ledger, path: Path, tmp_path: Path, key: StationKey, draft: Make
) -> None:
    walked.backup(tmp_path / "old.db")
    walked.append(lambda _: [draft("newer")])
    walked.close()
    shutil.copy(tmp_path / "old.db", path)
    assert verify_file(path).result == "clean"  # the honest limit
    report = verify_file(path, high_water=key.path.with_name("a.high-water"))
    assert (report.result, rules(report)) == ("tampered", {"rollback"})


def test_a_fresh_log_in_place_of_the_old_one_shows_by_the_key_that_is_known(
    walked: Ledger, path: Path, key: StationKey, tmp_path: Path
) -> None:
    walked.close()
    thief = StationKey.create(tmp_path / "thief", "riverside.example/a")
    leaves = leaves_of(path)
    leaves[0] = leaves[0].replace(key.vkey.encode(), thief.vkey.encode())
    rewrite(path, leaves, key=thief)
    assert verify_file(path).result == "clean"  # the honest limit
    report = verify_file(path, vkey=key.vkey)
    assert (report.result, rules(report)) == ("tampered", {"key"})


def test_anchors_say_how_much_is_vouched_for(walked: Ledger) -> None:
    walked.mark()
    kept = [Checkpoint.parse(Note.parse(walked.checkpoint(size)).text) for size in (10, 300, 300)]
    stranger = Checkpoint("elsewhere.example/a", 10, bytes(32))
    report = verify(walked, known_checkpoints=[*kept, stranger])
    assert (report.result, report.anchored_to, report.unanchored) == ("clean", 300, 100)
    assert rules(report) == {"anchor"}
    wrong = Checkpoint(kept[0].origin, 20, bytes(32))
    report = verify(walked, known_checkpoints=[*kept, wrong])
    assert report.first_bad is not None
    assert (report.result, report.first_bad.index) == ("tampered", 10)


# Everything else that is stored


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE entry SET id = '01ARYZ6S410000000000000000' WHERE idx = 7", "id"),
        ("UPDATE run_entry SET run = 'a#9' WHERE idx = 2", "lookup"),
        ("UPDATE run_entry SET idx = 1 WHERE idx = 2", "lookup"),
        ("DELETE FROM run_entry WHERE idx = 2", "lookup"),
        ("INSERT INTO run_entry VALUES(7, 'a#9')", "lookup"),
        ("INSERT INTO run_entry VALUES(0, 'a#1')", "lookup"),
        ("INSERT INTO run_entry VALUES(-1, 'a#1')", "lookup"),
        ("INSERT INTO run_entry VALUES(400, 'a#1')", "lookup"),
        ("UPDATE kind_entry SET kind = 'x' WHERE idx = 1", "lookup"),
        ("DELETE FROM kind_entry WHERE idx = 1", "lookup"),
        ("INSERT INTO kind_entry VALUES('run.started', 300)", "lookup"),
        ("INSERT INTO kind_entry VALUES('step.done', 7)", "lookup"),
        ("INSERT INTO kind_entry VALUES('run.started', 9999)", "lookup"),
        ("DROP INDEX run_entry_run", "lookup"),
        ("DROP TABLE run_entry", "schema"),
        ("UPDATE tile SET hashes = zeroblob(512) WHERE level = 0 AND idx = 0", "leaf"),
        ("UPDATE tile SET hashes = x'00' WHERE level = 0 AND idx = 1", "leaf"),
        ("DELETE FROM tile WHERE level = 0 AND idx = 1", "hashes"),
        ("DELETE FROM tile WHERE level = 1", "hashes"),
        ("UPDATE tile SET hashes = zeroblob(32) WHERE level = 1", "hashes"),
        ("DELETE FROM checkpoint WHERE size > 390", "unsigned"),
        ("DELETE FROM checkpoint", "unsigned"),
        ("UPDATE checkpoint SET note = 'x' WHERE size = 200", "checkpoint"),
        ("UPDATE checkpoint SET note = replace(note, char(10) || '200', char(10) || '201') WHERE size = 200", "checkpoint"),  # noqa: E501
        ("UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = 190) WHERE size = 200", "checkpoint"),
        ("UPDATE checkpoint SET note = replace(note, ' riverside', ' hillside') WHERE size = 200", "signature"),
        ("INSERT INTO checkpoint VALUES(9999, 'x')", "truncated"),
        ("INSERT INTO entry VALUES(400, 'x', x'00')", "unsigned"),
        ("DROP TABLE checkpoint", "schema"),
        ("DROP TABLE kept", "schema"),
        ("ALTER TABLE tile ADD COLUMN more TEXT", "schema"),
        ("DELETE FROM entry", "opening"),
        ("UPDATE kinds SET n = 5", "views"),
    ],
)  # fmt: skip
def test_whatever_is_changed_shows(
    walked: Ledger, path: Path, kinds: View, intrude: Intrude, statement: str, rule: str
) -> None:
    walked.close()
    if statement.startswith("DROP TABLE checkpoint"):
        db = sqlite3.connect(path, isolation_level=None)
        db.execute(statement)
        db.close()
    else:
        intrude(statement)
    report = verify_file(path, views=[kinds])
    assert report.result == "tampered"
    assert rule in rules(report)


def test_a_forged_signature_is_found(walked: Ledger, path: Path, intrude: Intrude) -> None:
    note = walked.checkpoint(200)
    at = note.index("=\n", note.index("\u2014")) - 10
    other = note[:at] + ("A" if note[at] != "A" else "B") + note[at + 1 :]
    intrude("UPDATE checkpoint SET note = ? WHERE size = 200", params=(other,))
    report = verify_file(path)
    assert (report.result, rules(report)) == ("tampered", {"signature"})


def test_missing_triggers_are_a_finding_and_no_tampering(walked: Ledger, path: Path) -> None:
    walked.close()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("DROP TRIGGER entry_delete")
    db.execute("DROP TRIGGER entry_update")
    db.close()
    report = verify_file(path)
    assert (report.result, rules(report), len(report.findings)) == ("clean", {"unprotected"}, 2)


def test_the_file_of_the_mark_may_be_missing_or_damaged(walked: Ledger, path: Path, tmp_path: Path) -> None:
    walked.close()
    for data in (None, b"damaged"):
        if data:
            (tmp_path / "mark").write_bytes(data)
        report = verify_file(path, high_water=tmp_path / "mark")
        assert (report.result, rules(report)) == ("clean", {"high-water"})
    HighWater(400, "ab" * 32).write(tmp_path / "mark")
    assert verify_file(path, high_water=tmp_path / "mark").result == "tampered"


# Leaves that were signed but should never have been written


def forge(path: Path, key: StationKey, index: int, **fields: object) -> Report:
    """What the holder of the key could write with another program."""
    leaves = leaves_of(path)
    leaves[index] = json.dumps(json.loads(leaves[index]) | fields).encode()
    rewrite(path, leaves, key=key)
    return verify_file(path)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"at": "2026-11-22T09:00:00.000000Z"}, "time"),
        ({"station": "b"}, "place"),
        ({"data": {"value": 1.5}}, "form"),
        ({"more": 1}, "form"),
        ({"v": 2}, "form"),
        ({"kind": "key.rotated"}, "key-rotated"),
    ],
)
def test_a_leaf_against_the_rules_is_found_though_it_was_signed(
    walked: Ledger, path: Path, key: StationKey, fields: dict[str, object], rule: str
) -> None:
    walked.close()
    report = forge(path, key, 77, **fields)
    assert rule in rules(report)
    assert report.result == ("clean" if rule == "key-rotated" else "tampered")


@pytest.mark.parametrize("fields", [{"kind": "other"}, {"data": {}}, {"data": {"origin": "x/a", "key": "nonsense"}}])
def test_a_first_entry_that_opens_no_log_is_found(
    walked: Ledger, path: Path, key: StationKey, fields: dict[str, object]
) -> None:
    walked.close()
    report = forge(path, key, 0, **fields)
    assert report.first_bad is not None
    assert (report.result, report.first_bad.index) == ("tampered", 0)
    assert verify_file(path, vkey=key.vkey).result == "tampered"


def test_an_entry_filed_at_another_place_than_its_own_is_found(walked: Ledger, path: Path, intrude: Intrude) -> None:
    walked.close()
    leaf = leaves_of(path)[77].replace(b'"index":77', b'"index":78')
    db = sqlite3.connect(path)
    row, place = divmod(77, tiles.ROW)
    (data,) = db.execute("SELECT hashes FROM tile WHERE level = 0 AND idx = ?", (row,)).fetchone()
    db.close()
    data = data[: place * 32] + leaf_hash(leaf) + data[(place + 1) * 32 :]
    intrude("UPDATE tile SET hashes = ? WHERE level = 0 AND idx = ?", params=(data, row))
    intrude("UPDATE entry SET leaf = ? WHERE idx = 77", params=(leaf,))
    assert {"place", "prev", "checkpoint"} <= rules(verify_file(path))


def test_a_signature_copied_to_another_entry_is_found(ledger: Ledger, draft: Make, path: Path) -> None:
    target = ledger.append(lambda _: [draft("1")])[0]

    def sign(entry: Entry, **changes: Json) -> None:
        of: dict[str, Json] = {"station": entry.station, "index": entry.index, "leaf": entry.leaf}
        data: dict[str, Json] = {"of": of | changes, "meaning": "verified"}
        ledger.append(lambda _: [Draft("signed", data, "u_2", "tui")])

    ledger.mark()
    sign(target)
    sign(target, station="b")
    sign(target, index="1")
    assert verify(ledger).result == "clean"
    sign(target, index=2)
    report = verify(ledger)
    assert report.first_bad is not None
    assert (report.result, rules(report), report.first_bad.index) == ("tampered", {"reference"}, 5)
    sign(target, index=99)
    db = sqlite3.connect(path)
    db.execute("UPDATE tile SET hashes = substr(hashes, 1, 32)")
    db.commit()
    db.close()
    assert [finding.entry for finding in verify(ledger).findings if finding.rule == "reference"] == [2, 5, 6]


# What cannot be read


def test_what_cannot_be_read_cannot_be_checked(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is no database, only a long enough text" * 100)
    for path in (tmp_path / "none.db", tmp_path, tmp_path / "text.db"):
        report = verify_file(path)
        assert (report.result, report.entries) == ("cannot-check", 0)
        assert rules(report) == {"cannot-check"}


def test_a_fault_in_the_middle_of_reading_is_no_verdict(walked: Ledger, path: Path) -> None:
    reader = open_read_only(path)
    assert verify(reader, progress=lambda *_: reader.close()).result == "cannot-check"
    assert verify(walked, vkey="nonsense").result == "cannot-check"


def test_a_view_that_cannot_take_an_entry_differs(walked: Ledger, kinds: View) -> None:
    class Failing:
        name, tables, schema, reads = kinds.name, kinds.tables, kinds.schema, kinds.reads

        def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
            kinds.apply(db, entry)
            if entry.index == 5:
                raise KeyError("value")

    report = verify(walked, views=[Failing()])
    assert (report.result, report.views) == ("tampered", "differ")


def test_a_damaged_page_is_found_near_its_entries(walked: Ledger, path: Path, kinds: View) -> None:
    walked.close()
    clean = path.read_bytes()
    verdicts = set()
    for start in range(4096, len(clean), 4096):
        path.write_bytes(clean[:start] + b"\xa5" * 4096 + clean[start + 4096 :])
        report = verify_file(path, views=[kinds])
        verdicts.add((report.result, report.first_bad is not None))
        assert report.result != "clean"
        lost = [one.entry for one in report.findings if one.rule in ("unreadable", "gap") and "after" not in one.why]
        assert len(lost) == len(set(lost)), "each is told once"
    assert ("tampered", True) in verdicts


def test_a_report_keeps_the_first_hundred_findings() -> None:
    judge = Judge()
    for index in range(200, 0, -1):
        judge.suspect("rule", "why", index)
    judge.suspect("rule", "no place")
    assert len(judge.findings) == MAX_FINDINGS
    assert judge.first_bad is not None
    assert judge.first_bad.index == 1
    judge.changed("rule", "why", 50)
    judge.changed("rule", "why", 60)
    assert judge.first_bad.index == 50
    judge.changed("unreadable", "a range", 300)
    judge.changed("gap", "another", 400)
    assert [each.why for each in judge.findings[:3]] == ["a range", "another", "why"], "what is lost does not drop out"
    assert len(judge.findings) == MAX_FINDINGS


def test_a_reader_can_be_made_by_hand(walked: Ledger, path: Path) -> None:
    reader = Reader(schema.connect(path, write=False), path)
    assert verify(reader).result == "clean"
    reader.close()
    assert walked.size == 400


def test_a_table_made_anew_without_its_rules_is_found(walked: Ledger, path: Path) -> None:
    walked.close()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("CREATE TABLE copy(idx INTEGER PRIMARY KEY, id TEXT, leaf)")
    db.execute("INSERT INTO copy SELECT * FROM entry")
    db.execute("DROP TABLE entry")
    db.execute("ALTER TABLE copy RENAME TO entry")
    db.execute("UPDATE entry SET id = (SELECT id FROM entry WHERE idx = 7) WHERE idx = 8")
    db.execute("UPDATE entry SET leaf = 'words' WHERE idx = 9")
    db.close()
    report = verify_file(path)
    assert report.first_bad is not None
    assert (report.result, report.first_bad.index) == ("tampered", 9)
    assert {"schema", "id", "leaf"} <= rules(report)


def test_many_signatures_are_checked_without_keeping_them_all(ledger: Ledger, draft: Make) -> None:
    for _ in range(18):
        ledger.append(lambda _: [draft("x")] * 256)
    report = verify(ledger)
    assert (report.result, report.checkpoints) == ("clean", 19)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE tile SET hashes = CAST(hashes || zeroblob(32) AS BLOB) WHERE level = 1 AND idx = 0",
        "INSERT INTO tile VALUES (0, 25, zeroblob(32))",
        "INSERT INTO tile VALUES (3, 0, zeroblob(32))",
        "INSERT INTO tile VALUES (0, 900, zeroblob(32))",
    ],
)
def test_stored_hashes_beyond_the_last_entry_are_found(walked: Ledger, path: Path, change: str) -> None:
    walked.close()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(change)
    db.close()
    report = verify_file(path)
    assert report.result == "tampered"
    assert "hashes" in rules(report)


def test_a_trigger_that_is_not_ours_is_a_finding_and_nothing_is_recorded_over_it(
    walked: Ledger, path: Path, draft: Make
) -> None:
    evil = "CREATE TRIGGER evil BEFORE INSERT ON entry WHEN NEW.idx > 0 BEGIN SELECT RAISE(IGNORE); END"
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(evil)
    size = walked.size
    # Open already, the ledger notices that its entry did not get there; opened anew, it refuses to go on.
    with pytest.raises(Damaged, match="kept an entry from being written"):
        walked.append(lambda _: [draft("one")])
    assert walked.size == size
    with pytest.raises(Damaged, match="evil"):
        walked.reopen()
    db.close()
    report = verify_file(path)
    assert report.result == "clean"
    assert "foreign" in rules(report)


def test_what_only_bears_the_name_of_a_table_is_not_read(walked: Ledger, path: Path) -> None:
    walked.close()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("DROP TABLE tile")
    db.execute("CREATE VIEW tile AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n")
    db.close()
    assert verify_file(path).result == "tampered"
