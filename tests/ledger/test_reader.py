"""Finding entries, and proving them."""

from __future__ import annotations

import re
import sqlite3
import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checklist.ledger import merkle
from checklist.ledger.entry import Draft
from checklist.ledger.errors import CannotOpen, CannotRead, Damaged
from checklist.ledger.merkle import EMPTY_ROOT, verify_consistency, verify_inclusion
from checklist.ledger.note import Checkpoint, Note
from checklist.ledger.partly import readable_entries
from checklist.ledger.store import Ledger
from checklist.ledger.verify import verify, verify_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_entries_are_found_by_index_id_run_and_kind(walked: Ledger) -> None:
    assert walked.size == 400
    last = walked.last()
    assert last is not None
    assert last == walked.entry(399) == walked.by_id(last.id)
    assert walked.by_id("01ARYZ6S410000000000000000") is None
    run = walked.run_entries("a#1")
    assert (len(run), run[0].kind, run[0].index, run[1].index) == (399, "run.started", 1, 2)
    for nobody in ("b#1", "a#1000", "nonsense"):
        assert walked.run_entries(nobody) == []
    assert [entry.index for entry in walked.entries_of_kind("step.done", limit=2)] == [2, 3]
    newest = walked.entries_of_kind("step.done", newest_first=True, limit=2, before=399)
    assert [entry.index for entry in newest] == [398, 397]
    assert len(walked.entries_of_kind("step.done")) == 398
    assert [entry.index for entry in walked.entries_of_kind("run.started", newest_first=True)] == [1]
    assert walked.entries_of_kind("step.failed") == []
    with pytest.raises(IndexError):
        walked.entry(400)


def test_a_late_run_costs_the_same_however_much_stands_before_it(walked: Ledger, draft: Callable[[str], Draft]) -> None:
    """Counted in steps of SQLite's machine, not in time."""

    def late() -> str:
        (started,) = walked.append(lambda _: [Draft("run.started", {"subject": "clinic"}, None, "tui")])
        walked.append(lambda _: [Draft("step.done", {"value": "1"}, None, "tui", f"a#{started.index}", "wipe")])
        return f"a#{started.index}"

    def cost(run: str) -> int:
        steps = 0

        def one() -> int:
            nonlocal steps
            steps += 1
            return 0

        walked._live().set_progress_handler(one, 1)
        assert len(walked.run_entries(run)) == 2
        assert [entry.kind for entry in walked.run_entries(run, after=int(run[2:]))] == ["step.done"]
        walked._live().set_progress_handler(None, 0)
        return steps

    before = cost(late())
    walked.append(lambda _: [draft("more")] * 1700)
    assert cost(late()) <= before + 20


def test_entries_are_found_by_what_their_leaves_hold(walked: Ledger, draft: Callable[[str], Draft]) -> None:
    walked.append(lambda _: [draft("more")] * 1700)
    pattern = re.compile(rb'"value":"(7|more)"')
    found = [entry.index for entry in walked.matching(pattern)]
    assert found == [9, *range(400, 2100)]
    assert [entry.index for entry in walked.matching(pattern, newest_first=True, before=401)] == [400, 9]
    assert list(walked.matching(re.compile(b'"value":"none"'))) == []


def test_entries_of_a_filed_kind_are_found_by_a_part_of_their_leaf_in_any_letters(ledger: Ledger) -> None:
    for what in ("Lot-7", "lot-8", "LOT-7"):
        ledger.append(lambda _, what=what: [Draft("recalled", {"what": what}, None, "cli")])  # type: ignore[misc]
    assert [entry.data["what"] for entry in ledger.naming("recalled", "lOt-7")] == ["Lot-7", "LOT-7"]
    assert ledger.naming("quarantined", "lot-7") == ledger.naming("recalled", "lot-9") == []


