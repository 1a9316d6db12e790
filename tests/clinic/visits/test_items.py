"""What a visit uses is judged by everything that stood on its label."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.identifiers import recalling
from checklist.clinic.texts.adopting import adopt
from checklist.clinic.visits import clearing
from checklist.ledger.entry import Draft
from checklist.run import commands as c
from checklist.run.reading import Refusal
from tests.support.tiny_visit import ALL, OPENING, TINY, WHY, look, tiny_clinic, turn_over, visit

if TYPE_CHECKING:
    from checklist.clinic.service import Clinic
    from checklist.ledger.canonical import Json
    from tests.clinic.conftest import House, Kit

LABEL = 'captures = ["gtin", "lot", "expiry", "serial"]\noptional = ["serial"]'
GTIN = "09506000134352"


@pytest.fixture
def clinic(house: House, kit: Kit) -> Clinic:
    """One whose procedure asks for lots only, and whose labels say more."""
    opened = tiny_clinic(house, kit)
    steps = OPENING.replace('captures = ["serial", "expiry"]', LABEL)
    house.add_protocol("opening", kit.protocol_text("opening", "session", "", steps), opened, kit.who(opened, "Lea"))
    text = TINY.replace('identifier = "serial"', 'identifier = "lot"')
    (house.folder.protocols / "procedures" / "tiny.toml").write_text(text, "utf-8")
    assert not isinstance(adopt(opened, "tiny", kit.who(opened, "Lea"), "tui"), Refusal)
    return opened


def opened(kit: Kit, clinic: Clinic, load: str = "S1-20310310-01") -> tuple[str, str]:
    kit.walk_load(clinic)
    turn_over(kit, clinic)
    session = visit(kit, clinic)
    run = kit.begin(clinic, "opening", session=session)
    kit.do(clinic, run, c.Give("pack", f"load={load}"))
    kit.do(clinic, run, c.Give("cartridge", f"gtin={GTIN} lot=A1 serial=X9 expiry=2032-01"))
    return session, run


@pytest.mark.parametrize(("kind", "value"), [("gtin", GTIN), ("serial", "x9"), ("lot", "A1")])
def test_a_product_or_a_piece_that_is_recalled_takes_its_lot_along(
    clinic: Clinic, kit: Kit, kind: str, value: str
) -> None:
    session, run = opened(kit, clinic)
    assert look(clinic, session) == ALL
    recalling.recall(clinic, kind, value, WHY, kit.who(clinic, "Lea"), "tui")
    assert look(clinic, session) == ALL | {"cartridges": False}
    kit.do(clinic, run, c.Correct("cartridge", kit.mistake))
    kit.do(clinic, run, c.Give("cartridge", "gtin=09506000134369 lot=A2 expiry=2032-01"))
    assert look(clinic, session) == ALL


def test_a_second_label_of_the_same_lot_hides_nothing_of_the_first(clinic: Clinic, kit: Kit) -> None:
    session, _ = opened(kit, clinic)
    again = kit.begin(clinic, "opening", session=session)
    kit.do(clinic, again, c.Give("pack", "load=S1-20310310-01"))
    kit.do(clinic, again, c.Give("cartridge", f"gtin={GTIN} lot=a1 serial=X10 expiry=2033-01"))
    assert look(clinic, session) == ALL
    recalling.recall(clinic, "serial", "X9", WHY, kit.who(clinic, "Lea"), "tui")
    assert look(clinic, session) == ALL | {"cartridges": False}


def test_of_two_dates_under_one_number_the_first_ends_it(house: House, clinic: Clinic, kit: Kit) -> None:
    session, _ = opened(kit, clinic)
    for expiry in ("2031-03-10", "2032-02-01"):
        again = kit.begin(clinic, "opening", session=session)
        kit.do(clinic, again, c.Give("pack", "load=S1-20310310-01"))
        kit.do(clinic, again, c.Give("cartridge", f"gtin={GTIN} lot=A1 expiry={expiry}"))
    assert look(clinic, session) == ALL
    house.clock.set("2031-03-10T23:59:59")
    assert look(clinic, session)["cartridges"] is True
    house.clock.advance(1)
    assert look(clinic, session)["cartridges"] is False


def test_what_was_used_behind_an_override_waits_for_its_review_whatever_was_opened_since(
    clinic: Clinic, kit: Kit
) -> None:
    """A torn pack is used all the same, and the next one is walked as it should be."""
    session, _ = opened(kit, clinic)
    torn = kit.begin(clinic, "opening", session=session)
    kit.do(clinic, torn, c.Give("pack", "load=S1-20310310-01"))
    kit.do(clinic, torn, c.Override("cartridge", kit.because, kit.who(clinic, "Ben").person))
    kit.do(clinic, torn, c.Correct("pack", kit.mistake))
    kit.walk_load(clinic)
    kit.do(clinic, torn, c.Give("pack", "load=S1-20310310-02"))
    again = kit.begin(clinic, "opening", session=session)
    kit.do(clinic, again, c.Give("pack", "load=S1-20310310-01"))
    kit.do(clinic, again, c.Give("cartridge", f"gtin={GTIN} lot=A1 expiry=2032-01"))
    assert look(clinic, session) == ALL | {"packs": False}
    lea, rita = kit.who(clinic, "Lea"), kit.who(clinic, "Rita")
    assert not isinstance(clinic.personnel.set_roles(rita.id, ["staff", "lead"], lea, "tui"), Refusal)
    ((place,),) = clinic.ledger.query("SELECT 'a#' || idx FROM overridden")
    assert not isinstance(
        clearing.review(clinic, str(place), "looked into it", kit.who(clinic, "Rita"), "tui"), Refusal
    )
    assert look(clinic, session) == ALL


def test_a_load_that_only_the_tables_call_released_is_not_known(house: House, clinic: Clinic, kit: Kit) -> None:
    turn_over(kit, clinic)
    load = kit.begin(clinic, "load", "equipment=S1")
    kit.do(clinic, load, c.Assign("number", {}))
    session = visit(kit, clinic)
    run = kit.begin(clinic, "opening", session=session)
    kit.do(clinic, run, c.Give("pack", "load=S1-20310310-01"))
    kit.do(clinic, run, c.Give("cartridge", f"gtin={GTIN} lot=A1 expiry=2032-01"))
    assert look(clinic, session) == ALL | {"packs": False}
    with closing(sqlite3.connect(house.folder.ledger)) as db, db:
        db.execute("INSERT INTO released VALUES ('S1-20310310-01', 1, '2031-03-10T09:00:00.000000Z', NULL)")
    assert look(clinic, session) == ALL | {"packs": None}


def test_a_load_whose_run_failed_stays_set_apart_whatever_the_tables_say(
    house: House, clinic: Clinic, kit: Kit
) -> None:
    session, _ = opened(kit, clinic)
    ((load,),) = clinic.ledger.query("SELECT run FROM run WHERE protocol = 'load'")
    kit.do(clinic, str(load), c.Correct("verdict", kit.mistake))
    kit.do(clinic, str(load), c.Fail("verdict", kit.mistake))
    kit.do(clinic, str(load), c.Sign("release", kit.who(clinic, "Lea").person, "released", ""))
    assert look(clinic, session) == ALL | {"packs": False}
    with closing(sqlite3.connect(house.folder.ledger)) as db, db:
        db.execute("UPDATE run SET outcome = 'complete'")
    assert look(clinic, session) == ALL | {"packs": False}


def keeping(house: House, kit: Kit, clinic: Clinic, valid_for: str) -> None:
    """From now on what a load's run proves keeps so long."""
    text = kit.protocol_text("load", "equipment", f"valid_for = {valid_for}", kit.load).replace("1.0.0", "1.0.1")
    house.add_protocol("load", text, clinic, kit.who(clinic, "Lea"))


