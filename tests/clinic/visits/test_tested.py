"""A load is released only by a machine that was tested as the procedures in force ask: what the gate would refuse
later is refused at the signature."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from checklist.clinic.texts.adopting import Adopted, adopt
from checklist.clinic.visits.clearing import review
from checklist.ledger.entry import Entry
from checklist.run import commands as c
from checklist.run.paper import Paper
from checklist.run.reading import Refusal
from checklist.run.state import RunState
from tests.support.making import bring_into_force, header

if TYPE_CHECKING:
    from collections.abc import Callable

    from checklist.clinic.service import Clinic
    from tests.clinic.conftest import House, Kit

LOOK = """
[[steps]]
id = "look"
kind = "confirm"
do = "Look around."
expect = "tidy"
"""
ASKS = """\
[procedure]
id = "asks"
title = "A procedure that asks for the test"
version = "1.0.0"
[[requires]]
id = "test"
what = "The day's test"
protocol = "machine-test"
same = ["equipment"]
within = "today"
"""
DO = "Quarantine this load, and run its instruments again after a test that passed."


GO_ON = "Go on with that test to its end; then it can be released."
HELD = """
[[steps]]
id = "indicator"
kind = "choice"
do = "Look at the indicator."
options = [{ value = "turned", verdict = "pass" }, { value = "not turned", verdict = "fail" }]
hold = true
"""


def clinic_that_asks(house: House, kit: Kit, test: str, procedure: str) -> Clinic:
    opened = house.open()
    bring_into_force(opened, kit.who(opened, "Lea"), "machine-test", header("machine-test", "Test", "equipment") + test)
    (house.folder.protocols / "procedures").mkdir()
    in_force(house, kit, opened, "asks", procedure)
    return opened


def in_force(house: House, kit: Kit, clinic: Clinic, name: str, procedure: str) -> None:
    text = procedure.replace('id = "asks"', f'id = "{name}"')
    (house.folder.protocols / "procedures" / f"{name}.toml").write_text(text, "utf-8")
    assert isinstance(adopt(clinic, name, kit.who(clinic, "Lea"), "tui"), Adopted)


@pytest.fixture
def asking(house: House, kit: Kit) -> Clinic:
    """A clinic with a procedure in force that asks for the day's test of the machine."""
    return clinic_that_asks(house, kit, LOOK, ASKS)


def do_the_test(kit: Kit, clinic: Clinic, machine: str = "S1") -> None:
    kit.do(clinic, kit.begin(clinic, "machine-test", f"equipment={machine}"), c.Confirm("look"))


def in_the_machine(kit: Kit, clinic: Clinic, protocol: str = "load") -> str:
    """A load that stands there for nothing but its release."""
    run = kit.begin(clinic, protocol, "equipment=S1")
    kit.do(clinic, run, c.Assign("number", {}))
    kit.do(clinic, run, c.Give("verdict", "released"))
    return run


def signed(kit: Kit, clinic: Clinic, run: str, meaning: str = "released") -> RunState | Refusal:
    lea = kit.who(clinic, "Lea")
    return clinic.do(run, c.Sign("release", lea.person, meaning, ""), lea, "tui")


def failed(kit: Kit, clinic: Clinic, _: House) -> None:
    run = kit.begin(clinic, "machine-test", "equipment=S1")
    kit.do(clinic, run, c.Fail("look", kit.because))


def another(kit: Kit, clinic: Clinic, _: House) -> None:
    do_the_test(kit, clinic, "F1")


def the_day_before(kit: Kit, clinic: Clinic, house: House) -> None:
    do_the_test(kit, clinic)
    house.clock.advance(24 * 3600)


