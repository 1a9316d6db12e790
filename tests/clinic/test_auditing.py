"""The clinic's catalogue: where it lies, that it follows the record and the plan, and that it holds nobody's words."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checklist.audit import catalogue as catalogue_module
from checklist.audit import sought
from checklist.audit.query import Filter, entries, page, parse, runs
from checklist.clinic import auditing, copies, exporting, reporting
from checklist.clinic.checking import verify_clinic
from checklist.clinic.doctor import examine
from checklist.clinic.folder import Folder
from checklist.clinic.judging import judged
from checklist.clinic.people.erasing import Erased
from checklist.clinic.plan.configured import judged_by, record_plan
from checklist.clinic.reporting import Asked
from checklist.clinic.service import Clinic
from checklist.people.operator import Operator
from checklist.run import commands as c
from tests.support.audited import spoil_pages

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.audit.catalogue import Catalogue
    from tests.clinic.conftest import House, Kit


def kept_at(clinic: Clinic) -> Path:
    """Where the catalogue lies."""
    path = auditing.place(clinic)
    assert path is not None
    return path


def test_it_lies_with_its_reader_for_them_alone_and_follows_the_record(clinic: Clinic, kit: Kit) -> None:
    path = kept_at(clinic)
    with auditing.opened(clinic) as found:
        assert found.db.execute("SELECT count(*) FROM entry").fetchone() == (clinic.ledger.size,)
        assert found.db.execute("SELECT step FROM written JOIN text USING (sha256) WHERE id = 'short'").fetchall() == [
            ("look",),
            ("wash",),
        ]
        assert found.db.execute("SELECT title FROM text WHERE id = 'day-open'").fetchone() is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert clinic.folder.root not in path.parents
    run = kit.walk_short(clinic).run
    with auditing.opened(clinic) as found:
        assert page(found.db, Filter()).rows[0].place == run


def test_a_folder_that_cannot_be_written_has_it_in_a_temporary_file(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)
    with auditing.opened(clinic) as found:
        assert found.db.execute("SELECT count(*) FROM entry").fetchone() == (clinic.ledger.size,)
    monkeypatch.undo()
    assert not kept_at(clinic).exists()


def test_tables_that_came_with_the_clinic_folder_are_not_read(clinic: Clinic) -> None:
    auditing.opened(clinic).close()
    shutil.move(kept_at(clinic), clinic.folder.root / "catalogue.db")
    with closing(sqlite3.connect(clinic.folder.root / "catalogue.db")) as db, db:
        db.execute("DELETE FROM entry")
    with auditing.opened(clinic) as found:
        assert found.db.execute("SELECT count(*) FROM entry").fetchone() == (clinic.ledger.size,)


def test_a_folder_that_others_can_write_is_not_used(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "own"))
    folder = kept_at(clinic).parent
    assert folder.is_relative_to(tmp_path / "own")
    folder.chmod(0o777)
    assert auditing.place(clinic) is None
    folder.rmdir()
    folder.symlink_to(tmp_path, target_is_directory=True)
    assert auditing.place(clinic) is None


def test_each_ledger_has_tables_of_its_own_by_its_place_and_station(clinic: Clinic, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(clinic.folder.root, copy)
    with Clinic.open(Folder(copy)) as other:
        assert kept_at(other) != kept_at(clinic)


def test_tables_that_nobody_used_for_long_go_when_others_are_made(clinic: Clinic, tmp_path: Path) -> None:
    auditing.opened(clinic).close()
    mine = kept_at(clinic)
    old, used = mine.with_name(f"{'0' * 64}.db"), mine.with_name(f"{'1' * 64}.db")
    others = [mine.with_name("letter.db"), mine.with_name(f"{'2' * 64}.db.left-1")]
    long_ago = time.time() - 91 * 24 * 3600
    for path in (old, used, *others):
        path.write_bytes(b"x")
    for path in (old, mine, *others):
        os.utime(path, (long_ago, long_ago))
    auditing.opened(clinic).close()
    assert old.exists()  # nothing was made
    assert time.time() - mine.stat().st_mtime < 24 * 3600
    twin = shutil.copytree(clinic.folder.root, tmp_path / "twin")
    with Clinic.open(Folder(twin)) as other:
        auditing.opened(other).close()
    assert not old.exists()
    assert all(path.exists() for path in (used, mine, *others))


def test_who_wants_to_rest_on_nothing_made_before_has_it_laid_out_anew(clinic: Clinic) -> None:
    with auditing.opened(clinic) as found:
        found.db.execute("DELETE FROM entry")
    with auditing.opened(clinic) as found:
        assert found.db.execute("SELECT count(*) FROM entry").fetchone() == (0,)
    with auditing.opened(clinic, fresh=True) as found:
        assert found.db.execute("SELECT count(*) FROM entry").fetchone() == (clinic.ledger.size,)


def test_a_plan_is_called_the_same_in_every_program(clinic: Clinic) -> None:
    code = (
        "import sys; from pathlib import Path; from checklist.clinic import config;"
        " from checklist.clinic.plan.configured import judged_by;"
        " print(judged_by(config.load(Path(sys.argv[1]))).hex())"
    )
    text = clinic.folder.config.read_text("utf-8").split("[calendar]")[0]
    days = '[calendar]\nclosed = ["2031-12-24", "2031-12-25", "2031-12-26", "2031-12-31"]\n'
    clinic.folder.config.write_text(text + days, "utf-8")
    told = {
        subprocess.run(
            [sys.executable, "-c", code, str(clinic.folder.config)],
            env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(told) == 1
    assert told != {judged_by(clinic.settings).hex() + "\n"}


def test_while_another_program_holds_the_tables_they_are_read_and_judged_all_the_same(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_module, "_WAIT_TO_KEEP_MS", 1)
    auditing.opened(clinic).close()
    with closing(sqlite3.connect(kept_at(clinic), isolation_level=None)) as other:
        other.execute("DELETE FROM made WHERE key = 'planned'")
        other.execute("BEGIN IMMEDIATE")
        with auditing.opened(clinic) as found:
            assert not found.behind
            assert found.db.execute("SELECT count(*) FROM entry").fetchone() == (clinic.ledger.size,)
            assert found.made("planned") is not None
            judged(clinic, found)
            assert found.made("judged") is not None
        assert other.execute("SELECT 1 FROM made WHERE key = 'planned'").fetchone() is None


def test_no_word_and_no_name_is_in_it_and_both_are_found(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "short")
    kit.do(clinic, run, c.Remark("wash", "the lamp flickered"))
    with auditing.opened(clinic) as found:
        wanted = parse("FLICKERED", auditing.today(clinic), auditing.operator(clinic))
        said = auditing.said(clinic)
        assert [row.place for row in page(found.db, wanted, said=said).rows] == [run]
        (noted,) = entries(found.db, wanted, said=said)
        assert found.db.execute("SELECT kind FROM entry WHERE n = ?", (noted,)).fetchone() == ("step.noted",)
    data = kept_at(clinic).read_bytes()
    assert b"flickered" not in data
    assert b"Linden" not in data
    wanted = parse('operator:"Lea Linden"', auditing.today(clinic), auditing.operator(clinic))
    assert wanted.line == f"operator:{kit.who(clinic, 'Lea').id}"
    assert auditing.operator(clinic)("Nobody") is None


def test_the_signs_of_a_search_mean_themselves(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "short")
    kit.do(clinic, run, c.Remark("wash", "100% wet_pack"))
    said = auditing.said(clinic)
    assert len(said("100%")) == len(said("t_P")) == len(said("wet")) == 1
    assert said("10_%") == said("words") == []


def test_it_is_no_part_of_a_backup_and_nothing_minds_it(clinic: Clinic, kit: Kit, tmp_path: Path) -> None:
    auditing.opened(clinic).close()
    target = tmp_path / "copy"
    copies.backup(clinic, target, kit.who(clinic, "Lea"), "tui")
    assert not list(target.rglob(f"{kept_at(clinic).name}*"))
    assert all("catalogue" not in str(each) for each in examine(clinic.folder))


def test_what_the_plan_asked_for_is_said_once_a_day(house: House, kit: Kit) -> None:
    head = house.folder.config.read_text("utf-8").split("[calendar]")[0]
    plan = '[[schedule]]\nprotocol = "short"\nevery = "day"\nby = "08:30"\n'
    house.folder.config.write_text(head + plan, "utf-8")
    clinic = house.open()
    record_plan(clinic.ledger, clinic.folder.adopted, clinic.settings)
    house.clock.set("2031-03-12T08:00:00")
    kit.walk_short(clinic)
    house.clock.set("2031-03-13T09:00:00")
    kit.walk_short(clinic)
    house.clock.set("2031-03-15T09:00:00")

    def planned() -> list[tuple[object, ...]]:
        with auditing.opened(clinic) as found:
            return found.db.execute("SELECT day, state FROM planned ORDER BY due").fetchall()

    expected = [("2031-03-11", "missed"), ("2031-03-12", "done"), ("2031-03-13", "late"), ("2031-03-14", "missed")]
    assert planned() == expected
    assert planned() == expected
    house.clock.set("2031-03-16T09:00:00")
    assert planned() == [*expected, ("2031-03-15", "missed")]


# -- what a second person has yet to read for themselves ---------------------------------------------------------------


def found_by(clinic: Clinic, line: str) -> list[str]:
    """The runs that a filter finds: by pages, one by one and by their entries, which must all say the same."""
    wanted, words = parse(line, auditing.today(clinic), auditing.operator(clinic)), auditing.said(clinic)
    with auditing.opened(clinic) as laid:
        places = [row.place for row in page(laid.db, wanted, said=words).rows if row.what == "run"]
        assert [row.place for row in runs(laid.db, wanted, said=words)] == places
        at = {run for n in entries(laid.db, wanted, said=words) for run in _run_at(laid, n)}
        assert at == set(places)
    return places


def _run_at(laid: Catalogue, n: int) -> list[str]:
    rows = laid.db.execute("SELECT r.run FROM entry AS e JOIN run AS r ON r.n = e.run WHERE e.n = ?", (n,))
    return [str(run) for (run,) in rows]


def test_for_second_readings_that_wait_only_the_runs_that_go_on_are_looked_through(clinic: Clinic) -> None:
    with auditing.opened(clinic) as catalogue:
        way = catalogue.db.execute(f"EXPLAIN QUERY PLAN {auditing._WAITING}", ("a#*",)).fetchall()
    assert "run_goes_on" in str(way[0])


@pytest.mark.parametrize("few", [20_000, 0])
def test_no_run_is_found_by_a_reading_that_a_second_person_has_yet_to_read_blind(
    clinic: Clinic, kit: Kit, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(sought, "_FEW", few)
    whole, waiting = (kit.begin(clinic, "blind", "room=room-1") for _ in range(2))
    ben = kit.who(clinic, "Ben").person
    kit.do(clinic, whole, c.Give("indicator", "turned"))
    kit.do(clinic, whole, c.Witness("second", ben, "turned"))
    assert found_by(clinic, "turned") == [whole]
    kit.do(clinic, waiting, c.Give("indicator", "not turned"))
    kit.do(clinic, waiting, c.Remark("indicator", "a second strip"))
    kit.do(clinic, waiting, c.Give("indicator", "turned"))
    assert found_by(clinic, "turned") == [whole]
    assert found_by(clinic, '"not turned"') == []
    kit.do(clinic, waiting, c.Witness("second", ben, "turned"))
    assert found_by(clinic, "turned") == [waiting, whole]
    assert found_by(clinic, '"not turned"') == [waiting]


def test_no_finding_tells_what_was_read_before_the_second_person_has_read(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "blind", "room=room-1")
    kit.do(clinic, run, c.Give("indicator", "turned"))
    with auditing.opened(clinic) as laid:
        ((n,),) = laid.db.execute("SELECT n FROM entry WHERE kind = 'step.done' AND step = 'indicator'").fetchall()
        laid.db.execute("INSERT INTO noticed VALUES (?, 'sensed-differs', '134.0 was typed')", (n,))
        assert "sensed-differs" not in [one.rule for one in judged(clinic, laid)]
    kit.do(clinic, run, c.Witness("second", kit.who(clinic, "Ben").person, "turned"))
    with auditing.opened(clinic) as laid:
        assert "sensed-differs" in [one.rule for one in judged(clinic, laid)]


# -- what is damaged -------------------------------------------------------------------------------------------------


def test_what_the_oldest_and_the_newest_page_held_is_left_out_and_the_rest_is_read(house: House, kit: Kit) -> None:
    clinic = house.open()
    early = [kit.walk_short(clinic).run for _ in range(4)]
    for _ in range(4):
        kit.walk_short(clinic)
    size = clinic.ledger.size
    house.stack.close()
    spoil_pages(house.folder.ledger)
    clinic, faults = auditing.open_to_read(house.folder)
    assert len(faults) == 1
    with clinic, auditing.opened(clinic) as laid:
        found = [row.place for row in page(laid.db, Filter()).rows if row.what == "run"]
        assert early[0] in found
        (newest,) = laid.db.execute("SELECT max(idx) FROM entry").fetchone()
        assert newest < size - 1
        (lost,) = laid.db.execute("SELECT count(*) FROM damage").fetchone()
        assert laid.db.execute("SELECT count(*) FROM entry").fetchone() == (size - lost,)
        assert lost


# -- somebody who was erased ----------------------------------------------------------------------


def test_whoever_was_erased_is_an_id_everywhere_and_what_they_did_stays(
    house: House, clinic: Clinic, kit: Kit, tmp_path: Path
) -> None:
    rita = kit.who(clinic, "Rita").id
    kit.walk_load(clinic)
    kit.begin(clinic, "short", by="Rita")

    def laid(*, fresh: bool = False) -> list[str]:
        with auditing.opened(clinic, fresh=fresh) as found:
            judged(clinic, found, verified=verify_clinic(clinic.folder))
            tables = ("entry", "run", "step", "crew_member", "said", "finding")
            return [repr(found.db.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()) for table in tables]  # noqa: S608

    def taken_away() -> bytes:
        out = tmp_path / "away"
        exporting.as_lines(clinic, out / "lines", "line")
        with auditing.opened(clinic) as found:
            exporting.as_database(clinic, found.db, out / "record.db", "line")
            exporting.as_tables(clinic, found.db, out / "tables", "line")
            reporting.judge(clinic, found)
            reporting.write(clinic, found.db, Asked(names=True), out / "report.html", "html", "line")
        data = b"".join(path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file())
        shutil.rmtree(out)
        out.mkdir()
        return data

    (tmp_path / "away").mkdir()
    before = laid()
    assert b"Rita Rowan" in taken_away()  # the report names people where that is asked for
    assert isinstance(clinic.personnel.disable(rita, kit.who(clinic, "Lea"), "tui"), Operator)
    house.clock.set("2041-03-11T09:00:00")
    assert isinstance(clinic.personnel.erase(rita, kit.who(clinic, "Lea"), "tui"), Erased)

    after = laid()
    assert rita in before[0]
    assert rita in after[0]
    assert after == laid(fresh=True)
    with auditing.opened(clinic) as found:
        assert found.db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        wanted = parse(f"operator:{rita}", auditing.today(clinic), auditing.operator(clinic))
        assert len([*runs(found.db, wanted)]) == 1
    assert auditing.operator(clinic)("Rita Rowan") is None
    kept = b"".join(path.read_bytes() for path in kept_at(clinic).parent.glob(f"{kept_at(clinic).name}*"))
    for data in (kept, taken_away()):
        assert b"Rowan" not in data
        assert rita.encode() in data
    assert verify_clinic(clinic.folder).result == "clean"
