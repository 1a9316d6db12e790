"""Opening a ledger and appending to it."""

from __future__ import annotations

import sqlite3
import stat
from typing import TYPE_CHECKING

import pytest

from checklist.ledger import schema
from checklist.ledger.entry import Draft
from checklist.ledger.errors import CannotOpen, CannotRead, Damaged, LedgerTruncated, NotCanonical, NotSaved, WrongKey
from checklist.ledger.highwater import HighWater
from checklist.ledger.keys import StationKey
from checklist.ledger.note import Checkpoint, Note, VerifierKey
from checklist.ledger.store import Ledger
from checklist.ledger.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from checklist.ledger.clock import Clock
    from checklist.ledger.entry import Entry, Json
    from checklist.ledger.reader import Reader
    from checklist.ledger.views import View

    Make = Callable[[str], Draft]


def test_a_new_ledger_begins_by_naming_itself_and_its_key(ledger: Ledger, key: StationKey, path: Path) -> None:
    first = ledger.entry(0)
    assert first.kind == "ledger.opened"
    assert first.data == {"origin": "riverside.example/a", "key": key.vkey}
    assert (ledger.station, ledger.origin, ledger.vkey) == ("a", "riverside.example/a", key.vkey)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_new_ledger_takes_more_entries_and_more_data_at_once(path: Path, key: StationKey, clock: Clock) -> None:
    drafts = [Draft("operator.added", {"operator": "u_1"}, None, "system")]
    extra: dict[str, Json] = {"from": {"size": 7}}
    with Ledger.create(
        path, origin="riverside.example", station="a", key=key, clock=clock, drafts=drafts, extra=extra
    ) as ledger:
        assert [entry.kind for entry in ledger.entries()] == ["ledger.opened", "operator.added"]
        assert ledger.entry(0).data["from"] == {"size": 7}
        assert Checkpoint.parse(Note.parse(ledger.checkpoint()).text).size == 2