def begun(kit: Kit, clinic: Clinic, _: House) -> None:
    kit.begin(clinic, "machine-test", "equipment=S1")


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (lambda *_: None, "Load S1-20310310-01: The day's test has not been done of S1 before load S1-20310310-01"),
        (failed, "Load S1-20310310-01: The day's test failed at 10:02."),
        (another, "has not been done of S1"),
        (the_day_before, "it counts only on its own day."),
        (begun, "is not finished."),
    ],
)
def test_a_load_is_not_released_without_the_test_that_its_use_will_be_asked_for(
    asking: Clinic, kit: Kit, house: House, first: Callable[[Kit, Clinic, House], None], told: str
) -> None:
    house.clock.advance(60)
    first(kit, asking, house)
    house.clock.advance(1)
    run = in_the_machine(kit, asking)
    size = asking.ledger.size
    refused = signed(kit, asking, run)
    assert isinstance(refused, Refusal)
    assert refused.code == "untested"
    assert told in refused.message
    assert refused.message.endswith(DO)
    assert asking.ledger.size == size
    put_aside = signed(kit, asking, run, "quarantined")
    assert isinstance(put_aside, RunState), put_aside


def test_a_load_is_released_after_the_test_and_not_by_one_that_was_done_meanwhile(
    asking: Clinic, kit: Kit, house: House
) -> None:
    early = in_the_machine(kit, asking)
    house.clock.advance(60)
    do_the_test(kit, asking)
    assert isinstance(signed(kit, asking, early), Refusal)
    house.clock.advance(60)
    late = signed(kit, asking, in_the_machine(kit, asking))
    assert isinstance(late, RunState), late


def test_a_test_that_is_corrected_to_failed_holds_up_the_load(asking: Clinic, kit: Kit, house: House) -> None:
    test = kit.begin(asking, "machine-test", "equipment=S1")
    kit.do(asking, test, c.Confirm("look"))
    house.clock.advance(60)
    run = in_the_machine(kit, asking)
    kit.do(asking, test, c.Correct("look", kit.mistake))
    kit.do(asking, test, c.Fail("look", kit.because))
    assert isinstance(signed(kit, asking, run), Refusal)


def test_a_load_of_a_paper_sheet_is_asked_for_the_test_of_its_own_day(asking: Clinic, kit: Kit, house: House) -> None:
    do_the_test(kit, asking)
    house.clock.advance(26 * 3600)
    lea, sheet = kit.who(asking, "Lea"), asking.library.digest_in_force(asking.ledger, "load")[:12]
    codes = []
    for began, ended in (("2031-03-10T10:00:00Z", "2031-03-10T10:40:00Z"), ("2031-03-11T10:00:00Z",) * 2):
        paper = asking.begin("load", "equipment=S1", lea, "tui", None, Paper(began, ended), sheet)
        assert isinstance(paper, RunState), paper
        kit.do(asking, paper.run, c.Assign("number", {}))
        kit.do(asking, paper.run, c.Give("verdict", "released"))
        done = signed(kit, asking, paper.run)
        codes.append(done.code if isinstance(done, Refusal) else "released")
    assert codes == ["released", "untested"]


def test_where_the_text_of_a_procedure_is_lost_nobody_can_say(asking: Clinic, kit: Kit, house: House) -> None:
    run = in_the_machine(kit, asking)
    ((sha256,),) = asking.ledger.query("SELECT sha256 FROM text_in_force WHERE id = 'asks'")
    next(house.folder.adopted.glob(f"{sha256}*")).unlink()
    refused = signed(kit, asking, run)
    assert isinstance(refused, Refusal)
    assert refused.code == "unknown"


def test_a_load_is_released_where_one_of_the_procedures_would_take_it(asking: Clinic, kit: Kit, house: House) -> None:
    lead = kit.who(asking, "Lea")
    oven = header("oven-test", "Test the oven", "equipment", more='equipment = ["dry-heat"]') + LOOK
    bring_into_force(asking, lead, "oven-test", oven)
    other = ASKS.replace("machine-test", "oven-test").replace("The day's test", "The oven's test")
    in_force(house, kit, asking, "of-ovens", other)
    untested = signed(kit, asking, in_the_machine(kit, asking))
    assert isinstance(untested, Refusal)
    assert "The day's test has not been done" in untested.message
    do_the_test(kit, asking)
    house.clock.advance(60)
    released = signed(kit, asking, in_the_machine(kit, asking))
    assert isinstance(released, RunState), released


