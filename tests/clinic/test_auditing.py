"""The clinic's catalogue: where it lies, that it follows the record and the plan, and that it holds nobody's words."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from checklist.audit.query import Filter, entries, page, parse
from checklist.clinic import auditing, copies
from checklist.clinic.doctor import examine
from checklist.run import commands as c

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit


def test_it_lies_beside_the_ledger_for_its_owner_alone_and_follows_the_record(clinic: Clinic, kit: Kit) -> None:
    path = clinic.folder.root / auditing.NAME
    with auditing.opened(clinic) as found:
        assert found.db.execute("SELECT count(*) FROM entry").fetchone() == (clinic.ledger.size,)
        assert found.db.execute("SELECT step FROM written JOIN text USING (sha256) WHERE id = 'short'").fetchall() == [
            ("look",),
            ("wash",),
        ]
        assert found.db.execute("SELECT title FROM text WHERE id = 'day-open'").fetchone() is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    run = kit.walk_short(clinic).run
    with auditing.opened(clinic) as found:
        assert page(found.db, Filter()).rows[0].place == run


def test_a_folder_that_cannot_be_written_has_it_in_a_temporary_file(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)
    with auditing.opened(clinic) as found:
        assert found.db.execute("SELECT count(*) FROM entry").fetchone() == (clinic.ledger.size,)
    assert not (clinic.folder.root / auditing.NAME).exists()


def test_no_word_and_no_name_is_in_it_and_both_are_found(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "short")
    kit.do(clinic, run, c.Remark("wash", "the lamp flickered"))
    with auditing.opened(clinic) as found:
        wanted = parse("FLICKERED", auditing.today(clinic), auditing.operator(clinic))
        said = auditing.said(clinic)
        assert [row.place for row in page(found.db, wanted, said=said).rows] == [run]
        (noted,) = entries(found.db, wanted, said=said)
        assert found.db.execute("SELECT kind FROM entry WHERE n = ?", (noted,)).fetchone() == ("step.noted",)
    data = (clinic.folder.root / auditing.NAME).read_bytes()
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
    assert not list(target.rglob(f"{auditing.NAME}*"))
    assert all(auditing.NAME not in str(each) for each in examine(clinic.folder))


def test_what_the_plan_asked_for_is_said_once_a_day(house: House, kit: Kit) -> None:
    head = house.folder.config.read_text("utf-8").split("[calendar]")[0]
    plan = '[[schedule]]\nprotocol = "short"\nevery = "day"\nby = "08:30"\n'
    house.folder.config.write_text(head + plan, "utf-8")
    clinic = house.open()
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