def test_a_changed_entry_is_not_given_out_as_what_was_recorded(walked: Ledger, intrude: Callable[..., None]) -> None:
    forged = walked.entry(5).to_leaf().replace(b'"value":"3"', b'"value":"4"')
    assert forged != walked.entry(5).to_leaf()
    intrude("UPDATE entry SET leaf = ? WHERE idx = 5", params=(forged,))
    with pytest.raises(Damaged, match="Entry 5 is damaged"):
        walked.run_entries("a#1")


def test_entries_are_read_page_by_page_while_others_append(
    walked: Ledger, draft: Callable[[str], Draft], reopen: Callable[[], Ledger]
) -> None:
    walked.append(lambda _: [draft("more")] * 1700)
    with reopen() as other:
        reading = other.entries()
        assert next(reading).index == 0
        walked.append(lambda _: [draft("meanwhile")])
        assert [entry.index for entry in reading] == list(range(1, 2100))
    assert [entry.index for entry in walked.entries(5, 8)] == [5, 6, 7]


def test_every_entry_and_every_earlier_checkpoint_can_be_proved(walked: Ledger) -> None:
    root = walked.root()
    for index in (0, 1, 254, 255, 256, 399):
        leaf = bytes.fromhex(walked.entry(index).leaf)
        assert walked.leaf_hash(index) == leaf
        assert verify_inclusion(leaf, index, 400, walked.inclusion_proof(index), root)
    for size in (1, 2, 10, 260, 400):
        old = Checkpoint.parse(Note.parse(walked.checkpoint(size)).text).root
        assert old == walked.root(size)
        assert verify_consistency(size, 400, old, root, walked.consistency_proof(size))
    assert verify_inclusion(walked.leaf_hash(3), 3, 7, walked.inclusion_proof(3, 7), walked.root(7))
    assert walked.root(0) == EMPTY_ROOT


def test_what_is_not_there_cannot_be_proved(walked: Ledger) -> None:
    for ask in (
        lambda: walked.root(401),
        lambda: walked.inclusion_proof(400),
        lambda: walked.inclusion_proof(-1),
        lambda: walked.inclusion_proof(7, 7),
        lambda: walked.consistency_proof(0),
        lambda: walked.consistency_proof(300, 299),
        lambda: walked.checkpoint(3),
    ):
        with pytest.raises(IndexError):
            ask()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.lists(st.lists(st.sampled_from([None, "a#1", "a#2"]), min_size=1, max_size=6), min_size=1, max_size=12))