@pytest.mark.parametrize(
    ("made", "keeps", "last"),
    [
        ("2031-03-12T09:00:00", '"1d"', "2031-03-13T08:59:59"),
        ("2031-03-12T00:00:00", '"1d"', "2031-03-12T23:59:59"),
        ("2031-03-12T23:59:00", '"today"', "2031-03-12T23:59:59"),
        ("2031-03-29T12:00:00", '"1d"', "2031-03-30T12:59:59"),  # in that night an hour is left out
        ("2031-03-30T01:30:00", '"today"', "2031-03-30T23:59:59"),
        ("2031-10-26T00:30:00", '"today"', "2031-10-26T23:59:59"),  # and in that night one comes twice
    ],
)
def test_a_load_keeps_to_the_moment(house: House, clinic: Clinic, kit: Kit, made: str, keeps: str, last: str) -> None:
    keeping(house, kit, clinic, keeps)
    house.clock.set(made)
    session, _ = opened(kit, clinic, f"S1-{made[:10].replace('-', '')}-01")
    house.clock.set(last)
    assert look(clinic, session)["packs"] is True
    house.clock.advance(1)
    assert look(clinic, session)["packs"] is False


def test_how_long_a_load_keeps_must_be_known(house: House, clinic: Clinic, kit: Kit) -> None:
    """A profile says it; whoever recorded this run did not say by which it was walked."""
    keeping(house, kit, clinic, '{ profile = "pack-storage-life" }')
    walked = clinic.ledger.run_entries(kit.walk_load(clinic).run)
    first, *others = [Draft(one.kind, {**one.data}, one.actor, "tui", step=one.step) for one in walked]
    (begun,) = clinic.ledger.append(
        lambda _: [replace(first, data={name: said for name, said in first.data.items() if name != "profile"})]
    )
    number: dict[str, Json] = {"produced": {"load": "S1-20310310-99"}}
    again = [
        replace(one, run=begun.place, data={**one.data, **(number if "produced" in one.data else {})}) for one in others
    ]
    clinic.ledger.append(lambda _: again)
    session, run = opened(kit, clinic)
    assert look(clinic, session) == ALL
    kit.do(clinic, run, c.Correct("pack", kit.mistake))
    kit.do(clinic, run, c.Give("pack", "load=S1-20310310-99"))
    assert look(clinic, session) == ALL | {"packs": None}