def test_tests_that_make_loads_themselves_do_not_wait_for_each_other(asking: Clinic, kit: Kit, house: House) -> None:
    both = ASKS
    for name in ("bowie", "spore"):
        bring_into_force(asking, kit.who(asking, "Lea"), name, header(name, name, "equipment") + kit.load)
        both += f'[[requires]]\nid = "{name}"\nprotocol = "{name}"\nsame = ["equipment"]\nwithin = "7d"\n'
    in_force(house, kit, asking, "both", both)
    do_the_test(kit, asking, "F1")
    for name in ("bowie", "spore"):
        done = signed(kit, asking, in_the_machine(kit, asking, name))
        assert isinstance(done, RunState), done
    assert isinstance(signed(kit, asking, in_the_machine(kit, asking)), Refusal)


def test_a_test_with_an_override_counts_once_that_was_reviewed(house: House, kit: Kit) -> None:
    tolerant = ASKS.replace('within = "today"', 'within = "today"\ntolerates = ["indicator"]')
    clinic = clinic_that_asks(house, kit, HELD, tolerant)
    test = kit.begin(clinic, "machine-test", "equipment=S1")
    passed = kit.do(clinic, test, c.Override("indicator", kit.because, kit.who(clinic, "Ben").person))
    house.clock.advance(60)
    run = in_the_machine(kit, clinic)
    refused = signed(kit, clinic, run)
    assert isinstance(refused, Refusal)
    assert refused.message.endswith("A lead reviews the override; then it can be released.")
    clinic.personnel.add("Cleo Cane", ["lead"], "six green bottles", kit.who(clinic, "Lea"), "tui")
    place = f"a#{passed.steps['indicator'].entry}"
    assert isinstance(review(clinic, place, "the lamp is mended", kit.who(clinic, "Cleo"), "tui"), Entry)
    assert isinstance(signed(kit, clinic, run), RunState)


def test_a_second_test_left_open_is_finished_where_the_first_one_passed(asking: Clinic, kit: Kit, house: House) -> None:
    do_the_test(kit, asking)
    house.clock.advance(60)
    second = kit.begin(asking, "machine-test", "equipment=S1")
    house.clock.advance(60)
    told_to_go_on_and_released(kit, asking, in_the_machine(kit, asking), second)


def test_a_test_that_a_correction_opened_again_is_finished(asking: Clinic, kit: Kit, house: House) -> None:
    test = kit.begin(asking, "machine-test", "equipment=S1")
    kit.do(asking, test, c.Confirm("look"))
    house.clock.advance(60)
    run = in_the_machine(kit, asking)
    kit.do(asking, test, c.Correct("look", kit.mistake))
    told_to_go_on_and_released(kit, asking, run, test)


def told_to_go_on_and_released(kit: Kit, clinic: Clinic, run: str, test: str) -> None:
    refused = signed(kit, clinic, run)
    assert isinstance(refused, Refusal)
    assert refused.message.endswith(f"is not finished. {GO_ON}")
    kit.do(clinic, test, c.Confirm("look"))
    released = signed(kit, clinic, run)
    assert isinstance(released, RunState), released


def test_where_the_tables_are_spoilt_nobody_can_say(asking: Clinic, kit: Kit, house: House) -> None:
    do_the_test(kit, asking)
    run = in_the_machine(kit, asking)
    with closing(sqlite3.connect(house.folder.ledger)) as db, db:
        db.execute("UPDATE run SET started = 'soon' WHERE run = ?", (run,))
    refused = signed(kit, asking, run)
    assert isinstance(refused, Refusal)
    assert refused.code == "unknown"
