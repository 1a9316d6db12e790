"""What no entry came to name leaves people.db at the next start, and nothing else does."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from checklist.clinic.copies import Copied, backup, restore
from checklist.clinic.folder import Folder
from checklist.clinic.people.sweeping import sweep
from checklist.people.commitment import words_opening
from checklist.people.operator import new_operator_id
from checklist.run import commands as c
from checklist.run.timing import utc

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit


def leave_orphans(clinic: Clinic) -> str:
    """An opening and a person whose entries never came; the commitment."""
    opening = words_opening("said and never recorded")
    clinic.people.keep([opening], at=utc(clinic.now()))
    clinic.people.add_person(new_operator_id(), "Never Added", None, at=utc(clinic.now()))
    return opening.commitment


def words_kept(clinic: Clinic, run: str) -> list[str | None]:
    return [clinic.words(str(entry.data["words"])) for entry in clinic.run_entries(run) if "words" in entry.data]


def test_a_start_sweeps_what_is_older_than_a_day_and_named_nowhere(house: House, clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "short")
    kit.do(clinic, run, c.Skip("wash", kit.because))
    clinic.session("Karte 77", kit.who(clinic, "Lea"), "tui")
    orphan = leave_orphans(clinic)
    names = {operator.name for operator in clinic.staff.operators()}
    house.clock.advance(23 * 3600)
    clinic.started()
    assert clinic.words(orphan) == "said and never recorded"
    house.clock.advance(2 * 3600)
    clinic.started()
    assert clinic.words(orphan) is None
    assert clinic.people.person_by("Never Added") is None
    assert words_kept(clinic, run) == ["the lamp is broken"]
    assert clinic.session("Karte 77", kit.who(clinic, "Lea"), "tui") == "a-20310310-01"
    assert {operator.name for operator in clinic.staff.operators()} == names
    assert b"never recorded" not in house.folder.people.read_bytes()


def test_what_an_earlier_station_named_is_never_swept(house: House, clinic: Clinic, kit: Kit, tmp_path: Path) -> None:
    run = kit.begin(clinic, "short")
    kit.do(clinic, run, c.Skip("wash", kit.because))
    found = backup(clinic, tmp_path / "copy", kit.who(clinic, "Lea"), "tui")
    assert isinstance(found, Copied)
    back = restore(found.folder, Folder(tmp_path / "again"), "tui")
    house.clock.advance(30 * 24 * 3600)
    again = kit.new_house(back.folder, house.clock)
    with again.stack:
        one = again.open()
        orphan = leave_orphans(one)
        house.clock.advance(2 * 24 * 3600)
        one.started()
        assert words_kept(one, run) == ["the lamp is broken"]
        assert one.words(orphan) is None
    # With the earlier ledger out of reach nobody knows what it names: nothing is swept.
    (back.folder.root / "ledger-a.db").chmod(0o600)
    (back.folder.root / "ledger-a.db").write_bytes(b"nothing" * 1000)
    with again.stack:
        two = again.open()
        kept = leave_orphans(two)
        house.clock.advance(2 * 24 * 3600)
        assert sweep(two) == 0
        assert two.words(kept) is not None


def test_what_was_deleted_is_scrubbed_even_where_an_earlier_ledger_cannot_be_read(house: House, clinic: Clinic) -> None:
    """A deletion that was cut off before its bytes were gone is finished, whatever else lies in the folder."""
    (house.folder.root / "ledger-z.db").write_bytes(b"nothing" * 1000)
    clinic.people._db.execute("UPDATE upkeep SET scrub = 1")
    assert clinic.unreadable()
    assert sweep(clinic) == 0
    assert clinic.people._db.execute("SELECT scrub FROM upkeep").fetchone() == (0,)


def test_a_sweep_that_fails_does_not_stop_the_start(house: House, clinic: Clinic) -> None:
    leave_orphans(clinic)
    house.clock.advance(2 * 24 * 3600)
    clinic.people._db.execute("PRAGMA query_only=ON")
    clinic.started()
    last = clinic.ledger.last()
    assert last is not None
    assert last.kind == "station.started"
    with closing(sqlite3.connect(house.folder.people)) as db:
        assert db.execute("SELECT count(*) FROM person WHERE name = 'Never Added'").fetchone() == (1,)