def test_every_setting_is_read_back(ledger: Ledger) -> None:
    values = {name: ledger.query(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous", "trusted_schema")}
    assert values == {"journal_mode": "truncate", "synchronous": 3, "trusted_schema": 0}
    db = sqlite3.connect(":memory:")
    with pytest.raises(CannotOpen, match="journal_mode"):
        schema.set_pragma(db, "journal_mode", "TRUNCATE", "truncate")
    schema.set_pragma(db, "no_such_pragma", "1", 1)
    db.close()


def test_a_setting_that_does_not_take_keeps_the_ledger_closed(
    ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.close()
    monkeypatch.setattr(schema, "_EVERYONE", (("busy_timeout", "5", 6),))
    with pytest.raises(CannotOpen, match="busy_timeout"):
        Ledger.open_read_only(path)
    with pytest.raises(CannotOpen, match="cannot be opened"):
        schema.connect(path.with_name("none.db"), write=True)


def test_tables_are_made_in_an_empty_file_only(ledger: Ledger, path: Path) -> None:
    ledger.close()
    db = sqlite3.connect(path)
    with pytest.raises(CannotOpen, match="already"):
        schema.create_schema(db, path)
    db.close()


def test_an_append_is_durable_signed_and_in_the_views(
    ledger: Ledger, draft: Make, key: StationKey, reopen: Callable[[], Ledger]
) -> None:
    entries = ledger.append(lambda _: [draft("1"), draft("2")])
    assert [(entry.index, entry.data["value"]) for entry in entries] == [(1, "1"), (2, "2")]
    assert entries[1].prev == entries[0].leaf
    note = Note.parse(ledger.checkpoint())
    assert note.verify([VerifierKey.parse(key.vkey)])
    assert note.text == str(Checkpoint("riverside.example/a", 3, ledger.root()))
    assert ledger.query("SELECT n FROM kinds WHERE kind = 'step.done'") == [(2,)]
    ledger.close()
    with reopen() as again:
        assert list(again.entries())[1:] == entries


def test_a_plan_decides_on_the_newest_state_of_all_processes(
    ledger: Ledger, reopen: Callable[[], Ledger], draft: Make
) -> None:
    def one_more(reader: Reader) -> Sequence[Draft]:
        return [draft(str(reader.size))]

    with reopen() as other:
        for _ in range(3):
            ledger.append(one_more)
            other.append(one_more)
        assert [entry.data["value"] for entry in other.entries(1)] == ["1", "2", "3", "4", "5", "6"]
    assert verify(ledger).result == "clean"


def test_a_plan_that_decides_nothing_or_refuses_records_nothing(ledger: Ledger, draft: Make) -> None:
    assert ledger.append(lambda _: []) == []

    def refuse(_: Reader) -> Sequence[Draft]:
        raise KeyError("no such run")

    with pytest.raises(KeyError):
        ledger.append(refuse)
    with pytest.raises(NotCanonical):
        ledger.append(lambda _: [draft("fine"), draft("a\x1bb")])
    assert ledger.size == 1
    assert ledger.append(lambda _: [draft("next")])[0].index == 1


def test_an_entry_can_be_about_the_one_before_it_in_the_same_append(
    ledger: Ledger, draft: Make, move: Callable[[float, float], None]
) -> None:
    ledger.append(lambda _: [draft("1")])
    move(-3600, 5)
    jumped, step, signed = ledger.append(lambda _: [draft("2"), Draft("signed", {"a": 1}, None, "tui", of_last=True)])
    assert jumped.kind == "clock.jumped"
    assert signed.data == {"a": 1, "of": {"station": "a", "index": step.index, "leaf": step.leaf}}
    size = ledger.size
    with pytest.raises(NotCanonical, match="there is none"):
        ledger.append(lambda _: [Draft("signed", {}, None, "tui", of_last=True)])
    assert ledger.size == size
    assert verify(ledger).result == "clean"


def test_a_clock_that_jumped_is_recorded_before_what_follows(
    ledger: Ledger, draft: Make, move: Callable[[float, float], None], reopen: Callable[[], Ledger]
) -> None:
    ledger.append(lambda _: [draft("1")])
    move(-3600, 5)
    jumped, step = ledger.append(lambda _: [draft("2")])
    assert (jumped.kind, jumped.actor, jumped.via) == ("clock.jumped", None, "system")
    assert jumped.data["wall_ms"] == -3_599_999
    assert jumped.at == step.at == ledger.entry(1).at
    assert [entry.kind for entry in ledger.append(lambda _: [draft("3")])] == ["step.done"]
    with reopen() as other:  # a new process knows the last entry only, and still sees it
        assert [entry.kind for entry in other.append(lambda _: [draft("4")])] == ["clock.jumped", "step.done"]


def test_suspend_and_a_reboot_are_no_jump(
    ledger: Ledger, draft: Make, move: Callable[[float, float], None], reboot: Callable[[], None]
) -> None:
    move(28_800, 28_800)
    assert len(ledger.append(lambda _: [draft("1")])) == 1
    move(600, 0)
    reboot()
    assert len(ledger.append(lambda _: [draft("2")])) == 1


def test_nothing_can_be_changed_deleted_or_replaced(walked: Ledger, path: Path) -> None:
    walked.close()
    db = sqlite3.connect(path, isolation_level=None)  # with SQLite's own settings, not ours
    for statement in (
        "UPDATE entry SET leaf = x'00' WHERE idx = 5",
        "DELETE FROM entry WHERE idx = 5",
        "INSERT OR REPLACE INTO entry VALUES(5, 'x', x'00')",
        "REPLACE INTO entry SELECT 1000, id, leaf FROM entry WHERE idx = 5",
        "UPDATE checkpoint SET note = ''",
        "DELETE FROM checkpoint",
        "INSERT OR REPLACE INTO checkpoint VALUES(400, '')",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute(statement)
    db.close()


def test_a_ledger_is_made_once(path: Path, ledger: Ledger, key: StationKey, clock: Clock, tmp_path: Path) -> None:
    def make(target: Path, station: str = "a", high_water: Path | None = None) -> None:
        Ledger.create(
            target, origin="riverside.example", station=station, key=key, clock=clock, high_water=high_water
        ).close()

    with pytest.raises(CannotOpen, match="already"):
        make(path)
    with pytest.raises(WrongKey):
        make(tmp_path / "b.db", "b")
    ledger.close()
    with pytest.raises(LedgerTruncated, match="already"):
        make(tmp_path / "again.db")
    with pytest.raises(CannotOpen, match="cannot be made"):
        make(tmp_path / "none" / "ledger.db", high_water=tmp_path / "mark")
    (tmp_path / "left-over.db").touch(0o600)
    make(tmp_path / "left-over.db", high_water=tmp_path / "mark")


def test_making_a_ledger_with_an_entry_that_cannot_be_recorded_leaves_none(
    path: Path, key: StationKey, clock: Clock
) -> None:
    def make(drafts: Sequence[Draft]) -> None:
        Ledger.create(path, origin="riverside.example", station="a", key=key, clock=clock, drafts=drafts).close()

    with pytest.raises(NotCanonical):
        make([Draft("step.done", {"x": "\x1b"}, None, "tui")])
    make([])


def test_a_view_that_cannot_be_made_is_a_ledger_that_was_not_made(path: Path, key: StationKey, clock: Clock) -> None:
    class Broken:
        name, tables, schema = "broken", ("broken",), "CREATE TABLE broken(;"

        def reads(self, kind: str) -> None:
            """It would take in anything."""

        def apply(self, db: sqlite3.Connection, entry: Entry) -> None:
            """There is no table to take it in."""

    with pytest.raises(NotSaved, match="was not made"):
        Ledger.create(path, origin="riverside.example", station="a", key=key, clock=clock, views=[Broken()])


@pytest.mark.parametrize(("pragma", "words"), [("application_id=1", "not a record"), ("user_version=2", "format 2")])
def test_a_file_of_another_kind_or_version_is_refused(
    ledger: Ledger, reopen: Callable[[], Ledger], path: Path, pragma: str, words: str
) -> None:
    ledger.close()
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA {pragma}")
    db.close()
    with pytest.raises(CannotOpen, match=words):
        reopen()
    with pytest.raises(CannotOpen, match=words):
        Ledger.open_read_only(path)


def test_what_is_no_ledger_at_all_is_refused(path: Path, key: StationKey, clock: Clock, tmp_path: Path) -> None:
    for data in (None, b"", b"hello" * 1000):
        if data is not None:
            path.write_bytes(data)
            path.chmod(0o600)
        with pytest.raises((CannotOpen, Damaged)):
            Ledger.open(path, key=key, clock=clock)
        with pytest.raises(CannotOpen):
            Ledger.open_read_only(path)
    with pytest.raises(CannotOpen):
        Ledger.open(tmp_path, key=key, clock=clock)


def test_a_ledger_is_not_gone_on_with_under_another_key(
    ledger: Ledger, path: Path, clock: Clock, tmp_path: Path
) -> None:
    ledger.close()
    for name in ("riverside.example/a", "riverside.example/b"):
        other = StationKey.create(tmp_path / name, name)
        with pytest.raises(WrongKey):
            Ledger.open(path, key=other, clock=clock)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DROP TRIGGER entry_update", "protection"),
        ("UPDATE tile SET hashes = zeroblob(512) WHERE level = 0 AND idx = 24", "last entry"),
        ("UPDATE tile SET hashes = zeroblob(512) WHERE level = 0 AND idx = 23", "not of the last entry"),
        ("UPDATE tile SET hashes = x'00' WHERE level = 0 AND idx = 24", "where it ends"),
        ("DELETE FROM tile WHERE level = 0 AND idx = 24", "where it ends"),
        ("DELETE FROM tile WHERE level = 0 AND idx = 17", "incomplete"),
        ("DELETE FROM kept", "where it ends"),
    ],
)
def test_a_ledger_whose_parts_do_not_fit_is_not_gone_on_with(
    walked: Ledger, reopen: Callable[[], Ledger], path: Path, statement: str, words: str
) -> None:
    walked.close()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(statement)
    db.close()
    with pytest.raises(Damaged, match=words):
        reopen()


def test_an_end_that_is_cut_off_under_our_hands_is_noticed(
    walked: Ledger, reopen: Callable[[], Ledger], intrude: Callable[..., None], draft: Callable[[str], Draft]
) -> None:
    walked.close()
    ledger = reopen()
    intrude("DELETE FROM entry WHERE idx = 399")
    with pytest.raises(Damaged, match="last entry"):
        ledger.append(lambda _: [draft("one")])


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM checkpoint",
        "DELETE FROM checkpoint WHERE size = 400",
        "UPDATE checkpoint SET note = 'x' WHERE size = 400",
        "UPDATE checkpoint SET note = replace(note, '400', '401') WHERE size = 400",
        "UPDATE checkpoint SET note = substr(note, 1, length(note) - 6) || 'AAAA' || substr(note, -2) WHERE size = 400",
        "DELETE FROM entry WHERE idx = 399",
        "DELETE FROM entry",
        "UPDATE entry SET leaf = x'7b7d' WHERE idx = 399",
    ],
)
def test_a_ledger_with_a_changed_end_is_not_gone_on_with(
    walked: Ledger, reopen: Callable[[], Ledger], intrude: Callable[..., None], statement: str
) -> None:
    walked.close()
    intrude(statement)
    with pytest.raises(Damaged):
        reopen()


