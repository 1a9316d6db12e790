"""What no visit gets past: a thing, its origin or its machine set apart, and a record that does not fit together."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.copies import Copied, backup, restore
from checklist.clinic.folder import Folder
from checklist.clinic.identifiers import recalling
from checklist.clinic.identifiers.blocking import blocked, machine_state
from checklist.clinic.identifiers.tracing import Records
from checklist.clinic.plan.board import board
from checklist.clinic.views import VIEWS
from checklist.clinic.visits.clearing import Answer
from checklist.ledger.errors import Damaged
from checklist.run import commands as c
from checklist.run.reading import Refusal
from checklist.trace.follow import Identifier
from tests.support.rebuilding import rebuild_views
from tests.support.returning import walk_back
from tests.support.tiny_visit import ALL, WHY, clear, look, open_packs, ready, tiny_clinic, turn_over, visit

if TYPE_CHECKING:
    from pathlib import Path

    from checklist.clinic.service import Clinic, SignedIn
    from tests.clinic.conftest import House, Kit

LOAD = "S1-20310310-01"
RELEASED_BY_HAND = "INSERT INTO released VALUES ('S1-20310310-01', 1, '2031-03-10T09:00:00Z', NULL)"
WITH_LOT = """\
[[steps]]
id = "indicator"
kind = "scan"
do = "Scan the lot of the indicator."
captures = ["lot"]
use = "consumes"
"""


@pytest.fixture
def clinic(house: House, kit: Kit) -> Clinic:
    return tiny_clinic(house, kit)


def by_hand(clinic: Clinic, *statements: str) -> None:
    """Change the file behind the program's back."""
    with closing(sqlite3.connect(clinic.folder.ledger)) as db, db:
        triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        for statement in (*statements, *(sql for _, sql in triggers)):
            db.execute(statement)


def come_back(house: House, clinic: Clinic, kit: Kit, machine: str = "S1") -> None:
    """Whatever a machine takes to return: its list is walked, by somebody and a lead, and a lead ends its recall."""
    house.clock.advance(1)
    walk_back(clinic, machine, kit.who(clinic, "Lea"), kit.who(clinic, "Ben"))
    set_apart(clinic, kit, "ended", "equipment", machine)


def set_apart(clinic: Clinic, kit: Kit, how: str, kind: str, value: str, by: str = "Lea") -> None:
    act = {"recalled": recalling.recall, "quarantined": recalling.quarantine, "ended": recalling.end_quarantine}[how]
    found = act(clinic, kind, value, WHY, kit.who(clinic, by), "tui")
    assert not isinstance(found, Refusal), found


def test_a_leaf_that_is_another_than_its_hash_is_unknown_and_gives_no_receipt(clinic: Clinic, kit: Kit) -> None:
    session = ready(kit, clinic)
    by_hand(
        clinic,
        "UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), '\"turned\"', '\"turnes\"') AS BLOB)"
        " WHERE instr(leaf, CAST('turned' AS BLOB))",
    )
    assert look(clinic, session) == ALL | {"room": None}
    answer = clear(kit, clinic, session)
    assert isinstance(answer, Answer)
    assert (answer.clearance.decision, answer.receipt) == ("UNKNOWN", None)


@pytest.mark.parametrize("how", ["recalled", "quarantined"])
def test_a_block_that_the_tables_have_lost_is_never_go(clinic: Clinic, kit: Kit, how: str) -> None:
    session = ready(kit, clinic)
    set_apart(clinic, kit, how, "load", LOAD)
    by_hand(clinic, "DELETE FROM set_apart")
    assert look(clinic, session)["packs"] is None
    run = kit.begin(clinic, "opening", session=session)
    assert kit.refused(clinic, run, c.Give("pack", f"load={LOAD}")) == "damaged"


def test_a_release_that_nobody_signed_is_never_go(clinic: Clinic, kit: Kit) -> None:
    kit.walk_load(clinic, "quarantined")
    by_hand(clinic, "DELETE FROM set_apart", RELEASED_BY_HAND)
    turn_over(kit, clinic)
    session = visit(kit, clinic)
    open_packs(kit, clinic, session)
    assert look(clinic, session)["packs"] is None


