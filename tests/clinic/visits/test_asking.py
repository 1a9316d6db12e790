"""The gate asked by who has no key: the same answer as at the desk, and none from a record not to be trusted."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checklist.clinic import config as configuration
from checklist.clinic.visits import asking, clearing
from checklist.clinic.visits.sessions import find_or_open
from checklist.gate.facts import Asked
from checklist.ledger.errors import Damaged, LedgerTruncated, WrongKey

if TYPE_CHECKING:
    from checklist.clinic.folder import Folder
    from checklist.clinic.service import Clinic
    from checklist.clinic.visits.asking import Answer
    from tests.clinic.conftest import House, Kit


def looked(folder: Folder, clinic: Clinic) -> Answer:
    settings = configuration.load(folder.config)
    with asking.opened_to_ask(folder, settings) as sources:
        asked = asking.asked_of(settings, sources.readers, "microneedling", "room-1", None)
        assert isinstance(asked, Asked)
        return asking.look(sources, sources.library.procedure(sources.own, "microneedling"), asked, clinic.now())


def test_who_only_looks_is_told_the_same(house: House, clinic: Clinic, kit: Kit) -> None:
    kit.begin(clinic, "day-open")
    asked = clearing.asked_of(clinic, "microneedling", "room-1", None)
    assert isinstance(asked, Asked)
    found = clearing.look(clinic, clinic.library.procedure(clinic.ledger, "microneedling"), asked)
    assert looked(house.folder, clinic) == found
    assert "is not finished" in found.clearance.requirements[0].why


def test_an_older_copy_of_the_record_gives_no_answer(house: House, clinic: Clinic, kit: Kit) -> None:
    kept = house.folder.root / "copy"
    shutil.copy(house.folder.ledger, kept)
    kit.begin(clinic, "short")
    clinic.close()
    shutil.copy(kept, house.folder.ledger)
    with pytest.raises(LedgerTruncated):
        looked(house.folder, clinic)


def tamper(folder: Folder, *statements: str, restore: bool) -> None:
    """Change the file behind the program's back; `restore`: and cover it up."""
    with closing(sqlite3.connect(folder.ledger)) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        for statement in [*statements, *(sql for _, sql in triggers if restore)]:
            db.execute(statement)
        db.commit()


def test_a_record_without_its_protection_gives_no_answer(house: House, clinic: Clinic) -> None:
    tamper(house.folder, restore=False)
    with pytest.raises(Damaged, match="protection"):
        looked(house.folder, clinic)


@pytest.mark.parametrize(
    "cut", ["DELETE FROM entry WHERE idx = (SELECT max(idx) FROM entry)", "DELETE FROM checkpoint WHERE size > 20"]
)
def test_a_record_whose_end_was_cut_off_gives_no_answer(house: House, clinic: Clinic, cut: str) -> None:
    tamper(house.folder, cut, restore=True)
    with pytest.raises(Damaged):
        looked(house.folder, clinic)


def test_another_clinics_record_gives_no_answer(house: House, clinic: Clinic) -> None:
    text = house.folder.config.read_text("utf-8")
    house.folder.config.write_text(text.replace('origin = "', 'origin = "x'), "utf-8")
    with pytest.raises(WrongKey):
        looked(house.folder, clinic)


def test_tables_of_another_version_are_built_anew_first(house: House, clinic: Clinic) -> None:
    before = looked(house.folder, clinic).clearance
    clinic.close()
    with closing(sqlite3.connect(house.folder.ledger)) as db:
        db.execute("UPDATE kept SET views = 'of old'")
        db.execute("DELETE FROM in_force")
        db.commit()
    assert looked(house.folder, clinic).clearance.requirements == before.requirements


def test_only_names_and_references_are_looked_up_among_people(house: House, clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    visit = find_or_open(clinic, "ref-1", lea, "tui")
    assert isinstance(visit, str)
    with asking.opened_to_ask(house.folder, configuration.load(house.folder.config)) as sources:
        assert asking.known_by_id(sources, None, None)
        assert asking.known_by_id(sources, visit, lea.id)
        assert not asking.known_by_id(sources, "ref-1", None)
        assert not asking.known_by_id(sources, None, "Lea")