def test_an_older_copy_that_was_put_back_is_noticed(
    ledger: Ledger, draft: Make, path: Path, tmp_path: Path, reopen: Callable[[], Ledger]
) -> None:
    ledger.append(lambda _: [draft("1")])
    ledger.backup(tmp_path / "copy.db")
    ledger.append(lambda _: [draft("2")])
    ledger.close()
    (tmp_path / "copy.db").replace(path)
    with pytest.raises(LedgerTruncated, match="rollback"):
        reopen()


def test_another_history_of_the_same_length_is_noticed(
    ledger: Ledger, draft: Make, tmp_path: Path, key: StationKey, clock: Clock
) -> None:
    ledger.backup(tmp_path / "copy.db")
    ledger.append(lambda _: [draft("1")])
    ledger.close()
    with Ledger.open(tmp_path / "copy.db", key=key, clock=clock, high_water=tmp_path / "mark") as other:
        other.append(lambda _: [draft("not 1")])
    with pytest.raises(LedgerTruncated, match="not the one"):
        Ledger.open(tmp_path / "copy.db", key=key, clock=clock)


def test_an_older_copy_put_back_while_the_program_runs_is_noticed(
    ledger: Ledger, draft: Make, path: Path, tmp_path: Path
) -> None:
    ledger.append(lambda _: [draft("1")])
    ledger.backup(tmp_path / "copy.db")
    ledger.append(lambda _: [draft("2")])
    ledger.append(lambda _: [draft("3")])
    (tmp_path / "copy.db").replace(path)
    with pytest.raises(LedgerTruncated, match="rollback"):
        ledger.append(lambda _: [draft("4")])