@pytest.mark.parametrize("how", ["recalled", "quarantined"])
def test_a_machine_that_is_set_apart_makes_no_load_until_a_lead_lets_it_return(
    house: House, clinic: Clinic, kit: Kit, how: str
) -> None:
    session = ready(kit, clinic)
    unnumbered, unreleased = (kit.begin(clinic, "load", "equipment=S1") for _ in range(2))
    kit.do(clinic, unreleased, c.Assign("number", {}))
    kit.do(clinic, unreleased, c.Give("verdict", "released"))
    house.clock.advance(60)
    set_apart(clinic, kit, how, "equipment", "S1", by="Ben")
    lea = kit.who(clinic, "Lea")
    assert kit.refused(clinic, unnumbered, c.Assign("number", {})) == how
    assert kit.refused(clinic, unreleased, c.Sign("release", lea.person, "released", "")) == how
    begun = clinic.begin("load", "equipment=S1", lea, "tui")
    assert isinstance(begun, Refusal)
    assert begun.code == how
    assert look(clinic, session) == ALL  # its load was released before
    house.clock.advance(60)
    come_back(house, clinic, kit)
    release = c.Sign("release", lea.person, "released", "")
    if how == "recalled":  # what was in the machine then stays recalled, numbered or not
        assert kit.refused(clinic, unnumbered, c.Assign("number", {})) == "recalled"
        assert kit.refused(clinic, unreleased, release) == "recalled"
    else:
        kit.do(clinic, unreleased, release)
    fresh = kit.begin(clinic, "load", "equipment=S1")
    kit.do(clinic, fresh, c.Assign("number", {}))
    assert rebuild_views(clinic.ledger, VIEWS) == []