def test_runs_walked_side_by_side_are_told_apart(ledger: Ledger, commits: list[list[str | None]]) -> None:
    if ledger.size == 1:
        ledger.append(lambda _: [Draft("run.started", {}, "u_1", "tui")] * 2)
    for runs in commits:
        drafts = [Draft("step.done", {}, "u_1", "tui", run, "step") for run in runs]
        ledger.append(lambda _, drafts=drafts: drafts)  # type: ignore[misc]
    everything = list(ledger.entries())
    for run in ("a#1", "a#2"):
        for after in (-1, ledger.size // 2):
            found = [entry for entry in everything if run in (entry.run, entry.place) and entry.index > after]
            assert ledger.run_entries(run, after=after) == found
        assert readable_entries(ledger, run) == (ledger.run_entries(run), [])
    assert verify(ledger).result == "clean"


def test_a_run_is_read_as_far_as_it_can_be_where_the_record_does_not_say_where_it_ends(walked: Ledger) -> None:
    whole = walked.run_entries("a#1")
    with sqlite3.connect(walked.path) as db:
        for (trigger,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {trigger}")
        db.execute("DELETE FROM tile WHERE level = 0 AND idx = (SELECT max(idx) FROM tile WHERE level = 0)")
    db.close()
    with pytest.raises(Damaged):
        walked.head()
    found, lost = readable_entries(walked, "a#1")
    assert found == [each for each in whole if each.index not in lost]
    assert len(found) + len(lost) == len(whole)
    assert lost
    assert readable_entries(walked, "nonsense") == ([], [])


def test_a_proof_is_made_from_few_tiles(ledger: Ledger, draft: Callable[[str], Draft]) -> None:
    ledger.append(lambda _: [draft("x")] * 7000)
    asked: list[tuple[int, int]] = []
    stored = ledger.stored_tile

    def asking(level: int, tile: int) -> bytes:
        asked.append((level, tile))
        return stored(level, tile)

    ledger.stored_tile = asking  # type: ignore[method-assign]
    proof = ledger.inclusion_proof(1234)
    assert len(asked) <= 4
    assert verify_inclusion(ledger.leaf_hash(1234), 1234, 7001, proof, ledger.root())
    assert merkle.root_from(ledger.stored_node(), 7001) == ledger.root()


def test_a_damaged_entry_is_named_and_others_can_be_read(walked: Ledger, intrude: Callable[..., None]) -> None:
    intrude("UPDATE entry SET leaf = x'7b7d' WHERE idx = 5", "UPDATE entry SET idx = 1000 WHERE idx = 6")
    for index in (5, 1000):
        with pytest.raises(Damaged, match=f"Entry {index} is damaged"):
            walked.entry(index)
    assert walked.entry(7).index == 7


def test_missing_parts_are_named(walked: Ledger, path: Path, intrude: Callable[..., None]) -> None:
    intrude("DELETE FROM tile")
    with pytest.raises(Damaged, match="incomplete"):
        walked.inclusion_proof(5)
    intrude("DELETE FROM entry")
    assert walked.last() is None
    with Ledger.open_read_only(path) as reader, pytest.raises(Damaged, match="no first entry"):
        print(reader.station)


def test_a_question_that_cannot_be_asked_is_a_fault_of_reading(ledger: Ledger) -> None:
    with pytest.raises(CannotRead, match="no such table"):
        ledger.query("SELECT * FROM nobody")


def test_a_text_that_is_none_is_damage(ledger: Ledger) -> None:
    with pytest.raises(Damaged):
        ledger.query("SELECT CAST(x'ff' AS TEXT)")


def test_a_reader_needs_no_key_and_writes_nothing(walked: Ledger, path: Path) -> None:
    walked.close()
    before = path.read_bytes()
    with Ledger.open_read_only(path) as reader:
        assert reader.size == 400
        with pytest.raises(CannotRead, match="read-only"):
            reader.query("DELETE FROM run_entry")
    with pytest.raises(CannotRead, match="closed"):
        reader.last()
    assert path.read_bytes() == before


def test_what_is_read_in_a_snapshot_is_of_one_moment(ledger: Ledger, draft: Callable[[str], Draft], path: Path) -> None:
    with Ledger.open_read_only(path) as reader, reader.snapshot(), reader.snapshot():
        assert reader.size == 1
    ledger.append(lambda _: [draft("1")])
    assert ledger.size == 2


def test_a_backup_is_private_and_whole_and_replaces_nothing(walked: Ledger, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    walked.backup(copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert verify_file(copy).result == "clean"
    with pytest.raises(CannotOpen, match="cannot be written"):
        walked.backup(copy)


def test_a_backup_that_fails_leaves_nothing_behind(walked: Ledger, tmp_path: Path) -> None:
    walked.close()
    with pytest.raises(CannotRead, match="closed"):
        walked.backup(tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_an_auditor_can_read_after_a_crash(walked: Ledger, path: Path, tmp_path: Path) -> None:
    """A copy taken in the middle of a transaction: the file half written, the journal still hot."""
    walked.close()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA cache_size=2")
    db.execute("BEGIN IMMEDIATE")
    db.execute("UPDATE tile SET hashes = zeroblob(512)")
    db.execute("CREATE TABLE spill AS SELECT zeroblob(2000) FROM run_entry")
    crash = tmp_path / "crash.db"
    crash.write_bytes(path.read_bytes())
    journal = path.with_name("ledger.db-journal").read_bytes()
    crash.with_name("crash.db-journal").write_bytes(journal)
    db.execute("ROLLBACK")
    db.close()
    assert journal.strip(b"\0")
    report = verify_file(crash)
    assert (report.result, report.entries) == ("clean", 400)