def test_the_mark_stays_behind_or_level_and_never_goes_back(ledger: Ledger, draft: Make, key: StationKey) -> None:
    mark = key.path.with_name("a.high-water")
    assert not mark.exists()
    ledger.append(lambda _: [draft("1")])
    ledger.mark()
    assert HighWater.read(mark) == HighWater(2, ledger.entry(1).leaf)
    HighWater(9, "ab" * 32).write(mark)
    ledger.mark()
    assert HighWater.read(mark) == HighWater(9, "ab" * 32)


def test_a_file_that_took_the_ledgers_place_is_not_marked(
    ledger: Ledger, draft: Make, key: StationKey, path: Path, tmp_path: Path
) -> None:
    ledger.backup(tmp_path / "copy.db")
    ledger.append(lambda _: [draft("1")])
    (tmp_path / "copy.db").replace(path)
    ledger.mark()
    path.unlink()
    ledger.mark()
    assert HighWater.read(key.path.with_name("a.high-water")) is None


def test_a_mark_that_cannot_be_written_is_said_and_does_not_keep_the_ledger_open(
    path: Path, key: StationKey, clock: Clock, tmp_path: Path
) -> None:
    ledger = Ledger.create(
        path, origin="riverside.example", station="a", key=key, clock=clock, high_water=tmp_path / "none" / "mark"
    )
    with pytest.raises(CannotOpen, match="cannot be written") as refused:
        ledger.mark()
    assert "saved" in refused.value.advice
    ledger.close()
    ledger.close()
    with pytest.raises(CannotRead, match="closed"):
        ledger.last()
    with pytest.raises(NotSaved, match="closed"):
        ledger.append(lambda _: [])


def test_views_are_built_anew_when_the_program_brings_others(
    walked: Ledger, path: Path, key: StationKey, clock: Clock, kinds: View, reopen: Callable[[], Ledger], draft: Make
) -> None:
    walked.close()
    with Ledger.open(path, key=key, clock=clock) as without:
        without.append(lambda _: [draft("unseen by the view")])
    with reopen() as again:
        assert again.query("SELECT n FROM kinds WHERE kind = 'step.done'") == [(399,)]
        with Ledger.open(path, key=key, clock=clock) as without:
            without.append(lambda _: [draft("unseen by the view")])
        again.append(lambda _: [draft("seen")])
        assert again.query("SELECT n FROM kinds WHERE kind = 'step.done'") == [(401,)]
        assert verify(again, views=[kinds]).views == "same"


def test_a_connection_that_was_given_up_is_opened_again(ledger: Ledger, draft: Make) -> None:
    ledger.reopen()
    ledger.append(lambda _: [draft("1")])
    assert ledger.size == 2