def test_a_load_without_a_number_is_of_the_recall_that_could_not_name_it(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    unnumbered = kit.begin(clinic, "load", "equipment=S1")
    found = recalling.recall_since_negative(clinic, "S1", WHY, kit.who(clinic, "Lea"), "tui")
    assert not isinstance(found, Refusal)
    assert [one.kind for one in found.things] == ["equipment"]
    come_back(house, clinic, kit)
    assert kit.refused(clinic, unnumbered, c.Assign("number", {})) == "recalled"
    assert clinic.ledger.query("SELECT 1 FROM identifier WHERE kind = 'load'") == []
    kit.do(clinic, unnumbered, c.Abandon(kit.because))


def test_whoever_ran_the_load_of_an_implant_does_not_let_it_out_of_quarantine(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    lea = kit.who(clinic, "Lea")
    steps = kit.load.replace('kind = "sign"', 'kind = "sign"\nanother = true')
    house.add_protocol("load", kit.protocol_text("load", "equipment", "", steps).replace("1.0.0", "1.0.1"), clinic, lea)
    run = kit.begin(clinic, "load", "equipment=S1")
    kit.do(clinic, run, c.Assign("number", {}))
    kit.do(clinic, run, c.Give("verdict", "released"))
    release = c.Sign("release", lea.person, "released", "")
    assert kit.refused(clinic, run, release) == "same-person"
    kit.do(clinic, run, replace(release, signer=kit.who(clinic, "Rita").person))
    set_apart(clinic, kit, "quarantined", "load", LOAD, by="Ben")
    refused = recalling.end_quarantine(clinic, "load", LOAD, WHY, lea, "tui")
    assert isinstance(refused, Refusal)
    assert refused.code == "same-person"
    clinic.personnel.set_roles(kit.who(clinic, "Ben").id, ["staff", "lead"], lea, "tui")
    other = kit.who(clinic, "Ben")
    assert not isinstance(recalling.end_quarantine(clinic, "load", LOAD, WHY, other, "tui"), Refusal)


def test_what_brings_a_machine_back_may_be_walked_on_it(house: House, clinic: Clinic, kit: Kit) -> None:
    house.add_protocol("daily", kit.protocol_text("daily", "equipment", "", kit.short), clinic, kit.who(clinic, "Lea"))
    set_apart(clinic, kit, "recalled", "equipment", "S1")
    kit.walk_short(clinic, "daily", "equipment=S1")


def test_a_recalled_machine_returns_by_its_list_and_two_people(house: House, clinic: Clinic, kit: Kit) -> None:
    lea, ben = kit.who(clinic, "Lea"), kit.who(clinic, "Ben")

    def ended(by: SignedIn = lea) -> str:
        found = recalling.end_quarantine(clinic, "equipment", "S1", WHY, by, "tui")
        return found.code if isinstance(found, Refusal) else str(found.data["proved_by"])

    walk_back(clinic, "S1", lea, ben)
    house.clock.advance(60)
    set_apart(clinic, kit, "recalled", "equipment", "S1", by="Ben")
    refused = recalling.end_quarantine(clinic, "equipment", "S1", WHY, lea, "tui")
    assert isinstance(refused, Refusal)
    assert "walk “coming-back” or “steriliser-recall” about equipment=S1" in refused.message
    house.clock.advance(60)
    walk_back(clinic, "S1", lea, ben, "quarantined")
    assert ended() == "not-proved"
    walk_back(clinic, "S1", lea, lea)
    assert ended() == "same-person"
    assert ended(ben) == "role"
    proof = walk_back(clinic, "S1", lea, ben)
    assert ended() == proof.run
    house.clock.advance(60)
    set_apart(clinic, kit, "recalled", "equipment", "S1", by="Ben")
    assert ended() == "not-proved", "what was proved before it was called back again"


def test_a_machine_that_no_list_is_about_returns_by_another_lead(clinic: Clinic, kit: Kit) -> None:
    set_apart(clinic, kit, "recalled", "equipment", "F1")
    refused = recalling.end_quarantine(clinic, "equipment", "F1", WHY, kit.who(clinic, "Lea"), "tui")
    assert isinstance(refused, Refusal)
    assert refused.code == "same-person"
    clinic.personnel.set_roles(kit.who(clinic, "Ben").id, ["staff", "lead"], kit.who(clinic, "Lea"), "tui")
    set_apart(clinic, kit, "ended", "equipment", "F1", by="Ben")


def test_a_load_that_its_machine_finished_while_set_apart_is_not_used(clinic: Clinic, kit: Kit) -> None:
    running = kit.begin(clinic, "load", "equipment=S1")
    kit.do(clinic, running, c.Assign("number", {}))
    set_apart(clinic, kit, "quarantined", "equipment", "S1")
    run = kit.begin(clinic, "opening", session=visit(kit, clinic))
    assert kit.refused(clinic, run, c.Give("pack", f"load={LOAD}")) == "quarantined"


def test_a_recall_reaches_what_was_made_with_it(house: House, clinic: Clinic, kit: Kit) -> None:
    house.add_protocol(
        "load",
        kit.protocol_text("load", "equipment", "", WITH_LOT + kit.load).replace("1.0.0", "1.0.1"),
        clinic,
        kit.who(clinic, "Lea"),
    )
    run = kit.begin(clinic, "load", "equipment=S1")
    kit.do(clinic, run, c.Give("indicator", "lot=BAD1"))
    kit.do(clinic, run, c.Assign("number", {}))
    kit.do(clinic, run, c.Give("verdict", "released"))
    kit.do(clinic, run, c.Sign("release", kit.who(clinic, "Lea").person, "released", ""))
    turn_over(kit, clinic)
    session = visit(kit, clinic)
    open_packs(kit, clinic, session)
    assert look(clinic, session) == ALL
    set_apart(clinic, kit, "recalled", "lot", "BAD1")
    answer = clear(kit, clinic, session)
    assert isinstance(answer, Answer)
    (packs,) = [one for one in answer.clearance.requirements if one.id == "packs"]
    assert (packs.met, packs.why) == (False, f"Load {LOAD} may not be used: its lot BAD1 is recalled.")
    again = kit.begin(clinic, "opening", session=session)
    assert kit.refused(clinic, again, c.Give("pack", f"load={LOAD}")) == "recalled"


def test_a_pack_is_of_the_load_that_was_made_with_it(house: House, clinic: Clinic, kit: Kit) -> None:
    lea = kit.who(clinic, "Lea")
    packed = kit.load.replace('n:02}" }', 'n:02}", pack = "PK-{n:03}" }')
    assert packed != kit.load
    text = kit.protocol_text("load", "equipment", "", packed).replace("1.0.0", "1.0.1")
    house.add_protocol("load", text, clinic, lea)
    steps = '[[steps]]\nid = "pack"\nkind = "scan"\ndo = "Scan it."\ncaptures = ["pack"]\nuse = "consumes"\n'
    house.add_protocol("taking", kit.protocol_text("taking", "session", "", steps), clinic, lea)
    kit.walk_load(clinic)
    set_apart(clinic, kit, "recalled", "load", LOAD)
    run = kit.begin(clinic, "taking", session=visit(kit, clinic))
    assert kit.refused(clinic, run, c.Give("pack", "pack=PK-001")) == "recalled"


def test_two_dates_under_one_number_end_with_the_first(house: House, clinic: Clinic, kit: Kit) -> None:
    session = ready(kit, clinic)
    run = kit.begin(clinic, "opening", session=session)
    kit.do(clinic, run, c.Give("pack", f"load={LOAD}"))
    kit.do(clinic, run, c.Give("cartridge", "serial=C-1 expiry=2031-03-10"))
    open_packs(kit, clinic, session)
    house.clock.advance(16 * 3600)
    assert look(clinic, session)["cartridges"] is False


def test_a_release_ends_no_quarantine_that_somebody_set_by_hand(clinic: Clinic, kit: Kit) -> None:
    made = kit.walk_load(clinic)
    set_apart(clinic, kit, "quarantined", "load", LOAD)

    def signed(meaning: str) -> list[tuple[object, ...]]:
        kit.do(clinic, made.run, c.Correct("release", kit.mistake))
        kit.do(clinic, made.run, c.Sign("release", kit.who(clinic, "Lea").person, meaning, ""))
        return clinic.ledger.query("SELECT state FROM set_apart WHERE value = ?", (LOAD,))

    assert signed("released") == [("quarantined",)]
    assert signed("quarantined") == [("quarantined",)]
    assert signed("released") == [("quarantined",)]
    set_apart(clinic, kit, "ended", "load", LOAD)
    assert signed("quarantined") == [("quarantined",)]
    assert signed("released") == []  # the signature itself had set it apart
    assert rebuild_views(clinic.ledger, VIEWS) == []


def test_a_step_is_not_walked_on_from_a_damaged_leaf(clinic: Clinic, kit: Kit) -> None:
    run = kit.begin(clinic, "short")
    kit.do(clinic, run, c.Confirm("wash"))
    by_hand(
        clinic,
        "UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), '\"wash\"', '\"look\"') AS BLOB)"
        ' WHERE instr(leaf, CAST(\'"step":"wash"\' AS BLOB))',
    )
    with pytest.raises(Damaged):
        clinic.ledger.run_entries(run)


# -- after a restore: what the ledgers say of a thing, one after the other -------------------------------------------


def restored(house: House, clinic: Clinic, kit: Kit, root: Path) -> Clinic:
    found = backup(clinic, root / "copy", kit.who(clinic, "Lea"), "tui")
    assert isinstance(found, Copied)
    house.folder = restore(found.folder, Folder(root / "again"), "tui").folder
    return house.open()


def blocks(clinic: Clinic, kind: str, value: str) -> tuple[str | None, str]:
    """What keeps a thing from being used, and how it is told to stand."""
    readers, named = clinic.histories(), Identifier(kind, value)
    records = Records(readers)
    block = blocked(readers, records, named)
    return (None if block is None else block.state), records.state_of(named)[0]


def set_apart_on_the_board(clinic: Clinic) -> list[str]:
    page = board(clinic).glance
    return [f"{one.kind}={one.value}" for one in (*page.quarantined, *page.recalled)]


def test_the_newest_word_about_a_thing_holds_over_all_ledgers(
    house: House, clinic: Clinic, kit: Kit, tmp_path: Path
) -> None:
    for lot in ("L1", "L2"):
        set_apart(clinic, kit, "quarantined", "lot", lot)
    set_apart(clinic, kit, "recalled", "equipment", "S1")
    set_apart(clinic, kit, "recalled", "lot", "L3")
    since = Records(clinic.histories()).state_of(Identifier("lot", "L1"))
    again = restored(house, clinic, kit, tmp_path)
    assert set_apart_on_the_board(again) == ["lot=L1", "lot=L2", "equipment=S1", "lot=L3"]
    set_apart(again, kit, "ended", "lot", "L2")
    come_back(house, again, kit)
    assert blocks(again, "lot", "L2") == (None, "unknown")
    assert blocks(again, "lot", "L1") == ("quarantined", "quarantined")
    assert machine_state(again.histories(), "equipment=S1") is None
    assert set_apart_on_the_board(again) == ["lot=L1", "lot=L3"]
    for lot, code in (("L2", "not-quarantined"), ("L3", "not-quarantined")):
        refused = recalling.end_quarantine(again, "lot", lot, WHY, kit.who(again, "Lea"), "tui")
        assert isinstance(refused, Refusal)
        assert refused.code == code
    house.clock.advance(60)
    set_apart(again, kit, "quarantined", "lot", "L1")
    set_apart(again, kit, "quarantined", "lot", "L2")
    assert Records(again.histories()).state_of(Identifier("lot", "L1")) == since, "it never was free meanwhile"
    assert blocks(again, "lot", "L2") == ("quarantined", "quarantined")
    assert rebuild_views(again.ledger, VIEWS) == []


def test_a_table_alone_lets_nothing_go_of_what_an_older_ledger_set_apart(
    house: House, clinic: Clinic, kit: Kit, tmp_path: Path
) -> None:
    set_apart(clinic, kit, "quarantined", "lot", "L2")
    again = restored(house, clinic, kit, tmp_path)
    by_hand(again, "INSERT INTO let_go VALUES ('lot', 'L2', 1)")
    assert blocks(again, "lot", "L2")[0] == "quarantined"


def test_what_a_damaged_older_ledger_says_stays_unknown_whatever_was_let_go_since(
    house: House, clinic: Clinic, kit: Kit, tmp_path: Path
) -> None:
    set_apart(clinic, kit, "quarantined", "lot", "L2")
    again = restored(house, clinic, kit, tmp_path)
    set_apart(again, kit, "ended", "lot", "L2")
    (again.folder.root / "ledger-a.db").chmod(0o600)
    with closing(sqlite3.connect(again.folder.root / "ledger-a.db")) as db, db:
        db.execute("DELETE FROM set_apart")
    with pytest.raises(Damaged):
        blocks(again, "lot", "L2")
